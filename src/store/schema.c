#include "store/schema.h"

#include "store/tokens.h"
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
    " pos REAL NOT NULL DEFAULT 0,"
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

    /* What was changed here: see journal.h, saves.h, revisions.h, problems.h */
    "CREATE TABLE journal("
    " seq INTEGER PRIMARY KEY AUTOINCREMENT, object TEXT NOT NULL,"
    " board TEXT NOT NULL, list TEXT NOT NULL, kind INTEGER NOT NULL,"
    " state INTEGER NOT NULL, held INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL,"
    " tries INTEGER NOT NULL, error TEXT, json TEXT NOT NULL);"
    "CREATE INDEX journal_object ON journal(object, seq);"
    "CREATE INDEX journal_board ON journal(board);"
    "CREATE TABLE saves("
    " ino INTEGER PRIMARY KEY, since_ms INTEGER NOT NULL,"
    " last_ms INTEGER NOT NULL, written INTEGER NOT NULL,"
    " draft INTEGER NOT NULL, appended TEXT NOT NULL);"
    "CREATE TABLE revisions("
    " num INTEGER PRIMARY KEY, object TEXT NOT NULL, rev TEXT NOT NULL,"
    " at_ms INTEGER NOT NULL, card TEXT NOT NULL, head INTEGER NOT NULL,"
    " tail TEXT, saved INTEGER NOT NULL, text BLOB NOT NULL);"
    "CREATE TABLE heads(hash INTEGER PRIMARY KEY, json TEXT NOT NULL);"
    "ALTER TABLE texts ADD COLUMN card TEXT;"
    "ALTER TABLE texts ADD COLUMN board TEXT;"
    "ALTER TABLE texts ADD COLUMN tail TEXT;"
    "CREATE INDEX revisions_object ON revisions(object, rev);"
    "CREATE INDEX revisions_at ON revisions(at_ms);"
    "CREATE TABLE problems("
    " ino INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, what TEXT NOT NULL,"
    " why TEXT NOT NULL, remedy TEXT NOT NULL, text BLOB);",

    /* made: what Trello gave an id when we asked it to; overwritten: saved
     * descriptions whose predecessor is still to be looked at (accept.h). */
    "CREATE TABLE made(id TEXT PRIMARY KEY, own_id TEXT NOT NULL,"
    " at_ms INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE overwritten("
    " num INTEGER PRIMARY KEY, card TEXT NOT NULL, old TEXT NOT NULL,"
    " mine TEXT NOT NULL, sent_ms INTEGER NOT NULL,"
    " done INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX overwritten_card ON overwritten(card);",

    "CREATE TABLE notes("
    " num INTEGER PRIMARY KEY, ino INTEGER NOT NULL, name BLOB NOT NULL,"
    " at_ms INTEGER NOT NULL, what TEXT NOT NULL, why TEXT NOT NULL);"
    "CREATE UNIQUE INDEX notes_name ON notes(ino, name);",

    /* Which process wrote or saved a text (util/process.h), 0: unknown. */
    "ALTER TABLE saves ADD COLUMN writer INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE revisions ADD COLUMN writer INTEGER NOT NULL DEFAULT 0;",

    /* The file that tells of it, 0: none. */
    "ALTER TABLE problems ADD COLUMN file INTEGER NOT NULL DEFAULT 0;",

    /* Names that cards had: former.h. */
    "CREATE TABLE former("
    " folder INTEGER NOT NULL, name BLOB NOT NULL, card TEXT NOT NULL,"
    " link TEXT NOT NULL, at_ms INTEGER NOT NULL,"
    " PRIMARY KEY(folder, name, card)) WITHOUT ROWID;",

    /* revisions.h: the number of the text that it was made from, 0: unknown;
     * the description with all that was saved under the rev until then. */
    "ALTER TABLE revisions ADD COLUMN parent INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE revisions ADD COLUMN merged TEXT;",

    /* What is due, and what is to be archived, of thousands that wait. */
    "CREATE INDEX journal_due ON journal(state, held, due_ms);"
    "CREATE INDEX journal_archives ON journal(kind, list)"
    " WHERE kind IN (3, 7, 10);",

    /* Whether others have changed what was made here. */
    "ALTER TABLE made ADD COLUMN touched INTEGER NOT NULL DEFAULT 0;",

    /* Texts of `.order`: order.h. */
    "CREATE TABLE orders("
    " num INTEGER PRIMARY KEY, ino INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
    " saved INTEGER NOT NULL, writer INTEGER NOT NULL, text BLOB NOT NULL,"
    " inos TEXT NOT NULL);"
    "CREATE INDEX orders_ino ON orders(ino, num);",

    /* What is searched: index.h.  found: what is asked of a card, and the
     * number of the document that has its words; tag: the ids of its labels
     * and members; unsearched: of what the index does not have yet. */
    "CREATE VIRTUAL TABLE words USING fts5(name, description, checklist,"
    " comment, attachment, tag, content = '', columnsize = 0, tokenize ="
    " \"" TOKENIZER_NAME " remove_diacritics 2 categories"
    " '" TOKENIZER_CATEGORIES "'\");"
    "CREATE TABLE found("
    " doc INTEGER PRIMARY KEY AUTOINCREMENT, ino INTEGER NOT NULL UNIQUE,"
    " due INTEGER, edited INTEGER NOT NULL, created INTEGER NOT NULL,"
    " number INTEGER NOT NULL, flags INTEGER NOT NULL);"
    "CREATE INDEX found_due ON found(due) WHERE due IS NOT NULL;"
    "CREATE TABLE unsearched(ino INTEGER PRIMARY KEY);"
    "INSERT INTO unsearched SELECT ino FROM texts;"
    "CREATE TRIGGER text_made AFTER INSERT ON texts BEGIN"
    " INSERT INTO unsearched VALUES(new.ino) ON CONFLICT DO NOTHING; END;"
    "CREATE TRIGGER text_changed AFTER UPDATE OF card ON texts"
    " WHEN old.card IS NOT new.card BEGIN"
    " INSERT INTO unsearched VALUES(new.ino) ON CONFLICT DO NOTHING; END;"
    "CREATE TRIGGER text_gone AFTER DELETE ON texts BEGIN"
    " INSERT INTO unsearched VALUES(old.ino) ON CONFLICT DO NOTHING; END;"
    "CREATE TRIGGER card_made AFTER INSERT ON cards BEGIN"
    " INSERT INTO unsearched SELECT ino FROM nodes WHERE id = new.id"
    " ON CONFLICT DO NOTHING; END;"
    "CREATE TRIGGER card_changed AFTER UPDATE OF json ON cards"
    " WHEN old.json != new.json BEGIN"
    " INSERT INTO unsearched SELECT ino FROM nodes WHERE id = new.id"
    " ON CONFLICT DO NOTHING; END;",

    /* Their numbers rise with the time. */
    "DROP INDEX revisions_at;",

    /* What is archived, as far as somebody has looked: archived.h. */
    "CREATE TABLE archives("
    " ino INTEGER PRIMARY KEY, listed_ms INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL);"
    "CREATE TABLE archived("
    " id TEXT PRIMARY KEY, board TEXT NOT NULL, list TEXT NOT NULL,"
    " closed INTEGER NOT NULL, title TEXT NOT NULL, json TEXT)"
    " WITHOUT ROWID;"
    "CREATE INDEX archived_list ON archived(list);",

    /* What is archived is searched, too, if somebody asks for it. */
    "INSERT INTO unsearched SELECT t.ino FROM texts t JOIN nodes n"
    " ON n.ino = t.ino AND n.kind = 10 WHERE true ON CONFLICT DO NOTHING;"
    "CREATE TRIGGER archived_made AFTER INSERT ON archived BEGIN"
    " INSERT INTO unsearched SELECT ino FROM nodes WHERE id = 'a:' || new.id"
    " ON CONFLICT DO NOTHING; END;"
    "CREATE TRIGGER archived_changed AFTER UPDATE OF json ON archived"
    " WHEN old.json IS NOT new.json BEGIN"
    " INSERT INTO unsearched SELECT ino FROM nodes WHERE id = 'a:' || new.id"
    " ON CONFLICT DO NOTHING; END;"
    "CREATE TRIGGER archived_gone AFTER DELETE ON archived BEGIN"
    " INSERT INTO unsearched SELECT ino FROM nodes WHERE id = 'a:' || old.id"
    " ON CONFLICT DO NOTHING; END;",

    /* Which folders `Card.files` are behind their cards, by the cards' nodes:
     * uploads.h. */
    "CREATE TABLE uploads("
    " card INTEGER PRIMARY KEY, behind INTEGER NOT NULL);"
    "CREATE TRIGGER uploads_text AFTER UPDATE OF card ON texts"
    " WHEN old.card IS NOT new.card BEGIN"
    " UPDATE uploads SET behind = 1 WHERE card = new.ino; END;"
    "CREATE TRIGGER uploads_made AFTER INSERT ON cards BEGIN"
    " UPDATE uploads SET behind = 1 WHERE card ="
    " (SELECT ino FROM nodes WHERE id = new.id); END;"
    "CREATE TRIGGER uploads_changed AFTER UPDATE OF json ON cards"
    " WHEN old.json != new.json BEGIN"
    " UPDATE uploads SET behind = 1 WHERE card ="
    " (SELECT ino FROM nodes WHERE id = new.id); END;"
    "CREATE TRIGGER uploads_archived AFTER INSERT ON archived BEGIN"
    " UPDATE uploads SET behind = 1 WHERE card ="
    " (SELECT ino FROM nodes WHERE id = 'a:' || new.id); END;"
    "CREATE TRIGGER uploads_old AFTER UPDATE OF json ON archived"
    " WHEN old.json IS NOT new.json BEGIN"
    " UPDATE uploads SET behind = 1 WHERE card ="
    " (SELECT ino FROM nodes WHERE id = 'a:' || new.id); END;",

    /* When a description was sent and answered, by Trello's time. */
    "ALTER TABLE overwritten ADD COLUMN done_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE overwritten ADD COLUMN from_ms INTEGER NOT NULL DEFAULT 0;",

    /* Files to be uploaded: spool.h. */
    "CREATE TABLE spools("
    " ino INTEGER PRIMARY KEY, id TEXT NOT NULL, state INTEGER NOT NULL,"
    " last_ms INTEGER NOT NULL, seq INTEGER NOT NULL);"
    "CREATE INDEX spools_id ON spools(id);"
    "CREATE INDEX spools_state ON spools(state);",
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
