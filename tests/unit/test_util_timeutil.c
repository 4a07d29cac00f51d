#include "unit.h"

#include "util/timeutil.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *s;
	int64_t ms;
} good[] = {
    {"1970-01-01T00:00:00.000Z", 0},
    {"1969-12-31T23:59:59.999Z", -1},
    {"2026-11-02T14:03:27.123Z", 1793628207123},
    {"2013-06-30T05:36:05.430Z", 1372570565430},
    {"2000-02-29T00:00:00Z", 951782400000},
    {"2026-11-02 14:03Z", 1793628180000},
    {"2026-11-02t14:03z", 1793628180000},
    {"2026-11-02T15:03:27.123+01:00", 1793628207123},
    {"2026-11-02T15:03:27.123+0100", 1793628207123},
    {"2026-11-02T08:33:27.123-05:30", 1793628207123},
    {"2026-11-02T16:02:27.123+01:59", 1793628207123},
    {"2026-11-02T14:03:27.1Z", 1793628207100},
    {"2026-11-02T14:03:27,123456789Z", 1793628207123},
    {"2016-12-31T23:59:60Z", 1483228800000},
    {"0000-01-01T00:00:00Z", INT64_C(-62167219200000)},
    {"9999-12-31T23:59:59.999Z", INT64_C(253402300799999)},
};

static const char *const bad[] = {
    "",
    "2026",
    "2026-11-02",
    "2026-11-02T14:03:27",
    "2026-11-02T14:03:27.Z",
    "2026-11-02T14:03.5Z",
    "2026-11-02T14:03:27.123Z ",
    " 2026-11-02T14:03:27.123Z",
    "2026-11-02T14:03:27.123ZZ",
    "2026-11-02X14:03:27Z",
    "2026-13-02T14:03:27Z",
    "2026-00-02T14:03:27Z",
    "2026-11-31T14:03:27Z",
    "2026-11-00T14:03:27Z",
    "2025-02-29T14:03:27Z",
    "1900-02-29T14:03:27Z",
    "2026-11-02T24:03:27Z",
    "2026-11-02T14:60:27Z",
    "2026-11-02T14:03:61Z",
    "2026-11-02T14:03:27+24:00",
    "2026-11-02T14:03:27+01:60",
    "2026-11-02T14:03:27+1:00",
    "26-11-02T14:03:27Z",
    "-026-11-02T14:03:27Z",
    "0000-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
};

static void
parses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		int64_t ms = 7;

		if (time_parse_iso(good[i].s, &ms) != 0 || ms != good[i].ms)
			fail_msg("%s: %" PRId64, good[i].s, ms);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		int64_t ms = 7;

		if (time_parse_iso(bad[i], &ms) != -EINVAL || ms != 7)
			fail_msg("\"%s\" was taken", bad[i]);
	}
}

static void
formats(void **state)
{
	static const struct {
		int64_t ms;
		const char *s;
	} cases[] = {
	    {0, "1970-01-01T00:00:00.000Z"},
	    {-1, "1969-12-31T23:59:59.999Z"},
	    {1793628207123, "2026-11-02T14:03:27.123Z"},
	    {INT64_C(-62167219200000), "0000-01-01T00:00:00.000Z"},
	    {INT64_C(-60000000000500), "0068-09-03T13:19:59.500Z"},
	    {INT64_MIN + 1, "0000-01-01T00:00:00.000Z"},
	    {INT64_C(253402300800000), "9999-12-31T23:59:59.999Z"},
	    {INT64_MAX, "9999-12-31T23:59:59.999Z"},
	};
	char out[TIME_ISO_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		time_format_iso(cases[i].ms, out);
		assert_string_equal(out, cases[i].s);
	}
}

static void
parses_what_it_formats(void **state)
{
	const int64_t step = INT64_C(86400000) * 37 + 3723457;
	char out[TIME_ISO_SIZE];

	(void)state;
	for (int64_t ms = INT64_C(-62167219200000);
	     ms < INT64_C(253402300800000); ms += step) {
		int64_t back = 0;

		time_format_iso(ms, out);
		assert_int_equal(strlen(out), 24);
		assert_int_equal(time_parse_iso(out, &back), 0);
		assert_true(back == ms);
	}
}

static void
reads_the_time_in_an_id(void **state)
{
	static const struct {
		const char *id;
		int64_t ms;
	} cases[] = {
	    {"4f0bb09204368bb5292ffdc3", 1326166162000},
	    {"00000000", 0},
	    {"ffffffff", INT64_C(4294967295000)},
	    {"", TIME_NONE},
	    {"4f0bb09", TIME_NONE},
	    {"4f0bb09g", TIME_NONE},
	    {"4F0BB092", TIME_NONE},
	    {"local-12", TIME_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_true(time_from_id(cases[i].id) == cases[i].ms);
}

static void
clocks_agree(void **state)
{
	int64_t before_ms = time_wall_ms(), ns, start_ms = time_monotonic_ms();

	(void)state;
	ns = time_wall_ns();
	assert_true(ns / 1000000 - before_ms < 60000);
	assert_true(ns / 1000000 - before_ms >= 0);
	assert_true(time_monotonic_ms() >= start_ms);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(parses),
    cmocka_unit_test(formats),
    cmocka_unit_test(parses_what_it_formats),
    cmocka_unit_test(reads_the_time_in_an_id),
    cmocka_unit_test(clocks_agree),
};

UNIT_MAIN(tests)
