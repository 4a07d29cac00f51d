#include "trello/local_move.h"

#include "model/ids.h"
#include "trello/local_account.h"
#include "trello/local_question.h"
#include "trello/local_rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int
local_card_places(const struct board *board, const char *id_list,
    const struct card *but, struct local_places *places)
{
	int r = 0;

	for (size_t i = 0; i < board->cards.n && r == 0; i++) {
		struct card *card = &board->cards.v[i];

		if (card != but && !card->closed &&
		    strcmp(card->id_list, id_list) == 0)
			r = local_places_add(places, &card->pos, card->id);
	}
	return r;
}

int
local_list_places(const struct board *board, const struct list *but,
    struct local_places *places)
{
	int r = 0;

	for (size_t i = 0; i < board->lists.n && r == 0; i++) {
		struct list *list = &board->lists.v[i];

		if (list != but && !list->closed)
			r = local_places_add(places, &list->pos, list->id);
	}
	return r;
}

int
local_add_label(struct question *q, struct board *board, const char *color,
    const char *name, const char **ret_id)
{
	char *copy = strdup(name);
	struct label *label;

	if (copy == NULL)
		return -ENOMEM;
	label = VEC_ADD(&board->labels);
	if (label == NULL) {
		free(copy);
		return -ENOMEM;
	}
	local_account_new_id(q->account, q->now_ms, label->id);
	strcpy(label->color, color);
	label->name = copy;
	*ret_id = label->id;
	return 0;
}

static int
label_like(struct question *q, struct board *board, const struct label *label,
    const char **ret_id)
{
	for (size_t i = 0; i < board->labels.n; i++) {
		const struct label *each = &board->labels.v[i];

		if (strcmp(each->color, label->color) == 0 &&
		    strcmp(model_str(each->name), model_str(label->name)) ==
			0) {
			*ret_id = each->id;
			return 0;
		}
	}
	return local_add_label(
	    q, board, label->color, model_str(label->name), ret_id);
}

/* The ids of the same labels on another board. */
static int
find_labels(struct question *q, const struct card *card,
    const struct board *from, struct board *to, model_ids *ids)
{
	int r = 0;

	for (size_t i = 0; i < card->id_labels.n && r == 0; i++) {
		const struct label *label =
		    board_label(from, card->id_labels.v[i].s);
		const char *id;

		if (label == NULL)
			continue;
		r = label_like(q, to, label, &id);
		if (r == 0)
			r = model_ids_add(ids, id);
	}
	return r;
}

static void
drop_strangers(struct card *card, const struct board *board)
{
	size_t left = 0;

	for (size_t i = 0; i < card->id_members.n; i++)
		if (local_board_has_member(board, card->id_members.v[i].s))
			card->id_members.v[left++] = card->id_members.v[i];
	card->id_members.n = left;
	left = 0;
	for (size_t i = 0; i < card->fields.n; i++) {
		struct field_value *value = &card->fields.v[i];

		if (board_field(board, value->id_field) != NULL)
			card->fields.v[left++] = *value;
		else
			field_value_fini(value);
	}
	card->fields.n = left;
}

int
local_move_card(struct question *q, struct card *card, struct board *from,
    struct board *to, struct card **ret_card)
{
	size_t place = (size_t)(card - from->cards.v);
	model_ids labels = {0};
	struct card *moved;

	if (find_labels(q, card, from, to, &labels) != 0 ||
	    (moved = VEC_ADD(&to->cards)) == NULL) {
		VEC_FREE(&labels);
		return -ENOMEM;
	}
	*moved = *card;
	from->cards.n--;
	memmove(card, card + 1, (from->cards.n - place) * sizeof *card);
	VEC_FREE(&moved->id_labels);
	moved->id_labels = labels;
	drop_strangers(moved, to);
	memcpy(moved->id_board, to->id, MODEL_ID_SIZE);
	moved->id_short = ++local_account_entry(q->account, to)->last_short;
	*ret_card = moved;
	return 0;
}
