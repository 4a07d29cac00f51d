#include "sync/push.h"

#include "model/model.h"
#include "store/base.h"
#include "store/resettle.h"
#include "store/view.h"
#include "util/buf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/*
 * Labels belong to a board.  Others may move a card, or its list, to another
 * board while a label waits to be added to it: then the label of that name
 * there is meant.
 */

/* 1: the label is not on this board, and another one is none. */
static int
follow(struct tx *tx, const struct board *now, struct entry *entry)
{
	char id[MODEL_ID_SIZE];
	struct board old;
	int r;

	if (entry->kind != ENTRY_CARD_CHANGE ||
	    (entry->change.kind != CHANGE_LABEL_ADD &&
		entry->change.kind != CHANGE_LABEL_REMOVE) ||
	    entry->state != ENTRY_NEW || board_label(now, entry->change.id))
		return 0;
	r = view_board(tx, entry->board, &old);
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	memcpy(id, entry->change.id, sizeof id);
	r = resettle_id(
	    tx, &old, now, entry->change.kind == CHANGE_LABEL_ADD, id);
	if (r == 0) {
		memcpy(entry->change.id, id, sizeof id);
		(void)snprintf(
		    entry->board, sizeof entry->board, "%s", now->id);
		r = journal_replace(tx, entry);
	} else if (r == -ENOENT) {
		r = board_label(&old, id) != NULL;
	}
	board_fini(&old);
	return r;
}

/* The board on which the card is, or will be made. */
static int
board_now(struct tx *tx, const struct step *step, char ret_id[MODEL_ID_SIZE])
{
	char list[MODEL_ID_SIZE];
	double pos;
	int r = 0;

	if (step->call == CALL_CARD_CREATE)
		(void)snprintf(
		    list, sizeof list, "%s", step->group.list.v[0].list);
	else
		r = base_card_place(tx, step->object, list, &pos);
	return r == 0 ? base_list(tx, list, ret_id, &pos) : r;
}

static bool
is_of_board(enum remote_call call)
{
	switch (call) {
	case CALL_CARD_LABEL_ADD:
	case CALL_CARD_LABEL_REMOVE:
	case CALL_CARD_MEMBER_ADD:
	case CALL_CARD_MEMBER_REMOVE:
	case CALL_CARD_FIELD_SET:
		return true;
	default:
		return false;
	}
}

/* The label came along with the card's list, and the board has not been looked
 * at since: what it is called there is not known yet. */
static int
is_unknown(struct tx *tx, const struct card *card, const char *label)
{
	struct board board;
	bool here;
	int r = view_board(tx, card->id_board, &board);

	if (r != 0)
		return r == -ENOENT ? 0 : r;
	here = board_label(&board, label) != NULL;
	board_fini(&board);
	for (size_t i = 0; i < card->id_labels.n && !here; i++)
		if (strcmp(card->id_labels.v[i].s, label) == 0)
			return 1;
	return 0;
}

int
push_waits_for_board(struct tx *tx, const struct step *step)
{
	const struct entry *entry;
	char board[MODEL_ID_SIZE];
	struct card card;
	int r;

	if (step->action != STEP_SEND || !is_of_board(step->call))
		return 0;
	/* What is sent has changes. */
	entry = &step->group.list.v[0];
	r = base_card(tx, step->object, &card);
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	r = resettle_with_list(tx, &card, board);
	if (r == 0)
		r = strcmp(board, entry->board) == 0;
	else if (r == -ENOENT)
		r = step->call == CALL_CARD_LABEL_REMOVE
			? is_unknown(tx, &card, entry->change.id)
			: 0;
	card_fini(&card);
	return r;
}

int
push_follow_labels(struct tx *tx, struct step *step, struct buf *why)
{
	char id[MODEL_ID_SIZE];
	struct board now;
	int missing = 0, r;

	if (step->call != CALL_CARD_CREATE &&
	    step->call != CALL_CARD_LABEL_ADD &&
	    step->call != CALL_CARD_LABEL_REMOVE)
		return 0;
	r = board_now(tx, step, id);
	if (r == 0)
		r = view_board(tx, id, &now);
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	for (size_t i = 0; i < step->group.list.n && r == 0; i++) {
		r = follow(tx, &now, &step->group.list.v[i]);
		missing |= r == 1;
		r = r < 0 ? r : 0;
	}
	/* A card is made all the same. */
	if (r == 0 && missing && step->call == CALL_CARD_LABEL_ADD)
		r = buf_printf(why, "the board \"%s\" has no such label",
		    model_str(now.name));
	board_fini(&now);
	return r;
}
