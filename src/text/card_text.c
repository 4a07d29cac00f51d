#include "text/card_text.h"

#include "model/model.h"
#include "text/comment_text.h"
#include "text/date_text.h"
#include "text/field_text.h"
#include "text/heading.h"
#include "text/inline.h"
#include "text/names.h"
#include "text/shown.h"
#include "text/yaml_scalar.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the text goes, and what it is made of. */
struct writer {
	struct buf *out;
	size_t start; /* of this text in out */
	const struct card *card;
	const struct board *board;
	const char *file_name;
	const struct zone *zone;
};

static void
add(struct writer *writer, const char *str)
{
	(void)buf_add_str(writer->out, str);
}

/* Of a list in square brackets or curly ones: what stands before an item. */
static void
add_separator(
    struct writer *writer, const char *key, const char *open, size_t n_before)
{
	if (n_before > 0) {
		add(writer, ", ");
		return;
	}
	add(writer, key);
	add(writer, open);
}

static void
add_labels(struct writer *writer)
{
	struct buf name = BUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < writer->card->id_labels.n; i++) {
		const struct label *label =
		    board_label(writer->board, writer->card->id_labels.v[i].s);

		if (label == NULL)
			continue;
		add_separator(writer, "labels: ", "[", n++);
		buf_clear(&name);
		if (label_shown(writer->board, label, &name) != 0)
			writer->out->err = name.err;
		(void)yaml_scalar_add(writer->out, buf_str(&name), true);
	}
	if (n > 0)
		add(writer, "]\n");
	buf_free(&name);
}

static void
add_members(struct writer *writer)
{
	size_t n = 0;

	for (size_t i = 0; i < writer->card->id_members.n; i++) {
		const struct member *member = board_member(
		    writer->board, writer->card->id_members.v[i].s);

		if (member == NULL || *model_str(member->username) == '\0')
			continue;
		add_separator(writer, "members: ", "[", n++);
		(void)yaml_scalar_add(writer->out, member->username, true);
	}
	if (n > 0)
		add(writer, "]\n");
}

static void
add_date(struct writer *writer, const char *key, int64_t ms)
{
	if (!date_text_shows(ms, writer->zone))
		return;
	add(writer, key);
	(void)date_text_add(writer->out, ms, writer->zone);
	add(writer, "\n");
}

/* A key of a flow mapping; YAML wants long ones announced. */
static void
add_key(struct writer *writer, const char *name)
{
	if (strlen(name) > 200)
		add(writer, "? ");
	(void)yaml_scalar_add(writer->out, name, true);
	add(writer, ": ");
}

/* Add the words for a value; false if it has none. */
static bool
add_field(struct writer *writer, const struct field *field,
    const struct field_value *value, size_t n_before)
{
	struct buf name = BUF_INIT, words = BUF_INIT;
	bool literal, shows;

	shows = field_text_add(&words, field, value, writer->zone, &literal);
	if (shows) {
		if (field_shown(writer->board, field, &name) != 0 ||
		    words.err != 0)
			writer->out->err = name.err != 0 ? name.err : words.err;
		add_separator(writer, "fields: ", "{", n_before);
		add_key(writer, buf_str(&name));
		if (literal)
			add(writer, buf_str(&words));
		else
			(void)yaml_scalar_add(
			    writer->out, buf_str(&words), true);
	}
	buf_free(&name);
	buf_free(&words);
	return shows;
}

static void
add_fields(struct writer *writer)
{
	size_t n = 0;

	if (writer->card->fields.n == 0)
		return;
	for (size_t i = 0; i < writer->board->fields.n; i++) {
		const struct field *field = &writer->board->fields.v[i];
		const struct field_value *value =
		    field_text_value(writer->card, field);

		if (value != NULL && add_field(writer, field, value, n))
			n++;
	}
	if (n > 0)
		add(writer, "}\n");
}

/* The address is ours to write: nothing in it may end the line. */
static void
add_url(struct writer *writer)
{
	const char *link = model_str(writer->card->short_link);

	add(writer, "---\nurl: " CARD_TEXT_URL);
	if (*link == '\0')
		link = writer->card->id;
	for (; *link != '\0'; link++)
		if (isalnum((unsigned char)*link) || *link == '-' ||
		    *link == '_')
			(void)buf_add_char(writer->out, *link);
	add(writer, "\n");
}

static void
add_front_matter(struct writer *writer, size_t *ret_rev_at)
{
	const struct card *card = writer->card;

	add_url(writer);
	text_rev_begin(writer->out, ret_rev_at);
	if (!name_gives_title(
		writer->file_name, NAME_CARD_EXTENSION, card->name)) {
		add(writer, "title: ");
		(void)yaml_scalar_add(
		    writer->out, model_str(card->name), false);
		add(writer, "\n");
	}
	add_labels(writer);
	add_members(writer);
	add_date(writer, "start: ", card->start_ms);
	add_date(writer, "due: ", card->due_ms);
	if (card->due_complete)
		add(writer, "done: true\n");
	add_fields(writer);
	add(writer, "---\n");
}

static void
add_description(struct writer *writer)
{
	const char *desc = model_str(writer->card->desc);

	if (*desc == '\0')
		return;
	(void)heading_escape(writer->out, desc, strlen(desc));
	add(writer, "\n");
}

/* Begin a section: after one blank line, unless nothing stands before it. */
static void
add_heading(struct writer *writer, size_t body, const char *heading)
{
	if (writer->out->len > body)
		add(writer, "\n");
	add(writer, heading);
}

static void
add_checklist(
    struct writer *writer, size_t body, const struct checklist *checklist)
{
	add_heading(writer, body, HEADING_TEXT_CHECKLIST);
	add(writer, " ");
	(void)inline_add_name(writer->out, model_str(checklist->name));
	add(writer, checklist->items.n > 0 ? "\n\n" : "\n");
	for (size_t i = 0; i < checklist->items.n; i++) {
		const struct check_item *item = &checklist->items.v[i];

		add(writer, item->complete ? "- [x]" : "- [ ]");
		if (*model_str(item->name) != '\0')
			add(writer, " ");
		(void)inline_add_name(writer->out, model_str(item->name));
		add(writer, "\n");
	}
}

/* The path of an upload as the card's text says it. */
static int
add_path(const struct writer *writer, const char *name, struct buf *out)
{
	size_t len = strlen(writer->file_name);

	if (len > strlen(NAME_CARD_EXTENSION) &&
	    strcmp(writer->file_name + len - strlen(NAME_CARD_EXTENSION),
		NAME_CARD_EXTENSION) == 0)
		len -= strlen(NAME_CARD_EXTENSION);
	(void)buf_add(out, writer->file_name, len);
	(void)buf_add_str(out, ".files/");
	return buf_add_str(out, name);
}

static void
add_attachment(struct writer *writer, const struct attachment *attachment,
    const char *name, struct buf *path)
{
	const char *title = model_str(attachment->name);

	add(writer, "- ");
	if (name != NULL) {
		buf_clear(path);
		if (add_path(writer, name, path) != 0)
			writer->out->err = path->err;
		(void)inline_add_link(writer->out,
		    *title != '\0' ? title : model_str(attachment->file_name),
		    buf_str(path), true);
	} else {
		(void)inline_add_link(
		    writer->out, title, model_str(attachment->url), false);
	}
	add(writer, "\n");
}

static void
add_attachments(struct writer *writer, size_t body)
{
	const struct card *card = writer->card;
	struct buf path = BUF_INIT;
	char **names;
	int err;

	if (card->attachments.n == 0)
		return;
	err = attachment_names(card, &names);
	if (err != 0) {
		writer->out->err = err;
		return;
	}
	add_heading(writer, body, HEADING_TEXT_ATTACHMENTS "\n\n");
	for (size_t i = 0; i < card->attachments.n; i++)
		add_attachment(
		    writer, &card->attachments.v[i], names[i], &path);
	attachment_names_free(card, names);
	buf_free(&path);
}

static void
add_comments(struct writer *writer, size_t body)
{
	add_heading(writer, body, HEADING_TEXT_COMMENTS "\n");
	for (size_t i = 0; i < writer->card->comments.n; i++)
		(void)comment_text_add(writer->out,
		    &writer->card->comments.v[i], writer->board, writer->zone);
	if (writer->card->comments.n > 0)
		add(writer, "\n");
}

int
card_text_format(const struct card *card, const struct board *board,
    const char *file_name, const struct zone *zone, struct buf *out,
    char ret_rev[TEXT_REV_SIZE])
{
	struct writer writer = {.out = out,
	    .start = out->len,
	    .card = card,
	    .board = board,
	    .file_name = file_name,
	    .zone = zone};
	size_t rev_at, body;

	add_front_matter(&writer, &rev_at);
	body = out->len;
	add_description(&writer);
	for (size_t i = 0; i < card->checklists.n; i++)
		add_checklist(&writer, body, &card->checklists.v[i]);
	add_attachments(&writer, body);
	add_comments(&writer, body);
	if (out->err == 0)
		text_rev_end(out, writer.start, rev_at, ret_rev);
	return out->err;
}
