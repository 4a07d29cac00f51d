/* Writes to the account in memory, and what can be read afterwards. */

#include "unit.h"

#include "model/model_json.h"
#include "trello/calls.h"
#include "trello/local.h"
#include "trello/remote.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/timeutil.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define A "5e00000000000000000000a0"
#define LIST1 "5e00000000000000000000a1"
#define LIST2 "5e00000000000000000000a2"
#define CARD1 "5e00000000000000000000c1"
#define CARD2 "5e00000000000000000000c2"
#define RED "5e00000000000000000000d1"
#define ANN "5e00000000000000000000e1"
#define FIELD "5e0000000000000000000f01"
#define B "5e00000000000000000000b0"
#define B_LIST "5e00000000000000000000b1"
#define NOBODY "5e00000000000000000000ff"

static const char board_a[] =
    "{\"id\":\"" A "\",\"name\":\"A\",\"shortLink\":\"AAAAaaaa\","
    "\"dateLastActivity\":\"2020-01-01T00:00:00.000Z\",\"lists\":["
    "{\"id\":\"" LIST1 "\",\"name\":\"one\",\"pos\":16384},"
    "{\"id\":\"" LIST2 "\",\"name\":\"two\",\"pos\":32768}],\"labels\":["
    "{\"id\":\"" RED "\",\"name\":\"Red\",\"color\":\"red\"}],\"members\":["
    "{\"id\":\"" ANN "\",\"username\":\"ann\",\"fullName\":\"Ann\"}],"
    "\"customFields\":[{\"id\":\"" FIELD "\",\"name\":\"F\",\"type\":\"text\","
    "\"pos\":1}],\"cards\":[{\"id\":\"" CARD1 "\",\"name\":\"first\",\"desc\":"
    "\"old\",\"idList\":\"" LIST1 "\",\"pos\":16384,\"idShort\":5,"
    "\"shortLink\":\"CARDone1\",\"dateLastActivity\":"
    "\"2020-01-01T00:00:00.000Z\"},"
    "{\"id\":\"" CARD2 "\",\"name\":\"second\",\"idList\":\"" LIST1
    "\",\"pos\":32768,\"idShort\":6,\"shortLink\":\"CARDtwo2\"}]}";
static const char board_b[] =
    "{\"id\":\"" B "\",\"name\":\"B\",\"lists\":[{\"id\":\"" B_LIST
    "\",\"name\":\"there\",\"pos\":1}]}";

static struct remote *
new_account(void)
{
	struct remote *remote = NULL;
	struct err err = {0};

	assert_int_equal(local_remote_new(&remote), 0);
	assert_int_equal(local_remote_add_json(
			     remote, "a", board_a, sizeof board_a - 1, &err),
	    0);
	assert_int_equal(local_remote_add_json(
			     remote, "b", board_b, sizeof board_b - 1, &err),
	    0);
	return remote;
}

struct answer {
	struct remote_verdict verdict;
	int calls;
};

static void
on_done(void *cookie, const struct remote_verdict *verdict)
{
	struct answer *answer = cookie;

	answer->calls++;
	answer->verdict = *verdict;
}

static struct remote_verdict
ask(struct remote *remote, struct remote_args args)
{
	struct answer answer = {0};
	struct remote_request *request;

	args.done = on_done;
	args.cookie = &answer;
	assert_int_equal(remote_submit(remote, &args, &request), 0);
	assert_int_equal(remote_run(remote, 0), 0);
	assert_int_equal(answer.calls, 1);
	json_reader_free(args.reader);
	return answer.verdict;
}

/* A call with the parameters behind it. */
#define PARAMS(...)                                                      \
	.params = (const struct remote_param[]){__VA_ARGS__},            \
	.n_params = sizeof((const struct remote_param[]){__VA_ARGS__}) / \
		    sizeof(struct remote_param)
#define ASK(remote, ...) ask(remote, (struct remote_args){__VA_ARGS__})
#define GOOD(...) assert_string_equal(ASK(__VA_ARGS__).text, "")

static struct board
read_board(struct remote *remote, const char *id)
{
	struct board board;

	board_init(&board);
	GOOD(remote, .call = CALL_BOARD, .id = id,
	    .reader = board_reader_new(&board));
	assert_int_equal(board_gather(&board), 0);
	return board;
}

static struct card
read_card(struct remote *remote, const char *id)
{
	struct card card;

	card_init(&card);
	GOOD(remote, .call = CALL_CARD, .id = id,
	    .reader = card_reader_new(&card));
	assert_int_equal(card_gather(&card), 0);
	return card;
}

static bool
is_now(int64_t ms)
{
	int64_t now_ms = time_wall_ms();

	return ms <= now_ms && ms > now_ms - 60000;
}

static void
test_create(void **state)
{
	struct remote *remote = new_account();
	struct card reply, card;
	struct board board;

	(void)state;
	card_init(&reply);
	GOOD(remote, .call = CALL_CARD_CREATE,
	    PARAMS({"idList", LIST1}, {"name", " a\nb "}, {"desc", " d\r\n"},
		{"due", "2031-02-03T04:05:06.000Z"}, {"idLabels", RED},
		{"idMembers", ANN}),
	    .reader = card_reader_new(&reply));
	assert_int_equal(strlen(reply.id), 24);
	assert_int_equal(
	    time_from_id(reply.id), reply.activity_ms / 1000 * 1000);
	card = read_card(remote, reply.id);
	assert_string_equal(card.name, "a b");
	assert_string_equal(card.desc, " d\r\n");
	assert_true(card.pos == 32768 + 16384);
	assert_int_equal(card.id_short, 7);
	assert_int_equal(strlen(card.short_link), 8);
	assert_int_equal(card.due_ms, 1927857906000);
	assert_string_equal(card.id_labels.v[0].s, RED);
	assert_string_equal(card.id_members.v[0].s, ANN);
	assert_true(is_now(card.activity_ms));
	board = read_board(remote, A);
	assert_int_equal(board.cards.n, 3);
	assert_int_equal(board.activity_ms, card.activity_ms);
	card_fini(&card);
	card_fini(&reply);
	board_fini(&board);
	remote_free(remote);
}

/* Ids grow, and no two are the same. */
static void
test_new_ids(void **state)
{
	struct remote *remote = new_account();
	char last[MODEL_ID_SIZE] = "";

	(void)state;
	for (int i = 0; i < 300; i++) {
		struct comment comment;

		comment_init(&comment);
		GOOD(remote, .call = CALL_COMMENT_CREATE, .id = CARD1,
		    PARAMS({"text", "again"}),
		    .reader = comment_reader_new(&comment));
		assert_true(strcmp(comment.id, last) > 0);
		memcpy(last, comment.id, sizeof last);
		comment_fini(&comment);
	}
	remote_free(remote);
}

static void
test_update(void **state)
{
	struct remote *remote = new_account();
	struct desc_changes changes = {0};
	struct card card;

	(void)state;
	GOOD(remote, .call = CALL_CARD_UPDATE, .id = CARD1,
	    PARAMS({"name", "first"}));
	card = read_card(remote, CARD1);
	assert_false(is_now(card.activity_ms)); /* nothing has changed */
	card_fini(&card);
	GOOD(remote, .call = CALL_CARD_UPDATE, .id = "CARDone1",
	    PARAMS({"desc", "new"}, {"pos", "bottom"}, {"closed", "true"}));
	card = read_card(remote, CARD1);
	assert_true(is_now(card.activity_ms));
	assert_string_equal(card.desc, "new");
	assert_true(card.pos == 49152);
	assert_true(card.closed);
	card_fini(&card);
	GOOD(remote, .call = CALL_CARD_UPDATE, .id = CARD1,
	    PARAMS({"desc", ""}));
	GOOD(remote, .call = CALL_CARD_DESC_ACTIONS, .id = CARD1,
	    .reader = desc_changes_reader_new(&changes));
	assert_int_equal(changes.changes.n, 2);
	assert_string_equal(changes.changes.v[0].old_desc, "new");
	assert_string_equal(changes.changes.v[0].new_desc, "");
	assert_string_equal(changes.changes.v[1].old_desc, "old");
	assert_string_equal(changes.changes.v[1].id_creator, LOCAL_MEMBER_ID);
	assert_true(is_now(changes.changes.v[1].date_ms));
	desc_changes_fini(&changes);
	remote_free(remote);
}

/* Members of this board only stay here, labels come along. */
static void
test_move(void **state)
{
	struct remote *remote = new_account();
	struct board board;
	struct card card;

	(void)state;
	GOOD(remote, .call = CALL_CARD_LABEL_ADD, .id = CARD1,
	    PARAMS({"value", RED}));
	GOOD(remote, .call = CALL_CARD_MEMBER_ADD, .id = CARD1,
	    PARAMS({"value", ANN}));
	GOOD(remote, .call = CALL_CARD_MEMBER_ADD, .id = CARD1,
	    PARAMS({"value", LOCAL_MEMBER_ID}));
	GOOD(remote, .call = CALL_CARD_UPDATE, .id = CARD1,
	    PARAMS({"idBoard", B}));
	card = read_card(remote, CARD1);
	board = read_board(remote, B);
	assert_string_equal(card.id_board, B);
	assert_string_equal(card.id_list, B_LIST);
	assert_int_equal(card.id_short, 1);
	assert_int_equal(card.id_members.n, 1);
	assert_string_equal(card.id_members.v[0].s, LOCAL_MEMBER_ID);
	assert_int_equal(board.labels.n, 1);
	assert_string_equal(board.labels.v[0].name, "Red");
	assert_string_equal(card.id_labels.v[0].s, board.labels.v[0].id);
	board_fini(&board);
	card_fini(&card);
	board = read_board(remote, A);
	assert_int_equal(board.cards.n, 1);
	board_fini(&board);
	remote_free(remote);
}

static void
test_parts(void **state)
{
	struct remote *remote = new_account();
	struct checklist checklist = {0};
	struct check_item item = {0};
	struct comment comment;
	struct card card;

	(void)state;
	comment_init(&comment);
	GOOD(remote, .call = CALL_CHECKLIST_CREATE,
	    PARAMS({"idCard", CARD1}, {"name", "K"}),
	    .reader = checklist_reader_new(&checklist));
	GOOD(remote, .call = CALL_ITEM_CREATE, .id = checklist.id,
	    PARAMS({"name", "i"}), .reader = check_item_reader_new(&item));
	GOOD(remote, .call = CALL_ITEM_UPDATE, .id = CARD1, .id2 = item.id,
	    PARAMS({"state", "complete"}, {"name", "j"}));
	GOOD(remote, .call = CALL_COMMENT_CREATE, .id = CARD1,
	    PARAMS({"text", "said"}), .reader = comment_reader_new(&comment));
	GOOD(remote, .call = CALL_COMMENT_UPDATE, .id = comment.id,
	    PARAMS({"text", "better"}));
	GOOD(remote, .call = CALL_LINK_CREATE, .id = CARD1,
	    PARAMS({"url", "https://x.example/"}));
	GOOD(remote, .call = CALL_CARD_FIELD_SET, .id = CARD1, .id2 = FIELD,
	    .json = "{\"value\":{\"text\":\"v\"}}");
	card = read_card(remote, CARD1);
	assert_int_equal(card.checklists.n, 1);
	assert_string_equal(card.checklists.v[0].items.v[0].name, "j");
	assert_true(card.checklists.v[0].items.v[0].complete);
	assert_string_equal(card.comments.v[0].text, "better");
	assert_string_equal(card.comments.v[0].username, LOCAL_MEMBER_NAME);
	assert_true(is_now(card.comments.v[0].edited_ms));
	assert_string_equal(card.attachments.v[0].name, "https://x.example/");
	assert_string_equal(card.fields.v[0].value, "v");
	GOOD(remote, .call = CALL_ATTACHMENT_DELETE, .id = CARD1,
	    .id2 = card.attachments.v[0].id);
	card_fini(&card);
	GOOD(remote, .call = CALL_ITEM_DELETE, .id = checklist.id,
	    .id2 = item.id);
	GOOD(remote, .call = CALL_CHECKLIST_DELETE, .id = checklist.id);
	GOOD(remote, .call = CALL_COMMENT_DELETE, .id = comment.id);
	GOOD(remote, .call = CALL_CARD_FIELD_SET, .id = CARD1, .id2 = FIELD,
	    .json = "{\"value\":\"\",\"idValue\":\"\"}");
	card = read_card(remote, CARD1);
	assert_int_equal(card.checklists.n + card.comments.n +
			     card.attachments.n + card.fields.n,
	    0);
	card_fini(&card);
	checklist_fini(&checklist);
	check_item_fini(&item);
	comment_fini(&comment);
	remote_free(remote);
}

static void
test_lists(void **state)
{
	struct remote *remote = new_account();
	struct list list = {0};
	struct board board;

	(void)state;
	GOOD(remote, .call = CALL_LIST_CREATE,
	    PARAMS({"idBoard", A}, {"name", "new"}),
	    .reader = list_reader_new(&list));
	assert_true(list.pos == 8192);
	GOOD(remote, .call = CALL_LIST_UPDATE, .id = list.id,
	    PARAMS({"pos", "bottom"}, {"name", "last"}));
	GOOD(remote, .call = CALL_LIST_ARCHIVE_CARDS, .id = LIST1);
	board = read_board(remote, A);
	assert_int_equal(board.cards.n, 0);
	assert_string_equal(board.lists.v[2].name, "last");
	board_fini(&board);
	GOOD(remote, .call = CALL_CARD_UPDATE, .id = CARD1,
	    PARAMS({"closed", "false"}));
	GOOD(remote, .call = CALL_LIST_MOVE, .id = LIST1, PARAMS({"value", B}));
	board = read_board(remote, B);
	assert_int_equal(board.lists.n, 2);
	assert_int_equal(board.cards.n, 1);
	assert_string_equal(board.lists.v[1].id, LIST1);
	board_fini(&board);
	GOOD(remote, .call = CALL_LIST_UPDATE, .id = LIST1,
	    PARAMS({"closed", "true"}));
	board = read_board(remote, B);
	assert_int_equal(board.lists.n, 1);
	board_fini(&board);
	list_fini(&list);
	remote_free(remote);
}

static void
test_boards(void **state)
{
	struct remote *remote = new_account();
	struct boards boards = {0};
	struct board board, again;

	(void)state;
	board_init(&board);
	GOOD(remote, .call = CALL_BOARD_CREATE, PARAMS({"name", " new "}),
	    .reader = board_reader_new(&board));
	assert_string_equal(board.name, "new");
	assert_int_equal(strlen(board.short_link), 8);
	again = read_board(remote, board.short_link);
	assert_string_equal(again.id, board.id);
	assert_int_equal(again.lists.n + again.labels.n + again.cards.n, 0);
	assert_non_null(board_member(&again, LOCAL_MEMBER_ID));
	board_fini(&again);
	GOOD(remote, .call = CALL_BOARD_UPDATE, .id = board.id,
	    PARAMS({"desc", "d"}, {"closed", "true"}));
	GOOD(remote, .call = CALL_BOARDS, .reader = boards_reader_new(&boards));
	assert_int_equal(boards.boards.n, 2);
	again = read_board(remote, board.id);
	assert_true(again.closed);
	assert_string_equal(again.desc, "d");
	board_fini(&again);
	board_fini(&board);
	boards_fini(&boards);
	remote_free(remote);
}

/* Refusals are judged as the network's are, and change nothing. */
static void
test_refused(void **state)
{
	const struct {
		struct remote_args args;
		int status, err;
		const char *says;
	} rows[] = {
	    {{.call = CALL_CARD_CREATE, PARAMS({"name", "x"})}, 400, -EINVAL,
		"invalid value for idList"},
	    {{.call = CALL_CARD_UPDATE,
		 .id = CARD1,
		 PARAMS({"name", " "}, {"desc", "x"})},
		400, -EINVAL, "invalid value for name"},
	    {{.call = CALL_CARD_UPDATE, .id = CARD1, PARAMS({"colour", "x"})},
		400, -EINVAL, "unknown parameter colour"},
	    {{.call = CALL_CARD_UPDATE, .id = NOBODY, PARAMS({"name", "x"})},
		404, -ENOENT, "The requested resource was not found."},
	    {{.call = CALL_CARD_UPDATE, .id = "x", PARAMS({"name", "x"})}, 400,
		-EINVAL, "invalid id"},
	    {{.call = CALL_LIST_UPDATE, .id = NOBODY, PARAMS({"name", "x"})},
		404, -ENOENT, "model not found"},
	    {{.call = CALL_LIST_CREATE,
		 PARAMS({"idBoard", NOBODY}, {"name", "x"})},
		401, -EACCES, "unauthorized board list requested " NOBODY},
	    {{.call = CALL_CARD_LABEL_REMOVE, .id = CARD1, .id2 = RED}, 400,
		-EINVAL, "that label is not on the card"},
	};
	struct remote *remote = new_account();
	struct buf before = BUF_INIT, after = BUF_INIT;
	struct board board = read_board(remote, A);

	(void)state;
	assert_int_equal(board_write(&board, &before), 0);
	board_fini(&board);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct remote_verdict verdict = ask(remote, rows[i].args);

		assert_int_equal(verdict.status, rows[i].status);
		assert_int_equal(verdict.err, rows[i].err);
		assert_int_equal(verdict.scope, SCOPE_OBJECT);
		assert_int_equal(verdict.when, WHEN_NEVER);
		assert_false(verdict.unknown);
		assert_non_null(strstr(verdict.text, rows[i].says));
	}
	board = read_board(remote, A);
	assert_int_equal(board_write(&board, &after), 0);
	assert_string_equal(buf_str(&before), buf_str(&after));
	board_fini(&board);
	buf_free(&before);
	buf_free(&after);
	remote_free(remote);
}

/* Trello's limits of numbers: 403 is "over quota". */
static void
test_limits(void **state)
{
	struct remote *remote = new_account();
	struct checklist checklist = {0};
	struct remote_verdict verdict;

	(void)state;
	GOOD(remote, .call = CALL_CHECKLIST_CREATE, PARAMS({"idCard", CARD1}),
	    .reader = checklist_reader_new(&checklist));
	assert_string_equal(checklist.name, "Checklist");
	for (int i = 0; i < 200; i++)
		GOOD(remote, .call = CALL_ITEM_CREATE, .id = checklist.id,
		    PARAMS({"name", "x"}));
	verdict = ASK(remote, .call = CALL_ITEM_CREATE, .id = checklist.id,
	    PARAMS({"name", "x"}));
	assert_int_equal(verdict.status, 403);
	assert_int_equal(verdict.err, -EDQUOT);
	assert_false(verdict.unknown);
	checklist_fini(&checklist);
	remote_free(remote);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_create),
    cmocka_unit_test(test_new_ids),
    cmocka_unit_test(test_update),
    cmocka_unit_test(test_move),
    cmocka_unit_test(test_parts),
    cmocka_unit_test(test_lists),
    cmocka_unit_test(test_boards),
    cmocka_unit_test(test_refused),
    cmocka_unit_test(test_limits),
};
UNIT_MAIN(tests)
