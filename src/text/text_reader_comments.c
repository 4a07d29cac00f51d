#include "text/text_reader.h"

#include "text/text_error.h"
#include "text/text_quotes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct comments {
	struct text_reader *reader;
	struct text_quotes quotes;
	char *tail; /* the new comment of a whole text */
	VEC(char *) appended;
};

static bool
is_blank_char(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool
is_blank_line(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strchr(" \t\r", s[i]) == NULL)
			return false;
	return true;
}

static struct text_line
line_at(const char *text, size_t at, size_t end, unsigned number)
{
	return (struct text_line){.s = text + at,
	    .len = line_len(text + at, end - at),
	    .line = number};
}

/* Nothing but known comments, and foreign ones, stands before a known one. */
static int
check_between(struct comments *comments, size_t behind)
{
	for (size_t i = 0; i < behind; i++) {
		const struct text_block *block = &comments->quotes.blocks.v[i];
		struct text_line line;

		if (block->is_known)
			continue;
		if (text_quotes_is_foreign(&comments->quotes, block)) {
			comments->reader->edit->n_foreign_quotes++;
			continue;
		}
		line = line_at(
		    comments->reader->text, block->at, block->end, block->line);
		return text_reader_misplaced(comments->reader, &line,
		    "a new comment stands below the last one");
	}
	return 0;
}

static int
fail_section(struct text_reader *reader, const struct text_line *line)
{
	(void)text_reader_misplaced(reader, line,
	    "## Comments is the last section; what stands below it is a "
	    "comment");
	return text_error_remedy(reader->error,
	    "move it up, above ## Comments; to say it in a comment, begin "
	    "that with other words");
}

/* Words below the last comment that look as if they were meant otherwise. */
static int
check_words(
    struct comments *comments, const struct text_block *block, bool is_first)
{
	const char *text = comments->reader->text;
	unsigned number = block->line;

	for (size_t at = block->at; at < block->end; number++) {
		struct text_line line = line_at(text, at, block->end, number);

		if (heading_of(line.s, line.len) != HEADING_NONE ||
		    (is_first && at == block->at && line.len > 3 &&
			memcmp(line.s, "## ", 3) == 0))
			return fail_section(comments->reader, &line);
		at += line.len + 1;
	}
	return 0;
}

static int
add_new(struct comments *comments, unsigned line, struct buf *words,
    char **ret_text)
{
	struct buf text = BUF_INIT;
	int err;

	while (words->len > 0 && (is_blank_char(words->data[words->len - 1]) ||
				     words->data[words->len - 1] == '\n'))
		words->data[--words->len] = '\0';
	(void)heading_unescape(&text, buf_str(words), words->len);
	err = text_reader_limit(
	    comments->reader, line, "the comment is", buf_str(&text));
	if (err == 0) {
		*ret_text = buf_steal(&text);
		if (*ret_text == NULL || words->err != 0)
			err = text_reader_nomem(comments->reader);
	}
	buf_free(&text);
	return err;
}

/* What stands behind the last known comment of a whole text. */
static int
read_tail(struct comments *comments, size_t behind)
{
	struct buf words = BUF_INIT;
	unsigned line = 0;
	size_t end = 0;
	int err = 0;

	for (size_t i = behind; i < comments->quotes.blocks.n && err == 0;
	     i++) {
		const struct text_block *block = &comments->quotes.blocks.v[i];

		if (text_quotes_is_foreign(&comments->quotes, block)) {
			comments->reader->edit->n_foreign_quotes++;
			end = 0;
			continue;
		}
		if (!block->is_quote)
			err = check_words(comments, block, words.len == 0);
		if (line == 0)
			line = block->line;
		if (words.len > 0 && end == 0)
			(void)buf_add_str(&words, "\n\n");
		if (words.len == 0 || end == 0)
			end = block->at;
		(void)buf_add(
		    &words, comments->reader->text + end, block->end - end);
		end = block->end;
	}
	if (err == 0 && line != 0)
		err = add_new(comments, line, &words, &comments->tail);
	buf_free(&words);
	return err;
}

/* One part of a text that was appended: a comment, whatever it says. */
static int
read_appended(struct comments *comments, size_t at, size_t end)
{
	const char *text = comments->reader->text;
	struct buf words = BUF_INIT;
	char **slot;
	int err;

	while (at < end) {
		size_t n = line_len(text + at, end - at);

		if (!is_blank_line(text + at, n))
			break;
		at += n < end - at ? n + 1 : n;
	}
	if (at == end)
		return 0;
	slot = VEC_ADD(&comments->appended);
	if (slot == NULL)
		return text_reader_nomem(comments->reader);
	(void)buf_add(&words, text + at, end - at);
	err = add_new(comments, 0, &words, slot);
	buf_free(&words);
	return err;
}

/*
 * The i-th offset at which the section was appended to, or its end.  A
 * character that was written in two pieces belongs to the first.
 */
static size_t
appended_at(const struct text_reader *reader,
    const struct text_section *section, size_t i)
{
	size_t at =
	    i < reader->n_appended ? reader->appended_at[i] : section->end;

	while (at < section->end &&
	       ((unsigned char)reader->text[at] & 0xc0) == 0x80)
		at++;
	return at < section->end ? at : section->end;
}

static int
read_parts(struct comments *comments, const struct text_section *section)
{
	const struct text_reader *reader = comments->reader;
	size_t first = 0, behind = 0, end;
	int err;

	while (first < reader->n_appended &&
	       reader->appended_at[first] < section->at)
		first++;
	end = appended_at(reader, section, first);
	err = text_quotes_read(
	    &comments->quotes, section->at, end, section->line, &behind);
	if (err == 0)
		err = check_between(comments, behind);
	if (err == 0)
		err = read_tail(comments, behind);
	for (size_t i = first; err == 0 && i < reader->n_appended; i++) {
		size_t next = appended_at(reader, section, i + 1);

		err = read_appended(comments, end, next);
		end = next;
	}
	return err;
}

/* A comment that is new or was not in the ancestor. */
static int
add_comment(struct text_reader *reader, const struct comment *like, char **text)
{
	const struct member *me = reader->context->me;
	struct comment *comment = VEC_ADD(&reader->edit->card.comments);

	if (comment == NULL)
		return text_reader_nomem(reader);
	if (like != NULL) {
		if (comment_copy(like, comment) != 0) {
			reader->edit->card.comments.n--;
			return text_reader_nomem(reader);
		}
		free(comment->text);
	} else {
		comment_init(comment);
		comment->date_ms = reader->context->now_ms;
		memcpy(comment->id_card, reader->edit->card.id, MODEL_ID_SIZE);
		if (me != NULL)
			memcpy(comment->id_creator, me->id, MODEL_ID_SIZE);
	}
	comment->text = *text;
	*text = NULL;
	if (like == NULL && me != NULL && me->username != NULL)
		return text_reader_set_str(
		    reader, &comment->username, me->username);
	return 0;
}

/* A known comment that stood in the ancestor as words, and is no quote now. */
static struct text_known *
plain_known(struct comments *comments, const char *id, size_t len)
{
	for (size_t i = 0; i < comments->quotes.known.n; i++) {
		struct text_known *known = &comments->quotes.known.v[i];

		if (!known->is_late && !known->found &&
		    strncmp(known->comment->id, id, len) == 0 &&
		    known->comment->id[len] == '\0')
			return known;
	}
	return NULL;
}

/* The plain ones of the ancestor, in its text's order. */
struct plain {
	VEC(struct text_known *) known;
};

static int
find_plain(struct comments *comments, struct plain *plain)
{
	const char *ids = comments->reader->context->tail_ids;

	while (ids != NULL && *ids != '\0') {
		size_t len = strcspn(ids, " ");
		struct text_known *known = plain_known(comments, ids, len);

		if (known != NULL) {
			struct text_known **slot = VEC_ADD(&plain->known);

			if (slot == NULL)
				return text_reader_nomem(comments->reader);
			*slot = known;
		}
		ids += len + (ids[len] == ' ');
	}
	return 0;
}

/* How much of the text the comment's words are, with the LFs behind them, if
 * it begins with them as whole lines; else 0. */
static size_t
begins_with(const char *text, const struct text_known *known)
{
	const char *words = model_str(known->comment->text);
	size_t len = strlen(words);

	if (len == 0 || strncmp(text, words, len) != 0 ||
	    (text[len] != '\n' && text[len] != '\0'))
		return 0;
	return len + strspn(text + len, "\n");
}

/* The same at its end, with the LFs before them. */
static size_t
ends_with(const char *text, size_t len, const struct text_known *known)
{
	const char *words = model_str(known->comment->text);
	size_t n = strlen(words), at;

	if (n == 0 || n > len || memcmp(text + len - n, words, n) != 0 ||
	    (n < len && text[len - n - 1] != '\n'))
		return 0;
	for (at = len - n; at > 0 && text[at - 1] == '\n';)
		at--;
	return len - at;
}

static int
change(struct comments *comments, struct text_known *known, const char *text,
    size_t len)
{
	known->found = true;
	known->changed = strndup(text, len);
	return known->changed != NULL ? 0 : text_reader_nomem(comments->reader);
}

/*
 * The words of several comments: those that begin with the first ones as they
 * were, and end with the last ones, have these.  What else stands there is the
 * first one that is not found; or the one before it goes on, or the one behind
 * it begins, with that.
 */
static int
share_tail(struct comments *comments, struct text_known **known, size_t n)
{
	const char *text = comments->tail;
	size_t at = 0, end = strlen(text), len;
	size_t first = 0, first_at = 0, last_end = end;

	while (first < n && (len = begins_with(text + at, known[first])) > 0) {
		known[first++]->found = true;
		first_at = at;
		at += len;
	}
	while (first < n &&
	       (len = ends_with(text + at, end - at, known[n - 1])) > 0) {
		known[--n]->found = true;
		last_end = end;
		end -= len;
	}
	if (at == end)
		return 0;
	if (first < n)
		return change(comments, known[first], text + at, end - at);
	if (first > 0)
		return change(comments, known[first - 1], text + first_at,
		    end - first_at);
	return change(comments, known[0], text, last_end);
}

/* The tail of the ancestor goes on in the tail of this text. */
static int
continue_tail(struct comments *comments)
{
	struct plain plain = {0};
	struct text_known *last = NULL;
	int err = find_plain(comments, &plain);

	if (err == 0 && plain.known.n > 0 && comments->tail != NULL) {
		err = plain.known.n == 1
			  ? change(comments, plain.known.v[0], comments->tail,
				strlen(comments->tail))
			  : share_tail(comments, plain.known.v, plain.known.n);
		free(comments->tail);
		comments->tail = NULL;
	}
	for (size_t i = 0; i < plain.known.n; i++)
		if (plain.known.v[i]->found) {
			last = plain.known.v[i];
			last->is_plain = true;
		}
	if (last != NULL)
		last->is_tail = true;
	VEC_FREE(&plain.known);
	return err;
}

/* The comment that stands in the text as plain words. */
static int
add_plain(struct text_reader *reader, size_t i)
{
	size_t *slot = VEC_ADD(&reader->edit->plain);

	if (slot == NULL)
		return text_reader_nomem(reader);
	*slot = i;
	return 0;
}

/*
 * Leave in the card the comments that are there, changed where they were
 * changed.  The known ones that are not late are the card's, in its order.
 */
static int
keep_comments(struct comments *comments)
{
	struct text_reader *reader = comments->reader;
	struct card *card = &reader->edit->card;
	size_t left = 0;
	int err = 0;

	for (size_t i = 0; i < card->comments.n; i++) {
		struct comment *comment = &card->comments.v[i];
		struct text_known *known = &comments->quotes.known.v[i];

		if (!known->found && reader->edit->proof) {
			comment_fini(comment);
			continue;
		}
		if (known->changed != NULL) {
			free(comment->text);
			comment->text = known->changed;
			known->changed = NULL;
		}
		if (known->is_plain && err == 0)
			err = add_plain(reader, left);
		if (known->is_tail)
			reader->edit->tail = left;
		card->comments.v[left++] = *comment;
	}
	card->comments.n = left;
	return err;
}

static int
replace_comments(struct comments *comments)
{
	struct text_reader *reader = comments->reader;
	struct card *card = &reader->edit->card;
	int err = continue_tail(comments), kept = keep_comments(comments);

	if (err == 0)
		err = kept;
	for (size_t i = 0; i < comments->quotes.known.n && err == 0; i++) {
		struct text_known *known = &comments->quotes.known.v[i];

		if (known->is_late && known->changed != NULL)
			err = add_comment(
			    reader, known->comment, &known->changed);
	}
	if (err == 0 && comments->tail != NULL) {
		reader->edit->tail = card->comments.n;
		err = add_plain(reader, card->comments.n);
		if (err == 0)
			err = add_comment(reader, NULL, &comments->tail);
	}
	for (size_t i = 0; i < comments->appended.n && err == 0; i++) {
		err = add_plain(reader, card->comments.n);
		if (err == 0)
			err =
			    add_comment(reader, NULL, &comments->appended.v[i]);
	}
	return err;
}

int
text_reader_comments(
    struct text_reader *reader, const struct text_section *section)
{
	struct comments comments = {
	    .reader = reader, .quotes = {.reader = reader}};
	int err = read_parts(&comments, section);

	if (err == 0)
		err = replace_comments(&comments);
	text_quotes_fini(&comments.quotes);
	for (size_t i = 0; i < comments.appended.n; i++)
		free(comments.appended.v[i]);
	free(comments.tail);
	VEC_FREE(&comments.appended);
	return err;
}
