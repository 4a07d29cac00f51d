/* Whole boards from a Trello that gives pages and refuses what is too big. */

#include "unit.h"

#include "trello/board_load.h"
#include "trello/remote.h"
#include "util/buf.h"
#include "util/err.h"
#include "json/json_reader.h"
#include "json/json_writer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define BOARD_ID "5e0000000000000000000001"
#define LIST_ID "5e00000000000000000000a1"

struct remote_request {
	TAILQ_ENTRY(remote_request) entry;
	struct remote_args args;
	char before[32];
	unsigned limit;
};

/* One board, made up as it is asked for. */
struct fake {
	struct remote remote;
	TAILQ_HEAD(, remote_request) queue;
	unsigned n_cards, n_comments;
	unsigned per_second; /* so many objects have the same second */
	bool by_second;	     /* "before" looks at whole seconds only */
	bool whole_too_big;
	unsigned page_max;	   /* more cards at once are too many */
	enum remote_call fails_at; /* CALL_COUNT: none */
	int fails_with;
	enum remote_call garbage_at; /* CALL_COUNT: none */
	unsigned counts[CALL_COUNT];
	unsigned unfinished;
};

/* Objects are numbered from the oldest; their ids sort like that. */
static void
make_id(const struct fake *fake, unsigned i, char kind, char id[25])
{
	(void)snprintf(
	    id, 25, "%08x%015x%c", 0x5f000000 + i / fake->per_second, i, kind);
}

static bool
is_before(const struct fake *fake, const char *id, const char *before)
{
	if (before[0] == '\0')
		return true;
	if (fake->by_second)
		return strncmp(id, before, 8) < 0;
	return strcmp(id, before) < 0;
}

static void
write_card(struct json_writer *writer, const char *id)
{
	json_object_begin(writer, NULL);
	json_string(writer, "id", id);
	json_string(writer, "idList", LIST_ID);
	json_string(writer, "idBoard", BOARD_ID);
	json_string(writer, "name", "a card");
	json_double(writer, "pos", 1);
	json_object_end(writer);
}

static void
write_comment(struct json_writer *writer, const struct fake *fake,
    const char *id, unsigned i)
{
	char card[25];

	make_id(fake, fake->n_cards > 0 ? i % fake->n_cards : 0, 'c', card);
	json_object_begin(writer, NULL);
	json_string(writer, "id", id);
	json_string(writer, "type", "commentCard");
	json_string(writer, "date", "2020-01-01T00:00:00.000Z");
	json_object_begin(writer, "data");
	json_string(writer, "text", "a comment");
	json_object_begin(writer, "card");
	json_string(writer, "id", card);
	json_object_end(writer);
	json_object_end(writer);
	json_object_end(writer);
}

/* The newest ones before a bound: cards in order, comments newest first. */
static void
write_cards(struct json_writer *writer, const struct fake *fake,
    const char *before, unsigned limit)
{
	unsigned n = 0;
	unsigned end = fake->n_cards;
	char id[25];

	while (end > 0) {
		make_id(fake, end - 1, 'c', id);
		if (is_before(fake, id, before))
			break;
		end--;
	}
	n = end < limit ? end : limit;
	for (unsigned i = end - n; i < end; i++) {
		make_id(fake, i, 'c', id);
		write_card(writer, id);
	}
}

static void
write_comments(struct json_writer *writer, const struct fake *fake,
    const char *before, unsigned limit)
{
	for (unsigned i = fake->n_comments; i > 0 && limit > 0; i--) {
		char id[25];

		make_id(fake, i - 1, 'd', id);
		if (!is_before(fake, id, before))
			continue;
		write_comment(writer, fake, id, i - 1);
		limit--;
	}
}

static void
write_list(struct json_writer *writer)
{
	json_object_begin(writer, NULL);
	json_string(writer, "id", LIST_ID);
	json_string(writer, "name", "a list");
	json_object_end(writer);
}

static void
write_checklist(struct json_writer *writer, const struct fake *fake)
{
	char card[25];

	make_id(fake, 0, 'c', card);
	json_object_begin(writer, NULL);
	json_string(writer, "id", "5e00000000000000000000b1");
	json_string(writer, "idCard", card);
	json_string(writer, "name", "a checklist");
	json_object_end(writer);
}

static void
write_array(struct json_writer *writer, const char *key,
    const struct fake *fake, const struct remote_request *request,
    enum remote_call what)
{
	json_array_begin(writer, key);
	if (what == CALL_BOARD_LISTS)
		write_list(writer);
	else if (what == CALL_BOARD_CARDS)
		write_cards(writer, fake, request->before, request->limit);
	else if (what == CALL_BOARD_CHECKLISTS)
		write_checklist(writer, fake);
	else
		write_comments(writer, fake, request->before, request->limit);
	json_array_end(writer);
}

static void
write_board(struct json_writer *writer, const struct fake *fake,
    const struct remote_request *request, bool whole)
{
	json_object_begin(writer, NULL);
	json_string(writer, "id", BOARD_ID);
	json_string(writer, "name", "a board");
	if (whole) {
		struct remote_request all = *request;

		write_array(writer, "lists", fake, request, CALL_BOARD_LISTS);
		all.limit = UINT32_MAX;
		write_array(writer, "cards", fake, &all, CALL_BOARD_CARDS);
		write_array(
		    writer, "checklists", fake, request, CALL_BOARD_CHECKLISTS);
		write_array(
		    writer, "actions", fake, request, CALL_BOARD_COMMENTS);
	}
	json_object_end(writer);
}

static void
write_one_card(struct json_writer *writer, const struct fake *fake,
    const struct remote_request *request)
{
	char id[25];

	make_id(fake, 0, 'c', id);
	json_object_begin(writer, NULL);
	json_string(writer, "id", id);
	json_string(writer, "name", "a card");
	write_array(writer, "actions", fake, request, CALL_CARD_COMMENTS);
	json_object_end(writer);
}

static void
write_answer(struct buf *body, const struct fake *fake,
    const struct remote_request *request)
{
	struct json_writer writer = {.out = body};
	enum remote_call call = request->args.call;

	if (call == CALL_BOARD || call == CALL_BOARD_HEAD)
		write_board(&writer, fake, request, call == CALL_BOARD);
	else if (call == CALL_CARD)
		write_one_card(&writer, fake, request);
	else
		write_array(&writer, NULL, fake, request, call);
}

static void
answer(struct fake *fake, struct remote_request *request)
{
	enum remote_call call = request->args.call;
	struct remote_verdict verdict = {.status = 200};
	struct buf body = BUF_INIT;
	struct err err = {0};

	fake->counts[call]++;
	if ((call == CALL_BOARD && fake->whole_too_big) ||
	    (call == CALL_BOARD_CARDS && request->limit > fake->page_max)) {
		verdict.err = -EFBIG;
		verdict.too_big = true;
	} else if (call == fake->fails_at) {
		verdict.err = fake->fails_with;
		strcpy(verdict.text, "failed");
	} else {
		write_answer(&body, fake, request);
		if (call == fake->garbage_at)
			body.len /= 2;
		(void)json_reader_feed(
		    request->args.reader, buf_str(&body), body.len, &err);
		if (err.code == 0)
			(void)json_reader_finish(request->args.reader, &err);
		verdict.err = err.code;
	}
	buf_free(&body);
	request->args.done(request->args.cookie, &verdict);
	free(request);
}

static struct fake *
fake_of(struct remote *remote)
{
	return (struct fake *)remote;
}

static int
fake_submit(struct remote *remote, const struct remote_args *args,
    struct remote_request **ret_request)
{
	struct remote_request *request = calloc(1, sizeof *request);

	assert_non_null(request);
	request->args = *args;
	request->limit = 1000;
	for (size_t i = 0; i < args->n_params; i++) {
		if (strcmp(args->params[i].key, "limit") == 0)
			request->limit = (unsigned)atoi(args->params[i].value);
		else if (strcmp(args->params[i].key, "before") == 0)
			strcpy(request->before, args->params[i].value);
	}
	TAILQ_INSERT_TAIL(&fake_of(remote)->queue, request, entry);
	*ret_request = request;
	return 0;
}

static void
fake_cancel(struct remote *remote, struct remote_request *request)
{
	TAILQ_REMOVE(&fake_of(remote)->queue, request, entry);
	fake_of(remote)->unfinished++;
	free(request);
}

static void
fake_hurry(struct remote *remote, struct remote_request *request,
    enum remote_priority priority)
{
	(void)remote;
	request->args.priority = priority;
}

static int
fake_run(struct remote *remote, int64_t timeout_ms)
{
	struct fake *fake = fake_of(remote);
	struct remote_request *request;

	(void)timeout_ms;
	/* Each is read twice, as after a cut reply. */
	while ((request = TAILQ_FIRST(&fake->queue)) != NULL) {
		TAILQ_REMOVE(&fake->queue, request, entry);
		(void)json_reader_feed(request->args.reader, "[", 1, NULL);
		request->args.reader =
		    request->args.restart(request->args.cookie);
		assert_non_null(request->args.reader);
		answer(fake, request);
	}
	return 0;
}

static const struct remote_ops fake_ops = {
    .submit = fake_submit,
    .cancel = fake_cancel,
    .hurry = fake_hurry,
    .run = fake_run,
};

static void
fake_init(struct fake *fake)
{
	memset(fake, 0, sizeof *fake);
	fake->remote.ops = &fake_ops;
	TAILQ_INIT(&fake->queue);
	fake->n_cards = 7;
	fake->n_comments = 20;
	fake->per_second = 3;
	fake->page_max = 1000;
	fake->fails_at = CALL_COUNT;
	fake->garbage_at = CALL_COUNT;
}

struct result {
	int calls;
	struct remote_verdict verdict;
	size_t lists, cards, comments, checklists;
};

static void
on_board(
    void *cookie, const struct remote_verdict *verdict, struct board *board)
{
	struct result *result = cookie;

	result->calls++;
	result->verdict = *verdict;
	assert_int_equal(board != NULL, verdict->err == 0);
	if (board == NULL)
		return;
	assert_string_equal(board->name, "a board");
	result->lists = board->lists.n;
	result->cards = board->cards.n;
	for (size_t i = 0; i < board->cards.n; i++) {
		result->comments += board->cards.v[i].comments.n;
		result->checklists += board->cards.v[i].checklists.n;
	}
}

static struct result
load(struct fake *fake)
{
	struct result result = {0};
	struct board_load *load;

	assert_int_equal(board_load_start(&fake->remote, BOARD_ID,
			     PRIORITY_WAITING, on_board, &result, &load),
	    0);
	assert_int_equal(result.calls, 0);
	assert_int_equal(remote_run(&fake->remote, 0), 0);
	assert_int_equal(result.calls, 1);
	assert_true(TAILQ_EMPTY(&fake->queue));
	return result;
}

static void
check(struct fake *fake)
{
	struct result result = load(fake);

	assert_int_equal(result.verdict.err, 0);
	assert_int_equal(result.lists, 1);
	assert_int_equal(result.cards, fake->n_cards);
	assert_int_equal(result.comments, fake->n_comments);
	assert_int_equal(result.checklists, 1);
}

static void
test_one_request(void **state)
{
	struct fake fake;

	(void)state;
	fake_init(&fake);
	check(&fake);
	assert_int_equal(fake.counts[CALL_BOARD], 1);
	for (int i = 0; i < CALL_COUNT; i++)
		if (i != CALL_BOARD)
			assert_int_equal(fake.counts[i], 0);
}

/* All comments, however many, whatever "before" means. */
static void
test_many_comments(void **state)
{
	static const unsigned n[] = {888, 999, 1000, 1001, 2500, 5000};

	(void)state;
	for (size_t i = 0; i < sizeof n / sizeof *n; i++) {
		for (int by_second = 0; by_second <= 1; by_second++) {
			struct fake fake;

			fake_init(&fake);
			fake.n_comments = n[i];
			fake.by_second = by_second != 0;
			check(&fake);
			assert_int_equal(fake.counts[CALL_BOARD], 1);
			assert_true(
			    fake.counts[CALL_BOARD_COMMENTS] <= n[i] / 900 + 1);
		}
	}
}

static void
test_parts(void **state)
{
	struct fake fake;

	(void)state;
	fake_init(&fake);
	fake.whole_too_big = true;
	fake.n_cards = 3500;
	fake.n_comments = 2500;
	check(&fake);
	assert_int_equal(fake.counts[CALL_BOARD], 1);
	assert_int_equal(fake.counts[CALL_BOARD_HEAD], 1);
	assert_int_equal(fake.counts[CALL_BOARD_LISTS], 1);
	assert_int_equal(fake.counts[CALL_BOARD_CHECKLISTS], 1);
	assert_int_equal(fake.counts[CALL_BOARD_CARDS], 4);
	assert_int_equal(fake.counts[CALL_BOARD_COMMENTS], 3);
}

/* A copied board: all of its cards are of the same second. */
static void
test_same_second(void **state)
{
	struct fake fake;

	(void)state;
	fake_init(&fake);
	fake.whole_too_big = true;
	fake.per_second = 100000;
	fake.n_cards = 3500;
	fake.n_comments = 3500;
	check(&fake);
	assert_int_equal(fake.counts[CALL_BOARD_CARDS], 4);
}

static void
test_small_pages(void **state)
{
	struct fake fake;

	(void)state;
	fake_init(&fake);
	fake.whole_too_big = true;
	fake.n_cards = 1000;
	fake.page_max = 300;
	check(&fake);
	/* 1000 is refused, then five of 250 less the overlaps. */
	assert_true(fake.counts[CALL_BOARD_CARDS] >= 5);
	assert_true(fake.counts[CALL_BOARD_CARDS] <= 7);
}

static void
test_no_page_is_small_enough(void **state)
{
	struct fake fake;
	struct result result;

	(void)state;
	fake_init(&fake);
	fake.whole_too_big = true;
	fake.page_max = 10;
	result = load(&fake);
	assert_int_equal(result.verdict.err, -EFBIG);
	assert_true(fake.counts[CALL_BOARD_CARDS] <= 3);
}

/* Whatever fails, it is told once and nothing is left behind. */
static void
test_failures(void **state)
{
	static const enum remote_call calls[] = {CALL_BOARD_HEAD,
	    CALL_BOARD_LISTS, CALL_BOARD_CARDS, CALL_BOARD_CHECKLISTS,
	    CALL_BOARD_COMMENTS};

	(void)state;
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		struct fake fake;
		struct result result;

		fake_init(&fake);
		fake.whole_too_big = true;
		fake.fails_at = calls[i];
		fake.fails_with = -EACCES;
		result = load(&fake);
		assert_int_equal(result.verdict.err, -EACCES);
		assert_string_equal(result.verdict.text, "failed");
		fake.fails_at = CALL_COUNT;
		fake.garbage_at = calls[i];
		result = load(&fake);
		assert_int_equal(result.verdict.err, -EBADMSG);
	}
}

static void
test_failures_of_the_whole(void **state)
{
	struct fake fake;
	struct result result;

	(void)state;
	fake_init(&fake);
	fake.fails_at = CALL_BOARD;
	fake.fails_with = -ENETUNREACH;
	result = load(&fake);
	assert_int_equal(result.verdict.err, -ENETUNREACH);
	assert_int_equal(fake.counts[CALL_BOARD_HEAD], 0);
	fake_init(&fake);
	fake.n_comments = 3000;
	fake.fails_at = CALL_BOARD_COMMENTS;
	fake.fails_with = -EIO;
	result = load(&fake);
	assert_int_equal(result.verdict.err, -EIO);
}

static void
test_cancel(void **state)
{
	struct fake fake;
	struct result result = {0};
	struct board_load *load;

	(void)state;
	fake_init(&fake);
	assert_int_equal(board_load_start(&fake.remote, BOARD_ID,
			     PRIORITY_BACKGROUND, on_board, &result, &load),
	    0);
	assert_int_equal(
	    TAILQ_FIRST(&fake.queue)->args.priority, PRIORITY_BACKGROUND);
	board_load_hurry(load, PRIORITY_WAITING);
	assert_int_equal(
	    TAILQ_FIRST(&fake.queue)->args.priority, PRIORITY_WAITING);
	board_load_hurry(load, PRIORITY_NEWS);
	assert_int_equal(
	    TAILQ_FIRST(&fake.queue)->args.priority, PRIORITY_WAITING);
	board_load_cancel(load);
	assert_int_equal(fake.unfinished, 1);
	assert_true(TAILQ_EMPTY(&fake.queue));
	assert_int_equal(result.calls, 0);
	board_load_cancel(NULL);
}

static void
on_card(void *cookie, const struct remote_verdict *verdict, struct card *card)
{
	struct result *result = cookie;

	result->calls++;
	result->verdict = *verdict;
	if (card == NULL)
		return;
	assert_string_equal(card->name, "a card");
	result->comments = card->comments.n;
}

static struct result
load_card(struct fake *fake)
{
	struct result result = {0};
	struct card_load *load;

	assert_int_equal(card_load_start(&fake->remote, "Ab12Cd34",
			     PRIORITY_WAITING, on_card, &result, &load),
	    0);
	card_load_hurry(load, PRIORITY_WRITE);
	assert_int_equal(remote_run(&fake->remote, 0), 0);
	assert_int_equal(result.calls, 1);
	return result;
}

static void
test_card(void **state)
{
	struct fake fake;
	struct result result;

	(void)state;
	fake_init(&fake);
	fake.n_cards = 1;
	result = load_card(&fake);
	assert_int_equal(result.comments, 20);
	assert_int_equal(fake.counts[CALL_CARD_COMMENTS], 0);
	fake.n_comments = 2222;
	result = load_card(&fake);
	assert_int_equal(result.comments, 2222);
	assert_int_equal(fake.counts[CALL_CARD_COMMENTS], 2);
	fake.fails_at = CALL_CARD;
	fake.fails_with = -ENOENT;
	result = load_card(&fake);
	assert_int_equal(result.verdict.err, -ENOENT);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_one_request),
    cmocka_unit_test(test_many_comments),
    cmocka_unit_test(test_parts),
    cmocka_unit_test(test_same_second),
    cmocka_unit_test(test_small_pages),
    cmocka_unit_test(test_no_page_is_small_enough),
    cmocka_unit_test(test_failures),
    cmocka_unit_test(test_failures_of_the_whole),
    cmocka_unit_test(test_cancel),
    cmocka_unit_test(test_card),
};
UNIT_MAIN(tests)
