#include "store/archived.h"

#include "model/ids.h"
#include "model/model_json.h"
#include "store/journal.h"
#include "store/tx.h"
#include "util/timeutil.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdio.h>

/* What has just been fetched, or tried, is looked at as it is. */
#define FRESH_MS 2000
/* Nothing tells when a board is closed. */
#define FRESH_BOARDS_MS 5000

int
archived_open(struct tx *tx, const struct node *folder, struct node *ret_dir)
{
	struct node dir = {.kind = NODE_ARCHIVE,
	    .parent = folder->ino,
	    .name = ARCHIVE_NAME,
	    .mode = -1,
	    .uid = -1,
	    .gid = -1};
	int r = node_by_name(tx, folder->ino, ARCHIVE_NAME, ret_dir);

	if (r != -ENOENT)
		return r;
	dir.mtime_ns = dir.ctime_ns = time_wall_ns();
	r = node_add_local(tx, &dir);
	if (r == 0)
		*ret_dir = dir;
	return r;
}

int
archived_state(
    struct tx *tx, const struct node *dir, struct archived_state *ret_state)
{
	struct archived_state state = {.known = false};
	sqlite3_stmt *stmt;
	struct node folder;
	int64_t since_ms, fresh_ms;
	int r = node_get(tx, dir->parent, &folder);

	if (r != 0)
		return r;
	if (folder.kind == NODE_BOARD)
		(void)snprintf(
		    state.board, sizeof state.board, "%s", folder.id);
	(void)db_get_int(tx->db, &state.listed_ms,
	    "SELECT listed_ms FROM boards WHERE id = ?", "s", state.board);
	stmt = db_prepare(
	    tx->db, "SELECT listed_ms, at_ms FROM archives WHERE ino = ?");
	r = db_bind(stmt, "i", (int64_t)dir->ino);
	if (r == 0)
		r = db_step(stmt);
	if (r == 1) {
		since_ms = time_wall_ms() - sqlite3_column_int64(stmt, 1);
		fresh_ms = state.board[0] != '\0' ? FRESH_MS : FRESH_BOARDS_MS;
		state.known = true;
		state.fresh =
		    (since_ms >= 0 && since_ms < fresh_ms) ||
		    (state.board[0] != '\0' &&
			sqlite3_column_int64(stmt, 0) == state.listed_ms);
	}
	db_reset(stmt);
	if (r >= 0)
		*ret_state = state;
	return r < 0 ? r : 0;
}

int
archived_tried(struct store *store, uint64_t dir)
{
	struct tx *tx;
	int r = store_write(store, &tx);

	if (r != 0)
		return r;
	r = db_run(tx->db, "UPDATE archives SET at_ms = ? WHERE ino = ?", "ii",
	    time_wall_ms(), (int64_t)dir);
	if (r == 0)
		return store_commit(tx);
	store_end(tx);
	return r;
}

int
archived_forget_state(struct tx *tx, const char *board)
{
	return db_run(tx->db,
	    "UPDATE archives SET listed_ms = 0, at_ms = 0 WHERE ino IN"
	    " (SELECT a.ino FROM nodes a JOIN nodes b ON a.parent = b.ino"
	    "  WHERE a.kind = ?1 AND b.id = ?2)"
	    " OR (?2 = '' AND ino IN (SELECT ino FROM nodes WHERE parent = ?3"
	    "  AND kind = ?1))",
	    "isi", (int64_t)NODE_ARCHIVE, board, (int64_t)NODE_ROOT);
}

void
archived_mark_id(char out[MODEL_ID_SIZE], const char *id)
{
	(void)snprintf(out, MODEL_ID_SIZE, ARCHIVED_MARK "%.*s",
	    MODEL_ID_SIZE - (int)sizeof ARCHIVED_MARK, id);
}

int
archived_hide(struct folder_changes *changes, const char *id)
{
	char marked[MODEL_ID_SIZE];
	struct node node;
	int r;

	archived_mark_id(marked, id);
	r = node_by_id(changes->tx, marked, &node);
	if (r == 0 && node.parent != 0)
		r = folder_remove(changes, &node);
	return r == -ENOENT ? 0 : r;
}

int
archived_forget(struct tx *tx, const char *id)
{
	return db_run(tx->db, "DELETE FROM archived WHERE id = ?", "s", id);
}

int
archived_keep(struct tx *tx, const struct card *card)
{
	struct buf json = BUF_INIT;
	int r = card_write(card, &json);

	if (r == 0)
		r = db_run(tx->db,
		    "INSERT INTO archived(id, board, list, closed, title, json)"
		    " VALUES(?1, ?2, ?3, 1, ?4, ?5) ON CONFLICT(id) DO UPDATE"
		    " SET board = ?2, list = ?3, closed = 1, title = ?4,"
		    " json = ?5",
		    "sssss", card->id, card->id_board, card->id_list,
		    model_str(card->name), buf_str(&json));
	buf_free(&json);
	return r;
}

int
archived_card(struct tx *tx, const char *id, struct card *ret_card)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT json FROM archived WHERE id = ? AND json IS NOT NULL");
	struct json_reader *reader = NULL;
	int r = db_bind(stmt, "s", id);

	if (r == 0)
		r = db_step(stmt);
	if (r == 1) {
		card_init(ret_card);
		reader = card_reader_new(ret_card);
		r = reader == NULL
			? -ENOMEM
			: json_reader_feed(reader, sqlite3_column_text(stmt, 0),
			      (size_t)sqlite3_column_bytes(stmt, 0), NULL);
		if (r == 0)
			r = json_reader_finish(reader, NULL);
		if (r == 0)
			r = card_gather(ret_card);
		json_reader_free(reader);
		if (r != 0)
			card_fini(ret_card);
	} else if (r == 0) {
		r = -ENOENT;
	}
	db_reset(stmt);
	return r;
}

int
archived_is_coming(struct tx *tx, const char *id)
{
	int64_t n = 0;
	int r = db_get_int(tx->db, &n,
	    "SELECT EXISTS(SELECT 1 FROM archived a JOIN journal j"
	    " ON (j.object = a.id AND j.kind = ?2)"
	    " OR (j.object = a.list AND j.kind = ?3 AND NOT a.closed)"
	    " WHERE a.id = ?1 AND j.state != ?4)",
	    "siii", id, (int64_t)ENTRY_CARD_RESTORE,
	    (int64_t)ENTRY_LIST_RESTORE, (int64_t)ENTRY_REFUSED);

	return r != 0 ? r : n != 0;
}

int
archived_cards_of(struct tx *tx, const char *list, model_ids *ret_ids)
{
	sqlite3_stmt *stmt = db_prepare(
	    tx->db, "SELECT id FROM archived WHERE list = ? AND NOT closed");
	int r = db_bind(stmt, "s", list);

	while (r == 0 && (r = db_step(stmt)) == 1)
		r = model_ids_add(
		    ret_ids, (const char *)sqlite3_column_text(stmt, 0));
	db_reset(stmt);
	return r;
}

int
archived_board(struct tx *tx, const char *id, char ret_board[MODEL_ID_SIZE])
{
	sqlite3_stmt *stmt =
	    db_prepare(tx->db, "SELECT board FROM archived WHERE id = ?");
	int r = db_bind(stmt, "s", id);

	if (r == 0)
		r = db_step(stmt);
	if (r == 1)
		(void)snprintf(ret_board, MODEL_ID_SIZE, "%s",
		    (const char *)sqlite3_column_text(stmt, 0));
	db_reset(stmt);
	return r == 1 ? 0 : r == 0 ? -ENOENT : r;
}
