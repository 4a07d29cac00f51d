#ifndef SYNC_CONFIRM_H
#define SYNC_CONFIRM_H

#include "model/model.h"

struct remote;
struct remote_verdict;

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

/**
 * Ask for each of the ids, which are copied; board must live until done.
 * done is called inside remote_run(), once.  0 or -errno.
 */
int confirm_start(struct remote *remote, const struct board *board,
    const model_ids *lists, const model_ids *cards, confirm_fn *done,
    void *cookie, struct confirm **ret_confirm);

/** Forget it. NULL does nothing. */
void confirm_cancel(struct confirm *confirm);

#endif
