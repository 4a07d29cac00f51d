/* Writes over the network: what is sent, and how often it arrives when the
 * answer does not come. */

#include "unit.h"

#include "trello_responder.h"

#include "model/model_json.h"
#include "trello/auth.h"
#include "trello/http.h"
#include "trello/remote.h"
#include "trello/retry.h"
#include "util/err.h"
#include "util/timeutil.h"
#include "json/json_reader.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define JSON "application/json; charset=utf-8"
#define TEXT "text/plain; charset=utf-8"
#define CARD "{\"id\":\"5e93c827fb102a6f40c5fa2b\",\"name\":\"N\"}"
#define CARD_ID "5e93c827fb102a6f40c5fa2b"
#define OTHER_ID "5e93c827fb102a6f40c5fa2c"
#define OK                                                \
	{                                                 \
		.status = 200, .type = JSON, .body = CARD \
	}

static const struct retry_policy quick = {
    .max_tries = 3, .base_ms = 20, .cap_ms = 40, .max_ms = 5000};

static struct remote *
new_remote(unsigned port, const struct http_options *more)
{
	struct credentials credentials = {.kind = AUTH_TOKEN};
	struct http_options options = *more;
	struct remote *remote = NULL;
	struct err err = {0};
	char url[64];

	assert_int_equal(secret_set(&credentials.key, "KEY", 3), 0);
	assert_int_equal(secret_set(&credentials.token, "ATTAtoken", 9), 0);
	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u/1", port);
	options.base_url = url;
	options.credentials = &credentials;
	if (options.retry == NULL)
		options.retry = &quick;
	assert_int_equal(http_remote_new(&options, &remote, &err), 0);
	credentials_fini(&credentials);
	return remote;
}

struct answer {
	struct card card;
	struct json_reader *reader;
	struct remote_verdict verdict;
	int calls;
};

static struct json_reader *
on_restart(void *cookie)
{
	struct answer *answer = cookie;

	json_reader_free(answer->reader);
	card_fini(&answer->card);
	return answer->reader = card_reader_new(&answer->card);
}

static void
on_done(void *cookie, const struct remote_verdict *verdict)
{
	struct answer *answer = cookie;

	answer->calls++;
	answer->verdict = *verdict;
}

/* Send one request and wait for its end. */
static struct remote_verdict
perform(struct remote *remote, struct remote_args args)
{
	struct answer answer = {0};
	struct remote_request *request;
	int64_t until_ms = time_monotonic_ms() + 20000;

	args.priority = PRIORITY_WRITE;
	args.reader = on_restart(&answer);
	args.restart = on_restart;
	args.done = on_done;
	args.cookie = &answer;
	assert_int_equal(remote_submit(remote, &args, &request), 0);
	while (answer.calls == 0 && time_monotonic_ms() < until_ms)
		assert_int_equal(remote_run(remote, 1000), 0);
	assert_int_equal(answer.calls, 1);
	if (answer.verdict.err == 0 && args.call != CALL_CARD_DELETE)
		assert_string_equal(answer.card.id, CARD_ID);
	json_reader_free(answer.reader);
	card_fini(&answer.card);
	return answer.verdict;
}

static const struct remote_param params[] = {
    {"idList", OTHER_ID}, {"name", "A & b"}};
static const struct remote_args post = {
    .call = CALL_CARD_CREATE, .params = params, .n_params = 2};
static const struct remote_args post_empty = {
    .call = CALL_LIST_ARCHIVE_CARDS, .id = OTHER_ID};
static const struct remote_args put = {.call = CALL_CARD_UPDATE,
    .id = CARD_ID,
    .params = params + 1,
    .n_params = 1};
static const struct remote_args put_json = {.call = CALL_CARD_FIELD_SET,
    .id = CARD_ID,
    .id2 = OTHER_ID,
    .json = "{\"idValue\":\"x\"}"};
static const struct remote_args delete = {
    .call = CALL_CARD_DELETE, .id = CARD_ID};

/* What arrives, and what is told about it. */
static void
test_sent(void **state)
{
	static const struct {
		const struct remote_args *args;
		const char *line, *type, *length, *body, *method, *route;
	} rows[] = {
	    {&post, "POST /1/cards HTTP/1.1\r\n",
		"\r\nContent-Type: application/x-www-form-urlencoded\r\n",
		"\r\nContent-Length: 48\r\n",
		"idList=" OTHER_ID "&name=A%20%26%20b", "POST", "/cards"},
	    {&post_empty,
		"POST /1/lists/" OTHER_ID "/archiveAllCards HTTP/1.1\r\n",
		"\r\nContent-Type: application/x-www-form-urlencoded\r\n",
		"\r\nContent-Length: 0\r\n", "", "POST",
		"/lists/" OTHER_ID "/archiveAllCards"},
	    {&put, "PUT /1/cards/" CARD_ID " HTTP/1.1\r\n",
		"\r\nContent-Type: application/x-www-form-urlencoded\r\n",
		"\r\nContent-Length: 16\r\n", "name=A%20%26%20b", "PUT",
		"/cards/" CARD_ID},
	    {&put_json,
		"PUT /1/cards/" CARD_ID "/customField/" OTHER_ID
		"/item HTTP/1.1\r\n",
		"\r\nContent-Type: application/json\r\n",
		"\r\nContent-Length: 15\r\n", "{\"idValue\":\"x\"}", "PUT",
		"/cards/" CARD_ID "/customField/" OTHER_ID "/item"},
	    {&delete, "DELETE /1/cards/" CARD_ID " HTTP/1.1\r\n", NULL, NULL,
		"", "DELETE", "/cards/" CARD_ID},
	};
	static const struct canned replies[] = {OK};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct responder *responder = responder_start(replies, 1);
		struct remote *remote = new_remote(
		    responder_port(responder), &(struct http_options){0});
		struct remote_record record;
		const char *head;

		assert_int_equal(perform(remote, *rows[i].args).err, 0);
		head = responder_request(responder, 0);
		assert_ptr_equal(strstr(head, rows[i].line), head);
		if (rows[i].type != NULL) {
			assert_non_null(strstr(head, rows[i].type));
			assert_non_null(strstr(head, rows[i].length));
		} else {
			assert_null(strstr(head, "Content-"));
		}
		assert_null(strstr(head, "\r\nExpect"));
		assert_null(strstr(head, "\r\nTransfer-Encoding"));
		assert_string_equal(responder_body(responder, 0), rows[i].body);
		assert_int_equal(remote_records(remote, &record, 1), 1);
		assert_string_equal(record.method, rows[i].method);
		assert_string_equal(record.route, rows[i].route);
		remote_free(remote);
		responder_stop(responder);
	}
}

/* 16,384 characters, all of which need escapes, do not wait for a "100
 * Continue" that never comes. */
static void
test_long_body(void **state)
{
	static const struct canned replies[] = {OK};
	struct responder *responder = responder_start(replies, 1);
	struct remote *remote =
	    new_remote(responder_port(responder), &(struct http_options){0});
	char *text = malloc(MODEL_TEXT_MAX_CHARS * 3 + 1);
	struct remote_param param = {"desc", text};
	struct remote_args args[] = {post, put};

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < MODEL_TEXT_MAX_CHARS; i++)
		memcpy(text + 3 * i, "\342\202\254", 4);
	for (unsigned i = 0; i < 2; i++) {
		int64_t start_ms = time_monotonic_ms();

		args[i].params = &param;
		args[i].n_params = 1;
		assert_int_equal(perform(remote, args[i]).err, 0);
		assert_true(time_monotonic_ms() - start_ms < 900);
		assert_int_equal(strlen(responder_body(responder, i)),
		    5 + 9 * (size_t)MODEL_TEXT_MAX_CHARS);
	}
	assert_int_equal(responder_count(responder), 2);
	remote_free(remote);
	responder_stop(responder);
	free(text);
}

/*
 * A reply, or none, and then good ones for ever: how often each write
 * arrives, and what is known at the end.
 */
static const struct fault {
	struct canned canned;
	bool lost; /* nobody knows what happened */
	int posts; /* how often a POST arrives; its error if it is once */
	int err;
	enum remote_scope scope;
	int puts;
} faults[] = {
    {{.status = 0}, true, 1, -EIO, SCOPE_NETWORK, 2},
    {{.status = 500, .type = TEXT}, true, 1, -EIO, SCOPE_OBJECT, 2},
    {{.status = 502, .type = "text/html"}, true, 1, -EIO, SCOPE_NETWORK, 2},
    {{.status = 503, .type = TEXT}, true, 1, -EIO, SCOPE_NETWORK, 2},
    {{.status = 504, .type = TEXT}, true, 1, -EIO, SCOPE_NETWORK, 2},
    {{.status = 408, .type = TEXT}, true, 1, -EAGAIN, SCOPE_NETWORK, 2},
    {{.status = 200, .type = JSON, .body = CARD, .cut_at = 10}, true, 1, -EIO,
	SCOPE_NETWORK, 2},
    {{.status = 200, .type = JSON, .body = CARD, .cut_at = 10, .no_length = 1},
	true, 1, -EBADMSG, SCOPE_NETWORK, 2},
    {{.status = 200, .type = JSON, .body = CARD, .stall = 1}, true, 1,
	-ETIMEDOUT, SCOPE_NETWORK, 2},
    {{.status = 200, .delay_ms = 3000}, true, 1, -ETIMEDOUT, SCOPE_NETWORK, 2},
    {{.status = 200, .type = "text/html", .body = "<html>"}, true, 1,
	-ENETUNREACH, SCOPE_NETWORK, 1},
    {{.status = 200, .type = JSON, .body = "{\"id\":[]}"}, true, 1, -EBADMSG,
	SCOPE_OBJECT, 1},
    {{.status = 429,
	 .type = JSON,
	 .headers = "Retry-After: 0\r\n",
	 .body = "{\"error\":\"API_TOKEN_LIMIT_EXCEEDED\"}"},
	false, 2, 0, SCOPE_NONE, 2},
    {{.status = 400, .type = TEXT, .body = "invalid value for name"}, false, 1,
	-EINVAL, SCOPE_OBJECT, 1},
    {{.status = 401, .type = TEXT, .body = "unauthorized permission requested"},
	false, 1, -EACCES, SCOPE_OBJECT, 1},
    {{.status = 401, .type = TEXT, .body = "invalid token"}, false, 1, -EACCES,
	SCOPE_ACCOUNT, 1},
    {{.status = 404, .type = TEXT, .body = "gone"}, false, 1, -ENOENT,
	SCOPE_OBJECT, 1},
    {{.status = 302, .type = TEXT, .headers = "Location: http://x/\r\n"}, false,
	1, -ENETUNREACH, SCOPE_NETWORK, 1},
};
#define N_FAULTS (sizeof faults / sizeof *faults)

/* Once on a new connection, and once on one that served before: libcurl has
 * its own ideas about those. */
static void
check_fault(const struct fault *fault, struct remote_args args, bool reused)
{
	const struct canned replies[] = {OK, fault->canned, OK};
	struct responder *responder =
	    responder_start(replies + !reused, reused ? 3 : 2);
	const struct http_options options = {.total_ms = 700, .max_running = 1};
	struct remote *remote = new_remote(responder_port(responder), &options);
	bool is_post = args.call == CALL_CARD_CREATE;
	int arrivals = is_post ? fault->posts : fault->puts;
	struct remote_verdict verdict;

	if (reused)
		assert_int_equal(
		    perform(remote,
			(struct remote_args){.call = CALL_CARD, .id = CARD_ID})
			.err,
		    0);
	verdict = perform(remote, args);
	assert_int_equal(responder_count(responder), arrivals + reused);
	if (arrivals > 1) {
		assert_int_equal(verdict.err, 0);
		assert_false(verdict.unknown);
	} else {
		assert_int_equal(verdict.err, fault->err);
		assert_int_equal(verdict.scope, fault->scope);
		assert_int_equal(verdict.unknown, fault->lost);
	}
	if (fault->lost && arrivals == 1)
		assert_int_equal(verdict.when, WHEN_LATER);
	remote_free(remote);
	responder_stop(responder);
}

static void
test_post_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_FAULTS; i++) {
		check_fault(&faults[i], post, false);
		check_fault(&faults[i], post, true);
	}
}

static void
test_put_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_FAULTS; i++) {
		check_fault(&faults[i], put, false);
		check_fault(&faults[i], delete, false);
	}
}

/* libcurl itself repeats what got no answer on a connection that was used
 * before: harmless, and no POST. */
static void
test_put_reused(void **state)
{
	static const struct canned replies[] = {OK, {.status = 0}, OK};
	struct responder *responder = responder_start(replies, 3);
	struct remote *remote =
	    new_remote(responder_port(responder), &(struct http_options){0});

	(void)state;
	assert_int_equal(perform(remote, put).err, 0);
	assert_int_equal(perform(remote, put).err, 0);
	assert_int_equal(responder_count(responder), 3);
	assert_string_equal(responder_body(responder, 2), "name=A%20%26%20b");
	remote_free(remote);
	responder_stop(responder);
}

/* A port where nobody listens; *ret_fd keeps it ours. */
static unsigned
deaf_port(int *ret_fd)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;

	*ret_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(*ret_fd >= 0);
	assert_int_equal(
	    bind(*ret_fd, (const struct sockaddr *)&address, len), 0);
	assert_int_equal(
	    getsockname(*ret_fd, (struct sockaddr *)&address, &len), 0);
	return ntohs(address.sin_port);
}

/* What never got there is tried again, and nothing is unknown about it. */
static void
test_refused(void **state)
{
	static const struct remote_args *const all[] = {&post, &put, &delete};
	int fd;
	struct remote *remote =
	    new_remote(deaf_port(&fd), &(struct http_options){0});
	struct remote_stats stats;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct remote_verdict verdict = perform(remote, *all[i]);

		assert_int_equal(verdict.err, -ENETUNREACH);
		assert_int_equal(verdict.scope, SCOPE_NETWORK);
		assert_int_equal(verdict.when, WHEN_LATER);
		assert_false(verdict.unknown);
		remote_stats(remote, &stats);
		assert_int_equal(stats.retried, 2 * (i + 1));
	}
	remote_free(remote);
	(void)close(fd);
}

/* The first try of a PUT may have taken effect: that it then could not get
 * there does not change that. */
static void
test_unknown_stays(void **state)
{
	static const struct canned replies[] = {
	    {.status = 503, .type = TEXT},
	    {.status = 429,
		.type = JSON,
		.headers = "Retry-After: 0\r\n",
		.body = "{\"error\":\"API_TOKEN_LIMIT_EXCEEDED\"}"},
	};
	struct responder *responder = responder_start(replies, 2);
	struct remote *remote =
	    new_remote(responder_port(responder), &(struct http_options){0});
	struct remote_verdict verdict;

	(void)state;
	verdict = perform(remote, put);
	assert_int_equal(verdict.status, 429);
	assert_true(verdict.unknown);
	assert_int_equal(verdict.when, WHEN_LATER);
	assert_int_equal(responder_count(responder), 3);
	remote_free(remote);
	responder_stop(responder);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_sent),
    cmocka_unit_test(test_long_body),
    cmocka_unit_test(test_post_once),
    cmocka_unit_test(test_put_again),
    cmocka_unit_test(test_put_reused),
    cmocka_unit_test(test_refused),
    cmocka_unit_test(test_unknown_stays),
};
UNIT_MAIN(tests)
