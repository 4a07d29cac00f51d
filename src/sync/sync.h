#ifndef SYNC_SYNC_H
#define SYNC_SYNC_H

#include "model/model.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * The sync thread: the only one that talks to Trello.  It keeps the store up
 * to date, and answers who waits for a board's content.
 */

struct buf;
struct credentials;
struct downloads;
struct err;
struct invalidations;
struct remote;
struct store;
struct sync;
struct zone;

/* No wait of a file operation is longer. */
#define SYNC_WAIT_MS 10000

struct sync_options {
	struct store *store; /* outlives the sync, like the next two */
	struct remote *remote;
	struct downloads *downloads; /* likewise; NULL: nothing can be read */
	const struct zone *zone;
	int refresh_s;		 /* seconds between polls; 0: never again */
	const char *api_url;	 /* what the store belongs to; "" for none */
	const char *fingerprint; /* of the credentials, "" for none: the same
				  * as last time need not be checked first */
	const char *profile;
	/* What was to be made and whose answer was lost is looked for so long
	 * before it is sent again. */
	int64_t lost_wait_ms;
	/** After a commit: what the kernel must forget.  Takes the content.
	 * Called in the sync thread, holding nothing; must not block. */
	void (*invalidated)(void *cookie, struct invalidations *invalidations);
	/** What may be changed has turned: the kernel must forget all modes.
	 * As above.  NULL: nobody listens. */
	void (*rights_turned)(void *cookie);
	void *cookie;
	/** The credentials were refused, once more: whoever can have others
	 * brings them by sync_renew().  In the sync thread; must not block.
	 * NULL: nobody can. */
	void (*refused)(void *cookie);
	void *refused_cookie;
};

/** The strings are copied.  0 or -errno; free with sync_free(). */
int sync_new(const struct sync_options *options, struct sync **ret_sync);

/**
 * Before the mount: make sure that the root can be listed.  With boards known
 * and credentials that were used before nothing is asked; otherwise who we
 * are and which boards there are, within SYNC_WAIT_MS each.  Credentials of
 * another account than the store's are -EPERM.  Without network but with
 * boards known it is 0.
 */
int sync_prepare(struct sync *sync, struct err *err);

/** Start the thread; from here on functions below may be called. */
int sync_start(struct sync *sync, struct err *err);

/** End the thread; who waits gets -ENETUNREACH.  NULL does nothing. */
void sync_stop(struct sync *sync);
void sync_free(struct sync *sync);

/**
 * A request that waits for the content of a board, or of a `.archive`.  The caller owns the
 * struct until resume is called, which happens exactly once, in the sync
 * thread: err is 0 (it is there now), -EINTR, -ENETUNREACH (no answer in
 * SYNC_WAIT_MS), -ENOENT (no such board any more), or why it cannot be had.
 */
struct sync_wait {
	uint64_t board_ino;
	uint64_t archive_ino; /* or of a `.archive`; 0: of the board */
	void (*resume)(struct sync_wait *wait, int err);
	/* The rest is the sync's. */
	struct sync_wait *next;
	int64_t since_ms;
	bool interrupted;
};

/** Begin to wait; from any thread, holding nothing. */
void sync_wait_board(struct sync *sync, struct sync_wait *wait);

/** End the wait soon with -EINTR; it may be over already, but *wait must
 * still exist.  From any thread. */
void sync_wait_interrupt(struct sync *sync, struct sync_wait *wait);

/**
 * Go on with these credentials, which are of the account that the store
 * belongs to.  From any thread; they are copied.  0 or -ENOMEM.
 */
int sync_renew(struct sync *sync, const struct credentials *credentials,
    const char *fingerprint);

/** What is uploaded to cards, read; NULL: it cannot be had. */
struct downloads *sync_downloads(struct sync *sync);

/** Look at once whether there is something to do.  From any thread. */
void sync_wakeup(struct sync *sync);

/** There may be something to send, now or later: looked at soon.  From any
 * thread. */
void sync_changed(struct sync *sync);

/**
 * Before unmounting: send what is there for at most SYNC_WAIT_MS, and wait for
 * it, in a thread that may block.  Nothing is tried while Trello is known not
 * to answer.  sync_stop() then waits for the answers to what is still under
 * way, until the same time, and the log says how much is left.
 */
void sync_flush(struct sync *sync);

/** The texts of .trellofs/status and .trellofs/requests; from any thread.
 * 0 or -errno. */
int sync_status_text(struct sync *sync, struct buf *out);
int sync_requests_text(struct sync *sync, struct buf *out);

/** And of events: what others did, the last megabyte of it. */
int sync_events_text(struct sync *sync, struct buf *out);

/** A line of problems for as long as it is not "": what was asked for last
 * below search, and why it is no query. */
void sync_set_search_error(struct sync *sync, const char *line);

/** And of pending (a line a change: number, age in seconds, tries, what,
 * path) and problems (a line a problem: path, what, why). */
int sync_pending_text(struct sync *sync, struct buf *out);
int sync_problems_text(struct sync *sync, struct buf *out);

/** Whether the account's rights allow no changes; and whether, as an
 * observer, none of what is in this board's or list's folder.  From any
 * thread. */
bool sync_read_only(struct sync *sync);
bool sync_observed(struct sync *sync, uint64_t ino);

#endif
