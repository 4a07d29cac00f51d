#include "model/model_json.h"
#include "trello/calls.h"
#include "trello/local.h"
#include "trello/local_account.h"
#include "trello/local_json.h"
#include "util/buf.h"
#include "json/json_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What Trello says (recorded): an unknown list is told otherwise. */
#define NOT_FOUND "The requested resource was not found."
#define LIST_NOT_FOUND "model not found"

/* A call on its way to an answer; what the route names has been looked up. */
struct question {
	struct local_account *account;
	const struct remote_args *args;
	const char *filter;
	struct board *board;
	struct card *card;
	struct json_writer writer;
};

/* What is picked of a board to be written, shallow and in order. */
typedef VEC(const struct card *) card_refs;
typedef VEC(struct comment_ref) comment_refs;
struct comment_ref {
	const struct comment *comment;
	const struct card *card;
};

static const char *
param(const struct question *q, const char *key)
{
	for (size_t i = 0; i < q->args->n_params; i++)
		if (strcmp(q->args->params[i].key, key) == 0)
			return q->args->params[i].value;
	return NULL;
}

static size_t
param_limit(const struct question *q)
{
	const char *s = param(q, "limit");
	unsigned long n = s != NULL ? strtoul(s, NULL, 10) : CALL_PAGE_MAX;

	return n < CALL_PAGE_MAX ? n : CALL_PAGE_MAX;
}

/* The page between "since" and "before", both ids, which sort by time. */
static bool
in_page(const struct question *q, const char *id)
{
	const char *before = param(q, "before");
	const char *since = param(q, "since");

	return (before == NULL || strcmp(id, before) < 0) &&
	       (since == NULL || strcmp(id, since) > 0);
}

static bool
is_visible(const struct board *board, const struct card *card)
{
	const struct list *list = board_list(board, card->id_list);

	return !card->closed && list != NULL && !list->closed;
}

static bool
card_passes(
    const struct board *board, const struct card *card, const char *filter)
{
	if (strcmp(filter, "visible") == 0)
		return is_visible(board, card);
	if (strcmp(filter, "open") == 0)
		return !card->closed;
	if (strcmp(filter, "closed") == 0)
		return card->closed;
	return strcmp(filter, "all") == 0;
}

static bool
closed_passes(bool closed, const char *filter)
{
	return strcmp(filter, "all") == 0 ||
	       strcmp(filter, closed ? "closed" : "open") == 0;
}

static int
answer_me(struct question *q)
{
	struct member you = {
	    .id = LOCAL_MEMBER_ID,
	    .username = (char[]){LOCAL_MEMBER_NAME},
	    .full_name = (char[]){"You"},
	};

	local_write_member(&q->writer, &you);
	return 200;
}

static int
answer_token(struct question *q)
{
	local_write_token(&q->writer);
	return 200;
}

static int
answer_boards(struct question *q)
{
	json_array_begin(&q->writer, NULL);
	for (size_t i = 0; i < q->account->boards.n; i++) {
		const struct board *board = &q->account->boards.v[i].board;

		if (closed_passes(board->closed, q->filter))
			local_write_board_brief(&q->writer, board);
	}
	json_array_end(&q->writer);
	return 200;
}

/* All that is open in it: the board with shorter arrays of the same things. */
static int
answer_board(struct question *q)
{
	struct board open = *q->board;
	int status = 200;

	memset(&open.lists, 0, sizeof open.lists);
	memset(&open.cards, 0, sizeof open.cards);
	for (size_t i = 0; i < q->board->lists.n; i++) {
		struct list *list;

		if (q->board->lists.v[i].closed)
			continue;
		if ((list = VEC_ADD(&open.lists)) == NULL)
			goto no_memory;
		*list = q->board->lists.v[i];
	}
	for (size_t i = 0; i < q->board->cards.n; i++) {
		struct card *card;

		if (!is_visible(q->board, &q->board->cards.v[i]))
			continue;
		if ((card = VEC_ADD(&open.cards)) == NULL)
			goto no_memory;
		*card = q->board->cards.v[i];
	}
	(void)board_write(&open, q->writer.out);
out:
	VEC_FREE(&open.lists);
	VEC_FREE(&open.cards);
	return status;
no_memory:
	status = -ENOMEM;
	goto out;
}

static int
answer_head(struct question *q)
{
	(void)board_write_head(q->board, q->writer.out);
	return 200;
}

/* The writers of model_json.h know of no array around them. */
static void
element(struct question *q, bool *first)
{
	if (!*first)
		(void)buf_add_char(q->writer.out, ',');
	*first = false;
}

static int
answer_lists(struct question *q)
{
	bool first = true;

	(void)buf_add_char(q->writer.out, '[');
	for (size_t i = 0; i < q->board->lists.n; i++) {
		const struct list *list = &q->board->lists.v[i];

		if (!closed_passes(list->closed, q->filter))
			continue;
		element(q, &first);
		(void)list_write(list, q->writer.out);
	}
	(void)buf_add_char(q->writer.out, ']');
	return 200;
}

static int
newest_card_first(const void *a, const void *b)
{
	const struct card *const *x = a;
	const struct card *const *y = b;

	return strcmp((*y)->id, (*x)->id);
}

/* The id of the oldest card of a page: the limit keeps the newest. */
static int
oldest_of_page(const struct question *q, const card_refs *all, const char **ret)
{
	card_refs sorted = {0};
	size_t limit = param_limit(q);

	*ret = "";
	if (all->n <= limit)
		return 0;
	sorted.v = calloc(all->n, sizeof *sorted.v);
	if (sorted.v == NULL)
		return -ENOMEM;
	memcpy(sorted.v, all->v, all->n * sizeof *sorted.v);
	qsort(sorted.v, all->n, sizeof *sorted.v, newest_card_first);
	*ret = limit > 0 ? sorted.v[limit - 1]->id : "~";
	free(sorted.v);
	return 0;
}

/* In the order of the board: lists, then cards. */
static int
answer_cards(struct question *q)
{
	const char *oldest;
	card_refs page = {0};
	bool first = true;
	int status = -ENOMEM;

	for (size_t i = 0; i < q->board->cards.n; i++) {
		const struct card *card = &q->board->cards.v[i];
		const struct card **ref;

		if (!card_passes(q->board, card, q->filter) ||
		    !in_page(q, card->id))
			continue;
		if ((ref = VEC_ADD(&page)) == NULL)
			goto out;
		*ref = card;
	}
	if (oldest_of_page(q, &page, &oldest) != 0)
		goto out;
	(void)buf_add_char(q->writer.out, '[');
	for (size_t i = 0; i < page.n; i++) {
		if (strcmp(page.v[i]->id, oldest) < 0)
			continue;
		element(q, &first);
		(void)card_write(page.v[i], q->writer.out);
	}
	(void)buf_add_char(q->writer.out, ']');
	status = 200;
out:
	VEC_FREE(&page);
	return status;
}

static int
answer_checklists(struct question *q)
{
	json_array_begin(&q->writer, NULL);
	for (size_t i = 0; i < q->board->cards.n; i++) {
		const struct card *card = &q->board->cards.v[i];

		for (size_t j = 0; j < card->checklists.n; j++)
			local_write_checklist(
			    &q->writer, &card->checklists.v[j]);
	}
	json_array_end(&q->writer);
	return 200;
}

static int
answer_labels(struct question *q)
{
	json_array_begin(&q->writer, NULL);
	for (size_t i = 0; i < q->board->labels.n; i++)
		local_write_label(&q->writer, &q->board->labels.v[i]);
	json_array_end(&q->writer);
	return 200;
}

static int
answer_members(struct question *q)
{
	json_array_begin(&q->writer, NULL);
	for (size_t i = 0; i < q->board->members.n; i++)
		local_write_member(&q->writer, &q->board->members.v[i]);
	json_array_end(&q->writer);
	return 200;
}

static int
answer_fields(struct question *q)
{
	json_array_begin(&q->writer, NULL);
	for (size_t i = 0; i < q->board->fields.n; i++)
		local_write_field(&q->writer, &q->board->fields.v[i]);
	json_array_end(&q->writer);
	return 200;
}

static int
newest_comment_first(const void *a, const void *b)
{
	const struct comment_ref *x = a;
	const struct comment_ref *y = b;

	return strcmp(y->comment->id, x->comment->id);
}

static int
add_comments(
    const struct question *q, const struct card *card, comment_refs *refs)
{
	for (size_t i = 0; i < card->comments.n; i++) {
		struct comment_ref *ref;

		if (!in_page(q, card->comments.v[i].id))
			continue;
		if ((ref = VEC_ADD(refs)) == NULL)
			return -ENOMEM;
		ref->comment = &card->comments.v[i];
		ref->card = card;
	}
	return 0;
}

static int
write_comments(struct question *q, comment_refs *refs, int r)
{
	size_t limit = param_limit(q);

	if (r == 0) {
		if (refs->n > 0)
			qsort(refs->v, refs->n, sizeof *refs->v,
			    newest_comment_first);
		json_array_begin(&q->writer, NULL);
		for (size_t i = 0; i < refs->n && i < limit; i++)
			local_write_comment(
			    &q->writer, refs->v[i].comment, refs->v[i].card);
		json_array_end(&q->writer);
	}
	VEC_FREE(refs);
	return r == 0 ? 200 : r;
}

static int
answer_board_comments(struct question *q)
{
	comment_refs refs = {0};
	int r = 0;

	for (size_t i = 0; i < q->board->cards.n && r == 0; i++)
		r = add_comments(q, &q->board->cards.v[i], &refs);
	return write_comments(q, &refs, r);
}

static int
answer_card_comments(struct question *q)
{
	comment_refs refs = {0};
	int r = add_comments(q, q->card, &refs);

	return write_comments(q, &refs, r);
}

static int
answer_card(struct question *q)
{
	(void)card_write(q->card, q->writer.out);
	return 200;
}

static int
answer_card_brief(struct question *q)
{
	local_write_card_brief(&q->writer, q->card);
	return 200;
}

static int
answer_list(struct question *q)
{
	const struct list *list = local_account_list(q->account, q->args->id);

	if (list == NULL) {
		(void)buf_add_str(q->writer.out, LIST_NOT_FOUND);
		return 404;
	}
	(void)list_write(list, q->writer.out);
	return 200;
}

static const struct {
	int (*answer)(struct question *q);
	enum { NAMES_NOTHING, NAMES_BOARD, NAMES_CARD } names;
} answers[CALL_COUNT] = {
    [CALL_ME] = {answer_me, NAMES_NOTHING},
    [CALL_TOKEN] = {answer_token, NAMES_NOTHING},
    [CALL_BOARDS] = {answer_boards, NAMES_NOTHING},
    [CALL_BOARD] = {answer_board, NAMES_BOARD},
    [CALL_BOARD_HEAD] = {answer_head, NAMES_BOARD},
    [CALL_BOARD_LISTS] = {answer_lists, NAMES_BOARD},
    [CALL_BOARD_CARDS] = {answer_cards, NAMES_BOARD},
    [CALL_BOARD_CHECKLISTS] = {answer_checklists, NAMES_BOARD},
    [CALL_BOARD_LABELS] = {answer_labels, NAMES_BOARD},
    [CALL_BOARD_MEMBERS] = {answer_members, NAMES_BOARD},
    [CALL_BOARD_FIELDS] = {answer_fields, NAMES_BOARD},
    [CALL_BOARD_COMMENTS] = {answer_board_comments, NAMES_BOARD},
    [CALL_CARD] = {answer_card, NAMES_CARD},
    [CALL_CARD_BRIEF] = {answer_card_brief, NAMES_CARD},
    [CALL_CARD_COMMENTS] = {answer_card_comments, NAMES_CARD},
    [CALL_LIST] = {answer_list, NAMES_NOTHING},
};

int
local_answer(struct local_account *account, const struct remote_args *args,
    struct buf *body)
{
	const struct call_info *info = call_info(args->call);
	struct question q = {
	    .account = account,
	    .args = args,
	    .filter = args->filter != NULL ? args->filter : info->filter,
	    .writer = {.out = body},
	};
	int status;

	if (answers[args->call].names == NAMES_BOARD)
		q.board = local_account_board(account, args->id);
	else if (answers[args->call].names == NAMES_CARD)
		q.card = local_account_card(account, args->id, &q.board);
	if (answers[args->call].names != NAMES_NOTHING && q.board == NULL) {
		(void)buf_add_str(body, NOT_FOUND);
		return 404;
	}
	if (answers[args->call].answer == NULL) {
		(void)buf_printf(body, "Cannot %s %s",
		    call_method_name(info->method), info->route);
		return 404;
	}
	status = answers[args->call].answer(&q);
	return body->err != 0 ? body->err : status;
}
