#ifndef TRELLO_AUTH_H
#define TRELLO_AUTH_H

#include "util/secret.h"

#include <stddef.h>
#include <stdint.h>

/**
 * Credentials, and the one place that makes the Authorization header of them.
 * They are in no URL (but for those of calls about the token, which is
 * Trello's design).
 */

struct buf;
struct oauth1_param;

enum auth_kind {
	AUTH_NONE,   /* as nobody: public boards only */
	AUTH_TOKEN,  /* OAuth oauth_consumer_key="K", oauth_token="T" */
	AUTH_OAUTH1, /* the same, and signed: OAuth 1.0a */
	AUTH_BEARER, /* Bearer T: OAuth 2.0 */
};

struct credentials {
	enum auth_kind kind;
	struct secret key;   /* the API key */
	struct secret token; /* empty while AUTH_OAUTH1 asks for one */
	struct secret consumer_secret; /* AUTH_OAUTH1: the API key's */
	struct secret token_secret;    /* and the token's, or empty */
};

#define CREDENTIALS_INIT \
	{                \
		0        \
	}

/** Wipe and free. */
void credentials_fini(struct credentials *credentials);

/** A copy into *ret_copy (uninitialised before).  0 or -ENOMEM. */
int credentials_copy(
    const struct credentials *credentials, struct credentials *ret_copy);

/** Overwrite them in text: see secret_redact(). */
void credentials_redact(
    const struct credentials *credentials, char *text, size_t len);

/**
 * Whether they can be sent: 0, or -EINVAL if a value is empty or holds what
 * does not belong in a header (anything but printable ASCII without spaces,
 * quotes and backslashes).
 */
int auth_check(const struct credentials *credentials);

/* What a signature covers and what makes it good for one request only. */
struct auth_request {
	const char *method; /* "GET" */
	const char *url;    /* as it is sent, with its query */
	const char *form;   /* the body, if it is x-www-form-urlencoded */
	int64_t time_s;	    /* seconds since the epoch, by the server's clock */
	const char *nonce;  /* never used with this time before */
	const struct oauth1_param *params; /* further ones of the header */
	size_t n_params;		   /* AUTH_PARAMS_MAX at most */
};
#define AUTH_PARAMS_MAX 4

/**
 * Append the whole header line, without a line end; the caller wipes out.
 * AUTH_NONE appends nothing.  request is for AUTH_OAUTH1; the others need
 * none.  Returns 0, what auth_check() says, -EINVAL for a request that cannot
 * be signed, -EIO when libcrypto cannot, or out->err.
 */
int auth_header(const struct credentials *credentials,
    const struct auth_request *request, struct buf *out);

#endif
