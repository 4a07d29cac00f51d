#include "model/model.h"

#include "util/timeutil.h"

#include <stdlib.h>
#include <string.h>

const char *
model_str(const char *s)
{
	return s != NULL ? s : "";
}

static const char *const field_types[] = {
    [FIELD_TEXT] = "text",
    [FIELD_NUMBER] = "number",
    [FIELD_DATE] = "date",
    [FIELD_CHECKBOX] = "checkbox",
    [FIELD_LIST] = "list",
};
#define N_FIELD_TYPES (sizeof field_types / sizeof field_types[0])

const char *
field_type_name(enum field_type type)
{
	return (size_t)type < N_FIELD_TYPES ? field_types[type] : NULL;
}

enum field_type
field_type_parse(const char *name, size_t len)
{
	for (size_t i = FIELD_TEXT; i < N_FIELD_TYPES; i++)
		if (strlen(field_types[i]) == len &&
		    memcmp(field_types[i], name, len) == 0)
			return (enum field_type)i;
	return FIELD_UNKNOWN;
}

void
card_init(struct card *card)
{
	*card = (struct card){
	    .start_ms = TIME_NONE,
	    .due_ms = TIME_NONE,
	    .activity_ms = TIME_NONE,
	};
}

void
comment_init(struct comment *comment)
{
	*comment =
	    (struct comment){.date_ms = TIME_NONE, .edited_ms = TIME_NONE};
}

void
attachment_init(struct attachment *attachment)
{
	*attachment = (struct attachment){.bytes = -1, .date_ms = TIME_NONE};
}

void
board_init(struct board *board)
{
	*board = (struct board){.activity_ms = TIME_NONE};
}

void
desc_change_init(struct desc_change *change)
{
	*change = (struct desc_change){.date_ms = TIME_NONE};
}

void
batch_item_init(struct batch_item *item)
{
	*item = (struct batch_item){0};
	card_init(&item->brief);
}

/* Free each element of a VEC, then the VEC. */
#define FINI_EACH(vec, fini)                             \
	do {                                             \
		for (size_t i_ = 0; i_ < (vec)->n; i_++) \
			fini(&(vec)->v[i_]);             \
		VEC_FREE(vec);                           \
	} while (0)

void
label_fini(struct label *label)
{
	free(label->name);
	*label = (struct label){0};
}

void
member_fini(struct member *member)
{
	free(member->username);
	free(member->full_name);
	*member = (struct member){0};
}

void
check_item_fini(struct check_item *item)
{
	free(item->name);
	*item = (struct check_item){0};
}

void
checklist_fini(struct checklist *checklist)
{
	free(checklist->name);
	FINI_EACH(&checklist->items, check_item_fini);
	*checklist = (struct checklist){0};
}

void
comment_fini(struct comment *comment)
{
	free(comment->username);
	free(comment->text);
	comment_init(comment);
}

void
attachment_fini(struct attachment *attachment)
{
	free(attachment->name);
	free(attachment->url);
	free(attachment->file_name);
	free(attachment->mime_type);
	attachment_init(attachment);
}

void
field_option_fini(struct field_option *option)
{
	free(option->text);
	*option = (struct field_option){0};
}

void
field_fini(struct field *field)
{
	free(field->name);
	FINI_EACH(&field->options, field_option_fini);
	*field = (struct field){0};
}

void
field_value_fini(struct field_value *value)
{
	free(value->value);
	*value = (struct field_value){0};
}

void
card_fini(struct card *card)
{
	free(card->short_link);
	free(card->name);
	free(card->desc);
	VEC_FREE(&card->id_labels);
	VEC_FREE(&card->id_members);
	FINI_EACH(&card->checklists, checklist_fini);
	FINI_EACH(&card->attachments, attachment_fini);
	FINI_EACH(&card->fields, field_value_fini);
	FINI_EACH(&card->comments, comment_fini);
	FINI_EACH(&card->labels, label_fini);
	VEC_FREE(&card->complete_items);
	card_init(card);
}

void
list_fini(struct list *list)
{
	free(list->name);
	*list = (struct list){0};
}

void
board_fini(struct board *board)
{
	free(board->name);
	free(board->desc);
	free(board->short_link);
	FINI_EACH(&board->lists, list_fini);
	FINI_EACH(&board->cards, card_fini);
	FINI_EACH(&board->labels, label_fini);
	FINI_EACH(&board->members, member_fini);
	VEC_FREE(&board->memberships);
	FINI_EACH(&board->fields, field_fini);
	FINI_EACH(&board->checklists, checklist_fini);
	FINI_EACH(&board->comments, comment_fini);
	board_init(board);
}

void
boards_fini(struct boards *boards)
{
	FINI_EACH(&boards->boards, board_fini);
}

void
desc_change_fini(struct desc_change *change)
{
	free(change->old_desc);
	free(change->new_desc);
	desc_change_init(change);
}

void
desc_changes_fini(struct desc_changes *changes)
{
	FINI_EACH(&changes->changes, desc_change_fini);
}

void
batch_item_fini(struct batch_item *item)
{
	card_fini(&item->brief);
	free(item->message);
	batch_item_init(item);
}

void
batch_items_fini(struct batch_items *items)
{
	FINI_EACH(&items->items, batch_item_fini);
}

int
model_compare_pos(
    double a_pos, const char *a_id, double b_pos, const char *b_id)
{
	if (a_pos != b_pos)
		return a_pos < b_pos ? -1 : 1;
	return strcmp(a_id, b_id);
}

#define FIND(vec, id)                                 \
	for (size_t i_ = 0; i_ < (vec)->n; i_++)      \
		if (strcmp((vec)->v[i_].id, id) == 0) \
			return &(vec)->v[i_];         \
	return NULL

struct list *
board_list(const struct board *board, const char *id)
{
	FIND(&board->lists, id);
}

struct card *
board_card(const struct board *board, const char *id)
{
	FIND(&board->cards, id);
}

const struct label *
board_label(const struct board *board, const char *id)
{
	FIND(&board->labels, id);
}

const struct member *
board_member(const struct board *board, const char *id)
{
	FIND(&board->members, id);
}

const struct field *
board_field(const struct board *board, const char *id)
{
	FIND(&board->fields, id);
}

const struct field_option *
field_option_by_id(const struct field *field, const char *id)
{
	FIND(&field->options, id);
}
