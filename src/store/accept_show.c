#include "store/accept.h"

#include "store/journal.h"
#include "store/naming.h"
#include "store/notes.h"
#include "store/tx.h"
#include "store/view.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A list or board as Trello and the journal have it. */
struct shown {
	struct buf title;
	char board[MODEL_ID_SIZE];
	double pos;
	bool gone;
};

static int
row_of(sqlite3_stmt *stmt, const char *id, struct shown *shown)
{
	int r = db_bind(stmt, "s", id);

	if (r == 0)
		r = db_step(stmt);
	if (r == 1) {
		(void)snprintf(shown->board, MODEL_ID_SIZE, "%s",
		    (const char *)sqlite3_column_text(stmt, 1));
		shown->pos = sqlite3_column_double(stmt, 2);
		r = buf_add_str(
		    &shown->title, (const char *)sqlite3_column_text(stmt, 0));
	} else if (r == 0) {
		r = -ENOENT;
	}
	db_reset(stmt);
	return r;
}

/* Bring a folder back to where it belongs, under the name that it had if
 * nobody took it and it was nowhere, else under one that its title gives. */
static int
show_folder(struct folder_changes *changes, struct node *old, uint64_t parent,
    const struct shown *shown)
{
	struct node node = *old, other;
	bool renamed = old->parent != 0;
	int r = node_by_name(changes->tx, parent, old->name, &other);

	if (r != 0 && r != -ENOENT)
		return r;
	node.parent = parent;
	node.ctime_ns = time_wall_ns();
	if (old->kind == NODE_LIST)
		node.pos = shown->pos;
	if (renamed || (r == 0 && other.ino != old->ino)) {
		r = folder_lift(changes, old);
		if (r == 0)
			r = naming_folder(changes->tx, parent,
			    buf_str(&shown->title), old->id, node.name);
		if (r != 0)
			return r;
	}
	return folder_place(changes, old, &node);
}

/* What the journal still says of it. */
static int
overlay(struct tx *tx, const char *id, struct shown *shown)
{
	struct entries entries = {0};
	int r = journal_of(tx, id, &entries);

	for (size_t i = 0; i < entries.list.n && r == 0; i++) {
		const struct entry *entry = &entries.list.v[i];

		if (entry->state == ENTRY_REFUSED)
			continue;
		if (entry->kind == ENTRY_LIST_RENAME ||
		    entry->kind == ENTRY_BOARD_RENAME) {
			buf_clear(&shown->title);
			r = buf_add_str(&shown->title, model_str(entry->title));
		}
		if (entry->kind == ENTRY_LIST_MOVE)
			(void)snprintf(
			    shown->board, MODEL_ID_SIZE, "%s", entry->board);
		if (entry->kind == ENTRY_LIST_POS)
			shown->pos = entry->pos;
		shown->gone |= entry->kind == ENTRY_LIST_ARCHIVE ||
			       entry->kind == ENTRY_BOARD_CLOSE;
	}
	entries_fini(&entries);
	return r;
}

int
accept_show_list(
    struct folder_changes *changes, const char *id, const struct zone *zone)
{
	const struct view_show how = {.zone = zone, .keep_times = true};
	struct tx *tx = changes->tx;
	struct shown shown = {.title = BUF_INIT};
	struct node list, folder;
	int r = row_of(db_prepare(tx->db, "SELECT title, board, pos FROM lists"
					  " WHERE id = ?"),
	    id, &shown);

	if (r == 0)
		r = overlay(tx, id, &shown);
	if (r == 0)
		r = node_by_id(tx, id, &list);
	if (r == 0)
		r = node_by_id(tx, shown.board, &folder);
	if (r == 0 && shown.gone)
		r = folder_remove(changes, &list);
	else if (r == 0 && folder.parent != 0)
		r = show_folder(changes, &list, folder.ino, &shown);
	/* What it left behind when it went is there again. */
	if (r == 0 && !shown.gone && list.parent != folder.ino)
		r = note_clear(tx, list.ino, "");
	if (r == 0 && !shown.gone && list.parent != folder.ino)
		r = view_show_cards(changes, list.ino, &how);
	if (r == 0)
		r = folder_order(changes, folder.ino, NODE_LIST);
	buf_free(&shown.title);
	return r == -ENOENT ? 0 : r;
}

int
accept_show_board(struct folder_changes *changes, const char *id)
{
	struct tx *tx = changes->tx;
	struct shown shown = {.title = BUF_INIT};
	struct node board;
	int r = row_of(db_prepare(tx->db, "SELECT title, id, 0 FROM boards"
					  " WHERE id = ?"),
	    id, &shown);

	if (r == 0)
		r = overlay(tx, id, &shown);
	if (r == 0)
		r = node_by_id(tx, id, &board);
	if (r == 0 && shown.gone)
		r = folder_remove(changes, &board);
	else if (r == 0)
		r = show_folder(changes, &board, NODE_ROOT, &shown);
	buf_free(&shown.title);
	return r == -ENOENT ? 0 : r;
}
