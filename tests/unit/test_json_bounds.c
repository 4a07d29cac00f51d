#include "unit.h"

#include "feed.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/vec.h"
#include "json/json_reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

struct item {
	char *s;
};

struct target {
	char *s;
	VEC(struct item) items;
};

static void
item_fini(void *element)
{
	struct item *item = element;

	free(item->s);
}

static const struct json_shape item_shape = {
    .fields =
	(const struct json_field[]){
	    {.key = "s", .type = JSON_STRING},
	    {0},
	},
    .element_size = sizeof(struct item),
    .fini = item_fini,
};

static const struct json_shape shape = {
    .fields =
	(const struct json_field[]){
	    {.key = "s",
		.type = JSON_STRING,
		.offset = offsetof(struct target, s)},
	    {.key = "items",
		.type = JSON_ARRAY,
		.offset = offsetof(struct target, items),
		.shape = &item_shape},
	    {0},
	},
};

static void
target_fini(struct target *target)
{
	free(target->s);
	for (size_t i = 0; i < target->items.n; i++)
		free(target->items.v[i].s);
	VEC_FREE(&target->items);
}

/* Small bounds, each met exactly and passed by one. */
static const struct json_limits small = {
    .depth = 3, .string_bytes = 5, .total_bytes = 100, .elements = 2};

static const struct {
	const char *json;
	int rc;
	const char *error;
} cases[] = {
    {"{\"q\":[[]]}", 0, NULL},
    {"{\"q\":[{}]}", 0, NULL},
    {"{\"q\":[[],[],{},{}],\"w\":{\"e\":{}}}", 0, NULL},
    {"{\"q\":[[[]]]}", -EFBIG, "nested deeper than 3 levels at byte 7"},
    {"{\"q\":[[{}]]}", -EFBIG, "nested deeper than 3 levels at byte 7"},
    {"{\"s\":\"[[[[[\"}", 0, NULL},
    {"{\"s\":\"12345\"}", 0, NULL},
    {"{\"s\":\"123456\"}", -EFBIG, "more than 5 bytes at byte 5"},
    {"{\"s\":\"\\n\\n1\"}", 0, NULL},
    {"{\"s\":\"\\n\\n\\n\"}", -EFBIG, "more than 5 bytes"},
    {"{\"q\":\"123456\"}", -EFBIG, "more than 5 bytes"},
    {"{\"q\":{\"w\":\"123456\"}}", -EFBIG, "more than 5 bytes"},
    {"{\"q12345\":1}", -EFBIG, "more than 5 bytes at byte 1"},
    {"{\"q1234\":1}", 0, NULL},
    {"{\"q\":12345}", 0, NULL},
    {"{\"q\":1234567}", -EFBIG, "more than 5 bytes"},
    {"{\"items\":[{},{}]}", 0, NULL},
    {"{\"items\":[{},null,{}]}", 0, NULL},
    {"{\"items\":[{},{},{}]}", -EFBIG, "items: more than 2 elements"},
    {"{\"items\":[{}],\"items\":[{},{}]}", -EFBIG, "more than 2 elements"},
    {"{\"q\":[1,2,3,4]}", 0, NULL},
    /* What is wrong before the bound is what is told. */
    {"]]]][[[[", -EBADMSG, "parse error"},
    {"{x:\"123456\"}", -EBADMSG, "lexical error"},
    {"{\"s\":[[[[]]]]}", -EBADMSG, "s: an array where a string belongs"},
    {"[[[[", -EBADMSG, "JSON: an array where an object belongs"},
    {"{\"items\":[7,\"123456\"]}", -EBADMSG, "items: a number where"},
};

static void
hold_exactly(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		for (enum feed_how how = 0; how < FEED_WAYS; how++) {
			struct target target = {0};
			struct err err = {0};
			int rc = feed(
			    json_reader_new(&shape, false, &target, &small),
			    cases[i].json, strlen(cases[i].json), how, &err);

			if (rc != cases[i].rc ||
			    (cases[i].error != NULL &&
				strstr(err.text, cases[i].error) == NULL))
				fail_msg(
				    "%s: %d %s", cases[i].json, rc, err.text);
			target_fini(&target);
		}
}

static void
total_holds_exactly(void **state)
{
	char json[102];

	(void)state;
	memset(json, ' ', sizeof json);
	json[0] = '{';
	json[1] = '}';
	for (size_t len = 99; len <= 102; len++)
		for (enum feed_how how = 0; how < FEED_WAYS; how++) {
			struct target target = {0};
			struct err err = {0};

			assert_int_equal(feed(json_reader_new(&shape, false,
						  &target, &small),
					     json, len, how, &err),
			    len <= 100 ? 0 : -EFBIG);
			if (len > 100)
				assert_string_equal(
				    err.text, "JSON of more than 100 bytes");
		}
}

static long
peak_kb(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	return usage.ru_maxrss;
}

/*
 * Feed head, then `block` again and again until total_bytes have been fed or
 * the reader refuses; the default bounds.  Memory must stay small (many small
 * blocks are left out: checkers of memory keep what was freed).
 */
static void
assert_refused(const char *head, const char *block, size_t repeat,
    uint64_t total_bytes, const char *error)
{
	struct target target = {0};
	struct json_reader *reader =
	    json_reader_new(&shape, false, &target, NULL);
	struct buf piece = BUF_INIT;
	struct err err = {0};
	long before_kb;
	int rc;

	for (size_t i = 0; i < repeat; i++)
		(void)buf_add_str(&piece, block);
	before_kb = peak_kb();
	rc = json_reader_feed(reader, head, strlen(head), &err);
	for (uint64_t fed = 0; fed < total_bytes && rc == 0; fed += piece.len)
		rc = json_reader_feed(reader, piece.data, piece.len, &err);
	assert_int_equal(rc, -EFBIG);
	assert_non_null(strstr(err.text, error));
	assert_int_equal(json_reader_finish(reader, &err), -EFBIG);
	if (strstr(error, "string") != NULL)
		assert_true(peak_kb() - before_kb < 48L * 1024);
	json_reader_free(reader);
	target_fini(&target);
	buf_free(&piece);
}

#define MB UINT64_C(1000000)

static void
hold_against_floods(void **state)
{
	static const struct {
		const char *head, *block;
		uint64_t bytes;
		const char *error;
	} floods[] = {
	    {"{\"q\":", "[", 10000, "nested deeper than 64 levels"},
	    {"{\"q\":", "{\"q\":", 50000, "nested deeper than 64 levels"},
	    {"{\"s\":\"", "x", 100 * MB, "a JSON string of more than 4194304"},
	    {"{\"q\":\"", "x", 100 * MB, "a JSON string of more than 4194304"},
	    {"{\"", "x", 100 * MB, "a JSON string of more than 4194304"},
	    {"{\"s\":\"", "\\ud83d", 100 * MB, "a JSON string of more than"},
	    {"{\"q\":", "1", 100 * MB, "a JSON string of more than 4194304"},
	    {"{\"q\":[1", ",{\"a\":\"b\"}", 200 * MB,
		"JSON of more than 67108864 bytes"},
	    {"", " ", 200 * MB, "JSON of more than 67108864 bytes"},
	    {"{\"s\":\"\"", ",\"s\":\"twelve bytes\"", 200 * MB,
		"JSON of more than 67108864 bytes"},
	    {"{\"items\":[null", ",{}", 200 * MB,
		"items: more than 2000000 elements"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof floods / sizeof floods[0]; i++)
		assert_refused(floods[i].head, floods[i].block, 2000,
		    floods[i].bytes, floods[i].error);
}

/* 400,000 pieces of a long string: were each read from the string's start,
 * this would take hours. */
static void
take_a_string_in_small_pieces(void **state)
{
	const int pieces = 400000;
	struct target target = {0};
	struct json_reader *reader =
	    json_reader_new(&shape, false, &target, NULL);

	(void)state;
	assert_int_equal(json_reader_feed(reader, "{\"s\":\"", 6, NULL), 0);
	for (int i = 0; i < pieces; i++)
		assert_int_equal(
		    json_reader_feed(reader, "41345\\u00", 9, NULL), 0);
	assert_int_equal(json_reader_feed(reader, "41\"}", 4, NULL), 0);
	assert_int_equal(json_reader_finish(reader, NULL), 0);
	assert_int_equal(strlen(target.s), (size_t)pieces * 4 + 2);
	assert_memory_equal(target.s, "41345A345A", 10);
	json_reader_free(reader);
	target_fini(&target);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(hold_exactly),
    cmocka_unit_test(total_holds_exactly),
    cmocka_unit_test(hold_against_floods),
    cmocka_unit_test(take_a_string_in_small_pieces),
};

UNIT_MAIN(tests)
