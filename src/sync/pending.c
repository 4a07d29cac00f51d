#include "sync/private.h"
#include "sync/push.h"

#include "store/base.h"
#include "store/journal.h"
#include "store/nodes.h"
#include "store/notes.h"
#include "store/problems.h"
#include "store/saves.h"
#include "store/spool.h"
#include "store/store.h"
#include "util/buf.h"
#include "util/timeutil.h"
#include "util/utf8.h"

#include <errno.h>
#include <string.h>

#define SAVES_SHOWN 256

static void
add_what(struct sync *sync, struct buf *out, const struct entry *entry)
{
	static const char *const names[ENTRY_KINDS] = {
	    [ENTRY_CARD_CREATE] = "create",
	    [ENTRY_CARD_MOVE] = "move",
	    [ENTRY_CARD_ARCHIVE] = "archive",
	    [ENTRY_LIST_CREATE] = "create-list",
	    [ENTRY_LIST_RENAME] = "rename-list",
	    [ENTRY_CARD_RESTORE] = "restore",
	    [ENTRY_CARD_DELETE] = "delete",
	    [ENTRY_LIST_RESTORE] = "restore-list",
	    [ENTRY_BOARD_REOPEN] = "reopen-board",
	    [ENTRY_BOARD_DESC] = "describe-board",
	    [ENTRY_LABEL_ADD] = "create-label",
	    [ENTRY_LABEL_CHANGE] = "change-label",
	    [ENTRY_LABEL_REMOVE] = "delete-label",
	    [ENTRY_LIST_POS] = "place-list",
	    [ENTRY_LIST_MOVE] = "move-list",
	    [ENTRY_LIST_ARCHIVE] = "archive-list",
	    [ENTRY_BOARD_CREATE] = "create-board",
	    [ENTRY_BOARD_RENAME] = "rename-board",
	    [ENTRY_BOARD_CLOSE] = "close-board",
	};
	int64_t sent;

	(void)buf_add_str(out, entry->kind == ENTRY_CARD_CHANGE
				   ? card_change_kind_name(entry->change.kind)
				   : names[entry->kind]);
	if (entry->held)
		(void)buf_add_str(out, " (held)");
	if (entry->state == ENTRY_REFUSED)
		(void)buf_add_str(out, " (refused)");
	else if (push_progress(sync, entry->seq, &sent))
		(void)buf_printf(out, " (%lld%%)",
		    entry->change.new_bytes > 0
			? (long long)(sent * 100 / entry->change.new_bytes)
			: 100LL);
}

/* What begins at start is to be on one line, and harmless on a terminal: a
 * name that was just given may hold anything. */
static int
make_printable(struct buf *out, size_t start)
{
	if (out->err == 0 && out->len > start) {
		utf8_make_printable(out->data + start);
		out->len = start + strlen(out->data + start);
	}
	return out->err;
}

static int
add_path(struct tx *tx, const struct node *node, struct buf *out)
{
	size_t start = out->len;
	int r = node_path(tx, node, out);

	return r == 0 ? make_printable(out, start) : r;
}

/* Where it is; what is nowhere any more, where it was. */
static int
add_place(struct tx *tx, const struct entry *entry, struct buf *out)
{
	struct node node, folder;
	int r;

	if (entry->kind == ENTRY_CARD_CHANGE &&
	    entry->change.kind == CHANGE_FILE_ADD &&
	    node_by_id(tx, entry->change.id, &node) == 0)
		return add_path(tx, &node, out);
	r = node_by_id(tx, entry->object, &node);
	if (r == -ENOENT)
		return buf_add_str(out, entry->object);
	if (r != 0)
		return r;
	if (node.parent == 0 && node.kind != NODE_BOARD &&
	    node_by_id(tx, entry->list[0] != '\0' ? entry->list : entry->board,
		&folder) == 0) {
		r = add_path(tx, &folder, out);
		(void)buf_add_char(out, '/');
	}
	return r == 0 ? add_path(tx, &node, out) : r;
}

static int
add_entry(struct sync *sync, struct tx *tx, const struct entry *entry,
    struct buf *out)
{
	int r;

	(void)buf_printf(out, "%lld %llds %u ", (long long)entry->seq,
	    (long long)(time_wall_ms() - entry->at_ms) / 1000, entry->tries);
	add_what(sync, out, entry);
	(void)buf_add_char(out, ' ');
	r = add_place(tx, entry, out);
	(void)buf_add_char(out, '\n');
	return r;
}

/* Texts that somebody is still writing are no changes yet. */
static int
add_saves(struct tx *tx, struct buf *out)
{
	uint64_t inos[SAVES_SHOWN];
	struct node node;
	size_t n = 0;
	int r = saves_before(tx, INT64_MAX, inos, SAVES_SHOWN, &n);

	for (size_t i = 0; i < n && r == 0; i++) {
		struct save save = {0};

		r = node_get(tx, inos[i], &node);
		if (r == 0)
			r = save_get(tx, inos[i], &save);
		if (r != 0)
			break;
		(void)buf_printf(out, "- %llds 0 being-written ",
		    (long long)(time_wall_ms() - save.since_ms) / 1000);
		save_fini(&save);
		r = add_path(tx, &node, out);
		(void)buf_add_char(out, '\n');
	}
	return r;
}

static int
add_spools(struct tx *tx, struct buf *out)
{
	uint64_t inos[SAVES_SHOWN];
	struct node node;
	size_t n = 0;
	int r = spools_before(tx, INT64_MAX, inos, SAVES_SHOWN, &n);

	for (size_t i = 0; i < n && r == 0; i++) {
		struct spool spool;

		r = node_get(tx, inos[i], &node);
		if (r == 0)
			r = spool_get(tx, inos[i], &spool);
		if (r != 0)
			break;
		(void)buf_printf(out, "- %llds 0 being-written ",
		    (long long)(time_wall_ms() - spool.last_ms) / 1000);
		r = add_path(tx, &node, out);
		(void)buf_add_char(out, '\n');
	}
	return r;
}

int
sync_pending_text(struct sync *sync, struct buf *out)
{
	struct entries entries = {0};
	struct tx *tx;
	int r = store_read(sync->store, true, &tx);

	if (r != 0)
		return r;
	r = journal_all(tx, &entries);
	for (size_t i = 0; i < entries.list.n && r == 0; i++)
		r = add_entry(sync, tx, &entries.list.v[i], out);
	if (r == 0)
		r = add_saves(tx, out);
	if (r == 0)
		r = add_spools(tx, out);
	store_end(tx);
	entries_fini(&entries);
	return r != 0 ? r : out->err;
}

struct problem_list {
	struct tx *tx;
	struct buf *out;
};

static int
add_board_problem(void *cookie, const char *name, const char *why)
{
	struct problem_list *list = cookie;

	return buf_printf(list->out, "%s: cannot be had: %s\n", name, why);
}

static int
add_problem(void *cookie, const struct problem *problem)
{
	struct problem_list *list = cookie;
	struct node node, file;
	int r = node_get(list->tx, problem->ino, &node);

	if (r != 0)
		return r == -ENOENT ? 0 : r;
	/* The card may be nowhere; what tells of it is not. */
	if (problem->file != 0 &&
	    node_get(list->tx, problem->file, &file) == 0) {
		file.name[strlen(file.name) - strlen(PROBLEM_SUFFIX)] = '\0';
		r = add_path(list->tx, &file, list->out);
	} else {
		r = add_path(list->tx, &node, list->out);
	}
	if (r != 0)
		return r;
	(void)buf_printf(list->out, ": %s: %s", problem->what, problem->why);
	/* Of a card the file beside it says what to do. */
	if (!node_is_text(&node))
		(void)buf_printf(list->out, ": %s", problem->remedy);
	return buf_add_char(list->out, '\n');
}

static int
add_note(void *cookie, const struct note *note)
{
	struct problem_list *list = cookie;
	size_t start = list->out->len;
	bool at_root = note->ino == NODE_ROOT;
	struct node node;
	int r = node_get(list->tx, note->ino, &node);

	if (r == 0 && !at_root)
		r = node_path(list->tx, &node, list->out);
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	if (note->name[0] != '\0')
		(void)buf_printf(
		    list->out, "%s%s", at_root ? "" : "/", note->name);
	(void)make_printable(list->out, start);
	return buf_printf(list->out, ": %s: %s\n", note->what, note->why);
}

void
sync_set_search_error(struct sync *sync, const char *line)
{
	(void)pthread_mutex_lock(&sync->lock);
	buf_clear(&sync->search_error);
	(void)buf_add_str(&sync->search_error, line);
	(void)pthread_mutex_unlock(&sync->lock);
}

static void
add_search_error(struct sync *sync, struct buf *out)
{
	(void)pthread_mutex_lock(&sync->lock);
	if (sync->search_error.len > 0)
		(void)buf_printf(
		    out, ".trellofs/search/%s\n", buf_str(&sync->search_error));
	(void)pthread_mutex_unlock(&sync->lock);
}

int
sync_problems_text(struct sync *sync, struct buf *out)
{
	struct problem_list list = {.out = out};
	int r = store_read(sync->store, true, &list.tx);

	if (r != 0)
		return r;
	r = base_each_problem(list.tx, add_board_problem, &list);
	if (r == 0)
		r = problem_each(list.tx, add_problem, &list);
	if (r == 0)
		r = note_each(list.tx, add_note, &list);
	store_end(list.tx);
	add_search_error(sync, out);
	return r != 0 ? r : out->err;
}
