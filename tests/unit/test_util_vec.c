#include "unit.h"

#include "util/hash.h"
#include "util/vec.h"

struct pair {
	int a;
	char *b;
};

static void
grows_by_zeroed_elements(void **state)
{
	VEC(struct pair) vec = {0};

	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct pair *pair = VEC_ADD(&vec);

		assert_non_null(pair);
		assert_ptr_equal(pair, &vec.v[i]);
		assert_int_equal(pair->a, 0);
		assert_null(pair->b);
		pair->a = i;
	}
	assert_int_equal(vec.n, 1000);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(vec.v[i].a, i);
	VEC_FREE(&vec);
	assert_null(vec.v);
	assert_int_equal(vec.n + vec.cap, 0);
	VEC_FREE(&vec);
}

/* An element is zeroed also where one was before. */
static void
uses_room_again(void **state)
{
	VEC(struct pair) vec = {0};
	struct pair *pair = VEC_ADD(&vec);

	(void)state;
	pair->a = 7;
	vec.n = 0;
	pair = VEC_ADD(&vec);
	assert_int_equal(pair->a, 0);
	VEC_FREE(&vec);
}

/* The published vectors of FNV-1a. */
static void
hashes(void **state)
{
	(void)state;
	assert_true(hash_add(HASH_INIT, "", 0) == 0xcbf29ce484222325U);
	assert_true(hash_add(HASH_INIT, "a", 1) == 0xaf63dc4c8601ec8cU);
	assert_true(hash_add(HASH_INIT, "foobar", 6) == 0x85944171f73967e8U);
	assert_true(hash_add(hash_add(HASH_INIT, "foo", 3), "bar", 3) ==
		    0x85944171f73967e8U);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(grows_by_zeroed_elements),
    cmocka_unit_test(uses_room_again),
    cmocka_unit_test(hashes),
};

UNIT_MAIN(tests)
