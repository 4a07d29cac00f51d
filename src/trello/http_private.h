#ifndef TRELLO_HTTP_PRIVATE_H
#define TRELLO_HTTP_PRIVATE_H

#include "trello/budget.h"
#include "trello/http_transfer.h"
#include "trello/remote.h"
#include "trello/retry.h"

#include <curl/curl.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

/* What the files of the network client share. */

struct http_ledger;

/*
 * A request is in one of three states, and in the queue that goes with it:
 *
 *	waiting   queues[priority]   for the limiter, a place, or not_before_ms
 *	running   running            transfer != NULL, curl has its handle
 *	finished  finished           verdict is set, done is yet to be called
 *
 *	submit -> waiting -> running -> finished -> done is called, freed
 *	             ^----------'  tried again
 *
 * Cancelling takes it out of any of them.
 */
struct remote_request {
	TAILQ_ENTRY(remote_request) entry;
	enum { WAITING, RUNNING, FINISHED } state;
	struct remote_args args;
	struct json_reader *reader; /* of the present try */
	struct transfer *transfer;
	struct budget_ticket ticket; /* of the present try */
	unsigned tries;
	int64_t first_ms;      /* when the first try began */
	int64_t not_before_ms; /* when the next may */
	bool fed;	       /* the reader has seen bytes */
	bool maybe_done;       /* a write that an earlier try may have done */
	bool signed_again;     /* with another time or nonce, at once */
	struct remote_verdict verdict;
};
TAILQ_HEAD(request_queue, remote_request);

struct http {
	struct remote remote; /* first: a struct remote * is one of these */
	struct transfer_setup setup;
	struct retry_policy retry;
	unsigned max_running;
	_Atomic unsigned n_running; /* others ask for statistics */
	int64_t patience_ms;
	CURLM *multi;
	struct http_ledger *ledger;
	struct request_queue queues[PRIORITY_COUNT];
	struct request_queue running;
	struct request_queue finished;
	uint64_t random_state;
	atomic_bool woken;
	int waking_fd; /* util/waking.h */
};

/** The next number from 0 to 1. */
double http_random(struct http *http);

/** Put it into the queue that its priority says. */
void http_wait(struct http *http, struct remote_request *request);

/** It has its verdict. */
void http_finish(struct http *http, struct remote_request *request);

/** Take the transfer from curl and enter it in the books.  verdict: NULL if it
 * was given up. */
void http_end_transfer(struct http *http, struct remote_request *request,
    const struct remote_verdict *verdict, bool again);

/** A 429 of the members' window says so in its text. */
bool http_is_members_limit(const struct remote_verdict *verdict);

/** Start what may be started.  Lowers *wait_ms to when it should be looked at
 * again. */
void http_start(struct http *http, int64_t *wait_ms);

#endif
