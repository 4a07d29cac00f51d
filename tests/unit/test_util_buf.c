#include "unit.h"

#include "util/buf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void
starts_empty(void **state)
{
	struct buf buf = BUF_INIT;
	char *stolen;

	(void)state;
	assert_string_equal(buf_str(&buf), "");
	assert_true(buf_ends_with(&buf, ""));
	assert_false(buf_ends_with(&buf, "x"));
	buf_clear(&buf);
	buf_drop_front(&buf, 10);
	stolen = buf_steal(&buf);
	assert_string_equal(stolen, "");
	free(stolen);
	buf_free(&buf);
	buf_free(&buf);
}

static void
grows_and_stays_terminated(void **state)
{
	struct buf buf = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < 5000; i++) {
		assert_int_equal(buf_add_char(&buf, (char)('a' + i % 26)), 0);
		assert_int_equal(buf.len, i + 1);
		assert_int_equal(strlen(buf.data), i + 1);
	}
	assert_int_equal(buf_add(&buf, NULL, 0), 0);
	assert_int_equal(buf_add(&buf, "x\0y", 3), 0);
	assert_int_equal(buf.len, 5003);
	assert_memory_equal(buf.data + 5000, "x\0y", 4);
	buf_free(&buf);
}

static void
drops_its_front(void **state)
{
	static const struct {
		size_t drop;
		const char *left;
	} cases[] = {{0, "abcdef"}, {1, "bcdef"}, {5, "f"}, {6, ""}, {9, ""}};
	struct buf buf = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		buf_clear(&buf);
		assert_int_equal(buf_add_str(&buf, "abcdef"), 0);
		buf_drop_front(&buf, cases[i].drop);
		assert_string_equal(buf_str(&buf), cases[i].left);
		assert_int_equal(buf.len, strlen(cases[i].left));
	}
	buf_free(&buf);
}

static void
prints(void **state)
{
	struct buf buf = BUF_INIT;
	char wide[300];

	(void)state;
	memset(wide, 'w', sizeof wide - 1);
	wide[sizeof wide - 1] = '\0';
	assert_int_equal(buf_printf(&buf, "%d-%s", 42, "x"), 0);
	assert_int_equal(buf_printf(&buf, "%s", ""), 0);
	assert_int_equal(buf_printf(&buf, "%s", wide), 0);
	assert_int_equal(buf.len, 4 + 299);
	assert_memory_equal(buf.data, "42-xw", 5);
	assert_true(buf_ends_with(&buf, "ww"));
	assert_false(buf_ends_with(&buf, "wx"));
	buf_free(&buf);
}

/* What was there before the error stays; nothing is added after it. */
static void
keeps_its_maximum(void **state)
{
	struct buf buf = {.max = 5};

	(void)state;
	assert_int_equal(buf_add_str(&buf, "abcde"), 0);
	assert_int_equal(buf_add_char(&buf, 'f'), -EFBIG);
	assert_int_equal(buf.err, -EFBIG);
	assert_int_equal(buf_add(&buf, "", 0), -EFBIG);
	assert_int_equal(buf_printf(&buf, "%s", ""), -EFBIG);
	assert_string_equal(buf_str(&buf), "abcde");
	assert_null(buf_steal(&buf));
	buf_clear(&buf);
	assert_int_equal(buf.err, 0);
	assert_int_equal(buf_printf(&buf, "%s", "123456"), -EFBIG);
	assert_string_equal(buf_str(&buf), "");
	buf_free(&buf);
	assert_int_equal(buf.max, 5);
	assert_int_equal(buf_reserve(&buf, 6), -EFBIG);
	buf_free(&buf);
	assert_int_equal(buf_reserve(&buf, SIZE_MAX), -EFBIG);
	buf_free(&buf);
}

static void
has_a_maximum_of_its_own(void **state)
{
	struct buf buf = BUF_INIT;

	(void)state;
	assert_int_equal(buf_reserve(&buf, BUF_MAX_DEFAULT + 1), -EFBIG);
	buf_free(&buf);
}

static void
can_be_stolen(void **state)
{
	struct buf buf = BUF_INIT;
	char *first, *second;

	(void)state;
	(void)buf_add_str(&buf, "one");
	first = buf_steal(&buf);
	assert_int_equal(buf.len, 0);
	(void)buf_add_str(&buf, "two");
	second = buf_steal(&buf);
	assert_string_equal(first, "one");
	assert_string_equal(second, "two");
	free(first);
	free(second);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(starts_empty),
    cmocka_unit_test(grows_and_stays_terminated),
    cmocka_unit_test(drops_its_front),
    cmocka_unit_test(prints),
    cmocka_unit_test(keeps_its_maximum),
    cmocka_unit_test(has_a_maximum_of_its_own),
    cmocka_unit_test(can_be_stolen),
};

UNIT_MAIN(tests)
