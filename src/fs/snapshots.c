#include "fs/snapshots.h"

#include "util/buf.h"
#include "util/timeutil.h"
#include "util/vec.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A reader that stood still for longer is one that looks again. */
#define READING_MS 2000

struct snapshot {
	uint64_t ino;
	uint64_t lookups;
	int64_t mtime_ns;
	int64_t used_ms;
	struct buf text;
};

struct snapshots {
	pthread_mutex_t lock;
	uint64_t last; /* the serial number of the last one */
	/* The newest of each kind stays, so that what has not changed is the
	 * same file. */
	uint64_t newest[SNAPSHOT_KINDS];
	int64_t mtime_ns[SNAPSHOT_KINDS];
	VEC(struct snapshot) all;
};

int
snapshots_new(struct snapshots **ret_snapshots)
{
	struct snapshots *snapshots = calloc(1, sizeof *snapshots);

	if (snapshots == NULL)
		return -ENOMEM;
	(void)pthread_mutex_init(&snapshots->lock, NULL);
	*ret_snapshots = snapshots;
	return 0;
}

void
snapshots_free(struct snapshots *snapshots)
{
	if (snapshots == NULL)
		return;
	for (size_t i = 0; i < snapshots->all.n; i++)
		buf_free(&snapshots->all.v[i].text);
	VEC_FREE(&snapshots->all);
	(void)pthread_mutex_destroy(&snapshots->lock);
	free(snapshots);
}

static struct snapshot *
find(struct snapshots *snapshots, uint64_t ino)
{
	for (size_t i = 0; i < snapshots->all.n; i++)
		if (snapshots->all.v[i].ino == ino)
			return &snapshots->all.v[i];
	return NULL;
}

static bool
says(const struct snapshot *snapshot, const struct buf *text)
{
	return snapshot->text.len == text->len &&
	       memcmp(buf_str(&snapshot->text), buf_str(text), text->len) == 0;
}

/* The time of a file always moves forward. */
static void
take(struct snapshots *snapshots, struct snapshot *snapshot, struct buf *text)
{
	int64_t *mtime_ns = &snapshots->mtime_ns[snapshot_kind(snapshot->ino)];
	int64_t now_ns = time_wall_ns();
	struct buf old = snapshot->text;

	*mtime_ns = now_ns > *mtime_ns ? now_ns : *mtime_ns + 1;
	snapshot->mtime_ns = *mtime_ns;
	snapshot->text = *text;
	*text = old;
}

/* Drop it if nobody has it. */
static void
drop(struct snapshots *snapshots, uint64_t ino)
{
	struct snapshot *snapshot = find(snapshots, ino);

	if (snapshot == NULL || snapshot->lookups > 0 ||
	    snapshots->newest[snapshot_kind(ino)] == ino)
		return;
	buf_free(&snapshot->text);
	*snapshot = snapshots->all.v[--snapshots->all.n];
}

static int
add(struct snapshots *snapshots, size_t kind, struct buf *text,
    struct snapshot **ret_snapshot)
{
	uint64_t former = snapshots->newest[kind];
	struct snapshot *snapshot = VEC_ADD(&snapshots->all);

	if (snapshot == NULL)
		return -ENOMEM;
	snapshot->ino =
	    SNAPSHOT_FIRST + ++snapshots->last * SNAPSHOT_KINDS + kind;
	take(snapshots, snapshot, text);
	snapshots->newest[kind] = snapshot->ino;
	drop(snapshots, former);
	*ret_snapshot = find(snapshots, snapshots->newest[kind]);
	return 0;
}

int
snapshots_open(struct snapshots *snapshots, size_t kind, struct buf *text,
    uint64_t *ret_ino)
{
	struct snapshot *snapshot;
	int r = 0;

	(void)pthread_mutex_lock(&snapshots->lock);
	snapshot = find(snapshots, snapshots->newest[kind]);
	if (snapshot == NULL || !says(snapshot, text))
		r = add(snapshots, kind, text, &snapshot);
	if (r == 0) {
		snapshot->lookups++;
		snapshot->used_ms = time_monotonic_ms();
		*ret_ino = snapshot->ino;
	}
	(void)pthread_mutex_unlock(&snapshots->lock);
	buf_clear(text);
	return r;
}

void
snapshots_forget(struct snapshots *snapshots, uint64_t ino, uint64_t n)
{
	struct snapshot *snapshot;

	(void)pthread_mutex_lock(&snapshots->lock);
	snapshot = find(snapshots, ino);
	if (snapshot != NULL) {
		snapshot->lookups -=
		    n < snapshot->lookups ? n : snapshot->lookups;
		drop(snapshots, ino);
	}
	(void)pthread_mutex_unlock(&snapshots->lock);
}

int
snapshots_stat(struct snapshots *snapshots, uint64_t ino, off_t *ret_size,
    int64_t *ret_mtime_ns)
{
	struct snapshot *snapshot;
	int r = -ESTALE;

	(void)pthread_mutex_lock(&snapshots->lock);
	snapshot = find(snapshots, ino);
	if (snapshot != NULL) {
		r = time_monotonic_ms() - snapshot->used_ms > READING_MS;
		*ret_size = (off_t)snapshot->text.len;
		*ret_mtime_ns = snapshot->mtime_ns;
	}
	(void)pthread_mutex_unlock(&snapshots->lock);
	return r;
}

void
snapshots_renew(struct snapshots *snapshots, uint64_t ino, struct buf *text)
{
	struct snapshot *snapshot;

	(void)pthread_mutex_lock(&snapshots->lock);
	snapshot = find(snapshots, ino);
	if (snapshot != NULL) {
		if (!says(snapshot, text))
			take(snapshots, snapshot, text);
		snapshot->used_ms = time_monotonic_ms();
	}
	(void)pthread_mutex_unlock(&snapshots->lock);
	buf_clear(text);
}

int
snapshots_read(struct snapshots *snapshots, uint64_t ino, off_t offset,
    void *data, size_t len, size_t *ret_len)
{
	struct snapshot *snapshot;
	int r = 0;

	(void)pthread_mutex_lock(&snapshots->lock);
	snapshot = find(snapshots, ino);
	*ret_len = 0;
	if (snapshot == NULL) {
		r = -ESTALE;
	} else {
		snapshot->used_ms = time_monotonic_ms();
		*ret_len = buf_copy(&snapshot->text, (size_t)offset, data, len);
	}
	(void)pthread_mutex_unlock(&snapshots->lock);
	return r;
}
