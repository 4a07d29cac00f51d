#include "store/index.h"

#include "search/words.h"
#include "store/base.h"
#include "store/store.h"
#include "store/tx.h"
#include "util/buf.h"
#include "util/log.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* In one transaction: others wait for so long. */
#define CARDS_PER_PIECE 200

/* Fewer are indexed by whoever searches, which takes no time worth speaking
 * of. */
#define MANY_CARDS 500

/* The documents are counted after so many new ones; if then more than half of
 * them, and not just a few, are nobody's, all is indexed anew. */
#define DOCUMENTS_PER_LOOK 4096
#define FEW_DOCUMENTS 8192

/* A word of its own, of a code point for private use: no words in quotes go
 * from one item or comment on into the next one. */
#define BETWEEN " \xee\x80\x80 "

enum column { NAME, DESCRIPTION, CHECKLIST, COMMENT, ATTACHMENT, TAG, COLUMNS };

struct document {
	struct buf columns[COLUMNS];
	int64_t flags;
};

/* A card as it is shown. */
struct shown {
	struct card card;
	int64_t changed_ms; /* here, and not at Trello yet, or INT64_MIN */
	bool archived;
};

static void
document_fini(struct document *document)
{
	for (size_t i = 0; i < COLUMNS; i++)
		buf_free(&document->columns[i]);
}

static void
add(struct document *document, enum column column, const char *text)
{
	struct buf *out = &document->columns[column];

	if (out->len > 0)
		(void)buf_add_str(out, BETWEEN);
	(void)words_spread(model_str(text), out);
}

static void
add_checklists(struct document *document, const struct card *card)
{
	for (size_t i = 0; i < card->checklists.n; i++) {
		const struct checklist *list = &card->checklists.v[i];

		add(document, CHECKLIST, list->name);
		for (size_t k = 0; k < list->items.n; k++)
			add(document, CHECKLIST, list->items.v[k].name);
	}
}

static int
document_make(struct document *document, const struct card *card)
{
	add(document, NAME, card->name);
	add(document, DESCRIPTION, card->desc);
	add_checklists(document, card);
	for (size_t i = 0; i < card->comments.n; i++)
		add(document, COMMENT, card->comments.v[i].text);
	for (size_t i = 0; i < card->attachments.n; i++) {
		const struct attachment *one = &card->attachments.v[i];

		add(document, ATTACHMENT, one->name);
		if (!one->is_upload)
			add(document, ATTACHMENT, one->url);
	}
	for (size_t i = 0; i < card->id_labels.n; i++)
		add(document, TAG, card->id_labels.v[i].s);
	for (size_t i = 0; i < card->id_members.n; i++)
		add(document, TAG, card->id_members.v[i].s);
	if (card->attachments.n > 0)
		document->flags |= INDEX_ATTACHMENTS;
	if (model_str(card->desc)[0] != '\0')
		document->flags |= INDEX_DESCRIPTION;
	if (card->id_members.n > 0)
		document->flags |= INDEX_MEMBERS;
	if (card->due_complete)
		document->flags |= INDEX_COMPLETE;
	for (size_t i = 0; i < COLUMNS; i++)
		if (document->columns[i].err != 0)
			return document->columns[i].err;
	return 0;
}

static int64_t
created_ms(const struct card *card)
{
	int64_t ms = time_from_id(card->id);

	return ms == TIME_NONE ? 0 : ms;
}

/* The last row of a card goes; its words stay, and are nobody's. */
static int
drop(struct tx *tx, int64_t ino, int64_t *ret_edited_ms)
{
	int r = db_get_int(tx->db, ret_edited_ms,
	    "SELECT edited FROM found WHERE ino = ?", "i", ino);

	if (r == -ENOENT)
		return 0;
	return r == 0
		   ? db_run(tx->db, "DELETE FROM found WHERE ino = ?", "i", ino)
		   : r;
}

/* A row for the card, and its words under the number of the row. */
static int
write_document(struct tx *tx, int64_t ino, const struct card *card,
    int64_t changed_ms, const struct document *document)
{
	const struct buf *columns = document->columns;
	int64_t edited_ms = INT64_MIN;
	int r = drop(tx, ino, &edited_ms);

	/* What was changed here is no longer ago when Trello has it. */
	if (card->activity_ms > edited_ms)
		edited_ms = card->activity_ms;
	if (changed_ms > edited_ms)
		edited_ms = changed_ms;
	if (edited_ms == INT64_MIN)
		edited_ms = created_ms(card);
	if (r == 0)
		r = db_run(tx->db,
		    "INSERT INTO found(ino, due, edited, created, number,"
		    " flags) VALUES(?1, nullif(?2, ?3), ?4, ?5, ?6, ?7)",
		    "iiiiiii", ino, card->due_ms, TIME_NONE, edited_ms,
		    created_ms(card), card->id_short, document->flags);
	if (r == 0)
		r = db_run(tx->db,
		    "INSERT INTO words(rowid, name, description, checklist,"
		    " comment, attachment, tag)"
		    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		    "issssss", db_last_rowid(tx->db), buf_str(&columns[NAME]),
		    buf_str(&columns[DESCRIPTION]),
		    buf_str(&columns[CHECKLIST]), buf_str(&columns[COMMENT]),
		    buf_str(&columns[ATTACHMENT]), buf_str(&columns[TAG]));
	return r;
}

static int
write_card(struct tx *tx, int64_t ino, const struct shown *shown)
{
	struct document document = {
	    .flags = shown->archived ? INDEX_ARCHIVED : 0};
	int r = document_make(&document, &shown->card);

	if (r == 0)
		r = write_document(
		    tx, ino, &shown->card, shown->changed_ms, &document);
	document_fini(&document);
	return r;
}

static int
unmark(struct tx *tx, int64_t ino)
{
	return db_run(tx->db, "DELETE FROM unsearched WHERE ino = ?", "i", ino);
}

/* 0, -ENOENT: there is none, or -errno. */
static int
read_shown(struct tx *tx, int64_t ino, struct shown *shown)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT coalesce(t.card, c.json, a.json), n.ctime,"
	    " t.card IS NOT NULL, n.kind = 10"
	    " FROM nodes n LEFT JOIN texts t ON t.ino = n.ino"
	    " LEFT JOIN cards c ON c.id = n.id"
	    " LEFT JOIN archived a ON n.kind = 10 AND a.id = substr(n.id, 3)"
	    " WHERE n.ino = ?"
	    " AND coalesce(t.card, c.json, a.json) IS NOT NULL");
	int r = db_bind(stmt, "i", ino);

	if (r == 0)
		r = db_step(stmt);
	if (r == 1) {
		shown->archived = sqlite3_column_int(stmt, 3) != 0;
		shown->changed_ms =
		    sqlite3_column_int(stmt, 2) != 0
			? sqlite3_column_int64(stmt, 1) / 1000000
			: INT64_MIN;
		r = base_parse_card(sqlite3_column_text(stmt, 0),
		    (size_t)sqlite3_column_bytes(stmt, 0), &shown->card);
	} else if (r == 0) {
		r = -ENOENT;
	}
	db_reset(stmt);
	return r;
}

static int
update_card(struct tx *tx, int64_t ino)
{
	struct shown shown;
	int64_t edited_ms;
	int r = read_shown(tx, ino, &shown);

	if (r == 0) {
		r = write_card(tx, ino, &shown);
		card_fini(&shown.card);
	} else if (r == -ENOENT) {
		r = drop(tx, ino, &edited_ms);
	}
	return r == 0 ? unmark(tx, ino) : r;
}

int
index_is_behind(struct tx *tx)
{
	int64_t n = 0;
	int r = db_get_int(
	    tx->db, &n, "SELECT EXISTS(SELECT 1 FROM unsearched)", "");

	return r != 0 ? r : n != 0;
}

/* Numbers of documents begin anew, too. */
static int
begin_anew(struct tx *tx)
{
	int r =
	    db_run(tx->db, "INSERT INTO words(words) VALUES('delete-all')", "");

	if (r == 0)
		r = db_run(tx->db,
		    "INSERT OR IGNORE INTO unsearched SELECT ino FROM texts",
		    "");
	if (r == 0)
		r = db_run(tx->db, "DELETE FROM found", "");
	return r == 0 ? db_run(tx->db,
			    "DELETE FROM sqlite_sequence"
			    " WHERE name = 'found'",
			    "")
		      : r;
}

static int
last_document(struct tx *tx, int64_t *ret_doc)
{
	return db_get_int(
	    tx->db, ret_doc, "SELECT ifnull(max(doc), 0) FROM found", "");
}

/* After new documents: whether too many are nobody's.  0 or -errno. */
static int
look_at_documents(struct tx *tx, int64_t before)
{
	int64_t doc, cards;
	int r = last_document(tx, &doc);

	if (r != 0 || doc / DOCUMENTS_PER_LOOK == before / DOCUMENTS_PER_LOOK)
		return r;
	r = db_get_int(tx->db, &cards, "SELECT count(*) FROM found", "");
	if (r == 0 && doc - cards > cards + FEW_DOCUMENTS)
		r = begin_anew(tx);
	return r;
}

struct piece {
	int64_t inos[CARDS_PER_PIECE];
	size_t n;
};

static int
read_piece(struct tx *tx, struct piece *piece)
{
	sqlite3_stmt *stmt =
	    db_prepare(tx->db, "SELECT ino FROM unsearched LIMIT ?");
	int r = db_bind(stmt, "i", (int64_t)CARDS_PER_PIECE);

	piece->n = 0;
	while (r == 0 && (r = db_step(stmt)) == 1) {
		piece->inos[piece->n++] = sqlite3_column_int64(stmt, 0);
		r = 0;
	}
	db_reset(stmt);
	return r;
}

/* 1: there may be more, 0 or -errno. */
static int
update_piece(struct tx *tx)
{
	struct piece piece;
	int64_t before = 0;
	int r = read_piece(tx, &piece);

	if (r == 0)
		r = last_document(tx, &before);
	for (size_t i = 0; i < piece.n && r == 0; i++)
		r = update_card(tx, piece.inos[i]);
	if (r == 0 && piece.n > 0)
		r = look_at_documents(tx, before);
	return r == 0 ? piece.n > 0 : r;
}

static int
write_piece(struct store *store, int (*piece)(struct tx *tx))
{
	struct tx *tx;
	int r = store_write(store, &tx), committed;

	if (r != 0)
		return r;
	r = piece(tx);
	if (r < 0) {
		store_end(tx);
		return r;
	}
	committed = store_commit(tx);
	return committed != 0 ? committed : r;
}

static int
is_behind(struct store *store)
{
	struct tx *tx;
	int r = store_read(store, false, &tx);

	if (r != 0)
		return r;
	r = index_is_behind(tx);
	store_end(tx);
	return r;
}

int
index_update(struct store *store)
{
	int64_t until_ms = time_monotonic_ms() + INDEX_WAIT_MS;
	int r = is_behind(store);

	while (r == 1) {
		r = write_piece(store, update_piece);
		if (r == 1 && time_monotonic_ms() >= until_ms)
			return is_behind(store) == 1 ? -EAGAIN : 0;
	}
	return r;
}

/* 1: it is behind for many. */
static int
is_far_behind(struct store *store)
{
	int64_t n = 0;
	struct tx *tx;
	int r = store_read(store, false, &tx);

	if (r != 0)
		return r;
	r = db_get_int(tx->db, &n,
	    "SELECT count(*) FROM (SELECT 1 FROM unsearched LIMIT ?)", "i",
	    (int64_t)MANY_CARDS);
	store_end(tx);
	return r == 0 ? n == MANY_CARDS : r;
}

int
index_some(struct store *store)
{
	int r = is_far_behind(store);

	return r == 1 ? write_piece(store, update_piece) : r;
}

int
index_make_anew(struct store *store)
{
	log_error("the index of the words of cards is damaged; it is made "
		  "anew");
	return write_piece(store, begin_anew);
}
