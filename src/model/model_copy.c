#include "model/model.h"

#include "util/timeutil.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Each copy begins as a struct assignment with every pointer taken out, so
 * that a copy that fails half way can be freed like any other.
 */

static int
copy_str(const char *s, char **ret_copy)
{
	*ret_copy = s != NULL ? strdup(s) : NULL;
	return s != NULL && *ret_copy == NULL ? -ENOMEM : 0;
}

static int
copy_ids(const model_ids *ids, model_ids *ret_copy)
{
	for (size_t i = 0; i < ids->n; i++) {
		struct model_id *id = VEC_ADD(ret_copy);

		if (id == NULL)
			return -ENOMEM;
		*id = ids->v[i];
	}
	return 0;
}

/* Append a copy of each element of `from` to `to`, both VECs; leaves the
 * function with -ENOMEM.  An element that failed has freed itself. */
#define COPY_EACH(from, to, copy)                                            \
	do {                                                                 \
		for (size_t i_ = 0; i_ < (from)->n; i_++) {                  \
			void *new_ = VEC_ADD(to);                            \
                                                                             \
			if (new_ == NULL || copy(&(from)->v[i_], new_) != 0) \
				return -ENOMEM;                              \
		}                                                            \
	} while (0)

int
label_copy(const struct label *label, struct label *ret_copy)
{
	*ret_copy = *label;
	return copy_str(label->name, &ret_copy->name);
}

static int
check_item_copy(const struct check_item *item, struct check_item *ret_copy)
{
	*ret_copy = *item;
	return copy_str(item->name, &ret_copy->name);
}

static int
checklist_fill(const struct checklist *checklist, struct checklist *copy)
{
	if (copy_str(checklist->name, &copy->name) != 0)
		return -ENOMEM;
	COPY_EACH(&checklist->items, &copy->items, check_item_copy);
	return 0;
}

int
checklist_copy(const struct checklist *checklist, struct checklist *ret_copy)
{
	struct checklist bare = *checklist;
	int rc;

	bare.name = NULL;
	memset(&bare.items, 0, sizeof bare.items);
	*ret_copy = bare;
	rc = checklist_fill(checklist, ret_copy);
	if (rc != 0)
		checklist_fini(ret_copy);
	return rc;
}

int
comment_copy(const struct comment *comment, struct comment *ret_copy)
{
	*ret_copy = *comment;
	ret_copy->username = ret_copy->text = NULL;
	if (copy_str(comment->username, &ret_copy->username) == 0 &&
	    copy_str(comment->text, &ret_copy->text) == 0)
		return 0;
	comment_fini(ret_copy);
	return -ENOMEM;
}

int
attachment_copy(
    const struct attachment *attachment, struct attachment *ret_copy)
{
	*ret_copy = *attachment;
	ret_copy->name = ret_copy->url = NULL;
	ret_copy->file_name = ret_copy->mime_type = NULL;
	if (copy_str(attachment->name, &ret_copy->name) == 0 &&
	    copy_str(attachment->url, &ret_copy->url) == 0 &&
	    copy_str(attachment->file_name, &ret_copy->file_name) == 0 &&
	    copy_str(attachment->mime_type, &ret_copy->mime_type) == 0)
		return 0;
	attachment_fini(ret_copy);
	return -ENOMEM;
}

static int
field_value_copy(const struct field_value *value, struct field_value *ret_copy)
{
	*ret_copy = *value;
	return copy_str(value->value, &ret_copy->value);
}

/* The card without anything that is allocated. */
static struct card
bare_card(const struct card *card)
{
	struct card bare;

	card_init(&bare);
	memcpy(bare.id, card->id, sizeof bare.id);
	memcpy(bare.id_board, card->id_board, sizeof bare.id_board);
	memcpy(bare.id_list, card->id_list, sizeof bare.id_list);
	bare.id_short = card->id_short;
	bare.pos = card->pos;
	bare.start_ms = card->start_ms;
	bare.due_ms = card->due_ms;
	bare.activity_ms = card->activity_ms;
	bare.due_complete = card->due_complete;
	bare.closed = card->closed;
	bare.is_template = card->is_template;
	return bare;
}

static int
card_fill(const struct card *card, struct card *copy)
{
	if (copy_str(card->short_link, &copy->short_link) != 0 ||
	    copy_str(card->name, &copy->name) != 0 ||
	    copy_str(card->desc, &copy->desc) != 0 ||
	    copy_ids(&card->id_labels, &copy->id_labels) != 0 ||
	    copy_ids(&card->id_members, &copy->id_members) != 0 ||
	    copy_ids(&card->complete_items, &copy->complete_items) != 0)
		return -ENOMEM;
	COPY_EACH(&card->checklists, &copy->checklists, checklist_copy);
	COPY_EACH(&card->attachments, &copy->attachments, attachment_copy);
	COPY_EACH(&card->fields, &copy->fields, field_value_copy);
	COPY_EACH(&card->comments, &copy->comments, comment_copy);
	COPY_EACH(&card->labels, &copy->labels, label_copy);
	return 0;
}

int
card_copy(const struct card *card, struct card *ret_copy)
{
	int rc;

	*ret_copy = bare_card(card);
	rc = card_fill(card, ret_copy);
	if (rc != 0)
		card_fini(ret_copy);
	return rc;
}
