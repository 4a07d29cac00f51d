#include "sync/push.h"

#include "store/archived.h"
#include "store/base.h"
#include "store/view.h"

#include <errno.h>

bool
push_is_return(enum entry_kind kind)
{
	return kind == ENTRY_CARD_RESTORE || kind == ENTRY_CARD_DELETE ||
	       kind == ENTRY_LIST_RESTORE || kind == ENTRY_BOARD_REOPEN;
}

/* It is not to be back any more: its archive shows it when it is asked. */
static int
take_away(struct folder_changes *changes, const struct entry *entry)
{
	struct node node;
	int r = archived_forget_state(
	    changes->tx, entry->kind == ENTRY_BOARD_REOPEN ? "" : entry->board);

	if (r == 0 && entry->kind == ENTRY_BOARD_REOPEN)
		r = base_forget_board(changes->tx, entry->object);
	if (r == 0)
		r = node_by_id(changes->tx, entry->object, &node);
	if (r == 0)
		r = folder_remove(changes, &node);
	return r == -ENOENT ? 0 : r;
}

static bool
is_wanted(struct tx *tx, const struct entry *entry)
{
	struct entries entries = {0};
	bool wanted = false;

	(void)journal_of(tx, entry->object, &entries);
	for (size_t i = 0; i < entries.list.n; i++)
		wanted |= entries.list.v[i].kind == entry->kind &&
			  entries.list.v[i].state != ENTRY_REFUSED;
	entries_fini(&entries);
	return wanted;
}

int
push_show_return(struct sync *sync, struct folder_changes *changes,
    const struct entry *entry)
{
	const struct view_show how = {.zone = sync->zone};
	int r;

	if (entry->kind == ENTRY_CARD_DELETE)
		return archived_forget_state(changes->tx, entry->board);
	if (!is_wanted(changes->tx, entry))
		return take_away(changes, entry);
	r = entry->kind == ENTRY_CARD_RESTORE
		? view_show_card(changes, entry->object, &how)
		: 0;
	return r == -ENOENT ? 0 : r;
}

int
push_take_returned(struct tx *tx, const char *id, struct card *ret_card)
{
	int r = archived_card(tx, id, ret_card);

	if (r != 0)
		return r;
	ret_card->closed = false;
	r = archived_forget(tx, id);
	if (r != 0)
		card_fini(ret_card);
	return r;
}

int
push_take_returned_cards(struct tx *tx, const char *list)
{
	model_ids ids = {0};
	int r = archived_cards_of(tx, list, &ids);

	for (size_t i = 0; i < ids.n && r == 0; i++) {
		struct card card;

		r = push_take_returned(tx, ids.v[i].s, &card);
		if (r == 0) {
			r = accept_card(tx, &card);
			card_fini(&card);
		}
		r = r == -ENOENT ? 0 : r;
	}
	VEC_FREE(&ids);
	return r;
}
