#include "text/card_change.h"

#include "text/positions.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define STEP 16384.0

/* An item of the card as it was, to be found by its id. */
struct was {
	const char *id;
	const struct check_item *item;
	const struct checklist *list;
	bool stays;
};

struct diff {
	const struct card *from;
	struct card *to;
	const struct id_source *ids;
	struct card_changes *changes;
	struct was *items; /* of from, by id */
	size_t n_items;
	int err;
};

static void
copy_id(char to[MODEL_ID_SIZE], const char *from)
{
	memset(to, 0, MODEL_ID_SIZE);
	memcpy(to, from, strlen(from));
}

static char *
copy_str(struct diff *diff, const char *s)
{
	char *copy = s != NULL ? strdup(s) : NULL;

	if (s != NULL && copy == NULL)
		diff->err = -ENOMEM;
	return copy;
}

/* Add a change; after a failure one that nobody looks at. */
static struct card_change *
add(struct diff *diff, enum card_change_kind kind, const char *id,
    struct card_change *spare)
{
	struct card_change *change = VEC_ADD(diff->changes);

	if (change == NULL) {
		diff->err = -ENOMEM;
		change = spare;
		memset(change, 0, sizeof *change);
	}
	change->kind = kind;
	change->old_ms = change->new_ms = TIME_NONE;
	copy_id(change->id, id);
	return change;
}

static void
add_texts(struct diff *diff, enum card_change_kind kind, const char *id,
    const char *parent, const char *old, const char *new)
{
	struct card_change spare = {0};
	struct card_change *change = add(diff, kind, id, &spare);

	copy_id(change->parent, parent);
	change->old_text = copy_str(diff, old);
	change->new_text = copy_str(diff, new);
	card_change_fini(&spare);
}

static void
diff_text(struct diff *diff, enum card_change_kind kind, const char *old,
    const char *new)
{
	if (strcmp(model_str(old), model_str(new)) != 0)
		add_texts(diff, kind, "", "", model_str(old), model_str(new));
}

static void
diff_date(
    struct diff *diff, enum card_change_kind kind, int64_t old, int64_t new)
{
	struct card_change spare = {0}, *change;

	if (old == new)
		return;
	change = add(diff, kind, "", &spare);
	change->old_ms = old;
	change->new_ms = new;
}

static void
diff_flag(struct diff *diff, enum card_change_kind kind, const char *id,
    const char *parent, bool old, bool new)
{
	struct card_change spare = {0}, *change;

	if (old == new)
		return;
	change = add(diff, kind, id, &spare);
	copy_id(change->parent, parent);
	change->old_flag = old;
	change->new_flag = new;
}

static bool
has_id(const model_ids *ids, const char *id)
{
	for (size_t i = 0; i < ids->n; i++)
		if (strcmp(ids->v[i].s, id) == 0)
			return true;
	return false;
}

/* A change for each id that `b` lacks. */
static void
diff_ids(struct diff *diff, enum card_change_kind kind, const model_ids *a,
    const model_ids *b)
{
	struct card_change spare;

	for (size_t i = 0; i < a->n; i++)
		if (!has_id(b, a->v[i].s))
			(void)add(diff, kind, a->v[i].s, &spare);
}

static const struct field_value *
value_of(const struct card *card, const char *id_field)
{
	for (size_t i = 0; i < card->fields.n; i++)
		if (strcmp(card->fields.v[i].id_field, id_field) == 0)
			return &card->fields.v[i];
	return NULL;
}

static void
diff_value(struct diff *diff, const char *id_field)
{
	static const struct field_value none;
	const struct field_value *old = value_of(diff->from, id_field);
	const struct field_value *new = value_of(diff->to, id_field);
	struct card_change spare = {0}, *change;

	old = old != NULL ? old : &none;
	new = new != NULL ? new : &none;
	if (strcmp(old->id_option, new->id_option) == 0 &&
	    strcmp(model_str(old->value), model_str(new->value)) == 0)
		return;
	change = add(diff, CHANGE_FIELD, id_field, &spare);
	copy_id(change->old_id, old->id_option);
	copy_id(change->new_id, new->id_option);
	change->old_text = copy_str(diff, old->value);
	change->new_text = copy_str(diff, new->value);
	card_change_fini(&spare);
}

static void
diff_fields(struct diff *diff)
{
	for (size_t i = 0; i < diff->from->fields.n; i++)
		diff_value(diff, diff->from->fields.v[i].id_field);
	for (size_t i = 0; i < diff->to->fields.n; i++)
		if (value_of(diff->from, diff->to->fields.v[i].id_field) ==
		    NULL)
			diff_value(diff, diff->to->fields.v[i].id_field);
}

static const struct checklist *
list_of(const struct card *card, const char *id)
{
	for (size_t i = 0; *id != '\0' && i < card->checklists.n; i++)
		if (strcmp(card->checklists.v[i].id, id) == 0)
			return &card->checklists.v[i];
	return NULL;
}

static int
by_id(const void *a, const void *b)
{
	const struct was *x = a, *y = b;

	return strcmp(x->id, y->id);
}

static int
index_items(struct diff *diff)
{
	const struct card *from = diff->from;
	size_t n = 0;

	for (size_t i = 0; i < from->checklists.n; i++)
		n += from->checklists.v[i].items.n;
	diff->items = calloc(n + 1, sizeof *diff->items);
	if (diff->items == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < from->checklists.n; i++) {
		const struct checklist *list = &from->checklists.v[i];

		for (size_t j = 0; j < list->items.n; j++) {
			struct was *was = &diff->items[diff->n_items++];

			was->id = list->items.v[j].id;
			was->item = &list->items.v[j];
			was->list = list;
		}
	}
	qsort(diff->items, n, sizeof *diff->items, by_id);
	return 0;
}

static struct was *
was_of(const struct diff *diff, const char *id)
{
	struct was key = {.id = id};

	if (*id == '\0')
		return NULL;
	return bsearch(
	    &key, diff->items, diff->n_items, sizeof *diff->items, by_id);
}

static void
diff_list(struct diff *diff, struct checklist *list, double pos)
{
	const struct checklist *old = list_of(diff->from, list->id);
	struct card_change spare = {0}, *change;

	list->pos = pos;
	if (old != NULL) {
		if (strcmp(model_str(old->name), model_str(list->name)) != 0)
			add_texts(diff, CHANGE_CHECKLIST_NAME, list->id, "",
			    model_str(old->name), model_str(list->name));
		if (old->pos == pos)
			return;
		change = add(diff, CHANGE_CHECKLIST_MOVE, list->id, &spare);
		change->old_pos = old->pos;
		change->new_pos = pos;
		return;
	}
	if (list->id[0] == '\0')
		diff->ids->next(diff->ids->cookie, list->id);
	copy_id(list->id_card, diff->to->id);
	change = add(diff, CHANGE_CHECKLIST_ADD, list->id, &spare);
	change->new_text = copy_str(diff, model_str(list->name));
	change->new_pos = pos;
	card_change_fini(&spare);
}

static void
diff_lists(struct diff *diff)
{
	size_t n = diff->to->checklists.n;
	struct position *order = calloc(n + 1, sizeof *order);

	if (order == NULL) {
		diff->err = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const struct checklist *list = &diff->to->checklists.v[i];
		const struct checklist *old = list_of(diff->from, list->id);

		order[i].id = list->id;
		order[i].pos = old != NULL ? old->pos : 0;
	}
	if (positions_assign(order, n) != 0)
		diff->err = -ENOMEM;
	for (size_t i = 0; i < n && diff->err == 0; i++)
		diff_list(diff, &diff->to->checklists.v[i], order[i].pos);
	free(order);
}

static void
diff_item(struct diff *diff, const struct checklist *list,
    struct check_item *item, double pos)
{
	struct was *was = was_of(diff, item->id);
	struct card_change spare = {0}, *change;

	item->pos = pos;
	if (was == NULL) {
		if (item->id[0] == '\0')
			diff->ids->next(diff->ids->cookie, item->id);
		change = add(diff, CHANGE_ITEM_ADD, item->id, &spare);
		copy_id(change->parent, list->id);
		change->new_text = copy_str(diff, model_str(item->name));
		change->new_flag = item->complete;
		change->new_pos = pos;
		card_change_fini(&spare);
		return;
	}
	was->stays = true;
	if (strcmp(was->list->id, list->id) != 0 || was->item->pos != pos) {
		change = add(diff, CHANGE_ITEM_MOVE, item->id, &spare);
		copy_id(change->parent, list->id);
		copy_id(change->old_id, was->list->id);
		change->old_pos = was->item->pos;
		change->new_pos = pos;
	}
	if (strcmp(model_str(was->item->name), model_str(item->name)) != 0)
		add_texts(diff, CHANGE_ITEM_NAME, item->id, list->id,
		    model_str(was->item->name), model_str(item->name));
	diff_flag(diff, CHANGE_ITEM_STATE, item->id, list->id,
	    was->item->complete, item->complete);
}

static void
diff_items(struct diff *diff, struct checklist *list)
{
	size_t n = list->items.n;
	struct position *order = calloc(n + 1, sizeof *order);

	if (order == NULL) {
		diff->err = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const struct check_item *item = &list->items.v[i];
		const struct was *was = was_of(diff, item->id);
		bool here = was != NULL && strcmp(was->list->id, list->id) == 0;

		order[i].id = item->id;
		order[i].pos = here ? was->item->pos : 0;
	}
	if (positions_assign(order, n) != 0)
		diff->err = -ENOMEM;
	for (size_t i = 0; i < n && diff->err == 0; i++)
		diff_item(diff, list, &list->items.v[i], order[i].pos);
	free(order);
}

/* Items that are gone, but for those that go with their list. */
static void
remove_items(struct diff *diff)
{
	struct card_change spare = {0}, *change;

	for (size_t i = 0; i < diff->n_items; i++) {
		const struct was *was = &diff->items[i];

		if (was->stays || list_of(diff->to, was->list->id) == NULL)
			continue;
		change = add(diff, CHANGE_ITEM_REMOVE, was->id, &spare);
		copy_id(change->parent, was->list->id);
		change->old_text = copy_str(diff, model_str(was->item->name));
		change->old_flag = was->item->complete;
		change->old_pos = was->item->pos;
		card_change_fini(&spare);
	}
}

static void
remove_lists(struct diff *diff)
{
	struct card_change spare = {0}, *change;

	for (size_t i = 0; i < diff->from->checklists.n; i++) {
		const struct checklist *list = &diff->from->checklists.v[i];

		if (list_of(diff->to, list->id) != NULL)
			continue;
		change = add(diff, CHANGE_CHECKLIST_REMOVE, list->id, &spare);
		change->old_text = copy_str(diff, model_str(list->name));
		change->old_pos = list->pos;
		card_change_fini(&spare);
	}
}

static bool
has_attachment(const struct card *card, const char *id)
{
	for (size_t i = 0; *id != '\0' && i < card->attachments.n; i++)
		if (strcmp(card->attachments.v[i].id, id) == 0)
			return true;
	return false;
}

static void
diff_attachments(struct diff *diff)
{
	struct card_change spare = {0}, *change;
	double last = 0;

	for (size_t i = 0; i < diff->to->attachments.n; i++) {
		struct attachment *attachment = &diff->to->attachments.v[i];

		if (has_attachment(diff->from, attachment->id)) {
			if (attachment->pos > last)
				last = attachment->pos;
			continue;
		}
		if (attachment->id[0] == '\0')
			diff->ids->next(diff->ids->cookie, attachment->id);
		attachment->pos = last += STEP;
		change = add(diff, CHANGE_LINK_ADD, attachment->id, &spare);
		change->new_text = copy_str(diff, model_str(attachment->name));
		change->new_url = copy_str(diff, model_str(attachment->url));
		change->new_pos = attachment->pos;
		card_change_fini(&spare);
	}
	for (size_t i = 0; i < diff->from->attachments.n; i++) {
		const struct attachment *old = &diff->from->attachments.v[i];

		if (!has_attachment(diff->to, old->id))
			add_texts(diff, CHANGE_ATTACHMENT_REMOVE, old->id, "",
			    model_str(old->name), NULL);
	}
}

static const struct comment *
comment_of(const struct card *card, const char *id)
{
	for (size_t i = 0; *id != '\0' && i < card->comments.n; i++)
		if (strcmp(card->comments.v[i].id, id) == 0)
			return &card->comments.v[i];
	return NULL;
}

static void
diff_comment(struct diff *diff, struct comment *comment)
{
	const struct comment *old = comment_of(diff->from, comment->id);
	struct card_change spare = {0}, *change;

	if (comment->id[0] != '\0') {
		/* One that `from` does not have yet came in the meantime. */
		if (old == NULL ||
		    strcmp(model_str(old->text), model_str(comment->text)) != 0)
			add_texts(diff, CHANGE_COMMENT_EDIT, comment->id, "",
			    old != NULL ? model_str(old->text) : NULL,
			    model_str(comment->text));
		return;
	}
	diff->ids->next(diff->ids->cookie, comment->id);
	change = add(diff, CHANGE_COMMENT_ADD, comment->id, &spare);
	change->new_text = copy_str(diff, model_str(comment->text));
	change->new_ms = comment->date_ms;
	card_change_fini(&spare);
}

static void
diff_comments(struct diff *diff)
{
	for (size_t i = 0; i < diff->from->comments.n; i++) {
		const struct comment *old = &diff->from->comments.v[i];

		if (comment_of(diff->to, old->id) == NULL)
			add_texts(diff, CHANGE_COMMENT_REMOVE, old->id, "",
			    model_str(old->text), NULL);
	}
	for (size_t i = 0; i < diff->to->comments.n; i++)
		diff_comment(diff, &diff->to->comments.v[i]);
}

int
card_diff(const struct card *from, struct card *to, const struct id_source *ids,
    struct card_changes *ret_changes)
{
	struct card_changes changes = {0};
	struct diff diff = {
	    .from = from, .to = to, .ids = ids, .changes = &changes};

	diff.err = index_items(&diff);
	diff_text(&diff, CHANGE_TITLE, from->name, to->name);
	diff_text(&diff, CHANGE_DESC, from->desc, to->desc);
	diff_date(&diff, CHANGE_START, from->start_ms, to->start_ms);
	diff_date(&diff, CHANGE_DUE, from->due_ms, to->due_ms);
	diff_flag(
	    &diff, CHANGE_DONE, "", "", from->due_complete, to->due_complete);
	diff_ids(&diff, CHANGE_LABEL_REMOVE, &from->id_labels, &to->id_labels);
	diff_ids(&diff, CHANGE_LABEL_ADD, &to->id_labels, &from->id_labels);
	diff_ids(
	    &diff, CHANGE_MEMBER_REMOVE, &from->id_members, &to->id_members);
	diff_ids(&diff, CHANGE_MEMBER_ADD, &to->id_members, &from->id_members);
	diff_fields(&diff);
	if (diff.err == 0)
		diff_lists(&diff);
	for (size_t i = 0; i < to->checklists.n && diff.err == 0; i++)
		diff_items(&diff, &to->checklists.v[i]);
	remove_items(&diff);
	remove_lists(&diff);
	diff_attachments(&diff);
	diff_comments(&diff);
	free(diff.items);
	if (diff.err != 0) {
		card_changes_fini(&changes);
		return diff.err;
	}
	*ret_changes = changes;
	return 0;
}
