#include "sync/observed.h"
#include "sync/private.h"

#include "model/ids.h"
#include "store/base.h"
#include "store/store.h"
#include "util/hash.h"
#include "util/log.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

/* Boards nobody waits for are fetched a few at a time: each is held whole in
 * memory until it is in the store. */
#define BACKGROUND_LOADS 3
#define LOADS_MAX 24

/* A board whose reply was older than a change of ours is looked at again after
 * this: the reply was only under way then, as a rule. */
#define LOOK_AGAIN_MS 1000
/* And after this if it still is. */
#define LOOK_ONCE_MORE_MS 5000

/* The dates of cards are trusted for so long; then the whole is looked at. */
#define WHOLE_EVERY_MS ((int64_t)12 * 3600 * 1000)

/* What will not change by itself is asked for again after this. */
#define NEVER_RETRY_MS ((int64_t)3600 * 1000)

struct board_task *
task_by_ino(struct sync *sync, uint64_t ino)
{
	for (size_t i = 0; i < sync->tasks.n; i++)
		if (sync->tasks.v[i]->ino == ino)
			return sync->tasks.v[i];
	return NULL;
}

static void
task_stop(struct board_task *task)
{
	look_cancel(task->look);
	confirm_cancel(task->confirm);
	board_fini(&task->board);
	VEC_FREE(&task->keep);
	task->look = NULL;
	task->confirm = NULL;
	task->state = TASK_IDLE;
}

static void
task_free(struct board_task *task)
{
	task_stop(task);
	free(task);
}

void
tasks_free(struct sync *sync)
{
	for (size_t i = 0; i < sync->tasks.n; i++)
		task_free(sync->tasks.v[i]);
	VEC_FREE(&sync->tasks);
}

/* The old array while the new one, in the store's order, is being made. */
struct update {
	struct sync *sync;
	VEC(struct board_task *) old, now;
};

static struct board_task *
take_old(struct update *update, const char *id)
{
	for (size_t i = 0; i < update->old.n; i++) {
		struct board_task *task = update->old.v[i];

		if (task == NULL || strcmp(task->id, id) != 0)
			continue;
		update->old.v[i] = NULL;
		return task;
	}
	return NULL;
}

static int
keep_task(struct update *update, struct board_task *task)
{
	struct board_task **slot = VEC_ADD(&update->now);

	if (slot == NULL)
		return -ENOMEM;
	*slot = task;
	return 0;
}

/* Spread out, so that not all of them come at once. */
static int64_t
first_whole_ms(const char *id)
{
	int64_t half = WHOLE_EVERY_MS / 2;
	uint64_t hash = hash_add(HASH_INIT, id, strlen(id));

	return time_monotonic_ms() + half + (int64_t)(hash % (uint64_t)half);
}

static int
update_one(void *cookie, const struct board_state *state)
{
	struct update *update = cookie;
	struct board_task *task = take_old(update, state->id);

	if (task == NULL) {
		task = calloc(1, sizeof *task);
		if (task == NULL)
			return -ENOMEM;
		task->sync = update->sync;
		board_init(&task->board);
		(void)snprintf(task->id, sizeof task->id, "%s", state->id);
		task->whole_at_ms = first_whole_ms(state->id);
	}
	if (task->listed_ms != state->listed_ms)
		task->retry_at_ms = 0;
	task->ino = state->ino;
	task->listed_ms = state->listed_ms;
	task->looked_ms = state->looked_ms;
	task->loaded = state->loaded;
	task->shown_as_now = state->shown_as_now;
	if (keep_task(update, task) == 0)
		return 0;
	task_free(task);
	return -ENOMEM;
}

int
tasks_update(struct sync *sync)
{
	struct update update = {.sync = sync};
	struct tx *tx;
	int r = store_read(sync->store, true, &tx);

	if (r != 0)
		return r;
	update.old.v = sync->tasks.v;
	update.old.n = sync->tasks.n;
	update.old.cap = sync->tasks.cap;
	r = base_each_board(tx, sync->shown_as, update_one, &update);
	store_end(tx);
	/* Those that were not come to are still there. */
	for (size_t i = 0; i < update.old.n; i++)
		if (update.old.v[i] != NULL &&
		    (r == 0 || keep_task(&update, update.old.v[i]) != 0))
			task_free(update.old.v[i]);
	VEC_FREE(&update.old);
	sync->tasks.v = update.now.v;
	sync->tasks.n = update.now.n;
	sync->tasks.cap = update.now.cap;
	return r;
}

/* -errno that a file operation on the board should give. */
static int
error_for_files(const struct remote_verdict *verdict)
{
	if (verdict->scope == SCOPE_OBJECT)
		return verdict->err;
	return -ENETUNREACH;
}

static void
task_failed(struct board_task *task, const struct remote_verdict *verdict)
{
	int64_t now_ms = time_monotonic_ms();
	int error = error_for_files(verdict);
	bool told = task->failures > 0 && task->error == error;

	task_stop(task);
	task->error = error;
	task->failed_ms = now_ms;
	task->retry_at_ms = now_ms + (verdict->when == WHEN_NEVER
					     ? NEVER_RETRY_MS
					     : sync_backoff_ms(task->failures));
	task->failures++;
	if (verdict->scope != SCOPE_OBJECT)
		return;
	if (!told)
		log_warning("board %s: %s", task->id, verdict->text);
	(void)base_set_board_error(
	    task->sync->store, task->id, verdict->err, verdict->text);
}

static void
store_failed(struct board_task *task, int err)
{
	struct remote_verdict verdict = {
	    .err = err, .scope = SCOPE_OBJECT, .when = WHEN_LATER};

	(void)snprintf(verdict.text, sizeof verdict.text,
	    "cannot be written to the state database: %s", strerror(-err));
	task_failed(task, &verdict);
}

/* Boards that are under way are held whole, in many small pieces: what malloc
 * keeps of them after the last one would stay with the process. */
static void
give_memory_back(const struct sync *sync)
{
	for (size_t i = 0; i < sync->tasks.n; i++)
		if (sync->tasks.v[i]->state != TASK_IDLE)
			return;
#ifdef __GLIBC__
	(void)malloc_trim(0);
#endif
}

/* What is in the reply and older than a change of ours is not taken over; the
 * board is looked at again for it. */
static int
protect(struct board_task *task)
{
	struct sync *sync = task->sync;
	int n = written_protect(&sync->written, sync->store, &task->board,
	    task->began_ms, task->loaded, &task->keep);

	task->again = task->again || n > 0;
	return n < 0 ? n : 0;
}

/* The reply is complete, and what it lacks is known to be gone, or kept. */
static void
task_apply(struct board_task *task)
{
	struct sync *sync = task->sync;
	struct invalidations out = {0};
	int r = protect(task);

	if (r == 0)
		r = base_apply_board(sync->store, &task->board,
		    task->again ? 0 : task->asked_ms, &task->keep, sync->zone,
		    &out);
	sync_invalidate(sync, &out);
	if (r != 0) {
		store_failed(task, r);
		return;
	}
	observed_update(sync, task->id, task->ino);
	task_stop(task);
	if (task->whole)
		task->whole_at_ms = time_monotonic_ms() + WHOLE_EVERY_MS;
	task->loaded = true;
	task->shown_as_now = true;
	task->looked_ms = task->again ? 0 : task->asked_ms;
	task->error = 0;
	task->failures = 0;
	task->retry_at_ms =
	    !task->again
		? 0
		: time_monotonic_ms() +
		      (task->once_more ? LOOK_ONCE_MORE_MS : LOOK_AGAIN_MS);
	task->once_more = task->again;
	give_memory_back(sync);
}

static void
confirmed(
    void *cookie, const struct remote_verdict *verdict, const model_ids *keep)
{
	struct board_task *task = cookie;
	int r = 0;

	task->confirm = NULL;
	sync_note_verdict(task->sync, verdict);
	for (size_t i = 0; i < keep->n && r == 0; i++) {
		r = model_ids_add(&task->keep, keep->v[i].s);
		task->again = task->again || written_after(&task->sync->written,
						 keep->v[i].s, task->began_ms);
	}
	if (verdict->err != 0)
		task_failed(task, verdict);
	else if (r != 0)
		store_failed(task, r);
	else
		task_apply(task);
}

/* Those that are known to be kept need no question. */
static void
drop_kept(model_ids *ids, const model_ids *keep)
{
	size_t n = 0;

	for (size_t i = 0; i < ids->n; i++) {
		size_t k = 0;

		while (k < keep->n && strcmp(keep->v[k].s, ids->v[i].s) != 0)
			k++;
		if (k == keep->n)
			ids->v[n++] = ids->v[i];
	}
	ids->n = n;
}

/* Lists that are missing take their cards along: those need no question. */
static void
confirm_or_apply(struct board_task *task)
{
	struct sync *sync = task->sync;
	model_ids lists = {0}, cards = {0};
	int r = protect(task);

	if (r == 0 && task->loaded)
		r = base_missing(sync->store, &task->board, &lists, &cards);
	drop_kept(&lists, &task->keep);
	drop_kept(&cards, &task->keep);
	if (r != 0) {
		store_failed(task, r);
	} else if (lists.n + cards.n == 0) {
		task_apply(task);
	} else {
		task->state = TASK_CONFIRMING;
		r = confirm_start(&(struct confirm_args){.remote = sync->remote,
				      .board = &task->board,
				      .asked_ms = task->began_ms,
				      .written = &sync->written,
				      .lists = &lists,
				      .cards = &cards,
				      .done = confirmed,
				      .cookie = task},
		    &task->confirm);
		if (r != 0)
			store_failed(task, r);
	}
	VEC_FREE(&lists);
	VEC_FREE(&cards);
}

static void
loaded(void *cookie, const struct remote_verdict *verdict, struct board *board)
{
	struct board_task *task = cookie;

	task->look = NULL;
	sync_note_verdict(task->sync, verdict);
	if (verdict->err != 0) {
		task_failed(task, verdict);
		return;
	}
	board_fini(&task->board);
	task->board = *board;
	board_init(board);
	confirm_or_apply(task);
}

static void
task_begin(struct board_task *task)
{
	enum remote_priority priority = task->wanted   ? PRIORITY_WAITING
					: task->loaded ? PRIORITY_NEWS
						       : PRIORITY_BACKGROUND;
	int r;

	task->asked_ms = task->listed_ms;
	task->began_ms = time_monotonic_ms();
	task->again = false;
	task->state = TASK_LOADING;
	task->whole = !task->loaded || task->began_ms >= task->whole_at_ms;
	r = look_start(&(struct look_args){.store = task->sync->store,
			   .remote = task->sync->remote,
			   .id = task->id,
			   .priority = priority,
			   .whole = task->whole,
			   .done = loaded,
			   .cookie = task},
	    &task->look);
	if (r != 0)
		store_failed(task, r);
}

static bool
needs_look(const struct board_task *task, int64_t now_ms)
{
	return !task->loaded || task->looked_ms != task->listed_ms ||
	       now_ms >= task->whole_at_ms;
}

/* Whether it should begin now; what has to wait lowers *next_ms. */
static bool
is_due(const struct board_task *task, int64_t now_ms, int64_t *next_ms)
{
	if (task->state != TASK_IDLE || !needs_look(task, now_ms))
		return false;
	/* Who waits for the network is worth a try at once. */
	if (task->wanted && task->error == -ENETUNREACH)
		return true;
	if (now_ms >= task->retry_at_ms)
		return true;
	if (task->retry_at_ms < *next_ms)
		*next_ms = task->retry_at_ms;
	return false;
}

bool
tasks_show_again(struct sync *sync)
{
	for (size_t i = 0; i < sync->tasks.n; i++) {
		struct board_task *task = sync->tasks.v[i];
		struct invalidations out = {0};
		int r;

		if (!task->loaded || task->shown_as_now)
			continue;
		r = base_show_again(sync->store, task->id, sync->zone, &out);
		sync_invalidate(sync, &out);
		/* One that was made here may have another id by now. */
		if (r != 0 && r != -ENOENT)
			log_error("board %s: its cards cannot be written anew: "
				  "%s",
			    task->id, strerror(-r));
		task->shown_as_now = true;
		return true;
	}
	return false;
}

void
tasks_hurry(struct sync *sync)
{
	for (size_t i = 0; i < sync->tasks.n; i++)
		if (sync->tasks.v[i]->error == -ENETUNREACH)
			sync->tasks.v[i]->retry_at_ms = 0;
}

bool
tasks_busy(const struct sync *sync, int64_t now_ms)
{
	int64_t next_ms = INT64_MAX;

	for (size_t i = 0; i < sync->tasks.n; i++)
		if (sync->tasks.v[i]->state != TASK_IDLE ||
		    is_due(sync->tasks.v[i], now_ms, &next_ms))
			return true;
	return false;
}

bool
tasks_wanted(const struct sync *sync)
{
	for (size_t i = 0; i < sync->tasks.n; i++)
		if (sync->tasks.v[i]->wanted)
			return true;
	return false;
}

void
tasks_run(struct sync *sync, int64_t now_ms, int64_t *next_ms)
{
	unsigned running = 0;
	int64_t oldest_ms = now_ms;

	if (sync->identity.foreign || sync->account_gate_ms != 0)
		return;
	for (size_t i = 0; i < sync->tasks.n; i++) {
		struct board_task *task = sync->tasks.v[i];

		if (task->state == TASK_IDLE)
			continue;
		running++;
		if (task->began_ms < oldest_ms)
			oldest_ms = task->began_ms;
		if (task->wanted && task->look != NULL)
			look_hurry(task->look, PRIORITY_WAITING);
	}
	if (sync->poll.running && sync->poll.began_ms < oldest_ms)
		oldest_ms = sync->poll.began_ms;
	written_forget(&sync->written, oldest_ms);
	for (size_t i = 0; i < sync->tasks.n && running < LOADS_MAX; i++) {
		struct board_task *task = sync->tasks.v[i];

		if (!task->wanted || !is_due(task, now_ms, next_ms))
			continue;
		task_begin(task);
		running++;
	}
	for (size_t i = 0; i < sync->tasks.n && running < BACKGROUND_LOADS;
	     i++) {
		struct board_task *task = sync->tasks.v[i];

		if (task->wanted || !is_due(task, now_ms, next_ms))
			continue;
		task_begin(task);
		running++;
	}
}
