#include "sync/confirm.h"

#include "model/ids.h"
#include "model/model_json.h"
#include "trello/remote.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One id that is asked for: at most this many at a time. */
#define ASK_AT_ONCE 8

struct question {
	struct confirm *confirm;
	const char *id;
	struct remote_request *request; /* NULL: this place is free */
	struct json_reader *reader;
	bool is_list;
	struct card card;
	struct list list;
};

struct confirm {
	struct remote *remote;
	const struct board *board;
	model_ids lists, cards, keep;
	size_t next_list, next_card;
	confirm_fn *done;
	void *cookie;
	struct question questions[ASK_AT_ONCE];
	unsigned n_running;
};

static void
question_fini(struct question *question)
{
	json_reader_free(question->reader);
	card_fini(&question->card);
	list_fini(&question->list);
	question->reader = NULL;
	question->request = NULL;
}

static void
confirm_free(struct confirm *confirm)
{
	VEC_FREE(&confirm->lists);
	VEC_FREE(&confirm->cards);
	VEC_FREE(&confirm->keep);
	free(confirm);
}

void
confirm_cancel(struct confirm *confirm)
{
	if (confirm == NULL)
		return;
	for (size_t i = 0; i < ASK_AT_ONCE; i++) {
		struct question *question = &confirm->questions[i];

		if (question->request == NULL)
			continue;
		confirm->remote->ops->cancel(
		    confirm->remote, question->request);
		question_fini(question);
	}
	confirm_free(confirm);
}

static void
finish(struct confirm *confirm, const struct remote_verdict *verdict)
{
	model_ids keep = confirm->keep;
	confirm_fn *done = confirm->done;
	void *cookie = confirm->cookie;

	memset(&confirm->keep, 0, sizeof confirm->keep);
	confirm_cancel(confirm);
	done(cookie, verdict, &keep);
	VEC_FREE(&keep);
}

/* Whether the answer says that it is still to be seen. */
static bool
still_there(const struct question *question)
{
	const struct board *board = question->confirm->board;
	const struct card *card = &question->card;
	const struct list *list;

	if (question->is_list) {
		list = &question->list;
		return !list->closed && strcmp(list->id_board, board->id) == 0;
	}
	if (card->closed || strcmp(card->id_board, board->id) != 0)
		return false;
	list = board_list(board, card->id_list);
	return list != NULL && !list->closed;
}

static int ask_more(struct confirm *confirm);

static void
answered(void *cookie, const struct remote_verdict *verdict)
{
	struct question *question = cookie;
	struct confirm *confirm = question->confirm;
	struct remote_verdict fine = {0};
	int r = 0;

	if (verdict->err != 0 && !remote_says_gone(verdict)) {
		question_fini(question);
		finish(confirm, verdict);
		return;
	}
	if (verdict->err == 0 && still_there(question))
		r = model_ids_add(&confirm->keep, question->id);
	question_fini(question);
	confirm->n_running--;
	if (r == 0)
		r = ask_more(confirm);
	if (r != 0 || confirm->n_running == 0) {
		fine.err = r;
		finish(confirm, &fine);
	}
}

static int
ask(struct confirm *confirm, struct question *question, const char *id,
    bool is_list)
{
	struct remote_args args = {
	    .call = is_list ? CALL_LIST : CALL_CARD_BRIEF,
	    .priority = PRIORITY_NEWS,
	    .id = id,
	    .done = answered,
	    .cookie = question};
	int r;

	question->confirm = confirm;
	question->id = id;
	question->is_list = is_list;
	card_init(&question->card);
	question->list = (struct list){0};
	question->reader = is_list ? list_reader_new(&question->list)
				   : card_reader_new(&question->card);
	if (question->reader == NULL)
		return -ENOMEM;
	args.reader = question->reader;
	r = confirm->remote->ops->submit(
	    confirm->remote, &args, &question->request);
	if (r != 0)
		question_fini(question);
	else
		confirm->n_running++;
	return r;
}

static int
ask_more(struct confirm *confirm)
{
	int r = 0;

	for (size_t i = 0; i < ASK_AT_ONCE && r == 0; i++) {
		struct question *question = &confirm->questions[i];

		if (question->request != NULL)
			continue;
		if (confirm->next_list < confirm->lists.n)
			r = ask(confirm, question,
			    confirm->lists.v[confirm->next_list++].s, true);
		else if (confirm->next_card < confirm->cards.n)
			r = ask(confirm, question,
			    confirm->cards.v[confirm->next_card++].s, false);
	}
	return r;
}

static int
copy_ids(const model_ids *from, model_ids *to)
{
	int r = 0;

	for (size_t i = 0; i < from->n && r == 0; i++)
		r = model_ids_add(to, from->v[i].s);
	return r;
}

int
confirm_start(struct remote *remote, const struct board *board,
    const model_ids *lists, const model_ids *cards, confirm_fn *done,
    void *cookie, struct confirm **ret_confirm)
{
	struct confirm *confirm = calloc(1, sizeof *confirm);
	int r;

	if (confirm == NULL)
		return -ENOMEM;
	confirm->remote = remote;
	confirm->board = board;
	confirm->done = done;
	confirm->cookie = cookie;
	r = copy_ids(lists, &confirm->lists);
	if (r == 0)
		r = copy_ids(cards, &confirm->cards);
	if (r == 0)
		r = ask_more(confirm);
	if (r != 0) {
		confirm_cancel(confirm);
		return r;
	}
	*ret_confirm = confirm;
	return 0;
}
