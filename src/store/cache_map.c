#include "store/cache_private.h"

#include "util/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Maps: a line with the file's size, one with its tag, one for each range, and
 * `end`. */
#define MAP_MAX ((size_t)16 << 20)

void
cache_name(const char *id, const char *end, char name[CACHE_NAME_SIZE])
{
	(void)snprintf(name, CACHE_NAME_SIZE, "%.*s%s", CACHE_ID_MAX, id, end);
}

static int
read_all(int dir, const char *name, struct buf *out)
{
	struct stat st;
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = 0;
	int r = fd < 0 || fstat(fd, &st) != 0 ? -errno : 0;

	if (r == 0 && (!S_ISREG(st.st_mode) || (size_t)st.st_size > MAP_MAX))
		r = -EBADMSG;
	if (r == 0)
		r = buf_reserve(out, (size_t)st.st_size + 1);
	if (r == 0) {
		n = pread(fd, out->data, (size_t)st.st_size, 0);
		r = n < 0 ? -errno : 0;
	}
	if (r == 0) {
		out->len = (size_t)n;
		out->data[n] = '\0';
	}
	if (fd >= 0)
		(void)close(fd);
	return r;
}

/* The next line of a map, without its end; NULL: there is none. */
static char *
next_line(char **at)
{
	char *line = *at, *end = strchr(line, '\n');

	if (end == NULL)
		return NULL;
	*end = '\0';
	*at = end + 1;
	return line;
}

static int
parse_range(const char *line, int64_t size, struct ranges *ranges)
{
	int64_t from, to;
	int end = 0;

	if (sscanf(line, "%" SCNd64 " %" SCNd64 "%n", &from, &to, &end) != 2 ||
	    line[end] != '\0' || from < 0 || to <= from || to > size)
		return -EBADMSG;
	return ranges_add(ranges, from, to);
}

#define MAP_HEAD "trellofs 1 "

/* -EBADMSG: it is no map. */
static int
parse_map(char *text, int64_t *ret_size, char tag[CACHE_TAG_SIZE],
    struct ranges *ranges)
{
	char *line = next_line(&text), *end;
	int r = 0;

	if (line == NULL || strncmp(line, MAP_HEAD, strlen(MAP_HEAD)) != 0)
		return -EBADMSG;
	*ret_size = strtoll(line + strlen(MAP_HEAD), &end, 10);
	line = next_line(&text);
	if (*end != '\0' || *ret_size < 0 || line == NULL ||
	    strlen(line) >= CACHE_TAG_SIZE)
		return -EBADMSG;
	memcpy(tag, line, strlen(line) + 1);
	while (r == 0 && (line = next_line(&text)) != NULL) {
		if (strcmp(line, "end") == 0)
			return *text == '\0' ? 0 : -EBADMSG;
		r = parse_range(line, *ret_size, ranges);
	}
	return r != 0 ? r : -EBADMSG;
}

int
cache_map_read(int dir, const char *id, int64_t *ret_size,
    char tag[CACHE_TAG_SIZE], struct ranges *ranges)
{
	struct buf text = BUF_INIT;
	char name[CACHE_NAME_SIZE];
	int r;

	cache_name(id, CACHE_MAP, name);
	r = read_all(dir, name, &text);
	if (r == 0)
		r = parse_map(text.data, ret_size, tag, ranges);
	if (r != 0)
		ranges_clear(ranges);
	buf_free(&text);
	return r;
}

int
cache_write_all(int fd, const char *data, size_t len, int64_t offset)
{
	while (len > 0) {
		ssize_t n = pwrite(fd, data, len, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		data += n;
		offset += n;
		len -= (size_t)n;
	}
	return 0;
}

int
cache_map_write(const struct cached *cached)
{
	char name[CACHE_NAME_SIZE], temporary[CACHE_NAME_SIZE];
	struct buf text = BUF_INIT;
	int fd, r;

	(void)buf_printf(
	    &text, MAP_HEAD "%" PRId64 "\n%s\n", cached->size, cached->tag);
	for (size_t i = 0; i < cached->ranges.list.n; i++)
		(void)buf_printf(&text, "%" PRId64 " %" PRId64 "\n",
		    cached->ranges.list.v[i].from, cached->ranges.list.v[i].to);
	r = buf_add_str(&text, "end\n");
	cache_name(cached->id, CACHE_MAP, name);
	cache_name(cached->id, CACHE_NEW, temporary);
	fd = r == 0 ? openat(cached->cache->dir, temporary,
			  O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
			  0600)
		    : -1;
	if (r == 0 && fd < 0)
		r = -errno;
	if (r == 0)
		r = cache_write_all(fd, text.data, text.len, 0);
	if (r == 0 && fdatasync(fd) != 0)
		r = -errno;
	if (fd >= 0)
		(void)close(fd);
	if (r == 0 && renameat(cached->cache->dir, temporary,
			  cached->cache->dir, name) != 0)
		r = -errno;
	buf_free(&text);
	return r;
}
