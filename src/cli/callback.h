#ifndef CLI_CALLBACK_H
#define CLI_CALLBACK_H

#include <stddef.h>

/**
 * Where OAuth 1.0a's page may send the browser afterwards, on this machine's
 * loopback address only: the verifier comes with it (RFC 5849, section 2.2),
 * and nobody has to copy it.
 */

struct err;
struct secret;

#define CALLBACK_URL_SIZE 64

struct callback {
	int fd;
	char url[CALLBACK_URL_SIZE];
};

/** Listen on a free port.  0 or -errno with err; free with callback_close(). */
int callback_open(struct callback *callback, struct err *err);

/**
 * Wait until the browser comes with this request token and a verifier.
 * Other requests are answered and count for nothing.  0; -ETIMEDOUT after
 * timeout_ms; -errno.
 */
int callback_wait(const struct callback *callback, const struct secret *token,
    int timeout_ms, struct secret *ret_verifier, struct err *err);

void callback_close(struct callback *callback);

#endif
