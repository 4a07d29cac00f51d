/* The stand-in account: exports in, every call answered. */

#include "unit.h"

#include "model/model_json.h"
#include "trello/board_load.h"
#include "trello/calls.h"
#include "trello/demo.h"
#include "trello/local.h"
#include "trello/remote.h"
#include "util/buf.h"
#include "util/err.h"
#include "json/json_reader.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BOARD                                                                \
	"{\"id\":\"5e0000000000000000000001\",\"name\":\"B\","               \
	"\"shortLink\":\"aBcDeFgH\",\"lists\":["                             \
	"{\"id\":\"5e00000000000000000000a1\",\"name\":\"open\",\"pos\":1}," \
	"{\"id\":\"5e00000000000000000000a2\",\"name\":\"shut\",\"pos\":2,"  \
	"\"closed\":true}],\"cards\":["                                      \
	"{\"id\":\"5e00000000000000000000c1\",\"name\":\"one\","             \
	"\"idList\":\"5e00000000000000000000a1\",\"pos\":2},"                \
	"{\"id\":\"5e00000000000000000000c2\",\"name\":\"two\","             \
	"\"idList\":\"5e00000000000000000000a1\",\"pos\":1,"                 \
	"\"closed\":true},"                                                  \
	"{\"id\":\"5e00000000000000000000c3\",\"name\":\"three\","           \
	"\"idList\":\"5e00000000000000000000a2\",\"pos\":1},"                \
	"{\"id\":\"5e00000000000000000000c4\",\"name\":\"four\","            \
	"\"idList\":\"5e00000000000000000000a1\",\"pos\":4}],"               \
	"\"checklists\":[{\"id\":\"5e00000000000000000000d1\","              \
	"\"idCard\":\"5e00000000000000000000c1\",\"name\":\"L\","            \
	"\"pos\":1,\"checkItems\":[{\"id\":\"5e00000000000000000000e1\","    \
	"\"name\":\"item\",\"state\":\"complete\",\"pos\":1}]}],"            \
	"\"actions\":[{\"id\":\"5e00000000000000000000f2\","                 \
	"\"type\":\"commentCard\",\"date\":\"2020-01-02T00:00:00.000Z\","    \
	"\"data\":{\"text\":\"second\",\"card\":{\"id\":"                    \
	"\"5e00000000000000000000c1\"}}},"                                   \
	"{\"id\":\"5e00000000000000000000f1\","                              \
	"\"type\":\"commentCard\",\"date\":\"2020-01-01T00:00:00.000Z\","    \
	"\"data\":{\"text\":\"first\",\"card\":{\"id\":"                     \
	"\"5e00000000000000000000c1\"}}}]}"

#define BOARD_ID "5e0000000000000000000001"

static struct remote *
new_account(void)
{
	struct remote *remote = NULL;

	assert_int_equal(local_remote_new(&remote), 0);
	return remote;
}

static struct remote *
new_small_account(void)
{
	struct remote *remote = new_account();
	struct err err = {0};

	assert_int_equal(
	    local_remote_add_json(remote, "b.json", BOARD, strlen(BOARD), &err),
	    0);
	return remote;
}

struct result {
	int calls;
	struct remote_verdict verdict;
	struct board board;
	struct card card;
};

static void
on_done(void *cookie, const struct remote_verdict *verdict)
{
	struct result *result = cookie;

	result->calls++;
	result->verdict = *verdict;
}

/* Ask one question; the caller frees the reader's target. */
static struct remote_verdict
ask(struct remote *remote, struct remote_args args)
{
	struct result result = {0};
	struct remote_request *request;

	args.priority = PRIORITY_WAITING;
	args.done = on_done;
	args.cookie = &result;
	assert_int_equal(remote_submit(remote, &args, &request), 0);
	assert_int_equal(result.calls, 0);
	assert_int_equal(remote_run(remote, 0), 0);
	assert_int_equal(result.calls, 1);
	json_reader_free(args.reader);
	return result.verdict;
}

static void
on_board(
    void *cookie, const struct remote_verdict *verdict, struct board *board)
{
	struct result *result = cookie;

	result->calls++;
	result->verdict = *verdict;
	if (board != NULL) {
		result->board = *board;
		board_init(board);
	}
}

static void
load_board(struct remote *remote, const char *id, struct result *result)
{
	struct board_load *load;

	memset(result, 0, sizeof *result);
	assert_int_equal(board_load_start(remote, id, PRIORITY_WAITING,
			     on_board, result, &load),
	    0);
	for (int i = 0; i < 20 && result->calls == 0; i++)
		assert_int_equal(remote_run(remote, 0), 0);
	assert_int_equal(result->calls, 1);
}

static void
test_account(void **state)
{
	struct remote *remote = new_small_account();
	struct member you = {0};
	struct token_info token = {0};
	struct boards boards = {0};
	struct remote_verdict verdict;
	struct remote_stats stats;

	(void)state;
	verdict = ask(remote, (struct remote_args){.call = CALL_ME,
				  .reader = member_reader_new(&you)});
	assert_int_equal(verdict.err, 0);
	assert_string_equal(you.id, LOCAL_MEMBER_ID);
	assert_string_equal(you.username, LOCAL_MEMBER_NAME);
	verdict = ask(remote, (struct remote_args){.call = CALL_TOKEN,
				  .reader = token_reader_new(&token)});
	assert_int_equal(verdict.err, 0);
	assert_string_equal(token.id_member, you.id);
	assert_true(token.board_write);
	verdict = ask(remote, (struct remote_args){.call = CALL_BOARDS,
				  .reader = boards_reader_new(&boards)});
	assert_int_equal(verdict.err, 0);
	assert_int_equal(boards.boards.n, 1);
	assert_string_equal(boards.boards.v[0].name, "B");
	remote_stats(remote, &stats);
	assert_int_equal(stats.requests, 0);
	member_fini(&you);
	boards_fini(&boards);
	remote_free(remote);
}

static void
test_whole_board(void **state)
{
	struct remote *remote = new_small_account();
	struct result result;
	struct card *card;

	(void)state;
	load_board(remote, "aBcDeFgH", &result);
	assert_int_equal(result.verdict.err, 0);
	assert_string_equal(result.board.id, BOARD_ID);
	assert_int_equal(result.board.lists.n, 1);
	assert_int_equal(result.board.cards.n, 2);
	card = board_card(&result.board, "5e00000000000000000000c1");
	assert_non_null(card);
	assert_int_equal(card->checklists.n, 1);
	assert_true(card->checklists.v[0].items.v[0].complete);
	assert_int_equal(card->comments.n, 2);
	assert_string_equal(card->comments.v[0].text, "first");
	assert_non_null(board_member(&result.board, LOCAL_MEMBER_ID));
	board_fini(&result.board);
	remote_free(remote);
}

/* Each part of a board by itself, with what it counts. */
static void
test_parts(void **state)
{
	static const struct {
		enum remote_call call;
		const char *filter;
		struct remote_param param;
		struct json_reader *(*reader)(struct board *);
		size_t lists, cards, checklists, comments, members;
	} rows[] = {
	    {CALL_BOARD_HEAD, NULL, {0}, board_reader_new, 0, 0, 0, 0, 1},
	    {CALL_BOARD_LISTS, NULL, {0}, lists_reader_new, 1, 0, 0, 0, 0},
	    {CALL_BOARD_LISTS, "all", {0}, lists_reader_new, 2, 0, 0, 0, 0},
	    {CALL_BOARD_LISTS, "closed", {0}, lists_reader_new, 1, 0, 0, 0, 0},
	    {CALL_BOARD_CARDS, NULL, {0}, cards_reader_new, 0, 2, 0, 0, 0},
	    {CALL_BOARD_CARDS, "open", {0}, cards_reader_new, 0, 3, 0, 0, 0},
	    {CALL_BOARD_CARDS, "closed", {0}, cards_reader_new, 0, 1, 0, 0, 0},
	    {CALL_BOARD_CARDS, "all", {0}, cards_reader_new, 0, 4, 0, 0, 0},
	    {CALL_BOARD_CARDS, "all", {"limit", "3"}, cards_reader_new, 0, 3, 0,
		0, 0},
	    {CALL_BOARD_CARDS, "all", {"before", "5e00000000000000000000c2"},
		cards_reader_new, 0, 1, 0, 0, 0},
	    {CALL_BOARD_CHECKLISTS, NULL, {0}, checklists_reader_new, 0, 0, 1,
		0, 0},
	    {CALL_BOARD_COMMENTS, NULL, {0}, comments_reader_new, 0, 0, 0, 2,
		0},
	    {CALL_BOARD_COMMENTS, NULL, {"limit", "1"}, comments_reader_new, 0,
		0, 0, 1, 0},
	    {CALL_BOARD_COMMENTS, NULL, {"before", "5e00000000000000000000f1"},
		comments_reader_new, 0, 0, 0, 0, 0},
	    {CALL_BOARD_MEMBERS, NULL, {0}, members_reader_new, 0, 0, 0, 0, 1},
	};
	struct remote *remote = new_small_account();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct remote_verdict verdict;
		struct board board;

		board_init(&board);
		verdict = ask(remote, (struct remote_args){.call = rows[i].call,
					  .id = BOARD_ID,
					  .filter = rows[i].filter,
					  .params = &rows[i].param,
					  .n_params = rows[i].param.key != NULL,
					  .reader = rows[i].reader(&board)});
		assert_int_equal(verdict.err, 0);
		assert_int_equal(board.lists.n, rows[i].lists);
		assert_int_equal(board.cards.n, rows[i].cards);
		assert_int_equal(board.checklists.n, rows[i].checklists);
		assert_int_equal(board.comments.n, rows[i].comments);
		assert_int_equal(board.members.n, rows[i].members);
		board_fini(&board);
	}
	remote_free(remote);
}

static void
test_newest_of_a_page(void **state)
{
	struct remote *remote = new_small_account();
	struct remote_param limit = {"limit", "1"};
	struct board board;

	(void)state;
	board_init(&board);
	(void)ask(remote, (struct remote_args){.call = CALL_BOARD_CARDS,
			      .id = BOARD_ID,
			      .params = &limit,
			      .n_params = 1,
			      .reader = cards_reader_new(&board)});
	assert_int_equal(board.cards.n, 1);
	assert_string_equal(board.cards.v[0].name, "four");
	board_fini(&board);
	remote_free(remote);
}

static void
on_card(void *cookie, const struct remote_verdict *verdict, struct card *card)
{
	struct result *result = cookie;

	result->calls++;
	result->verdict = *verdict;
	if (card != NULL) {
		result->card = *card;
		card_init(card);
	}
}

static void
test_card(void **state)
{
	struct remote *remote = new_small_account();
	struct result result = {0};
	struct card_load *load;

	(void)state;
	assert_int_equal(card_load_start(remote, "5e00000000000000000000c1",
			     PRIORITY_WAITING, on_card, &result, &load),
	    0);
	assert_int_equal(remote_run(remote, 0), 0);
	assert_int_equal(result.calls, 1);
	assert_int_equal(result.verdict.err, 0);
	assert_string_equal(result.card.name, "one");
	assert_int_equal(result.card.comments.n, 2);
	assert_int_equal(result.card.checklists.n, 1);
	card_fini(&result.card);
	card_init(&result.card);
	(void)ask(remote, (struct remote_args){.call = CALL_CARD_BRIEF,
			      .id = "5e00000000000000000000c2",
			      .reader = card_reader_new(&result.card)});
	assert_true(result.card.closed);
	assert_string_equal(result.card.id_list, "5e00000000000000000000a1");
	card_fini(&result.card);
	remote_free(remote);
}

static void
test_not_there(void **state)
{
	static const struct remote_args rows[] = {
	    {.call = CALL_BOARD, .id = "5e0000000000000000000009"},
	    {.call = CALL_CARD, .id = "nothing1"},
	    {.call = CALL_LIST, .id = "5e0000000000000000000009"},
	};
	struct remote *remote = new_small_account();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct remote_verdict verdict = ask(remote, rows[i]);

		assert_int_equal(verdict.err, -ENOENT);
		assert_int_equal(verdict.status, 404);
		assert_int_equal(verdict.scope, SCOPE_OBJECT);
		assert_int_equal(verdict.when, WHEN_NEVER);
	}
	remote_free(remote);
}

static void
test_bad_questions(void **state)
{
	static const struct remote_args rows[] = {
	    {.call = CALL_BOARD},
	    {.call = CALL_BOARD, .id = ""},
	    {.call = CALL_BOARD, .id = ".."},
	    {.call = CALL_ME, .id = "x"},
	    {.call = CALL_BOARD, .id = "x", .filter = "open"},
	    {.call = CALL_COUNT},
	};
	struct remote *remote = new_account();
	struct remote_request *request = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(
		    remote_submit(remote, &rows[i], &request), -EINVAL);
	assert_null(request);
	remote_free(remote);
}

/* The order of the answers is that of the priorities. */
struct order {
	char got[8];
	size_t n;
};
struct one {
	struct order *order;
	char letter;
};

static void
on_one(void *cookie, const struct remote_verdict *verdict)
{
	struct one *one = cookie;

	assert_int_equal(verdict->err, 0);
	one->order->got[one->order->n++] = one->letter;
}

static void
test_priorities(void **state)
{
	struct remote *remote = new_small_account();
	struct order order = {0};
	struct one ones[5];
	struct remote_request *requests[5];
	static const enum remote_priority priorities[5] = {PRIORITY_BACKGROUND,
	    PRIORITY_NEWS, PRIORITY_WAITING, PRIORITY_BACKGROUND,
	    PRIORITY_WRITE};

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct remote_args args = {.call = CALL_ME,
		    .priority = priorities[i],
		    .done = on_one,
		    .cookie = &ones[i]};

		ones[i] = (struct one){&order, (char)('a' + i)};
		assert_int_equal(remote_submit(remote, &args, &requests[i]), 0);
	}
	remote_cancel(remote, requests[1]);
	remote_hurry(remote, requests[3], PRIORITY_WAITING);
	remote_hurry(remote, requests[4], PRIORITY_NEWS);
	assert_int_equal(remote_run(remote, -1), 0);
	assert_string_equal(order.got, "ecda");
	remote_free(remote);
}

static void *
wake_soon(void *remote)
{
	(void)usleep(20000);
	remote_wakeup(remote);
	return NULL;
}

static void
test_wakeup(void **state)
{
	struct remote *remote = new_account();
	pthread_t thread;

	(void)state;
	remote_wakeup(remote);
	assert_int_equal(remote_run(remote, -1), 0);
	assert_int_equal(pthread_create(&thread, NULL, wake_soon, remote), 0);
	assert_int_equal(remote_run(remote, -1), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(remote_run(remote, 1), 0);
	remote_free(remote);
}

static void
write_file(const char *path, const char *text, size_t len)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void
test_bad_files(void **state)
{
	static const struct {
		const char *text;
		size_t len; /* 0: all of it */
		const char *says;
	} rows[] = {
	    {"", 0, "not a board export"},
	    {BOARD, 200, "not a board export"},
	    {"# notes\n", 0, "not a board export"},
	    {"{}", 0, "it has no \"id\""},
	    {"[]", 0, "not a board export"},
	    {"\"text\"", 0, "not a board export"},
	    {"{\"id\":\"5e00000000000000000000c1\",\"idBoard\":"
	     "\"5e0000000000000000000001\",\"idList\":"
	     "\"5e00000000000000000000a1\",\"name\":\"x\"}",
		0, "it is the export of a card"},
	    {"{\"id\":\"5e0000000000000000000001\",\"lists\":{}}", 0,
		"not a board export"},
	    {"{\"id\":\"5e00000000000000000000010000000000\"}", 0,
		"not a board export"},
	};
	char path[] = "/tmp/trellofs-export-XXXXXX";
	struct remote *remote = new_account();
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	(void)close(fd);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err err = {0};
		size_t len =
		    rows[i].len != 0 ? rows[i].len : strlen(rows[i].text);

		write_file(path, rows[i].text, len);
		assert_true(local_remote_add_export(remote, path, &err) < 0);
		assert_non_null(strstr(err.text, path));
		assert_non_null(strstr(err.text, rows[i].says));
	}
	assert_int_equal(unlink(path), 0);
	remote_free(remote);
}

static void
test_no_file(void **state)
{
	struct remote *remote = new_account();
	struct err err = {0};

	(void)state;
	assert_int_equal(
	    local_remote_add_export(remote, "/nowhere/b.json", &err), -ENOENT);
	assert_non_null(strstr(err.text, "/nowhere/b.json: No such file"));
	assert_int_equal(
	    local_remote_add_export(remote, "/tmp", &err), -EISDIR);
	assert_non_null(strstr(err.text, "/tmp: not a board export"));
	remote_free(remote);
}

static void
test_twice(void **state)
{
	struct remote *remote = new_small_account();
	struct err err = {0};

	(void)state;
	assert_int_equal(local_remote_add_json(
			     remote, "copy.json", BOARD, strlen(BOARD), &err),
	    -EEXIST);
	assert_non_null(strstr(err.text, "copy.json"));
	assert_non_null(strstr(err.text, "b.json"));
	remote_free(remote);
}

/* Ask for it as a whole and in parts: both must be the same board. */
static void
compare_whole_and_parts(struct remote *remote, const char *id)
{
	static const struct {
		enum remote_call call;
		struct json_reader *(*reader)(struct board *);
	} parts[] = {
	    {CALL_BOARD_HEAD, board_reader_new},
	    {CALL_BOARD_LISTS, lists_reader_new},
	    {CALL_BOARD_CARDS, cards_reader_new},
	    {CALL_BOARD_CHECKLISTS, checklists_reader_new},
	    {CALL_BOARD_LABELS, labels_reader_new},
	    {CALL_BOARD_MEMBERS, members_reader_new},
	    {CALL_BOARD_FIELDS, fields_reader_new},
	    {CALL_BOARD_COMMENTS, comments_reader_new},
	};
	struct result whole;
	struct board sum;
	struct buf a = BUF_INIT;
	struct buf b = BUF_INIT;

	load_board(remote, id, &whole);
	assert_int_equal(whole.verdict.err, 0);
	board_init(&sum);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		struct remote_verdict verdict =
		    ask(remote, (struct remote_args){.call = parts[i].call,
				    .id = id,
				    .reader = parts[i].reader(&sum)});

		assert_int_equal(verdict.err, 0);
	}
	assert_int_equal(board_gather(&sum), 0);
	assert_int_equal(board_write(&whole.board, &a), 0);
	assert_int_equal(board_write(&sum, &b), 0);
	assert_string_equal(buf_str(&a), buf_str(&b));
	buf_free(&a);
	buf_free(&b);
	board_fini(&sum);
	board_fini(&whole.board);
}

static void
test_exports(void **state)
{
	static const struct {
		const char *file;
		const char *id;
		size_t lists, cards;
	} rows[] = {
	    {"zed-testing-2013.json", "51cfc36960e453730c000a95", 3, 2},
	    {"mclang-json-parse.json", "5e837c13fa1d028e54694c7b", 2, 4},
	    {"mclang-nc-import.json", "5e8d49a6a3f9161211889a61", 3, 5},
	    {"tekken-2025.json", "6785e1618e2c218dfef01347", 0, 0},
	    {"nebula-ux.json", "5582da0a01ee35db5633dfc5", 0, 0},
	    {"clipkit-ja.json", "54b0fd8dee901a913afe5f84", 0, 0},
	    {"fda-food-recalls.json", "5582b73a8cb4e3ec6701ed69", 0, 0},
	};
	const char *shared = getenv("TRELLOFS_SHARED");
	const char *srcdir = getenv("srcdir");
	struct remote *remote = new_account();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err err = {0};
		char path[4096];

		if (shared != NULL)
			(void)snprintf(path, sizeof path, "%s/data/exports/%s",
			    shared, rows[i].file);
		else
			(void)snprintf(path, sizeof path,
			    "%s/../shared/data/exports/%s",
			    srcdir != NULL ? srcdir : ".", rows[i].file);
		if (access(path, R_OK) != 0) {
			print_message("# not there: %s\n", path);
			break;
		}
		assert_int_equal(
		    local_remote_add_export(remote, path, &err), 0);
		compare_whole_and_parts(remote, rows[i].id);
	}
	remote_free(remote);
}

static void
test_demo(void **state)
{
	struct remote *remote = new_account();
	struct boards boards = {0};
	struct result result;
	struct err err = {0};
	size_t comments = 0;

	(void)state;
	assert_int_equal(demo_add(remote, &err), 0);
	(void)ask(remote, (struct remote_args){.call = CALL_BOARDS,
			      .reader = boards_reader_new(&boards)});
	assert_int_equal(boards.boards.n, 1);
	compare_whole_and_parts(remote, boards.boards.v[0].id);
	load_board(remote, boards.boards.v[0].id, &result);
	assert_int_equal(result.board.lists.n, 5);
	assert_true(result.board.cards.n >= 20);
	assert_int_equal(result.board.members.n, 4);
	assert_int_equal(result.board.fields.n, 5);
	for (size_t i = 0; i < result.board.cards.n; i++)
		comments += result.board.cards.v[i].comments.n;
	assert_true(comments > 10);
	board_fini(&result.board);
	boards_fini(&boards);
	remote_free(remote);
}

static void
test_cancelled_load(void **state)
{
	struct remote *remote = new_small_account();
	struct result result = {0};
	struct board_load *load;

	(void)state;
	assert_int_equal(board_load_start(remote, BOARD_ID, PRIORITY_BACKGROUND,
			     on_board, &result, &load),
	    0);
	board_load_hurry(load, PRIORITY_WAITING);
	board_load_cancel(load);
	assert_int_equal(remote_run(remote, 0), 0);
	assert_int_equal(result.calls, 0);
	/* What is left is cancelled with the account. */
	assert_int_equal(
	    remote_submit(remote, &(struct remote_args){.call = CALL_ME},
		&(struct remote_request *){NULL}),
	    0);
	remote_free(remote);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_account),
    cmocka_unit_test(test_whole_board),
    cmocka_unit_test(test_parts),
    cmocka_unit_test(test_newest_of_a_page),
    cmocka_unit_test(test_card),
    cmocka_unit_test(test_not_there),
    cmocka_unit_test(test_bad_questions),
    cmocka_unit_test(test_priorities),
    cmocka_unit_test(test_wakeup),
    cmocka_unit_test(test_bad_files),
    cmocka_unit_test(test_no_file),
    cmocka_unit_test(test_twice),
    cmocka_unit_test(test_exports),
    cmocka_unit_test(test_demo),
    cmocka_unit_test(test_cancelled_load),
};
UNIT_MAIN(tests)
