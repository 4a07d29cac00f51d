#ifndef TRELLO_HTTP_LEDGER_H
#define TRELLO_HTTP_LEDGER_H

#include "trello/limiter.h"
#include "trello/remote.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * What the network client counts: the limiter, the statistics and the last
 * requests, behind one lock, so that any thread may look.
 */
struct http_ledger;

/* What a reply's headers say; a negative number: nothing. */
struct http_limits {
	struct {
		int64_t interval_ms, max, remaining;
	} window[LIMITER_MEMBERS]; /* LIMITER_TOKEN, LIMITER_KEY */
	int64_t retry_after_ms;
};

/* How a try has ended. */
struct http_outcome {
	bool members;	    /* counts against the members' window */
	bool members_limit; /* a 429 is for that one */
	bool reached;	    /* the request may have got to the server */
	bool again;	    /* it will be tried again */
	const struct http_limits *limits;
	double random; /* 0 to 1 */
};

struct http_ledger *http_ledger_new(void);
void http_ledger_free(struct http_ledger *ledger);

/** See limiter_take(); what is taken is counted as a request. */
int64_t http_ledger_take(
    struct http_ledger *ledger, enum remote_priority priority, bool members);

/** What was taken was not used. */
void http_ledger_give_back(struct http_ledger *ledger, bool members);

/** Enter the end of a try that was taken. */
void http_ledger_end(struct http_ledger *ledger,
    const struct http_outcome *outcome, const struct remote_record *record);

/** See struct remote_ops.  Any thread. */
void http_ledger_stats(
    struct http_ledger *ledger, struct remote_stats *ret_stats);
size_t http_ledger_records(
    struct http_ledger *ledger, struct remote_record *records, size_t max);

#endif
