/* Signatures of OAuth 1.0a, by published examples. */

#include "unit.h"

#include "trello/oauth1.h"
#include "util/buf.h"
#include "util/secret.h"

#include <errno.h>
#include <string.h>

#define PARAMS_MAX 8

static size_t
count(const struct oauth1_param *params)
{
	size_t n = 0;

	while (n < PARAMS_MAX && params[n].name != NULL)
		n++;
	return n;
}

struct base_row {
	const char *method, *url, *form;
	struct oauth1_param params[PARAMS_MAX];
	const char *base;
};

static const struct base_row base_rows[] = {
    /* RFC 5849, 3.4.1.1 */
    {"POST", "http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b",
	"c2&a3=2+q",
	{{"oauth_consumer_key", "9djdj82h48djs9d2"},
	    {"oauth_token", "kkk9d7dh3k39sjv7"},
	    {"oauth_signature_method", "HMAC-SHA1"},
	    {"oauth_timestamp", "137131201"}, {"oauth_nonce", "7d8f3e4a"}},
	"POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26"
	"a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D"
	"9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DH"
	"MAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv"
	"7"},
    /* 3.4.1.2 */
    {"get", "HTTP://EXAMPLE.COM:80/r%20v/X?id=123", NULL, {{0}},
	"GET&http%3A%2F%2Fexample.com%2Fr%2520v%2FX&id%3D123"},
    {"GET", "https://www.example.net:8080/?q=1", NULL, {{0}},
	"GET&https%3A%2F%2Fwww.example.net%3A8080%2F&q%3D1"},
    /* OAuth Core 1.0a, A.5.1 */
    {"GET", "http://photos.example.net/photos?file=vacation.jpg&size=original",
	NULL,
	{{"oauth_consumer_key", "dpf43f3p2l4k3l03"},
	    {"oauth_token", "nnch734d00sl2jdk"},
	    {"oauth_signature_method", "HMAC-SHA1"},
	    {"oauth_timestamp", "1191242096"},
	    {"oauth_nonce", "kllo9940pd9333jh"}, {"oauth_version", "1.0"}},
	"GET&http%3A%2F%2Fphotos.example.net%2Fphotos&file%3Dvacation.jpg%26oau"
	"th_consumer_key%3Ddpf43f3p2l4k3l03%26oauth_nonce%3Dkllo9940pd9333jh%26"
	"oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D1191242096%26oa"
	"uth_token%3Dnnch734d00sl2jdk%26oauth_version%3D1.0%26size%3Doriginal"},
    /* Equal names are sorted by value, and by bytes of what is encoded. */
    {"PUT", "https://h/p?a=c&a=b&a=%C3%BC&a=z&b=1&a%21=2", "", {{"a", "b"}},
	"PUT&https%3A%2F%2Fh%2Fp&a%3D%25C3%25BC%26a%3Db%26a%3Db%26a%3Dc%26a%3Dz"
	"%26a%2521%3D2%26b%3D1"},
    {"GET", "https://h:443?&&x&=y&#frag?z=1", NULL, {{0}},
	"GET&https%3A%2F%2Fh%2F&%3Dy%26x%3D"},
    {"GET", "https://[::1]:4430/1/x%2f", NULL, {{0}},
	"GET&https%3A%2F%2F%5B%3A%3A1%5D%3A4430%2F1%2Fx%252f&"},
    /* What is no code stays as it is. */
    {"POST", "https://h/", "a=%zz&b=%4&c=%&d=%4a", {{0}},
	"POST&https%3A%2F%2Fh%2F&a%3D%2525zz%26b%3D%25254%26c%3D%2525%26d%3DJ"},
};

static void
test_base_string(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof base_rows / sizeof *base_rows; i++) {
		const struct base_row *row = &base_rows[i];
		const struct oauth1_request request = {row->method, row->url,
		    row->form, row->params, count(row->params)};
		struct buf out = BUF_INIT;

		assert_int_equal(oauth1_base_string(&request, &out), 0);
		assert_string_equal(buf_str(&out), row->base);
		buf_wipe(&out);
	}
}

static void
test_bad_addresses(void **state)
{
	static const char *const urls[] = {"", "h/", "ftp://h/", "https://",
	    "https:///x", "https://u:p@h/", "http://?x"};

	(void)state;
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		const struct oauth1_request request = {
		    .method = "GET", .url = urls[i]};
		struct buf out = BUF_INIT;

		assert_int_equal(oauth1_base_string(&request, &out), -EINVAL);
		buf_wipe(&out);
	}
}

#define CONSUMER "dpf43f3p2l4k3l03"
#define CONSUMER_SECRET "kd94hf93k423kf44"

struct sign_row {
	const char *method, *url, *token_secret;
	struct oauth1_param params[PARAMS_MAX];
	const char *signature;
};

static const struct sign_row sign_rows[] = {
    /* RFC 5849, 1.2 */
    {"POST", "https://photos.example.net/initiate", "",
	{{"oauth_consumer_key", CONSUMER},
	    {"oauth_signature_method", "HMAC-SHA1"},
	    {"oauth_timestamp", "137131200"}, {"oauth_nonce", "wIjqoS"},
	    {"oauth_callback", "http://printer.example.com/ready"}},
	"74KNZJeDHnMBp0EMJ9ZHt/XKycU="},
    {"POST", "https://photos.example.net/token", "hdhd0244k9j7ao03",
	{{"oauth_consumer_key", CONSUMER}, {"oauth_token", "hh5s93j4hdidpola"},
	    {"oauth_signature_method", "HMAC-SHA1"},
	    {"oauth_timestamp", "137131201"}, {"oauth_nonce", "walatlh"},
	    {"oauth_verifier", "hfdp7dh39dks9884"}},
	"gKgrFCywp7rO0OXSjdot/IHF7IU="},
    {"GET", "http://photos.example.net/photos?file=vacation.jpg&size=original",
	"pfkkdhi9sl3r4s00",
	{{"oauth_consumer_key", CONSUMER}, {"oauth_token", "nnch734d00sl2jdk"},
	    {"oauth_signature_method", "HMAC-SHA1"},
	    {"oauth_timestamp", "137131202"}, {"oauth_nonce", "chapoH"}},
	"MdpQcU8iPSUjWoN/UDMsK2sui9I="},
    /* OAuth Core 1.0a, A.5.3 */
    {"GET", "http://photos.example.net/photos?file=vacation.jpg&size=original",
	"pfkkdhi9sl3r4s00",
	{{"oauth_consumer_key", CONSUMER}, {"oauth_token", "nnch734d00sl2jdk"},
	    {"oauth_signature_method", "HMAC-SHA1"},
	    {"oauth_timestamp", "1191242096"},
	    {"oauth_nonce", "kllo9940pd9333jh"}, {"oauth_version", "1.0"}},
	"tR3+Ty81lMeYAr/Fid0kMTYa/WM="},
};

static void
sign(const char *base, const char *consumer_secret, const char *token_secret,
    char signature[OAUTH1_SIGNATURE_SIZE])
{
	struct secret consumer = SECRET_INIT, token = SECRET_INIT;

	assert_int_equal(
	    secret_set(&consumer, consumer_secret, strlen(consumer_secret)), 0);
	assert_int_equal(
	    secret_set(&token, token_secret, strlen(token_secret)), 0);
	assert_int_equal(
	    oauth1_sign(base, strlen(base), &consumer, &token, signature), 0);
	secret_fini(&consumer);
	secret_fini(&token);
}

static void
test_sign(void **state)
{
	char signature[OAUTH1_SIGNATURE_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof sign_rows / sizeof *sign_rows; i++) {
		const struct sign_row *row = &sign_rows[i];
		const struct oauth1_request request = {row->method, row->url,
		    NULL, row->params, count(row->params)};
		struct buf base = BUF_INIT;

		assert_int_equal(oauth1_base_string(&request, &base), 0);
		sign(buf_str(&base), CONSUMER_SECRET, row->token_secret,
		    signature);
		assert_string_equal(signature, row->signature);
		buf_wipe(&base);
	}
}

/* The secrets are encoded too: the key is "a%26b%2F&%20c". Checked against
 * openssl dgst -sha1 -hmac. */
static void
test_secrets_are_encoded(void **state)
{
	char signature[OAUTH1_SIGNATURE_SIZE];

	(void)state;
	sign("base", "a&b/", " c", signature);
	assert_string_equal(signature, "y4idgtptwrrSl7j8/voOxwi4M+A=");
}

static void
test_escape(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	assert_int_equal(oauth1_escape("aZ09-._~ +%&=/\0\xff", 16, &out), 0);
	assert_string_equal(buf_str(&out), "aZ09-._~%20%2B%25%26%3D%2F%00%FF");
	buf_free(&out);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_base_string),
    cmocka_unit_test(test_bad_addresses),
    cmocka_unit_test(test_sign),
    cmocka_unit_test(test_secrets_are_encoded),
    cmocka_unit_test(test_escape),
};
UNIT_MAIN(tests)
