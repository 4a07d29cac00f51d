#include "store/journal.h"

#include "model/ids.h"
#include "store/tx.h"
#include "util/buf.h"
#include "util/timeutil.h"
#include "json/json_reader.h"
#include "json/json_writer.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OWN_MARK "own"
#define OWN_MARK_AT 8

enum entry_about
entry_about(enum entry_kind kind)
{
	switch (kind) {
	case ENTRY_LIST_CREATE:
	case ENTRY_LIST_RENAME:
	case ENTRY_LIST_MOVE:
	case ENTRY_LIST_ARCHIVE:
	case ENTRY_LIST_POS:
	case ENTRY_LIST_RESTORE:
		return ABOUT_LIST;
	case ENTRY_BOARD_CREATE:
	case ENTRY_BOARD_RENAME:
	case ENTRY_BOARD_CLOSE:
	case ENTRY_BOARD_REOPEN:
	case ENTRY_BOARD_DESC:
	case ENTRY_LABEL_ADD:
	case ENTRY_LABEL_CHANGE:
	case ENTRY_LABEL_REMOVE:
		return ABOUT_BOARD;
	default:
		return ABOUT_CARD;
	}
}

bool
entry_is_label(enum entry_kind kind)
{
	return kind == ENTRY_LABEL_ADD || kind == ENTRY_LABEL_CHANGE ||
	       kind == ENTRY_LABEL_REMOVE;
}

void
entry_fini(struct entry *entry)
{
	free(entry->title);
	free(entry->old_title);
	free(entry->error);
	card_change_fini(&entry->change);
	*entry = (struct entry){0};
}

void
entries_fini(struct entries *entries)
{
	for (size_t i = 0; i < entries->list.n; i++)
		entry_fini(&entries->list.v[i]);
	VEC_FREE(&entries->list);
}

static int
set_change_kind(void *member, const char *text, size_t len)
{
	char name[32];

	(void)snprintf(name, sizeof name, "%.*s", (int)len, text);
	*(enum card_change_kind *)member = card_change_kind_parse(name);
	return 0;
}

#define TEXT(name, member)                               \
	{                                                \
		.key = name, .type = JSON_STRING,        \
		.offset = offsetof(struct entry, member) \
	}
#define ID(name, member)                                  \
	{                                                 \
		.key = name, .type = JSON_CHARS,          \
		.offset = offsetof(struct entry, member), \
		.size = MODEL_ID_SIZE                     \
	}
#define SCALAR(name, kind, member)                       \
	{                                                \
		.key = name, .type = kind,               \
		.offset = offsetof(struct entry, member) \
	}

/* What an entry says, beside what the columns have. */
static const struct json_field entry_fields[] = {
    TEXT("title", title),
    TEXT("oldTitle", old_title),
    SCALAR("pos", JSON_DOUBLE, pos),
    {.key = "change",
	.type = JSON_CUSTOM,
	.offset = offsetof(struct entry, change.kind),
	.set = set_change_kind},
    SCALAR("oldFlag", JSON_BOOL, change.old_flag),
    SCALAR("newFlag", JSON_BOOL, change.new_flag),
    ID("id", change.id),
    ID("parent", change.parent),
    ID("oldId", change.old_id),
    ID("newId", change.new_id),
    TEXT("oldText", change.old_text),
    TEXT("newText", change.new_text),
    TEXT("newUrl", change.new_url),
    SCALAR("oldMs", JSON_INT64, change.old_ms),
    SCALAR("newMs", JSON_INT64, change.new_ms),
    SCALAR("newBytes", JSON_INT64, change.new_bytes),
    SCALAR("oldPos", JSON_DOUBLE, change.old_pos),
    SCALAR("newPos", JSON_DOUBLE, change.new_pos),
    {0},
};
static const struct json_shape entry_shape = {
    .fields = entry_fields, .element_size = sizeof(struct entry)};

static void
write_change(struct json_writer *json, const struct card_change *change)
{
	json_string(json, "change", card_change_kind_name(change->kind));
	json_bool(json, "oldFlag", change->old_flag);
	json_bool(json, "newFlag", change->new_flag);
	json_string(json, "id", change->id);
	json_string(json, "parent", change->parent);
	json_string(json, "oldId", change->old_id);
	json_string(json, "newId", change->new_id);
	json_string(json, "oldText", change->old_text);
	json_string(json, "newText", change->new_text);
	json_string(json, "newUrl", change->new_url);
	json_int(json, "oldMs", change->old_ms);
	json_int(json, "newMs", change->new_ms);
	if (change->kind == CHANGE_FILE_ADD)
		json_int(json, "newBytes", change->new_bytes);
	json_double(json, "oldPos", change->old_pos);
	json_double(json, "newPos", change->new_pos);
}

/* What stands in the column. */
enum { FREE = 0, HELD = 1, CONFIRMED = 2 };

static int64_t
held_of(const struct entry *entry)
{
	return entry->held ? HELD : entry->confirmed ? CONFIRMED : FREE;
}

static int
write_entry(const struct entry *entry, struct buf *out)
{
	struct json_writer json = {.out = out};

	json_object_begin(&json, NULL);
	json_string(&json, "title", entry->title);
	json_string(&json, "oldTitle", entry->old_title);
	json_double(&json, "pos", entry->pos);
	if (entry->kind == ENTRY_CARD_CHANGE || entry_is_label(entry->kind))
		write_change(&json, &entry->change);
	json_object_end(&json);
	return out->err;
}

int
journal_add(struct tx *tx, struct entry *entry)
{
	struct buf json = BUF_INIT;
	int r = write_entry(entry, &json);

	if (r == 0)
		r = db_run(tx->db,
		    "INSERT INTO journal(seq, object, board, list, kind,"
		    " state, held, at_ms, due_ms, tries, error, json)"
		    " VALUES(nullif(?, 0), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		    "isssiiiiiiss", entry->seq, entry->object, entry->board,
		    entry->list, (int64_t)entry->kind, (int64_t)entry->state,
		    held_of(entry), entry->at_ms, entry->due_ms,
		    (int64_t)entry->tries, entry->error, buf_str(&json));
	if (r == 0)
		entry->seq = db_last_rowid(tx->db);
	buf_free(&json);
	return r;
}

static int
read_json(struct entry *entry, const void *json, size_t len)
{
	struct json_reader *reader =
	    json_reader_new(&entry_shape, false, entry, &JSON_LIMITS_DEFAULT);
	int r;

	if (reader == NULL)
		return -ENOMEM;
	r = json_reader_feed(reader, json, len, NULL);
	if (r == 0)
		r = json_reader_finish(reader, NULL);
	json_reader_free(reader);
	return r;
}

static void
column_id(sqlite3_stmt *stmt, int column, char out[MODEL_ID_SIZE])
{
	(void)snprintf(out, MODEL_ID_SIZE, "%s",
	    (const char *)sqlite3_column_text(stmt, column));
}

#define COLUMNS                                                              \
	"seq, object, board, list, kind, state, held, at_ms, due_ms, tries," \
	" error, json"

static int
read_row(sqlite3_stmt *stmt, struct entry *entry)
{
	const char *error = (const char *)sqlite3_column_text(stmt, 10);

	entry->seq = sqlite3_column_int64(stmt, 0);
	column_id(stmt, 1, entry->object);
	column_id(stmt, 2, entry->board);
	column_id(stmt, 3, entry->list);
	entry->kind = (enum entry_kind)sqlite3_column_int(stmt, 4);
	entry->state = (enum entry_state)sqlite3_column_int(stmt, 5);
	entry->held = sqlite3_column_int(stmt, 6) == HELD;
	entry->confirmed = sqlite3_column_int(stmt, 6) == CONFIRMED;
	entry->at_ms = sqlite3_column_int64(stmt, 7);
	entry->due_ms = sqlite3_column_int64(stmt, 8);
	entry->tries = (unsigned)sqlite3_column_int(stmt, 9);
	if (error != NULL && (entry->error = strdup(error)) == NULL)
		return -ENOMEM;
	return read_json(entry, sqlite3_column_text(stmt, 11),
	    (size_t)sqlite3_column_bytes(stmt, 11));
}

static int
read_rows(sqlite3_stmt *stmt, int r, struct entries *entries)
{
	while (r == 0 && (r = db_step(stmt)) == 1) {
		struct entry *entry = VEC_ADD(&entries->list);

		r = entry != NULL ? read_row(stmt, entry) : -ENOMEM;
	}
	db_reset(stmt);
	return r;
}

int
journal_of(struct tx *tx, const char *object, struct entries *ret_entries)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT " COLUMNS " FROM journal WHERE object = ? ORDER BY seq");

	return read_rows(stmt, db_bind(stmt, "s", object), ret_entries);
}

int
journal_get(struct tx *tx, int64_t seq, struct entry *ret_entry)
{
	sqlite3_stmt *stmt =
	    db_prepare(tx->db, "SELECT " COLUMNS " FROM journal WHERE seq = ?");
	struct entries entries = {0};
	int r = read_rows(stmt, db_bind(stmt, "i", seq), &entries);

	if (r == 0 && entries.list.n == 0)
		r = -ENOENT;
	if (r == 0) {
		*ret_entry = entries.list.v[0];
		entries.list.n = 0;
	}
	entries_fini(&entries);
	return r;
}

int
journal_all(struct tx *tx, struct entries *ret_entries)
{
	sqlite3_stmt *stmt =
	    db_prepare(tx->db, "SELECT " COLUMNS " FROM journal ORDER BY seq");

	return read_rows(stmt, 0, ret_entries);
}

int
journal_objects(struct tx *tx, const char *board, model_ids *ret_objects)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT DISTINCT object FROM journal WHERE board = ?1"
	    " ORDER BY object");
	int r = db_bind(stmt, "s", board);

	while (r == 0 && (r = db_step(stmt)) == 1)
		r = model_ids_add(
		    ret_objects, (const char *)sqlite3_column_text(stmt, 0));
	db_reset(stmt);
	return r;
}

int
journal_has(struct tx *tx, const char *object, enum entry_kind kind)
{
	int64_t n = 0;
	int r = db_get_int(tx->db, &n,
	    "SELECT EXISTS(SELECT 1 FROM journal WHERE object = ?1"
	    " AND (?2 = ?3 OR kind = ?2))",
	    "sii", object, (int64_t)kind, (int64_t)ENTRY_KINDS);

	return r != 0 ? r : n != 0;
}

int
journal_update(struct tx *tx, const struct entry *entry)
{
	return db_run(tx->db,
	    "UPDATE journal SET state = ?, held = ?, due_ms = ?, tries = ?,"
	    " error = ? WHERE seq = ?",
	    "iiiisi", (int64_t)entry->state, held_of(entry), entry->due_ms,
	    (int64_t)entry->tries, entry->error, entry->seq);
}

int
journal_replace(struct tx *tx, const struct entry *entry)
{
	struct buf json = BUF_INIT;
	int r = write_entry(entry, &json);

	if (r == 0)
		r = db_run(tx->db,
		    "UPDATE journal SET board = ?, list = ?, state = ?,"
		    " held = ?, due_ms = ?, json = ? WHERE seq = ?",
		    "ssiiisi", entry->board, entry->list, (int64_t)entry->state,
		    held_of(entry), entry->due_ms, buf_str(&json), entry->seq);
	buf_free(&json);
	return r;
}

int
journal_remove(struct tx *tx, int64_t seq)
{
	return db_run(tx->db, "DELETE FROM journal WHERE seq = ?", "i", seq);
}

/* state, held and due_ms are an index, which has the numbers too; held is 1 of
 * what is held, and 2 of what was. */
#define IS_DUE                             \
	"SELECT seq FROM journal WHERE "   \
	"state = 1 AND held IN (0, 1, 2) " \
	"AND +seq > ?2 UNION ALL "         \
	"SELECT seq FROM journal WHERE "   \
	"state = 0 AND held IN (0, 2) AND due_ms <= ?1 AND +seq > ?2"

/* So many at once. */
#define DUE_MAX 64

int
journal_due(
    struct tx *tx, int64_t now_ms, int64_t *after, model_ids *ret_objects)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT object, min(seq), max(seq), count(*) FROM journal"
	    " WHERE seq IN (" IS_DUE " ORDER BY seq LIMIT ?3)"
	    " GROUP BY object ORDER BY 2");
	int64_t last = 0, n = 0;
	int r = db_bind(stmt, "iii", now_ms, *after, (int64_t)DUE_MAX);

	while (r == 0 && (r = db_step(stmt)) == 1) {
		if (sqlite3_column_int64(stmt, 2) > last)
			last = sqlite3_column_int64(stmt, 2);
		n += sqlite3_column_int64(stmt, 3);
		r = model_ids_add(
		    ret_objects, (const char *)sqlite3_column_text(stmt, 0));
	}
	db_reset(stmt);
	*after = n < DUE_MAX ? INT64_MAX : last;
	return r;
}

int
journal_follow_clock(struct tx *tx, int64_t set_ms, int64_t latest_ms)
{
	int r = db_run(tx->db,
	    "UPDATE journal SET due_ms = 0 WHERE state = 0 AND due_ms + ?1 > "
	    "?2",
	    "ii", set_ms, latest_ms);

	if (r == 0 && set_ms != 0)
		r = db_run(tx->db,
		    "UPDATE journal SET due_ms = due_ms + ?1"
		    " WHERE state = 0 AND due_ms <> 0",
		    "i", set_ms);
	if (r == 0 && set_ms != 0)
		r = db_run(tx->db, "UPDATE journal SET at_ms = at_ms + ?1", "i",
		    set_ms);
	if (r == 0 && set_ms != 0)
		r = db_run(tx->db,
		    "UPDATE saves SET last_ms = last_ms + ?1,"
		    " since_ms = since_ms + ?1",
		    "i", set_ms);
	return r;
}

int
journal_next_due(struct tx *tx, int64_t now_ms, int64_t *ret_due_ms)
{
	return db_get_int(tx->db, ret_due_ms,
	    "SELECT min("
	    " (SELECT ifnull(min(due_ms), ?2) FROM journal"
	    "  WHERE state = 0 AND held = 0 AND due_ms > ?1),"
	    " (SELECT ifnull(min(due_ms), ?2) FROM journal"
	    "  WHERE state = 0 AND held = 2 AND due_ms > ?1))",
	    "ii", now_ms, INT64_MAX);
}

int
journal_is_coming(struct tx *tx, const char *object, const char *own_id)
{
	int64_t n = 0;
	int r = db_get_int(tx->db, &n,
	    "SELECT EXISTS(SELECT 1 FROM journal WHERE object = ?1"
	    " AND state != 2 AND kind IN (?2, ?3, ?4))"
	    " OR EXISTS(SELECT 1 FROM journal WHERE object = ?5"
	    " AND state != 2 AND kind = ?6"
	    " AND json_extract(json, '$.id') = ?1"
	    " AND json_extract(json, '$.change') LIKE '%-add')",
	    "siiisi", own_id, (int64_t)ENTRY_CARD_CREATE,
	    (int64_t)ENTRY_LIST_CREATE, (int64_t)ENTRY_BOARD_CREATE, object,
	    (int64_t)ENTRY_CARD_CHANGE);

	return r != 0 ? r : n != 0;
}

int
journal_has_twin(struct tx *tx, const struct entry *entry)
{
	int64_t n = 0;
	int r;

	if (entry->kind == ENTRY_CARD_CHANGE)
		return 0;
	r = db_get_int(tx->db, &n,
	    "SELECT EXISTS(SELECT 1 FROM journal WHERE state = 1 AND kind = ?1"
	    " AND object != ?2 AND (board = ?3 OR ?1 = ?6) AND list = ?4"
	    " AND json_extract(json, '$.title') = ?5)",
	    "issssi", (int64_t)entry->kind, entry->object, entry->board,
	    entry->list, model_str(entry->title), (int64_t)ENTRY_BOARD_CREATE);
	return r != 0 ? r : n != 0;
}

int
journal_is_unsent(struct tx *tx, const char *object)
{
	int64_t all = 0, sent = 0;
	int r;

	if (!journal_is_own_id(object))
		return 0;
	r = db_get_int(tx->db, &all,
	    "SELECT count(*) FROM journal WHERE object = ?", "s", object);
	if (r == 0)
		r = db_get_int(tx->db, &sent,
		    "SELECT count(*) FROM journal WHERE object = ?"
		    " AND state = 1",
		    "s", object);
	return r != 0 ? r : all > 0 && sent == 0;
}

int
journal_forget(struct tx *tx, const char *object)
{
	return db_run(tx->db,
	    "DELETE FROM journal WHERE object = ?1"
	    " OR (list = ?1 AND kind = ?2) OR (board = ?1 AND kind = ?3)",
	    "sii", object, (int64_t)ENTRY_CARD_MOVE, (int64_t)ENTRY_LIST_MOVE);
}

#define IS_OWN(id) "substr(" id ", 9, 3) = '" OWN_MARK "'"

int
journal_change_board(
    struct tx *tx, uint64_t folder, const char *old, const char *now)
{
	int r = db_run(tx->db,
	    "UPDATE journal SET board = ?3 WHERE board = ?2 AND object IN"
	    " (SELECT id FROM nodes WHERE parent = ?1"
	    "  AND (" IS_OWN("id") " OR " IS_OWN("?2") "))",
	    "iss", (int64_t)folder, old, now);

	return r == 0 ? db_run(tx->db,
			    "UPDATE texts SET board = ?3 WHERE board = ?2"
			    " AND ino IN (SELECT ino FROM nodes"
			    "  WHERE parent = ?1 AND " IS_OWN("id") ")",
			    "iss", (int64_t)folder, old, now)
		      : r;
}

int
journal_end_refused(struct tx *tx, const char *object)
{
	int r = db_run(tx->db,
	    "UPDATE journal SET state = 0, error = NULL WHERE object = ?1"
	    " AND state = 2 AND kind IN (?2, ?3, ?4)",
	    "siii", object, (int64_t)ENTRY_CARD_CREATE,
	    (int64_t)ENTRY_LIST_CREATE, (int64_t)ENTRY_BOARD_CREATE);

	if (r == 0)
		r = db_run(tx->db,
		    "DELETE FROM journal WHERE object = ? AND state = 2", "s",
		    object);
	return r;
}

int
journal_waits(struct tx *tx, const char *object)
{
	int64_t n = 0;
	int r = db_get_int(tx->db, &n,
	    "SELECT EXISTS(SELECT 1 FROM journal j WHERE state != 2"
	    " AND held != 1 AND (object = ?1 OR ?1 = '')"
	    " AND NOT (" IS_OWN(
		"object") "  AND EXISTS(SELECT 1 FROM nodes n JOIN saves s ON "
			  "s.ino = n.ino"
			  "  WHERE n.id = j.object AND s.draft)))",
	    "s", object);

	return r != 0 ? r : n != 0;
}

int
journal_counts(struct tx *tx, struct journal_counts *ret_counts)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT state = 2, held = 1, count(*) FROM journal"
	    " GROUP BY state, held");
	struct journal_counts counts = {0};
	int r = 0;

	while (r == 0 && (r = db_step(stmt)) == 1) {
		int64_t *count =
		    sqlite3_column_int(stmt, 0) != 0   ? &counts.refused
		    : sqlite3_column_int(stmt, 1) != 0 ? &counts.held
						       : &counts.waiting;

		*count += sqlite3_column_int64(stmt, 2);
		r = 0;
	}
	db_reset(stmt);
	if (r == 0)
		*ret_counts = counts;
	return r;
}

int
journal_new_id(struct tx *tx, char ret_id[MODEL_ID_SIZE])
{
	char value[32] = "0";
	long long number;
	int r = store_meta_get(tx, "own_ids", value, sizeof value);

	if (r != 0 && r != -ENOENT)
		return r;
	number = atoll(value) + 1;
	(void)snprintf(value, sizeof value, "%lld", number);
	(void)snprintf(ret_id, MODEL_ID_SIZE, "%08llx" OWN_MARK "%013llx",
	    (unsigned long long)(time_wall_ms() / 1000) & 0xffffffffULL,
	    (unsigned long long)number & 0xfffffffffffffULL);
	return store_meta_set(tx, "own_ids", value);
}

bool
journal_is_own_id(const char *id)
{
	return strlen(id) > OWN_MARK_AT + strlen(OWN_MARK) &&
	       strncmp(id + OWN_MARK_AT, OWN_MARK, strlen(OWN_MARK)) == 0;
}
