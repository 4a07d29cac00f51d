#include "store_help.h"
#include "unit.h"

#include "search/query.h"
#include "store/base.h"
#include "store/find.h"
#include "store/index.h"
#include "store/store.h"
#include "store/tx.h"
#include "store/view.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/timeutil.h"
#include "util/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS ((int64_t)24 * 3600 * 1000)
/* The ids of these tests are of 2019-12-23; "now" is ten days later. */
#define CREATED_MS ((int64_t)0x5e000000 * 1000)
#define NOW_MS (CREATED_MS + 10 * DAY_MS)
#define C1 "5e00000000000000000000c1"
#define C2 "5e00000000000000000000c2"
#define B0 "5e00000000000000000000b0"

static struct store *store;
static struct zone zone;

static void
search(const char *text, struct found *found)
{
	struct query query;
	struct err err = {0};

	if (query_parse(text, &query, &err) != 0)
		fail_msg("%s: %s", text, err.text);
	assert_int_equal(find_cards(store, &query, NOW_MS, found), 0);
	query_fini(&query);
}

/* What is found, in order, with spaces between and without ".md". */
static void
assert_found(const char *text, const char *expected)
{
	struct buf out = BUF_INIT;
	struct found found;

	search(text, &found);
	for (size_t i = 0; i < found.cards.n; i++) {
		const char *name = found_name(&found, i);

		assert_int_equal(found_by_name(&found, name), i);
		(void)buf_printf(&out, "%s%.*s", i > 0 ? " " : "",
		    (int)strlen(name) - 3, name);
	}
	assert_true(found_by_name(&found, "") == SIZE_MAX);
	if (strcmp(buf_str(&out), expected) != 0)
		fail_msg("%s: found \"%s\", not \"%s\"", text, buf_str(&out),
		    expected);
	buf_free(&out);
	found_fini(&found);
}

static struct card *
card_of(struct board *board, const char *tail)
{
	return board_card(board, id_of(tail));
}

static void
add_id(model_ids *ids, const char *tail)
{
	struct model_id *slot = VEC_ADD(ids);

	assert_non_null(slot);
	memcpy(slot->s, id_of(tail), MODEL_ID_SIZE);
}

static void
add_member(struct board *board, const char *tail, const char *username,
    const char *full_name)
{
	struct member *member = VEC_ADD(&board->members);

	assert_non_null(member);
	memcpy(member->id, id_of(tail), MODEL_ID_SIZE);
	set_text(&member->username, username);
	set_text(&member->full_name, full_name);
}

static void
add_checklist(struct card *card, const char *name, const char *item)
{
	struct checklist *list = VEC_ADD(&card->checklists);
	struct check_item *slot;

	assert_non_null(list);
	memcpy(list->id, id_of("e1"), MODEL_ID_SIZE);
	set_text(&list->name, name);
	list->pos = 1;
	slot = VEC_ADD(&list->items);
	assert_non_null(slot);
	memcpy(slot->id, id_of("e2"), MODEL_ID_SIZE);
	set_text(&slot->name, item);
	slot->pos = 1;
}

static void
add_comment(struct card *card, const char *text)
{
	struct comment *comment = VEC_ADD(&card->comments);

	assert_non_null(comment);
	comment_init(comment);
	memcpy(comment->id, id_of("f1"), MODEL_ID_SIZE);
	set_text(&comment->username, "bob");
	set_text(&comment->text, text);
	comment->date_ms = CREATED_MS;
}

static void
add_link(struct card *card, const char *name, const char *url)
{
	struct attachment *one = VEC_ADD(&card->attachments);

	assert_non_null(one);
	attachment_init(one);
	memcpy(one->id, id_of("f2"), MODEL_ID_SIZE);
	set_text(&one->name, name);
	set_text(&one->url, url);
	one->pos = 1;
}

/* Lists Todo and Done of the board B, with a card for each operator. */
static void
make_board(struct board *board)
{
	struct label *label;
	struct card *card;

	board_make_small(board, "b0", "Big Plans");
	label = board_add_label(board, "d1", "bug");
	(void)snprintf(label->color, sizeof label->color, "red");
	label = board_add_label(board, "d2", "Fix it");
	(void)snprintf(label->color, sizeof label->color, "green_dark");
	label = board_add_label(board, "d3", "");
	(void)snprintf(label->color, sizeof label->color, "blue");
	(void)board_add_label(board, "d4", "🔥");
	add_member(board, "01", "alice", "Alice Smith");
	add_member(board, "02", "bob", "Bob Jones");
	card = card_of(board, "c1");
	set_text(&card->desc, "The café opens, naïvely.");
	add_id(&card->id_labels, "d1");
	add_id(&card->id_members, "01");
	card->due_ms = NOW_MS + 2 * DAY_MS;
	card->activity_ms = NOW_MS - DAY_MS / 2;
	card = card_of(board, "c2");
	add_checklist(card, "Release steps", "tag the version");
	add_id(&card->id_labels, "d2");
	add_id(&card->id_labels, "d1");
	card->due_ms = NOW_MS - DAY_MS;
	card->activity_ms = NOW_MS - 5 * DAY_MS;
	card = card_of(board, "c3");
	add_comment(card, "Looks good to me, released");
	add_id(&card->id_labels, "d3");
	add_id(&card->id_members, "01");
	add_id(&card->id_members, "02");
	card->due_ms = NOW_MS - 2 * DAY_MS;
	card->due_complete = true;
	card->activity_ms = NOW_MS - 9 * DAY_MS;
	card = card_of(board, "c4");
	add_link(card, "the design", "https://example.com/blueprint");
	add_id(&card->id_labels, "d4");
	set_text(&card->desc, "修复登录问题");
	card->due_ms = TIME_NONE;
	card->activity_ms = NOW_MS - 20 * DAY_MS;
}

static int
set_up(void **state)
{
	struct board board;
	struct tx *tx;

	(void)state;
	zone_init_utc(&zone);
	store = open_memory();
	make_board(&board);
	apply(store, &board, NULL);
	board_fini(&board);
	assert_int_equal(store_write(store, &tx), 0);
	assert_int_equal(store_meta_set(tx, "member", id_of("02")), 0);
	assert_int_equal(store_meta_set(tx, "username", "bob"), 0);
	assert_int_equal(store_commit(tx), 0);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	store_close(store);
	return 0;
}

static void
words(void **state)
{
	(void)state;
	assert_found("one", "One");
	assert_found("t", "One Two Three Four");
	assert_found("t -tw", "One Three Four");
	assert_found("\"t\"", "");
	assert_found("\"two\"", "Two");
	assert_found("releas", "Two Three");
	assert_found("\"release\"", "Two");
	assert_found("release steps", "Two");
	assert_found("\"steps release\"", "");
	assert_found("\"Release steps\" version", "Two");
	assert_found("CAFÉ", "One");
	assert_found("cafe naively", "One");
	assert_found("-one", "Two Three Four");
	assert_found("one two", "");
	assert_found("example", "Four");
	assert_found("design", "Four");
	assert_found("example.com", "Four");
	assert_found("one -–", "One");
	assert_found("登录", "Four");
	assert_found("录登", "");
	assert_found("name AND two", "");
	assert_found("two* OR", "");
	assert_found("NEAR(one two)", "");
	assert_found("one' ; --", "One");
}

static void
fields(void **state)
{
	(void)state;
	assert_found("name:t", "Two Three");
	assert_found("description:cafe", "One");
	assert_found("name:cafe", "");
	assert_found("checklist:release", "Two");
	assert_found("checklist:\"tag the version\"", "Two");
	assert_found("comment:release", "Three");
	assert_found("comment:\"good to me\"", "Three");
	assert_found("-comment:good", "One Two Four");
	assert_found("tag", "Two");
	assert_found(C1, "");
}

static void
names(void **state)
{
	(void)state;
	assert_found("label:bug", "One Two");
	assert_found("#BUG", "One Two");
	assert_found("label:red", "One Two");
	assert_found("label:fix", "Two");
	assert_found("label:it", "Two");
	assert_found("label:\"fix\"", "");
	assert_found("label:\"fix it\"", "Two");
	assert_found("#green", "Two");
	assert_found("#green_dark", "Two");
	assert_found("#blue", "Three");
	assert_found("#🔥", "Four");
	assert_found("-label:bug", "Three Four");
	assert_found("label:bug -label:fix", "One");
	assert_found("label:none", "");
	assert_found("@alice", "One Three");
	assert_found("@ALICE -@bob", "One");
	assert_found("@ali", "");
	assert_found("@\"alice smith\"", "One Three");
	assert_found("member:bob", "Three");
	assert_found("@me", "Three");
	assert_found("-@me", "One Two Four");
	assert_found("list:todo", "One Two Three");
	assert_found("list:d", "Four");
	assert_found("list:\"d\"", "");
	assert_found("-list:\"Todo\"", "Four");
	assert_found("board:plan", "One Two Three Four");
	assert_found("board:\"plans\"", "");
	assert_found("board:\"big plans\" f", "Four");
	assert_found("board:" B0 " one", "One");
	assert_found("board:other", "");
}

static void
properties(void **state)
{
	(void)state;
	assert_found("has:attachments", "Four");
	assert_found("has:description", "One Four");
	assert_found("has:members", "One Three");
	assert_found("-has:members", "Two Four");
	assert_found("is:open", "One Two Three Four");
	assert_found("is:archived", "");
	assert_found("-is:archived", "One Two Three Four");
	assert_found("is:complete", "Three");
	assert_found("is:incomplete", "One Two Four");
	assert_found("due:day", "");
	assert_found("due:week", "One");
	assert_found("due:2", "One");
	assert_found("due:1", "");
	assert_found("-due:week", "Two Three Four");
	assert_found("due:overdue", "Two");
	assert_found("due:complete", "Three");
	assert_found("due:incomplete", "One Two");
	assert_found("-due:complete -due:incomplete", "Four");
	assert_found("edited:day", "One");
	assert_found("edited:week", "One Two");
	assert_found("-edited:week", "Three Four");
	assert_found("created:month", "One Two Three Four");
	assert_found("created:week", "");
}

static void
order(void **state)
{
	(void)state;
	assert_found("sort:edited", "One Two Three Four");
	assert_found("sort:-edited", "Four Three Two One");
	assert_found("sort:due", "Three Two One Four");
	assert_found("sort:-due", "One Two Three Four");
	assert_found("sort:created", "One Two Three Four");
	assert_found("@alice sort:due", "Three One");
}

/* A card changes here, and Trello does not have it yet. */
static void
change_title(const char *id, const char *title, const char *name)
{
	char *text = strdup(title);
	struct entry entry = {.kind = ENTRY_CARD_CHANGE,
	    .board = B0,
	    .change = {.kind = CHANGE_TITLE, .new_text = text}};
	struct view_show show = {.zone = &zone, .name = name, .local = true};
	struct folder_changes changes = {0};
	struct invalidations said = {0};

	(void)snprintf(entry.object, sizeof entry.object, "%s", id);
	assert_int_equal(store_write(store, &changes.tx), 0);
	assert_int_equal(journal_add(changes.tx, &entry), 0);
	assert_int_equal(view_show_card(&changes, id, &show), 0);
	assert_int_equal(folder_commit(&changes, 0, &said), 0);
	invalidations_fini(&said);
	free(text);
}

static void
what_waits(void **state)
{
	struct folder_changes changes = {0};
	struct invalidations said = {0};
	struct node node;

	(void)state;
	assert_found("name:t", "Two Three");
	change_title(C1, "Tea time", "Tea.md");
	assert_found("name:tea", "Tea");
	assert_found("name:one", "");
	assert_found("name:t", "Tea Two Three");
	assert_found("edited:1", "Tea");
	node = node_at(store, "Big Plans/Todo/Two.md");
	assert_int_equal(store_write(store, &changes.tx), 0);
	assert_int_equal(folder_remove(&changes, &node), 0);
	assert_int_equal(folder_commit(&changes, 0, &said), 0);
	invalidations_fini(&said);
	assert_found("is:open sort:created", "Tea Three Four");
}

static void
news(void **state)
{
	struct board board;
	struct card *card;

	(void)state;
	assert_found("cafe", "One");
	make_board(&board);
	card = card_of(&board, "c1");
	set_text(&card->desc, "The shop opens.");
	memcpy(card->id_list, id_of("a2"), MODEL_ID_SIZE);
	set_text(&board.labels.v[0].name, "Defect");
	card_of(&board, "c4")->closed = true;
	apply(store, &board, NULL);
	assert_found("cafe", "");
	assert_found("shop", "One");
	assert_found("list:done", "One");
	assert_found("label:bug", "");
	assert_found("label:defect", "One Two");
	assert_found("is:open", "One Two Three");
	card_of(&board, "c4")->closed = false;
	set_text(&board.lists.v[1].name, "Finished");
	apply(store, &board, NULL);
	assert_found("list:fin", "One Four");
	assert_found("blueprint", "Four");
	board_fini(&board);
}

static void
names_apart(void **state)
{
	struct board board;

	(void)state;
	make_board(&board);
	for (size_t i = 0; i < board.cards.n; i++) {
		set_text(&board.cards.v[i].name, "Same");
		board.cards.v[i].activity_ms = NOW_MS;
		board.cards.v[i].id_short = (int64_t)i + 1;
		if (i < 3)
			memcpy(board.cards.v[i].id_list,
			    id_of(i == 1 ? "a2" : "a1"), MODEL_ID_SIZE);
	}
	apply(store, &board, NULL);
	board_fini(&board);
	assert_found("same", "Same Same #2 Same #3 Same #4");
	assert_found("list:todo", "Same Same #3");
	assert_found("list:done", "Same Same #4");
	board_make(&board, "b1", "Other");
	(void)board_add_list(&board, "a3", "Todo", 1);
	board_add_card(&board, "c5", "a3", "Same", 1)->id_short = 3;
	board_add_card(&board, "c6", "a3", "same", 2)->id_short = 4;
	apply(store, &board, NULL);
	board_fini(&board);
	assert_found("same sort:-created",
	    "Same Same #2 Same #3 Same #4 Same #00c5 same");
}

/* Many are indexed before anybody searches, piece by piece; a few are not. */
static void
many_cards(void **state)
{
	struct board board;
	int pieces = 0;

	(void)state;
	assert_int_equal(index_some(store), 0);
	board_make(&board, "b1", "Many");
	(void)board_add_list(&board, "a3", "List", 1);
	for (unsigned i = 0; i < 900; i++) {
		char tail[8], name[16];

		(void)snprintf(tail, sizeof tail, "d%03x", i);
		(void)snprintf(name, sizeof name, "Card%u", i);
		(void)board_add_card(&board, tail, "a3", name, 1 + i);
	}
	apply(store, &board, NULL);
	board_fini(&board);
	while (index_some(store) == 1)
		pieces++;
	assert_true(pieces > 1 && pieces < 5);
	assert_int_equal(index_some(store), 0);
	assert_found("card899", "Card899");
	assert_found("name:one", "One");
}

static void
run(const char *sql)
{
	struct tx *tx;

	assert_int_equal(store_write(store, &tx), 0);
	assert_int_equal(db_exec(tx->db, sql), 0);
	assert_int_equal(store_commit(tx), 0);
}

static void
damaged(void **state)
{
	(void)state;
	assert_found("cafe", "One");
	run("UPDATE words_data SET block = x'00' WHERE id > 10;"
	    "INSERT OR IGNORE INTO unsearched SELECT ino FROM texts");
	assert_found("cafe", "One");
	assert_found("label:bug", "One Two");
}

static int64_t
documents(void)
{
	int64_t n = 0;
	struct tx *tx;

	assert_int_equal(store_read(store, false, &tx), 0);
	assert_int_equal(
	    db_get_int(tx->db, &n, "SELECT max(doc) FROM found", ""), 0);
	store_end(tx);
	return n;
}

/* Words of what cards were are not kept for ever. */
static void
made_anew(void **state)
{
	int64_t last = 0;

	(void)state;
	for (int i = 0; i < 4000 && documents() >= last; i++) {
		last = documents();
		run("INSERT OR IGNORE INTO unsearched SELECT ino FROM texts");
		assert_found("cafe", "One");
	}
	assert_true(documents() < last);
	assert_true(last > 8000);
	assert_found("is:open", "One Two Three Four");
	assert_found("label:bug", "One Two");
}

/* All of one who searches is of one moment, whatever others do. */
static void
in_a_file(void **state)
{
	char folder[64], path[128];
	struct board board;

	(void)state;
	temp_make(folder);
	(void)snprintf(path, sizeof path, "%s/x.db", folder);
	store_close(store);
	store = open_file(path);
	make_board(&board);
	apply(store, &board, NULL);
	board_fini(&board);
	assert_found("@alice due:week -label:fix", "One");
	change_title(C2, "Cafe", "Cafe.md");
	assert_found("cafe", "Cafe One");
	store_close(store);
	store = open_file(path);
	assert_found("cafe", "Cafe One");
	temp_remove(folder);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static const struct CMUnitTest tests[] = {
    T(words),
    T(fields),
    T(names),
    T(properties),
    T(order),
    T(what_waits),
    T(news),
    T(names_apart),
    T(many_cards),
    T(damaged),
    T(made_anew),
    T(in_a_file),
};

UNIT_MAIN(tests)
