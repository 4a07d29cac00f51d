#ifndef TRELLO_LIMITER_H
#define TRELLO_LIMITER_H

#include "trello/remote.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * When a request may be sent.  Pure: the time is an argument, in milliseconds
 * of a clock that does not jump, and never goes back from call to call.
 *
 * Trello counts requests in windows of 10 s: 100 for each token, 300 for each
 * key, and 100 in 900 s for /1/members/{id} (its guide "rate limits").  Whether
 * a window slides or is fixed, and when it counts between request and reply,
 * is not told.  So here a request counts from when it is sent until a whole
 * window after its reply came, and at no time more than the limit count: then
 * no window of the server, wherever it lies, can hold more.  A fifth of each
 * limit is left to the user's other programs.
 */
struct limiter;

/* The windows that reply headers tell of; the members' is only documented. */
enum limiter_window {
	LIMITER_TOKEN,
	LIMITER_KEY,
	LIMITER_MEMBERS,
	LIMITER_WINDOWS
};

/** NULL when out of memory. */
struct limiter *limiter_new(void);
void limiter_free(struct limiter *limiter);

/**
 * Take leave to send one request of this priority (members: of the kind that
 * the members' window counts).  Returns 0 and counts it, or the milliseconds
 * after which to ask again; INT64_MAX: not before another reply came.  Who
 * waits first has to be asked for first: lower priorities are refused while
 * there is still room for higher ones.
 */
int64_t limiter_take(struct limiter *limiter, int64_t now_ms,
    enum remote_priority priority, bool members);

/**
 * A request that was taken has ended.  reached: it may have got to the server,
 * so that it goes on counting.
 */
void limiter_end(
    struct limiter *limiter, int64_t now_ms, bool members, bool reached);

/**
 * What a reply's headers x-rate-limit-api-{token,key}-{interval-ms,max,
 * remaining} say; values that make no sense are not listened to.  To be called
 * before limiter_end() of that request.  Where `remaining` shows that others
 * use the limit, their part is left to them and their reserve too.
 */
void limiter_learn(struct limiter *limiter, int64_t now_ms,
    enum limiter_window window, int64_t interval_ms, int64_t max,
    int64_t remaining);

/**
 * A reply was 429: nothing is sent for retry_after_ms, or, if that is
 * negative, a whole window; and a little longer, by random (0 to 1), so that
 * several programs do not come back at once.  members: only those requests.
 */
void limiter_throttled(struct limiter *limiter, int64_t now_ms, bool members,
    int64_t retry_after_ms, double random);

/** Fill in budget_left, budget_max, budget_ms and held_ms. */
void limiter_stats(const struct limiter *limiter, int64_t now_ms,
    struct remote_stats *ret_stats);

#endif
