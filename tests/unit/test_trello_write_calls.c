/* Method, route and body of every call that changes things. */

#include "unit.h"

#include "trello/calls.h"
#include "trello/remote.h"
#include "util/buf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ID "5e0000000000000000000001"
#define ID2 "5e0000000000000000000002"
#define FORM "application/x-www-form-urlencoded"
#define PARAMS(...)                             \
	.params = (const struct remote_param[]) \
	{                                       \
		__VA_ARGS__,                    \
		{                               \
			0                       \
		}                               \
	}

static const struct remote_file file = {.name = "x", .fd = -1};

static const struct row {
	struct remote_args args;
	const char *method;
	const char *route;
	const char *body; /* "": none */
} rows[] = {
    {{.call = CALL_CARD_CREATE,
	 PARAMS({"idList", ID}, {"name", "caf\303\251 & co"}, {"desc", ""},
	     {"idLabels", ID "," ID2})},
	"POST", "/cards",
	"idList=" ID "&name=caf%C3%A9%20%26%20co&desc=&idLabels=" ID "%2C" ID2},
    {{.call = CALL_CARD_UPDATE,
	 .id = ID,
	 PARAMS({"desc", "a\r\n+b=\t\x7f"}, {"closed", "true"}, {"due", ""})},
	"PUT", "/cards/" ID, "desc=a%0D%0A%2Bb%3D%09%7F&closed=true&due="},
    {{.call = CALL_CARD_UPDATE, .id = ID}, "PUT", "/cards/" ID, ""},
    {{.call = CALL_CARD_DELETE, .id = ID}, "DELETE", "/cards/" ID, ""},
    {{.call = CALL_CARD_LABEL_ADD, .id = ID, PARAMS({"value", ID2})}, "POST",
	"/cards/" ID "/idLabels", "value=" ID2},
    {{.call = CALL_CARD_LABEL_REMOVE, .id = ID, .id2 = ID2}, "DELETE",
	"/cards/" ID "/idLabels/" ID2, ""},
    {{.call = CALL_CARD_MEMBER_ADD, .id = ID, PARAMS({"value", ID2})}, "POST",
	"/cards/" ID "/idMembers", "value=" ID2},
    {{.call = CALL_CARD_MEMBER_REMOVE, .id = ID, .id2 = ID2}, "DELETE",
	"/cards/" ID "/idMembers/" ID2, ""},
    {{.call = CALL_CARD_FIELD_SET,
	 .id = ID,
	 .id2 = ID2,
	 .json = "{\"value\":{\"text\":\"a&b\"}}"},
	"PUT", "/cards/" ID "/customField/" ID2 "/item",
	"{\"value\":{\"text\":\"a&b\"}}"},
    {{.call = CALL_CHECKLIST_CREATE,
	 PARAMS({"idCard", ID}, {"name", "x"}, {"pos", "16384.5"})},
	"POST", "/checklists", "idCard=" ID "&name=x&pos=16384.5"},
    {{.call = CALL_CHECKLIST_UPDATE, .id = ID, PARAMS({"pos", "top"})}, "PUT",
	"/checklists/" ID, "pos=top"},
    {{.call = CALL_CHECKLIST_DELETE, .id = ID}, "DELETE", "/checklists/" ID,
	""},
    {{.call = CALL_ITEM_CREATE,
	 .id = ID,
	 PARAMS({"name", "x"}, {"checked", "true"})},
	"POST", "/checklists/" ID "/checkItems", "name=x&checked=true"},
    {{.call = CALL_ITEM_UPDATE,
	 .id = ID,
	 .id2 = ID2,
	 PARAMS({"state", "complete"})},
	"PUT", "/cards/" ID "/checkItem/" ID2, "state=complete"},
    {{.call = CALL_ITEM_DELETE, .id = ID, .id2 = ID2}, "DELETE",
	"/checklists/" ID "/checkItems/" ID2, ""},
    {{.call = CALL_COMMENT_CREATE, .id = ID, PARAMS({"text", "a b"})}, "POST",
	"/cards/" ID "/actions/comments", "text=a%20b"},
    {{.call = CALL_COMMENT_UPDATE, .id = ID, PARAMS({"text", "a b"})}, "PUT",
	"/actions/" ID, "text=a%20b"},
    {{.call = CALL_COMMENT_DELETE, .id = ID}, "DELETE", "/actions/" ID, ""},
    {{.call = CALL_LINK_CREATE, .id = ID, PARAMS({"url", "https://x/?a=b"})},
	"POST", "/cards/" ID "/attachments", "url=https%3A%2F%2Fx%2F%3Fa%3Db"},
    {{.call = CALL_FILE_CREATE, .id = ID, .file = &file, PARAMS({"name", "x"})},
	"POST", "/cards/" ID "/attachments", ""},
    {{.call = CALL_ATTACHMENT_DELETE, .id = ID, .id2 = ID2}, "DELETE",
	"/cards/" ID "/attachments/" ID2, ""},
    {{.call = CALL_LIST_CREATE,
	 PARAMS({"name", "x"}, {"idBoard", ID}, {"pos", "bottom"})},
	"POST", "/lists", "name=x&idBoard=" ID "&pos=bottom"},
    {{.call = CALL_LIST_UPDATE, .id = ID, PARAMS({"closed", "true"})}, "PUT",
	"/lists/" ID, "closed=true"},
    {{.call = CALL_LIST_MOVE, .id = ID, PARAMS({"value", ID2})}, "PUT",
	"/lists/" ID "/idBoard", "value=" ID2},
    {{.call = CALL_LIST_ARCHIVE_CARDS, .id = ID}, "POST",
	"/lists/" ID "/archiveAllCards", ""},
    {{.call = CALL_BOARD_CREATE, PARAMS({"name", "x"})}, "POST", "/boards/",
	"defaultLists=false&defaultLabels=false&name=x"},
    {{.call = CALL_BOARD_CREATE,
	 PARAMS({"name", "x"}, {"defaultLabels", "true"})},
	"POST", "/boards/", "defaultLists=false&name=x&defaultLabels=true"},
    {{.call = CALL_BOARD_UPDATE, .id = ID, PARAMS({"name", "x"})}, "PUT",
	"/boards/" ID, "name=x"},
    {{.call = CALL_LABEL_CREATE,
	 PARAMS({"name", "x"}, {"color", "red"}, {"idBoard", ID})},
	"POST", "/labels", "name=x&color=red&idBoard=" ID},
    {{.call = CALL_LABEL_UPDATE, .id = ID, PARAMS({"color", "null"})}, "PUT",
	"/labels/" ID, "color=null"},
    {{.call = CALL_LABEL_DELETE, .id = ID}, "DELETE", "/labels/" ID, ""},
};
#define N_ROWS (sizeof rows / sizeof *rows)

static struct remote_args
args_of(const struct row *row)
{
	struct remote_args args = row->args;

	while (args.params != NULL && args.params[args.n_params].key != NULL)
		args.n_params++;
	return args;
}

/* What is written never shows in the address. */
static void
check_row(const struct row *row)
{
	struct remote_args args = args_of(row);
	struct buf url = BUF_INIT;
	struct buf route = BUF_INIT;
	struct buf body = BUF_INIT;
	const char *type = call_body_type(args.call);

	assert_string_equal(
	    call_method_name(call_info(args.call)->method), row->method);
	assert_int_equal(call_url("http://x/1", &args, NULL, &url), 0);
	assert_ptr_equal(strstr(buf_str(&url), "http://x/1"), url.data);
	assert_string_equal(buf_str(&url) + 10, row->route);
	assert_int_equal(call_route(&args, &route), 0);
	assert_string_equal(buf_str(&route), row->route);
	assert_int_equal(call_body(&args, &body), 0);
	assert_string_equal(buf_str(&body), row->body);
	/* libcurl makes the body of an upload. */
	if (*row->method == 'D' || args.file != NULL)
		assert_null(type);
	else
		assert_string_equal(
		    type, args.json != NULL ? "application/json" : FORM);
	buf_free(&url);
	buf_free(&route);
	buf_free(&body);
}

static void
test_table(void **state)
{
	bool seen[CALL_COUNT] = {false};

	(void)state;
	for (size_t i = 0; i < N_ROWS; i++) {
		check_row(&rows[i]);
		seen[rows[i].args.call] = true;
	}
	for (size_t i = CALL_CARD_CREATE; i < CALL_COUNT; i++)
		/* Its route has the token, see test_trello_calls. */
		if (!seen[i] && i != CALL_TOKEN_REVOKE)
			fail_msg("call %zu has no row", i);
}

/* A read has no body. */
static void
test_reads(void **state)
{
	static const struct remote_args args = {.call = CALL_CARD, .id = ID};
	struct buf out = BUF_INIT;

	(void)state;
	for (int i = 0; i < CALL_CARD_CREATE; i++)
		assert_null(call_body_type((enum remote_call)i));
	assert_int_equal(call_body(&args, &out), 0);
	assert_string_equal(buf_str(&out), "");
	buf_free(&out);
}

static void
test_refused(void **state)
{
	static const struct remote_param param = {"name", "x"};
	static const struct remote_args wrong[] = {
	    {.call = CALL_CARD_UPDATE},
	    {.call = CALL_CARD_UPDATE, .id = ""},
	    {.call = CALL_CARD_UPDATE, .id = ".."},
	    {.call = CALL_CARD_UPDATE, .id = ID, .id2 = ID2},
	    {.call = CALL_CARD_UPDATE, .id = ID, .filter = "open"},
	    {.call = CALL_CARD_UPDATE, .id = ID, .json = "{}"},
	    {.call = CALL_CARD_CREATE, .id = ID},
	    {.call = CALL_CARD_LABEL_REMOVE, .id = ID},
	    {.call = CALL_CARD_LABEL_REMOVE, .id2 = ID2},
	    {.call = CALL_CARD_LABEL_REMOVE, .id = ID, .id2 = "."},
	    {.call = CALL_CARD_FIELD_SET, .id = ID, .id2 = ID2},
	    {.call = CALL_CARD_FIELD_SET,
		.id = ID,
		.id2 = ID2,
		.json = "{}",
		.params = &param,
		.n_params = 1},
	    {.call = CALL_CARD_DELETE,
		.id = ID,
		.params = &param,
		.n_params = 1},
	    {.call = CALL_ME, .json = "{}"},
	    {.call = CALL_FILE_CREATE, .id = ID},
	    {.call = CALL_LINK_CREATE, .id = ID, .file = &file},
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct buf out = BUF_INIT;

		assert_int_equal(call_route(&wrong[i], &out), -EINVAL);
		assert_int_equal(
		    call_url("http://x", &wrong[i], NULL, &out), -EINVAL);
		buf_free(&out);
	}
}

/* An id cannot lead to another route. */
static void
test_ids_are_encoded(void **state)
{
	struct remote_args args = {
	    .call = CALL_CARD_LABEL_REMOVE, .id = "a/b?c#d%2f", .id2 = "../x"};
	struct buf out = BUF_INIT;

	(void)state;
	assert_int_equal(call_route(&args, &out), 0);
	assert_string_equal(
	    buf_str(&out), "/cards/a%2Fb%3Fc%23d%252f/idLabels/..%2Fx");
	buf_free(&out);
}

static void
test_field_json(void **state)
{
	static const struct {
		enum field_type type;
		const char *value;
		const char *json;
	} all[] = {
	    {FIELD_TEXT, "a \"b\"\n",
		"{\"value\":{\"text\":\"a \\\"b\\\"\\n\"}}"},
	    {FIELD_NUMBER, "1.5", "{\"value\":{\"number\":\"1.5\"}}"},
	    {FIELD_DATE, "2020-03-11T04:00:00.000Z",
		"{\"value\":{\"date\":\"2020-03-11T04:00:00.000Z\"}}"},
	    {FIELD_CHECKBOX, "true", "{\"value\":{\"checked\":\"true\"}}"},
	    {FIELD_LIST, ID, "{\"idValue\":\"" ID "\"}"},
	    {FIELD_TEXT, NULL, "{\"value\":\"\",\"idValue\":\"\"}"},
	    {FIELD_LIST, "", "{\"value\":\"\",\"idValue\":\"\"}"},
	};
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		buf_clear(&out);
		assert_int_equal(
		    call_field_json(all[i].type, all[i].value, &out), 0);
		assert_string_equal(buf_str(&out), all[i].json);
	}
	assert_int_equal(call_field_json(FIELD_UNKNOWN, "x", &out), -EINVAL);
	buf_free(&out);
}

/* 16,384 characters of three bytes each. */
static void
test_long_text(void **state)
{
	size_t n = (size_t)MODEL_TEXT_MAX_CHARS * 3;
	char *text = malloc(n + 1);
	struct remote_param param = {"desc", text};
	struct remote_args args = {.call = CALL_CARD_UPDATE,
	    .id = ID,
	    .params = &param,
	    .n_params = 1};
	struct buf out = BUF_INIT;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < n; i += 3)
		memcpy(text + i, "\342\202\254", 3);
	text[n] = '\0';
	assert_int_equal(call_body(&args, &out), 0);
	assert_int_equal(out.len, 5 + 3 * n);
	assert_string_equal(buf_str(&out) + out.len - 9, "%E2%82%AC");
	buf_clear(&out);
	assert_int_equal(call_url("http://x", &args, NULL, &out), 0);
	assert_string_equal(buf_str(&out), "http://x/cards/" ID);
	buf_free(&out);
	free(text);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_table),
    cmocka_unit_test(test_reads),
    cmocka_unit_test(test_refused),
    cmocka_unit_test(test_ids_are_encoded),
    cmocka_unit_test(test_field_json),
    cmocka_unit_test(test_long_text),
};
UNIT_MAIN(tests)
