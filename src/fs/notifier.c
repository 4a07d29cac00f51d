#include "fs/notifier.h"

#include "store/invalidate.h"
#include "store/nodes.h"
#include "store/store.h"
#include "util/log.h"

#include <fuse_lowlevel.h>

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE_MAX 65536

struct notifier {
	struct store *store;
	struct fuse_session *session;
	pthread_t thread;
	bool started;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct invalidations queue;
	struct invalidations later;    /* in folders that are held */
	VEC(uint64_t) held;	       /* a folder once for each request */
	struct notifier_after *afters; /* newest first */
	bool overflown;		       /* forget all boards' folders */
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
	(void)pthread_mutex_lock(&notifier->lock);
	if (notifier->started && !notifier->stopping) {
		if (notifier->queue.list.n + notifier->later.list.n +
			    invalidations->list.n >
			QUEUE_MAX ||
		    invalidations_move(invalidations, &notifier->queue) != 0) {
			invalidations_fini(&notifier->queue);
			invalidations_fini(&notifier->later);
			notifier->overflown = true;
		}
		(void)pthread_cond_signal(&notifier->more);
	}
	(void)pthread_mutex_unlock(&notifier->lock);
	invalidations_fini(invalidations);
}

void
notifier_add_all(struct notifier *notifier)
{
	(void)pthread_mutex_lock(&notifier->lock);
	if (notifier->started && !notifier->stopping) {
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
	added = notifier->started && !notifier->stopping;
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
notifier_hold(struct notifier *notifier, uint64_t folder)
{
	uint64_t *slot;

	(void)pthread_mutex_lock(&notifier->lock);
	slot = VEC_ADD(&notifier->held);
	/* Without memory what is told there waits. */
	if (slot != NULL)
		*slot = folder;
	(void)pthread_mutex_unlock(&notifier->lock);
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

/* Whether the kernel would have to wait for a request to tell it. */
static bool
must_wait(const struct notifier *notifier, const struct invalidation *one)
{
	if (one->kind == INVALIDATE_INODE)
		return false;
	for (size_t i = 0; i < notifier->held.n; i++)
		if (notifier->held.v[i] == one->parent ||
		    notifier->held.v[i] == one->ino)
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

/* Whether this is to be told now. */
static bool
is_due(struct notifier *notifier, const struct invalidation *one)
{
	bool due;

	(void)pthread_mutex_lock(&notifier->lock);
	due = !notifier->stopping &&
	      !(must_wait(notifier, one) && keep_for_later(notifier, one) == 0);
	(void)pthread_mutex_unlock(&notifier->lock);
	return due;
}

static void
tell(struct notifier *notifier, const struct invalidation *one)
{
	if (!is_due(notifier, one))
		return;
	if (one->kind == INVALIDATE_INODE)
		log_debug("forget inode %" PRIu64, one->ino);
	else
		log_debug("forget name %" PRIu64 " %s", one->parent, one->name);
	switch (one->kind) {
	case INVALIDATE_INODE:
		(void)fuse_lowlevel_notify_inval_inode(
		    notifier->session, one->ino, 0, 0);
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
tell_all(struct notifier *notifier)
{
	const struct invalidation root = {
	    .kind = INVALIDATE_INODE, .ino = NODE_ROOT};
	struct invalidations names = {0};
	struct tx *tx;
	int r = store_read(notifier->store, false, &tx);

	log_info("very much has changed: the kernel forgets all boards");
	if (r == 0) {
		r = node_each(tx, NODE_ROOT, 0, collect_name, &names);
		store_end(tx);
	}
	for (size_t i = 0; i < names.list.n; i++)
		tell(notifier, &names.list.v[i]);
	tell(notifier, &root);
	invalidations_fini(&names);
}

static void *
thread_main(void *cookie)
{
	struct notifier *notifier = cookie;
	struct notifier_after *afters;
	struct invalidations now;
	bool all;

	(void)pthread_mutex_lock(&notifier->lock);
	while (!notifier->stopping) {
		if (notifier->queue.list.n == 0 && !notifier->overflown &&
		    notifier->afters == NULL) {
			(void)pthread_cond_wait(
			    &notifier->more, &notifier->lock);
			continue;
		}
		now = notifier->queue;
		all = notifier->overflown;
		afters = notifier->afters;
		memset(&notifier->queue, 0, sizeof notifier->queue);
		notifier->afters = NULL;
		notifier->overflown = false;
		(void)pthread_mutex_unlock(&notifier->lock);
		if (all)
			tell_all(notifier);
		for (size_t i = 0; i < now.list.n; i++)
			tell(notifier, &now.list.v[i]);
		invalidations_fini(&now);
		run_afters(afters);
		(void)pthread_mutex_lock(&notifier->lock);
	}
	afters = notifier->afters;
	notifier->afters = NULL;
	(void)pthread_mutex_unlock(&notifier->lock);
	run_afters(afters);
	return NULL;
}

int
notifier_start(struct notifier *notifier, struct fuse_session *session)
{
	sigset_t all, old;
	int code;

	notifier->session = session;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &old);
	(void)pthread_mutex_lock(&notifier->lock);
	code = pthread_create(&notifier->thread, NULL, thread_main, notifier);
	notifier->started = code == 0;
	(void)pthread_mutex_unlock(&notifier->lock);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -code;
}

void
notifier_stop(struct notifier *notifier)
{
	bool started;

	(void)pthread_mutex_lock(&notifier->lock);
	notifier->stopping = true;
	started = notifier->started;
	notifier->started = false;
	(void)pthread_cond_signal(&notifier->more);
	(void)pthread_mutex_unlock(&notifier->lock);
	if (started)
		(void)pthread_join(notifier->thread, NULL);
}

void
notifier_free(struct notifier *notifier)
{
	if (notifier == NULL)
		return;
	notifier_stop(notifier);
	invalidations_fini(&notifier->queue);
	invalidations_fini(&notifier->later);
	VEC_FREE(&notifier->held);
	(void)pthread_mutex_destroy(&notifier->lock);
	(void)pthread_cond_destroy(&notifier->more);
	free(notifier);
}
