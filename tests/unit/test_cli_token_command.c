#include "unit.h"

#include "cli/token_command.h"
#include "util/err.h"
#include "util/secret.h"
#include "util/timeutil.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *command;
	const char *words[5];
} splits[] = {
    {"pass", {"pass"}},
    {"  pass \t show  trello ", {"pass", "show", "trello"}},
    {"a 'b c' \"d e\"", {"a", "b c", "d e"}},
    {"a 'b'\"c\"d", {"a", "bcd"}},
    {"a '' \"\"", {"a", "", ""}},
    {"a b\\ c \\'", {"a", "b c", "'"}},
    {"a '\\' \"\\\\ \\\" \\x \\$\"", {"a", "\\", "\\ \" \\x $"}},
    {"sh -c 'a | b; echo \"$HOME\" ~'",
	{"sh", "-c", "a | b; echo \"$HOME\" ~"}},
    {"a b~ c\\", {"a", "b~", "c\\"}},
    {"\xc3\xa4 *", {"\xc3\xa4", "*"}},
};

static void
split(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof splits / sizeof splits[0]; i++) {
		struct err err = {0};
		char **words;
		size_t n = 0;
		int res = token_command_split(splits[i].command, &words, &err);

		if (res < 0)
			fail_msg("%s: %s", splits[i].command, err.text);
		for (; words[n] != NULL && splits[i].words[n] != NULL; n++)
			assert_string_equal(words[n], splits[i].words[n]);
		assert_null(words[n]);
		assert_null(splits[i].words[n]);
		token_command_free(words);
	}
}

static const struct {
	const char *command, *error;
} bads[] = {
    {"", "is empty"},
    {"  ", "is empty"},
    {"a 'b", "a quote (') is not closed"},
    {"a \"b", "a quote (\") is not closed"},
    {"a | b", "\"|\" means something to a shell only"},
    {"a; b", "sh -c '...'"},
    {"a $HOME", "\"$\" means"},
    {"a \"$HOME\"", "\"$\" means"},
    {"a `b`", "\"`\" means"},
    {"~/bin/a", "\"~\" means"},
    {"a > b", "\">\" means"},
    {"a && b", "\"&\" means"},
    {"a (b)", "\"(\" means"},
};

static void
bad_splits(void **state)
{
	char many[200];
	struct err err;
	char **words;

	(void)state;
	for (size_t i = 0; i < sizeof bads / sizeof bads[0]; i++) {
		int res = token_command_split(bads[i].command, &words, &err);

		if (res != -EINVAL || strstr(err.text, bads[i].error) == NULL)
			fail_msg("%s: %d, %s", bads[i].command, res, err.text);
	}
	for (size_t i = 0; i < sizeof many; i++)
		many[i] = i % 2 ? ' ' : 'a';
	many[sizeof many - 1] = '\0';
	assert_int_equal(token_command_split(many, &words, &err), -EINVAL);
	many[2 * TOKEN_COMMAND_WORDS_MAX - 1] = '\0';
	assert_int_equal(token_command_split(many, &words, &err), 0);
	token_command_free(words);
	token_command_free(NULL);
}

static const struct {
	const char *command;
	const char *token; /* NULL: an error */
	int res;
	const char *error;
	bool unstarted;
} runs[] = {
    {"printf 'one\\ntwo\\n'", "one", 0, NULL, false},
    {"printf one", "one", 0, NULL, false},
    {"printf 'one\\r\\n'", "one", 0, NULL, false},
    {"sh -c 'sleep 0.05; echo late'", "late", 0, NULL, false},
    {"sh -c 'echo one; exec >&-; sleep 0.05'", "one", 0, NULL, false},
    {"cat /dev/null", NULL, -EIO, "first line is empty", false},
    {"echo", NULL, -EIO, "first line is empty", false},
    {"sh -c 'echo hush; exit 3'", NULL, -EIO, "exit status 3", false},
    {"sh -c 'echo hush; kill -9 $$'", NULL, -EIO, "ended by signal 9", false},
    {"/nowhere/pass x", NULL, -ENOENT, "/nowhere/pass: No such file", true},
    {"/dev/null", NULL, -EACCES, "/dev/null: Permission denied", true},
    {"yes hush", NULL, -EFBIG, "printed more than 4096 bytes", false},
    {"printf 'a\\0b\\n'", NULL, -EINVAL, "token_command: ", false},
    {"a 'b", NULL, -EINVAL, "not closed", false},
    {"sleep 60", NULL, -ETIMEDOUT, "no end after 1 s", false},
    {"sh -c 'exec >&-; sleep 60'", NULL, -ETIMEDOUT, "no end after 1 s", false},
};

static void
run(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
		struct secret token = SECRET_INIT;
		struct err err = {0};
		int res = token_command_run(
		    runs[i].command, 1000, NULL, &token, &err);

		/* Under valgrind a program that cannot be started ends so. */
		if (runs[i].unstarted && res == -EIO &&
		    strstr(err.text, "exit status 127") != NULL)
			continue;
		if (res != runs[i].res ||
		    (runs[i].error != NULL &&
			strstr(err.text, runs[i].error) == NULL))
			fail_msg("%s: %d, %s", runs[i].command, res, err.text);
		assert_null(strstr(err.text, "hush"));
		if (runs[i].token != NULL)
			assert_string_equal(token.data, runs[i].token);
		else
			assert_null(token.data);
		secret_fini(&token);
	}
}

/* What a grandchild holds open does not keep us past the limit. */
static void
limit(void **state)
{
	struct secret token = SECRET_INIT;
	int64_t start_ms = time_monotonic_ms();

	(void)state;
	assert_int_equal(token_command_run("sh -c 'sleep 20 & echo one'", 300,
			     NULL, &token, NULL),
	    -ETIMEDOUT);
	assert_true(time_monotonic_ms() - start_ms < 10000);
	secret_fini(&token);
}

static void *
cancel_soon(void *cookie)
{
	(void)usleep(100 * 1000);
	atomic_store((atomic_bool *)cookie, true);
	return NULL;
}

/* Somebody else has no more use for it. */
static void
cancelled(void **state)
{
	int64_t start_ms = time_monotonic_ms();
	struct secret token = SECRET_INIT;
	atomic_bool cancel = false;
	pthread_t thread;

	(void)state;
	assert_int_equal(
	    pthread_create(&thread, NULL, cancel_soon, &cancel), 0);
	assert_int_equal(
	    token_command_run("sleep 20", 30000, &cancel, &token, NULL),
	    -ECANCELED);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(time_monotonic_ms() - start_ms < 10000);
	secret_fini(&token);
}

/* The thread that runs it blocks all signals, but the command gets them. */
static void
signals(void **state)
{
	struct secret token = SECRET_INIT;
	sigset_t all, old;

	(void)state;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &old);
	assert_int_equal(token_command_run("grep SigBlk /proc/self/status",
			     10000, NULL, &token, NULL),
	    0);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	assert_non_null(strstr(token.data, "0000000000000000"));
	secret_fini(&token);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(split),
    cmocka_unit_test(bad_splits),
    cmocka_unit_test(run),
    cmocka_unit_test(limit),
    cmocka_unit_test(cancelled),
    cmocka_unit_test(signals),
};

UNIT_MAIN(tests)
