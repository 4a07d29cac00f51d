#include "model/ids.h"
#include "model/model_json.h"
#include "store/accept.h"
#include "store/base.h"
#include "store/journal.h"
#include "store/tx.h"
#include "util/hash.h"
#include "util/zone.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdio.h>

/*
 * Texts are made when a card changes, by the rules that hold then.  With
 * another time zone, or a program that writes cards in another form, they are
 * made again from what the base has.
 */

/* Goes up whenever text/card_text.c writes the same card differently. */
#define TEXT_FORM 1

void
base_shown_as(const struct zone *zone, char out[BASE_SHOWN_AS_SIZE])
{
	uint64_t hash = HASH_INIT;

	/* The middle of each month of fifty years tells zones apart. */
	for (int64_t month = 0; month < 600; month++) {
		int offset_s =
		    zone_offset_s(zone, 946684800 + month * 2629746 + 1296000);

		hash = hash_add(hash, &offset_s, sizeof offset_s);
	}
	(void)snprintf(out, BASE_SHOWN_AS_SIZE, "%d %016llx", TEXT_FORM,
	    (unsigned long long)hash);
}

/* Feed a reader what the rows hold: one value, or the elements of an array. */
static int
feed_rows(sqlite3_stmt *stmt, struct json_reader *reader, bool array)
{
	bool first = true;
	int r = reader != NULL ? 0 : -ENOMEM;

	if (r == 0 && array)
		r = json_reader_feed(reader, "[", 1, NULL);
	while (r == 0 && (r = db_step(stmt)) == 1) {
		r = first ? 0 : json_reader_feed(reader, ",", 1, NULL);
		first = false;
		if (r == 0)
			r = json_reader_feed(reader,
			    sqlite3_column_text(stmt, 0),
			    (size_t)sqlite3_column_bytes(stmt, 0), NULL);
	}
	if (r == 0 && array)
		r = json_reader_feed(reader, "]", 1, NULL);
	if (r == 0)
		r = json_reader_finish(reader, NULL);
	json_reader_free(reader);
	db_reset(stmt);
	return r;
}

static int
read_rows(struct tx *tx, const char *id, struct board *board)
{
	sqlite3_stmt *stmt =
	    db_prepare(tx->db, "SELECT head FROM boards WHERE id = ?");
	int r = db_bind(stmt, "s", id);

	if (r == 0)
		r = feed_rows(stmt, board_reader_new(board), false);
	if (r != 0)
		return r;
	stmt = db_prepare(tx->db, "SELECT json FROM lists WHERE board = ?");
	r = db_bind(stmt, "s", id);
	if (r == 0)
		r = feed_rows(stmt, lists_reader_new(board), true);
	if (r != 0)
		return r;
	stmt = db_prepare(tx->db, "SELECT json FROM cards WHERE board = ?");
	r = db_bind(stmt, "s", id);
	return r == 0 ? feed_rows(stmt, cards_reader_new(board), true) : r;
}

int
base_read_board(struct store *store, const char *id, struct board *ret_board)
{
	struct tx *tx;
	int r = store_read(store, true, &tx);

	if (r != 0)
		return r;
	board_init(ret_board);
	r = read_rows(tx, id, ret_board);
	store_end(tx);
	if (r == 0)
		r = board_gather(ret_board);
	if (r != 0)
		board_fini(ret_board);
	return r;
}

/* Cards that were made here, and of which Trello has not heard. */
static int
show_own_cards(struct store *store, const char *board, const struct zone *zone,
    struct invalidations *out)
{
	struct folder_changes changes = {0};
	model_ids objects = {0};
	int r = store_write(store, &changes.tx);

	if (r != 0)
		return r;
	r = journal_objects(changes.tx, board, &objects);
	for (size_t i = 0; i < objects.n && r == 0; i++)
		if (journal_is_own_id(objects.v[i].s) &&
		    journal_has(
			changes.tx, objects.v[i].s, ENTRY_CARD_CREATE) == 1)
			r = accept_show_card(
			    &changes, objects.v[i].s, false, zone);
	VEC_FREE(&objects);
	return folder_commit(&changes, r, out);
}

int
base_show_again(struct store *store, const char *id, const struct zone *zone,
    struct invalidations *out)
{
	struct board_state state;
	struct board board;
	struct tx *tx;
	int r = store_read(store, false, &tx);

	if (r != 0)
		return r;
	r = base_board(tx, id, &state);
	store_end(tx);
	if (r == 0)
		r = base_read_board(store, id, &board);
	if (r != 0)
		return r;
	r = base_apply_board(store, &board, state.looked_ms, NULL, zone, out);
	board_fini(&board);
	return r == 0 ? show_own_cards(store, id, zone, out) : r;
}
