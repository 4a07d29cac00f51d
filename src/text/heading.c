#include "text/heading.h"

#include "util/buf.h"

#include <stdbool.h>
#include <string.h>

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_line(const char *line, size_t len, const char *heading)
{
	size_t n = strlen(heading);

	while (len > n && is_blank(line[len - 1]))
		len--;
	return len == n && memcmp(line, heading, n) == 0;
}

enum heading
heading_of(const char *line, size_t len)
{
	const size_t checklist = strlen(HEADING_TEXT_CHECKLIST);

	if (len < 4 || memcmp(line, "## ", 3) != 0 || line[len - 1] == '\r')
		return HEADING_NONE;
	if (len >= checklist &&
	    memcmp(line, HEADING_TEXT_CHECKLIST, checklist) == 0 &&
	    (len == checklist || is_blank(line[checklist])))
		return HEADING_CHECKLIST;
	if (is_line(line, len, HEADING_TEXT_ATTACHMENTS))
		return HEADING_ATTACHMENTS;
	if (is_line(line, len, HEADING_TEXT_COMMENTS))
		return HEADING_COMMENTS;
	return HEADING_NONE;
}

size_t
line_len(const char *s, size_t len)
{
	const char *end = len > 0 ? memchr(s, '\n', len) : NULL;

	return end != NULL ? (size_t)(end - s) : len;
}

/* Whether the line is a heading but for backslashes before it. */
static bool
is_escapable(const char *line, size_t len)
{
	while (len > 0 && *line == '\\') {
		line++;
		len--;
	}
	return heading_of(line, len) != HEADING_NONE;
}

int
heading_escape_line(struct buf *out, const char *line, size_t len)
{
	if (is_escapable(line, len))
		(void)buf_add_char(out, '\\');
	return buf_add(out, line, len);
}

int
heading_unescape_line(struct buf *out, const char *line, size_t len)
{
	if (len > 0 && *line == '\\' && is_escapable(line, len)) {
		line++;
		len--;
	}
	return buf_add(out, line, len);
}

static int
each_line(struct buf *out, const char *s, size_t len,
    int (*add_line)(struct buf *out, const char *line, size_t len))
{
	for (;;) {
		size_t n = line_len(s, len);

		(void)add_line(out, s, n);
		if (n == len || out->err != 0)
			return out->err;
		(void)buf_add_char(out, '\n');
		s += n + 1;
		len -= n + 1;
	}
}

/* Few texts have anything like a heading in them. */
static bool
has_marks(const char *s, size_t len)
{
	const char *end = s + len;

	while (s < end && (s = memchr(s, '#', (size_t)(end - s))) != NULL) {
		if (end - s >= 3 && memcmp(s, "## ", 3) == 0)
			return true;
		s++;
	}
	return false;
}

int
heading_escape(struct buf *out, const char *s, size_t len)
{
	if (!has_marks(s, len))
		return buf_add(out, s, len);
	return each_line(out, s, len, heading_escape_line);
}

int
heading_unescape(struct buf *out, const char *s, size_t len)
{
	if (!has_marks(s, len))
		return buf_add(out, s, len);
	return each_line(out, s, len, heading_unescape_line);
}
