/* Many ids in few requests. */

#include "unit.h"

#include "trello_responder.h"
#include "trello_server.h"

#include "model/ids.h"
#include "trello/auth.h"
#include "trello/batch.h"
#include "trello/http.h"
#include "trello/local.h"
#include "trello/retry.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BOARD "5e0000000000000000000001"
#define JSON "application/json"
#define N_CARDS 23
#define N_LISTS 2

/* A board with so many lists and cards; the second list is closed, and every
 * fifth card. */
static char *
make_board(void)
{
	struct buf json = BUF_INIT;

	(void)buf_printf(&json,
	    "{\"id\":\"%s\",\"name\":\"B\",\"shortLink\":\"aBcDeFgH\","
	    "\"dateLastActivity\":\"2020-01-01T00:00:00.000Z\",\"lists\":[",
	    BOARD);
	for (int i = 0; i < N_LISTS; i++)
		(void)buf_printf(&json,
		    "%s{\"id\":\"5e0000000000000000000a%02d\",\"name\":\"L\","
		    "\"pos\":%d,\"closed\":%s}",
		    i > 0 ? "," : "", i, i + 1, i == 1 ? "true" : "false");
	(void)buf_add_str(&json, "],\"cards\":[");
	for (int i = 0; i < N_CARDS; i++)
		(void)buf_printf(&json,
		    "%s{\"id\":\"5e0000000000000000000c%02d\",\"name\":\"C\","
		    "\"idShort\":%d,\"shortLink\":\"card00%02d\",\"pos\":%d,"
		    "\"idList\":\"5e0000000000000000000a00\",\"closed\":%s}",
		    i > 0 ? "," : "", i, i, i, i + 1,
		    i % 5 == 0 ? "true" : "false");
	(void)buf_add_str(&json, "]}");
	assert_int_equal(json.err, 0);
	return buf_steal(&json);
}

static struct remote *
make_local(void)
{
	struct remote *remote = NULL;
	struct err err = {0};
	char *json = make_board();

	assert_int_equal(local_remote_new(&remote), 0);
	assert_int_equal(
	    local_remote_add_json(remote, "b", json, strlen(json), &err), 0);
	free(json);
	return remote;
}

static void
add_ids(model_ids *ids, const char *format, int n)
{
	for (int i = 0; i < n; i++) {
		char id[MODEL_ID_SIZE];

		(void)snprintf(
		    id, sizeof id, "5e0000000000000000000%s%02d", format, i);
		assert_int_equal(model_ids_add(ids, id), 0);
	}
}

struct result {
	int calls;
	struct remote_verdict verdict;
	size_t n;
	void (*check)(const struct batch_answer *answers, size_t n);
};

static void
on_done(void *cookie, const struct remote_verdict *verdict,
    struct batch_answer *answers, size_t n)
{
	struct result *result = cookie;

	result->calls++;
	result->verdict = *verdict;
	result->n = n;
	if (result->check != NULL && verdict->err == 0)
		result->check(answers, n);
}

static struct result
ask(struct remote *remote, const model_ids *lists, const model_ids *cards,
    void (*check)(const struct batch_answer *answers, size_t n))
{
	struct result result = {.check = check};
	const struct batch_args args = {.remote = remote,
	    .priority = PRIORITY_NEWS,
	    .lists = lists,
	    .cards = cards,
	    .done = on_done,
	    .cookie = &result};
	int64_t until_ms = time_monotonic_ms() + 30000;
	struct batch *batch;

	assert_int_equal(batch_start(&args, &batch), 0);
	assert_int_equal(result.calls, 0);
	while (result.calls == 0 && time_monotonic_ms() < until_ms)
		assert_int_equal(remote_run(remote, 100), 0);
	assert_int_equal(result.calls, 1);
	return result;
}

/* What the board holds, and one card and one list that it does not. */
static void
check_all(const struct batch_answer *answers, size_t n)
{
	assert_int_equal(n, N_LISTS + 1 + N_CARDS + 1);
	for (size_t i = 0; i < n; i++) {
		const struct batch_answer *answer = &answers[i];
		size_t card = i - N_LISTS - 1;

		assert_int_equal(answer->is_list, i <= N_LISTS);
		if (i == N_LISTS || i == n - 1) {
			assert_true(remote_says_gone(&answer->verdict));
			assert_int_equal(answer->verdict.status, 404);
			assert_int_equal(answer->verdict.when, WHEN_NEVER);
			continue;
		}
		assert_int_equal(answer->verdict.err, 0);
		assert_int_equal(answer->verdict.status, 200);
		if (answer->is_list) {
			assert_string_equal(answer->list.id, answer->id);
			assert_string_equal(answer->list.id_board, BOARD);
			assert_string_equal(answer->list.name, "L");
			assert_true(answer->list.pos == (double)i + 1);
			assert_int_equal(answer->list.closed, i == 1);
			assert_string_equal(answer->card.id, "");
			continue;
		}
		assert_string_equal(answer->card.id, answer->id);
		assert_string_equal(answer->card.id_board, BOARD);
		assert_string_equal(
		    answer->card.id_list, "5e0000000000000000000a00");
		assert_int_equal(answer->card.closed, card % 5 == 0);
		assert_true(answer->card.pos == (double)card + 1);
	}
}

static void
ask_all(struct remote *remote)
{
	model_ids lists = {0}, cards = {0};

	add_ids(&lists, "a", N_LISTS + 1);
	add_ids(&cards, "c", N_CARDS + 1);
	assert_int_equal(ask(remote, &lists, &cards, check_all).verdict.err, 0);
	VEC_FREE(&lists);
	VEC_FREE(&cards);
}

static void
test_local(void **state)
{
	struct remote *remote = make_local();

	(void)state;
	ask_all(remote);
	remote_free(remote);
}

/* 27 ids are three requests, and the server has nothing to complain of. */
static void
test_server(void **state)
{
	struct server server;
	struct remote *remote;
	struct remote_stats stats;
	char path[] = "/tmp/trellofs-batch-XXXXXX";
	char load[64];
	char *json = make_board();
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, json, strlen(json)), (ssize_t)strlen(json));
	(void)close(fd);
	free(json);
	if (server_can_run()) {
		server = server_start(NULL);
		(void)snprintf(load, sizeof load, "{\"path\":\"%s\"}", path);
		server_command(&server, "load", load);
		remote = server_connect(&server, "http", NULL, SERVER_TOKEN);
		ask_all(remote);
		remote_stats(remote, &stats);
		assert_int_equal(stats.requests, 3);
		server_check(&server);
		remote_free(remote);
		server_stop(&server);
	}
	assert_int_equal(unlink(path), 0);
}

static struct remote *
connect_to(struct responder *responder)
{
	static const struct retry_policy once = {
	    .max_tries = 1, .base_ms = 1, .cap_ms = 1, .max_ms = 1};
	const struct http_options options = {
	    .base_url = "http://127.0.0.1", .retry = &once, .max_running = 1};
	struct http_options with_port = options;
	struct remote *remote = NULL;
	struct err err = {0};
	char url[64];

	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u/1",
	    responder_port(responder));
	with_port.base_url = url;
	assert_int_equal(http_remote_new(&with_port, &remote, &err), 0);
	return remote;
}

/* One id is no batch. */
static void
test_single(void **state)
{
	static const struct canned replies[] = {{.status = 200,
	    .type = JSON,
	    .body = "{\"id\":\"5e0000000000000000000c00\"}"}};
	struct responder *responder = responder_start(replies, 1);
	struct remote *remote = connect_to(responder);
	model_ids cards = {0};

	(void)state;
	add_ids(&cards, "c", 1);
	assert_int_equal(ask(remote, NULL, &cards, NULL).n, 1);
	assert_int_equal(responder_count(responder), 1);
	assert_non_null(strstr(responder_request(responder, 0),
	    "GET /1/cards/5e0000000000000000000c00?fields=id,name,closed,"
	    "idBoard,idList,pos,dateLastActivity HTTP"));
	VEC_FREE(&cards);
	remote_free(remote);
	responder_stop(responder);
}

#define ONE(n) "{\"id\":\"5e0000000000000000000c0" n "\"}"
#define ITEM(n) "{\"200\":" ONE(n) "}"

/* What comes instead of three items, and how many requests it takes to know
 * all the same. */
static void
test_replies(void **state)
{
	static const struct canned one[] = {
	    {.status = 200, .type = JSON, .body = ONE("0")},
	    {.status = 200, .type = JSON, .body = ONE("1")},
	    {.status = 200, .type = JSON, .body = ONE("2")},
	};
	static const struct {
		struct canned batch;
		unsigned requests;
		int whole;
	} rows[] = {
	    {{.status = 200,
		 .type = JSON,
		 .body = "[" ITEM("0") "," ITEM("1") "," ITEM("2") "]"},
		1, 0},
	    /* Not of one object. */
	    {{.status = 200,
		 .type = JSON,
		 .body = "[" ITEM("0") ",{\"message\":\"invalid token\","
				       "\"statusCode\":401}," ITEM("2") "]"},
		1, -EACCES},
	    {{.status = 200,
		 .type = JSON,
		 .body = "[" ITEM("0") ",{\"message\":\"slow down\","
				       "\"statusCode\":429}," ITEM("2") "]"},
		1, -EAGAIN},
	    {{.status = 503, .type = "text/plain"}, 1, -EIO},
	    {{.status = 401, .type = "text/plain", .body = "invalid token"}, 1,
		-EACCES},
	    /* No sense in it, or no batches. */
	    {{.status = 200, .type = JSON, .body = "[" ITEM("0") "]"}, 4, 0},
	    {{.status = 200, .type = JSON, .body = "[]"}, 4, 0},
	    {{.status = 200, .type = JSON, .body = "{}"}, 4, 0},
	    {{.status = 404, .type = "text/plain"}, 4, 0},
	    {{.status = 414, .type = "text/html"}, 4, 0},
	};
	/* The last ids are asked for first. */
	struct canned replies[4] = {{0}, one[2], one[1], one[0]};
	model_ids cards = {0};

	(void)state;
	add_ids(&cards, "c", 3);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct responder *responder;
		struct remote *remote;
		struct result result;

		replies[0] = rows[i].batch;
		responder = responder_start(replies, 4);
		remote = connect_to(responder);
		result = ask(remote, NULL, &cards, NULL);
		assert_int_equal(result.verdict.err, rows[i].whole);
		assert_int_equal(result.n, rows[i].whole == 0 ? 3 : 0);
		assert_int_equal(responder_count(responder), rows[i].requests);
		remote_free(remote);
		responder_stop(responder);
	}
	VEC_FREE(&cards);
}

static int second_err;

static void
check_second(const struct batch_answer *answers, size_t n)
{
	assert_int_equal(n, 3);
	assert_int_equal(answers[0].verdict.err, 0);
	assert_int_equal(answers[1].verdict.err, second_err);
	assert_int_equal(answers[1].verdict.scope,
	    second_err != 0 ? SCOPE_OBJECT : SCOPE_NONE);
	assert_string_equal(answers[2].card.id, answers[2].id);
}

/* Items that are told apart, one of them about another id. */
static void
test_items(void **state)
{
	static const struct {
		const char *body;
		unsigned requests;
		int err;
	} rows[] = {
	    {"[" ITEM("0") ",{\"message\":\"invalid "
			   "id\",\"statusCode\":400}," ITEM("2") "]",
		1, -EINVAL},
	    {"[" ITEM("0") ",{\"name\":\"x\",\"message\":\"unauthorized card "
			   "permission requested\",\"statusCode\":401}," ITEM(
			       "2") "]",
		1, -EACCES},
	    {"[" ITEM("0") ",{\"message\":\"oops\",\"statusCode\":500}," ITEM(
		 "2") "]",
		1, -EIO},
	    {"[" ITEM("0") ",{}," ITEM("2") "]", 2, 0},
	    {"[" ITEM("0") "," ITEM("7") "," ITEM("2") "]", 2, 0},
	};
	model_ids cards = {0};

	(void)state;
	add_ids(&cards, "c", 3);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct canned replies[] = {
		    {.status = 200, .type = JSON, .body = rows[i].body},
		    {.status = 200, .type = JSON, .body = ONE("1")},
		};
		struct responder *responder = responder_start(replies, 2);
		struct remote *remote = connect_to(responder);

		second_err = rows[i].err;
		assert_int_equal(
		    ask(remote, NULL, &cards, check_second).verdict.err, 0);
		assert_int_equal(responder_count(responder), rows[i].requests);
		remote_free(remote);
		responder_stop(responder);
	}
	VEC_FREE(&cards);
}

/* Where batches are refused, they are not tried again and again. */
static void
test_refused(void **state)
{
	static const struct canned replies[] = {
	    {.status = 404, .type = "text/plain", .body = "no"}};
	struct responder *responder = responder_start(replies, 1);
	struct remote *remote = connect_to(responder);
	model_ids cards = {0};
	unsigned batches = 0;

	(void)state;
	add_ids(&cards, "c", 60);
	assert_int_equal(ask(remote, NULL, &cards, NULL).verdict.err, 0);
	for (unsigned i = 0; i < responder_count(responder) && i < 64; i++)
		if (strstr(responder_request(responder, i), "/batch") != NULL)
			batches++;
	assert_true(batches <= 4);
	assert_int_equal(responder_count(responder), 60 + batches);
	VEC_FREE(&cards);
	remote_free(remote);
	responder_stop(responder);
}

static void
test_cancelled(void **state)
{
	struct remote *remote = make_local();
	struct result result = {0};
	model_ids cards = {0};
	const struct batch_args args = {.remote = remote,
	    .cards = &cards,
	    .done = on_done,
	    .cookie = &result};
	struct batch *batch = NULL;

	(void)state;
	assert_int_equal(batch_start(&args, &batch), -EINVAL);
	assert_null(batch);
	add_ids(&cards, "c", 50);
	assert_int_equal(batch_start(&args, &batch), 0);
	VEC_FREE(&cards);
	batch_cancel(batch);
	batch_cancel(NULL);
	assert_int_equal(remote_run(remote, 0), 0);
	assert_int_equal(result.calls, 0);
	remote_free(remote);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_local),
    cmocka_unit_test(test_server),
    cmocka_unit_test(test_single),
    cmocka_unit_test(test_replies),
    cmocka_unit_test(test_items),
    cmocka_unit_test(test_refused),
    cmocka_unit_test(test_cancelled),
};
UNIT_MAIN(tests)
