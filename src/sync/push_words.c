#include "sync/push_words.h"

#include "store/base.h"
#include "store/journal.h"
#include "store/nodes.h"
#include "store/view.h"
#include "text/shown.h"
#include "util/buf.h"
#include "util/utf8.h"

#include <errno.h>
#include <string.h>

/* A longer name is cut, and more than so many refusals are counted. */
#define NAME_MAX_BYTES 60
#define REFUSALS_MAX 4

/* What the words of an entry may need: looked up when first asked for. */
struct naming {
	struct tx *tx;
	const struct entry *entry;
	struct card card;
	struct board board;
	bool has_card, has_board;
};

static const struct card *
card_of(struct naming *naming)
{
	if (!naming->has_card &&
	    base_card(naming->tx, naming->entry->object, &naming->card) == 0)
		naming->has_card = true;
	return naming->has_card ? &naming->card : NULL;
}

static const struct board *
board_of(struct naming *naming)
{
	if (!naming->has_board &&
	    view_board(naming->tx, naming->entry->board, &naming->board) == 0)
		naming->has_board = true;
	return naming->has_board ? &naming->board : NULL;
}

static void
naming_fini(struct naming *naming)
{
	if (naming->has_card)
		card_fini(&naming->card);
	if (naming->has_board)
		board_fini(&naming->board);
}

static const char *
find_checklist(struct naming *naming, const char *id)
{
	const struct card *card = card_of(naming);

	for (size_t i = 0; card != NULL && i < card->checklists.n; i++)
		if (strcmp(card->checklists.v[i].id, id) == 0)
			return card->checklists.v[i].name;
	return NULL;
}

static const char *
find_item(struct naming *naming, const char *id)
{
	const struct card *card = card_of(naming);

	for (size_t i = 0; card != NULL && i < card->checklists.n; i++) {
		const struct checklist *list = &card->checklists.v[i];

		for (size_t j = 0; j < list->items.n; j++)
			if (strcmp(list->items.v[j].id, id) == 0)
				return list->items.v[j].name;
	}
	return NULL;
}

/* Which label, member or field of the board. */
static int
find_on_board(struct naming *naming, struct buf *name)
{
	const struct card_change *change = &naming->entry->change;
	const struct board *board = board_of(naming);
	const struct label *label;
	const struct member *member;
	const struct field *field;

	if (board == NULL)
		return 0;
	label = board_label(board, change->id);
	if (label != NULL)
		return label_shown(board, label, name);
	member = board_member(board, change->id);
	if (member != NULL)
		return buf_add_str(name, model_str(member->username));
	field = board_field(board, change->id);
	return field != NULL ? field_shown(board, field, name) : 0;
}

static int
find_folder(struct naming *naming, const char *id, struct buf *name)
{
	struct node node;
	int r = node_by_id(naming->tx, id, &node);

	if (r != 0)
		return r == -ENOENT ? 0 : r;
	return buf_add_str(name, node.name);
}

/* Where the name of what is meant comes from. */
enum from {
	FROM_NOTHING,
	FROM_NEW,   /* the change's new text */
	FROM_OLD,   /* its old one */
	FROM_TITLE, /* the entry's title */
	FROM_ITEM,
	FROM_CHECKLIST,
	FROM_BOARD, /* of labels, members, fields */
	FROM_PLACE, /* the list or board that it was to go to */
};

struct words {
	const char *words;
	enum from from;
};

static const struct words change_words[CHANGE_KINDS] = {
    [CHANGE_TITLE] = {"the title", FROM_NEW},
    [CHANGE_DESC] = {"the description", FROM_NOTHING},
    [CHANGE_START] = {"the start date", FROM_NOTHING},
    [CHANGE_DUE] = {"the due date", FROM_NOTHING},
    [CHANGE_DONE] = {"the change of `done`", FROM_NOTHING},
    [CHANGE_LABEL_ADD] = {"the label", FROM_BOARD},
    [CHANGE_LABEL_REMOVE] = {"the removal of the label", FROM_BOARD},
    [CHANGE_MEMBER_ADD] = {"the member", FROM_BOARD},
    [CHANGE_MEMBER_REMOVE] = {"the removal of the member", FROM_BOARD},
    [CHANGE_FIELD] = {"the field", FROM_BOARD},
    [CHANGE_CHECKLIST_ADD] = {"the checklist", FROM_NEW},
    [CHANGE_CHECKLIST_NAME] = {"the checklist's new name", FROM_NEW},
    [CHANGE_CHECKLIST_MOVE] = {"the place of the checklist", FROM_CHECKLIST},
    [CHANGE_CHECKLIST_REMOVE] = {"the removal of the checklist", FROM_OLD},
    [CHANGE_ITEM_ADD] = {"the item", FROM_NEW},
    [CHANGE_ITEM_NAME] = {"the item's new words", FROM_NEW},
    [CHANGE_ITEM_STATE] = {"the tick of the item", FROM_ITEM},
    [CHANGE_ITEM_MOVE] = {"the place of the item", FROM_ITEM},
    [CHANGE_ITEM_REMOVE] = {"the removal of the item", FROM_OLD},
    [CHANGE_LINK_ADD] = {"the link", FROM_NEW},
    [CHANGE_FILE_ADD] = {"the file", FROM_NEW},
    [CHANGE_ATTACHMENT_REMOVE] = {"the removal of the attachment", FROM_OLD},
    [CHANGE_COMMENT_ADD] = {"the comment", FROM_NEW},
    [CHANGE_COMMENT_EDIT] = {"the comment's new text", FROM_NEW},
    [CHANGE_COMMENT_REMOVE] = {"the removal of the comment", FROM_OLD},
};

static const struct words entry_words[ENTRY_KINDS] = {
    [ENTRY_CARD_CREATE] = {"the new card", FROM_TITLE},
    [ENTRY_CARD_MOVE] = {"the move to", FROM_PLACE},
    [ENTRY_CARD_ARCHIVE] = {"archiving the card", FROM_NOTHING},
    [ENTRY_LIST_CREATE] = {"the new list", FROM_TITLE},
    [ENTRY_LIST_RENAME] = {"the list's new name", FROM_TITLE},
    [ENTRY_CARD_RESTORE] = {"the return of the card to", FROM_PLACE},
    [ENTRY_CARD_DELETE] = {"deleting the card", FROM_NOTHING},
    [ENTRY_LIST_RESTORE] = {"the return of the list", FROM_NOTHING},
    [ENTRY_BOARD_REOPEN] = {"opening the board again", FROM_NOTHING},
    [ENTRY_BOARD_DESC] = {"the board's description", FROM_NOTHING},
    [ENTRY_LABEL_ADD] = {"the new label", FROM_NEW},
    [ENTRY_LABEL_CHANGE] = {"the change of the label", FROM_NEW},
    [ENTRY_LABEL_REMOVE] = {"the removal of the label", FROM_OLD},
    [ENTRY_LIST_POS] = {"the place of the list", FROM_NOTHING},
    [ENTRY_LIST_MOVE] = {"the list's move to", FROM_PLACE},
    [ENTRY_LIST_ARCHIVE] = {"archiving the list", FROM_NOTHING},
    [ENTRY_BOARD_CREATE] = {"the new board", FROM_TITLE},
    [ENTRY_BOARD_RENAME] = {"the board's new name", FROM_TITLE},
    [ENTRY_BOARD_CLOSE] = {"closing the board", FROM_NOTHING},
};

static int
find_name(struct naming *naming, enum from from, struct buf *name)
{
	const struct entry *entry = naming->entry;
	const struct card_change *change = &entry->change;

	switch (from) {
	case FROM_NEW:
		return buf_add_str(name, model_str(change->new_text));
	case FROM_OLD:
		return buf_add_str(name, model_str(change->old_text));
	case FROM_TITLE:
		return buf_add_str(name, model_str(entry->title));
	case FROM_ITEM:
		return buf_add_str(
		    name, model_str(find_item(naming, change->id)));
	case FROM_CHECKLIST:
		return buf_add_str(
		    name, model_str(find_checklist(naming, change->id)));
	case FROM_BOARD:
		return find_on_board(naming, name);
	case FROM_PLACE:
		return find_folder(naming,
		    entry->list[0] != '\0' ? entry->list : entry->board, name);
	case FROM_NOTHING:
		break;
	}
	return 0;
}

/* In quotes, and cut: the first line is enough to know what is meant. */
static void
add_name(struct buf *out, const struct buf *name)
{
	const char *s = buf_str(name);
	size_t all = strlen(s), len = strcspn(s, "\n");

	if (len > NAME_MAX_BYTES)
		len = utf8_cut(s, len, NAME_MAX_BYTES);
	(void)buf_add_str(out, " \"");
	(void)buf_add(out, s, len);
	(void)buf_add_str(out, len < all ? "\u2026\"" : "\"");
}

/* A move within its list is one to another place. */
static bool
is_place(struct naming *naming)
{
	const struct entry *entry = naming->entry;
	const struct card *card =
	    entry->kind == ENTRY_CARD_MOVE ? card_of(naming) : NULL;

	return card != NULL && strcmp(card->id_list, entry->list) == 0;
}

int
push_words_add(struct tx *tx, const struct entry *entry, struct buf *out)
{
	const struct words *words = entry->kind == ENTRY_CARD_CHANGE
					? &change_words[entry->change.kind]
					: &entry_words[entry->kind];
	struct naming naming = {.tx = tx, .entry = entry};
	struct buf name = BUF_INIT;
	int r = find_name(&naming, words->from, &name);

	(void)buf_add_str(
	    out, is_place(&naming) ? "the place in" : words->words);
	if (r == 0 && name.len > 0)
		add_name(out, &name);
	buf_free(&name);
	naming_fini(&naming);
	return r != 0 ? r : out->err;
}

static bool
is_lost(const struct entry *entry)
{
	return strcmp(model_str(entry->error), PUSH_WORDS_LOST) == 0;
}

static int
add_refused(
    struct tx *tx, const struct entries *entries, bool lost, struct buf *out)
{
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < entries->list.n && r == 0; i++) {
		const struct entry *entry = &entries->list.v[i];

		if (entry->state != ENTRY_REFUSED || is_lost(entry) != lost)
			continue;
		if (n++ >= REFUSALS_MAX)
			continue;
		if (n > 1)
			(void)buf_add_str(out, ", ");
		r = push_words_add(tx, entry, out);
	}
	if (r == 0 && n > REFUSALS_MAX)
		(void)buf_printf(out, " and %zu more", n - REFUSALS_MAX);
	return r;
}

int
push_words_what(struct tx *tx, const char *object, struct buf *out)
{
	struct entries entries = {0};
	size_t empty;
	int r = journal_of(tx, object, &entries);

	(void)buf_add_str(out, "Trello did not accept ");
	empty = out->len;
	if (r == 0)
		r = add_refused(tx, &entries, false, out);
	if (r == 0 && out->len == empty)
		r = add_refused(tx, &entries, true, out);
	entries_fini(&entries);
	if (r == 0 && out->err == 0)
		utf8_make_printable(out->data);
	return r != 0 ? r : out->err;
}

#define RETRY "write to .trellofs/control/retry"

static int
add_folder_remedy(int err, struct buf *out)
{
	return buf_printf(out,
	    "%sto try again " RETRY ", to give it up write its number in "
	    ".trellofs/pending to .trellofs/control/cancel",
	    err == -EACCES || err == -EPERM ? "ask for the right at Trello; "
	    : err == -EDQUOT		    ? "make room at Trello; "
					    : "");
}

/* What to do before anything else can help. */
static const char *
first_of(int err, bool draft)
{
	switch (err) {
	case -EACCES:
	case -EPERM:
		return "ask for the right at Trello and " RETRY;
	case -EDQUOT:
		return draft ? "make room at Trello and " RETRY ", or save less"
			     : "make room at Trello and " RETRY;
	case -EFBIG:
		return draft ? "make it shorter and save again" : RETRY;
	case -EINVAL:
		return draft ? "correct it and save again"
			     : RETRY " to try again";
	default:
		return draft ? "save again, or " RETRY ", to try again"
			     : RETRY " to try again";
	}
}

int
push_words_remedy(const struct node *node, bool draft, int err, struct buf *out)
{
	if (node->kind != NODE_CARD)
		return add_folder_remedy(err, out);
	if (draft && journal_is_own_id(node->id))
		return buf_printf(out, "%s; or remove %s to give it up",
		    first_of(err, true), node->name);
	if (draft && err == -ENOENT)
		return buf_add_str(out,
		    "copy what you need from below; remove this file to get "
		    "Trello's text back");
	return buf_printf(out, "%s; or remove this file to %s",
	    first_of(err, draft),
	    draft ? "get Trello's text back"
		  : "leave the card as it is at Trello");
}
