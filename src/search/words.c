#include "search/words.h"

#include "util/buf.h"
#include "util/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static const struct {
	uint32_t first, last;
} alone[] = {
    {0x2600, 0x27bf},	/* symbols, dingbats */
    {0x2e80, 0x9fff},	/* radicals, kana, ideographs */
    {0xf900, 0xfaff},	/* ideographs for compatibility */
    {0x1f000, 0x1faff}, /* pictures */
    {0x20000, 0x3ffff}, /* more ideographs */
};

static bool
stands_alone(uint32_t cp)
{
	for (size_t i = 0; i < sizeof alone / sizeof alone[0]; i++)
		if (cp >= alone[i].first && cp <= alone[i].last)
			return true;
	return false;
}

/* The first byte of any of them. */
static bool
may_stand_alone(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0xe2)
			return true;
	return false;
}

int
words_spread(const char *text, struct buf *out)
{
	size_t len = strlen(text), from = 0, n;
	uint32_t cp;

	if (!may_stand_alone(text))
		return buf_add(out, text, len);
	for (size_t at = 0; at < len; at += n) {
		n = 1;
		if ((unsigned char)text[at] < 0xe2)
			continue;
		n = utf8_decode(text + at, len - at, &cp, NULL);
		if (!stands_alone(cp))
			continue;
		(void)buf_add(out, text + from, at - from);
		(void)buf_add_char(out, ' ');
		(void)buf_add(out, text + at, n);
		(void)buf_add_char(out, ' ');
		from = at + n;
	}
	return buf_add(out, text + from, len - from);
}
