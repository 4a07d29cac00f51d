#include "cli/config.h"
#include "cli/config_edit.h"
#include "cli/mount_options.h"
#include "cli/settings.h"
#include "cli/token_command.h"
#include "util/buf.h"
#include "util/err.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * A configuration file for a profile, its token_command split into words, and
 * the same bytes as a list after -o, which is read back from what it becomes.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
begin(struct settings *settings)
{
	if (settings_init(settings) < 0 ||
	    settings_set(
		settings, KEY_PROFILE, "work", ORIGIN_COMMAND_LINE, NULL) < 0)
		abort();
}

/* What a login writes is read again, and everything else as before. */
static void
fuzz_edit(const char *text, size_t size, const struct settings *before)
{
	struct config_change change = {KEY_TOKEN, "new-token"};
	struct settings settings;
	struct config_found found;
	struct buf edited = BUF_INIT;
	int res;

	if (buf_add(&edited, text, size) != 0 ||
	    config_edit(&edited, "work", &change, 1) != 0)
		abort();
	begin(&settings);
	res = config_parse(
	    &settings, "FILE", edited.data, edited.len, &found, NULL);
	assert(res == 0 && found.profile && found.secret);
	assert(strcmp(settings.token.data, "new-token") == 0);
	assert(settings.refresh_s == before->refresh_s);
	assert(settings.read_only == before->read_only);
	assert(strcmp(settings.api_url, before->api_url) == 0);
	settings_fini(&settings);

	change.value = NULL;
	if (config_edit(&edited, "work", &change, 1) != 0)
		abort();
	begin(&settings);
	res = config_parse(
	    &settings, "FILE", buf_str(&edited), edited.len, &found, NULL);
	assert(res == 0 && settings.origin[KEY_TOKEN] != ORIGIN_FILE_PROFILE);
	settings_fini(&settings);
	buf_free(&edited);
}

static void
fuzz_file(const char *text, size_t size)
{
	struct settings settings;
	struct config_found found;
	struct err err = {0};
	char **words;
	int res;

	begin(&settings);
	res = config_parse(&settings, "FILE", text, size, &found, &err);
	assert(res == 0 || (err.code == res && err.text[0] != '\0'));
	assert(settings.refresh_s >= 1 && settings.umask <= 0777);
	if (settings.token_command != NULL &&
	    token_command_split(settings.token_command, &words, &err) == 0)
		token_command_free(words);
	if (res == 0)
		fuzz_edit(text, size, &settings);
	settings_fini(&settings);
}

/* What is passed on to FUSE is read by us as the very same. */
static void
fuzz_options(const char *list)
{
	struct settings first, second;
	struct err err = {0};

	if (settings_init(&first) < 0 || settings_init(&second) < 0)
		abort();
	if (mount_options_take(&first, list, &err) == 0) {
		int res = mount_options_fuse(&first);

		assert(res == 0);
		res = mount_options_take(&second, first.fuse_options, &err);
		assert(res == 0);
		assert(second.read_only == first.read_only);
		assert(second.fuse_words.n >= first.fuse_words.n);
		for (size_t i = 1; i <= first.fuse_words.n; i++)
			assert(
			    strcmp(first.fuse_words.v[first.fuse_words.n - i],
				second.fuse_words.v[second.fuse_words.n - i]) ==
			    0);
	}
	settings_fini(&first);
	settings_fini(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	char **words;

	if (text == NULL)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	fuzz_file((const char *)data, size);
	fuzz_options(text);
	if (token_command_split(text, &words, NULL) == 0)
		token_command_free(words);
	free(text);
	return 0;
}
