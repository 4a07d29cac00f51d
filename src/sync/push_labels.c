#include "sync/push.h"

#include "model/model.h"
#include "store/base.h"
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

/* By its name and colour, or by its name alone if it has one. */
static const struct label *
same_label(const struct board *board, const struct label *label)
{
	const struct label *found = NULL;

	for (size_t i = 0; i < board->labels.n; i++) {
		const struct label *one = &board->labels.v[i];

		if (strcmp(model_str(one->name), model_str(label->name)) != 0)
			continue;
		if (strcmp(one->color, label->color) == 0)
			return one;
		if (found == NULL && model_str(label->name)[0] != '\0')
			found = one;
	}
	return found;
}

/* 1: the label is not on this board, and another one is none. */
static int
follow(struct tx *tx, const struct board *now, struct entry *entry)
{
	const struct label *label, *same;
	struct board old;
	int r;

	if (entry->kind != ENTRY_CARD_CHANGE ||
	    entry->change.kind != CHANGE_LABEL_ADD ||
	    entry->state != ENTRY_NEW || board_label(now, entry->change.id))
		return 0;
	r = view_board(tx, entry->board, &old);
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	label = board_label(&old, entry->change.id);
	same = label != NULL ? same_label(now, label) : NULL;
	if (same != NULL) {
		(void)snprintf(
		    entry->change.id, sizeof entry->change.id, "%s", same->id);
		(void)snprintf(
		    entry->board, sizeof entry->board, "%s", now->id);
		r = journal_replace(tx, entry);
	} else if (label != NULL) {
		r = 1;
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

int
push_follow_labels(struct tx *tx, struct step *step, struct buf *why)
{
	char id[MODEL_ID_SIZE];
	struct board now;
	int missing = 0, r;

	if (step->call != CALL_CARD_CREATE && step->call != CALL_CARD_LABEL_ADD)
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
