#ifndef FS_SEARCHES_H
#define FS_SEARCHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buf;
struct err;
struct searches;
struct stat;
struct store;

/**
 * The folders of .trellofs/search, each a query, with a link for each card
 * that matches.  A name becomes a folder when it is looked up; the last
 * SEARCHES_MAX stay.  Nothing of them is kept by the kernel: each look
 * compares the number of commits with that of the last search and searches
 * anew if it is another one, and a listing that has changed has another
 * mtime, by which the kernel drops what it has of it.  All functions may be
 * called from any thread.
 */
#define SEARCHES_MAX 64

/* Inode numbers: above all nodes', the number of the query, and below it that
 * of the card, or 0 for the folder. */
#define SEARCH_FIRST ((uint64_t)1 << 62)
#define SEARCH_CARD_BITS 40

static inline bool
search_has(uint64_t ino)
{
	return ino >= SEARCH_FIRST;
}

static inline bool
search_is_link(uint64_t ino)
{
	return search_has(ino) &&
	       (ino & (((uint64_t)1 << SEARCH_CARD_BITS) - 1)) != 0;
}

int searches_new(struct store *store, struct searches **ret_searches);
void searches_free(struct searches *searches);

/**
 * The folder of a query.  0; -ENOENT: it is none, and err says why, unless it
 * is a hidden name; -EAGAIN: ask again, the index is behind;
 * or -errno.
 */
int searches_open(struct searches *searches, const char *query,
    uint64_t *ret_ino, struct err *err);

/** The link of that name in a query's folder.  0, -ENOENT or -errno. */
int searches_find(struct searches *searches, uint64_t folder, const char *name,
    uint64_t *ret_ino);

/** Attributes without owner.  -ENOENT: it is no longer there. */
int searches_stat(
    struct searches *searches, uint64_t ino, struct stat *ret_stat);

/** When the queries that there are changed last. */
int64_t searches_mtime_ns(struct searches *searches);

/**
 * Call fn for what stands in a folder behind the offset (0: the first), which
 * fn is given for the next call; until it gives non-zero, which is returned.
 * fn may not call any of these functions.
 */
typedef int search_fn(void *cookie, const char *name, uint64_t ino, off_t off);
int searches_each(
    struct searches *searches, off_t off, search_fn *fn, void *cookie);
int searches_each_link(struct searches *searches, uint64_t folder, off_t off,
    search_fn *fn, void *cookie);

/** Append where a link points to. */
int searches_target(struct searches *searches, uint64_t ino, struct buf *out);

#endif
