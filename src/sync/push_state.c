#include "sync/push.h"

#include "model/ids.h"
#include "util/log.h"
#include "util/timeutil.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the push remembers between steps. */

int
push_new(struct sync *sync)
{
	struct push *push = calloc(1, sizeof *push);

	if (push == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < PUSH_SLOTS; i++) {
		push->slots[i].sync = sync;
		push_reply_init(&push->slots[i].reply);
	}
	sync->push = push;
	return 0;
}

void
push_free_slot(struct push_slot *slot)
{
	struct sync *sync = slot->sync;

	if (slot->running != NULL)
		remote_cancel(sync->remote, slot->running);
	json_reader_free(slot->reader);
	push_reply_fini(&slot->reply);
	push_request_fini(&slot->request);
	push_request_fini(&slot->question);
	step_fini(&slot->step);
	sync->push->uploads[slot - sync->push->slots].seq = 0;
	slot->running = NULL;
	slot->reader = NULL;
	slot->phase = PHASE_FREE;
}

void
push_free(struct sync *sync)
{
	struct push *push = sync->push;

	if (push == NULL)
		return;
	push_look_free(sync);
	for (size_t i = 0; i < PUSH_SLOTS; i++)
		push_free_slot(&push->slots[i]);
	VEC_FREE(&push->alone);
	VEC_FREE(&push->lost);
	free(push);
	sync->push = NULL;
}

unsigned
push_uploads(const struct push *push)
{
	unsigned n = 0;

	for (size_t i = 0; i < PUSH_SLOTS; i++)
		n += push->uploads[i].seq != 0;
	return n;
}

bool
push_progress(const struct sync *sync, int64_t seq, int64_t *ret_sent)
{
	const struct push *push = sync->push;

	for (size_t i = 0; i < PUSH_SLOTS; i++) {
		if (push->uploads[i].seq != seq)
			continue;
		*ret_sent = push->uploads[i].sent;
		return true;
	}
	return false;
}

void
push_note_upload(struct push_slot *slot)
{
	struct push_upload *upload =
	    &slot->sync->push->uploads[slot - slot->sync->push->slots];

	if (!slot->request.has_file)
		return;
	upload->sent = 0;
	upload->seq = slot->step.group.list.v[0].seq;
	slot->request.file.sent = &upload->sent;
}

/* Objects that go one entry at a time. */
bool
push_is_alone(const struct push *push, const char *object)
{
	for (size_t i = 0; i < push->alone.n; i++)
		if (strcmp(push->alone.v[i].s, object) == 0)
			return true;
	return false;
}

void
push_set_alone(struct push *push, const char *object, bool alone)
{
	for (size_t i = 0; i < push->alone.n; i++)
		if (strcmp(push->alone.v[i].s, object) == 0) {
			if (!alone)
				push->alone.v[i] =
				    push->alone.v[--push->alone.n];
			return;
		}
	if (alone)
		(void)model_ids_add(&push->alone, object);
}

/* Looked for so often until it may be sent again. */
#define LOST_LOOK_MS 3000
/* What is known to have ended need only get to where reads come from. */
#define ENDED_PART 6

static struct push_lost *
lost_of(const struct push *push, const char *object)
{
	for (size_t i = 0; i < push->lost.n; i++)
		if (strcmp(push->lost.v[i].object, object) == 0)
			return &push->lost.v[i];
	return NULL;
}

static struct push_lost *
add_lost(struct push *push, const char *object)
{
	struct push_lost *lost = lost_of(push, object);

	if (lost != NULL)
		return lost;
	lost = VEC_ADD(&push->lost);
	if (lost == NULL)
		return NULL;
	(void)snprintf(lost->object, sizeof lost->object, "%s", object);
	lost->since_ms = time_monotonic_ms();
	return lost;
}

void
push_note_ended(struct push *push, const char *object)
{
	struct push_lost *lost = add_lost(push, object);

	if (lost != NULL)
		lost->ended = true;
}

bool
push_may_repeat(struct sync *sync, const char *object, int64_t sent_ms)
{
	struct push *push = sync->push;
	struct push_lost *lost = add_lost(push, object);
	int64_t wait_ms = sync->lost_wait_ms;
	int64_t now_ms = time_monotonic_ms(), server_ms = push_server_ms(sync);
	int64_t left_ms;

	if (lost == NULL)
		return false;
	if (lost->ended)
		wait_ms /= ENDED_PART;
	/* The server's clock knows of the time before a restart; what we know
	 * of it may change. */
	left_ms = lost->since_ms + wait_ms - now_ms;
	if (server_ms >= sent_ms && sent_ms + wait_ms - server_ms < left_ms)
		left_ms = sent_ms + wait_ms - server_ms;
	if (left_ms <= 0) {
		*lost = push->lost.v[--push->lost.n];
		return true;
	}
	lost->until_ms =
	    now_ms + (left_ms < LOST_LOOK_MS ? left_ms : LOST_LOOK_MS);
	return false;
}

bool
push_is_lost(
    struct push *push, const char *object, int64_t now_ms, int64_t *next_ms)
{
	const struct push_lost *lost = lost_of(push, object);

	if (lost == NULL || now_ms >= lost->until_ms)
		return false;
	if (lost->until_ms < *next_ms)
		*next_ms = lost->until_ms;
	return true;
}

void
push_hold(struct sync *sync, const struct remote_verdict *verdict)
{
	struct push *push = sync->push;

	/* Those that were under way together fail together, once. */
	if (push->gate_ms == 0)
		push->gate_ms =
		    time_monotonic_ms() + sync_backoff_ms(push->failures++);
	push->gate_network = verdict->scope == SCOPE_NETWORK;
}

void
push_note_refusal(struct sync *sync, const char *object, int err)
{
	struct push *push = sync->push;
	struct push_refused *slot =
	    &push->refusals[push->n_refusals++ % PUSH_REFUSALS];

	(void)snprintf(slot->object, sizeof slot->object, "%s", object);
	slot->err = err;
}

int
push_refusal(struct sync *sync, const char *object, size_t from)
{
	const struct push *push = sync->push;
	int err = 0;

	if (push->n_refusals > PUSH_REFUSALS &&
	    from < push->n_refusals - PUSH_REFUSALS)
		from = push->n_refusals - PUSH_REFUSALS;
	for (size_t i = from; i < push->n_refusals; i++) {
		const struct push_refused *one =
		    &push->refusals[i % PUSH_REFUSALS];

		if (object[0] == '\0' || strcmp(one->object, object) == 0)
			err = one->err;
	}
	return err;
}

void
push_store_failed(struct sync *sync, const struct step *step, int err)
{
	struct remote_verdict verdict = {.err = err, .scope = SCOPE_OBJECT};

	log_error("changes of %s: the state database: %s", step->object,
	    strerror(-err));
	push_hold(sync, &verdict);
}
