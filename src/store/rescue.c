#include "store/rescue.h"

#include "store/nodes.h"
#include "store/tx.h"
#include "util/err.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

/* A name that nothing has yet. */
static int
free_name(const char *path, char *aside, size_t size)
{
	long long now_s = (long long)(time_wall_ms() / 1000);

	for (int i = 0; i < 1000; i++) {
		int n = i == 0 ? snprintf(aside, size, "%s.damaged-%lld", path,
				     now_s)
			       : snprintf(aside, size, "%s.damaged-%lld.%d",
				     path, now_s, i);

		if (n >= (int)size)
			return -ENAMETOOLONG;
		if (access(aside, F_OK) != 0)
			return errno == ENOENT ? 0 : -errno;
	}
	return -EEXIST;
}

int
rescue_set_aside(const char *path, char *aside, size_t size, struct err *err)
{
	int r = free_name(path, aside, size);

	if (r == 0)
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

/* A local file of the damaged database, as far as it can be read. */
struct lost {
	int64_t ino;
	struct node node;
};

struct lost_files {
	VEC(struct lost) files;
};

static int
add_lost(struct lost_files *lost, sqlite3_stmt *stmt)
{
	const char *name = (const char *)sqlite3_column_text(stmt, 1);
	struct lost *slot = VEC_ADD(&lost->files);

	if (slot == NULL)
		return -ENOMEM;
	slot->ino = sqlite3_column_int64(stmt, 0);
	slot->node = (struct node){
	    .kind = (enum node_kind)sqlite3_column_int(stmt, 2),
	    .size = sqlite3_column_int64(stmt, 3),
	    .mode = -1,
	    .uid = -1,
	    .gid = -1,
	    .mtime_ns = sqlite3_column_int64(stmt, 4),
	    .ctime_ns = time_wall_ns(),
	};
	(void)snprintf(slot->node.name, sizeof slot->node.name, "%lld-%.200s",
	    (long long)slot->ino, name != NULL ? name : "");
	return 0;
}

/* All that can be read; the first one that cannot ends it. */
static void
find_lost(struct db *damaged, struct lost_files *lost)
{
	sqlite3_stmt *stmt = db_prepare(damaged,
	    "SELECT ino, CAST(name AS TEXT), kind, size, mtime FROM nodes"
	    " WHERE kind IN (?, ?) AND parent != 0");
	int r = db_bind(
	    stmt, "ii", (int64_t)NODE_LOCAL_FILE, (int64_t)NODE_LOCAL_SYMLINK);

	while (r == 0 && db_step(stmt) == 1)
		r = add_lost(lost, stmt);
	db_reset(stmt);
}

static int
copy_blocks(struct tx *tx, struct db *damaged, const struct lost *lost)
{
	sqlite3_stmt *stmt =
	    db_prepare(damaged, "SELECT block, data FROM blocks WHERE ino = ?");
	int r = db_bind(stmt, "i", lost->ino);

	while (r == 0 && (r = db_step(stmt)) == 1) {
		const void *data = sqlite3_column_blob(stmt, 1);

		r = db_run(tx->db,
		    "INSERT INTO blocks(ino, block, data) VALUES(?, ?, ?)",
		    "iib", (int64_t)lost->node.ino,
		    (int64_t)sqlite3_column_int64(stmt, 0),
		    data != NULL ? data : "",
		    (size_t)sqlite3_column_bytes(stmt, 1));
	}
	db_reset(stmt);
	return r;
}

static int
copy_lost(struct tx *tx, struct db *damaged, struct lost *lost)
{
	int r = node_add_local(tx, &lost->node);

	if (r != 0 || lost->node.size == 0)
		return r;
	r = copy_blocks(tx, damaged, lost);
	/* One of zeroes would look like the real one. */
	if (r != 0)
		(void)node_delete(tx, lost->node.ino);
	return r;
}

/*
 * Folders of boards and lists have other inode numbers in the new database,
 * or none yet: what is rescued goes below one hidden folder at the root,
 * itself a local one.
 */
static int
copy_all(struct tx *tx, struct db *damaged, unsigned *ret_copied)
{
	struct lost_files lost = {0};
	struct node folder = {.parent = NODE_ROOT,
	    .kind = NODE_LOCAL_DIR,
	    .mode = -1,
	    .uid = -1,
	    .gid = -1,
	    .mtime_ns = time_wall_ns(),
	    .ctime_ns = time_wall_ns()};
	int r;

	find_lost(damaged, &lost);
	(void)snprintf(folder.name, sizeof folder.name, ".rescued");
	r = node_add_local(tx, &folder);
	for (size_t i = 0; i < lost.files.n && r == 0; i++) {
		lost.files.v[i].node.parent = folder.ino;
		if (copy_lost(tx, damaged, &lost.files.v[i]) == 0)
			(*ret_copied)++;
	}
	VEC_FREE(&lost.files);
	return r;
}

void
rescue_local_files(
    struct store *store, const char *path, const char *aside, struct err *err)
{
	struct db *damaged = NULL;
	unsigned copied = 0, done = 0;
	struct tx *tx;

	if (db_open_damaged(aside, &damaged) == 0 &&
	    store_write(store, &tx) == 0) {
		if (copy_all(tx, damaged, &copied) != 0 || copied == 0)
			store_end(tx);
		else if (store_commit(tx) == 0)
			done = copied;
	}
	db_close(damaged);
	err_set(err, -EBADMSG,
	    "%s was damaged and is now %s; a new one was begun, with %u "
	    "local file%s taken over into .rescued",
	    path, aside, done, done == 1 ? "" : "s");
}
