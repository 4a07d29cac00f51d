#include "store/find.h"

#include "search/query.h"
#include "search/words.h"
#include "store/find_names.h"
#include "store/found.h"
#include "store/index.h"
#include "store/inos.h"
#include "store/nodes.h"
#include "store/store.h"
#include "store/tokens.h"
#include "store/tx.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DAY_MS ((int64_t)24 * 3600 * 1000)

struct finder {
	struct tx *tx;
	struct tokenizer *tokenizer;
	const struct query *query;
	int64_t now_ms;
	struct inos inos; /* what matches all terms so far */
	bool begun;	  /* they are no longer all cards */
	bool archived;	  /* asked for: else only what is open is found */
	struct matches matches;
};

/* Where words are looked for; never among the tags. */
static const char *const columns[] = {
    [QUERY_ANYWHERE] = "{name description checklist comment attachment}",
    [QUERY_NAME] = "name",
    [QUERY_DESCRIPTION] = "description",
    [QUERY_CHECKLIST] = "checklist",
    [QUERY_COMMENT] = "comment",
};

static int
ask_index(struct finder *finder, const char *match, struct inos *inos)
{
	sqlite3_stmt *stmt = db_prepare(finder->tx->db,
	    "SELECT f.ino FROM words JOIN found f ON f.doc = words.rowid"
	    " WHERE words MATCH ?");

	return inos_add_rows(inos, stmt, db_bind(stmt, "s", match));
}

/* The words as one phrase, without what would end it. */
static int
add_phrase(const struct query_term *term, struct buf *match)
{
	struct buf words = BUF_INIT;
	int r = words_spread(term->text, &words);

	(void)buf_printf(match, "%s : \"", columns[term->in]);
	for (size_t i = 0; i < words.len; i++)
		(void)buf_add_char(
		    match, words.data[i] == '"' ? ' ' : words.data[i]);
	(void)buf_add_str(match, term->exact ? "\"" : "\" *");
	buf_free(&words);
	return r == 0 ? match->err : r;
}

/* 1: the term says nothing. */
static int
find_words(
    struct finder *finder, const struct query_term *term, struct inos *inos)
{
	struct buf match = BUF_INIT;
	struct tokens tokens;
	bool any;
	int r = tokens_make(finder->tokenizer, term->text, &tokens);

	if (r != 0)
		return r;
	any = tokens.starts.n > 0;
	tokens_fini(&tokens);
	if (!any)
		return 1;
	r = add_phrase(term, &match);
	if (r == 0)
		r = ask_index(finder, buf_str(&match), inos);
	buf_free(&match);
	return r;
}

static int
find_tagged(
    struct finder *finder, const struct query_term *term, struct inos *inos)
{
	model_ids tags = {0};
	int r = find_tags(finder->tx, finder->tokenizer, term, &tags);

	for (size_t i = 0; i < tags.n && r == 0; i++) {
		char match[MODEL_ID_SIZE + 16];

		(void)snprintf(
		    match, sizeof match, "tag : \"%s\"", tags.v[i].s);
		r = ask_index(finder, match, inos);
	}
	VEC_FREE(&tags);
	return r;
}

/* Cards whose flags are `value` where the mask is set. */
static int
find_flags(
    struct finder *finder, int64_t mask, int64_t value, struct inos *inos)
{
	sqlite3_stmt *stmt = db_prepare(
	    finder->tx->db, "SELECT ino FROM found WHERE flags & ? = ?");

	return inos_add_rows(inos, stmt, db_bind(stmt, "ii", mask, value));
}

static int
find_due(struct finder *finder, int64_t from_ms, int64_t to_ms, int64_t mask,
    int64_t value, struct inos *inos)
{
	sqlite3_stmt *stmt = db_prepare(finder->tx->db,
	    "SELECT ino FROM found WHERE due BETWEEN ? AND ?"
	    " AND flags & ? = ?");

	return inos_add_rows(
	    inos, stmt, db_bind(stmt, "iiii", from_ms, to_ms, mask, value));
}

static int
find_property(
    struct finder *finder, const struct query_term *term, struct inos *inos)
{
	switch (term->value) {
	case QUERY_ATTACHMENTS:
		return find_flags(
		    finder, INDEX_ATTACHMENTS, INDEX_ATTACHMENTS, inos);
	case QUERY_A_DESCRIPTION:
		return find_flags(
		    finder, INDEX_DESCRIPTION, INDEX_DESCRIPTION, inos);
	case QUERY_MEMBERS:
		return find_flags(finder, INDEX_MEMBERS, INDEX_MEMBERS, inos);
	case QUERY_COMPLETE:
		return find_flags(finder, INDEX_COMPLETE, INDEX_COMPLETE, inos);
	case QUERY_INCOMPLETE:
		return find_flags(finder, INDEX_COMPLETE, 0, inos);
	case QUERY_OPEN:
		return find_flags(finder, INDEX_ARCHIVED, 0, inos);
	default: /* QUERY_ARCHIVED */
		return find_flags(finder, INDEX_ARCHIVED, INDEX_ARCHIVED, inos);
	}
}

static int
find_by_due(
    struct finder *finder, const struct query_term *term, struct inos *inos)
{
	int64_t now = finder->now_ms;

	switch (term->value) {
	case QUERY_DAYS:
		return find_due(
		    finder, now, now + term->days * DAY_MS, 0, 0, inos);
	case QUERY_OVERDUE:
		return find_due(
		    finder, INT64_MIN, now - 1, INDEX_COMPLETE, 0, inos);
	case QUERY_COMPLETE:
		return find_due(finder, INT64_MIN, INT64_MAX, INDEX_COMPLETE,
		    INDEX_COMPLETE, inos);
	default:
		return find_due(
		    finder, INT64_MIN, INT64_MAX, INDEX_COMPLETE, 0, inos);
	}
}

static int
find_by_age(
    struct finder *finder, const struct query_term *term, struct inos *inos)
{
	struct db *db = finder->tx->db;
	sqlite3_stmt *stmt =
	    term->kind == QUERY_CREATED
		? db_prepare(db, "SELECT ino FROM found WHERE created >= ?")
		: db_prepare(db, "SELECT ino FROM found WHERE edited >= ?");

	return inos_add_rows(inos, stmt,
	    db_bind(stmt, "i", finder->now_ms - term->days * DAY_MS));
}

/* 1: the term says nothing. */
static int
find_term(
    struct finder *finder, const struct query_term *term, struct inos *inos)
{
	switch (term->kind) {
	case QUERY_WORDS:
		return find_words(finder, term, inos);
	case QUERY_MEMBER:
	case QUERY_LABEL:
		return find_tagged(finder, term, inos);
	case QUERY_BOARD:
	case QUERY_LIST:
		return find_in_folders(finder->tx, finder->tokenizer, term,
		    finder->archived, inos);
	case QUERY_DUE:
		return find_by_due(finder, term, inos);
	case QUERY_CREATED:
	case QUERY_EDITED:
		return find_by_age(finder, term, inos);
	default:
		return find_property(finder, term, inos);
	}
}

static int
take_term(struct finder *finder, const struct query_term *term)
{
	struct inos inos = {0};
	int r = find_term(finder, term, &inos);

	if (r == 0) {
		inos_sort(&inos);
		if (finder->begun) {
			inos_filter(&finder->inos, &inos, !term->negated);
		} else {
			finder->inos = inos;
			inos = (struct inos){0};
			finder->begun = true;
		}
	}
	inos_fini(&inos);
	return r == 1 ? 0 : r;
}

/* What is wanted first, so that what is not wanted is taken from something. */
static int
take_terms(struct finder *finder)
{
	const struct query *query = finder->query;
	int r = 0;

	for (size_t i = 0; i < query->terms.n && r == 0; i++)
		if (!query->terms.v[i].negated)
			r = take_term(finder, &query->terms.v[i]);
	if (r == 0 && !finder->begun) {
		r = find_flags(finder, 0, 0, &finder->inos);
		inos_sort(&finder->inos);
		finder->begun = true;
	}
	for (size_t i = 0; i < query->terms.n && r == 0; i++)
		if (query->terms.v[i].negated)
			r = take_term(finder, &query->terms.v[i]);
	return r;
}

static int64_t
key_of(const struct query *query, sqlite3_stmt *stmt)
{
	int column = query->sort == QUERY_BY_EDITED    ? 4
		     : query->sort == QUERY_BY_CREATED ? 5
						       : 6;

	return sqlite3_column_type(stmt, column) == SQLITE_NULL
		   ? INT64_MIN
		   : sqlite3_column_int64(stmt, column);
}

static int
read_match(const struct query *query, sqlite3_stmt *stmt, struct match *match)
{
	match->number = sqlite3_column_int64(stmt, 0);
	match->key = key_of(query, stmt);
	(void)snprintf(match->id, sizeof match->id, "%s",
	    (const char *)sqlite3_column_text(stmt, 1));
	match->name = strndup(sqlite3_column_blob(stmt, 2),
	    (size_t)sqlite3_column_bytes(stmt, 2));
	return match->name != NULL ? 0 : -ENOMEM;
}

#define MATCHES                                                        \
	"SELECT f.number, c.id, c.name, 0, f.edited, f.created, f.due" \
	" FROM found f JOIN nodes c ON c.ino = f.ino"                  \
	" JOIN nodes l ON l.ino = c.parent"                            \
	" JOIN nodes b ON b.ino = l.parent"                            \
	" LEFT JOIN nodes a ON a.ino = b.parent"                       \
	" WHERE f.ino = ? AND (c.kind = 3 AND l.kind = 2 AND b.parent = 1"

/* The cards that stand in a list's folder of a board's, and if they are asked
 * for, those in a board's archive or in a list of that. */
static int
read_matches(struct finder *finder)
{
	struct db *db = finder->tx->db;
	sqlite3_stmt *stmt =
	    finder->archived
		? db_prepare(db,
		      MATCHES " OR c.kind = 10 AND l.kind = 9 AND b.parent = 1"
			      " OR c.kind = 10 AND l.kind = 11 AND b.kind = 9"
			      " AND a.parent = 1)")
		: db_prepare(db, MATCHES ")");
	int r = 0;

	for (size_t i = 0; i < finder->inos.list.n && r == 0; i++) {
		struct match *match;

		r = db_bind(stmt, "i", (int64_t)finder->inos.list.v[i]);
		if (r == 0)
			r = db_step(stmt);
		if (r != 1)
			continue;
		match = VEC_ADD(&finder->matches.list);
		r = match != NULL ? read_match(finder->query, stmt, match)
				  : -ENOMEM;
		if (match != NULL)
			match->ino = finder->inos.list.v[i];
		db_reset(stmt);
	}
	return r;
}

static bool
asks_for_archived(const struct query *query)
{
	for (size_t i = 0; i < query->terms.n; i++) {
		const struct query_term *term = &query->terms.v[i];

		if (term->kind == QUERY_IS &&
		    term->value ==
			(term->negated ? QUERY_OPEN : QUERY_ARCHIVED))
			return true;
	}
	return false;
}

static int
find_in(struct finder *finder, struct found *found)
{
	int r = tokenizer_open(finder->tx->db, &finder->tokenizer);

	finder->archived = asks_for_archived(finder->query);
	if (r == 0)
		r = take_terms(finder);
	if (r == 0)
		r = read_matches(finder);
	return r == 0 ? found_make(&finder->matches, finder->query, found) : r;
}

static void
finder_fini(struct finder *finder)
{
	matches_fini(&finder->matches);
	inos_fini(&finder->inos);
	tokenizer_close(finder->tokenizer);
}

/* 1: something has changed since the index was brought up to date. */
static int
find_at_once(struct store *store, const struct query *query, int64_t now_ms,
    struct found *ret_found)
{
	struct finder finder = {.query = query, .now_ms = now_ms};
	struct found found = {.commits = store_commits(store)};
	int r = store_read(store, true, &finder.tx);

	if (r != 0)
		return r;
	r = index_is_behind(finder.tx);
	if (r == 0)
		r = find_in(&finder, &found);
	finder_fini(&finder);
	store_end(finder.tx);
	if (r != 0)
		found_fini(&found);
	else
		*ret_found = found;
	return r;
}

int
find_cards(struct store *store, const struct query *query, int64_t now_ms,
    struct found *ret_found)
{
	int64_t until_ms = time_monotonic_ms() + INDEX_WAIT_MS;
	bool mended = false;
	int r;

	do {
		r = index_update(store);
		if (r == 0)
			r = find_at_once(store, query, now_ms, ret_found);
		if (r == -EBADMSG && !mended) {
			mended = true;
			r = index_make_anew(store);
			r = r == 0 ? 1 : r;
		}
	} while (r == 1 && time_monotonic_ms() < until_ms);
	return r == 1 ? -EAGAIN : r;
}
