#include "sync/join.h"

#include "store/base.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Names of folders and places of cards and lists.  Of what has not been sent
 * only the last counts: it becomes part of the making, or of the one before,
 * and where it is what Trello has, both go.
 */

static bool
is_making(const struct entry *entry)
{
	return entry->kind == ENTRY_CARD_CREATE ||
	       entry->kind == ENTRY_LIST_CREATE ||
	       entry->kind == ENTRY_BOARD_CREATE;
}

static bool
is_rename(const struct entry *entry)
{
	return entry->kind == ENTRY_LIST_RENAME ||
	       entry->kind == ENTRY_BOARD_RENAME;
}

/* Labels, members and fields are those of a board: what was done with them on
 * one stays between going there and leaving it. */
static bool
is_of_board(const struct entry *entry)
{
	if (entry->kind != ENTRY_CARD_CHANGE)
		return false;
	switch (entry->change.kind) {
	case CHANGE_LABEL_ADD:
	case CHANGE_LABEL_REMOVE:
	case CHANGE_MEMBER_ADD:
	case CHANGE_MEMBER_REMOVE:
	case CHANGE_FIELD:
		return true;
	default:
		return false;
	}
}

/* The one that takes the new one over, or NULL. */
static const struct entry *
find_taker(const struct entries *entries, const struct entry *now)
{
	bool of_board = false;

	for (size_t i = entries->list.n; i > 0; i--) {
		const struct entry *old = &entries->list.v[i - 1];

		if (is_making(old) || old->kind == now->kind) {
			bool leaves = !is_rename(now) &&
				      strcmp(old->board, now->board) != 0;

			return old->state != ENTRY_NEW || old->held ||
				       (leaves && of_board)
				   ? NULL
				   : old;
		}
		of_board = of_board || is_of_board(old);
	}
	return NULL;
}

struct place {
	char id[MODEL_ID_SIZE]; /* of the list or board */
	double pos;
};

static void
place_of(const struct entry *entry, struct place *ret_place)
{
	(void)snprintf(ret_place->id, MODEL_ID_SIZE, "%s",
	    entry->kind == ENTRY_CARD_MOVE ? entry->list : entry->board);
	ret_place->pos = entry->pos;
}

/* Where the object is without the entry `old`: where an earlier one that is
 * on its way puts it, else where Trello has it. */
static int
place_before(struct tx *tx, const struct entries *entries,
    const struct entry *old, struct place *ret_place)
{
	struct card base;
	int r;

	for (size_t i = entries->list.n; i > 0; i--) {
		const struct entry *earlier = &entries->list.v[i - 1];

		if (earlier->seq >= old->seq || earlier->kind != old->kind ||
		    earlier->state == ENTRY_REFUSED)
			continue;
		place_of(earlier, ret_place);
		return 0;
	}
	if (old->kind != ENTRY_CARD_MOVE)
		return base_list(
		    tx, old->object, ret_place->id, &ret_place->pos);
	r = base_card(tx, old->object, &base);
	if (r != 0)
		return r;
	(void)snprintf(ret_place->id, MODEL_ID_SIZE, "%s", base.id_list);
	ret_place->pos = base.pos;
	card_fini(&base);
	return 0;
}

/* Whether the new one undoes the old one.  1, 0 or -errno. */
static int
is_undone(struct tx *tx, const struct entries *entries, const struct entry *old,
    const struct entry *now)
{
	struct place before, then;
	int r;

	if (is_rename(now))
		return old->old_title != NULL && now->title != NULL &&
		       strcmp(old->old_title, now->title) == 0;
	r = place_before(tx, entries, old, &before);
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	place_of(now, &then);
	return strcmp(before.id, then.id) == 0 &&
	       ((now->kind != ENTRY_CARD_MOVE && now->kind != ENTRY_LIST_POS) ||
		   (before.pos <= then.pos && before.pos >= then.pos));
}

/* All strings are borrowed: nothing of `merged` is freed. */
static int
take_over(struct tx *tx, const struct entry *old, const struct entry *now)
{
	struct entry merged = *old;

	if (is_rename(now)) {
		merged.title = now->title;
	} else {
		memcpy(merged.board, now->board, sizeof merged.board);
		if (now->kind == ENTRY_CARD_MOVE)
			memcpy(merged.list, now->list, sizeof merged.list);
		merged.pos = now->pos;
	}
	if (!is_making(old))
		merged.due_ms = now->due_ms;
	return journal_replace(tx, &merged);
}

int
join_place(struct tx *tx, struct entry *entry)
{
	struct entries entries = {0};
	const struct entry *old;
	int r = journal_of(tx, entry->object, &entries), undone;

	old = r == 0 ? find_taker(&entries, entry) : NULL;
	if (r == 0 && old == NULL) {
		r = journal_add(tx, entry);
	} else if (r == 0) {
		undone =
		    is_making(old) ? 0 : is_undone(tx, &entries, old, entry);
		r = undone < 0	  ? undone
		    : undone != 0 ? journal_remove(tx, old->seq)
				  : take_over(tx, old, entry);
	}
	entries_fini(&entries);
	return r;
}
