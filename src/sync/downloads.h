#ifndef SYNC_DOWNLOADS_H
#define SYNC_DOWNLOADS_H

#include "model/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * What is uploaded to cards, read.  A thread of its own fetches it from where
 * Trello says that it is, into a cache (store/cache.h), and answers who waits
 * for bytes as soon as these are there.  What is there is never fetched again;
 * what is far from all that comes is asked for by itself.  A little more than
 * what is read is fetched, not the whole file.
 */
struct buf;
struct downloads;
struct err;
struct http_options;
struct storage;
struct sync;

struct downloads_options {
	const struct http_options *http; /* trello/storage.h */
	const char *folder;		 /* the cache's */
	int64_t max_bytes;		 /* of it */
};

/** Everything is copied.  0 or -errno with err. */
int downloads_new(const struct downloads_options *options,
    struct downloads **ret_downloads, struct err *err);

/** NULL does nothing. */
void downloads_free(struct downloads *downloads);

/** The thread, which ends before the sync does: who waits gets -ENETUNREACH then.
 * 0 or -errno with err. */
int downloads_start(
    struct downloads *downloads, struct sync *sync, struct err *err);
void downloads_stop(struct downloads *downloads);

/* A file that is read. */
struct download_file {
	uint64_t ino; /* what the kernel has of it is forgotten if it changes */
	const char *card; /* Trello's ids */
	const char *id;
	const char *url; /* as Trello says it */
	const char *name;
	int64_t size;
};

/** Read what is there: 0, 1 if that has to be waited for, or -errno.  The bytes
 * are within the file.  From any thread, and quick. */
int downloads_read(struct downloads *downloads, const char *id, int64_t size,
    int64_t offset, void *data, size_t len);

/**
 * A request that waits for bytes, which are within the file.  The caller owns
 * the struct until resume is called, which happens exactly once, in a thread
 * that holds nothing: with the bytes, or err -EINTR; -ENETUNREACH (nothing came
 * for SYNC_WAIT_MS, or nothing can); -ENOENT, -EACCES (the storage says so);
 * -EIO (it is not what Trello says it is); -ENOSPC (the cache's disk is full).
 */
struct download_wait {
	int64_t offset;
	size_t len;
	void (*resume)(struct download_wait *wait, int err, const void *data);
	/* The rest is the downloads'. */
	struct download_wait *next;
	int64_t since_ms;
	bool interrupted;
	int err;
	void *data;
};

/** Begin to wait.  0, or -ENOMEM: resume is not called then. */
int downloads_wait(struct downloads *downloads,
    const struct download_file *file, struct download_wait *wait);

/** End the wait soon with -EINTR; it may be over already, but *wait must still
 * exist.  From any thread. */
void downloads_interrupt(
    struct downloads *downloads, struct download_wait *wait);

/** Append why a file could not be read when it was tried last, in the words of
 * a person.  0, or -ENODATA: it could. */
int downloads_error(
    struct downloads *downloads, const char *id, struct buf *out);

/** How much the cache holds, and how much it may. */
void downloads_usage(
    struct downloads *downloads, int64_t *ret_bytes, int64_t *ret_max_bytes);

#endif
