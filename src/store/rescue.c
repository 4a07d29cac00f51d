#include "store/rescue.h"

#include "store/nodes.h"
#include "store/tx.h"
#include "util/err.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int
rename_one(const char *path, const char *aside, const char *suffix)
{
	char from[4096], to[4096];

	if (snprintf(from, sizeof from, "%s%s", path, suffix) >=
		(int)sizeof from ||
	    snprintf(to, sizeof to, "%s%s", aside, suffix) >= (int)sizeof to)
		return -ENAMETOOLONG;
	return rename(from, to) == 0 || errno == ENOENT ? 0 : -errno;
}

int
rescue_set_aside(const char *path, char *aside, size_t size, struct err *err)
{
	int r = -ENAMETOOLONG;

	if (snprintf(aside, size, "%s.damaged-%lld", path,
		(long long)(time_wall_ms() / 1000)) < (int)size)
		r = rename_one(path, aside, "");
	if (r == 0)
		r = rename_one(path, aside, "-wal");
	if (r == 0)
		r = rename_one(path, aside, "-shm");
	if (r != 0)
		return err_set(err, r,
		    "%s is damaged and cannot be set aside: %s", path,
		    strerror(-r));
	return 0;
}

/*
 * Folders of boards and lists have other inode numbers in the new database,
 * or none yet: what is rescued goes below one hidden folder at the root,
 * itself a local one.
 */
static int
copy_node(struct tx *tx, uint64_t folder, sqlite3_stmt *from)
{
	int64_t old = sqlite3_column_int64(from, 0);
	struct node node = {
	    .parent = folder,
	    .kind = NODE_LOCAL_FILE,
	    .size = sqlite3_column_int64(from, 2),
	    .mode = -1,
	    .uid = -1,
	    .gid = -1,
	    .mtime_ns = sqlite3_column_int64(from, 3),
	    .ctime_ns = time_wall_ns(),
	};
	int r;

	(void)snprintf(node.name, sizeof node.name, "%lld-%.200s",
	    (long long)old, (const char *)sqlite3_column_blob(from, 1));
	r = node_add_local(tx, &node);
	if (r != 0)
		return r;
	return db_run(tx->db,
	    "INSERT INTO blocks(ino, block, data)"
	    " SELECT ?1, block, data FROM damaged.blocks WHERE ino = ?2",
	    "ii", (int64_t)node.ino, old);
}

static int
copy_all(struct tx *tx, unsigned *ret_copied)
{
	struct node folder = {.parent = NODE_ROOT,
	    .kind = NODE_LOCAL_DIR,
	    .mode = -1,
	    .uid = -1,
	    .gid = -1,
	    .mtime_ns = time_wall_ns(),
	    .ctime_ns = time_wall_ns()};
	sqlite3_stmt *stmt;
	int r;

	(void)snprintf(folder.name, sizeof folder.name, ".rescued");
	r = node_add_local(tx, &folder);
	if (r != 0)
		return r;
	stmt = db_prepare(tx->db, "SELECT ino, CAST(name AS TEXT), size, mtime"
				  " FROM damaged.nodes WHERE kind = ?");
	if (db_bind(stmt, "i", (int64_t)NODE_LOCAL_FILE) == 0)
		while (db_step(stmt) == 1)
			if (copy_node(tx, folder.ino, stmt) == 0)
				(*ret_copied)++;
	db_reset(stmt);
	return 0;
}

void
rescue_local_files(
    struct store *store, const char *path, const char *aside, struct err *err)
{
	unsigned copied = 0;
	struct tx *tx;

	if (store_write(store, &tx) == 0) {
		/* ATTACH works only outside a transaction. */
		store_end(tx);
		(void)db_run(tx->db, "ATTACH ? AS damaged", "s", aside);
		if (store_write(store, &tx) == 0) {
			if (copy_all(tx, &copied) == 0 && copied > 0)
				(void)store_commit(tx);
			else
				store_end(tx);
		}
		(void)db_run(tx->db, "DETACH damaged", "");
	}
	err_set(err, -EBADMSG,
	    "%s was damaged and is now %s; a new one was begun, with %u "
	    "local file%s taken over into .rescued",
	    path, aside, copied, copied == 1 ? "" : "s");
}
