#include <config.h>

#include "cli/token_command.h"

#include "util/buf.h"
#include "util/err.h"
#include "util/secret.h"
#include "util/timeutil.h"
#include "util/vec.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* How often a program that has closed its output is asked if it has ended. */
#define WAIT_STEP_MS 5
#define LOOK_MS 100

static int
needs_shell(char c, struct err *err)
{
	return err_set(err, -EINVAL,
	    "token_command: \"%c\" means something to a shell only, and none "
	    "runs it; quote it, or write sh -c '...'",
	    c);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * Read one word at *at, which is no blank, and step behind it.  -EINVAL for a
 * quote that is not closed and for what needs a shell.
 */
static int
take_word(const char **at, struct buf *word, struct err *err)
{
	const char *p = *at;
	char quote = '\0';

	if (*p == '~')
		return needs_shell(*p, err);
	for (; *p != '\0' && (quote != '\0' || !is_blank(*p)); p++) {
		if (*p == quote) {
			quote = '\0';
		} else if (quote == '\0' && (*p == '\'' || *p == '"')) {
			quote = *p;
		} else if (quote != '\'' && *p == '\\' && p[1] != '\0') {
			/* Between double quotes it escapes only these. */
			if (quote == '"' && strchr("\\\"$`", p[1]) == NULL)
				buf_add_char(word, *p);
			buf_add_char(word, *++p);
		} else if ((quote == '\0' && strchr("|&;<>()", *p) != NULL) ||
			   (quote != '\'' && strchr("$`", *p) != NULL)) {
			return needs_shell(*p, err);
		} else {
			buf_add_char(word, *p);
		}
	}
	if (quote != '\0')
		return err_set(err, -EINVAL,
		    "token_command: a quote (%c) is not closed", quote);
	*at = p;
	return 0;
}

void
token_command_free(char **words)
{
	for (size_t i = 0; words != NULL && words[i] != NULL; i++)
		free(words[i]);
	free(words);
}

int
token_command_split(const char *command, char ***ret_words, struct err *err)
{
	char **words = calloc(TOKEN_COMMAND_WORDS_MAX + 1, sizeof *words);
	size_t n = 0;
	int res = words != NULL ? 0 : -ENOMEM;

	while (res == 0) {
		struct buf word = BUF_INIT;

		while (is_blank(*command))
			command++;
		if (*command == '\0')
			break;
		if (n == TOKEN_COMMAND_WORDS_MAX)
			res = err_set(err, -EINVAL,
			    "token_command: more than %d words",
			    TOKEN_COMMAND_WORDS_MAX);
		else
			res = take_word(&command, &word, err);
		if (res == 0 && (words[n++] = buf_steal(&word)) == NULL)
			res = -ENOMEM;
		buf_free(&word);
	}
	if (res == 0 && n == 0)
		res = err_set(err, -EINVAL, "token_command: is empty");
	if (res == -ENOMEM)
		err_set(err, res, "out of memory");
	if (res < 0)
		token_command_free(words);
	else
		*ret_words = words;
	return res;
}

/* The threads that call us block all signals; the command must not. */
static int
spawn(char **words, const posix_spawn_file_actions_t *actions, pid_t *ret_pid)
{
	posix_spawnattr_t attributes;
	sigset_t none;
	int res = posix_spawnattr_init(&attributes);

	if (res != 0)
		return res;
	(void)sigemptyset(&none);
	res = posix_spawnattr_setsigmask(&attributes, &none);
	if (res == 0)
		res = posix_spawnattr_setflags(
		    &attributes, POSIX_SPAWN_SETSIGMASK);
	if (res == 0)
		res = posix_spawnp(
		    ret_pid, words[0], actions, &attributes, words, environ);
	(void)posix_spawnattr_destroy(&attributes);
	return res;
}

/* Start it with its standard output in a pipe, of which we get our end. */
static int
start(char **words, pid_t *ret_pid, int *ret_fd)
{
	posix_spawn_file_actions_t actions;
	int ends[2];
	int res;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	res = posix_spawn_file_actions_init(&actions);
	if (res == 0) {
		res = posix_spawn_file_actions_adddup2(
		    &actions, ends[1], STDOUT_FILENO);
		if (res == 0)
			res = spawn(words, &actions, ret_pid);
		posix_spawn_file_actions_destroy(&actions);
	}
	close(ends[1]);
	if (res != 0) {
		close(ends[0]);
		return -res;
	}
	*ret_fd = ends[0];
	return 0;
}

/* How long it may go on. */
struct limit {
	int64_t until_ms;
	const atomic_bool *cancel;
};

/* 0, -ETIMEDOUT or -ECANCELED. */
static int
check_limit(const struct limit *limit)
{
	if (limit->cancel != NULL && atomic_load(limit->cancel))
		return -ECANCELED;
	return time_monotonic_ms() < limit->until_ms ? 0 : -ETIMEDOUT;
}

/* Read until it closes its output; -EFBIG or check_limit(): it does not. */
static int
read_output(
    int fd, const struct limit *limit, char *out, size_t size, size_t *ret_len)
{
	size_t len = 0;

	for (;;) {
		struct pollfd poller = {.fd = fd, .events = POLLIN};
		int res = check_limit(limit);
		ssize_t n;

		if (res < 0)
			return res;
		n = poll(&poller, 1, LOOK_MS);
		if (n == 0 || (n < 0 && errno == EINTR))
			continue;
		if (n > 0)
			n = read(fd, out + len, size - len);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			break;
		if (n > 0)
			len += (size_t)n;
		if (len == size)
			return -EFBIG;
	}
	*ret_len = len;
	return 0;
}

/* Wait for its end, and bring it about when the time is over. */
static int
wait_end(pid_t pid, const struct limit *limit, bool now, int *ret_status)
{
	const struct timespec step = {0, WAIT_STEP_MS * 1000000L};
	int killed = 0;
	pid_t got;

	for (;;) {
		got = waitpid(pid, ret_status, killed != 0 ? 0 : WNOHANG);
		if (got == pid)
			return killed;
		if (got < 0 && errno != EINTR)
			return -errno;
		if (killed != 0)
			continue;
		killed = now ? -ECANCELED : check_limit(limit);
		if (killed != 0)
			kill(pid, SIGKILL);
		else
			nanosleep(&step, NULL);
	}
}

static int
told(int res, int status, int timeout_ms, struct err *err)
{
	if (res == -ETIMEDOUT)
		return err_set(err, res,
		    "token_command: no end after %d s, so it was killed",
		    timeout_ms / 1000);
	if (res == -EFBIG)
		return err_set(err, res,
		    "token_command: printed more than %d bytes, so it was "
		    "killed",
		    TOKEN_COMMAND_OUTPUT_MAX);
	if (res < 0)
		return err_set(err, res, "token_command: %s", strerror(-res));
	if (WIFSIGNALED(status))
		return err_set(err, -EIO, "token_command: ended by signal %d",
		    WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return err_set(err, -EIO, "token_command: exit status %d",
		    WEXITSTATUS(status));
	return 0;
}

static int
collect(pid_t pid, int fd, int timeout_ms, const atomic_bool *cancel,
    struct secret *ret_token, struct err *err)
{
	char out[TOKEN_COMMAND_OUTPUT_MAX + 1];
	const struct limit limit = {time_monotonic_ms() + timeout_ms, cancel};
	size_t len = 0;
	int status = 0;
	int res, end;

	res = read_output(fd, &limit, out, sizeof out, &len);
	close(fd);
	end = wait_end(pid, &limit, res < 0, &status);
	res = told(res < 0 ? res : end, status, timeout_ms, err);
	if (res == 0) {
		for (size_t i = 0; i < len; i++)
			if (out[i] == '\n' || out[i] == '\r')
				len = i;
		if (len == 0)
			res = err_set(err, -EIO,
			    "token_command: its first line is empty");
		else
			res = secret_set(ret_token, out, len);
		if (res < 0 && res != -EIO)
			err_set(err, res, "token_command: %s", strerror(-res));
	}
	explicit_bzero(out, sizeof out);
	return res;
}

int
token_command_run(const char *command, int timeout_ms,
    const atomic_bool *cancel, struct secret *ret_token, struct err *err)
{
	char **words;
	pid_t pid;
	int fd = -1;
	int res;

	res = token_command_split(command, &words, err);
	if (res < 0)
		return res;
	res = start(words, &pid, &fd);
	if (res < 0)
		err_set(err, res, "token_command: %.200s: %s", words[0],
		    strerror(-res));
	else
		res = collect(pid, fd, timeout_ms, cancel, ret_token, err);
	token_command_free(words);
	return res;
}
