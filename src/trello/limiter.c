#include "trello/limiter.h"

#include <assert.h>
#include <stdlib.h>

/* No limit of Trello's comes near; a larger one is used up to this. */
#define LOG_MAX 1024

/* Until a reply has told the limits, so many are out at once. */
#define FIRST_MAX 4

/* No wait is longer than this, whatever a server says. */
#define HOLD_MAX_MS ((int64_t)15 * 60 * 1000)
#define INTERVAL_MAX_MS ((int64_t)60 * 60 * 1000)

/*
 * A window: in_flight requests are out, and n have been answered less than an
 * interval ago, at the times log[first], ... (a ring, oldest first).  Both
 * together never pass what is allowed when one is added.
 */
struct window {
	int64_t interval_ms;
	unsigned max; /* the server's */
	unsigned in_flight;
	unsigned first, n;
	int64_t log[LOG_MAX];
	/* What the last reply with `remaining` showed, until it is too old:
	 * others have used so many, and this many may go out before the
	 * reserve is touched. */
	int64_t seen_until_ms;
	unsigned others;
	unsigned credit;
	int64_t held_until_ms;
};

struct limiter {
	struct window windows[LIMITER_WINDOWS];
	bool answered; /* a reply has come */
};

/* Of the allowed requests, sixteenths that are kept for higher priorities. */
static const unsigned kept[PRIORITY_COUNT] = {
    [PRIORITY_WRITE] = 0,
    [PRIORITY_WAITING] = 1,
    [PRIORITY_NEWS] = 2,
    [PRIORITY_BACKGROUND] = 4,
};

struct limiter *
limiter_new(void)
{
	static const struct {
		int64_t interval_ms;
		unsigned max;
	} documented[LIMITER_WINDOWS] = {
	    [LIMITER_TOKEN] = {10000, 100},
	    [LIMITER_KEY] = {10000, 300},
	    [LIMITER_MEMBERS] = {900000, 100},
	};
	struct limiter *limiter = calloc(1, sizeof *limiter);

	if (limiter == NULL)
		return NULL;
	for (int i = 0; i < LIMITER_WINDOWS; i++) {
		limiter->windows[i].interval_ms = documented[i].interval_ms;
		limiter->windows[i].max = documented[i].max;
		limiter->windows[i].seen_until_ms = INT64_MIN;
		limiter->windows[i].held_until_ms = INT64_MIN;
	}
	return limiter;
}

void
limiter_free(struct limiter *limiter)
{
	free(limiter);
}

static unsigned
reserve(const struct window *window)
{
	return (window->max + 4) / 5;
}

/* What may count at once: the limit less the others' fifth. */
static unsigned
allowed(const struct window *window)
{
	unsigned n = window->max - reserve(window);

	if (n == 0)
		n = 1;
	return n < LOG_MAX ? n : LOG_MAX;
}

static int64_t
oldest_ms(const struct window *window)
{
	return window->log[window->first];
}

/* How many of the log no longer count. */
static unsigned
count_expired(const struct window *window, int64_t now_ms)
{
	unsigned expired = 0;

	while (expired < window->n &&
	       window->log[(window->first + expired) % LOG_MAX] +
		       window->interval_ms <=
		   now_ms)
		expired++;
	return expired;
}

static void
expire(struct window *window, int64_t now_ms)
{
	unsigned expired = count_expired(window, now_ms);

	window->first = (window->first + expired) % LOG_MAX;
	window->n -= expired;
}

/* How many may be sent now if nothing is kept for anybody. */
static unsigned
room(const struct window *window, int64_t now_ms)
{
	unsigned used =
	    window->in_flight + window->n - count_expired(window, now_ms);
	unsigned left;

	if (now_ms < window->held_until_ms)
		return 0;
	if (now_ms < window->seen_until_ms)
		used += window->others;
	left = used < allowed(window) ? allowed(window) - used : 0;
	if (now_ms < window->seen_until_ms && window->credit < left)
		left = window->credit;
	return left;
}

/* When there may be more room than now, if no reply comes. */
static int64_t
wait_ms(const struct window *window, int64_t now_ms)
{
	int64_t wait = INT64_MAX;

	if (now_ms < window->held_until_ms)
		return window->held_until_ms - now_ms;
	if (window->n > 0)
		wait = oldest_ms(window) + window->interval_ms - now_ms;
	if (now_ms < window->seen_until_ms &&
	    window->seen_until_ms - now_ms < wait)
		wait = window->seen_until_ms - now_ms;
	return wait;
}

static int64_t
look(struct window *window, int64_t now_ms, enum remote_priority priority)
{
	expire(window, now_ms);
	if (room(window, now_ms) > allowed(window) * kept[priority] / 16)
		return 0;
	return wait_ms(window, now_ms);
}

static void
count(struct window *window, int64_t now_ms)
{
	window->in_flight++;
	if (now_ms < window->seen_until_ms && window->credit > 0)
		window->credit--;
}

int64_t
limiter_take(struct limiter *limiter, int64_t now_ms,
    enum remote_priority priority, bool members)
{
	int windows = members ? LIMITER_WINDOWS : LIMITER_MEMBERS;
	int64_t wait = 0;

	if (!limiter->answered &&
	    limiter->windows[LIMITER_TOKEN].in_flight >= FIRST_MAX)
		return INT64_MAX;
	for (int i = 0; i < windows; i++) {
		int64_t ms = look(&limiter->windows[i], now_ms, priority);

		if (ms > wait)
			wait = ms;
	}
	if (wait > 0)
		return wait;
	for (int i = 0; i < windows; i++)
		count(&limiter->windows[i], now_ms);
	return 0;
}

static void
end(struct window *window, int64_t now_ms, bool reached)
{
	assert(window->in_flight > 0);
	expire(window, now_ms);
	window->in_flight--;
	if (!reached || window->n == LOG_MAX)
		return;
	window->log[(window->first + window->n) % LOG_MAX] = now_ms;
	window->n++;
}

void
limiter_end(struct limiter *limiter, int64_t now_ms, bool members, bool reached)
{
	int windows = members ? LIMITER_WINDOWS : LIMITER_MEMBERS;

	limiter->answered = limiter->answered || reached;
	for (int i = 0; i < windows; i++)
		end(&limiter->windows[i], now_ms, reached);
}

void
limiter_learn(struct limiter *limiter, int64_t now_ms,
    enum limiter_window which, int64_t interval_ms, int64_t max,
    int64_t remaining)
{
	struct window *window = &limiter->windows[which];
	unsigned ours, used;

	if (interval_ms < 1 || interval_ms > INTERVAL_MAX_MS || max < 1 ||
	    max > 1000000)
		return;
	window->interval_ms = interval_ms;
	window->max = (unsigned)max;
	if (remaining < 0 || remaining > max)
		return;
	expire(window, now_ms);
	ours = window->in_flight + window->n;
	used = (unsigned)(max - remaining);
	window->others = used > ours ? used - ours : 0;
	if (window->others == 0 && remaining >= reserve(window)) {
		window->seen_until_ms = INT64_MIN;
		return;
	}
	/* Those that are out may not be counted yet, but for this one. */
	ours = window->in_flight - 1 + reserve(window);
	window->credit = remaining > ours ? (unsigned)remaining - ours : 0;
	window->seen_until_ms = now_ms + interval_ms;
}

void
limiter_throttled(struct limiter *limiter, int64_t now_ms, bool members,
    int64_t retry_after_ms, double random)
{
	struct window *window =
	    &limiter->windows[members ? LIMITER_MEMBERS : LIMITER_TOKEN];
	int64_t hold = retry_after_ms;
	int64_t jitter;

	if (hold < 0) {
		hold = window->interval_ms;
		if (!members &&
		    limiter->windows[LIMITER_KEY].interval_ms > hold)
			hold = limiter->windows[LIMITER_KEY].interval_ms;
	}
	if (hold > HOLD_MAX_MS)
		hold = HOLD_MAX_MS;
	jitter = (int64_t)(random * (double)hold / 10);
	if (now_ms + hold + jitter > window->held_until_ms)
		window->held_until_ms = now_ms + hold + jitter;
}

void
limiter_stats(const struct limiter *limiter, int64_t now_ms,
    struct remote_stats *ret_stats)
{
	const struct window *token = &limiter->windows[LIMITER_TOKEN];
	const struct window *key = &limiter->windows[LIMITER_KEY];
	unsigned left = room(token, now_ms);

	ret_stats->budget_left =
	    room(key, now_ms) < left ? room(key, now_ms) : left;
	ret_stats->budget_max = allowed(token);
	ret_stats->budget_ms = token->interval_ms;
	ret_stats->held_ms =
	    now_ms < token->held_until_ms ? token->held_until_ms - now_ms : 0;
}
