#include "store/spool.h"

#include "store/local.h"
#include "store/nodes.h"
#include "store/spool_folder.h"
#include "store/tx.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define COLUMNS "ino, id, state, last_ms, seq"

int
spool_make(struct tx *tx, const struct node *node, int64_t now_ms)
{
	int r = spool_folder_make(store_spools(tx->store), node->ino);

	return r == 0 ? db_run(tx->db,
			    "INSERT INTO spools(" COLUMNS ")"
			    " VALUES(?, ?, 0, ?, 0)",
			    "isi", (int64_t)node->ino, node->id, now_ms)
		      : r;
}

static int
read_row(sqlite3_stmt *stmt, int r, struct spool *ret_spool)
{
	if (r == 0)
		r = db_step(stmt);
	if (r == 1)
		*ret_spool = (struct spool){
		    .ino = (uint64_t)sqlite3_column_int64(stmt, 0),
		    .state = (enum spool_state)sqlite3_column_int(stmt, 2),
		    .last_ms = sqlite3_column_int64(stmt, 3),
		    .seq = sqlite3_column_int64(stmt, 4)};
	if (r == 1)
		(void)snprintf(ret_spool->id, MODEL_ID_SIZE, "%s",
		    (const char *)sqlite3_column_text(stmt, 1));
	db_reset(stmt);
	return r == 1 ? 0 : r == 0 ? -ENOENT : r;
}

int
spool_get(struct tx *tx, uint64_t ino, struct spool *ret_spool)
{
	sqlite3_stmt *stmt =
	    db_prepare(tx->db, "SELECT " COLUMNS " FROM spools WHERE ino = ?");

	return read_row(stmt, db_bind(stmt, "i", (int64_t)ino), ret_spool);
}

int
spool_by_id(struct tx *tx, const char *id, struct spool *ret_spool)
{
	sqlite3_stmt *stmt =
	    db_prepare(tx->db, "SELECT " COLUMNS " FROM spools WHERE id = ?");

	return read_row(stmt, db_bind(stmt, "s", id), ret_spool);
}

int
spool_update(struct tx *tx, const struct spool *spool)
{
	return db_run(tx->db,
	    "UPDATE spools SET id = ?, state = ?, last_ms = ?, seq = ?"
	    " WHERE ino = ?",
	    "siiii", spool->id, (int64_t)spool->state, spool->last_ms,
	    spool->seq, (int64_t)spool->ino);
}

int
spool_open(struct store *store, uint64_t ino, int *ret_fd)
{
	return spool_folder_open(store_spools(store), ino, ret_fd);
}

int
spool_open_by(struct tx *tx, uint64_t ino, int *ret_fd)
{
	return spool_open(tx->store, ino, ret_fd);
}

bool
spool_is_local_name(const char *name)
{
	size_t len = strlen(name);

	return name[0] == '.' || (len > 0 && name[len - 1] == '~');
}

int
spool_check_room(struct tx *tx, const struct node *node, int64_t more)
{
	bool all = spool_folder_in_memory(store_spools(tx->store));
	int64_t bytes = 0;
	int r;

	if (!all && !spool_is_local_name(node->name))
		return 0;
	r = db_get_int(tx->db, &bytes,
	    "SELECT ifnull(sum(n.size), 0) FROM spools s"
	    " JOIN nodes n ON n.ino = s.ino WHERE ?"
	    " OR substr(n.name, 1, 1) = x'2e' OR substr(n.name, -1) = x'7e'",
	    "i", (int64_t)all);
	return r != 0 ? r : bytes + more > LOCAL_BYTES_MAX ? -ENOSPC : 0;
}

int
spools_before(
    struct tx *tx, int64_t before_ms, uint64_t *inos, size_t max, size_t *ret_n)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT ino FROM spools WHERE state = 0 AND last_ms < ? LIMIT ?");
	int r = db_bind(stmt, "ii", before_ms, (int64_t)max);

	*ret_n = 0;
	while (r == 0 && (r = db_step(stmt)) == 1) {
		inos[(*ret_n)++] = (uint64_t)sqlite3_column_int64(stmt, 0);
		r = 0;
	}
	db_reset(stmt);
	return r;
}

int
spool_sent(struct tx *tx, const char *own_id, const char *id)
{
	/* Somebody may have looked between Trello's doing and its answer. */
	int r = db_run(tx->db,
	    "UPDATE nodes SET id = NULL, parent = 0 WHERE id = ?", "s", id);

	if (r == 0)
		r = db_run(tx->db,
		    "UPDATE nodes SET id = ?2, kind = ?3 WHERE id = ?1", "ssi",
		    own_id, id, (int64_t)NODE_UPLOAD);
	if (r == 0)
		r = db_run(tx->db,
		    "UPDATE spools SET id = ?2, state = 4 WHERE id = ?1", "ss",
		    own_id, id);
	return r;
}

/* What is left of a file that Trello has is read from there. */
#define IS_OVER                                                         \
	"SELECT s.ino FROM spools s LEFT JOIN nodes n ON n.ino = s.ino" \
	" WHERE n.ino IS NULL"                                          \
	" OR (s.state = 2 AND NOT EXISTS"                               \
	"  (SELECT 1 FROM journal j WHERE j.seq = s.seq))"              \
	" OR (s.state = 4 AND n.parent = 0)"
#define IS_TOO_MUCH                                                       \
	"SELECT ino FROM (SELECT s.ino AS ino, sum(n.size) OVER"          \
	"  (ORDER BY s.last_ms DESC, s.ino DESC) AS bytes"                \
	" FROM spools s JOIN nodes n ON n.ino = s.ino WHERE s.state = 4)" \
	" WHERE bytes > ?1"

/* One of them; 0: there is none. */
static int
find_over(struct tx *tx, uint64_t *ret_ino)
{
	bool memory = spool_folder_in_memory(store_spools(tx->store));
	int64_t ino = 0;
	int r = db_get_int(
	    tx->db, &ino, "SELECT ifnull((" IS_OVER " LIMIT 1), 0)", "");

	if (r == 0 && ino == 0 && !memory)
		r = db_get_int(tx->db, &ino,
		    "SELECT ifnull((" IS_TOO_MUCH " LIMIT 1), 0)", "i",
		    SPOOL_KEPT_BYTES);
	*ret_ino = (uint64_t)ino;
	return r;
}

static int
find_one(struct store *store, uint64_t *ret_ino)
{
	struct tx *tx;
	int r = store_read_brief(store, &tx);

	if (r != 0)
		return r;
	r = find_over(tx, ret_ino);
	store_end(tx);
	return r;
}

/* The file goes first: a row without one is found again. */
static int
remove_one(struct store *store, uint64_t ino)
{
	uint64_t again = 0;
	struct tx *tx;
	int r = store_write(store, &tx);

	if (r != 0)
		return r;
	r = find_over(tx, &again);
	if (r == 0 && again == ino)
		r = spool_folder_remove(store_spools(store), ino);
	if (r == 0 && again == ino)
		r = db_run(tx->db, "DELETE FROM spools WHERE ino = ?", "i",
		    (int64_t)ino);
	if (r == 0)
		return store_commit(tx);
	store_end(tx);
	return r;
}

int
spools_clean(struct store *store)
{
	uint64_t ino = 0;
	int r = find_one(store, &ino);

	while (r == 0 && ino != 0) {
		r = remove_one(store, ino);
		if (r == 0)
			r = find_one(store, &ino);
	}
	return r;
}

int
spools_recover(struct tx *tx, spool_fn *fn, void *cookie)
{
	uint64_t inos[64];
	size_t n = 0;
	/* Who had it open is gone. */
	int r =
	    db_run(tx->db, "DELETE FROM nodes WHERE parent = 0 AND kind = ?",
		"i", (int64_t)NODE_SPOOL);

	do {
		if (r == 0)
			r = spools_before(tx, INT64_MAX, inos,
			    sizeof inos / sizeof inos[0], &n);
		for (size_t i = 0; i < n && r == 0; i++) {
			r = db_run(tx->db,
			    "UPDATE spools SET state = 3 WHERE ino = ?", "i",
			    (int64_t)inos[i]);
			if (r == 0)
				r = fn(cookie, inos[i]);
		}
	} while (r == 0 && n > 0);
	return r;
}
