#include "trello/auth.h"

#include "trello/oauth1.h"
#include "util/buf.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void
credentials_fini(struct credentials *credentials)
{
	secret_fini(&credentials->key);
	secret_fini(&credentials->token);
	secret_fini(&credentials->consumer_secret);
	secret_fini(&credentials->token_secret);
	credentials->kind = AUTH_NONE;
}

static int
copy_secret(const struct secret *secret, struct secret *ret_copy)
{
	return secret_set(ret_copy, secret->data, secret->len);
}

int
credentials_copy(
    const struct credentials *credentials, struct credentials *ret_copy)
{
	struct credentials copy = {.kind = credentials->kind};

	if (copy_secret(&credentials->key, &copy.key) != 0 ||
	    copy_secret(&credentials->token, &copy.token) != 0 ||
	    copy_secret(&credentials->consumer_secret, &copy.consumer_secret) !=
		0 ||
	    copy_secret(&credentials->token_secret, &copy.token_secret) != 0) {
		credentials_fini(&copy);
		return -ENOMEM;
	}
	*ret_copy = copy;
	return 0;
}

void
credentials_redact(
    const struct credentials *credentials, char *text, size_t len)
{
	secret_redact(&credentials->token, text, len);
	secret_redact(&credentials->token_secret, text, len);
	secret_redact(&credentials->consumer_secret, text, len);
	secret_redact(&credentials->key, text, len);
}

static bool
is_good(const struct secret *secret)
{
	for (size_t i = 0; i < secret->len; i++) {
		char c = secret->data[i];

		if (c <= ' ' || c >= 0x7f || c == '"' || c == '\\')
			return false;
	}
	return secret->len > 0;
}

static bool
is_good_or_empty(const struct secret *secret)
{
	return secret->len == 0 || is_good(secret);
}

static bool
is_complete(const struct credentials *credentials)
{
	switch (credentials->kind) {
	case AUTH_NONE:
		return true;
	case AUTH_TOKEN:
		return is_good(&credentials->key) &&
		       is_good(&credentials->token);
	case AUTH_OAUTH1:
		return is_good(&credentials->key) &&
		       is_good(&credentials->consumer_secret) &&
		       is_good_or_empty(&credentials->token) &&
		       is_good_or_empty(&credentials->token_secret);
	case AUTH_BEARER:
		return is_good(&credentials->token);
	}
	return false;
}

int
auth_check(const struct credentials *credentials)
{
	return is_complete(credentials) ? 0 : -EINVAL;
}

static void
add_secret(struct buf *out, const struct secret *secret)
{
	(void)buf_add(out, secret->data, secret->len);
}

/* The parameters of a signed header, as they are signed. */
struct signed_params {
	struct oauth1_param list[6 + AUTH_PARAMS_MAX];
	size_t n;
	char time[24];
};

static void
add_param(struct signed_params *params, const char *name, const char *value)
{
	params->list[params->n++] =
	    (struct oauth1_param){.name = name, .value = value};
}

static void
collect_params(const struct credentials *credentials,
    const struct auth_request *request, struct signed_params *params)
{
	assert(request->n_params <= AUTH_PARAMS_MAX);
	params->n = 0;
	(void)snprintf(
	    params->time, sizeof params->time, "%" PRId64, request->time_s);
	add_param(params, "oauth_consumer_key", credentials->key.data);
	if (credentials->token.len > 0)
		add_param(params, "oauth_token", credentials->token.data);
	add_param(params, "oauth_signature_method", "HMAC-SHA1");
	add_param(params, "oauth_timestamp", params->time);
	add_param(params, "oauth_nonce", request->nonce);
	add_param(params, "oauth_version", "1.0");
	for (size_t i = 0; i < request->n_params; i++)
		add_param(
		    params, request->params[i].name, request->params[i].value);
}

static int
sign(const struct credentials *credentials, const struct auth_request *request,
    const struct signed_params *params,
    char ret_signature[OAUTH1_SIGNATURE_SIZE])
{
	const struct oauth1_request covered = {
	    .method = request->method,
	    .url = request->url,
	    .form = request->form,
	    .params = params->list,
	    .n_params = params->n,
	};
	struct buf base = BUF_INIT;
	int r = oauth1_base_string(&covered, &base);

	if (r == 0)
		r = oauth1_sign(buf_str(&base), base.len,
		    &credentials->consumer_secret, &credentials->token_secret,
		    ret_signature);
	buf_wipe(&base);
	return r;
}

static void
add_quoted(struct buf *out, const char *name, const char *value)
{
	(void)buf_add_str(out, name);
	(void)buf_add_str(out, "=\"");
	(void)oauth1_escape(value, strlen(value), out);
	(void)buf_add_char(out, '"');
}

static int
add_signed(const struct credentials *credentials,
    const struct auth_request *request, struct buf *out)
{
	char signature[OAUTH1_SIGNATURE_SIZE];
	struct signed_params params;
	size_t room = 256;
	int r;

	if (request == NULL)
		return -EINVAL;
	collect_params(credentials, request, &params);
	r = sign(credentials, request, &params, signature);
	if (r != 0)
		return r;
	for (size_t i = 0; i < params.n; i++)
		room += strlen(params.list[i].name) +
			3 * strlen(params.list[i].value) + 5;
	(void)buf_reserve(out, room);
	(void)buf_add_str(out, "Authorization: OAuth ");
	for (size_t i = 0; i < params.n; i++) {
		add_quoted(out, params.list[i].name, params.list[i].value);
		(void)buf_add_str(out, ", ");
	}
	add_quoted(out, "oauth_signature", signature);
	return out->err;
}

int
auth_header(const struct credentials *credentials,
    const struct auth_request *request, struct buf *out)
{
	int r = auth_check(credentials);

	if (r != 0 || credentials->kind == AUTH_NONE)
		return r;
	if (credentials->kind == AUTH_OAUTH1)
		return add_signed(credentials, request, out);
	/* At once, so that no outgrown copy is left behind by realloc(). */
	(void)buf_reserve(
	    out, credentials->key.len + credentials->token.len + 80);
	if (credentials->kind == AUTH_BEARER) {
		(void)buf_add_str(out, "Authorization: Bearer ");
		add_secret(out, &credentials->token);
		return out->err;
	}
	(void)buf_add_str(out, "Authorization: OAuth oauth_consumer_key=\"");
	add_secret(out, &credentials->key);
	(void)buf_add_str(out, "\", oauth_token=\"");
	add_secret(out, &credentials->token);
	(void)buf_add_char(out, '"');
	return out->err;
}
