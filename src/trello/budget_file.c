#include "trello/budget_file.h"

#include "util/err.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* What is locked are bytes behind the content: one for the file, then one for
 * each seat. */
#define LOCK_AT ((off_t)1 << 30)

/* Who has the lock has it for the time of two system calls. */
#define LOCK_TRIES 2000
#define LOCK_STEP_NS 500000L

static struct flock
range(short type, off_t at, off_t n)
{
	return (struct flock){.l_type = type,
	    .l_whence = SEEK_SET,
	    .l_start = LOCK_AT + at,
	    .l_len = n};
}

static int
set_lock(const struct budget_file *file, short type, off_t at)
{
	struct flock lock = range(type, at, 1);

	return fcntl(file->fd, F_OFD_SETLK, &lock) == 0 ? 0 : -errno;
}

/* One that nobody else can have put there, and nobody else can read. */
static int
check_file(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_set(
		    err, -errno, "%.300s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
		return err_set(
		    err, -EPERM, "%.300s is not a file of ours", path);
	if ((st.st_mode & 077) != 0 && fchmod(fd, 0600) != 0)
		return err_set(
		    err, -errno, "%.300s: %s", path, strerror(errno));
	return 0;
}

/* What is there already is left alone: others may be writing. */
static int
make_room(int fd, off_t size)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return -errno;
	return st.st_size >= size ? 0 : -posix_fallocate(fd, 0, size);
}

int
budget_file_open(const char *path, size_t size, struct budget_file *ret_file,
    struct err *err)
{
	struct budget_file file = {.size = size, .fd = -1};
	int r;

	file.path = strdup(path);
	if (file.path == NULL)
		return err_set(err, -ENOMEM, "out of memory");
	file.fd = open(path,
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
	    0600);
	if (file.fd < 0) {
		r = err_set(err, -errno, "%.300s: %s", path, strerror(errno));
		goto fail;
	}
	r = check_file(file.fd, path, err);
	if (r != 0)
		goto fail;
	r = make_room(file.fd, (off_t)size);
	if (r != 0) {
		r = err_set(err, r, "%.300s: %s", path, strerror(-r));
		goto fail;
	}
	*ret_file = file;
	return 0;

fail:
	budget_file_close(&file);
	return r;
}

void
budget_file_close(struct budget_file *file)
{
	if (file->fd >= 0)
		(void)close(file->fd);
	file->fd = -1;
	free(file->path);
	file->path = NULL;
}

int
budget_file_lock(const struct budget_file *file)
{
	const struct timespec step = {.tv_nsec = LOCK_STEP_NS};

	for (int i = 0; i < LOCK_TRIES; i++) {
		int r = set_lock(file, F_WRLCK, 0);

		if (r != -EAGAIN && r != -EACCES && r != -EINTR)
			return r;
		(void)nanosleep(&step, NULL);
	}
	return -ETIMEDOUT;
}

void
budget_file_unlock(const struct budget_file *file)
{
	(void)set_lock(file, F_UNLCK, 0);
}

int
budget_file_read(const struct budget_file *file, void *ret_data)
{
	struct stat st;
	ssize_t n;

	if (fstat(file->fd, &st) != 0)
		return -errno;
	if (st.st_nlink == 0)
		return -ESTALE;
	n = pread(file->fd, ret_data, file->size, 0);
	if (n < 0)
		return -errno;
	return (size_t)n == file->size ? 0 : -ENODATA;
}

int
budget_file_write(const struct budget_file *file, const void *data)
{
	ssize_t n = pwrite(file->fd, data, file->size, 0);

	if (n < 0)
		return -errno;
	return (size_t)n == file->size ? 0 : -ENOSPC;
}

int
budget_file_sit(
    const struct budget_file *file, unsigned seats, unsigned *ret_seat)
{
	for (unsigned i = 0; i < seats; i++) {
		int r = set_lock(file, F_WRLCK, 1 + (off_t)i);

		if (r == 0)
			*ret_seat = i;
		if (r != -EAGAIN && r != -EACCES)
			return r;
	}
	return -EBUSY;
}

bool
budget_file_is_taken(const struct budget_file *file, unsigned seat)
{
	struct flock lock = range(F_WRLCK, 1 + (off_t)seat, 1);

	/* When nobody can tell, nobody is thrown out. */
	return fcntl(file->fd, F_OFD_GETLK, &lock) != 0 ||
	       lock.l_type != F_UNLCK;
}

unsigned
budget_file_others(const struct budget_file *file, unsigned seats)
{
	struct flock any = range(F_WRLCK, 1, (off_t)seats);
	unsigned n = 0;

	if (fcntl(file->fd, F_OFD_GETLK, &any) != 0 || any.l_type == F_UNLCK)
		return 0;
	for (unsigned i = 0; i < seats; i++)
		n += budget_file_is_taken(file, i);
	return n;
}

static void
remove_old(int folder, const char *name, time_t before)
{
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode) && st.st_mtime < before)
		(void)unlinkat(folder, name, 0);
}

void
budget_file_sweep(const struct budget_file *file, long age_s)
{
	const char *slash = strrchr(file->path, '/');
	const char *name = slash != NULL ? slash + 1 : file->path;
	size_t prefix = strcspn(name, "-") + 1, len = strlen(name);
	char *folder = strndup(slash != NULL ? file->path : ".",
	    slash != NULL ? (size_t)(slash - file->path) : 1);
	DIR *dir = folder != NULL ? opendir(folder) : NULL;
	const struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (strlen(entry->d_name) == len && prefix < len &&
		    strncmp(entry->d_name, name, prefix) == 0 &&
		    strcmp(entry->d_name, name) != 0)
			remove_old(
			    dirfd(dir), entry->d_name, time(NULL) - age_s);
	if (dir != NULL)
		(void)closedir(dir);
	free(folder);
}
