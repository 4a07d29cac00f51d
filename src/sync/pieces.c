#include "sync/downloads_private.h"

#include "util/log.h"
#include "util/timeutil.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A piece is one transfer: bytes that are missing, from some offset up to where
 * the next ones are that are there.  It is asked for when somebody waits for
 * its first byte, goes on to AHEAD_BYTES behind what is read, and then pauses;
 * what nobody reads on is given up.
 */
#define AHEAD_BYTES ((int64_t)4 << 20)

/* So near ahead of what comes it is waited for. */
#define NEAR_BYTES ((int64_t)1 << 20)

#define PIECES_OF_FILE 3
#define PIECES_MAX 12

/* Who reads on does so sooner. */
#define IDLE_MS 5000

/* What is there is written down each time that so much has come. */
#define KEEP_BYTES ((int64_t)8 << 20)

/* A file is given up after so many tries by which nothing came. */
#define TRIES_MAX 4
#define RETRY_MS 200

struct piece {
	LIST_ENTRY(piece) entry;
	struct download *download;
	struct storage_get *get;
	unsigned generation;
	int64_t pos; /* of the next byte */
	int64_t to;
	int64_t wanted;	  /* up to where it is read */
	int64_t heard_ms; /* when bytes of it came last */
	bool whole;	  /* the whole file was asked for */
	bool paused;
	bool busy;	/* somebody waits for it */
	bool of_no_use; /* what comes is there */
	bool denied;	/* with an address that was good once */
	int err;	/* why it ended itself */
	char why[200];
};

static void
free_piece(struct piece *piece)
{
	struct download *download = piece->download;

	LIST_REMOVE(piece, entry);
	download->n_pieces--;
	download->downloads->n_pieces--;
	free(piece);
}

static void
end_piece(struct piece *piece)
{
	storage_cancel(piece->get);
	free_piece(piece);
}

void
pieces_end_all(struct download *download)
{
	while (!LIST_EMPTY(&download->pieces))
		end_piece(LIST_FIRST(&download->pieces));
	download->paused = false;
}

bool
pieces_paused(const struct download *download)
{
	const struct piece *piece;

	LIST_FOREACH (piece, &download->pieces, entry)
		if (piece->paused)
			return true;
	return false;
}

void
pieces_end_idle(struct download *download, int64_t now_ms)
{
	struct piece *piece, *next;

	for (piece = LIST_FIRST(&download->pieces); piece != NULL;
	     piece = next) {
		next = LIST_NEXT(piece, entry);
		if (piece->paused && !piece->busy &&
		    now_ms - download->used_ms > IDLE_MS)
			end_piece(piece);
		else
			piece->busy = false;
	}
}

void
pieces_read_on(struct download *download, int64_t end)
{
	struct piece *piece;

	LIST_FOREACH (piece, &download->pieces, entry)
		if (end > piece->wanted && end <= piece->pos + NEAR_BYTES)
			piece->wanted = end;
}

void
pieces_resume(struct download *download)
{
	struct piece *piece, *next;

	for (piece = LIST_FIRST(&download->pieces); piece != NULL;
	     piece = next) {
		next = LIST_NEXT(piece, entry);
		if (!piece->paused ||
		    piece->pos > piece->wanted + AHEAD_BYTES / 2)
			continue;
		piece->paused = false;
		storage_resume(piece->get);
	}
}

/* What is wrong with the answer; it is ended by that. */
static int
refuse(struct piece *piece, const char *format, int64_t a, int64_t b)
{
	piece->err = -EIO;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	(void)snprintf(piece->why, sizeof piece->why, format, a, b);
#pragma GCC diagnostic pop
	return -1;
}

/* changed: it is another file. */
static int
begin_again(struct piece *piece, bool changed)
{
	struct download *download = piece->download;
	int r = changed ? download_changed(download)
			: download_begin_again(download);

	if (r != 0) {
		piece->of_no_use = true; /* that has been told */
		if (r != -EIO || !changed)
			download_fail(
			    download, r, "the cache cannot be emptied");
		return -1;
	}
	piece->generation = download->generation;
	return 0;
}

static bool
is_other(const struct piece *piece, const struct storage_head *head)
{
	const char *tag = cached_tag(piece->download->cached);

	return tag[0] != '\0' && head->tag[0] != '\0' &&
	       strcmp(tag, head->tag) != 0;
}

/* The whole file comes: if a part was asked for, and it is the same, the
 * server gives no parts. */
static int
take_whole(struct piece *piece, bool other)
{
	struct download *download = piece->download;

	if (piece->whole && !other)
		return 0;
	if (!other)
		download->no_ranges = true;
	piece->whole = true;
	piece->pos = 0;
	piece->to = download->file.size;
	return begin_again(piece, other);
}

static int
on_head(void *cookie, const struct storage_head *head)
{
	struct piece *piece = cookie;
	struct download *download = piece->download;
	bool other = is_other(piece, head);
	int r = 0;

	if (piece->generation != download->generation)
		return -1;
	if (head->total >= 0 && head->total != download->file.size) {
		if (begin_again(piece, other) != 0)
			return -1;
		return refuse(piece,
		    "it has %" PRId64 " bytes where Trello says %" PRId64,
		    head->total, download->file.size);
	}
	if (!head->whole && head->from != piece->pos)
		return refuse(piece,
		    "the storage gives another part than it was asked for "
		    "(%" PRId64 ", not %" PRId64 ")",
		    head->from, piece->pos);
	if (head->whole)
		r = take_whole(piece, other);
	else if (other)
		r = begin_again(piece, true);
	if (r == 0 && head->tag[0] != '\0') {
		(void)pthread_mutex_lock(&download->downloads->lock);
		cached_set_tag(download->cached, head->tag);
		(void)pthread_mutex_unlock(&download->downloads->lock);
	}
	return r;
}

static int
make_room(struct downloads *downloads, int64_t bytes)
{
	int r;

	(void)pthread_mutex_lock(&downloads->lock);
	r = cache_make_room(downloads->cache, bytes);
	(void)pthread_mutex_unlock(&downloads->lock);
	return r;
}

/* On a disk that is full what is not being read goes. */
static int
write_bytes(struct piece *piece, const void *data, size_t len)
{
	struct download *download = piece->download;
	struct downloads *downloads = download->downloads;
	int r = cached_write(download->cached, piece->pos, data, len);

	while (r == -ENOSPC && make_room(downloads, CACHE_ONE) == 1)
		r = cached_write(download->cached, piece->pos, data, len);
	if (r == 0) {
		downloads->full = false;
		return 0;
	}
	piece->err = r;
	(void)snprintf(piece->why, sizeof piece->why,
	    "it cannot be kept in %.100s: %s", downloads->folder, strerror(-r));
	if (!downloads->full)
		log_error("attachments cannot be kept in %s: %s; make room "
			  "there, or give it less by cache_size",
		    downloads->folder, strerror(-r));
	downloads->full = true;
	return -1;
}

static int
pause_piece(struct piece *piece)
{
	struct download *download = piece->download;

	piece->paused = true;
	(void)pthread_mutex_lock(&download->downloads->lock);
	download->paused = true;
	(void)pthread_mutex_unlock(&download->downloads->lock);
	return 1;
}

static void
note_progress(struct piece *piece)
{
	struct download *download = piece->download;

	download->fresh = false;
	piece->heard_ms = download->progress_ms = time_monotonic_ms();
	if (piece->pos <= download->farthest)
		return;
	download->farthest = piece->pos;
	download->failures = 0;
}

static int
on_data(void *cookie, const void *data, size_t len)
{
	struct piece *piece = cookie;
	struct download *download = piece->download;
	struct downloads *downloads = download->downloads;
	int64_t end = piece->pos + (int64_t)len;
	int r;

	if (piece->generation != download->generation ||
	    ranges_missing(cached_ranges(download->cached), piece->pos, end) ==
		end) {
		piece->of_no_use = true;
		return -1;
	}
	if (end > download->file.size)
		return refuse(piece,
		    "it has more than the %" PRId64 " bytes that Trello says",
		    download->file.size, 0);
	if (piece->pos > piece->wanted + AHEAD_BYTES)
		return pause_piece(piece);
	if (write_bytes(piece, data, len) != 0)
		return -1;
	(void)pthread_mutex_lock(&downloads->lock);
	r = cached_add(download->cached, piece->pos, len);
	(void)cache_make_room(downloads->cache, 0);
	(void)pthread_mutex_unlock(&downloads->lock);
	piece->pos = end;
	piece->err = r;
	note_progress(piece);
	if (cached_unkept(download->cached) >= KEEP_BYTES)
		(void)cached_keep(download->cached);
	return r != 0 ? -1 : 0;
}

/* Try again a little later, or give it up. */
static void
try_again(struct download *download, int err, const char *why)
{
	int64_t now_ms = time_monotonic_ms();

	if (download->failures++ >= TRIES_MAX - 1) {
		download_fail(download, err, why);
		return;
	}
	/* The first one at once: what was cut goes on. */
	download->retry_at_ms =
	    now_ms + (download->failures > 1
			     ? (int64_t)RETRY_MS << (download->failures - 1)
			     : 0);
}

static void
judge(struct piece *piece, const struct storage_end *end)
{
	struct download *download = piece->download;
	bool stale = !download->fresh && download->own;

	if (piece->of_no_use || piece->generation != download->generation)
		return;
	if (piece->err == -ENOSPC || piece->err == -EDQUOT) {
		download_fail(download, piece->err, piece->why);
	} else if (piece->err != 0) {
		try_again(download, piece->err, piece->why);
	} else if (end->good && piece->pos >= piece->to) {
		return;
	} else if (end->good) {
		try_again(download, -EIO, "the storage gives less than all");
	} else if ((end->status == 400 || end->status == 401 ||
		       end->status == 403) &&
		   stale) {
		/* It was good for a while only. */
		free(download->location);
		download->location = NULL;
	} else if (end->status == 404 || end->status == 410) {
		download_fail(download, -ENOENT, end->text);
	} else if (end->status == 416) {
		(void)download_begin_again(download);
		try_again(download, -EIO, end->text);
	} else if (end->status >= 400 && end->status < 500 &&
		   end->status != 408 && end->status != 429) {
		download_fail(download, -EACCES, end->text);
	} else {
		try_again(download, end->status >= 300 ? -EIO : -ENETUNREACH,
		    end->text);
	}
}

static void
on_done(void *cookie, const struct storage_end *end)
{
	struct piece *piece = cookie;

	judge(piece, end);
	free_piece(piece);
}

static void
start(struct download *download, int64_t offset, int64_t end)
{
	const struct ranges *there = cached_ranges(download->cached);
	int64_t size = download->file.size;
	struct storage_args args = {.url = download->location,
	    .from = download->no_ranges ? 0 : offset,
	    .to = download->no_ranges ? size : ranges_next(there, offset, size),
	    .size = size,
	    .tag = cached_tag(download->cached),
	    .head = on_head,
	    .data = on_data,
	    .done = on_done};
	struct piece *piece = calloc(1, sizeof *piece);
	int r = -ENOMEM;

	if (piece != NULL) {
		args.cookie = piece;
		r = storage_start(
		    download->downloads->storage, &args, &piece->get);
	}
	if (r != 0) {
		free(piece);
		download_fail(download, r == -EINVAL ? -EACCES : r,
		    r == -EINVAL ? "its address is not one of https"
				 : strerror(-r));
		return;
	}
	piece->download = download;
	piece->generation = download->generation;
	piece->pos = args.from;
	piece->to = args.to;
	piece->whole = args.from == 0 && args.to == size;
	piece->wanted = end;
	piece->busy = true;
	LIST_INSERT_HEAD(&download->pieces, piece, entry);
	download->n_pieces++;
	download->downloads->n_pieces++;
}

/* One more may be had, if need be for one that nobody waits for. */
static bool
find_room(struct download *download)
{
	struct downloads *downloads = download->downloads;
	struct download *other;
	struct piece *piece;

	if (download->n_pieces < (download->no_ranges ? 1 : PIECES_OF_FILE) &&
	    downloads->n_pieces < PIECES_MAX)
		return true;
	LIST_FOREACH (piece, &download->pieces, entry)
		if (!piece->busy) {
			end_piece(piece);
			return true;
		}
	if (download->n_pieces >= (download->no_ranges ? 1 : PIECES_OF_FILE))
		return false;
	LIST_FOREACH (other, &downloads->list, entry)
		LIST_FOREACH (piece, &other->pieces, entry)
			if (piece->paused && !piece->busy) {
				end_piece(piece);
				return true;
			}
	return false;
}

/* Whether it comes to this offset soon. */
static bool
covers(const struct piece *piece, int64_t offset)
{
	return offset >= piece->pos && offset < piece->to &&
	       (offset - piece->pos <= NEAR_BYTES ||
		   piece->download->no_ranges);
}

int64_t
pieces_progress_ms(const struct download *download, int64_t offset)
{
	const struct piece *piece;
	int64_t missing = download->cached != NULL
			      ? ranges_missing(cached_ranges(download->cached),
				    offset, download->file.size)
			      : offset;

	LIST_FOREACH (piece, &download->pieces, entry)
		if (covers(piece, missing))
			return piece->heard_ms;
	/* Between two. */
	return download->progress_ms;
}

bool
pieces_cover(struct download *download, int64_t offset, int64_t end)
{
	struct piece *piece;

	LIST_FOREACH (piece, &download->pieces, entry) {
		if (!covers(piece, offset))
			continue;
		piece->busy = true;
		if (end > piece->wanted)
			piece->wanted = end;
		return true;
	}
	return false;
}

void
pieces_want(struct download *download, int64_t offset, int64_t end)
{
	if (!pieces_cover(download, offset, end) && find_room(download))
		start(download, offset, end);
}
