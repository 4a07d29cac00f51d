#include "unit.h"

#include "feed.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/vec.h"
#include "json/json_reader.h"

#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A struct with a member of every kind, and how it is shown. */
struct inner {
	int64_t n;
	char *s;
};

struct name {
	char s[8];
};

struct thing {
	char *s;
	char c[4];
	bool b;
	double d;
	int64_t i;
	int64_t deep;
	struct inner inner;
	VEC(struct inner) v;
	VEC(struct name) names;
	char custom[16];
	int sum, each;
};

static int
set_custom(void *member, const char *text, size_t len)
{
	char *custom = member;

	if (len == 3 && memcmp(text, "bad", 3) == 0)
		return -EBADMSG;
	if (len == 3 && memcmp(text, "mem", 3) == 0)
		return -ENOMEM;
	(void)snprintf(custom, 16, "%.*s", (int)len, text);
	return 0;
}

static int
drop(void *member, const char *text, size_t len)
{
	(void)member;
	return len == 4 && memcmp(text, "drop", 4) == 0 ? JSON_DROP : 0;
}

static void
inner_init(void *element)
{
	struct inner *inner = element;

	inner->n = -1;
}

static void
inner_fini(void *element)
{
	struct inner *inner = element;

	free(inner->s);
}

static bool
inner_accept(void *element)
{
	const struct inner *inner = element;

	return inner->n != 13;
}

static void
each_init(void *element)
{
	struct thing *thing = element;

	thing->each = 0;
}

static int
set_each(void *member, const char *text, size_t len)
{
	int *each = member;

	*each = (int)len + (text[0] == '1' ? 100 : 0);
	return 0;
}

static bool
each_accept(void *element)
{
	struct thing *thing = element;

	thing->sum += thing->each;
	return true;
}

static const struct json_shape nested_shape = {
    .fields =
	(const struct json_field[]){
	    {.key = "drop", .type = JSON_CUSTOM, .set = drop},
	    {.key = "n",
		.type = JSON_INT64,
		.offset = offsetof(struct inner, n)},
	    {0},
	},
};

static const struct json_shape inner_shape = {
    .fields =
	(const struct json_field[]){
	    {.key = "n",
		.type = JSON_INT64,
		.offset = offsetof(struct inner, n)},
	    {.key = "s",
		.type = JSON_STRING,
		.offset = offsetof(struct inner, s)},
	    {.key = "drop", .type = JSON_CUSTOM, .set = drop},
	    {.key = "same", .type = JSON_OBJECT, .shape = &nested_shape},
	    {0},
	},
    .element_size = sizeof(struct inner),
    .init = inner_init,
    .fini = inner_fini,
    .accept = inner_accept,
};

static const struct json_shape names_shape = {
    .fields =
	(const struct json_field[]){
	    {.key = "", .type = JSON_CHARS, .size = sizeof(struct name)},
	    {0},
	},
    .element_size = sizeof(struct name),
};

static const struct json_shape each_shape = {
    .fields =
	(const struct json_field[]){
	    {.key = "text",
		.type = JSON_CUSTOM,
		.offset = offsetof(struct thing, each),
		.set = set_each},
	    {.key = "drop", .type = JSON_CUSTOM, .set = drop},
	    {0},
	},
    .init = each_init,
    .accept = each_accept,
};

static const struct json_shape deeper_shape = {
    .fields =
	(const struct json_field[]){
	    {.key = "deep",
		.type = JSON_INT64,
		.offset = offsetof(struct thing, deep)},
	    {0},
	},
};

static const struct json_shape deep_shape = {
    .fields =
	(const struct json_field[]){
	    {.key = "er", .type = JSON_OBJECT, .shape = &deeper_shape},
	    {0},
	},
};

#define AT(member_) .offset = offsetof(struct thing, member_)

static const struct json_shape thing_shape = {
    .fields =
	(const struct json_field[]){
	    {.key = "s", .type = JSON_STRING, AT(s)},
	    {.key = "c", .type = JSON_CHARS, AT(c), .size = 4},
	    {.key = "b", .type = JSON_BOOL, AT(b)},
	    {.key = "d", .type = JSON_DOUBLE, AT(d)},
	    {.key = "i", .type = JSON_INT64, AT(i)},
	    {.key = "o", .type = JSON_OBJECT, AT(inner), .shape = &inner_shape},
	    {.key = "deep", .type = JSON_OBJECT, .shape = &deep_shape},
	    {.key = "v", .type = JSON_ARRAY, AT(v), .shape = &inner_shape},
	    {.key = "names",
		.type = JSON_ARRAY,
		AT(names),
		.shape = &names_shape},
	    {.key = "x", .type = JSON_CUSTOM, AT(custom), .set = set_custom},
	    {.key = "each", .type = JSON_EACH, .shape = &each_shape},
	    {.key = "k\xc3\xa4y", .type = JSON_INT64, AT(i)},
	    {0},
	},
};

static void
thing_fini(struct thing *thing)
{
	free(thing->s);
	free(thing->inner.s);
	for (size_t i = 0; i < thing->v.n; i++)
		free(thing->v.v[i].s);
	VEC_FREE(&thing->v);
	VEC_FREE(&thing->names);
}

/* Only what is there: `s=x c=abc b d=1.5 v=[1:a,2:] names=[p,q]`. */
static void
show(const struct thing *thing, struct buf *out)
{
	buf_clear(out);
	if (thing->s != NULL)
		(void)buf_printf(out, "s=%s ", thing->s);
	if (thing->c[0] != '\0')
		(void)buf_printf(out, "c=%s ", thing->c);
	if (thing->b)
		(void)buf_add_str(out, "b ");
	if (thing->d != 0)
		(void)buf_printf(out, "d=%.17g ", thing->d);
	if (thing->i != 0)
		(void)buf_printf(out, "i=%" PRId64 " ", thing->i);
	if (thing->deep != 0)
		(void)buf_printf(out, "deep=%" PRId64 " ", thing->deep);
	if (thing->inner.n != 0 || thing->inner.s != NULL)
		(void)buf_printf(out, "o=%" PRId64 ":%s ", thing->inner.n,
		    thing->inner.s != NULL ? thing->inner.s : "");
	for (size_t i = 0; i < thing->v.n; i++)
		(void)buf_printf(out, "v=%" PRId64 ":%s ", thing->v.v[i].n,
		    thing->v.v[i].s != NULL ? thing->v.v[i].s : "");
	for (size_t i = 0; i < thing->names.n; i++)
		(void)buf_printf(out, "name=%s ", thing->names.v[i].s);
	if (thing->custom[0] != '\0')
		(void)buf_printf(out, "x=%s ", thing->custom);
	if (thing->sum != 0)
		(void)buf_printf(out, "sum=%d ", thing->sum);
	if (out->len > 0)
		out->data[--out->len] = '\0';
}

struct reader_case {
	const char *json;
	const char *shown; /* what is read; NULL: -EBADMSG */
	const char *error; /* a part of the error's text */
};

#define FFFD "\xef\xbf\xbd"

static const struct reader_case cases[] = {
    {"{}", "", NULL},
    {" \t\r\n{ } \n", "", NULL},
    {"{\"s\":\"x\",\"c\":\"abc\",\"b\":true,\"d\":1.5,\"i\":-7}",
	"s=x c=abc b d=1.5 i=-7", NULL},
    {"{\"s\":null,\"c\":null,\"b\":null,\"d\":null,\"i\":null,\"o\":null,"
     "\"v\":null,\"names\":[null],\"x\":null,\"each\":null}",
	"", NULL},
    /* A later value replaces an earlier one; null leaves it. */
    {"{\"s\":\"x\",\"s\":\"y\",\"c\":\"abc\",\"c\":\"z\",\"b\":true,"
     "\"b\":false}",
	"s=y c=z", NULL},
    {"{\"s\":\"x\",\"s\":null}", "s=x", NULL},
    /* Unknown keys, at any depth. */
    {"{\"q\":1,\"w\":{\"s\":\"no\",\"v\":[{\"n\":1}]},\"s\":\"yes\","
     "\"e\":[[[{\"s\":\"no\"}]],null,true,\"}\"]}",
	"s=yes", NULL},
    {"{\"S\":\"no\",\"\":\"no\",\"ss\":\"no\",\"s\\u0000\":\"no\"}", "", NULL},
    {"{\"\\u0073\":\"yes\",\"k\\u00e4y\":5}", "s=yes i=5", NULL},
    /* Objects in place. */
    {"{\"o\":{\"n\":5,\"s\":\"t\",\"same\":{\"n\":6}}}", "o=6:t", NULL},
    {"{\"deep\":{\"er\":{\"deep\":9,\"er\":{\"deep\":1}},\"deep\":2}}",
	"deep=9", NULL},
    /* Arrays. */
    {"{\"v\":[]}", "", NULL},
    {"{\"v\":[{},{\"n\":2,\"s\":\"b\"},null,{\"n\":3}]}",
	"v=-1: v=2:b v=3:", NULL},
    {"{\"v\":[{\"n\":1}],\"v\":[{\"n\":2}]}", "v=1: v=2:", NULL},
    {"{\"v\":[{\"n\":13,\"s\":\"gone\"},{\"n\":14}]}", "v=14:", NULL},
    {"{\"v\":[{\"drop\":\"drop\",\"n\":1,\"s\":\"a\"},{\"drop\":\"no\"}]}",
	"v=-1:", NULL},
    {"{\"v\":[{\"s\":\"a\",\"same\":{\"drop\":\"drop\"}},{\"n\":2}]}",
	"v=2:", NULL},
    {"{\"o\":{\"drop\":\"drop\",\"n\":2}}", "o=2:", NULL},
    {"{\"names\":[\"a\",\"\",\"bcdefgh\"]}", "name=a name= name=bcdefgh", NULL},
    {"{\"each\":[{\"text\":\"1\"},{\"text\":\"22\"},{},"
     "{\"text\":\"9\",\"drop\":\"drop\"}]}",
	"sum=103", NULL},
    /* A scalar of another type. */
    {"{\"s\":12.50}", "s=12.50", NULL},
    {"{\"s\":true}", "s=true", NULL},
    {"{\"b\":\"true\",\"d\":\"2.5e1\",\"i\":\"42\"}", "b d=25 i=42", NULL},
    {"{\"x\":\"text\"}", "x=text", NULL},
    {"{\"x\":1.0}", "x=1.0", NULL},
    {"{\"x\":false}", "x=false", NULL},
    {"{\"b\":1}", NULL, "b: a number where true or false belongs"},
    {"{\"b\":\"yes\"}", NULL, "b: a string where true or false belongs"},
    {"{\"b\":\"\"}", NULL, "b: a string where"},
    {"{\"c\":1}", NULL, "c: a number where a short string belongs"},
    {"{\"c\":\"abcd\"}", NULL, "c: a string that is too long"},
    {"{\"c\":\"a\\u0000\"}", NULL, "c: a string that is too long"},
    {"{\"d\":true}", NULL, "d: a truth value where a number belongs"},
    {"{\"d\":\"1.5x\"}", NULL, "d: a string where a number belongs"},
    {"{\"d\":\"\"}", NULL, "d: a string where a number belongs"},
    {"{\"d\":\"0x10\"}", NULL, "d: "},
    {"{\"d\":\" 1\"}", NULL, "d: "},
    {"{\"d\":\"inf\"}", NULL, "d: "},
    {"{\"d\":\"1e\"}", NULL, "d: "},
    {"{\"d\":\"-\"}", NULL, "d: "},
    {"{\"i\":1.5}", NULL, "i: a number where a whole number belongs"},
    {"{\"i\":\"1-2\"}", NULL, "i: "},
    {"{\"x\":\"bad\"}", NULL,
	"x: a string where a string, number or truth value belongs"},
    {"{\"names\":[\"abcdefgh\"]}", NULL, "names: a string that is too long"},
    {"{\"names\":[1]}", NULL, "names: a number where"},
    {"{\"names\":[{}]}", NULL, "names: an object where a short string"},
    {"{\"names\":[[]]}", NULL, "names: an array where a short string"},
    {"{\"v\":{}}", NULL, "v: an object where an array belongs"},
    {"{\"v\":1}", NULL, "v: a number where an array belongs"},
    {"{\"v\":[1]}", NULL, "v: a number where an object belongs"},
    {"{\"v\":[[]]}", NULL, "v: an array where an object belongs"},
    {"{\"o\":[]}", NULL, "o: an array where an object belongs"},
    {"{\"o\":\"\"}", NULL, "o: a string where an object belongs"},
    {"{\"s\":{}}", NULL, "s: an object where a string belongs"},
    {"{\"s\":[]}", NULL, "s: an array where a string belongs"},
    {"{\"each\":{}}", NULL, "each: an object where an array belongs"},
    {"{\"each\":[1]}", NULL, "each: a number where an object belongs"},
    {"{\"v\":[{\"same\":{\"n\":[]}}]}", NULL,
	"v.same.n: an array where a whole number belongs"},
    {"[]", NULL, "JSON: an array where an object belongs"},
    {"\"s\"", NULL, "JSON: a string where an object belongs"},
    {"7", NULL, "JSON: a number where an object belongs"},
    {"true", NULL, "JSON: a truth value where an object belongs"},
    {"null", NULL, "JSON: null where an object belongs"},
    /* Numbers. */
    {"{\"d\":140737488355328}", "d=140737488355328", NULL},
    {"{\"d\":32767.5,\"i\":9007199254740993}", "d=32767.5 i=9007199254740993",
	NULL},
    {"{\"d\":1e400}", "d=1.7976931348623157e+308", NULL},
    {"{\"d\":-1e400}", "d=-1.7976931348623157e+308", NULL},
    {"{\"d\":1e-400}", "", NULL},
    {"{\"d\":-0.5}", "d=-0.5", NULL},
    {"{\"i\":9223372036854775807}", "i=9223372036854775807", NULL},
    {"{\"i\":9223372036854775808}", "i=9223372036854775807", NULL},
    {"{\"i\":-9223372036854775808}", "i=-9223372036854775808", NULL},
    {"{\"i\":-9223372036854775809}", "i=-9223372036854775808", NULL},
    {"{\"i\":1e400}", "i=9223372036854775807", NULL},
    {"{\"i\":-1e30}", "i=-9223372036854775808", NULL},
    {"{\"i\":3.0}", "i=3", NULL},
    {"{\"i\":12e2}", "i=1200", NULL},
    /* Strings. */
    {"{\"s\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "s=\"\\/\b\f\n\r\t", NULL},
    {"{\"s\":\"\\u00e4\\uD83D\\uDE00\xc3\xa4\"}",
	"s=\xc3\xa4\xf0\x9f\x98\x80\xc3\xa4", NULL},
    {"{\"s\":\"\\u0000a\\u0000\"}", "s=" FFFD "a" FFFD, NULL},
    {"{\"s\":\"\\ud83dab\"}", "s=" FFFD "ab", NULL},
    {"{\"s\":\"\\ud83d\"}", "s=" FFFD, NULL},
    {"{\"s\":\"\\ud83d\\n\\ud83d\\\\\"}", "s=" FFFD "\n" FFFD "\\", NULL},
    {"{\"s\":\"\\ud83d\\u0041\"}", "s=" FFFD "A", NULL},
    {"{\"s\":\"\\ud83d\\ud83d\\ude00\"}", "s=" FFFD "\xf0\x9f\x98\x80", NULL},
    {"{\"s\":\"\\ude00\\ud83d\"}", "s=" FFFD FFFD, NULL},
    {"{\"s\":\"\\ud83dx\\ude00\"}", "s=" FFFD "x" FFFD, NULL},
    {"{\"s\":\"\\ud83d\\u0000\"}", "s=" FFFD FFFD, NULL},
    {"{\"s\":\"a\xff"
     "b\xc3\"}",
	"s=a" FFFD "b" FFFD, NULL},
    {"{\"s\":\"\xed\xa0\x80\"}", "s=" FFFD FFFD FFFD, NULL},
    {"{\"c\":\"\xff\"}", "c=" FFFD, NULL},
    {"{\"s\":\"\x7f\"}", "s=\x7f", NULL},
    {"{\"s\":\"[{[{[{\\\"}}}\"}", "s=[{[{[{\"}}}", NULL},
    /* Not JSON. */
    {"", NULL, "premature EOF"},
    {" ", NULL, "premature EOF"},
    {"{", NULL, "premature EOF"},
    {"{\"s\"", NULL, "premature EOF"},
    {"{\"s\":\"x", NULL, "premature EOF"},
    {"{\"s\":\"\\ud83d", NULL, "premature EOF"},
    {"{\"s\":\"\\ud8", NULL, "premature EOF"},
    {"{\"s\":\"\\", NULL, "premature EOF"},
    {"{\"b\":tru", NULL, "lexical error"},
    {"{\"s\":\"x\"", NULL, "premature EOF"},
    {"{\"i\":12", NULL, "premature EOF"},
    {"{}{}", NULL, "trailing garbage"},
    {"{}x", NULL, "trailing garbage"},
    {"{}]", NULL, "trailing garbage"},
    {"{\"s\":\"a\nb\"}", NULL, "invalid character inside string"},
    {"{\"s\":\"\\x\"}", NULL, "inside a string, '\\' occurs before"},
    {"{\"s\":\"\\u12g4\"}", NULL, "non-hex"},
    {"{\"s\":\"\\ud83d\\u12\"}", NULL, "non-hex"},
    {"{'s':1}", NULL, "lexical error"},
    {"{s:1}", NULL, "lexical error"},
    {"{\"i\":01}", NULL, "parse error"},
    {"{\"i\":+1}", NULL, "lexical error"},
    {"{\"i\":1.}", NULL, "malformed number"},
    {"{\"i\":nul}", NULL, "lexical error"},
    {"{\"i\":1,}", NULL, "parse error"},
    {"{\"v\":[{},]}", NULL, "parse error"},
    {"{/**/}", NULL, "lexical error"},
    {"\xef\xbb\xbf{}", NULL, "lexical error"},
    {"<html>", NULL, "lexical error"},
    {"The requested resource was not found.", NULL, "lexical error"},
};

static void
run_case(const struct reader_case *c, enum feed_how how)
{
	struct thing thing = {0};
	struct buf shown = BUF_INIT;
	struct err err = {0};
	int rc = feed(json_reader_new(&thing_shape, false, &thing, NULL),
	    c->json, strlen(c->json), how, &err);

	show(&thing, &shown);
	if (rc != (c->shown != NULL ? 0 : -EBADMSG) || rc != err.code)
		fail_msg("%s: %d %s", c->json, rc, err.text);
	if (c->shown != NULL && strcmp(buf_str(&shown), c->shown) != 0)
		fail_msg("%s: %s", c->json, buf_str(&shown));
	if (c->error != NULL && strstr(err.text, c->error) == NULL)
		fail_msg("%s: %s", c->json, err.text);
	buf_free(&shown);
	thing_fini(&thing);
}

static void
reads(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		for (enum feed_how how = 0; how < FEED_WAYS; how++)
			run_case(&cases[i], how);
}

/* NUL is no white space and no part of a string. */
static void
refuses_nul(void **state)
{
	static const char *const inputs[] = {
	    "{}\0", "{\"s\":\"a\0b\"}", "\0{}"};
	static const size_t lens[] = {3, 11, 3};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		for (enum feed_how how = 0; how < FEED_WAYS; how++) {
			struct thing thing = {0};
			struct err err = {0};

			assert_int_equal(feed(json_reader_new(&thing_shape,
						  false, &thing, NULL),
					     inputs[i], lens[i], how, &err),
			    -EBADMSG);
			thing_fini(&thing);
		}
}

static void
reads_arrays(void **state)
{
	static const char good[] = "[{\"n\":1},{\"n\":13},{\"n\":2}]";
	VEC(struct inner) v = {0};
	struct err err = {0};

	(void)state;
	assert_int_equal(feed(json_reader_new(&inner_shape, true, &v, NULL),
			     good, sizeof good - 1, FEED_BYTES, &err),
	    0);
	assert_int_equal(v.n, 2);
	assert_int_equal(v.v[1].n, 2);
	assert_int_equal(feed(json_reader_new(&inner_shape, true, &v, NULL),
			     "{}", 2, FEED_BYTES, &err),
	    -EBADMSG);
	assert_string_equal(err.text, "JSON: an object where an array belongs");
	VEC_FREE(&v);
}

static void
passes_on_errors_of_setters(void **state)
{
	struct thing thing = {0};
	struct err err = {0};

	(void)state;
	assert_int_equal(
	    feed(json_reader_new(&thing_shape, false, &thing, NULL),
		"{\"x\":\"mem\"}", 11, FEED_WHOLE, &err),
	    -ENOMEM);
	assert_string_equal(err.text, "x: out of memory");
}

static void
repeats_its_error(void **state)
{
	struct thing thing = {0};
	struct json_reader *reader =
	    json_reader_new(&thing_shape, false, &thing, NULL);
	struct err err = {0}, again = {0};

	(void)state;
	assert_int_equal(json_reader_feed(reader, "{\"b\":7", 6, &err), 0);
	assert_int_equal(json_reader_feed(reader, ",", 1, &err), -EBADMSG);
	assert_int_equal(json_reader_feed(reader, "}", 1, &again), -EBADMSG);
	assert_string_equal(err.text, again.text);
	assert_int_equal(json_reader_feed(reader, "", 0, NULL), -EBADMSG);
	memset(&again, 0, sizeof again);
	assert_int_equal(json_reader_finish(reader, &again), -EBADMSG);
	assert_string_equal(err.text, again.text);
	json_reader_free(reader);
	json_reader_free(NULL);
}

/* A reader that is given up half way leaves nothing behind. */
static void
can_be_freed_at_any_time(void **state)
{
	static const char json[] =
	    "{\"v\":[{\"s\":\"a\\ud83d\\ude00\",\"q\":[1,{}]}],\"s\":\"x\"}";

	(void)state;
	for (size_t len = 0; len < sizeof json; len++) {
		struct thing thing = {0};
		struct json_reader *reader =
		    json_reader_new(&thing_shape, false, &thing, NULL);

		assert_int_equal(json_reader_feed(reader, json, len, NULL), 0);
		json_reader_free(reader);
		thing_fini(&thing);
	}
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(reads),
    cmocka_unit_test(refuses_nul),
    cmocka_unit_test(reads_arrays),
    cmocka_unit_test(passes_on_errors_of_setters),
    cmocka_unit_test(repeats_its_error),
    cmocka_unit_test(can_be_freed_at_any_time),
};

UNIT_MAIN(tests)
