#include "sync/push.h"

#include "store/accept.h"
#include "store/board_file.h"
#include "store/journal.h"
#include "store/notes.h"
#include "store/resettle.h"
#include "store/view.h"
#include "util/buf.h"

#include <errno.h>
#include <string.h>

/* What Trello made of a card on its way to another board. */

/* The labels of the reply that the board has not: it has made them. */
static int
add_labels(struct tx *tx, const struct card *reply, struct board *board)
{
	bool added = false;
	int r = 0;

	for (size_t i = 0; i < reply->labels.n && r == 0; i++) {
		const struct label *label = &reply->labels.v[i];
		struct label *slot;

		if (label->id[0] == '\0' || board_label(board, label->id))
			continue;
		slot = VEC_ADD(&board->labels);
		r = slot != NULL ? label_copy(label, slot) : -ENOMEM;
		if (r != 0 && slot != NULL)
			board->labels.n--;
		added = true;
	}
	if (r == 0 && added)
		r = board_gather(board);
	return r == 0 && added ? board_file_accept(tx, board) : r;
}

/* A label that came along has an id of its own there. */
static int
rename_labels(const struct resettle *resettle, const struct card *card)
{
	int r = 0;

	for (size_t i = 0; i < card->id_labels.n && r == 0; i++) {
		const char *old = card->id_labels.v[i].s;
		char id[MODEL_ID_SIZE];

		memcpy(id, old, sizeof id);
		r = resettle_id(
		    resettle->tx, &resettle->from, &resettle->to, false, id);
		if (r == 0 && strcmp(id, old) != 0)
			r = journal_rename_label(
			    resettle->tx, card->id, old, id);
		r = r == -ENOENT ? 0 : r;
	}
	return r;
}

int
push_accept_board(struct tx *tx, struct card *card, const char *board,
    const struct card *reply)
{
	struct resettle resettle;
	int r;

	if (board[0] == '\0' || strcmp(card->id_board, board) == 0)
		return 0;
	r = resettle_open(tx, card->id_board, board, &resettle);
	if (r == 0 && reply != NULL)
		r = add_labels(tx, reply, &resettle.to);
	if (r == 0)
		r = rename_labels(&resettle, card);
	if (r == 0)
		r = resettle_card(&resettle, card, NULL);
	resettle_close(&resettle);
	return r == -ENOENT ? 0 : r;
}

/* Another move may stand. */
static bool
is_moving(struct tx *tx, const char *card)
{
	struct entries entries = {0};
	bool moving = false;

	(void)journal_of(tx, card, &entries);
	for (size_t i = 0; i < entries.list.n; i++)
		moving |= entries.list.v[i].kind == ENTRY_CARD_MOVE &&
			  entries.list.v[i].state != ENTRY_REFUSED;
	entries_fini(&entries);
	return moving;
}

int
push_forget_left(struct folder_changes *changes, const struct entry *entry)
{
	struct node node;
	int r;

	if (entry->kind != ENTRY_CARD_MOVE ||
	    is_moving(changes->tx, entry->object))
		return 0;
	r = node_by_id(changes->tx, entry->object, &node);
	if (r == 0)
		r = note_clear(changes->tx, node.ino, "");
	return r == -ENOENT ? 0 : r;
}
