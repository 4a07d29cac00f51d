#include "sync/push.h"

#include "store/accept.h"
#include "store/board_file.h"
#include "store/view.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is accepted of a board's own description and labels. */

static int
set_text(char **target, const char *text)
{
	char *copy = strdup(model_str(text));

	if (copy == NULL)
		return -ENOMEM;
	free(*target);
	*target = copy;
	return 0;
}

int
push_accept_board_desc(struct tx *tx, const struct step *step, const char *id,
    const struct push_reply *reply)
{
	const char *desc = "";
	struct board board;
	int r = view_board(tx, id, &board);

	if (r != 0)
		return r == -ENOENT ? 0 : r;
	for (size_t i = 0; i < step->group.list.n; i++)
		if (step->group.list.v[i].kind == ENTRY_BOARD_DESC)
			desc = step->group.list.v[i].title;
	if (reply != NULL && strcmp(reply->board.id, id) == 0)
		desc = reply->board.desc;
	r = set_text(&board.desc, desc);
	if (r == 0)
		r = board_file_accept(tx, &board);
	board_fini(&board);
	return r;
}

static void
remove_label(struct board *board, const char *id)
{
	size_t n = 0;

	for (size_t i = 0; i < board->labels.n; i++) {
		struct label *label = &board->labels.v[i];

		if (strcmp(label->id, id) == 0)
			label_fini(label);
		else
			board->labels.v[n++] = *label;
	}
	board->labels.n = n;
}

/* As Trello has it now; without an answer, as it was asked for. */
static int
put_label(
    struct board *board, const char *id, const char *name, const char *color)
{
	struct label *label = NULL;

	for (size_t i = 0; i < board->labels.n; i++)
		if (strcmp(board->labels.v[i].id, id) == 0)
			label = &board->labels.v[i];
	if (label == NULL)
		label = VEC_ADD(&board->labels);
	if (label == NULL)
		return -ENOMEM;
	(void)snprintf(label->id, sizeof label->id, "%s", id);
	(void)snprintf(label->color, sizeof label->color, "%.*s",
	    (int)sizeof label->color - 1, color);
	return set_text(&label->name, name);
}

int
push_accept_label(
    struct tx *tx, const struct step *step, struct push_reply *reply)
{
	const struct card_change *change = &step->group.list.v[0].change;
	const struct label *made =
	    reply != NULL && reply->label.id[0] != '\0' ? &reply->label : NULL;
	struct board board;
	int r = view_board(tx, step->object, &board);

	if (r != 0)
		return r == -ENOENT ? 0 : r;
	if (step->call == CALL_LABEL_DELETE)
		remove_label(&board, change->id);
	else if (made != NULL)
		r = put_label(&board, made->id, made->name, made->color);
	else
		r = put_label(
		    &board, change->id, change->new_text, change->new_id);
	if (r == 0)
		r = board_gather(&board);
	if (r == 0)
		r = board_file_accept(tx, &board);
	if (r == 0 && step->call == CALL_LABEL_CREATE && made != NULL)
		r = accept_part_id(tx, step->object, change->id, made->id);
	if (r == 0 && step->call == CALL_LABEL_CREATE && made != NULL)
		r = given_rename(tx, change->id, made->id);
	board_fini(&board);
	return r;
}
