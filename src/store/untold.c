#include "store/untold.h"

#include "store/invalidate.h"
#include "store/nodes.h"
#include "store/saves.h"
#include "store/store.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* A text that changes once more meanwhile is kept as it was first. */
enum kept_state { UNTOLD, PAUSED, TOLD };

struct kept {
	struct kept *next; /* in its bucket */
	uint64_t ino;
	int64_t since_ms;
	enum kept_state state;
	enum untold_whose whose;
	struct untold_waiter *waiters; /* PAUSED; the last one first */
	struct node node;
	struct buf text;
};

#define BUCKETS 1024

struct untold {
	pthread_mutex_t lock;
	struct kept *buckets[BUCKETS];
	atomic_size_t n; /* 0 is known without the lock */
	atomic_bool own;
	size_t bytes;
	struct untold_waiter *ready; /* to be done without the lock */
	struct untold_waiter *late;  /* to be released */
};

int
untold_new(struct untold **ret_untold)
{
	struct untold *untold = calloc(1, sizeof *untold);

	if (untold == NULL)
		return -ENOMEM;
	(void)pthread_mutex_init(&untold->lock, NULL);
	*ret_untold = untold;
	return 0;
}

void
untold_free(struct untold *untold)
{
	if (untold == NULL)
		return;
	untold_forget(untold);
	(void)pthread_mutex_destroy(&untold->lock);
	free(untold);
}

bool
untold_is_empty(const struct untold *untold)
{
	return atomic_load(&untold->n) == 0;
}

static void
unlock(struct untold *untold)
{
	struct untold_waiter *ready = untold->ready, *next;

	untold->ready = NULL;
	(void)pthread_mutex_unlock(&untold->lock);
	for (; ready != NULL; ready = next) {
		next = ready->next;
		ready->done(ready);
	}
}

/* With the lock, like the next ones. */
static struct kept **
find(struct untold *untold, uint64_t ino)
{
	struct kept **at = &untold->buckets[ino % BUCKETS];

	while (*at != NULL && (*at)->ino != ino)
		at = &(*at)->next;
	return at;
}

static void
move_all(struct untold_waiter **from, struct untold_waiter **to)
{
	struct untold_waiter *waiter;

	while ((waiter = *from) != NULL) {
		*from = waiter->next;
		waiter->next = *to;
		*to = waiter;
	}
}

static void
take_away(struct untold *untold, struct kept **at)
{
	struct kept *kept = *at;

	move_all(&kept->waiters, &untold->ready);
	*at = kept->next;
	untold->bytes -= sizeof *kept + kept->text.cap;
	(void)atomic_fetch_sub(&untold->n, 1);
	buf_free(&kept->text);
	free(kept);
}

static bool
is_old(const struct kept *kept, int64_t now_ms)
{
	return now_ms - kept->since_ms >= UNTOLD_MS;
}

static int
read_text(struct tx *tx, const struct node *node, struct buf *text)
{
	char *saved;
	size_t len;
	int r = saves_has(tx, node->ino);

	if (r != 1)
		return r == 0 ? node_text(tx, node->ino, text) : r;
	r = save_text(tx, node, &saved, &len);
	if (r == 0) {
		r = buf_add(text, saved, len);
		free(saved);
	}
	return r;
}

/* What is here of it before the commit; NULL: nothing that can be kept. */
static struct kept *
make(struct tx *tx, uint64_t ino, enum untold_whose whose, int64_t now_ms)
{
	struct kept *kept = calloc(1, sizeof *kept);
	int r = kept != NULL ? node_get(tx, ino, &kept->node) : -ENOMEM;

	if (r == 0)
		r = read_text(tx, &kept->node, &kept->text);
	if (r == 0) {
		kept->ino = ino;
		kept->since_ms = now_ms;
		kept->whose = whose;
		kept->state = whose == UNTOLD_OWN ? TOLD : UNTOLD;
		return kept;
	}
	if (kept != NULL)
		buf_free(&kept->text);
	free(kept);
	return NULL;
}

static void
keep_one(struct untold *untold, struct kept *kept)
{
	struct kept **at;
	bool added = false;

	if (kept == NULL)
		return;
	(void)pthread_mutex_lock(&untold->lock);
	at = find(untold, kept->ino);
	if (*at == NULL && untold->bytes + kept->text.cap <= UNTOLD_BYTES_MAX) {
		*at = kept;
		untold->bytes += sizeof *kept + kept->text.cap;
		(void)atomic_fetch_add(&untold->n, 1);
		added = true;
	}
	(void)pthread_mutex_unlock(&untold->lock);
	if (added)
		return;
	buf_free(&kept->text);
	free(kept);
}

void
untold_keep(struct store *store, const struct invalidations *out,
    enum untold_whose whose)
{
	struct untold *untold = store_untold(store);
	int64_t now_ms = time_monotonic_ms();
	struct tx *tx = NULL;

	for (size_t i = 0; i < out->list.n; i++) {
		if (out->list.v[i].kind != INVALIDATE_INODE)
			continue;
		if (tx == NULL && store_read_committed(store, &tx) != 0)
			return;
		keep_one(untold, make(tx, out->list.v[i].ino, whose, now_ms));
	}
	store_end(tx);
	if (whose == UNTOLD_OWN && tx != NULL)
		atomic_store(&untold->own, true);
}

void
untold_drop(struct untold *untold, uint64_t ino)
{
	struct kept **at;

	if (untold_is_empty(untold))
		return;
	(void)pthread_mutex_lock(&untold->lock);
	at = find(untold, ino);
	if (*at != NULL)
		take_away(untold, at);
	unlock(untold);
}

void
untold_drop_all_of(struct untold *untold, const struct invalidations *out)
{
	for (size_t i = 0; i < out->list.n; i++)
		if (out->list.v[i].kind == INVALIDATE_INODE)
			untold_drop(untold, out->list.v[i].ino);
}

bool
untold_take_own(struct untold *untold)
{
	return atomic_exchange(&untold->own, false);
}

bool
untold_by_others(struct untold *untold, uint64_t ino)
{
	const struct kept *kept;
	bool others;

	if (untold_is_empty(untold))
		return false;
	(void)pthread_mutex_lock(&untold->lock);
	kept = *find(untold, ino);
	others = kept != NULL && kept->whose == UNTOLD_OTHERS;
	unlock(untold);
	return others;
}

void
untold_pause(struct untold *untold, uint64_t ino)
{
	struct kept *kept;

	(void)pthread_mutex_lock(&untold->lock);
	kept = *find(untold, ino);
	if (kept != NULL && kept->state == UNTOLD)
		kept->state = PAUSED;
	unlock(untold);
}

bool
untold_told(struct untold *untold, uint64_t ino, bool known)
{
	struct kept *kept;
	bool more;

	if (!known) {
		untold_drop(untold, ino);
		return false;
	}
	(void)pthread_mutex_lock(&untold->lock);
	kept = *find(untold, ino);
	if (kept != NULL) {
		kept->state = TOLD;
		untold->ready = kept->waiters;
		if (kept->waiters != NULL) {
			kept->waiters = kept->waiters->next;
			untold->ready->next = NULL;
		}
		move_all(&kept->waiters, &untold->late);
	}
	more = untold->late != NULL;
	unlock(untold);
	return more;
}

void
untold_release(struct untold *untold)
{
	(void)pthread_mutex_lock(&untold->lock);
	move_all(&untold->late, &untold->ready);
	unlock(untold);
}

void
untold_forget(struct untold *untold)
{
	(void)pthread_mutex_lock(&untold->lock);
	for (size_t i = 0; i < BUCKETS; i++)
		while (untold->buckets[i] != NULL)
			take_away(untold, &untold->buckets[i]);
	move_all(&untold->late, &untold->ready);
	unlock(untold);
}

bool
untold_wait(struct untold *untold, uint64_t ino, struct untold_waiter *waiter)
{
	struct kept *kept;
	bool waits;

	if (untold_is_empty(untold))
		return false;
	(void)pthread_mutex_lock(&untold->lock);
	kept = *find(untold, ino);
	waits = kept != NULL && kept->state == PAUSED &&
		!is_old(kept, time_monotonic_ms());
	if (waits) {
		waiter->next = kept->waiters;
		kept->waiters = waiter;
	}
	unlock(untold);
	return waits;
}

void
untold_expire(struct untold *untold)
{
	int64_t now_ms = time_monotonic_ms();

	(void)pthread_mutex_lock(&untold->lock);
	for (size_t i = 0; i < BUCKETS && !untold_is_empty(untold); i++)
		for (struct kept **at = &untold->buckets[i]; *at != NULL;)
			if (is_old(*at, now_ms))
				take_away(untold, at);
			else
				at = &(*at)->next;
	unlock(untold);
}

bool
untold_attributes(struct untold *untold, struct node *node)
{
	struct kept **at;
	bool given = false;

	if (untold_is_empty(untold))
		return false;
	(void)pthread_mutex_lock(&untold->lock);
	at = find(untold, node->ino);
	if (*at != NULL) {
		const struct kept *kept = *at;

		if (kept->state == TOLD || is_old(kept, time_monotonic_ms())) {
			/* Unless the node was read before the commit. */
			if (kept->node.ctime_ns != node->ctime_ns)
				take_away(untold, at);
		} else {
			node->size = kept->node.size;
			node->mtime_ns = kept->node.mtime_ns;
			node->ctime_ns = kept->node.ctime_ns;
			given = true;
		}
	}
	unlock(untold);
	return given;
}

bool
untold_read(struct untold *untold, uint64_t ino, int64_t offset, void *data,
    size_t len, size_t *ret_len)
{
	const struct kept *kept;

	if (untold_is_empty(untold))
		return false;
	(void)pthread_mutex_lock(&untold->lock);
	kept = *find(untold, ino);
	if (kept != NULL && is_old(kept, time_monotonic_ms()))
		kept = NULL;
	if (kept != NULL) {
		size_t from = offset < (int64_t)kept->text.len ? (size_t)offset
							       : kept->text.len;

		*ret_len = kept->text.len - from;
		if (*ret_len > len)
			*ret_len = len;
		if (*ret_len > 0)
			memcpy(data, kept->text.data + from, *ret_len);
	}
	unlock(untold);
	return kept != NULL;
}
