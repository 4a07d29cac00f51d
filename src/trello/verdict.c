#include "trello/verdict.h"

#include "trello/calls.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/utf8.h"
#include "json/json_reader.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Of what a server said, this much is told. */
#define SAID_MAX 120

enum {
	AGAIN = 1,   /* worth another try after a short wait */
	TOO_BIG = 2, /* of a board: ask for it in parts */
};

/* What a status means; the first row that fits. */
struct status_row {
	int status;
	const char *says; /* in the body, whatever the case; NULL: anything */
	int err;
	enum remote_scope scope;
	enum remote_when when;
	unsigned flags;
	const char *text; /* NULL: only what was said */
};

/* clang-format off */
static const struct status_row status_rows[] = {
{0, "API_TOO_MANY_CARDS_REQUESTED", -EFBIG, SCOPE_OBJECT, WHEN_NEVER, TOO_BIG,
	"too many cards for one request"},
{400, NULL, -EINVAL, SCOPE_OBJECT, WHEN_NEVER, 0, NULL},
{401, "invalid key", -EACCES, SCOPE_ACCOUNT, WHEN_LATER, 0,
	"the API key is not valid"},
{401, "invalid app key", -EACCES, SCOPE_ACCOUNT, WHEN_LATER, 0,
	"the API key is not valid"},
{401, "expired token", -EACCES, SCOPE_ACCOUNT, WHEN_LATER, 0,
	"the token has expired"},
{401, "invalid token", -EACCES, SCOPE_ACCOUNT, WHEN_LATER, 0,
	"the token is wrong, expired or revoked"},
{401, "nonce", -EACCES, SCOPE_ACCOUNT, WHEN_LATER, 0,
	"the signature is refused: its nonce was used before"},
{401, "timestamp", -EACCES, SCOPE_ACCOUNT, WHEN_LATER, 0,
	"the signature is refused: is this machine's clock right?"},
{401, "signature", -EACCES, SCOPE_ACCOUNT, WHEN_LATER, 0,
	"the signature is refused: one of the secrets is wrong"},
{401, "missing scopes", -EACCES, SCOPE_ACCOUNT, WHEN_LATER, 0,
	"the token lacks a right"},
{401, NULL, -EACCES, SCOPE_OBJECT, WHEN_NEVER, 0, "no right to this"},
{403, "too many", -EDQUOT, SCOPE_OBJECT, WHEN_NEVER, 0,
	"a limit of Trello is reached"},
{403, "limit", -EDQUOT, SCOPE_OBJECT, WHEN_NEVER, 0,
	"a limit of Trello is reached"},
{403, NULL, -EPERM, SCOPE_OBJECT, WHEN_NEVER, 0, "not allowed"},
{404, NULL, -ENOENT, SCOPE_OBJECT, WHEN_NEVER, 0, "not there"},
{407, NULL, -ENETUNREACH, SCOPE_NETWORK, WHEN_LATER, 0,
	"the proxy wants a login"},
{408, NULL, -EAGAIN, SCOPE_NETWORK, WHEN_LATER, AGAIN, "too slow"},
{409, NULL, -EAGAIN, SCOPE_OBJECT, WHEN_LATER, 0, "in conflict"},
{410, NULL, -ENOENT, SCOPE_OBJECT, WHEN_NEVER, 0, "gone"},
{413, NULL, -EFBIG, SCOPE_OBJECT, WHEN_NEVER, 0, "too large for Trello"},
{414, NULL, -EIO, SCOPE_OBJECT, WHEN_NEVER, 0, "the address is too long"},
{422, NULL, -EINVAL, SCOPE_OBJECT, WHEN_NEVER, 0, NULL},
{429, NULL, -EAGAIN, SCOPE_NETWORK, WHEN_LATER, AGAIN,
	"over Trello's rate limit"},
{449, NULL, -EAGAIN, SCOPE_OBJECT, WHEN_LATER, TOO_BIG,
	"a part of the request failed"},
{500, NULL, -EIO, SCOPE_OBJECT, WHEN_LATER, AGAIN, "Trello is in trouble"},
{502, NULL, -EIO, SCOPE_NETWORK, WHEN_LATER, AGAIN, "Trello is in trouble"},
{503, NULL, -EIO, SCOPE_NETWORK, WHEN_LATER, AGAIN, "Trello is in trouble"},
{504, NULL, -EIO, SCOPE_NETWORK, WHEN_LATER, AGAIN | TOO_BIG,
	"Trello took too long"},
{511, NULL, -ENETUNREACH, SCOPE_NETWORK, WHEN_LATER, 0,
	"the network wants a login"},
};
static const struct status_row other_4xx =
{0, NULL, -EIO, SCOPE_OBJECT, WHEN_NEVER, 0, "an answer nobody expected"};
static const struct status_row other_5xx =
{0, NULL, -EIO, SCOPE_OBJECT, WHEN_LATER, AGAIN, "Trello is in trouble"};

/* What libcurl's codes mean: the host is put before the text. */
static const struct curl_row {
	CURLcode code;
	int err;
	unsigned flags;
	const char *text;
} curl_rows[] = {
{CURLE_COULDNT_RESOLVE_PROXY, -ENETUNREACH, AGAIN, "the proxy is not known"},
{CURLE_COULDNT_RESOLVE_HOST, -ENETUNREACH, AGAIN, "cannot be found"},
{CURLE_COULDNT_CONNECT, -ENETUNREACH, AGAIN, "cannot be reached"},
{CURLE_OPERATION_TIMEDOUT, -ETIMEDOUT, AGAIN | TOO_BIG, "is too slow"},
{CURLE_PARTIAL_FILE, -EIO, AGAIN, "the answer was cut"},
{CURLE_GOT_NOTHING, -EIO, AGAIN, "there was no answer"},
{CURLE_SEND_ERROR, -EIO, AGAIN, "the connection broke"},
{CURLE_SEND_FAIL_REWIND, -EIO, AGAIN, "the connection broke"},
{CURLE_RECV_ERROR, -EIO, AGAIN, "the connection broke"},
{CURLE_HTTP2, -EIO, AGAIN, "the connection broke"},
{CURLE_HTTP2_STREAM, -EIO, AGAIN, "the connection broke"},
{CURLE_SSL_CONNECT_ERROR, -EPROTO, 0, "no safe connection"},
{CURLE_PEER_FAILED_VERIFICATION, -EPROTO, 0, "its certificate is not good"},
{CURLE_SSL_ISSUER_ERROR, -EPROTO, 0, "its certificate is not good"},
{CURLE_SSL_INVALIDCERTSTATUS, -EPROTO, 0, "its certificate is not good"},
{CURLE_SSL_CACERT_BADFILE, -EPROTO, 0, "the CA file cannot be used"},
{CURLE_BAD_CONTENT_ENCODING, -EBADMSG, 0, "the answer cannot be unpacked"},
};
static const struct curl_row other_curl =
{CURLE_OK, -EIO, 0, "the request failed"};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* An error's body, if it is JSON: any of these may be there. */
struct said {
	char *error;
	char *message;
	char *original;
};

static const struct json_field said_fields[] = {
    {.key = "error",
	.type = JSON_STRING,
	.offset = offsetof(struct said, error)},
    {.key = "message",
	.type = JSON_STRING,
	.offset = offsetof(struct said, message)},
    {.key = "originalMessage",
	.type = JSON_STRING,
	.offset = offsetof(struct said, original)},
    {.key = NULL},
};
static const struct json_shape said_shape = {
    .fields = said_fields,
    .element_size = sizeof(struct said),
};

/* Whether needle stands in s, whatever the case. */
static bool
contains(const char *s, const char *needle)
{
	size_t len = strlen(needle);

	for (; *s != '\0'; s++)
		if (strncasecmp(s, needle, len) == 0)
			return true;
	return false;
}

/* One line, printable, bounded. */
static void
add_line(struct buf *out, const char *s, size_t len)
{
	size_t end = out->len + SAID_MAX;
	bool space = false;

	while (len > 0 && out->len < end) {
		uint32_t cp;
		size_t n = utf8_decode(s, len, &cp, NULL);

		if (cp <= 0x20 || (cp >= 0x7f && cp < 0xa0))
			space = true;
		else {
			if (space && out->len > 0)
				(void)buf_add_char(out, ' ');
			space = false;
			(void)utf8_add(out, cp);
		}
		s += n;
		len -= n;
	}
}

/* What an error's body says: JSON's members, or the plain text. */
static void
read_body(const struct reply *reply, struct buf *out)
{
	const char *body = reply->body;
	size_t len = reply->body_len;
	struct said said = {0};
	struct json_reader *reader = NULL;

	while (len > 0 && (unsigned char)*body <= ' ')
		body++, len--;
	if (len == 0 || *body == '<')
		return; /* HTML says nothing to a person in one line */
	if (*body == '{')
		reader = json_reader_new(
		    &said_shape, false, &said, &JSON_LIMITS_DEFAULT);
	if (reader != NULL)
		(void)json_reader_feed(reader, body, len, NULL);
	json_reader_free(reader);
	if (said.error == NULL && said.message == NULL && said.original == NULL)
		add_line(out, body, len);
	if (said.error != NULL)
		add_line(out, said.error, strlen(said.error));
	for (int i = 0; i < 2; i++) {
		const char *s = i == 0 ? said.message : said.original;

		if (s == NULL)
			continue;
		if (out->len > 0)
			(void)buf_add_str(out, ": ");
		add_line(out, s, strlen(s));
	}
	free(said.error);
	free(said.message);
	free(said.original);
}

static const struct status_row *
find_status(int status, const char *said)
{
	for (size_t i = 0; i < COUNT(status_rows); i++) {
		const struct status_row *row = &status_rows[i];

		if (row->status != 0 && row->status != status)
			continue;
		if (row->says == NULL || contains(said, row->says))
			return row;
	}
	return status >= 500 ? &other_5xx : &other_4xx;
}

static bool
is_html(const struct reply *reply)
{
	size_t i = 0;

	if (reply->type != NULL && contains(reply->type, "html"))
		return true;
	while (i < reply->body_len && (unsigned char)reply->body[i] <= ' ')
		i++;
	return i < reply->body_len && reply->body[i] == '<';
}

bool
verdict_is_json(const char *type)
{
	return type != NULL && contains(type, "json");
}

static void
set_text(struct remote_verdict *verdict, const struct buf *text)
{
	size_t len =
	    utf8_cut(buf_str(text), text->len, sizeof verdict->text - 1);

	if (len > 0)
		memcpy(verdict->text, text->data, len);
	verdict->text[len] = '\0';
}

/* Something other than Trello answers: a proxy, the login page of a hotel. */
static bool
judge_stranger(
    const struct reply *reply, struct remote_verdict *verdict, struct buf *text)
{
	verdict->err = -ENETUNREACH;
	verdict->scope = SCOPE_NETWORK;
	verdict->when = WHEN_LATER;
	(void)buf_printf(text, "%s: ", reply->host);
	if (reply->redirect != NULL) {
		(void)buf_add_str(text, "leads to ");
		add_line(text, reply->redirect, strcspn(reply->redirect, "?#"));
		(void)buf_add_str(text, ", which is not followed");
	} else {
		(void)buf_printf(text,
		    "what answers (%d) is not Trello: does this network "
		    "want a login?",
		    reply->status);
	}
	return false;
}

/* What fails for a question about the whole account says nothing of one
 * object; writes name theirs in the body. */
static bool
is_of_account(const struct call_info *call)
{
	return call->method == METHOD_GET &&
	       strstr(call->route, "{id}") == NULL;
}

static bool
judge_status(
    const struct reply *reply, struct remote_verdict *verdict, struct buf *text)
{
	const struct status_row *row;
	struct buf said = BUF_INIT;

	read_body(reply, &said);
	row = find_status(reply->status, buf_str(&said));
	verdict->err = row->err;
	verdict->scope = row->scope;
	verdict->when = row->when;
	verdict->too_big =
	    (row->flags & TOO_BIG) != 0 && reply->call->may_be_too_big;
	if (is_of_account(reply->call) && reply->status == 401) {
		verdict->scope = SCOPE_ACCOUNT;
		verdict->when = WHEN_LATER;
	} else if (is_of_account(reply->call) && reply->status >= 500 &&
		   reply->call != call_info(CALL_BATCH)) {
		verdict->scope = SCOPE_NETWORK;
	}
	if (row->text != NULL)
		(void)buf_printf(text, "%s (", row->text);
	(void)buf_printf(text, "Trello says %d", reply->status);
	if (said.len > 0)
		(void)buf_printf(text, " %s", buf_str(&said));
	if (row->text != NULL)
		(void)buf_add_char(text, ')');
	buf_free(&said);
	return (row->flags & AGAIN) != 0;
}

static bool
judge_curl(
    const struct reply *reply, struct remote_verdict *verdict, struct buf *text)
{
	const struct curl_row *row = &other_curl;

	for (size_t i = 0; i < COUNT(curl_rows); i++)
		if ((int)curl_rows[i].code == reply->curl_code)
			row = &curl_rows[i];
	verdict->err = row->err;
	verdict->scope = SCOPE_NETWORK;
	verdict->when = WHEN_LATER;
	verdict->too_big = (row->flags & TOO_BIG) != 0 && reply->sent &&
			   reply->call->may_be_too_big;
	if (reply->curl_code == CURLE_OUT_OF_MEMORY) {
		verdict->err = -ENOMEM;
		verdict->scope = SCOPE_OBJECT;
	}
	(void)buf_printf(text, "%s: %s", reply->host, row->text);
	if (reply->curl_text != NULL && reply->curl_text[0] != '\0') {
		(void)buf_add_str(text, ": ");
		add_line(text, reply->curl_text, strlen(reply->curl_text));
	}
	return (row->flags & AGAIN) != 0;
}

/* There is a proxy, and it does not let us through. */
static bool
judge_proxy(
    const struct reply *reply, struct remote_verdict *verdict, struct buf *text)
{
	verdict->err = -ENETUNREACH;
	verdict->scope = SCOPE_NETWORK;
	verdict->when = WHEN_LATER;
	(void)buf_printf(text, "%s: ", reply->host);
	if (reply->proxy_status == 407)
		(void)buf_add_str(
		    text, "the proxy wants a login (it says 407)");
	else
		(void)buf_printf(text,
		    "the proxy does not connect (it says %d)",
		    reply->proxy_status);
	return reply->proxy_status >= 500;
}

static bool
judge_reader(
    const struct reply *reply, struct remote_verdict *verdict, struct buf *text)
{
	verdict->err = reply->read->code;
	verdict->scope = SCOPE_OBJECT;
	if (reply->cut ||
	    (is_of_account(reply->call) && verdict->err == -EBADMSG &&
		reply->call != call_info(CALL_BATCH)))
		verdict->scope = SCOPE_NETWORK;
	verdict->when = reply->read->code == -EFBIG ? WHEN_NEVER : WHEN_LATER;
	(void)buf_printf(text, "%s: %s", reply->host,
	    reply->cut ? "the answer was cut: "
		       : "the answer cannot be read: ");
	add_line(text, reply->read->text, strlen(reply->read->text));
	return reply->cut;
}

/* A write that failed for all we know: whether it may have taken effect.  Who
 * answers with 3xx or 4xx has not done it, but 408 comes from in between. */
static bool
may_be_done(const struct reply *reply)
{
	int status = reply->status;

	if (reply->call->method == METHOD_GET || !reply->sent)
		return false;
	return status < 300 || status >= 500 || status == 408;
}

bool
verdict_make(const struct reply *reply, struct remote_verdict *ret_verdict)
{
	struct remote_verdict verdict = {.status = reply->status};
	struct buf text = BUF_INIT;
	int status = reply->status;
	bool good = status >= 200 && status < 300;
	bool again = false;

	if (reply->read != NULL && reply->read->code != 0)
		again = judge_reader(reply, &verdict, &text);
	else if (status >= 300 && status < 400)
		again = judge_stranger(reply, &verdict, &text);
	else if ((good || status == 401 || status == 403) && is_html(reply))
		again = judge_stranger(reply, &verdict, &text);
	else if (status >= 400)
		again = judge_status(reply, &verdict, &text);
	else if (status == 0 && reply->proxy_status >= 300)
		again = judge_proxy(reply, &verdict, &text);
	else if (reply->curl_code != 0 || status < 200)
		again = judge_curl(reply, &verdict, &text);
	else if (reply->type != NULL && !verdict_is_json(reply->type))
		again = judge_stranger(reply, &verdict, &text);
	if (verdict.err != 0 && may_be_done(reply)) {
		verdict.unknown = true;
		verdict.when = WHEN_LATER;
		again = again && reply->call->method != METHOD_POST;
	}
	set_text(&verdict, &text);
	buf_free(&text);
	*ret_verdict = verdict;
	return again && !verdict.too_big;
}
