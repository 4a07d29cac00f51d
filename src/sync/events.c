#include "sync/private.h"

#include "util/buf.h"

#include <string.h>

/* At least the lines of the last megabyte are kept: of two the older one goes,
 * so that who follows the file is seldom set back. */
#define KEPT ((size_t)1 << 20)

static void
drop_old(struct buf *events)
{
	const char *from = events->data + (events->len - KEPT - 1);
	const char *line = memchr(from, '\n', KEPT);
	struct buf kept = BUF_INIT;

	if (line != NULL)
		(void)buf_add(&kept, line + 1,
		    (size_t)(events->data + events->len - (line + 1)));
	buf_free(events);
	*events = kept;
}

void
events_add(struct sync *sync, const struct buf *lines)
{
	if (lines->len == 0)
		return;
	(void)pthread_mutex_lock(&sync->lock);
	if (buf_add(&sync->events, lines->data, lines->len) != 0)
		buf_free(&sync->events);
	else if (sync->events.len > 2 * KEPT)
		drop_old(&sync->events);
	(void)pthread_mutex_unlock(&sync->lock);
}

int
sync_events_text(struct sync *sync, struct buf *out)
{
	int r = 0;

	(void)pthread_mutex_lock(&sync->lock);
	if (sync->events.len > 0)
		r = buf_add(out, sync->events.data, sync->events.len);
	(void)pthread_mutex_unlock(&sync->lock);
	return r;
}
