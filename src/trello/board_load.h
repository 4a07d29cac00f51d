#ifndef TRELLO_BOARD_LOAD_H
#define TRELLO_BOARD_LOAD_H

#include "trello/remote.h"

/**
 * One whole board, or one whole card, as a single question to a struct
 * remote: CALL_BOARD, then further pages of comments while a page is full;
 * where the board is too big or too slow for one request, its parts, each in
 * pages.  Everything that is open is there at the end, however much it is.
 */

struct board_load;
struct card_load;

/**
 * How it ended: verdict->err is 0 and board is complete (board_gather() was
 * called), or the first thing that went wrong and NULL.  To keep the board,
 * copy the struct and call board_init() on *board; what is left in it is
 * freed.  Called once, inside remote_run(); the load is gone afterwards.
 */
typedef void board_load_fn(
    void *cookie, const struct remote_verdict *verdict, struct board *board);

/** Begin.  id (or shortLink) is copied.  0, -EINVAL or -ENOMEM. */
int board_load_start(struct remote *remote, const char *id,
    enum remote_priority priority, board_load_fn *done, void *cookie,
    struct board_load **ret_load);

/** The same for what is archived on it: its archived lists, its archived
 * cards, and all other cards where there are archived lists, among which are
 * those in them; in pages. */
int archive_load_start(struct remote *remote, const char *id,
    enum remote_priority priority, board_load_fn *done, void *cookie,
    struct board_load **ret_load);

/** Raise the priority of all of its requests, also those to come. */
void board_load_hurry(struct board_load *load, enum remote_priority priority);

/** Forget it; done is not called.  Not from done.  NULL does nothing. */
void board_load_cancel(struct board_load *load);

/** The same for a card with all its comments; *card likewise, card_init(). */
typedef void card_load_fn(
    void *cookie, const struct remote_verdict *verdict, struct card *card);
int card_load_start(struct remote *remote, const char *id,
    enum remote_priority priority, card_load_fn *done, void *cookie,
    struct card_load **ret_load);
void card_load_hurry(struct card_load *load, enum remote_priority priority);
void card_load_cancel(struct card_load *load);

#endif
