#include "feed.h"

#include "util/buf.h"
#include "json/json_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t
feed_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (uint32_t)(*seed >> 32);
}

static size_t
step(enum feed_how how, uint64_t *seed)
{
	switch (how) {
	case FEED_BYTES:
		return 1;
	case FEED_RANDOM:
		/* mostly small, now and then large */
		return (size_t)1 +
		       feed_random(seed) % (feed_random(seed) % 8 ? 9 : 20000);
	default:
		return SIZE_MAX;
	}
}

int
feed(struct json_reader *reader, const void *data, size_t len,
    enum feed_how how, struct err *err)
{
	uint64_t seed = 0x9e3779b97f4a7c15;
	const char *p = data;
	int rc = 0;

	while (len > 0 && rc == 0) {
		size_t n = step(how, &seed);
		char *copy;

		n = n < len ? n : len;
		/* A block of its own, so that reading past it is noticed. */
		copy = malloc(n);
		if (copy == NULL)
			abort();
		memcpy(copy, p, n);
		rc = json_reader_feed(reader, copy, n, err);
		free(copy);
		p += n;
		len -= n;
	}
	if (rc == 0)
		rc = json_reader_finish(reader, err);
	json_reader_free(reader);
	return rc;
}

bool
feed_shared_file(const char *name, struct buf *out)
{
	const char *shared = getenv("TRELLOFS_SHARED");
	const char *srcdir = getenv("srcdir");
	char path[4096], block[4096];
	FILE *file;
	size_t n;

	if (shared != NULL)
		(void)snprintf(path, sizeof path, "%s/data/%s", shared, name);
	else
		(void)snprintf(path, sizeof path, "%s/../shared/data/%s",
		    srcdir != NULL ? srcdir : ".", name);
	file = fopen(path, "re");
	if (file == NULL) {
		(void)printf("# skipped: %s is not here\n", path);
		return false;
	}
	while ((n = fread(block, 1, sizeof block, file)) > 0)
		(void)buf_add(out, block, n);
	(void)fclose(file);
	return out->err == 0;
}
