#ifndef TEXT_CARDS_H
#define TEXT_CARDS_H

/* Boards and cards with everything nasty in them, from a seed. */

#include "model/ids.h"
#include "model/model.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t text_seed;

static uint32_t
below(uint32_t n)
{
	text_seed = text_seed * 1664525 + 1013904223;
	return (text_seed >> 8) % n;
}

#define PICK(array) (array)[below(sizeof(array) / sizeof *(array))]

/* An id, the same for the same number. */
static void
make_id(char id[MODEL_ID_SIZE], char kind, unsigned number)
{
	(void)snprintf(id, MODEL_ID_SIZE, "5e93c827fb10%c%011u", kind, number);
}

static char *
nasty_text(uint32_t parts)
{
	static const char *const pool[] = {"a", "b c", " ", "  ", "\n", "\n\n",
	    "\r\n", "\r", "\t", "#", "## ", "\n## Comments\n",
	    "\n\\## Attachments\n", "## Checklist: x", "## Comments", "\\",
	    "\\\\", "&#10;", "\\&#32;", "---\n", "\n---\n", "> ", "\n> ", ">\n",
	    "[x]", "](", "- [ ] x\n", "<", ">", "(", ")", "日本",
	    "\xe2\x80\xae", ": ", ", ", "'", "\"", "{", "}", "%", "&", "*", "!",
	    "|", "@alice 2026-11-02 14:03:27", "\x01", "\x7f", "\xc2\x85",
	    "\xe2\x80\xa8", "\xef\xbb\xbf", "yes", "1.0", "null",
	    "\xf0\x9f\x98\x80", "<<<<<<< yours\n", "...\n", "\n\n## "};
	struct buf out = BUF_INIT;

	for (uint32_t n = below(parts + 1); n > 0; n--)
		(void)buf_add_str(&out, PICK(pool));
	return buf_steal(&out);
}

/* The same, not empty and not blank. */
static char *
nasty_name(void)
{
	char *s = nasty_text(4);
	struct buf out = BUF_INIT;

	(void)buf_add_str(&out, s);
	(void)buf_add_char(&out, (char)('A' + (int)below(26)));
	free(s);
	return buf_steal(&out);
}

static void
add_fields(struct board *board)
{
	for (unsigned i = 0; i < 8; i++) {
		struct field *field = VEC_ADD(&board->fields);

		make_id(field->id, 'f', i);
		field->name =
		    i < 6 ? nasty_name() : strdup(i == 6 ? "" : "twice");
		field->type = (enum field_type)(i % 6);
		field->pos = i + 1;
		for (unsigned j = 0; field->type == FIELD_LIST && j < 4; j++) {
			struct field_option *option = VEC_ADD(&field->options);

			make_id(option->id, 'o', j);
			option->text = j < 2 ? nasty_text(2) : strdup("same");
			option->pos = j + 1;
		}
	}
}

static void
nasty_board(struct board *board)
{
	static const char *const colors[] = {
	    "", "red", "green", "blue_dark", "red"};
	static const char *const usernames[] = {
	    "alice", "bob", "yes", "null", "123", "a_b"};

	board_init(board);
	make_id(board->id, 'b', 0);
	for (unsigned i = 0; i < 10; i++) {
		struct label *label = VEC_ADD(&board->labels);

		make_id(label->id, 'l', i);
		label->name = below(2) ? nasty_text(2) : strdup("bug");
		(void)snprintf(
		    label->color, sizeof label->color, "%s", PICK(colors));
	}
	for (unsigned i = 0; i < 6; i++) {
		struct member *member = VEC_ADD(&board->members);

		make_id(member->id, 'm', i);
		member->username = strdup(usernames[i]);
	}
	add_fields(board);
}

static void
nasty_ids(model_ids *ids, char kind, unsigned max)
{
	ids->n = 0;
	for (unsigned i = 0; i < max; i++) {
		char id[MODEL_ID_SIZE];

		make_id(id, kind, i);
		if (below(4) == 0)
			assert_int_equal(model_ids_add(ids, id), 0);
	}
}

static int64_t
nasty_date(void)
{
	static const int64_t dates[] = {TIME_NONE, 0, -1, 1700000000000,
	    1700000030000, 1700000030123, -5000000000000, 300000000000000,
	    1792891800000, 1792895400000};

	return PICK(dates);
}

static void
nasty_values(struct card *card, const struct board *board)
{
	static const char *const numbers[] = {
	    "3", "-0.50", "1e5", "abc", "00", "12345678901234567890.5"};
	static const char *const dates[] = {
	    "2020-03-11T04:00:00.000Z", "2020-03-11T04:00:01.500Z", "tomorrow"};
	static const char *const flags[] = {"true", "false", "maybe"};

	for (size_t i = 0; i < card->fields.n; i++)
		field_value_fini(&card->fields.v[i]);
	card->fields.n = 0;
	for (size_t i = 0; i <= board->fields.n; i++) {
		enum field_type type =
		    i < board->fields.n ? board->fields.v[i].type : FIELD_TEXT;
		struct field_value *value;

		if (below(3) == 0)
			continue;
		value = VEC_ADD(&card->fields);
		make_id(value->id_field, 'f', (unsigned)i);
		if (type == FIELD_LIST)
			make_id(value->id_option, 'o', below(5));
		else
			value->value =
			    type == FIELD_NUMBER     ? strdup(PICK(numbers))
			    : type == FIELD_DATE     ? strdup(PICK(dates))
			    : type == FIELD_CHECKBOX ? strdup(PICK(flags))
						     : nasty_name();
	}
}

static void
nasty_item(struct checklist *checklist, unsigned *next)
{
	struct check_item *item = VEC_ADD(&checklist->items);

	make_id(item->id, 'i', (*next)++);
	item->name = below(3) ? nasty_name() : strdup("same");
	item->pos = (double)checklist->items.n * 16384;
	item->complete = below(2);
}

static void
nasty_checklists(struct card *card)
{
	unsigned item = 0;

	for (unsigned i = below(4); i > 0; i--) {
		struct checklist *checklist = VEC_ADD(&card->checklists);

		make_id(checklist->id, 'k', i);
		memcpy(checklist->id_card, card->id, MODEL_ID_SIZE);
		checklist->name = below(3) ? nasty_name() : strdup("same");
		checklist->pos = (double)card->checklists.n * 16384;
		for (unsigned j = below(6); j > 0; j--)
			nasty_item(checklist, &item);
	}
}

static void
nasty_attachments(struct card *card)
{
	for (unsigned i = below(5); i > 0; i--) {
		struct attachment *attachment = VEC_ADD(&card->attachments);

		attachment_init(attachment);
		make_id(attachment->id, 'a', 9 - i);
		attachment->pos = (double)card->attachments.n * 16384;
		attachment->is_upload = below(2);
		attachment->name = below(3) ? nasty_name() : strdup("a.txt");
		attachment->url = nasty_name();
	}
}

static void
nasty_comments(struct card *card)
{
	static const char *const usernames[] = {"alice", "bob", NULL};

	for (unsigned i = below(5), n = 0; n < i; n++) {
		struct comment *comment = VEC_ADD(&card->comments);
		const char *username = PICK(usernames);

		comment_init(comment);
		make_id(comment->id, 'c', n);
		memcpy(comment->id_card, card->id, MODEL_ID_SIZE);
		make_id(comment->id_creator, 'm',
		    username == NULL   ? 9
		    : *username == 'a' ? 0
				       : 1);
		comment->username = username != NULL ? strdup(username) : NULL;
		comment->text = below(4) ? nasty_text(6) : strdup("same");
		comment->date_ms = 1700000000000 + (n / 2) * 61000;
	}
}

static void
nasty_card(struct card *card, const struct board *board)
{
	card_init(card);
	make_id(card->id, 'd', 0);
	memcpy(card->id_board, board->id, MODEL_ID_SIZE);
	card->short_link = strdup("Ab12Cd34");
	card->name = nasty_name();
	card->desc = nasty_text(8);
	card->start_ms = nasty_date();
	card->due_ms = nasty_date();
	card->due_complete = below(2);
	/* Some that the board does not know, too. */
	nasty_ids(&card->id_labels, 'l', 12);
	nasty_ids(&card->id_members, 'm', 8);
	nasty_values(card, board);
	nasty_checklists(card);
	nasty_attachments(card);
	nasty_comments(card);
	assert_int_equal(card_gather(card), 0);
}

#endif
