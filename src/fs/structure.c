#include "fs/structure.h"

#include "store/base.h"
#include "store/folder.h"
#include "store/journal.h"
#include "store/naming.h"
#include "store/problems.h"
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

static int
title_of(const char *name, char **ret_title)
{
	struct buf title = BUF_INIT;
	int r = title_from_name(name, "", &title);

	*ret_title = r == 0 ? buf_steal(&title) : NULL;
	buf_free(&title);
	return *ret_title != NULL ? 0 : r != 0 ? r : -ENOMEM;
}

/* What was refused of it is not wanted any more; its making still is. */
static int
end_problem(struct folder_changes *changes, const struct node *node)
{
	int r = journal_end_refused(changes->tx, node->id);

	return r == 0 ? problem_end(changes, node->ino) : r;
}

/* Journal what is done to a list or a board; name gives its title. */
static int
journal(struct folder_changes *changes, enum entry_kind kind,
    const struct node *node, const char *board, const char *name,
    int64_t wait_ms)
{
	struct entry entry = {.kind = kind, .at_ms = time_wall_ms()};
	char *title = NULL, *old = NULL;
	int r = name != NULL ? title_of(name, &title) : 0;

	if (r == 0 && name != NULL)
		r = title_of(node->name, &old);
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
		r = journal_add(changes->tx, &entry);
	free(title);
	free(old);
	return r;
}

static int
see_pos(void *cookie, const struct node *node)
{
	double *last = cookie;

	if (node->kind == NODE_LIST && node->pos > *last)
		*last = node->pos;
	return 0;
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

int
list_create(struct folder_changes *changes, const struct node *board,
    const char *name, struct node *ret_node)
{
	double last = 0;
	int r;

	start_node(ret_node, NODE_LIST, board->ino, name);
	r = journal_new_id(changes->tx, ret_node->id);
	if (r == 0)
		r = node_each(changes->tx, board->ino, 0, see_pos, &last);
	ret_node->pos = last + POS_STEP;
	ret_node->off = node_off_from_pos(ret_node->pos);
	if (r == 0)
		r = journal(changes, ENTRY_LIST_CREATE, ret_node, board->id,
		    name, CREATE_WAIT_MS);
	if (r == 0)
		r = folder_place(changes, NULL, ret_node);
	return r == 0 ? folder_order(changes, board->ino, NODE_LIST) : r;
}

int
board_create(
    struct folder_changes *changes, const char *name, struct node *ret_node)
{
	char *title = NULL;
	int r;

	start_node(ret_node, NODE_BOARD, NODE_ROOT, name);
	r = journal_new_id(changes->tx, ret_node->id);
	if (r == 0)
		r = folder_board_off(changes, name, &ret_node->off);
	if (r == 0)
		r = title_of(name, &title);
	if (r == 0)
		r = base_add_own_board(changes->tx, ret_node->id, title);
	if (r == 0)
		r = journal(changes, ENTRY_BOARD_CREATE, ret_node, ret_node->id,
		    name, CREATE_WAIT_MS);
	if (r == 0)
		r = folder_place(changes, NULL, ret_node);
	free(title);
	return r;
}

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

int
list_move(struct folder_changes *changes, const struct node *list,
    const struct node *board, const char *name)
{
	int r = 0;

	if (strcmp(list->name, name) != 0)
		r = journal(changes, ENTRY_LIST_RENAME, list, board->id, name,
		    RENAME_WAIT_MS);
	if (r == 0 && list->parent != board->ino)
		r = journal(changes, ENTRY_LIST_MOVE, list, board->id, NULL,
		    RENAME_WAIT_MS);
	return r == 0 ? place_as(changes, list, board->ino, name) : r;
}

int
board_rename(
    struct folder_changes *changes, const struct node *board, const char *name)
{
	int r = journal(changes, ENTRY_BOARD_RENAME, board, board->id, name,
	    RENAME_WAIT_MS);

	return r == 0 ? place_as(changes, board, NODE_ROOT, name) : r;
}

static int
check_empty(struct tx *tx, uint64_t folder)
{
	int children = node_has_children(tx, folder);

	return children > 0 ? -ENOTEMPTY : children;
}

/* Remove what Trello has not heard of, and need not. 1: done */
static int
forget_unsent(struct folder_changes *changes, const struct node *node)
{
	int unsent = journal_is_unsent(changes->tx, node->id), r;

	if (unsent != 1)
		return unsent;
	r = journal_forget(changes->tx, node->id);
	if (r == 0)
		r = problem_end(changes, node->ino);
	if (r == 0 && node->kind == NODE_BOARD)
		r = base_forget_board(changes->tx, node->id);
	if (r == 0)
		r = folder_remove(changes, node);
	return r == 0 ? 1 : r;
}

int
list_archive(struct folder_changes *changes, const struct node *list)
{
	struct node board;
	int r = check_empty(changes->tx, list->ino);

	if (r == 0)
		r = forget_unsent(changes, list);
	if (r != 0)
		return r < 0 ? r : 0;
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

	if (r == 0)
		r = forget_unsent(changes, board);
	if (r != 0)
		return r < 0 ? r : 0;
	r = journal(
	    changes, ENTRY_BOARD_CLOSE, board, board->id, NULL, REMOVE_WAIT_MS);
	return r == 0 ? folder_remove(changes, board) : r;
}
