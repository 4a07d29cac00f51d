#include "sync/push.h"

#include "store/journal.h"
#include "store/store.h"
#include "util/timeutil.h"

/* Clocks are corrected all the time, by less than this. */
#define SET_MS 1000

/* Nothing waits longer by itself; what seems to was put there when the clock
 * was ahead, by a program that did not see it being set. */
#define LONGEST_MS (INT64_C(600) * 1000)

int64_t
push_server_ms(struct sync *sync)
{
	struct remote_stats stats = {0};

	remote_stats(sync->remote, &stats);
	return time_wall_ms() + stats.clock_ms;
}

int
push_follow_clock(struct sync *sync)
{
	int64_t wall_ms = time_wall_ms();
	int64_t clock_ms = wall_ms - time_monotonic_ms();
	struct push *push = sync->push;
	int64_t set_ms = push->clock_ms != 0 ? clock_ms - push->clock_ms : 0;
	struct tx *tx;
	int r;

	if (push->clock_ms != 0 && set_ms <= SET_MS && set_ms >= -SET_MS)
		return 0;
	r = store_write(sync->store, &tx);
	if (r != 0)
		return r;
	r = journal_follow_clock(tx, set_ms, wall_ms + LONGEST_MS);
	if (r == 0) {
		push->clock_ms = clock_ms;
		return store_commit(tx);
	}
	store_end(tx);
	return r;
}
