#include "store/base.h"

#include "model/ids.h"
#include "model/model_json.h"
#include "store/apply_plan.h"
#include "store/events.h"
#include "store/folder.h"
#include "store/journal.h"
#include "store/naming.h"
#include "store/refused.h"
#include "store/tx.h"
#include "store/view.h"
#include "util/buf.h"
#include "util/strset.h"
#include "util/timeutil.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOARD_COLUMNS \
	"b.id, n.ino, b.listed_ms, b.looked_ms, b.loaded, b.errno, b.shown_as"
#define BOARD_FROM " FROM boards b JOIN nodes n ON n.id = b.id"
/* In this order: SQLite does not know that there are few boards, and would
 * look for one behind each node. */
#define ALL_BOARDS_FROM " FROM boards b CROSS JOIN nodes n ON n.id = b.id"

static void
board_from_row(
    sqlite3_stmt *stmt, const char *shown_as, struct board_state *state)
{
	const char *id = (const char *)sqlite3_column_text(stmt, 0);
	const char *rules = (const char *)sqlite3_column_text(stmt, 6);

	(void)snprintf(state->id, sizeof state->id, "%s", id);
	state->ino = (uint64_t)sqlite3_column_int64(stmt, 1);
	state->listed_ms = sqlite3_column_int64(stmt, 2);
	state->looked_ms = sqlite3_column_type(stmt, 3) == SQLITE_NULL
			       ? TIME_NONE
			       : sqlite3_column_int64(stmt, 3);
	state->loaded = sqlite3_column_int(stmt, 4) != 0;
	state->error = sqlite3_column_int(stmt, 5);
	state->shown_as_now =
	    shown_as == NULL || (rules != NULL && strcmp(rules, shown_as) == 0);
}

int
base_each_board(
    struct tx *tx, const char *shown_as, base_board_fn *fn, void *cookie)
{
	sqlite3_stmt *stmt =
	    db_prepare(tx->db, "SELECT " BOARD_COLUMNS ALL_BOARDS_FROM
			       " ORDER BY b.listed_ms DESC, b.id");
	struct board_state state;
	int r;

	while ((r = db_step(stmt)) == 1) {
		board_from_row(stmt, shown_as, &state);
		r = fn(cookie, &state);
		if (r != 0) {
			db_reset(stmt);
			return r;
		}
	}
	return r;
}

static int
one_board(sqlite3_stmt *stmt, int r, struct board_state *ret_state)
{
	if (r == 0)
		r = db_step(stmt);
	if (r == 1)
		board_from_row(stmt, NULL, ret_state);
	db_reset(stmt);
	return r == 1 ? 0 : r == 0 ? -ENOENT : r;
}

int
base_board(struct tx *tx, const char *id, struct board_state *ret_state)
{
	sqlite3_stmt *stmt = db_prepare(
	    tx->db, "SELECT " BOARD_COLUMNS BOARD_FROM " WHERE b.id = ?");

	return one_board(stmt, db_bind(stmt, "s", id), ret_state);
}

int
base_board_by_ino(struct tx *tx, uint64_t ino, struct board_state *ret_state)
{
	sqlite3_stmt *stmt = db_prepare(
	    tx->db, "SELECT " BOARD_COLUMNS BOARD_FROM " WHERE n.ino = ?");

	return one_board(stmt, db_bind(stmt, "i", (int64_t)ino), ret_state);
}

/* A board of the list, with its node as it was. */
struct listed {
	const struct board *board;
	struct node old;
	bool known; /* it has a node */
	bool shown; /* which has been somewhere */
	bool place; /* which has to be placed, or is still to be made */
};

#define SAME_TITLE 1
#define SAME_DATE 2

/* Insert or update the row.  *ret_same: what is as it was. */
static int
write_board(struct tx *tx, const struct board *board, int64_t *ret_same)
{
	int r = db_get_int(tx->db, ret_same,
	    "SELECT (title = ?1) + 2 * (listed_ms = ?2) FROM boards"
	    " WHERE id = ?3",
	    "sis", model_str(board->name), board->activity_ms, board->id);

	if (r == -ENOENT)
		*ret_same = 0;
	else if (r != 0 || *ret_same == (SAME_TITLE | SAME_DATE))
		return r;
	return db_run(tx->db,
	    "INSERT INTO boards(id, title, listed_ms) VALUES(?1, ?2, ?3)"
	    " ON CONFLICT(id) DO UPDATE SET title = ?2, listed_ms = ?3",
	    "ssi", board->id, model_str(board->name), board->activity_ms);
}

/* Take the board's row over and free its name, if it will have another. */
static int
list_board(struct folder_changes *changes, struct listed *listed)
{
	int64_t same = 0;
	int r = write_board(changes->tx, listed->board, &same);

	if (r != 0)
		return r;
	r = node_of_kind(
	    changes->tx, NODE_BOARD, listed->board->id, &listed->old);
	listed->known = r == 0;
	listed->shown = r == 0 && listed->old.parent != 0;
	listed->place = r != 0 || (same & SAME_TITLE) == 0 ||
			listed->old.parent != NODE_ROOT;
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	/* What was done to it here is shown until Trello has it. */
	if (journal_has(changes->tx, listed->board->id, ENTRY_KINDS) == 1)
		listed->place = false;
	return listed->place ? folder_lift(changes, &listed->old) : 0;
}

static int
place_board(struct folder_changes *changes, const struct listed *listed)
{
	const struct board *board = listed->board;
	struct node node = {.mode = -1, .uid = -1, .gid = -1};
	int r;

	if (listed->known)
		node = listed->old;
	else
		node.mtime_ns = board->activity_ms != TIME_NONE
				    ? node_time_from_ms(board->activity_ms)
				    : time_wall_ns();
	node.parent = NODE_ROOT;
	node.kind = NODE_BOARD;
	node.ctime_ns = time_wall_ns();
	(void)snprintf(node.id, sizeof node.id, "%s", board->id);
	r = naming_folder(
	    changes->tx, NODE_ROOT, board->name, board->id, node.name);
	if (r == 0)
		r = folder_board_off(changes, node.name, &node.off);
	if (r == 0)
		r = folder_place(
		    changes, listed->known ? &listed->old : NULL, &node);
	/* While it was nowhere the kernel was told nothing of what left it. */
	if (r == 0 && !listed->shown && listed->known)
		r = invalidate_inode(&changes->out, node.ino);
	if (r == 0 && !listed->shown)
		r = event_created(changes, &node);
	else if (r == 0 && strcmp(listed->old.name, node.name) != 0)
		r = event_moved(changes, &node, listed->old.name);
	return r;
}

static int
compare_listed(const void *a, const void *b)
{
	return strcmp(((const struct listed *)a)->board->id,
	    ((const struct listed *)b)->board->id);
}

static int
find_missing(struct tx *tx, const struct boards *boards, model_ids *ret_missing)
{
	sqlite3_stmt *stmt = db_prepare(tx->db, "SELECT id FROM boards");
	struct strset present = {0};
	int r = 0;

	for (size_t i = 0; i < boards->boards.n && r == 0; i++)
		if (!boards->boards.v[i].closed)
			r = strset_add(&present, boards->boards.v[i].id);
	while (r == 0 && (r = db_step(stmt)) == 1) {
		const char *id = (const char *)sqlite3_column_text(stmt, 0);

		/* What we made or opened is missing until Trello has
		 * done so, too. */
		r = strset_has(&present, id) || journal_is_own_id(id) ||
			    journal_has(tx, id, ENTRY_BOARD_REOPEN) == 1
			? 0
			: model_ids_add(ret_missing, id);
	}
	db_reset(stmt);
	strset_fini(&present);
	return r;
}

int
base_apply_boards(struct store *store, const struct boards *boards,
    model_ids *ret_missing, struct invalidations *out)
{
	struct folder_changes changes = {0};
	VEC(struct listed) listed = {0};
	int r = 0;

	for (size_t i = 0; i < boards->boards.n && r == 0; i++) {
		struct listed *slot;

		if (boards->boards.v[i].closed)
			continue;
		slot = VEC_ADD(&listed);
		if (slot == NULL)
			r = -ENOMEM;
		else
			slot->board = &boards->boards.v[i];
	}
	if (r == 0)
		r = store_write(store, &changes.tx);
	if (r != 0)
		goto out;
	/* The older id has the first choice of names. */
	if (listed.n > 1)
		qsort(listed.v, listed.n, sizeof listed.v[0], compare_listed);
	for (size_t i = 0; i < listed.n && r == 0; i++)
		if (i == 0 || compare_listed(&listed.v[i - 1], &listed.v[i]))
			r = list_board(&changes, &listed.v[i]);
	for (size_t i = 0; i < listed.n && r == 0; i++)
		if (listed.v[i].place)
			r = place_board(&changes, &listed.v[i]);
	if (r == 0)
		r = find_missing(changes.tx, boards, ret_missing);
	r = folder_commit(&changes, r, out);
out:
	VEC_FREE(&listed);
	return r;
}

/* What was below the board keeps its numbers, for the day it comes back. */
int
base_forget_board(struct tx *tx, const char *id)
{
	int r = db_run(tx->db,
	    "UPDATE nodes SET parent = 0 WHERE id IN"
	    " (SELECT id FROM cards WHERE board = ?1 UNION ALL"
	    "  SELECT id FROM lists WHERE board = ?1)",
	    "s", id);

	if (r == 0)
		r = db_run(
		    tx->db, "DELETE FROM cards WHERE board = ?", "s", id);
	if (r == 0)
		r = db_run(
		    tx->db, "DELETE FROM lists WHERE board = ?", "s", id);
	if (r == 0)
		r = db_run(tx->db, "DELETE FROM boards WHERE id = ?", "s", id);
	return r;
}

int
base_remove_board(
    struct store *store, const char *id, struct invalidations *out)
{
	struct folder_changes changes = {0};
	struct node node;
	int r = store_write(store, &changes.tx);

	if (r != 0)
		return r;
	r = node_by_id(changes.tx, id, &node);
	if (r == 0 && node.parent != 0)
		r = event_gone(&changes, &node);
	if (r == 0)
		r = folder_remove(&changes, &node);
	if (r == 0)
		r = refused_end(&changes, &node);
	if (r == 0)
		r = base_forget_board(changes.tx, id);
	return folder_commit(&changes, r, out);
}

/* Who makes a board is a member of it. */
static int
add_me(struct tx *tx, struct board *board)
{
	struct member me, *slot;
	int r = view_me(tx, &me);

	if (r != 0)
		return r == -ENOENT ? 0 : r;
	slot = VEC_ADD(&board->members);
	if (slot == NULL) {
		member_fini(&me);
		return -ENOMEM;
	}
	*slot = me;
	return 0;
}

int
base_set_own_board(struct tx *tx, const char *id, const char *title)
{
	struct buf head = BUF_INIT;
	struct board board;
	int r;

	board_init(&board);
	(void)snprintf(board.id, sizeof board.id, "%s", id);
	board.name = strdup(title);
	r = board.name != NULL ? add_me(tx, &board) : -ENOMEM;
	if (r == 0)
		r = board_write_head(&board, &head);
	if (r == 0)
		r = db_run(tx->db,
		    "INSERT INTO boards(id, title, head, listed_ms, looked_ms,"
		    " loaded) VALUES(?1, ?2, ?3, 0, 0, 1)"
		    " ON CONFLICT(id) DO UPDATE SET title = ?2, head = ?3",
		    "sss", id, title, buf_str(&head));
	board_fini(&board);
	buf_free(&head);
	return r;
}

int
base_set_board_error(
    struct store *store, const char *id, int error, const char *text)
{
	struct tx *tx;
	int r = store_write(store, &tx);

	if (r != 0)
		return r;
	r = db_run(tx->db,
	    "UPDATE boards SET errno = ?, error = ? WHERE id = ?", "iss",
	    (int64_t)error, text, id);
	if (r == 0)
		return store_commit(tx);
	store_end(tx);
	return r;
}

int
base_each_problem(struct tx *tx, base_problem_fn *fn, void *cookie)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT CAST(n.name AS TEXT), b.error" ALL_BOARDS_FROM
	    " WHERE b.errno != 0 AND n.parent != 0 ORDER BY n.name");
	int r;

	while ((r = db_step(stmt)) == 1) {
		const char *why = (const char *)sqlite3_column_text(stmt, 1);

		r = fn(cookie, (const char *)sqlite3_column_text(stmt, 0),
		    model_str(why));
		if (r != 0)
			break;
	}
	db_reset(stmt);
	return r;
}

/* Rows of (id, list) whose id is in no reply; cards of lists that are missing
 * themselves are no question of their own. */
static int
collect_missing(sqlite3_stmt *stmt, const char *board,
    const struct strset *present, const struct strset *lists,
    model_ids *ret_missing)
{
	int r = db_bind(stmt, "s", board);

	while (r == 0 && (r = db_step(stmt)) == 1) {
		const char *id = (const char *)sqlite3_column_text(stmt, 0);
		const char *list = (const char *)sqlite3_column_text(stmt, 1);

		r = 0;
		if (!strset_has(present, id) &&
		    (lists == NULL || strset_has(lists, list)))
			r = model_ids_add(ret_missing, id);
	}
	db_reset(stmt);
	return r;
}

int
base_missing(struct store *store, const struct board *board,
    model_ids *ret_lists, model_ids *ret_cards)
{
	struct strset lists = {0}, cards = {0};
	struct tx *tx = NULL;
	int r = apply_open_ids(board, &lists, &cards);

	if (r == 0)
		r = store_read(store, true, &tx);
	if (r == 0)
		r = collect_missing(
		    db_prepare(tx->db, "SELECT id, '' FROM lists"
				       " WHERE board = ?"),
		    board->id, &lists, NULL, ret_lists);
	if (r == 0)
		r = collect_missing(
		    db_prepare(tx->db, "SELECT id, list FROM cards"
				       " WHERE board = ?"),
		    board->id, &cards, &lists, ret_cards);
	store_end(tx);
	strset_fini(&lists);
	strset_fini(&cards);
	return r;
}

int
base_counts(struct tx *tx, struct base_counts *ret_counts)
{
	sqlite3_stmt *stmt =
	    db_prepare(tx->db, "SELECT count(*), ifnull(sum(loaded), 0),"
			       " ifnull(sum(errno != 0), 0) FROM boards");
	int r = db_step(stmt);

	if (r == 1) {
		ret_counts->boards = sqlite3_column_int64(stmt, 0);
		ret_counts->loaded = sqlite3_column_int64(stmt, 1);
		ret_counts->failed = sqlite3_column_int64(stmt, 2);
	}
	db_reset(stmt);
	if (r != 1)
		return r == 0 ? -EIO : r;
	return db_get_int(
	    tx->db, &ret_counts->cards, "SELECT count(*) FROM cards", "");
}

int
base_count_cards(struct tx *tx, const char *id, int64_t *ret_n)
{
	return db_get_int(tx->db, ret_n,
	    "SELECT count(*) FROM cards WHERE board = ?", "s", id);
}

int
base_parse_card(const void *json, size_t len, struct card *ret_card)
{
	struct json_reader *reader;
	int r;

	card_init(ret_card);
	reader = card_reader_new(ret_card);
	if (reader == NULL)
		return -ENOMEM;
	r = json_reader_feed(reader, json, len, NULL);
	if (r == 0)
		r = json_reader_finish(reader, NULL);
	json_reader_free(reader);
	if (r != 0)
		card_fini(ret_card);
	return r;
}

int
base_card(struct tx *tx, const char *id, struct card *ret_card)
{
	sqlite3_stmt *stmt =
	    db_prepare(tx->db, "SELECT json FROM cards WHERE id = ?");
	int r = db_bind(stmt, "s", id);

	if (r == 0)
		r = db_step(stmt);
	if (r == 1)
		r = base_parse_card(sqlite3_column_text(stmt, 0),
		    (size_t)sqlite3_column_bytes(stmt, 0), ret_card);
	else if (r == 0)
		r = -ENOENT;
	db_reset(stmt);
	return r;
}

static int
read_place(sqlite3_stmt *stmt, const char *id, char ret_parent[MODEL_ID_SIZE],
    double *ret_pos)
{
	int r = db_bind(stmt, "s", id);

	if (r == 0)
		r = db_step(stmt);
	if (r == 1) {
		(void)snprintf(ret_parent, MODEL_ID_SIZE, "%s",
		    (const char *)sqlite3_column_text(stmt, 0));
		*ret_pos = sqlite3_column_double(stmt, 1);
	}
	db_reset(stmt);
	return r == 1 ? 0 : r == 0 ? -ENOENT : r;
}

int
base_card_place(struct tx *tx, const char *id, char ret_list[MODEL_ID_SIZE],
    double *ret_pos)
{
	return read_place(
	    db_prepare(tx->db, "SELECT list, pos FROM cards WHERE id = ?"), id,
	    ret_list, ret_pos);
}

int
base_list(struct tx *tx, const char *id, char ret_board[MODEL_ID_SIZE],
    double *ret_pos)
{
	return read_place(
	    db_prepare(tx->db, "SELECT board, pos FROM lists WHERE id = ?"), id,
	    ret_board, ret_pos);
}
