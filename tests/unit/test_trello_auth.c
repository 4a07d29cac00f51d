/* The Authorization header, and the secrets in it. */

#include "unit.h"

#include "trello/auth.h"
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
		assert_int_equal(auth_header(&credentials, &out), rows[i].r);
		assert_string_equal(buf_str(&out), rows[i].header);
		buf_free(&out);
		credentials_fini(&credentials);
	}
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
    cmocka_unit_test(test_copy),
    cmocka_unit_test(test_redact),
};
UNIT_MAIN(tests)
