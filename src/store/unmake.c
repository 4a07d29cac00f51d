#include "store/unmake.h"

#include "store/base.h"
#include "store/folder.h"
#include "store/journal.h"
#include "store/notes.h"
#include "store/problems.h"
#include "store/saves.h"

#include <errno.h>

static int
unmake_node(struct folder_changes *changes, const struct node *node)
{
	struct tx *tx = changes->tx;
	int r = problem_end(changes, node->ino);

	if (r == 0)
		r = note_clear(tx, node->ino, "");
	if (r == 0 && node->kind == NODE_CARD)
		r = save_end(tx, node->ino);
	if (r == 0 && node->kind == NODE_BOARD)
		r = base_forget_board(tx, node->id);
	return r == 0 ? folder_remove(changes, node) : r;
}

int
unmake(struct folder_changes *changes, const char *id)
{
	struct node node;
	int r = journal_forget(changes->tx, id);

	if (r == 0)
		r = node_by_id(changes->tx, id, &node);
	if (r == 0)
		r = unmake_node(changes, &node);
	return r == -ENOENT ? 0 : r;
}
