#ifndef TRELLO_HTTP_LEDGER_H
#define TRELLO_HTTP_LEDGER_H

#include "trello/budget.h"
#include "trello/remote.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * What the network client counts: its part of the budget, the statistics and
 * the last requests, behind one lock, so that any thread may look.
 */
struct http_ledger;

/* How a try has ended. */
struct http_outcome {
	bool members_limit; /* a 429 is for the members' window */
	bool reached;	    /* the request may have got to the server */
	bool again;	    /* it will be tried again */
	const struct budget_limits *limits;
	double random; /* 0 to 1 */
};

/** 0 or -ENOMEM. */
int http_ledger_new(
    const struct budget_options *options, struct http_ledger **ret_ledger);
void http_ledger_free(struct http_ledger *ledger);

/** Go on with the budget of these: see budget_use(). */
int http_ledger_use(
    struct http_ledger *ledger, const struct credentials *credentials);

/** See budget_take(); what is taken is counted as a request. */
int64_t http_ledger_take(struct http_ledger *ledger,
    enum remote_priority priority, bool members,
    struct budget_ticket *ret_ticket);

/** What was taken was not used. */
void http_ledger_give_back(
    struct http_ledger *ledger, const struct budget_ticket *ticket);

/** Enter the end of a try that was taken. */
void http_ledger_end(struct http_ledger *ledger,
    const struct budget_ticket *ticket, const struct http_outcome *outcome,
    const struct remote_record *record);

/** See struct remote_ops.  Any thread. */
void http_ledger_stats(
    struct http_ledger *ledger, struct remote_stats *ret_stats);
size_t http_ledger_records(
    struct http_ledger *ledger, struct remote_record *records, size_t max);

#endif
