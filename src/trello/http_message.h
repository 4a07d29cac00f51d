#ifndef TRELLO_HTTP_MESSAGE_H
#define TRELLO_HTTP_MESSAGE_H

#include "util/buf.h"

#include <curl/curl.h>
#include <stddef.h>

/**
 * What is sent: address, headers and body of a request, signed where the
 * credentials want that.
 */

struct remote_args;
struct transfer_setup;

struct http_message {
	struct curl_slist *headers;
	struct buf body;
	size_t read; /* so much of a POST's body libcurl has taken */
};

/**
 * Make the request and tell the handle.  *message, all zero before, must
 * outlive the handle.  Returns 0, or -EINVAL, -ENOMEM, -EIO; fini in either
 * case.
 */
int http_message_set(struct http_message *message, CURL *easy,
    const struct transfer_setup *setup, const struct remote_args *args);

/** Wipe what held credentials, and free. */
void http_message_fini(struct http_message *message);

/** Wipe and free headers, which may be NULL. */
void http_headers_free(struct curl_slist *headers);

/** A nonce for auth_header(): random hex digits.  0 or -EIO. */
#define HTTP_NONCE_SIZE 33
int http_nonce(char ret_nonce[HTTP_NONCE_SIZE]);

#endif
