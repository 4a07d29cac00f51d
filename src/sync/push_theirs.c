#include "sync/push.h"

#include "store/base.h"
#include "store/nodes.h"
#include "sync/push_words.h"
#include "util/buf.h"
#include "util/log.h"

#include <errno.h>
#include <string.h>

/*
 * Of two values of one thing the later save wins; the log says what ours is
 * about to take the place of.
 */

static bool
is_third(const char *now, const struct card_change *change)
{
	now = model_str(now);
	return strcmp(now, model_str(change->old_text)) != 0 &&
	       strcmp(now, model_str(change->new_text)) != 0;
}

static bool
is_third_date(int64_t now_ms, const struct card_change *change)
{
	return now_ms != change->old_ms && now_ms != change->new_ms;
}

static bool
is_third_field(const struct card *card, const struct card_change *change)
{
	static const struct field_value none = {.id_field = ""};
	const struct field_value *value = &none;

	for (size_t i = 0; i < card->fields.n; i++)
		if (strcmp(card->fields.v[i].id_field, change->id) == 0)
			value = &card->fields.v[i];
	if (change->old_id[0] == '\0' && change->new_id[0] == '\0')
		return is_third(value->value, change);
	return strcmp(value->id_option, change->old_id) != 0 &&
	       strcmp(value->id_option, change->new_id) != 0;
}

static bool
is_third_part(const struct card *card, const struct card_change *change)
{
	for (size_t i = 0; i < card->checklists.n; i++) {
		const struct checklist *list = &card->checklists.v[i];

		if (strcmp(list->id, change->id) == 0)
			return is_third(list->name, change);
		for (size_t j = 0; j < list->items.n; j++)
			if (strcmp(list->items.v[j].id, change->id) == 0)
				return is_third(list->items.v[j].name, change);
	}
	return false;
}

static bool
is_third_comment(const struct card *card, const struct card_change *change)
{
	for (size_t i = 0; i < card->comments.n; i++)
		if (strcmp(card->comments.v[i].id, change->id) == 0)
			return change->old_text != NULL &&
			       is_third(card->comments.v[i].text, change);
	return false;
}

/* Whether somebody else has set, meanwhile, what the entry changes: Trello has
 * neither what it was nor what it is to be. */
static bool
was_changed(const struct card *card, const struct entry *entry)
{
	const struct card_change *change = &entry->change;

	/* What was sent before may have been done since. */
	if (entry->kind != ENTRY_CARD_CHANGE || entry->state != ENTRY_NEW ||
	    entry->tries > 0)
		return false;
	switch (change->kind) {
	case CHANGE_TITLE:
		return is_third(card->name, change);
	case CHANGE_START:
		return is_third_date(card->start_ms, change);
	case CHANGE_DUE:
		return is_third_date(card->due_ms, change);
	case CHANGE_FIELD:
		return is_third_field(card, change);
	case CHANGE_CHECKLIST_NAME:
	case CHANGE_ITEM_NAME:
		return is_third_part(card, change);
	case CHANGE_COMMENT_EDIT:
		return is_third_comment(card, change);
	default:
		return false;
	}
}

static int
tell(struct tx *tx, const struct entry *entry)
{
	struct buf path = BUF_INIT, what = BUF_INIT;
	struct node node;
	int r = node_by_id(tx, entry->object, &node);

	if (r == 0)
		r = node_path(tx, &node, &path);
	if (r == 0)
		r = push_words_add(tx, entry, &what);
	if (r == 0)
		log_notice("%s: somebody else has changed this, too: %s, saved "
			   "later, takes its place",
		    buf_str(&path), buf_str(&what));
	buf_free(&path);
	buf_free(&what);
	return r == -ENOENT ? 0 : r;
}

int
push_note_theirs(struct tx *tx, const struct step *step)
{
	struct card card;
	int r;

	if (entry_about(step->group.list.v[0].kind) != ABOUT_CARD)
		return 0;
	r = base_card(tx, step->object, &card);
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	for (size_t i = 0; i < step->group.list.n && r == 0; i++)
		if (was_changed(&card, &step->group.list.v[i]))
			r = tell(tx, &step->group.list.v[i]);
	card_fini(&card);
	return r;
}
