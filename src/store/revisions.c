#include "store/revisions.h"

#include "model/model_json.h"
#include "store/resettle.h"
#include "store/tx.h"
#include "text/card_change.h"
#include "text/line_diff.h"
#include "text/merge.h"
#include "text/origin.h"
#include "util/buf.h"
#include "util/hash.h"
#include "util/timeutil.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
revision_fini(struct revision *revision)
{
	free(revision->text);
	free(revision->merged);
	free(revision->tail);
	card_fini(&revision->card);
	board_fini(&revision->board);
	*revision = (struct revision){0};
}

/* Boards' heads are large and the same for many texts. */
static int
keep_head(struct tx *tx, const char *head, size_t len, int64_t *ret_hash)
{
	*ret_hash = (int64_t)hash_add(HASH_INIT, head, len);
	return db_run(tx->db,
	    "INSERT OR IGNORE INTO heads(hash, json) VALUES(?, ?)", "ib",
	    *ret_hash, head, len);
}

/* Take the same text out.  *ret_num: its number, 0 if there is none. */
static int
take_out(struct tx *tx, const char *object, const struct revision_text *text,
    int64_t *ret_num, int64_t *ret_parent)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "DELETE FROM revisions WHERE object = ? AND rev = ? AND text = ?"
	    " RETURNING num, parent");
	int r = db_bind(stmt, "ssb", object, text->rev, text->text, text->len);

	*ret_num = *ret_parent = 0;
	while (r == 0 && (r = db_step(stmt)) == 1) {
		*ret_num = sqlite3_column_int64(stmt, 0);
		*ret_parent = sqlite3_column_int64(stmt, 1);
		r = 0;
	}
	db_reset(stmt);
	return r;
}

/* A text that is saved again becomes the newest. */
static int
add_row(struct tx *tx, const char *object, const char *card, int64_t head,
    bool saved, const struct revision_text *text)
{
	int64_t num = 0, parent = 0;
	int r = saved ? take_out(tx, object, text, &num, &parent) : 0;

	if (num == 0 || num != text->parent)
		parent = text->parent;
	if (r != 0)
		return r;
	return db_run(tx->db,
	    "INSERT INTO revisions(object, rev, at_ms, card, head, text, tail,"
	    " saved, writer, parent, merged)"
	    " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11"
	    " WHERE NOT EXISTS (SELECT 1 FROM revisions"
	    "  WHERE object = ?1 AND rev = ?2 AND text = ?6)",
	    "ssisibsiiis", object, text->rev, time_wall_ms(), card, head,
	    text->text, text->len, text->tail, (int64_t)saved,
	    (int64_t)text->writer, parent, text->merged);
}

int
revision_add(struct tx *tx, const char *object, const struct card *card,
    const struct board *board, const struct revision_text *text)
{
	struct buf json = BUF_INIT, head = BUF_INIT;
	int64_t hash;
	int r = card_write(card, &json);

	if (r == 0)
		r = board_write_head(board, &head);
	if (r == 0)
		r = keep_head(tx, head.data, head.len, &hash);
	if (r == 0)
		r = add_row(tx, object, buf_str(&json), hash, true, text);
	buf_free(&json);
	buf_free(&head);
	return r;
}

/* Columns: id, rev, card, board, text, tail. */
static int
add_shown(struct tx *tx, sqlite3_stmt *stmt)
{
	struct revision_text text = {
	    .rev = (const char *)sqlite3_column_text(stmt, 1),
	    .text = sqlite3_column_blob(stmt, 4),
	    .len = (size_t)sqlite3_column_bytes(stmt, 4),
	    .tail = (const char *)sqlite3_column_text(stmt, 5),
	};
	const char *card = (const char *)sqlite3_column_text(stmt, 2);
	struct buf head = BUF_INIT;
	int64_t hash;
	int r = buf_add(&head, sqlite3_column_text(stmt, 3),
	    (size_t)sqlite3_column_bytes(stmt, 3));

	if (r == 0)
		r = resettle_head(tx, card, &head);
	if (r == 0)
		r = keep_head(tx, head.data, head.len, &hash);
	buf_free(&head);
	return r == 0 ? add_row(tx, (const char *)sqlite3_column_text(stmt, 0),
			    card, hash, false, &text)
		      : r;
}

int
revision_keep_shown(struct tx *tx, uint64_t ino)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT n.id, t.rev, ifnull(t.card, c.json), b.head, t.text,"
	    " t.tail"
	    " FROM texts t JOIN nodes n ON n.ino = t.ino"
	    " LEFT JOIN cards c ON c.id = n.id"
	    " LEFT JOIN boards b ON b.id = ifnull(t.board, c.board)"
	    " WHERE t.ino = ? AND ifnull(t.card, c.json) IS NOT NULL"
	    " AND b.head IS NOT NULL");
	int r = db_bind(stmt, "i", (int64_t)ino);

	if (r == 0)
		r = db_step(stmt);
	if (r == 1)
		r = add_shown(tx, stmt);
	db_reset(stmt);
	return r;
}

static int
read_all(struct json_reader *reader, const void *json, size_t len)
{
	int r;

	if (reader == NULL)
		return -ENOMEM;
	r = json_reader_feed(reader, json, len, NULL);
	if (r == 0)
		r = json_reader_finish(reader, NULL);
	json_reader_free(reader);
	return r;
}

/* Columns: text, card, head, tail. */
static int
read_revision(sqlite3_stmt *stmt, struct revision *revision)
{
	const char *tail = (const char *)sqlite3_column_text(stmt, 3);
	int r;

	card_init(&revision->card);
	board_init(&revision->board);
	revision->tail = tail != NULL ? strdup(tail) : NULL;
	if (tail != NULL && revision->tail == NULL)
		return -ENOMEM;
	revision->len = (size_t)sqlite3_column_bytes(stmt, 0);
	revision->text = malloc(revision->len + 1);
	if (revision->text == NULL)
		return -ENOMEM;
	if (revision->len > 0)
		memcpy(revision->text, sqlite3_column_blob(stmt, 0),
		    revision->len);
	revision->text[revision->len] = '\0';
	r = read_all(card_reader_new(&revision->card),
	    sqlite3_column_text(stmt, 1),
	    (size_t)sqlite3_column_bytes(stmt, 1));
	if (r == 0)
		r = read_all(board_reader_new(&revision->board),
		    sqlite3_column_text(stmt, 2),
		    (size_t)sqlite3_column_bytes(stmt, 2));
	return r == 0 ? board_gather(&revision->board) : r;
}

/* A text under the rev: those seen are newest first. */
struct seen {
	int64_t num, parent;
	uint64_t writer;
};

/* A revision on its way to be the nearest. */
struct nearest {
	const struct revision_text *text;
	VEC(struct seen) seen;
	struct revision best;
	bool has_best;
	bool best_is_own; /* saved by the same process */
	size_t least;
	char *merged;
};

static void
nearest_fini(struct nearest *nearest)
{
	VEC_FREE(&nearest->seen);
	if (nearest->has_best)
		revision_fini(&nearest->best);
	free(nearest->merged);
}

/* Columns as for read_revision(), then: num, parent, writer, saved, merged. */
static int
note_seen(struct nearest *nearest, sqlite3_stmt *stmt)
{
	const char *merged = (const char *)sqlite3_column_text(stmt, 8);
	struct seen *slot = VEC_ADD(&nearest->seen);

	if (slot == NULL)
		return -ENOMEM;
	slot->num = sqlite3_column_int64(stmt, 4);
	slot->parent = sqlite3_column_int64(stmt, 5);
	if (sqlite3_column_int(stmt, 7) != 0)
		slot->writer = (uint64_t)sqlite3_column_int64(stmt, 6);
	if (nearest->seen.n == 1 && merged != NULL) {
		nearest->merged = strdup(merged);
		return nearest->merged != NULL ? 0 : -ENOMEM;
	}
	return 0;
}

/* Newest first: a later one must differ less to be taken.  1: it is one of the
 * writer's own, and nothing before it counts. */
static int
see_revision(struct nearest *nearest, sqlite3_stmt *stmt)
{
	const struct revision_text *text = nearest->text;
	struct revision revision = {0};
	size_t distance = line_distance(sqlite3_column_blob(stmt, 0),
	    (size_t)sqlite3_column_bytes(stmt, 0), text->text, text->len);
	const struct seen *seen;
	bool own;
	int r = note_seen(nearest, stmt);

	if (r != 0)
		return r;
	seen = &nearest->seen.v[nearest->seen.n - 1];
	own = text->writer != 0 && seen->writer == text->writer;
	if (nearest->has_best && distance >= nearest->least)
		return own;
	r = read_revision(stmt, &revision);
	if (r != 0) {
		revision_fini(&revision);
		return r;
	}
	if (nearest->has_best)
		revision_fini(&nearest->best);
	revision.num = seen->num;
	nearest->best = revision;
	nearest->has_best = true;
	nearest->best_is_own = own;
	nearest->least = distance;
	return own;
}

#define SELECT_TEXTS                                                        \
	"SELECT r.text, r.card, h.json, r.tail, r.num, r.parent, r.writer," \
	" r.saved, r.merged FROM revisions r"                               \
	" JOIN heads h ON h.hash = r.head WHERE "

/* Newest first. */
static sqlite3_stmt *
select_of_rev(struct tx *tx)
{
	return db_prepare(tx->db,
	    SELECT_TEXTS "r.object = ? AND r.rev = ? ORDER BY r.num DESC");
}

/* The first that is selected. */
static int
read_first(sqlite3_stmt *stmt, struct revision *ret_revision)
{
	struct revision revision = {0};
	int r = db_step(stmt);

	if (r >= 0)
		r = r == 1 ? read_revision(stmt, &revision) : -ENOENT;
	if (r == 0) {
		revision.num = sqlite3_column_int64(stmt, 4);
		*ret_revision = revision;
	} else {
		revision_fini(&revision);
	}
	db_reset(stmt);
	return r;
}

int
revision_newest(struct tx *tx, const char *object, const char *rev,
    struct revision *ret_revision)
{
	sqlite3_stmt *stmt = select_of_rev(tx);
	int r = db_bind(stmt, "ss", object, rev);

	return r == 0 ? read_first(stmt, ret_revision) : r;
}

/* Take the revision of a number instead of the best one. */
static int
take(struct tx *tx, struct nearest *nearest, int64_t num)
{
	sqlite3_stmt *stmt = db_prepare(tx->db, SELECT_TEXTS "r.num = ?");
	struct revision revision;
	int r = db_bind(stmt, "i", num);

	if (r == 0)
		r = read_first(stmt, &revision);
	if (r != 0)
		return r;
	revision_fini(&nearest->best);
	nearest->best = revision;
	return 0;
}

/* The newest text that was made from the best one, or from one that was.
 * Parents have smaller numbers. */
static const struct seen *
find_descendant(const struct nearest *nearest)
{
	const struct seen *seen = nearest->seen.v;
	int64_t best = nearest->best.num;

	for (size_t i = 0; seen[i].num != best; i++) {
		int64_t at = seen[i].parent;

		for (size_t j = i + 1; seen[j].num != best; j++)
			if (seen[j].num == at)
				at = seen[j].parent;
		if (at == best)
			return &seen[i];
	}
	return NULL;
}

/* Whether who wrote this text had seen that one, which has other words in the
 * same lines. */
static int
has_seen(const struct nearest *nearest, const char *base,
    const struct seen *seen, const char *text)
{
	uint64_t writer = nearest->text->writer;
	struct buf merged = BUF_INIT;
	bool conflict = false;
	int r = text_merge(base, nearest->text->text, text, &merged, &conflict);

	buf_free(&merged);
	if (r != 0 || !conflict)
		return r;
	if (writer == 0 || seen->writer == 0 || writer == seen->writer)
		return 1;
	return text_goes_on(base, nearest->text->text, text);
}

static int
go_on(struct tx *tx, struct nearest *nearest)
{
	const struct seen *seen;
	struct buf base = BUF_INIT;
	int64_t num = nearest->best.num;
	int r;

	if (nearest->best_is_own || num == nearest->seen.v[0].num)
		return 0;
	if (nearest->least == 0) {
		r = take(tx, nearest, nearest->seen.v[0].num);
		nearest->best.goes_back = r == 0;
		return r;
	}
	seen = find_descendant(nearest);
	if (seen == NULL)
		return 0;
	r = buf_add(&base, nearest->best.text, nearest->best.len);
	if (r == 0)
		r = take(tx, nearest, seen->num);
	if (r == 0)
		r = has_seen(nearest, buf_str(&base), seen, nearest->best.text);
	buf_free(&base);
	if (r == 0)
		return take(tx, nearest, num);
	return r < 0 ? r : 0;
}

int
revision_nearest(struct tx *tx, const char *object,
    const struct revision_text *text, struct revision *ret_revision)
{
	sqlite3_stmt *stmt = select_of_rev(tx);
	struct nearest nearest = {.text = text};
	int r = db_bind(stmt, "ss", object, text->rev);

	while (r == 0 && (r = db_step(stmt)) == 1)
		r = see_revision(&nearest, stmt);
	db_reset(stmt);
	r = r < 0 ? r : nearest.has_best ? go_on(tx, &nearest) : -ENOENT;
	if (r == 0) {
		*ret_revision = nearest.best;
		ret_revision->merged = nearest.merged;
		nearest.merged = NULL;
		nearest.has_best = false;
	}
	nearest_fini(&nearest);
	return r;
}

/* Whether making the change once more makes no difference. */
static int
has_change(struct card *card, const struct card_change *change)
{
	struct buf before = BUF_INIT, after = BUF_INIT;
	bool conflict = false;
	int r = card_gather(card);

	if (r == 0)
		r = card_write(card, &before);
	if (r == 0)
		r = card_change_apply(card, change, NULL, &conflict);
	if (r == 0)
		r = card_write(card, &after);
	if (r == 0)
		r = before.len == after.len &&
		    memcmp(before.data, after.data, after.len) == 0;
	buf_free(&before);
	buf_free(&after);
	return r;
}

static int
row_has_change(sqlite3_stmt *stmt, const struct card_change *change)
{
	struct card card;
	int r;

	card_init(&card);
	r = read_all(card_reader_new(&card), sqlite3_column_text(stmt, 1),
	    (size_t)sqlite3_column_bytes(stmt, 1));
	if (r == 0)
		r = has_change(&card, change);
	card_fini(&card);
	return r;
}

int
revisions_forget(
    struct tx *tx, const char *object, const struct card_change *change)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT num, card FROM revisions WHERE object = ? ORDER BY num");
	VEC(int64_t) nums = {0};
	int r = db_bind(stmt, "s", object);

	while (r == 0 && (r = db_step(stmt)) == 1) {
		int64_t *slot;

		r = row_has_change(stmt, change);
		if (r != 1)
			continue;
		slot = VEC_ADD(&nums);
		r = slot != NULL ? 0 : -ENOMEM;
		if (slot != NULL)
			*slot = sqlite3_column_int64(stmt, 0);
	}
	db_reset(stmt);
	for (size_t i = 0; i < nums.n && r == 0; i++)
		r = db_run(tx->db, "DELETE FROM revisions WHERE num = ?", "i",
		    nums.v[i]);
	VEC_FREE(&nums);
	return r;
}

int
revision_saved(struct tx *tx, const char *object, uint64_t writer, size_t len,
    struct buf *ret_text)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT text FROM (SELECT text FROM revisions WHERE object = ?1"
	    "  AND saved AND (?3 = 0 OR writer = ?3) ORDER BY num DESC LIMIT 1)"
	    " WHERE ?2 < 0 OR length(text) = ?2");
	int r = db_bind(stmt, "sii", object,
	    len == SIZE_MAX ? -1 : (int64_t)len, (int64_t)writer);

	if (r == 0)
		r = db_step(stmt);
	if (r == 1)
		r = buf_add(ret_text, sqlite3_column_blob(stmt, 0),
		    (size_t)sqlite3_column_bytes(stmt, 0));
	else if (r == 0)
		r = -ENOENT;
	db_reset(stmt);
	return r;
}

/* Under no rev: no text is compared with it. */
int
revision_add_desc(struct tx *tx, const char *object, const char *desc)
{
	struct revision_text text = {
	    .rev = "", .text = desc, .len = strlen(desc)};
	struct buf json = BUF_INIT;
	struct card card;
	int64_t head;
	int r;

	card_init(&card);
	card.desc = strdup(desc);
	r = card.desc != NULL ? card_write(&card, &json) : -ENOMEM;
	card_fini(&card);
	if (r == 0)
		r = keep_head(tx, "{}", 2, &head);
	if (r == 0)
		r = add_row(tx, object, buf_str(&json), head, false, &text);
	buf_free(&json);
	return r;
}

int
revisions_see_descs(
    struct tx *tx, const char *object, int64_t until_ms, struct origin *origin)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT card FROM revisions WHERE object = ? AND at_ms <= ?"
	    " ORDER BY num DESC");
	int r = db_bind(stmt, "si", object, until_ms);

	while (r == 0 && (r = db_step(stmt)) == 1) {
		struct card card;

		card_init(&card);
		r = read_all(card_reader_new(&card),
		    sqlite3_column_text(stmt, 0),
		    (size_t)sqlite3_column_bytes(stmt, 0));
		if (r == 0)
			r = origin_see(origin, model_str(card.desc));
		card_fini(&card);
	}
	db_reset(stmt);
	return r;
}

int
revisions_prune(struct tx *tx, int64_t now_ms)
{
	/* The first that stays keeps all that came after it. */
	int r = db_run(tx->db,
	    "DELETE FROM revisions WHERE num < ifnull((SELECT num FROM"
	    " revisions WHERE at_ms >= ? ORDER BY num LIMIT 1),"
	    " 9223372036854775807)",
	    "i", now_ms - REVISIONS_KEPT_MS);

	if (r == 0)
		r = db_run(tx->db,
		    "DELETE FROM heads WHERE hash NOT IN"
		    " (SELECT head FROM revisions)",
		    "");
	return r;
}
