#ifndef TRELLO_VERDICT_H
#define TRELLO_VERDICT_H

#include "trello/remote.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * The one place that says what an answer means: from what came back (or did
 * not) to whom it concerns, what now, an errno and a text.  Pure.
 */

struct call_info;
struct err;

/** What is known when a try of a request has ended. */
struct reply {
	const struct call_info *call;
	const char *host;	/* who was asked, for the text */
	int curl_code;		/* CURLcode */
	const char *curl_text;	/* its error buffer, or NULL */
	bool sent;		/* the request may have reached the server */
	int proxy_status;	/* to being asked for a tunnel, 0: none came */
	int status;		/* of HTTP, 0: none came */
	const char *type;	/* Content-Type, or NULL */
	const char *redirect;	/* where to, if it is one, or NULL */
	const char *body;	/* the beginning of a body that was not read */
	size_t body_len;	/* (an error's; no secrets in it) */
	const struct err *read; /* what the reader said: code 0 for nothing */
	bool cut;		/* ... because the body ended too early */
};

/** Whether the content type is JSON's. */
bool verdict_is_json(const char *type);

/**
 * Fill in *ret_verdict.  Returns whether the same request may be sent again
 * after a short wait: not for what will not change by itself, and not for a
 * POST that may have taken effect (its verdict is "unknown").
 */
bool verdict_make(
    const struct reply *reply, struct remote_verdict *ret_verdict);

#endif
