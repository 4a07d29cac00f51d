#ifndef SYNC_DOWNLOADS_PRIVATE_H
#define SYNC_DOWNLOADS_PRIVATE_H

#include "store/cache.h"
#include "sync/downloads.h"
#include "sync/locate.h"
#include "trello/storage.h"
#include "util/vec.h"

#include <pthread.h>
#include <sys/queue.h>

/*
 * What the thread (downloads_thread.c) and its transfers (pieces.c) share.  The thread
 * changes everything; what others read or add to stands behind the lock, and is
 * changed while that is held.  Nothing is called with it held that may call
 * back or block, but for the cache's own small files.
 */

struct piece;

/* A file somebody reads, or has read a moment ago. */
struct download {
	LIST_ENTRY(download) entry;
	struct downloads *downloads;
	struct download_file file; /* its strings are ours */

	/* Others look at these, or change them: under the lock. */
	struct cached *cached;	     /* NULL: it is to be opened */
	struct download_wait *waits; /* oldest first */
	int64_t used_ms;	     /* monotonic; when it was read last */
	int64_t read_end;	     /* and up to where */
	bool paused;		     /* more would come, if it is read on */

	/* The thread's own. */
	struct locating locating;
	bool asked;	     /* Trello, where it is */
	bool answered;	     /* under the lock: and it has answered */
	bool own;	     /* Trello's own address: it has to be asked */
	char *location;	     /* where it is; NULL: Trello has to be asked */
	bool fresh;	     /* nothing has been had from there yet */
	bool no_ranges;	     /* the server begins at the beginning, always */
	unsigned generation; /* of the content: what comes of another one is
				of no use */
	LIST_HEAD(, piece) pieces;
	unsigned n_pieces;
	int64_t progress_ms; /* monotonic; when bytes came last */
	int64_t farthest;    /* up to where any came */
	unsigned failures;   /* since then */
	int64_t retry_at_ms;
	int64_t failed_ms; /* when it was given up; 0: it was not */
	int error;	   /* by which, */
	char why[300];	   /* and why */
	bool told;	   /* that is among the failures */
};

/* Why a file could not be read. */
struct failure {
	char id[MODEL_ID_SIZE];
	char text[300];
};
#define FAILURES_MAX 64

struct downloads {
	struct sync *sync;
	struct storage *storage;
	char *folder;
	int64_t max_bytes;
	pthread_t thread;
	bool started;
	bool full; /* it was told that the disk is */
	unsigned n_pieces;

	pthread_mutex_t lock; /* of the rest */
	bool stopping;
	struct cache *cache; /* NULL: it is to be opened */
	LIST_HEAD(, download) list;
	unsigned n;
	struct failure failures[FAILURES_MAX]; /* a ring */
	size_t next_failure;
};

/* downloads.c */

/** With the lock: whether nobody waits and nothing comes. */
bool download_is_idle(const struct download *download);
void download_free(struct download *download);

/** With the lock: why it could not be read, NULL: it could. */
struct failure *downloads_failure(struct downloads *downloads, const char *id);

/* downloads_thread.c */

void *downloads_main(void *downloads);

/** It cannot be had, for now: err, and why.  With or without the lock. */
void download_fail(struct download *download, int err, const char *why);

/** Nothing of what is there is of any use.  Without the lock; 0 or -errno. */
int download_begin_again(struct download *download);

/** Likewise, since it is another file now; who has read of the other one is
 * told: -EIO. */
int download_changed(struct download *download);

/* pieces.c: transfers of a part of a file */

/** With the lock: whether bytes will come soon from this offset on, which is
 * missing; up to `end`, then. */
bool pieces_cover(struct download *download, int64_t offset, int64_t end);

/** Likewise see to it that they do, as far as there is room for one more.  It
 * is known where the file is. */
void pieces_want(struct download *download, int64_t offset, int64_t end);

/** When bytes came last of what will bring those from this offset on; 0:
 * never. */
int64_t pieces_progress_ms(const struct download *download, int64_t offset);

/** Whether more would come, if it was read. */
bool pieces_paused(const struct download *download);

/** With the lock: somebody has read up to here. */
void pieces_read_on(struct download *download, int64_t end);

/** With the lock: end those that nobody reads. */
void pieces_end_idle(struct download *download, int64_t now_ms);
void pieces_end_all(struct download *download);

/** Without the lock: go on with those that waited to be read. */
void pieces_resume(struct download *download);

#endif
