#include "text/text_quotes.h"

#include "text/comment_text.h"
#include "text/date_text.h"
#include "text/heading.h"
#include "text/text_error.h"
#include "text/text_reader.h"
#include "util/timeutil.h"
#include "util/utf8.h"
#include "util/zone.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Of an author's name, in an error. */

#define QUARTER_S 900
/* More than two zones can differ. */
#define ZONES_APART_S (26 * 3600)

static bool
is_blank_line(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strchr(" \t\r", s[i]) == NULL)
			return false;
	return true;
}

/* Find the blocks between two offsets. */
static int
find_blocks(struct text_quotes *quotes, size_t at, size_t end, unsigned line)
{
	const char *text = quotes->reader->text;
	struct text_block *block = NULL;

	for (; at < end; line++) {
		size_t n = line_len(text + at, end - at);
		bool is_quote = text[at] == '>';

		if (is_blank_line(text + at, n)) {
			block = NULL;
		} else if (block == NULL || block->is_quote != is_quote) {
			block = VEC_ADD(&quotes->blocks);
			if (block == NULL)
				return text_reader_nomem(quotes->reader);
			block->at = at;
			block->line = line;
			block->is_quote = is_quote;
		}
		if (block != NULL)
			block->end = at + n;
		at += n < end - at ? n + 1 : n;
	}
	return 0;
}

static int
add_known(
    struct text_quotes *quotes, const struct comment *comment, bool is_late)
{
	const struct text_reader *reader = quotes->reader;
	struct text_known *known = VEC_ADD(&quotes->known);
	struct buf header = BUF_INIT;

	if (known == NULL)
		return -ENOMEM;
	known->comment = comment;
	known->is_late = is_late;
	(void)comment_text_header(&header, comment,
	    is_late ? text_reader_board_now(reader) : reader->context->board,
	    reader->context->zone);
	known->header = buf_steal(&header);
	buf_free(&header);
	return known->header != NULL ? 0 : -ENOMEM;
}

static bool
has_comment(const struct card *card, const char *id)
{
	for (size_t i = 0; i < card->comments.n; i++)
		if (strcmp(card->comments.v[i].id, id) == 0)
			return true;
	return false;
}

static int
find_known(struct text_quotes *quotes)
{
	const struct card *card = quotes->reader->context->card;
	const struct card *now = quotes->reader->context->card_now;

	for (size_t i = 0; card != NULL && i < card->comments.n; i++)
		if (add_known(quotes, &card->comments.v[i], false) != 0)
			return text_reader_nomem(quotes->reader);
	for (size_t i = 0; card != NULL && now != NULL && i < now->comments.n;
	     i++)
		if (!has_comment(card, now->comments.v[i].id) &&
		    add_known(quotes, &now->comments.v[i], true) != 0)
			return text_reader_nomem(quotes->reader);
	return 0;
}

/* A line of a quote without what makes it one. */
static const char *
unquote(const char *line, size_t len, size_t *ret_len)
{
	size_t skip = len > 1 && line[1] == ' ' ? 2 : 1;

	*ret_len = len - skip;
	return line + skip;
}

/* The first line of a quote, blanks at its end dropped. */
static const char *
header_of(const char *text, const struct text_block *block, size_t *ret_len)
{
	const char *s = text + block->at;
	size_t len = line_len(s, block->end - block->at);

	s = unquote(s, len, &len);
	while (len > 0 && strchr(" \t\r", s[len - 1]) != NULL)
		len--;
	*ret_len = len;
	return s;
}

/*
 * The words of a quote, below its first line and the empty one that we put
 * behind that.
 */
static int
add_words(struct buf *out, const char *text, const struct text_block *block)
{
	size_t at = block->at;
	bool first = true;

	for (int number = 0; at <= block->end; number++) {
		size_t n = line_len(text + at, block->end - at), len;
		const char *s = unquote(text + at, n, &len);

		at += n + 1;
		if (number == 0 || (number == 1 && is_blank_line(s, len)))
			continue;
		if (!first)
			(void)buf_add_char(out, '\n');
		first = false;
		(void)heading_unescape_line(out, s, len);
	}
	return out->err;
}

static bool
is_blank_char(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/*
 * Whether a text is the other one but for blanks at the ends of lines and
 * blank lines at the end: what editors strip when they save.
 */
static bool
same_but_blanks(const char *comment, const char *s)
{
	for (;;) {
		size_t n = strcspn(comment, "\n"), m = strcspn(s, "\n");
		size_t kept = n;

		while (kept > 0 && is_blank_char(comment[kept - 1]))
			kept--;
		if ((m != n && m != kept) || memcmp(comment, s, m) != 0)
			return false;
		comment += n;
		s += m;
		if (*s == '\0')
			return comment[strspn(comment, "\n \t\r")] == '\0';
		if (*comment == '\0')
			return false;
		comment++;
		s++;
	}
}

/* `@name 2026-11-02 14:03:27`: the length of the author's part, 0 if none. */
static size_t
author_len(const char *s, size_t len, int64_t *ret_wall_ms)
{
	char date[sizeof "2026-11-02 14:03:27"];
	struct zone utc;
	size_t n = sizeof date - 1;

	if (len < n + 3 || s[0] != '@' || s[len - n - 1] != ' ' ||
	    memchr(s, ' ', len) != s + len - n - 1)
		return 0;
	memcpy(date, s + len - n, n);
	date[n] = '\0';
	zone_init_utc(&utc);
	if (date_text_parse(date, &utc, DATE_TEXT_DAY_BEGINS, ret_wall_ms) != 0)
		return 0;
	return len - n;
}

/*
 * Whether the header would be this comment's in another time zone: the text
 * may be older than a journey.
 */
static bool
is_elsewhere(const struct text_known *known, const char *header, size_t len)
{
	int64_t wall_ms, apart_s;
	size_t n = author_len(header, len, &wall_ms);

	if (n == 0 || strncmp(known->header, header, n) != 0 ||
	    known->comment->date_ms == TIME_NONE)
		return false;
	apart_s = wall_ms / 1000 - known->comment->date_ms / 1000;
	return apart_s % QUARTER_S == 0 && apart_s <= ZONES_APART_S &&
	       apart_s >= -ZONES_APART_S;
}

static bool
is_header(const struct text_known *known, const char *header, size_t len)
{
	return strlen(known->header) == len &&
	       memcmp(known->header, header, len) == 0;
}

/*
 * The known comment that a quote is: of those that its first line heads, one
 * with the same words, else the first.
 */
static struct text_known *
find_comment(struct text_quotes *quotes, const char *header, size_t len,
    const char *words)
{
	struct text_known *found = NULL;
	size_t n = quotes->known.n;

	for (size_t i = 0; i < n; i++) {
		size_t at = (quotes->cursor + i) % n;
		struct text_known *known = &quotes->known.v[at];

		if (known->found)
			continue;
		if (is_header(known, header, len)) {
			if (strcmp(model_str(known->comment->text), words) ==
			    0) {
				quotes->cursor = at + 1;
				return known;
			}
			/* The first in the card's order, not the cursor's. */
			if (found == NULL || known < found)
				found = known;
		}
	}
	for (size_t i = 0; found == NULL && i < n; i++) {
		struct text_known *known = &quotes->known.v[i];

		if (!known->found && is_elsewhere(known, header, len) &&
		    same_but_blanks(model_str(known->comment->text), words))
			found = known;
	}
	return found;
}

static bool
is_mine(const struct text_reader *reader, const struct comment *comment)
{
	const struct member *me = reader->context->me;

	return me == NULL || strcmp(me->id, comment->id_creator) == 0;
}

/* Compare a known comment's quote with what it was. */
static int
compare(struct text_quotes *quotes, struct text_known *known,
    const struct text_block *block, const char *words)
{
	struct text_reader *reader = quotes->reader;
	int err;

	known->found = true;
	if (same_but_blanks(model_str(known->comment->text), words))
		return 0;
	if (!is_mine(reader, known->comment)) {
		(void)text_error_set(reader->error, -EINVAL, block->line,
		    "the comment of %.*s was changed",
		    (int)utf8_cut(known->header, strcspn(known->header, " "),
			TEXT_SHOWN_MAX),
		    known->header);
		return text_error_help(reader->error,
		    "only its author can do that",
		    "put it back, and answer below the last comment");
	}
	err = text_reader_limit(reader, block->line, "the comment is", words);
	if (err != 0)
		return err;
	known->changed = strdup(words);
	return known->changed != NULL ? 0 : text_reader_nomem(reader);
}

/* Recognise the known comments; *ret_behind: the number of the block behind
 * the last of them. */
static int
read_quotes(struct text_quotes *quotes, size_t *ret_behind)
{
	const char *text = quotes->reader->text;
	struct buf words = BUF_INIT;
	int err = 0;

	*ret_behind = 0;
	for (size_t i = 0; i < quotes->blocks.n && err == 0; i++) {
		struct text_block *block = &quotes->blocks.v[i];
		struct text_known *known;
		const char *header;
		size_t len;

		if (!block->is_quote)
			continue;
		buf_clear(&words);
		if (add_words(&words, text, block) != 0) {
			err = text_reader_nomem(quotes->reader);
			break;
		}
		header = header_of(text, block, &len);
		known = find_comment(quotes, header, len, buf_str(&words));
		if (known == NULL)
			continue;
		block->is_known = true;
		*ret_behind = i + 1;
		err = compare(quotes, known, block, buf_str(&words));
	}
	buf_free(&words);
	return err;
}

bool
text_quotes_is_foreign(
    const struct text_quotes *quotes, const struct text_block *block)
{
	int64_t wall_ms;
	const char *header;
	size_t len;

	if (!block->is_quote || quotes->reader->is_ours)
		return false;
	header = header_of(quotes->reader->text, block, &len);
	return author_len(header, len, &wall_ms) != 0;
}

int
text_quotes_read(struct text_quotes *quotes, size_t at, size_t end,
    unsigned line, size_t *ret_behind)
{
	int err = find_blocks(quotes, at, end, line);

	if (err == 0)
		err = find_known(quotes);
	if (err == 0)
		err = read_quotes(quotes, ret_behind);
	return err;
}

void
text_quotes_fini(struct text_quotes *quotes)
{
	for (size_t i = 0; i < quotes->known.n; i++) {
		free(quotes->known.v[i].header);
		free(quotes->known.v[i].changed);
	}
	VEC_FREE(&quotes->blocks);
	VEC_FREE(&quotes->known);
}
