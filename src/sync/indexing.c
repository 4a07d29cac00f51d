#include "sync/private.h"

#include "store/index.h"
#include "store/store.h"
#include "util/log.h"

#include <errno.h>
#include <string.h>

/* So long nobody has changed anything. */
#define QUIET_MS 1000

/* One piece, and whether the next one is to follow. */
static bool
index_piece(struct sync *sync)
{
	int r = index_some(sync->store);

	if (r < 0)
		log_debug("the words of cards: %s", strerror(-r));
	return r == 1;
}

/*
 * Many cards are indexed before anybody searches, as after the first sight of
 * an account, but never while there is anything else to do.  A few are left to
 * whoever searches.
 */
void
indexing_run(struct sync *sync, int64_t now_ms, int64_t *next_ms)
{
	struct indexing *indexing = &sync->indexing;
	uint64_t commits = store_commits(sync->store);

	if (commits != indexing->commits || tasks_busy(sync, now_ms)) {
		indexing->commits = commits;
		indexing->due_ms = now_ms + QUIET_MS;
	}
	if (indexing->due_ms <= now_ms) {
		if (!index_piece(sync))
			indexing->due_ms = INT64_MAX;
		/* If others wrote meanwhile, they are waited for. */
		if (store_commits(sync->store) == commits + 1)
			indexing->commits = commits + 1;
	}
	if (indexing->due_ms < *next_ms)
		*next_ms = indexing->due_ms;
}
