#include "store/notes.h"

#include "store/tx.h"
#include "util/timeutil.h"

#include <string.h>

int
note_set(struct tx *tx, const struct note *note)
{
	int r = note_clear(tx, note->ino, note->name);

	return r == 0 ? db_run(tx->db,
			    "INSERT INTO notes(ino, name, at_ms, what, why)"
			    " VALUES(?, ?, ?, ?, ?)",
			    "ibiss", (int64_t)note->ino, note->name,
			    strlen(note->name), time_wall_ms(), note->what,
			    note->why)
		      : r;
}

int
note_clear(struct tx *tx, uint64_t ino, const char *name)
{
	return db_run(tx->db, "DELETE FROM notes WHERE ino = ? AND name = ?",
	    "ib", (int64_t)ino, name, strlen(name));
}

int
note_each(struct tx *tx, note_fn *fn, void *cookie)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT ino, CAST(name AS TEXT), what, why FROM notes"
	    " ORDER BY num");
	int r;

	while ((r = db_step(stmt)) == 1) {
		const struct note note = {
		    .ino = (uint64_t)sqlite3_column_int64(stmt, 0),
		    .name = (const char *)sqlite3_column_text(stmt, 1),
		    .what = (const char *)sqlite3_column_text(stmt, 2),
		    .why = (const char *)sqlite3_column_text(stmt, 3)};

		r = fn(cookie, &note);
		if (r != 0)
			break;
	}
	db_reset(stmt);
	return r;
}

int
notes_count(struct tx *tx, int64_t *ret_count)
{
	return db_get_int(tx->db, ret_count, "SELECT count(*) FROM notes", "");
}

int
notes_prune(struct tx *tx, int64_t now_ms)
{
	return db_run(tx->db, "DELETE FROM notes WHERE at_ms < ?", "i",
	    now_ms - NOTES_KEPT_MS);
}
