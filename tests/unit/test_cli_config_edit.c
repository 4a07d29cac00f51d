#include "unit.h"

#include "cli/config.h"
#include "cli/config_edit.h"
#include "cli/settings.h"
#include "util/buf.h"
#include "util/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct row {
	const char *profile;
	const char *before;
	struct config_change changes[3]; /* a value of "": no more */
	const char *after;
};

#define END                   \
	{                     \
		KEY_TOKEN, "" \
	}

static const struct row rows[] = {
    /* A new file. */
    {"default", "", {{KEY_API_KEY, "k"}, {KEY_TOKEN, "t"}, END},
	"[default]\napi_key = k\ntoken = t\n"},
    {"work", "", {{KEY_TOKEN, "t"}, END}, "[work]\ntoken = t\n"},
    /* In its place; the rest stays, byte for byte. */
    {"default", "# a\n\n[default]\n# my key\n  token:x  \n\n; end\n[b]\n",
	{{KEY_TOKEN, "t"}, {KEY_API_KEY, "k"}, END},
	"# a\n\n[default]\n# my key\ntoken = t\napi_key = k\n\n; end\n[b]\n"},
    /* Only the profile's own section. */
    {"b", "[a]\ntoken = 1\n[b] \n\n[c]\ntoken = 3\n", {{KEY_TOKEN, "2"}, END},
	"[a]\ntoken = 1\n[b] \ntoken = 2\n\n[c]\ntoken = 3\n"},
    {"b", "[bb]\ntoken = 1\n[b]\ntoken_command = x\n", {{KEY_TOKEN, "2"}, END},
	"[bb]\ntoken = 1\n[b]\ntoken_command = x\ntoken = 2\n"},
    /* A new section: [default] comes first. */
    {"default", "# mine\n[b]\n", {{KEY_TOKEN, "t"}, END},
	"[default]\ntoken = t\n\n# mine\n[b]\n"},
    {"c", "[b]\nro = yes", {{KEY_TOKEN, "t"}, END},
	"[b]\nro = yes\n\n[c]\ntoken = t\n"},
    /* No line end at the end. */
    {"default", "[default]", {{KEY_TOKEN, "t"}, END}, "[default]\ntoken = t\n"},
    {"default", "[default]\nro = no", {{KEY_TOKEN, "t"}, END},
	"[default]\nro = no\ntoken = t\n"},
    {"default", "[default]\ntoken = x", {{KEY_TOKEN, "t"}, END},
	"[default]\ntoken = t\n"},
    /* CRLF and a byte order mark. */
    {"default", "[default]\r\nro = no\r\n", {{KEY_TOKEN, "t"}, END},
	"[default]\r\nro = no\r\ntoken = t\r\n"},
    {"default", "\xef\xbb\xbf[default]\r\ntoken = x\r\n",
	{{KEY_TOKEN, "t"}, END}, "\xef\xbb\xbf[default]\r\ntoken = t\r\n"},
    {"default", "\xef\xbb\xbf", {{KEY_TOKEN, "t"}, END},
	"\xef\xbb\xbf[default]\ntoken = t\n"},
    {"default", "\xef\xbb\xbf[b]\n", {{KEY_TOKEN, "t"}, END},
	"\xef\xbb\xbf[default]\ntoken = t\n\n[b]\n"},
    /* Out. */
    {"default", "[default]\ntoken = x\n# c\napi_key = k\n[b]\ntoken = y\n",
	{{KEY_TOKEN, NULL}, {KEY_TOKEN_SECRET, NULL}, END},
	"[default]\n# c\napi_key = k\n[b]\ntoken = y\n"},
    {"b", "[default]\ntoken = x\n", {{KEY_TOKEN, NULL}, END},
	"[default]\ntoken = x\n"},
    {"b", "[b]\ntoken = x", {{KEY_TOKEN, NULL}, END}, "[b]\n"},
};

static size_t
count(const struct config_change *changes)
{
	size_t n = 0;

	while (changes[n].value == NULL || changes[n].value[0] != '\0')
		n++;
	return n;
}

static void
texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		size_t n = count(row->changes);
		struct buf text = BUF_INIT;

		assert_int_equal(buf_add_str(&text, row->before), 0);
		assert_int_equal(
		    config_edit(&text, row->profile, row->changes, n), 0);
		assert_string_equal(buf_str(&text), row->after);
		/* Once more changes nothing. */
		assert_int_equal(
		    config_edit(&text, row->profile, row->changes, n), 0);
		assert_string_equal(buf_str(&text), row->after);
		buf_wipe(&text);
	}
}

static char folder[] = "/tmp/test-cli-edit-XXXXXX";

static int
make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int
remove_folder(void **state)
{
	char command[100];

	(void)state;
	(void)snprintf(command, sizeof command, "rm -r %s", folder);
	if (system(command) != 0)
		return -1;
	memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
	return 0;
}

static void
path_of(const char *name, char path[200])
{
	(void)snprintf(path, 200, "%s/%s", folder, name);
}

static void
write_file(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void
assert_file(const char *path, const char *text)
{
	struct buf found = BUF_INIT;

	assert_int_equal(config_text(path, &found, NULL), 0);
	assert_string_equal(buf_str(&found), text);
	buf_wipe(&found);
}

static const struct config_change change = {KEY_TOKEN, "t"};

static void
files(void **state)
{
	char path[200], link[200];
	struct err err = {0};
	struct stat st;

	(void)state;
	/* The folders are made. */
	path_of("new/trellofs/config", path);
	assert_int_equal(config_change(path, "default", &change, 1, &err), 0);
	assert_file(path, "[default]\ntoken = t\n");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	path_of("new", path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);

	/* Behind a link, and closed to others. */
	path_of("real", path);
	path_of("link", link);
	write_file(path, "[default]\nro = yes\n", 0644);
	assert_int_equal(symlink("real", link), 0);
	assert_int_equal(config_change(link, "default", &change, 1, &err), 0);
	assert_file(path, "[default]\nro = yes\ntoken = t\n");
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void
refused_files(void **state)
{
	static const struct config_change bad = {KEY_TOKEN, "a\nb = c"};
	char path[200], link[200];
	struct err err = {0};

	(void)state;
	path_of("config", path);
	/* One that cannot be read is not written either. */
	write_file(path, "[default]\nnonsense\n", 0600);
	assert_int_equal(
	    config_change(path, "default", &change, 1, &err), -EINVAL);
	assert_non_null(strstr(err.text, "line 2"));
	assert_file(path, "[default]\nnonsense\n");
	write_file(path, "[default]\n", 0600);
	assert_int_equal(
	    config_change(path, "default", &bad, 1, &err), -EINVAL);
	assert_file(path, "[default]\n");
	path_of("dangling", link);
	assert_int_equal(symlink("nothing", link), 0);
	assert_int_equal(
	    config_change(link, "default", &change, 1, &err), -ENOENT);
	assert_non_null(strstr(err.text, "leads nowhere"));
	/* A file where a folder should be. */
	path_of("config/trellofs/config", link);
	assert_true(config_change(link, "default", &change, 1, &err) < 0);
	assert_file(path, "[default]\n");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(texts),
    cmocka_unit_test_setup_teardown(files, make_folder, remove_folder),
    cmocka_unit_test_setup_teardown(refused_files, make_folder, remove_folder),
};

UNIT_MAIN(tests)
