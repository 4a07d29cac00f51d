#ifndef TRELLO_HTTP_MESSAGE_H
#define TRELLO_HTTP_MESSAGE_H

#include "util/buf.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * What is sent: address, headers and body of a request, signed where the
 * credentials want that.
 */

struct remote_args;
struct remote_file;
struct transfer_setup;

struct http_message {
	struct curl_slist *headers;
	struct buf body;
	size_t read; /* so much of a POST's body libcurl has taken */
	/* An upload: its body, the file, how much of that was taken, and where
	 * it is told that something has gone out. */
	curl_mime *parts;
	const struct remote_file *file;
	int64_t file_read;
	_Atomic int64_t *heard_ms;
};

/**
 * Make the request and tell the handle.  *message, all zero before, must
 * outlive the handle.  Returns 0, or -EINVAL, -ENOMEM, -EIO; fini in either
 * case.
 */
int http_message_set(struct http_message *message, CURL *easy,
    struct transfer_setup *setup, const struct remote_args *args);

/** Wipe what held credentials, and free; not before the handle is freed. */
void http_message_fini(struct http_message *message);

/** Whether libcurl has taken anything of the body, or all of it; true if there
 * is none. */
bool http_message_begun(const struct http_message *message);
bool http_message_is_whole(const struct http_message *message);

/** Wipe and free headers, which may be NULL. */
void http_headers_free(struct curl_slist *headers);

/** A nonce for auth_header(): random hex digits.  0 or -EIO. */
#define HTTP_NONCE_SIZE 33
int http_nonce(char ret_nonce[HTTP_NONCE_SIZE]);

#endif
