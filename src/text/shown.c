#include "text/shown.h"

#include "model/model.h"
#include "util/buf.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/* One of several things that a text tells apart by words. */
struct thing {
	const char *name;
	const char *sort; /* a label's colour, a field's type, NULL: no such */
	const char *id;
};

struct things {
	struct thing (*get)(const void *set, size_t i);
	const void *set;
	size_t n;
};

/*
 * What a thing can be called, shortest first: its name, its name with its
 * sort, the same with four or more digits of its id.
 */
#define FORM_NAME 0
#define FORM_SORT 1
#define FORM_ID 2
#define FORM_ID_DIGITS 4

static const char *
id_end(const char *id, size_t form)
{
	size_t len = strlen(id);
	size_t digits = form - FORM_ID + FORM_ID_DIGITS;

	return len > digits ? id + len - digits : id;
}

static int
form_add(const struct thing *thing, size_t form, struct buf *out)
{
	(void)buf_add_str(out, thing->name);
	if (form >= FORM_SORT && thing->sort != NULL)
		(void)buf_printf(out, "%s(%s)", *thing->name != '\0' ? " " : "",
		    thing->sort);
	if (form >= FORM_ID)
		(void)buf_printf(out, "%s#%s",
		    *thing->name != '\0' || thing->sort != NULL ? " " : "",
		    id_end(thing->id, form));
	return out->err;
}

static bool
eat(const char **text, const char *part)
{
	size_t len = strlen(part);

	if (strncmp(*text, part, len) != 0)
		return false;
	*text += len;
	return true;
}

/* Whether the thing could be called so in this form. */
static bool
form_is(const struct thing *thing, size_t form, const char *text)
{
	if (form == FORM_NAME)
		return *text != '\0' && strcmp(thing->name, text) == 0;
	if (!eat(&text, thing->name))
		return false;
	if (thing->sort != NULL &&
	    ((*thing->name != '\0' && !eat(&text, " ")) || !eat(&text, "(") ||
		!eat(&text, thing->sort) || !eat(&text, ")")))
		return false;
	if (form == FORM_SORT)
		return *text == '\0' && thing->sort != NULL;
	if ((*thing->name != '\0' || thing->sort != NULL) && !eat(&text, " "))
		return false;
	return eat(&text, "#") && strcmp(text, id_end(thing->id, form)) == 0;
}

/* Whether no other thing could be meant by the text, which is of this form. */
static bool
is_unique(
    const struct things *things, size_t self, size_t form, const char *text)
{
	for (size_t i = 0; i < things->n; i++) {
		struct thing other;

		if (i == self)
			continue;
		other = things->get(things->set, i);
		if (form_is(&other, FORM_NAME, text) ||
		    form_is(&other, FORM_SORT, text) ||
		    (form >= FORM_ID && form_is(&other, form, text)))
			return false;
	}
	return true;
}

static int
shown(const struct things *things, size_t self, struct buf *out)
{
	struct thing thing = things->get(things->set, self);
	size_t start = out->len;
	size_t last = FORM_ID;

	if (strlen(thing.id) > FORM_ID_DIGITS)
		last += strlen(thing.id) - FORM_ID_DIGITS;
	for (size_t form = FORM_NAME; form <= last; form++) {
		if (form == FORM_NAME && *thing.name == '\0')
			continue;
		if (form == FORM_SORT && thing.sort == NULL)
			continue;
		if (out->err == 0 && out->len > start)
			out->data[out->len = start] = '\0';
		if (form_add(&thing, form, out) != 0 ||
		    is_unique(things, self, form, out->data + start))
			break;
	}
	return out->err;
}

/* Whether the text is the very words that shown() gives: 1, 0 or -ENOMEM. */
static int
is_shown(const struct things *things, size_t self, const char *text)
{
	struct buf out = BUF_INIT;
	int result = shown(things, self, &out);

	if (result == 0)
		result = strcmp(out.data, text) == 0;
	buf_free(&out);
	return result;
}

static bool
ends_with_digits(const char *id, const char *text)
{
	const char *hash = strrchr(text, '#');
	size_t len = strlen(id), n = hash != NULL ? strlen(hash + 1) : 0;

	return n > 0 && n <= len && strcmp(id + len - n, hash + 1) == 0;
}

/* Whether it is worth while to ask is_shown(). */
static bool
may_be(const struct thing *thing, const char *text)
{
	return ends_with_digits(thing->id, text) ||
	       form_is(thing, FORM_NAME, text) ||
	       form_is(thing, FORM_SORT, text);
}

/* The only thing that can be called so in this form; n: none or several. */
static size_t
only_by_form(const struct things *things, size_t form, const char *text)
{
	size_t found = things->n;

	for (size_t i = 0; i < things->n; i++) {
		struct thing thing = things->get(things->set, i);

		if (!form_is(&thing, form, text))
			continue;
		if (found != things->n)
			return things->n;
		found = i;
	}
	return found;
}

/* Find what the text means: 0 and its index, -ENOENT or -ENOMEM. */
static int
by_shown(const struct things *things, const char *text, size_t *ret_i)
{
	for (size_t i = 0; i < things->n; i++) {
		struct thing thing = things->get(things->set, i);
		int result =
		    may_be(&thing, text) ? is_shown(things, i, text) : 0;

		if (result < 0)
			return result;
		if (result > 0) {
			*ret_i = i;
			return 0;
		}
	}
	*ret_i = only_by_form(things, FORM_NAME, text);
	if (*ret_i == things->n)
		*ret_i = only_by_form(things, FORM_SORT, text);
	return *ret_i < things->n ? 0 : -ENOENT;
}

static struct thing
label_thing(const void *set, size_t i)
{
	const struct board *board = set;
	const struct label *label = &board->labels.v[i];

	return (struct thing){.name = model_str(label->name),
	    .sort = label->color[0] != '\0' ? label->color : "no colour",
	    .id = label->id};
}

static struct things
labels_of(const struct board *board)
{
	return (struct things){label_thing, board, board->labels.n};
}

int
label_shown(
    const struct board *board, const struct label *label, struct buf *out)
{
	struct things things = labels_of(board);

	return shown(&things, (size_t)(label - board->labels.v), out);
}

int
label_by_shown(
    const struct board *board, const char *text, const struct label **ret_label)
{
	struct things things = labels_of(board);
	size_t i;
	int err = by_shown(&things, text, &i);

	*ret_label = err == 0 ? &board->labels.v[i] : NULL;
	return err;
}

static struct thing
field_thing(const void *set, size_t i)
{
	const struct board *board = set;
	const struct field *field = &board->fields.v[i];

	const char *type = field_type_name(field->type);

	return (struct thing){.name = model_str(field->name),
	    .sort = type != NULL ? type : "unknown",
	    .id = field->id};
}

static struct things
fields_of(const struct board *board)
{
	return (struct things){field_thing, board, board->fields.n};
}

int
field_shown(
    const struct board *board, const struct field *field, struct buf *out)
{
	struct things things = fields_of(board);

	return shown(&things, (size_t)(field - board->fields.v), out);
}

int
field_by_shown(
    const struct board *board, const char *text, const struct field **ret_field)
{
	struct things things = fields_of(board);
	size_t i;
	int err = by_shown(&things, text, &i);

	*ret_field = err == 0 ? &board->fields.v[i] : NULL;
	return err;
}

static struct thing
option_thing(const void *set, size_t i)
{
	const struct field *field = set;
	const struct field_option *option = &field->options.v[i];

	return (struct thing){
	    .name = model_str(option->text), .sort = NULL, .id = option->id};
}

static struct things
options_of(const struct field *field)
{
	return (struct things){option_thing, field, field->options.n};
}

int
option_shown(const struct field *field, const struct field_option *option,
    struct buf *out)
{
	struct things things = options_of(field);

	return shown(&things, (size_t)(option - field->options.v), out);
}

int
option_by_shown(const struct field *field, const char *text,
    const struct field_option **ret_option)
{
	struct things things = options_of(field);
	size_t i;
	int err = by_shown(&things, text, &i);

	*ret_option = err == 0 ? &field->options.v[i] : NULL;
	return err;
}

const struct member *
member_by_shown(const struct board *board, const char *text)
{
	if (*text == '@')
		text++;
	for (size_t i = 0; i < board->members.n && *text != '\0'; i++)
		if (strcasecmp(model_str(board->members.v[i].username), text) ==
		    0)
			return &board->members.v[i];
	return NULL;
}
