#include "unit.h"

#include "cli/help.h"
#include "cli/run.h"
#include "cli/settings.h"
#include "util/err.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/test-cli-run-XXXXXX";

/* What the mount function was called with, and what it is to return. */
static struct {
	int calls;
	int res;
	char fuse_options[200], state_path[200], cache_dir[200], token[20];
	bool dumpable;
} mounted;

static int
mount_none(struct settings *settings, struct err *err)
{
	mounted.calls++;
	mounted.dumpable = prctl(PR_GET_DUMPABLE) != 0;
#define KEEP(name, text)                                        \
	(void)snprintf(mounted.name, sizeof mounted.name, "%s", \
	    (text) != NULL ? (text) : "none")
	KEEP(fuse_options, settings->fuse_options);
	KEEP(state_path, settings->state_path);
	KEEP(cache_dir, settings->cache_dir);
	KEEP(token, settings->token.data);
	return mounted.res < 0 ? err_set(err, mounted.res, "no luck") : 0;
}

static int
set_up(void **state)
{
	(void)state;
	memset(&mounted, 0, sizeof mounted);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_STATE_HOME");
	unsetenv("XDG_CACHE_HOME");
	unsetenv("TRELLO_API_KEY");
	unsetenv("TRELLO_TOKEN");
	unsetenv("CREDENTIALS_DIRECTORY");
	setenv("HOME", folder, 1);
	return 0;
}

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
	return system(command) == 0 ? 0 : -1;
}

struct outcome {
	int status;
	char out[4096], err[1024];
};

static void
slurp(FILE *file, char *text, size_t size)
{
	rewind(file);
	text[fread(text, 1, size - 1, file)] = '\0';
	(void)fclose(file);
}

/* Run the program; "@" in a word stands for the test's folder. */
static void
call(struct outcome *outcome, const char *line)
{
	char copy[400] = "";
	char *argv[10] = {0};
	int argc = 0;
	FILE *out = tmpfile(), *err = tmpfile();
	int old_out = dup(1), old_err = dup(2);
	size_t len = 0;

	for (const char *p = line; *p != '\0'; p++)
		len += (size_t)snprintf(copy + len, sizeof copy - len,
		    *p == '@' ? "%s" : "%.1s", *p == '@' ? folder : p);
	for (char *at = copy; at != NULL;)
		argv[argc++] = strsep(&at, " ");
	(void)fflush(stdout);
	dup2(fileno(out), 1);
	dup2(fileno(err), 2);
	outcome->status = run(argc, argv, mount_none);
	(void)fflush(stdout);
	dup2(old_out, 1);
	dup2(old_err, 2);
	close(old_out);
	close(old_err);
	slurp(out, outcome->out, sizeof outcome->out);
	slurp(err, outcome->err, sizeof outcome->err);
}

static void
usage(void **state)
{
	static const struct {
		const char *line;
		int status;
		const char *error;
	} rows[] = {
	    {"trellofs", 2,
		"trellofs: on which folder? a mount point is missing\n"
		"\"trellofs --help\" tells more\n"},
	    {"trellofs login --zebra", 2,
		"trellofs: login: unknown option \"--zebra\"\n"
		"\"trellofs --help\" tells more\n"},
	    {"trellofs logout", 1,
		"trellofs: there is no token of profile default in "
		"/nowhere/config/trellofs/config\n"},
	    {"trellofs logout --profile work", 1,
		"trellofs: there is no token of profile work in "
		"/nowhere/config/trellofs/config\n"},
	    {"trellofs -o zebra @", 2,
		"trellofs: unknown option \"zebra\" after -o\n"
		"\"trellofs --help\" tells more\n"},
	    {"trellofs --demo /nowhere", 1,
		"trellofs: /nowhere does not exist; make it with: mkdir -p "
		"/nowhere\n"},
	    {"trellofs status /nowhere", 1,
		"trellofs: /nowhere is no mount of trellofs\n"},
	};

	(void)state;
	setenv("XDG_CONFIG_HOME", "/nowhere/config", 1);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct outcome o;

		call(&o, rows[i].line);
		assert_int_equal(o.status, rows[i].status);
		assert_string_equal(o.err, rows[i].error);
		assert_string_equal(o.out, "");
	}
	assert_int_equal(mounted.calls, 0);
}

static void
help(void **state)
{
	struct outcome o;
	size_t lines = 0;

	(void)state;
	call(&o, "trellofs --help");
	assert_int_equal(o.status, 0);
	assert_string_equal(o.err, "");
	for (char *at = o.out, *line; (line = strsep(&at, "\n")) != NULL;) {
		lines++;
		if (strlen(line) > 80)
			fail_msg("over 80 columns: %s", line);
	}
	assert_true(lines > 10 && lines <= 41);
	call(&o, "trellofs -V");
	assert_int_equal(o.status, 0);
	assert_memory_equal(o.out, "trellofs ", 9);
}

static void
demo(void **state)
{
	struct outcome o;

	(void)state;
	setenv("TRELLO_TOKEN", "hush", 1);
	call(&o, "trellofs --demo @");
	assert_int_equal(o.status, 0);
	assert_string_equal(o.err, "");
	assert_int_equal(mounted.calls, 1);
	assert_string_equal(mounted.state_path, "none");
	assert_string_equal(mounted.cache_dir, "none");
	assert_string_equal(mounted.token, "none");
	assert_null(getenv("TRELLO_TOKEN"));
	assert_non_null(strstr(mounted.fuse_options, "fsname=trellofs:demo"));
	assert_int_equal(access(folder, F_OK), 0);
	mounted.res = -EIO;
	call(&o, "trellofs --demo @");
	assert_int_equal(o.status, 1);
	assert_string_equal(o.err, "trellofs: no luck\n");
}

static void
account(void **state)
{
	struct outcome o;
	char expected[200];

	(void)state;
	call(&o, "trellofs @");
	assert_int_equal(o.status, 1);
	assert_memory_equal(o.err, "trellofs: no API key: ", 22);
	assert_int_equal(mounted.calls, 0);
	setenv("TRELLO_API_KEY", "k", 1);
	setenv("TRELLO_TOKEN", "hush", 1);
	call(&o, "trellofs work @ -o rw,dev,suid");
	assert_string_equal(o.err, "");
	assert_int_equal(o.status, 0);
	assert_int_equal(mounted.calls, 1);
	assert_string_equal(mounted.token, "hush");
	assert_false(mounted.dumpable);
	(void)snprintf(expected, sizeof expected,
	    "%s/.local/state/trellofs/work.db", folder);
	assert_string_equal(mounted.state_path, expected);
	(void)snprintf(
	    expected, sizeof expected, "%s/.cache/trellofs/work", folder);
	assert_string_equal(mounted.cache_dir, expected);
	assert_null(strstr(mounted.fuse_options, "hush"));
}

static void
full_disk(void **state)
{
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(full);
	assert_int_equal(help_print(full), -EIO);
	assert_int_equal(help_print_version(full), -EIO);
	(void)fclose(full);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

static const struct CMUnitTest tests[] = {
    TEST(usage),
    TEST(help),
    TEST(demo),
    TEST(account),
    TEST(full_disk),
};

int
main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
