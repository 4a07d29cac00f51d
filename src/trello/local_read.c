#include "model/model_json.h"
#include "trello/calls.h"
#include "trello/local.h"
#include "trello/local_account.h"
#include "trello/local_json.h"
#include "trello/local_question.h"
#include "util/buf.h"
#include "json/json_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What is picked of a board to be written, shallow and in order. */
typedef VEC(const struct card *) card_refs;
typedef VEC(struct comment_ref) comment_refs;
struct comment_ref {
	const struct comment *comment;
	const struct card *card;
};

static size_t
param_limit(const struct question *q)
{
	const char *s = question_param(q, "limit");
	unsigned long n = s != NULL ? strtoul(s, NULL, 10) : CALL_PAGE_MAX;

	return n < CALL_PAGE_MAX ? n : CALL_PAGE_MAX;
}

/* The page between "since" and "before", both ids, which sort by time. */
static bool
in_page(const struct question *q, const char *id)
{
	const char *before = question_param(q, "before");
	const char *since = question_param(q, "since");

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

/* Of a card what the news of a board say of it. */
static struct card
card_news(const struct card *card)
{
	struct card news;

	card_init(&news);
	memcpy(news.id, card->id, sizeof news.id);
	memcpy(news.id_board, card->id_board, sizeof news.id_board);
	memcpy(news.id_list, card->id_list, sizeof news.id_list);
	news.pos = card->pos;
	news.activity_ms = card->activity_ms;
	return news;
}

/* All that is open in it: the board with shorter arrays of the same things. */
static int
answer_open(struct question *q, bool news)
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
		*card = news ? card_news(&q->board->cards.v[i])
			     : q->board->cards.v[i];
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
answer_board(struct question *q)
{
	return answer_open(q, false);
}

static int
answer_board_news(struct question *q)
{
	return answer_open(q, true);
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

static int
pick_cards(const struct question *q, card_refs *page)
{
	for (size_t i = 0; i < q->board->cards.n; i++) {
		const struct card *card = &q->board->cards.v[i];
		const struct card **ref;

		if (q->list != NULL && strcmp(card->id_list, q->list->id) != 0)
			continue;
		if (!card_passes(q->board, card, q->filter) ||
		    !in_page(q, card->id))
			continue;
		if ((ref = VEC_ADD(page)) == NULL)
			return -ENOMEM;
		*ref = card;
	}
	return 0;
}

static int
compare_in_list(const void *a, const void *b)
{
	const struct card *const *x = a;
	const struct card *const *y = b;

	return model_compare_pos((*x)->pos, (*x)->id, (*y)->pos, (*y)->id);
}

static int
write_page(struct question *q, const card_refs *page)
{
	const char *oldest;
	bool first = true;

	if (oldest_of_page(q, page, &oldest) != 0)
		return -ENOMEM;
	(void)buf_add_char(q->writer.out, '[');
	for (size_t i = 0; i < page->n; i++) {
		if (strcmp(page->v[i]->id, oldest) < 0)
			continue;
		element(q, &first);
		if (q->list == NULL) {
			(void)card_write(page->v[i], q->writer.out);
		} else {
			q->writer.comma = false;
			local_write_card_brief(&q->writer, page->v[i]);
		}
	}
	(void)buf_add_char(q->writer.out, ']');
	return 200;
}

static int
answer_cards(struct question *q)
{
	card_refs page = {0};
	int status = pick_cards(q, &page);

	if (status == 0)
		status = write_page(q, &page);
	VEC_FREE(&page);
	return status;
}

static int
answer_list_cards(struct question *q)
{
	card_refs page = {0};
	int status = pick_cards(q, &page);

	if (page.n > 0)
		qsort(page.v, page.n, sizeof *page.v, compare_in_list);
	if (status == 0)
		status = write_page(q, &page);
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
	(void)list_write(q->list, q->writer.out);
	return 200;
}

/* Oldest first as they are kept; the answer begins with the newest. */
static int
answer_desc_changes(struct question *q)
{
	const struct local_account *account = q->account;
	size_t left = param_limit(q);

	json_array_begin(&q->writer, NULL);
	for (size_t i = account->desc_changes.n; i > 0 && left > 0; i--) {
		const struct local_desc_change *each =
		    &account->desc_changes.v[i - 1];

		if (strcmp(each->id_card, q->card->id) != 0 ||
		    !in_page(q, each->change.id))
			continue;
		local_write_desc_change(
		    &q->writer, &each->change, each->id_card);
		left--;
	}
	json_array_end(&q->writer);
	return 200;
}

static int
answer_checklist(struct question *q)
{
	struct card *card;
	struct board *board;
	const struct checklist *checklist =
	    local_account_checklist(q->account, q->args->id, &card, &board);

	if (checklist == NULL)
		return question_not_found(q);
	local_write_checklist(&q->writer, checklist);
	return 200;
}

/* One route of a batch.  Of its parameters it matters whether a card is asked
 * for with all that is in it. */
static int
answer_batched(struct question *q, const char *url, size_t len, struct buf *out)
{
	struct remote_args args = {.call = CALL_CARD_BRIEF};
	size_t end = 0, start = strlen("/cards/");
	char id[64];

	while (end < len && url[end] != '?')
		end++;
	if (strncmp(url, "/lists/", start) == 0)
		args.call = CALL_LIST;
	else if (strncmp(url, "/cards/", start) != 0)
		end = 0;
	else if (memmem(url, len, "&actions=", strlen("&actions=")) != NULL)
		args.call = CALL_CARD;
	if (end <= start || end - start >= sizeof id) {
		(void)buf_add_str(out, "Cannot GET this");
		return 404;
	}
	memcpy(id, url + start, end - start);
	id[end - start] = '\0';
	args.id = id;
	return local_answer(q->account, &args, out);
}

static int
add_batched(struct question *q, const char *url, size_t len)
{
	struct buf out = BUF_INIT;
	struct json_writer writer = {.out = q->writer.out};
	int status = answer_batched(q, url, len, &out);

	if (status == 200) {
		(void)buf_printf(q->writer.out, "{\"200\":%s}", buf_str(&out));
	} else if (status > 0) {
		json_object_begin(&writer, NULL);
		json_string(&writer, "name", "Error");
		json_string(&writer, "message", buf_str(&out));
		json_int(&writer, "statusCode", status);
		json_object_end(&writer);
	}
	buf_free(&out);
	return status < 0 ? status : 0;
}

static int
answer_batch(struct question *q)
{
	const char *urls = question_param(q, "urls");
	bool first = true;
	size_t n = 1;

	for (const char *s = urls; s != NULL && *s != '\0'; s++)
		n += *s == ',';
	if (urls == NULL || *urls == '\0' || n > 10)
		return question_bad(q, "urls");
	(void)buf_add_char(q->writer.out, '[');
	for (const char *s = urls; n > 0; n--) {
		size_t len = strcspn(s, ",");
		int r;

		element(q, &first);
		r = add_batched(q, s, len);
		if (r != 0)
			return r;
		s += len + 1;
	}
	(void)buf_add_char(q->writer.out, ']');
	return 200;
}

const struct local_handler local_read_handlers[] = {
    {CALL_ME, NAMES_NOTHING, answer_me, {{0}}},
    {CALL_TOKEN, NAMES_NOTHING, answer_token, {{0}}},
    {CALL_BOARDS, NAMES_NOTHING, answer_boards, {{0}}},
    {CALL_BOARD, NAMES_BOARD, answer_board, {{0}}},
    {CALL_BOARD_NEWS, NAMES_BOARD, answer_board_news, {{0}}},
    {CALL_BOARD_HEAD, NAMES_BOARD, answer_head, {{0}}},
    {CALL_BOARD_LISTS, NAMES_BOARD, answer_lists, {{0}}},
    {CALL_BOARD_CARDS, NAMES_BOARD, answer_cards, {{0}}},
    {CALL_BOARD_CHECKLISTS, NAMES_BOARD, answer_checklists, {{0}}},
    {CALL_BOARD_LABELS, NAMES_BOARD, answer_labels, {{0}}},
    {CALL_BOARD_MEMBERS, NAMES_BOARD, answer_members, {{0}}},
    {CALL_BOARD_FIELDS, NAMES_BOARD, answer_fields, {{0}}},
    {CALL_BOARD_COMMENTS, NAMES_BOARD, answer_board_comments, {{0}}},
    {CALL_CARD, NAMES_CARD, answer_card, {{0}}},
    {CALL_CARD_BRIEF, NAMES_CARD, answer_card_brief, {{0}}},
    {CALL_CARD_COMMENTS, NAMES_CARD, answer_card_comments, {{0}}},
    {CALL_CARD_DESC_ACTIONS, NAMES_CARD, answer_desc_changes, {{0}}},
    {CALL_CHECKLIST, NAMES_OTHER, answer_checklist, {{0}}},
    {CALL_LIST, NAMES_LIST, answer_list, {{0}}},
    {CALL_LIST_CARDS, NAMES_LIST, answer_list_cards, {{0}}},
    {CALL_BATCH, NAMES_NOTHING, answer_batch, {{0}}},
    {0},
};
