#include "text/text_reader.h"

#include "text/line_diff.h"

#include <errno.h>
#include <string.h>

/*
 * A text may end too early: only its beginning was copied, its writer died, or
 * the card became longer while it was read and the kernel still had the old
 * size.  It ends within a line that the card's own text has, or in the
 * description, or within a quote.
 */

struct cut {
	struct lines own, said;
	/* Line numbers: where the bodies begin, the own one's first heading,
	 * what stands below its last one. */
	size_t own_body, said_body, own_head, own_quotes;
	bool in_line; /* what is said does not end in LF */
	size_t keep;  /* so many lines of what is said, */
	size_t rest;  /* and the card's own from there on */
};

static bool
ends_in_lf(const char *s, size_t len)
{
	return len > 0 && s[len - 1] == '\n';
}

static bool
is_quoted(const struct line *line)
{
	return line->len > 0 && line->s[0] == '>';
}

static bool
has_comments(const char *text, size_t len)
{
	size_t n;

	for (size_t at = 0; at < len; at += n + 1) {
		n = line_len(text + at, len - at);
		if (heading_of(text + at, n) == HEADING_COMMENTS)
			return true;
	}
	return false;
}

/* A text that ends so needs no second look. */
static bool
ends_well(const char *text, size_t len)
{
	const char *last;

	if (!ends_in_lf(text, len))
		return false;
	last = memrchr(text, '\n', len - 1);
	return last != NULL && last[1] != '>' && has_comments(text, len);
}

static bool
same_line(const struct line *a, const struct line *b)
{
	return a->len == b->len && memcmp(a->s, b->s, a->len) == 0;
}

static bool
is_beginning(const struct line *line, const struct line *whole)
{
	return line->len <= whole->len &&
	       memcmp(line->s, whole->s, line->len) == 0;
}

static enum heading
heading_at(const struct lines *lines, size_t at)
{
	return heading_of(lines->v[at].s, lines->v[at].len);
}

/* How many lines before these two are the same. */
static size_t
same_before(const struct cut *cut, size_t said, size_t own)
{
	size_t n = 0;

	while (n < said && n < own &&
	       same_line(&cut->said.v[said - n - 1], &cut->own.v[own - n - 1]))
		n++;
	return n;
}

/* Of the card's own lines that begin like the last one of what is said that
 * before which most is the same. */
static bool
find_line(struct cut *cut)
{
	size_t last = cut->said.n - 1, most = 0;
	bool found = false;

	for (size_t at = cut->own_body; at < cut->own.n; at++) {
		size_t n = same_before(cut, last, at);

		if (!is_beginning(&cut->said.v[last], &cut->own.v[at]) ||
		    (found && n <= most))
			continue;
		found = true;
		most = n;
		cut->rest = at;
	}
	cut->keep = last;
	return found && last >= cut->said_body;
}

/* Whether the description ends where some lines of the own one are missing at
 * its end, or nothing but what follows it. */
static int
find_end(struct cut *cut, bool *ret_found)
{
	size_t own_n = cut->own_head - cut->own_body;
	size_t said_n = cut->said.n - cut->said_body;
	struct hunks hunks = {0};
	const struct hunk *last = NULL;
	int r = line_diff(cut->own.numbers + cut->own_body, own_n,
	    cut->said.numbers + cut->said_body, said_n, &hunks);

	cut->keep = cut->said.n;
	cut->rest = cut->own_head;
	if (hunks.n > 0)
		last = &hunks.v[hunks.n - 1];
	if (last != NULL && last->a_at + last->a_n < own_n)
		last = NULL;
	if (last != NULL)
		cut->rest = cut->own_body + last->a_at;
	*ret_found = r == 0 && own_n > 0 && said_n > 0 &&
		     (last == NULL || (last->a_n > 0 && last->b_n == 0));
	VEC_FREE(&hunks);
	return r;
}

/* Whether the comments, from the line `at` on, are the first of the card's
 * own, and end within a line or a quote. */
static bool
find_quote(struct cut *cut, size_t at)
{
	size_t own = cut->own_quotes, n = 0;

	while (at + n < cut->said.n && own + n < cut->own.n &&
	       same_line(&cut->said.v[at + n], &cut->own.v[own + n]))
		n++;
	cut->keep = at + n;
	cut->rest = own + n;
	if (cut->rest == cut->own.n)
		return false;
	if (cut->keep < cut->said.n)
		return cut->in_line && cut->keep == cut->said.n - 1 &&
		       is_beginning(
			   &cut->said.v[cut->keep], &cut->own.v[cut->rest]);
	return is_quoted(&cut->own.v[cut->rest]) &&
	       is_quoted(&cut->said.v[cut->keep - 1]);
}

/* Where the body begins. */
static size_t
body_of(const struct lines *lines, const char *text, size_t len)
{
	struct card_text_head head;
	size_t i = 0;

	card_text_head(text, len, &head);
	while (i < lines->n && lines->v[i].s < text + head.body_at)
		i++;
	return i;
}

static int
find(struct cut *cut, bool *ret_found)
{
	size_t said_head = cut->said.n;

	cut->own_head = cut->own.n;
	for (size_t i = cut->own.n; i-- > cut->own_body;)
		if (heading_at(&cut->own, i) != HEADING_NONE) {
			if (cut->own_head == cut->own.n)
				cut->own_quotes = i + 1;
			cut->own_head = i;
		}
	for (size_t i = cut->said.n; i-- > cut->said_body;) {
		enum heading heading = heading_at(&cut->said, i);

		if (heading == HEADING_COMMENTS) {
			*ret_found = find_quote(cut, i + 1);
			return 0;
		}
		if (heading != HEADING_NONE)
			said_head = i;
	}
	*ret_found = cut->in_line && find_line(cut);
	if (!cut->in_line && said_head == cut->said.n)
		return find_end(cut, ret_found);
	return 0;
}

static void
add_lines(struct buf *out, const struct lines *lines, size_t at, size_t end)
{
	for (; at < end; at++) {
		(void)buf_add(out, lines->v[at].s, lines->v[at].len);
		(void)buf_add_char(out, '\n');
	}
}

static int
take_apart(struct cut *cut, const struct buf *own, const char *text, size_t len)
{
	struct line_numbers *numbers = line_numbers_new();
	int r = numbers == NULL ? -ENOMEM : 0;

	if (r == 0)
		r = lines_init(&cut->own, numbers, own->data, own->len);
	if (r == 0)
		r = lines_init(&cut->said, numbers, text, len);
	line_numbers_free(numbers);
	if (r == 0) {
		cut->own_body = body_of(&cut->own, own->data, own->len);
		cut->said_body = body_of(&cut->said, text, len);
	}
	return r;
}

int
text_reader_complete(
    const struct text_reader *reader, struct buf *out, bool *ret_cut)
{
	const struct card_text_context *context = reader->context;
	struct cut cut = {.in_line = !ends_in_lf(reader->text, reader->len)};
	struct buf own = BUF_INIT;
	char rev[TEXT_REV_SIZE];
	int r;

	*ret_cut = false;
	if (reader->n_appended > 0 || ends_well(reader->text, reader->len))
		return 0;
	r = card_text_format(context->card, context->board,
	    model_str(context->file_name), context->zone, &own, rev);
	if (r == 0)
		r = take_apart(&cut, &own, reader->text, reader->len);
	if (r == 0)
		r = find(&cut, ret_cut);
	if (r == 0 && *ret_cut) {
		add_lines(out, &cut.said, 0, cut.keep);
		add_lines(out, &cut.own, cut.rest, cut.own.n);
		r = out->err;
	}
	lines_fini(&cut.own);
	lines_fini(&cut.said);
	buf_free(&own);
	return r;
}
