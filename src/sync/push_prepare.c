#include "sync/push.h"

#include "store/accept.h"
#include "store/archives.h"
#include "store/saves.h"
#include "store/store.h"
#include "store/unmake.h"
#include "sync/push_words.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What is to be done with an object, and that it begins. */

/* One object, looked at in one transaction. */
struct look {
	struct sync *sync;
	struct tx *tx;
	const char *object;
};

static bool
is_coming(void *cookie, const char *own_id)
{
	const struct look *look = cookie;

	return journal_is_coming(look->tx, look->object, own_id) != 0;
}

/* Whether the text of a card that is to be made is still being written. */
static int
is_writing(struct tx *tx, const char *object)
{
	struct node node;
	int r;

	if (!journal_is_own_id(object))
		return 0;
	r = node_by_id(tx, object, &node);
	if (r == -ENOENT)
		return 0;
	return r != 0 ? r : saves_has(tx, node.ino);
}

/* What else is going on that the choice depends on. */
static int
know_surroundings(struct look *look, const struct entries *entries,
    struct step_context *context)
{
	enum entry_kind last = entries->list.n > 0
				   ? entries->list.v[entries->list.n - 1].kind
				   : ENTRY_KINDS;
	int r = is_writing(look->tx, look->object);

	context->writing = r == 1;
	if (r >= 0)
		r = archives_go_with(look->tx, look->object);
	context->with_parent = r == 1;
	if (r >= 0 &&
	    (last == ENTRY_LIST_ARCHIVE || last == ENTRY_BOARD_CLOSE)) {
		r = archives_await_moves(look->tx, look->object);
		context->left = r == 1;
	}
	return r < 0 ? r : 0;
}

static int
look_at(struct look *look, struct step *ret_step)
{
	struct step_context context = {.now_ms = time_wall_ms(),
	    .flush = orders_hurry(look->sync, look->object),
	    .alone = push_is_alone(look->sync->push, look->object),
	    .coming = is_coming,
	    .cookie = look};
	struct entries entries = {0};
	int r = journal_of(look->tx, look->object, &entries);

	if (r == 0)
		r = know_surroundings(look, &entries, &context);
	if (r == 0)
		r = step_choose(&entries, &context, ret_step);
	entries_fini(&entries);
	if (r == 0 && ret_step->call == CALL_FILE_CREATE &&
	    ret_step->action != STEP_NONE &&
	    push_uploads(look->sync->push) >= PUSH_UPLOADS_MAX)
		step_fini(ret_step);
	/* Two of one name are made one after the other, so that each can be
	 * found if its answer is lost. */
	if (r == 0 && ret_step->action == STEP_SEND &&
	    step_makes(ret_step->call)) {
		r = journal_has_twin(look->tx, &ret_step->group.list.v[0]);
		if (r != 0)
			step_fini(ret_step);
		r = r < 0 ? r : 0;
	}
	if (r == 0) {
		r = push_waits_for_board(look->tx, ret_step);
		if (r != 0)
			step_fini(ret_step);
		r = r < 0 ? r : 0;
	}
	return r;
}

int
push_has_step(struct sync *sync, const char *object)
{
	struct look look = {.sync = sync, .object = object};
	struct step step = {0};
	bool has;
	int r = store_read_brief(sync->store, &look.tx);

	if (r != 0)
		return r;
	r = look_at(&look, &step);
	store_end(look.tx);
	has = r == 0 && step.action != STEP_NONE;
	step_fini(&step);
	return r != 0 ? r : has;
}

static int
mark_sent(struct tx *tx, struct step *step, int64_t sent_ms)
{
	int r = 0;

	for (size_t i = 0; i < step->group.list.n && r == 0; i++) {
		struct entry *entry = &step->group.list.v[i];

		if (entry->state == ENTRY_SENT)
			continue;
		entry->state = ENTRY_SENT;
		entry->due_ms = sent_ms;
		r = journal_update(tx, entry);
	}
	return r;
}

/* A description that is about to take the place of another. */
static int
note_desc(struct tx *tx, const struct push_slot *slot)
{
	const struct push_request *request = &slot->request;
	struct overwritten one = {.old = request->old_desc,
	    .mine = request->new_desc,
	    .sent_ms = push_server_ms(slot->sync)};

	if (request->call != CALL_CARD_UPDATE || request->new_desc == NULL)
		return 0;
	(void)snprintf(one.card, sizeof one.card, "%s", slot->step.object);
	return overwritten_add(tx, &one);
}

/* What making it takes over is one with it from here on. */
static int
fold(struct tx *tx, const struct step *step)
{
	int r = step->folded.list.n > 0
		    ? journal_replace(tx, &step->group.list.v[0])
		    : 0;

	for (size_t i = 0; i < step->folded.list.n && r == 0; i++)
		r = journal_remove(tx, step->folded.list.v[i].seq);
	return r;
}

/* Labels of a board that the card has left meanwhile: 1: there is nothing to
 * be sent, and that has been said. */
static int
follow_labels(
    struct sync *sync, struct folder_changes *changes, struct step *step)
{
	struct buf why = BUF_INIT;
	int r = push_follow_labels(changes->tx, step, &why);
	bool refused = r == 0 && why.len > 0;

	if (refused)
		r = push_refuse(sync, changes, step, -EINVAL, buf_str(&why));
	if (refused && r == 0)
		push_note_refusal(sync, step->object, -EINVAL);
	buf_free(&why);
	return r == 0 ? refused : r;
}

int
push_prepare(
    struct push_slot *slot, struct folder_changes *changes, const char *object)
{
	struct sync *sync = slot->sync;
	struct look look = {.sync = sync, .tx = changes->tx, .object = object};
	struct step *step = &slot->step;
	int r = look_at(&look, step);

	if (r != 0 || step->action == STEP_NONE)
		return r;
	if (step->action == STEP_DROP)
		return unmake(changes, object);
	if (step->action == STEP_LOST)
		return push_refuse(sync, changes, step, -EIO, PUSH_WORDS_LOST);
	r = follow_labels(sync, changes, step);
	if (r != 0) {
		step->action = STEP_LOST;
		return r < 0 ? r : 0;
	}
	r = push_request_make(changes->tx, step, &slot->request);
	if (r == 0)
		r = push_note_theirs(changes->tx, step);
	if (r == 0)
		r = fold(changes->tx, step);
	if (r == 0)
		r = note_desc(changes->tx, slot);
	slot->again = step->action == STEP_SEND &&
		      step->group.list.v[0].state == ENTRY_SENT;
	if (r == 0)
		return mark_sent(changes->tx, step, push_server_ms(sync));
	if (r == -ESTALE)
		r = push_conflict(sync, changes, step);
	else if (r == -EINVAL)
		r = push_refuse(
		    sync, changes, step, r, "it cannot be said to Trello");
	step->action = r == 0 ? STEP_LOST : step->action;
	return r;
}
