#ifndef TRELLO_TWIN_H
#define TRELLO_TWIN_H

#include "trello/remote.h"
#include "util/buf.h"
#include "util/vec.h"

#include <stdint.h>

/**
 * One of two accounts that are told the same things and compared: the ids
 * that each makes get names, so that what both hold can be the same text.
 */

struct twin_name {
	char name[MODEL_ID_SIZE];
	char id[MODEL_ID_SIZE];
};

struct twin {
	struct remote *remote;
	char me[MODEL_ID_SIZE];
	int64_t began_ms; /* what is younger is told as "now" */
	int64_t step_ms;  /* ... or "just now" */
	VEC(struct twin_name) names;
	unsigned n_unnamed;
};

/*
 * A write.  "$name" in id, id2, a value or within json stands for the id that
 * was given that name; "^N:s" for N times s.
 */
struct twin_step {
	const char *as; /* the name of what it makes, or NULL */
	enum remote_call call;
	const char *id, *id2;
	struct remote_param params[10]; /* ends with a NULL key */
	const char *json;
};

void twin_init(struct twin *twin, struct remote *remote);

/** Frees the remote too. */
void twin_fini(struct twin *twin);

/** The id behind a name. */
const char *twin_id(const struct twin *twin, const char *name);

/**
 * Take the step; append the verdict, what the reply holds and then all boards
 * to out.  Returns the HTTP status.
 */
int twin_take(struct twin *twin, const struct twin_step *step, struct buf *out);

/** Append the cards of a list in brief, in their order. */
void twin_list_cards(
    struct twin *twin, const char *id, const char *filter, struct buf *out);

/** Append the changes of a card's description. */
void twin_desc_changes(struct twin *twin, const char *id, struct buf *out);

#endif
