/* How often and how late a request is tried again. */

#include "unit.h"

#include "trello/retry.h"

static void
test_doubles(void **state)
{
	static const struct retry_policy policy = {
	    .max_tries = 8, .base_ms = 100, .cap_ms = 1000, .max_ms = 100000};
	static const int64_t bound[] = {
	    0, 100, 200, 400, 800, 1000, 1000, 1000};

	(void)state;
	for (unsigned tries = 1; tries < 8; tries++) {
		assert_int_equal(retry_wait_ms(&policy, tries, 0, 0), 0);
		assert_int_equal(
		    retry_wait_ms(&policy, tries, 0, 0.5), bound[tries] / 2);
		assert_int_equal(
		    retry_wait_ms(&policy, tries, 0, 1), bound[tries]);
	}
	assert_int_equal(retry_wait_ms(&policy, 8, 0, 0), -1);
	assert_int_equal(retry_wait_ms(&policy, 1000, 0, 0), -1);
}

static void
test_time(void **state)
{
	static const struct retry_policy policy = {
	    .max_tries = 100, .base_ms = 100, .cap_ms = 100, .max_ms = 1000};

	(void)state;
	assert_int_equal(retry_wait_ms(&policy, 1, 900, 1), 100);
	assert_int_equal(retry_wait_ms(&policy, 1, 901, 1), -1);
	assert_int_equal(retry_wait_ms(&policy, 1, 1001, 0), -1);
}

/* All waits together, at their longest, stay within what is promised. */
static void
test_default(void **state)
{
	int64_t elapsed_ms = 0;
	unsigned tries = 1;
	int64_t wait_ms;

	(void)state;
	while ((wait_ms = retry_wait_ms(
		    &RETRY_DEFAULT, tries, elapsed_ms, 1)) >= 0) {
		elapsed_ms += wait_ms;
		tries++;
	}
	assert_int_equal(tries, RETRY_DEFAULT.max_tries);
	assert_true(elapsed_ms <= RETRY_DEFAULT.max_ms);
}

static void
test_never(void **state)
{
	static const struct retry_policy once = {.max_tries = 1};

	(void)state;
	assert_int_equal(retry_wait_ms(&once, 1, 0, 0), -1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_doubles),
    cmocka_unit_test(test_time),
    cmocka_unit_test(test_default),
    cmocka_unit_test(test_never),
};
UNIT_MAIN(tests)
