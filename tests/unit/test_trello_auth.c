/* The Authorization header, and the secrets in it. */

#include "unit.h"

#include "trello/auth.h"
#include "trello/authorize.h"
#include "trello/oauth1.h"
#include "util/buf.h"

#include <errno.h>
#include <string.h>

static struct credentials
make(enum auth_kind kind, const char *key, const char *token)
{
	struct credentials credentials = {.kind = kind};

	assert_int_equal(secret_set(&credentials.key, key, strlen(key)), 0);
	assert_int_equal(
	    secret_set(&credentials.token, token, strlen(token)), 0);
	return credentials;
}

static void
test_header(void **state)
{
	static const struct {
		enum auth_kind kind;
		const char *key, *token;
		int r;
		const char *header;
	} rows[] = {
	    {AUTH_NONE, "", "", 0, ""},
	    {AUTH_TOKEN, "abc", "ATTAdef", 0,
		"Authorization: OAuth oauth_consumer_key=\"abc\", "
		"oauth_token=\"ATTAdef\""},
	    {AUTH_BEARER, "", "a.b-c_d~e+f/g==", 0,
		"Authorization: Bearer a.b-c_d~e+f/g=="},
	    {AUTH_TOKEN, "", "t", -EINVAL, ""},
	    {AUTH_TOKEN, "k", "", -EINVAL, ""},
	    {AUTH_BEARER, "k", "", -EINVAL, ""},
	    {AUTH_TOKEN, "k", "t\r\nHost: evil", -EINVAL, ""},
	    {AUTH_TOKEN, "k\n", "t", -EINVAL, ""},
	    {AUTH_TOKEN, "k", "t\"", -EINVAL, ""},
	    {AUTH_TOKEN, "k\\", "t", -EINVAL, ""},
	    {AUTH_TOKEN, "k k", "t", -EINVAL, ""},
	    {AUTH_TOKEN, "k", "t\x7f", -EINVAL, ""},
	    {AUTH_TOKEN, "k", "t\xc3\xa9", -EINVAL, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct credentials credentials =
		    make(rows[i].kind, rows[i].key, rows[i].token);
		struct buf out = BUF_INIT;

		assert_int_equal(auth_check(&credentials), rows[i].r);
		assert_int_equal(
		    auth_header(&credentials, NULL, &out), rows[i].r);
		assert_string_equal(buf_str(&out), rows[i].header);
		buf_free(&out);
		credentials_fini(&credentials);
	}
}

/* RFC 5849, 1.2, but for oauth_version, which is optional. */
static void
test_signed_header(void **state)
{
	static const struct oauth1_param verifier = {
	    "oauth_verifier", "hfdp7dh39dks9884"};
	const struct auth_request request = {
	    .method = "POST",
	    .url = "https://photos.example.net/token?a=b%20c",
	    .form = "d=e+f",
	    .time_s = 137131201,
	    .nonce = "walatlh",
	    .params = &verifier,
	    .n_params = 1,
	};
	struct credentials credentials =
	    make(AUTH_OAUTH1, "dpf43f3p2l4k3l03", "hh5s93j4hdidpola");
	struct buf out = BUF_INIT;

	(void)state;
	assert_int_equal(auth_header(&credentials, &request, &out), -EINVAL);
	assert_int_equal(
	    secret_set(&credentials.consumer_secret, "kd94hf93k423kf44", 16),
	    0);
	assert_int_equal(auth_header(&credentials, NULL, &out), -EINVAL);
	assert_int_equal(
	    secret_set(&credentials.token_secret, "hdhd0244k9j7ao03", 16), 0);
	assert_int_equal(auth_header(&credentials, &request, &out), 0);
	assert_string_equal(buf_str(&out),
	    "Authorization: OAuth oauth_consumer_key=\"dpf43f3p2l4k3l03\", "
	    "oauth_token=\"hh5s93j4hdidpola\", "
	    "oauth_signature_method=\"HMAC-SHA1\", "
	    "oauth_timestamp=\"137131201\", oauth_nonce=\"walatlh\", "
	    "oauth_version=\"1.0\", oauth_verifier=\"hfdp7dh39dks9884\", "
	    "oauth_signature=\"NphqCI%2FvGJQNqHsKkJ6QmQ3Px0Q%3D\"");
	buf_wipe(&out);

	/* The first leg has no token yet. */
	secret_fini(&credentials.token);
	secret_fini(&credentials.token_secret);
	assert_int_equal(auth_header(&credentials, &request, &out), 0);
	assert_null(strstr(buf_str(&out), "oauth_token="));
	buf_wipe(&out);
	credentials_fini(&credentials);
}

static void
test_authorize(void **state)
{
	static const struct {
		const char *api, *name, *expiration;
		bool oauth1, write;
		const char *url;
	} rows[] = {
	    {"https://api.trello.com/1", "trellofs", "never", false, true,
		"https://trello.com/1/authorize?response_type=token&key=k1"
		"&name=trellofs&scope=read,write&expiration=never"},
	    {"https://api.trello.com/1", "a on b & c", "1hour", true, false,
		"https://trello.com/1/OAuthAuthorizeToken?oauth_token=t1"
		"&name=a%20on%20b%20%26%20c&scope=read&expiration=1hour"},
	    {"http://127.0.0.1:8/1", "n", "30days", false, false,
		"http://127.0.0.1:8/1/authorize?response_type=token&key=k1"
		"&name=n&scope=read&expiration=30days"},
	};
	struct credentials credentials = make(AUTH_TOKEN, "k1", "t1");

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct authorize asked = {
		    .key = &credentials.key,
		    .oauth1 = rows[i].oauth1 ? &credentials.token : NULL,
		    .name = rows[i].name,
		    .write = rows[i].write,
		    .expiration = rows[i].expiration,
		};
		struct buf out = BUF_INIT;

		assert_int_equal(authorize_url(rows[i].api, &asked, &out), 0);
		assert_string_equal(buf_str(&out), rows[i].url);
		buf_free(&out);
	}
	credentials_fini(&credentials);
}

static void
test_copy(void **state)
{
	struct credentials a = make(AUTH_TOKEN, "key", "token");
	struct credentials b;

	(void)state;
	assert_int_equal(credentials_copy(&a, &b), 0);
	credentials_fini(&a);
	assert_false(secret_is_set(&a.token));
	assert_int_equal(b.kind, AUTH_TOKEN);
	assert_string_equal(b.key.data, "key");
	assert_string_equal(b.token.data, "token");
	credentials_fini(&b);
}

static void
test_redact(void **state)
{
	static const struct {
		const char *secret, *text, *redacted;
	} rows[] = {
	    {"12345678", "a 12345678 b", "a ******** b"},
	    {"12345678", "12345678", "********"},
	    {"12345678", "1234567812345678", "****************"},
	    {"12345678", "112345678", "1********"},
	    {"12345678", "1234567", "1234567"}, {"12345678", "", ""},
	    {"1234567", "1234567", "1234567"}, /* found by chance */
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct secret secret = SECRET_INIT;
		char text[64];

		strcpy(text, rows[i].text);
		assert_int_equal(
		    secret_set(&secret, rows[i].secret, strlen(rows[i].secret)),
		    0);
		secret_redact(&secret, text, strlen(text));
		assert_string_equal(text, rows[i].redacted);
		secret_fini(&secret);
	}
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_header),
    cmocka_unit_test(test_signed_header),
    cmocka_unit_test(test_authorize),
    cmocka_unit_test(test_copy),
    cmocka_unit_test(test_redact),
};
UNIT_MAIN(tests)
