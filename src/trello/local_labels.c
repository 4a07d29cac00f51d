#include "trello/local_account.h"
#include "trello/local_json.h"
#include "trello/local_move.h"
#include "trello/local_question.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Labels of boards. */

static struct label *
find(struct question *q, const char *id)
{
	for (size_t i = 0; i < q->account->boards.n; i++) {
		struct board *board = &q->account->boards.v[i].board;

		for (size_t j = 0; j < board->labels.n; j++)
			if (strcmp(board->labels.v[j].id, id) == 0) {
				q->board = board;
				return &board->labels.v[j];
			}
	}
	return NULL;
}

/* "" for none; 0 or the status of an error. */
static int
read_color(struct question *q, const char **ret_color)
{
	static const char *const colors[] = {"green", "yellow", "orange", "red",
	    "purple", "blue", "sky", "lime", "pink", "black"};
	const char *color = question_param(q, "color");

	if (color == NULL || color[0] == '\0' || strcmp(color, "null") == 0) {
		*ret_color = "";
		return 0;
	}
	*ret_color = color;
	for (size_t i = 0; i < sizeof colors / sizeof *colors; i++) {
		size_t len = strlen(colors[i]);

		if (strncmp(color, colors[i], len) == 0 &&
		    (color[len] == '\0' || strcmp(color + len, "_light") == 0 ||
			strcmp(color + len, "_dark") == 0))
			return 0;
	}
	return question_bad(q, "color");
}

static int
create_label(struct question *q)
{
	const char *board = question_param(q, "idBoard"), *color, *id;
	char *name = NULL;
	int status = read_color(q, &color);

	if (status == 0)
		status = question_title(q, "name", 0, &name);
	if (status == 0 && (name == NULL || question_param(q, "color") == NULL))
		status = question_bad(q, name == NULL ? "name" : "color");
	q->board =
	    board != NULL ? local_account_board(q->account, board) : NULL;
	if (status == 0 && q->board == NULL)
		status = question_bad(q, "idBoard");
	if (status == 0)
		status = local_add_label(q, q->board, color, name, &id);
	free(name);
	if (status != 0)
		return status;
	question_touch(q, q->board, NULL);
	local_write_label(&q->writer, find(q, id));
	return 200;
}

static int
update_label(struct question *q)
{
	struct label *label = find(q, q->args->id);
	const char *color = "";
	char *name = NULL;
	int status;

	if (label == NULL)
		return question_not_found(q);
	status = read_color(q, &color);
	if (status == 0)
		status = question_title(q, "name", 0, &name);
	if (status != 0)
		return status;
	if (name != NULL) {
		free(label->name);
		label->name = name;
	}
	if (question_param(q, "color") != NULL)
		(void)snprintf(label->color, sizeof label->color, "%.*s",
		    (int)sizeof label->color - 1, color);
	question_touch(q, q->board, NULL);
	local_write_label(&q->writer, label);
	return 200;
}

/* The cards lose it. */
static void
take_off(struct board *board, const char *id)
{
	for (size_t i = 0; i < board->cards.n; i++) {
		model_ids *ids = &board->cards.v[i].id_labels;
		size_t n = 0;

		for (size_t j = 0; j < ids->n; j++)
			if (strcmp(ids->v[j].s, id) != 0)
				ids->v[n++] = ids->v[j];
		ids->n = n;
	}
}

static int
delete_label(struct question *q)
{
	struct label *label = find(q, q->args->id);
	size_t at;

	if (label == NULL)
		return question_not_found(q);
	take_off(q->board, q->args->id);
	at = (size_t)(label - q->board->labels.v);
	label_fini(label);
	memmove(label, label + 1, (--q->board->labels.n - at) * sizeof *label);
	question_touch(q, q->board, NULL);
	return question_deleted(q);
}

const struct local_handler local_labels_handlers[] = {
    {CALL_LABEL_CREATE, NAMES_NOTHING, create_label,
	{{"name", KIND_TEXT}, {"color", KIND_TEXT}, {"idBoard", KIND_ID}, {0}}},
    {CALL_LABEL_UPDATE, NAMES_OTHER, update_label,
	{{"name", KIND_TEXT}, {"color", KIND_TEXT}, {0}}},
    {CALL_LABEL_DELETE, NAMES_OTHER, delete_label, {{0}}},
    {0},
};
