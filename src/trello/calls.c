#include "trello/calls.h"

#include "util/buf.h"
#include "util/secret.h"

#include <errno.h>
#include <string.h>

/* The fields that the model knows (model/model.h): the rest of Trello's
 * objects is several times their size. */
#define BOARD_FIELDS                                      \
	"id,name,desc,closed,shortLink,dateLastActivity," \
	"idOrganization"
#define LIST_FIELDS "id,name,closed,pos,idBoard"
#define CARD_FIELDS                                               \
	"id,name,desc,closed,idList,idBoard,pos,due,"             \
	"dueComplete,start,idLabels,idMembers,idShort,shortLink," \
	"dateLastActivity,isTemplate"
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
	.route = "/members/me", .member_window = true,
	.params = {{"fields", MEMBER_FIELDS}}},
[CALL_TOKEN] = {
	.route = "/tokens/{token}"},
[CALL_BOARDS] = {
	.route = "/members/me/boards", .filter = "open",
	.filter_is_param = true,
	.params = {{"fields", BOARD_FIELDS}}},
[CALL_BOARD] = {
	.route = "/boards/{id}", .may_be_too_big = true,
	.params = {NESTED_HEAD, {"lists", "open"}, {"list_fields", LIST_FIELDS},
		{"cards", "visible"}, NESTED_CARDS, {"checklists", "all"},
		NESTED_COMMENTS}},
[CALL_BOARD_HEAD] = {
	.route = "/boards/{id}",
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
	.route = "/cards/{id}",
	.params = {{"fields", "id,name,closed,idBoard,idList,pos,"
		"dateLastActivity"}}},
[CALL_CARD_COMMENTS] = {
	.route = "/cards/{id}/actions", .filter = COMMENTS,
	.filter_is_param = true,
	.params = {{"limit", PAGE}}},
[CALL_LIST] = {
	.route = "/lists/{id}",
	.params = {{"fields", LIST_FIELDS}}},
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

/* Percent-encode all but RFC 3986's unreserved characters and those of plain. */
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
			(void)buf_printf(out, "%%%02X", (unsigned char)s[i]);
	}
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

/* token NULL: "..." in its place. */
static int
add_placeholder(struct buf *out, const char *name, size_t len,
    const struct remote_args *args, const struct secret *token)
{
	const char *s = NULL;

	if (strncmp(name, "token", len) == 0) {
		if (token == NULL)
			return buf_add_str(out, "...");
		return add_segment(out, token->data, token->len);
	}
	if (strncmp(name, "id", len) == 0)
		s = args->id;
	else if (strncmp(name, "filter", len) == 0)
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

static void
add_param(struct buf *out, char *separator, const char *key, const char *value)
{
	(void)buf_add_char(out, *separator);
	*separator = '&';
	add_encoded(out, key, strlen(key), "/");
	(void)buf_add_char(out, '=');
	add_encoded(out, value, strlen(value), ",:");
}

static bool
is_replaced(const struct remote_args *args, const char *key)
{
	for (size_t i = 0; i < args->n_params; i++)
		if (strcmp(args->params[i].key, key) == 0)
			return true;
	return false;
}

static int
add_request(
    struct buf *out, const struct remote_args *args, const struct secret *token)
{
	const struct call_info *info = call_info(args->call);
	char separator = '?';
	int r;

	if (info == NULL)
		return -EINVAL;
	if (args->id != NULL && strstr(info->route, "{id}") == NULL)
		return -EINVAL;
	if (args->filter != NULL && info->filter == NULL)
		return -EINVAL;
	r = add_route(out, info->route, args, token);
	if (r != 0)
		return r;
	if (info->filter_is_param && !is_replaced(args, "filter"))
		add_param(
		    out, &separator, "filter", request_filter(info, args));
	for (const struct remote_param *p = info->params; p->key != NULL; p++)
		if (!is_replaced(args, p->key))
			add_param(out, &separator, p->key, p->value);
	for (size_t i = 0; i < args->n_params; i++)
		add_param(out, &separator, args->params[i].key,
		    args->params[i].value);
	return out->err;
}

int
call_url(const char *base, const struct remote_args *args,
    const struct secret *token, struct buf *out)
{
	if (args->call == CALL_TOKEN && (token == NULL || token->len == 0))
		return -EINVAL;
	(void)buf_add_str(out, base);
	return add_request(out, args, token);
}

int
call_route(const struct remote_args *args, struct buf *out)
{
	return add_request(out, args, NULL);
}
