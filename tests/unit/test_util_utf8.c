#include "unit.h"

#include "util/buf.h"
#include "util/utf8.h"

#include <errno.h>
#include <string.h>

struct decode_case {
	const char *s;
	size_t len, ret_len;
	uint32_t cp;
	bool bad;
};

#define GOOD(s, cp)                                        \
	{                                                  \
		s, sizeof(s) - 1, sizeof(s) - 1, cp, false \
	}
#define BAD(s)                                              \
	{                                                   \
		s, sizeof(s) - 1, 1, UTF8_REPLACEMENT, true \
	}

static const struct decode_case decode_cases[] = {
    GOOD("\0", 0),
    GOOD("a", 'a'),
    GOOD("\x7f", 0x7f),
    GOOD("\xc2\x80", 0x80),
    GOOD("\xdf\xbf", 0x7ff),
    GOOD("\xe0\xa0\x80", 0x800),
    GOOD("\xed\x9f\xbf", 0xd7ff),
    GOOD("\xee\x80\x80", 0xe000),
    GOOD("\xef\xbf\xbd", 0xfffd),
    GOOD("\xef\xbf\xbf", 0xffff),
    GOOD("\xf0\x90\x80\x80", 0x10000),
    GOOD("\xf4\x8f\xbf\xbf", 0x10ffff),
    BAD("\x80"),	     /* a continuation alone */
    BAD("\xc0\x80"),	     /* overlong NUL */
    BAD("\xc1\xbf"),	     /* overlong */
    BAD("\xe0\x9f\xbf"),     /* overlong */
    BAD("\xf0\x8f\xbf\xbf"), /* overlong */
    BAD("\xed\xa0\x80"),     /* surrogate */
    BAD("\xed\xbf\xbf"),     /* surrogate */
    BAD("\xf4\x90\x80\x80"), /* past the end */
    BAD("\xf5\x80\x80\x80"),
    BAD("\xff"),
    BAD("\xc3"), /* cut */
    BAD("\xe3\x81"),
    BAD("\xf0\x9f\x98"),
    BAD("\xc3"
	"a"),
    BAD("\xe3\x81"
	"a"),
};

static void
decodes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof decode_cases / sizeof decode_cases[0];
	     i++) {
		const struct decode_case *c = &decode_cases[i];
		bool bad = false;
		uint32_t cp = 1;

		assert_int_equal(
		    utf8_decode(c->s, c->len, &cp, &bad), c->ret_len);
		assert_int_equal(cp, c->cp);
		assert_int_equal(bad, c->bad);
		assert_int_equal(utf8_valid(c->s, c->len), !c->bad);
	}
}

static void
bad_stays_bad(void **state)
{
	bool bad = true;
	uint32_t cp;

	(void)state;
	(void)utf8_decode("a", 1, &cp, &bad);
	assert_true(bad);
	assert_true(utf8_valid("", 0));
}

/* Every code point comes back from its own encoding. */
static void
encodes_what_it_decodes(void **state)
{
	struct buf buf = BUF_INIT;

	(void)state;
	for (uint32_t cp = 0; cp <= 0x10ffff; cp += cp < 0x3000 ? 1 : 97) {
		bool bad = false;
		uint32_t back;

		if (cp >= 0xd800 && cp <= 0xdfff)
			continue;
		buf_clear(&buf);
		assert_int_equal(utf8_add(&buf, cp), 0);
		assert_int_equal(
		    utf8_decode(buf.data, buf.len, &back, &bad), buf.len);
		assert_int_equal(back, cp);
		assert_false(bad);
	}
	buf_free(&buf);
}

static void
cleans(void **state)
{
	static const struct {
		const char *s;
		size_t len;
		const char *clean;
	} cases[] = {
	    {"", 0, ""},
	    {"\xc3\xa4 plain", 8, "\xc3\xa4 plain"},
	    {"a\0b", 3,
		"a\xef\xbf\xbd"
		"b"},
	    {"a\xff"
	     "b\xc3",
		4,
		"a\xef\xbf\xbd"
		"b\xef\xbf\xbd"},
	    {"\xed\xa0\x80", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	};
	struct buf buf = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		buf_clear(&buf);
		assert_int_equal(
		    utf8_add_clean(&buf, cases[i].s, cases[i].len), 0);
		assert_string_equal(buf_str(&buf), cases[i].clean);
	}
	buf_free(&buf);
}

static void
cleaning_keeps_the_maximum(void **state)
{
	struct buf buf = {.max = 4};

	(void)state;
	assert_int_equal(utf8_add_clean(&buf, "\xff\xff", 2), -EFBIG);
	assert_string_equal(buf_str(&buf), "\xef\xbf\xbd");
	buf_free(&buf);
}

static void
cuts_at_code_points(void **state)
{
	static const struct {
		const char *s;
		size_t max, cut;
	} cases[] = {
	    {"abc", 5, 3},
	    {"abc", 3, 3},
	    {"abc", 2, 2},
	    {"abc", 0, 0},
	    {"\xc3\xa4\xc3\xa4", 3, 2},
	    {"\xc3\xa4\xc3\xa4", 1, 0},
	    {"a\xf0\x9f\x98\x80", 4, 1},
	    {"a\xf0\x9f\x98\x80", 5, 5},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(
		    utf8_cut(cases[i].s, strlen(cases[i].s), cases[i].max),
		    cases[i].cut);
}

static void
counts_utf16(void **state)
{
	(void)state;
	assert_int_equal(utf8_utf16_len("", 0), 0);
	assert_int_equal(utf8_utf16_len("a\xc3\xa4\xe3\x81\x82", 6), 3);
	assert_int_equal(utf8_utf16_len("\xf0\x9f\x98\x80", 4), 2);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(decodes),
    cmocka_unit_test(bad_stays_bad),
    cmocka_unit_test(encodes_what_it_decodes),
    cmocka_unit_test(cleans),
    cmocka_unit_test(cleaning_keeps_the_maximum),
    cmocka_unit_test(cuts_at_code_points),
    cmocka_unit_test(counts_utf16),
};

UNIT_MAIN(tests)
