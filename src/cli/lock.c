#include "cli/lock.h"

#include "cli/mounts.h"
#include "util/err.h"
#include "util/timeutil.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

/* Who was unmounted sends what is left for 10 s (sync_flush()), and ends. */
#define ENDING_MS 15000
#define LOOK_MS 20

/* Where the one that has the lock is mounted; "" if it does not say. */
static void
read_where(int fd, char where[PATH_MAX + 1])
{
	ssize_t n = pread(fd, where, PATH_MAX, 0);

	where[n > 0 ? n : 0] = '\0';
}

static int
say_busy(int fd, const char *profile, struct err *err)
{
	char where[PATH_MAX + 1];

	read_where(fd, where);
	return err_set(err, -EBUSY,
	    "profile %s is mounted already, on %s: unmount that first, or "
	    "name another with -o profile=NAME",
	    profile, where[0] != '\0' ? where : "another folder");
}

/* Whether the one that has the lock is unmounted already. */
static bool
is_ending(int fd)
{
	char where[PATH_MAX + 1];

	read_where(fd, where);
	return where[0] != '\0' && !mounts_is_on(MOUNTS_TABLE, where);
}

static int
take(int fd)
{
	const struct timespec look = {.tv_nsec = LOOK_MS * 1000000L};
	int64_t until_ms = time_monotonic_ms() + ENDING_MS;

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK)
			return -errno;
		if (!is_ending(fd) || time_monotonic_ms() > until_ms)
			return -EBUSY;
		(void)nanosleep(&look, NULL);
	}
	return 0;
}

int
lock_profile(const char *state_path, const char *profile,
    const char *mountpoint, struct err *err)
{
	char path[PATH_MAX];
	int fd, r;

	if (snprintf(path, sizeof path, "%s.lock", state_path) >=
	    (int)sizeof path)
		return err_set(err, -ENAMETOOLONG, "%s: too long", state_path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	r = take(fd);
	if (r != 0) {
		r = r == -EBUSY ? say_busy(fd, profile, err)
				: err_set(err, r, "%s: %s", path, strerror(-r));
		(void)close(fd);
		return r;
	}
	if (ftruncate(fd, 0) != 0 ||
	    pwrite(fd, mountpoint, strlen(mountpoint), 0) < 0) {
		r = err_set(err, -errno, "%s: %s", path, strerror(errno));
		(void)close(fd);
		return r;
	}
	return fd;
}
