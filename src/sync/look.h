#ifndef SYNC_LOOK_H
#define SYNC_LOOK_H

#include "trello/board_load.h"

#include <stdbool.h>

struct store;

/**
 * A look at a board: what is open in it now, at the least cost.  A small board
 * is read as a whole.  Of a big one that is in the base first the dates of its
 * cards are asked for, with all that is no card, then the cards that moved (of
 * dateLastActivity Trello's documents and all exports say that it moves with
 * anything in a card), ten a request; with many of them the whole is cheaper.
 */
struct look;

struct look_args {
	struct store *store;
	struct remote *remote;
	const char *id; /* of the board */
	enum remote_priority priority;
	bool whole; /* all of it, whatever its size */
	/* As of board_load_start(). */
	board_load_fn *done;
	void *cookie;
};

/** 0 or -errno. */
int look_start(const struct look_args *args, struct look **ret_look);

/** Raise the priority of all of its requests, also those to come. */
void look_hurry(struct look *look, enum remote_priority priority);

/** Forget it; done is not called.  Not from done.  NULL does nothing. */
void look_cancel(struct look *look);

#endif
