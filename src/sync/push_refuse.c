#include "sync/push.h"

#include "store/accept.h"
#include "store/base.h"
#include "store/problems.h"
#include "store/revisions.h"
#include "store/saves.h"
#include "store/view.h"
#include "sync/push_words.h"
#include "text/card_text.h"
#include "text/names.h"
#include "util/buf.h"
#include "util/log.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
says(const struct remote_verdict *verdict, const char *words)
{
	return strcasestr(verdict->text, words) != NULL;
}

static bool
ends(const struct step *step, enum entry_kind kind)
{
	for (size_t i = 0; i < step->group.list.n; i++)
		if (step->group.list.v[i].kind == kind)
			return true;
	return false;
}

bool
push_is_done_anyway(
    const struct step *step, const struct remote_verdict *verdict)
{
	bool gone = verdict->status == 404 || verdict->status == 410;

	if (verdict->scope != SCOPE_OBJECT)
		return false;
	switch (step->call) {
	case CALL_CARD_LABEL_ADD:
	case CALL_CARD_MEMBER_ADD:
		return says(verdict, "already on the card");
	case CALL_CARD_LABEL_REMOVE:
	case CALL_CARD_MEMBER_REMOVE:
		return gone || says(verdict, "not on the card");
	case CALL_CARD_DELETE:
	case CALL_LABEL_DELETE:
	case CALL_CHECKLIST_DELETE:
	case CALL_ITEM_DELETE:
	case CALL_COMMENT_DELETE:
	case CALL_ATTACHMENT_DELETE:
		return gone;
	case CALL_CARD_UPDATE:
		return gone && ends(step, ENTRY_CARD_ARCHIVE);
	case CALL_LIST_UPDATE:
		return gone && ends(step, ENTRY_LIST_ARCHIVE);
	case CALL_BOARD_UPDATE:
		return gone && ends(step, ENTRY_BOARD_CLOSE);
	default:
		return false;
	}
}

/* Texts under which the change was noted are no ancestors any more: what is
 * saved next is to be compared with what Trello has. */
static int
forget_revisions(struct tx *tx, const struct step *step)
{
	int r = 0;

	for (size_t i = 0; i < step->group.list.n && r == 0; i++)
		if (step->group.list.v[i].kind == ENTRY_CARD_CHANGE)
			r = revisions_forget(
			    tx, step->object, &step->group.list.v[i].change);
	return r;
}

/* A title that came with the name of the file; its name tells it, not its
 * text. */
static bool
is_named(const struct entry *entry, const struct node *node)
{
	return entry->kind == ENTRY_CARD_CHANGE &&
	       entry->change.kind == CHANGE_TITLE &&
	       name_gives_title(node->name, NAME_CARD_EXTENSION,
		   model_str(entry->change.new_text));
}

/* Whether something that was written in the card's text is among it. */
static bool
is_of_text(const struct step *step, const struct node *node)
{
	for (size_t i = 0; i < step->group.list.n; i++) {
		const struct entry *entry = &step->group.list.v[i];

		/* A file is where it is. */
		if (entry->kind == ENTRY_CARD_CREATE ||
		    (entry->kind == ENTRY_CARD_CHANGE &&
			entry->change.kind != CHANGE_FILE_ADD &&
			!is_named(entry, node)))
			return true;
	}
	return false;
}

int
push_keep_text(struct folder_changes *changes, struct node *node,
    const char *text, size_t len)
{
	struct save_by by = {.now_ms = time_wall_ms()};
	int r = saves_has(changes->tx, node->ino);

	if (r != 0)
		return r < 0 ? r : 0;
	r = save_truncate(changes->tx, node, 0, by.now_ms);
	if (r == 0 && len > 0)
		r = save_write(changes->tx, node, 0, text, len, false, &by);
	return r == 0 ? save_set_draft(changes->tx, node->ino, true) : r;
}

int
push_tell(struct folder_changes *changes, uint64_t ino, const char *what,
    const char *why, const char *remedy, const struct buf *text)
{
	struct node node;
	int r = problem_set(
	    changes->tx, ino, what, why, remedy, text->data, text->len);

	if (r == 0)
		r = node_get(changes->tx, ino, &node);
	if (r == 0 && node.kind == NODE_CARD)
		r = problem_show(changes, &node);
	return r;
}

static int
mark_one(struct tx *tx, struct entry *entry, const char *why)
{
	free(entry->error);
	entry->error = strdup(why);
	entry->state = ENTRY_REFUSED;
	return entry->error != NULL ? journal_update(tx, entry) : -ENOMEM;
}

/* Whether an entry speaks of what another one was to make. */
static bool
belongs_to(const struct entry *entry, const struct entry *making)
{
	if (making->kind != ENTRY_CARD_CHANGE)
		return making->kind == ENTRY_CARD_CREATE ||
		       making->kind == ENTRY_LIST_CREATE ||
		       making->kind == ENTRY_BOARD_CREATE;
	return entry->kind == ENTRY_CARD_CHANGE &&
	       journal_is_own_id(making->change.id) &&
	       (strcmp(entry->change.parent, making->change.id) == 0 ||
		   strcmp(entry->change.id, making->change.id) == 0);
}

/* What goes down with the first n entries of the group joins it. */
static int
add_lost(struct tx *tx, struct entries *group, size_t n, struct entry *other)
{
	struct entry *slot;
	size_t i = 0;

	if (other->state != ENTRY_NEW)
		return 0;
	while (i < n && !belongs_to(other, &group->list.v[i]))
		i++;
	if (i == n)
		return 0;
	slot = VEC_ADD(&group->list);
	if (slot == NULL)
		return -ENOMEM;
	*slot = *other;
	*other = (struct entry){0};
	return mark_one(tx, slot, PUSH_WORDS_LOST);
}

static int
mark_refused(struct tx *tx, struct step *step, const char *why)
{
	struct entries *group = &step->group, others = {0};
	size_t n = group->list.n;
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++)
		r = mark_one(tx, &group->list.v[i], why);
	if (r == 0)
		r = journal_of(tx, step->object, &others);
	for (size_t i = 0; i < others.list.n && r == 0; i++)
		r = add_lost(tx, group, n, &others.list.v[i]);
	entries_fini(&others);
	return r;
}

/* Show the card without what was refused: a name that it got is not its name
 * any more. */
static int
show_card(struct sync *sync, struct folder_changes *changes,
    const struct step *step, const struct node *node)
{
	struct view_show how = {.zone = sync->zone, .keep_times = true};
	int r = 0;

	for (size_t i = 0; i < step->group.list.n && r == 0; i++) {
		how.rename |= is_named(&step->group.list.v[i], node);
		r = push_forget_left(changes, &step->group.list.v[i]);
	}
	if (r == 0)
		r = view_show_card(changes, step->object, &how);
	return r == -ENOENT ? 0 : r;
}

static int
show_again(struct sync *sync, struct folder_changes *changes,
    const struct step *step, const struct node *node)
{
	for (size_t i = 0; i < step->group.list.n; i++)
		if (push_is_return(step->group.list.v[i].kind))
			return push_show_return(
			    sync, changes, &step->group.list.v[i]);
	switch (step->group.list.v[0].kind) {
	case ENTRY_LIST_RENAME:
	case ENTRY_LIST_MOVE:
	case ENTRY_LIST_POS:
	case ENTRY_LIST_ARCHIVE:
		return accept_show_list(changes, step->object, sync->zone);
	case ENTRY_BOARD_RENAME:
	case ENTRY_BOARD_CLOSE:
		return accept_show_board(changes, step->object);
	case ENTRY_LIST_CREATE:
	case ENTRY_BOARD_CREATE:
	case ENTRY_BOARD_DESC: /* .board.md is made when it is asked for */
	case ENTRY_LABEL_ADD:
	case ENTRY_LABEL_CHANGE:
	case ENTRY_LABEL_REMOVE:
		return 0;
	default:
		return show_card(sync, changes, step, node);
	}
}

/* The text as the user has it: with what was refused now and before. */
static int
refused_text(
    struct folder_changes *changes, struct node *node, struct buf *text)
{
	struct save save = {0};
	char *draft = NULL;
	size_t len;
	int r = save_get(changes->tx, node->ino, &save);

	if (r == 0 && save.draft) {
		r = save_text(changes->tx, node, &draft, &len);
		if (r == 0)
			r = buf_add(text, draft, len);
		free(draft);
	} else if (r == 0 || r == -ENOENT) {
		r = node_text(changes->tx, node->ino, text);
		if (r == 0)
			r = push_keep_text(
			    changes, node, buf_str(text), text->len);
	}
	save_fini(&save);
	return r == -ENOENT ? 0 : r;
}

/* Whether the text has all lines of these words somewhere. */
static bool
has_lines(const char *text, const char *words)
{
	char *copy = strdup(words), *rest = copy, *line;
	bool has = copy != NULL;

	while (has && (line = strsep(&rest, "\n")) != NULL)
		has = strstr(text, line) != NULL;
	free(copy);
	return has;
}

/* Words that the text has no place for any more, since others have removed
 * the comment, the checklist or the item that they are of. */
static int
add_words(struct tx *tx, const char *card, struct buf *text)
{
	struct entries entries = {0};
	int r = journal_of(tx, card, &entries);

	for (size_t i = 0; i < entries.list.n && r == 0; i++) {
		const struct entry *entry = &entries.list.v[i];
		const char *words = entry->change.new_text;

		if (entry->kind != ENTRY_CARD_CHANGE || words == NULL ||
		    entry->state != ENTRY_REFUSED ||
		    entry->change.kind == CHANGE_TITLE ||
		    entry->change.kind == CHANGE_DESC ||
		    entry->change.kind == CHANGE_FILE_ADD ||
		    has_lines(buf_str(text), words))
			continue;
		r = buf_printf(text, "\n---- and these words:\n%s\n", words);
	}
	entries_fini(&entries);
	return r;
}

/* Tell what was refused of the object, by now. */
static int
tell_refused(struct folder_changes *changes, const struct node *node, int err,
    const char *why, const struct buf *text)
{
	struct buf what = BUF_INIT, remedy = BUF_INIT;
	int r = push_words_what(changes->tx, node->id, &what);

	if (r == 0)
		r = push_words_remedy(node, text->len > 0, err, &remedy);
	if (r == 0)
		r = push_tell(changes, node->ino, buf_str(&what), why,
		    buf_str(&remedy), text);
	if (r == 0)
		log_warning("%s: %s: %s", node->name, buf_str(&what), why);
	buf_free(&what);
	buf_free(&remedy);
	return r;
}

static bool
has_problem(struct tx *tx, uint64_t ino)
{
	struct problem problem;

	if (problem_get(tx, ino, &problem) != 0)
		return false;
	problem_fini(&problem);
	return true;
}

int
push_refuse(struct sync *sync, struct folder_changes *changes,
    struct step *step, int err, const char *why)
{
	struct tx *tx = changes->tx;
	struct buf text = BUF_INIT;
	struct node node = {0};
	int has = node_by_id(tx, step->object, &node);
	int r = has == -ENOENT ? 0 : has;

	if (r == 0 && node.kind == NODE_CARD && is_of_text(step, &node))
		r = refused_text(changes, &node, &text);
	if (r == 0)
		r = mark_refused(tx, step, why);
	if (r == 0)
		r = show_again(sync, changes, step, &node);
	if (r == 0 && node.kind == NODE_CARD)
		r = forget_revisions(tx, step);
	if (r == 0 && has == 0)
		r = node_get(tx, node.ino, &node);
	if (r == 0 && text.len > 0)
		r = add_words(tx, step->object, &text);
	/* What only went down with it says less than what is there. */
	if (r == 0 && has == 0 &&
	    (step->action != STEP_LOST || !has_problem(tx, node.ino)))
		r = tell_refused(changes, &node, err, why, &text);
	buf_free(&text);
	return r;
}

/* Of a text with both versions of the description the ancestor is what Trello
 * has: it is saved when both have become one. */
static int
note_marked(struct tx *tx, const char *id, const char *rev, struct card *card,
    const struct board *board, const struct buf *text)
{
	struct revision_text marked = {
	    .rev = rev, .text = text->data, .len = text->len};
	struct card base;
	int r = base_card(tx, id, &base);

	if (r != 0)
		return r == -ENOENT ? 0 : r;
	free(card->desc);
	card->desc = base.desc;
	base.desc = NULL;
	card_fini(&base);
	return revision_add(tx, id, card, board, &marked);
}

/* The card's text with both versions of its description. */
static int
marked_text(
    struct sync *sync, struct tx *tx, const struct node *node, struct buf *text)
{
	struct view_card view = {0};
	struct board board;
	char rev[TEXT_REV_SIZE];
	int r = view_card(tx, node->id, NULL, &view);

	if (r != 0)
		return r;
	r = view_board(tx, view.card.id_board, &board);
	if (r == 0) {
		r = card_text_format(
		    &view.card, &board, node->name, sync->zone, text, rev);
		if (r == 0)
			r = note_marked(
			    tx, node->id, rev, &view.card, &board, text);
		board_fini(&board);
	}
	view_card_fini(&view);
	return r;
}

static int
drop_desc(struct tx *tx, const struct step *step)
{
	int r = 0;

	for (size_t i = 0; i < step->group.list.n && r == 0; i++) {
		const struct entry *entry = &step->group.list.v[i];

		if (entry->kind != ENTRY_CARD_CHANGE ||
		    entry->change.kind != CHANGE_DESC)
			continue;
		r = journal_remove(tx, entry->seq);
	}
	return r;
}

int
push_conflict(
    struct sync *sync, struct folder_changes *changes, const struct step *step)
{
	struct tx *tx = changes->tx;
	struct buf text = BUF_INIT;
	struct node node;
	int has = node_by_id(tx, step->object, &node), r = has;

	if (r == 0)
		r = marked_text(sync, tx, &node, &text);
	if (r == 0)
		r = push_keep_text(changes, &node, buf_str(&text), text.len);
	if (r == 0)
		r = push_tell(changes, node.ino,
		    "the description was changed at Trello in the same lines",
		    "both versions stand between markers in the text",
		    "edit the text between the markers, remove them, and save; "
		    "or remove this file to get Trello's text back",
		    &text);
	if (r == 0)
		r = invalidate_inode(&changes->out, node.ino);
	if (r == 0 || has == -ENOENT)
		r = drop_desc(tx, step);
	if (r == 0)
		r = accept_show_card(changes, step->object, false, sync->zone);
	if (r == 0)
		r = forget_revisions(tx, step);
	buf_free(&text);
	return r;
}
