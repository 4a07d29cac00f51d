#include "trello/http_ledger.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#define RECORDS_MAX 256

struct http_ledger {
	pthread_mutex_t lock; /* of everything below */
	struct budget *budget;
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

int
http_ledger_new(
    const struct budget_options *options, struct http_ledger **ret_ledger)
{
	struct http_ledger *ledger = calloc(1, sizeof *ledger);
	int r;

	if (ledger == NULL)
		return -ENOMEM;
	r = budget_new(options, &ledger->budget);
	if (r == 0 && pthread_mutex_init(&ledger->lock, NULL) != 0)
		r = -ENOMEM;
	if (r != 0) {
		budget_free(ledger->budget);
		free(ledger);
		return r;
	}
	*ret_ledger = ledger;
	return 0;
}

void
http_ledger_free(struct http_ledger *ledger)
{
	if (ledger == NULL)
		return;
	budget_free(ledger->budget);
	(void)pthread_mutex_destroy(&ledger->lock);
	free(ledger);
}

int
http_ledger_use(
    struct http_ledger *ledger, const struct credentials *credentials)
{
	int r;

	lock(ledger);
	r = budget_use(ledger->budget, credentials);
	unlock(ledger);
	return r;
}

int64_t
http_ledger_take(struct http_ledger *ledger, enum remote_priority priority,
    bool members, struct budget_ticket *ret_ticket)
{
	int64_t wait;

	lock(ledger);
	wait = budget_take(ledger->budget, priority, members, ret_ticket);
	if (wait == 0)
		ledger->stats.requests++;
	unlock(ledger);
	return wait;
}

void
http_ledger_give_back(
    struct http_ledger *ledger, const struct budget_ticket *ticket)
{
	const struct budget_end end = {.outcome = LIMITER_UNSENT};

	lock(ledger);
	budget_end(ledger->budget, ticket, &end);
	ledger->stats.requests--;
	unlock(ledger);
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
http_ledger_end(struct http_ledger *ledger, const struct budget_ticket *ticket,
    const struct http_outcome *outcome, const struct remote_record *record)
{
	struct budget_end end = {.outcome = LIMITER_UNSENT,
	    .members_limit = outcome->members_limit,
	    .limits = outcome->limits,
	    .random = outcome->random};

	if (record->status == 429)
		end.outcome = LIMITER_REFUSED;
	else if (outcome->reached)
		end.outcome = LIMITER_REACHED;
	lock(ledger);
	budget_end(ledger->budget, ticket, &end);
	if (record->status == 429)
		ledger->stats.throttled++;
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
	budget_stats(ledger->budget, &ledger->stats);
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
