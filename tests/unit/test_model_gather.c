#include "unit.h"

#include "feed.h"
#include "model/model_json.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/timeutil.h"
#include "json/json_reader.h"

#include <stdio.h>
#include <string.h>

/* Read a board and settle it, twice: the second time changes nothing. */
static void
gather(const char *json, struct board *ret_board)
{
	struct buf once = BUF_INIT, twice = BUF_INIT;
	struct err err = {0};

	board_init(ret_board);
	if (feed(board_reader_new(ret_board), json, strlen(json), FEED_WHOLE,
		&err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(board_gather(ret_board), 0);
	(void)board_write(ret_board, &once);
	assert_int_equal(board_gather(ret_board), 0);
	(void)board_write(ret_board, &twice);
	assert_string_equal(buf_str(&once), buf_str(&twice));
	buf_free(&once);
	buf_free(&twice);
}

static void
settles_an_empty_board(void **state)
{
	struct board board;

	(void)state;
	gather("{}", &board);
	assert_int_equal(board.lists.n + board.cards.n + board.labels.n, 0);
	board_fini(&board);
}

static void
hands_out_checklists_and_comments(void **state)
{
	static const char json[] =
	    "{\"id\":\"b\",\"cards\":[{\"id\":\"c1\",\"checklists\":[{\"id\":"
	    "\"k2\",\"name\":\"nested\",\"pos\":1}]},{\"id\":\"c2\"}],"
	    "\"checklists\":["
	    "{\"id\":\"k3\",\"idCard\":\"c1\",\"pos\":5},"
	    "{\"id\":\"k1\",\"idCard\":\"c1\",\"pos\":5},"
	    "{\"id\":\"k2\",\"idCard\":\"c1\",\"name\":\"twice\",\"pos\":9},"
	    "{\"id\":\"k4\",\"idCard\":\"gone\"},"
	    "{\"id\":\"k5\"}],"
	    "\"actions\":["
	    "{\"id\":\"a3\",\"date\":\"2020-01-02T00:00:00Z\",\"data\":"
	    "{\"text\":\"late\",\"card\":{\"id\":\"c2\"}}},"
	    "{\"id\":\"a2\",\"date\":\"2020-01-01T00:00:00Z\",\"data\":"
	    "{\"text\":\"second\",\"card\":{\"id\":\"c2\"}}},"
	    "{\"id\":\"a1\",\"date\":\"2020-01-01T00:00:00Z\",\"data\":"
	    "{\"text\":\"first\",\"card\":{\"id\":\"c2\"}}},"
	    "{\"id\":\"a1\",\"date\":\"2020-01-01T00:00:00Z\",\"data\":"
	    "{\"text\":\"again\",\"card\":{\"id\":\"c2\"}}},"
	    "{\"id\":\"a4\",\"data\":{\"card\":{\"id\":\"gone\"}}}]}";
	static const char *const checklists[] = {"k2", "k1", "k3"};
	static const char *const comments[] = {"a1", "a2", "a3"};
	struct board board;
	struct card *card;

	(void)state;
	gather(json, &board);
	card = board_card(&board, "c1");
	assert_int_equal(card->checklists.n, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(card->checklists.v[i].id, checklists[i]);
		assert_string_equal(card->checklists.v[i].id_card, "c1");
	}
	assert_string_equal(card->checklists.v[0].name, "nested");
	card = board_card(&board, "c2");
	assert_int_equal(card->comments.n, 3);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(card->comments.v[i].id, comments[i]);
	assert_string_equal(card->id_board, "b");
	assert_int_equal(board.checklists.n + board.comments.n, 0);
	board_fini(&board);
}

static void
sorts_by_pos_and_id(void **state)
{
	static const char json[] =
	    "{\"id\":\"b\",\"lists\":[{\"id\":\"l3\",\"pos\":2},{\"id\":"
	    "\"l2\",\"pos\":1},{\"id\":\"l1\",\"pos\":2},{\"id\":\"l2\"}],"
	    "\"customFields\":[{\"id\":\"f2\",\"pos\":1,\"options\":[{\"id\":"
	    "\"o2\",\"pos\":7},{\"id\":\"o1\",\"pos\":6.5}]},{\"id\":\"f1\","
	    "\"pos\":0.5}],\"cards\":[{\"id\":\"z\",\"pos\":9,\"attachments\":"
	    "[{\"id\":\"t2\"},{\"id\":\"t1\"},{\"id\":\"t0\",\"pos\":1}],"
	    "\"checklists\":[{\"id\":\"k\",\"checkItems\":[{\"id\":\"i2\","
	    "\"pos\":2},{\"id\":\"i1\",\"pos\":1},{\"id\":\"i2\",\"pos\":0}]"
	    "}],\"customFieldItems\":[{\"idCustomField\":\"y\",\"value\":"
	    "{\"text\":\"1\"}},{\"idCustomField\":\"x\",\"value\":{\"text\":"
	    "\"2\"}},{\"idCustomField\":\"y\",\"value\":{\"text\":\"3\"}},"
	    "{\"idCustomField\":\"w\",\"value\":null},{\"idCustomField\":"
	    "\"v\",\"value\":{\"text\":\"\"}}]},{\"id\":\"a\",\"pos\":1},"
	    "{\"id\":\"z\",\"pos\":3}]}";
	struct board board;
	struct card *card;

	(void)state;
	gather(json, &board);
	assert_int_equal(board.lists.n, 3);
	assert_string_equal(board.lists.v[0].id, "l2");
	assert_string_equal(board.lists.v[1].id, "l1");
	assert_string_equal(board.lists.v[2].id, "l3");
	assert_string_equal(board.lists.v[2].id_board, "b");
	assert_string_equal(board.fields.v[0].id, "f1");
	assert_string_equal(board.fields.v[1].options.v[0].id, "o1");
	/* Cards stay as Trello gave them, each once. */
	assert_int_equal(board.cards.n, 2);
	card = &board.cards.v[0];
	assert_true(card->pos == 9);
	assert_string_equal(card->attachments.v[0].id, "t1");
	assert_string_equal(card->attachments.v[2].id, "t0");
	assert_int_equal(card->checklists.v[0].items.n, 2);
	assert_string_equal(card->checklists.v[0].items.v[0].id, "i1");
	assert_int_equal(card->fields.n, 2);
	assert_string_equal(card->fields.v[0].id_field, "x");
	assert_string_equal(card->fields.v[1].value, "1");
	board_fini(&board);
}

static void
makes_labels_of_2013(void **state)
{
	static const char json[] =
	    "{\"id\":\"%s\",\"cards\":[{\"id\":\"c1\",\"labels\":[{\"color\":"
	    "\"red\",\"name\":\"Bug\"},{\"color\":\"green\",\"name\":\"\"}]},"
	    "{\"id\":\"c2\",\"labels\":[{\"color\":\"red\",\"name\":\"Bug\"},"
	    "{\"color\":\"red\",\"name\":\"Bug\"},{},{\"color\":\"redBug\"}]"
	    "}]}";
	struct board board, other;
	char text[512];

	(void)state;
	(void)snprintf(text, sizeof text, json, "b1");
	gather(text, &board);
	(void)snprintf(text, sizeof text, json, "b2");
	gather(text, &other);
	assert_int_equal(board.labels.n, 3);
	assert_int_equal(board.cards.v[0].id_labels.n, 2);
	assert_int_equal(board.cards.v[1].id_labels.n, 2);
	assert_string_equal(board.cards.v[0].id_labels.v[0].s,
	    board.cards.v[1].id_labels.v[0].s);
	assert_string_equal(board.labels.v[0].name, "Bug");
	assert_string_equal(board.labels.v[0].color, "red");
	assert_int_equal(strlen(board.labels.v[0].id), 24);
	assert_true(time_from_id(board.labels.v[0].id) == 0);
	assert_string_not_equal(board.labels.v[0].id, other.labels.v[0].id);
	board_fini(&board);
	board_fini(&other);
}

/* Some exports list labels on cards only, with ids. */
static void
lists_labels_of_cards(void **state)
{
	static const char json[] =
	    "{\"id\":\"b\",\"labels\":[{\"id\":\"l1\",\"name\":\"board's\"}],"
	    "\"cards\":[{\"id\":\"c1\",\"idLabels\":[\"l2\"],\"labels\":["
	    "{\"id\":\"l2\",\"name\":\"card's\",\"color\":\"sky\"},"
	    "{\"id\":\"l1\",\"name\":\"old\"}]},{\"id\":\"c2\",\"idLabels\":"
	    "[\"l1\",\"l3\",\"l1\"]}]}";
	struct board board;

	(void)state;
	gather(json, &board);
	assert_int_equal(board.labels.n, 2);
	assert_string_equal(board_label(&board, "l1")->name, "board's");
	assert_string_equal(board_label(&board, "l2")->name, "card's");
	assert_int_equal(board.cards.v[0].id_labels.n, 2);
	assert_string_equal(board.cards.v[0].id_labels.v[0].s, "l2");
	assert_int_equal(board.cards.v[1].id_labels.n, 2);
	board_fini(&board);
}

static void
takes_states_beside_checklists(void **state)
{
	static const char json[] =
	    "{\"cards\":[{\"id\":\"c1\",\"checkItemStates\":[{\"idCheckItem\":"
	    "\"i1\",\"state\":\"complete\"},{\"state\":\"incomplete\","
	    "\"idCheckItem\":\"i2\"},{\"idCheckItem\":\"gone\",\"state\":"
	    "\"complete\"}]},{\"id\":\"c2\",\"checkItemStates\":null}],"
	    "\"checklists\":[{\"id\":\"k1\",\"idCard\":\"c1\",\"checkItems\":["
	    "{\"id\":\"i1\"},{\"id\":\"i2\"},{\"id\":\"i3\",\"state\":"
	    "\"complete\"}]},{\"id\":\"k2\",\"idCard\":\"c2\",\"checkItems\":"
	    "[{\"id\":\"i1\"}]}]}";
	const struct checklist *checklist;
	struct board board;

	(void)state;
	gather(json, &board);
	checklist = &board.cards.v[0].checklists.v[0];
	assert_true(checklist->items.v[0].complete);
	assert_false(checklist->items.v[1].complete);
	assert_true(checklist->items.v[2].complete);
	assert_false(board.cards.v[1].checklists.v[0].items.v[0].complete);
	assert_int_equal(board.cards.v[0].complete_items.n, 0);
	board_fini(&board);
}

static void
names_authors(void **state)
{
	static const char json[] =
	    "{\"members\":[{\"id\":\"m1\",\"username\":\"alice\"},{\"id\":"
	    "\"m2\"},{\"id\":\"m1\",\"username\":\"twin\"}],\"cards\":["
	    "{\"id\":\"c\"}],\"actions\":["
	    "{\"id\":\"1\",\"idMemberCreator\":\"m1\",\"data\":{\"card\":"
	    "{\"id\":\"c\"}},\"memberCreator\":{\"username\":\"own\"}},"
	    "{\"id\":\"2\",\"idMemberCreator\":\"m1\",\"data\":{\"card\":"
	    "{\"id\":\"c\"}}},"
	    "{\"id\":\"3\",\"idMemberCreator\":\"m2\",\"data\":{\"card\":"
	    "{\"id\":\"c\"}}},"
	    "{\"id\":\"4\",\"idMemberCreator\":null,\"data\":{\"card\":"
	    "{\"id\":\"c\"}}}]}";
	static const char *const names[] = {"own", "alice", NULL, NULL};
	struct board board;

	(void)state;
	gather(json, &board);
	assert_int_equal(board.members.n, 2);
	for (size_t i = 0; i < 4; i++) {
		const char *name = board.cards.v[0].comments.v[i].username;

		if (names[i] != NULL)
			assert_string_equal(name, names[i]);
		else
			assert_null(name);
	}
	board_fini(&board);
}

/* A card by itself, as GET /cards/{id} gives it. */
static void
settles_one_card(void **state)
{
	static const char json[] =
	    "{\"id\":\"c\",\"idLabels\":[\"l1\"],\"labels\":[{\"id\":\"l1\"},"
	    "{\"id\":\"l2\"},{\"color\":\"red\"}],\"checkItemStates\":["
	    "{\"idCheckItem\":\"i\",\"state\":\"complete\"}],\"checklists\":["
	    "{\"id\":\"k2\",\"pos\":2},{\"id\":\"k1\",\"pos\":1,\"checkItems\":"
	    "[{\"id\":\"i\"}]}],\"actions\":[{\"id\":\"2\"},{\"id\":\"1\"},"
	    "{\"id\":\"2\"}]}";
	struct card card;

	(void)state;
	card_init(&card);
	assert_int_equal(feed(card_reader_new(&card), json, sizeof json - 1,
			     FEED_WHOLE, NULL),
	    0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(card_gather(&card), 0);
		assert_int_equal(card.id_labels.n, 2);
		assert_int_equal(card.labels.n, 0);
		assert_string_equal(card.checklists.v[0].id, "k1");
		assert_true(card.checklists.v[0].items.v[0].complete);
		assert_string_equal(card.checklists.v[0].id_card, "c");
		assert_int_equal(card.comments.n, 2);
		assert_string_equal(card.comments.v[0].id, "1");
		assert_string_equal(card.comments.v[0].id_card, "c");
	}
	card_fini(&card);
}

/* Replies of one board that come in parts and overlap, in any order. */
static void
joins_parts(void **state)
{
	static const char lists[] = "[{\"id\":\"l\"}]";
	static const char first[] = "[{\"id\":\"c1\"},{\"id\":\"c2\"}]";
	static const char second[] = "[{\"id\":\"c2\"},{\"id\":\"c3\"}]";
	static const char comments[] =
	    "[{\"id\":\"a\",\"type\":\"commentCard\",\"data\":{\"card\":"
	    "{\"id\":\"c3\"}}},{\"id\":\"b\",\"type\":\"createCard\"}]";
	struct board board;

	(void)state;
	board_init(&board);
	assert_int_equal(feed(comments_reader_new(&board), comments,
			     sizeof comments - 1, FEED_BYTES, NULL),
	    0);
	assert_int_equal(feed(cards_reader_new(&board), first, sizeof first - 1,
			     FEED_BYTES, NULL),
	    0);
	assert_int_equal(feed(cards_reader_new(&board), second,
			     sizeof second - 1, FEED_BYTES, NULL),
	    0);
	assert_int_equal(feed(lists_reader_new(&board), lists, sizeof lists - 1,
			     FEED_BYTES, NULL),
	    0);
	assert_int_equal(board_gather(&board), 0);
	assert_int_equal(board.cards.n, 3);
	assert_int_equal(board.lists.n, 1);
	assert_int_equal(board.cards.v[2].comments.n, 1);
	board_fini(&board);
}

/* Cost grows like n log n: 50,000 of each would take minutes otherwise. */
static void
copes_with_many(void **state)
{
	const int n = 50000;
	struct buf json = BUF_INIT;
	struct board board;

	(void)state;
	(void)buf_add_str(&json, "{\"id\":\"b\",\"cards\":[{\"id\":\"x\"}");
	for (int i = 0; i < n; i++)
		(void)buf_printf(&json,
		    ",{\"id\":\"%d\",\"labels\":[{\"id\":\"l%d\"}]}", n - i, i);
	(void)buf_add_str(&json, "],\"actions\":[{}");
	for (int i = 0; i < n; i++)
		(void)buf_printf(&json,
		    ",{\"id\":\"%d\",\"data\":{\"card\":{\"id\":\"x\"}}},"
		    "{\"id\":\"%d\",\"data\":{\"card\":{\"id\":\"%d\"}}}",
		    n - i, i + n, i);
	(void)buf_add_str(&json, "]}");
	board_init(&board);
	assert_int_equal(feed(board_reader_new(&board), json.data, json.len,
			     FEED_WHOLE, NULL),
	    0);
	assert_int_equal(board_gather(&board), 0);
	assert_int_equal(board.cards.n, n + 1);
	assert_int_equal(board.labels.n, n);
	assert_int_equal(board.cards.v[0].comments.n, n);
	board_fini(&board);
	buf_free(&json);
}

static void
compares_positions(void **state)
{
	static const struct {
		double a_pos;
		const char *a_id;
		double b_pos;
		const char *b_id;
		int order;
	} cases[] = {
	    {1, "b", 2, "a", -1},
	    {2, "a", 1, "b", 1},
	    {1, "a", 1, "b", -1},
	    {1, "b", 1, "a", 1},
	    {1, "a", 1, "a", 0},
	    {-1, "a", 0, "a", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int order = model_compare_pos(cases[i].a_pos, cases[i].a_id,
		    cases[i].b_pos, cases[i].b_id);

		assert_int_equal((order > 0) - (order < 0), cases[i].order);
	}
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(settles_an_empty_board),
    cmocka_unit_test(hands_out_checklists_and_comments),
    cmocka_unit_test(sorts_by_pos_and_id),
    cmocka_unit_test(makes_labels_of_2013),
    cmocka_unit_test(lists_labels_of_cards),
    cmocka_unit_test(takes_states_beside_checklists),
    cmocka_unit_test(names_authors),
    cmocka_unit_test(settles_one_card),
    cmocka_unit_test(joins_parts),
    cmocka_unit_test(copes_with_many),
    cmocka_unit_test(compares_positions),
};

UNIT_MAIN(tests)
