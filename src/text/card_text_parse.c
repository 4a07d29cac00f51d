#include "text/card_text.h"

#include "text/front_matter.h"
#include "text/heading.h"
#include "text/names.h"
#include "text/text_error.h"
#include "text/text_reader.h"
#include "util/utf8.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int
text_reader_nomem(struct text_reader *reader)
{
	return text_error_set(
	    reader->error, -ENOMEM, 0, "%s", strerror(ENOMEM));
}

int
text_reader_limit(struct text_reader *reader, unsigned line, const char *what,
    const char *text)
{
	size_t len = strlen(text);

	if (len <= MODEL_TEXT_MAX_CHARS ||
	    utf8_utf16_len(text, len) <= MODEL_TEXT_MAX_CHARS)
		return 0;
	(void)text_error_set(reader->error, -EFBIG, line, "%s too long", what);
	return text_error_help(reader->error,
	    "Trello takes at most 16,384 characters",
	    "shorten it, or attach it as a file at Trello");
}

int
text_reader_count(struct text_reader *reader, unsigned line, size_t n,
    size_t had, const char *what)
{
	if (n <= TEXT_THINGS_MAX || n <= had + TEXT_THINGS_MAX)
		return 0;
	(void)text_error_set(reader->error, -EFBIG, line,
	    "there are more than %d %s", TEXT_THINGS_MAX, what);
	return text_error_help(reader->error, "no card at Trello has that many",
	    "leave some of them out");
}

/* Whether all is text; *ret_at and *ret_line: where the first line that is
 * not begins. */
static bool
is_text(const struct text_reader *reader, size_t *ret_at, unsigned *ret_line)
{
	unsigned line = 1;

	if (utf8_valid(reader->text, reader->len) &&
	    memchr(reader->text, '\0', reader->len) == NULL)
		return true;
	for (size_t at = 0; at < reader->len; line++) {
		const char *s = reader->text + at;
		size_t n = line_len(s, reader->len - at);

		*ret_at = at;
		*ret_line = line;
		if (!utf8_valid(s, n) || memchr(s, '\0', n) != NULL)
			break;
		at += n + 1;
	}
	return false;
}

static bool
is_crlf(const char *s, size_t len)
{
	const char *end = s + len;
	bool any = false;

	for (const char *p = s;
	     (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++) {
		if (p == s || p[-1] != '\r')
			return false;
		any = true;
	}
	return any;
}

/*
 * Whether a text of CRLF lines was made from one that was not.  Front matter
 * of ours has LF; without front matter the description tells.
 */
static bool
was_lf(const struct text_reader *reader, bool has_front_matter)
{
	const struct card *card = reader->context->card;
	const char *desc = card != NULL ? model_str(card->desc) : "";

	if (has_front_matter)
		return true;
	return card != NULL && !is_crlf(desc, strlen(desc));
}

/* Copy the text as LF, and move the offsets of what was appended. */
static int
convert_crlf(struct text_reader *reader, struct buf *out, size_t *offsets)
{
	const struct card_text_context *context = reader->context;
	size_t next = 0;

	for (size_t i = 0; i < reader->len; i++) {
		while (next < context->n_appended &&
		       context->appended_at[next] <= i)
			offsets[next++] = out->len;
		if (reader->text[i] == '\r' && i + 1 < reader->len &&
		    reader->text[i + 1] == '\n')
			continue;
		if (buf_add_char(out, reader->text[i]) != 0)
			return text_reader_nomem(reader);
	}
	while (next < context->n_appended)
		offsets[next++] = out->len;
	reader->text = buf_str(out);
	reader->len = out->len;
	reader->appended_at = offsets;
	reader->was_crlf = true;
	return 0;
}

static bool
is_link_char(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_';
}

/* The card of an address: what stands behind `trello.com/c/`. */
static void
read_link(const char *url, char link[CARD_TEXT_LINK_SIZE])
{
	const char *s = strstr(url, "trello.com/c/");
	size_t n = 0;

	link[0] = '\0';
	if (s == NULL)
		return;
	s += strlen("trello.com/c/");
	while (is_link_char(s[n]))
		n++;
	if (n >= CARD_TEXT_LINK_SIZE)
		return;
	memcpy(link, s, n);
	link[n] = '\0';
}

static const char *
scalar(const struct front_matter *front, const char *key)
{
	const struct front_entry *entry = front_matter_get(front, key);

	if (entry == NULL || entry->type != FRONT_SCALAR)
		return "";
	return entry->values.v[0].text;
}

static void
read_head(const struct front_matter *front, struct card_text_head *head)
{
	const char *rev = scalar(front, "rev");

	read_link(scalar(front, "url"), head->link);
	if (strlen(rev) < TEXT_REV_SIZE &&
	    rev[strspn(rev, "0123456789abcdef")] == '\0')
		memcpy(head->rev, rev, strlen(rev) + 1);
}

void
card_text_head(const char *text, size_t len, struct card_text_head *ret_head)
{
	struct front_matter front = {0};
	struct front_span span;
	struct text_error error = {0};

	memset(ret_head, 0, sizeof *ret_head);
	front_span_find(text, len, &span);
	ret_head->has_front_matter = span.found;
	ret_head->closed = span.closed;
	ret_head->body_at = span.body_at;
	if (!span.closed ||
	    !utf8_valid(text + span.yaml_at, span.yaml_end - span.yaml_at))
		return;
	if (front_matter_read(text + span.yaml_at, span.yaml_end - span.yaml_at,
		span.line, &front, &error) != -ENOMEM)
		read_head(&front, ret_head);
	front_matter_fini(&front);
}

/*
 * What the card's own text has of front matter, and of all that stands above
 * its comments: so much a text may always have.
 */
static void
measure_own(
    const struct text_reader *reader, size_t *ret_front, size_t *ret_whole)
{
	const struct card_text_context *context = reader->context;
	struct front_span span = {0};
	struct text_sections sections = {0};
	struct buf own = BUF_INIT;
	char rev[TEXT_REV_SIZE];
	struct text_error error;
	struct text_reader of_own = {.error = &error};

	*ret_front = *ret_whole = 0;
	if (context->card == NULL ||
	    card_text_format(context->card, context->board, "", context->zone,
		&own, rev) != 0)
		goto out;
	front_span_find(own.data, own.len, &span);
	*ret_front = span.yaml_end - span.yaml_at;
	of_own.text = own.data;
	of_own.len = own.len;
	if (text_sections_find(&of_own, span.body_at, 1, &sections) == 0)
		*ret_whole = sections.v.v[sections.v.n - 1].at;
	text_sections_fini(&sections);
out:
	buf_free(&own);
}

/* Whether a text is too large, front matter and what follows it up to the
 * comments. */
static bool
is_too_large(const struct text_reader *reader, size_t front, size_t whole)
{
	size_t own_front, own_whole;

	if (front <= FRONT_MATTER_BYTES_MAX && whole <= CARD_TEXT_BYTES_MAX)
		return false;
	measure_own(reader, &own_front, &own_whole);
	return front > FRONT_MATTER_BYTES_MAX + own_front ||
	       whole > CARD_TEXT_BYTES_MAX + own_whole;
}

static int
check_span(struct text_reader *reader, const struct front_span *span)
{
	size_t end = span->closed ? span->yaml_end : reader->len;

	if (is_too_large(reader, end - span->yaml_at, 0)) {
		(void)text_error_set(reader->error, -EINVAL, span->line - 1,
		    "the front matter is longer than 64 KiB");
		return text_error_help(reader->error,
		    "it ends with the second line `---`",
		    "a line `---` belongs after its last key");
	}
	if (span->closed)
		return 0;
	(void)text_error_set(reader->error, -EINVAL, span->line - 1,
	    "the front matter has no end");
	reader->error->incomplete = true;
	return text_error_help(reader->error,
	    "it begins with the line `---`, and ends with another",
	    "a line `---` belongs after its last key");
}

static bool
is_this_card(const struct card_text_context *context, const char *link)
{
	if (*link == '\0' || context->card == NULL)
		return false;
	return strcmp(link, model_str(context->card->short_link)) == 0 ||
	       strcmp(link, context->card->id) == 0 ||
	       strcmp(link, model_str(context->old_id)) == 0;
}

/* Read what front matter and sections say, front matter first. */
static int
read_parts(struct text_reader *reader, const struct front_matter *front,
    const struct text_sections *sections)
{
	const struct text_section *last = NULL;
	int err;

	if (sections->v.n > 0)
		last = &sections->v.v[sections->v.n - 1];
	if (last != NULL && last->heading != HEADING_COMMENTS)
		last = NULL;
	if (is_too_large(reader, 0, last != NULL ? last->at : reader->len)) {
		(void)text_error_set(
		    reader->error, -EFBIG, 0, "the text is over 1 MiB");
		reader->error->too_large = true;
		return text_error_help(reader->error,
		    "no card can be that long",
		    "shorten it, or attach it as a file at Trello");
	}
	reader->edit->complete = last != NULL && !reader->cut;
	reader->is_this_card =
	    is_this_card(reader->context, reader->edit->head.link);
	reader->is_ours = reader->is_this_card && reader->context->rev_known;
	reader->edit->proof = reader->is_ours && reader->edit->complete;
	err = text_reader_front(reader, front);
	if (err != 0) {
		reader->error->in_front_matter = true;
		return err;
	}
	err = text_reader_description(reader, sections);
	if (err == 0)
		err = text_reader_checklists(reader, sections);
	if (err == 0)
		err = text_reader_attachments(reader, sections);
	if (err == 0 && last != NULL)
		err = text_reader_comments(reader, last);
	return err;
}

static int
read_text(struct text_reader *reader)
{
	struct text_sections sections = {0};
	struct front_matter front = {0};
	struct front_span span;
	int err;

	front_span_find(reader->text, reader->len, &span);
	reader->edit->has_front_matter = span.found;
	reader->edit->head.has_front_matter = span.found;
	reader->edit->head.closed = span.closed;
	reader->edit->head.body_at = span.body_at;
	if (!span.found) {
		sections.desc_end = reader->len;
		sections.desc_line = 1;
		return read_parts(reader, &front, &sections);
	}
	err = check_span(reader, &span);
	if (err != 0) {
		reader->error->in_front_matter = true;
		return err;
	}
	err = front_matter_read(reader->text + span.yaml_at,
	    span.yaml_end - span.yaml_at, span.line, &front, reader->error);
	if (err == 0) {
		read_head(&front, &reader->edit->head);
		err = text_sections_find(
		    reader, span.body_at, span.body_line, &sections);
	}
	if (err == 0)
		err = read_parts(reader, &front, &sections);
	text_sections_fini(&sections);
	front_matter_fini(&front);
	return err;
}

static int
begin(struct text_reader *reader)
{
	struct card_edit *edit = reader->edit;
	const struct card_text_context *context = reader->context;
	struct buf title = BUF_INIT;
	struct card copy;

	memset(edit, 0, sizeof *edit);
	edit->tail = SIZE_MAX;
	card_init(&edit->card);
	if (context->card != NULL) {
		if (card_copy(context->card, &copy) != 0)
			return text_reader_nomem(reader);
		edit->card = copy;
		return 0;
	}
	if (context->file_name == NULL)
		return 0;
	if (title_from_name(context->file_name, NAME_CARD_EXTENSION, &title) ==
	    0)
		edit->card.name = buf_steal(&title);
	buf_free(&title);
	return edit->card.name != NULL ? 0 : text_reader_nomem(reader);
}

/* Put the rest of the card's own text behind one that ends too early. */
static int
complete(struct text_reader *reader, struct buf *whole)
{
	struct card_text_head head;

	card_text_head(reader->text, reader->len, &head);
	if (reader->cut || !head.closed ||
	    !is_this_card(reader->context, head.link))
		return 0;
	if (text_reader_complete(reader, whole, &reader->cut) != 0)
		return text_reader_nomem(reader);
	if (reader->cut) {
		reader->text = buf_str(whole);
		reader->len = whole->len;
	}
	return 0;
}

static int
read_lines(struct text_reader *reader)
{
	struct buf converted = BUF_INIT, whole = BUF_INIT;
	struct front_span span;
	size_t *offsets = NULL;
	int err = 0;

	front_span_find(reader->text, reader->len, &span);
	if (is_crlf(reader->text, reader->len) && was_lf(reader, span.found)) {
		offsets =
		    calloc(reader->context->n_appended + 1, sizeof(size_t));
		err = offsets != NULL
			  ? convert_crlf(reader, &converted, offsets)
			  : text_reader_nomem(reader);
		if (err == 0)
			err = complete(reader, &whole);
	}
	if (err == 0)
		err = read_text(reader);
	buf_free(&converted);
	buf_free(&whole);
	free(offsets);
	return err;
}

static int
read_bytes(struct text_reader *reader)
{
	unsigned line = 0;
	size_t at = 0;
	int err;

	if (is_text(reader, &at, &line))
		return read_lines(reader);
	/* It may only be cut within a character: what is wrong with the front
	 * matter is told already now. */
	reader->len = at;
	err = read_lines(reader);
	if (err != 0 && reader->error->in_front_matter)
		return err;
	(void)text_error_set(
	    reader->error, -EINVAL, line, "this is not UTF-8 text");
	return text_error_help(reader->error,
	    "Trello takes nothing else, and no NUL characters",
	    "let the editor save the file as UTF-8; what is no text gets a "
	    "name that does not end in .md");
}

static int
parse(struct text_reader *reader)
{
	struct buf whole = BUF_INIT;
	int err = complete(reader, &whole);

	if (err == 0)
		err = read_bytes(reader);
	buf_free(&whole);
	return err;
}

int
card_text_parse(const char *text, size_t len,
    const struct card_text_context *context, struct card_edit *ret_edit,
    struct text_error *error)
{
	struct text_reader reader = {.context = context,
	    .edit = ret_edit,
	    .error = error,
	    .text = text,
	    .len = len,
	    .appended_at = context->appended_at,
	    .n_appended = context->n_appended};
	int err;

	memset(error, 0, sizeof *error);
	err = begin(&reader);
	if (err == 0)
		err = parse(&reader);
	if (err == 0) {
		ret_edit->left_out = buf_steal(&reader.left_out);
		if (ret_edit->left_out == NULL)
			err = text_reader_nomem(&reader);
	}
	buf_free(&reader.left_out);
	if (err != 0)
		card_edit_fini(ret_edit);
	return err;
}

/* The line with the rev, and what stands before it; false: there is none. */
static bool
find_rev(const char *text, size_t len, size_t *ret_at, size_t *ret_behind)
{
	struct front_span span;

	front_span_find(text, len, &span);
	for (size_t at = span.yaml_at; at < span.yaml_end;) {
		size_t n = line_len(text + at, span.yaml_end - at);

		if (n >= 4 && memcmp(text + at, "rev:", 4) == 0) {
			*ret_at = at;
			*ret_behind = at + n;
			return true;
		}
		at += n + 1;
	}
	return false;
}

bool
card_text_same(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t a_at, a_behind, b_at, b_behind;

	if (!find_rev(a, a_len, &a_at, &a_behind) ||
	    !find_rev(b, b_len, &b_at, &b_behind))
		return a_len == b_len && memcmp(a, b, a_len) == 0;
	return a_at == b_at && a_len - a_behind == b_len - b_behind &&
	       memcmp(a, b, a_at) == 0 &&
	       memcmp(a + a_behind, b + b_behind, a_len - a_behind) == 0;
}

void
card_edit_fini(struct card_edit *edit)
{
	card_fini(&edit->card);
	VEC_FREE(&edit->plain);
	free(edit->left_out);
	edit->left_out = NULL;
}
