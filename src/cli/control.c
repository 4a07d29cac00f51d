#include "cli/control.h"

#include "util/buf.h"
#include "util/err.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BAR_WIDTH 40
#define BAR_MS 200

static int
open_file(const char *mountpoint, const char *name, int flags, struct err *err)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof path, "%s/.trellofs/%s", mountpoint, name) >=
	    (int)sizeof path)
		return err_set(err, -ENAMETOOLONG, "%s: too long", mountpoint);
	fd = open(path, flags | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0)
		return fd;
	if (errno == ENOENT || errno == ENOTDIR)
		return err_set(
		    err, -ENOENT, "%.300s is no mount of trellofs", mountpoint);
	return err_set(err, -errno, "%.300s: %s", mountpoint, strerror(errno));
}

/* One write to a control file: 0 or -errno as the mount answers. */
static int
order(const char *mountpoint, const char *name, struct err *err)
{
	char file[32];
	int fd, r = 0;

	(void)snprintf(file, sizeof file, "control/%s", name);
	fd = open_file(mountpoint, file, O_WRONLY, err);
	if (fd < 0)
		return fd;
	if (write(fd, "\n", 1) != 1)
		r = err_set(
		    err, -errno, "%.300s: %s", mountpoint, strerror(errno));
	(void)close(fd);
	return r;
}

/* The content of a file of .trellofs, as far as it can be read. */
static void
read_file(const char *mountpoint, const char *name, struct buf *out)
{
	int fd = open_file(mountpoint, name, O_RDONLY, NULL);
	char block[4096];
	ssize_t n;

	while (fd >= 0 && (n = read(fd, block, sizeof block)) > 0)
		(void)buf_add(out, block, (size_t)n);
	if (fd >= 0)
		(void)close(fd);
}

/* What status says behind a word: a copy of the rest of its line, or NULL. */
static char *
status_line(const char *mountpoint, const char *word)
{
	struct buf status = BUF_INIT;
	size_t len = strlen(word);
	char *found = NULL;

	read_file(mountpoint, "status", &status);
	for (const char *line = buf_str(&status); *line != '\0';) {
		size_t end = strcspn(line, "\n");

		if (found == NULL && strncmp(line, word, len) == 0 &&
		    strncmp(line + len, ": ", 2) == 0)
			found = strndup(line + len + 2, end - len - 2);
		line += end + (line[end] == '\n');
	}
	buf_free(&status);
	return found;
}

static unsigned
status_number(const char *mountpoint, const char *word)
{
	char *line = status_line(mountpoint, word);
	unsigned long number = line != NULL ? strtoul(line, NULL, 10) : 0;

	free(line);
	return number < UINT_MAX ? (unsigned)number : UINT_MAX;
}

/* Changes that can be sent. */
static unsigned
count_left(const char *mountpoint)
{
	unsigned pending = status_number(mountpoint, "pending");
	unsigned held = status_number(mountpoint, "held");

	return pending > held ? pending - held : 0;
}

static const char *
plural(unsigned n)
{
	return n == 1 ? "" : "s";
}

static int
say_unreachable(const char *mountpoint, struct err *err)
{
	unsigned left = count_left(mountpoint);
	char *network = status_line(mountpoint, "network");
	char wait[80] = "";
	const char *why;

	if (left > 0)
		(void)snprintf(wait, sizeof wait, "; %u change%s wait%s for it",
		    left, plural(left), left == 1 ? "s" : "");
	why = network != NULL ? strstr(network, ": ") : NULL;
	(void)err_set(err, -ENETUNREACH, "Trello cannot be reached%.300s%s",
	    why != NULL ? why : "", wait);
	free(network);
	return -ENETUNREACH;
}

int
control_refresh(const char *mountpoint, struct err *err)
{
	int r;

	do
		r = order(mountpoint, "refresh", err);
	while (r == -EAGAIN);
	return r == -ENETUNREACH ? say_unreachable(mountpoint, err) : r;
}

struct bar {
	const char *mountpoint;
	unsigned total;
	atomic_bool done;
};

static void
draw(struct bar *bar)
{
	unsigned left = count_left(bar->mountpoint), sent, full;
	char text[BAR_WIDTH + 1];

	if (left > bar->total)
		bar->total = left;
	sent = bar->total - left;
	full = bar->total > 0 ? sent * BAR_WIDTH / bar->total : BAR_WIDTH;
	memset(text, '.', BAR_WIDTH);
	memset(text, '#', full);
	text[BAR_WIDTH] = '\0';
	(void)fprintf(stderr, "\r[%s] %u of %u ", text, sent, bar->total);
	(void)fflush(stderr);
}

static void *
bar_main(void *cookie)
{
	struct bar *bar = cookie;

	while (!atomic_load(&bar->done)) {
		draw(bar);
		(void)usleep(BAR_MS * 1000);
	}
	draw(bar);
	(void)fputc('\n', stderr);
	return NULL;
}

/* It takes long; why, if that is known. */
static void
say_waiting(const char *mountpoint)
{
	char *why = status_line(mountpoint, "trying again");
	unsigned left = count_left(mountpoint);

	(void)fprintf(stderr, "%swaiting for %u change%s%s%s\n",
	    isatty(STDERR_FILENO) ? "\n" : "", left, plural(left),
	    why != NULL ? ": " : "", why != NULL ? why : "");
	free(why);
}

static int
sync_all(const char *mountpoint, struct err *err)
{
	bool said = false;
	int r;

	while ((r = order(mountpoint, "sync", err)) == -EAGAIN) {
		if (!said)
			say_waiting(mountpoint);
		said = true;
	}
	return r;
}

static int
sync_with_bar(const char *mountpoint, struct err *err)
{
	struct bar bar = {.mountpoint = mountpoint};
	pthread_t thread;
	int r;

	bar.total = count_left(mountpoint);
	if (pthread_create(&thread, NULL, bar_main, &bar) != 0)
		return sync_all(mountpoint, err);
	r = sync_all(mountpoint, err);
	atomic_store(&bar.done, true);
	(void)pthread_join(thread, NULL);
	return r;
}

static int
say_refused(const char *mountpoint, struct err *err)
{
	struct buf problems = BUF_INIT;

	read_file(mountpoint, "problems", &problems);
	(void)fputs(buf_str(&problems), stderr);
	buf_free(&problems);
	return err_set(err, -EIO,
	    "not everything was accepted; what to do about a card stands in "
	    "the file beside it that ends in .md.error");
}

static int
say_held(const char *mountpoint, unsigned held, struct err *err)
{
	return err_set(err, -EBUSY,
	    "%u change%s that archive%s or close%s a lot %s held: write to "
	    "%.150s/.trellofs/control/confirm to send %s, or to discard "
	    "beside it to take %s back",
	    held, plural(held), held == 1 ? "s" : "", held == 1 ? "s" : "",
	    held == 1 ? "is" : "are", mountpoint, held == 1 ? "it" : "them",
	    held == 1 ? "it" : "them");
}

int
control_sync(const char *mountpoint, struct err *err)
{
	int r = isatty(STDERR_FILENO) ? sync_with_bar(mountpoint, err)
				      : sync_all(mountpoint, err);
	unsigned held;

	if (r == -ENETUNREACH)
		return say_unreachable(mountpoint, err);
	if (r == -EIO)
		return say_refused(mountpoint, err);
	held = r == 0 ? status_number(mountpoint, "held") : 0;
	return held > 0 ? say_held(mountpoint, held, err) : r;
}
