#include "model/model.h"

#include "model/model_fini.h"
#include "model/model_ids.h"
#include "util/hash.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SORT(vec, compare)                                                    \
	do {                                                                  \
		if ((vec)->n > 1)                                             \
			qsort((vec)->v, (vec)->n, sizeof *(vec)->v, compare); \
	} while (0)

#define UNIQUE(vec, fini) \
	ids_unique((vec)->v, &(vec)->n, sizeof *(vec)->v, fini)

#define INDEX(index, vec) \
	id_index_init(index, (vec)->v, (vec)->n, sizeof *(vec)->v)

/* A function that compares two structs of a type by (pos, id). */
#define COMPARE_POS(type)                                               \
	static int compare_##type(const void *a, const void *b)         \
	{                                                               \
		const struct type *x = a, *y = b;                       \
                                                                        \
		return model_compare_pos(x->pos, x->id, y->pos, y->id); \
	}
COMPARE_POS(attachment)
COMPARE_POS(check_item)
COMPARE_POS(checklist)
COMPARE_POS(field)
COMPARE_POS(field_option)
COMPARE_POS(list)

static int
compare_comment(const void *a, const void *b)
{
	const struct comment *x = a, *y = b;

	if (x->date_ms != y->date_ms)
		return x->date_ms < y->date_ms ? -1 : 1;
	return strcmp(x->id, y->id);
}

static int
compare_field_value(const void *a, const void *b)
{
	const struct field_value *x = a, *y = b;

	return strcmp(x->id_field, y->id_field);
}

/* Old exports say beside the checklists which items are complete. */
static int
check_items(struct card *card)
{
	struct id_index complete;

	if (card->complete_items.n == 0)
		return 0;
	if (INDEX(&complete, &card->complete_items) != 0)
		return -ENOMEM;
	for (size_t i = 0; i < card->checklists.n; i++) {
		struct checklist *checklist = &card->checklists.v[i];

		for (size_t j = 0; j < checklist->items.n; j++) {
			struct check_item *item = &checklist->items.v[j];

			if (id_index_find(&complete, item->id) != NULL)
				item->complete = true;
		}
	}
	id_index_fini(&complete);
	VEC_FREE(&card->complete_items);
	return 0;
}

static int
gather_checklists(struct card *card)
{
	if (UNIQUE(&card->checklists, model_fini_checklist) != 0 ||
	    check_items(card) != 0)
		return -ENOMEM;
	for (size_t i = 0; i < card->checklists.n; i++) {
		struct checklist *checklist = &card->checklists.v[i];

		memcpy(checklist->id_card, card->id, MODEL_ID_SIZE);
		if (UNIQUE(&checklist->items, model_fini_check_item) != 0)
			return -ENOMEM;
		SORT(&checklist->items, compare_check_item);
	}
	SORT(&card->checklists, compare_checklist);
	return 0;
}

static int
gather_comments(struct card *card)
{
	if (UNIQUE(&card->comments, model_fini_comment) != 0)
		return -ENOMEM;
	for (size_t i = 0; i < card->comments.n; i++)
		memcpy(card->comments.v[i].id_card, card->id, MODEL_ID_SIZE);
	SORT(&card->comments, compare_comment);
	return 0;
}

/* A value that was cleared is the same as none. */
static int
gather_fields(struct card *card)
{
	size_t left = 0;

	for (size_t i = 0; i < card->fields.n; i++) {
		struct field_value *value = &card->fields.v[i];

		if (model_str(value->value)[0] == '\0' &&
		    value->id_option[0] == '\0')
			field_value_fini(value);
		else
			card->fields.v[left++] = *value;
	}
	card->fields.n = left;
	if (UNIQUE(&card->fields, model_fini_field_value) != 0)
		return -ENOMEM;
	SORT(&card->fields, compare_field_value);
	return 0;
}

/* Take over the ids of the labels that the card carries as objects. */
static int
gather_label_ids(struct card *card)
{
	for (size_t i = 0; i < card->labels.n; i++) {
		struct model_id *id;

		if (card->labels.v[i].id[0] == '\0')
			continue;
		id = VEC_ADD(&card->id_labels);
		if (id == NULL)
			return -ENOMEM;
		memcpy(id->s, card->labels.v[i].id, MODEL_ID_SIZE);
	}
	for (size_t i = 0; i < card->labels.n; i++)
		label_fini(&card->labels.v[i]);
	VEC_FREE(&card->labels);
	return UNIQUE(&card->id_labels, NULL);
}

int
card_gather(struct card *card)
{
	if (gather_label_ids(card) != 0 ||
	    UNIQUE(&card->id_members, NULL) != 0 ||
	    UNIQUE(&card->attachments, model_fini_attachment) != 0 ||
	    gather_checklists(card) != 0 || gather_comments(card) != 0 ||
	    gather_fields(card) != 0)
		return -ENOMEM;
	SORT(&card->attachments, compare_attachment);
	return 0;
}

/* Hand the board's checklists over to their cards; the rest is dropped. */
static int
hand_out_checklists(struct board *board, const struct id_index *cards)
{
	while (board->checklists.n > 0) {
		size_t last = board->checklists.n - 1;
		struct checklist *from = &board->checklists.v[last];
		struct card *card = id_index_find(cards, from->id_card);

		if (card != NULL) {
			struct checklist *to = VEC_ADD(&card->checklists);

			if (to == NULL)
				return -ENOMEM;
			*to = *from;
		} else {
			checklist_fini(from);
		}
		board->checklists.n--;
	}
	VEC_FREE(&board->checklists);
	return 0;
}

static int
hand_out_comments(struct board *board, const struct id_index *cards)
{
	while (board->comments.n > 0) {
		size_t last = board->comments.n - 1;
		struct comment *from = &board->comments.v[last];
		struct card *card = id_index_find(cards, from->id_card);

		if (card != NULL) {
			struct comment *to = VEC_ADD(&card->comments);

			if (to == NULL)
				return -ENOMEM;
			*to = *from;
		} else {
			comment_fini(from);
		}
		board->comments.n--;
	}
	VEC_FREE(&board->comments);
	return 0;
}

static int
name_author(struct comment *comment, const struct id_index *members)
{
	const struct member *member;

	if (model_str(comment->username)[0] != '\0')
		return 0;
	member = id_index_find(members, comment->id_creator);
	if (member == NULL || member->username == NULL)
		return 0;
	free(comment->username);
	comment->username = strdup(member->username);
	return comment->username != NULL ? 0 : -ENOMEM;
}

static int
name_authors(struct board *board)
{
	struct id_index members;
	int rc = 0;

	if (INDEX(&members, &board->members) != 0)
		return -ENOMEM;
	for (size_t i = 0; i < board->cards.n; i++) {
		struct card *card = &board->cards.v[i];

		for (size_t j = 0; j < card->comments.n && rc == 0; j++)
			rc = name_author(&card->comments.v[j], &members);
	}
	id_index_fini(&members);
	return rc;
}

/*
 * In 2013 a label was its colour and name.  The id begins with eight zeros,
 * as no id of Trello's does (they are the time of creation), and is another
 * one on every board.
 */
static void
make_label_id(struct label *label, const struct board *board)
{
	const char *name = model_str(label->name);
	uint64_t hash = HASH_INIT;

	hash = hash_add(hash, board->id, strlen(board->id) + 1);
	hash = hash_add(hash, label->color, strlen(label->color) + 1);
	hash = hash_add(hash, name, strlen(name));
	(void)snprintf(label->id, sizeof label->id, "%024" PRIx64, hash);
}

/* Give the board each label that a card carries; ids_unique() follows. */
static int
collect_labels(struct board *board, struct card *card)
{
	for (size_t i = 0; i < card->labels.n; i++) {
		struct label *label = &card->labels.v[i];
		struct label *entry = VEC_ADD(&board->labels);

		if (entry == NULL)
			return -ENOMEM;
		if (label->id[0] == '\0')
			make_label_id(label, board);
		*entry = *label;
		label->name = NULL;
	}
	return 0;
}

static int
gather_cards(struct board *board)
{
	for (size_t i = 0; i < board->cards.n; i++) {
		struct card *card = &board->cards.v[i];

		if (card->id_board[0] == '\0')
			memcpy(card->id_board, board->id, MODEL_ID_SIZE);
		if (collect_labels(board, card) != 0 || card_gather(card) != 0)
			return -ENOMEM;
	}
	return UNIQUE(&board->labels, model_fini_label);
}

static int
gather_fields_of_board(struct board *board)
{
	if (UNIQUE(&board->fields, model_fini_field) != 0)
		return -ENOMEM;
	for (size_t i = 0; i < board->fields.n; i++) {
		struct field *field = &board->fields.v[i];

		if (UNIQUE(&field->options, model_fini_field_option) != 0)
			return -ENOMEM;
		SORT(&field->options, compare_field_option);
	}
	SORT(&board->fields, compare_field);
	return 0;
}

static int
gather_lists(struct board *board)
{
	if (UNIQUE(&board->lists, model_fini_list) != 0)
		return -ENOMEM;
	for (size_t i = 0; i < board->lists.n; i++) {
		struct list *list = &board->lists.v[i];

		if (list->id_board[0] == '\0')
			memcpy(list->id_board, board->id, MODEL_ID_SIZE);
	}
	SORT(&board->lists, compare_list);
	return 0;
}

static int
hand_out(struct board *board)
{
	struct id_index cards;
	int rc;

	if (board->checklists.n == 0 && board->comments.n == 0)
		return 0;
	if (INDEX(&cards, &board->cards) != 0)
		return -ENOMEM;
	rc = hand_out_checklists(board, &cards);
	if (rc == 0)
		rc = hand_out_comments(board, &cards);
	id_index_fini(&cards);
	return rc;
}

int
board_gather(struct board *board)
{
	if (UNIQUE(&board->cards, model_fini_card) != 0 ||
	    hand_out(board) != 0 || gather_cards(board) != 0 ||
	    gather_lists(board) != 0 || gather_fields_of_board(board) != 0 ||
	    UNIQUE(&board->members, model_fini_member) != 0 ||
	    UNIQUE(&board->memberships, NULL) != 0)
		return -ENOMEM;
	return name_authors(board);
}
