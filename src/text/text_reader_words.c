#include "text/text_reader.h"

#include "text/front_matter.h"
#include "text/text_error.h"
#include "util/nearest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What is listed as accepted is cut after so many bytes. */
#define LISTED_BYTES_MAX 300

int
text_reader_fail(struct text_reader *reader, unsigned line, const char *what,
    const char *value)
{
	return text_error_set(
	    reader->error, -EINVAL, line, "%s \"%s\"", what, value);
}

const struct board *
text_reader_board_now(const struct text_reader *reader)
{
	return reader->context->board_now != NULL ? reader->context->board_now
						  : reader->context->board;
}

int
text_reader_fail_date(struct text_reader *reader,
    const struct front_value *value, const char *key)
{
	(void)text_error_set(reader->error, -EINVAL, value->line,
	    "%s \"%s\" is no date", key, value->text);
	return text_error_help(reader->error,
	    "dates are days, days with a time, or RFC 3339",
	    "write 2026-12-01, 2026-12-01 17:00 or "
	    "2026-12-01T17:00+01:00");
}

int
text_reader_parse_bool(const char *text, bool *ret_value)
{
	static const char *const words[] = {
	    "true", "false", "yes", "no", "on", "off"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcasecmp(text, words[i]) == 0) {
			*ret_value = i % 2 == 0;
			return 0;
		}
	}
	return -EINVAL;
}

int
text_reader_fail_bool(struct text_reader *reader,
    const struct front_value *value, const char *key)
{
	(void)text_error_set(reader->error, -EINVAL, value->line,
	    "%s \"%s\" is neither true nor false", key, value->text);
	return text_error_help(
	    reader->error, "it is set or not", "write true or false");
}

int
text_reader_set_str(struct text_reader *reader, char **target, const char *s)
{
	char *copy = strdup(s);

	if (copy == NULL)
		return text_reader_nomem(reader);
	free(*target);
	*target = copy;
	return 0;
}

/* Offer a name as what may have been meant, and list it. */
static void
offer(struct nearest *near, struct buf *listed, const char *name)
{
	nearest_offer(near, name);
	if (listed->len > LISTED_BYTES_MAX)
		return;
	if (listed->len > 0)
		(void)buf_add_str(listed, ", ");
	(void)buf_add_str(listed, name);
	if (listed->len > LISTED_BYTES_MAX)
		(void)buf_add_str(listed, ", \xe2\x80\xa6");
}

void
text_reader_accepted(struct text_reader *reader, const char *value,
    const char *who, text_name_at_fn *name_at, const void *set)
{
	struct buf listed = BUF_INIT;
	struct nearest near;
	const char *name;

	nearest_init(&near, value);
	for (size_t i = 0; (name = name_at(set, i)) != NULL; i++)
		if (*name != '\0')
			offer(&near, &listed, name);
	if (listed.len > 0)
		(void)text_error_why(
		    reader->error, "%s %s", who, buf_str(&listed));
	else
		(void)text_error_why(reader->error, "%s none", who);
	if (near.best != NULL)
		(void)text_error_remedy(
		    reader->error, "did you mean \"%s\"?", near.best);
	else if (listed.len > 0)
		(void)text_error_remedy(
		    reader->error, "write one of these, or take it out");
	else
		(void)text_error_remedy(
		    reader->error, "take it out, or make it at Trello first");
	buf_free(&listed);
}

static const char *
word_at(const void *set, size_t i)
{
	const struct text_words *words = set;

	return i < words->n ? words->v[i] : NULL;
}

static void
words_free(struct text_words *words)
{
	for (size_t i = 0; i < words->n; i++)
		free(words->v[i]);
	free(words->v);
}

struct text_words
text_words(size_t n, int (*add)(const void *set, size_t i, struct buf *out),
    const void *set)
{
	struct text_words words = {.v = calloc(n + 1, sizeof(char *))};

	for (size_t i = 0; words.v != NULL && i < n; i++) {
		struct buf word = BUF_INIT;

		(void)add(set, i, &word);
		words.v[words.n] = buf_steal(&word);
		buf_free(&word);
		if (words.v[words.n] != NULL)
			words.n++;
	}
	return words;
}

int
text_reader_unknown(struct text_reader *reader, const struct front_value *value,
    const char *what, const char *who, struct text_words words)
{
	int err = 0;

	if (reader->context->card == NULL ||
	    (reader->context->made_here && !reader->is_this_card)) {
		(void)buf_printf(
		    &reader->left_out, "%s \"%s\"\n", what, value->text);
		err = reader->left_out.err != 0 ? text_reader_nomem(reader) : 0;
	} else {
		err = text_reader_fail(reader, value->line, what, value->text);
		text_reader_accepted(reader, value->text, who, word_at, &words);
	}
	words_free(&words);
	return err;
}
