#include "fs/watch.h"

#include "fs/attach.h"
#include "fs/card.h"
#include "fs/private.h"
#include "fs/watch_folders.h"
#include "store/former.h"
#include "store/saves.h"
#include "store/spool.h"
#include "util/log.h"
#include "util/timeutil.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

/* How often saves are looked at that no event ends. */
#define TICK_MS 250
/* Nobody thinks longer between two WRITEs of one save. */
#define STILL_MS 60000
#define SETTLE_AT_ONCE 64
/* A program that saves one file after the other is not kept from it: what it
 * has closed is settled when it has been quiet for so long, or at the latest. */
#define QUIET_MS 20
#define BUSY_MS 1000

int
watch_new(struct fs *fs, struct watch **ret_watch)
{
	struct watch *watch = calloc(1, sizeof *watch);

	if (watch == NULL)
		return -ENOMEM;
	watch->fs = fs;
	(void)pthread_mutex_init(&watch->settling, NULL);
	(void)pthread_mutex_init(&watch->reading, NULL);
	(void)pthread_mutex_init(&watch->lock, NULL);
	(void)pthread_cond_init(&watch->settled, NULL);
	watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	watch->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (watch->fd < 0)
		log_warning("no inotify: saves end when they have been still "
			    "for a while");
	*ret_watch = watch;
	return 0;
}

/* If something was closed; the lock is held. */
static void
tell_closed(struct watch *watch)
{
	if (watch->closed.n == 0 || watch->told)
		return;
	watch->told = true;
	watch_wake(watch);
}

/* The lock is held. */
static void
add_once(struct watch *watch, uint64_t ino)
{
	uint64_t *slot;

	for (size_t i = 0; i < watch->closed.n; i++)
		if (watch->closed.v[i] == ino)
			return;
	slot = VEC_ADD(&watch->closed);
	if (slot != NULL)
		*slot = ino;
}

static void
add_closed(struct watch *watch, uint64_t ino)
{
	(void)pthread_mutex_lock(&watch->lock);
	add_once(watch, ino);
	(void)pthread_mutex_unlock(&watch->lock);
}

/* What could not be settled is tried once more; the lock is held. */
static void
try_again(struct watch *watch)
{
	while (watch->again.n > 0)
		add_once(watch, watch->again.v[--watch->again.n]);
}

/* Whether something was written that nobody has looked at: closing a draft
 * does not send it once more. */
static bool
has_news(struct tx *tx, uint64_t ino)
{
	struct save save = {0};
	struct spool spool;
	bool news =
	    save_get(tx, ino, &save) == 0
		? !save.draft
		: spool_get(tx, ino, &spool) == 0 && spool.state == SPOOL_OPEN;

	save_fini(&save);
	return news;
}

/* What was closed under this name. */
static void
note_closed(
    struct watch *watch, struct tx *tx, uint64_t folder, const char *name)
{
	model_ids former = {0};
	struct node node;

	if (node_by_name(tx, folder, name, &node) == 0 &&
	    (node_is_text(&node) || attach_is_file(&node)) &&
	    has_news(tx, node.ino)) {
		add_closed(watch, node.ino);
		return;
	}
	/* Others may have taken the name from it while it was open. */
	if (former_cards(tx, folder, name, &former) == 0)
		for (size_t i = 0; i < former.n; i++)
			if (node_by_id(tx, former.v[i].s, &node) == 0 &&
			    has_news(tx, node.ino))
				add_closed(watch, node.ino);
	VEC_FREE(&former);
}

/* The folder in which something was closed that was open for writing, or 0. */
static uint64_t
closed_in(struct watch *watch, const struct inotify_event *event)
{
	uint64_t folder;

	(void)pthread_mutex_lock(&watch->lock);
	folder = watch_folder_of(watch, event->wd);
	if ((event->mask & IN_Q_OVERFLOW) != 0)
		watch->lost_ms = time_wall_ms();
	if ((event->mask & IN_IGNORED) != 0)
		watch_forget_folder(watch, event->wd);
	(void)pthread_mutex_unlock(&watch->lock);
	return event->len > 0 && (event->mask & IN_CLOSE_WRITE) != 0 ? folder
								     : 0;
}

static void
take_event(struct watch *watch, const struct inotify_event *event)
{
	uint64_t folder = closed_in(watch, event);
	struct tx *tx;

	if (folder == 0 || store_read_brief(watch->fs->store, &tx) != 0)
		return;
	note_closed(watch, tx, folder, event->name);
	store_end(tx);
}

/* Read what the kernel has told so far.  Returns whether it has told
 * anything. */
static bool
drain(struct watch *watch)
{
	char buffer[4096]
	    __attribute__((aligned(__alignof__(struct inotify_event))));
	bool told = false;
	ssize_t n;

	(void)pthread_mutex_lock(&watch->reading);
	while (watch->fd >= 0 &&
	       (n = read(watch->fd, buffer, sizeof buffer)) > 0) {
		told = true;
		for (char *at = buffer; at < buffer + n;) {
			const struct inotify_event *event =
			    (const struct inotify_event *)(void *)at;

			take_event(watch, event);
			at += sizeof *event + event->len;
		}
	}
	(void)pthread_mutex_unlock(&watch->reading);
	return told;
}

/* The others stay in the order in which they were closed; the lock is held. */
static uint64_t
take_at(struct watch *watch, size_t i)
{
	uint64_t *at = watch->closed.v + i, ino = *at;

	memmove(at, at + 1, (--watch->closed.n - i) * sizeof *at);
	return ino;
}

bool
watch_take_closed(struct watch *watch, uint64_t ino)
{
	bool found = false;

	(void)drain(watch);
	(void)pthread_mutex_lock(&watch->lock);
	while (watch->current == ino)
		(void)pthread_cond_wait(&watch->settled, &watch->lock);
	try_again(watch);
	for (size_t i = 0; i < watch->closed.n && !found; i++) {
		if (watch->closed.v[i] != ino)
			continue;
		(void)take_at(watch, i);
		found = true;
	}
	tell_closed(watch);
	(void)pthread_mutex_unlock(&watch->lock);
	return found;
}

void
watch_closed(struct watch *watch, uint64_t ino)
{
	struct tx *tx;
	bool news;

	if (store_read_brief(watch->fs->store, &tx) != 0)
		return;
	news = has_news(tx, ino);
	store_end(tx);
	if (!news)
		return;
	(void)pthread_mutex_lock(&watch->lock);
	add_once(watch, ino);
	tell_closed(watch);
	(void)pthread_mutex_unlock(&watch->lock);
}

void
watch_again(struct watch *watch, uint64_t ino)
{
	uint64_t *slot;

	(void)pthread_mutex_lock(&watch->lock);
	slot = VEC_ADD(&watch->again);
	if (slot != NULL)
		*slot = ino;
	(void)pthread_mutex_unlock(&watch->lock);
}

/* 0: there is none. */
static uint64_t
next_closed(struct watch *watch)
{
	uint64_t ino = 0;

	(void)drain(watch);
	(void)pthread_mutex_lock(&watch->lock);
	if (watch->closed.n > 0)
		ino = take_at(watch, 0);
	watch->current = ino;
	watch->told = ino != 0;
	(void)pthread_mutex_unlock(&watch->lock);
	return ino;
}

static void
settle_closed(struct watch *watch)
{
	uint64_t ino;

	(void)pthread_mutex_lock(&watch->lock);
	try_again(watch);
	(void)pthread_mutex_unlock(&watch->lock);
	do {
		(void)pthread_mutex_lock(&watch->settling);
		ino = next_closed(watch);
		if (ino != 0)
			(void)card_settle(watch->fs, ino);
		(void)pthread_mutex_lock(&watch->lock);
		watch->current = 0;
		(void)pthread_cond_broadcast(&watch->settled);
		(void)pthread_mutex_unlock(&watch->lock);
		(void)pthread_mutex_unlock(&watch->settling);
	} while (ino != 0);
}

/* Whether the end of a save of this card would be told, or was: no WRITE was
 * answered before its folder was watched. */
static bool
end_is_told(struct watch *watch, uint64_t ino)
{
	struct spool spool = {0};
	struct save save = {0};
	struct node node;
	struct tx *tx;
	bool there, told = false;

	if (store_read_brief(watch->fs->store, &tx) != 0)
		return false;
	there =
	    node_get(tx, ino, &node) == 0 &&
	    (save_get(tx, ino, &save) == 0 || spool_get(tx, ino, &spool) == 0);
	if (spool.ino != 0)
		save.last_ms = spool.last_ms;
	store_end(tx);
	if (there) {
		(void)pthread_mutex_lock(&watch->lock);
		told = watch_has_folder(watch, node.parent) &&
		       save.last_ms > watch->lost_ms;
		(void)pthread_mutex_unlock(&watch->lock);
	}
	save_fini(&save);
	return told;
}

static size_t
still_since(struct watch *watch, int64_t ms, uint64_t *inos)
{
	struct tx *tx;
	size_t n = 0;

	if (store_read_brief(watch->fs->store, &tx) != 0)
		return 0;
	(void)saves_before(tx, time_wall_ms() - ms, inos, SETTLE_AT_ONCE, &n);
	store_end(tx);
	return n;
}

static void
settle_untold(struct watch *watch, int64_t still_ms)
{
	uint64_t inos[SETTLE_AT_ONCE];
	size_t n = still_since(watch, still_ms, inos);

	for (size_t i = 0; i < n; i++)
		if (!end_is_told(watch, inos[i]))
			(void)card_settle(watch->fs, inos[i]);
}

/* Of a file only the close says that it is complete, if that can be told. */
static void
settle_untold_files(struct watch *watch)
{
	uint64_t inos[SETTLE_AT_ONCE];
	struct tx *tx;
	size_t n = 0;

	if (store_read_brief(watch->fs->store, &tx) != 0)
		return;
	(void)spools_before(
	    tx, time_wall_ms() - STILL_MS, inos, SETTLE_AT_ONCE, &n);
	store_end(tx);
	for (size_t i = 0; i < n; i++)
		if (!end_is_told(watch, inos[i]))
			(void)card_settle(watch->fs, inos[i]);
}

void
watch_settle_now(struct watch *watch)
{
	settle_closed(watch);
	settle_untold(watch, 0);
}

static void
settle_still(struct watch *watch)
{
	uint64_t inos[SETTLE_AT_ONCE];
	size_t n;

	settle_untold(watch, watch->fs->settle.settle_ms);
	settle_untold_files(watch);
	n = still_since(watch, STILL_MS, inos);
	for (size_t i = 0; i < n; i++)
		(void)card_settle(watch->fs, inos[i]);
}

static bool
stopping(struct watch *watch)
{
	bool stop;

	(void)pthread_mutex_lock(&watch->lock);
	stop = watch->stopping;
	(void)pthread_mutex_unlock(&watch->lock);
	return stop;
}

/* Who waits for a folder to be watched does not wait for this. */
static void
serve(struct watch *watch, int64_t until_ms)
{
	int64_t now_ms = time_monotonic_ms();
	uint64_t count;

	do {
		struct pollfd fd = {.fd = watch->wake_fd, .events = POLLIN};

		(void)poll(&fd, 1, (int)(until_ms - now_ms));
		(void)!read(watch->wake_fd, &count, sizeof count);
		watch_add_wanted(watch);
		now_ms = time_monotonic_ms();
	} while (now_ms < until_ms && !stopping(watch));
}

static void
wait_for_quiet(struct watch *watch)
{
	int64_t now_ms = time_monotonic_ms(), end_ms = now_ms + BUSY_MS;
	size_t before = 0;
	bool more;

	do {
		serve(watch, now_ms + QUIET_MS);
		more = drain(watch);
		(void)pthread_mutex_lock(&watch->lock);
		more = more || watch->closed.n > before;
		before = watch->closed.n;
		more = more && !watch->stopping;
		(void)pthread_mutex_unlock(&watch->lock);
		now_ms = time_monotonic_ms();
	} while (more && now_ms < end_ms);
}

static void *
thread_main(void *cookie)
{
	struct watch *watch = cookie;
	uint64_t count;

	while (!stopping(watch)) {
		struct pollfd fds[] = {{.fd = watch->fd, .events = POLLIN},
		    {.fd = watch->wake_fd, .events = POLLIN}};
		int n = poll(fds, 2, TICK_MS);

		(void)!read(watch->wake_fd, &count, sizeof count);
		watch_add_wanted(watch);
		if (n > 0)
			wait_for_quiet(watch);
		settle_closed(watch);
		settle_still(watch);
	}
	return NULL;
}

int
watch_start(struct watch *watch, const char *mountpoint)
{
	sigset_t all, old;
	int code;

	watch->mountpoint = strdup(mountpoint);
	if (watch->mountpoint == NULL)
		return -ENOMEM;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &old);
	(void)pthread_mutex_lock(&watch->lock);
	code = pthread_create(&watch->thread, NULL, thread_main, watch);
	watch->started = code == 0;
	(void)pthread_mutex_unlock(&watch->lock);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -code;
}

void
watch_stop(struct watch *watch)
{
	bool started;

	(void)pthread_mutex_lock(&watch->lock);
	watch->stopping = true;
	started = watch->started;
	watch->started = false;
	(void)pthread_mutex_unlock(&watch->lock);
	watch_wake(watch);
	if (started) {
		(void)pthread_join(watch->thread, NULL);
		settle_closed(watch);
	}
	watch_answer(watch, 0);
	(void)pthread_mutex_lock(&watch->reading);
	(void)pthread_mutex_lock(&watch->lock);
	if (watch->fd >= 0)
		(void)close(watch->fd);
	watch->fd = -1;
	(void)pthread_mutex_unlock(&watch->lock);
	(void)pthread_mutex_unlock(&watch->reading);
}

void
watch_free(struct watch *watch)
{
	if (watch == NULL)
		return;
	watch_stop(watch);
	(void)close(watch->wake_fd);
	VEC_FREE(&watch->wanted);
	VEC_FREE(&watch->waiting);
	VEC_FREE(&watch->folders);
	VEC_FREE(&watch->closed);
	VEC_FREE(&watch->again);
	(void)pthread_cond_destroy(&watch->settled);
	(void)pthread_mutex_destroy(&watch->lock);
	(void)pthread_mutex_destroy(&watch->reading);
	(void)pthread_mutex_destroy(&watch->settling);
	free(watch->mountpoint);
	free(watch);
}
