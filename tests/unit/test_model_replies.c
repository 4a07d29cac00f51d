/* What writes, batches and changes of descriptions are answered with. */

#include "unit.h"

#include "feed.h"
#include "model/model_json.h"
#include "util/err.h"
#include "util/timeutil.h"

#include <errno.h>
#include <string.h>

static int
read_text(struct json_reader *reader, const char *json)
{
	struct err err = {0};

	return feed(reader, json, strlen(json), FEED_BYTES, &err);
}

static void
reads_ids(void **state)
{
	model_ids ids = {0};

	(void)state;
	assert_int_equal(read_text(ids_reader_new(&ids), "[]"), 0);
	assert_int_equal(ids.n, 0);
	assert_int_equal(
	    read_text(ids_reader_new(&ids), "[\"5e94\",null,\"\",\"5e95\"]"),
	    0);
	assert_int_equal(ids.n, 2);
	assert_string_equal(ids.v[0].s, "5e94");
	assert_string_equal(ids.v[1].s, "5e95");
	VEC_FREE(&ids);
	assert_int_equal(read_text(ids_reader_new(&ids), "{}"), -EBADMSG);
	VEC_FREE(&ids);
}

/* What was cleared is answered with {}. */
static void
reads_field_values(void **state)
{
	static const struct {
		const char *json, *id_field, *id_option, *value;
	} rows[] = {
	    {"{}", "", "", NULL},
	    {"{\"id\":\"i\",\"value\":{\"text\":\"cool\"},\"idCustomField\":"
	     "\"f\",\"idModel\":\"c\",\"modelType\":\"card\"}",
		"f", "", "cool"},
	    {"{\"idCustomField\":\"f\",\"value\":{\"checked\":\"true\"}}", "f",
		"", "true"},
	    {"{\"idCustomField\":\"f\",\"value\":null,\"idValue\":\"o\"}", "f",
		"o", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct field_value value = {0};

		assert_int_equal(
		    read_text(field_value_reader_new(&value), rows[i].json), 0);
		assert_string_equal(value.id_field, rows[i].id_field);
		assert_string_equal(value.id_option, rows[i].id_option);
		if (rows[i].value == NULL)
			assert_null(value.value);
		else
			assert_string_equal(value.value, rows[i].value);
		field_value_fini(&value);
	}
}

/* Only what tells the description before; "" is one. */
static void
reads_desc_changes(void **state)
{
	static const char json[] =
	    "[{\"id\":\"a1\",\"idMemberCreator\":\"m\",\"type\":\"updateCard\","
	    "\"date\":\"2020-01-02T00:00:00.000Z\",\"data\":{\"old\":{\"desc\":"
	    "\"one\\r\\n\"},\"card\":{\"desc\":\"two\",\"id\":\"c\"}}},"
	    "{\"id\":\"a2\",\"type\":\"updateCard\",\"data\":{\"old\":{\"name\""
	    ":\"x\"},\"card\":{\"desc\":\"two\"}}},"
	    "{\"id\":\"a3\",\"data\":{\"old\":{\"desc\":\"b\"}},\"type\":"
	    "\"updateBoard\"},"
	    "{\"id\":\"a4\",\"type\":\"updateCard\",\"data\":{\"old\":{\"desc\""
	    ":\"\"},\"card\":{\"desc\":\"one\"}}}]";
	struct desc_changes changes = {0};
	const struct desc_change *change;

	(void)state;
	assert_int_equal(read_text(desc_changes_reader_new(&changes), json), 0);
	assert_int_equal(changes.changes.n, 2);
	change = &changes.changes.v[0];
	assert_string_equal(change->id, "a1");
	assert_string_equal(change->id_creator, "m");
	assert_int_equal(change->date_ms, 1577923200000);
	assert_string_equal(change->old_desc, "one\r\n");
	assert_string_equal(change->new_desc, "two");
	change++;
	assert_string_equal(change->id, "a4");
	assert_int_equal(change->date_ms, TIME_NONE);
	assert_string_equal(change->old_desc, "");
	desc_changes_fini(&changes);
	desc_changes_fini(&changes);
}

/* Cards, lists and failures keep their places. */
static void
reads_batches(void **state)
{
	static const char json[] =
	    "[{\"200\":{\"id\":\"c1\",\"closed\":true,\"idList\":\"l\","
	    "\"idBoard\":\"b\",\"labels\":[]}},"
	    "{\"name\":\"NotFoundError\",\"message\":\"model not found\","
	    "\"statusCode\":404},"
	    "{\"200\":{\"id\":\"l1\",\"name\":\"L\",\"pos\":7.5,\"idBoard\":"
	    "\"b\",\"limits\":{}}},{}]";
	struct batch_items items = {0};
	const struct batch_item *item;

	(void)state;
	assert_int_equal(read_text(batch_items_reader_new(&items), json), 0);
	assert_int_equal(items.items.n, 4);
	item = items.items.v;
	assert_string_equal(item[0].brief.id, "c1");
	assert_true(item[0].brief.closed);
	assert_int_equal(item[0].brief.due_ms, TIME_NONE);
	assert_int_equal(item[0].status, 0);
	assert_string_equal(item[1].brief.id, "");
	assert_int_equal(item[1].status, 404);
	assert_string_equal(item[1].message, "model not found");
	assert_string_equal(item[2].brief.id, "l1");
	assert_string_equal(item[2].brief.name, "L");
	assert_true(item[2].brief.pos == 7.5);
	assert_string_equal(item[3].brief.id, "");
	assert_int_equal(item[3].status, 0);
	batch_items_fini(&items);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(reads_ids),
    cmocka_unit_test(reads_field_values),
    cmocka_unit_test(reads_desc_changes),
    cmocka_unit_test(reads_batches),
};

UNIT_MAIN(tests)
