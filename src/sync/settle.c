#include "sync/settle.h"

#include "store/journal.h"
#include "store/notes.h"
#include "store/problems.h"
#include "store/revisions.h"
#include "store/store.h"
#include "store/unmake.h"
#include "sync/elsewhere.h"
#include "sync/join.h"
#include "sync/settle_board.h"
#include "sync/settle_order.h"
#include "sync/settling.h"
#include "text/text_error.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
journal(struct settling *settling)
{
	int r = 0;

	for (size_t i = 0; i < settling->differences.n && r == 0; i++) {
		struct card_change *change = &settling->differences.v[i];
		struct entry entry = {.kind = ENTRY_CARD_CHANGE,
		    .change = *change,
		    .at_ms = settling->now_ms};
		bool tail = settling->tail[0] != '\0' &&
			    strcmp(settling->tail, change->id) == 0;

		(void)snprintf(entry.object, sizeof entry.object, "%s",
		    settling->card->id);
		(void)snprintf(entry.board, sizeof entry.board, "%s",
		    settling->view.card.id_board);
		entry.due_ms = settling->now_ms +
			       (tail ? settling->context->comment_settle_ms
				     : settling->context->settle_ms);
		/* The entry borrows the change's strings. */
		r = join_add(settling->tx, &entry);
	}
	return r;
}

static int
show(struct settling *settling)
{
	bool saved = false;
	const struct view_show how = {.zone = settling->context->zone,
	    .local = true,
	    .mtime_ns = settling->card->mtime_ns,
	    .text = settling->dropped ? NULL : settling->text,
	    .len = settling->len,
	    .rev = settling->head.rev,
	    .tail = settling->tail,
	    .ret_saved = &saved,
	    .board = &settling->board,
	    .noted = true};
	int r = view_show_card(settling->changes, settling->card->id, &how);

	/* An archived card is shown nowhere: the text is kept for the case
	 * that it is refused. */
	if (r == -ENOENT && settling->made != NULL)
		return node_text_set(settling->tx, settling->card->ino,
		    settling->head.rev, settling->text, settling->len);
	/* The kernel has what was written, also where the card's own text has
	 * not changed. */
	if (r == 0 && !saved)
		r = invalidate_inode(
		    &settling->changes->out, settling->card->ino);
	return r;
}

static int
note_revision(struct settling *settling)
{
	/* Who only adds at the end need not know what stands before. */
	bool appended =
	    settling->save != NULL && settling->save->appended.n > 0;
	struct revision_text text = {.rev = settling->head.rev,
	    .text = settling->text,
	    .len = settling->len,
	    .tail = settling->plain.len > 0 ? buf_str(&settling->plain) : NULL,
	    .writer = appended ? 0 : settling->writer,
	    .parent = settling->ancestor.num,
	    .merged = settling->merged != NULL
			  ? settling->merged
			  : model_str(settling->edit.card.desc)};

	/* The names of the board that the text was made on, if the card has
	 * gone to another one since: the next text will have them, too. */
	const struct board *then = &settling->ancestor.board;
	bool moved =
	    settling->rev_known && strcmp(then->id, settling->board.id) != 0;

	return revision_add(settling->tx, settling->card->id,
	    &settling->edit.card, moved ? then : &settling->board, &text);
}

/* What the board does not have is not in a new card, and not forgotten. */
static int
note_left_out(struct settling *settling)
{
	const char *words = settling->edit.left_out;
	struct buf what = BUF_INIT;
	struct note note = {.ino = settling->card->ino,
	    .name = "",
	    .why = "this board does not have it; add it there and save the "
		   "card with it again"};
	int r;

	if (words[0] == '\0')
		return note_clear(settling->tx, note.ino, note.name);
	(void)buf_add_str(&what, "left out of the new card: ");
	for (; words[0] != '\0' && words[1] != '\0'; words++)
		if (words[0] == '\n')
			(void)buf_add_str(&what, ", ");
		else
			(void)buf_add_char(&what,
			    (unsigned char)words[0] < ' ' ? '?' : words[0]);
	note.what = buf_str(&what);
	r = what.err != 0 ? what.err : note_set(settling->tx, &note);
	buf_free(&what);
	return r;
}

static int
take_over(struct settling *settling)
{
	int r = settling->made != NULL
		    ? unmake(settling->changes, settling->made->id)
		    : 0;

	settling->took = settling->card->ino;
	if (r == 0 && settling->made != NULL)
		r = elsewhere_tell(
		    settling->tx, settling->made, settling->card);
	if (r == 0)
		r = journal_end_refused(settling->tx, settling->card->id);
	if (r == 0)
		r = journal(settling);
	if (r == 0)
		r = note_revision(settling);
	if (r == 0 && settling->save != NULL)
		r = save_end(settling->tx, settling->card->ino);
	if (r == 0)
		r = note_left_out(settling);
	if (r == 0)
		r = problem_end(settling->changes, settling->card->ino);
	return r == 0 ? show(settling) : r;
}

/* Whose text it is: the card's that it was written to, or another one's. */
static int
find_card(
    struct settling *settling, const struct node *card, struct node *ret_other)
{
	int r = elsewhere_find(
	    settling->tx, card, settling->text, settling->len, ret_other);

	settling->card = r == 1 ? ret_other : card;
	settling->made = r == 1 ? card : NULL;
	if (r == 1)
		ret_other->mtime_ns = card->mtime_ns;
	return r < 0 ? r : 0;
}

static int
say_conflict(struct text_error *error)
{
	(void)text_error_set(error, -ESTALE, 0,
	    "the description was changed at Trello in the same lines");
	return text_error_help(error,
	    "both versions stand between markers in the text",
	    "edit the text between the markers, remove them, and save");
}

static int
say_gone(struct text_error *error)
{
	(void)text_error_set(
	    error, -ENOENT, 0, "the card is not at Trello any more");
	return text_error_help(error,
	    "it was archived or deleted there while this text was written",
	    "copy what you need");
}

/* Note what is wrong with a text, and that it need not be mended. */
static int
note_problem(struct folder_changes *changes, const struct node *card,
    const struct text_error *error, const char *text, size_t len)
{
	struct buf remedy = BUF_INIT;
	int r;

	(void)buf_printf(&remedy, "%s; or remove ", error->remedy);
	r = journal_is_own_id(card->id)
		? buf_printf(&remedy, "%s to give it up", card->name)
		: buf_add_str(&remedy, "this file to get Trello's text back");
	if (r == 0)
		r = problem_set(changes->tx, card->ino, error->what, error->why,
		    buf_str(&remedy), text, len);
	buf_free(&remedy);
	/* What was refused before is in this text: it is not for another try. */
	if (r == 0)
		r = journal_end_refused(changes->tx, card->id);
	return r == 0 ? problem_show(changes, card) : r;
}

/* The text cannot be sent: it stays, and the card says why. */
static int
keep_as_draft(struct settling *settling, const struct buf *marked)
{
	const struct text_error *error = settling->error;
	struct save_by by = {.now_ms = settling->now_ms};
	struct node node = *settling->card;
	int r = 0;

	settling->took = node.ino;
	if (marked->len > 0) {
		r = save_truncate(settling->tx, &node, 0, by.now_ms);
		if (r == 0)
			r = save_write(settling->tx, &node, 0, marked->data,
			    marked->len, false, &by);
		if (r == 0)
			r = invalidate_inode(&settling->changes->out, node.ino);
	}
	if (r == 0)
		r = save_set_draft(settling->tx, node.ino, true);
	return r == 0 ? note_problem(settling->changes, &node, error,
			    settling->text, settling->len)
		      : r;
}

int
settle_text(const struct settle_context *context,
    struct folder_changes *changes, const struct node *card,
    const struct settle_source *source, uint64_t *ret_took,
    struct text_error *ret_error)
{
	struct settling settling = {.context = context,
	    .changes = changes,
	    .tx = changes->tx,
	    .text = source->text,
	    .len = source->len,
	    .writer = source->writer,
	    .error = ret_error,
	    .now_ms = time_wall_ms()};
	struct buf marked = BUF_INIT;
	struct node other;
	int r = find_card(&settling, card, &other);

	if (r == 0)
		r = settling_read(&settling, &marked);
	if (r == 0) {
		r = take_over(&settling);
	} else if (r == -ESTALE) {
		(void)say_conflict(ret_error);
		settling.card = card;
		r = keep_as_draft(&settling, &marked);
	}
	*ret_took = settling.took;
	buf_free(&marked);
	settling_fini(&settling);
	return r;
}

/* Nothing was written: the card's own text is back. */
static int
give_back(struct folder_changes *changes, struct node *node)
{
	struct buf text = BUF_INIT;
	int r = node_text(changes->tx, node->ino, &text);

	if (r == 0 || r == -ENOENT)
		r = save_end(changes->tx, node->ino);
	node->size = (int64_t)text.len;
	node->ctime_ns = time_wall_ns();
	buf_free(&text);
	if (r == 0)
		r = node_update(changes->tx, node);
	if (r == 0)
		r = invalidate_inode(&changes->out, node->ino);
	return r;
}

static int
settle_save(struct settling *settling, struct node *node, struct save *save,
    int *ret_told)
{
	struct buf marked = BUF_INIT;
	struct node other;
	char *text = NULL;
	size_t len;
	int r = save_text(settling->tx, node, &text, &len);

	if (r != 0)
		return r;
	if (len == 0) {
		free(text);
		return give_back(settling->changes, node);
	}
	if (node->kind == NODE_BOARD_FILE) {
		free(text);
		return settle_board_save(settling->context, settling->changes,
		    node, save, settling->error, ret_told);
	}
	if (node->kind == NODE_ORDER) {
		free(text);
		return settle_order_save(settling->context, settling->changes,
		    node, save, settling->error, ret_told);
	}
	settling->writer = save->writer;
	settling->text = text;
	settling->len = len;
	r = find_card(settling, node, &other);
	/* What is being written to another card is none of ours. */
	settling->save = settling->made == NULL ? save : NULL;
	if (r == 0)
		r = settling_read(settling, &marked);
	if (r == -ESTALE)
		r = say_conflict(settling->error);
	else if (r == -ENOENT)
		r = say_gone(settling->error);
	if (r == 0) {
		r = take_over(settling);
	} else if (r == settling->error->code) {
		*ret_told = r;
		settling->card = node;
		r = keep_as_draft(settling, &marked);
	}
	buf_free(&marked);
	settling_fini(settling);
	free(text);
	return r;
}

int
settle_card(const struct settle_context *context, uint64_t ino,
    uint64_t *ret_took, struct text_error *ret_error, struct invalidations *out)
{
	struct folder_changes changes = {0};
	struct save save = {0};
	struct node node;
	int told = 0;
	int r = store_write(context->store, &changes.tx);

	changes.untold = UNTOLD_OWN;
	if (r != 0)
		return r;
	r = save_get(changes.tx, ino, &save);
	if (r == 0)
		r = node_get(changes.tx, ino, &node);
	if (r == 0) {
		struct settling settling = {.context = context,
		    .changes = &changes,
		    .tx = changes.tx,
		    .error = ret_error,
		    .now_ms = time_wall_ms()};

		r = settle_save(&settling, &node, &save, &told);
		*ret_took = settling.took;
	}
	save_fini(&save);
	r = folder_commit(&changes, r, out);
	if (r == -ENOENT)
		r = 0;
	return r != 0 ? r : told;
}

int
settle_keep_draft(struct folder_changes *changes, const struct node *card,
    const struct text_error *error)
{
	struct tx *tx = changes->tx;
	char *text;
	size_t len;
	int r = save_text(tx, card, &text, &len);

	if (r != 0)
		return r;
	r = save_set_draft(tx, card->ino, true);
	if (r == 0)
		r = note_problem(changes, card, error, text, len);
	free(text);
	return r;
}

static int
end_problem(struct folder_changes *changes, const struct node *card)
{
	int r = problem_end(changes, card->ino);

	return r == 0 ? journal_end_refused(changes->tx, card->id) : r;
}

int
settle_forget(struct folder_changes *changes, const struct node *card)
{
	int r = end_problem(changes, card);

	return r == 0 ? save_end(changes->tx, card->ino) : r;
}

/* What was written to a card that there is nothing else of. */
static int
settle_again(const struct settle_context *context,
    struct folder_changes *changes, struct node *card, struct save *save)
{
	struct text_error error = {0};
	struct settling settling = {.context = context,
	    .changes = changes,
	    .tx = changes->tx,
	    .error = &error,
	    .now_ms = time_wall_ms()};
	int told = 0;
	int r = settle_save(&settling, card, save, &told);

	return r == 0 ? told : r;
}

int
settle_give_up(const struct settle_context *context,
    struct folder_changes *changes, struct node *card)
{
	struct save save = {0};
	int r = save_get(changes->tx, card->ino, &save);
	bool saved = r == 0;

	if (saved && save.draft && journal_is_own_id(card->id)) {
		r = settle_again(context, changes, card, &save);
	} else if (saved || r == -ENOENT) {
		r = end_problem(changes, card);
		if (r == 0 && saved)
			r = give_back(changes, card);
	}
	save_fini(&save);
	return r;
}

/* What is written behind the front matter does not change it. */
static bool
has_good_head(const char *text, size_t good)
{
	struct card_text_head head;

	card_text_head(text, good, &head);
	return head.has_front_matter && head.closed;
}

int
settle_check_so_far(const struct settle_context *context, struct tx *tx,
    const struct node *card, size_t good, struct text_error *ret_error)
{
	struct settling settling = {.context = context,
	    .tx = tx,
	    .card = card,
	    .error = ret_error,
	    .now_ms = time_wall_ms()};
	char *text;
	size_t len;
	int r = save_text(tx, card, &text, &len);

	if (r != 0)
		return r;
	settling.text = text;
	settling.len = len;
	card_text_head(text, len, &settling.head);
	if ((settling.head.has_front_matter && settling.head.closed &&
		!(good <= len && has_good_head(text, good))) ||
	    len > CARD_TEXT_BYTES_MAX) {
		r = settling_parse(&settling);
		/* The rest may still come. */
		if ((r == -EINVAL || r == -EFBIG) &&
		    !ret_error->in_front_matter && !ret_error->too_large)
			r = 0;
	}
	settling_fini(&settling);
	free(text);
	return r;
}
