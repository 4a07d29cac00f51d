#include "sync/orders.h"

#include "model/ids.h"
#include "store/journal.h"
#include "store/saves.h"
#include "store/store.h"
#include "sync/push.h"
#include "util/log.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const names[ORDER_KINDS] = {
    [ORDER_SYNC] = "sync",
    [ORDER_REFRESH] = "refresh",
    [ORDER_RETRY] = "retry",
    [ORDER_CONFIRM] = "confirm",
    [ORDER_DISCARD] = "discard",
    [ORDER_CANCEL] = "cancel",
};

const char *
order_name(enum order_kind kind)
{
	return names[kind];
}

enum order_kind
order_by_name(const char *name)
{
	int kind = 0;

	while (kind < ORDER_KINDS && strcmp(names[kind], name) != 0)
		kind++;
	return (enum order_kind)kind;
}

size_t
sync_refusals(const struct sync *sync)
{
	return sync->push->n_refusals;
}

void
sync_give_order(struct sync *sync, struct sync_order *order)
{
	struct sync_order **end;
	bool stopping;

	order->next = NULL;
	order->begun = false;
	order->since_ms = time_monotonic_ms();
	(void)pthread_mutex_lock(&sync->lock);
	stopping = sync->stopping;
	if (!stopping) {
		for (end = &sync->orders; *end != NULL; end = &(*end)->next)
			continue;
		*end = order;
	}
	(void)pthread_mutex_unlock(&sync->lock);
	if (stopping)
		order->resume(order, -ENETUNREACH);
	else
		sync->remote->ops->wakeup(sync->remote);
}

void
sync_order_interrupt(struct sync *sync, struct sync_order *order)
{
	(void)pthread_mutex_lock(&sync->lock);
	order->interrupted = true;
	(void)pthread_mutex_unlock(&sync->lock);
	sync->remote->ops->wakeup(sync->remote);
}

static int
change_entries(struct sync *sync, const struct sync_order *order)
{
	switch (order->kind) {
	case ORDER_RETRY:
		return push_retry(sync);
	case ORDER_CONFIRM:
		return push_confirm(sync);
	case ORDER_DISCARD:
		return push_discard(sync);
	case ORDER_CANCEL:
		return push_cancel(sync, order->number);
	default:
		return 0;
	}
}

static void
begin_refresh(struct sync *sync)
{
	poll_now(sync);
	sync->account_gate_ms = 0;
	for (size_t i = 0; i < sync->tasks.n; i++)
		sync->tasks.v[i]->retry_at_ms = 0;
}

/* 1: go on waiting. */
static int
refreshed(
    const struct sync *sync, const struct sync_order *order, int64_t now_ms)
{
	if (sync->offline_ms >= order->since_ms)
		return -ENETUNREACH;
	if (sync->refresh_s == 0)
		return 0;
	return poll_busy(sync) || tasks_busy(sync, now_ms);
}

static int
all_sent(struct sync *sync, const struct sync_order *order)
{
	struct journal_counts counts = {0};
	struct tx *tx;
	int64_t drafts = 0;
	int waits, r = store_read(sync->store, true, &tx);

	if (r != 0)
		return r;
	waits = journal_waits(tx, order->object);
	r = waits == 0 ? journal_counts(tx, &counts) : waits < 0 ? waits : 0;
	if (r == 0)
		r = saves_drafts(tx, &drafts);
	store_end(tx);
	if (r != 0)
		return r;
	if (waits)
		return sync->offline_ms >= order->since_ms ||
			       push_is_shut(sync, time_monotonic_ms())
			   ? -ENETUNREACH
			   : 1;
	r = push_refusal(sync, order->object, order->refusals);
	if (r != 0 && order->take_back)
		(void)push_take_back(sync, order->object);
	if (order->object[0] != '\0' || order->own)
		return r;
	return r != 0 || counts.refused + drafts > 0 ? -EIO : 0;
}

/* It was waited for long enough.  Of one object it is a file operation, which
 * fails as it does without a network: it cannot go on waiting. */
static int
waited(struct sync *sync, const struct sync_order *order)
{
	bool silent = sync_note_silence(sync, order->since_ms);

	return silent || order->object[0] != '\0' ? -ENETUNREACH : -EAGAIN;
}

static int
go_on(struct sync *sync, struct sync_order *order, int64_t now_ms)
{
	int r;

	if (order->interrupted)
		return -EINTR;
	if (!order->begun) {
		order->begun = true;
		/* Whether the network is back is worth a try. */
		if (order->kind == ORDER_SYNC && sync->offline_ms != 0)
			poll_hurry(sync);
		r = order->kind == ORDER_REFRESH ? (begin_refresh(sync), 0)
						 : change_entries(sync, order);
		if (r != 0)
			return r;
	}
	r = order->kind == ORDER_REFRESH ? refreshed(sync, order, now_ms)
	    : order->kind == ORDER_SYNC	 ? all_sent(sync, order)
					 : 0;
	if (r == 1 && now_ms - order->since_ms >= SYNC_WAIT_MS)
		return waited(sync, order);
	return r;
}

static struct sync_order *
take_all(struct sync *sync)
{
	struct sync_order *orders;

	(void)pthread_mutex_lock(&sync->lock);
	orders = sync->orders;
	sync->orders = NULL;
	(void)pthread_mutex_unlock(&sync->lock);
	return orders;
}

static void
put_back(struct sync *sync, struct sync_order *order)
{
	(void)pthread_mutex_lock(&sync->lock);
	order->next = sync->orders;
	sync->orders = order;
	(void)pthread_mutex_unlock(&sync->lock);
}

void
orders_run(struct sync *sync, int64_t now_ms, int64_t *next_ms)
{
	struct sync_order *order = take_all(sync), *next;

	for (; order != NULL; order = next) {
		int r = go_on(sync, order, now_ms);

		next = order->next;
		if (r != 1) {
			order->resume(order, r);
			continue;
		}
		put_back(sync, order);
		if (now_ms + 50 < *next_ms)
			*next_ms = now_ms + 50;
	}
}

bool
orders_any(struct sync *sync)
{
	bool any;

	(void)pthread_mutex_lock(&sync->lock);
	any = sync->orders != NULL;
	(void)pthread_mutex_unlock(&sync->lock);
	return any;
}

bool
orders_hurry(struct sync *sync, const char *object)
{
	bool found = false;

	(void)pthread_mutex_lock(&sync->lock);
	for (struct sync_order *order = sync->orders; order != NULL && !found;
	     order = order->next)
		found =
		    order->kind == ORDER_SYNC &&
		    (order->object[0] == '\0' ||
			(object != NULL && strcmp(order->object, object) == 0));
	(void)pthread_mutex_unlock(&sync->lock);
	return found;
}

int
orders_objects(struct sync *sync, model_ids *ret_objects)
{
	int r = 0;

	(void)pthread_mutex_lock(&sync->lock);
	for (struct sync_order *order = sync->orders; order != NULL && r == 0;
	     order = order->next)
		if (order->kind == ORDER_SYNC && order->object[0] != '\0')
			r = model_ids_add(ret_objects, order->object);
	(void)pthread_mutex_unlock(&sync->lock);
	return r;
}

void
orders_rename(struct sync *sync, const char *own_id, const char *id)
{
	(void)pthread_mutex_lock(&sync->lock);
	for (struct sync_order *order = sync->orders; order != NULL;
	     order = order->next)
		if (strcmp(order->object, own_id) == 0)
			(void)snprintf(
			    order->object, sizeof order->object, "%s", id);
	(void)pthread_mutex_unlock(&sync->lock);
}

/* The order of a thread that may block. */
struct flush {
	struct sync_order order; /* first: flushed() gets it */
	pthread_mutex_t lock;
	pthread_cond_t over;
	bool done;
	int err;
};

static void
flushed(struct sync_order *order, int err)
{
	struct flush *flush = (struct flush *)order;

	(void)pthread_mutex_lock(&flush->lock);
	flush->done = true;
	flush->err = err;
	(void)pthread_cond_signal(&flush->over);
	(void)pthread_mutex_unlock(&flush->lock);
}

/* Changes that could be sent. */
static int64_t
count_waiting(struct sync *sync)
{
	struct journal_counts counts = {0};
	struct tx *tx;

	if (store_read(sync->store, false, &tx) != 0)
		return 0;
	if (journal_waits(tx, "") == 1)
		(void)journal_counts(tx, &counts);
	store_end(tx);
	return counts.waiting;
}

static void
send_all(struct sync *sync)
{
	struct flush flush = {
	    .order = {.kind = ORDER_SYNC,
		.refusals = sync_refusals(sync),
		.resume = flushed},
	    .lock = PTHREAD_MUTEX_INITIALIZER,
	    .over = PTHREAD_COND_INITIALIZER,
	};

	sync_give_order(sync, &flush.order);
	(void)pthread_mutex_lock(&flush.lock);
	while (!flush.done)
		(void)pthread_cond_wait(&flush.over, &flush.lock);
	(void)pthread_mutex_unlock(&flush.lock);
	(void)pthread_mutex_destroy(&flush.lock);
	(void)pthread_cond_destroy(&flush.over);
}

void
sync_flush(struct sync *sync)
{
	bool offline;

	if (sync == NULL || !sync->started || count_waiting(sync) == 0)
		return;
	(void)pthread_mutex_lock(&sync->lock);
	sync->answers_by_ms = time_monotonic_ms() + SYNC_WAIT_MS;
	offline = sync->view.asked && !sync->view.online;
	(void)pthread_mutex_unlock(&sync->lock);
	if (!offline)
		send_all(sync);
}

void
orders_say_left(struct sync *sync)
{
	int64_t left = count_waiting(sync);

	if (left > 0)
		log_warning("%lld change%s not sent yet: the next mount does",
		    (long long)left, left == 1 ? " is" : "s are");
}

void
orders_end(struct sync *sync, int err)
{
	struct sync_order *order = take_all(sync), *next;

	for (; order != NULL; order = next) {
		next = order->next;
		order->resume(order, err);
	}
}
