#include "sync/join.h"

#include <string.h>

/*
 * A board's description and labels.  Of what has not been sent only the last
 * counts, and what is as it was goes.
 */

static bool
is_same(const char *a, const char *b)
{
	return strcmp(model_str(a), model_str(b)) == 0;
}

/* All strings are borrowed: nothing of `merged` is freed. */
static int
replace_desc(struct tx *tx, const struct entry *old, const struct entry *now)
{
	struct entry merged = *now;

	if (is_same(old->old_title, now->title))
		return journal_remove(tx, old->seq);
	merged.seq = old->seq;
	merged.old_title = old->old_title;
	return journal_replace(tx, &merged);
}

static int
replace_label(struct tx *tx, const struct entry *old, const struct entry *now)
{
	struct entry merged = *now;

	if (now->kind == ENTRY_LABEL_REMOVE && old->kind == ENTRY_LABEL_ADD)
		return journal_remove(tx, old->seq);
	if (now->kind == ENTRY_LABEL_REMOVE) {
		int r = journal_remove(tx, old->seq);

		return r == 0 ? journal_add(tx, &merged) : r;
	}
	merged.kind = old->kind;
	merged.change.old_text = old->change.old_text;
	memcpy(merged.change.old_id, old->change.old_id,
	    sizeof merged.change.old_id);
	if (old->kind == ENTRY_LABEL_CHANGE &&
	    is_same(merged.change.old_text, merged.change.new_text) &&
	    is_same(merged.change.old_id, merged.change.new_id))
		return journal_remove(tx, old->seq);
	merged.seq = old->seq;
	return journal_replace(tx, &merged);
}

/* The one that the new one takes the place of, or NULL. */
static const struct entry *
find_old(const struct entries *entries, const struct entry *now)
{
	for (size_t i = entries->list.n; i > 0; i--) {
		const struct entry *old = &entries->list.v[i - 1];

		if (old->state != ENTRY_NEW)
			continue;
		if (now->kind == ENTRY_BOARD_DESC &&
		    old->kind == ENTRY_BOARD_DESC)
			return old;
		if (entry_is_label(now->kind) && entry_is_label(old->kind) &&
		    old->kind != ENTRY_LABEL_REMOVE &&
		    strcmp(now->change.id, old->change.id) == 0)
			return old;
	}
	return NULL;
}

int
join_board(struct tx *tx, struct entry *entry)
{
	struct entries entries = {0};
	const struct entry *old;
	int r = journal_of(tx, entry->object, &entries);

	old = r == 0 ? find_old(&entries, entry) : NULL;
	if (r == 0 && old == NULL)
		r = journal_add(tx, entry);
	else if (r == 0 && entry->kind == ENTRY_BOARD_DESC)
		r = replace_desc(tx, old, entry);
	else if (r == 0)
		r = replace_label(tx, old, entry);
	entries_fini(&entries);
	return r;
}
