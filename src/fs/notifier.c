#include "fs/notifier.h"

#include "store/invalidate.h"
#include "store/nodes.h"
#include "store/store.h"
#include "store/untold.h"
#include "util/log.h"

#include <fuse_lowlevel.h>

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define QUEUE_MAX 65536
/* How long it takes until a question that was asked before is here, until who
 * knew a size has read, and until the kernel has taken an answer. */
#define ASKING_US 10000
#define READING_US 20000
#define TAKING_US 5000
/* Who has saved a text may read it at once: the kernel has what he is given
 * before it is told, and would not take it afterwards. */
#define ASKING_OWN_US 300

/* A thread that tells the kernel, until it is replaced: what it is telling then
 * waits in the kernel for a folder's lock. */
struct teller {
	struct notifier *notifier;
	struct teller *next;
	pthread_t thread;
	bool replaced;
	bool ended;
};

struct notifier {
	struct store *store;
	struct fuse_session *session;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct teller *tellers;	       /* the first is the one that tells */
	struct invalidations queue;    /* told behind `now` */
	struct invalidations later;    /* in folders that are held */
	VEC(uint64_t) held;	       /* a folder once for each request */
	struct notifier_after *afters; /* behind the queue; newest first */
	bool overflown;		       /* forget all boards' folders */
	struct invalidations now;
	size_t n_told;			    /* of `now` */
	VEC(uint64_t) paused;		    /* see tell_inode() */
	struct notifier_after *now_afters;  /* behind `now` */
	const struct invalidation *telling; /* NULL: nothing */
	bool stopping;
};

int
notifier_new(struct store *store, struct notifier **ret_notifier)
{
	struct notifier *notifier = calloc(1, sizeof *notifier);

	if (notifier == NULL)
		return -ENOMEM;
	notifier->store = store;
	(void)pthread_mutex_init(&notifier->lock, NULL);
	(void)pthread_cond_init(&notifier->more, NULL);
	*ret_notifier = notifier;
	return 0;
}

void
notifier_add(struct notifier *notifier, struct invalidations *invalidations)
{
	if (invalidations->list.n == 0) {
		invalidations_fini(invalidations);
		return;
	}
	(void)pthread_mutex_lock(&notifier->lock);
	if (notifier->tellers != NULL && !notifier->stopping) {
		if (notifier->queue.list.n + notifier->later.list.n +
			    invalidations->list.n >
			QUEUE_MAX ||
		    invalidations_move(invalidations, &notifier->queue) != 0) {
			invalidations_fini(&notifier->queue);
			invalidations_fini(&notifier->later);
			notifier->overflown = true;
		}
		(void)pthread_cond_signal(&notifier->more);
	} else {
		untold_forget(store_untold(notifier->store));
	}
	(void)pthread_mutex_unlock(&notifier->lock);
	invalidations_fini(invalidations);
}

void
notifier_add_all(struct notifier *notifier)
{
	(void)pthread_mutex_lock(&notifier->lock);
	if (notifier->tellers != NULL && !notifier->stopping) {
		notifier->overflown = true;
		(void)pthread_cond_signal(&notifier->more);
	}
	(void)pthread_mutex_unlock(&notifier->lock);
}

void
notifier_then(struct notifier *notifier, struct notifier_after *after)
{
	bool added;

	(void)pthread_mutex_lock(&notifier->lock);
	added = notifier->tellers != NULL && !notifier->stopping;
	if (added) {
		after->next = notifier->afters;
		notifier->afters = after;
		(void)pthread_cond_signal(&notifier->more);
	}
	(void)pthread_mutex_unlock(&notifier->lock);
	if (!added)
		after->done(after);
}

/* The oldest first. */
static void
run_afters(struct notifier_after *newest)
{
	struct notifier_after *oldest = NULL, *next;

	for (; newest != NULL; newest = next) {
		next = newest->next;
		newest->next = oldest;
		oldest = newest;
	}
	for (; oldest != NULL; oldest = next) {
		next = oldest->next;
		oldest->done(oldest);
	}
}

static void
tell_entry(struct notifier *notifier, uint64_t parent, const char *name)
{
	/* -ENOENT: the kernel never knew it. */
	(void)fuse_lowlevel_notify_inval_entry(
	    notifier->session, parent, name, strlen(name));
}

void
notifier_release(struct notifier *notifier, uint64_t folder)
{
	(void)pthread_mutex_lock(&notifier->lock);
	for (size_t i = 0; i < notifier->held.n; i++) {
		if (notifier->held.v[i] != folder)
			continue;
		notifier->held.v[i] = notifier->held.v[--notifier->held.n];
		break;
	}
	if (notifier->later.list.n > 0) {
		(void)invalidations_move(&notifier->later, &notifier->queue);
		(void)pthread_cond_signal(&notifier->more);
	}
	(void)pthread_mutex_unlock(&notifier->lock);
}

/* Whether telling it takes this folder's lock. */
static bool
takes_lock(const struct invalidation *one, uint64_t folder)
{
	return one->kind != INVALIDATE_INODE &&
	       (one->parent == folder || one->ino == folder);
}

/* Whether the kernel would have to wait for a request to tell it. */
static bool
must_wait(const struct notifier *notifier, const struct invalidation *one)
{
	for (size_t i = 0; i < notifier->held.n; i++)
		if (takes_lock(one, notifier->held.v[i]))
			return true;
	return false;
}

static int
keep_for_later(struct notifier *notifier, const struct invalidation *one)
{
	return one->kind == INVALIDATE_GONE
		   ? invalidate_gone(
			 &notifier->later, one->parent, one->ino, one->name)
		   : invalidate_entry(&notifier->later, one->parent, one->name);
}

static void
sleep_us(long us)
{
	const struct timespec time = {.tv_nsec = us * 1000L};

	(void)nanosleep(&time, NULL);
}

/*
 * From now on who comes has to ask for the size.  Of a text that was kept
 * (untold.h) he is given the old one as long as his question may be older, and
 * the kernel does not take the answer; then he waits until all have read.
 *
 * 1: the kernel does not know the inode, but may be about to: it may have been
 * given attributes of before, and takes them with the folder's lock.  Who tells
 * it of the name waits for that lock.
 */
static int
tell_inode(struct notifier *notifier, uint64_t ino)
{
	struct untold *untold = store_untold(notifier->store);
	int r = fuse_lowlevel_notify_inval_inode(notifier->session, ino, 0, 0);
	uint64_t *slot = NULL;

	if (r != -ENOENT && untold_by_others(untold, ino)) {
		(void)pthread_mutex_lock(&notifier->lock);
		slot = VEC_ADD(&notifier->paused);
		if (slot != NULL)
			*slot = ino;
		(void)pthread_mutex_unlock(&notifier->lock);
	}
	if (slot == NULL && untold_told(untold, ino, r != -ENOENT))
		untold_release(untold);
	return r == -ENOENT;
}

/* With the lock, which is let go meanwhile. */
static void
end_pause(struct notifier *notifier)
{
	struct untold *untold = store_untold(notifier->store);
	uint64_t *inos = notifier->paused.v;
	size_t n = notifier->paused.n;
	bool more = false;

	notifier->paused.v = NULL;
	notifier->paused.n = notifier->paused.cap = 0;
	(void)pthread_mutex_unlock(&notifier->lock);
	sleep_us(ASKING_US);
	for (size_t i = 0; i < n; i++)
		untold_pause(untold, inos[i]);
	sleep_us(READING_US);
	for (size_t i = 0; i < n; i++)
		more = untold_told(untold, inos[i], true) || more;
	if (more)
		sleep_us(TAKING_US);
	untold_release(untold);
	free(inos);
	(void)pthread_mutex_lock(&notifier->lock);
}

/* 0 or 1, see tell_inode(). */
static int
tell(struct notifier *notifier, const struct invalidation *one)
{
	int r = 0;

	if (one->kind == INVALIDATE_INODE)
		log_debug("forget inode %" PRIu64, one->ino);
	else
		log_debug("forget name %" PRIu64 " %s", one->parent, one->name);
	switch (one->kind) {
	case INVALIDATE_INODE:
		r = tell_inode(notifier, one->ino);
		break;
	case INVALIDATE_ENTRY:
		tell_entry(notifier, one->parent, one->name);
		break;
	case INVALIDATE_GONE:
		if (fuse_lowlevel_notify_delete(notifier->session, one->parent,
			one->ino, one->name, strlen(one->name)) != 0)
			tell_entry(notifier, one->parent, one->name);
		break;
	}
	return r;
}

/* Where a file is now; false: nowhere. */
static bool
find_name(struct notifier *notifier, uint64_t ino,
    struct invalidation *ret_entry, struct node *node)
{
	struct tx *tx;
	int r = store_read(notifier->store, false, &tx);

	if (r != 0)
		return false;
	r = node_get(tx, ino, node);
	store_end(tx);
	if (r != 0 || node->parent == 0 || node_is_dir(node))
		return false;
	*ret_entry = (struct invalidation){.kind = INVALIDATE_ENTRY,
	    .parent = node->parent,
	    .name = node->name};
	return true;
}

static int
collect_name(void *cookie, const struct node *node)
{
	return invalidate_entry(cookie, NODE_ROOT, node->name);
}

/*
 * Forgetting a folder's name makes the kernel look up everything below it
 * again, and new sizes and times make it drop the pages.
 */
static void
collect_all(struct notifier *notifier, struct invalidations *all)
{
	struct tx *tx;

	log_info("very much has changed: the kernel forgets all boards");
	if (store_read(notifier->store, false, &tx) == 0) {
		(void)node_each(tx, NODE_ROOT, 0, collect_name, all);
		store_end(tx);
	}
	(void)invalidate_inode(all, NODE_ROOT);
	untold_forget(store_untold(notifier->store));
}

/* What has come meanwhile is told next; false: nothing has.  With the lock,
 * which is let go for a moment. */
static bool
begin_next(struct notifier *notifier)
{
	struct invalidations all = {0};
	bool overflown = notifier->overflown;

	if (notifier->queue.list.n == 0 && !overflown &&
	    notifier->afters == NULL)
		return false;
	invalidations_fini(&notifier->now);
	notifier->now = notifier->queue;
	notifier->n_told = 0;
	notifier->now_afters = notifier->afters;
	memset(&notifier->queue, 0, sizeof notifier->queue);
	notifier->afters = NULL;
	notifier->overflown = false;
	if (untold_take_own(store_untold(notifier->store))) {
		(void)pthread_mutex_unlock(&notifier->lock);
		sleep_us(ASKING_OWN_US);
		(void)pthread_mutex_lock(&notifier->lock);
	}
	if (overflown) {
		(void)pthread_mutex_unlock(&notifier->lock);
		collect_all(notifier, &all);
		(void)pthread_mutex_lock(&notifier->lock);
		(void)invalidations_move(&notifier->now, &all);
		invalidations_fini(&notifier->now);
		notifier->now = all;
	}
	return true;
}

/* With the lock, which is let go while the kernel is told.  As tell(). */
static int
tell_one(struct notifier *notifier, const struct teller *teller,
    const struct invalidation *one)
{
	int r;

	if (must_wait(notifier, one) && keep_for_later(notifier, one) == 0)
		return 0;
	notifier->telling = one;
	(void)pthread_mutex_unlock(&notifier->lock);
	r = tell(notifier, one);
	(void)pthread_mutex_lock(&notifier->lock);
	if (!teller->replaced)
		notifier->telling = NULL;
	return r;
}

/* Likewise. */
static void
tell_next(struct notifier *notifier, const struct teller *teller)
{
	struct invalidation one = notifier->now.list.v[notifier->n_told];
	struct invalidation entry;
	struct node node;
	bool found;

	notifier->now.list.v[notifier->n_told++].name = NULL;
	if (tell_one(notifier, teller, &one) == 1) {
		(void)pthread_mutex_unlock(&notifier->lock);
		found = find_name(notifier, one.ino, &entry, &node);
		(void)pthread_mutex_lock(&notifier->lock);
		if (found)
			(void)tell_one(notifier, teller, &entry);
	}
	free(one.name);
}

/* With the lock.  What is not told after all is not kept for ever. */
static void
wait_for_more(struct notifier *notifier)
{
	struct untold *untold = store_untold(notifier->store);
	struct timespec until;

	if (untold_is_empty(untold)) {
		(void)pthread_cond_wait(&notifier->more, &notifier->lock);
		return;
	}
	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec++;
	if (pthread_cond_timedwait(&notifier->more, &notifier->lock, &until) ==
	    0)
		return;
	(void)pthread_mutex_unlock(&notifier->lock);
	untold_expire(untold);
	(void)pthread_mutex_lock(&notifier->lock);
}

static void *
thread_main(void *cookie)
{
	struct teller *teller = cookie;
	struct notifier *notifier = teller->notifier;
	struct notifier_after *afters;

	(void)pthread_mutex_lock(&notifier->lock);
	while (!notifier->stopping && !teller->replaced) {
		if (notifier->n_told < notifier->now.list.n) {
			tell_next(notifier, teller);
		} else if (notifier->paused.n > 0) {
			end_pause(notifier);
		} else if (notifier->now_afters != NULL) {
			afters = notifier->now_afters;
			notifier->now_afters = NULL;
			(void)pthread_mutex_unlock(&notifier->lock);
			run_afters(afters);
			(void)pthread_mutex_lock(&notifier->lock);
		} else if (!begin_next(notifier)) {
			wait_for_more(notifier);
		}
	}
	teller->ended = true;
	(void)pthread_mutex_unlock(&notifier->lock);
	return NULL;
}

/* With the lock.  0 or -errno. */
static int
start_teller(struct notifier *notifier)
{
	struct teller *teller = calloc(1, sizeof *teller);
	sigset_t all, old;
	int code;

	if (teller == NULL)
		return -ENOMEM;
	teller->notifier = notifier;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &old);
	code = pthread_create(&teller->thread, NULL, thread_main, teller);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (code != 0) {
		free(teller);
		return -code;
	}
	teller->next = notifier->tellers;
	notifier->tellers = teller;
	return 0;
}

/* Take those that have ended off the list, or all; with the lock. */
static struct teller *
take_tellers(struct notifier *notifier, bool all)
{
	struct teller *taken = NULL, **at = &notifier->tellers, *teller;

	while ((teller = *at) != NULL) {
		if (!all && !teller->ended) {
			at = &teller->next;
			continue;
		}
		*at = teller->next;
		teller->next = taken;
		taken = teller;
	}
	return taken;
}

static void
join_tellers(struct teller *teller)
{
	for (struct teller *next; teller != NULL; teller = next) {
		next = teller->next;
		(void)pthread_join(teller->thread, NULL);
		free(teller);
	}
}

/* The thread that waits for this folder's lock will wait long: another one
 * goes on.  With the lock. */
static void
replace_teller(struct notifier *notifier)
{
	struct teller *stuck = notifier->tellers;

	if (start_teller(notifier) != 0)
		return;
	stuck->replaced = true;
	notifier->telling = NULL;
}

void
notifier_hold(struct notifier *notifier, uint64_t folder)
{
	struct teller *ended = NULL;
	uint64_t *slot;

	(void)pthread_mutex_lock(&notifier->lock);
	slot = VEC_ADD(&notifier->held);
	/* Without memory what is told there waits. */
	if (slot != NULL)
		*slot = folder;
	if (notifier->telling != NULL && !notifier->stopping &&
	    takes_lock(notifier->telling, folder)) {
		ended = take_tellers(notifier, false);
		replace_teller(notifier);
	}
	(void)pthread_mutex_unlock(&notifier->lock);
	join_tellers(ended);
}

int
notifier_start(struct notifier *notifier, struct fuse_session *session)
{
	int r;

	(void)pthread_mutex_lock(&notifier->lock);
	notifier->session = session;
	r = start_teller(notifier);
	(void)pthread_mutex_unlock(&notifier->lock);
	return r;
}

void
notifier_stop(struct notifier *notifier)
{
	struct notifier_after *now_afters, *afters;
	struct teller *tellers;

	(void)pthread_mutex_lock(&notifier->lock);
	notifier->stopping = true;
	tellers = take_tellers(notifier, true);
	(void)pthread_cond_broadcast(&notifier->more);
	(void)pthread_mutex_unlock(&notifier->lock);
	join_tellers(tellers);
	untold_forget(store_untold(notifier->store));
	(void)pthread_mutex_lock(&notifier->lock);
	now_afters = notifier->now_afters;
	afters = notifier->afters;
	notifier->now_afters = notifier->afters = NULL;
	(void)pthread_mutex_unlock(&notifier->lock);
	run_afters(now_afters);
	run_afters(afters);
}

void
notifier_free(struct notifier *notifier)
{
	if (notifier == NULL)
		return;
	notifier_stop(notifier);
	invalidations_fini(&notifier->now);
	invalidations_fini(&notifier->queue);
	invalidations_fini(&notifier->later);
	VEC_FREE(&notifier->held);
	VEC_FREE(&notifier->paused);
	(void)pthread_mutex_destroy(&notifier->lock);
	(void)pthread_cond_destroy(&notifier->more);
	free(notifier);
}
