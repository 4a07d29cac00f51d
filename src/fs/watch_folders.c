#include "fs/watch_folders.h"

#include "fs/private.h"
#include "util/buf.h"
#include "util/log.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

void
watch_wake(struct watch *watch)
{
	uint64_t one = 1;

	(void)!write(watch->wake_fd, &one, sizeof one);
}

uint64_t
watch_folder_of(const struct watch *watch, int wd)
{
	for (size_t i = 0; i < watch->folders.n; i++)
		if (watch->folders.v[i].wd == wd)
			return watch->folders.v[i].ino;
	return 0;
}

bool
watch_has_folder(const struct watch *watch, uint64_t folder)
{
	for (size_t i = 0; i < watch->folders.n; i++)
		if (watch->folders.v[i].ino == folder)
			return true;
	return false;
}

void
watch_forget_folder(struct watch *watch, int wd)
{
	for (size_t i = watch->folders.n; i > 0; i--)
		if (watch->folders.v[i - 1].wd == wd)
			watch->folders.v[i - 1] =
			    watch->folders.v[--watch->folders.n];
}

/* Whether the folder will be watched, but is not yet; the lock is held. */
static bool
want_folder(struct watch *watch, uint64_t ino)
{
	uint64_t *slot;

	if (watch->fd < 0 || !watch->started || watch->stopping ||
	    watch_has_folder(watch, ino))
		return false;
	slot = VEC_ADD(&watch->wanted);
	if (slot == NULL)
		return false;
	*slot = ino;
	watch_wake(watch);
	return true;
}

void
watch_folder(struct watch *watch, uint64_t ino)
{
	(void)pthread_mutex_lock(&watch->lock);
	(void)want_folder(watch, ino);
	(void)pthread_mutex_unlock(&watch->lock);
}

void
watch_ready(struct watch *watch, uint64_t ino, watch_ready_fn *fn, void *cookie)
{
	struct waiting *slot = NULL;

	(void)pthread_mutex_lock(&watch->lock);
	if (want_folder(watch, ino))
		slot = VEC_ADD(&watch->waiting);
	if (slot != NULL)
		*slot = (struct waiting){ino, fn, cookie};
	(void)pthread_mutex_unlock(&watch->lock);
	if (slot == NULL)
		fn(cookie);
}

/* Answer who waits for the folder (0: for any). */
void
watch_answer(struct watch *watch, uint64_t ino)
{
	struct waiting one;
	bool found;

	do {
		found = false;
		(void)pthread_mutex_lock(&watch->lock);
		for (size_t i = 0; i < watch->waiting.n && !found; i++) {
			one = watch->waiting.v[i];
			found = ino == 0 || one.ino == ino;
			if (found)
				watch->waiting.v[i] =
				    watch->waiting.v[--watch->waiting.n];
		}
		(void)pthread_mutex_unlock(&watch->lock);
		if (found)
			one.fn(one.cookie);
	} while (found);
}

/* The folder as a path through the mount: looking it up asks ourselves, so
 * only this thread may. */
static int
path_of(struct watch *watch, uint64_t ino, char path[PATH_MAX])
{
	struct buf below = BUF_INIT;
	struct node folder;
	struct tx *tx;
	int r = store_read_brief(watch->fs->store, &tx);

	if (r != 0)
		return r;
	r = node_get(tx, ino, &folder);
	if (r == 0)
		r = node_path(tx, &folder, &below);
	store_end(tx);
	if (r == 0 && snprintf(path, PATH_MAX, "%s/%s", watch->mountpoint,
			  buf_str(&below)) >= PATH_MAX)
		r = -ENAMETOOLONG;
	buf_free(&below);
	return r;
}

static void
add_folder(struct watch *watch, uint64_t ino)
{
	char path[PATH_MAX];
	struct watched *slot;
	int wd;

	if (path_of(watch, ino, path) != 0)
		return;
	wd = inotify_add_watch(watch->fd, path, IN_CLOSE_WRITE | IN_ONLYDIR);
	if (wd < 0) {
		log_info("%s: cannot be watched: %s", path, strerror(errno));
		return;
	}
	(void)pthread_mutex_lock(&watch->lock);
	slot = VEC_ADD(&watch->folders);
	if (slot != NULL)
		*slot = (struct watched){.wd = wd, .ino = ino};
	(void)pthread_mutex_unlock(&watch->lock);
}

void
watch_add_wanted(struct watch *watch)
{
	uint64_t ino = 0;
	bool found, there;

	do {
		(void)pthread_mutex_lock(&watch->lock);
		found = watch->wanted.n > 0;
		if (found)
			ino = watch->wanted.v[--watch->wanted.n];
		there = found && watch_has_folder(watch, ino);
		(void)pthread_mutex_unlock(&watch->lock);
		if (found && !there)
			add_folder(watch, ino);
		if (found)
			watch_answer(watch, ino);
	} while (found);
}
