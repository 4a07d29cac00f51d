#include "unit.h"

#include "feed.h"
#include "model/model_json.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/timeutil.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What Python's json module counts in the exports. */
static const struct {
	const char *name;
	size_t lists, cards, closed, labels, on_cards, members, comments;
	size_t checklists, items, complete, attachments, longest_name;
	size_t edited, due, desc_bytes;
} exports[] = {
    {"clipkit-ja", 5, 67, 1, 2, 49, 3, 4, 0, 0, 0, 0, 117, 0, 0, 4573},
    {"fda-food-recalls", 19, 69, 3, 12, 39, 5, 45, 0, 0, 0, 9, 249, 5, 4, 2568},
    {"mclang-json-parse", 2, 4, 0, 6, 0, 1, 0, 2, 5, 3, 3, 29, 0, 0, 78},
    {"mclang-nc-import", 3, 5, 0, 6, 1, 1, 0, 1, 2, 1, 0, 42, 0, 1, 318},
    {"nebula-ux", 8, 49, 11, 6, 0, 10, 11, 0, 0, 0, 13, 331, 0, 0, 2889},
    {"tekken-2025", 3, 11, 0, 6, 0, 1, 0, 7, 24, 0, 4, 23, 0, 0, 1725},
    {"zed-testing-2013", 3, 2, 0, 1, 1, 1, 2, 1, 4, 1, 1, 23, 0, 1, 84},
};

struct counts {
	size_t closed, on_cards, comments, checklists, items, complete;
	size_t attachments, longest_name, edited, due, desc_bytes;
};

static void
count_card(const struct card *card, struct counts *counts)
{
	size_t name = strlen(model_str(card->name));

	counts->closed += card->closed;
	counts->on_cards += card->id_labels.n;
	counts->comments += card->comments.n;
	counts->checklists += card->checklists.n;
	counts->attachments += card->attachments.n;
	counts->due += card->due_ms != TIME_NONE;
	counts->desc_bytes += strlen(model_str(card->desc));
	if (name > counts->longest_name)
		counts->longest_name = name;
	for (size_t i = 0; i < card->comments.n; i++)
		counts->edited += card->comments.v[i].edited_ms != TIME_NONE;
	for (size_t i = 0; i < card->checklists.n; i++) {
		const struct checklist *checklist = &card->checklists.v[i];

		counts->items += checklist->items.n;
		for (size_t j = 0; j < checklist->items.n; j++)
			counts->complete += checklist->items.v[j].complete;
	}
}

/* What holds for every card of a settled export. */
static void
check_card(const struct board *board, const struct card *card)
{
	assert_int_equal(strlen(card->id), 24);
	assert_true(strlen(model_str(card->short_link)) >= 8);
	assert_string_equal(card->id_board, board->id);
	assert_non_null(board_list(board, card->id_list));
	assert_true(card->id_short > 0);
	assert_true(card->pos > 0);
	assert_true(card->activity_ms > time_from_id(board->id));
	assert_true(model_str(card->name)[0] != '\0');
	assert_int_equal(card->labels.n + card->complete_items.n, 0);
	for (size_t i = 0; i < card->id_labels.n; i++)
		assert_non_null(board_label(board, card->id_labels.v[i].s));
	for (size_t i = 0; i < card->comments.n; i++) {
		const struct comment *comment = &card->comments.v[i];

		assert_true(model_str(comment->text)[0] != '\0');
		assert_true(model_str(comment->username)[0] != '\0');
		assert_string_equal(comment->id_card, card->id);
		/* A copied comment has the date of the first one. */
		assert_true(comment->date_ms != TIME_NONE);
		if (i > 0)
			assert_true(comment->date_ms >= comment[-1].date_ms);
	}
}

static void
check_export(size_t i, const struct board *board)
{
	struct counts counts = {0};

	for (size_t j = 0; j < board->cards.n; j++) {
		count_card(&board->cards.v[j], &counts);
		check_card(board, &board->cards.v[j]);
	}
	assert_int_equal(board->lists.n, exports[i].lists);
	assert_int_equal(board->cards.n, exports[i].cards);
	assert_int_equal(counts.closed, exports[i].closed);
	assert_int_equal(board->labels.n, exports[i].labels);
	assert_int_equal(counts.on_cards, exports[i].on_cards);
	assert_int_equal(board->members.n, exports[i].members);
	assert_int_equal(counts.comments, exports[i].comments);
	assert_int_equal(counts.checklists, exports[i].checklists);
	assert_int_equal(counts.items, exports[i].items);
	assert_int_equal(counts.complete, exports[i].complete);
	assert_int_equal(counts.attachments, exports[i].attachments);
	assert_int_equal(counts.longest_name, exports[i].longest_name);
	assert_int_equal(counts.edited, exports[i].edited);
	assert_int_equal(counts.due, exports[i].due);
	assert_int_equal(counts.desc_bytes, exports[i].desc_bytes);
	assert_true(strlen(model_str(board->short_link)) >= 8);
	assert_int_equal(board->checklists.n + board->comments.n, 0);
	for (size_t j = 1; j < board->lists.n; j++)
		assert_true(board->lists.v[j - 1].pos < board->lists.v[j].pos);
}

static void
reads_exports(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof exports / sizeof exports[0]; i++) {
		struct buf json = BUF_INIT;
		char name[64];

		(void)snprintf(
		    name, sizeof name, "exports/%s.json", exports[i].name);
		if (!feed_shared_file(name, &json))
			return;
		for (enum feed_how how = 0; how < FEED_WAYS; how++) {
			struct err err = {0};
			struct board board;

			board_init(&board);
			if (feed(board_reader_new(&board), json.data, json.len,
				how, &err) != 0)
				fail_msg("%s: %s", name, err.text);
			assert_int_equal(board_gather(&board), 0);
			check_export(i, &board);
			board_fini(&board);
		}
		buf_free(&json);
	}
}

/* One card after another: what is read, or the error. */
static const struct {
	const char *json;
	const char *written; /* a part of the canonical form; NULL: -EBADMSG */
	const char *error;
} cards[] = {
    {"{\"id\":\"c1\",\"pos\":\"top\"}", "\"pos\":0,", NULL},
    {"{\"id\":\"c1\",\"pos\":\"123.5\"}", "\"pos\":123.5,", NULL},
    {"{\"id\":\"c1\",\"pos\":-1e999}", "\"pos\":-1.7976931348623157e+308",
	NULL},
    {"{\"id\":\"c1\",\"pos\":null}", "\"pos\":0,", NULL},
    {"{\"id\":\"c1\",\"due\":\"\"}", "\"due\":null", NULL},
    {"{\"id\":\"c1\",\"due\":\"soon\"}", "\"due\":null", NULL},
    {"{\"id\":\"c1\",\"due\":7}", "\"due\":null", NULL},
    {"{\"id\":\"c1\",\"due\":\"2020-12-22T02:59:00+01:00\"}",
	"\"due\":\"2020-12-22T01:59:00.000Z\"", NULL},
    {"{\"id\":\"c1\",\"shortlink\":\"Ab12Cd34\"}", "\"shortLink\":\"Ab12Cd34\"",
	NULL},
    {"{\"url\":\"https://trello.com/c/Ab12Cd34/3-a-b\",\"shortLink\":\"Q\"}",
	"\"shortLink\":\"Q\"", NULL},
    {"{\"shortLink\":\"Q\",\"url\":\"https://trello.com/c/Ab12Cd34\"}",
	"\"shortLink\":\"Q\"", NULL},
    {"{\"url\":\"https://trello.com/c/Ab12Cd34/3-a-b\"}",
	"\"shortLink\":\"Ab12Cd34\"", NULL},
    {"{\"shortUrl\":\"https://trello.com/c/Ab12Cd34\"}",
	"\"shortLink\":\"Ab12Cd34\"", NULL},
    {"{\"url\":\"https://trello.com/c/../x\"}", "\"shortLink\":\"\"", NULL},
    {"{\"url\":\"https://trello.com/c/a%20/x\"}", "\"shortLink\":\"\"", NULL},
    {"{\"url\":\"/c/\"}", "\"shortLink\":\"\"", NULL},
    {"{\"url\":\"\"}", "\"shortLink\":\"\"", NULL},
    {"{\"badges\":{\"due\":7,\"comments\":[]},\"id\":\"c1\"}", "\"id\":\"c1\"",
	NULL},
    {"{\"idLabels\":[\"l1\",null,\"\",\"l2\"],\"idMembers\":[\"m\"]}",
	"\"idLabels\":[\"l1\",\"l2\"],\"idMembers\":[\"m\"]", NULL},
    {"{\"customFieldItems\":[{\"idCustomField\":\"f1\",\"value\":"
     "{\"number\":\"1\"}},{\"idCustomField\":\"f2\",\"idValue\":\"o\","
     "\"value\":null},{\"idCustomField\":\"f3\",\"value\":"
     "{\"checked\":true}}]}",
	"[{\"idCustomField\":\"f1\",\"idValue\":null,\"value\":"
	"{\"text\":\"1\"}},{\"idCustomField\":\"f2\",\"idValue\":\"o\","
	"\"value\":null},{\"idCustomField\":\"f3\",\"idValue\":null,"
	"\"value\":{\"text\":\"true\"}}]",
	NULL},
    {"{\"attachments\":[{\"id\":\"a\",\"bytes\":null,\"isUpload\":false},"
     "{\"id\":\"b\",\"bytes\":607,\"fileName\":\"f\",\"isUpload\":true},"
     "{\"name\":\"no id\"}]}",
	"[{\"id\":\"a\",\"name\":\"\",\"url\":\"\",\"fileName\":\"\","
	"\"mimeType\":\"\",\"bytes\":null,\"date\":null,\"pos\":0,"
	"\"isUpload\":false},{\"id\":\"b\",\"name\":\"\",\"url\":\"\","
	"\"fileName\":\"f\",\"mimeType\":\"\",\"bytes\":607,\"date\":null,"
	"\"pos\":0,\"isUpload\":true}]",
	NULL},
    {"{\"checklists\":[{\"id\":\"k\",\"checkItems\":[{\"id\":\"i\","
     "\"state\":\"complete\"},{\"id\":\"j\",\"state\":\"what\"}]}]}",
	"\"checkItems\":[{\"id\":\"i\",\"name\":\"\",\"pos\":0,\"state\":"
	"\"complete\"},{\"id\":\"j\",\"name\":\"\",\"pos\":0,\"state\":"
	"\"incomplete\"}]",
	NULL},
    {"{\"actions\":[{\"data\":{\"text\":\"x\"},\"id\":\"1\",\"type\":"
     "\"updateCard\"},{\"id\":\"2\",\"type\":\"copyCommentCard\",\"data\":"
     "{\"text\":\"y\",\"card\":{\"id\":\"c\"},\"cardSource\":{\"id\":"
     "\"d\"}},\"memberCreator\":{\"id\":\"m\",\"username\":\"u\"}}]}",
	"\"actions\":[{\"id\":\"2\",\"type\":\"commentCard\",\"date\":null,"
	"\"idMemberCreator\":\"m\",\"data\":{\"text\":\"y\","
	"\"dateLastEdited\":null,\"card\":{\"id\":\"c\"}},"
	"\"memberCreator\":{\"username\":\"u\"}}]",
	NULL},
    {"{\"id\":\"0123456789012345678901234567890\"}",
	"\"id\":\"0123456789012345678901234567890\"", NULL},
    {"{\"id\":\"01234567890123456789012345678901\"}", NULL,
	"id: a string that is too long"},
    {"{\"id\":5}", NULL, "id: a number where a short string belongs"},
    {"{\"idLabels\":[{}]}", NULL, "idLabels: an object"},
    {"{\"checklists\":[{\"checkItems\":{}}]}", NULL,
	"checklists.checkItems: an object where an array belongs"},
    {"[]", NULL, "an array where an object belongs"},
    {"invalid id", NULL, "lexical error"},
};

static void
reads_cards(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cards / sizeof cards[0]; i++)
		for (enum feed_how how = 0; how < FEED_WAYS; how++) {
			struct buf out = BUF_INIT;
			struct err err = {0};
			struct card card;
			int rc;

			card_init(&card);
			rc = feed(card_reader_new(&card), cards[i].json,
			    strlen(cards[i].json), how, &err);
			(void)card_write(&card, &out);
			if (rc != (cards[i].written != NULL ? 0 : -EBADMSG))
				fail_msg("%s: %s", cards[i].json, err.text);
			if (cards[i].written != NULL &&
			    strstr(buf_str(&out), cards[i].written) == NULL)
				fail_msg(
				    "%s: %s", cards[i].json, buf_str(&out));
			if (cards[i].error != NULL &&
			    strstr(err.text, cards[i].error) == NULL)
				fail_msg("%s: %s", cards[i].json, err.text);
			card_fini(&card);
			buf_free(&out);
		}
}

static void
reads_tokens(void **state)
{
	static const struct {
		const char *json;
		bool read, write;
		bool never;
	} cases[] = {
	    {"{\"idMember\":\"m\",\"dateExpires\":null,\"permissions\":["
	     "{\"idModel\":\"m\",\"modelType\":\"Member\",\"read\":true,"
	     "\"write\":true},{\"idModel\":\"*\",\"modelType\":\"Board\","
	     "\"read\":true,\"write\":false}]}",
		true, false, true},
	    {"{\"idMember\":\"m\",\"permissions\":[{\"write\":true,\"read\":"
	     "true,\"modelType\":\"Board\"},{\"modelType\":\"Organization\"}]}",
		true, true, true},
	    {"{\"idMember\":\"m\",\"dateExpires\":"
	     "\"2026-11-02T14:03:27.123Z\",\"permissions\":[]}",
		false, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct token_info token = {.board_write = true};

		assert_int_equal(feed(token_reader_new(&token), cases[i].json,
				     strlen(cases[i].json), FEED_BYTES, NULL),
		    0);
		assert_string_equal(token.id_member, "m");
		assert_int_equal(token.board_read, cases[i].read);
		assert_int_equal(token.board_write, cases[i].write);
		assert_int_equal(token.expires_ms == TIME_NONE, cases[i].never);
	}
}

static void
reads_boards(void **state)
{
	static const char json[] =
	    "[{\"id\":\"b1\",\"name\":\"A\",\"closed\":true,"
	    "\"shortLink\":\"s\",\"labelNames\":{\"red\":\"\"},"
	    "\"memberships\":[{\"idMember\":\"m\",\"memberType\":\"admin\"},"
	    "{\"idMember\":\"n\",\"memberType\":"
	    "\"a type of the years to come\"}],\"customFields\":[{\"id\":"
	    "\"f\",\"type\":\"list\",\"options\":[{\"id\":\"o\",\"value\":"
	    "{\"text\":\"High\"},\"pos\":1}]},{\"id\":\"g\",\"type\":"
	    "\"rating\"}],\"labels\":[{\"id\":\"l\",\"color\":null,"
	    "\"name\":\"\"},{\"id\":\"k\",\"color\":"
	    "\"a_very_long_colour_of_the_years_to_come\"}]},{\"name\":\"B\"}]";
	struct boards boards = {0};
	const struct board *board;

	(void)state;
	assert_int_equal(feed(boards_reader_new(&boards), json, sizeof json - 1,
			     FEED_RANDOM, NULL),
	    0);
	assert_int_equal(boards.boards.n, 1);
	board = &boards.boards.v[0];
	assert_true(board->closed);
	assert_true(board->activity_ms == TIME_NONE);
	assert_string_equal(board->memberships.v[0].type, "admin");
	assert_string_equal(board->memberships.v[1].type, "a type of the y");
	assert_int_equal(board_field(board, "f")->type, FIELD_LIST);
	assert_int_equal(board_field(board, "g")->type, FIELD_UNKNOWN);
	assert_string_equal(
	    field_option_by_id(board_field(board, "f"), "o")->text, "High");
	assert_null(field_option_by_id(board_field(board, "f"), "p"));
	assert_string_equal(board_label(board, "l")->color, "");
	assert_string_equal(
	    board_label(board, "k")->color, "a_very_long_colour_of_t");
	assert_null(board_field(board, "h"));
	boards_fini(&boards);
}

/* Half of a board is one that can be freed and asked. */
static void
survives_cut_replies(void **state)
{
	struct buf json = BUF_INIT;
	struct board board;

	(void)state;
	if (!feed_shared_file("exports/zed-testing-2013.json", &json))
		return;
	for (size_t len = 0; len < json.len - 1; len += 7) {
		struct err err = {0};

		board_init(&board);
		assert_int_equal(feed(board_reader_new(&board), json.data, len,
				     FEED_WHOLE, &err),
		    -EBADMSG);
		assert_non_null(strstr(err.text, " error: "));
		assert_int_equal(board_gather(&board), 0);
		board_fini(&board);
	}
	buf_free(&json);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(reads_exports),
    cmocka_unit_test(reads_cards),
    cmocka_unit_test(reads_tokens),
    cmocka_unit_test(reads_boards),
    cmocka_unit_test(survives_cut_replies),
};

UNIT_MAIN(tests)
