#ifndef FS_NOTIFIER_H
#define FS_NOTIFIER_H

#include <stdint.h>

/**
 * The only caller of the kernel's notifications, in a thread of its own: a
 * notification takes the folder's lock, which a request that waits for us may
 * hold, so nobody who answers requests or holds the database may notify.
 */

struct fuse_session;
struct invalidations;
struct notifier;
struct store;

/** 0 or -errno. */
int notifier_new(struct store *store, struct notifier **ret_notifier);

/** Start the thread for a mounted session.  0 or -errno. */
int notifier_start(struct notifier *notifier, struct fuse_session *session);

/**
 * Take the content over; never blocks.  With too many waiting, what the
 * boards' folders hold is forgotten as a whole instead.
 */
void notifier_add(
    struct notifier *notifier, struct invalidations *invalidations);

/** What the boards' folders hold is to be forgotten as a whole. */
void notifier_add_all(struct notifier *notifier);

/** Something to be done when the kernel has been told what was added before;
 * the caller owns the struct until done is called, exactly once, in the
 * notifier's thread, or in the caller's where nothing is told any more. */
struct notifier_after {
	void (*done)(struct notifier_after *after);
	struct notifier_after *next; /* the notifier's */
};
void notifier_then(struct notifier *notifier, struct notifier_after *after);

/**
 * A request that is answered later has the folder's lock: until it is released
 * as often as held, names in it are not told, and nothing else waits for that.
 */
void notifier_hold(struct notifier *notifier, uint64_t folder);
void notifier_release(struct notifier *notifier, uint64_t folder);

/** End the thread, before the session goes: while the kernel is answered, or
 * when it asks no more.  What is not told by then is not told. */
void notifier_stop(struct notifier *notifier);
void notifier_free(struct notifier *notifier);

#endif
