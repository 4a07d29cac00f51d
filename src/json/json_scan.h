#ifndef JSON_JSON_SCAN_H
#define JSON_JSON_SCAN_H

#include "util/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct json_limits;

/**
 * What stands before the parser.  It looks at each byte once, so that
 *  - a bound is met before the parser has stored anything beyond it,
 *  - the parser is given whole tokens only (it reads a token that comes in
 *    many pieces from its start again with each piece), and
 *  - \u escapes that are half a surrogate pair or NUL become \ufffd (the
 *    parser drops the character behind one).
 * It never complains about the language: that is the parser's part.
 */
struct json_scan {
	const struct json_limits *limits;
	struct buf pending; /* what the parser has not seen yet */
	size_t token;	    /* where in pending an unfinished token begins */
	uint64_t token_at;  /* the same, counted in the whole input */
	uint64_t taken;	    /* bytes of input so far */
	unsigned depth;
	enum json_scan_state {
		SCAN_BETWEEN, /* no token is unfinished */
		SCAN_ATOM,    /* in a number, true, false, null */
		SCAN_STRING,
		SCAN_ESCAPE,  /* in a string, behind a backslash */
		SCAN_UNICODE, /* in a string, in the digits of a \u escape */
	} state;
	unsigned digits; /* of the \u escape so far */
	unsigned unit;	 /* their value */
	bool high;	 /* the high half of a pair waits for the low one */
	size_t high_end; /* where in pending its escape ends */
};

void json_scan_init(struct json_scan *scan, const struct json_limits *limits);
void json_scan_fini(struct json_scan *scan);

/**
 * Append len bytes to pending.  0, -ENOMEM, or -EFBIG with the bound named;
 * pending up to the unfinished token is good also then.
 */
int json_scan_add(
    struct json_scan *scan, const char *data, size_t len, struct err *err);

/** How many bytes at the front of pending are whole tokens. */
size_t json_scan_whole(const struct json_scan *scan);

/** Whether a string has begun and not ended. */
bool json_scan_in_string(const struct json_scan *scan);

/** Forget that many bytes at the front; at most json_scan_whole(). */
void json_scan_drop(struct json_scan *scan, size_t len);

#endif
