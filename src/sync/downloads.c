#include "sync/downloads_private.h"

#include "sync/sync.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/timeutil.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
downloads_new(const struct downloads_options *options,
    struct downloads **ret_downloads, struct err *err)
{
	struct downloads *downloads = calloc(1, sizeof *downloads);
	int r;

	if (downloads == NULL)
		return err_set(err, -ENOMEM, "out of memory");
	(void)pthread_mutex_init(&downloads->lock, NULL);
	LIST_INIT(&downloads->list);
	downloads->max_bytes = options->max_bytes;
	downloads->folder = strdup(options->folder);
	r = downloads->folder != NULL
		? storage_new(options->http, &downloads->storage, err)
		: err_set(err, -ENOMEM, "out of memory");
	if (r != 0)
		downloads_free(downloads);
	else
		*ret_downloads = downloads;
	return r;
}

bool
download_is_idle(const struct download *download)
{
	return download->waits == NULL && download->n_pieces == 0 &&
	       !download->asked;
}

void
download_free(struct download *download)
{
	struct downloads *downloads = download->downloads;

	if (downloads != NULL) {
		LIST_REMOVE(download, entry);
		downloads->n--;
	}
	cached_close(download->cached);
	free((char *)download->file.card);
	free((char *)download->file.id);
	free((char *)download->file.url);
	free((char *)download->file.name);
	free(download->location);
	buf_wipe(&download->locating.location);
	free(download);
}

void
downloads_free(struct downloads *downloads)
{
	if (downloads == NULL)
		return;
	downloads_stop(downloads);
	while (!LIST_EMPTY(&downloads->list)) {
		struct download *download = LIST_FIRST(&downloads->list);

		pieces_end_all(download);
		download_free(download);
	}
	cache_close(downloads->cache);
	storage_free(downloads->storage);
	(void)pthread_mutex_destroy(&downloads->lock);
	free(downloads->folder);
	free(downloads);
}

static struct download *
find(struct downloads *downloads, const char *id, int64_t size)
{
	struct download *download;

	LIST_FOREACH (download, &downloads->list, entry)
		if (download->file.size == size &&
		    strcmp(download->file.id, id) == 0)
			return download;
	return NULL;
}

int
downloads_read(struct downloads *downloads, const char *id, int64_t size,
    int64_t offset, void *data, size_t len)
{
	int64_t end = offset + (int64_t)len;
	struct download *download;
	bool wake = false;
	int r = 1;

	(void)pthread_mutex_lock(&downloads->lock);
	download = find(downloads, id, size);
	if (download != NULL && download->cached != NULL) {
		download->used_ms = time_monotonic_ms();
		if (ranges_missing(
			cached_ranges(download->cached), offset, end) == end)
			r = cached_read(download->cached, offset, data, len);
	}
	if (r == 0) {
		download->read_end = end;
		wake = download->paused;
		download->paused = false;
	}
	(void)pthread_mutex_unlock(&downloads->lock);
	if (wake)
		storage_wakeup(downloads->storage);
	return r;
}

static struct download *
new_download(const struct download_file *file)
{
	struct download *download = calloc(1, sizeof *download);

	if (download == NULL)
		return NULL;
	LIST_INIT(&download->pieces);
	download->file.ino = file->ino;
	download->file.size = file->size;
	download->file.card = strdup(file->card);
	download->file.id = strdup(file->id);
	download->file.url = strdup(file->url);
	download->file.name = strdup(file->name);
	if (download->file.card != NULL && download->file.id != NULL &&
	    download->file.url != NULL && download->file.name != NULL)
		return download;
	download_free(download);
	return NULL;
}

int
downloads_wait(struct downloads *downloads, const struct download_file *file,
    struct download_wait *wait)
{
	struct download *download;
	struct download_wait **end;
	bool stopping;

	wait->next = NULL;
	wait->data = NULL;
	wait->since_ms = time_monotonic_ms();
	(void)pthread_mutex_lock(&downloads->lock);
	stopping = downloads->stopping;
	download = find(downloads, file->id, file->size);
	if (download == NULL && !stopping) {
		download = new_download(file);
		if (download != NULL) {
			download->downloads = downloads;
			LIST_INSERT_HEAD(&downloads->list, download, entry);
			downloads->n++;
		}
	}
	if (download != NULL && !stopping) {
		for (end = &download->waits; *end != NULL; end = &(*end)->next)
			continue;
		*end = wait;
		download->used_ms = wait->since_ms;
	}
	(void)pthread_mutex_unlock(&downloads->lock);
	if (stopping)
		wait->resume(wait, -ENETUNREACH, NULL);
	else if (download == NULL)
		return -ENOMEM;
	else
		storage_wakeup(downloads->storage);
	return 0;
}

void
downloads_interrupt(struct downloads *downloads, struct download_wait *wait)
{
	(void)pthread_mutex_lock(&downloads->lock);
	wait->interrupted = true;
	(void)pthread_mutex_unlock(&downloads->lock);
	storage_wakeup(downloads->storage);
}

void
downloads_usage(
    struct downloads *downloads, int64_t *ret_bytes, int64_t *ret_max_bytes)
{
	(void)pthread_mutex_lock(&downloads->lock);
	*ret_bytes =
	    downloads->cache != NULL ? cache_bytes(downloads->cache) : 0;
	(void)pthread_mutex_unlock(&downloads->lock);
	*ret_max_bytes = downloads->max_bytes;
}

struct failure *
downloads_failure(struct downloads *downloads, const char *id)
{
	for (size_t i = 0; i < FAILURES_MAX; i++)
		if (strcmp(downloads->failures[i].id, id) == 0)
			return &downloads->failures[i];
	return NULL;
}

int
downloads_error(struct downloads *downloads, const char *id, struct buf *out)
{
	const struct failure *failure;
	int r = -ENODATA;

	(void)pthread_mutex_lock(&downloads->lock);
	failure = downloads_failure(downloads, id);
	if (failure != NULL)
		r = buf_add_str(out, failure->text);
	(void)pthread_mutex_unlock(&downloads->lock);
	return r;
}

int
downloads_start(struct downloads *downloads, struct sync *sync, struct err *err)
{
	sigset_t all, old;
	int code;

	downloads->sync = sync;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &old);
	code =
	    pthread_create(&downloads->thread, NULL, downloads_main, downloads);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (code != 0)
		return err_set(
		    err, -code, "no thread can be started: %s", strerror(code));
	downloads->started = true;
	return 0;
}

void
downloads_stop(struct downloads *downloads)
{
	if (!downloads->started)
		return;
	(void)pthread_mutex_lock(&downloads->lock);
	downloads->stopping = true;
	(void)pthread_mutex_unlock(&downloads->lock);
	storage_wakeup(downloads->storage);
	(void)pthread_join(downloads->thread, NULL);
	downloads->started = false;
}
