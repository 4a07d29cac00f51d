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

extern const struct given_kind board_file;

/** Write what Trello has of a board anew: all texts of its cards follow. */
int board_file_accept(struct tx *tx, const struct board *board);

#endif
