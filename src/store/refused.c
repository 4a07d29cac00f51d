#include "store/refused.h"

#include "store/folder.h"
#include "store/journal.h"
#include "store/notes.h"
#include "store/problems.h"

#include <errno.h>

int
refused_end(struct folder_changes *changes, const struct node *folder)
{
	struct problem problem = {0};
	bool board = folder->kind == NODE_BOARD;
	const struct note note = {folder->parent, folder->name,
	    board
		? "a change of this board, which Trello had refused, has ended"
		: "a change of this list, which Trello had refused, has ended",
	    board ? "the board is not open any more"
		  : "the list is not on the board any more"};
	int r = problem_get(changes->tx, folder->ino, &problem);

	problem_fini(&problem);
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	r = journal_end_refused(changes->tx, folder->id);
	if (r == 0)
		r = problem_end(changes, folder->ino);
	return r == 0 ? note_set(changes->tx, &note) : r;
}
