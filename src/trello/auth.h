#ifndef TRELLO_AUTH_H
#define TRELLO_AUTH_H

#include "util/secret.h"

/**
 * Credentials, and the one place that makes the Authorization header of them.
 * They are in no URL (but for CALL_TOKEN's route, which is Trello's design).
 */

struct buf;

enum auth_kind {
	AUTH_NONE,   /* as nobody: public boards only */
	AUTH_TOKEN,  /* OAuth oauth_consumer_key="K", oauth_token="T" */
	AUTH_BEARER, /* Bearer T: OAuth 2.0 */
};

struct credentials {
	enum auth_kind kind;
	struct secret key;   /* the API key */
	struct secret token; /* the token */
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

/**
 * Whether they can be sent: 0, or -EINVAL if a value is empty or holds what
 * does not belong in a header (anything but printable ASCII without spaces,
 * quotes and backslashes).
 */
int auth_check(const struct credentials *credentials);

/**
 * Append the whole header line, without a line end; the caller wipes out.
 * AUTH_NONE appends nothing.  Returns 0, what auth_check() says, or out->err.
 */
int auth_header(const struct credentials *credentials, struct buf *out);

#endif
