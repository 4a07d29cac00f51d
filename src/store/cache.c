#include "store/cache_private.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
is_id(const char *id, size_t len)
{
	if (len == 0 || len > CACHE_ID_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)id[i]))
			return false;
	return true;
}

/* The length of the id of one of our names, 0: it is none. */
static size_t
id_length(const char *name)
{
	size_t len = strcspn(name, ".");
	const char *end = name + len;

	if (!is_id(name, len))
		return 0;
	return *end == '\0' || strcmp(end, CACHE_MAP) == 0 ||
		       strcmp(end, CACHE_NEW) == 0
		   ? len
		   : 0;
}

static int
remove_id(int dir, const char *id)
{
	static const char *const ends[] = {CACHE_MAP, CACHE_NEW, ""};
	char name[CACHE_NAME_SIZE];

	/* The map first: without it the rest claims nothing. */
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		cache_name(id, ends[i], name);
		if (unlinkat(dir, name, 0) != 0 && errno != ENOENT)
			return -errno;
	}
	return 0;
}

/* Call fn for each id that a file of ours is named by, perhaps several
 * times. */
typedef int id_fn(void *cookie, int dir, const char *name, const char *id);

static int
each_id(int dir, id_fn *fn, void *cookie)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	char id[CACHE_ID_MAX + 1];
	int r = 0;

	if (stream == NULL) {
		r = -errno;
		if (fd >= 0)
			(void)close(fd);
		return r;
	}
	while (r == 0 && (entry = readdir(stream)) != NULL) {
		size_t len = id_length(entry->d_name);

		if (len == 0)
			continue;
		(void)snprintf(id, sizeof id, "%.*s", (int)len, entry->d_name);
		r = fn(cookie, dir, entry->d_name, id);
	}
	(void)closedir(stream);
	return r;
}

/* Bytes that are claimed; what nobody claims anything of is removed. */
static int
count(void *cookie, int dir, const char *name, const char *id)
{
	struct cache *cache = cookie;
	struct ranges ranges = {0};
	char tag[CACHE_TAG_SIZE];
	int64_t size;
	int r;

	if (name[strlen(id)] != '\0')
		return 0;
	r = cache_map_read(dir, id, &size, tag, &ranges);
	if (r == 0)
		cache->bytes += ranges_bytes(&ranges);
	ranges_clear(&ranges);
	return r == -ENOENT || r == -EBADMSG ? remove_id(dir, id) : r;
}

int
cache_open(const char *folder, int64_t max_bytes, struct cache **ret_cache)
{
	struct cache *cache = calloc(1, sizeof *cache);
	int r = 0;

	if (cache == NULL)
		return -ENOMEM;
	LIST_INIT(&cache->open);
	cache->max_bytes = max_bytes;
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		r = -errno;
	cache->dir =
	    r == 0 ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (r == 0 && cache->dir < 0)
		r = -errno;
	if (r == 0)
		r = each_id(cache->dir, count, cache);
	if (r == 0)
		r = cache_make_room(cache, 0);
	if (r < 0)
		cache_close(cache);
	else
		*ret_cache = cache;
	return r < 0 ? r : 0;
}

void
cache_close(struct cache *cache)
{
	if (cache == NULL)
		return;
	if (cache->dir >= 0)
		(void)close(cache->dir);
	free(cache);
}

bool
cache_is_idle(const struct cache *cache)
{
	return LIST_EMPTY(&cache->open);
}

int64_t
cache_bytes(const struct cache *cache)
{
	return cache->bytes;
}

static bool
is_open(const struct cache *cache, const char *id)
{
	const struct cached *cached;

	LIST_FOREACH (cached, &cache->open, entry)
		if (strcmp(cached->id, id) == 0)
			return true;
	return false;
}

/* Whoever was read least recently: the map's times tell. */
struct oldest {
	const struct cache *cache;
	char id[CACHE_ID_MAX + 1];
	struct timespec at;
};

static int
find_oldest(void *cookie, int dir, const char *name, const char *id)
{
	struct oldest *oldest = cookie;
	struct stat st;

	if (strcmp(name + strlen(id), CACHE_MAP) != 0 ||
	    is_open(oldest->cache, id) ||
	    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return 0;
	if (oldest->id[0] != '\0' &&
	    (st.st_mtim.tv_sec > oldest->at.tv_sec ||
		(st.st_mtim.tv_sec == oldest->at.tv_sec &&
		    st.st_mtim.tv_nsec >= oldest->at.tv_nsec)))
		return 0;
	(void)snprintf(oldest->id, sizeof oldest->id, "%s", id);
	oldest->at = st.st_mtim;
	return 0;
}

static int
remove_oldest(struct cache *cache)
{
	struct oldest oldest = {.cache = cache};
	struct ranges ranges = {0};
	char tag[CACHE_TAG_SIZE];
	int64_t size;
	int r = each_id(cache->dir, find_oldest, &oldest);

	if (r != 0 || oldest.id[0] == '\0')
		return r;
	if (cache_map_read(cache->dir, oldest.id, &size, tag, &ranges) == 0)
		cache->bytes -= ranges_bytes(&ranges);
	ranges_clear(&ranges);
	r = remove_id(cache->dir, oldest.id);
	return r == 0 ? 1 : r;
}

int
cache_make_room(struct cache *cache, int64_t bytes)
{
	int r = 0, any = 0;

	if (bytes == CACHE_ONE)
		return remove_oldest(cache);
	while (!cache->stuck && cache->bytes + bytes > cache->max_bytes &&
	       (r = remove_oldest(cache)) == 1)
		any = 1;
	/* Until another one is closed. */
	cache->stuck = cache->bytes + bytes > cache->max_bytes;
	return r < 0 ? r : any;
}

static int
remove_named(void *cookie, int dir, const char *name, const char *id)
{
	(void)cookie;
	(void)id;
	return unlinkat(dir, name, 0) == 0 || errno == ENOENT ? 0 : -errno;
}

int
cache_remove(const char *folder)
{
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (dir < 0)
		return errno == ENOENT ? 0 : -errno;
	r = each_id(dir, remove_named, NULL);
	(void)close(dir);
	if (r == 0 && rmdir(folder) != 0 && errno != ENOTEMPTY)
		r = -errno;
	return r;
}

/* What the map says of the file that is there, if it is of this one. */
static int
recall(struct cached *cached)
{
	struct stat st;
	int64_t size = -1;
	int r = cache_map_read(cached->cache->dir, cached->id, &size,
	    cached->tag, &cached->ranges);

	if (r != 0 && r != -ENOENT && r != -EBADMSG)
		return r;
	if (fstat(cached->fd, &st) != 0)
		return -errno;
	if (r == 0 && size == cached->size &&
	    (cached->ranges.list.n == 0 ||
		cached->ranges.list.v[cached->ranges.list.n - 1].to <=
		    st.st_size))
		return 0;
	return cached_forget(cached);
}

int
cached_open(struct cache *cache, const char *id, int64_t size,
    struct cached **ret_cached)
{
	struct cached *cached;
	int r;

	if (!is_id(id, strlen(id)))
		return -EINVAL;
	cached = calloc(1, sizeof *cached);
	if (cached == NULL)
		return -ENOMEM;
	cached->cache = cache;
	cached->size = size;
	(void)snprintf(cached->id, sizeof cached->id, "%s", id);
	LIST_INSERT_HEAD(&cache->open, cached, entry);
	cached->fd = openat(cache->dir, cached->id,
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	r = cached->fd < 0 ? -errno : recall(cached);
	if (r != 0) {
		cached_close(cached);
		return r;
	}
	*ret_cached = cached;
	return 0;
}

void
cached_close(struct cached *cached)
{
	char name[CACHE_NAME_SIZE];

	if (cached == NULL)
		return;
	if (cached->fd >= 0) {
		(void)cached_keep(cached);
		cache_name(cached->id, CACHE_MAP, name);
		(void)utimensat(cached->cache->dir, name, NULL, 0);
		(void)close(cached->fd);
	}
	LIST_REMOVE(cached, entry);
	cached->cache->stuck = false;
	/* Nobody would find it. */
	if (cached->fd >= 0 && cached->ranges.list.n == 0)
		(void)remove_id(cached->cache->dir, cached->id);
	(void)cache_make_room(cached->cache, 0);
	ranges_clear(&cached->ranges);
	free(cached);
}

const struct ranges *
cached_ranges(const struct cached *cached)
{
	return &cached->ranges;
}

const char *
cached_tag(const struct cached *cached)
{
	return cached->tag;
}

void
cached_set_tag(struct cached *cached, const char *tag)
{
	if (strcmp(cached->tag, tag) == 0)
		return;
	cached->dirty = true;
	(void)snprintf(cached->tag, sizeof cached->tag, "%s", tag);
}

int
cached_write(
    struct cached *cached, int64_t offset, const void *data, size_t len)
{
	return cache_write_all(cached->fd, data, len, offset);
}

int
cached_add(struct cached *cached, int64_t offset, size_t len)
{
	int64_t before = ranges_bytes(&cached->ranges), added;
	int r = ranges_add(&cached->ranges, offset, offset + (int64_t)len);

	if (r != 0)
		return r;
	added = ranges_bytes(&cached->ranges) - before;
	cached->unkept += added;
	cached->cache->bytes += added;
	cached->dirty = cached->dirty || added > 0;
	return 0;
}

int
cached_read(const struct cached *cached, int64_t offset, void *data, size_t len)
{
	char *out = data;

	while (len > 0) {
		ssize_t n = pread(cached->fd, out, len, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		out += n;
		offset += n;
		len -= (size_t)n;
	}
	return 0;
}

int
cached_forget(struct cached *cached)
{
	char name[CACHE_NAME_SIZE];

	/* On the disk before anything is written over what it claims. */
	cache_name(cached->id, CACHE_MAP, name);
	if (unlinkat(cached->cache->dir, name, 0) == 0) {
		if (fsync(cached->cache->dir) != 0)
			return -errno;
	} else if (errno != ENOENT) {
		return -errno;
	}
	cached->cache->bytes -= ranges_bytes(&cached->ranges);
	ranges_clear(&cached->ranges);
	cached->tag[0] = '\0';
	cached->unkept = 0;
	cached->dirty = false;
	return ftruncate(cached->fd, 0) == 0 ? 0 : -errno;
}

int64_t
cached_unkept(const struct cached *cached)
{
	return cached->unkept;
}

int
cached_keep(struct cached *cached)
{
	int r = 0;

	if (!cached->dirty || cached->ranges.list.n == 0)
		return 0;
	if (cached->unkept > 0 && fdatasync(cached->fd) != 0)
		return -errno;
	r = cache_map_write(cached);
	if (r != 0)
		return r;
	cached->unkept = 0;
	cached->dirty = false;
	return 0;
}
