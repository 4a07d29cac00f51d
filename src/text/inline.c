#include "text/inline.h"

#include "util/buf.h"
#include "util/utf8.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Characters of `&#1114111;` between '#' and ';'. */
#define REFERENCE_DIGITS_MAX 7

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The length of `&#123;` at s, 0 if there is none. */
static size_t
reference_len(const char *s, size_t len)
{
	size_t i = 2;

	if (len < 4 || s[0] != '&' || s[1] != '#')
		return 0;
	while (i < len && isdigit((unsigned char)s[i]))
		i++;
	if (i == 2 || i > 2 + REFERENCE_DIGITS_MAX || i == len || s[i] != ';')
		return 0;
	return i + 1;
}

/* Append what the reference means; what means nothing stays as it is. */
static void
add_referred(struct buf *out, const char *s, size_t len)
{
	uint32_t cp = 0;

	for (size_t i = 2; i + 1 < len; i++)
		cp = cp * 10 + (uint32_t)(s[i] - '0');
	if (cp == 0 || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		(void)buf_add(out, s, len);
	else
		(void)utf8_add(out, cp);
}

static size_t
count_backslashes(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] == '\\')
		n++;
	return n;
}

/* Whether the i-th byte of a name would not come back as it is. */
static bool
must_refer(const char *name, size_t len, size_t i)
{
	return i < len && (name[i] == '\n' || name[i] == '\r' ||
			      (is_blank(name[i]) && (i == 0 || i == len - 1)));
}

int
inline_add_name(struct buf *out, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < len; i++) {
		size_t n = count_backslashes(name + i, len - i);

		if (must_refer(name, len, i + n)) {
			/* A backslash before `&#10;` would make it words. */
			while (n-- > 0)
				(void)buf_printf(out, "&#%d;", name[i++]);
			(void)buf_printf(out, "&#%d;", name[i]);
			continue;
		}
		if (reference_len(name + i + n, len - i - n) > 0)
			(void)buf_add_char(out, '\\');
		(void)buf_add(out, name + i, n > 0 ? n : 1);
		if (n > 0)
			i += n - 1;
		if (n > 0 && i + 1 < len && name[i + 1] == '&')
			(void)buf_add_char(out, name[++i]);
	}
	return out->err;
}

int
inline_read_name(struct buf *out, const char *s, size_t len)
{
	while (len > 0 && is_blank(*s)) {
		s++;
		len--;
	}
	while (len > 0 && is_blank(s[len - 1]))
		len--;
	for (size_t i = 0; i < len && out->err == 0;) {
		size_t n = count_backslashes(s + i, len - i);
		size_t reference = reference_len(s + i + n, len - i - n);

		if (n == 0 && reference > 0) {
			add_referred(out, s + i, reference);
			i += reference;
		} else if (n > 0) {
			(void)buf_add(out, s + i, reference > 0 ? n - 1 : n);
			i += n;
			(void)buf_add(out, s + i, reference);
			i += reference;
		} else {
			(void)buf_add_char(out, s[i++]);
		}
	}
	return out->err;
}

/* Append s with a `\` before each of the characters and before `&#1;`. */
static void
add_escaped(struct buf *out, const char *s, const char *special)
{
	size_t len = strlen(s);

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\n' || s[i] == '\r') {
			(void)buf_printf(out, "&#%d;", s[i]);
			continue;
		}
		if (strchr(special, s[i]) != NULL ||
		    reference_len(s + i, len - i) > 0)
			(void)buf_add_char(out, '\\');
		(void)buf_add_char(out, s[i]);
	}
}

/* Whether an address may stand between parentheses as it is. */
static bool
is_simple_address(const char *s)
{
	size_t len = strlen(s);

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] <= ' ' || s[i] == 0x7f ||
		    strchr("()<>\\", s[i]) != NULL ||
		    reference_len(s + i, len - i) > 0)
			return false;
	return len > 0;
}

int
inline_add_link(
    struct buf *out, const char *text, const char *address, int angle)
{
	(void)buf_add_char(out, '[');
	add_escaped(out, text, "\\[]");
	(void)buf_add_str(out, "](");
	if (!angle && is_simple_address(address)) {
		(void)buf_add_str(out, address);
	} else {
		(void)buf_add_char(out, '<');
		add_escaped(out, address, "\\<>");
		(void)buf_add_char(out, '>');
	}
	return buf_add_char(out, ')');
}

/*
 * Append what stands at s up to the end character, which is not escaped;
 * nested: pairs of open and end inside belong to it.  Returns the length up
 * to the end character, or len + 1 if it is missing.
 */
static size_t
read_until(const char *s, size_t len, char open, char end, bool nested,
    struct buf *out)
{
	size_t depth = 0;

	for (size_t i = 0; i < len && out->err == 0; i++) {
		size_t reference = reference_len(s + i, len - i);

		if (reference > 0) {
			add_referred(out, s + i, reference);
			i += reference - 1;
			continue;
		}
		if (s[i] == '\\' && i + 1 < len &&
		    ispunct((unsigned char)s[i + 1])) {
			(void)buf_add_char(out, s[++i]);
			continue;
		}
		if (s[i] == end && depth == 0)
			return i;
		if (nested && s[i] == open)
			depth++;
		else if (nested && s[i] == end)
			depth--;
		(void)buf_add_char(out, s[i]);
	}
	return len + 1;
}

static int
read_marked_link(
    const char *s, size_t len, struct buf *ret_text, struct buf *ret_address)
{
	bool angle;
	size_t n = read_until(s + 1, len - 1, '[', ']', true, ret_text);

	if (n + 3 > len - 1 || s[n + 2] != '(')
		return -EINVAL;
	s += n + 3;
	len -= n + 3;
	angle = *s == '<';
	if (angle) {
		s++;
		len--;
		n = read_until(s, len, '<', '>', false, ret_address);
		if (n + 2 != len || s[n + 1] != ')')
			return -EINVAL;
		return 0;
	}
	n = read_until(s, len, '(', ')', true, ret_address);
	return n + 1 == len ? 0 : -EINVAL;
}

int
inline_read_link(
    const char *s, size_t len, struct buf *ret_text, struct buf *ret_address)
{
	size_t n;
	int err = 0;

	while (len > 0 && is_blank(*s)) {
		s++;
		len--;
	}
	while (len > 0 && is_blank(s[len - 1]))
		len--;
	if (len == 0)
		return -EINVAL;
	if (*s == '[') {
		err = read_marked_link(s, len, ret_text, ret_address);
	} else if (*s == '<') {
		n = read_until(s + 1, len - 1, '<', '>', false, ret_address);
		err = n + 2 == len ? 0 : -EINVAL;
		(void)buf_add_str(ret_text, buf_str(ret_address));
	} else {
		if (memchr(s, ' ', len) != NULL || memchr(s, ':', len) == NULL)
			return -EINVAL;
		(void)buf_add(ret_address, s, len);
		(void)buf_add(ret_text, s, len);
	}
	if (ret_text->err != 0 || ret_address->err != 0)
		return -ENOMEM;
	return err;
}
