#include "text/board_text.h"

#include "text/front_matter.h"
#include "text/rev.h"
#include "text/text_error.h"
#include "text/yaml_scalar.h"
#include "util/buf.h"
#include "util/nearest.h"
#include "util/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define URL "https://trello.com/b/"
/* Trello's limit of a name or a description. */
#define UNITS_MAX 16384

/* Trello's colours (its reference of labels). */
static const char *const colors[] = {"green", "yellow", "orange", "red",
    "purple", "blue", "sky", "lime", "pink", "black"};
static const char *const shades[] = {"", "_light", "_dark"};
static const char *const keys[] = {"url", "rev", "labels", "members"};

void
board_edit_fini(struct board_edit *edit)
{
	free(edit->desc);
	for (size_t i = 0; i < edit->labels.n; i++)
		label_fini(&edit->labels.v[i]);
	VEC_FREE(&edit->labels);
	VEC_FREE(&edit->removed);
	*edit = (struct board_edit){0};
}

static int
add_label(const struct label *label, struct buf *out)
{
	struct buf word = BUF_INIT;
	const char *name = model_str(label->name);
	int r = buf_printf(&word, "%s%s(%s)", name, name[0] != '\0' ? " " : "",
	    label->color[0] != '\0' ? label->color : BOARD_TEXT_NO_COLOR);

	(void)buf_add_str(out, "- ");
	if (r == 0)
		(void)yaml_scalar_add(out, buf_str(&word), false);
	(void)buf_add_char(out, '\n');
	buf_free(&word);
	return r;
}

static void
add_members(const struct board *board, struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < board->members.n; i++) {
		const char *name = model_str(board->members.v[i].username);

		if (name[0] == '\0')
			continue;
		(void)buf_add_str(out, n++ == 0 ? "members: [" : ", ");
		(void)yaml_scalar_add(out, name, true);
	}
	if (n > 0)
		(void)buf_add_str(out, "]\n");
}

int
board_text_format(const struct board *board, struct buf *out)
{
	const char *desc = model_str(board->desc);
	char rev[TEXT_REV_SIZE];
	size_t start = out->len, rev_at;
	int r = 0;

	(void)buf_add_str(out, "---\n");
	if (board->short_link != NULL)
		(void)buf_printf(out, "url: " URL "%s\n", board->short_link);
	text_rev_begin(out, &rev_at);
	if (board->labels.n > 0)
		(void)buf_add_str(out, "labels:\n");
	for (size_t i = 0; i < board->labels.n && r == 0; i++)
		r = add_label(&board->labels.v[i], out);
	add_members(board, out);
	(void)buf_add_str(out, "---\n");
	(void)buf_add_str(out, desc);
	if (desc[0] != '\0')
		(void)buf_add_char(out, '\n');
	text_rev_end(out, start, rev_at, rev);
	return r != 0 ? r : out->err;
}

struct reading {
	const struct board *then;
	struct board_edit *edit;
	struct text_error *error;
};

static int
say(struct reading *reading, unsigned line, const char *what, const char *why,
    const char *remedy)
{
	(void)text_error_set(reading->error, -EINVAL, line, "%s", what);
	return text_error_help(reading->error, why, remedy);
}

static bool
is_color(const char *word)
{
	for (size_t i = 0; i < sizeof colors / sizeof *colors; i++)
		for (size_t j = 0; j < sizeof shades / sizeof *shades; j++) {
			size_t len = strlen(colors[i]);

			if (strncmp(word, colors[i], len) == 0 &&
			    strcmp(word + len, shades[j]) == 0)
				return true;
		}
	return strcmp(word, BOARD_TEXT_NO_COLOR) == 0;
}

static int
say_color(struct reading *reading, const char *word, unsigned line)
{
	struct nearest near;

	nearest_init(&near, word);
	for (size_t i = 0; i < sizeof colors / sizeof *colors; i++)
		nearest_offer(&near, colors[i]);
	nearest_offer(&near, BOARD_TEXT_NO_COLOR);
	(void)text_error_set(reading->error, -EINVAL, line, "colour \"%.*s\"",
	    (int)utf8_cut(word, strlen(word), 40), word);
	(void)text_error_why(reading->error,
	    "there are green, yellow, orange, red, purple, blue, sky, lime, "
	    "pink, black, each also with _light or _dark, and none");
	return near.best != NULL
		   ? text_error_remedy(
			 reading->error, "did you mean \"%s\"?", near.best)
		   : text_error_remedy(reading->error, "write one of them");
}

/* A label that is said without its colour keeps that. */
static const char *
color_of(const struct reading *reading, const char *name)
{
	for (size_t i = 0; i < reading->then->labels.n; i++)
		if (strcmp(model_str(reading->then->labels.v[i].name), name) ==
		    0)
			return reading->then->labels.v[i].color;
	return "";
}

/* `name (colour)`, `(colour)`, `name`. */
static int
split_label(struct reading *reading, const struct front_value *value,
    struct label *label)
{
	size_t len = strlen(value->text), at = len;
	char color[MODEL_COLOR_SIZE] = "";
	const char *open = NULL;

	if (len > 0 && value->text[len - 1] == ')')
		open = strrchr(value->text, '(');
	if (open != NULL && (open == value->text || open[-1] == ' ')) {
		size_t n = len - 1 - (size_t)(open + 1 - value->text);

		at = (size_t)(open - value->text);
		if (n >= sizeof color)
			n = sizeof color - 1;
		memcpy(color, open + 1, n);
		color[n] = '\0';
		if (!is_color(color))
			return say_color(reading, color, value->line);
		if (strcmp(color, BOARD_TEXT_NO_COLOR) == 0)
			color[0] = '\0';
	}
	while (at > 0 && value->text[at - 1] == ' ')
		at--;
	label->name = strndup(value->text, at);
	if (label->name == NULL)
		return -ENOMEM;
	(void)snprintf(label->color, sizeof label->color, "%s",
	    open != NULL ? color : color_of(reading, label->name));
	if (label->name[0] == '\0' && label->color[0] == '\0')
		return say(reading, value->line,
		    "a label without a name and without a colour",
		    "Trello has no such label",
		    "give it one of the two, or remove the line");
	return 0;
}

static int
read_labels(struct reading *reading, const struct front_entry *entry)
{
	reading->edit->has_labels = true;
	if (entry->type != FRONT_LIST && entry->type != FRONT_NULL &&
	    entry->type != FRONT_SCALAR)
		return say(reading, entry->line, "labels: is no list",
		    "each label is a line of its own",
		    "write them as \"- name (colour)\"");
	for (size_t i = 0; i < entry->values.n; i++) {
		const struct front_value *value = &entry->values.v[i];
		struct label *label;
		int r;

		if (value->type == FRONT_NULL)
			continue;
		if (value->type != FRONT_SCALAR)
			return say(reading, value->line,
			    "labels: has something that is no name",
			    "each label is a line of its own",
			    "write it as \"- name (colour)\"");
		label = VEC_ADD(&reading->edit->labels);
		if (label == NULL)
			return -ENOMEM;
		r = split_label(reading, value, label);
		if (r != 0)
			return r;
	}
	return 0;
}

/* They are not for changing here; who leaves them as they are says nothing. */
static int
read_members(struct reading *reading, const struct front_entry *entry)
{
	const struct board *then = reading->then;
	size_t known = 0, said = 0;

	for (size_t i = 0; i < then->members.n; i++)
		known += model_str(then->members.v[i].username)[0] != '\0';
	for (size_t i = 0; i < entry->values.n; i++) {
		const struct front_value *value = &entry->values.v[i];
		size_t j = 0;

		while (j < then->members.n && value->type == FRONT_SCALAR &&
		       strcmp(model_str(then->members.v[j].username),
			   value->text) != 0)
			j++;
		if (value->type != FRONT_SCALAR || j == then->members.n)
			said = SIZE_MAX - entry->values.n;
		said++;
	}
	return said == known
		   ? 0
		   : say(reading, entry->line, "members: is not what it was",
			 "who is a member is decided at Trello",
			 "leave the line as it was, or remove it");
}

static int
say_key(struct reading *reading, const struct front_entry *entry)
{
	struct nearest near;

	nearest_init(&near, entry->key);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		nearest_offer(&near, keys[i]);
	(void)text_error_set(reading->error, -EINVAL, entry->line,
	    "unknown key \"%.*s\"",
	    (int)utf8_cut(entry->key, strlen(entry->key), 40), entry->key);
	(void)text_error_why(
	    reading->error, "the keys are url, rev, labels, members");
	return near.best != NULL
		   ? text_error_remedy(
			 reading->error, "did you mean \"%s\"?", near.best)
		   : text_error_remedy(reading->error, "remove it");
}

static int
read_front(struct reading *reading, const struct front_matter *front)
{
	int r = 0;

	for (size_t i = 0; i < front->entries.n && r == 0; i++) {
		const struct front_entry *entry = &front->entries.v[i];

		if (strcmp(entry->key, "labels") == 0)
			r = read_labels(reading, entry);
		else if (strcmp(entry->key, "members") == 0)
			r = read_members(reading, entry);
		else if (strcmp(entry->key, "url") != 0 &&
			 strcmp(entry->key, "rev") != 0)
			r = say_key(reading, entry);
	}
	return r;
}

/* Which old label each is: match[i] is the number of the old one, or none. */
struct matching {
	const struct board *then;
	const struct board_edit *edit;
	size_t *match; /* of the new ones */
	bool *taken;   /* of the old ones */
};
#define NONE ((size_t)-1)

static void
match_by(struct matching *matching, bool with_color)
{
	for (size_t i = 0; i < matching->edit->labels.n; i++) {
		const struct label *label = &matching->edit->labels.v[i];

		for (size_t j = 0;
		     matching->match[i] == NONE && j < matching->then->labels.n;
		     j++) {
			const struct label *old = &matching->then->labels.v[j];

			if (matching->taken[j] ||
			    strcmp(model_str(old->name),
				model_str(label->name)) != 0 ||
			    (with_color &&
				strcmp(old->color, label->color) != 0) ||
			    (!with_color && model_str(old->name)[0] == '\0'))
				continue;
			matching->match[i] = j;
			matching->taken[j] = true;
		}
	}
}

/* Those that are left, in their order between the ones that are known. */
static void
match_by_place(struct matching *matching)
{
	size_t next = 0;

	for (size_t i = 0; i < matching->edit->labels.n; i++) {
		if (matching->match[i] != NONE) {
			next = matching->match[i] + 1;
			continue;
		}
		if (next < matching->then->labels.n && !matching->taken[next]) {
			matching->match[i] = next;
			matching->taken[next++] = true;
		}
	}
}

static int
take_matches(struct matching *matching, struct board_edit *edit)
{
	for (size_t i = 0; i < edit->labels.n; i++)
		if (matching->match[i] != NONE)
			memcpy(edit->labels.v[i].id,
			    matching->then->labels.v[matching->match[i]].id,
			    MODEL_ID_SIZE);
	for (size_t j = 0; j < matching->then->labels.n; j++) {
		struct model_id *slot;

		if (matching->taken[j])
			continue;
		slot = VEC_ADD(&edit->removed);
		if (slot == NULL)
			return -ENOMEM;
		memcpy(slot->s, matching->then->labels.v[j].id, MODEL_ID_SIZE);
	}
	return 0;
}

static int
match_labels(const struct board *then, struct board_edit *edit)
{
	struct matching matching = {.then = then, .edit = edit};
	int r = -ENOMEM;

	matching.match = calloc(edit->labels.n + 1, sizeof(size_t));
	matching.taken = calloc(then->labels.n + 1, sizeof(bool));
	if (matching.match != NULL && matching.taken != NULL) {
		for (size_t i = 0; i < edit->labels.n; i++)
			matching.match[i] = NONE;
		match_by(&matching, true);
		match_by(&matching, false);
		match_by_place(&matching);
		r = take_matches(&matching, edit);
	}
	free(matching.match);
	free(matching.taken);
	return r;
}

static int
read_desc(struct reading *reading, const char *body, size_t len)
{
	if (len > 0 && body[len - 1] == '\n')
		len--;
	if (utf8_utf16_len(body, len) > UNITS_MAX) {
		(void)text_error_set(
		    reading->error, -EFBIG, 0, "the description is too long");
		return text_error_help(reading->error,
		    "Trello takes 16,384 characters", "make it shorter");
	}
	reading->edit->desc = strndup(body, len);
	return reading->edit->desc != NULL ? 0 : -ENOMEM;
}

static int
read_text(struct reading *reading, const char *text, size_t len)
{
	struct front_matter front = {0};
	struct front_span span;
	int r;

	front_span_find(text, len, &span);
	if (!span.found)
		return read_desc(reading, text, len);
	if (!span.closed)
		return say(reading, 1, "the front matter has no end",
		    "a line --- begins it, and another one ends it",
		    "write --- below it");
	r = front_matter_read(text + span.yaml_at, span.yaml_end - span.yaml_at,
	    span.line, &front, reading->error);
	if (r == 0)
		r = read_front(reading, &front);
	front_matter_fini(&front);
	return r == 0
		   ? read_desc(reading, text + span.body_at, len - span.body_at)
		   : r;
}

int
board_text_parse(const char *text, size_t len, const struct board *then,
    struct board_edit *ret_edit, struct text_error *ret_error)
{
	struct board_edit edit = {0};
	struct reading reading = {
	    .then = then, .edit = &edit, .error = ret_error};
	int r;

	if (!utf8_valid(text, len) || memchr(text, '\0', len) != NULL)
		r = say(&reading, 0, "the text is not UTF-8",
		    "Trello takes nothing else", "save it as UTF-8");
	else
		r = read_text(&reading, text, len);
	if (r == 0 && edit.has_labels)
		r = match_labels(then, &edit);
	if (r == 0)
		*ret_edit = edit;
	else
		board_edit_fini(&edit);
	return r;
}
