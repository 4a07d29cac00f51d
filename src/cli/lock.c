#include "cli/lock.h"

#include "util/err.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static int
say_busy(int fd, const char *profile, struct err *err)
{
	char where[PATH_MAX + 1];
	ssize_t n = pread(fd, where, sizeof where - 1, 0);

	where[n > 0 ? n : 0] = '\0';
	return err_set(err, -EBUSY,
	    "profile %s is mounted already, on %s: unmount that first, or "
	    "name another with -o profile=NAME",
	    profile, n > 0 ? where : "another folder");
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
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		r = errno == EWOULDBLOCK
			? say_busy(fd, profile, err)
			: err_set(err, -errno, "%s: %s", path, strerror(errno));
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
