#include "sync/observed.h"

#include "store/observed.h"
#include "store/store.h"
#include "sync/private.h"

#include <errno.h>
#include <string.h>

struct folders {
	VEC(struct observed_folder) list;
};

static int
collect(void *cookie, const struct observed_folder *folder)
{
	struct folders *folders = cookie;
	struct observed_folder *slot = VEC_ADD(&folders->list);

	if (slot == NULL)
		return -ENOMEM;
	*slot = *folder;
	return 0;
}

static int
search(struct sync *sync, const char *board, struct folders *folders)
{
	char member[MODEL_ID_SIZE];
	struct tx *tx;
	int r = store_read(sync->store, true, &tx);

	if (r != 0)
		return r;
	r = store_meta_get(tx, "member", member, sizeof member);
	if (r == 0)
		r = observed_each(tx, member, board, collect, folders);
	store_end(tx);
	/* Nobody's yet. */
	return r == -ENOENT ? 0 : r;
}

/* Those of other boards than the one that was looked at (0: all were). */
static int
keep_others(struct sync *sync, uint64_t ino, struct folders *folders)
{
	int r = 0;

	for (size_t i = 0; i < sync->observed.n && r == 0; i++)
		if (ino != 0 && sync->observed.v[i].board != ino)
			r = collect(folders, &sync->observed.v[i]);
	return r;
}

/* Only this thread writes it, but others read. */
static void
exchange(struct sync *sync, struct folders *folders)
{
	struct observed_folder *old = sync->observed.v;

	(void)pthread_mutex_lock(&sync->lock);
	sync->observed.v = folders->list.v;
	sync->observed.n = folders->list.n;
	sync->observed.cap = folders->list.cap;
	(void)pthread_mutex_unlock(&sync->lock);
	folders->list.v = old;
}

/* How many are of the board, 0 for all. */
static size_t
count(const struct observed_folder *v, size_t n, uint64_t ino)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += ino == 0 || v[i].board == ino;
	return found;
}

void
observed_update(struct sync *sync, const char *board, uint64_t ino)
{
	size_t before = count(sync->observed.v, sync->observed.n, ino);
	struct folders folders = {0};
	size_t now;

	if (search(sync, board, &folders) != 0) {
		VEC_FREE(&folders.list);
		return;
	}
	now = folders.list.n;
	if ((before > 0 || now > 0) && keep_others(sync, ino, &folders) == 0) {
		exchange(sync, &folders);
		if ((before > 0) != (now > 0) && sync->rights_turned != NULL)
			sync->rights_turned(sync->cookie);
	}
	VEC_FREE(&folders.list);
}

void
observed_free(struct sync *sync)
{
	VEC_FREE(&sync->observed);
}

bool
sync_observed(struct sync *sync, uint64_t ino)
{
	bool found = false;

	(void)pthread_mutex_lock(&sync->lock);
	for (size_t i = 0; i < sync->observed.n && !found; i++)
		found = sync->observed.v[i].ino == ino;
	(void)pthread_mutex_unlock(&sync->lock);
	return found;
}
