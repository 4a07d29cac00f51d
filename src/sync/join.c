#include "sync/join.h"

#include "model/model.h"
#include "text/merge.h"
#include "util/buf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* How two changes of one thing meet, the earlier one not sent yet. */
enum meeting {
	MEET_NOT,     /* they do not */
	MEET_REPLACE, /* the earlier one takes the later one's value */
	MEET_CANCEL,  /* both are gone */
	MEET_ABSORB,  /* the earlier one (an addition) takes the new words */
};

/* Kinds that undo each other. */
static const struct {
	enum card_change_kind first, second;
} opposites[] = {
    {CHANGE_LABEL_ADD, CHANGE_LABEL_REMOVE},
    {CHANGE_LABEL_REMOVE, CHANGE_LABEL_ADD},
    {CHANGE_MEMBER_ADD, CHANGE_MEMBER_REMOVE},
    {CHANGE_MEMBER_REMOVE, CHANGE_MEMBER_ADD},
    {CHANGE_ITEM_ADD, CHANGE_ITEM_REMOVE},
    {CHANGE_LINK_ADD, CHANGE_ATTACHMENT_REMOVE},
    {CHANGE_FILE_ADD, CHANGE_ATTACHMENT_REMOVE},
    {CHANGE_COMMENT_ADD, CHANGE_COMMENT_REMOVE},
};

/* Changes that an addition can take over. */
static const struct {
	enum card_change_kind first, second;
} absorptions[] = {
    {CHANGE_ITEM_ADD, CHANGE_ITEM_NAME},
    {CHANGE_ITEM_ADD, CHANGE_ITEM_STATE},
    {CHANGE_ITEM_ADD, CHANGE_ITEM_MOVE},
    {CHANGE_CHECKLIST_ADD, CHANGE_CHECKLIST_MOVE},
    {CHANGE_CHECKLIST_ADD, CHANGE_CHECKLIST_NAME},
    {CHANGE_COMMENT_ADD, CHANGE_COMMENT_EDIT},
};

static bool
is_value(enum card_change_kind kind)
{
	switch (kind) {
	case CHANGE_TITLE:
	case CHANGE_DESC:
	case CHANGE_START:
	case CHANGE_DUE:
	case CHANGE_DONE:
	case CHANGE_FIELD:
	case CHANGE_CHECKLIST_NAME:
	case CHANGE_ITEM_NAME:
	case CHANGE_ITEM_STATE:
	case CHANGE_COMMENT_EDIT:
		return true;
	default:
		return false;
	}
}

static enum meeting
meet(const struct entry *old, const struct entry *now)
{
	const struct card_change *a = &old->change, *b = &now->change;

	if (old->kind != ENTRY_CARD_CHANGE || now->kind != ENTRY_CARD_CHANGE ||
	    old->state != ENTRY_NEW || strcmp(a->id, b->id) != 0)
		return MEET_NOT;
	if (a->kind == b->kind && is_value(a->kind))
		return MEET_REPLACE;
	for (size_t i = 0; i < sizeof opposites / sizeof opposites[0]; i++)
		if (opposites[i].first == a->kind &&
		    opposites[i].second == b->kind)
			return MEET_CANCEL;
	for (size_t i = 0; i < sizeof absorptions / sizeof absorptions[0]; i++)
		if (absorptions[i].first == a->kind &&
		    absorptions[i].second == b->kind &&
		    strcmp(a->parent, b->parent) == 0)
			return MEET_ABSORB;
	return MEET_NOT;
}

static bool
is_nothing(const struct card_change *change)
{
	return strcmp(model_str(change->old_text),
		   model_str(change->new_text)) == 0 &&
	       strcmp(change->old_id, change->new_id) == 0 &&
	       change->old_ms == change->new_ms &&
	       change->old_flag == change->new_flag;
}

/* A description that does not come from the earlier one: who wrote it had not
 * seen that.  Both are to be found in the one that is sent. */
static int
merge(const struct card_change *a, const struct card_change *b, struct buf *out)
{
	bool conflict = false;

	if (a->kind != CHANGE_DESC ||
	    strcmp(model_str(a->new_text), model_str(b->old_text)) == 0)
		return buf_add_str(out, model_str(b->new_text));
	return text_merge(model_str(b->old_text), model_str(b->new_text),
	    model_str(a->new_text), out, &conflict);
}

/* All strings are borrowed: nothing of `merged` is freed. */
static int
replace_with(
    struct tx *tx, const struct entry *old, const struct entry *now, char *text)
{
	struct entry merged = *now;

	if (merged.change.new_text != NULL)
		merged.change.new_text = text;
	merged.change.old_text = old->change.old_text;
	merged.change.old_ms = old->change.old_ms;
	merged.change.old_flag = old->change.old_flag;
	memcpy(merged.change.old_id, old->change.old_id,
	    sizeof merged.change.old_id);
	if (is_nothing(&merged.change))
		return journal_remove(tx, old->seq);
	merged.seq = old->seq;
	return journal_replace(tx, &merged);
}

static int
replace(struct tx *tx, const struct entry *old, const struct entry *now)
{
	struct buf text = BUF_INIT;
	int r = merge(&old->change, &now->change, &text);
	char *merged = r == 0 ? buf_steal(&text) : NULL;

	if (r == 0 && merged == NULL)
		r = -ENOMEM;
	if (r == 0)
		r = replace_with(tx, old, now, merged);
	free(merged);
	buf_free(&text);
	return r;
}

static int
absorb(struct tx *tx, const struct entry *old, const struct entry *now)
{
	struct entry merged = *old;

	if (now->change.kind == CHANGE_ITEM_STATE)
		merged.change.new_flag = now->change.new_flag;
	else if (now->change.kind == CHANGE_ITEM_MOVE ||
		 now->change.kind == CHANGE_CHECKLIST_MOVE)
		merged.change.new_pos = now->change.new_pos;
	else
		merged.change.new_text = now->change.new_text;
	merged.due_ms = now->due_ms;
	return journal_replace(tx, &merged);
}

/* What was made and is taken away again leaves nothing behind, neither what
 * was done to it meanwhile. */
static int
cancel(struct tx *tx, const struct entries *entries, const struct entry *old)
{
	int r = journal_remove(tx, old->seq);

	for (size_t i = 0; i < entries->list.n && r == 0; i++) {
		const struct entry *other = &entries->list.v[i];

		if (other->seq > old->seq && other->state == ENTRY_NEW &&
		    journal_is_own_id(old->change.id) &&
		    strcmp(other->change.id, old->change.id) == 0)
			r = journal_remove(tx, other->seq);
	}
	return r;
}

/* What goes need not be changed before. */
static bool
is_moot(const struct entry *old, const struct entry *now)
{
	const struct card_change *a = &old->change, *b = &now->change;

	if (old->kind != ENTRY_CARD_CHANGE || now->kind != ENTRY_CARD_CHANGE ||
	    old->state != ENTRY_NEW || strcmp(a->id, b->id) != 0)
		return false;
	switch (b->kind) {
	case CHANGE_ITEM_REMOVE:
		return a->kind == CHANGE_ITEM_NAME ||
		       a->kind == CHANGE_ITEM_STATE ||
		       (a->kind == CHANGE_ITEM_MOVE &&
			   strcmp(a->old_id, a->parent) == 0);
	case CHANGE_CHECKLIST_REMOVE:
		return a->kind == CHANGE_CHECKLIST_NAME ||
		       a->kind == CHANGE_CHECKLIST_MOVE;
	case CHANGE_COMMENT_REMOVE:
		return a->kind == CHANGE_COMMENT_EDIT;
	default:
		return false;
	}
}

/* entry is left as it would be without them; its strings are borrowed. */
static int
drop_moot(struct tx *tx, const struct entries *entries, struct entry *entry)
{
	int r = 0;

	for (size_t i = entries->list.n; i > 0 && r == 0; i--) {
		const struct entry *old = &entries->list.v[i - 1];
		const struct card_change *change = &old->change;

		if (!is_moot(old, entry))
			continue;
		if (change->kind == CHANGE_ITEM_MOVE ||
		    change->kind == CHANGE_CHECKLIST_MOVE)
			entry->change.old_pos = change->old_pos;
		else if (change->kind == CHANGE_ITEM_STATE)
			entry->change.old_flag = change->old_flag;
		else
			entry->change.old_text = change->old_text;
		r = journal_remove(tx, old->seq);
	}
	return r;
}

/* The change itself is the caller's and stays as it is. */
static int
add(struct tx *tx, const struct entries *entries, struct entry *entry)
{
	struct entry alone = *entry;
	int r = drop_moot(tx, entries, &alone);

	if (r == 0)
		r = journal_add(tx, &alone);
	entry->seq = alone.seq;
	return r;
}

static int
join_change(struct tx *tx, struct entry *entry)
{
	struct entries entries = {0};
	enum meeting meeting = MEET_NOT;
	const struct entry *old = NULL;
	int r = journal_of(tx, entry->object, &entries);

	for (size_t i = entries.list.n; r == 0 && i > 0; i--) {
		old = &entries.list.v[i - 1];
		meeting = meet(old, entry);
		if (meeting != MEET_NOT)
			break;
	}
	if (r == 0 && meeting == MEET_NOT)
		r = add(tx, &entries, entry);
	else if (r == 0 && meeting == MEET_REPLACE)
		r = replace(tx, old, entry);
	else if (r == 0 && meeting == MEET_CANCEL)
		r = cancel(tx, &entries, old);
	else if (r == 0)
		r = absorb(tx, old, entry);
	entries_fini(&entries);
	return r;
}

int
join_add(struct tx *tx, struct entry *entry)
{
	switch (entry->kind) {
	case ENTRY_CARD_CHANGE:
		return join_change(tx, entry);
	case ENTRY_CARD_MOVE:
	case ENTRY_LIST_RENAME:
	case ENTRY_LIST_MOVE:
	case ENTRY_LIST_POS:
	case ENTRY_BOARD_RENAME:
		return join_place(tx, entry);
	case ENTRY_BOARD_DESC:
	case ENTRY_LABEL_ADD:
	case ENTRY_LABEL_CHANGE:
	case ENTRY_LABEL_REMOVE:
		return join_board(tx, entry);
	default:
		return journal_add(tx, entry);
	}
}

int
join_again(struct tx *tx, const char *object)
{
	struct entries entries = {0};
	int r = journal_of(tx, object, &entries);

	for (size_t i = 0; i < entries.list.n && r == 0; i++)
		if (entries.list.v[i].state == ENTRY_NEW)
			r = journal_remove(tx, entries.list.v[i].seq);
	for (size_t i = 0; i < entries.list.n && r == 0; i++)
		if (entries.list.v[i].state == ENTRY_NEW)
			r = join_add(tx, &entries.list.v[i]);
	entries_fini(&entries);
	return r;
}
