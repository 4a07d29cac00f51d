#include "sync/downloads_private.h"

#include "store/invalidate.h"
#include "sync/private.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The thread.  In each round it looks at every file that is open, with the
 * lock: answers who has all that he waits for, or has waited in vain, and sees
 * to it that the rest comes.  Then, without the lock, it does what that needs.
 */

/* A file is open here for so long after it was read: nobody tells when a
 * program closes it. */
#define OPEN_MS 10000

/* Or for so long when there is no room, and so many at once. */
#define OPEN_BRIEFLY_MS 1000
#define OPEN_MAX 64

/* What failed fails again, without being tried, for those that come at once:
 * the kernel asks twice. */
#define SHARED_MS 1000

/* How often it is looked who reads no more. */
#define LOOK_MS 250

/* Under the lock. */
static void
tell(struct download *download, const char *why)
{
	struct downloads *downloads = download->downloads;
	struct failure *failure =
	    downloads_failure(downloads, download->file.id);

	if (why == NULL) {
		if (failure != NULL)
			*failure = (struct failure){0};
		return;
	}
	if (failure == NULL) {
		failure = &downloads->failures[downloads->next_failure];
		downloads->next_failure =
		    (downloads->next_failure + 1) % FAILURES_MAX;
	}
	(void)snprintf(
	    failure->id, sizeof failure->id, "%s", download->file.id);
	(void)snprintf(failure->text, sizeof failure->text, "%s", why);
}

void
download_fail(struct download *download, int err, const char *why)
{
	download->failed_ms = time_monotonic_ms();
	download->error = err;
	download->failures = 0;
	download->told = false;
	(void)snprintf(download->why, sizeof download->why, "%s", why);
}

int
download_begin_again(struct download *download)
{
	struct downloads *downloads = download->downloads;
	int r;

	download->generation++;
	download->farthest = 0;
	(void)pthread_mutex_lock(&downloads->lock);
	r = cached_forget(download->cached);
	(void)pthread_mutex_unlock(&downloads->lock);
	return r;
}

int
download_changed(struct download *download)
{
	struct sync *sync = download->downloads->sync;
	struct invalidations out = {0};
	bool seen;
	int r;

	(void)pthread_mutex_lock(&download->downloads->lock);
	seen = download->read_end > 0;
	download->read_end = 0;
	(void)pthread_mutex_unlock(&download->downloads->lock);
	r = download_begin_again(download);
	if (r == 0)
		r = invalidate_inode(&out, download->file.ino);
	if (r == 0 && sync->invalidated != NULL)
		sync->invalidated(sync->cookie, &out);
	invalidations_fini(&out);
	if (r != 0 || !seen)
		return r;
	download_fail(download, -EIO,
	    "it has changed while it was read: read it from the beginning");
	return -EIO;
}

/* In the sync thread. */
static void
located(struct locating *locating)
{
	struct download *download =
	    (struct download *)((char *)locating -
				offsetof(struct download, locating));
	struct downloads *downloads = download->downloads;

	(void)pthread_mutex_lock(&downloads->lock);
	download->answered = true;
	(void)pthread_mutex_unlock(&downloads->lock);
	storage_wakeup(downloads->storage);
}

/* Trello has answered where it is. */
static void
take_location(struct download *download)
{
	struct locating *locating = &download->locating;
	const struct remote_verdict *verdict = &locating->verdict;

	download->asked = download->answered = false;
	if (verdict->err == 0) {
		download->location = buf_steal(&locating->location);
		download->fresh = true;
	}
	if (verdict->err != 0 || download->location == NULL)
		download_fail(download,
		    verdict->err == 0		     ? -ENOMEM
		    : verdict->scope == SCOPE_OBJECT ? verdict->err
						     : -ENETUNREACH,
		    verdict->text);
	buf_wipe(&locating->location);
}

/* It has another size now. */
static bool
close_other(const struct download *download)
{
	struct download *other;

	LIST_FOREACH (other, &download->downloads->list, entry) {
		if (other == download || other->cached == NULL ||
		    strcmp(other->file.id, download->file.id) != 0)
			continue;
		pieces_end_all(other);
		download_fail(other, -EIO, "it has changed");
		other->used_ms = 0; /* the next round closes it */
		return false;
	}
	return true;
}

static int
open_cached(struct download *download)
{
	struct downloads *downloads = download->downloads;
	int r = 0;

	if (!close_other(download))
		return -EBUSY;
	if (downloads->cache == NULL)
		r = cache_open(
		    downloads->folder, downloads->max_bytes, &downloads->cache);
	if (r == 0)
		r = cached_open(downloads->cache, download->file.id,
		    download->file.size, &download->cached);
	/* Somebody has removed it all. */
	if (r == -ENOENT && downloads->cache != NULL &&
	    cache_is_idle(downloads->cache)) {
		cache_close(downloads->cache);
		downloads->cache = NULL;
		r = -EBUSY;
	}
	download->own =
	    download->file.url[0] == '\0' ||
	    storage_is_trellos(downloads->storage, download->file.url);
	if (r == 0 && !download->own && download->location == NULL)
		download->location = strdup(download->file.url);
	return r;
}

/* Why a file could not be opened, or all bytes of a wait are there, or it has
 * waited for too long: what to answer, or 1. */
static int
answer(struct download *download, struct download_wait *wait, int64_t now_ms)
{
	int64_t end = wait->offset + (int64_t)wait->len, since;

	if (wait->interrupted)
		return -EINTR;
	if (download->downloads->stopping)
		return -ENETUNREACH;
	if (download->cached != NULL &&
	    ranges_missing(
		cached_ranges(download->cached), wait->offset, end) == end) {
		wait->data = malloc(wait->len + 1);
		tell(download, NULL);
		download->read_end = end;
		return wait->data == NULL
			   ? -ENOMEM
			   : cached_read(download->cached, wait->offset,
				 wait->data, wait->len);
	}
	if (download->failed_ms != 0 &&
	    now_ms - download->failed_ms < SHARED_MS) {
		if (!download->told)
			tell(download, download->why);
		download->told = true;
		return download->error;
	}
	since = pieces_progress_ms(download, wait->offset);
	if (since < wait->since_ms)
		since = wait->since_ms;
	if (now_ms - since < SYNC_WAIT_MS)
		return 1;
	download_fail(download, -ENETUNREACH, "no bytes of it came for 10 s");
	tell(download, download->why);
	return -ENETUNREACH;
}

static void
take_answered(
    struct download *download, int64_t now_ms, struct download_wait **ret_taken)
{
	struct download_wait **at = &download->waits, *wait;

	while ((wait = *at) != NULL) {
		int err = answer(download, wait, now_ms);

		if (err == 1) {
			at = &wait->next;
			continue;
		}
		*at = wait->next;
		wait->err = err;
		wait->next = *ret_taken;
		*ret_taken = wait;
	}
}

/* What is left waits for bytes to come. */
static void
want(struct download *download, int64_t now_ms)
{
	const struct ranges *there = cached_ranges(download->cached);

	for (int pass = 0; pass < 2; pass++) {
		const struct download_wait *wait = download->waits;

		for (; wait != NULL; wait = wait->next) {
			int64_t end = wait->offset + (int64_t)wait->len;
			int64_t missing =
			    ranges_missing(there, wait->offset, end);

			if (pass == 0)
				(void)pieces_cover(download, missing, end);
			else if (download->location != NULL &&
				 now_ms >= download->retry_at_ms &&
				 download->failed_ms == 0)
				pieces_want(download, missing, end);
		}
	}
}

/* What a round of the thread has to do without the lock. */
struct round {
	struct download_wait *answered;
	VEC(struct download *) resumed;
	VEC(struct download *) ask;
	VEC(struct download *) keep;
};

static void
note(struct download *download, struct round *round)
{
	struct download **slot;

	if (pieces_paused(download) &&
	    (slot = VEC_ADD(&round->resumed)) != NULL)
		*slot = download;
	if (download->n_pieces == 0 && download->cached != NULL &&
	    cached_unkept(download->cached) > 0 &&
	    (slot = VEC_ADD(&round->keep)) != NULL)
		*slot = download;
	if (download->waits != NULL && download->cached != NULL &&
	    download->location == NULL && !download->asked &&
	    download->failed_ms == 0 && (slot = VEC_ADD(&round->ask)) != NULL) {
		download->asked = true;
		*slot = download;
	}
}

static void
look(struct download *download, int64_t now_ms, struct round *round)
{
	int r;

	if (download->answered)
		take_location(download);
	if (download->failed_ms != 0 &&
	    now_ms - download->failed_ms >= SHARED_MS)
		download->failed_ms = 0;
	if (download->cached == NULL && download->waits != NULL) {
		r = open_cached(download);
		if (r != 0 && r != -EBUSY) {
			download_fail(
			    download, r, "the cache's folder cannot be used");
			(void)snprintf(download->why, sizeof download->why,
			    "%.200s: %s", download->downloads->folder,
			    strerror(-r));
		}
	}
	pieces_read_on(download, download->read_end);
	pieces_end_idle(download, now_ms);
	take_answered(download, now_ms, &round->answered);
	if (download->cached != NULL)
		want(download, now_ms);
	take_answered(download, now_ms, &round->answered);
	download->paused = pieces_paused(download);
	note(download, round);
}

/* Those that nobody reads any more. */
static void
close_idle(struct downloads *downloads, int64_t now_ms)
{
	struct download *download, *next;
	bool full = downloads->cache != NULL &&
		    cache_bytes(downloads->cache) > downloads->max_bytes;

	for (download = LIST_FIRST(&downloads->list); download != NULL;
	     download = next) {
		int64_t idle_ms = now_ms - download->used_ms;

		next = LIST_NEXT(download, entry);
		if (download_is_idle(download) && !download->answered &&
		    (idle_ms > (full ? OPEN_BRIEFLY_MS : OPEN_MS) ||
			downloads->n > OPEN_MAX))
			download_free(download);
	}
}

/* Without the lock. */
static void
finish_round(struct downloads *downloads, struct round *round)
{
	struct download_wait *wait, *next;

	for (wait = round->answered; wait != NULL; wait = next) {
		void *data = wait->data;

		next = wait->next;
		wait->resume(wait, wait->err, data);
		free(data);
	}
	for (size_t i = 0; i < round->resumed.n; i++)
		pieces_resume(round->resumed.v[i]);
	for (size_t i = 0; i < round->keep.n; i++)
		(void)cached_keep(round->keep.v[i]->cached);
	for (size_t i = 0; i < round->ask.n; i++) {
		struct download *download = round->ask.v[i];
		struct locating *locating = &download->locating;

		(void)snprintf(locating->card, sizeof locating->card, "%s",
		    download->file.card);
		(void)snprintf(
		    locating->id, sizeof locating->id, "%s", download->file.id);
		locating->name = download->file.name;
		locating->resume = located;
		sync_locate(downloads->sync, locating);
	}
	VEC_FREE(&round->resumed);
	VEC_FREE(&round->keep);
	VEC_FREE(&round->ask);
}

/* Whether to go on. */
static bool
one_round(struct downloads *downloads)
{
	struct round round = {0};
	struct download *download;
	int64_t now_ms = time_monotonic_ms(), timeout_ms;
	bool stopping;

	(void)pthread_mutex_lock(&downloads->lock);
	stopping = downloads->stopping;
	/* What it closes nobody has noted yet. */
	close_idle(downloads, now_ms);
	LIST_FOREACH (download, &downloads->list, entry)
		look(download, now_ms, &round);
	timeout_ms = downloads->n > 0 ? LOOK_MS : 60000;
	(void)pthread_mutex_unlock(&downloads->lock);
	finish_round(downloads, &round);
	if (!stopping)
		(void)storage_run(downloads->storage, timeout_ms);
	return !stopping;
}

/* What is there is counted; what does not work is told when somebody reads. */
static void
open_cache(struct downloads *downloads)
{
	struct cache *cache = NULL;

	if (cache_open(downloads->folder, downloads->max_bytes, &cache) != 0)
		return;
	(void)pthread_mutex_lock(&downloads->lock);
	downloads->cache = cache;
	(void)pthread_mutex_unlock(&downloads->lock);
}

void *
downloads_main(void *cookie)
{
	open_cache(cookie);
	while (one_round(cookie))
		continue;
	return NULL;
}
