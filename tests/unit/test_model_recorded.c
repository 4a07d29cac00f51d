#include "unit.h"

#include "feed.h"
#include "model/model_json.h"
#include "util/buf.h"
#include "util/err.h"
#include "json/json_reader.h"

#include <stdlib.h>
#include <string.h>

/* A recorded exchange with Trello, one JSON object a line. */
struct exchange {
	char *method, *uri, *body;
	int64_t status;
};

static const struct json_shape exchange_shape = {
    .fields =
	(const struct json_field[]){
	    {.key = "method",
		.type = JSON_STRING,
		.offset = offsetof(struct exchange, method)},
	    {.key = "uri",
		.type = JSON_STRING,
		.offset = offsetof(struct exchange, uri)},
	    {.key = "body",
		.type = JSON_STRING,
		.offset = offsetof(struct exchange, body)},
	    {.key = "status",
		.type = JSON_INT64,
		.offset = offsetof(struct exchange, status)},
	    {0},
	},
};

/* Everything that a reply can be read into. */
struct targets {
	struct board board;
	struct boards boards;
	struct card card;
	struct list list;
	struct checklist checklist;
	struct check_item item;
	struct comment comment;
	struct attachment attachment;
	struct label label;
	struct member member;
	struct token_info token;
};

static void
targets_init(struct targets *targets)
{
	memset(targets, 0, sizeof *targets);
	board_init(&targets->board);
	card_init(&targets->card);
	comment_init(&targets->comment);
	attachment_init(&targets->attachment);
}

static void
targets_fini(struct targets *targets)
{
	board_fini(&targets->board);
	boards_fini(&targets->boards);
	card_fini(&targets->card);
	list_fini(&targets->list);
	checklist_fini(&targets->checklist);
	check_item_fini(&targets->item);
	comment_fini(&targets->comment);
	attachment_fini(&targets->attachment);
	label_fini(&targets->label);
	member_fini(&targets->member);
}

/* How a route ends (one '*' stands for one segment), and who reads what it
 * gives; the id read must not be empty, an array must not be. */
#define ROUTE(method_, route_, name, member)         \
	{                                            \
		method_, route_, name##_route,       \
		    offsetof(struct targets, member) \
	}

static struct json_reader *
board_route(void *t)
{
	return board_reader_new(t);
}

static struct json_reader *
boards_route(void *t)
{
	return boards_reader_new(t);
}

static struct json_reader *
card_route(void *t)
{
	return card_reader_new(t);
}

static struct json_reader *
lists_route(void *t)
{
	return lists_reader_new(t);
}

static struct json_reader *
cards_route(void *t)
{
	return cards_reader_new(t);
}

static struct json_reader *
checklists_route(void *t)
{
	return checklists_reader_new(t);
}

static struct json_reader *
labels_route(void *t)
{
	return labels_reader_new(t);
}

static struct json_reader *
members_route(void *t)
{
	return members_reader_new(t);
}

static struct json_reader *
fields_route(void *t)
{
	return fields_reader_new(t);
}

static struct json_reader *
comments_route(void *t)
{
	return comments_reader_new(t);
}

static struct json_reader *
card_comments_route(void *t)
{
	return card_comments_reader_new(t);
}

static struct json_reader *
list_route(void *t)
{
	return list_reader_new(t);
}

static struct json_reader *
checklist_route(void *t)
{
	return checklist_reader_new(t);
}

static struct json_reader *
check_item_route(void *t)
{
	return check_item_reader_new(t);
}

static struct json_reader *
comment_route(void *t)
{
	return comment_reader_new(t);
}

static struct json_reader *
attachment_route(void *t)
{
	return attachment_reader_new(t);
}

static struct json_reader *
label_route(void *t)
{
	return label_reader_new(t);
}

static struct json_reader *
member_route(void *t)
{
	return member_reader_new(t);
}

static struct json_reader *
token_route(void *t)
{
	return token_reader_new(t);
}

static const struct route {
	const char *method, *route;
	struct json_reader *(*reader)(void *target);
	size_t offset;
} routes[] = {
    ROUTE("GET", "/boards/*", board, board),
    ROUTE("PUT", "/boards/*", board, board),
    ROUTE("POST", "/boards", board, board),
    ROUTE("GET", "/members/*/boards", boards, boards),
    ROUTE("GET", "/boards/*/lists", lists, board),
    ROUTE("GET", "/boards/*/cards", cards, board),
    ROUTE("GET", "/lists/*/cards", cards, board),
    ROUTE("GET", "/members/*/cards", cards, board),
    ROUTE("GET", "/boards/*/checklists", checklists, board),
    ROUTE("GET", "/cards/*/checklists", checklists, board),
    ROUTE("GET", "/boards/*/labels", labels, board),
    ROUTE("GET", "/boards/*/members", members, board),
    ROUTE("GET", "/boards/*/customFields", fields, board),
    ROUTE("GET", "/boards/*/actions", comments, board),
    ROUTE("GET", "/cards/*/actions", card_comments, card),
    ROUTE("GET", "/cards/*", card, card),
    ROUTE("PUT", "/cards/*", card, card),
    ROUTE("POST", "/cards", card, card),
    ROUTE("PUT", "/cards/*/idList", card, card),
    ROUTE("PUT", "/cards/*/idBoard", card, card),
    ROUTE("GET", "/lists/*", list, list),
    ROUTE("PUT", "/lists/*", list, list),
    ROUTE("POST", "/lists", list, list),
    ROUTE("GET", "/checklists/*", checklist, checklist),
    ROUTE("PUT", "/checklists/*", checklist, checklist),
    ROUTE("POST", "/checklists", checklist, checklist),
    ROUTE("POST", "/cards/*/checklists", checklist, checklist),
    ROUTE("POST", "/checklists/*/checkItems", check_item, item),
    ROUTE("PUT", "/cards/*/checkItem/*", check_item, item),
    ROUTE("POST", "/cards/*/actions/comments", comment, comment),
    ROUTE("GET", "/cards/*/attachments/*", attachment, attachment),
    ROUTE("POST", "/cards/*/attachments", attachment, attachment),
    ROUTE("GET", "/labels/*", label, label),
    ROUTE("PUT", "/labels/*", label, label),
    ROUTE("POST", "/labels", label, label),
    ROUTE("GET", "/members/*", member, member),
    ROUTE("GET", "/tokens/*", token, token),
};
#define N_ROUTES (sizeof routes / sizeof routes[0])

static bool
route_matches(const char *route, const char *path)
{
	while (*route != '\0')
		if (*route == '*') {
			size_t n = strcspn(path, "/?");

			if (n == 0)
				return false;
			path += n;
			route++;
		} else if (*route++ != *path++) {
			return false;
		}
	return *path == '\0' || *path == '?';
}

/* Whether something came of it: a name or an id in what was read. */
static bool
anything_read(const struct targets *t)
{
	return t->board.id[0] != '\0' || t->boards.boards.n > 0 ||
	       t->board.lists.n + t->board.cards.n + t->board.labels.n +
		       t->board.checklists.n + t->board.members.n +
		       t->board.fields.n + t->board.comments.n >
		   0 ||
	       t->card.id[0] != '\0' || t->card.comments.n > 0 ||
	       t->list.id[0] != '\0' || t->checklist.id[0] != '\0' ||
	       t->item.id[0] != '\0' || t->comment.text != NULL ||
	       t->attachment.url != NULL || t->label.id[0] != '\0' ||
	       t->member.username != NULL || t->token.board_write;
}

/* Read one exchange's reply where a route knows it. */
static void
replay(const struct exchange *exchange, size_t seen[N_ROUTES])
{
	const char *path = strstr(exchange->uri, "/1/");

	if (path == NULL || exchange->status != 200)
		return;
	for (size_t i = 0; i < N_ROUTES; i++) {
		struct targets targets;
		struct err err = {0};

		if (strcmp(routes[i].method, exchange->method) != 0 ||
		    !route_matches(routes[i].route, path + 2))
			continue;
		targets_init(&targets);
		if (feed(routes[i].reader((char *)&targets + routes[i].offset),
			exchange->body, strlen(exchange->body), FEED_RANDOM,
			&err) != 0)
			fail_msg("%s: %s", exchange->uri, err.text);
		if (!anything_read(&targets) && exchange->body[1] != ']')
			fail_msg("%s: nothing", exchange->uri);
		targets_fini(&targets);
		seen[i]++;
	}
}

static void
reads_recorded_replies(void **state)
{
	struct buf lines = BUF_INIT;
	size_t seen[N_ROUTES] = {0};
	const char *next;

	(void)state;
	if (!feed_shared_file("recorded.jsonl", &lines))
		return;
	for (const char *line = lines.data; *line != '\0'; line = next) {
		size_t len = strcspn(line, "\n");
		struct exchange exchange = {0};

		next = line + len + (line[len] == '\n' ? 1 : 0);
		assert_int_equal(feed(json_reader_new(&exchange_shape, false,
					  &exchange, NULL),
				     line, len, FEED_WHOLE, NULL),
		    0);
		replay(&exchange, seen);
		free(exchange.method);
		free(exchange.uri);
		free(exchange.body);
	}
	for (size_t i = 0; i < N_ROUTES; i++)
		if (seen[i] == 0)
			fail_msg("%s: never seen", routes[i].route);
	buf_free(&lines);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(reads_recorded_replies),
};

UNIT_MAIN(tests)
