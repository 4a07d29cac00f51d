#include "text/card_change.h"

#include "model/ids.h"
#include "text/merge.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[CHANGE_KINDS] = {
    [CHANGE_TITLE] = "title",
    [CHANGE_DESC] = "desc",
    [CHANGE_START] = "start",
    [CHANGE_DUE] = "due",
    [CHANGE_DONE] = "done",
    [CHANGE_LABEL_REMOVE] = "label-remove",
    [CHANGE_LABEL_ADD] = "label-add",
    [CHANGE_MEMBER_REMOVE] = "member-remove",
    [CHANGE_MEMBER_ADD] = "member-add",
    [CHANGE_FIELD] = "field",
    [CHANGE_CHECKLIST_ADD] = "checklist-add",
    [CHANGE_CHECKLIST_NAME] = "checklist-name",
    [CHANGE_CHECKLIST_MOVE] = "checklist-move",
    [CHANGE_ITEM_ADD] = "item-add",
    [CHANGE_ITEM_NAME] = "item-name",
    [CHANGE_ITEM_STATE] = "item-state",
    [CHANGE_ITEM_MOVE] = "item-move",
    [CHANGE_ITEM_REMOVE] = "item-remove",
    [CHANGE_CHECKLIST_REMOVE] = "checklist-remove",
    [CHANGE_LINK_ADD] = "link-add",
    [CHANGE_FILE_ADD] = "file-add",
    [CHANGE_ATTACHMENT_REMOVE] = "attachment-remove",
    [CHANGE_COMMENT_EDIT] = "comment-edit",
    [CHANGE_COMMENT_REMOVE] = "comment-remove",
    [CHANGE_COMMENT_ADD] = "comment-add",
};

void
card_change_fini(struct card_change *change)
{
	free(change->old_text);
	free(change->new_text);
	free(change->new_url);
	change->old_text = change->new_text = change->new_url = NULL;
}

void
card_changes_fini(struct card_changes *changes)
{
	for (size_t i = 0; i < changes->n; i++)
		card_change_fini(&changes->v[i]);
	VEC_FREE(changes);
}

const char *
card_change_kind_name(enum card_change_kind kind)
{
	return names[kind];
}

enum card_change_kind
card_change_kind_parse(const char *name)
{
	enum card_change_kind kind = 0;

	while (kind < CHANGE_KINDS && strcmp(names[kind], name) != 0)
		kind++;
	return kind;
}

/* Take the i-th element out of a VEC; what it held is the caller's. */
#define TAKE_OUT(vec, i)                                  \
	do {                                              \
		(vec)->n--;                               \
		memmove(&(vec)->v[i], &(vec)->v[(i) + 1], \
		    ((vec)->n - (i)) * sizeof *(vec)->v); \
	} while (0)

/* The index of the element with an id, n if there is none. */
#define FIND(vec, id_, ret_i)                                        \
	do {                                                         \
		for (*(ret_i) = 0; *(ret_i) < (vec)->n; ++*(ret_i))  \
			if (strcmp((vec)->v[*(ret_i)].id, id_) == 0) \
				break;                               \
	} while (0)

static int
set_str(char **target, const char *s)
{
	char *copy = s != NULL ? strdup(s) : NULL;

	if (s != NULL && copy == NULL)
		return -ENOMEM;
	free(*target);
	*target = copy;
	return 0;
}

static int
apply_desc(struct card *card, const struct card_change *change, bool *conflict)
{
	const char *old = model_str(change->old_text);
	const char *new = model_str(change->new_text);
	const char *now = model_str(card->desc);
	struct buf merged = BUF_INIT;
	bool both = false;
	char *desc;
	int err;

	if (strcmp(old, now) == 0)
		return set_str(&card->desc, new);
	err = text_merge(old, new, now, &merged, &both);
	if (err != 0)
		goto out;
	desc = buf_steal(&merged);
	if (desc == NULL) {
		err = -ENOMEM;
		goto out;
	}
	free(card->desc);
	card->desc = desc;
	*conflict |= both;
out:
	buf_free(&merged);
	return err;
}

static int
apply_id(model_ids *ids, const char *id, bool add)
{
	size_t i = 0;

	while (i < ids->n && strcmp(ids->v[i].s, id) != 0)
		i++;
	if (add)
		return i == ids->n ? model_ids_add(ids, id) : 0;
	if (i < ids->n)
		TAKE_OUT(ids, i);
	return 0;
}

static int
apply_field(struct card *card, const struct card_change *change)
{
	struct field_value *value = NULL;
	size_t i = 0;

	while (i < card->fields.n &&
	       strcmp(card->fields.v[i].id_field, change->id) != 0)
		i++;
	if (change->new_text == NULL && change->new_id[0] == '\0') {
		if (i < card->fields.n) {
			field_value_fini(&card->fields.v[i]);
			TAKE_OUT(&card->fields, i);
		}
		return 0;
	}
	value =
	    i < card->fields.n ? &card->fields.v[i] : VEC_ADD(&card->fields);
	if (value == NULL)
		return -ENOMEM;
	memcpy(value->id_field, change->id, MODEL_ID_SIZE);
	memcpy(value->id_option, change->new_id, MODEL_ID_SIZE);
	return set_str(&value->value, change->new_text);
}

static int
add_checklist(struct card *card, const struct card_change *change)
{
	struct checklist *checklist = VEC_ADD(&card->checklists);

	if (checklist == NULL)
		return -ENOMEM;
	memcpy(checklist->id, change->id, MODEL_ID_SIZE);
	memcpy(checklist->id_card, card->id, MODEL_ID_SIZE);
	checklist->pos = change->new_pos;
	return set_str(&checklist->name, change->new_text);
}

static int
apply_checklist(struct card *card, const struct card_change *change)
{
	struct checklist *checklist;
	size_t i;

	FIND(&card->checklists, change->id, &i);
	if (change->kind == CHANGE_CHECKLIST_ADD)
		return i == card->checklists.n ? add_checklist(card, change)
					       : 0;
	if (i == card->checklists.n)
		return 0;
	checklist = &card->checklists.v[i];
	if (change->kind == CHANGE_CHECKLIST_NAME)
		return set_str(&checklist->name, change->new_text);
	if (change->kind == CHANGE_CHECKLIST_MOVE) {
		checklist->pos = change->new_pos;
		return 0;
	}
	checklist_fini(checklist);
	TAKE_OUT(&card->checklists, i);
	return 0;
}

/* The checklist that has the item, and its place in it; NULL: none has. */
static struct checklist *
find_item(struct card *card, const char *id, size_t *ret_i)
{
	for (size_t i = 0; i < card->checklists.n; i++) {
		FIND(&card->checklists.v[i].items, id, ret_i);
		if (*ret_i < card->checklists.v[i].items.n)
			return &card->checklists.v[i];
	}
	return NULL;
}

static int
add_item(struct checklist *checklist, const struct card_change *change)
{
	struct check_item *item = VEC_ADD(&checklist->items);

	if (item == NULL)
		return -ENOMEM;
	memcpy(item->id, change->id, MODEL_ID_SIZE);
	item->pos = change->new_pos;
	item->complete = change->new_flag;
	return set_str(&item->name, change->new_text);
}

static int
move_item(struct checklist *from, size_t i, struct checklist *to, double pos)
{
	struct check_item item = from->items.v[i];
	struct check_item *slot;

	item.pos = pos;
	if (from == to) {
		from->items.v[i] = item;
		return 0;
	}
	slot = VEC_ADD(&to->items);
	if (slot == NULL)
		return -ENOMEM;
	*slot = item;
	TAKE_OUT(&from->items, i);
	return 0;
}

static int
apply_item(struct card *card, const struct card_change *change)
{
	struct checklist *parent = NULL, *from;
	struct check_item *item;
	size_t i;

	FIND(&card->checklists, change->parent, &i);
	if (i < card->checklists.n)
		parent = &card->checklists.v[i];
	from = find_item(card, change->id, &i);
	if (change->kind == CHANGE_ITEM_ADD)
		return from == NULL && parent != NULL ? add_item(parent, change)
						      : 0;
	if (from == NULL)
		return 0;
	item = &from->items.v[i];
	if (change->kind == CHANGE_ITEM_NAME)
		return set_str(&item->name, change->new_text);
	if (change->kind == CHANGE_ITEM_STATE) {
		item->complete = change->new_flag;
		return 0;
	}
	if (change->kind == CHANGE_ITEM_MOVE)
		return parent != NULL
			   ? move_item(from, i, parent, change->new_pos)
			   : 0;
	check_item_fini(item);
	TAKE_OUT(&from->items, i);
	return 0;
}

static int
apply_attachment(struct card *card, const struct card_change *change)
{
	struct attachment *attachment;
	size_t i;

	FIND(&card->attachments, change->id, &i);
	if (change->kind == CHANGE_ATTACHMENT_REMOVE) {
		if (i < card->attachments.n) {
			attachment_fini(&card->attachments.v[i]);
			TAKE_OUT(&card->attachments, i);
		}
		return 0;
	}
	if (i < card->attachments.n)
		return 0;
	attachment = VEC_ADD(&card->attachments);
	if (attachment == NULL)
		return -ENOMEM;
	attachment_init(attachment);
	memcpy(attachment->id, change->id, MODEL_ID_SIZE);
	attachment->pos = change->new_pos;
	if (set_str(&attachment->name, change->new_text) != 0)
		return -ENOMEM;
	if (change->kind == CHANGE_LINK_ADD)
		return set_str(&attachment->url, change->new_url);
	attachment->is_upload = true;
	attachment->bytes = change->new_bytes;
	attachment->date_ms = change->new_ms;
	return 0;
}

static int
add_comment(struct card *card, const struct card_change *change,
    const struct member *author)
{
	struct comment *comment = VEC_ADD(&card->comments);

	if (comment == NULL)
		return -ENOMEM;
	comment_init(comment);
	memcpy(comment->id, change->id, MODEL_ID_SIZE);
	memcpy(comment->id_card, card->id, MODEL_ID_SIZE);
	comment->date_ms = change->new_ms;
	if (author != NULL) {
		memcpy(comment->id_creator, author->id, MODEL_ID_SIZE);
		if (set_str(&comment->username, author->username) != 0)
			return -ENOMEM;
	}
	return set_str(&comment->text, change->new_text);
}

static int
apply_comment(struct card *card, const struct card_change *change,
    const struct member *author)
{
	size_t i;

	FIND(&card->comments, change->id, &i);
	if (change->kind == CHANGE_COMMENT_ADD)
		return i == card->comments.n ? add_comment(card, change, author)
					     : 0;
	if (i == card->comments.n)
		return 0;
	if (change->kind == CHANGE_COMMENT_EDIT)
		return set_str(&card->comments.v[i].text, change->new_text);
	comment_fini(&card->comments.v[i]);
	TAKE_OUT(&card->comments, i);
	return 0;
}

static int
apply(struct card *card, const struct card_change *change,
    const struct member *author, bool *conflict)
{
	switch (change->kind) {
	case CHANGE_TITLE:
		return set_str(&card->name, change->new_text);
	case CHANGE_DESC:
		return apply_desc(card, change, conflict);
	case CHANGE_START:
		card->start_ms = change->new_ms;
		return 0;
	case CHANGE_DUE:
		card->due_ms = change->new_ms;
		return 0;
	case CHANGE_DONE:
		card->due_complete = change->new_flag;
		return 0;
	case CHANGE_LABEL_ADD:
	case CHANGE_LABEL_REMOVE:
		return apply_id(&card->id_labels, change->id,
		    change->kind == CHANGE_LABEL_ADD);
	case CHANGE_MEMBER_ADD:
	case CHANGE_MEMBER_REMOVE:
		return apply_id(&card->id_members, change->id,
		    change->kind == CHANGE_MEMBER_ADD);
	case CHANGE_FIELD:
		return apply_field(card, change);
	case CHANGE_CHECKLIST_ADD:
	case CHANGE_CHECKLIST_NAME:
	case CHANGE_CHECKLIST_MOVE:
	case CHANGE_CHECKLIST_REMOVE:
		return apply_checklist(card, change);
	case CHANGE_ITEM_ADD:
	case CHANGE_ITEM_NAME:
	case CHANGE_ITEM_STATE:
	case CHANGE_ITEM_MOVE:
	case CHANGE_ITEM_REMOVE:
		return apply_item(card, change);
	case CHANGE_LINK_ADD:
	case CHANGE_FILE_ADD:
	case CHANGE_ATTACHMENT_REMOVE:
		return apply_attachment(card, change);
	case CHANGE_COMMENT_ADD:
	case CHANGE_COMMENT_EDIT:
	case CHANGE_COMMENT_REMOVE:
		return apply_comment(card, change, author);
	case CHANGE_KINDS:
		break;
	}
	return 0;
}

int
card_change_apply(struct card *card, const struct card_change *change,
    const struct member *author, bool *conflict)
{
	int err = apply(card, change, author, conflict);

	/* Everything back into its order. */
	return err != 0 ? err : card_gather(card);
}

int
card_changes_apply(struct card *card, const struct card_changes *changes,
    const struct member *author, bool *conflict)
{
	int err = 0;

	for (size_t i = 0; i < changes->n && err == 0; i++)
		err = apply(card, &changes->v[i], author, conflict);
	return err != 0 ? err : card_gather(card);
}
