#ifndef UNIT_H
#define UNIT_H

/* What every unit test includes: cmocka with its prerequisites, and TAP. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define UNIT_MAIN(tests)                                          \
	int main(void)                                            \
	{                                                         \
		cmocka_set_message_output(CM_OUTPUT_TAP);         \
		return cmocka_run_group_tests(tests, NULL, NULL); \
	}

/**
 * How many of a test's random rounds to run: TRELLOFS_ROUNDS of a hundred
 * (unset: all), at least one.  valgrind takes fifty times as long.
 */
static inline unsigned
rounds(unsigned all)
{
	const char *share = getenv("TRELLOFS_ROUNDS");
	unsigned n = share != NULL ? all * (unsigned)atoi(share) / 100 : all;

	return n > 0 ? n : 1;
}

#endif
