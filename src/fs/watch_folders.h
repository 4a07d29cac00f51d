#ifndef FS_WATCH_FOLDERS_H
#define FS_WATCH_FOLDERS_H

#include "fs/watch.h"
#include "util/vec.h"

#include <pthread.h>

/* What fs/watch.c and fs/watch_folders.c share: the state of the watches, and
 * which folders are watched. */

struct watched {
	int wd;
	uint64_t ino;
};

/* Who waits for a folder to be watched. */
struct waiting {
	uint64_t ino;
	watch_ready_fn *fn;
	void *cookie;
};

/* `lock` guards what stands below it, and is the last of all locks: who reads
 * the store may take it, who has it waits for nothing.  `reading`, taken before
 * both, is held until what the kernel has told stands in `closed`.  `settling`,
 * the first, is held from when a card is taken out of `closed` until it is
 * settled: who has taken it knows that what was closed before is settled, or
 * stands there.  Who wants to know it of one card waits while it is
 * `current`. */
struct watch {
	struct fs *fs;
	char *mountpoint;
	int fd; /* inotify, -1: there is none; changed with `reading`, too */
	int wake_fd; /* eventfd */
	pthread_t thread;
	bool started;
	pthread_mutex_t settling;
	pthread_mutex_t reading;
	pthread_mutex_t lock;
	pthread_cond_t settled;
	uint64_t current; /* what is being settled, 0: nothing */
	bool told;	  /* the thread knows that something was closed */
	bool stopping;
	VEC(uint64_t) wanted; /* folders to be watched */
	VEC(struct waiting) waiting;
	VEC(struct watched) folders;
	VEC(uint64_t) closed; /* cards */
	VEC(uint64_t) again;  /* cards that were, and could not be settled */
	int64_t lost_ms; /* wall clock: what ended until then was not told */
};

/** Let the thread look. */
void watch_wake(struct watch *watch);

/** The folder of a watch descriptor, 0: none; the lock is held. */
uint64_t watch_folder_of(const struct watch *watch, int wd);

/** Whether the folder is watched; the lock is held. */
bool watch_has_folder(const struct watch *watch, uint64_t folder);

/** The folder has gone; it may come back, and be watched again then.  The lock
 * is held. */
void watch_forget_folder(struct watch *watch, int wd);

/** Watch what is to be watched, and answer who waits for it.  In the thread,
 * as it asks ourselves. */
void watch_add_wanted(struct watch *watch);

/** Answer who waits for the folder (0: for any). */
void watch_answer(struct watch *watch, uint64_t ino);

#endif
