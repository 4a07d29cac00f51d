#include "cli/control.h"

#include "util/err.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
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

static int
say_unreachable(const char *mountpoint, struct err *err)
{
	return err_set(err, -ENETUNREACH,
	    "Trello cannot be reached; \"trellofs status %.200s\" says why",
	    mountpoint);
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

/* Copy a file of .trellofs to out, if there is one; returns its lines. */
static unsigned
read_lines(const char *mountpoint, const char *name, FILE *out)
{
	int fd = open_file(mountpoint, name, O_RDONLY, NULL);
	unsigned lines = 0;
	char block[4096];
	ssize_t n;

	while (fd >= 0 && (n = read(fd, block, sizeof block)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			lines += block[i] == '\n';
		if (out != NULL)
			(void)fwrite(block, 1, (size_t)n, out);
	}
	if (fd >= 0)
		(void)close(fd);
	return lines;
}

struct bar {
	const char *mountpoint;
	unsigned total;
	atomic_bool done;
};

static void
draw(const struct bar *bar, unsigned left)
{
	unsigned total = bar->total > left ? bar->total : left;
	unsigned sent = total - left;
	unsigned full = total > 0 ? sent * BAR_WIDTH / total : BAR_WIDTH;
	char text[BAR_WIDTH + 1];

	memset(text, '.', BAR_WIDTH);
	memset(text, '#', full);
	text[BAR_WIDTH] = '\0';
	(void)fprintf(stderr, "\r[%s] %u of %u ", text, sent, total);
	(void)fflush(stderr);
}

static void *
bar_main(void *cookie)
{
	struct bar *bar = cookie;

	while (!atomic_load(&bar->done)) {
		draw(bar, read_lines(bar->mountpoint, "pending", NULL));
		(void)usleep(BAR_MS * 1000);
	}
	draw(bar, read_lines(bar->mountpoint, "pending", NULL));
	(void)fputc('\n', stderr);
	return NULL;
}

static int
sync_all(const char *mountpoint, struct err *err)
{
	int r;

	do
		r = order(mountpoint, "sync", err);
	while (r == -EAGAIN);
	return r;
}

static int
sync_with_bar(const char *mountpoint, struct err *err)
{
	struct bar bar = {.mountpoint = mountpoint};
	pthread_t thread;
	int r;

	bar.total = read_lines(mountpoint, "pending", NULL);
	if (pthread_create(&thread, NULL, bar_main, &bar) != 0)
		return sync_all(mountpoint, err);
	r = sync_all(mountpoint, err);
	atomic_store(&bar.done, true);
	(void)pthread_join(thread, NULL);
	return r;
}

int
control_sync(const char *mountpoint, struct err *err)
{
	int r = isatty(STDERR_FILENO) ? sync_with_bar(mountpoint, err)
				      : sync_all(mountpoint, err);

	if (r == -ENETUNREACH)
		return say_unreachable(mountpoint, err);
	if (r != -EIO)
		return r;
	(void)read_lines(mountpoint, "problems", stderr);
	return err_set(err, -EIO,
	    "not everything was accepted: the files Card.md.error beside "
	    "the cards say why");
}
