#include "store/archives.h"

#include "store/journal.h"
#include "store/tx.h"

#include <stdbool.h>

/* Numbers of kinds and states, as they are in the statements. */
#define CARD "3"
#define LIST "7"
#define BOARD "10"
#define CARD_MOVE "2"
#define LIST_MOVE "6"
_Static_assert(ENTRY_CARD_ARCHIVE == 3 && ENTRY_LIST_ARCHIVE == 7 &&
		   ENTRY_BOARD_CLOSE == 10 && ENTRY_CARD_MOVE == 2 &&
		   ENTRY_LIST_MOVE == 6,
    "the numbers are in the statements");

/* They have an index; the plus keeps another one, which all that waits is in,
 * from being taken. */
#define ARCHIVES "kind IN (3, 7, 10)"

/* held: see journal.c. */
#define WAITS "+state = 0 AND +held = 0"

int
archives_wait(struct tx *tx)
{
	int64_t n = 0;
	int r = db_get_int(tx->db, &n,
	    "SELECT EXISTS(SELECT 1 FROM journal WHERE " WAITS " AND " ARCHIVES
	    ")",
	    "");

	return r != 0 ? r : n != 0;
}

static int
hold(struct tx *tx, const char *sql, int64_t *held)
{
	int r = db_run(tx->db, sql, "");

	if (r == 0)
		*held += db_changes(tx->db);
	return r;
}

int
archives_hold(struct tx *tx, int64_t most, int64_t *ret_n)
{
	int64_t cards = 0, held = 0;
	int r = db_get_int(tx->db, &cards,
	    "SELECT count(*) FROM journal WHERE kind = " CARD " AND " ARCHIVES
	    " AND +state = 0 AND held != 2",
	    "");

	if (r == 0 && cards > most)
		r = hold(tx,
		    "UPDATE journal SET held = 1 WHERE " WAITS " AND " ARCHIVES,
		    &held);
	if (r == 0)
		r = hold(tx,
		    "UPDATE journal SET held = 1 WHERE " WAITS " AND " ARCHIVES
		    " AND kind = " BOARD,
		    &held);
	if (r == 0)
		r = hold(tx,
		    "UPDATE journal SET held = 1 WHERE " WAITS " AND " ARCHIVES
		    " AND kind != " BOARD
		    " AND +board IN (SELECT object FROM journal WHERE " ARCHIVES
		    "  AND kind = " BOARD " AND +state = 0 AND held = 1)",
		    &held);
	if (r == 0)
		*ret_n = held;
	return r;
}

int
archives_confirm(struct tx *tx)
{
	return db_run(tx->db,
	    "UPDATE journal SET held = 2, due_ms = 0 WHERE held = 1", "");
}

int
archives_go_with(struct tx *tx, const char *object)
{
	int64_t n = 0;
	int r = db_get_int(tx->db, &n,
	    "SELECT EXISTS(SELECT 1 FROM cards c JOIN journal j"
	    "  ON (j.object = c.list AND j.kind = " LIST ")"
	    "  OR (j.object = c.board AND j.kind = " BOARD ")"
	    "  WHERE c.id = ?1 AND j.state != 2)"
	    " OR EXISTS(SELECT 1 FROM lists l JOIN journal j"
	    "  ON j.object = l.board AND j.kind = " BOARD
	    "  WHERE l.id = ?1 AND j.state != 2)",
	    "s", object);

	return r != 0 ? r : n != 0;
}

int
archives_await_moves(struct tx *tx, const char *object)
{
	int64_t n = 0;
	int r = db_get_int(tx->db, &n,
	    "SELECT EXISTS(SELECT 1 FROM journal j JOIN cards c"
	    "  ON c.id = j.object WHERE j.kind = " CARD_MOVE
	    "  AND j.state != 2 AND ((c.board = ?1 AND j.board != ?1)"
	    "  OR (c.list = ?1 AND j.list != ?1)))"
	    " OR EXISTS(SELECT 1 FROM journal j JOIN lists l"
	    "  ON l.id = j.object WHERE j.kind = " LIST_MOVE
	    "  AND j.state != 2 AND l.board = ?1 AND j.board != ?1)",
	    "s", object);

	return r != 0 ? r : n != 0;
}

int
archives_end_board(struct tx *tx, const char *board)
{
	return db_run(tx->db,
	    "DELETE FROM journal WHERE kind IN (" CARD ", " LIST ")"
	    " AND state = 0 AND object IN"
	    " (SELECT id FROM cards WHERE board = ?1"
	    "  UNION ALL SELECT id FROM lists WHERE board = ?1)"
	    " AND object NOT IN (SELECT object FROM journal"
	    "  WHERE kind IN (" CARD_MOVE ", " LIST_MOVE ") AND state != 2)",
	    "s", board);
}

int
archives_find(struct tx *tx, enum entry_kind kind, const char *board,
    const char *list, const char *name, struct entry *ret_entry)
{
	int64_t seq = 0;
	int r = db_get_int(tx->db, &seq,
	    "SELECT seq FROM journal WHERE kind = ?1 AND " ARCHIVES
	    " AND +state = 0 AND (?2 IS NULL OR +board = ?2)"
	    " AND (?3 IS NULL OR list = ?3)"
	    " AND json_extract(json, '$.title') = ?4"
	    " ORDER BY seq DESC LIMIT 1",
	    "isss", (int64_t)kind, board, list, name);

	return r == 0 ? journal_get(tx, seq, ret_entry) : r;
}
