#include "store/accept.h"

#include "model/model_json.h"
#include "store/archives.h"
#include "store/base.h"
#include "store/former.h"
#include "store/journal.h"
#include "store/naming.h"
#include "store/notes.h"
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
		if (strcmp(card.id_board, list->id_board) != 0) {
			(void)snprintf(card.id_board, sizeof card.id_board,
			    "%s", list->id_board);
			r = accept_card(tx, &card);
		}
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
		r = db_run(tx->db, "UPDATE nodes SET pos = ? WHERE id = ?",
		    "ds", list->pos, list->id);
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

int
accept_board(struct tx *tx, const struct board *board, bool made)
{
	struct buf head = BUF_INIT;
	int r = 0;

	if (made) {
		r = board_write_head(board, &head);
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

/* Bring a folder back to where it belongs, under the name that it had if
 * nobody took it, else under one that its title gives. */
static int
show_folder(struct folder_changes *changes, struct node *old, uint64_t parent,
    const char *title, bool renamed)
{
	struct node node = *old, other;
	int r = node_by_name(changes->tx, parent, old->name, &other);

	if (r != 0 && r != -ENOENT)
		return r;
	node.parent = parent;
	node.ctime_ns = time_wall_ns();
	if (renamed || (r == 0 && other.ino != old->ino)) {
		r = folder_lift(changes, old);
		if (r == 0)
			r = naming_folder(
			    changes->tx, parent, title, old->id, node.name);
		if (r != 0)
			return r;
	}
	return folder_place(changes, old, &node);
}

static int
row_of(sqlite3_stmt *stmt, const char *id, struct buf *ret_title,
    char ret_board[MODEL_ID_SIZE])
{
	int r = db_bind(stmt, "s", id);

	if (r == 0)
		r = db_step(stmt);
	if (r == 1) {
		(void)snprintf(ret_board, MODEL_ID_SIZE, "%s",
		    (const char *)sqlite3_column_text(stmt, 1));
		r = buf_add_str(
		    ret_title, (const char *)sqlite3_column_text(stmt, 0));
	} else if (r == 0) {
		r = -ENOENT;
	}
	db_reset(stmt);
	return r;
}

/* What the journal still says of a list or board: its last title and board,
 * and whether it is to be shown. */
static int
overlay(struct tx *tx, const char *id, struct buf *title,
    char board[MODEL_ID_SIZE], bool *ret_gone)
{
	struct entries entries = {0};
	int r = journal_of(tx, id, &entries);

	*ret_gone = false;
	for (size_t i = 0; i < entries.list.n && r == 0; i++) {
		const struct entry *entry = &entries.list.v[i];

		if (entry->state == ENTRY_REFUSED)
			continue;
		if (entry->kind == ENTRY_LIST_RENAME ||
		    entry->kind == ENTRY_BOARD_RENAME) {
			buf_clear(title);
			r = buf_add_str(title, model_str(entry->title));
		}
		if (entry->kind == ENTRY_LIST_MOVE)
			(void)snprintf(
			    board, MODEL_ID_SIZE, "%s", entry->board);
		*ret_gone |= entry->kind == ENTRY_LIST_ARCHIVE ||
			     entry->kind == ENTRY_BOARD_CLOSE;
	}
	entries_fini(&entries);
	return r;
}

int
accept_show_list(struct folder_changes *changes, const char *id)
{
	struct tx *tx = changes->tx;
	struct buf title = BUF_INIT;
	char board[MODEL_ID_SIZE];
	struct node list, folder;
	bool gone = false;
	int r = row_of(db_prepare(tx->db, "SELECT title, board FROM lists"
					  " WHERE id = ?"),
	    id, &title, board);

	if (r == 0)
		r = overlay(tx, id, &title, board, &gone);
	if (r == 0)
		r = node_by_id(tx, id, &list);
	if (r == 0)
		r = node_by_id(tx, board, &folder);
	if (r == 0 && gone)
		r = folder_remove(changes, &list);
	else if (r == 0 && folder.parent != 0)
		r = show_folder(changes, &list, folder.ino, buf_str(&title),
		    list.parent != 0);
	if (r == 0)
		r = folder_order(changes, folder.ino, NODE_LIST);
	buf_free(&title);
	return r == -ENOENT ? 0 : r;
}

int
accept_show_board(struct folder_changes *changes, const char *id)
{
	struct tx *tx = changes->tx;
	struct buf title = BUF_INIT;
	char same[MODEL_ID_SIZE];
	struct node board;
	bool gone = false;
	int r = row_of(db_prepare(tx->db, "SELECT title, id FROM boards"
					  " WHERE id = ?"),
	    id, &title, same);

	if (r == 0)
		r = overlay(tx, id, &title, same, &gone);
	if (r == 0)
		r = node_by_id(tx, id, &board);
	if (r == 0 && gone)
		r = folder_remove(changes, &board);
	else if (r == 0)
		r = show_folder(changes, &board, NODE_ROOT, buf_str(&title),
		    board.parent != 0);
	buf_free(&title);
	return r == -ENOENT ? 0 : r;
}

void
overwrittens_fini(struct overwrittens *overwrittens)
{
	for (size_t i = 0; i < overwrittens->list.n; i++) {
		free(overwrittens->list.v[i].old);
		free(overwrittens->list.v[i].mine);
	}
	VEC_FREE(&overwrittens->list);
}

int
overwritten_add(struct tx *tx, const struct overwritten *overwritten)
{
	return db_run(tx->db,
	    "INSERT INTO overwritten(card, old, mine, sent_ms)"
	    " SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS(SELECT 1 FROM overwritten"
	    " WHERE card = ?1 AND old = ?2 AND mine = ?3 AND NOT done)",
	    "sssi", overwritten->card, model_str(overwritten->old),
	    model_str(overwritten->mine), overwritten->sent_ms);
}

int
overwritten_done(struct tx *tx, const char *card, const char *mine)
{
	return db_run(tx->db,
	    "UPDATE overwritten SET done = 1 WHERE card = ? AND mine = ?", "ss",
	    card, model_str(mine));
}

static int
add_overwritten(sqlite3_stmt *stmt, struct overwrittens *overwrittens)
{
	struct overwritten *one = VEC_ADD(&overwrittens->list);

	if (one == NULL)
		return -ENOMEM;
	one->num = sqlite3_column_int64(stmt, 0);
	(void)snprintf(one->card, sizeof one->card, "%s",
	    (const char *)sqlite3_column_text(stmt, 1));
	one->old = strdup((const char *)sqlite3_column_text(stmt, 2));
	one->mine = strdup((const char *)sqlite3_column_text(stmt, 3));
	one->sent_ms = sqlite3_column_int64(stmt, 4);
	one->done = sqlite3_column_int(stmt, 5) != 0;
	return one->old != NULL && one->mine != NULL ? 0 : -ENOMEM;
}

int
overwritten_next(struct tx *tx, struct overwrittens *ret_overwrittens)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT num, card, old, mine, sent_ms, done FROM overwritten"
	    " WHERE card = (SELECT card FROM overwritten WHERE done"
	    "  ORDER BY num LIMIT 1) ORDER BY num");
	struct overwrittens all = {0};
	int r = stmt != NULL ? 0 : -EIO;

	while (r == 0 && (r = db_step(stmt)) == 1)
		r = add_overwritten(stmt, &all);
	db_reset(stmt);
	if (r == 0 && all.list.n == 0)
		r = -ENOENT;
	if (r == 0)
		*ret_overwrittens = all;
	else
		overwrittens_fini(&all);
	return r;
}

int
overwritten_remove(struct tx *tx, const struct overwrittens *overwrittens)
{
	int r = 0;

	for (size_t i = 0; i < overwrittens->list.n && r == 0; i++)
		r = db_run(tx->db, "DELETE FROM overwritten WHERE num = ?", "i",
		    overwrittens->list.v[i].num);
	return r;
}
