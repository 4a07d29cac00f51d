#include "text/line_diff.h"
#include "text/merge.h"
#include "util/buf.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * Three descriptions, with NULs between them: whatever two people made of the
 * first, nothing that one of them wrote is lost, and nothing else comes up.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

/* The next text, a copy; *at is moved behind it. */
static char *
next_text(const uint8_t **at, const uint8_t *end)
{
	size_t left = (size_t)(end - *at);
	const uint8_t *stop = left > 0 ? memchr(*at, '\0', left) : NULL;
	size_t len = stop != NULL ? (size_t)(stop - *at) : left;
	char *text = malloc(len + 1);

	require(text != NULL);
	if (len > 0)
		memcpy(text, *at, len);
	text[len] = '\0';
	*at = stop != NULL ? stop + 1 : end;
	return text;
}

static bool
has_line(const char *text, const char *line, size_t len)
{
	for (const char *end; *text != '\0';
	     text = *end == '\n' ? end + 1 : end) {
		end = strchrnul(text, '\n');
		if ((size_t)(end - text) == len && memcmp(text, line, len) == 0)
			return true;
	}
	return len == 0;
}

/* Every line of `text` that `but` (NULL: nothing) does not have is in `in`. */
static bool
all_in(const char *text, const char *but, const char *in)
{
	for (const char *end; *text != '\0';
	     text = *end == '\n' ? end + 1 : end) {
		size_t len;

		end = strchrnul(text, '\n');
		len = (size_t)(end - text);
		if ((but == NULL || !has_line(but, text, len)) &&
		    !has_line(in, text, len))
			return false;
	}
	return true;
}

static bool
merge(const char *base, const char *yours, const char *theirs, struct buf *out)
{
	bool conflict;

	buf_clear(out);
	require(text_merge(base, yours, theirs, out, &conflict) == 0);
	return conflict;
}

static void
check_same(const char *base, const char *other)
{
	struct buf out = BUF_INIT;

	require(!merge(base, base, other, &out));
	require(strcmp(buf_str(&out), other) == 0);
	require(!merge(base, other, base, &out));
	require(strcmp(buf_str(&out), other) == 0);
	require(!merge(base, other, other, &out));
	require(strcmp(buf_str(&out), other) == 0);
	buf_free(&out);
}

/* Of lines that neither wrote there are the markers only. */
static void
check_nothing_new(const char *base, const char *yours, const char *theirs,
    const char *merged, bool markers)
{
	struct buf all = BUF_INIT;

	require(buf_printf(&all, "%s\n%s\n%s\n%s", base, yours, theirs,
		    markers ? MERGE_MARK_YOURS "\n" MERGE_MARK_MIDDLE
					       "\n" MERGE_MARK_TRELLO
			    : "") == 0);
	require(all_in(merged, NULL, buf_str(&all)));
	buf_free(&all);
}

static void
check(const char *base, const char *yours, const char *theirs)
{
	struct buf out = BUF_INIT, back = BUF_INIT;
	bool conflict = merge(base, yours, theirs, &out);
	int goes_on = text_goes_on(base, yours, theirs);

	require(all_in(yours, base, buf_str(&out)));
	require(all_in(theirs, base, buf_str(&out)));
	require(!conflict || text_markers(buf_str(&out), NULL) >= 2);
	check_nothing_new(base, yours, theirs, buf_str(&out), conflict);
	require(merge(base, theirs, yours, &back) == conflict);
	require(conflict || strcmp(buf_str(&out), buf_str(&back)) == 0);
	buf_clear(&out);
	require(text_merge_all(base, yours, theirs, &out) == 0);
	require(all_in(yours, base, buf_str(&out)));
	require(all_in(theirs, base, buf_str(&out)));
	check_nothing_new(base, yours, theirs, buf_str(&out), false);
	buf_clear(&out);
	require(text_merge_later(base, yours, theirs, &out) == 0);
	require(all_in(yours, base, buf_str(&out)));
	check_nothing_new(base, yours, theirs, buf_str(&out), false);
	require(goes_on == 0 || goes_on == 1);
	buf_free(&out);
	buf_free(&back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *at = data, *end = data + size;
	char *base = next_text(&at, end);
	char *yours = next_text(&at, end);
	char *theirs = next_text(&at, end);

	check_same(base, yours);
	check_same(yours, theirs);
	check(base, yours, theirs);
	(void)line_distance(base, strlen(base), yours, strlen(yours));
	free(base);
	free(yours);
	free(theirs);
	return 0;
}
