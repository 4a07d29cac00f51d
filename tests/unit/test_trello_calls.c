/* The addresses of all calls. */

#include "unit.h"

#include "trello/calls.h"
#include "util/buf.h"
#include "util/secret.h"

#include <errno.h>
#include <string.h>

#define ID "5f52526dd20e29822abc6eca"
/* What stands before it only reads. */
#define FIRST_WRITE CALL_CARD_CREATE
#define BASE "https://api.trello.com/1"
#define BOARD_FIELDS \
	"id,name,desc,closed,shortLink,dateLastActivity,idOrganization"
#define NEWS_FIELDS "id,name,closed,dateLastActivity"
#define CARD_FIELDS                                               \
	"id,name,desc,closed,idList,idBoard,pos,due,dueComplete," \
	"start,idLabels,idMembers,idShort,shortLink,"             \
	"dateLastActivity,isTemplate"
#define BRIEF_FIELDS "id,name,closed,idBoard,idList,pos,dateLastActivity"
#define ATTACHMENT_FIELDS \
	"id,name,url,bytes,date,isUpload,mimeType,pos,fileName"
#define HEAD                                                            \
	"fields=" BOARD_FIELDS "&labels=all&labels_limit=1000&members=" \
	"all&member_fields=id,username,fullName&memberships=all&"       \
	"customFields=true"

static void
check(const struct remote_args *args, const char *route)
{
	struct buf url = BUF_INIT;
	struct buf text = BUF_INIT;

	assert_int_equal(call_url(BASE, args, NULL, &url), 0);
	assert_int_equal(call_route(args, &text), 0);
	assert_string_equal(buf_str(&text), route);
	assert_ptr_equal(strstr(buf_str(&url), BASE "/"), url.data);
	assert_string_equal(buf_str(&url) + strlen(BASE), route);
	buf_free(&url);
	buf_free(&text);
}

static void
test_routes(void **state)
{
	static const struct {
		struct remote_args args;
		const char *route;
	} rows[] = {
	    {{.call = CALL_ME}, "/members/me?fields=id,username,fullName"},
	    {{.call = CALL_BOARDS},
		"/members/me/boards?filter=open&fields=" NEWS_FIELDS},
	    {{.call = CALL_BOARDS, .filter = "closed"},
		"/members/me/boards?filter=closed&fields=" NEWS_FIELDS},
	    {{.call = CALL_BOARD, .id = ID},
		"/boards/" ID "?" HEAD
		"&lists=open&list_fields=id,name,closed,pos,idBoard&cards="
		"visible&card_fields=" CARD_FIELDS
		"&card_attachments=true&card_attachment_"
		"fields=" ATTACHMENT_FIELDS
		"&card_customFieldItems=true&checklists=all"
		"&actions=commentCard,copyCommentCard&actions_limit=1000"},
	    {{.call = CALL_BOARD_NEWS, .id = ID},
		"/boards/" ID "?" HEAD
		"&lists=open&list_fields=id,name,closed,pos,idBoard&cards="
		"visible&card_fields=id,closed,idBoard,idList,pos,"
		"dateLastActivity"},
	    {{.call = CALL_BOARD_HEAD, .id = ID}, "/boards/" ID "?" HEAD},
	    {{.call = CALL_BOARD_LISTS, .id = ID},
		"/boards/" ID
		"/lists?filter=open&fields=id,name,closed,pos,idBoard"},
	    {{.call = CALL_BOARD_CARDS, .id = ID},
		"/boards/" ID "/cards/visible?fields=" CARD_FIELDS
		"&attachments=true&attachment_fields=" ATTACHMENT_FIELDS
		"&customFieldItems=true&limit=1000"},
	    {{.call = CALL_BOARD_CARDS, .id = ID, .filter = "closed"},
		"/boards/" ID "/cards/closed?fields=" CARD_FIELDS
		"&attachments=true&attachment_fields=" ATTACHMENT_FIELDS
		"&customFieldItems=true&limit=1000"},
	    {{.call = CALL_BOARD_CHECKLISTS, .id = ID},
		"/boards/" ID "/checklists"},
	    {{.call = CALL_BOARD_LABELS, .id = ID},
		"/boards/" ID "/labels?limit=1000"},
	    {{.call = CALL_BOARD_MEMBERS, .id = ID},
		"/boards/" ID "/members?fields=id,username,fullName"},
	    {{.call = CALL_BOARD_FIELDS, .id = ID},
		"/boards/" ID "/customFields"},
	    {{.call = CALL_BOARD_COMMENTS, .id = ID},
		"/boards/" ID "/actions?filter=commentCard,copyCommentCard&"
		"limit=1000"},
	    {{.call = CALL_CARD, .id = "Ab12Cd34"},
		"/cards/Ab12Cd34?fields=" CARD_FIELDS
		"&attachments=true&attachment_fields=" ATTACHMENT_FIELDS
		"&customFieldItems=true&checklists=all&actions=commentCard,"
		"copyCommentCard&actions_limit=1000"},
	    {{.call = CALL_CARD_BRIEF, .id = ID},
		"/cards/" ID "?fields=" BRIEF_FIELDS},
	    {{.call = CALL_CARD_COMMENTS, .id = ID},
		"/cards/" ID "/actions?filter=commentCard,copyCommentCard&"
		"limit=1000"},
	    {{.call = CALL_CARD_DESC_ACTIONS, .id = ID},
		"/cards/" ID "/actions?filter=updateCard:desc&limit=10&"
		"memberCreator=false"},
	    {{.call = CALL_CHECKLIST, .id = ID}, "/checklists/" ID},
	    {{.call = CALL_LIST, .id = ID},
		"/lists/" ID "?fields=id,name,closed,pos,idBoard"},
	    {{.call = CALL_LIST_CARDS, .id = ID},
		"/lists/" ID "/cards/open?fields=" BRIEF_FIELDS "&limit=1000"},
	    {{.call = CALL_LIST_CARDS, .id = ID, .filter = "all"},
		"/lists/" ID "/cards/all?fields=" BRIEF_FIELDS "&limit=1000"},
	    {{.call = CALL_ATTACHMENT_FILE,
		 .id = ID,
		 .id2 = "ab",
		 .filter = "a b/\xc3\xbc.pdf"},
		"/cards/" ID "/attachments/ab/download/a%20b%2F%C3%BC.pdf"},
	    {{.call = CALL_BATCH}, "/batch"},
	    {{.call = CALL_TOKEN}, "/tokens/..."},
	};

	(void)state;
	assert_int_equal(sizeof rows / sizeof *rows, FIRST_WRITE + 3);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].args.call != CALL_TOKEN)
			check(&rows[i].args, rows[i].route);
}

/* A parameter of the request takes the place of the call's own. */
static void
test_params(void **state)
{
	static const struct remote_param params[] = {
	    {"limit", "5"}, {"before", ID}, {"filter", "updateCard:idList"}};
	static const struct remote_args args = {.call = CALL_BOARD_COMMENTS,
	    .id = ID,
	    .params = params,
	    .n_params = 3};

	(void)state;
	check(&args, "/boards/" ID "/actions?limit=5&before=" ID
		     "&filter=updateCard:idList");
}

static void
test_encoding(void **state)
{
	static const struct remote_param params[] = {
	    {"name", "a b&c=d?#%/\xc3\xa9\n"},
	    {"prefs/permissionLevel", "x,y"}};
	static const struct remote_args args = {.call = CALL_LIST,
	    .id = "../a?b#c%",
	    .params = params,
	    .n_params = 2};

	(void)state;
	check(&args,
	    "/lists/..%2Fa%3Fb%23c%25?fields=id,name,closed,pos,idBoard"
	    "&name=a%20b%26c%3Dd%3F%23%25%2F%C3%A9%0A"
	    "&prefs/permissionLevel=x,y");
}

/* Commas between the routes of a batch stay, those inside are encoded twice. */
static void
test_batch(void **state)
{
	static const struct remote_param param = {
	    "urls", "/cards/a?fields=id%2Cname,/lists/b"};
	static const struct remote_args args = {
	    .call = CALL_BATCH, .params = &param, .n_params = 1};

	(void)state;
	check(&args,
	    "/batch?urls=%2Fcards%2Fa%3Ffields%3Did%252Cname,%2Flists%2Fb");
}

static void
test_token(void **state)
{
	static const struct remote_args args = {.call = CALL_TOKEN};
	struct secret token = SECRET_INIT;
	struct buf url = BUF_INIT;
	struct buf route = BUF_INIT;

	(void)state;
	assert_int_equal(call_url(BASE, &args, NULL, &url), -EINVAL);
	assert_int_equal(call_url(BASE, &args, &token, &url), -EINVAL);
	buf_clear(&url);
	assert_int_equal(secret_set(&token, "ATTAx/y", 7), 0);
	assert_int_equal(call_url(BASE, &args, &token, &url), 0);
	assert_string_equal(buf_str(&url), BASE "/tokens/ATTAx%2Fy");
	assert_int_equal(call_route(&args, &route), 0);
	assert_string_equal(buf_str(&route), "/tokens/...");
	buf_free(&url);
	buf_free(&route);
	secret_fini(&token);
}

static void
test_refused(void **state)
{
	static const struct remote_args rows[] = {
	    {.call = CALL_COUNT},
	    {.call = (enum remote_call) - 1},
	    {.call = CALL_BOARD},
	    {.call = CALL_BOARD, .id = ""},
	    {.call = CALL_BOARD, .id = "."},
	    {.call = CALL_BOARD, .id = ".."},
	    {.call = CALL_BOARD_CARDS, .id = ID, .filter = ".."},
	    {.call = CALL_ME, .id = ID},
	    {.call = CALL_CARD, .id = ID, .filter = "open"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf out = BUF_INIT;

		assert_int_equal(call_route(&rows[i], &out), -EINVAL);
		buf_free(&out);
	}
}

/* What can be asked for in parts, and what has a window of its own. */
static void
test_marks(void **state)
{
	(void)state;
	for (int i = 0; i < CALL_COUNT; i++) {
		const struct call_info *info = call_info((enum remote_call)i);

		assert_non_null(info);
		assert_int_equal(info->method == METHOD_GET, i < FIRST_WRITE);
		assert_int_equal(info->may_be_too_big,
		    i == CALL_BOARD || i == CALL_BOARD_NEWS ||
			i == CALL_BOARD_CARDS);
		assert_int_equal(info->member_window, i == CALL_ME);
	}
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_routes),
    cmocka_unit_test(test_params),
    cmocka_unit_test(test_encoding),
    cmocka_unit_test(test_batch),
    cmocka_unit_test(test_token),
    cmocka_unit_test(test_refused),
    cmocka_unit_test(test_marks),
};
UNIT_MAIN(tests)
