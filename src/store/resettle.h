#ifndef STORE_RESETTLE_H
#define STORE_RESETTLE_H

#include "model/model.h"

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct card_change;
struct tx;

/**
 * A card on another board: what Trello makes of it there, before it has said
 * so.  Labels are those of that board that have the same name and colour; one
 * that the board has not comes along, and is made there.  Members and custom
 * fields that the board has not stay behind.
 */
struct resettle {
	struct tx *tx;
	struct board from, to; /* their heads */
};

/** From one board to another, by their ids.  0, -ENOENT or -errno; end it
 * with resettle_close() in either case. */
int resettle_open(struct tx *tx, const char *from, const char *to,
    struct resettle *ret_resettle);
void resettle_close(struct resettle *resettle);

/** Take the card over: it has no card that is of `from` alone but labels that
 * come along, by the ids that they have there.  What stays behind is added to
 * `left`, if that is not NULL: "member bob", a line each, each line once.  0 or
 * -errno. */
int resettle_card(
    const struct resettle *resettle, struct card *card, struct buf *left);

/** The label of `to` that this one of another board is there: by name and
 * colour.  NULL: there is none. */
const struct label *resettle_label(
    const struct board *to, const struct label *label);

/** Write into id what a label that was one of `from` (NULL: of any board) is
 * called on `to`, if it is not there as it is: one of that name and colour, or
 * else (by_name) the first of that name.  0; -ENOENT: there is none. */
int resettle_id(struct tx *tx, const struct board *from, const struct board *to,
    bool by_name, char id[MODEL_ID_SIZE]);

/** The same of a change of labels that was made when the card was on the board
 * `on`; others stay as they are.  0 or -errno. */
int resettle_change(struct tx *tx, const char *on, const char *board,
    struct card_change *change);

/** Whether the board has all labels of the card: none came along. */
bool resettle_has_all(const struct board *board, const struct card *card);

/** Give the head of a card's board the labels that come along with it, for
 * its text.  0 or -errno. */
int resettle_board(struct tx *tx, const struct card *card, struct board *board);

/** The same of a head as JSON, for a card as JSON.  0 or -errno. */
int resettle_head(struct tx *tx, const char *card, struct buf *head);

/** The board that the card's list is on its way to, and the card with it,
 * since it goes nowhere itself.  0, -ENOENT or -errno. */
int resettle_with_list(
    struct tx *tx, const struct card *card, char ret_board[MODEL_ID_SIZE]);

/** Say in .trellofs/problems what a card, or the cards of a list, left behind
 * on the way to this board; or, if nothing, no longer.  0 or -errno. */
int resettle_tell(
    struct tx *tx, uint64_t ino, const char *board, const struct buf *left);

#endif
