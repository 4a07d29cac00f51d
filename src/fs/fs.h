#ifndef FS_FS_H
#define FS_FS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * The mount: answers the kernel from the store.  A FUSE thread never waits;
 * what needs the network is handed to the sync thread, which answers it.
 */

struct err;
struct fs;
struct invalidations;
struct store;
struct sync;
struct zone;

struct fs_options {
	struct store *store; /* outlives the fs, like sync */
	mode_t umask;	     /* taken off 0777 and 0666 */
	bool debug;	     /* log every request of the kernel */
	const struct zone *zone;
	bool writable;	   /* boards, lists, cards may be changed */
	bool sync;	   /* changes wait for Trello\'s answer */
	int64_t settle_ms; /* see sync/settle.h */
	int64_t comment_settle_ms;
	bool allow_delete;
	const char *fuse_options; /* one string of -o, for libfuse */
	/** The mount answers now. */
	void (*ready)(void *cookie);
	void *cookie;
};

/** 0 or -errno. */
int fs_new(const struct fs_options *options, struct fs **ret_fs);

/** Who fetches what is not here; to be set before fs_mount(). */
void fs_set_sync(struct fs *fs, struct sync *sync);

/**
 * Mount on a folder.  A dead mount of this program that a crash left there is
 * taken away first.  0 or -errno with the reason.
 */
int fs_mount(struct fs *fs, const char *mountpoint, struct err *err);

/** Serve until it is unmounted or SIGTERM, SIGINT or SIGHUP come; the sync
 * is stopped before nobody answers the kernel any more. */
int fs_run(struct fs *fs, struct err *err);

/** Stop the sync, if it runs, and unmount. */
void fs_free(struct fs *fs);

/** For struct sync_options: cookie is the fs. From any thread. */
void fs_invalidated(void *cookie, struct invalidations *invalidations);
void fs_rights_turned(void *cookie);

#endif
