#include "trello/http_ledger.h"

#include "util/timeutil.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#define RECORDS_MAX 256

struct http_ledger {
	pthread_mutex_t lock; /* of everything below */
	struct limiter *limiter;
	struct remote_stats stats;
	struct remote_record records[RECORDS_MAX]; /* a ring */
	size_t next;				   /* where the next goes */
	size_t n;
};

static void
lock(struct http_ledger *ledger)
{
	int r = pthread_mutex_lock(&ledger->lock);

	assert(r == 0);
}

static void
unlock(struct http_ledger *ledger)
{
	int r = pthread_mutex_unlock(&ledger->lock);

	assert(r == 0);
}

struct http_ledger *
http_ledger_new(void)
{
	struct http_ledger *ledger = calloc(1, sizeof *ledger);

	if (ledger == NULL)
		return NULL;
	ledger->limiter = limiter_new();
	if (ledger->limiter == NULL ||
	    pthread_mutex_init(&ledger->lock, NULL) != 0) {
		limiter_free(ledger->limiter);
		free(ledger);
		return NULL;
	}
	return ledger;
}

void
http_ledger_free(struct http_ledger *ledger)
{
	if (ledger == NULL)
		return;
	limiter_free(ledger->limiter);
	(void)pthread_mutex_destroy(&ledger->lock);
	free(ledger);
}

int64_t
http_ledger_take(
    struct http_ledger *ledger, enum remote_priority priority, bool members)
{
	int64_t wait;

	lock(ledger);
	wait = limiter_take(
	    ledger->limiter, time_monotonic_ms(), priority, members);
	if (wait == 0)
		ledger->stats.requests++;
	unlock(ledger);
	return wait;
}

void
http_ledger_give_back(struct http_ledger *ledger, bool members)
{
	lock(ledger);
	limiter_end(ledger->limiter, time_monotonic_ms(), members, false);
	ledger->stats.requests--;
	unlock(ledger);
}

static void
learn(struct http_ledger *ledger, int64_t now_ms,
    const struct http_limits *limits)
{
	for (int i = 0; i < LIMITER_MEMBERS; i++)
		limiter_learn(ledger->limiter, now_ms, (enum limiter_window)i,
		    limits->window[i].interval_ms, limits->window[i].max,
		    limits->window[i].remaining);
}

static void
add_record(struct http_ledger *ledger, const struct remote_record *record)
{
	ledger->records[ledger->next] = *record;
	ledger->next = (ledger->next + 1) % RECORDS_MAX;
	if (ledger->n < RECORDS_MAX)
		ledger->n++;
}

void
http_ledger_end(struct http_ledger *ledger, const struct http_outcome *outcome,
    const struct remote_record *record)
{
	int64_t now_ms = time_monotonic_ms();

	lock(ledger);
	learn(ledger, now_ms, outcome->limits);
	limiter_end(
	    ledger->limiter, now_ms, outcome->members, outcome->reached);
	if (record->status == 429) {
		ledger->stats.throttled++;
		limiter_throttled(ledger->limiter, now_ms,
		    outcome->members_limit, outcome->limits->retry_after_ms,
		    outcome->random);
	}
	if (record->status == 401 || record->status == 403)
		ledger->stats.refused++;
	if (outcome->again)
		ledger->stats.retried++;
	ledger->stats.bytes_in += (uint64_t)record->bytes;
	add_record(ledger, record);
	unlock(ledger);
}

void
http_ledger_stats(struct http_ledger *ledger, struct remote_stats *ret_stats)
{
	lock(ledger);
	limiter_stats(ledger->limiter, time_monotonic_ms(), &ledger->stats);
	*ret_stats = ledger->stats;
	unlock(ledger);
}

size_t
http_ledger_records(
    struct http_ledger *ledger, struct remote_record *records, size_t max)
{
	size_t n;

	lock(ledger);
	n = ledger->n < max ? ledger->n : max;
	for (size_t i = 0; i < n; i++)
		records[i] =
		    ledger->records[(ledger->next + RECORDS_MAX - n + i) %
				    RECORDS_MAX];
	unlock(ledger);
	return n;
}
