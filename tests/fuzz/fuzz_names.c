#include "model/model.h"
#include "text/names.h"
#include "util/buf.h"
#include "util/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Whatever a title is: its name is one that a file can have, says the title
 * or is known not to, and two of one title have two names.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static bool
is_taken(void *cookie, const char *name)
{
	return strcmp(cookie, name) == 0;
}

static void
check_name(const struct buf *name, const char *extension)
{
	require(name->len > 0 && name->len <= NAME_BYTES_MAX);
	require(utf8_valid(name->data, name->len));
	require(strlen(name->data) == name->len);
	require(strchr(name->data, '/') == NULL);
	require(name->data[0] != '.' && name->data[0] != '-');
	require(buf_ends_with(name, extension));
	for (size_t i = 0; i < name->len; i++)
		require((unsigned char)name->data[i] >= ' ' &&
			name->data[i] != 0x7f);
}

static void
check_title(enum name_kind kind, const char *title)
{
	static const char id[] = "5e93c827fb102a6f40c5fa2b";
	const char *extension = kind == NAME_CARD ? NAME_CARD_EXTENSION : "";
	struct buf name = BUF_INIT, other = BUF_INIT, back = BUF_INIT;

	require(name_choose(kind, title, id, 7, is_taken,
		    (void *)(uintptr_t) "", &name) == 0);
	check_name(&name, extension);
	require(title_from_name(name.data, extension, &back) == 0);
	require(name_gives_title(name.data, extension, title) ==
		(strcmp(buf_str(&back), title) == 0));
	require(
	    name_choose(kind, title, id, 7, is_taken, name.data, &other) == 0);
	check_name(&other, extension);
	require(strcmp(name.data, other.data) != 0);
	/* The name of what a name says is that name, unless it was cut. */
	buf_clear(&other);
	require(name_from_title(buf_str(&back), "", extension, &other) == 0);
	if (kind != NAME_ATTACHMENT && strcmp(buf_str(&back), title) == 0)
		require(strcmp(name.data, other.data) == 0);
	buf_free(&name);
	buf_free(&other);
	buf_free(&back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *title = malloc(size + 1);

	require(title != NULL);
	if (size > 0)
		memcpy(title, data, size);
	title[size] = '\0';
	check_title(NAME_CARD, title);
	check_title(NAME_FOLDER, title);
	check_title(NAME_ATTACHMENT, title);
	free(title);
	return 0;
}
