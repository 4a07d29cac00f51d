#ifndef SYNC_WRITTEN_H
#define SYNC_WRITTEN_H

#include "model/model.h"
#include "util/vec.h"

#include <stdbool.h>
#include <stdint.h>

struct store;

/**
 * What Trello has accepted of ours lately.  A reply that was under way then
 * does not know of it, and neither do reads for some seconds after a write (a
 * server may answer from a copy): neither may take it back.
 */
struct written_one {
	char id[MODEL_ID_SIZE];
	int64_t at_ms;	     /* monotonic; when it was accepted */
	int64_t activity_ms; /* a card that shows less is from before */
};

struct written {
	VEC(struct written_one) list;
};

void written_fini(struct written *written);

/** The board, list or card was changed just now.  activity_ms: its own must be
 * that at least; TIME_NONE: that is not known.  Without memory it is
 * forgotten, which costs a look too many. */
void written_note(struct written *written, const char *id, int64_t now_ms,
    int64_t activity_ms);

/** Forget what no reply that was asked for at oldest_ms or later can miss. */
void written_forget(struct written *written, int64_t oldest_ms);

/** Whether a reply that was asked for at asked_ms may lack the last change. */
bool written_after(
    const struct written *written, const char *id, int64_t asked_ms);

/** Whether what is known of a card since asked_ms, when its last change had
 * been accepted, may be from before that: it shows this activity, TIME_NONE:
 * it is not there. */
bool written_before(const struct written *written, const char *id,
    int64_t asked_ms, int64_t activity_ms);

/**
 * A board was asked for at asked_ms, and this came (gathered): lists and cards
 * that were changed since become what the base has of them; those that are
 * there no more are closed.  Lists and cards that it lacks and that are of
 * this board are added to *ret_keep; but (asking) not the cards whose own date
 * can tell, which are asked for by id as what is missing is.  The number of
 * what was touched or added, or -errno.
 */
int written_protect(const struct written *written, struct store *store,
    struct board *board, int64_t asked_ms, bool asking, model_ids *ret_keep);

#endif
