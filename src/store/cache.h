#ifndef STORE_CACHE_H
#define STORE_CACHE_H

#include "util/ranges.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * What was downloaded: a folder of a file for each attachment, named by its id,
 * and beside it ID.map, which says which bytes of it are there.  A map is only
 * ever replaced by another one, and only after the bytes that it tells of are
 * on the disk: what a crash leaves claims nothing that is not there.  All of it
 * may be removed at any time while nobody uses it.
 *
 * The folder holds at most max_bytes: what was read least recently goes first,
 * but never a file that is open here, so that it may hold more while that is
 * larger.  Only one process may use a folder.
 *
 * One thread changes things, and holds a lock of its own meanwhile, but not for
 * cached_write() and cached_keep(); others that hold that lock may read.
 */
struct cache;

#define CACHE_TAG_SIZE 128

/** The folder is made if need be, its last part only.  0 or -errno. */
int cache_open(const char *folder, int64_t max_bytes, struct cache **ret_cache);

/** All files of it have been closed.  NULL does nothing. */
void cache_close(struct cache *cache);

/** Whether no file of it is open. */
bool cache_is_idle(const struct cache *cache);

/** How many bytes it holds. */
int64_t cache_bytes(const struct cache *cache);

/** Make room for so many more bytes, as far as that can be had (CACHE_ONE: let
 * one file go, however much room there is); 1 if anything went, 0 or -errno. */
#define CACHE_ONE INT64_MAX
int cache_make_room(struct cache *cache, int64_t bytes);

/** Remove a folder of such files, and nothing else that may be in it. 0, also
 * if there is none, or -errno. */
int cache_remove(const char *folder);

/** An open file. */
struct cached;

/** Open that of an id, which is letters and digits; what is there is kept if
 * it is of a file of this size.  0, -EINVAL or -errno. */
int cached_open(struct cache *cache, const char *id, int64_t size,
    struct cached **ret_cached);

/** Keep, then close.  NULL does nothing. */
void cached_close(struct cached *cached);

const struct ranges *cached_ranges(const struct cached *cached);

/** What the server calls this content (ETag); "" if that is not known. */
const char *cached_tag(const struct cached *cached);
void cached_set_tag(struct cached *cached, const char *tag);

/** Write bytes that are not there: 0 or -errno.  They are there when
 * cached_add() has said so: 0 or -ENOMEM. */
int cached_write(
    struct cached *cached, int64_t offset, const void *data, size_t len);
int cached_add(struct cached *cached, int64_t offset, size_t len);

/** Read bytes that are there.  0 or -errno. */
int cached_read(
    const struct cached *cached, int64_t offset, void *data, size_t len);

/** Nothing of it is there any more.  0 or -errno. */
int cached_forget(struct cached *cached);

/** Bytes that were added since it was last kept. */
int64_t cached_unkept(const struct cached *cached);

/** Force what is there to the disk, and then write down that it is.  0 or
 * -errno: what was kept before is. */
int cached_keep(struct cached *cached);

#endif
