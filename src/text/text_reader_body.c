#include "text/text_reader.h"

#include "text/inline.h"
#include "text/names.h"
#include "text/text_error.h"
#include "util/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Of a line, in an error. */
#define LINE_SHOWN_MAX 100

/* Take the name of a checklist out of its heading. */
static void
note_name(struct text_section *section, size_t at, size_t len)
{
	size_t skip = strlen(HEADING_TEXT_CHECKLIST);

	if (section->heading != HEADING_CHECKLIST)
		return;
	section->name_at = at + skip;
	section->name_len = len - skip;
}

int
text_sections_find(struct text_reader *reader, size_t at, unsigned line,
    struct text_sections *ret_sections)
{
	struct text_section *section = NULL;

	ret_sections->desc_at = at;
	ret_sections->desc_end = reader->len;
	ret_sections->desc_line = line;
	for (; at < reader->len; line++) {
		const char *s = reader->text + at;
		size_t n = line_len(s, reader->len - at);
		size_t next = at + n < reader->len ? at + n + 1 : reader->len;
		enum heading heading = heading_of(s, n);

		if (heading != HEADING_NONE) {
			if (section != NULL)
				section->end = at;
			else
				ret_sections->desc_end = at;
			section = VEC_ADD(&ret_sections->v);
			if (section == NULL)
				return text_reader_nomem(reader);
			section->heading = heading;
			section->at = next;
			section->end = reader->len;
			section->line = line + 1;
			note_name(section, at, n);
		}
		/* Below the comments everything is a comment. */
		if (heading == HEADING_COMMENTS)
			break;
		at = next;
	}
	return 0;
}

void
text_sections_fini(struct text_sections *sections)
{
	VEC_FREE(&sections->v);
}

static bool
is_blank(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strchr(" \t\r\n", s[i]) == NULL)
			return false;
	return true;
}

/* Whether a text is the other one but for CRs before its LFs. */
static bool
same_but_cr(const char *with_cr, const char *s)
{
	for (; *with_cr != '\0' || *s != '\0'; with_cr++, s++) {
		if (with_cr[0] == '\r' && with_cr[1] == '\n')
			with_cr++;
		if (*with_cr != *s)
			return false;
	}
	return true;
}

static int
set_description(struct text_reader *reader, unsigned line, const char *desc)
{
	struct card *card = &reader->edit->card;
	const char *old = model_str(card->desc);
	int err;

	if (strcmp(old, desc) == 0 ||
	    (reader->was_crlf && same_but_cr(old, desc)))
		return 0;
	err = text_reader_limit(reader, line, "the description is", desc);
	return err != 0 ? err : text_reader_set_str(reader, &card->desc, desc);
}

int
text_reader_description(
    struct text_reader *reader, const struct text_sections *sections)
{
	const char *s = reader->text + sections->desc_at;
	size_t len = sections->desc_end - sections->desc_at;
	struct buf desc = BUF_INIT;
	int err;

	/* Nothing, and no proof that it is meant. */
	if (!reader->edit->proof && is_blank(s, len))
		return 0;
	/* The newline of its last line, and the blank line behind it. */
	if (len > 0 && s[len - 1] == '\n')
		len--;
	if (sections->v.n > 0 && len > 0 && s[len - 1] == '\n')
		len--;
	if (reader->edit->has_front_matter)
		err = heading_unescape(&desc, s, len);
	else
		err = buf_add(&desc, s, len);
	if (err != 0)
		err = text_reader_nomem(reader);
	else
		err = set_description(
		    reader, sections->desc_line, buf_str(&desc));
	buf_free(&desc);
	return err;
}

bool
text_section_next(const struct text_reader *reader,
    const struct text_section *section, size_t *at, unsigned *line,
    struct text_line *ret_line)
{
	while (*at < section->end) {
		const char *s = reader->text + *at;
		size_t n = line_len(s, section->end - *at);

		ret_line->s = s;
		ret_line->len = n > 0 && s[n - 1] == '\r' ? n - 1 : n;
		ret_line->line = (*line)++;
		*at += n < section->end - *at ? n + 1 : n;
		if (!is_blank(s, n))
			return true;
	}
	return false;
}

const char *
text_line_item(const struct text_line *line, size_t *ret_len)
{
	const char *s = line->s;
	const char *end = s + line->len;

	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	if (end - s < 2 || strchr("-*+", *s) == NULL ||
	    (s[1] != ' ' && s[1] != '\t'))
		return NULL;
	for (s++; s < end && (*s == ' ' || *s == '\t'); s++)
		;
	*ret_len = (size_t)(end - s);
	return s;
}

int
text_reader_misplaced(
    struct text_reader *reader, const struct text_line *line, const char *why)
{
	bool is_heading = line->len > 2 && memcmp(line->s, "##", 2) == 0;
	size_t shown = line->len;

	if (shown > TEXT_SHOWN_MAX)
		shown = utf8_cut(line->s, line->len, TEXT_SHOWN_MAX);
	(void)text_error_set(reader->error, -EINVAL, line->line,
	    "%s\"%.*s%s\" does not belong there",
	    is_heading ? "the section " : "", (int)shown, line->s,
	    shown < line->len ? "\u2026" : "");
	return text_error_help(reader->error, why,
	    "move it above the first section, into the description, or below "
	    "the last comment, as a new one");
}

/* A link line that has found no attachment yet. */
struct link {
	char *text, *address;
	unsigned line;
};

struct links {
	VEC(struct link) v;
	bool *present; /* of each attachment of the card */
	char **names;  /* of each upload */
};

/* The last part of a path that goes through a folder of uploads. */
static const char *
upload_name(const char *address)
{
	static const char folder[] = ".files/";
	const char *slash = strrchr(address, '/');

	if (slash == NULL || slash + 1 - address < (long)strlen(folder) ||
	    strncmp(slash + 1 - strlen(folder), folder, strlen(folder)) != 0 ||
	    strstr(address, "://") != NULL)
		return NULL;
	return slash + 1;
}

/* Mark the attachment that a link line stands for; false if there is none. */
static bool
mark_attachment(
    const struct card *card, struct links *links, const char *address)
{
	const char *name = upload_name(address);

	for (size_t i = 0; i < card->attachments.n; i++) {
		const struct attachment *attachment = &card->attachments.v[i];
		bool same;

		if (links->present[i])
			continue;
		if (attachment->is_upload)
			same =
			    name != NULL && strcmp(links->names[i], name) == 0;
		else
			same = strcmp(model_str(attachment->url), address) == 0;
		if (same) {
			links->present[i] = true;
			return true;
		}
	}
	return false;
}

static bool
is_web_address(const char *address)
{
	return strncasecmp(address, "https://", 8) == 0 ||
	       strncasecmp(address, "http://", 7) == 0;
}

/* The words are what Trello calls it; a bare address is called so there. */
static int
check_link(struct text_reader *reader, const struct buf *text,
    const struct buf *address, unsigned line)
{
	const char *words = text->len > 0 ? text->data : "";
	const char *to = address->data;

	if (strcmp(words, to) == 0 ||
	    utf8_utf16_len(words, text->len) <= MODEL_ATTACHMENT_MAX_CHARS)
		return text_reader_limit(reader, line, "the address is", to);
	(void)text_error_set(
	    reader->error, -EFBIG, line, "the words of the link are too long");
	return text_error_help(reader->error,
	    "Trello takes at most 256 characters", "shorten them");
}

static int
add_link(struct text_reader *reader, struct links *links, struct buf *text,
    struct buf *address, unsigned line)
{
	struct link *link;
	int err = text_reader_count(reader, line, links->v.n + 1, 0, "links");

	if (err == 0)
		err = check_link(reader, text, address, line);
	if (err != 0)
		return err;
	link = VEC_ADD(&links->v);
	if (link == NULL)
		return text_reader_nomem(reader);
	link->line = line;
	link->text = buf_steal(text);
	link->address = buf_steal(address);
	if (link->text == NULL || link->address == NULL)
		return text_reader_nomem(reader);
	return 0;
}

static int
read_link(struct text_reader *reader, struct links *links,
    const struct text_line *line, struct buf *text, struct buf *address)
{
	size_t len;
	const char *s = text_line_item(line, &len);
	const char *to;
	int err = s != NULL ? inline_read_link(s, len, text, address) : -EINVAL;

	if (text->err != 0 || address->err != 0)
		return text_reader_nomem(reader);
	if (err != 0)
		return text_reader_misplaced(reader, line,
		    "below ## Attachments stand lines like "
		    "- [words](https://example.com) only");
	to = buf_str(address);
	if (mark_attachment(&reader->edit->card, links, to))
		return 0;
	if (is_web_address(to))
		return add_link(reader, links, text, address, line->line);
	/* Another card's uploads, or those of long ago. */
	if (upload_name(to) != NULL && !reader->is_ours)
		return 0;
	(void)text_reader_fail(
	    reader, line->line, "this card has no attachment", to);
	return text_error_help(reader->error,
	    "what stands there is attached to the card, or an address",
	    "a link begins with https://; a file is copied into Card.files");
}

/* Leave in the card what was there, and add what is new. */
static int
replace_attachments(struct text_reader *reader, struct links *links)
{
	struct card *card = &reader->edit->card;
	size_t left = 0;

	for (size_t i = 0; i < card->attachments.n; i++) {
		if (links->present[i] || !reader->edit->proof)
			card->attachments.v[left++] = card->attachments.v[i];
		else
			attachment_fini(&card->attachments.v[i]);
	}
	card->attachments.n = left;
	for (size_t i = 0; i < links->v.n; i++) {
		struct attachment *attachment = VEC_ADD(&card->attachments);

		if (attachment == NULL)
			return text_reader_nomem(reader);
		attachment_init(attachment);
		attachment->name = links->v.v[i].text;
		attachment->url = links->v.v[i].address;
		links->v.v[i].text = links->v.v[i].address = NULL;
	}
	return 0;
}

static int
read_links(struct text_reader *reader, const struct text_sections *sections,
    struct links *links)
{
	struct buf text = BUF_INIT, address = BUF_INIT;
	struct text_line line;
	int err = 0;

	for (size_t i = 0; i < sections->v.n && err == 0; i++) {
		const struct text_section *section = &sections->v.v[i];
		size_t at = section->at;
		unsigned number = section->line;

		if (section->heading != HEADING_ATTACHMENTS)
			continue;
		while (err == 0 && text_section_next(
				       reader, section, &at, &number, &line)) {
			buf_clear(&text);
			buf_clear(&address);
			err = read_link(reader, links, &line, &text, &address);
		}
	}
	buf_free(&text);
	buf_free(&address);
	return err;
}

int
text_reader_attachments(
    struct text_reader *reader, const struct text_sections *sections)
{
	struct card *card = &reader->edit->card;
	/* The names are those of the card as it was: it changes below. */
	size_t n = card->attachments.n;
	struct links links = {0};
	int err = attachment_names(card, &links.names);

	if (err != 0)
		return text_reader_nomem(reader);
	links.present = calloc(n + 1, sizeof *links.present);
	err = links.present != NULL ? read_links(reader, sections, &links)
				    : text_reader_nomem(reader);
	if (err == 0)
		err = replace_attachments(reader, &links);
	for (size_t i = 0; i < links.v.n; i++) {
		free(links.v.v[i].text);
		free(links.v.v[i].address);
	}
	VEC_FREE(&links.v);
	for (size_t i = 0; i < n; i++)
		free(links.names[i]);
	free(links.names);
	free(links.present);
	return err;
}
