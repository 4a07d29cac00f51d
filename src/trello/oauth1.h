#ifndef TRELLO_OAUTH1_H
#define TRELLO_OAUTH1_H

#include <stddef.h>

/**
 * Signatures of OAuth 1.0a (RFC 5849) by HMAC-SHA1.  Pure: the nonce and the
 * time stamp are parameters like any other.
 */

struct buf;
struct secret;

/* A parameter of the Authorization header, not encoded. */
struct oauth1_param {
	const char *name;
	const char *value;
};

/* What a signature covers. */
struct oauth1_request {
	const char *method; /* "GET" */
	const char *url;    /* as it is sent, with its query */
	const char *form;   /* the body, if it is x-www-form-urlencoded */
	const struct oauth1_param *params; /* all but realm and signature */
	size_t n_params;
};

#define OAUTH1_SIGNATURE_SIZE 29

/** Append len bytes as section 3.6 encodes them.  0 or out->err. */
int oauth1_escape(const char *data, size_t len, struct buf *out);

/**
 * Append the signature base string, section 3.4.1.  It holds the token: the
 * caller wipes it.  Returns 0, -EINVAL for a URL that is not http or https or
 * names a user, -ENOMEM or out->err.
 */
int oauth1_base_string(const struct oauth1_request *request, struct buf *out);

/**
 * Sign a base string, section 3.4.2: the value of oauth_signature, not yet
 * percent-encoded.  token_secret may be empty.  0, -ENOMEM, or -EIO when
 * libcrypto cannot.
 */
int oauth1_sign(const char *base, size_t len,
    const struct secret *consumer_secret, const struct secret *token_secret,
    char ret_signature[OAUTH1_SIGNATURE_SIZE]);

#endif
