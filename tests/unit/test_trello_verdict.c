/* What answers mean: every row of what is known of Trello's errors. */

#include "unit.h"

#include "trello/calls.h"
#include "trello/verdict.h"
#include "util/err.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>

#define TEXT "text/plain; charset=utf-8"
#define JSON "application/json; charset=utf-8"
#define HTML "text/html; charset=utf-8"

static const struct call_info a_post = {
    .method = METHOD_POST, .route = "/cards"};
static const struct call_info a_put = {
    .method = METHOD_PUT, .route = "/cards/{id}"};

enum { FINAL, AGAIN };

static void
test_status(void **state)
{
	static const struct {
		int status;
		const char *type, *body;
		int err;
		enum remote_scope scope;
		enum remote_when when;
		int again;
		const char *says;
	} rows[] = {
	    /* Credentials. */
	    {401, TEXT, "unauthorized permission requested", -EACCES,
		SCOPE_OBJECT, WHEN_NEVER, FINAL, "no right to this"},
	    {401, TEXT, "unauthorized card permission requested", -EACCES,
		SCOPE_OBJECT, WHEN_NEVER, FINAL, "unauthorized card"},
	    {401, TEXT, "missing scopes", -EACCES, SCOPE_ACCOUNT, WHEN_LATER,
		FINAL, "lacks a right"},
	    {401, JSON, "{\"message\":\"missing scopes\"}", -EACCES,
		SCOPE_ACCOUNT, WHEN_LATER, FINAL, "lacks a right"},
	    {401, TEXT, "invalid key", -EACCES, SCOPE_ACCOUNT, WHEN_LATER,
		FINAL, "API key is not valid"},
	    {401, TEXT, "invalid app key", -EACCES, SCOPE_ACCOUNT, WHEN_LATER,
		FINAL, "API key is not valid"},
	    {401, TEXT, "invalid token", -EACCES, SCOPE_ACCOUNT, WHEN_LATER,
		FINAL, "wrong, expired or revoked"},
	    {401, TEXT, "expired token", -EACCES, SCOPE_ACCOUNT, WHEN_LATER,
		FINAL, "has expired"},
	    {401, TEXT, "unauthorized board list requested 5e83", -EACCES,
		SCOPE_OBJECT, WHEN_NEVER, FINAL, "no right"},
	    {401, TEXT, "unauthorized board requested", -EACCES, SCOPE_OBJECT,
		WHEN_NEVER, FINAL, "no right"},
	    {400, TEXT, "invalid id", -EINVAL, SCOPE_OBJECT, WHEN_NEVER, FINAL,
		"Trello says 400 invalid id"},
	    {401, HTML, "<html>Log in</html>", -ENETUNREACH, SCOPE_NETWORK,
		WHEN_LATER, FINAL, "not Trello"},
	    /* Limits. */
	    {429, JSON,
		"{\"error\":\"API_TOKEN_LIMIT_EXCEEDED\",\"message\":\"Rate "
		"limit exceeded\"}",
		-EAGAIN, SCOPE_NETWORK, WHEN_LATER, AGAIN,
		"429 API_TOKEN_LIMIT_EXCEEDED: Rate limit exceeded"},
	    {429, JSON,
		"{\"message\":\"Exceeded rate limit to "
		"/1/member\",\"error\":\"RATE_LIMIT_EXCEEDED\"}",
		-EAGAIN, SCOPE_NETWORK, WHEN_LATER, AGAIN, "/1/member"},
	    {429, TEXT, "", -EAGAIN, SCOPE_NETWORK, WHEN_LATER, AGAIN,
		"rate limit"},
	    {429, HTML, "<html>", -EAGAIN, SCOPE_NETWORK, WHEN_LATER, AGAIN,
		"rate limit"},
	    /* Requests that are wrong. */
	    {400, TEXT, "Invalid objectId", -EINVAL, SCOPE_OBJECT, WHEN_NEVER,
		FINAL, "Invalid objectId"},
	    {400, TEXT, "invalid value for name", -EINVAL, SCOPE_OBJECT,
		WHEN_NEVER, FINAL, "invalid value for name"},
	    {400, TEXT, "that label is already on the card", -EINVAL,
		SCOPE_OBJECT, WHEN_NEVER, FINAL, "already"},
	    {404, TEXT, "The requested resource was not found.", -ENOENT,
		SCOPE_OBJECT, WHEN_NEVER, FINAL, "was not found"},
	    {404, TEXT, "model not found", -ENOENT, SCOPE_OBJECT, WHEN_NEVER,
		FINAL, "model not found"},
	    {404, HTML, "<pre>Cannot PUT /1/boards</pre>", -ENOENT,
		SCOPE_OBJECT, WHEN_NEVER, FINAL, "404"},
	    {403, TEXT, "Too many checklists", -EDQUOT, SCOPE_OBJECT,
		WHEN_NEVER, FINAL, "a limit of Trello"},
	    {403, TEXT, "Custom fields are not enabled", -EPERM, SCOPE_OBJECT,
		WHEN_NEVER, FINAL, "not allowed"},
	    {403, HTML, "<html>blocked</html>", -ENETUNREACH, SCOPE_NETWORK,
		WHEN_LATER, FINAL, "not Trello"},
	    {403, JSON,
		"{\"error\":\"API_TOO_MANY_CARDS_REQUESTED\",\"message\":"
		"\"x\"}",
		-EFBIG, SCOPE_OBJECT, WHEN_NEVER, FINAL, "too many cards"},
	    {409, TEXT, "conflict", -EAGAIN, SCOPE_OBJECT, WHEN_LATER, FINAL,
		"conflict"},
	    {410, TEXT, "", -ENOENT, SCOPE_OBJECT, WHEN_NEVER, FINAL, "gone"},
	    {413, HTML, "<html>", -EFBIG, SCOPE_OBJECT, WHEN_NEVER, FINAL,
		"too large"},
	    {414, HTML, "<html>", -EIO, SCOPE_OBJECT, WHEN_NEVER, FINAL,
		"address"},
	    {422, TEXT, "odd", -EINVAL, SCOPE_OBJECT, WHEN_NEVER, FINAL, "odd"},
	    {449, JSON,
		"{\"path\":\"boards\",\"originalMessage\":\"Unauthorized\","
		"\"originalStatus\":401}",
		-EAGAIN, SCOPE_OBJECT, WHEN_LATER, FINAL, "Unauthorized"},
	    {418, TEXT, "teapot", -EIO, SCOPE_OBJECT, WHEN_NEVER, FINAL,
		"teapot"},
	    /* Servers in trouble. */
	    {408, TEXT, "", -EAGAIN, SCOPE_NETWORK, WHEN_LATER, AGAIN, "slow"},
	    {500, TEXT, "oops", -EIO, SCOPE_OBJECT, WHEN_LATER, AGAIN, "oops"},
	    {502, HTML, "<html>", -EIO, SCOPE_NETWORK, WHEN_LATER, AGAIN,
		"trouble"},
	    {503, TEXT, "", -EIO, SCOPE_NETWORK, WHEN_LATER, AGAIN, "trouble"},
	    {504, TEXT, "", -EIO, SCOPE_NETWORK, WHEN_LATER, AGAIN, "too long"},
	    {599, TEXT, "", -EIO, SCOPE_OBJECT, WHEN_LATER, AGAIN, "trouble"},
	    {407, HTML, "", -ENETUNREACH, SCOPE_NETWORK, WHEN_LATER, FINAL,
		"proxy"},
	    {511, HTML, "<html>", -ENETUNREACH, SCOPE_NETWORK, WHEN_LATER,
		FINAL, "login"},
	    /* Not Trello. */
	    {200, HTML, "<html>", -ENETUNREACH, SCOPE_NETWORK, WHEN_LATER,
		FINAL, "host.example: what answers (200) is not Trello"},
	    {200, TEXT, "hello", -ENETUNREACH, SCOPE_NETWORK, WHEN_LATER, FINAL,
		"not Trello"},
	    {302, HTML, "", -ENETUNREACH, SCOPE_NETWORK, WHEN_LATER, FINAL,
		"not Trello"},
	    /* All is well. */
	    {200, JSON, "", 0, SCOPE_NONE, WHEN_NOW, FINAL, ""},
	    {202, JSON, "", 0, SCOPE_NONE, WHEN_NOW, FINAL, ""},
	    {204, NULL, "", 0, SCOPE_NONE, WHEN_NOW, FINAL, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct reply reply = {.call = call_info(CALL_CARD),
		    .host = "host.example",
		    .sent = true,
		    .status = rows[i].status,
		    .type = rows[i].type,
		    .body = rows[i].body,
		    .body_len = strlen(rows[i].body)};
		struct remote_verdict verdict;

		assert_int_equal(verdict_make(&reply, &verdict), rows[i].again);
		assert_int_equal(verdict.status, rows[i].status);
		assert_int_equal(verdict.err, rows[i].err);
		assert_int_equal(verdict.scope, rows[i].scope);
		assert_int_equal(verdict.when, rows[i].when);
		assert_non_null(strstr(verdict.text, rows[i].says));
		assert_false(verdict.too_big);
		assert_false(verdict.unknown);
	}
}

/* Between us and Trello is a proxy that does not let us through. */
static void
test_proxy(void **state)
{
	static const struct {
		int status;
		int again;
		const char *says;
	} rows[] = {
	    {407, FINAL, "host.example: the proxy wants a login"},
	    {403, FINAL, "the proxy does not connect (it says 403)"},
	    {302, FINAL, "the proxy does not connect (it says 302)"},
	    {503, AGAIN, "the proxy does not connect (it says 503)"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct reply reply = {.call = call_info(CALL_CARD_CREATE),
		    .host = "host.example",
		    .curl_code = CURLE_RECV_ERROR,
		    .curl_text = "why",
		    .proxy_status = rows[i].status};
		struct remote_verdict verdict;

		assert_int_equal(verdict_make(&reply, &verdict), rows[i].again);
		assert_int_equal(verdict.err, -ENETUNREACH);
		assert_int_equal(verdict.scope, SCOPE_NETWORK);
		assert_int_equal(verdict.when, WHEN_LATER);
		assert_false(verdict.unknown);
		assert_non_null(strstr(verdict.text, rows[i].says));
	}
}

static void
test_curl(void **state)
{
	static const struct {
		CURLcode code;
		int err;
		int again;
		const char *says;
	} rows[] = {
	    {CURLE_COULDNT_RESOLVE_HOST, -ENETUNREACH, AGAIN,
		"host.example: cannot be found: why"},
	    {CURLE_COULDNT_RESOLVE_PROXY, -ENETUNREACH, AGAIN, "proxy"},
	    {CURLE_COULDNT_CONNECT, -ENETUNREACH, AGAIN, "cannot be reached"},
	    {CURLE_OPERATION_TIMEDOUT, -ETIMEDOUT, AGAIN, "too slow"},
	    {CURLE_PARTIAL_FILE, -EIO, AGAIN, "cut"},
	    {CURLE_GOT_NOTHING, -EIO, AGAIN, "no answer"},
	    {CURLE_SEND_ERROR, -EIO, AGAIN, "broke"},
	    {CURLE_RECV_ERROR, -EIO, AGAIN, "broke"},
	    {CURLE_HTTP2, -EIO, AGAIN, "broke"},
	    {CURLE_HTTP2_STREAM, -EIO, AGAIN, "broke"},
	    {CURLE_SSL_CONNECT_ERROR, -EPROTO, FINAL, "no safe connection"},
	    {CURLE_PEER_FAILED_VERIFICATION, -EPROTO, FINAL,
		"host.example: its certificate is not good: why"},
	    {CURLE_SSL_CACERT_BADFILE, -EPROTO, FINAL, "CA file"},
	    {CURLE_BAD_CONTENT_ENCODING, -EBADMSG, FINAL, "unpacked"},
	    {CURLE_UNSUPPORTED_PROTOCOL, -EIO, FINAL, "failed"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct reply reply = {.call = call_info(CALL_CARD),
		    .host = "host.example",
		    .curl_code = (int)rows[i].code,
		    .curl_text = "why",
		    .sent = true};
		struct remote_verdict verdict;

		assert_int_equal(verdict_make(&reply, &verdict), rows[i].again);
		assert_int_equal(verdict.err, rows[i].err);
		assert_int_equal(verdict.scope, SCOPE_NETWORK);
		assert_int_equal(verdict.when, WHEN_LATER);
		assert_non_null(strstr(verdict.text, rows[i].says));
	}
}

/* What a board's call is told that another is not. */
static void
test_too_big(void **state)
{
	static const struct {
		int status;
		CURLcode code;
		bool sent;
		const char *body;
		bool too_big;
	} rows[] = {
	    {403, CURLE_OK, true,
		"{\"error\":\"API_TOO_MANY_CARDS_REQUESTED\"}", true},
	    {400, CURLE_OK, true, "API_TOO_MANY_CARDS_REQUESTED", true},
	    {504, CURLE_OK, true, "", true},
	    {449, CURLE_OK, true, "{}", true},
	    {0, CURLE_OPERATION_TIMEDOUT, true, "", true},
	    {200, CURLE_OPERATION_TIMEDOUT, true, "", true},
	    {0, CURLE_OPERATION_TIMEDOUT, false, "", false},
	    {503, CURLE_OK, true, "", false},
	    {0, CURLE_RECV_ERROR, true, "", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct reply reply = {.call = call_info(CALL_BOARD),
		    .host = "h",
		    .status = rows[i].status,
		    .curl_code = (int)rows[i].code,
		    .sent = rows[i].sent,
		    .type = JSON,
		    .body = rows[i].body,
		    .body_len = strlen(rows[i].body)};
		struct remote_verdict verdict;
		bool again = verdict_make(&reply, &verdict);

		assert_int_equal(verdict.too_big, rows[i].too_big);
		assert_true(verdict.err != 0);
		assert_false(again && verdict.too_big);
	}
}

/* The account's own calls have no object that could be refused. */
static void
test_own_account(void **state)
{
	struct reply reply = {.call = call_info(CALL_BOARDS),
	    .host = "h",
	    .status = 401,
	    .sent = true,
	    .type = TEXT,
	    .body = "unauthorized permission requested",
	    .body_len = 33};
	struct remote_verdict verdict;

	(void)state;
	(void)verdict_make(&reply, &verdict);
	assert_int_equal(verdict.scope, SCOPE_ACCOUNT);
	assert_int_equal(verdict.when, WHEN_LATER);
}

static void
test_writes(void **state)
{
	static const struct {
		const struct call_info *call;
		int status;
		CURLcode code;
		bool sent;
		bool unknown;
		int again;
	} rows[] = {
	    {&a_post, 0, CURLE_RECV_ERROR, true, true, FINAL},
	    {&a_post, 0, CURLE_COULDNT_CONNECT, false, false, AGAIN},
	    {&a_post, 503, CURLE_OK, true, true, FINAL},
	    {&a_post, 429, CURLE_OK, true, false, AGAIN},
	    {&a_post, 408, CURLE_OK, true, true, FINAL},
	    {&a_post, 302, CURLE_OK, true, false, FINAL},
	    {&a_post, 0, CURLE_SEND_FAIL_REWIND, true, true, FINAL},
	    {&a_post, 400, CURLE_OK, true, false, FINAL},
	    {&a_post, 200, CURLE_PARTIAL_FILE, true, true, FINAL},
	    {&a_post, 200, CURLE_OK, true, false, FINAL},
	    {&a_put, 0, CURLE_RECV_ERROR, true, true, AGAIN},
	    {&a_put, 503, CURLE_OK, true, true, AGAIN},
	    {&a_put, 404, CURLE_OK, true, false, FINAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct reply reply = {.call = rows[i].call,
		    .host = "h",
		    .status = rows[i].status,
		    .curl_code = (int)rows[i].code,
		    .sent = rows[i].sent,
		    .type = JSON};
		struct remote_verdict verdict;

		assert_int_equal(verdict_make(&reply, &verdict), rows[i].again);
		assert_int_equal(verdict.unknown, rows[i].unknown);
		if (verdict.unknown)
			assert_int_equal(verdict.when, WHEN_LATER);
	}
}

static void
test_reader(void **state)
{
	struct err broken = {.code = -EBADMSG, .text = "cards.pos: a string"};
	struct err large = {.code = -EFBIG, .text = "too deep"};
	struct reply reply = {.call = call_info(CALL_BOARD),
	    .host = "h",
	    .curl_code = CURLE_WRITE_ERROR,
	    .sent = true,
	    .status = 200,
	    .type = JSON,
	    .read = &broken};
	struct remote_verdict verdict;

	(void)state;
	assert_false(verdict_make(&reply, &verdict));
	assert_int_equal(verdict.err, -EBADMSG);
	assert_int_equal(verdict.scope, SCOPE_OBJECT);
	assert_non_null(strstr(verdict.text, "cards.pos"));
	reply.cut = true;
	reply.curl_code = CURLE_OK;
	assert_true(verdict_make(&reply, &verdict));
	assert_int_equal(verdict.scope, SCOPE_NETWORK);
	reply.cut = false;
	reply.read = &large;
	assert_false(verdict_make(&reply, &verdict));
	assert_int_equal(verdict.err, -EFBIG);
	assert_int_equal(verdict.when, WHEN_NEVER);
}

/* Whatever is said: one line, printable, bounded. */
static void
test_text(void **state)
{
	static const struct {
		const char *body, *says;
	} rows[] = {
	    {" a\r\n\tb \n", "Trello says 400 a b"},
	    {"\033[2Jx\x7fy\x9bz", "Trello says 400 [2Jx y\xef\xbf\xbdz"},
	    {"{\"message\":\"m\",\"x\":[1,2]}", "Trello says 400 m"},
	    {"{\"error\":\"E\"}", "Trello says 400 E"},
	    {"{\"error\":\"E\",\"message\":\"m", "Trello says 400 E"},
	    {"{\"error\":[]}", "Trello says 400 {\"error\":[]}"},
	    {"{not json", "Trello says 400 {not json"},
	    {"<p>no</p>", "Trello says 400"},
	    {"", "Trello says 400"},
	};
	char large[4096];
	struct reply reply = {.call = call_info(CALL_CARD),
	    .host = "h",
	    .status = 400,
	    .sent = true,
	    .type = TEXT};
	struct remote_verdict verdict;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		reply.body = rows[i].body;
		reply.body_len = strlen(rows[i].body);
		(void)verdict_make(&reply, &verdict);
		assert_string_equal(verdict.text, rows[i].says);
	}
	memset(large, 'x', sizeof large);
	reply.body = large;
	reply.body_len = sizeof large;
	(void)verdict_make(&reply, &verdict);
	assert_true(strlen(verdict.text) < 200);
}

static void
test_redirect(void **state)
{
	struct reply reply = {.call = call_info(CALL_CARD),
	    .host = "api.example",
	    .status = 307,
	    .sent = true,
	    .redirect = "https://other.example/x?token=abc"};
	struct remote_verdict verdict;

	(void)state;
	assert_false(verdict_make(&reply, &verdict));
	assert_string_equal(verdict.text,
	    "api.example: leads to https://other.example/x, which is not "
	    "followed");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_status),
    cmocka_unit_test(test_proxy),
    cmocka_unit_test(test_curl),
    cmocka_unit_test(test_too_big),
    cmocka_unit_test(test_own_account),
    cmocka_unit_test(test_writes),
    cmocka_unit_test(test_reader),
    cmocka_unit_test(test_text),
    cmocka_unit_test(test_redirect),
};
UNIT_MAIN(tests)
