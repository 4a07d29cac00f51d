#ifndef STORE_BOARD_FILE_H
#define STORE_BOARD_FILE_H

#include "store/given.h"

#include "model/model.h"

/**
 * The file `.board.md` of a board: its text is made when somebody asks for it.
 */
#define BOARD_FILE_NAME ".board.md"

/** The head of a board as it is shown: what Trello said, with the journal on
 * top.  board_fini() it.  0, -ENOENT or -errno. */
int board_file_head(struct tx *tx, const char *id, struct board *ret_board);

/** Likewise what it was when a text was given out. */
int board_file_then(const struct given *given, struct board *ret_board);

/** The file of a board's folder; made if there is none yet. */
int board_file_open(
    struct tx *tx, const struct node *folder, struct node *ret_node);

/** As order_is_current(), order_refresh(), order_saved(). */
int board_file_is_current(struct tx *tx, const struct node *file);
int board_file_refresh(struct tx *tx, struct node *file);
int board_file_saved(struct tx *tx, struct node *file, uint64_t writer);

/** Note a text that has both versions of the description: it is made from
 * what the board is now, and what is saved next comes from it. */
int board_file_note(
    struct tx *tx, const struct node *file, const struct buf *text);

/** Write what Trello has of a board anew: all texts of its cards follow. */
int board_file_accept(struct tx *tx, const struct board *board);

#endif
