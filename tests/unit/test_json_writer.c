#include "unit.h"

#include "util/buf.h"
#include "json/json_number.h"
#include "json/json_writer.h"

#include <errno.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FFFD "\xef\xbf\xbd"

static void
writes_strings(void **state)
{
	static const struct {
		const char *s, *json;
	} cases[] = {
	    {NULL, "null"},
	    {"", "\"\""},
	    {"plain", "\"plain\""},
	    {"\"\\/", "\"\\\"\\\\/\""},
	    {"\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
	    {"\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\""},
	    {"\xc3\xa4\xe3\x81\x82\xf0\x9f\x98\x80",
		"\"\xc3\xa4\xe3\x81\x82\xf0\x9f\x98\x80\""},
	    {"a\xff"
	     "b\xc3",
		"\"a" FFFD "b" FFFD "\""},
	    {"\xed\xa0\x80", "\"" FFFD FFFD FFFD "\""},
	    {"\xe2\x80\xa8", "\"\xe2\x80\xa8\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out = BUF_INIT;
		struct json_writer writer = {.out = &out};

		json_string(&writer, NULL, cases[i].s);
		assert_string_equal(buf_str(&out), cases[i].json);
		buf_free(&out);
	}
}

static const struct {
	double value;
	const char *json;
} doubles[] = {
    {0, "0"},
    {-0.0, "-0"},
    {1, "1"},
    {-1.5, "-1.5"},
    {0.1, "0.1"},
    {0.1 + 0.2, "0.30000000000000004"},
    {1.0 / 3, "0.3333333333333333"},
    {16384, "16384"},
    {32767.5, "32767.5"},
    {140737488355328, "140737488355328"},
    {140737489141760, "140737489141760"},
    {999999999999999, "999999999999999"},
    {9007199254740993.0, "9007199254740992"},
    {1e300, "1e+300"},
    {DBL_MAX, "1.7976931348623157e+308"},
    {DBL_MIN, "2.2250738585072014e-308"},
    {5e-324, "4.94065645841247e-324"},
    {INFINITY, "null"},
    {-INFINITY, "null"},
    {NAN, "null"},
};

static void
write_doubles(void)
{
	for (size_t i = 0; i < sizeof doubles / sizeof doubles[0]; i++) {
		struct buf out = BUF_INIT;
		struct json_writer writer = {.out = &out};
		double back;

		json_double(&writer, NULL, doubles[i].value);
		assert_string_equal(buf_str(&out), doubles[i].json);
		if (isfinite(doubles[i].value)) {
			assert_int_equal(
			    json_number_double(out.data, out.len, &back), 0);
			assert_memory_equal(
			    &back, &doubles[i].value, sizeof back);
		}
		buf_free(&out);
	}
}

static void
writes_doubles(void **state)
{
	(void)state;
	write_doubles();
}

/* A locale with a decimal comma, made on the spot. */
static void
ignores_the_locale(void **state)
{
	char dir[] = "/tmp/test_json_writer.XXXXXX";
	char command[200];
	const char *german;
	int rc;

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(command, sizeof command,
	    "localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 >/dev/null 2>&1", dir);
	rc = system(command);
	(void)setenv("LOCPATH", dir, 1);
	german = rc >= 0 ? setlocale(LC_ALL, "de_DE.UTF-8") : NULL;
	if (german != NULL) {
		(void)snprintf(command, sizeof command, "%g", 1.5);
		assert_string_equal(command, "1,5");
		write_doubles();
	}
	(void)setlocale(LC_ALL, "C");
	(void)snprintf(command, sizeof command, "rm -rf %s", dir);
	rc = system(command);
	if (german == NULL || rc != 0)
		(void)printf("# skipped: localedef(1) makes no locale here\n");
}

/* Every double comes back bit for bit. */
static void
doubles_come_back(void **state)
{
	uint64_t bits = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char text[JSON_NUMBER_SIZE];
		double value, back;

		bits = bits * 6364136223846793005U + 1442695040888963407U;
		memcpy(&value, &bits, sizeof value);
		if (!isfinite(value))
			continue;
		assert_int_equal(json_number_format(value, text), 0);
		assert_int_equal(
		    json_number_double(text, strlen(text), &back), 0);
		assert_memory_equal(&back, &value, sizeof value);
	}
}

static void
writes_integers(void **state)
{
	static const struct {
		int64_t value;
		const char *json;
	} cases[] = {
	    {0, "0"},
	    {-1, "-1"},
	    {INT64_MAX, "9223372036854775807"},
	    {INT64_MIN, "-9223372036854775808"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out = BUF_INIT;
		struct json_writer writer = {.out = &out};
		int64_t back = 1;

		json_int(&writer, NULL, cases[i].value);
		assert_string_equal(buf_str(&out), cases[i].json);
		assert_int_equal(
		    json_number_int64(out.data, out.len, &back), 0);
		assert_true(back == cases[i].value);
		buf_free(&out);
	}
}

static void
puts_commas_where_they_belong(void **state)
{
	struct buf out = BUF_INIT;
	struct json_writer writer = {.out = &out};

	(void)state;
	json_object_begin(&writer, NULL);
	json_array_begin(&writer, "a");
	json_array_end(&writer);
	json_object_begin(&writer, "o");
	json_object_end(&writer);
	json_array_begin(&writer, "n\"");
	json_int(&writer, NULL, 1);
	json_object_begin(&writer, NULL);
	json_bool(&writer, "t", true);
	json_bool(&writer, "f", false);
	json_object_end(&writer);
	json_null(&writer, NULL);
	json_array_end(&writer);
	json_string(&writer, "s", "x");
	json_object_end(&writer);
	assert_string_equal(buf_str(&out),
	    "{\"a\":[],\"o\":{},\"n\\\"\":[1,{\"t\":true,\"f\":false},null],"
	    "\"s\":\"x\"}");
	buf_free(&out);
}

static void
errors_stick(void **state)
{
	struct buf out = {.max = 8};
	struct json_writer writer = {.out = &out};

	(void)state;
	json_array_begin(&writer, NULL);
	json_string(&writer, NULL, "123456789");
	json_double(&writer, NULL, 1.5);
	json_array_end(&writer);
	assert_int_equal(out.err, -EFBIG);
	assert_in_range(out.len, 0, 8);
	buf_free(&out);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(writes_strings),
    cmocka_unit_test(writes_doubles),
    cmocka_unit_test(ignores_the_locale),
    cmocka_unit_test(doubles_come_back),
    cmocka_unit_test(writes_integers),
    cmocka_unit_test(puts_commas_where_they_belong),
    cmocka_unit_test(errors_stick),
};

UNIT_MAIN(tests)
