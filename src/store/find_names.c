#include "store/find_names.h"

#include "model/ids.h"
#include "model/model_json.h"
#include "search/query.h"
#include "store/inos.h"
#include "store/numbering.h"
#include "store/tokens.h"
#include "store/tx.h"
#include "store/view.h"
#include "util/strset.h"
#include "json/json_reader.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

struct name_search {
	struct tx *tx;
	struct tokenizer *tokenizer;
	const struct query_term *term;
	struct tokens words;
	bool whole;
};

/* What has been found; of seen each once. */
struct tags {
	model_ids *ids;
	struct strset seen;
};

static int
begin(struct name_search *search, struct tx *tx, struct tokenizer *tokenizer,
    const struct query_term *term)
{
	*search = (struct name_search){
	    .tx = tx, .tokenizer = tokenizer, .term = term};
	search->whole = term->exact || term->kind == QUERY_MEMBER;
	return tokens_make(tokenizer, term->text, &search->words);
}

static void
end(struct name_search *search)
{
	tokens_fini(&search->words);
}

/* 1, 0 or -ENOMEM. */
static int
is_meant(const struct name_search *search, const char *name)
{
	struct tokens tokens;
	int r;

	if (search->words.starts.n == 0)
		return strcasestr(name, search->term->text) != NULL;
	r = tokens_make(search->tokenizer, name, &tokens);
	if (r != 0)
		return r;
	r = tokens_match(&tokens, &search->words, search->whole);
	tokens_fini(&tokens);
	return r;
}

static const char *
column(sqlite3_stmt *stmt, int i)
{
	return model_str((const char *)sqlite3_column_text(stmt, i));
}

/* Lists by what stands behind their number, too. */
static int
is_called(const struct name_search *search, const char *name)
{
	size_t place;
	const char *title = search->term->kind == QUERY_LIST
				? numbering_split(search->tx, name, &place)
				: name;
	int r = is_meant(search, title);

	return r == 0 && title != name ? is_meant(search, name) : r;
}

/* Rows: the folder, its name, its id. */
static int
add_folders(
    const struct name_search *search, sqlite3_stmt *stmt, struct inos *folders)
{
	bool board = search->term->kind == QUERY_BOARD;
	int r = db_bind(stmt, "");

	while (r == 0 && (r = db_step(stmt)) == 1) {
		r = is_called(search, column(stmt, 1));
		if (r == 0 && board)
			r = strcasecmp(search->term->text, column(stmt, 2)) ==
			    0;
		if (r == 1)
			r = inos_add(
			    folders, (uint64_t)sqlite3_column_int64(stmt, 0));
	}
	db_reset(stmt);
	return r;
}

static int
add_cards(struct tx *tx, const struct query_term *term, uint64_t folder,
    struct inos *inos)
{
	sqlite3_stmt *stmt;

	if (term->kind == QUERY_BOARD)
		stmt =
		    db_prepare(tx->db, "SELECT c.ino FROM nodes l JOIN nodes c"
				       " ON c.parent = l.ino AND c.kind = 3"
				       " WHERE l.parent = ? AND l.kind = 2");
	else
		stmt = db_prepare(tx->db,
		    "SELECT ino FROM nodes WHERE parent = ? AND kind = 3");
	return inos_add_rows(inos, stmt, db_bind(stmt, "i", (int64_t)folder));
}

/* Those that were in the list, or on the board. */
static int
add_archived(struct tx *tx, const struct query_term *term, uint64_t folder,
    struct inos *inos)
{
	sqlite3_stmt *stmt;

	if (term->kind == QUERY_BOARD)
		stmt = db_prepare(tx->db,
		    "SELECT c.ino FROM nodes b JOIN archived a"
		    " ON a.board = b.id JOIN nodes c ON c.id = 'a:' || a.id"
		    " WHERE b.ino = ? AND c.kind = 10");
	else
		stmt = db_prepare(tx->db,
		    "SELECT c.ino FROM nodes l JOIN archived a"
		    " ON a.list = l.id JOIN nodes c ON c.id = 'a:' || a.id"
		    " WHERE l.ino = ? AND c.kind = 10");
	return inos_add_rows(inos, stmt, db_bind(stmt, "i", (int64_t)folder));
}

int
find_in_folders(struct tx *tx, struct tokenizer *tokenizer,
    const struct query_term *term, bool archived, struct inos *inos)
{
	struct inos folders = {0};
	struct name_search search;
	sqlite3_stmt *stmt;
	int r = begin(&search, tx, tokenizer, term);

	if (r != 0)
		return r;
	if (term->kind == QUERY_BOARD)
		stmt = db_prepare(tx->db,
		    "SELECT ino, CAST(name AS TEXT), id FROM nodes"
		    " WHERE parent = 1 AND kind = 1");
	else
		stmt = db_prepare(tx->db,
		    "SELECT l.ino, CAST(l.name AS TEXT), l.id"
		    " FROM nodes b JOIN nodes l"
		    " ON l.parent = b.ino AND l.kind = 2"
		    " WHERE b.parent = 1 AND b.kind = 1");
	r = add_folders(&search, stmt, &folders);
	for (size_t i = 0; i < folders.list.n && r == 0; i++)
		r = add_cards(tx, term, folders.list.v[i], inos);
	for (size_t i = 0; i < folders.list.n && r == 0 && archived; i++)
		r = add_archived(tx, term, folders.list.v[i], inos);
	inos_fini(&folders);
	end(&search);
	return r;
}

/* Members are of many boards at once. */
static int
add_tag(struct tags *tags, const char *id)
{
	if (strset_has(&tags->seen, id))
		return 0;
	return strset_add(&tags->seen, id) == 0 ? model_ids_add(tags->ids, id)
						: -ENOMEM;
}

static int
add_labels(const struct name_search *search, const struct board *board,
    struct tags *tags)
{
	int r = 0;

	for (size_t i = 0; i < board->labels.n && r == 0; i++) {
		const struct label *label = &board->labels.v[i];

		r = is_meant(search, model_str(label->name));
		if (r == 0)
			r = is_meant(search, label->color);
		if (r == 1)
			r = add_tag(tags, label->id);
	}
	return r;
}

static int
add_members(const struct name_search *search, const struct board *board,
    struct tags *tags)
{
	int r = 0;

	for (size_t i = 0; i < board->members.n && r == 0; i++) {
		const struct member *member = &board->members.v[i];

		r = is_meant(search, model_str(member->username));
		if (r == 0)
			r = is_meant(search, model_str(member->full_name));
		if (r == 1)
			r = add_tag(tags, member->id);
	}
	return r;
}

static int
add_of_board(const struct name_search *search, const char *head, size_t len,
    struct tags *tags)
{
	struct json_reader *reader;
	struct board board;
	int r;

	board_init(&board);
	reader = board_reader_new(&board);
	r = reader == NULL ? -ENOMEM
			   : json_reader_feed(reader, head, len, NULL);
	if (r == 0)
		r = json_reader_finish(reader, NULL);
	if (r == 0)
		r = search->term->kind == QUERY_LABEL
			? add_labels(search, &board, tags)
			: add_members(search, &board, tags);
	json_reader_free(reader);
	board_fini(&board);
	return r;
}

static int
add_of_boards(const struct name_search *search, struct tags *tags)
{
	sqlite3_stmt *stmt = db_prepare(
	    search->tx->db, "SELECT head FROM boards WHERE head IS NOT NULL");
	int r = db_bind(stmt, "");

	while (r == 0 && (r = db_step(stmt)) == 1)
		r = add_of_board(search, column(stmt, 0),
		    (size_t)sqlite3_column_bytes(stmt, 0), tags);
	db_reset(stmt);
	return r;
}

static int
add_me(struct tx *tx, model_ids *ids)
{
	struct member me = {0};
	int r = view_me(tx, &me);

	if (r == 0)
		r = model_ids_add(ids, me.id);
	member_fini(&me);
	return r == -ENOENT ? 0 : r;
}

int
find_tags(struct tx *tx, struct tokenizer *tokenizer,
    const struct query_term *term, model_ids *ids)
{
	struct name_search search;
	struct tags tags = {.ids = ids};
	int r;

	if (term->kind == QUERY_MEMBER && strcasecmp(term->text, "me") == 0)
		return add_me(tx, ids);
	r = begin(&search, tx, tokenizer, term);
	if (r != 0)
		return r;
	r = add_of_boards(&search, &tags);
	strset_fini(&tags.seen);
	end(&search);
	return r;
}
