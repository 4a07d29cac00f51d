#include "store/accept.h"

#include "model/model_json.h"
#include "store/archives.h"
#include "store/base.h"
#include "store/former.h"
#include "store/given.h"
#include "store/journal.h"
#include "store/naming.h"
#include "store/notes.h"
#include "store/resettle.h"
#include "store/tx.h"
#include "store/view.h"
#include "util/buf.h"
#include "util/hash.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The news showed what we made before the answer to us came. */
static int
drop_double(struct folder_changes *changes, const char *id)
{
	struct node node;
	int r = node_by_id(changes->tx, id, &node);

	if (r != 0)
		return r == -ENOENT ? 0 : r;
	r = folder_remove(changes, &node);
	if (r == 0)
		r = db_run(changes->tx->db,
		    "UPDATE nodes SET parent = 0 WHERE parent = ?", "i",
		    (int64_t)node.ino);
	return r == 0 ? node_delete(changes->tx, node.ino) : r;
}

static int
note_made(struct tx *tx, const char *id, const char *own_id)
{
	return db_run(tx->db,
	    "INSERT INTO made(id, own_id, at_ms) VALUES(?1, ?2, ?3)"
	    " ON CONFLICT(id) DO NOTHING",
	    "ssi", id, own_id, time_wall_ms());
}

int
accept_id(struct folder_changes *changes, const char *own_id, const char *id)
{
	struct tx *tx = changes->tx;
	int r = drop_double(changes, id);

	if (r == 0)
		r = db_run(tx->db, "UPDATE nodes SET id = ?2 WHERE id = ?1",
		    "ss", own_id, id);
	if (r == 0)
		r = db_run(tx->db,
		    "DELETE FROM boards WHERE id = ?2 AND EXISTS"
		    " (SELECT 1 FROM boards WHERE id = ?1)",
		    "ss", own_id, id);
	if (r == 0)
		r = db_run(tx->db, "UPDATE boards SET id = ?2 WHERE id = ?1",
		    "ss", own_id, id);
	if (r == 0)
		r = journal_rename(tx, own_id, id);
	return r == 0 ? note_made(tx, id, own_id) : r;
}

int
accept_part_id(
    struct tx *tx, const char *card, const char *own_id, const char *id)
{
	int r = journal_rename_part(tx, card, own_id, id);

	return r == 0 ? note_made(tx, id, own_id) : r;
}

int
accept_made(struct tx *tx, const char *id, char ret_own_id[MODEL_ID_SIZE])
{
	sqlite3_stmt *stmt =
	    db_prepare(tx->db, "SELECT own_id FROM made WHERE id = ?");
	int r = db_bind(stmt, "s", id);

	if (r == 0)
		r = db_step(stmt);
	if (r == 1 && ret_own_id != NULL)
		(void)snprintf(ret_own_id, MODEL_ID_SIZE, "%s",
		    (const char *)sqlite3_column_text(stmt, 0));
	db_reset(stmt);
	return r == 1 ? 0 : r == 0 ? -ENOENT : r;
}

int
accept_touched(struct tx *tx, const char *id)
{
	return db_run(
	    tx->db, "UPDATE made SET touched = 1 WHERE id = ?", "s", id);
}

int
accept_made_since(struct tx *tx, const char *id, int64_t since_ms)
{
	int64_t n = 0;
	int r = db_get_int(tx->db, &n,
	    "SELECT count(*) FROM made WHERE id = ? AND at_ms >= ?"
	    " AND NOT touched",
	    "si", id, since_ms);

	return r != 0 ? r : n > 0;
}

int
accept_prune(struct tx *tx, int64_t now_ms)
{
	int r = db_run(tx->db, "DELETE FROM made WHERE at_ms < ?", "i",
	    now_ms - ACCEPT_MADE_KEPT_MS);

	if (r == 0)
		r = db_run(tx->db, "DELETE FROM overwritten WHERE sent_ms < ?",
		    "i", now_ms - ACCEPT_MADE_KEPT_MS);
	if (r == 0)
		r = former_prune(tx, now_ms);
	if (r == 0)
		r = given_prune(tx, now_ms);
	return r == 0 ? notes_prune(tx, now_ms) : r;
}

int
accept_card(struct tx *tx, struct card *card)
{
	struct buf json = BUF_INIT;
	int r = card_gather(card);

	if (r == 0)
		r = card_write(card, &json);
	if (r == 0)
		r = db_run(tx->db,
		    "INSERT INTO cards(id, board, list, pos, title, hash, json)"
		    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"
		    " ON CONFLICT(id) DO UPDATE SET board = ?2, list = ?3,"
		    " pos = ?4, title = ?5, hash = ?6, json = ?7",
		    "sssdsis", card->id, card->id_board, card->id_list,
		    card->pos, model_str(card->name),
		    (int64_t)hash_add(HASH_INIT, json.data, json.len),
		    buf_str(&json));
	buf_free(&json);
	return r;
}

#define SWAP(a, b)                       \
	do {                             \
		__typeof__(a) tmp = (a); \
		(a) = (b);               \
		(b) = tmp;               \
	} while (0)

void
accept_card_members(struct card *card, struct card *reply)
{
	struct card old = *card;

	*card = *reply;
	*reply = old;
	/* What no reply to a change has goes back. */
	SWAP(card->checklists, reply->checklists);
	SWAP(card->attachments, reply->attachments);
	SWAP(card->fields, reply->fields);
	SWAP(card->comments, reply->comments);
	SWAP(card->complete_items, reply->complete_items);
	/* Somebody else may have changed what the reply does not have: the date
	 * by which that is seen stays, too. */
	SWAP(card->activity_ms, reply->activity_ms);
	if (card->short_link == NULL)
		SWAP(card->short_link, reply->short_link);
}

int
accept_card_gone(struct folder_changes *changes, const char *id)
{
	struct node node;
	int r =
	    db_run(changes->tx->db, "DELETE FROM cards WHERE id = ?", "s", id);

	if (r == 0)
		r = node_by_id(changes->tx, id, &node);
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	return folder_remove(changes, &node);
}

static int
cards_of(struct tx *tx, const char *list, model_ids *ret_ids)
{
	sqlite3_stmt *stmt =
	    db_prepare(tx->db, "SELECT id FROM cards WHERE list = ?");
	int r = db_bind(stmt, "s", list);

	while (r == 0 && (r = db_step(stmt)) == 1) {
		struct model_id *slot = VEC_ADD(ret_ids);

		r = slot != NULL ? 0 : -ENOMEM;
		if (r == 0)
			(void)snprintf(slot->s, sizeof slot->s, "%s",
			    (const char *)sqlite3_column_text(stmt, 0));
	}
	db_reset(stmt);
	return r;
}

/* The list's cards are on its board. */
/* Of the board that the list is on now. */
static int
move_card(struct tx *tx, const struct list *list, struct card *card)
{
	struct resettle resettle;
	int r = resettle_open(tx, card->id_board, list->id_board, &resettle);

	if (r == 0)
		r = resettle_card(&resettle, card, NULL);
	/* What its labels are called there a look has to tell, which goes by
	 * this date. */
	if (r == 0 && !resettle_has_all(&resettle.to, card) &&
	    card->activity_ms != TIME_NONE)
		card->activity_ms--;
	resettle_close(&resettle);
	if (r == -ENOENT) {
		(void)snprintf(card->id_board, sizeof card->id_board, "%s",
		    list->id_board);
		r = 0;
	}
	return r == 0 ? accept_card(tx, card) : r;
}

static int
move_cards(struct tx *tx, const struct list *list)
{
	model_ids ids = {0};
	int r = cards_of(tx, list->id, &ids);

	for (size_t i = 0; i < ids.n && r == 0; i++) {
		struct card card;

		r = base_card(tx, ids.v[i].s, &card);
		if (r != 0)
			break;
		if (strcmp(card.id_board, list->id_board) != 0)
			r = move_card(tx, list, &card);
		card_fini(&card);
	}
	VEC_FREE(&ids);
	return r;
}

int
accept_list_now(struct tx *tx, const char *id, struct list *ret_list)
{
	sqlite3_stmt *stmt = db_prepare(
	    tx->db, "SELECT board, pos, title FROM lists WHERE id = ?");
	int r = db_bind(stmt, "s", id);

	*ret_list = (struct list){0};
	if (r == 0)
		r = db_step(stmt);
	if (r == 1) {
		(void)snprintf(ret_list->id, MODEL_ID_SIZE, "%s", id);
		(void)snprintf(ret_list->id_board, MODEL_ID_SIZE, "%s",
		    (const char *)sqlite3_column_text(stmt, 0));
		ret_list->pos = sqlite3_column_double(stmt, 1);
		ret_list->name =
		    strdup((const char *)sqlite3_column_text(stmt, 2));
		r = ret_list->name != NULL ? 0 : -ENOMEM;
	} else if (r == 0) {
		r = -ENOENT;
	}
	db_reset(stmt);
	return r;
}

int
accept_list(struct tx *tx, const struct list *list)
{
	struct buf json = BUF_INIT;
	int r = list_write(list, &json);

	if (r == 0)
		r = db_run(tx->db,
		    "INSERT INTO lists(id, board, pos, title, json)"
		    " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(id) DO UPDATE SET"
		    " board = ?2, pos = ?3, title = ?4, json = ?5",
		    "ssdss", list->id, list->id_board, list->pos,
		    model_str(list->name), buf_str(&json));
	buf_free(&json);
	if (r == 0)
		r = db_run(tx->db,
		    "UPDATE nodes SET pos = ?1 WHERE id = ?2 AND NOT EXISTS"
		    " (SELECT 1 FROM journal WHERE object = ?2 AND kind = ?3"
		    "  AND state = ?4)",
		    "dsii", list->pos, list->id, (int64_t)ENTRY_LIST_POS,
		    (int64_t)ENTRY_NEW);
	return r == 0 ? move_cards(tx, list) : r;
}

static int
leaves(struct tx *tx, const char *card)
{
	int64_t n = 0;
	int r = db_get_int(tx->db, &n,
	    "SELECT EXISTS(SELECT 1 FROM journal WHERE object = ?"
	    " AND kind = ? AND state != ?)",
	    "sii", card, (int64_t)ENTRY_CARD_MOVE, (int64_t)ENTRY_REFUSED);

	return r != 0 ? r : n != 0;
}

static int
archive_with_list(struct folder_changes *changes, const char *card)
{
	int r = leaves(changes->tx, card);

	if (r != 0)
		return r < 0 ? r : 0;
	r = db_run(changes->tx->db,
	    "DELETE FROM journal WHERE object = ? AND kind = ?", "si", card,
	    (int64_t)ENTRY_CARD_ARCHIVE);
	return r == 0 ? accept_card_gone(changes, card) : r;
}

int
accept_list_gone(struct folder_changes *changes, const char *id)
{
	struct tx *tx = changes->tx;
	model_ids ids = {0};
	struct node node;
	int r = cards_of(tx, id, &ids);

	for (size_t i = 0; i < ids.n && r == 0; i++)
		r = archive_with_list(changes, ids.v[i].s);
	VEC_FREE(&ids);
	if (r == 0)
		r = db_run(tx->db, "DELETE FROM lists WHERE id = ?", "s", id);
	if (r == 0)
		r = node_by_id(tx, id, &node);
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	return folder_remove(changes, &node);
}

/* The reply does not tell who is on the board: we are. */
static int
write_made_head(struct tx *tx, const struct board *board, struct buf *head)
{
	struct board with_us = *board, own;
	int r = view_board(tx, board->id, &own);

	if (r != 0 && r != -ENOENT)
		return r;
	if (r == 0 && board->members.n == 0)
		with_us.members = own.members;
	r = board_write_head(&with_us, head);
	board_fini(&own);
	return r;
}

int
accept_board(struct tx *tx, const struct board *board, bool made)
{
	struct buf head = BUF_INIT;
	int r = 0;

	if (made) {
		r = write_made_head(tx, board, &head);
		if (r == 0)
			r = db_run(tx->db,
			    "UPDATE boards SET head = ?2 WHERE id = ?1", "ss",
			    board->id, buf_str(&head));
		buf_free(&head);
	}
	if (r == 0)
		r = db_run(tx->db, "UPDATE boards SET title = ?2 WHERE id = ?1",
		    "ss", board->id, model_str(board->name));
	return r;
}

int
accept_board_opened(struct tx *tx, const char *id, int64_t activity_ms)
{
	return db_run(tx->db,
	    "UPDATE boards SET loaded = 0, listed_ms = ?2, looked_ms = NULL"
	    " WHERE id = ?1",
	    "si", id, activity_ms);
}

int
accept_board_gone(struct folder_changes *changes, const char *id)
{
	struct node node;
	int r = archives_end_board(changes->tx, id);

	if (r == 0)
		r = base_forget_board(changes->tx, id);
	if (r == 0)
		r = node_by_id(changes->tx, id, &node);
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	return folder_remove(changes, &node);
}

int
accept_show_card(struct folder_changes *changes, const char *id, bool rename,
    const struct zone *zone)
{
	struct view_show show = {
	    .zone = zone, .rename = rename, .keep_times = true};
	int r = view_show_card(changes, id, &show);

	return r == -ENOENT ? 0 : r;
}
