#ifndef TEXT_CARD_CHANGE_H
#define TEXT_CARD_CHANGE_H

#include "model/model.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * One difference between two states of a card, with all that is needed to
 * tell Trello, to make it again on top of something newer, and to say what it
 * was.  Which members are used:
 *
 *	kind		  id		texts, ms, flags, pos, other ids
 *	CHANGE_TITLE	  ""		old_text new_text
 *	CHANGE_DESC	  ""		old_text new_text
 *	CHANGE_START	  ""		old_ms new_ms (TIME_NONE: none)
 *	CHANGE_DUE	  ""		old_ms new_ms
 *	CHANGE_DONE	  ""		old_flag new_flag
 *	CHANGE_LABEL_*	  the label
 *	CHANGE_MEMBER_*	  the member
 *	CHANGE_FIELD	  the field	old_text new_text (NULL: none), or of
 *					list fields old_id new_id ("": none)
 *	CHANGE_CHECKLIST_ADD	checklist	new_text new_pos
 *	CHANGE_CHECKLIST_NAME	checklist	old_text new_text
 *	CHANGE_CHECKLIST_MOVE	checklist	old_pos new_pos
 *	CHANGE_CHECKLIST_REMOVE	checklist	old_text old_pos
 *	CHANGE_ITEM_ADD	  item		parent new_text new_flag new_pos
 *	CHANGE_ITEM_NAME  item		parent old_text new_text
 *	CHANGE_ITEM_STATE item		parent old_flag new_flag (complete)
 *	CHANGE_ITEM_MOVE  item		parent (new) old_id (old parent)
 *					old_pos new_pos
 *	CHANGE_ITEM_REMOVE item		parent old_text old_flag old_pos
 *	CHANGE_LINK_ADD	  attachment	new_text (words) new_url new_pos
 *	CHANGE_FILE_ADD	  attachment	new_text (name) new_bytes new_ms new_pos
 *	CHANGE_ATTACHMENT_REMOVE attachment	old_text
 *	CHANGE_COMMENT_ADD  comment	new_text new_ms
 *	CHANGE_COMMENT_EDIT comment	old_text new_text
 *	CHANGE_COMMENT_REMOVE comment	old_text
 *
 * parent is an item's checklist as it is where the change is made.  What may
 * not be removed (comments and attachments, unless the user has allowed it)
 * is for the caller to leave out.
 */
enum card_change_kind {
	CHANGE_TITLE,
	CHANGE_DESC,
	CHANGE_START,
	CHANGE_DUE,
	CHANGE_DONE,
	CHANGE_LABEL_REMOVE,
	CHANGE_LABEL_ADD,
	CHANGE_MEMBER_REMOVE,
	CHANGE_MEMBER_ADD,
	CHANGE_FIELD,
	CHANGE_CHECKLIST_ADD,
	CHANGE_CHECKLIST_NAME,
	CHANGE_CHECKLIST_MOVE,
	CHANGE_ITEM_ADD,
	CHANGE_ITEM_NAME,
	CHANGE_ITEM_STATE,
	CHANGE_ITEM_MOVE,
	CHANGE_ITEM_REMOVE,
	CHANGE_CHECKLIST_REMOVE,
	CHANGE_LINK_ADD,
	CHANGE_FILE_ADD,
	CHANGE_ATTACHMENT_REMOVE,
	CHANGE_COMMENT_EDIT,
	CHANGE_COMMENT_REMOVE,
	CHANGE_COMMENT_ADD,
	CHANGE_KINDS
};

struct card_change {
	enum card_change_kind kind;
	bool old_flag, new_flag;
	char id[MODEL_ID_SIZE];
	char parent[MODEL_ID_SIZE];
	char old_id[MODEL_ID_SIZE];
	char new_id[MODEL_ID_SIZE];
	char *old_text;
	char *new_text;
	char *new_url;
	int64_t old_ms, new_ms;
	int64_t new_bytes;
	double old_pos, new_pos;
};

/** In the order in which they are to be made. */
struct card_changes {
	struct card_change *v;
	size_t n, cap;
};

void card_change_fini(struct card_change *change);
void card_changes_fini(struct card_changes *changes);

/** A kind's word for a journal ("item-add"), and back (CHANGE_KINDS: none). */
const char *card_change_kind_name(enum card_change_kind kind);
enum card_change_kind card_change_kind_parse(const char *name);

/** Makes up ids for what is new: unique on this card. */
struct id_source {
	void (*next)(void *cookie, char id[MODEL_ID_SIZE]);
	void *cookie;
};

/**
 * What makes `to` out of `from`, which are states of one card.  Things with
 * one id are the same; what is new in `to` has the id "" and gets one from
 * ids, what is new or stands elsewhere gets a position: so `to` afterwards is
 * the state that the changes lead to.  Labels and members are compared as
 * sets, checklists and items in their order.  0, or -ENOMEM with no changes
 * (`to` may then have some of its ids and positions).
 */
int card_diff(const struct card *from, struct card *to,
    const struct id_source *ids, struct card_changes *ret_changes);

/**
 * Make a change on a card, which may have changed otherwise since.  Removing
 * what is gone, adding what is there, and changing what is gone do nothing.
 * Descriptions are merged line by line: *conflict is set (never cleared) if
 * both sides changed the same lines, which then stand between markers.
 * author (may be NULL) is that of new comments.  0 or -ENOMEM.
 */
int card_change_apply(struct card *card, const struct card_change *change,
    const struct member *author, bool *conflict);

/** Make all of them, in their order. */
int card_changes_apply(struct card *card, const struct card_changes *changes,
    const struct member *author, bool *conflict);

#endif
