#include "model/model_json.h"
#include "trello/local.h"
#include "trello/local_account.h"
#include "trello/local_json.h"
#include "trello/local_move.h"
#include "trello/local_question.h"
#include "trello/local_rules.h"
#include "util/buf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Open ones, on one board (Trello's limit of 2026). */
#define LISTS_MAX 500

/* They are kept by place; ids find what has moved. */
static int
compare_lists(const void *a, const void *b)
{
	const struct list *x = a, *y = b;

	return model_compare_pos(x->pos, x->id, y->pos, y->id);
}

static void
sort_lists(struct board *board)
{
	if (board->lists.n > 1)
		qsort(board->lists.v, board->lists.n, sizeof *board->lists.v,
		    compare_lists);
}

/* name is taken over.  ret_id (its size is an id's) may be NULL. */
static int
add_list(struct question *q, struct board *board, char *name, const char *pos,
    char *ret_id)
{
	struct local_places places = {0};
	struct list *new = VEC_ADD(&board->lists);
	int r;

	if (new == NULL)
		return -ENOMEM;
	r = local_list_places(board, new, &places);
	local_account_new_id(q->account, q->now_ms, new->id);
	memcpy(new->id_board, board->id, MODEL_ID_SIZE);
	if (r == 0)
		r = local_pos(&places, pos, &new->pos);
	if (r == 0)
		r = local_make_room(&places, &new->pos, new->id);
	local_places_free(&places);
	if (r != 0) {
		board->lists.n--;
		return r;
	}
	new->name = name;
	if (ret_id != NULL)
		memcpy(ret_id, new->id, MODEL_ID_SIZE);
	sort_lists(board);
	question_touch(q, board, NULL);
	return 0;
}

static int
reply_list(struct question *q, const char *id)
{
	(void)list_write(
	    local_account_list(q->account, id, NULL), q->writer.out);
	return 200;
}

static int
target_of_new(struct question *q, struct board **ret_board)
{
	const char *id = question_param(q, "idBoard");
	struct local_places open = {0};
	size_t n;

	if (id == NULL)
		return question_bad(q, "idBoard");
	*ret_board = local_account_board(q->account, id);
	if (*ret_board == NULL) {
		(void)buf_printf(
		    q->writer.out, "unauthorized board list requested %s", id);
		return 401;
	}
	if (local_list_places(*ret_board, NULL, &open) != 0) {
		local_places_free(&open);
		return -ENOMEM;
	}
	n = open.places.n;
	local_places_free(&open);
	return n < LISTS_MAX ? 0 : question_too_many(q, "lists");
}

static int
create_list(struct question *q)
{
	const char *pos = question_param(q, "pos");
	struct board *board = NULL;
	char id[MODEL_ID_SIZE];
	char *name = NULL;
	int status = target_of_new(q, &board);

	if (status == 0)
		status = question_title(q, "name", 1, &name);
	if (status == 0 && name == NULL)
		status = question_bad(q, "name");
	if (status == 0)
		status =
		    add_list(q, board, name, pos != NULL ? pos : "top", id);
	if (status != 0) {
		free(name);
		return status;
	}
	return reply_list(q, id);
}

/* Sets *changed if the place is another. */
static int
place_list(
    struct question *q, struct list *list, const char *pos, bool *changed)
{
	struct local_places places = {0};
	double old = list->pos;
	int r = local_list_places(q->board, list, &places);

	if (r == 0)
		r = local_pos(&places, pos, &list->pos);
	if (r == 0 && list->pos != old) {
		*changed = true;
		r = local_make_room(&places, &list->pos, list->id);
	}
	local_places_free(&places);
	return r;
}

static bool
take_text(char **to, char **from)
{
	char *old = *to;

	if (*from == NULL || strcmp(model_str(old), *from) == 0)
		return false;
	*to = *from;
	*from = old;
	return true;
}

static int
update_list(struct question *q)
{
	const char *pos = question_param(q, "pos");
	bool closed = question_bool(q, "closed", q->list->closed);
	bool changed = false;
	char *name;
	int status = question_title(q, "name", 1, &name);

	if (status == 0 && pos != NULL)
		status = place_list(q, q->list, pos, &changed);
	if (status != 0) {
		free(name);
		return status;
	}
	changed = take_text(&q->list->name, &name) || changed;
	changed = closed != q->list->closed || changed;
	q->list->closed = closed;
	free(name);
	if (changed)
		question_touch(q, q->board, NULL);
	sort_lists(q->board);
	return reply_list(q, q->args->id);
}

/* The list alone; its cards follow. */
static int
carry_list(struct question *q, struct board *to)
{
	struct board *from = q->board;
	size_t place = (size_t)(q->list - from->lists.v);
	struct list *moved = VEC_ADD(&to->lists);

	if (moved == NULL)
		return -ENOMEM;
	*moved = *q->list;
	memcpy(moved->id_board, to->id, MODEL_ID_SIZE);
	from->lists.n--;
	memmove(q->list, q->list + 1,
	    (from->lists.n - place) * sizeof *from->lists.v);
	q->list = moved;
	q->board = to;
	return 0;
}

static int
carry_cards(struct question *q, struct board *from)
{
	size_t i = 0;

	while (i < from->cards.n) {
		struct card *card = &from->cards.v[i];

		if (strcmp(card->id_list, q->args->id) != 0) {
			i++;
			continue;
		}
		if (local_move_card(q, card, from, q->board, &card) != 0)
			return -ENOMEM;
		question_touch(q, q->board, card);
	}
	return 0;
}

static int
move_list(struct question *q)
{
	const char *id = question_param(q, "value");
	const char *pos = question_param(q, "pos");
	struct board *from = q->board;
	struct board *to;
	bool changed = false;
	int r;

	if (id == NULL)
		return question_bad(q, "value");
	to = local_account_board(q->account, id);
	if (to == NULL)
		return question_bad(q, "idBoard");
	if (to != from) {
		r = carry_list(q, to);
		if (r == 0)
			r = carry_cards(q, from);
		if (r != 0)
			return r;
		question_touch(q, from, NULL);
		changed = true;
	}
	r = 0;
	if (pos != NULL || changed)
		r = place_list(
		    q, q->list, pos != NULL ? pos : "bottom", &changed);
	if (r != 0)
		return r;
	if (changed)
		question_touch(q, to, NULL);
	sort_lists(to);
	return reply_list(q, q->args->id);
}

static int
archive_cards(struct question *q)
{
	for (size_t i = 0; i < q->board->cards.n; i++) {
		struct card *card = &q->board->cards.v[i];

		if (card->closed || strcmp(card->id_list, q->list->id) != 0)
			continue;
		card->closed = true;
		question_touch(q, q->board, card);
	}
	return question_fail(q, 200, "{}");
}

/* What a new board brings along unless it is told not to. */
static int
add_defaults(struct question *q, struct board *board)
{
	static const char *const lists[] = {"To Do", "Doing", "Done"};
	static const char *const colors[] = {
	    "green", "yellow", "orange", "red", "purple", "blue"};
	const char *id;
	int r = 0;

	if (question_bool(q, "defaultLabels", true))
		for (size_t i = 0; i < 6 && r == 0; i++)
			r = local_add_label(q, board, colors[i], "", &id);
	if (!question_bool(q, "defaultLists", true))
		return r;
	for (size_t i = 0; i < 3 && r == 0; i++) {
		char *name = strdup(lists[i]);

		if (name == NULL)
			return -ENOMEM;
		r = add_list(q, board, name, "bottom", NULL);
		if (r != 0)
			free(name);
	}
	return r;
}

static int
fill_board(struct question *q, struct board *board, char **name, char **desc)
{
	local_account_new_id(q->account, q->now_ms, board->id);
	board->name = *name;
	board->desc = *desc;
	*name = *desc = NULL;
	board->short_link = local_short_link(board->id);
	if (board->short_link == NULL || local_board_join(board) != 0)
		return -ENOMEM;
	question_touch(q, board, NULL);
	return add_defaults(q, board);
}

static int
create_board(struct question *q)
{
	struct board board;
	struct local_board *entry;
	char *name, *desc = NULL;
	int status = question_title(q, "name", 1, &name);

	board_init(&board);
	if (status == 0 && name == NULL)
		status = question_bad(q, "name");
	if (status == 0)
		status = question_text(q, "desc", 0, &desc);
	if (status == 0)
		status = fill_board(q, &board, &name, &desc);
	free(name);
	free(desc);
	entry = status == 0 ? VEC_ADD(&q->account->boards) : NULL;
	if (entry == NULL) {
		board_fini(&board);
		return status == 0 ? -ENOMEM : status;
	}
	entry->board = board;
	local_write_board(&q->writer, &entry->board);
	return 200;
}

static int
update_board(struct question *q)
{
	struct board *board = q->board;
	bool closed = question_bool(q, "closed", board->closed);
	bool changed;
	char *name, *desc = NULL;
	int status = question_title(q, "name", 1, &name);

	if (status == 0)
		status = question_text(q, "desc", 0, &desc);
	if (status != 0) {
		free(name);
		return status;
	}
	changed = take_text(&board->name, &name);
	changed = take_text(&board->desc, &desc) || changed;
	changed = closed != board->closed || changed;
	board->closed = closed;
	free(name);
	free(desc);
	if (changed)
		question_touch(q, board, NULL);
	local_write_board(&q->writer, board);
	return 200;
}

const struct local_handler local_lists_handlers[] = {
    {CALL_LIST_CREATE, NAMES_NOTHING, create_list,
	{{"name", KIND_TEXT}, {"idBoard", KIND_ID}, {"pos", KIND_POS}, {0}}},
    {CALL_LIST_UPDATE, NAMES_LIST, update_list,
	{{"name", KIND_TEXT}, {"closed", KIND_BOOL}, {"pos", KIND_POS}, {0}}},
    {CALL_LIST_MOVE, NAMES_LIST, move_list,
	{{"value", KIND_ID}, {"pos", KIND_POS}, {0}}},
    {CALL_LIST_ARCHIVE_CARDS, NAMES_LIST, archive_cards, {{0}}},
    {CALL_BOARD_CREATE, NAMES_NOTHING, create_board,
	{{"name", KIND_TEXT}, {"desc", KIND_TEXT}, {"defaultLists", KIND_BOOL},
	    {"defaultLabels", KIND_BOOL}, {0}}},
    {CALL_BOARD_UPDATE, NAMES_BOARD, update_board,
	{{"name", KIND_TEXT}, {"desc", KIND_TEXT}, {"closed", KIND_BOOL}, {0}}},
    {0},
};
