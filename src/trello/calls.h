#ifndef TRELLO_CALLS_H
#define TRELLO_CALLS_H

#include "trello/remote.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * The table of calls: method, route and the parameters each always has.  The
 * routes and parameters are those of Trello's reference (API "actions",
 * "batch", "boards", "cards", "checklists", "lists", "members", "tokens", and
 * the guides "nested resources" and "custom fields").
 */

struct buf;
struct secret;

enum call_method {
	METHOD_GET,
	METHOD_POST,
	METHOD_PUT,
	METHOD_DELETE,
};

struct call_info {
	enum call_method method;
	const char *route;    /* with {id}, {id2}, {filter} and {token} in it */
	const char *filter;   /* what {filter} is if the request has none */
	bool filter_is_param; /* the filter goes to filter=, not the route */
	bool may_be_too_big;  /* a board's call: can be asked for in parts */
	bool member_window;   /* counts against /1/members/'s own window */
	bool takes_json;      /* remote_args.json is its body */
	bool takes_file;      /* remote_args.file is a part of its body */
	bool quick; /* Trello has it at once: who is silent is the network */
	struct remote_param params[20]; /* ends with a NULL key */
};

/* The most objects that one page of cards or actions can have (Trello). */
#define CALL_PAGE_MAX 1000

/** Append a text as a segment of an address.  0 or -ENOMEM. */
int call_encode(struct buf *out, const char *s);

/** The entry of a call; NULL if there is no such call. */
const struct call_info *call_info(enum remote_call call);

/** "GET", "POST", "PUT", "DELETE". */
const char *call_method_name(enum call_method method);

/**
 * Append the URL of a request: base (no "/" at its end), route, and the
 * parameters of a GET.  A parameter of the request replaces the call's own of
 * the same key.  What is put into the route or a value is percent-encoded.
 * token goes into the routes that have {token}, by Trello's design; the caller
 * wipes out.  Returns 0, -EINVAL (no such call, an id that is missing or "."
 * or ".." or not taken, no token where there must be one, a body where there
 * is none or the other way round) or out->err.
 */
int call_url(const char *base, const struct remote_args *args,
    const struct secret *token, struct buf *out);

/**
 * The same without base and with "..." for the token: for people to read,
 * percent-encoded only where it must be.  Returns as call_url() does.
 */
int call_route(const struct remote_args *args, struct buf *out);

/** What the call's body is, for Content-Type; NULL: it has none. */
const char *call_body_type(enum remote_call call);

/**
 * Append the body of a request: its form (application/x-www-form-urlencoded,
 * the call's own parameters first) or its JSON; nothing if it has none.
 * Returns as call_url() does.
 */
int call_body(const struct remote_args *args, struct buf *out);

/**
 * Append the JSON that CALL_CARD_FIELD_SET takes: value is the text, number,
 * date (ISO 8601), "true" or "false", or the id of a list's option; NULL or ""
 * clears it.  Returns 0, -EINVAL for FIELD_UNKNOWN or out->err.
 */
int call_field_json(enum field_type type, const char *value, struct buf *out);

#endif
