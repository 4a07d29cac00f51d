#include "text/text_reader.h"

#include "model/ids.h"
#include "text/date_text.h"
#include "text/field_text.h"
#include "text/front_matter.h"
#include "text/shown.h"
#include "text/text_error.h"
#include "text/yaml_scalar.h"
#include "util/nearest.h"
#include "util/timeutil.h"
#include "util/utf8.h"
#include "util/zone.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int
add_label_word(const void *set, size_t i, struct buf *out)
{
	const struct board *board = set;

	return label_shown(board, &board->labels.v[i], out);
}

static int
add_member_word(const void *set, size_t i, struct buf *out)
{
	const struct board *board = set;

	return buf_add_str(out, model_str(board->members.v[i].username));
}

static bool
has_id(const model_ids *ids, const char *id)
{
	for (size_t i = 0; i < ids->n; i++)
		if (strcmp(ids->v[i].s, id) == 0)
			return true;
	return false;
}

/*
 * Resolve a label as the text's ancestor had it, then as it is now.  0,
 * -ENOENT or -ENOMEM.
 */
static int
find_label(const struct text_reader *reader, const char *text,
    const struct label **ret_label)
{
	const struct board *board = text_reader_board_now(reader);
	const struct card *card = reader->context->card;
	const struct label *then, *now;
	int err = label_by_shown(reader->context->board, text, &then);

	if (err == -ENOMEM)
		return err;
	*ret_label = then;
	if (then != NULL &&
	    (board_label(board, then->id) != NULL ||
		(card != NULL && has_id(&card->id_labels, then->id))))
		return 0;
	err = label_by_shown(board, text, &now);
	if (now != NULL)
		*ret_label = now;
	return *ret_label != NULL ? 0 : err;
}

static const struct member *
find_member(const struct text_reader *reader, const char *text)
{
	const struct member *then =
	    member_by_shown(reader->context->board, text);

	return then != NULL
		   ? then
		   : member_by_shown(text_reader_board_now(reader), text);
}

static int
find_label_id(
    struct text_reader *reader, const struct front_value *value, model_ids *ids)
{
	const struct board *board = text_reader_board_now(reader);
	const struct label *label;
	int err = find_label(reader, value->text, &label);

	if (err == -ENOMEM)
		return text_reader_nomem(reader);
	if (err != 0)
		return text_reader_unknown(reader, value, "label",
		    "this board has",
		    text_words(board->labels.n, add_label_word, board));
	if (has_id(ids, label->id))
		return 0;
	return model_ids_add(ids, label->id) == 0 ? 0
						  : text_reader_nomem(reader);
}

static int
find_member_id(
    struct text_reader *reader, const struct front_value *value, model_ids *ids)
{
	const struct board *board = text_reader_board_now(reader);
	const struct member *member = find_member(reader, value->text);

	if (member == NULL)
		return text_reader_unknown(reader, value, "member",
		    "this board has",
		    text_words(board->members.n, add_member_word, board));
	if (has_id(ids, member->id))
		return 0;
	return model_ids_add(ids, member->id) == 0 ? 0
						   : text_reader_nomem(reader);
}

static bool
label_shows(const struct board *board, const char *id)
{
	return board_label(board, id) != NULL;
}

static bool
member_shows(const struct board *board, const char *id)
{
	const struct member *member = board_member(board, id);

	return member != NULL && *model_str(member->username) != '\0';
}

/*
 * Make of the ids that a card has those that it has now: in their order,
 * less those that are shown and not in the text (with proof), then new ones.
 */
static int
replace_ids(struct text_reader *reader, model_ids *ids, const model_ids *said,
    bool (*shows)(const struct board *board, const char *id))
{
	size_t left = 0;

	for (size_t i = 0; i < ids->n; i++)
		if (!reader->edit->proof || has_id(said, ids->v[i].s) ||
		    !shows(reader->context->board, ids->v[i].s))
			ids->v[left++] = ids->v[i];
	ids->n = left;
	for (size_t i = 0; i < said->n; i++)
		if (!has_id(ids, said->v[i].s) &&
		    model_ids_add(ids, said->v[i].s) != 0)
			return text_reader_nomem(reader);
	return 0;
}

/* Labels or members: a list, one value, or none. */
static int
read_ids(struct text_reader *reader, const struct front_entry *entry,
    model_ids *ids,
    int (*find)(struct text_reader *reader, const struct front_value *value,
	model_ids *ids),
    bool (*shows)(const struct board *board, const char *id))
{
	model_ids said = {0};
	int err = 0;

	for (size_t i = 0; entry != NULL && i < entry->values.n; i++) {
		const struct front_value *value = &entry->values.v[i];

		if (entry->type == FRONT_MAP || value->type == FRONT_NESTED) {
			err = text_reader_fail(reader, value->line,
			    "a wrong value of", entry->key);
			(void)text_error_why(
			    reader->error, "%s are names", entry->key);
			(void)text_error_remedy(reader->error,
			    "write it as %s: [one, another]", entry->key);
		} else if (value->type == FRONT_SCALAR &&
			   *value->text != '\0') {
			err = find(reader, value, &said);
		}
		if (err != 0)
			break;
	}
	if (err == 0)
		err = replace_ids(reader, ids, &said, shows);
	VEC_FREE(&said);
	return err;
}

static int
read_labels(struct text_reader *reader, const struct front_entry *entry)
{
	return read_ids(reader, entry, &reader->edit->card.id_labels,
	    find_label_id, label_shows);
}

static int
read_members(struct text_reader *reader, const struct front_entry *entry)
{
	return read_ids(reader, entry, &reader->edit->card.id_members,
	    find_member_id, member_shows);
}

/*
 * The one value of an entry into *ret_value, NULL if it says nothing (absent,
 * null or empty).
 */
static int
read_scalar(struct text_reader *reader, const struct front_entry *entry,
    const struct front_value **ret_value)
{
	*ret_value = NULL;
	if (entry == NULL || entry->type == FRONT_NULL)
		return 0;
	if (entry->type != FRONT_SCALAR) {
		(void)text_reader_fail(
		    reader, entry->line, "several values of", entry->key);
		return text_error_help(reader->error, "a card has one of it",
		    "one value belongs there");
	}
	if (*entry->values.v[0].text != '\0')
		*ret_value = &entry->values.v[0];
	return 0;
}

static int
read_date(struct text_reader *reader, const struct front_entry *entry,
    enum date_text_day day, int64_t *date_ms)
{
	const struct zone *zone = reader->context->zone;
	const struct front_value *value;
	int err = read_scalar(reader, entry, &value);

	if (err != 0)
		return err;
	if (value == NULL) {
		if (reader->edit->proof && date_text_shows(*date_ms, zone))
			*date_ms = TIME_NONE;
		return 0;
	}
	if (date_text_parse(value->text, zone, day, date_ms) != 0)
		return text_reader_fail_date(reader, value, entry->key);
	return 0;
}

static int
read_start(struct text_reader *reader, const struct front_entry *entry)
{
	return read_date(
	    reader, entry, DATE_TEXT_DAY_BEGINS, &reader->edit->card.start_ms);
}

static int
read_due(struct text_reader *reader, const struct front_entry *entry)
{
	return read_date(
	    reader, entry, DATE_TEXT_DAY_ENDS, &reader->edit->card.due_ms);
}

static int
read_done(struct text_reader *reader, const struct front_entry *entry)
{
	const struct front_value *value;
	int err = read_scalar(reader, entry, &value);

	if (err != 0)
		return err;
	if (value == NULL) {
		if (reader->edit->proof)
			reader->edit->card.due_complete = false;
		return 0;
	}
	if (text_reader_parse_bool(
		value->text, &reader->edit->card.due_complete) != 0)
		return text_reader_fail_bool(reader, value, entry->key);
	return 0;
}

static int
read_title(struct text_reader *reader, const struct front_entry *entry)
{
	struct card *card = &reader->edit->card;
	const struct front_value *value;
	size_t len;
	int err = read_scalar(reader, entry, &value);

	if (err != 0 || value == NULL ||
	    strcmp(value->text, model_str(card->name)) == 0)
		return err;
	/* A copy is called what its file is called. */
	if (reader->edit->head.link[0] != '\0' && !reader->is_this_card)
		return 0;
	err =
	    text_reader_limit(reader, value->line, "the title is", value->text);
	if (err == 0)
		err = text_reader_set_str(reader, &card->name, value->text);
	if (err != 0)
		return err;
	/* YAML's blocks end in a newline, which nobody means. */
	len = strlen(card->name);
	while (len > 0 && card->name[len - 1] == '\n')
		card->name[--len] = '\0';
	return 0;
}

static const struct {
	const char *key;
	int (*read)(
	    struct text_reader *reader, const struct front_entry *entry);
} keys[] = {
    {"url", NULL}, /* read_head() has looked at these two */
    {"rev", NULL},
    {"title", read_title},
    {"labels", read_labels},
    {"members", read_members},
    {"start", read_start},
    {"due", read_due},
    {"done", read_done},
    {"fields", text_reader_fields},
};

#define KEYS (sizeof keys / sizeof *keys)

static const char *
key_at(const void *set, size_t i)
{
	(void)set;
	return i < KEYS ? keys[i].key : NULL;
}

static int
check_keys(struct text_reader *reader, const struct front_matter *front)
{
	for (size_t i = 0; i < front->entries.n; i++) {
		const struct front_entry *entry = &front->entries.v[i];
		size_t j = 0;

		while (j < KEYS && strcmp(keys[j].key, entry->key) != 0)
			j++;
		if (j < KEYS)
			continue;
		(void)text_reader_fail(
		    reader, entry->line, "unknown key", entry->key);
		text_reader_accepted(
		    reader, entry->key, "the keys of a card are", key_at, NULL);
		return reader->error->code;
	}
	return 0;
}

int
text_reader_front(struct text_reader *reader, const struct front_matter *front)
{
	int err = check_keys(reader, front);

	for (size_t i = 0; i < KEYS && err == 0; i++)
		if (keys[i].read != NULL)
			err = keys[i].read(
			    reader, front_matter_get(front, keys[i].key));
	return err;
}
