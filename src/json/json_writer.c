#include "json/json_writer.h"

#include "util/buf.h"
#include "util/utf8.h"
#include "json/json_number.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

/* The short escapes; other control characters are \u00XX. */
static char
short_escape(char c)
{
	static const char from[] = "\"\\\b\f\n\r\t";
	static const char to[] = "\"\\bfnrt";
	const char *at = c != '\0' ? strchr(from, c) : NULL;

	return (char)(at != NULL ? to[at - from] : '\0');
}

static bool
is_plain(char c)
{
	return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 &&
	       c != '"' && c != '\\';
}

/* Append one character that is not plain; returns its length in s. */
static size_t
add_special(struct buf *out, const char *s, size_t len)
{
	char escape = short_escape(*s);
	uint32_t cp;
	size_t n;

	if ((unsigned char)*s >= 0x80) {
		n = utf8_decode(s, len, &cp, NULL);
		(void)utf8_add(out, cp);
		return n;
	}
	if (escape != '\0') {
		(void)buf_add_char(out, '\\');
		(void)buf_add_char(out, escape);
	} else {
		(void)buf_printf(out, "\\u%04x", (unsigned char)*s);
	}
	return 1;
}

static void
add_quoted(struct buf *out, const char *s)
{
	size_t len = strlen(s);

	(void)buf_add_char(out, '"');
	for (size_t i = 0, n; i < len && out->err == 0; i += n) {
		for (n = 0; i + n < len && is_plain(s[i + n]);)
			n++;
		if (n > 0)
			(void)buf_add(out, s + i, n);
		else
			n = add_special(out, s + i, len - i);
	}
	(void)buf_add_char(out, '"');
}

/* What stands before a value: a comma, a key. */
static void
begin(struct json_writer *writer, const char *key)
{
	if (writer->comma)
		(void)buf_add_char(writer->out, ',');
	if (key != NULL) {
		add_quoted(writer->out, key);
		(void)buf_add_char(writer->out, ':');
	}
	writer->comma = true;
}

static void
open_bracket(struct json_writer *writer, const char *key, char bracket)
{
	begin(writer, key);
	(void)buf_add_char(writer->out, bracket);
	writer->comma = false;
}

static void
close_bracket(struct json_writer *writer, char bracket)
{
	(void)buf_add_char(writer->out, bracket);
	writer->comma = true;
}

void
json_object_begin(struct json_writer *writer, const char *key)
{
	open_bracket(writer, key, '{');
}

void
json_object_end(struct json_writer *writer)
{
	close_bracket(writer, '}');
}

void
json_array_begin(struct json_writer *writer, const char *key)
{
	open_bracket(writer, key, '[');
}

void
json_array_end(struct json_writer *writer)
{
	close_bracket(writer, ']');
}

void
json_string(struct json_writer *writer, const char *key, const char *s)
{
	if (s == NULL) {
		json_null(writer, key);
		return;
	}
	begin(writer, key);
	add_quoted(writer->out, s);
}

void
json_bool(struct json_writer *writer, const char *key, bool value)
{
	begin(writer, key);
	(void)buf_add_str(writer->out, value ? "true" : "false");
}

void
json_int(struct json_writer *writer, const char *key, int64_t value)
{
	begin(writer, key);
	(void)buf_printf(writer->out, "%" PRId64, value);
}

void
json_double(struct json_writer *writer, const char *key, double value)
{
	char text[JSON_NUMBER_SIZE];

	if (!isfinite(value)) {
		json_null(writer, key);
		return;
	}
	begin(writer, key);
	if (json_number_format(value, text) == 0)
		(void)buf_add_str(writer->out, text);
	else
		writer->out->err = -ENOMEM;
}

void
json_null(struct json_writer *writer, const char *key)
{
	begin(writer, key);
	(void)buf_add_str(writer->out, "null");
}
