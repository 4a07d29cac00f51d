#include "sync/private.h"
#include "sync/push.h"

#include "model/model_json.h"
#include "store/base.h"
#include "util/log.h"
#include "util/timeutil.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/*
 * The list of boards, every refresh_s seconds: one request.  A board that is
 * missing is asked for by id before its folder goes.
 */

static void
poll_clear(struct sync *sync)
{
	struct poll *poll = &sync->poll;

	json_reader_free(poll->reader);
	poll->reader = NULL;
	poll->request = NULL;
	boards_fini(&poll->boards);
	board_fini(&poll->head);
	VEC_FREE(&poll->missing);
	poll->running = false;
}

void
poll_free(struct sync *sync)
{
	struct poll *poll = &sync->poll;

	if (poll->request != NULL)
		sync->remote->ops->cancel(sync->remote, poll->request);
	poll_clear(sync);
}

/* While the network is away a try costs nobody anything: it should be seen
 * soon that it is back. */
#define RETRY_MAX_MS 60000

#define SLEEP_MS 1000

static int64_t
retry_ms(const struct sync *sync)
{
	int64_t wait_ms = sync_backoff_ms(sync->poll.failures);
	int64_t max_ms = (int64_t)sync->refresh_s * 1000;

	if (max_ms < RETRY_MAX_MS)
		max_ms = RETRY_MAX_MS;
	return wait_ms < max_ms ? wait_ms : max_ms;
}

/* Counted from when it was asked, so that a slow answer does not come on top;
 * where answers take longer than that, with a pause. */
static int64_t
next_refresh_ms(const struct poll *poll, int64_t refresh_ms)
{
	int64_t next_ms = poll->began_ms + refresh_ms;
	int64_t least_ms = time_monotonic_ms() + refresh_ms / 2;

	return next_ms > least_ms ? next_ms : least_ms;
}

static void
poll_done(struct sync *sync, bool good)
{
	struct poll *poll = &sync->poll;
	int64_t now_ms = time_monotonic_ms();
	int64_t refresh_ms = (int64_t)sync->refresh_s * 1000;

	poll_clear(sync);
	if (!good) {
		poll->next_ms = now_ms + retry_ms(sync);
		poll->failures++;
		return;
	}
	poll->failures = 0;
	poll->next_ms = poll->again	  ? 0
			: refresh_ms != 0 ? next_refresh_ms(poll, refresh_ms)
					  : INT64_MAX;
	poll->again = false;
}

void
poll_hurry(struct sync *sync)
{
	if (sync->poll.failures > 0 && !sync->poll.running)
		sync->poll.next_ms = time_monotonic_ms();
}

void
poll_now(struct sync *sync)
{
	if (sync->poll.running)
		sync->poll.again = true;
	else
		sync->poll.next_ms = 0;
}

bool
poll_busy(const struct sync *sync)
{
	return sync->poll.running || sync->poll.next_ms == 0;
}

static void
remove_board(struct sync *sync, const char *id)
{
	struct invalidations out = {0};
	int r = base_remove_board(sync->store, id, &out);

	sync_invalidate(sync, &out);
	if (r != 0 && r != -ENOENT)
		log_error("board %s: cannot be taken out of the state "
			  "database: %s",
		    id, strerror(-r));
}

static int ask_missing(struct sync *sync);

static void
missing_answered(void *cookie, const struct remote_verdict *verdict)
{
	struct sync *sync = cookie;
	struct poll *poll = &sync->poll;
	const char *id = poll->missing.v[poll->missing.n - 1].s;

	poll->request = NULL;
	sync_note_verdict(sync, verdict);
	if (verdict->err != 0 && !remote_says_gone(verdict)) {
		poll_done(sync, false);
		return;
	}
	if (verdict->err != 0 || poll->head.closed) {
		remove_board(sync, id);
		(void)tasks_update(sync);
	}
	poll->missing.n--;
	if (ask_missing(sync) != 0)
		poll_done(sync, false);
}

static int
submit(struct sync *sync, enum remote_call call, const char *id,
    void (*done)(void *cookie, const struct remote_verdict *verdict))
{
	struct poll *poll = &sync->poll;
	struct remote_args args = {.call = call,
	    .priority = PRIORITY_NEWS,
	    .id = id,
	    .reader = poll->reader,
	    .done = done,
	    .cookie = sync};

	if (poll->reader == NULL)
		return -ENOMEM;
	return sync->remote->ops->submit(sync->remote, &args, &poll->request);
}

static int
ask_missing(struct sync *sync)
{
	struct poll *poll = &sync->poll;

	if (poll->missing.n == 0) {
		poll_done(sync, true);
		return 0;
	}
	json_reader_free(poll->reader);
	board_fini(&poll->head);
	board_init(&poll->head);
	poll->reader = board_reader_new(&poll->head);
	return submit(sync, CALL_BOARD_HEAD,
	    poll->missing.v[poll->missing.n - 1].s, missing_answered);
}

static void
note_news(struct sync *sync)
{
	(void)pthread_mutex_lock(&sync->lock);
	sync->view.news_ms = time_wall_ms();
	(void)pthread_mutex_unlock(&sync->lock);
}

/* What we changed since is left to the next list: this one may not know it. */
static void
drop_written(struct sync *sync)
{
	struct boards *all = &sync->poll.boards;
	size_t n = 0;

	for (size_t i = 0; i < all->boards.n; i++) {
		struct board *board = &all->boards.v[i];

		if (written_after(
			&sync->written, board->id, sync->poll.began_ms))
			board_fini(board);
		else
			all->boards.v[n++] = *board;
	}
	all->boards.n = n;
}

static void
drop_written_missing(struct sync *sync)
{
	model_ids *missing = &sync->poll.missing;
	size_t n = 0;

	for (size_t i = 0; i < missing->n; i++)
		if (!written_after(
			&sync->written, missing->v[i].s, sync->poll.began_ms))
			missing->v[n++] = missing->v[i];
	missing->n = n;
}

static void
polled(void *cookie, const struct remote_verdict *verdict)
{
	struct sync *sync = cookie;
	struct poll *poll = &sync->poll;
	struct invalidations out = {0};
	int r;

	poll->request = NULL;
	sync_note_verdict(sync, verdict);
	if (verdict->err != 0) {
		poll_done(sync, false);
		return;
	}
	drop_written(sync);
	r = base_apply_boards(sync->store, &poll->boards, &poll->missing, &out);
	sync_invalidate(sync, &out);
	drop_written_missing(sync);
	if (r == 0)
		r = tasks_update(sync);
	if (poll->failures > 0) {
		tasks_hurry(sync);
		push_hurry(sync);
	}
	if (r == 0) {
		note_news(sync);
		r = ask_missing(sync);
	}
	if (r != 0) {
		log_error("the list of boards cannot be taken over: %s",
		    strerror(-r));
		poll_done(sync, false);
	}
}

/* With wrong credentials the list is what is asked to see if they still are,
 * also if it would not be asked for any more. */
static int64_t
due_ms(const struct sync *sync)
{
	int64_t gate_ms = sync->account_gate_ms;
	int64_t next_ms = sync->poll.next_ms;

	if (gate_ms != 0 && next_ms == INT64_MAX)
		return gate_ms;
	return gate_ms > next_ms ? gate_ms : next_ms;
}

/* What is known here is from before; and others had time. */
static void
notice_sleep(struct sync *sync)
{
	int64_t slept_ms = time_slept_ms();

	if (slept_ms - sync->poll.slept_ms > SLEEP_MS && sync->refresh_s != 0)
		poll_now(sync);
	sync->poll.slept_ms = slept_ms;
}

void
poll_run(struct sync *sync, int64_t now_ms, int64_t *next_ms)
{
	struct poll *poll = &sync->poll;

	notice_sleep(sync);
	if (poll->running || sync->identity.foreign)
		return;
	if (now_ms < due_ms(sync)) {
		if (due_ms(sync) < *next_ms)
			*next_ms = due_ms(sync);
		return;
	}
	poll->running = true;
	poll->began_ms = now_ms;
	poll->reader = boards_reader_new(&poll->boards);
	if (submit(sync, CALL_BOARDS, NULL, polled) != 0)
		poll_done(sync, false);
}
