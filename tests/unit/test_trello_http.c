/* The network client against a server on this machine that misbehaves. */

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
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define JSON "application/json; charset=utf-8"
#define TEXT "text/plain; charset=utf-8"
#define ME                                                              \
	"{\"id\":\"5e679b808e6e8828784b30e1\",\"username\":\"hopper\"," \
	"\"fullName\":\"Hopper Test\"}"
#define KEY "0123456789abcdef0123456789abcdef"
#define TOKEN "ATTA0123456789abcdef0123456789abcdef0123456789"

static const struct retry_policy quick = {
    .max_tries = 3, .base_ms = 20, .cap_ms = 40, .max_ms = 5000};

struct fixture {
	struct responder *responder;
	struct remote *remote;
};

static struct credentials
make_credentials(const char *token)
{
	struct credentials credentials = {.kind = AUTH_TOKEN};

	assert_int_equal(secret_set(&credentials.key, KEY, strlen(KEY)), 0);
	assert_int_equal(
	    secret_set(&credentials.token, token, strlen(token)), 0);
	return credentials;
}

static struct remote *
new_remote(struct http_options options, const char *scheme, unsigned port)
{
	struct credentials credentials = make_credentials(TOKEN);
	struct remote *remote = NULL;
	struct err err = {0};
	char url[64];

	(void)snprintf(url, sizeof url, "%s://127.0.0.1:%u/1/", scheme, port);
	options.base_url = url;
	options.credentials = &credentials;
	if (options.retry == NULL)
		options.retry = &quick;
	assert_int_equal(http_remote_new(&options, &remote, &err), 0);
	credentials_fini(&credentials);
	return remote;
}

static struct fixture
setup(struct http_options options, const struct canned *replies, size_t n)
{
	struct fixture fixture;

	fixture.responder = responder_start(replies, n);
	fixture.remote =
	    new_remote(options, "http", responder_port(fixture.responder));
	return fixture;
}

static void
teardown(struct fixture *fixture)
{
	remote_free(fixture->remote);
	responder_stop(fixture->responder);
}

/* One question for a member, with everything it needs. */
struct question {
	struct member member;
	struct json_reader *reader;
	struct remote_request *request;
	struct remote_verdict verdict;
	int calls;
	int restarts;
};

static void
on_done(void *cookie, const struct remote_verdict *verdict)
{
	struct question *question = cookie;

	question->calls++;
	question->verdict = *verdict;
	question->request = NULL;
}

static struct json_reader *
on_restart(void *cookie)
{
	struct question *question = cookie;

	question->restarts++;
	json_reader_free(question->reader);
	member_fini(&question->member);
	memset(&question->member, 0, sizeof question->member);
	return question->reader = member_reader_new(&question->member);
}

static void
ask(struct remote *remote, struct question *question, struct remote_args args)
{
	memset(question, 0, sizeof *question);
	question->reader = member_reader_new(&question->member);
	args.reader = question->reader;
	args.restart = on_restart;
	args.done = on_done;
	args.cookie = question;
	assert_int_equal(remote_submit(remote, &args, &question->request), 0);
}

static void
question_fini(struct question *question)
{
	json_reader_free(question->reader);
	member_fini(&question->member);
}

static void
run_until_done(struct remote *remote, struct question *question)
{
	int64_t until_ms = time_monotonic_ms() + 20000;

	while (question->calls == 0 && time_monotonic_ms() < until_ms)
		assert_int_equal(remote_run(remote, 1000), 0);
	assert_int_equal(question->calls, 1);
}

/* Ask for the member and wait; what was read is looked at and freed. */
static struct remote_verdict
ask_me(struct remote *remote)
{
	struct question question;

	ask(remote, &question, (struct remote_args){.call = CALL_ME});
	run_until_done(remote, &question);
	if (question.verdict.err == 0)
		assert_string_equal(question.member.full_name, "Hopper Test");
	question_fini(&question);
	return question.verdict;
}

static void
test_happy(void **state)
{
	static const struct canned replies[] = {
	    {.status = 200, .type = JSON, .body = ME}};
	struct fixture fixture = setup((struct http_options){0}, replies, 1);
	struct remote_record record;
	struct remote_verdict verdict;
	struct remote_stats stats;
	const char *head;

	(void)state;
	verdict = ask_me(fixture.remote);
	assert_int_equal(verdict.err, 0);
	assert_int_equal(verdict.status, 200);
	assert_int_equal(verdict.scope, SCOPE_NONE);
	assert_string_equal(verdict.text, "");
	head = responder_request(fixture.responder, 0);
	assert_ptr_equal(strstr(head, "GET /1/members/me?fields=id,username,"
				      "fullName HTTP/1.1\r\n"),
	    head);
	assert_non_null(
	    strstr(head, "\r\nAuthorization: OAuth oauth_consumer_key=\"" KEY
			 "\", oauth_token=\"" TOKEN "\"\r\n"));
	assert_non_null(strstr(head, "gzip"));
	assert_non_null(strstr(head, "\r\nUser-Agent: trellofs\r\n"));
	remote_stats(fixture.remote, &stats);
	assert_int_equal(stats.requests, 1);
	assert_int_equal(stats.bytes_in, strlen(ME));
	assert_int_equal(stats.budget_max, 80);
	assert_int_equal(stats.budget_left, 79);
	assert_int_equal(remote_records(fixture.remote, &record, 1), 1);
	assert_string_equal(record.method, "GET");
	assert_string_equal(
	    record.route, "/members/me?fields=id,username,fullName");
	assert_int_equal(record.status, 200);
	assert_int_equal(record.bytes, strlen(ME));
	teardown(&fixture);
}

static void
test_gzip(void **state)
{
	static const char packed[] =
	    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xab\x56\xca\x4c\x51\xb2"
	    "\x52\x32\x4d\x35\x33\xb7\x4c\xb2\x30\xb0\x48\x35\x4b\xb5\xb0\x30"
	    "\xb2\x30\xb7\x30\x49\x32\x36\x48\x35\x54\xd2\x51\x2a\x2d\x4e\x2d"
	    "\xca\x4b\xcc\x4d\x05\xaa\xca\xc8\x2f\x28\x48\x2d\x2a\x49\x2d\x2e"
	    "\x01\x8a\xa7\x95\xe6\xe4\xf8\x41\xc4\x3d\xc0\xe2\x0a\x21\x20\x89"
	    "\x5a\x00\x53\x88\x55\x10\x52\x00\x00\x00";
	static const struct canned replies[] = {{.status = 200,
	    .type = JSON,
	    .headers = "Content-Encoding: gzip\r\n",
	    .body = packed,
	    .body_len = sizeof packed - 1}};
	struct fixture fixture = setup((struct http_options){0}, replies, 1);
	struct remote_record record;

	(void)state;
	assert_int_equal(ask_me(fixture.remote).err, 0);
	assert_int_equal(remote_records(fixture.remote, &record, 1), 1);
	assert_int_equal(record.bytes, sizeof packed - 1);
	teardown(&fixture);
}

/* What is tried again: the first reply is bad, the second one is good. */
static void
test_tried_again(void **state)
{
	static const struct canned bad[] = {
	    {.status = 503, .type = TEXT, .body = "unavailable"},
	    {.status = 502, .type = "text/html", .body = "<html>Bad</html>"},
	    {.status = 500, .type = JSON, .body = "{\"message\":\"oops\"}"},
	    {.status = 200, .type = JSON, .body = ME, .cut_at = 30},
	    {.status = 200,
		.type = JSON,
		.body = ME,
		.cut_at = 30,
		.no_length = 1},
	    {.status = 200, .type = JSON, .body = "", .no_length = 1},
	    {.status = 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct canned replies[2] = {
		    bad[i], {.status = 200, .type = JSON, .body = ME}};
		struct fixture fixture =
		    setup((struct http_options){0}, replies, 2);
		struct remote_record records[4];
		struct remote_stats stats;

		assert_int_equal(ask_me(fixture.remote).err, 0);
		remote_stats(fixture.remote, &stats);
		assert_int_equal(stats.requests, 2);
		assert_int_equal(stats.retried, 1);
		assert_int_equal(remote_records(fixture.remote, records, 4), 2);
		assert_int_equal(records[0].status, bad[i].status);
		assert_int_equal(records[1].status, 200);
		teardown(&fixture);
	}
}

/* What is not, and what is said about it. */
static void
test_final(void **state)
{
	static const struct {
		struct canned canned;
		unsigned requests;
		int err;
		enum remote_scope scope;
		enum remote_when when;
		const char *says;
	} rows[] = {
	    {{.status = 401, .type = TEXT, .body = "invalid token"}, 1, -EACCES,
		SCOPE_ACCOUNT, WHEN_LATER, "invalid token"},
	    {{.status = 401, .type = TEXT, .body = "invalid key"}, 1, -EACCES,
		SCOPE_ACCOUNT, WHEN_LATER, "the API key is not valid"},
	    {{.status = 404, .type = TEXT, .body = "model not found"}, 1,
		-ENOENT, SCOPE_OBJECT, WHEN_NEVER, "model not found"},
	    {{.status = 503, .type = TEXT, .body = "unavailable"}, 3, -EIO,
		SCOPE_NETWORK, WHEN_LATER, "unavailable"},
	    {{.status = 200, .type = "text/html", .body = "<html>login"}, 1,
		-ENETUNREACH, SCOPE_NETWORK, WHEN_LATER, "not Trello"},
	    {{.status = 200, .body = "hello"}, 1, -ENETUNREACH, SCOPE_NETWORK,
		WHEN_LATER, "not Trello"},
	    {{.status = 302,
		 .type = TEXT,
		 .headers =
		     "Location: http://portal.example/in?a=" TOKEN "\r\n"},
		1, -ENETUNREACH, SCOPE_NETWORK, WHEN_LATER,
		"leads to http://portal.example/in, which is not followed"},
	    {{.status = 200, .type = JSON, .body = "{\"id\":[1]}"}, 1, -EBADMSG,
		SCOPE_NETWORK, WHEN_LATER, "cannot be read"},
	    {{.status = 404,
		 .type = TEXT,
		 .body = "Cannot GET /1/members/me?token=" TOKEN},
		1, -ENOENT, SCOPE_OBJECT, WHEN_NEVER, "token=*****"},
	    {{.status = 0}, 3, -EIO, SCOPE_NETWORK, WHEN_LATER,
		"there was no answer"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fixture fixture =
		    setup((struct http_options){0}, &rows[i].canned, 1);
		struct remote_verdict verdict = ask_me(fixture.remote);

		assert_int_equal(verdict.err, rows[i].err);
		assert_int_equal(verdict.scope, rows[i].scope);
		assert_int_equal(verdict.when, rows[i].when);
		assert_int_equal(verdict.status, rows[i].canned.status);
		assert_non_null(strstr(verdict.text, rows[i].says));
		assert_null(strstr(verdict.text, TOKEN));
		assert_int_equal(
		    responder_count(fixture.responder), rows[i].requests);
		teardown(&fixture);
	}
}

static void
test_throttled(void **state)
{
	static const struct canned replies[] = {
	    {.status = 429,
		.type = JSON,
		.headers = "x-rate-limit-api-token-interval-ms: 300\r\n"
			   "x-rate-limit-api-token-max: 5\r\n"
			   "X-Rate-Limit-Api-Token-Remaining: 0\r\n"
			   "x-rate-limit-api-key-interval-ms: 300\r\n"
			   "x-rate-limit-api-key-max: 10\r\n"
			   "x-rate-limit-api-key-remaining: 5\r\n",
		.body = "{\"error\":\"API_TOKEN_LIMIT_EXCEEDED\","
			"\"message\":\"Rate limit exceeded\"}"},
	    {.status = 200, .type = JSON, .body = ME},
	};
	struct fixture fixture = setup((struct http_options){0}, replies, 2);
	int64_t began_ms = time_monotonic_ms();
	struct remote_stats stats;

	(void)state;
	assert_int_equal(ask_me(fixture.remote).err, 0);
	assert_true(time_monotonic_ms() - began_ms >= 300);
	assert_true(time_monotonic_ms() - began_ms < 3000);
	remote_stats(fixture.remote, &stats);
	assert_int_equal(stats.throttled, 1);
	assert_int_equal(stats.requests, 2);
	assert_int_equal(stats.budget_max, 4);
	assert_int_equal(stats.budget_ms, 300);
	teardown(&fixture);
}

/* Nobody waits for an hour. */
static void
test_throttled_for_long(void **state)
{
	static const struct canned replies[] = {{.status = 429,
	    .type = JSON,
	    .headers = "Retry-After: 3600\r\n",
	    .body = "{\"error\":\"API_TOKEN_LIMIT_EXCEEDED\"}"}};
	struct fixture fixture = setup((struct http_options){0}, replies, 1);
	struct remote_verdict verdict = ask_me(fixture.remote);
	struct remote_stats stats;

	(void)state;
	assert_int_equal(verdict.err, -EAGAIN);
	assert_int_equal(verdict.when, WHEN_LATER);
	assert_non_null(strstr(verdict.text, "API_TOKEN_LIMIT_EXCEEDED"));
	remote_stats(fixture.remote, &stats);
	assert_true(stats.held_ms > 60000);
	assert_int_equal(stats.budget_left, 0);
	teardown(&fixture);
}

static void
test_no_restart(void **state)
{
	static const struct canned replies[] = {
	    {.status = 200, .type = JSON, .body = ME, .cut_at = 30},
	    {.status = 200, .type = JSON, .body = ME}};
	struct fixture fixture = setup((struct http_options){0}, replies, 2);
	struct question question = {0};
	struct remote_args args = {.call = CALL_ME, .done = on_done};

	(void)state;
	question.reader = member_reader_new(&question.member);
	args.reader = question.reader;
	args.cookie = &question;
	assert_int_equal(
	    remote_submit(fixture.remote, &args, &question.request), 0);
	run_until_done(fixture.remote, &question);
	assert_int_equal(question.verdict.err, -EIO);
	assert_non_null(strstr(question.verdict.text, "cut"));
	assert_int_equal(responder_count(fixture.responder), 1);
	question_fini(&question);
	teardown(&fixture);
}

static void
test_too_large(void **state)
{
	static const struct canned replies[] = {
	    {.status = 200, .type = JSON, .body = ME}};
	struct fixture fixture =
	    setup((struct http_options){.max_reply_bytes = 20}, replies, 1);
	struct remote_verdict verdict = ask_me(fixture.remote);

	(void)state;
	assert_int_equal(verdict.err, -EFBIG);
	assert_int_equal(verdict.scope, SCOPE_OBJECT);
	assert_int_equal(verdict.when, WHEN_NEVER);
	assert_int_equal(responder_count(fixture.responder), 1);
	teardown(&fixture);
}

/* An error's body without end is not read to its end. */
static void
test_large_error(void **state)
{
	size_t len = (size_t)4 << 20;
	char *body = malloc(len);
	struct canned replies[] = {
	    {.status = 400, .type = TEXT, .body = body, .body_len = len}};
	struct fixture fixture;
	struct remote_verdict verdict;

	(void)state;
	assert_non_null(body);
	memset(body, 'x', len);
	fixture = setup((struct http_options){0}, replies, 1);
	verdict = ask_me(fixture.remote);
	assert_int_equal(verdict.err, -EINVAL);
	assert_int_equal(verdict.status, 400);
	assert_true(strlen(verdict.text) < 200);
	teardown(&fixture);
	free(body);
}

static void
test_stall(void **state)
{
	static const struct canned replies[] = {
	    {.status = 200, .type = JSON, .body = ME, .stall = 1}};
	struct retry_policy once = {.max_tries = 1};
	struct fixture fixture =
	    setup((struct http_options){.stall_ms = 1000, .retry = &once},
		replies, 1);
	struct remote_verdict verdict = ask_me(fixture.remote);

	(void)state;
	assert_int_equal(verdict.err, -ETIMEDOUT);
	assert_int_equal(verdict.scope, SCOPE_NETWORK);
	assert_false(verdict.too_big);
	teardown(&fixture);
}

/* The network is silent, not Trello: that is noticed sooner. */
static void
test_quick_stall(void **state)
{
	static const struct canned replies[] = {
	    {.status = 200, .type = JSON, .body = ME, .stall = 1}};
	struct retry_policy once = {.max_tries = 1};
	struct fixture fixture =
	    setup((struct http_options){.quick_stall_ms = 1000, .retry = &once},
		replies, 1);
	struct remote_verdict verdict = ask_me(fixture.remote);

	(void)state;
	assert_int_equal(verdict.err, -ETIMEDOUT);
	assert_int_equal(verdict.scope, SCOPE_NETWORK);
	teardown(&fixture);
}

/* A board that takes too long is asked for in parts. */
static void
test_slow_board(void **state)
{
	static const struct canned replies[] = {
	    {.status = 200, .type = JSON, .body = ME, .stall = 1}};
	struct fixture fixture =
	    setup((struct http_options){.total_ms = 300}, replies, 1);
	struct question question;

	(void)state;
	ask(fixture.remote, &question,
	    (struct remote_args){
		.call = CALL_BOARD, .id = "5e679b808e6e8828784b30e1"});
	run_until_done(fixture.remote, &question);
	assert_int_equal(question.verdict.err, -ETIMEDOUT);
	assert_true(question.verdict.too_big);
	assert_int_equal(responder_count(fixture.responder), 1);
	question_fini(&question);
	teardown(&fixture);
}

static unsigned
closed_port(void)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	assert_int_equal(close(fd), 0);
	return ntohs(address.sin_port);
}

static void
test_refused(void **state)
{
	struct remote *remote =
	    new_remote((struct http_options){0}, "http", closed_port());
	struct remote_verdict verdict = ask_me(remote);
	struct remote_stats stats;

	(void)state;
	assert_int_equal(verdict.err, -ENETUNREACH);
	assert_int_equal(verdict.scope, SCOPE_NETWORK);
	assert_int_equal(verdict.when, WHEN_LATER);
	assert_non_null(strstr(verdict.text, "127.0.0.1"));
	assert_non_null(strstr(verdict.text, "cannot be reached"));
	remote_stats(remote, &stats);
	assert_int_equal(stats.requests, 3);
	assert_int_equal(stats.budget_left, 80); /* none got anywhere */
	remote_free(remote);
}

static void
test_no_tls(void **state)
{
	static const struct canned replies[] = {
	    {.status = 200, .type = JSON, .body = ME}};
	struct responder *responder = responder_start(replies, 1);
	struct remote *remote = new_remote(
	    (struct http_options){0}, "https", responder_port(responder));
	struct question question;
	struct remote_record record;

	(void)state;
	/* The responder waits for the end of a request: hang up. */
	ask(remote, &question, (struct remote_args){.call = CALL_ME});
	assert_int_equal(remote_run(remote, 50), 0);
	responder_stop(responder);
	run_until_done(remote, &question);
	assert_int_equal(question.verdict.err, -EPROTO);
	assert_int_equal(question.verdict.scope, SCOPE_NETWORK);
	assert_non_null(strstr(question.verdict.text, "no safe connection"));
	assert_int_equal(remote_records(remote, &record, 1), 1);
	question_fini(&question);
	remote_free(remote);
}

static void
test_token_route(void **state)
{
	static const struct canned replies[] = {{.status = 404,
	    .type = TEXT,
	    .body = "Cannot GET /1/tokens/" TOKEN}};
	struct fixture fixture = setup((struct http_options){0}, replies, 1);
	struct question question;
	struct remote_record record;

	(void)state;
	ask(fixture.remote, &question,
	    (struct remote_args){.call = CALL_TOKEN});
	run_until_done(fixture.remote, &question);
	assert_int_equal(question.verdict.err, -ENOENT);
	assert_null(strstr(question.verdict.text, TOKEN));
	assert_ptr_equal(strstr(responder_request(fixture.responder, 0),
			     "GET /1/tokens/" TOKEN " HTTP/1.1\r\n"),
	    responder_request(fixture.responder, 0));
	assert_int_equal(remote_records(fixture.remote, &record, 1), 1);
	assert_string_equal(record.route, "/tokens/...");
	question_fini(&question);
	teardown(&fixture);
}

static void
test_new_credentials(void **state)
{
	static const struct canned replies[] = {
	    {.status = 200, .type = JSON, .body = ME}};
	struct fixture fixture = setup((struct http_options){0}, replies, 1);
	struct credentials good = make_credentials("another-token");
	struct credentials bad = make_credentials("two\r\nlines");

	(void)state;
	assert_int_equal(remote_set_credentials(fixture.remote, &bad), -EINVAL);
	assert_int_equal(ask_me(fixture.remote).err, 0);
	assert_int_equal(remote_set_credentials(fixture.remote, &good), 0);
	assert_int_equal(ask_me(fixture.remote).err, 0);
	assert_non_null(strstr(responder_request(fixture.responder, 0), TOKEN));
	assert_non_null(strstr(responder_request(fixture.responder, 1),
	    "oauth_token=\"another-token\""));
	credentials_fini(&good);
	credentials_fini(&bad);
	teardown(&fixture);
}

/* What is under way with the old ones is asked again with the new ones, at
 * once; with the new ones a refusal is one. */
static void
test_renewed_under_way(void **state)
{
	static const struct canned replies[] = {
	    {.status = 401, .type = TEXT, .body = "invalid token"},
	    {.status = 200, .type = JSON, .body = ME},
	    {.status = 401,
		.type = TEXT,
		.body = "invalid token " TOKEN " another-token"}};
	struct fixture fixture = setup((struct http_options){0}, replies, 3);
	struct credentials good = make_credentials("another-token");
	struct remote_verdict verdict;
	struct question question;

	(void)state;
	ask(fixture.remote, &question, (struct remote_args){.call = CALL_ME});
	assert_int_equal(remote_run(fixture.remote, 0), 0);
	assert_int_equal(remote_set_credentials(fixture.remote, &good), 0);
	run_until_done(fixture.remote, &question);
	assert_int_equal(question.verdict.err, 0);
	assert_non_null(strstr(responder_request(fixture.responder, 0), TOKEN));
	assert_non_null(
	    strstr(responder_request(fixture.responder, 1), "another-token"));
	verdict = ask_me(fixture.remote);
	assert_int_equal(verdict.scope, SCOPE_ACCOUNT);
	assert_null(strstr(verdict.text, TOKEN));
	assert_null(strstr(verdict.text, "another-token"));
	assert_int_equal(responder_count(fixture.responder), 3);
	question_fini(&question);
	credentials_fini(&good);
	teardown(&fixture);
}

static void
test_cancel(void **state)
{
	static const struct canned replies[] = {
	    {.status = 200, .type = JSON, .body = ME, .stall = 1}};
	struct fixture fixture = setup((struct http_options){0}, replies, 1);
	struct question running, waiting, left;

	(void)state;
	ask(fixture.remote, &running, (struct remote_args){.call = CALL_ME});
	assert_int_equal(remote_run(fixture.remote, 50), 0);
	ask(fixture.remote, &waiting, (struct remote_args){.call = CALL_ME});
	remote_cancel(fixture.remote, waiting.request);
	remote_cancel(fixture.remote, running.request);
	assert_int_equal(remote_run(fixture.remote, 10), 0);
	assert_int_equal(running.calls + waiting.calls, 0);
	ask(fixture.remote, &left, (struct remote_args){.call = CALL_ME});
	assert_int_equal(remote_run(fixture.remote, 20), 0);
	teardown(&fixture);
	assert_int_equal(left.calls, 0);
	question_fini(&running);
	question_fini(&waiting);
	question_fini(&left);
}

static void *
look_and_wake(void *arg)
{
	struct remote *remote = arg;
	struct remote_record record;
	struct remote_stats stats;

	for (int i = 0; i < 100; i++) {
		remote_stats(remote, &stats);
		(void)remote_records(remote, &record, 1);
		(void)usleep(200);
	}
	remote_wakeup(remote);
	return NULL;
}

static void
test_threads(void **state)
{
	static const struct canned replies[] = {
	    {.status = 200, .type = JSON, .body = ME}};
	struct fixture fixture = setup((struct http_options){0}, replies, 1);
	pthread_t thread;

	(void)state;
	remote_wakeup(fixture.remote);
	assert_int_equal(remote_run(fixture.remote, -1), 0);
	assert_int_equal(
	    pthread_create(&thread, NULL, look_and_wake, fixture.remote), 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(ask_me(fixture.remote).err, 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(remote_run(fixture.remote, 0), 0);
	/* Now while it waits. */
	assert_int_equal(
	    pthread_create(&thread, NULL, look_and_wake, fixture.remote), 0);
	assert_int_equal(remote_run(fixture.remote, -1), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	teardown(&fixture);
}

/* Many at once: no more than may run, and the records keep the last 256. */
static void
test_many(void **state)
{
	static const struct canned replies[] = {
	    {.status = 200,
		.type = JSON,
		.headers = "x-rate-limit-api-token-interval-ms: 10000\r\n"
			   "x-rate-limit-api-token-max: 1000\r\n"
			   "x-rate-limit-api-token-remaining: 700\r\n"
			   "x-rate-limit-api-key-interval-ms: 10000\r\n"
			   "x-rate-limit-api-key-max: 1000\r\n"
			   "x-rate-limit-api-key-remaining: 700\r\n",
		.body = ME,
		.delay_ms = 1},
	};
	enum { N = 300 };
	struct fixture fixture =
	    setup((struct http_options){.max_running = 4}, replies, 1);
	struct question *questions = calloc(N, sizeof *questions);
	struct remote_record *records = calloc(N, sizeof *records);
	struct remote_stats stats;

	(void)state;
	assert_non_null(questions);
	assert_non_null(records);
	for (int i = 0; i < N; i++)
		ask(fixture.remote, &questions[i],
		    (struct remote_args){.call = CALL_LIST,
			.id = "5e679b808e6e8828784b30e1",
			.priority =
			    i % 2 ? PRIORITY_BACKGROUND : PRIORITY_WAITING});
	for (int i = 0; i < N; i++) {
		run_until_done(fixture.remote, &questions[i]);
		assert_int_equal(questions[i].verdict.err, 0);
		question_fini(&questions[i]);
	}
	remote_stats(fixture.remote, &stats);
	assert_int_equal(stats.requests, N);
	assert_true(responder_peak(fixture.responder) <= 4);
	assert_int_equal(remote_records(fixture.remote, records, N), 256);
	free(questions);
	free(records);
	teardown(&fixture);
}

/* What is meant for this machine goes to no proxy. */
static void
test_proxy(void **state)
{
	static const struct canned replies[] = {
	    {.status = 200, .type = JSON, .body = ME}};
	struct fixture fixture = setup((struct http_options){0}, replies, 1);

	(void)state;
	assert_int_equal(setenv("http_proxy", "http://127.0.0.1:1/", 1), 0);
	assert_int_equal(ask_me(fixture.remote).err, 0);
	assert_int_equal(unsetenv("http_proxy"), 0);
	teardown(&fixture);
}

static void
test_options(void **state)
{
	static const struct {
		const char *url;
		int r;
		const char *says;
	} rows[] = {
	    {NULL, 0, ""},
	    {"https://api.trello.com/1", 0, ""},
	    {"https://example.org:8443/trello/1/", 0, ""},
	    {"http://localhost:1/1", 0, ""},
	    {"http://127.9.9.9/1", 0, ""},
	    {"http://[::1]:1/1", 0, ""},
	    {"http://api.trello.com/1", -EINVAL, "in the clear"},
	    {"http://127.0.0.1.example.org/1", -EINVAL, "in the clear"},
	    {"http://0x7f.example/1", -EINVAL, "in the clear"},
	    {"ftp://127.0.0.1/1", -EINVAL, "https://"},
	    {"file:///etc/passwd", -EINVAL, ""},
	    {"https://user:secret@api.trello.com/1", -EINVAL, "nothing but"},
	    {"https://api.trello.com/1?key=k", -EINVAL, "nothing but"},
	    {"https://api.trello.com/1#x", -EINVAL, "nothing but"},
	    {"api trello com", -EINVAL, ""},
	    {"", -EINVAL, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct http_options options = {.base_url = rows[i].url};
		struct remote *remote = NULL;
		struct err err = {0};

		assert_int_equal(
		    http_remote_new(&options, &remote, &err), rows[i].r);
		assert_non_null(strstr(err.text, rows[i].says));
		assert_null(strstr(err.text, "secret"));
		assert_true((err.text[0] != '\0') == (rows[i].r != 0));
		remote_free(remote);
	}
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_happy),
    cmocka_unit_test(test_gzip),
    cmocka_unit_test(test_tried_again),
    cmocka_unit_test(test_final),
    cmocka_unit_test(test_throttled),
    cmocka_unit_test(test_throttled_for_long),
    cmocka_unit_test(test_no_restart),
    cmocka_unit_test(test_too_large),
    cmocka_unit_test(test_large_error),
    cmocka_unit_test(test_stall),
    cmocka_unit_test(test_quick_stall),
    cmocka_unit_test(test_slow_board),
    cmocka_unit_test(test_refused),
    cmocka_unit_test(test_no_tls),
    cmocka_unit_test(test_token_route),
    cmocka_unit_test(test_new_credentials),
    cmocka_unit_test(test_renewed_under_way),
    cmocka_unit_test(test_cancel),
    cmocka_unit_test(test_threads),
    cmocka_unit_test(test_many),
    cmocka_unit_test(test_proxy),
    cmocka_unit_test(test_options),
};
UNIT_MAIN(tests)
