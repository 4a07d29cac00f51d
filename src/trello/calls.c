#include "trello/calls.h"

#include "util/buf.h"
#include "util/secret.h"
#include "json/json_writer.h"

#include <errno.h>
#include <string.h>

/* The fields that the model knows (model/model.h): the rest of Trello's
 * objects is several times their size. */
#define BOARD_FIELDS                                      \
	"id,name,desc,closed,shortLink,dateLastActivity," \
	"idOrganization"
/* What the poll needs of each board. */
#define BOARD_NEWS_FIELDS "id,name,closed,dateLastActivity"
#define LIST_FIELDS "id,name,closed,pos,idBoard"
#define CARD_FIELDS                                               \
	"id,name,desc,closed,idList,idBoard,pos,due,"             \
	"dueComplete,start,idLabels,idMembers,idShort,shortLink," \
	"dateLastActivity,isTemplate"
#define CARD_NEWS_FIELDS "id,closed,idBoard,idList,pos,dateLastActivity"
#define CARD_BRIEF_FIELDS "id,name,closed,idBoard,idList,pos,dateLastActivity"
#define MEMBER_FIELDS "id,username,fullName"
#define ATTACHMENT_FIELDS                               \
	"id,name,url,bytes,date,isUpload,mimeType,pos," \
	"fileName"
#define COMMENTS "commentCard,copyCommentCard"
#define PAGE "1000"

/* What a card carries, in the words of a nested resource of a board. */
#define NESTED_CARDS                                                \
	{"card_fields", CARD_FIELDS}, {"card_attachments", "true"}, \
	    {"card_attachment_fields", ATTACHMENT_FIELDS},          \
	{                                                           \
		"card_customFieldItems", "true"                     \
	}
/* The labels' own default is 50, their maximum 1000 (Trello's guide). */
#define NESTED_HEAD                                                          \
	{"fields", BOARD_FIELDS}, {"labels", "all"}, {"labels_limit", PAGE}, \
	    {"members", "all"}, {"member_fields", MEMBER_FIELDS},            \
	    {"memberships", "all"},                                          \
	{                                                                    \
		"customFields", "true"                                       \
	}
#define NESTED_COMMENTS               \
	{"actions", COMMENTS},        \
	{                             \
		"actions_limit", PAGE \
	}

/* clang-format off */
static const struct call_info calls[CALL_COUNT] = {
[CALL_ME] = {
	.route = "/members/me", .quick = true, .member_window = true,
	.params = {{"fields", MEMBER_FIELDS}}},
[CALL_TOKEN] = {
	.route = "/tokens/{token}", .quick = true},
[CALL_BOARDS] = {
	.route = "/members/me/boards", .quick = true, .filter = "open",
	.filter_is_param = true,
	.params = {{"fields", BOARD_NEWS_FIELDS}}},
[CALL_BOARD] = {
	.route = "/boards/{id}", .may_be_too_big = true,
	.params = {NESTED_HEAD, {"lists", "open"}, {"list_fields", LIST_FIELDS},
		{"cards", "visible"}, NESTED_CARDS, {"checklists", "all"},
		NESTED_COMMENTS}},
[CALL_BOARD_NEWS] = {
	.route = "/boards/{id}", .may_be_too_big = true,
	.params = {NESTED_HEAD, {"lists", "open"}, {"list_fields", LIST_FIELDS},
		{"cards", "visible"}, {"card_fields", CARD_NEWS_FIELDS}}},
[CALL_BOARD_HEAD] = {
	.route = "/boards/{id}", .quick = true,
	.params = {NESTED_HEAD}},
[CALL_BOARD_LISTS] = {
	.route = "/boards/{id}/lists", .filter = "open",
	.filter_is_param = true,
	.params = {{"fields", LIST_FIELDS}}},
[CALL_BOARD_CARDS] = {
	.route = "/boards/{id}/cards/{filter}", .filter = "visible",
	.may_be_too_big = true,
	.params = {{"fields", CARD_FIELDS}, {"attachments", "true"},
		{"attachment_fields", ATTACHMENT_FIELDS},
		{"customFieldItems", "true"}, {"limit", PAGE}}},
[CALL_BOARD_CHECKLISTS] = {
	.route = "/boards/{id}/checklists"},
[CALL_BOARD_LABELS] = {
	.route = "/boards/{id}/labels",
	.params = {{"limit", PAGE}}},
[CALL_BOARD_MEMBERS] = {
	.route = "/boards/{id}/members",
	.params = {{"fields", MEMBER_FIELDS}}},
[CALL_BOARD_FIELDS] = {
	.route = "/boards/{id}/customFields"},
[CALL_BOARD_COMMENTS] = {
	.route = "/boards/{id}/actions", .filter = COMMENTS,
	.filter_is_param = true,
	.params = {{"limit", PAGE}}},
[CALL_CARD] = {
	.route = "/cards/{id}",
	.params = {{"fields", CARD_FIELDS}, {"attachments", "true"},
		{"attachment_fields", ATTACHMENT_FIELDS},
		{"customFieldItems", "true"}, {"checklists", "all"},
		NESTED_COMMENTS}},
[CALL_CARD_BRIEF] = {
	.route = "/cards/{id}", .quick = true,
	.params = {{"fields", CARD_BRIEF_FIELDS}}},
[CALL_CARD_COMMENTS] = {
	.route = "/cards/{id}/actions", .filter = COMMENTS,
	.filter_is_param = true,
	.params = {{"limit", PAGE}}},
[CALL_CARD_DESC_ACTIONS] = {
	.route = "/cards/{id}/actions", .filter = "updateCard:desc",
	.filter_is_param = true,
	.params = {{"limit", "10"}, {"memberCreator", "false"}}},
[CALL_CHECKLIST] = {
	.route = "/checklists/{id}"},
[CALL_LIST] = {
	.route = "/lists/{id}", .quick = true,
	.params = {{"fields", LIST_FIELDS}}},
[CALL_LIST_CARDS] = {
	.route = "/lists/{id}/cards/{filter}", .filter = "open",
	.params = {{"fields", CARD_BRIEF_FIELDS}, {"limit", PAGE}}},
[CALL_ATTACHMENT_FILE] = {
	.route = "/cards/{id}/attachments/{id2}/download/{filter}",
	.filter = "file"},
[CALL_BATCH] = {
	.route = "/batch"},

[CALL_CARD_CREATE] = {
	.method = METHOD_POST, .route = "/cards"},
[CALL_CARD_UPDATE] = {
	.method = METHOD_PUT, .route = "/cards/{id}"},
[CALL_CARD_DELETE] = {
	.method = METHOD_DELETE, .route = "/cards/{id}"},
[CALL_CARD_LABEL_ADD] = {
	.method = METHOD_POST, .route = "/cards/{id}/idLabels"},
[CALL_CARD_LABEL_REMOVE] = {
	.method = METHOD_DELETE, .route = "/cards/{id}/idLabels/{id2}"},
[CALL_CARD_MEMBER_ADD] = {
	.method = METHOD_POST, .route = "/cards/{id}/idMembers"},
[CALL_CARD_MEMBER_REMOVE] = {
	.method = METHOD_DELETE, .route = "/cards/{id}/idMembers/{id2}"},
[CALL_CARD_FIELD_SET] = {
	.method = METHOD_PUT, .route = "/cards/{id}/customField/{id2}/item",
	.takes_json = true},
[CALL_CHECKLIST_CREATE] = {
	.method = METHOD_POST, .route = "/checklists"},
[CALL_CHECKLIST_UPDATE] = {
	.method = METHOD_PUT, .route = "/checklists/{id}"},
[CALL_CHECKLIST_DELETE] = {
	.method = METHOD_DELETE, .route = "/checklists/{id}"},
[CALL_ITEM_CREATE] = {
	.method = METHOD_POST, .route = "/checklists/{id}/checkItems"},
[CALL_ITEM_UPDATE] = {
	.method = METHOD_PUT, .route = "/cards/{id}/checkItem/{id2}"},
[CALL_ITEM_DELETE] = {
	.method = METHOD_DELETE, .route = "/checklists/{id}/checkItems/{id2}"},
[CALL_COMMENT_CREATE] = {
	.method = METHOD_POST, .route = "/cards/{id}/actions/comments"},
[CALL_COMMENT_UPDATE] = {
	.method = METHOD_PUT, .route = "/actions/{id}"},
[CALL_COMMENT_DELETE] = {
	.method = METHOD_DELETE, .route = "/actions/{id}"},
[CALL_LINK_CREATE] = {
	.method = METHOD_POST, .route = "/cards/{id}/attachments"},
[CALL_FILE_CREATE] = {
	.method = METHOD_POST, .route = "/cards/{id}/attachments",
	.takes_file = true},
[CALL_ATTACHMENT_DELETE] = {
	.method = METHOD_DELETE, .route = "/cards/{id}/attachments/{id2}"},
[CALL_LIST_CREATE] = {
	.method = METHOD_POST, .route = "/lists"},
[CALL_LIST_UPDATE] = {
	.method = METHOD_PUT, .route = "/lists/{id}"},
[CALL_LIST_MOVE] = {
	.method = METHOD_PUT, .route = "/lists/{id}/idBoard"},
[CALL_LIST_ARCHIVE_CARDS] = {
	.method = METHOD_POST, .route = "/lists/{id}/archiveAllCards"},
[CALL_BOARD_CREATE] = {
	.method = METHOD_POST, .route = "/boards/",
	.params = {{"defaultLists", "false"}, {"defaultLabels", "false"}}},
[CALL_BOARD_UPDATE] = {
	.method = METHOD_PUT, .route = "/boards/{id}"},
[CALL_LABEL_CREATE] = {
	.method = METHOD_POST, .route = "/labels"},
[CALL_LABEL_UPDATE] = {
	.method = METHOD_PUT, .route = "/labels/{id}"},
[CALL_LABEL_DELETE] = {
	.method = METHOD_DELETE, .route = "/labels/{id}"},
[CALL_TOKEN_REVOKE] = {
	.method = METHOD_DELETE, .route = "/tokens/{token}"},
};
/* clang-format on */

const struct call_info *
call_info(enum remote_call call)
{
	if ((unsigned)call >= CALL_COUNT)
		return NULL;
	return &calls[call];
}

const char *
call_method_name(enum call_method method)
{
	static const char *const names[] = {"GET", "POST", "PUT", "DELETE"};

	return names[method];
}

static void
add_escape(struct buf *out, unsigned char c)
{
	static const char digits[] = "0123456789ABCDEF";
	const char escape[] = {'%', digits[c >> 4], digits[c & 15]};

	(void)buf_add(out, escape, sizeof escape);
}

/* Percent-encode all but RFC 3986's unreserved characters and plain's. */
static void
add_encoded(struct buf *out, const char *s, size_t len, const char *plain)
{
	static const char unreserved[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789-._~";

	for (size_t i = 0; i < len; i++) {
		if (s[i] != '\0' && (strchr(unreserved, s[i]) != NULL ||
					strchr(plain, s[i]) != NULL))
			(void)buf_add_char(out, s[i]);
		else
			add_escape(out, (unsigned char)s[i]);
	}
}

int
call_encode(struct buf *out, const char *s)
{
	add_encoded(out, s, strlen(s), "");
	return out->err;
}

/* One segment of the route: a text that would change the route is refused. */
static int
add_segment(struct buf *out, const char *s, size_t len)
{
	if (len == 0 || strcmp(s, ".") == 0 || strcmp(s, "..") == 0)
		return -EINVAL;
	add_encoded(out, s, len, "");
	return 0;
}

static const char *
request_filter(const struct call_info *info, const struct remote_args *args)
{
	return args->filter != NULL ? args->filter : info->filter;
}

static bool
is_word(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(s, word, len) == 0;
}

/* token NULL: "..." in its place. */
static int
add_placeholder(struct buf *out, const char *name, size_t len,
    const struct remote_args *args, const struct secret *token)
{
	const char *s = NULL;

	if (is_word(name, len, "token")) {
		if (token == NULL)
			return buf_add_str(out, "...");
		return add_segment(out, token->data, token->len);
	}
	if (is_word(name, len, "id"))
		s = args->id;
	else if (is_word(name, len, "id2"))
		s = args->id2;
	else if (is_word(name, len, "filter"))
		s = request_filter(call_info(args->call), args);
	if (s == NULL)
		return -EINVAL;
	return add_segment(out, s, strlen(s));
}

static int
add_route(struct buf *out, const char *route, const struct remote_args *args,
    const struct secret *token)
{
	while (*route != '\0') {
		size_t len = strcspn(route, "{");
		int r;

		(void)buf_add(out, route, len);
		route += len;
		if (*route == '\0')
			break;
		len = strcspn(++route, "}");
		r = add_placeholder(out, route, len, args, token);
		if (r != 0)
			return r;
		route += len + 1;
	}
	return out->err;
}

/* separator 0: none yet. */
static void
add_param(struct buf *out, char *separator, const struct remote_param *param,
    const char *plain)
{
	if (*separator != '\0')
		(void)buf_add_char(out, *separator);
	*separator = '&';
	add_encoded(out, param->key, strlen(param->key), "/");
	(void)buf_add_char(out, '=');
	add_encoded(out, param->value, strlen(param->value), plain);
}

static bool
is_replaced(const struct remote_args *args, const char *key)
{
	for (size_t i = 0; i < args->n_params; i++)
		if (strcmp(args->params[i].key, key) == 0)
			return true;
	return false;
}

/* The call's own that are not replaced, then the request's. */
static void
add_params(struct buf *out, char separator, const struct remote_args *args,
    const char *plain)
{
	const struct call_info *info = call_info(args->call);
	const struct remote_param filter = {
	    "filter", request_filter(info, args)};

	if (info->filter_is_param && !is_replaced(args, filter.key))
		add_param(out, &separator, &filter, plain);
	for (const struct remote_param *p = info->params; p->key != NULL; p++)
		if (!is_replaced(args, p->key))
			add_param(out, &separator, p, plain);
	for (size_t i = 0; i < args->n_params; i++)
		add_param(out, &separator, &args->params[i], plain);
}

/* What is given is what the call takes. */
static int
check_args(const struct remote_args *args)
{
	const struct call_info *info = call_info(args->call);

	if (info == NULL)
		return -EINVAL;
	if (args->id != NULL && strstr(info->route, "{id}") == NULL)
		return -EINVAL;
	if (args->id2 != NULL && strstr(info->route, "{id2}") == NULL)
		return -EINVAL;
	if (args->filter != NULL && info->filter == NULL)
		return -EINVAL;
	if ((args->json != NULL) != info->takes_json ||
	    (args->file != NULL) != info->takes_file)
		return -EINVAL;
	if (args->n_params > 0 &&
	    (info->takes_json || info->method == METHOD_DELETE))
		return -EINVAL;
	return 0;
}

static int
add_request(
    struct buf *out, const struct remote_args *args, const struct secret *token)
{
	const struct call_info *info = call_info(args->call);
	int r = check_args(args);

	if (r == 0)
		r = add_route(out, info->route, args, token);
	if (r == 0 && info->method == METHOD_GET)
		add_params(out, '?', args, ",:");
	return r != 0 ? r : out->err;
}

int
call_url(const char *base, const struct remote_args *args,
    const struct secret *token, struct buf *out)
{
	const struct call_info *info = call_info(args->call);

	if (info != NULL && strstr(info->route, "{token}") != NULL &&
	    (token == NULL || token->len == 0))
		return -EINVAL;
	(void)buf_add_str(out, base);
	return add_request(out, args, token);
}

int
call_route(const struct remote_args *args, struct buf *out)
{
	return add_request(out, args, NULL);
}

const char *
call_body_type(enum remote_call call)
{
	const struct call_info *info = call_info(call);

	if (info == NULL || info->takes_file || info->method == METHOD_GET ||
	    info->method == METHOD_DELETE)
		return NULL;
	return info->takes_json ? "application/json"
				: "application/x-www-form-urlencoded";
}

int
call_body(const struct remote_args *args, struct buf *out)
{
	int r = check_args(args);

	if (r != 0 || call_body_type(args->call) == NULL)
		return r;
	if (args->json != NULL)
		return buf_add_str(out, args->json);
	add_params(out, '\0', args, "");
	return out->err;
}

/* The member of "value" that holds a value of each type. */
static const char *const value_keys[] = {
    [FIELD_TEXT] = "text",
    [FIELD_NUMBER] = "number",
    [FIELD_DATE] = "date",
    [FIELD_CHECKBOX] = "checked",
};

int
call_field_json(enum field_type type, const char *value, struct buf *out)
{
	struct json_writer writer = {.out = out};

	if (type == FIELD_UNKNOWN)
		return -EINVAL;
	json_object_begin(&writer, NULL);
	if (value == NULL || *value == '\0') {
		json_string(&writer, "value", "");
		json_string(&writer, "idValue", "");
	} else if (type == FIELD_LIST) {
		json_string(&writer, "idValue", value);
	} else {
		json_object_begin(&writer, "value");
		json_string(&writer, value_keys[type], value);
		json_object_end(&writer);
	}
	json_object_end(&writer);
	return out->err;
}
