#include "card.h"

#include "model/ids.h"
#include "text/card_change.h"
#include "text/card_text.h"
#include "text/text_error.h"
#include "util/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
require(bool holds)
{
	if (!holds)
		abort();
}

void
fuzz_next_id(void *cookie, char id[MODEL_ID_SIZE])
{
	unsigned *n = cookie;

	(void)snprintf(id, MODEL_ID_SIZE, "new%06u", (*n)++);
}

static void
set_id(char id[MODEL_ID_SIZE], char kind, unsigned n)
{
	(void)snprintf(id, MODEL_ID_SIZE, "5e93c827fb10%c%011u", kind, n);
}

static void
add_names(struct board *board)
{
	static const char *const labels[][2] = {
	    {"bug", "red"}, {"urgent", ""}, {"", "green"}, {"bug", "blue"}};
	static const char *const fields[] = {
	    "Note", "Estimate", "Day", "Ready", "Priority"};
	struct field *field = NULL;

	for (unsigned i = 0; i < 4; i++) {
		struct label *label = VEC_ADD(&board->labels);

		set_id(label->id, 'a', i);
		label->name = strdup(labels[i][0]);
		(void)snprintf(
		    label->color, sizeof label->color, "%s", labels[i][1]);
	}
	for (unsigned i = 0; i < 2; i++) {
		struct member *member = VEC_ADD(&board->members);

		set_id(member->id, 'b', i);
		member->username = strdup(i == 0 ? "alice" : "bob");
	}
	for (unsigned i = 0; i < 5; i++) {
		field = VEC_ADD(&board->fields);
		set_id(field->id, 'c', i);
		field->name = strdup(fields[i]);
		field->type = (enum field_type)(FIELD_TEXT + i);
		field->pos = i + 1;
	}
	for (unsigned i = 0; i < 2; i++) {
		struct field_option *option = VEC_ADD(&field->options);

		set_id(option->id, 'd', i);
		option->text = strdup(i == 0 ? "Low" : "High");
	}
}

static void
add_parts(struct card *card)
{
	for (unsigned i = 0; i < 2; i++) {
		struct checklist *checklist = VEC_ADD(&card->checklists);
		struct attachment *attachment = VEC_ADD(&card->attachments);
		struct comment *comment = VEC_ADD(&card->comments);

		set_id(checklist->id, 'e', i);
		checklist->name = strdup(i == 0 ? "Steps" : "More");
		checklist->pos = i + 1;
		for (unsigned j = 0; j < 3; j++) {
			struct check_item *item = VEC_ADD(&checklist->items);

			set_id(item->id, 'f', 3 * i + j);
			item->name = strdup(j == 0 ? "one" : "two");
			item->pos = j + 1;
		}
		attachment_init(attachment);
		set_id(attachment->id, '0', i);
		attachment->name = strdup("a.txt");
		attachment->url = strdup("https://example.com/a");
		attachment->is_upload = i == 0;
		attachment->pos = i + 1;
		comment_init(comment);
		set_id(comment->id, '1', i);
		set_id(comment->id_creator, 'b', i);
		comment->username = strdup(i == 0 ? "alice" : "bob");
		comment->text = strdup(i == 0 ? "first" : "two\n\nlines");
		comment->date_ms = 1700000000000 + i * 60000;
	}
}

void
fuzz_card_make(struct board *board, struct card *card)
{
	struct field_value *value;

	board_init(board);
	add_names(board);
	card_init(card);
	set_id(card->id, '2', 0);
	card->short_link = strdup("Ab12Cd34");
	card->name = strdup("Card");
	card->desc = strdup("a\nb\n\n## Comments");
	card->due_ms = 1700000000000;
	require(model_ids_add(&card->id_labels, board->labels.v[0].id) == 0);
	require(model_ids_add(&card->id_members, board->members.v[1].id) == 0);
	value = VEC_ADD(&card->fields);
	memcpy(value->id_field, board->fields.v[1].id, MODEL_ID_SIZE);
	value->value = strdup("3");
	add_parts(card);
	require(card_gather(card) == 0);
}

void
fuzz_card_check(const struct card_text_context *context, struct card *card)
{
	struct card_text_context own = *context;
	struct card_changes changes;
	struct card_edit again;
	struct text_error error;
	struct buf text = BUF_INIT;
	char rev[TEXT_REV_SIZE];
	unsigned n = 0;
	struct id_source ids = {fuzz_next_id, &n};

	require(card_gather(card) == 0);
	require(card_text_format(card, context->board, "Card.md", context->zone,
		    &text, rev) == 0);
	own.card = card;
	own.rev_known = true;
	own.n_appended = 0;
	own.tail_ids = NULL;
	require(
	    card_text_parse(text.data, text.len, &own, &again, &error) == 0);
	require(again.proof);
	require(card_diff(card, &again.card, &ids, &changes) == 0);
	require(changes.n == 0);
	card_changes_fini(&changes);
	card_edit_fini(&again);
	buf_free(&text);
}
