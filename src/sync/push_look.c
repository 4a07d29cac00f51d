#include "sync/push.h"

#include "model/model_json.h"
#include "store/accept.h"
#include "store/problems.h"
#include "store/revisions.h"
#include "store/store.h"
#include "store/view.h"
#include "sync/join.h"
#include "text/card_text.h"
#include "text/merge.h"
#include "text/origin.h"
#include "util/buf.h"
#include "util/log.h"
#include "util/timeutil.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Trello takes whatever description comes last.  What ours replaced stands in
 * the card's actions: if it is another than we thought, somebody changed it
 * between our last look and our request, and gets it back, merged.  One look
 * for each saved description, behind everything else.
 */

/* Clocks differ. */
#define SKEW_MS ((int64_t)5 * 60 * 1000)

static void
clear(struct sync *sync)
{
	struct push_look *look = &sync->push->look;

	json_reader_free(look->reader);
	look->reader = NULL;
	look->request = NULL;
	desc_changes_fini(&look->changes);
	overwrittens_fini(&look->what);
	look->running = false;
}

void
push_look_free(struct sync *sync)
{
	struct push_look *look = &sync->push->look;

	if (look->request != NULL)
		remote_cancel(sync->remote, look->request);
	clear(sync);
}

static const char *
card_of(const struct push_look *look)
{
	return look->what.list.v[0].card;
}

/* One of the texts that we sent, answered or not. */
static bool
is_mine(const struct push_look *look, const char *desc)
{
	for (size_t i = 0; i < look->what.list.n; i++)
		if (strcmp(look->what.list.v[i].mine, desc) == 0)
			return true;
	return false;
}

/* What was sent twice replaced what we thought at first. */
static bool
is_thought(const struct push_look *look, const struct overwritten *one,
    const char *old)
{
	for (size_t i = 0; i < look->what.list.n; i++) {
		const struct overwritten *other = &look->what.list.v[i];

		if (strcmp(other->mine, one->mine) == 0 &&
		    strcmp(other->old, old) == 0)
			return true;
	}
	return false;
}

/* Whether the change is one of ours that replaced what we did not think. */
static bool
is_unseen(const struct push_look *look, const struct overwritten *one,
    const struct desc_change *change, const char *me)
{
	if (change->date_ms != TIME_NONE &&
	    change->date_ms < one->sent_ms - SKEW_MS)
		return false;
	if (change->new_desc != NULL &&
	    strcmp(change->new_desc, one->mine) != 0)
		return false;
	if (me[0] != '\0' && change->id_creator[0] != '\0' &&
	    strcmp(change->id_creator, me) != 0)
		return false;
	return change->old_desc != NULL &&
	       !is_thought(look, one, change->old_desc) &&
	       !is_mine(look, change->old_desc);
}

/* Put what both made of it into the journal, on top of what is there. */
static int
journal_merged(
    struct tx *tx, const struct view_card *view, const char *now, char *merged)
{
	struct entry entry = {
	    .kind = ENTRY_CARD_CHANGE, .at_ms = time_wall_ms()};

	entry.due_ms = entry.at_ms;
	entry.change.kind = CHANGE_DESC;
	entry.change.old_text = (char *)now;
	entry.change.new_text = merged;
	(void)snprintf(entry.object, sizeof entry.object, "%s", view->card.id);
	(void)snprintf(
	    entry.board, sizeof entry.board, "%s", view->card.id_board);
	return join_add(tx, &entry);
}

/* Where both changed the same lines the file shows both, and is a draft. */
static int
tell_conflict(struct sync *sync, struct folder_changes *changes,
    struct view_card *view, const struct buf *merged)
{
	struct buf text = BUF_INIT;
	struct board board;
	struct node node;
	char rev[TEXT_REV_SIZE];
	int r = node_by_id(changes->tx, view->card.id, &node);

	if (r == 0)
		r = view_board(changes->tx, view->card.id_board, &board);
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	free(view->card.desc);
	view->card.desc = strdup(buf_str(merged));
	r = view->card.desc == NULL ? -ENOMEM
				    : card_text_format(&view->card, &board,
					  node.name, sync->zone, &text, rev);
	board_fini(&board);
	if (r == 0)
		r = push_keep_text(changes, &node, buf_str(&text), text.len);
	if (r == 0)
		r = push_tell(changes, node.ino,
		    "the description was changed at Trello in the same lines",
		    "both versions stand between markers in the text",
		    "edit the text between the markers, remove them, and save",
		    &text);
	if (r == 0)
		r = invalidate_inode(&changes->out, node.ino);
	buf_free(&text);
	return r;
}

/* What theirs grew out of: what we thought it was; or something earlier, if it
 * came in the place of that unseen; or ours, if that was sent twice. */
static int
find_origin(struct tx *tx, const struct overwritten *what, const char *now,
    const char *theirs, struct origin *origin)
{
	int r;

	origin_init(origin, theirs);
	r = origin_add_ours(origin, what->old, what->mine);
	if (r == 0)
		r = origin_add_ours(origin, what->old, now);
	if (r == 0)
		r = origin_see(origin, what->old);
	if (r == 0)
		r = origin_see(origin, what->mine);
	/* What was shown here since is nothing that ours grew out of. */
	return r == 0
		   ? revisions_see_descs(tx, what->card, what->sent_ms, origin)
		   : r;
}

/* The card is archived, and nobody can be asked: what both made of it goes
 * there all the same. */
static int
merge_gone(struct tx *tx, const struct overwritten *what, const char *theirs)
{
	struct view_card view = {0};
	struct buf merged = BUF_INIT;
	struct origin origin;
	int r = find_origin(tx, what, what->mine, theirs, &origin);

	(void)snprintf(view.card.id, sizeof view.card.id, "%s", what->card);
	if (r == 0)
		r = text_merge_all(
		    buf_str(&origin.found), what->mine, theirs, &merged);
	if (r == 0 && strcmp(buf_str(&merged), what->mine) != 0)
		r = journal_merged(
		    tx, &view, what->mine, (char *)buf_str(&merged));
	origin_fini(&origin);
	buf_free(&merged);
	return r;
}

static int
merge(struct sync *sync, struct folder_changes *changes,
    const struct overwritten *what, const char *theirs)
{
	struct view_show show = {.zone = sync->zone};
	struct view_card view = {0};
	struct buf merged = BUF_INIT;
	struct origin origin;
	bool conflict = false;
	const char *now;
	int r = view_card(changes->tx, what->card, NULL, &view);

	if (r == -ENOENT)
		return merge_gone(changes->tx, what, theirs);
	if (r != 0)
		return r;
	now = model_str(view.card.desc);
	r = find_origin(changes->tx, what, now, theirs, &origin);
	if (r == 0)
		r = text_merge(
		    buf_str(&origin.found), now, theirs, &merged, &conflict);
	if (r == 0 && conflict)
		r = tell_conflict(sync, changes, &view, &merged);
	else if (r == 0 && strcmp(buf_str(&merged), now) != 0)
		r = journal_merged(
		    changes->tx, &view, now, (char *)buf_str(&merged));
	view_card_fini(&view);
	origin_fini(&origin);
	buf_free(&merged);
	if (r == 0)
		r = view_show_card(changes, what->card, &show);
	log_notice("card %s: its description was changed at Trello while it "
		   "was saved here",
	    what->card);
	return r == -ENOENT ? 0 : r;
}

static int
my_id(struct tx *tx, char ret_id[MODEL_ID_SIZE])
{
	struct member me = {0};
	int r = view_me(tx, &me);

	(void)snprintf(ret_id, MODEL_ID_SIZE, "%s", me.id);
	member_fini(&me);
	return r == -ENOENT ? 0 : r;
}

/* Both were at Trello, and others may go on from either. */
static int
remember(struct tx *tx, const struct overwritten *one, const char *theirs)
{
	int r = revision_add_desc(tx, one->card, one->old);

	return r == 0 ? revision_add_desc(tx, one->card, theirs) : r;
}

/* What was sent more than once may have replaced more than one: the oldest
 * first, each once. */
static int
merge_unseen(struct sync *sync, struct folder_changes *changes,
    const struct overwritten *one, const char *me)
{
	struct push_look *look = &sync->push->look;
	int r = 0;

	for (size_t i = look->changes.changes.n; i > 0 && r == 0; i--) {
		struct desc_change *change = &look->changes.changes.v[i - 1];

		if (!is_unseen(look, one, change, me))
			continue;
		r = merge(sync, changes, one, change->old_desc);
		if (r == 0)
			r = remember(changes->tx, one, change->old_desc);
		free(change->old_desc);
		change->old_desc = NULL;
	}
	return r;
}

static int
take_over(struct sync *sync, bool known)
{
	struct push_look *look = &sync->push->look;
	struct folder_changes changes = {0};
	struct invalidations out = {0};
	char me[MODEL_ID_SIZE] = "";
	int r = store_write(sync->store, &changes.tx);

	if (r != 0)
		return r;
	r = my_id(changes.tx, me);
	for (size_t i = 0; i < look->what.n_answered && r == 0 && known; i++)
		r = merge_unseen(sync, &changes, &look->what.list.v[i], me);
	if (r == 0)
		r = overwritten_remove(changes.tx, &look->what);
	r = folder_commit(&changes, r, &out);
	sync_invalidate(sync, &out);
	return r;
}

static void
wait_on(struct sync *sync)
{
	struct push_look *look = &sync->push->look;

	look->next_ms = time_monotonic_ms() + sync_backoff_ms(look->failures++);
}

static void
looked(void *cookie, const struct remote_verdict *verdict)
{
	struct sync *sync = cookie;
	struct push_look *look = &sync->push->look;
	bool gone =
	    verdict->scope == SCOPE_OBJECT && verdict->when == WHEN_NEVER;
	int r = 0;

	look->request = NULL;
	sync_note_verdict(sync, verdict);
	if (verdict->err != 0 && !gone) {
		wait_on(sync);
	} else {
		r = take_over(sync, verdict->err == 0);
		look->failures = 0;
		look->next_ms = 0;
	}
	if (r != 0) {
		log_error("card %s: the state database: %s", card_of(look),
		    strerror(-r));
		wait_on(sync);
	}
	clear(sync);
}

static struct json_reader *
restart(void *cookie)
{
	struct sync *sync = cookie;
	struct push_look *look = &sync->push->look;

	json_reader_free(look->reader);
	desc_changes_fini(&look->changes);
	look->reader = desc_changes_reader_new(&look->changes);
	return look->reader;
}

static int
next_card(struct sync *sync, struct overwrittens *ret_what)
{
	struct tx *tx;
	int r = store_read(sync->store, true, &tx);

	if (r != 0)
		return r;
	r = overwritten_next(tx, ret_what);
	store_end(tx);
	return r;
}

static int
start(struct sync *sync)
{
	struct push_look *look = &sync->push->look;
	struct remote_args args = {.call = CALL_CARD_DESC_ACTIONS,
	    .priority = PRIORITY_NEWS,
	    .restart = restart,
	    .done = looked,
	    .cookie = sync};
	int r;

	r = next_card(sync, &look->what);
	if (r != 0)
		return r;
	look->running = true;
	args.id = card_of(look);
	args.reader = restart(sync);
	return args.reader != NULL
		   ? remote_submit(sync->remote, &args, &look->request)
		   : -ENOMEM;
}

void
push_look_run(struct sync *sync, int64_t now_ms, int64_t *next_ms)
{
	struct push_look *look = &sync->push->look;
	int r = 0;

	if (look->running)
		return;
	if (now_ms >= look->next_ms) {
		r = start(sync);
		if (r != 0)
			clear(sync);
		if (r != 0 && r != -ENOENT)
			wait_on(sync);
	}
	if (look->next_ms > now_ms && look->next_ms < *next_ms)
		*next_ms = look->next_ms;
}
