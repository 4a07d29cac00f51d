#include "store/accept.h"
#include "store/tx.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Descriptions that took the place of others: see accept.h. */

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
overwritten_done(
    struct tx *tx, const struct overwritten *overwritten, int64_t now_ms)
{
	return db_run(tx->db,
	    "UPDATE overwritten SET done = 1, done_ms = ?3,"
	    " from_ms = ?3 - max(?4 - sent_ms, 0) WHERE card = ?1 AND mine = "
	    "?2",
	    "ssii", overwritten->card, model_str(overwritten->mine),
	    overwritten->done_ms, now_ms);
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
	one->done_ms = sqlite3_column_int64(stmt, 6);
	one->from_ms = sqlite3_column_int64(stmt, 7);
	return one->old != NULL && one->mine != NULL ? 0 : -ENOMEM;
}

int
overwritten_next(struct tx *tx, struct overwrittens *ret_overwrittens)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT num, card, old, mine, sent_ms, done, done_ms, from_ms"
	    " FROM overwritten WHERE card = (SELECT card FROM overwritten "
	    "WHERE done"
	    "  ORDER BY num LIMIT 1) ORDER BY num");
	struct overwrittens all = {0};
	int r = stmt != NULL ? 0 : -EIO;

	while (r == 0 && (r = db_step(stmt)) == 1) {
		r = add_overwritten(stmt, &all);
		if (r == 0 && all.list.v[all.list.n - 1].done)
			all.n_answered = all.list.n;
	}
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

	for (size_t i = 0; i < overwrittens->n_answered && r == 0; i++)
		r = db_run(tx->db, "DELETE FROM overwritten WHERE num = ?", "i",
		    overwrittens->list.v[i].num);
	return r;
}
