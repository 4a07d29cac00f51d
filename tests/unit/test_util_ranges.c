#include "unit.h"

#include "util/ranges.h"

#include <stdlib.h>
#include <string.h>

#define BYTES 200

static void
check(const struct ranges *ranges, const bool *there)
{
	int64_t bytes = 0;

	for (size_t i = 0; i < ranges->list.n; i++) {
		const struct range *v = ranges->list.v;

		assert_true(v[i].from < v[i].to);
		assert_true(i == 0 || v[i].from > v[i - 1].to);
	}
	for (int64_t i = 0; i < BYTES; i++)
		bytes += there[i];
	assert_int_equal(ranges_bytes(ranges), bytes);
	for (int64_t from = 0; from <= BYTES; from += 3) {
		for (int64_t to = from; to <= BYTES; to += 7) {
			int64_t missing = from, next = from;

			while (missing < to && there[missing])
				missing++;
			while (next < to && !there[next])
				next++;
			assert_int_equal(
			    ranges_missing(ranges, from, to), missing);
			assert_int_equal(ranges_next(ranges, from, to), next);
		}
	}
}

static void
test_like_a_map(void **state)
{
	struct ranges ranges = {0};
	bool there[BYTES] = {false};

	(void)state;
	srandom(7);
	for (int round = 0; round < 60; round++) {
		int64_t from = random() % BYTES;
		int64_t to = from + random() % 12;

		if (round % 20 == 19) {
			ranges_clear(&ranges);
			memset(there, 0, sizeof there);
		}
		to = to < BYTES ? to : BYTES;
		assert_int_equal(ranges_add(&ranges, from, to), 0);
		for (int64_t i = from; i < to; i++)
			there[i] = true;
		check(&ranges, there);
	}
	ranges_clear(&ranges);
}

static void
test_neighbours_join(void **state)
{
	struct ranges ranges = {0};
	const int64_t huge = INT64_MAX - 1;

	(void)state;
	assert_int_equal(ranges_add(&ranges, 5, 5), 0);
	assert_int_equal(ranges.list.n, 0);
	assert_int_equal(ranges_add(&ranges, 10, 20), 0);
	assert_int_equal(ranges_add(&ranges, 30, 40), 0);
	assert_int_equal(ranges_add(&ranges, 0, 5), 0);
	assert_int_equal(ranges.list.n, 3);
	assert_int_equal(ranges_add(&ranges, 20, 30), 0);
	assert_int_equal(ranges.list.n, 2);
	assert_int_equal(ranges.list.v[1].from, 10);
	assert_int_equal(ranges.list.v[1].to, 40);
	assert_int_equal(ranges_add(&ranges, 3, huge), 0);
	assert_int_equal(ranges.list.n, 1);
	assert_int_equal(ranges_bytes(&ranges), huge);
	ranges_clear(&ranges);
	assert_int_equal(ranges_missing(&ranges, 7, 9), 7);
	assert_int_equal(ranges_next(&ranges, 7, 9), 9);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_like_a_map),
    cmocka_unit_test(test_neighbours_join),
};

UNIT_MAIN(tests)
