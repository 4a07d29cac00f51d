#include "util/utf8.h"

#include "util/buf.h"

#include <string.h>

static size_t
expected_len(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if ((first & 0xf0) == 0xe0)
		return 3;
	if (first >= 0xf0 && first <= 0xf4)
		return 4;
	return 0;
}

size_t
utf8_decode(const char *s, size_t len, uint32_t *ret_cp, bool *ret_bad)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	static const unsigned char mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	const unsigned char *p = (const unsigned char *)s;
	size_t n = expected_len(p[0]);
	uint32_t cp;

	if (n == 0 || n > len)
		goto bad;
	cp = p[0] & mask[n];
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			goto bad;
		cp = cp << 6 | (p[i] & 0x3f);
	}
	if (cp < least[n] || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		goto bad;
	*ret_cp = cp;
	return n;
bad:
	*ret_cp = UTF8_REPLACEMENT;
	if (ret_bad != NULL)
		*ret_bad = true;
	return 1;
}

int
utf8_add(struct buf *buf, uint32_t cp)
{
	char out[4];
	size_t n;

	if (cp < 0x80) {
		out[0] = (char)cp;
		n = 1;
	} else if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		n = 2;
	} else if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		n = 3;
	} else {
		out[0] = (char)(0xf0 | cp >> 18);
		n = 4;
	}
	for (size_t i = 1; i < n; i++)
		out[i] = (char)(0x80 | (cp >> 6 * (n - 1 - i) & 0x3f));
	return buf_add(buf, out, n);
}

bool
utf8_valid(const char *s, size_t len)
{
	bool bad = false;
	uint32_t cp;

	for (size_t i = 0; i < len && !bad;)
		i += utf8_decode(s + i, len - i, &cp, &bad);
	return !bad;
}

int
utf8_add_clean(struct buf *buf, const char *s, size_t len)
{
	uint32_t cp;

	if (utf8_valid(s, len) && memchr(s, '\0', len) == NULL)
		return buf_add(buf, s, len);
	for (size_t i = 0; i < len;) {
		i += utf8_decode(s + i, len - i, &cp, NULL);
		if (utf8_add(buf, cp != 0 ? cp : UTF8_REPLACEMENT) != 0)
			break;
	}
	return buf->err;
}

static bool
is_printable(uint32_t cp)
{
	if (cp < 0x20 || (cp >= 0x7f && cp <= 0x9f))
		return false;
	return !(cp >= 0x202a && cp <= 0x202e) &&
	       !(cp >= 0x2066 && cp <= 0x2069);
}

void
utf8_make_printable(char *s)
{
	size_t len = strlen(s), to = 0;

	for (size_t i = 0, n; i < len; i += n) {
		bool bad = false;
		uint32_t cp;

		n = utf8_decode(s + i, len - i, &cp, &bad);
		if (bad || !is_printable(cp)) {
			s[to++] = '?';
		} else {
			memmove(s + to, s + i, n);
			to += n;
		}
	}
	s[to] = '\0';
}

size_t
utf8_cut(const char *s, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max > 0 && ((unsigned char)s[max] & 0xc0) == 0x80)
		max--;
	return max;
}

size_t
utf8_utf16_len(const char *s, size_t len)
{
	size_t units = 0;
	uint32_t cp;

	for (size_t i = 0; i < len;) {
		i += utf8_decode(s + i, len - i, &cp, NULL);
		units += cp >= 0x10000 ? 2 : 1;
	}
	return units;
}
