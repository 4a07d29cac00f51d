/*
 * Every allocation of ours fails once: the linker sends calls to what stands
 * here (--wrap).  Each failure is told as -ENOMEM, once; what leaks or is freed
 * twice then is for the sanitizers and valgrind to see.
 */

#include "unit.h"

#include "trello_responder.h"

#include "model/ids.h"
#include "trello/auth.h"
#include "trello/batch.h"
#include "trello/board_load.h"
#include "trello/demo.h"
#include "trello/http.h"
#include "trello/local.h"
#include "trello/remote.h"
#include "trello/retry.h"
#include "util/err.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t n);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t n);

/* The allocation that fails; negative: none.  The responder's threads do not
 * count. */
static _Thread_local long countdown = -1;
static bool failed;

static bool
fails(void)
{
	if (countdown < 0 || countdown-- > 0)
		return false;
	failed = true;
	return true;
}

void *
__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

void *
__wrap_reallocarray(void *p, size_t n, size_t size)
{
	return fails() ? NULL : __real_reallocarray(p, n, size);
}

char *
__wrap_strdup(const char *s)
{
	return fails() ? NULL : __real_strdup(s);
}

char *
__wrap_strndup(const char *s, size_t n)
{
	return fails() ? NULL : __real_strndup(s, n);
}

static void
fail_at(long n)
{
	countdown = n;
	failed = false;
}

/* Whether one did fail since; none does from now on. */
static bool
did_fail(void)
{
	countdown = -1;
	return failed;
}

/* A board with one of everything, small: each allocation is a whole run. */
static const char json[] =
    "{\"id\":\"5e0000000000000000000001\",\"name\":\"B\",\"shortLink\":"
    "\"aBcDeFgH\",\"labels\":[{\"id\":\"b1\",\"name\":\"L\"}],\"members\":["
    "{\"id\":\"m1\",\"username\":\"u\"}],\"customFields\":[{\"id\":\"f1\","
    "\"type\":\"text\",\"name\":\"F\"}],\"lists\":[{\"id\":\"a1\",\"name\":"
    "\"open\"},{\"id\":\"a2\",\"closed\":true}],\"cards\":[{\"id\":\"c1\","
    "\"name\":\"one\",\"idList\":\"a1\",\"idLabels\":[\"b1\"]},{\"id\":"
    "\"c2\",\"idList\":\"a2\"}],\"checklists\":[{\"id\":\"d1\",\"idCard\":"
    "\"c1\",\"checkItems\":[{\"id\":\"e1\",\"name\":\"i\"}]}],\"actions\":["
    "{\"id\":\"g1\",\"type\":\"commentCard\",\"data\":{\"text\":\"t\","
    "\"card\":{\"id\":\"c1\"}}}]}";

struct result {
	int calls;
	int err;
	bool unknown;
	size_t cards;
};

static void
on_board(
    void *cookie, const struct remote_verdict *verdict, struct board *board)
{
	struct result *result = cookie;

	result->calls++;
	result->err = verdict->err;
	result->cards = board != NULL ? board->cards.n : 0;
}

/* Load a board, however it ends: 0 or what went wrong. */
static int
load(struct remote *remote)
{
	struct result result = {0};
	struct board_load *load;
	int r;

	r = board_load_start(
	    remote, "aBcDeFgH", PRIORITY_WAITING, on_board, &result, &load);
	if (r != 0) {
		assert_int_equal(result.calls, 0);
		return r;
	}
	for (int i = 0; i < 1000 && result.calls == 0; i++)
		assert_int_equal(remote_run(remote, 10), 0);
	assert_int_equal(result.calls, 1);
	if (result.err == 0)
		assert_true(result.cards >= 1);
	return result.err;
}

static int
add_and_load(void)
{
	struct remote *remote = NULL;
	struct err err = {0};
	int r = local_remote_new(&remote);

	if (r != 0)
		return r;
	r = local_remote_add_json(remote, "board", json, sizeof json - 1, &err);
	assert_int_equal(r, err.code);
	if (r == 0)
		r = load(remote);
	remote_free(remote);
	return r;
}

static void
test_local(void **state)
{
	long n = 0;

	(void)state;
	for (;; n++) {
		int r;

		fail_at(n);
		r = add_and_load();
		if (!did_fail()) {
			assert_int_equal(r, 0);
			break;
		}
		assert_int_equal(r, -ENOMEM);
	}
	assert_true(n > 50);
}

static int
connect_to(unsigned port, struct remote **ret_remote)
{
	static const struct retry_policy quick = {
	    .max_tries = 2, .base_ms = 1, .cap_ms = 1, .max_ms = 1000};
	struct credentials credentials = {.kind = AUTH_TOKEN};
	struct http_options options = {.credentials = &credentials,
	    .retry = &quick,
	    .ca_file = "/nowhere"};
	struct err err = {0};
	char url[64];
	int r;

	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u/1", port);
	options.base_url = url;
	r = secret_set(&credentials.key, "key", 3);
	if (r == 0)
		r = secret_set(&credentials.token, "token-token", 11);
	if (r == 0)
		r = http_remote_new(&options, ret_remote, &err);
	credentials_fini(&credentials);
	return r;
}

static int
connect_and_load(unsigned port)
{
	struct remote *remote = NULL;
	int r = connect_to(port, &remote);

	if (r == 0)
		r = load(remote);
	remote_free(remote);
	return r;
}

static void
test_http(void **state)
{
	static const struct canned replies[] = {
	    {.status = 200, .type = "application/json", .body = json}};
	struct responder *responder = responder_start(replies, 1);
	long n = 0;

	(void)state;
	for (;; n++) {
		int r;

		fail_at(n);
		r = connect_and_load(responder_port(responder));
		if (!did_fail()) {
			assert_int_equal(r, 0);
			break;
		}
		/* A record's route may be lost without anybody failing. */
		if (r != 0)
			assert_int_equal(r, -ENOMEM);
	}
	assert_true(n > 50);
	responder_stop(responder);
}

/* What is written to: ids must look like ids. */
#define A "5e00000000000000000000a0"
#define LIST "5e00000000000000000000a1"
#define CARD "5e00000000000000000000c1"
#define LABEL "5e00000000000000000000d1"
#define CHECKLIST "5e0000000000000000000101"
#define ITEM "5e0000000000000000000111"
#define FIELD "5e0000000000000000000f01"
#define B "5e00000000000000000000b0"
#define B_LIST "5e00000000000000000000b1"

static const char board_a[] =
    "{\"id\":\"" A "\",\"name\":\"A\",\"lists\":[{\"id\":\"" LIST
    "\",\"pos\":1}],\"labels\":[{\"id\":\"" LABEL "\",\"name\":\"L\"}],"
    "\"customFields\":[{\"id\":\"" FIELD "\",\"type\":\"text\"}],"
    "\"cards\":[{\"id\":\"" CARD "\",\"idList\":\"" LIST "\",\"name\":\"n\","
    "\"desc\":\"d\",\"pos\":1,\"idLabels\":[\"" LABEL "\"]}],\"checklists\":["
    "{\"id\":\"" CHECKLIST "\",\"idCard\":\"" CARD "\",\"pos\":1,"
    "\"checkItems\":[{\"id\":\"" ITEM "\",\"name\":\"i\",\"pos\":1}]}]}";
static const char board_b[] =
    "{\"id\":\"" B "\",\"lists\":[{\"id\":\"" B_LIST "\",\"pos\":1}]}";

#define PARAMS(...)                                                      \
	.params = (const struct remote_param[]){__VA_ARGS__},            \
	.n_params = sizeof((const struct remote_param[]){__VA_ARGS__}) / \
		    sizeof(struct remote_param)

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

static void
on_done(void *cookie, const struct remote_verdict *verdict)
{
	struct result *result = cookie;

	result->calls++;
	result->err = verdict->err;
	if (verdict->err != 0)
		result->unknown = verdict->unknown;
}

static int
write_once(struct remote *remote, struct remote_args args, bool *ret_unknown)
{
	struct result result = {0};
	struct remote_request *request;
	int r;

	args.done = on_done;
	args.cookie = &result;
	*ret_unknown = true;
	r = remote_submit(remote, &args, &request);
	if (r != 0)
		return r;
	for (int i = 0; i < 1000 && result.calls == 0; i++)
		assert_int_equal(remote_run(remote, 10), 0);
	assert_int_equal(result.calls, 1);
	*ret_unknown = result.unknown;
	return result.err;
}

/* Both boards can still be read. */
static void
check_account(struct remote *remote)
{
	static const char *const ids[] = {A, B};

	for (int i = 0; i < 2; i++) {
		struct result result = {0};
		struct board_load *load;

		assert_int_equal(
		    board_load_start(remote, ids[i], PRIORITY_WAITING, on_board,
			&result, &load),
		    0);
		for (int j = 0; j < 20 && result.calls == 0; j++)
			assert_int_equal(remote_run(remote, 0), 0);
		assert_int_equal(result.calls, 1);
		assert_int_equal(result.err, 0);
	}
}

static void
test_writes(void **state)
{
	const struct remote_args all[] = {
	    {.call = CALL_CARD_CREATE,
		PARAMS({"idList", LIST}, {"name", "x"}, {"desc", "y"},
		    {"idLabels", LABEL}, {"pos", "1"})},
	    {.call = CALL_CARD_UPDATE,
		.id = CARD,
		PARAMS({"name", "x"}, {"desc", "y"}, {"idBoard", B},
		    {"idMembers", LOCAL_MEMBER_ID})},
	    {.call = CALL_CARD_MEMBER_ADD,
		.id = CARD,
		PARAMS({"value", LOCAL_MEMBER_ID})},
	    {.call = CALL_CHECKLIST_CREATE, PARAMS({"idCard", CARD})},
	    {.call = CALL_CHECKLIST_UPDATE,
		.id = CHECKLIST,
		PARAMS({"name", "x"}, {"pos", "top"})},
	    {.call = CALL_ITEM_CREATE,
		.id = CHECKLIST,
		PARAMS({"name", "x"}, {"pos", "1"})},
	    {.call = CALL_ITEM_UPDATE,
		.id = CARD,
		.id2 = ITEM,
		PARAMS({"name", "x"}, {"pos", "2"})},
	    {.call = CALL_COMMENT_CREATE, .id = CARD, PARAMS({"text", "x"})},
	    {.call = CALL_LINK_CREATE, .id = CARD, PARAMS({"url", "http:x"})},
	    {.call = CALL_CARD_FIELD_SET,
		.id = CARD,
		.id2 = FIELD,
		.json = "{\"value\":{\"text\":\"v\"}}"},
	    {.call = CALL_LIST_CREATE,
		PARAMS({"idBoard", A}, {"name", "x"}, {"pos", "1"})},
	    {.call = CALL_LIST_UPDATE,
		.id = LIST,
		PARAMS({"name", "x"}, {"pos", "2"})},
	    {.call = CALL_LIST_MOVE, .id = LIST, PARAMS({"value", B})},
	    {.call = CALL_BOARD_CREATE,
		PARAMS({"name", "x"}, {"desc", "y"}, {"defaultLists", "true"},
		    {"defaultLabels", "true"})},
	    {.call = CALL_BOARD_UPDATE,
		.id = A,
		PARAMS({"name", "x"}, {"desc", "y"})},
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		bool again = true;

		for (long n = 0; again; n++) {
			struct remote *remote = new_account();
			bool unknown;
			int r;

			fail_at(n);
			r = write_once(remote, all[i], &unknown);
			again = did_fail();
			assert_int_equal(r, again ? -ENOMEM : 0);
			if (r != 0)
				assert_true(unknown);
			check_account(remote);
			remote_free(remote);
		}
	}
}

/* What cannot be sent has not been done. */
static void
test_http_writes(void **state)
{
	static const struct canned replies[] = {
	    {.status = 200, .type = "application/json", .body = "{}"}};
	const struct remote_args all[] = {
	    {.call = CALL_CARD_CREATE, PARAMS({"idList", LIST}, {"name", "x"})},
	    {.call = CALL_CARD_UPDATE, .id = CARD, PARAMS({"name", "x"})},
	    {.call = CALL_CARD_FIELD_SET,
		.id = CARD,
		.id2 = FIELD,
		.json = "{}"},
	    {.call = CALL_CARD_DELETE, .id = CARD},
	};
	struct responder *responder = responder_start(replies, 1);

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		bool again = true;

		for (long n = 0; again; n++) {
			unsigned before = responder_count(responder);
			struct remote *remote = NULL;
			bool unknown = false;
			int r = connect_to(responder_port(responder), &remote);

			assert_int_equal(r, 0);
			fail_at(n);
			r = write_once(remote, all[i], &unknown);
			again = did_fail();
			if (r != 0) {
				assert_int_equal(r, -ENOMEM);
				assert_int_equal(
				    responder_count(responder), before);
			}
			remote_free(remote);
		}
	}
	responder_stop(responder);
}

static void
on_batch(void *cookie, const struct remote_verdict *verdict,
    struct batch_answer *answers, size_t n)
{
	struct result *result = cookie;

	result->calls++;
	result->err = verdict->err;
	for (size_t i = 0; i < n && result->err == 0; i++)
		result->err = answers[i].verdict.err;
}

static int
ask_batch(struct remote *remote, const model_ids *cards)
{
	struct result result = {0};
	struct batch *batch;
	const struct batch_args args = {.remote = remote,
	    .cards = cards,
	    .done = on_batch,
	    .cookie = &result};
	int r = batch_start(&args, &batch);

	if (r != 0) {
		assert_int_equal(result.calls, 0);
		return r;
	}
	for (int i = 0; i < 100 && result.calls == 0; i++)
		assert_int_equal(remote_run(remote, 0), 0);
	assert_int_equal(result.calls, 1);
	return result.err;
}

static void
test_batch(void **state)
{
	struct remote *remote = new_account();
	model_ids cards = {0};
	bool again = true;
	long n = 0;

	(void)state;
	for (int i = 0; i < 12; i++)
		assert_int_equal(model_ids_add(&cards, CARD), 0);
	for (; again; n++) {
		int r;

		fail_at(n);
		r = ask_batch(remote, &cards);
		again = did_fail();
		/* What a batch could not tell was asked for once more. */
		if (r != 0)
			assert_int_equal(r, -ENOMEM);
		if (!again)
			assert_int_equal(r, 0);
	}
	assert_true(n > 20);
	VEC_FREE(&cards);
	remote_free(remote);
}

/* The account stays as it was where a board could not be added. */
static void
test_demo(void **state)
{
	struct remote *remote = NULL;
	struct err err = {0};
	int r = -ENOMEM;

	(void)state;
	assert_int_equal(local_remote_new(&remote), 0);
	for (long n = 0; r != 0; n = n * 2 + 1) {
		fail_at(n);
		r = demo_add(remote, &err);
		assert_int_equal(r, did_fail() ? -ENOMEM : 0);
	}
	assert_int_equal(demo_add(remote, &err), -EEXIST);
	remote_free(remote);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_local),
    cmocka_unit_test(test_http),
    cmocka_unit_test(test_demo),
    cmocka_unit_test(test_writes),
    cmocka_unit_test(test_http_writes),
    cmocka_unit_test(test_batch),
};
UNIT_MAIN(tests)
