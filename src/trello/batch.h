#ifndef TRELLO_BATCH_H
#define TRELLO_BATCH_H

#include "trello/remote.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * Ask for many cards and lists by id in as few requests as possible: ten in
 * one (Trello's GET /batch), a single one by a plain GET.  Where a batch as
 * such is refused or cannot be made sense of, its ids are asked for one by
 * one.
 */
struct batch;

/** What is known of one id. */
struct batch_answer {
	const char *id; /* as it was asked for */
	bool is_list;
	struct remote_verdict verdict; /* of SCOPE_OBJECT or none */
	struct card card; /* as CALL_CARD_BRIEF or CALL_CARD gives it */
	struct list list;
};

/**
 * verdict->err is 0 and every id has its answer: first the lists, then the
 * cards, each in the order of asking; they are freed afterwards.  Or it is the
 * failure that ended it, n is 0 and nothing is known.  The batch is gone.
 */
typedef void batch_fn(void *cookie, const struct remote_verdict *verdict,
    struct batch_answer *answers, size_t n);

struct batch_args {
	struct remote *remote;
	enum remote_priority priority;
	const model_ids *lists, *cards; /* NULL: none */
	bool whole; /* cards with all that is in them, a page of comments */
	batch_fn *done;
	void *cookie;
};

/**
 * The ids are copied.  done is called inside remote_run(), once.  0, -EINVAL
 * (no ids, or one that is none) or -ENOMEM.
 */
int batch_start(const struct batch_args *args, struct batch **ret_batch);

/** Forget it; done is not called.  NULL does nothing. */
void batch_cancel(struct batch *batch);

#endif
