#include "sync/push.h"

#include "model/ids.h"
#include "store/accept.h"
#include "store/revisions.h"
#include "store/spool.h"
#include "store/store.h"
#include "sync/join.h"
#include "util/log.h"
#include "util/timeutil.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PRUNE_EVERY_MS ((int64_t)3600 * 1000)

static struct push_slot *
slot_of(struct push *push, const char *object)
{
	for (size_t i = 0; i < PUSH_SLOTS; i++)
		if (push->slots[i].phase != PHASE_FREE &&
		    strcmp(push->slots[i].step.object, object) == 0)
			return &push->slots[i];
	return NULL;
}

bool
push_is_sending(const struct sync *sync)
{
	for (size_t i = 0; i < PUSH_SLOTS; i++) {
		const struct push_slot *slot = &sync->push->slots[i];

		if (slot->phase == PHASE_SENDING && slot->running != NULL)
			return true;
	}
	return false;
}

static struct push_slot *
free_slot_of(struct push *push)
{
	for (size_t i = 0; i < PUSH_SLOTS; i++)
		if (push->slots[i].phase == PHASE_FREE)
			return &push->slots[i];
	return NULL;
}

/* Nothing of a step was done: its entries are as they were, and what came
 * after them meanwhile joins them. */
static int
take_back(struct sync *sync, struct step *step, int64_t due_ms)
{
	struct tx *tx;
	int r = store_write(sync->store, &tx);

	if (r != 0)
		return r;
	for (size_t i = 0; i < step->group.list.n && r == 0; i++) {
		struct entry *entry = &step->group.list.v[i];

		entry->state = ENTRY_NEW;
		entry->due_ms = due_ms;
		entry->tries++;
		r = journal_update(tx, entry);
	}
	if (r == 0)
		r = join_again(tx, step->object);
	if (r == 0)
		return store_commit(tx);
	store_end(tx);
	return r;
}

/* Nothing came of it, and nothing will: later, in the same order. */
static void
send_later(struct push_slot *slot, const struct remote_verdict *verdict)
{
	struct sync *sync = slot->sync;
	struct step *step = &slot->step;
	int64_t due_ms = time_wall_ms();
	int r;

	sync_note_put_off(sync, verdict);
	if (verdict->scope == SCOPE_OBJECT)
		due_ms += sync_backoff_ms(step->group.list.v[0].tries);
	else
		push_hold(sync, verdict);
	r = take_back(sync, step, due_ms);
	if (r != 0)
		push_store_failed(sync, step, r);
}

static void
refuse(struct push_slot *slot, int err, const char *why)
{
	struct sync *sync = slot->sync;
	struct folder_changes changes = {0};
	struct invalidations out = {0};
	int r = store_write(sync->store, &changes.tx);

	if (r == 0) {
		r = push_refuse(sync, &changes, &slot->step, err, why);
		r = folder_commit(&changes, r, &out);
	}
	sync_invalidate(sync, &out);
	if (r != 0)
		push_store_failed(sync, &slot->step, r);
	else
		push_note_refusal(sync, slot->step.object, err);
}

static void
accept(struct push_slot *slot, bool with_reply)
{
	struct sync *sync = slot->sync;
	struct push *push = sync->push;
	int r = push_accept(sync, &slot->step, &slot->request,
	    with_reply ? &slot->reply : NULL);

	if (r != 0) {
		push_store_failed(sync, &slot->step, r);
		return;
	}
	push->failures = 0;
	push->gate_ms = 0;
	sync_note_put_off(sync, NULL);
	push_set_alone(push, slot->step.object, false);
}

static void
answered(struct push_slot *slot, const struct remote_verdict *verdict)
{
	struct push *push = slot->sync->push;
	bool later =
	    verdict->scope != SCOPE_OBJECT || verdict->when != WHEN_NEVER;

	if (verdict->err == 0 && push_reply_is_whole(&slot->step, &slot->reply))
		accept(slot, true);
	else if (verdict->err != 0 && push_is_done_anyway(&slot->step, verdict))
		accept(slot, false);
	else if (verdict->err == 0 || verdict->unknown ||
		 (later && slot->again)) {
		/* The entries stay sent: what came of them is found out. */
		if (verdict->status != 0)
			push_note_ended(push, slot->step.object);
		push_hold(slot->sync, verdict);
		sync_note_put_off(slot->sync, verdict);
	} else if (later)
		send_later(slot, verdict);
	else if (slot->step.group.list.n > 1) {
		push_set_alone(push, slot->step.object, true);
		if (take_back(slot->sync, &slot->step, time_wall_ms()) != 0)
			push_hold(slot->sync, verdict);
	} else
		refuse(slot, verdict->err, verdict->text);
}

static void send_step(struct push_slot *slot);
static void found(struct push_slot *slot, const struct remote_verdict *verdict);

static void
done(void *cookie, const struct remote_verdict *verdict)
{
	struct push_slot *slot = cookie;

	slot->running = NULL;
	json_reader_free(slot->reader);
	slot->reader = NULL;
	sync_note_verdict(slot->sync, verdict);
	if (slot->phase == PHASE_SENDING) {
		answered(slot, verdict);
		push_free_slot(slot);
	} else {
		found(slot, verdict);
	}
}

/* A request that is tried again begins with an empty reply. */
static struct json_reader *
restart(void *cookie)
{
	struct push_slot *slot = cookie;
	int err;

	json_reader_free(slot->reader);
	slot->reader = push_reply_reader(&slot->reply, slot->reading, &err);
	return slot->reader;
}

static int
submit(struct push_slot *slot, const struct push_request *request)
{
	struct remote_args args = {.priority = PRIORITY_WRITE,
	    .restart = restart,
	    .done = done,
	    .cookie = slot};
	int r;

	push_request_args(request, &args);
	slot->reading = request->call;
	slot->reader = push_reply_reader(&slot->reply, request->call, &r);
	args.reader = slot->reader;
	if (r == 0)
		r = remote_submit(slot->sync->remote, &args, &slot->running);
	return r;
}

static void
submit_failed(struct push_slot *slot, int err)
{
	struct remote_verdict verdict = {.err = err, .scope = SCOPE_OBJECT};

	if (err == -ENOMEM)
		send_later(slot, &verdict);
	else
		refuse(slot, err, "it cannot be said to Trello");
	push_free_slot(slot);
}

static void
send_step(struct push_slot *slot)
{
	int r;

	push_note_upload(slot);
	r = submit(slot, &slot->request);
	slot->phase = PHASE_SENDING;
	if (r != 0)
		submit_failed(slot, r);
}

/* Ask for the card that was made, of which only a line is known. */
static void
adopt(struct push_slot *slot, const char *id)
{
	int r;

	if (slot->step.call != CALL_CARD_CREATE) {
		accept(slot, true);
		push_free_slot(slot);
		return;
	}
	push_request_fini(&slot->question);
	slot->question.call = CALL_CARD;
	(void)snprintf(slot->question.id, sizeof slot->question.id, "%s", id);
	slot->phase = PHASE_ADOPTING;
	r = submit(slot, &slot->question);
	if (r != 0)
		push_free_slot(slot);
}

/* It is still not known whether it was done: ask again later. */
static void
ask_later(struct push_slot *slot, const struct remote_verdict *verdict)
{
	push_hold(slot->sync, verdict);
	push_free_slot(slot);
}

/* It is sent once more: that is now the time to look from. */
static int
sent_anew(struct sync *sync, struct step *step)
{
	struct tx *tx;
	int r = store_write(sync->store, &tx);

	if (r != 0)
		return r;
	for (size_t i = 0; i < step->group.list.n && r == 0; i++) {
		struct entry *entry = &step->group.list.v[i];

		entry->due_ms = push_server_ms(sync);
		entry->tries++;
		r = journal_update(tx, entry);
	}
	if (r == 0)
		return store_commit(tx);
	store_end(tx);
	return r;
}

/* It was not found.  What was cut off may still be under way. */
static void
send_again(struct push_slot *slot, bool gone)
{
	struct step *step = &slot->step;

	if (!gone && !push_may_repeat(slot->sync, step->object,
			 step->group.list.v[0].due_ms)) {
		push_free_slot(slot);
	} else if (sent_anew(slot->sync, step) != 0) {
		push_store_failed(slot->sync, step, -EIO);
		push_free_slot(slot);
	} else {
		send_step(slot);
	}
}

static void
found(struct push_slot *slot, const struct remote_verdict *verdict)
{
	bool gone = verdict->err != 0 && verdict->scope == SCOPE_OBJECT &&
		    verdict->when == WHEN_NEVER;
	char id[MODEL_ID_SIZE];
	int r = 0;

	if (verdict->err != 0 && !gone) {
		ask_later(slot, verdict);
		return;
	}
	if (slot->phase == PHASE_ADOPTING && !gone) {
		accept(slot, true);
		push_free_slot(slot);
		return;
	}
	/* Where it should be is nothing: the request will say so, too. */
	if (!gone)
		r = push_find(slot->sync, &slot->step, &slot->reply, id);
	if (r < 0) {
		push_store_failed(slot->sync, &slot->step, r);
		push_free_slot(slot);
	} else if (r == 1) {
		adopt(slot, id);
	} else {
		send_again(slot, gone);
	}
}

static void
find_out(struct push_slot *slot)
{
	int r = push_request_find(&slot->step, &slot->question);

	slot->phase = PHASE_FINDING;
	if (r == 0)
		r = submit(slot, &slot->question);
	if (r != 0) {
		push_store_failed(slot->sync, &slot->step, r);
		push_free_slot(slot);
	}
}

/* 1: something was done, and more may follow; 0: nothing can be. */
static int
begin(struct push_slot *slot, const char *object)
{
	struct sync *sync = slot->sync;
	struct folder_changes changes = {0};
	struct invalidations out = {0};
	int r = push_has_step(sync, object);

	if (r <= 0)
		return r;
	r = store_write(sync->store, &changes.tx);
	if (r == 0) {
		r = push_prepare(slot, &changes, object);
		r = folder_commit(&changes, r, &out);
	}
	sync_invalidate(sync, &out);
	if (r == 0 && slot->step.action == STEP_SEND)
		send_step(slot);
	else if (r == 0 && slot->step.action == STEP_FIND)
		find_out(slot);
	else
		push_free_slot(slot);
	return r != 0 ? r : 1;
}

/* Some of the objects that are due: who is waited for, then the oldest; *after
 * and the end as of journal_due(). */
static int
due_objects(struct sync *sync, int64_t *after, model_ids *ret_objects,
    int64_t *ret_due_ms)
{
	int64_t now_ms = time_wall_ms();
	struct tx *tx;
	int r = *after == 0 ? orders_objects(sync, ret_objects) : 0;

	if (r == 0)
		r = store_read(sync->store, true, &tx);
	if (r != 0)
		return r;
	if (orders_hurry(sync, NULL))
		now_ms = INT64_MAX;
	r = journal_due(tx, now_ms, after, ret_objects);
	if (r == 0)
		r = journal_next_due(tx, now_ms, ret_due_ms);
	store_end(tx);
	return r;
}

/* True: what was done needs no answer, so there may be more to do at once. */
static bool
begin_all(struct sync *sync, const model_ids *objects, int64_t now_ms,
    int64_t *next_ms)
{
	struct push *push = sync->push;
	bool again = false;

	for (size_t i = 0; i < objects->n; i++) {
		const char *object = objects->v[i].s;
		struct push_slot *slot = free_slot_of(push);
		int r = 0;

		if (slot == NULL || push->gate_ms != 0)
			break;
		if (slot_of(push, object) == NULL &&
		    !push_is_lost(push, object, now_ms, next_ms))
			r = begin(slot, object);
		if (r < 0) {
			struct step step = {0};

			(void)snprintf(
			    step.object, sizeof step.object, "%s", object);
			push_store_failed(sync, &step, r);
		}
		again = again || (r == 1 && slot->phase == PHASE_FREE);
	}
	return again;
}

/* As many as there is room for. */
static int
begin_due(
    struct sync *sync, int64_t now_ms, int64_t *next_ms, int64_t *ret_due_ms)
{
	struct push *push = sync->push;
	int64_t after = 0;
	int r = 0;

	while (r == 0 && after != INT64_MAX && push->gate_ms == 0 &&
	       free_slot_of(push) != NULL) {
		model_ids objects = {0};

		r = due_objects(sync, &after, &objects, ret_due_ms);
		if (r == 0 && begin_all(sync, &objects, now_ms, next_ms))
			*next_ms = now_ms;
		VEC_FREE(&objects);
	}
	return r;
}

/* Who changes much is looked after so often, not each time: a thousand changes
 * in a second are no thousand looks. */
#define LOOK_EVERY_MS 20

static bool
may_look(struct sync *sync, int64_t now_ms, int64_t *next_ms)
{
	int64_t again_ms = sync->push->looked_ms + LOOK_EVERY_MS;

	if (atomic_load(&sync->changed) && now_ms < again_ms &&
	    !orders_any(sync)) {
		if (again_ms < *next_ms)
			*next_ms = again_ms;
		return false;
	}
	/* What was there may be gone from the journal. */
	(void)spools_clean(sync->store);
	/* Before the journal is read: what comes then is told again. */
	atomic_store(&sync->changed, false);
	sync->push->looked_ms = now_ms;
	return true;
}

static void
prune(struct sync *sync, int64_t now_ms)
{
	struct push *push = sync->push;
	struct tx *tx;

	if (push->pruned_ms != 0 && now_ms - push->pruned_ms < PRUNE_EVERY_MS)
		return;
	push->pruned_ms = now_ms;
	if (store_write(sync->store, &tx) != 0)
		return;
	if (accept_prune(tx, time_wall_ms()) == 0 &&
	    revisions_prune(tx, time_wall_ms()) == 0)
		(void)store_commit(tx);
	else
		store_end(tx);
}

void
push_hurry(struct sync *sync)
{
	sync->push->gate_ms = 0;
}

bool
push_is_shut(struct sync *sync, int64_t now_ms)
{
	return sync->identity.foreign || sync_read_only(sync) ||
	       now_ms < sync->account_gate_ms;
}

/* Whether the gate is open; it opens early when the network is back, or the
 * user says so. */
static bool
may_send(struct sync *sync, int64_t now_ms, int64_t *next_ms)
{
	struct push *push = sync->push;

	if (push_is_shut(sync, now_ms)) {
		if (now_ms < sync->account_gate_ms &&
		    sync->account_gate_ms < *next_ms)
			*next_ms = sync->account_gate_ms;
		return false;
	}
	if (push->gate_ms != 0 && push->gate_network && sync->offline_ms == 0)
		push->gate_ms = 0;
	if (now_ms >= push->gate_ms)
		push->gate_ms = 0;
	if (push->gate_ms != 0 && push->gate_ms < *next_ms)
		*next_ms = push->gate_ms;
	return push->gate_ms == 0;
}

void
push_run(struct sync *sync, int64_t now_ms, int64_t *next_ms)
{
	int64_t due_ms = INT64_MAX, wall_ms = time_wall_ms();
	int r;

	prune(sync, now_ms);
	if (!may_look(sync, now_ms, next_ms))
		return;
	r = push_follow_clock(sync);
	if (r == 0)
		r = push_check_breaker(sync);
	if (r == 0 && may_send(sync, now_ms, next_ms)) {
		push_look_run(sync, now_ms, next_ms);
		/* Who answers makes room, and this is called again. */
		r = begin_due(sync, now_ms, next_ms, &due_ms);
	}
	if (r != 0)
		log_error("the journal: %s", strerror(-r));
	if (due_ms != INT64_MAX && now_ms + (due_ms - wall_ms) < *next_ms)
		*next_ms = now_ms + (due_ms > wall_ms ? due_ms - wall_ms : 0);
}
