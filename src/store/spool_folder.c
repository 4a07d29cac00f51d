#include "store/spool_folder.h"

#include "util/vec.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER_END ".uploads"
#define DATABASE_END ".db"
#define NAME_SIZE 32

struct in_memory {
	uint64_t number;
	int fd;
};

struct spool_folder {
	char *path;	      /* NULL: in memory */
	pthread_mutex_t lock; /* of what follows */
	int dir;	      /* -1: not opened yet */
	VEC(struct in_memory) files;
};

struct spool_folder *
spool_folder_new(const char *path)
{
	struct spool_folder *folder = calloc(1, sizeof *folder);
	const size_t end = sizeof DATABASE_END - 1;
	size_t len = path != NULL ? strlen(path) : 0;

	if (folder == NULL)
		return NULL;
	if (len > end && strcmp(path + len - end, DATABASE_END) == 0)
		len -= end;
	if (path != NULL &&
	    asprintf(&folder->path, "%.*s" FOLDER_END, (int)len, path) < 0) {
		free(folder);
		return NULL;
	}
	folder->dir = -1;
	(void)pthread_mutex_init(&folder->lock, NULL);
	return folder;
}

void
spool_folder_free(struct spool_folder *folder)
{
	if (folder == NULL)
		return;
	for (size_t i = 0; i < folder->files.n; i++)
		(void)close(folder->files.v[i].fd);
	VEC_FREE(&folder->files);
	if (folder->dir >= 0)
		(void)close(folder->dir);
	(void)pthread_mutex_destroy(&folder->lock);
	free(folder->path);
	free(folder);
}

void
spool_folder_set_aside(struct spool_folder *folder, const char *aside)
{
	char *name;

	if (asprintf(&name, "%s" FOLDER_END, aside) < 0)
		return;
	(void)rename(folder->path, name);
	free(name);
}

int
spool_folder_in_memory(const struct spool_folder *folder)
{
	return folder->path == NULL;
}

/* The lock is held. */
static int
open_dir(struct spool_folder *folder, bool make)
{
	if (folder->dir >= 0)
		return 0;
	if (make && mkdir(folder->path, 0700) != 0 && errno != EEXIST)
		return -errno;
	folder->dir =
	    open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return folder->dir >= 0 ? 0 : -errno;
}

/* The lock is held. */
static int
open_file(struct spool_folder *folder, uint64_t number, int flags, int *ret_fd)
{
	char name[NAME_SIZE];
	int r = open_dir(folder, (flags & O_CREAT) != 0);

	if (r != 0)
		return r;
	(void)snprintf(name, sizeof name, "%" PRIu64, number);
	*ret_fd =
	    openat(folder->dir, name, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	return *ret_fd >= 0 ? 0 : -errno;
}

/* The lock is held; n: there is none. */
static size_t
find(const struct spool_folder *folder, uint64_t number)
{
	size_t i = 0;

	while (i < folder->files.n && folder->files.v[i].number != number)
		i++;
	return i;
}

/* The lock is held. */
static int
make_in_memory(struct spool_folder *folder, uint64_t number)
{
	int fd = memfd_create("trellofs", MFD_CLOEXEC);
	struct in_memory *slot = fd >= 0 ? VEC_ADD(&folder->files) : NULL;

	if (fd < 0)
		return -errno;
	if (slot == NULL) {
		(void)close(fd);
		return -ENOMEM;
	}
	*slot = (struct in_memory){number, fd};
	return 0;
}

int
spool_folder_make(struct spool_folder *folder, uint64_t number)
{
	int fd, r;

	(void)pthread_mutex_lock(&folder->lock);
	if (folder->path == NULL) {
		r = make_in_memory(folder, number);
	} else {
		r = open_file(folder, number, O_RDWR | O_CREAT | O_TRUNC, &fd);
		if (r == 0)
			(void)close(fd);
	}
	(void)pthread_mutex_unlock(&folder->lock);
	return r;
}

/* The lock is held. */
static int
open_in_memory(struct spool_folder *folder, uint64_t number, int *ret_fd)
{
	size_t i = find(folder, number);

	if (i == folder->files.n)
		return -ENOENT;
	*ret_fd = fcntl(folder->files.v[i].fd, F_DUPFD_CLOEXEC, 0);
	return *ret_fd >= 0 ? 0 : -errno;
}

int
spool_folder_open(struct spool_folder *folder, uint64_t number, int *ret_fd)
{
	int r;

	(void)pthread_mutex_lock(&folder->lock);
	r = folder->path == NULL ? open_in_memory(folder, number, ret_fd)
				 : open_file(folder, number, O_RDWR, ret_fd);
	(void)pthread_mutex_unlock(&folder->lock);
	return r;
}

/* The lock is held. */
static int
remove_file(struct spool_folder *folder, uint64_t number)
{
	char name[NAME_SIZE];
	int r = open_dir(folder, false);

	(void)snprintf(name, sizeof name, "%" PRIu64, number);
	if (r == -ENOENT)
		return 0;
	if (r == 0 && unlinkat(folder->dir, name, 0) != 0 && errno != ENOENT)
		r = -errno;
	return r;
}

int
spool_folder_remove(struct spool_folder *folder, uint64_t number)
{
	size_t i;
	int r = 0;

	(void)pthread_mutex_lock(&folder->lock);
	i = find(folder, number);
	if (folder->path != NULL) {
		r = remove_file(folder, number);
	} else if (i < folder->files.n) {
		(void)close(folder->files.v[i].fd);
		folder->files.v[i] = folder->files.v[--folder->files.n];
	}
	(void)pthread_mutex_unlock(&folder->lock);
	return r;
}
