#include "unit.h"

#include "feed.h"
#include "model/model_json.h"
#include "model_equal.h"
#include "model_random.h"
#include "util/buf.h"
#include "util/err.h"
#include "json/json_reader.h"

#include <stdio.h>
#include <string.h>

/* What is written reads back as it was, and is written the same again. */
static void
board_comes_back(const struct board *board, enum feed_how how)
{
	struct buf first = BUF_INIT, second = BUF_INIT;
	struct err err = {0};
	struct board back;

	board_init(&back);
	assert_int_equal(board_write(board, &first), 0);
	if (feed(board_reader_new(&back), first.data, first.len, how, &err))
		fail_msg("%s", err.text);
	assert_true(board_equal(board, &back));
	assert_int_equal(board_write(&back, &second), 0);
	assert_string_equal(buf_str(&first), buf_str(&second));
	board_fini(&back);
	buf_free(&first);
	buf_free(&second);
}

static void
generated_boards_come_back(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 150; seed++) {
		struct board board;

		board_random(&board, seed);
		board_comes_back(&board, (enum feed_how)(seed % FEED_WAYS));
		board_fini(&board);
	}
}

static void
generated_cards_come_back(void **state)
{
	struct board board;

	(void)state;
	board_random(&board, 4711);
	assert_true(board.cards.n > 0);
	for (size_t i = 0; i < board.cards.n; i++) {
		struct buf out = BUF_INIT;
		struct card back;

		card_init(&back);
		assert_int_equal(card_write(&board.cards.v[i], &out), 0);
		assert_int_equal(feed(card_reader_new(&back), out.data, out.len,
				     FEED_RANDOM, NULL),
		    0);
		assert_true(card_equal(&board.cards.v[i], &back));
		card_fini(&back);
		buf_free(&out);
	}
	board_fini(&board);
}

static void
exports_come_back(void **state)
{
	static const char *const names[] = {"clipkit-ja", "fda-food-recalls",
	    "mclang-json-parse", "mclang-nc-import", "nebula-ux", "tekken-2025",
	    "zed-testing-2013"};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct buf json = BUF_INIT;
		struct board board;
		char name[64];

		(void)snprintf(name, sizeof name, "exports/%s.json", names[i]);
		if (!feed_shared_file(name, &json))
			return;
		board_init(&board);
		assert_int_equal(feed(board_reader_new(&board), json.data,
				     json.len, FEED_WHOLE, NULL),
		    0);
		assert_int_equal(board_gather(&board), 0);
		for (enum feed_how how = 0; how < FEED_WAYS; how++)
			board_comes_back(&board, how);
		board_fini(&board);
		buf_free(&json);
	}
}

/* The shape is Trello's; NULL and "" are written alike. */
static void
writes_trellos_shape(void **state)
{
	struct buf out = BUF_INIT;
	struct board board;
	struct list list = {.id = "l1", .id_board = "b1", .pos = 32767.5};
	struct card card;
	char empty[] = "";

	(void)state;
	list.name = empty;
	assert_int_equal(list_write(&list, &out), 0);
	assert_string_equal(buf_str(&out),
	    "{\"id\":\"l1\",\"idBoard\":\"b1\",\"name\":\"\",\"closed\":false,"
	    "\"pos\":32767.5}");
	buf_clear(&out);
	card_init(&card);
	assert_int_equal(card_write(&card, &out), 0);
	assert_string_equal(buf_str(&out),
	    "{\"id\":\"\",\"idBoard\":null,\"idList\":null,\"idShort\":0,"
	    "\"shortLink\":\"\",\"name\":\"\",\"desc\":\"\",\"pos\":0,"
	    "\"closed\":false,\"isTemplate\":false,\"start\":null,"
	    "\"due\":null,\"dueComplete\":false,\"dateLastActivity\":null,"
	    "\"idLabels\":[],\"idMembers\":[],\"checklists\":[],"
	    "\"attachments\":[],\"customFieldItems\":[],\"actions\":[]}");
	buf_clear(&out);
	board_init(&board);
	assert_int_equal(board_write_head(&board, &out), 0);
	assert_string_equal(buf_str(&out),
	    "{\"id\":\"\",\"idOrganization\":null,\"name\":\"\","
	    "\"desc\":\"\",\"closed\":false,\"shortLink\":\"\","
	    "\"dateLastActivity\":null,\"labels\":[],\"members\":[],"
	    "\"memberships\":[],\"customFields\":[]}");
	buf_free(&out);
}

static void
copies_are_deep(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct board board;
		struct card copy;

		board_random(&board, seed);
		for (size_t i = 0; i < board.cards.n; i++) {
			struct buf before = BUF_INIT, after = BUF_INIT;

			(void)card_write(&board.cards.v[i], &before);
			assert_int_equal(
			    card_copy(&board.cards.v[i], &copy), 0);
			assert_true(card_equal(&board.cards.v[i], &copy));
			card_fini(&board.cards.v[i]);
			(void)card_write(&copy, &after);
			assert_string_equal(buf_str(&before), buf_str(&after));
			card_fini(&copy);
			buf_free(&before);
			buf_free(&after);
		}
		board_fini(&board);
	}
}

/* Copies also hold what a reply brought and nobody has settled yet. */
static void
copies_what_is_not_settled(void **state)
{
	static const char json[] =
	    "{\"id\":\"c\",\"labels\":[{\"color\":\"red\",\"name\":\"x\"}],"
	    "\"checkItemStates\":[{\"idCheckItem\":\"i\",\"state\":"
	    "\"complete\"}]}";
	struct card card, copy;

	(void)state;
	card_init(&card);
	assert_int_equal(feed(card_reader_new(&card), json, sizeof json - 1,
			     FEED_WHOLE, NULL),
	    0);
	assert_int_equal(card.labels.n, 1);
	assert_int_equal(card.complete_items.n, 1);
	assert_int_equal(card_copy(&card, &copy), 0);
	assert_true(card_equal(&card, &copy));
	card_fini(&card);
	assert_string_equal(copy.labels.v[0].name, "x");
	card_fini(&copy);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(generated_boards_come_back),
    cmocka_unit_test(generated_cards_come_back),
    cmocka_unit_test(exports_come_back),
    cmocka_unit_test(writes_trellos_shape),
    cmocka_unit_test(copies_are_deep),
    cmocka_unit_test(copies_what_is_not_settled),
};

UNIT_MAIN(tests)
