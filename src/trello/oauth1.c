#include "trello/oauth1.h"

#include "util/buf.h"
#include "util/secret.h"
#include "util/vec.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* One parameter, encoded, as places in the text of all of them. */
struct pair {
	size_t name, name_len;
	size_t value, value_len;
};

/* All parameters of a request, from its query, form and header. */
struct pairs {
	struct buf text;
	VEC(struct pair) list;
};

static bool
is_unreserved(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	       c == '~';
}

static void
escape_byte(unsigned char c, struct buf *out)
{
	static const char digits[] = "0123456789ABCDEF";
	char code[3] = {'%', digits[c >> 4], digits[c & 15]};

	if (is_unreserved(c))
		(void)buf_add_char(out, (char)c);
	else
		(void)buf_add(out, code, sizeof code);
}

int
oauth1_escape(const char *data, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len; i++)
		escape_byte((unsigned char)data[i], out);
	return out->err;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Append what a query or a form holds, decoded and encoded anew: others write
 * "+" for a space, and may encode more, or with small letters. */
static void
escape_again(const char *data, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len; i++) {
		int high = -1, low = -1;

		if (data[i] == '%' && i + 2 < len) {
			high = hex_digit(data[i + 1]);
			low = hex_digit(data[i + 2]);
		}
		if (high >= 0 && low >= 0) {
			escape_byte((unsigned char)(high * 16 + low), out);
			i += 2;
		} else if (data[i] == '+') {
			escape_byte(' ', out);
		} else {
			escape_byte((unsigned char)data[i], out);
		}
	}
}

typedef void escape_fn(const char *data, size_t len, struct buf *out);

static void
escape_plain(const char *data, size_t len, struct buf *out)
{
	(void)oauth1_escape(data, len, out);
}

static int
add_pair(struct pairs *pairs, escape_fn *escape, const char *name,
    size_t name_len, const char *value, size_t value_len)
{
	struct pair *pair = VEC_ADD(&pairs->list);

	if (pair == NULL)
		return -ENOMEM;
	pair->name = pairs->text.len;
	escape(name, name_len, &pairs->text);
	pair->name_len = pairs->text.len - pair->name;
	pair->value = pairs->text.len;
	escape(value, value_len, &pairs->text);
	pair->value_len = pairs->text.len - pair->value;
	return pairs->text.err;
}

/* "a=b&c=d", of a query or a form. */
static int
add_form(struct pairs *pairs, const char *form, size_t len)
{
	const char *end = form + len;
	int r = 0;

	while (r == 0 && form < end) {
		const char *stop = memchr(form, '&', (size_t)(end - form));
		const char *equals;

		if (stop == NULL)
			stop = end;
		equals = memchr(form, '=', (size_t)(stop - form));
		if (equals == NULL)
			equals = stop;
		if (stop > form)
			r = add_pair(pairs, escape_again, form,
			    (size_t)(equals - form), equals + (equals < stop),
			    (size_t)(stop - equals) - (equals < stop));
		form = stop + (stop < end);
	}
	return r;
}

static int
compare_bytes(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

	if (order != 0 || a_len == b_len)
		return order;
	return a_len < b_len ? -1 : 1;
}

static int
compare_pairs(const void *a, const void *b, void *cookie)
{
	const char *text = cookie;
	const struct pair *x = a, *y = b;
	int order = compare_bytes(
	    text + x->name, x->name_len, text + y->name, y->name_len);

	if (order != 0)
		return order;
	return compare_bytes(
	    text + x->value, x->value_len, text + y->value, y->value_len);
}

/* What can come of it at most, so that nothing that holds a token is left
 * behind by a buffer that grows. */
static size_t
room(const struct oauth1_request *request)
{
	size_t len = strlen(request->url);

	if (request->form != NULL)
		len += strlen(request->form);
	for (size_t i = 0; i < request->n_params; i++)
		len += strlen(request->params[i].name) +
		       strlen(request->params[i].value) + 2;
	return 3 * len + 1;
}

static int
collect(const struct oauth1_request *request, struct pairs *pairs)
{
	const char *query = strchr(request->url, '?');
	int r = buf_reserve(&pairs->text, room(request));

	if (r == 0 && query != NULL)
		r = add_form(pairs, query + 1, strcspn(query + 1, "#"));
	if (r == 0 && request->form != NULL)
		r = add_form(pairs, request->form, strlen(request->form));
	for (size_t i = 0; r == 0 && i < request->n_params; i++) {
		const struct oauth1_param *param = &request->params[i];

		r = add_pair(pairs, escape_plain, param->name,
		    strlen(param->name), param->value, strlen(param->value));
	}
	if (r == 0 && pairs->list.n > 0)
		qsort_r(pairs->list.v, pairs->list.n, sizeof *pairs->list.v,
		    compare_pairs, pairs->text.data);
	return r;
}

/* Section 3.4.1.2: scheme and host in small letters, no usual port, no query;
 * encoded. */
static int
add_address(const char *url, struct buf *out)
{
	bool tls = strncasecmp(url, "https://", 8) == 0;
	const char *host, *path, *port;
	size_t host_len, path_len;

	if (!tls && strncasecmp(url, "http://", 7) != 0)
		return -EINVAL;
	host = url + (tls ? 8 : 7);
	host_len = strcspn(host, "/?#");
	path = host + host_len;
	path_len = strcspn(path, "?#");
	if (host_len == 0 || memchr(host, '@', host_len) != NULL)
		return -EINVAL;
	port = memrchr(host, ':', host_len);
	if (port != NULL &&
	    (size_t)(path - port) == strlen(tls ? ":443" : ":80") &&
	    memcmp(port, tls ? ":443" : ":80", (size_t)(path - port)) == 0)
		host_len = (size_t)(port - host);
	(void)buf_add_str(out, tls ? "https%3A%2F%2F" : "http%3A%2F%2F");
	for (size_t i = 0; i < host_len; i++) {
		char c = host[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		escape_byte((unsigned char)c, out);
	}
	return path_len > 0 ? oauth1_escape(path, path_len, out)
			    : oauth1_escape("/", 1, out);
}

int
oauth1_base_string(const struct oauth1_request *request, struct buf *out)
{
	struct pairs pairs = {0};
	int r = collect(request, &pairs);

	if (r == 0)
		r = buf_reserve(out, 3 * (pairs.text.len + 2 * pairs.list.n) +
					 3 * strlen(request->url) + 32);
	for (const char *p = request->method; r == 0 && *p != '\0'; p++)
		r = buf_add_char(
		    out, *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p);
	if (r == 0)
		r = buf_add_char(out, '&');
	if (r == 0)
		r = add_address(request->url, out);
	if (r == 0)
		r = buf_add_char(out, '&');
	for (size_t i = 0; r == 0 && i < pairs.list.n; i++) {
		const struct pair *pair = &pairs.list.v[i];

		if (i > 0)
			(void)buf_add_str(out, "%26");
		(void)oauth1_escape(
		    pairs.text.data + pair->name, pair->name_len, out);
		(void)buf_add_str(out, "%3D");
		r = oauth1_escape(
		    pairs.text.data + pair->value, pair->value_len, out);
	}
	buf_wipe(&pairs.text);
	VEC_FREE(&pairs.list);
	return r;
}

static int
make_key(const struct secret *consumer_secret,
    const struct secret *token_secret, struct buf *key)
{
	int r = buf_reserve(
	    key, 3 * (consumer_secret->len + token_secret->len) + 2);

	if (r == 0)
		r = oauth1_escape(
		    consumer_secret->data, consumer_secret->len, key);
	if (r == 0)
		r = buf_add_char(key, '&');
	if (r == 0)
		r = oauth1_escape(token_secret->data, token_secret->len, key);
	return r;
}

int
oauth1_sign(const char *base, size_t len, const struct secret *consumer_secret,
    const struct secret *token_secret,
    char ret_signature[OAUTH1_SIGNATURE_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	struct buf key = BUF_INIT;
	unsigned digest_len = 0;
	int r = make_key(consumer_secret, token_secret, &key);

	if (r == 0 && (HMAC(EVP_sha1(), key.data, (int)key.len,
			   (const unsigned char *)base, len, digest,
			   &digest_len) == NULL ||
			  digest_len != 20))
		r = -EIO;
	if (r == 0)
		(void)EVP_EncodeBlock(
		    (unsigned char *)ret_signature, digest, (int)digest_len);
	buf_wipe(&key);
	return r;
}
