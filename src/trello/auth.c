#include "trello/auth.h"

#include "util/buf.h"

#include <errno.h>
#include <string.h>

void
credentials_fini(struct credentials *credentials)
{
	secret_fini(&credentials->key);
	secret_fini(&credentials->token);
	credentials->kind = AUTH_NONE;
}

int
credentials_copy(
    const struct credentials *credentials, struct credentials *ret_copy)
{
	struct credentials copy = {.kind = credentials->kind};

	if (secret_set(
		&copy.key, credentials->key.data, credentials->key.len) != 0 ||
	    secret_set(&copy.token, credentials->token.data,
		credentials->token.len) != 0) {
		credentials_fini(&copy);
		return -ENOMEM;
	}
	*ret_copy = copy;
	return 0;
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

static void
add_secret(struct buf *out, const struct secret *secret)
{
	(void)buf_add(out, secret->data, secret->len);
}

int
auth_check(const struct credentials *credentials)
{
	if (credentials->kind == AUTH_NONE)
		return 0;
	if (!is_good(&credentials->token))
		return -EINVAL;
	if (credentials->kind == AUTH_TOKEN && !is_good(&credentials->key))
		return -EINVAL;
	return 0;
}

int
auth_header(const struct credentials *credentials, struct buf *out)
{
	int r = auth_check(credentials);

	if (r != 0 || credentials->kind == AUTH_NONE)
		return r;
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
