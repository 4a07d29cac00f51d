#ifndef STORE_CACHE_PRIVATE_H
#define STORE_CACHE_PRIVATE_H

#include "store/cache.h"

#include <sys/queue.h>

/* What cache.c and cache_map.c share. */

#define CACHE_MAP ".map"
#define CACHE_NEW ".new"
#define CACHE_ID_MAX 64
#define CACHE_NAME_SIZE (CACHE_ID_MAX + 8)

struct cached {
	LIST_ENTRY(cached) entry;
	struct cache *cache;
	char id[CACHE_ID_MAX + 1];
	int64_t size;
	char tag[CACHE_TAG_SIZE];
	struct ranges ranges;
	int64_t unkept;
	bool dirty; /* the map says something else */
	int fd;
};

struct cache {
	int dir;
	int64_t max_bytes;
	int64_t bytes;
	bool stuck; /* all that is there is open */
	LIST_HEAD(, cached) open;
};

/** The name of a file of this id. */
void cache_name(const char *id, const char *end, char name[CACHE_NAME_SIZE]);

/** What a map says.  0, -ENOENT, -EBADMSG: it is none, or -errno; there are no
 * ranges then. */
int cache_map_read(int dir, const char *id, int64_t *ret_size,
    char tag[CACHE_TAG_SIZE], struct ranges *ranges);

/** Replace the map.  0 or -errno. */
int cache_map_write(const struct cached *cached);

/** 0 or -errno. */
int cache_write_all(int fd, const char *data, size_t len, int64_t offset);

#endif
