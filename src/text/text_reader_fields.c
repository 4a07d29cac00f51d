#include "text/text_reader.h"

#include "model/ids.h"
#include "text/date_text.h"
#include "text/field_text.h"
#include "text/front_matter.h"
#include "text/shown.h"
#include "text/text_error.h"
#include "text/yaml_scalar.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int
add_field_word(const void *set, size_t i, struct buf *out)
{
	const struct board *board = set;

	return field_shown(board, &board->fields.v[i], out);
}

static int
add_option_word(const void *set, size_t i, struct buf *out)
{
	const struct field *field = set;

	return option_shown(field, &field->options.v[i], out);
}

/* A number as Trello takes it: digits on both sides of a dot, no plus. */
static int
normal_number(const char *text, struct buf *out)
{
	size_t digits, behind = 0;

	if (*text == '-')
		(void)buf_add_char(out, '-');
	if (*text == '-' || *text == '+')
		text++;
	digits = strspn(text, "0123456789");
	if (digits == 0)
		(void)buf_add_char(out, '0');
	(void)buf_add(out, text, digits);
	text += digits;
	if (*text == '.') {
		behind = strspn(text + 1, "0123456789");
		if (behind > 0)
			(void)buf_add(out, text, behind + 1);
		text += behind + 1;
	}
	if (digits + behind == 0)
		return -EINVAL;
	if (*text == 'e' || *text == 'E') {
		(void)buf_add_char(out, *text++);
		if (*text == '-' || *text == '+')
			(void)buf_add_char(out, *text++);
		digits = strspn(text, "0123456789");
		(void)buf_add(out, text, digits);
		text += digits;
		if (digits == 0)
			return -EINVAL;
	}
	return *text == '\0' ? 0 : -EINVAL;
}

/* A card's value for a field that is set now: there, or added. */
static struct field_value *
value_slot(struct card *card, const struct field *field)
{
	struct field_value *value = field_text_value(card, field);
	size_t at = 0;

	if (value != NULL)
		return value;
	if (VEC_ADD(&card->fields) == NULL)
		return NULL;
	/* They are sorted by field. */
	while (at + 1 < card->fields.n &&
	       strcmp(card->fields.v[at].id_field, field->id) < 0)
		at++;
	memmove(&card->fields.v[at + 1], &card->fields.v[at],
	    (card->fields.n - 1 - at) * sizeof *card->fields.v);
	value = &card->fields.v[at];
	memset(value, 0, sizeof *value);
	memcpy(value->id_field, field->id, MODEL_ID_SIZE);
	return value;
}

static int
store_value(struct text_reader *reader, const struct field *field,
    const char *id_option, const char *text)
{
	struct field_value *value = value_slot(&reader->edit->card, field);

	if (value == NULL)
		return text_reader_nomem(reader);
	memset(value->id_option, 0, MODEL_ID_SIZE);
	memcpy(value->id_option, id_option, strlen(id_option));
	if (text != NULL)
		return text_reader_set_str(reader, &value->value, text);
	free(value->value);
	value->value = NULL;
	return 0;
}

static int
set_option(struct text_reader *reader, const struct field *field,
    const struct front_value *value)
{
	const struct field *now =
	    board_field(text_reader_board_now(reader), field->id);
	const struct field_option *option;
	int err = option_by_shown(field, value->text, &option);

	if (now == NULL)
		now = field;
	if (err == -ENOENT)
		err = option_by_shown(now, value->text, &option);
	if (err == -ENOMEM)
		return text_reader_nomem(reader);
	if (err != 0)
		return text_reader_unknown(reader, value, value->key,
		    "this field takes",
		    text_words(now->options.n, add_option_word, now));
	return store_value(reader, field, option->id, NULL);
}

static int
set_number(struct text_reader *reader, const struct field *field,
    const struct front_value *value)
{
	const struct field_value *old =
	    field_text_value(&reader->edit->card, field);
	struct buf number = BUF_INIT;
	int err;

	if (normal_number(value->text, &number) != 0) {
		err = text_error_set(reader->error, -EINVAL, value->line,
		    "%s \"%s\" is no number", value->key, value->text);
		(void)text_error_help(reader->error, "this field takes numbers",
		    "write it as 3 or 3.5");
	} else if (number.err != 0) {
		err = text_reader_nomem(reader);
	} else if (old != NULL && yaml_is_number(model_str(old->value)) &&
		   field_text_same_number(old->value, number.data)) {
		err = 0;
	} else {
		err = store_value(reader, field, "", number.data);
	}
	buf_free(&number);
	return err;
}

static int
set_date(struct text_reader *reader, const struct field *field,
    const struct front_value *value)
{
	const struct field_value *old =
	    field_text_value(&reader->edit->card, field);
	char iso[TIME_ISO_SIZE];
	int64_t ms, old_ms;

	if (date_text_parse(value->text, reader->context->zone,
		DATE_TEXT_DAY_BEGINS, &ms) != 0)
		return text_reader_fail_date(reader, value, value->key);
	if (old != NULL &&
	    time_parse_iso(model_str(old->value), &old_ms) == 0 && old_ms == ms)
		return 0;
	time_format_iso(ms, iso);
	return store_value(reader, field, "", iso);
}

/* Whether the words are those that the value has already: 1, 0, -ENOMEM. */
static int
says_the_same(const struct text_reader *reader, const struct field *field,
    const char *text)
{
	const struct field_value *old =
	    field_text_value(&reader->edit->card, field);
	struct buf words = BUF_INIT;
	bool literal;
	int same;

	same = old != NULL && field_text_add(&words, field, old,
				  reader->context->zone, &literal);
	if (same && words.err != 0)
		same = -ENOMEM;
	else if (same)
		same = strcmp(buf_str(&words), text) == 0;
	buf_free(&words);
	return same;
}

static int
set_field(struct text_reader *reader, const struct field *field,
    const struct front_value *value)
{
	int err = says_the_same(reader, field, value->text);
	bool checked;

	if (err != 0)
		return err < 0 ? text_reader_nomem(reader) : 0;
	switch (field->type) {
	case FIELD_LIST:
		return set_option(reader, field, value);
	case FIELD_NUMBER:
		return set_number(reader, field, value);
	case FIELD_DATE:
		return set_date(reader, field, value);
	case FIELD_CHECKBOX:
		if (text_reader_parse_bool(value->text, &checked) != 0)
			return text_reader_fail_bool(reader, value, value->key);
		return store_value(
		    reader, field, "", checked ? "true" : "false");
	case FIELD_TEXT:
		err = text_reader_limit(
		    reader, value->line, "the value is", value->text);
		return err != 0 ? err
				: store_value(reader, field, "", value->text);
	case FIELD_UNKNOWN:
		break;
	}
	(void)text_reader_fail(reader, value->line, "field", value->key);
	return text_error_help(reader->error,
	    "fields of this type cannot be set here",
	    "take it out, and set it at Trello");
}

/* 0, -ENOENT or -ENOMEM. */
static int
find_field(const struct text_reader *reader, const char *text,
    const struct field **ret_field)
{
	int err = field_by_shown(reader->context->board, text, ret_field);

	if (err == -ENOENT)
		err = field_by_shown(
		    text_reader_board_now(reader), text, ret_field);
	return err;
}

static bool
is_said(const model_ids *said, const char *id)
{
	for (size_t i = 0; i < said->n; i++)
		if (strcmp(said->v[i].s, id) == 0)
			return true;
	return false;
}

/* Take out the values that are shown and that the text does not give. */
static void
remove_values(struct text_reader *reader, const model_ids *said)
{
	const struct board *board = reader->context->board;
	struct card *card = &reader->edit->card;
	size_t left = 0;

	for (size_t i = 0; i < card->fields.n; i++) {
		struct field_value *value = &card->fields.v[i];
		const struct field *field = board_field(board, value->id_field);
		struct buf words = BUF_INIT;
		bool literal;

		if (field != NULL && !is_said(said, field->id) &&
		    field_text_add(
			&words, field, value, reader->context->zone, &literal))
			field_value_fini(value);
		else
			card->fields.v[left++] = *value;
		buf_free(&words);
	}
	card->fields.n = left;
}

static int
read_field(struct text_reader *reader, const struct front_value *value,
    model_ids *said)
{
	const struct board *board = text_reader_board_now(reader);
	const struct front_value name = {
	    .text = value->key, .line = value->line};
	const struct field *field;
	int err = find_field(reader, value->key, &field);

	if (err == -ENOMEM)
		return text_reader_nomem(reader);
	if (err != 0)
		return text_reader_unknown(reader, &name, "field",
		    "this board has",
		    text_words(board->fields.n, add_field_word, board));
	if (value->type == FRONT_NESTED) {
		(void)text_reader_fail(
		    reader, value->line, "several values of", value->key);
		return text_error_help(reader->error,
		    "a field has one value at a time",
		    "one value belongs there");
	}
	if (value->type != FRONT_SCALAR || *value->text == '\0')
		return 0;
	if (model_ids_add(said, field->id) != 0)
		return text_reader_nomem(reader);
	return set_field(reader, field, value);
}

int
text_reader_fields(struct text_reader *reader, const struct front_entry *entry)
{
	model_ids said = {0};
	int err = 0;

	if (entry != NULL && entry->type != FRONT_NULL &&
	    entry->type != FRONT_MAP &&
	    (entry->type != FRONT_LIST || entry->values.n > 0)) {
		(void)text_reader_fail(
		    reader, entry->line, "a wrong value of", entry->key);
		return text_error_help(reader->error,
		    "each field has its name before its value",
		    "write it as fields: {Name: value, Other: value}");
	}
	if (entry != NULL && entry->type == FRONT_MAP)
		for (size_t i = 0; i < entry->values.n && err == 0; i++)
			err = read_field(reader, &entry->values.v[i], &said);
	if (err == 0 && reader->edit->proof)
		remove_values(reader, &said);
	VEC_FREE(&said);
	return err;
}
