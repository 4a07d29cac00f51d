#include "sync/settle_board.h"

#include "model/model_json.h"
#include "store/board_file.h"
#include "store/journal.h"
#include "store/problems.h"
#include "store/resettle.h"
#include "store/saves.h"
#include "sync/join.h"
#include "text/board_text.h"
#include "text/card_text.h"
#include "text/merge.h"
#include "text/text_error.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One text on its way into the journal. */
struct boarding {
	const struct settle_context *context;
	struct folder_changes *changes;
	struct tx *tx;
	struct node *file;
	const struct settle_source *source;
	struct text_error *error;
	char board[MODEL_ID_SIZE];
	struct board now;
	struct board then;
	bool has_now, has_then;
	bool rev_known; /* `then` is what its rev names */
	struct board_edit edit;
	struct buf marked; /* both versions of the description */
};

static void
boarding_fini(struct boarding *boarding)
{
	if (boarding->has_now)
		board_fini(&boarding->now);
	if (boarding->has_then)
		board_fini(&boarding->then);
	board_edit_fini(&boarding->edit);
	buf_free(&boarding->marked);
}

/* The bytes between what two texts begin and end with alike. */
static size_t
changed_bytes(const char *old, const char *new)
{
	size_t old_len = strlen(old), new_len = strlen(new);

	while (old_len > 0 && new_len > 0 &&
	       old[old_len - 1] == new[new_len - 1]) {
		old_len--;
		new_len--;
	}
	while (old_len > 0 && new_len > 0 && *old == *new) {
		old++;
		new ++;
		old_len--;
		new_len--;
	}
	return old_len + new_len;
}

/* A change of a label is as much as one of so many bytes. */
#define LABEL_BYTES 64

/* How much of the board the text changes. */
static size_t
differences(const struct board *then, const struct board_edit *edit)
{
	size_t n = edit->removed.n;

	for (size_t i = 0; i < edit->labels.n; i++) {
		const struct label *label = &edit->labels.v[i];
		const struct label *old = board_label(then, label->id);

		if (old == NULL) {
			n++;
			continue;
		}
		n += strcmp(old->color, label->color) != 0;
		n += strcmp(model_str(old->name), model_str(label->name)) != 0;
	}
	return n * LABEL_BYTES +
	       changed_bytes(model_str(then->desc), model_str(edit->desc));
}

static int
take_best(struct boarding *boarding, struct board *then,
    struct board_edit *edit, size_t *best)
{
	size_t n = differences(then, edit);

	if (boarding->has_then && n >= *best) {
		board_fini(then);
		board_edit_fini(edit);
		return 0;
	}
	if (boarding->has_then)
		board_fini(&boarding->then);
	board_edit_fini(&boarding->edit);
	boarding->then = *then;
	boarding->edit = *edit;
	boarding->has_then = true;
	*best = n;
	return 0;
}

/* Of the texts with its rev, or else of all, how many it may come from. */
static size_t
candidates(struct boarding *boarding, struct givens *givens)
{
	const struct settle_source *source = boarding->source;
	struct givens of_rev = *givens;
	struct card_text_head head;

	card_text_head(source->text, source->len, &head);
	if (head.rev[0] != '\0')
		of_rev.list.n = givens_of_rev(givens, head.rev);
	boarding->rev_known = head.rev[0] != '\0' && of_rev.list.n > 0;
	return givens_candidates(boarding->rev_known ? &of_rev : givens,
	    source->text, source->len, source->writer);
}

/* Of what was given out what the text differs least from; of equals the
 * newest. */
static int
find_ancestor(struct boarding *boarding)
{
	const struct settle_source *source = boarding->source;
	struct givens givens = {0};
	size_t n = 0, best = 0;
	int r = givens_read(boarding->tx, boarding->file->ino, &givens);

	if (r == 0)
		n = candidates(boarding, &givens);
	for (size_t i = 0; i < n && r == 0; i++) {
		struct board then;
		struct board_edit edit = {0};

		r = board_file_then(&givens.list.v[i], &then);
		if (r != 0)
			break;
		r = board_text_parse(
		    source->text, source->len, &then, &edit, boarding->error);
		if (r == 0)
			r = take_best(boarding, &then, &edit, &best);
		else
			board_fini(&then);
	}
	if (r == 0 && !boarding->has_then) {
		r = board_file_head(
		    boarding->tx, boarding->board, &boarding->then);
		boarding->has_then = r == 0;
		if (r == 0)
			r = board_text_parse(source->text, source->len,
			    &boarding->then, &boarding->edit, boarding->error);
	}
	givens_fini(&givens);
	return r;
}

static int
load(struct boarding *boarding)
{
	struct node folder;
	int r = node_get(boarding->tx, boarding->file->parent, &folder);

	if (r == 0)
		(void)snprintf(
		    boarding->board, sizeof boarding->board, "%s", folder.id);
	if (r == 0)
		r = board_file_head(
		    boarding->tx, boarding->board, &boarding->now);
	boarding->has_now = r == 0;
	return r == 0 ? find_ancestor(boarding) : r;
}

static void
start_entry(
    const struct boarding *boarding, struct entry *entry, enum entry_kind kind)
{
	*entry = (struct entry){.kind = kind, .at_ms = time_wall_ms()};
	entry->due_ms = entry->at_ms + boarding->context->settle_ms;
	(void)snprintf(
	    entry->object, sizeof entry->object, "%s", boarding->board);
	(void)snprintf(
	    entry->board, sizeof entry->board, "%s", boarding->board);
}

/* Nothing is sent until somebody has looked at both versions. */
static int
say_conflict(struct boarding *boarding, const char *desc)
{
	char *old = boarding->now.desc;
	int r;

	boarding->now.desc = (char *)desc;
	r = board_text_format(&boarding->now, &boarding->marked);
	boarding->now.desc = old;
	if (r != 0)
		return r;
	(void)text_error_set(boarding->error, -EINVAL, 0,
	    "the description was changed at Trello in the same lines");
	return text_error_help(boarding->error,
	    "both versions stand between markers in the text",
	    "edit the text between the markers, remove them, and save");
}

static int
check_markers(struct boarding *boarding)
{
	unsigned line = 0;

	if (text_markers(model_str(boarding->edit.desc), NULL) <=
	    text_markers(model_str(boarding->now.desc), NULL))
		return 0;
	(void)text_markers(boarding->source->text, &line);
	(void)text_error_set(boarding->error, -EINVAL, line,
	    "markers of a merge are left in the text");
	return text_error_help(boarding->error,
	    "between them stand two versions of the same lines",
	    "edit the text between the markers, remove them, and save");
}

static int
journal_desc(struct boarding *boarding)
{
	const char *then = model_str(boarding->then.desc);
	const char *now = model_str(boarding->now.desc);
	struct buf merged = BUF_INIT;
	struct entry entry;
	bool conflict = false;
	int r = 0;

	if (strcmp(then, model_str(boarding->edit.desc)) == 0)
		return 0;
	r = text_merge(then, boarding->edit.desc, now, &merged, &conflict);
	if (r == 0 && conflict)
		r = say_conflict(boarding, buf_str(&merged));
	start_entry(boarding, &entry, ENTRY_BOARD_DESC);
	entry.title = merged.data;
	entry.old_title = (char *)now;
	if (r == 0 && merged.data == NULL)
		entry.title = (char *)"";
	if (r == 0 && strcmp(now, entry.title) != 0)
		r = join_add(boarding->tx, &entry);
	buf_free(&merged);
	return r;
}

static int
journal_label(struct boarding *boarding, const struct label *label,
    const struct label *old, enum entry_kind kind)
{
	struct entry entry;
	int r = 0;

	start_entry(boarding, &entry, kind);
	(void)snprintf(
	    entry.change.id, sizeof entry.change.id, "%s", label->id);
	if (kind == ENTRY_LABEL_ADD)
		r = journal_new_id(boarding->tx, entry.change.id);
	(void)snprintf(entry.change.new_id, sizeof entry.change.new_id, "%s",
	    label->color);
	entry.change.new_text = label->name;
	if (old != NULL) {
		(void)snprintf(entry.change.old_id, sizeof entry.change.old_id,
		    "%s", old->color);
		entry.change.old_text = old->name;
	}
	return r == 0 ? join_add(boarding->tx, &entry) : r;
}

/* Only what differs from what was seen; and of that only what is there. */
static int
journal_labels(struct boarding *boarding)
{
	const struct board_edit *edit = &boarding->edit;
	int r = 0;

	for (size_t i = 0; i < edit->labels.n && r == 0; i++) {
		struct label wanted = edit->labels.v[i];
		const struct label *then =
		    board_label(&boarding->then, wanted.id);
		const struct label *now =
		    board_label(&boarding->now, wanted.id);

		if (wanted.id[0] == '\0') {
			r = journal_label(
			    boarding, &wanted, NULL, ENTRY_LABEL_ADD);
			continue;
		}
		if (then == NULL || now == NULL)
			continue;
		/* What others changed of it meanwhile stays. */
		if (strcmp(then->color, wanted.color) == 0)
			memcpy(wanted.color, now->color, sizeof wanted.color);
		if (strcmp(model_str(then->name), model_str(wanted.name)) == 0)
			wanted.name = now->name;
		if (strcmp(now->color, wanted.color) != 0 ||
		    strcmp(model_str(now->name), model_str(wanted.name)) != 0)
			r = journal_label(
			    boarding, &wanted, now, ENTRY_LABEL_CHANGE);
	}
	for (size_t i = 0; i < edit->removed.n && r == 0; i++) {
		const struct label *now =
		    board_label(&boarding->now, edit->removed.v[i].s);

		/* Without leave it comes back, and so it does if the text may
		 * be from before it was there; what Trello has not heard of
		 * needs no leave. */
		if (now != NULL && boarding->rev_known &&
		    (boarding->context->allow_delete ||
			journal_is_own_id(now->id)))
			r = journal_label(
			    boarding, now, now, ENTRY_LABEL_REMOVE);
	}
	return r;
}

static int
settle(struct boarding *boarding)
{
	int r = load(boarding);

	if (r == 0)
		r = check_markers(boarding);
	if (r == 0)
		r = journal_desc(boarding);
	return r == 0 ? journal_labels(boarding) : r;
}

/* What its author has before him, with the ids of what he added: who saves
 * again without having read it anew goes on from there. */
static int
note_saved(struct boarding *boarding)
{
	struct board_edit *edit = &boarding->edit;
	struct board now, seen;
	struct buf from = BUF_INIT;
	int r = board_file_head(boarding->tx, boarding->board, &now);

	if (r != 0)
		return r;
	seen = now;
	seen.desc = edit->desc;
	for (size_t i = 0; i < edit->labels.n; i++) {
		struct label *label = &edit->labels.v[i];
		const struct label *made =
		    label->id[0] == '\0' ? resettle_label(&now, label) : NULL;

		if (made != NULL)
			memcpy(label->id, made->id, sizeof label->id);
	}
	if (edit->has_labels) {
		seen.labels.v = edit->labels.v;
		seen.labels.n = edit->labels.n;
	}
	r = board_write_head(&seen, &from);
	if (r == 0)
		r = given_note_saved(boarding->tx, boarding->file,
		    boarding->source->text, boarding->source->len,
		    buf_str(&from), boarding->source->writer);
	buf_free(&from);
	board_fini(&now);
	return r;
}

/* Nobody writes it any more, and nothing is wrong with it. */
static int
finish(struct boarding *boarding)
{
	struct node *file = boarding->file;
	int r = note_saved(boarding);

	if (r == 0)
		r = saves_has(boarding->tx, file->ino);

	if (r > 0)
		r = save_end(boarding->tx, file->ino);
	if (r == 0)
		r = given_saved(
		    boarding->tx, &board_file, file, boarding->source->writer);
	if (r == 0)
		r = problem_end(boarding->changes, file->ino);
	return r == 0 ? invalidate_inode(&boarding->changes->out, file->ino)
		      : r;
}

static void
boarding_init(struct boarding *boarding, const struct settle_context *context,
    struct folder_changes *changes, struct node *file,
    const struct settle_source *source, struct text_error *error)
{
	*boarding = (struct boarding){.context = context,
	    .changes = changes,
	    .tx = changes->tx,
	    .file = file,
	    .source = source,
	    .error = error,
	    .marked = BUF_INIT};
}

int
settle_board(const struct settle_context *context,
    struct folder_changes *changes, struct node *file,
    const struct settle_source *source, struct text_error *ret_error)
{
	struct boarding boarding;
	int r;

	boarding_init(&boarding, context, changes, file, source, ret_error);
	r = settle(&boarding);
	if (r == 0)
		r = finish(&boarding);
	boarding_fini(&boarding);
	return r;
}

/* The file shows both versions until they have become one. */
static int
keep_marked(struct boarding *boarding)
{
	struct save_by by = {.now_ms = time_wall_ms()};
	int r = save_truncate(boarding->tx, boarding->file, 0, by.now_ms);

	if (r == 0)
		r = save_write(boarding->tx, boarding->file, 0,
		    boarding->marked.data, boarding->marked.len, false, &by);
	if (r == 0)
		r = given_note(boarding->tx, &board_file, boarding->file,
		    &boarding->marked);
	return r == 0 ? invalidate_inode(
			    &boarding->changes->out, boarding->file->ino)
		      : r;
}

int
settle_board_save(const struct settle_context *context,
    struct folder_changes *changes, struct node *file, const struct save *save,
    struct text_error *ret_error, int *ret_told)
{
	struct settle_source source = {.writer = save->writer};
	struct boarding boarding;
	char *text = NULL;
	int r = save_text(changes->tx, file, &text, &source.len);

	if (r != 0)
		return r;
	source.text = text;
	boarding_init(&boarding, context, changes, file, &source, ret_error);
	r = settle(&boarding);
	if (r == 0) {
		r = finish(&boarding);
	} else if (r == ret_error->code) {
		*ret_told = r;
		r = boarding.marked.len > 0 ? keep_marked(&boarding) : 0;
		if (r == 0)
			r = settle_keep_draft(changes, file, ret_error);
	}
	boarding_fini(&boarding);
	free(text);
	return r;
}
