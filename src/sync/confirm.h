#ifndef SYNC_CONFIRM_H
#define SYNC_CONFIRM_H

#include "model/model.h"

struct remote;
struct remote_verdict;
struct written;

/**
 * Ask by id for lists and cards that a board's reply lacked: a read right
 * after a write can be old, and what is missing once may not be gone.
 */
struct confirm;

/**
 * verdict->err is 0 and `keep` has what is still open on this board, in an
 * open list; or nothing is known.  The confirm is gone afterwards.
 */
typedef void confirm_fn(
    void *cookie, const struct remote_verdict *verdict, const model_ids *keep);

struct confirm_args {
	struct remote *remote;
	const struct board *board; /* the reply; it must live until done */
	int64_t asked_ms;	   /* for the board; monotonic */
	/* Likewise: of a card that was changed lately an answer may be from
	 * before that, and says nothing; the card is kept. */
	const struct written *written;
	const model_ids *lists, *cards; /* copied */
	confirm_fn *done;
	void *cookie;
};

/** Ask for each of the ids.  done is called inside remote_run(), once.  0 or
 * -errno. */
int confirm_start(
    const struct confirm_args *args, struct confirm **ret_confirm);

/** Forget it. NULL does nothing. */
void confirm_cancel(struct confirm *confirm);

#endif
