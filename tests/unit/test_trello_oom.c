/*
 * Every allocation of ours fails once: the linker sends calls to what stands
 * here (--wrap).  Each failure is told as -ENOMEM, once; what leaks or is freed
 * twice then is for the sanitizers and valgrind to see.
 */

#include "unit.h"

#include "trello_responder.h"

#include "trello/auth.h"
#include "trello/board_load.h"
#include "trello/demo.h"
#include "trello/http.h"
#include "trello/local.h"
#include "trello/remote.h"
#include "trello/retry.h"
#include "util/err.h"

#include <errno.h>
#include <pthread.h>
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

static long countdown = -1; /* the allocation that fails; negative: none */
static bool failed;
static pthread_t tested; /* the responder's threads do not count */

static bool
fails(void)
{
	if (countdown < 0 || !pthread_equal(pthread_self(), tested) ||
	    countdown-- > 0)
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
	tested = pthread_self();
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
connect_and_load(unsigned port)
{
	static const struct retry_policy quick = {
	    .max_tries = 2, .base_ms = 1, .cap_ms = 1, .max_ms = 1000};
	struct credentials credentials = {.kind = AUTH_TOKEN};
	struct http_options options = {.credentials = &credentials,
	    .retry = &quick,
	    .ca_file = "/nowhere"};
	struct remote *remote = NULL;
	struct err err = {0};
	char url[64];
	int r;

	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u/1", port);
	options.base_url = url;
	r = secret_set(&credentials.key, "key", 3);
	if (r == 0)
		r = secret_set(&credentials.token, "token-token", 11);
	if (r == 0)
		r = http_remote_new(&options, &remote, &err);
	if (r == 0)
		r = load(remote);
	remote_free(remote);
	credentials_fini(&credentials);
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
};
UNIT_MAIN(tests)
