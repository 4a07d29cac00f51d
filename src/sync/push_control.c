#include "sync/push.h"

#include "store/accept.h"
#include "store/archives.h"
#include "store/folder.h"
#include "store/problems.h"
#include "store/saves.h"
#include "store/store.h"
#include "store/unmake.h"
#include "store/view.h"
#include "sync/push_words.h"
#include "util/log.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* More cards than these are not archived without asking. */
#define BREAKER_CARDS 50

static int
hold(struct sync *sync)
{
	struct tx *tx;
	int64_t n = 0;
	int r = store_write(sync->store, &tx);

	if (r != 0)
		return r;
	r = archives_hold(tx, BREAKER_CARDS, &n);
	if (r == 0 && n > 0)
		return store_commit(tx);
	store_end(tx);
	return r;
}

/* Once, from when something is held until nothing is. */
static void
tell_held(struct push *push, int64_t held)
{
	if (held > 0 && !push->held_told)
		log_warning("changes that archive or close a lot are held: "
			    "write to .trellofs/control/confirm to send them, "
			    "to .trellofs/control/discard to take them back");
	push->held_told = held > 0;
}

int
push_check_breaker(struct sync *sync)
{
	struct journal_counts counts = {0};
	struct tx *tx;
	int wait, r = store_read(sync->store, true, &tx);

	if (r != 0)
		return r;
	wait = archives_wait(tx);
	r = wait < 0 ? wait : journal_counts(tx, &counts);
	store_end(tx);
	if (r == 0 && wait > 0) {
		r = hold(sync);
		if (r == 0)
			r = store_read(sync->store, false, &tx);
		if (r != 0)
			return r;
		r = journal_counts(tx, &counts);
		store_end(tx);
	}
	if (r == 0)
		tell_held(sync->push, counts.held);
	return r;
}

/* A draft that only stands for what was refused gives way to the card's text
 * with the change in it. */
static int
end_draft(struct folder_changes *changes, const char *object, bool *ret_draft)
{
	struct save save = {0};
	struct node node;
	int r = node_by_id(changes->tx, object, &node);

	*ret_draft = false;
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	r = problem_end(changes, node.ino);
	if (r == 0)
		r = save_get(changes->tx, node.ino, &save);
	if (r == 0 && save.draft) {
		*ret_draft = true;
		r = save_end(changes->tx, node.ino);
	}
	save_fini(&save);
	return r == -ENOENT ? 0 : r;
}

/* A title that is in no draft came with the name of the file. */
static int
show(struct sync *sync, struct folder_changes *changes,
    const struct entry *entry, bool draft)
{
	const struct view_show how = {.zone = sync->zone,
	    .rename = entry->kind == ENTRY_CARD_CHANGE &&
		      entry->change.kind == CHANGE_TITLE && !draft};
	int r;

	if (push_is_return(entry->kind))
		return push_show_return(sync, changes, entry);
	switch (entry->kind) {
	case ENTRY_BOARD_DESC: /* .board.md is made when it is asked for */
	case ENTRY_LABEL_ADD:
	case ENTRY_LABEL_CHANGE:
	case ENTRY_LABEL_REMOVE:
		return 0;
	case ENTRY_CARD_CHANGE:
	case ENTRY_CARD_CREATE:
	case ENTRY_CARD_MOVE:
	case ENTRY_CARD_ARCHIVE:
		r = push_forget_left(changes, entry);
		if (r == 0)
			r = view_show_card(changes, entry->object, &how);
		return r == -ENOENT ? 0 : r;
	case ENTRY_LIST_CREATE:
	case ENTRY_LIST_RENAME:
	case ENTRY_LIST_MOVE:
	case ENTRY_LIST_POS:
	case ENTRY_LIST_ARCHIVE:
		return accept_show_list(changes, entry->object, sync->zone);
	default:
		return accept_show_board(changes, entry->object);
	}
}

static int
retry_one(
    struct sync *sync, struct folder_changes *changes, struct entry *entry)
{
	bool refused = entry->state == ENTRY_REFUSED, draft = false;
	int r;

	if (entry->state == ENTRY_SENT || (!refused && entry->tries == 0))
		return 0;
	entry->state = ENTRY_NEW;
	entry->due_ms = time_wall_ms();
	free(entry->error);
	entry->error = NULL;
	r = journal_update(changes->tx, entry);
	if (r == 0 && refused)
		r = end_draft(changes, entry->object, &draft);
	return r == 0 && refused ? show(sync, changes, entry, draft) : r;
}

int
push_retry(struct sync *sync)
{
	struct folder_changes changes = {0};
	struct invalidations out = {0};
	struct entries entries = {0};
	int r = store_write(sync->store, &changes.tx);

	if (r != 0)
		return r;
	r = journal_all(changes.tx, &entries);
	for (size_t i = 0; i < entries.list.n && r == 0; i++)
		r = retry_one(sync, &changes, &entries.list.v[i]);
	entries_fini(&entries);
	r = folder_commit(&changes, r, &out);
	sync_invalidate(sync, &out);
	sync->push->gate_ms = 0;
	return r;
}

int
push_confirm(struct sync *sync)
{
	struct tx *tx;
	/* What was removed a moment ago is meant, too. */
	int r = push_check_breaker(sync);

	if (r == 0)
		r = store_write(sync->store, &tx);
	if (r != 0)
		return r;
	r = archives_confirm(tx);
	if (r == 0)
		return store_commit(tx);
	store_end(tx);
	return r;
}

static int
cancel_made(struct folder_changes *changes, const struct entry *made)
{
	struct node node;
	int r = node_by_id(changes->tx, made->object, &node);

	if (r == 0 && node_is_dir(&node))
		r = node_has_children(changes->tx, node.ino);
	if (r > 0)
		return -ENOTEMPTY;
	return r == 0 || r == -ENOENT ? unmake(changes, made->object) : r;
}

/* What was to be in a checklist that will not be made. */
static int
cancel_inside(struct tx *tx, const struct entry *checklist)
{
	struct entries entries = {0};
	int r = journal_of(tx, checklist->object, &entries);

	for (size_t i = 0; i < entries.list.n && r == 0; i++)
		if (strcmp(entries.list.v[i].change.parent,
			checklist->change.id) == 0)
			r = journal_remove(tx, entries.list.v[i].seq);
	entries_fini(&entries);
	return r;
}

static int
has_refused(struct tx *tx, const char *object)
{
	struct entries entries = {0};
	bool found = false;
	int r = journal_of(tx, object, &entries);

	for (size_t i = 0; i < entries.list.n; i++)
		found |= entries.list.v[i].state == ENTRY_REFUSED;
	entries_fini(&entries);
	return r != 0 ? r : found;
}

/* Something else of it was refused, too: that stays, and is told. */
static int
tell_rest(struct folder_changes *changes, const char *object)
{
	struct problem problem = {0};
	struct buf what = BUF_INIT;
	struct node node;
	int r = node_by_id(changes->tx, object, &node);

	if (r == 0)
		r = problem_get(changes->tx, node.ino, &problem);
	if (r == 0)
		r = push_words_what(changes->tx, object, &what);
	if (r == 0)
		r = problem_set(changes->tx, node.ino, buf_str(&what),
		    problem.why, problem.remedy, problem.text, problem.len);
	if (r == 0)
		r = problem_show(changes, &node);
	buf_free(&what);
	problem_fini(&problem);
	return r == -ENOENT ? 0 : r;
}

static int
end_refused(struct folder_changes *changes, const char *object, bool *ret_draft)
{
	int rest = has_refused(changes->tx, object);

	if (rest < 0)
		return rest;
	return rest ? tell_rest(changes, object)
		    : end_draft(changes, object, ret_draft);
}

static int
cancel_one(struct sync *sync, struct folder_changes *changes,
    const struct entry *entry)
{
	bool draft = false;
	int r;

	if (entry->state == ENTRY_SENT)
		return -EBUSY;
	if (entry->kind == ENTRY_CARD_CREATE ||
	    entry->kind == ENTRY_LIST_CREATE ||
	    entry->kind == ENTRY_BOARD_CREATE)
		return cancel_made(changes, entry);
	r = journal_remove(changes->tx, entry->seq);
	if (r == 0 && entry->change.kind == CHANGE_CHECKLIST_ADD &&
	    entry->kind == ENTRY_CARD_CHANGE)
		r = cancel_inside(changes->tx, entry);
	if (r == 0 && entry->state == ENTRY_REFUSED)
		r = end_refused(changes, entry->object, &draft);
	return r == 0 ? show(sync, changes, entry, draft) : r;
}

/* Boards come back before their lists, lists before their cards. */
static int
depth_of(const struct entry *entry)
{
	switch (entry_about(entry->kind)) {
	case ABOUT_BOARD:
		return 0;
	case ABOUT_LIST:
		return 1;
	default:
		return 2;
	}
}

/* Which entries are to be taken back: that of a number, the refused ones of an
 * object that are no texts, or those that are held. */
struct chosen {
	int64_t number;
	const char *object;
};

static bool
is_chosen(const struct chosen *chosen, const struct entry *entry)
{
	bool text = entry->kind == ENTRY_CARD_CREATE ||
		    (entry->kind == ENTRY_CARD_CHANGE &&
			entry->change.kind != CHANGE_TITLE);

	if (chosen->number != 0)
		return entry->seq == chosen->number;
	if (chosen->object != NULL)
		return strcmp(entry->object, chosen->object) == 0 &&
		       entry->state == ENTRY_REFUSED && !text;
	return entry->held;
}

static int
cancel(struct sync *sync, const struct chosen *chosen)
{
	struct folder_changes changes = {0};
	struct invalidations out = {0};
	struct entries entries = {0};
	size_t n = 0;
	int r = store_write(sync->store, &changes.tx);

	if (r != 0)
		return r;
	r = journal_all(changes.tx, &entries);
	for (int depth = 0; depth < 3; depth++)
		for (size_t i = 0; i < entries.list.n && r == 0; i++) {
			const struct entry *entry = &entries.list.v[i];

			if (depth_of(entry) != depth ||
			    !is_chosen(chosen, entry))
				continue;
			r = cancel_one(sync, &changes, entry);
			n++;
		}
	entries_fini(&entries);
	if (r == 0 && n == 0)
		r = -ENOENT;
	r = folder_commit(&changes, r, &out);
	sync_invalidate(sync, &out);
	return r;
}

int
push_discard(struct sync *sync)
{
	int r = push_check_breaker(sync);

	return r == 0 ? cancel(sync, &(struct chosen){0}) : r;
}

int
push_cancel(struct sync *sync, int64_t number)
{
	return number > 0 ? cancel(sync, &(struct chosen){.number = number})
			  : -ENOENT;
}

int
push_take_back(struct sync *sync, const char *object)
{
	return cancel(sync, &(struct chosen){.object = object});
}
