#include "sync/settling.h"

#include "store/accept.h"
#include "store/base.h"
#include "store/journal.h"
#include "store/resettle.h"
#include "text/merge.h"
#include "text/text_error.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a text says, and how it differs from the one that it was made from. */

/* What names mean on the board of the card, and what else it was called. */
static int
load_names(struct settling *settling)
{
	int r = view_board(
	    settling->tx, settling->view.card.id_board, &settling->board);

	if (r == 0)
		r = resettle_board(
		    settling->tx, &settling->view.card, &settling->board);
	if (r != 0)
		return r;
	r = accept_made(settling->tx, settling->card->id, settling->own_id);
	return r == -ENOENT ? 0 : r;
}

static int
load(struct settling *settling)
{
	int r = view_me(settling->tx, &settling->me);

	if (r == 0 || r == -ENOENT)
		r = view_card(settling->tx, settling->card->id, &settling->me,
		    &settling->view);
	return r == 0 ? load_names(settling) : r;
}

/* The text that the author saw: of the texts under its rev the one that is
 * most like it; the present one where that is not known. */
static int
find_ancestor(struct settling *settling)
{
	struct revision_text text = {.text = settling->text,
	    .len = settling->len,
	    .writer = settling->writer};
	int r = revision_keep_shown(settling->tx, settling->card->ino);

	card_text_head(settling->text, settling->len, &settling->head);
	if (r != 0 || settling->head.rev[0] == '\0')
		return r;
	text.rev = settling->head.rev;
	r = revision_nearest(
	    settling->tx, settling->card->id, &text, &settling->ancestor);
	if (r == 0)
		settling->rev_known = true;
	return r == -ENOENT ? 0 : r;
}

/* Of a card that is archived nothing is known but what its author saw. */
static int
load_archived(struct settling *settling)
{
	const struct revision *ancestor = &settling->ancestor;
	struct card *card = &settling->view.card;
	int r = find_ancestor(settling);

	if (r == 0 && !settling->rev_known)
		r = -ENOENT;
	if (r == 0)
		r = card_copy(&ancestor->card, card);
	if (r == 0 && ancestor->merged != NULL) {
		free(card->desc);
		card->desc = strdup(ancestor->merged);
		r = card->desc != NULL ? 0 : -ENOMEM;
	}
	return r == 0 ? load_names(settling) : r;
}

static int
parse(struct settling *settling)
{
	const struct revision *ancestor = &settling->ancestor;
	bool known = settling->rev_known;
	struct card_text_context context = {
	    .card = known ? &ancestor->card : &settling->view.card,
	    .card_now = &settling->view.card,
	    .board = known ? &ancestor->board : &settling->board,
	    .board_now = &settling->board,
	    .file_name = settling->card->name,
	    .zone = settling->context->zone,
	    .me = settling->me.id[0] != '\0' ? &settling->me : NULL,
	    .now_ms = settling->now_ms,
	    .made_here = journal_is_own_id(settling->card->id) ||
			 settling->own_id[0] != '\0',
	    .rev_known = known,
	    .old_id = settling->own_id[0] != '\0' ? settling->own_id : NULL,
	    .tail_ids = known ? ancestor->tail : NULL,
	};
	int r;

	if (settling->save != NULL) {
		context.appended_at = settling->save->appended.v;
		context.n_appended = settling->save->appended.n;
	}
	r = card_text_parse(settling->text, settling->len, &context,
	    &settling->edit, settling->error);
	settling->parsed = r == 0;
	return r;
}

int
settling_parse(struct settling *settling)
{
	int r = load(settling);

	if (r == 0)
		r = find_ancestor(settling);
	return r == 0 ? parse(settling) : r;
}

struct id_maker {
	struct tx *tx;
	int err;
};

static void
next_id(void *cookie, char id[MODEL_ID_SIZE])
{
	struct id_maker *maker = cookie;
	int r = journal_new_id(maker->tx, id);

	if (r != 0)
		maker->err = r;
}

static bool
is_forbidden(const struct settling *settling, const struct card_change *change)
{
	/* What Trello has not heard of needs no deleting. */
	return !settling->context->allow_delete &&
	       !journal_is_own_id(change->id) &&
	       (change->kind == CHANGE_COMMENT_REMOVE ||
		   change->kind == CHANGE_ATTACHMENT_REMOVE);
}

static void
drop_forbidden(struct settling *settling)
{
	struct card_changes *all = &settling->differences;
	size_t kept = 0;

	for (size_t i = 0; i < all->n; i++) {
		if (is_forbidden(settling, &all->v[i])) {
			card_change_fini(&all->v[i]);
			settling->dropped = true;
		} else {
			all->v[kept++] = all->v[i];
		}
	}
	all->n = kept;
}

static bool
is_of_label(const struct card_change *change)
{
	return change->kind == CHANGE_LABEL_ADD ||
	       change->kind == CHANGE_LABEL_REMOVE;
}

/* The change that undoes this one, or n. */
static size_t
find_opposite(const struct card_changes *all, size_t of)
{
	const struct card_change *change = &all->v[of];
	size_t i = 0;

	while (i < all->n &&
	       (!is_of_label(&all->v[i]) || all->v[i].kind == change->kind ||
		   strcmp(all->v[i].id, change->id) != 0))
		i++;
	return i;
}

static void
drop_change(struct card_changes *all, size_t at)
{
	card_change_fini(&all->v[at]);
	memmove(&all->v[at], &all->v[at + 1], (--all->n - at) * sizeof *all->v);
}

/* Labels that the text was made with and that now are others: the card, or
 * its list, has gone to another board since. */
static int
follow_labels(struct settling *settling)
{
	struct card_changes *all = &settling->differences;
	bool followed = false;
	size_t i = 0;

	for (size_t j = 0; j < all->n; j++) {
		struct card_change *change = &all->v[j];
		int r;

		if (!is_of_label(change) ||
		    board_label(&settling->board, change->id) != NULL)
			continue;
		r = resettle_id(settling->tx, &settling->ancestor.board,
		    &settling->board, change->kind == CHANGE_LABEL_ADD,
		    change->id);
		if (r != 0 && r != -ENOENT)
			return r;
		followed |= r == 0;
	}
	while (followed && i < all->n) {
		size_t other =
		    is_of_label(&all->v[i]) ? find_opposite(all, i) : all->n;

		if (other == all->n) {
			i++;
			continue;
		}
		drop_change(all, other);
		drop_change(all, i);
	}
	return 0;
}

/* Make the change of the description that one, or none. */
static int
set_desc_change(struct settling *settling, const char *old, const char *new)
{
	struct card_changes *all = &settling->differences;
	struct card_change change = {
	    .kind = CHANGE_DESC, .old_ms = TIME_NONE, .new_ms = TIME_NONE};
	struct card_change *slot;
	size_t at = 0;

	while (at < all->n && all->v[at].kind != CHANGE_DESC)
		at++;
	if (strcmp(old, new) == 0 && at == all->n)
		return 0;
	if (strcmp(old, new) == 0) {
		drop_change(all, at);
		return 0;
	}
	change.old_text = strdup(old);
	change.new_text = strdup(new);
	if (at == all->n)
		slot = VEC_ADD(all);
	else
		slot = &all->v[at];
	if (change.old_text == NULL || change.new_text == NULL ||
	    slot == NULL) {
		card_change_fini(&change);
		return -ENOMEM;
	}
	card_change_fini(slot);
	*slot = change;
	return 0;
}

/*
 * What was saved since under the same rev, by others who had not seen this
 * text, is merged with it here, where the later one counts: so what may be in
 * conflict with it afterwards is Trello's alone.
 */
static int
merge_saves(struct settling *settling)
{
	const struct revision *ancestor = &settling->ancestor;
	const char *now = model_str(settling->edit.card.desc);
	struct buf merged = BUF_INIT;
	int r;

	if (!settling->rev_known || ancestor->merged == NULL)
		return 0;
	if (ancestor->goes_back)
		r = buf_add_str(&merged, now);
	else
		r = text_merge_later(model_str(ancestor->card.desc), now,
		    ancestor->merged, &merged);
	if (r == 0) {
		settling->merged = buf_steal(&merged);
		r = settling->merged != NULL ? 0 : -ENOMEM;
	}
	buf_free(&merged);
	return r == 0 ? set_desc_change(
			    settling, ancestor->merged, settling->merged)
		      : r;
}

static int
note_plain(struct settling *settling)
{
	const struct card_edit *edit = &settling->edit;

	if (edit->tail != SIZE_MAX)
		(void)snprintf(settling->tail, sizeof settling->tail, "%s",
		    edit->card.comments.v[edit->tail].id);
	for (size_t i = 0; i < edit->plain.n; i++)
		(void)buf_printf(&settling->plain, "%s%s", i > 0 ? " " : "",
		    edit->card.comments.v[edit->plain.v[i]].id);
	return settling->plain.err;
}

static int
compare(struct settling *settling)
{
	struct id_maker maker = {.tx = settling->tx};
	struct id_source ids = {.next = next_id, .cookie = &maker};
	const struct card *from = settling->rev_known ? &settling->ancestor.card
						      : &settling->view.card;
	int r =
	    card_diff(from, &settling->edit.card, &ids, &settling->differences);

	if (r == 0)
		r = maker.err;
	if (r != 0)
		return r;
	r = note_plain(settling);
	if (r != 0)
		return r;
	drop_forbidden(settling);
	r = follow_labels(settling);
	return r == 0 ? merge_saves(settling) : r;
}

/* What could not be merged is not sent as it is; but a description that has
 * such lines at Trello, too, means them. */
static int
check_markers(struct settling *settling)
{
	size_t n = text_markers(model_str(settling->edit.card.desc), NULL);
	unsigned line = 0;
	struct card base;
	int r;

	if (n == 0)
		return 0;
	r = base_card(settling->tx, settling->card->id, &base);
	if (r == 0) {
		if (n <= text_markers(model_str(base.desc), NULL))
			n = 0;
		card_fini(&base);
	}
	if (n == 0 || (r != 0 && r != -ENOENT))
		return r;
	(void)text_markers(settling->text, &line);
	(void)text_error_set(settling->error, -EINVAL, line,
	    "markers of a merge are left in the text");
	(void)text_error_why(settling->error,
	    "between " MERGE_MARK_YOURS " and " MERGE_MARK_TRELLO
	    " stand two versions of the same lines");
	return text_error_remedy(settling->error,
	    "edit the text between the markers, remove them, and save");
}

/* Whether they can be made on top of what the card is now: what comes of it
 * has both versions where they cannot. */
static int
merge_differences(
    struct settling *settling, struct card *ret_merged, bool *ret_conflict)
{
	struct card copy;
	int r = card_copy(&settling->view.card, &copy);

	if (r != 0)
		return r;
	*ret_conflict = false;
	r = card_changes_apply(
	    &copy, &settling->differences, &settling->me, ret_conflict);
	if (r == 0)
		*ret_merged = copy;
	else
		card_fini(&copy);
	return r;
}

/* The text with both versions comes from the card as it is now. */
static int
mark_conflict(struct settling *settling, const struct card *merged,
    struct buf *ret_marked)
{
	char rev[TEXT_REV_SIZE];
	int r = card_text_format(merged, &settling->board, settling->card->name,
	    settling->context->zone, ret_marked, rev);
	struct revision_text text = {
	    .rev = rev, .text = ret_marked->data, .len = ret_marked->len};

	if (r == 0)
		r = revision_add(settling->tx, settling->card->id,
		    &settling->view.card, &settling->board, &text);
	return r != 0 ? r : -ESTALE;
}

void
settling_fini(struct settling *settling)
{
	if (settling->parsed)
		card_edit_fini(&settling->edit);
	card_changes_fini(&settling->differences);
	revision_fini(&settling->ancestor);
	free(settling->merged);
	buf_free(&settling->plain);
	view_card_fini(&settling->view);
	board_fini(&settling->board);
	member_fini(&settling->me);
}

int
settling_read(struct settling *settling, struct buf *ret_marked)
{
	struct card merged;
	bool conflict;
	int r = load(settling);

	if (r == 0)
		r = find_ancestor(settling);
	else if (r == -ENOENT && settling->made != NULL)
		r = load_archived(settling);
	if (r == 0)
		r = parse(settling);
	if (r == 0)
		r = check_markers(settling);
	if (r == 0)
		r = compare(settling);
	if (r == 0)
		r = merge_differences(settling, &merged, &conflict);
	if (r != 0)
		return r;
	r = conflict ? mark_conflict(settling, &merged, ret_marked) : 0;
	card_fini(&merged);
	return r;
}
