#include "cli/prompt.h"

#include "util/err.h"
#include "util/secret.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

/* Those that would leave a terminal without echo behind. */
static const int signals[] = {
    SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU};
#define N_SIGNALS (sizeof signals / sizeof signals[0])

static volatile sig_atomic_t caught;

static void
on_signal(int signum)
{
	caught = signum;
}

bool
prompt_has_terminal(void)
{
	return isatty(STDIN_FILENO) != 0;
}

/* A byte at a time: what stands behind the line is for the next question.
 * 0: a line has come. */
static int
read_line(char line[SECRET_MAX + 2], size_t *ret_len)
{
	size_t len = 0;

	for (;;) {
		ssize_t n = read(STDIN_FILENO, line + len, 1);

		if (n < 0)
			return -errno;
		if (n == 0 && len == 0)
			return -ENODATA;
		if (n == 0 || line[len] == '\n')
			break;
		if (++len > SECRET_MAX)
			return -EFBIG;
	}
	*ret_len = len;
	return 0;
}

/* The terminal as it was, and what signals did. */
struct hush {
	struct termios termios;
	struct sigaction actions[N_SIGNALS];
	bool on;
};

static void
hush_begin(struct hush *hush)
{
	struct sigaction action = {.sa_handler = on_signal};
	struct termios silent;

	caught = 0;
	hush->on = tcgetattr(STDIN_FILENO, &hush->termios) == 0;
	if (!hush->on)
		return;
	(void)sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < N_SIGNALS; i++)
		(void)sigaction(signals[i], &action, &hush->actions[i]);
	silent = hush->termios;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
}

static void
hush_end(struct hush *hush)
{
	if (!hush->on)
		return;
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &hush->termios);
	for (size_t i = 0; i < N_SIGNALS; i++)
		(void)sigaction(signals[i], &hush->actions[i], NULL);
	(void)fputc('\n', stderr);
}

/* -EINTR: a signal came, which has been let through, and one that stopped us
 * is over. */
static int
ask_once(
    const char *text, bool hidden, char line[SECRET_MAX + 2], size_t *ret_len)
{
	struct hush hush = {.on = false};
	int r;

	if (prompt_has_terminal()) {
		(void)fputs(text, stderr);
		(void)fflush(stderr);
		if (hidden)
			hush_begin(&hush);
	}
	r = read_line(line, ret_len);
	hush_end(&hush);
	if (hush.on && caught != 0) {
		(void)raise(caught);
		r = -EINTR;
	}
	return r;
}

static int
say(int r, struct err *err)
{
	if (r == -ENODATA)
		return err_set(err, r, "standard input has ended");
	if (r == -EFBIG)
		return err_set(
		    err, r, "that is longer than %d bytes", SECRET_MAX);
	return err_set(err, r, "standard input: %s", strerror(-r));
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

int
prompt_line(
    const char *text, bool hidden, struct secret *ret_line, struct err *err)
{
	char line[SECRET_MAX + 2];
	char *begin = line;
	size_t len = 0;
	int r;

	(void)fflush(stdout);
	do
		r = ask_once(text, hidden, line, &len);
	while (r == -EINTR);
	if (r == 0) {
		while (len > 0 && is_blank(begin[len - 1]))
			len--;
		while (len > 0 && is_blank(*begin))
			begin++, len--;
		r = secret_set(ret_line, begin, len);
	}
	explicit_bzero(line, sizeof line);
	return r == 0 ? 0 : say(r, err);
}

bool
prompt_yes(const char *text, bool without)
{
	struct secret line = SECRET_INIT;
	bool yes = false;

	if (!prompt_has_terminal())
		return without;
	if (prompt_line(text, false, &line, NULL) == 0)
		yes = line.len == 0 || strncasecmp(line.data, "y", 1) == 0;
	secret_fini(&line);
	return yes;
}
