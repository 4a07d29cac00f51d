#include "text/front_matter.h"

#include "text/heading.h"
#include "text/text_error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define LEVELS_MAX 3
/* Of keys, and of values of one key: more than any board has to offer. */
#define VALUES_MAX 2000
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static bool
is_blank_line(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] != ' ' && s[i] != '\t' && s[i] != '\r')
			return false;
	return true;
}

/* `---`, and nothing behind it that can be seen. */
static bool
is_fence(const char *s, size_t len)
{
	return len >= 3 && memcmp(s, "---", 3) == 0 &&
	       is_blank_line(s + 3, len - 3);
}

static bool
has_own_key(const char *s, size_t len)
{
	return len >= 4 &&
	       (memcmp(s, "url:", 4) == 0 || memcmp(s, "rev:", 4) == 0);
}

/* Look for the second fence; *ret_own: whether url or rev stand before it. */
static void
find_end(const char *text, size_t len, struct front_span *span, bool *ret_own)
{
	size_t at = span->yaml_at;

	span->body_line = span->line;
	*ret_own = false;
	while (at < len) {
		size_t n = line_len(text + at, len - at);
		size_t next = at + n < len ? at + n + 1 : len;

		span->body_line++;
		if (is_fence(text + at, n)) {
			span->closed = true;
			span->yaml_end = at;
			span->body_at = next;
			return;
		}
		*ret_own |= has_own_key(text + at, n);
		at = next;
	}
}

void
front_span_find(const char *text, size_t len, struct front_span *ret_span)
{
	struct front_span span = {.line = 1};
	size_t at = 0, n;
	bool blank = false, own;

	memset(ret_span, 0, sizeof *ret_span);
	ret_span->body_line = 1;
	if (len >= 3 && memcmp(text, BYTE_ORDER_MARK, 3) == 0)
		at = 3;
	for (;;) {
		n = line_len(text + at, len - at);
		span.line++;
		if (at + n >= len || n > 80 || !is_blank_line(text + at, n))
			break;
		at += n + 1;
		blank = true;
	}
	if (!is_fence(text + at, n))
		return;
	span.found = true;
	span.yaml_at = at + n < len ? at + n + 1 : len;
	find_end(text, len, &span, &own);
	if (!blank || own)
		*ret_span = span;
}

/* A reader of one mapping out of libyaml's events. */
struct reader {
	yaml_parser_t parser;
	yaml_event_t event; /* the present one */
	bool has_event;
	unsigned line; /* of the first line of YAML */
	const char *yaml;
	size_t len;
	struct front_matter *front;
	struct text_error *error;
};

static unsigned
event_line(const struct reader *reader)
{
	return reader->line + (unsigned)reader->event.start_mark.line;
}

static int
fail(struct reader *reader, const char *what, const char *why,
    const char *remedy)
{
	(void)text_error_set(
	    reader->error, -EINVAL, event_line(reader), "%s", what);
	return text_error_help(reader->error, why, remedy);
}

/* What libyaml says about a text that is no YAML. */
static int
fail_syntax(struct reader *reader)
{
	const yaml_parser_t *parser = &reader->parser;
	size_t line = parser->problem_mark.line;

	if (parser->error == YAML_MEMORY_ERROR)
		return text_error_set(
		    reader->error, -ENOMEM, 0, "%s", strerror(ENOMEM));
	if (parser->error == YAML_READER_ERROR) {
		line = 0;
		for (size_t i = 0;
		     i < parser->problem_offset && i < reader->len; i++)
			line += reader->yaml[i] == '\n';
	}
	(void)text_error_set(reader->error, -EINVAL,
	    reader->line + (unsigned)line,
	    "the front matter cannot be read as YAML");
	(void)text_error_why(reader->error, "%s",
	    parser->problem != NULL ? parser->problem : "it is damaged");
	return text_error_remedy(reader->error,
	    "a value with : # [ ] { } , or quotes in it belongs in double "
	    "quotes");
}

/* Go on to the next event, and refuse what is never read. */
static int
next(struct reader *reader)
{
	const yaml_event_t *event = &reader->event;
	const void *anchor = NULL, *tag = NULL;

	if (reader->has_event)
		yaml_event_delete(&reader->event);
	reader->has_event = false;
	if (!yaml_parser_parse(&reader->parser, &reader->event))
		return fail_syntax(reader);
	reader->has_event = true;
	if (event->type == YAML_SCALAR_EVENT) {
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
	} else if (event->type == YAML_SEQUENCE_START_EVENT) {
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
	} else if (event->type == YAML_MAPPING_START_EVENT) {
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
	}
	if (event->type == YAML_ALIAS_EVENT || anchor != NULL)
		return fail(reader,
		    "anchors and aliases (& and *) are not read",
		    "each value of a card stands for itself",
		    "write the value itself, in double quotes if it begins "
		    "with & or *");
	if (tag != NULL)
		return fail(reader, "tags (!) are not read",
		    "what a value is, is known from its key",
		    "a value that begins with ! belongs in double quotes");
	return 0;
}

static int
out_of_memory(struct reader *reader)
{
	return text_error_set(
	    reader->error, -ENOMEM, 0, "%s", strerror(ENOMEM));
}

static int
check_count(struct reader *reader, size_t n)
{
	if (n < VALUES_MAX)
		return 0;
	return fail(reader, "there are more than 2000 keys or values",
	    "more are not read", "leave some of them out");
}

/* A copy of the present scalar.  A NUL in it ends it: none was written. */
static int
take_text(struct reader *reader, char **ret_text)
{
	char *text = strndup((const char *)reader->event.data.scalar.value,
	    reader->event.data.scalar.length);

	if (text == NULL)
		return out_of_memory(reader);
	if (strlen(text) != reader->event.data.scalar.length) {
		free(text);
		return fail(reader, "a NUL character cannot be kept",
		    "Trello keeps text only", "leave \\0 out");
	}
	*ret_text = text;
	return 0;
}

static bool
is_null(const yaml_event_t *event)
{
	static const char *const words[] = {"", "~", "null", "Null", "NULL"};
	const char *value = (const char *)event->data.scalar.value;

	if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(value, words[i]) == 0)
			return true;
	return false;
}

static bool
is_start(yaml_event_type_t type)
{
	return type == YAML_SEQUENCE_START_EVENT ||
	       type == YAML_MAPPING_START_EVENT;
}

static bool
is_end(yaml_event_type_t type)
{
	return type == YAML_SEQUENCE_END_EVENT ||
	       type == YAML_MAPPING_END_EVENT;
}

static int
fail_levels(struct reader *reader)
{
	return fail(reader, "more than three levels are not read",
	    "nothing that a card has is nested so deep",
	    "a value with [ or { in it belongs in double quotes");
}

/* Pass over the list or mapping that begins here, at this level. */
static int
skip_nested(struct reader *reader, int level)
{
	int depth = 1;
	int err = 0;

	while (depth > 0 && (err = next(reader)) == 0) {
		if (is_start(reader->event.type)) {
			depth++;
			if (level + depth - 1 > LEVELS_MAX)
				return fail_levels(reader);
		} else if (is_end(reader->event.type)) {
			depth--;
		}
	}
	return err;
}

/* Read the value that the present event begins into value. */
static int
read_value(struct reader *reader, int level, struct front_value *value)
{
	value->line = event_line(reader);
	if (is_start(reader->event.type)) {
		value->type = FRONT_NESTED;
		return skip_nested(reader, level);
	}
	if (is_null(&reader->event)) {
		value->type = FRONT_NULL;
		return 0;
	}
	value->type = FRONT_SCALAR;
	return take_text(reader, &value->text);
}

static int
read_key(struct reader *reader, char **ret_key)
{
	if (reader->event.type != YAML_SCALAR_EVENT)
		return fail(reader, "a list or mapping cannot be a key",
		    "keys are the words url, rev, title, labels and so on",
		    "a line of the front matter is `key: value`");
	return take_text(reader, ret_key);
}

static bool
has_key(const struct front_entry *entry, const char *key)
{
	for (size_t i = 0; i + 1 < entry->values.n; i++)
		if (strcmp(entry->values.v[i].key, key) == 0)
			return true;
	return false;
}

static int
fail_twice(struct reader *reader, unsigned line, const char *key)
{
	(void)text_error_set(
	    reader->error, -EINVAL, line, "\"%s\" is there twice", key);
	return text_error_help(reader->error,
	    "two values for one thing contradict each other",
	    "leave one of them");
}

static int
read_list(struct reader *reader, struct front_entry *entry)
{
	int err;

	entry->type = FRONT_LIST;
	while ((err = next(reader)) == 0) {
		struct front_value *value;

		if (reader->event.type == YAML_SEQUENCE_END_EVENT)
			return 0;
		err = check_count(reader, entry->values.n);
		if (err != 0)
			return err;
		value = VEC_ADD(&entry->values);
		if (value == NULL)
			return out_of_memory(reader);
		err = read_value(reader, 3, value);
		if (err != 0)
			return err;
	}
	return err;
}

static int
read_map(struct reader *reader, struct front_entry *entry)
{
	int err;

	entry->type = FRONT_MAP;
	while ((err = next(reader)) == 0) {
		struct front_value *value;
		unsigned line = event_line(reader);
		char *key;

		if (reader->event.type == YAML_MAPPING_END_EVENT)
			return 0;
		err = check_count(reader, entry->values.n);
		if (err == 0)
			err = read_key(reader, &key);
		if (err != 0)
			return err;
		value = VEC_ADD(&entry->values);
		if (value == NULL) {
			free(key);
			return out_of_memory(reader);
		}
		value->key = key;
		if (has_key(entry, key))
			return fail_twice(reader, line, key);
		err = next(reader);
		if (err == 0)
			err = read_value(reader, 3, value);
		if (err != 0)
			return err;
		value->line = line;
	}
	return err;
}

static int
read_entry(struct reader *reader)
{
	struct front_entry *entry;
	struct front_value *value;
	char *key;
	int err;

	err = check_count(reader, reader->front->entries.n);
	if (err == 0)
		err = read_key(reader, &key);
	if (err != 0)
		return err;
	if (front_matter_get(reader->front, key) != NULL) {
		err = fail_twice(reader, event_line(reader), key);
		free(key);
		return err;
	}
	entry = VEC_ADD(&reader->front->entries);
	if (entry == NULL) {
		free(key);
		return out_of_memory(reader);
	}
	entry->key = key;
	entry->line = event_line(reader);
	err = next(reader);
	if (err != 0)
		return err;
	if (reader->event.type == YAML_SEQUENCE_START_EVENT)
		return read_list(reader, entry);
	if (reader->event.type == YAML_MAPPING_START_EVENT)
		return read_map(reader, entry);
	value = VEC_ADD(&entry->values);
	if (value == NULL)
		return out_of_memory(reader);
	err = read_value(reader, 2, value);
	entry->type = value->type;
	return err;
}

static int
read_document(struct reader *reader)
{
	int err;

	while ((err = next(reader)) == 0 &&
	       (reader->event.type == YAML_STREAM_START_EVENT ||
		   reader->event.type == YAML_DOCUMENT_START_EVENT))
		;
	if (err != 0 || reader->event.type == YAML_STREAM_END_EVENT)
		return err;
	if (reader->event.type == YAML_SCALAR_EVENT && is_null(&reader->event))
		return 0;
	if (reader->event.type != YAML_MAPPING_START_EVENT)
		return fail(reader, "the front matter is no list of keys",
		    "what stands between the `---` lines is `key: value`",
		    "a description goes below the second `---`");
	while ((err = next(reader)) == 0 &&
	       reader->event.type != YAML_MAPPING_END_EVENT) {
		err = read_entry(reader);
		if (err != 0)
			return err;
	}
	if (err == 0)
		err = next(reader);
	if (err == 0)
		err = next(reader);
	if (err == 0 && reader->event.type != YAML_STREAM_END_EVENT)
		return fail(reader,
		    "the front matter is more than one document",
		    "between the `---` lines stands one list of keys",
		    "leave out the line `...`");
	return err;
}

int
front_matter_read(const char *yaml, size_t len, unsigned line,
    struct front_matter *ret_front, struct text_error *error)
{
	struct reader reader = {.line = line,
	    .yaml = yaml,
	    .len = len,
	    .front = ret_front,
	    .error = error};
	int err;

	memset(ret_front, 0, sizeof *ret_front);
	if (!yaml_parser_initialize(&reader.parser))
		return out_of_memory(&reader);
	yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(
	    &reader.parser, (const unsigned char *)yaml, len);
	err = read_document(&reader);
	if (reader.has_event)
		yaml_event_delete(&reader.event);
	yaml_parser_delete(&reader.parser);
	if (err != 0)
		error->in_front_matter = true;
	return err;
}

void
front_matter_fini(struct front_matter *front)
{
	for (size_t i = 0; i < front->entries.n; i++) {
		struct front_entry *entry = &front->entries.v[i];

		for (size_t j = 0; j < entry->values.n; j++) {
			free(entry->values.v[j].key);
			free(entry->values.v[j].text);
		}
		VEC_FREE(&entry->values);
		free(entry->key);
	}
	VEC_FREE(&front->entries);
}

const struct front_entry *
front_matter_get(const struct front_matter *front, const char *key)
{
	for (size_t i = 0; i < front->entries.n; i++)
		if (strcmp(front->entries.v[i].key, key) == 0)
			return &front->entries.v[i];
	return NULL;
}
