#include "unit.h"

#include "sync/rights.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define NOW INT64_C(1800000000000) /* 2027-01-15 08:00 */

static void
texts(void **state)
{
	static const struct {
		bool read_only;
		int64_t left_ms;
		const char *text;
	} rows[] = {
	    {true, 30 * DAY, "read, until 2027-02-14 08:00:00 (30 days left)"},
	    {false, 2 * DAY - 1,
		"read and write, until 2027-01-17 07:59:59 (1 day left)"},
	    {false, 23 * HOUR,
		"read and write, until 2027-01-16 07:00:00 (23 hours left)"},
	    {false, HOUR + MINUTE,
		"read and write, until 2027-01-15 09:01:00 (1 hour left)"},
	    {false, 2 * MINUTE,
		"read and write, until 2027-01-15 08:02:00 (2 minutes left)"},
	    {false, 1000,
		"read and write, until 2027-01-15 08:00:01 (less than a minute "
		"left)"},
	    {false, 0, "read and write, until 2027-01-15 08:00:00 (over)"},
	    {true, -DAY, "read, until 2027-01-14 08:00:00 (over)"},
	};
	struct buf out = BUF_INIT;

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(rights_text(rows[i].read_only,
				     NOW + rows[i].left_ms, NOW, &out),
		    0);
		assert_string_equal(buf_str(&out), rows[i].text);
		buf_clear(&out);
	}
	assert_int_equal(rights_text(true, TIME_NONE, NOW, &out), 0);
	assert_string_equal(buf_str(&out), "read, no expiry");
	buf_free(&out);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(texts),
};
UNIT_MAIN(tests)
