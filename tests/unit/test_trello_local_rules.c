/* What the account in memory makes of names, dates and places. */

#include "unit.h"

#include "trello/local_rules.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void
test_titles(void **state)
{
	static const struct {
		const char *given, *kept; /* NULL: refused */
	} rows[] = {
	    {"a", "a"},
	    {" a  b ", "a  b"},
	    {"\t\n a\r\n\tb \x7f", "a b"},
	    {"a\x01", "a"},
	    {"\302\240\343\200\200x\357\273\277", "x"},
	    {"a\342\200\250b", "a b"},
	    {"\342\200\216", "\342\200\216"}, /* nothing but U+200E */
	    {"\302\205", "\302\205"},	      /* C1 stays */
	    {"a\377b", "a\357\277\275b"},
	    {"", NULL},
	    {" \t\n", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *name = NULL;
		int r = local_title(rows[i].given, 1, 16384, &name);

		assert_int_equal(r, rows[i].kept != NULL ? 0 : -EINVAL);
		if (r == 0)
			assert_string_equal(name, rows[i].kept);
		free(name);
	}
}

/* The unit of lengths is that of UTF-16, after trimming. */
static void
test_lengths(void **state)
{
	char *name;

	(void)state;
	assert_int_equal(local_title(" abc ", 1, 3, &name), 0);
	free(name);
	assert_int_equal(local_title("abcd", 1, 3, &name), -EINVAL);
	assert_int_equal(local_title("\360\237\230\200", 1, 1, &name), -EINVAL);
	assert_int_equal(local_title("\360\237\230\200", 1, 2, &name), 0);
	free(name);
	assert_int_equal(local_title(" ", 0, 3, &name), 0);
	assert_string_equal(name, "");
	free(name);
	assert_int_equal(local_text("", 1, &name), -EINVAL);
	assert_int_equal(local_text(" \r\n", 1, &name), 0);
	assert_string_equal(name, " \r\n");
	free(name);
}

static void
test_ids(void **state)
{
	(void)state;
	assert_true(local_is_id("5e00000000000000000000a0", false));
	assert_true(local_is_id("5E00000000000000000000A0", false));
	assert_false(local_is_id("5e00000000000000000000g0", true));
	assert_false(local_is_id("5e00000000000000000000a01", true));
	assert_false(local_is_id("aBcDeFg1", false));
	assert_true(local_is_id("aBcDeFg1", true));
	assert_false(local_is_id("aBcDeF/1", true));
	assert_false(local_is_id("", true));
}

static void
test_dates(void **state)
{
	static const struct {
		const char *given;
		int64_t ms; /* -1: refused */
	} rows[] = {
	    {"", TIME_NONE},
	    {"null", TIME_NONE},
	    {"1970-01-01T00:00:01.500Z", 1500},
	    {"1970-01-02T02:00:00+02:00", 86400000},
	    {"1970-01-02", 86400000},
	    {"tomorrow", -1},
	    {"1970-02-30", -1},
	    {"12", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int64_t ms = 0;
		int r = local_date(rows[i].given, &ms);

		assert_int_equal(r, rows[i].ms != -1 ? 0 : -EINVAL);
		if (r == 0)
			assert_int_equal(ms, rows[i].ms);
	}
}

static void
test_words(void **state)
{
	static const char *const good[] = {
	    "", "top", "bottom", "1", "0.001", "140737489141760"};
	static const char *const bad[] = {
	    "0", "-1", "up", "1e301", "nan", "0x10", " 1"};
	bool value;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_int_equal(local_pos_check(good[i]), 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(local_pos_check(bad[i]), -EINVAL);
	assert_int_equal(local_bool("true", &value), 0);
	assert_true(value);
	assert_int_equal(local_bool("false", &value), 0);
	assert_false(value);
	assert_int_equal(local_bool("1", &value), -EINVAL);
	assert_int_equal(local_bool("", &value), -EINVAL);
}

static double
place(const struct local_places *places, const char *pos)
{
	double value = -1;

	assert_int_equal(local_pos(places, pos, &value), 0);
	return value;
}

/* Recorded: the first, behind, before, and what was asked for. */
static void
test_places(void **state)
{
	struct local_places places = {0};
	double a = 65535, b = 16384;

	(void)state;
	assert_true(place(&places, "top") == 16384);
	assert_true(place(&places, "bottom") == 16384);
	assert_true(place(&places, "7.5") == 7.5);
	assert_int_equal(local_places_add(&places, &a, "a"), 0);
	assert_true(place(&places, "top") == 32767.5);
	assert_true(place(&places, "bottom") == 81919);
	assert_int_equal(local_places_add(&places, &b, "b"), 0);
	assert_true(place(&places, "") == 8192);
	assert_true(place(&places, "20000") == 20000);
	local_places_free(&places);
}

static void
test_room(void **state)
{
	struct local_places places = {0};
	double a = 3, b = 1, c = 1.011, d = 1.02;

	(void)state;
	assert_int_equal(local_places_add(&places, &a, "a"), 0);
	assert_int_equal(local_places_add(&places, &b, "b"), 0);
	assert_int_equal(local_make_room(&places, &c, "c"), 0);
	assert_true(a == 3 && b == 1 && c == 1.011);
	assert_int_equal(local_places_add(&places, &c, "c"), 0);
	assert_int_equal(local_make_room(&places, &d, "d"), 0);
	assert_true(
	    b == 16384 && c == 2 * 16384 && d == 3 * 16384 && a == 4 * 16384);
	local_places_free(&places);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_titles),
    cmocka_unit_test(test_lengths),
    cmocka_unit_test(test_ids),
    cmocka_unit_test(test_dates),
    cmocka_unit_test(test_words),
    cmocka_unit_test(test_places),
    cmocka_unit_test(test_room),
};
UNIT_MAIN(tests)
