#include "unit.h"

#include "cli/config.h"
#include "cli/settings.h"
#include "util/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct parsed {
	struct settings settings;
	struct config_found found;
	struct err err;
	int res;
};

static void
parse(struct parsed *parsed, const char *profile, const char *text)
{
	memset(parsed, 0, sizeof *parsed);
	assert_int_equal(settings_init(&parsed->settings), 0);
	assert_int_equal(settings_set(&parsed->settings, KEY_PROFILE, profile,
			     ORIGIN_COMMAND_LINE, NULL),
	    0);
	parsed->res = config_parse(&parsed->settings, "FILE", text,
	    strlen(text), &parsed->found, &parsed->err);
}

static void
values(void **state)
{
	struct parsed p;

	(void)state;
	parse(&p, "default",
	    "# mine\n; too\n\n[default]\napi_key = k\n  token=t-1\n"
	    "refresh: 60\r\nro = yes\nsettle=2\nnumbered = on\n"
	    "token_command = sh -c 'a; b ; c'\n"
	    "auth = oauth1\nconsumer_secret = c\ntoken_secret = s\n"
	    "api_url = https://h.example/1/\numask = 027\nallow_delete=no\n"
	    "comment_settle = 7\nsync = 1");
	if (p.res < 0)
		fail_msg("%s", p.err.text);
	assert_string_equal(p.settings.api_key.data, "k");
	assert_string_equal(p.settings.token.data, "t-1");
	assert_string_equal(p.settings.token_command, "sh -c 'a; b ; c'");
	assert_string_equal(p.settings.consumer_secret.data, "c");
	assert_string_equal(p.settings.token_secret.data, "s");
	assert_string_equal(p.settings.api_url, "https://h.example/1");
	assert_int_equal(p.settings.auth, SETTINGS_OAUTH1);
	assert_int_equal(p.settings.refresh_s, 60);
	assert_int_equal(p.settings.settle_s, 2);
	assert_int_equal(p.settings.comment_settle_s, 7);
	assert_int_equal(p.settings.umask, 027);
	assert_true(p.settings.read_only);
	assert_true(p.settings.numbered);
	assert_true(p.settings.sync);
	assert_false(p.settings.allow_delete);
	assert_true(p.found.secret);
	assert_true(p.found.command);
	assert_true(p.found.profile);
	settings_fini(&p.settings);
}

/* The profile's section overrules [default], wherever it stands. */
static void
sections(void **state)
{
	static const char text[] =
	    "\xef\xbb\xbf[work]\ntoken = w\n[default]\ntoken = d\n"
	    "refresh = 60\n[home]\ntoken = h\nrefresh = 0\n";
	struct parsed p;

	(void)state;
	parse(&p, "work", text);
	assert_int_equal(p.res, 0);
	assert_string_equal(p.settings.token.data, "w");
	assert_int_equal(p.settings.refresh_s, 60);
	assert_true(p.found.profile);
	settings_fini(&p.settings);

	parse(&p, "default", text);
	assert_string_equal(p.settings.token.data, "d");
	settings_fini(&p.settings);

	/* Its own bad value is an error, that of another section is not. */
	parse(&p, "home", text);
	assert_int_equal(p.res, -EINVAL);
	assert_string_equal(p.err.text,
	    "FILE, line 8: refresh: from 1 to 86400 seconds, not \"0\"");
	settings_fini(&p.settings);

	parse(&p, "wrok", text);
	assert_int_equal(p.res, 0);
	assert_false(p.found.profile);
	assert_string_equal(p.found.like_profile, "work");
	assert_true(p.found.secret);
	settings_fini(&p.settings);

	/* A section without keys is one, too. */
	parse(&p, "work", "[work]");
	assert_true(p.found.profile);
	settings_fini(&p.settings);
}

static void
empty(void **state)
{
	static const char *const texts[] = {"", "\n\n", "# only\n", "[default]",
	    "\xef\xbb\xbf", "\r\n", "   \n"};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct parsed p;

		parse(&p, "default", texts[i]);
		if (p.res < 0)
			fail_msg("%zu: %s", i, p.err.text);
		assert_false(p.found.secret);
		settings_fini(&p.settings);
	}
}

static const struct {
	const char *text, *error;
} bads[] = {
    {"[default]\ntokn = a\n",
	"FILE, line 2: unknown key \"tokn\"; did you mean \"token\"?"},
    {"[other]\n\nzebra = a\n", "FILE, line 3: unknown key \"zebra\""},
    {"[default]\nprofile = a\n", "line 2: unknown key \"profile\""},
    {"[default]\n= a\n", "line 2: unknown key \"\""},
    {"[default]\nro = yes\nro = yes\n",
	"line 3: this key is there twice in its section"},
    {"[default]\n[work]\n[default]\n", "line 3: this section is there twice"},
    {"token = a\n", "line 1: a section comes first: [default]"},
    {"[default]\r\nhello\r\n", "line 2: neither [SECTION] nor KEY = VALUE"},
    {"[default\n", "line 1: a \"]\" is missing"},
    {"[default] x\n", "line 1: text behind the \"]\""},
    {"[a/b]\n", "line 1: a section is [NAME]"},
    {"[]\n", "line 1: a section is [NAME]"},
    {"[.a]\n", "line 1: a section is [NAME]"},
    {"[0123456789012345678901234567890123456789012345678901234567890123456789]",
	"line 1: a section is [NAME]"},
    {"[default]\nrefresh = soon\n", "line 2: refresh: from 1 to 86400"},
    {"[default]\nrefresh =\n", "line 2: refresh: from 1 to 86400"},
    {"[default]\nrefresh = 30 ; often\n", "not \"30 ; often\""},
    {"[default]\ntoken = \"hush\"\n", "line 2: token: holds a blank"},
    {"[default]\ntoken =\n", "line 2: token: is empty"},
    {"[default]\nro = \x01\n", "line 2: holds a control character"},
    {"[default]\nauth = oauth2\n", "line 2: auth: token or oauth1"},
};

static void
bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bads / sizeof bads[0]; i++) {
		struct parsed p;

		parse(&p, "default", bads[i].text);
		if (p.res != -EINVAL ||
		    strstr(p.err.text, bads[i].error) == NULL)
			fail_msg("%s: %d, %s", bads[i].text, p.res, p.err.text);
		assert_null(strstr(p.err.text, "hush"));
		settings_fini(&p.settings);
	}
}

static void
long_lines(void **state)
{
	char text[1000];
	struct parsed p;

	(void)state;
	memset(text, 'x', sizeof text);
	memcpy(text, "[default]\ntoken_command = ", 26);
	text[sizeof text - 1] = '\0';
	parse(&p, "default", text);
	assert_int_equal(p.res, -EINVAL);
	assert_non_null(strstr(p.err.text, "line 2: longer than can be read"));
	settings_fini(&p.settings);

	/* A comment may be as long as it likes. */
	text[10] = '#';
	parse(&p, "default", text);
	assert_int_equal(p.res, 0);
	settings_fini(&p.settings);

	/* 190 bytes are read whole: a token, a path. */
	memcpy(text, "[default]\ntoken_command = ", 26);
	text[10 + 190] = '\0';
	parse(&p, "default", text);
	assert_int_equal(p.res, 0);
	assert_int_equal(strlen(p.settings.token_command), 190 - 16);
	settings_fini(&p.settings);
}

static char folder[] = "/tmp/test-cli-config-XXXXXX";

static int
make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int
remove_folder(void **state)
{
	char path[100];

	(void)state;
	(void)snprintf(path, sizeof path, "%s/config", folder);
	unlink(path);
	(void)rmdir(folder);
	memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
	return 0;
}

static const struct file {
	const char *text;
	mode_t mode;
	int res;
	const char *error;
} files[] = {
    {"[default]\ntoken = t\n", 0600, 0, NULL},
    {"[default]\ntoken = t\n", 0400, 0, NULL},
    {"[default]\ntoken = t\n", 0640, -EPERM, "mend it with: chmod 600 /tmp/"},
    {"[default]\ntoken = t\n", 0604, -EPERM, "holds a secret"},
    {"[other]\nconsumer_secret = t\n", 0644, -EPERM, "holds a secret"},
    {"[other]\ntoken_secret = t\n", 0644, -EPERM, "holds a secret"},
    {"[default]\napi_key = k\nrefresh = 5\n", 0644, 0, NULL},
    {"[default]\ntoken_command = t\n", 0644, 0, NULL},
    {"[default]\ntoken_command = t\n", 0664, -EPERM, "says what to run"},
    {"[default]\nzebra = t\n", 0600, -EINVAL, "line 2: unknown key"},
};

static void
reads_files(void **state)
{
	char path[100];

	(void)state;
	(void)snprintf(path, sizeof path, "%s/config", folder);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		const struct file *row = &files[i];
		FILE *file = fopen(path, "w");
		struct parsed p = {0};

		assert_non_null(file);
		assert_true(fputs(row->text, file) >= 0);
		assert_int_equal(fclose(file), 0);
		assert_int_equal(chmod(path, row->mode), 0);
		assert_int_equal(settings_init(&p.settings), 0);
		p.res = config_read(&p.settings, path, &p.found, &p.err);
		if (p.res != row->res ||
		    (row->error && strstr(p.err.text, row->error) == NULL))
			fail_msg("%zu: %d, %s", i, p.res, p.err.text);
		settings_fini(&p.settings);
		assert_int_equal(unlink(path), 0);
	}
}

static void
odd_files(void **state)
{
	struct parsed p = {0};
	char path[100];

	(void)state;
	assert_int_equal(settings_init(&p.settings), 0);
	p.res = config_read(&p.settings, "/nowhere/config", &p.found, &p.err);
	assert_int_equal(p.res, 0);
	assert_false(p.found.profile);
	p.res = config_read(&p.settings, "/etc/passwd/x", &p.found, &p.err);
	assert_int_equal(p.res, 0);
	p.res = config_read(&p.settings, folder, &p.found, &p.err);
	assert_int_equal(p.res, -EINVAL);
	assert_non_null(strstr(p.err.text, "is not a file"));
	p.res = config_read(&p.settings, "/dev/zero", &p.found, &p.err);
	assert_int_equal(p.res, -EINVAL);
	(void)snprintf(path, sizeof path, "%s/config", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	p.res = config_read(&p.settings, path, &p.found, &p.err);
	assert_int_equal(p.res, -EINVAL);
	assert_int_equal(unlink(path), 0);

	FILE *file = fopen(path, "w");

	assert_non_null(file);
	for (size_t i = 0; i <= CONFIG_MAX; i++)
		(void)fputc('\n', file);
	assert_int_equal(fclose(file), 0);
	p.res = config_read(&p.settings, path, &p.found, &p.err);
	assert_int_equal(p.res, -EFBIG);
	assert_non_null(strstr(p.err.text, "over 64 KiB"));
	settings_fini(&p.settings);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(values),
    cmocka_unit_test(sections),
    cmocka_unit_test(empty),
    cmocka_unit_test(bad),
    cmocka_unit_test(long_lines),
    cmocka_unit_test_setup_teardown(reads_files, make_folder, remove_folder),
    cmocka_unit_test_setup_teardown(odd_files, make_folder, remove_folder),
};

UNIT_MAIN(tests)
