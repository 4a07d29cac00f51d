#ifndef TRELLO_LIMITER_H
#define TRELLO_LIMITER_H

#include "trello/remote.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * When a request may be sent.  Pure: the time is an argument, in milliseconds
 * of a clock that does not jump, and never goes back from call to call.  A
 * struct limiter is one block of memory without pointers, which several
 * programs may share (trello/budget.h); each is an owner with a number.
 *
 * Trello counts requests in windows of 10 s: 100 for each token, 300 for each
 * key, and 100 in 900 s for /1/members/{id} (its guide "rate limits").  Whether
 * a window slides or is fixed, and when it counts between request and reply,
 * is not told.  So here a request counts from when it is sent until a whole
 * window after its reply came, and at no time more than the limit count: then
 * no window of the server, wherever it lies, can hold more.  A fifth of each
 * limit is left to the user's other programs.
 *
 * A struct limiter is for one key, and up to LIMITER_TOKENS tokens of it.
 */
struct limiter;

#define LIMITER_OWNERS 64
#define LIMITER_TOKENS 8
#define LIMITER_ID_BYTES 16

/* Nothing is known about when; so it is asked for again this soon. */
#define LIMITER_POLL_MS 250

/* The windows that reply headers tell of; the members' is only documented. */
enum limiter_window {
	LIMITER_TOKEN,
	LIMITER_KEY,
	LIMITER_MEMBERS,
	LIMITER_WINDOWS
};

/* Whose request. */
struct limiter_request {
	unsigned owner; /* below LIMITER_OWNERS */
	unsigned token; /* limiter_token() */
	enum remote_priority priority;
	bool members; /* of the kind that the members' window counts */
};

/* What limiter_take() has entered. */
struct limiter_ticket {
	int64_t at_ms;
	unsigned entry;
	unsigned member_entry;
};

/* How it has ended. */
enum limiter_outcome {
	LIMITER_UNSENT,	 /* it cannot have got to the server: not counted */
	LIMITER_REACHED, /* it may have */
	LIMITER_REFUSED, /* it was answered with 429 */
};

size_t limiter_size(void);

/** Make it one of which nothing is known yet. */
void limiter_init(struct limiter *limiter);

/** Before it is given to others. */
void limiter_seal(struct limiter *limiter);

/** Whether limiter_size() bytes that others may have written are one that was
 * sealed: 0, -ENODATA (nothing but zeros), -EPROTO (of another version), -EBADMSG. */
int limiter_check(const struct limiter *limiter);

/** Bring everything in one that limiter_check() has passed within bounds. */
void limiter_mend(struct limiter *limiter, int64_t now_ms);

/** The number of a token.  0, or -EBUSY: there are too many. */
int limiter_token(struct limiter *limiter, int64_t now_ms,
    const unsigned char id[LIMITER_ID_BYTES], unsigned *ret_token);

/**
 * Take leave to send one request.  Returns 0 and counts it, or the milliseconds
 * after which to ask again; INT64_MAX: not before another of the owner's
 * replies came.  Lower priorities are refused while there is still room for
 * higher ones.  Who is refused has a claim: at the time that was told, and a
 * moment longer, others of the same token who are less urgent, or came later,
 * leave one request to them.  Of a priority that waits, one goes first when
 * eight of more urgent ones were let go before it: so each has its part.
 */
int64_t limiter_take(struct limiter *limiter, int64_t now_ms,
    const struct limiter_request *request, struct limiter_ticket *ret_ticket);

/** A request that was taken has ended. */
void limiter_end(struct limiter *limiter, int64_t now_ms,
    const struct limiter_request *request, const struct limiter_ticket *ticket,
    enum limiter_outcome outcome);

/**
 * What a reply's headers x-rate-limit-api-{token,key}-{interval-ms,max,
 * remaining} say; values that make no sense are not listened to.  To be called
 * before limiter_end() of that request.  Where `remaining` shows that others
 * use the limit, their part is left to them and their reserve too.
 */
void limiter_learn(struct limiter *limiter, int64_t now_ms, unsigned token,
    enum limiter_window window, int64_t interval_ms, int64_t max,
    int64_t remaining);

/**
 * A reply was 429: nothing is sent for retry_after_ms, or, if that is
 * negative, a whole window; and a little longer, by random (0 to 1), so that
 * several machines do not come back at once.  members: only those requests.
 * (Trello refuses everything for the rest of a window with more than 200 of
 * them: limiter_take() never lets it come to that.)
 */
void limiter_throttled(struct limiter *limiter, int64_t now_ms, unsigned token,
    bool members, int64_t retry_after_ms, double random);

/** Others may have used all there is: nothing is sent for a whole window. */
void limiter_hold(struct limiter *limiter, int64_t now_ms);

/** Which owners have something out, or a claim.  Only in one that was made by
 * limiter_init() or limiter_mend(). */
void limiter_owners(
    const struct limiter *limiter, bool ret_owners[LIMITER_OWNERS]);

/** The owner has ended; what it had out may have got to the server. */
void limiter_drop_owner(
    struct limiter *limiter, int64_t now_ms, unsigned owner);

/** Whether anything counts in the windows of key and tokens. */
bool limiter_is_quiet(const struct limiter *limiter, int64_t now_ms);

/** Fill in budget_left, budget_max, budget_ms and held_ms. */
void limiter_stats(const struct limiter *limiter, int64_t now_ms,
    unsigned token, struct remote_stats *ret_stats);

#endif
