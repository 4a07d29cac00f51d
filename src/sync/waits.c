#include "sync/fetch.h"
#include "sync/private.h"

#include "util/timeutil.h"

#include <errno.h>

/*
 * Who waits stands in one list, oldest first, under the lock; only the sync
 * thread takes anybody off, and answers without the lock.
 */

void
sync_wait_board(struct sync *sync, struct sync_wait *wait)
{
	struct sync_wait **end;
	bool stopping;

	wait->next = NULL;
	wait->since_ms = time_monotonic_ms();
	(void)pthread_mutex_lock(&sync->lock);
	stopping = sync->stopping;
	if (!stopping) {
		for (end = &sync->waits; *end != NULL; end = &(*end)->next)
			continue;
		*end = wait;
	}
	(void)pthread_mutex_unlock(&sync->lock);
	if (stopping)
		wait->resume(wait, -ENETUNREACH);
	else
		sync->remote->ops->wakeup(sync->remote);
}

void
sync_wait_interrupt(struct sync *sync, struct sync_wait *wait)
{
	(void)pthread_mutex_lock(&sync->lock);
	wait->interrupted = true;
	(void)pthread_mutex_unlock(&sync->lock);
	sync->remote->ops->wakeup(sync->remote);
}

/* Without a network each further request would wait in vain: those that come
 * right behind one that failed share its fate. */
#define OFFLINE_SHARED_MS 3000

bool
waits_known_offline(const struct sync *sync, int64_t now_ms)
{
	return sync->identity.foreign || now_ms < sync->account_gate_ms ||
	       (sync->offline_ms != 0 &&
		   now_ms - sync->offline_ms < OFFLINE_SHARED_MS);
}

static bool
ran_out(const struct sync_wait *wait, int64_t now_ms)
{
	return now_ms - wait->since_ms >= SYNC_WAIT_MS;
}

/* What to answer, or 1 for "go on waiting". */
static int
answer(const struct sync *sync, const struct sync_wait *wait,
    const struct board_task *task, int64_t now_ms)
{
	if (wait->interrupted)
		return -EINTR;
	if (task == NULL)
		return -ENOENT;
	if (task->loaded)
		return 0;
	/* A failure ends the waits that were there when it happened; what is
	 * wrong with the board itself, those that come soon after it too. */
	if (task->error != 0 && task->state == TASK_IDLE &&
	    (task->failed_ms >= wait->since_ms ||
		(task->error != -ENETUNREACH && now_ms < task->retry_at_ms)))
		return task->error;
	if (task->state == TASK_IDLE && waits_known_offline(sync, now_ms))
		return -ENETUNREACH;
	return ran_out(wait, now_ms) ? -ENETUNREACH : 1;
}

/* Take off the list who is to be answered; the answers are in `since_ms`.
 * *ran_out_ms: since when the last one waited that has to give up. */
static struct sync_wait *
take_answered(
    struct sync *sync, int64_t now_ms, int64_t *next_ms, int64_t *ran_out_ms)
{
	struct sync_wait *taken = NULL, **end = &taken, **at = &sync->waits;

	while (*at != NULL) {
		struct sync_wait *wait = *at;
		struct board_task *task =
		    wait->archive_ino == 0 ? task_by_ino(sync, wait->board_ino)
					   : NULL;
		int err = wait->archive_ino == 0
			      ? answer(sync, wait, task, now_ms)
			      : fetch_answer(sync, wait, now_ms);

		if (err == 1) {
			int64_t until = wait->since_ms + SYNC_WAIT_MS;

			if (task != NULL)
				task->wanted = true;
			if (until < *next_ms)
				*next_ms = until;
			at = &wait->next;
			continue;
		}
		if (ran_out(wait, now_ms))
			*ran_out_ms = wait->since_ms;
		*at = wait->next;
		wait->next = NULL;
		wait->since_ms = err;
		*end = wait;
		end = &wait->next;
	}
	return taken;
}

static void
resume_all(struct sync_wait *wait)
{
	struct sync_wait *next;

	for (; wait != NULL; wait = next) {
		next = wait->next;
		wait->resume(wait, (int)wait->since_ms);
	}
}

void
waits_run(struct sync *sync, int64_t now_ms, int64_t *next_ms)
{
	struct sync_wait *taken;
	int64_t ran_out_ms = INT64_MAX;

	for (size_t i = 0; i < sync->tasks.n; i++)
		sync->tasks.v[i]->wanted = false;
	(void)pthread_mutex_lock(&sync->lock);
	taken = take_answered(sync, now_ms, next_ms, &ran_out_ms);
	(void)pthread_mutex_unlock(&sync->lock);
	if (ran_out_ms != INT64_MAX)
		(void)sync_note_silence(sync, ran_out_ms);
	resume_all(taken);
}

void
waits_end(struct sync *sync, int err)
{
	struct sync_wait *waits;

	(void)pthread_mutex_lock(&sync->lock);
	sync->stopping = true;
	waits = sync->waits;
	sync->waits = NULL;
	for (struct sync_wait *wait = waits; wait != NULL; wait = wait->next)
		wait->since_ms = err;
	(void)pthread_mutex_unlock(&sync->lock);
	resume_all(waits);
}
