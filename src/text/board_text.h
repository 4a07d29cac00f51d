#ifndef TEXT_BOARD_TEXT_H
#define TEXT_BOARD_TEXT_H

#include "model/model.h"

#include <stddef.h>

struct buf;
struct text_error;

/**
 * The text of `.board.md`: front matter with the board's address, its labels,
 * each as `name (colour)`, and its members; then its description.  Its rev is a
 * hash over all else, as a card's.  Pure.
 */

/* The word for a label without a colour. */
#define BOARD_TEXT_NO_COLOR "none"

/** Append the text of a board.  0 or out->err. */
int board_text_format(const struct board *board, struct buf *out);

/* What a text says. */
struct board_edit {
	char *desc;
	bool has_labels; /* it says which there are to be */
	/* Those that there are to be; id: which of the old ones, "" if new. */
	VEC(struct label) labels;
	model_ids removed; /* the old ones that are left out */
};
void board_edit_fini(struct board_edit *edit);

/**
 * Read a text that was made from what `then` is.  Labels are the same if their
 * words are, else if their name is, else if they stand in the same place
 * between others.  A text without front matter is a description only.
 * 0; -EINVAL or -EFBIG with ret_error; -ENOMEM.
 */
int board_text_parse(const char *text, size_t len, const struct board *then,
    struct board_edit *ret_edit, struct text_error *ret_error);

#endif
