#include "trello/oauth1_login.h"

#include "trello/auth.h"
#include "trello/authorize.h"
#include "trello/calls.h"
#include "trello/http.h"
#include "trello/http_easy.h"
#include "trello/http_message.h"
#include "trello/http_setup.h"
#include "trello/http_transfer.h"
#include "trello/oauth1.h"
#include "trello/verdict.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/timeutil.h"

#include <errno.h>
#include <string.h>

#define REPLY_MAX 4096

/* One of the two requests. */
struct leg {
	const char *route;
	struct oauth1_param param; /* the callback or the verifier */
	struct transfer_setup setup;
	struct buf url;
	struct buf reply;
	char error[CURL_ERROR_SIZE];
	int status;
	int64_t date_s; /* of the reply, -1: it had none */
};

static size_t
on_body(char *data, size_t size, size_t n, void *userdata)
{
	struct leg *leg = userdata;

	return buf_add(&leg->reply, data, size * n) == 0 ? size * n : 0;
}

static size_t
on_header(char *line, size_t size, size_t n, void *userdata)
{
	struct leg *leg = userdata;
	int64_t date_s = http_date_s(line, size * n);

	if (date_s >= 0)
		leg->date_s = date_s;
	return size * n;
}

static int
make_header(const struct leg *leg, struct curl_slist **ret_headers)
{
	char nonce[HTTP_NONCE_SIZE];
	const struct auth_request request = {
	    .method = "POST",
	    .url = buf_str(&leg->url),
	    .time_s = time_wall_ms() / 1000 + leg->setup.clock_s,
	    .nonce = nonce,
	    .params = &leg->param,
	    .n_params = 1,
	};
	struct buf line = BUF_INIT;
	int r = http_nonce(nonce);

	if (r == 0)
		r = auth_header(&leg->setup.credentials, &request, &line);
	if (r == 0) {
		*ret_headers = curl_slist_append(NULL, buf_str(&line));
		r = *ret_headers != NULL ? 0 : -ENOMEM;
	}
	buf_wipe(&line);
	return r;
}

#define SET(option, value)                                             \
	do {                                                           \
		if (curl_easy_setopt(easy, option, value) != CURLE_OK) \
			return -ENOMEM;                                \
	} while (0)

static int
set_options(CURL *easy, struct leg *leg, struct curl_slist *headers)
{
	int r = http_easy_init(easy, &leg->setup);

	if (r != 0)
		return r;
	SET(CURLOPT_URL, buf_str(&leg->url));
	SET(CURLOPT_POST, 1L);
	SET(CURLOPT_POSTFIELDS, "");
	SET(CURLOPT_HTTPHEADER, headers);
	SET(CURLOPT_ERRORBUFFER, leg->error);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, leg);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, leg);
	return 0;
}

/* The value of a name in "a=b&c=d"; what is in it is decoded. */
static int
take_value(const struct buf *reply, const char *name, struct secret *ret_value)
{
	size_t name_len = strlen(name);

	for (const char *at = buf_str(reply); *at != '\0';) {
		size_t len = strcspn(at, "&\r\n");
		const char *end = at + len;

		if (len > name_len && at[name_len] == '=' &&
		    strncmp(at, name, name_len) == 0) {
			int plain_len = 0;
			char *plain =
			    curl_easy_unescape(NULL, at + name_len + 1,
				(int)(len - name_len - 1), &plain_len);
			int r = -ENOMEM;

			if (plain != NULL) {
				r = secret_set(
				    ret_value, plain, (size_t)plain_len);
				explicit_bzero(plain, (size_t)plain_len);
			}
			curl_free(plain);
			return r;
		}
		at = end + (*end != '\0');
	}
	return -EBADMSG;
}

/* What came is the token and its secret. */
static int
take_token(const struct leg *leg, struct credentials *ret_credentials)
{
	struct credentials found;
	int r = credentials_copy(&leg->setup.credentials, &found);

	if (r != 0)
		return r;
	r = take_value(&leg->reply, "oauth_token", &found.token);
	if (r == 0)
		r = take_value(
		    &leg->reply, "oauth_token_secret", &found.token_secret);
	if (r == 0 && (found.token.len == 0 || auth_check(&found) != 0))
		r = -EBADMSG;
	if (r != 0) {
		credentials_fini(&found);
		return r;
	}
	credentials_fini(ret_credentials);
	*ret_credentials = found;
	return 0;
}

/* Say why there is no token in the answer. */
static int
judge(struct leg *leg, CURL *easy, CURLcode code, struct err *err)
{
	const struct call_info info = {
	    .method = METHOD_POST, .route = leg->route};
	struct remote_verdict verdict;
	struct reply reply = {
	    .call = &info,
	    .host = leg->setup.host,
	    .curl_code = (int)code,
	    .curl_text = leg->error,
	    .status = leg->status,
	    .body = buf_str(&leg->reply),
	    .body_len = leg->reply.len,
	};
	char *redirect = NULL, *type = NULL;

	(void)curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &redirect);
	(void)curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
	/* What a server says may repeat what it was sent. */
	credentials_redact(
	    &leg->setup.credentials, leg->error, strlen(leg->error));
	if (leg->reply.len > 0)
		credentials_redact(
		    &leg->setup.credentials, leg->reply.data, leg->reply.len);
	reply.redirect = redirect;
	reply.type = type != NULL ? type : "";
	(void)verdict_make(&reply, &verdict);
	if (verdict.err == 0)
		return err_set(err, -EBADMSG,
		    "%s: there is no token in the "
		    "answer",
		    leg->setup.host);
	return err_set(err, verdict.err, "%s", verdict.text);
}

/* One try.  -EAGAIN: the clock was wrong, and is right now. */
static int
perform(struct leg *leg, CURL *easy, struct credentials *ret_credentials,
    struct err *err)
{
	int64_t clock_s = leg->setup.clock_s;
	CURLcode code;
	long status = 0;

	code = curl_easy_perform(easy);
	(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	leg->status = (int)status;
	http_setup_learn_clock(&leg->setup, leg->date_s);
	if (status == 401 && leg->setup.clock_s != clock_s)
		return err_set(err, -EAGAIN,
		    "the signature is refused: is this machine's clock right?");
	if (code != CURLE_OK || status != 200 ||
	    take_token(leg, ret_credentials) != 0)
		return judge(leg, easy, code, err);
	return 0;
}

static int
ask_once(struct leg *leg, struct credentials *ret_credentials, struct err *err)
{
	CURL *easy = curl_easy_init();
	struct curl_slist *headers = NULL;
	int r = easy != NULL ? make_header(leg, &headers) : -ENOMEM;

	leg->date_s = -1;
	buf_clear(&leg->reply);
	if (r == 0)
		r = set_options(easy, leg, headers);
	if (r == 0)
		r = perform(leg, easy, ret_credentials, err);
	else
		err_set(err, r, "%s",
		    r == -ENOMEM ? "out of memory"
				 : "the request cannot be signed");
	curl_easy_cleanup(easy);
	http_headers_free(headers);
	return r;
}

static int
ask(struct leg *leg, const struct http_options *options,
    struct credentials *ret_credentials, struct err *err)
{
	int r;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(err, -EIO, "libcurl cannot be used");
	r = http_setup_init(&leg->setup, options, err);
	if (r != 0) {
		curl_global_cleanup();
		return r;
	}
	/* At once, so that it never moves and leaves a secret behind. */
	leg->reply.max = REPLY_MAX;
	(void)authorize_site(leg->setup.base_url, &leg->url);
	if (buf_reserve(&leg->reply, REPLY_MAX) != 0 ||
	    buf_add_str(&leg->url, leg->route) != 0)
		r = err_set(err, -ENOMEM, "out of memory");
	if (r == 0)
		r = ask_once(leg, ret_credentials, err);
	if (r == -EAGAIN)
		r = ask_once(leg, ret_credentials, err);
	buf_wipe(&leg->reply);
	buf_free(&leg->url);
	http_setup_fini(&leg->setup);
	curl_global_cleanup();
	return r;
}

int
oauth1_login_begin(const struct http_options *options, const char *callback,
    struct credentials *ret_credentials, struct err *err)
{
	struct leg leg = {.route = "/OAuthGetRequestToken",
	    .param = {"oauth_callback", callback}};

	return ask(&leg, options, ret_credentials, err);
}

int
oauth1_login_end(const struct http_options *options, const char *verifier,
    struct credentials *ret_credentials, struct err *err)
{
	struct leg leg = {.route = "/OAuthGetAccessToken",
	    .param = {"oauth_verifier", verifier}};

	return ask(&leg, options, ret_credentials, err);
}
