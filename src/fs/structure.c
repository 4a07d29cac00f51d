#include "fs/structure.h"

#include "store/archives.h"
#include "store/base.h"
#include "store/folder.h"
#include "store/journal.h"
#include "store/naming.h"
#include "store/numbering.h"
#include "store/problems.h"
#include "store/resettle.h"
#include "store/unmake.h"
#include "store/view.h"
#include "sync/join.h"
#include "sync/settle_order.h"
#include "text/names.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CREATE_WAIT_MS 3000
#define REMOVE_WAIT_MS 10000
#define RENAME_WAIT_MS 1000
#define POS_STEP 16384.0

static void
set_id(char target[MODEL_ID_SIZE], const char *id)
{
	(void)snprintf(target, MODEL_ID_SIZE, "%s", id);
}

static void
set_name(struct node *node, const char *name)
{
	(void)snprintf(node->name, sizeof node->name, "%s", name);
}

/* What was refused of it is not wanted any more; its making still is. */
static int
end_problem(struct folder_changes *changes, const struct node *node)
{
	int r = journal_end_refused(changes->tx, node->id);

	return r == 0 ? problem_end(changes, node->ino) : r;
}

static bool
is_ending(enum entry_kind kind)
{
	return kind == ENTRY_LIST_ARCHIVE || kind == ENTRY_BOARD_CLOSE;
}

/* The number of a list is no part of its title. */
static int
title_of(
    struct tx *tx, const struct node *node, const char *name, char **ret_title)
{
	size_t place;

	if (node->kind == NODE_LIST)
		name = numbering_split(tx, name, &place);
	return title_from_new_name(name, "", ret_title);
}

/* Journal what is done to a list or a board: name gives its title.  What goes
 * is known by the name that it had. */
static int
journal(struct folder_changes *changes, enum entry_kind kind,
    const struct node *node, const char *board, const char *name,
    int64_t wait_ms)
{
	struct entry entry = {.kind = kind, .at_ms = time_wall_ms()};
	char *title = NULL, *old = NULL;
	int r = name != NULL ? title_of(changes->tx, node, name, &title) : 0;

	if (r == 0 && name != NULL)
		r = title_of(changes->tx, node, node->name, &old);
	if (is_ending(kind) && (title = strdup(node->name)) == NULL)
		r = -ENOMEM;
	entry.due_ms = entry.at_ms + wait_ms;
	entry.title = title;
	entry.old_title = old;
	entry.pos = node->pos;
	entry.held = kind == ENTRY_BOARD_CLOSE;
	set_id(entry.object, node->id);
	set_id(entry.board, board);
	if (r == 0)
		r = end_problem(changes, node);
	if (r == 0)
		r = join_add(changes->tx, &entry);
	free(title);
	free(old);
	return r;
}

static void
start_node(
    struct node *node, enum node_kind kind, uint64_t parent, const char *name)
{
	*node = (struct node){.kind = kind,
	    .parent = parent,
	    .mode = -1,
	    .uid = -1,
	    .gid = -1,
	    .mtime_ns = time_wall_ns()};
	node->ctime_ns = node->mtime_ns;
	set_name(node, name);
}

/* Put it elsewhere, or under another name. */
static int
place_as(struct folder_changes *changes, const struct node *old,
    uint64_t parent, const char *name)
{
	struct node node = *old;

	node.parent = parent;
	node.ctime_ns = time_wall_ns();
	set_name(&node, name);
	return folder_place(changes, old, &node);
}

/* It is back, before Trello has heard that it was gone.  board: NULL for
 * boards themselves.  -ENOENT: there is none. */
static int
bring_back(struct folder_changes *changes, enum entry_kind kind,
    const struct node *board, const char *name, struct node *ret_node)
{
	struct entry removed = {0};
	int r = archives_find(changes->tx, kind,
	    board != NULL ? board->id : NULL, NULL, name, &removed);

	if (r == 0)
		r = node_by_id(changes->tx, removed.object, ret_node);
	if (r == 0)
		r = journal_remove(changes->tx, removed.seq);
	if (r == 0 && board == NULL)
		r = folder_board_off(changes, name, &ret_node->off);
	if (r == 0)
		r = place_as(changes, ret_node,
		    board != NULL ? board->ino : NODE_ROOT, name);
	if (r == 0 && board != NULL)
		r = folder_order(changes, board->ino, NODE_LIST);
	if (r == 0)
		r = node_get(changes->tx, ret_node->ino, ret_node);
	entry_fini(&removed);
	return r;
}

/* The number that a list was given with its name is its place. */
static int
place_by_name(const struct settle_context *context,
    struct folder_changes *changes, uint64_t list, const char *name)
{
	struct node node;
	size_t place;
	int r = 0;

	(void)numbering_split(changes->tx, name, &place);
	if (place > 0)
		r = node_get(changes->tx, list, &node);
	return r == 0 && place > 0
		   ? settle_place_at(context, changes, &node, place - 1)
		   : r;
}

int
list_create(const struct settle_context *context,
    struct folder_changes *changes, const struct node *board, const char *name,
    struct node *ret_node)
{
	double last = 0;
	int r = bring_back(changes, ENTRY_LIST_ARCHIVE, board, name, ret_node);

	if (r != -ENOENT)
		return r;
	start_node(ret_node, NODE_LIST, board->ino, name);
	r = journal_new_id(changes->tx, ret_node->id);
	if (r == 0)
		r = folder_last_pos(changes->tx, board->ino, NODE_LIST, &last);
	ret_node->pos = last + POS_STEP;
	ret_node->off = node_off_from_pos(ret_node->pos);
	if (r == 0)
		r = journal(changes, ENTRY_LIST_CREATE, ret_node, board->id,
		    name, CREATE_WAIT_MS);
	if (r == 0)
		r = folder_place(changes, NULL, ret_node);
	if (r == 0)
		r = folder_order(changes, board->ino, NODE_LIST);
	return r == 0 ? place_by_name(context, changes, ret_node->ino, name)
		      : r;
}

int
board_create(
    struct folder_changes *changes, const char *name, struct node *ret_node)
{
	char *title = NULL;
	int r = bring_back(changes, ENTRY_BOARD_CLOSE, NULL, name, ret_node);

	if (r != -ENOENT)
		return r;
	start_node(ret_node, NODE_BOARD, NODE_ROOT, name);
	r = journal_new_id(changes->tx, ret_node->id);
	if (r == 0)
		r = folder_board_off(changes, name, &ret_node->off);
	if (r == 0)
		r = title_from_new_name(name, "", &title);
	if (r == 0)
		r = base_set_own_board(changes->tx, ret_node->id, title);
	if (r == 0)
		r = journal(changes, ENTRY_BOARD_CREATE, ret_node, ret_node->id,
		    name, CREATE_WAIT_MS);
	if (r == 0)
		r = folder_place(changes, NULL, ret_node);
	free(title);
	return r;
}

/* What its cards cannot take along to another board. */
static int
tell_left(struct folder_changes *changes, const struct node *list,
    const char *from, const char *to)
{
	struct resettle resettle;
	struct buf left = BUF_INIT;
	model_ids ids = {0};
	int r = resettle_open(changes->tx, from, to, &resettle);

	if (r == 0)
		r = view_cards_below(changes->tx, list->ino, &ids);
	for (size_t i = 0; i < ids.n && r == 0; i++) {
		struct view_card view = {0};

		r = view_card(changes->tx, ids.v[i].s, NULL, &view);
		if (r == 0)
			r = resettle_card(&resettle, &view.card, &left);
		view_card_fini(&view);
		r = r == -ENOENT ? 0 : r;
	}
	resettle_close(&resettle);
	VEC_FREE(&ids);
	if (r == 0)
		r = resettle_tell(changes->tx, list->ino, to, &left);
	buf_free(&left);
	return r == -ENOENT ? 0 : r;
}

int
list_move(const struct settle_context *context, struct folder_changes *changes,
    const struct node *list, const struct node *board, const char *name)
{
	const struct view_show show = {.zone = context->zone, .local = true};
	bool moves = list->parent != board->ino;
	const char *title, *old_title;
	struct node old;
	size_t place, old_place;
	int r = 0;

	title = numbering_split(changes->tx, name, &place);
	old_title = numbering_split(changes->tx, list->name, &old_place);
	if (strcmp(old_title, title) != 0)
		r = journal(changes, ENTRY_LIST_RENAME, list, board->id, name,
		    RENAME_WAIT_MS);
	if (r == 0 && moves)
		r = node_get(changes->tx, list->parent, &old);
	if (r == 0 && moves)
		r = tell_left(changes, list, old.id, board->id);
	if (r == 0 && moves)
		r = journal(changes, ENTRY_LIST_MOVE, list, board->id, NULL,
		    RENAME_WAIT_MS);
	if (r == 0 && moves)
		r = journal_change_board(
		    changes->tx, list->ino, old.id, board->id);
	if (r == 0)
		r = place_as(changes, list, board->ino, name);
	if (r == 0 && !moves && place != old_place)
		r = place_by_name(context, changes, list->ino, name);
	if (r == 0 && moves)
		r = view_show_cards(changes, list->ino, &show);
	return r == 0 && moves ? folder_order(changes, board->ino, NODE_LIST)
			       : r;
}

int
board_rename(
    struct folder_changes *changes, const struct node *board, const char *name)
{
	char *title = NULL;
	int r = journal(changes, ENTRY_BOARD_RENAME, board, board->id, name,
	    RENAME_WAIT_MS);

	if (r == 0 && journal_is_own_id(board->id)) {
		r = title_from_new_name(name, "", &title);
		if (r == 0)
			r = base_set_own_board(changes->tx, board->id, title);
		free(title);
	}
	return r == 0 ? place_as(changes, board, NODE_ROOT, name) : r;
}

static int
check_empty(struct tx *tx, uint64_t folder)
{
	int children = node_has_children(tx, folder);

	return children > 0 ? -ENOTEMPTY : children;
}

int
list_archive(struct folder_changes *changes, const struct node *list)
{
	int r = check_empty(changes->tx, list->ino);

	return r == 0 ? list_archive_whole(changes, list) : r;
}

int
list_archive_whole(struct folder_changes *changes, const struct node *list)
{
	struct node board;
	int r = journal_is_unsent(changes->tx, list->id);

	if (r > 0 && check_empty(changes->tx, list->ino) != 0)
		r = -EBUSY;
	if (r != 0)
		return r < 0 ? r : unmake(changes, list->id);
	r = node_get(changes->tx, list->parent, &board);
	if (r == 0)
		r = journal(changes, ENTRY_LIST_ARCHIVE, list, board.id, NULL,
		    REMOVE_WAIT_MS);
	return r == 0 ? folder_remove(changes, list) : r;
}

int
board_close(struct folder_changes *changes, const struct node *board)
{
	int r = check_empty(changes->tx, board->ino);

	return r == 0 ? board_close_whole(changes, board) : r;
}

int
board_close_whole(struct folder_changes *changes, const struct node *board)
{
	int r = journal_is_unsent(changes->tx, board->id);

	if (r > 0 && check_empty(changes->tx, board->ino) != 0)
		r = -EBUSY;
	if (r != 0)
		return r < 0 ? r : unmake(changes, board->id);
	r = journal(
	    changes, ENTRY_BOARD_CLOSE, board, board->id, NULL, REMOVE_WAIT_MS);
	return r == 0 ? folder_remove(changes, board) : r;
}
