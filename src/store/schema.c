#include "store/schema.h"

#include "util/err.h"

#include <errno.h>
#include <stdio.h>

/*
 * boards, lists, cards: the base, what Trello last said, as canonical JSON
 * (model/model_json.h); equal bytes mean that nothing changed.
 *
 * boards.shown_as says by which rules its texts were made (base.h).
 *
 * nodes: the file tree.  parent 0 is nowhere: what was there once, or is the
 * root.  Names are bytes, not text.  off is the directory offset, unique in
 * its folder.  Times are nanoseconds, -1 in mode, uid and gid is "as usual".
 *
 * Inode numbers below 1024 are the program's own (fs/inodes.h); the row that
 * comes and goes makes AUTOINCREMENT begin above them.
 */
static const char *const migrations[] = {
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
    "CREATE TABLE boards("
    " id TEXT PRIMARY KEY, title TEXT NOT NULL, head TEXT,"
    " listed_ms INTEGER NOT NULL, looked_ms INTEGER,"
    " loaded INTEGER NOT NULL DEFAULT 0, shown_as TEXT,"
    " error TEXT, errno INTEGER)"
    " WITHOUT ROWID;"
    "CREATE TABLE lists("
    " id TEXT PRIMARY KEY, board TEXT NOT NULL, pos REAL NOT NULL,"
    " title TEXT NOT NULL, json TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX lists_board ON lists(board);"
    "CREATE TABLE cards("
    " num INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " board TEXT NOT NULL, list TEXT NOT NULL, pos REAL NOT NULL,"
    " title TEXT NOT NULL, hash INTEGER NOT NULL, json TEXT NOT NULL);"
    "CREATE INDEX cards_board ON cards(board);"
    "CREATE INDEX cards_list ON cards(list);"
    "CREATE TABLE nodes("
    " ino INTEGER PRIMARY KEY AUTOINCREMENT, parent INTEGER NOT NULL,"
    " name BLOB NOT NULL, off INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " id TEXT, size INTEGER NOT NULL DEFAULT 0,"
    " mode INTEGER NOT NULL DEFAULT -1, uid INTEGER NOT NULL DEFAULT -1,"
    " gid INTEGER NOT NULL DEFAULT -1, mtime INTEGER NOT NULL,"
    " ctime INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX nodes_name ON nodes(parent, name)"
    " WHERE parent != 0;"
    "CREATE INDEX nodes_off ON nodes(parent, off);"
    "CREATE UNIQUE INDEX nodes_id ON nodes(id) WHERE id IS NOT NULL;"
    "CREATE INDEX nodes_local ON nodes(kind, size) WHERE kind >= 4;"
    "CREATE TABLE texts(ino INTEGER PRIMARY KEY, rev TEXT NOT NULL,"
    " text BLOB NOT NULL);"
    "CREATE TABLE blocks(ino INTEGER NOT NULL, block INTEGER NOT NULL,"
    " data BLOB NOT NULL, PRIMARY KEY(ino, block)) WITHOUT ROWID;"
    "INSERT INTO nodes(ino, parent, name, off, kind, mtime, ctime)"
    " VALUES(1023, 0, x'', 0, 0, 0, 0);"
    "DELETE FROM nodes;",
};
#define SCHEMA_VERSION ((int64_t)(sizeof migrations / sizeof migrations[0]))

static int
migrate_one(struct db *db, int64_t version)
{
	char pragma[64];
	int r = db_exec(db, "BEGIN IMMEDIATE");

	if (r != 0)
		return r;
	(void)snprintf(pragma, sizeof pragma, "PRAGMA user_version = %d",
	    (int)version + 1);
	r = db_exec(db, migrations[version]);
	if (r == 0)
		r = db_exec(db, pragma);
	if (r == 0)
		r = db_exec(db, "COMMIT");
	if (r != 0)
		(void)db_exec(db, "ROLLBACK");
	return r;
}

int
schema_migrate(struct db *db, struct err *err)
{
	int64_t version = 0;
	int r = db_get_int(db, &version, "PRAGMA user_version", "");

	if (r != 0)
		return err_set(err, r, "%s", db_message(db));
	if (version > SCHEMA_VERSION)
		return err_set(err, -EPROTO,
		    "it was written by a newer trellofs (schema %d, this "
		    "program knows %d)",
		    (int)version, (int)SCHEMA_VERSION);
	for (; version < SCHEMA_VERSION; version++) {
		r = migrate_one(db, version);
		if (r != 0)
			return err_set(err, r, "%s", db_message(db));
	}
	return 0;
}
