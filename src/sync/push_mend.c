#include "sync/push.h"

#include "store/accept.h"
#include "store/problems.h"
#include "store/revisions.h"
#include "store/saves.h"
#include "store/view.h"
#include "sync/join.h"
#include "text/card_text.h"
#include "text/merge.h"
#include "text/origin.h"
#include "util/buf.h"
#include "util/log.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Descriptions that ours took the place of unseen get back what they lost: of
 * the card's actions, which tell every text that it had and in which order,
 * those are found that are ours (find_span()), of the text that each replaced
 * the one that it grew out of, and what its author changed is merged into what
 * is there now.
 */

/* Clocks differ. */
#define SKEW_MS ((int64_t)5 * 60 * 1000)

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

/* What came of a change; an action that does not say it is followed by one
 * that replaced it. */
static const char *
new_desc(const struct push_look *look, size_t i)
{
	const struct desc_changes *changes = &look->changes;

	if (changes->changes.v[i].new_desc != NULL || i == 0)
		return changes->changes.v[i].new_desc;
	return changes->changes.v[i - 1].old_desc;
}

/* Whether somebody who may be us made just this text of it, then or later. */
static bool
may_be_mine(const struct push_look *look, const struct overwritten *one,
    size_t i, int64_t from_ms)
{
	const struct desc_change *change = &look->changes.changes.v[i];
	const char *desc = new_desc(look, i);

	if (change->date_ms != TIME_NONE && change->date_ms < from_ms)
		return false;
	if (desc != NULL && strcmp(desc, one->mine) != 0)
		return false;
	return look->me[0] == '\0' || change->id_creator[0] == '\0' ||
	       strcmp(change->id_creator, look->me) == 0;
}

/* Which of the changes, newest first, may be ours: not before from_ms, and
 * none of the first n.  Others make the same text, too: another mount that
 * mends the same, somebody who takes back what came since.  The one that was
 * answered is the first since the time that the answer said. */
struct span {
	int64_t from_ms;
	size_t n;
};

static struct span
find_span(const struct push_look *look, const struct overwritten *one)
{
	struct span span = {.from_ms = one->sent_ms - SKEW_MS};
	int64_t until_ms = INT64_MAX;

	if (one->done_ms == 0)
		return span;
	for (size_t i = look->changes.changes.n; i > 0; i--) {
		int64_t date_ms = look->changes.changes.v[i - 1].date_ms;

		if (date_ms > until_ms ||
		    !may_be_mine(look, one, i - 1, one->done_ms))
			continue;
		span.from_ms = one->from_ms;
		span.n = i - 1;
		until_ms = date_ms;
	}
	return span;
}

/* Whether the text came only after the change, as far as can be seen. */
static bool
came_later(const struct push_look *look, const char *desc, size_t i)
{
	bool later = false;

	for (size_t j = look->changes.changes.n; j > 0; j--) {
		if (strcmp(model_str(look->changes.changes.v[j - 1].old_desc),
			desc) != 0)
			continue;
		if (j - 1 > i)
			return false;
		later = true;
	}
	return later;
}

/* Whether the change is one of ours that replaced what we did not think. */
static bool
is_unseen(const struct push_look *look, const struct overwritten *one, size_t i)
{
	const char *old = look->changes.changes.v[i].old_desc;
	struct span span = find_span(look, one);

	return i >= span.n && may_be_mine(look, one, i, span.from_ms) &&
	       old != NULL && !is_thought(look, one, old) &&
	       !is_mine(look, old) && !came_later(look, one->old, i);
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

/* What one of our texts replaced. */
struct lost {
	struct sync *sync;
	struct folder_changes *changes;
	const struct overwritten *one; /* ours */
	size_t i;		       /* of the change that replaced it */
	const char *desc;
};

/* What we know, whatever else somebody may have seen. */
static int
begin_origin(const struct lost *lost, const char *now, struct origin *origin)
{
	const struct overwritten *one = lost->one;
	int r;

	origin_init(origin, lost->desc);
	r = origin_add_ours(origin, one->old, one->mine);
	if (r == 0)
		r = origin_add_ours(origin, one->old, now);
	if (r == 0)
		r = origin_add_known(origin, one->old);
	if (r == 0)
		r = origin_add_known(origin, one->mine);
	return r == 0 ? origin_add_known(origin, now) : r;
}

/* What it and ours grew out of: what we thought was there; or another text
 * that was there before it, if it came in the place of that unseen. */
static int
find_base(const struct lost *lost, const char *now, struct buf *base)
{
	const struct desc_changes *changes = &lost->sync->push->look.changes;
	struct origin origin;
	int r = begin_origin(lost, now, &origin);

	if (r == 0)
		r = origin_see(&origin, lost->one->old);
	for (size_t i = lost->i + 1; i < changes->changes.n && r == 0; i++)
		r = origin_see(
		    &origin, model_str(changes->changes.v[i].old_desc));
	/* What was shown here since is nothing that it grew out of. */
	if (r == 0)
		r = revisions_see_descs(lost->changes->tx, lost->one->card,
		    lost->one->sent_ms, &origin);
	if (r == 0)
		r = buf_add(base, buf_str(&origin.found), origin.found.len);
	origin_fini(&origin);
	return r;
}

/* The card is archived, and nobody can be asked: what both made of it goes
 * there all the same. */
static int
merge_gone(const struct lost *lost)
{
	struct tx *tx = lost->changes->tx;
	const char *mine = lost->one->mine;
	struct view_card view = {0};
	struct buf base = BUF_INIT, merged = BUF_INIT;
	int r = find_base(lost, mine, &base);

	(void)snprintf(
	    view.card.id, sizeof view.card.id, "%s", lost->one->card);
	if (r == 0)
		r = text_merge_all(buf_str(&base), mine, lost->desc, &merged);
	if (r == 0 && strcmp(buf_str(&merged), mine) != 0)
		r = journal_merged(tx, &view, mine, (char *)buf_str(&merged));
	buf_free(&base);
	buf_free(&merged);
	return r;
}

/* Where both changed the same lines: 1: the author of ours is to be asked; 0:
 * that is not possible, since he is writing, or has been asked something else;
 * or -errno. */
static int
can_ask(const struct lost *lost)
{
	struct node node;
	int r = node_by_id(lost->changes->tx, lost->one->card, &node);

	if (r == 0)
		r = saves_has(lost->changes->tx, node.ino);
	return r < 0 ? r : r == 0;
}

/* Appends what both made of it, unless *ret_ask, and that has been said. */
static int
merge_texts(const struct lost *lost, struct view_card *view, const char *base,
    struct buf *merged, bool *ret_ask)
{
	const char *now = model_str(view->card.desc);
	int r = text_merge(base, now, lost->desc, merged, ret_ask);

	if (r != 0 || !*ret_ask)
		return r;
	r = origin_is_in(base, lost->desc, now);
	if (r == 1) {
		*ret_ask = false;
		buf_clear(merged);
		return buf_add_str(merged, now);
	}
	if (r == 0)
		r = can_ask(lost);
	if (r == 1)
		return tell_conflict(lost->sync, lost->changes, view, merged);
	*ret_ask = false;
	buf_clear(merged);
	return r < 0 ? r : text_merge_all(base, now, lost->desc, merged);
}

static int
merge(const struct lost *lost)
{
	struct view_show show = {.zone = lost->sync->zone};
	struct tx *tx = lost->changes->tx;
	struct view_card view = {0};
	struct buf base = BUF_INIT, merged = BUF_INIT;
	bool asked = false;
	const char *now;
	int r = view_card(tx, lost->one->card, NULL, &view);

	if (r == -ENOENT)
		return merge_gone(lost);
	if (r == 0)
		r = find_base(lost, model_str(view.card.desc), &base);
	if (r == 0)
		r = merge_texts(lost, &view, buf_str(&base), &merged, &asked);
	now = model_str(view.card.desc);
	if (r == 0 && !asked && strcmp(buf_str(&merged), now) != 0)
		r = journal_merged(tx, &view, now, (char *)buf_str(&merged));
	view_card_fini(&view);
	buf_free(&base);
	buf_free(&merged);
	if (r == 0)
		r = view_show_card(lost->changes, lost->one->card, &show);
	log_notice("card %s: its description was changed at Trello while it "
		   "was saved here",
	    lost->one->card);
	return r == -ENOENT ? 0 : r;
}

/* Both were at Trello, and others may go on from either. */
static int
remember(const struct lost *lost)
{
	struct tx *tx = lost->changes->tx;
	int r = revision_add_desc(tx, lost->one->card, lost->one->old);

	return r == 0 ? revision_add_desc(tx, lost->one->card, lost->desc) : r;
}

/* The first of ours that this may be, or NULL. */
static const struct overwritten *
find_mine(const struct push_look *look, size_t i)
{
	for (size_t j = 0; j < look->what.n_answered; j++)
		if (is_unseen(look, &look->what.list.v[j], i))
			return &look->what.list.v[j];
	return NULL;
}

int
push_mend(struct sync *sync, struct folder_changes *changes)
{
	struct push_look *look = &sync->push->look;
	int r = 0;

	/* What was sent more than once may have replaced more than one: the
	 * oldest first. */
	for (size_t i = look->changes.changes.n; i > 0 && r == 0; i--) {
		struct lost lost = {.sync = sync,
		    .changes = changes,
		    .one = find_mine(look, i - 1),
		    .i = i - 1,
		    .desc = look->changes.changes.v[i - 1].old_desc};

		if (lost.one == NULL)
			continue;
		r = merge(&lost);
		if (r == 0)
			r = remember(&lost);
	}
	return r;
}
