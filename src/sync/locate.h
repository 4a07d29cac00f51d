#ifndef SYNC_LOCATE_H
#define SYNC_LOCATE_H

#include "model/model.h"
#include "trello/remote.h"
#include "util/buf.h"

struct sync;

/**
 * Ask Trello where the file of an attachment is.  The sync thread does, since
 * the credentials and the limits are its own; whoever fetches the file from
 * there needs neither.
 */
struct locating {
	char card[MODEL_ID_SIZE];
	char id[MODEL_ID_SIZE];
	const char *name; /* its last word in the address */
	/** In the sync thread, exactly once: verdict and location are there. */
	void (*resume)(struct locating *locating);
	struct remote_verdict verdict;
	struct buf location; /* the caller wipes it */
	/* The rest is the sync's. */
	struct locating *next;
	struct sync *sync;
	struct remote_request *request;
};

/** From any thread, holding nothing.  *locating must exist until resume is
 * called. */
void sync_locate(struct sync *sync, struct locating *locating);

/* Of the sync thread: begin what was asked for; end it all. */
void locate_run(struct sync *sync, int64_t now_ms);
void locate_end(struct sync *sync);

#endif
