#include "unit.h"

#include "util/err.h"
#include "util/utf8.h"

#include <errno.h>
#include <string.h>

static void
stores_code_and_text(void **state)
{
	struct err err = {0};

	(void)state;
	assert_int_equal(
	    err_set(&err, -EINVAL, "line %d: %s", 3, "x"), -EINVAL);
	assert_int_equal(err.code, -EINVAL);
	assert_string_equal(err.text, "line 3: x");
	assert_int_equal(err_set(NULL, -EIO, "nobody asks"), -EIO);
	err_prefix(NULL, "nobody asks");
}

static void
gets_prefixes(void **state)
{
	struct err err = {0};

	(void)state;
	(void)err_set(&err, -EIO, "inner");
	err_prefix(&err, "card %s", "A");
	err_prefix(&err, "board");
	assert_string_equal(err.text, "board: card A: inner");
	assert_int_equal(err.code, -EIO);
}

/* What a server says may reach a terminal by way of an error. */
static void
is_safe_to_print(void **state)
{
	static const struct {
		const char *said, *shown;
	} cases[] = {
	    {"plain", "plain"},
	    {"a\nb\tc\r", "a?b?c?"},
	    {"\033[2J\177", "?[2J?"},
	    {"\xc2\x9b"
	     "31m",
		"?31m"},
	    {"\x9b"
	     "31m",
		"?31m"},
	    {"\xe2\x80\xae"
	     "evil",
		"?evil"},
	    {"\xe2\x81\xa6"
	     "evil",
		"?evil"},
	    {"\xc3\xa4\xf0\x9f\x98\x80", "\xc3\xa4\xf0\x9f\x98\x80"},
	    {"cut \xf0\x9f\x98", "cut ???"},
	};
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		(void)err_set(&err, -EIO, "%s", cases[i].said);
		assert_string_equal(err.text, cases[i].shown);
	}
}

/* Whatever the text's length, it ends at a code point. */
static void
is_cut_at_a_code_point(void **state)
{
	char text[2 * ERR_TEXT_MAX] = "";
	struct err err = {0};

	(void)state;
	for (size_t lead = 0; lead < 4; lead++) {
		memset(text, 'x', lead);
		text[lead] = '\0';
		while (strlen(text) < ERR_TEXT_MAX + 10)
			(void)strcat(text, "\xe3\x81\x82");
		(void)err_set(&err, -EIO, "%s", text);
		assert_true(utf8_valid(err.text, strlen(err.text)));
		assert_null(strchr(err.text, '?'));
		assert_in_range(
		    strlen(err.text), ERR_TEXT_MAX - 5, ERR_TEXT_MAX - 1);
		err_prefix(&err, "%s", text);
		assert_true(utf8_valid(err.text, strlen(err.text)));
		assert_null(strchr(err.text, '?'));
	}
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(stores_code_and_text),
    cmocka_unit_test(gets_prefixes),
    cmocka_unit_test(is_safe_to_print),
    cmocka_unit_test(is_cut_at_a_code_point),
};

UNIT_MAIN(tests)
