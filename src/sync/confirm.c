#include "sync/confirm.h"

#include "model/ids.h"
#include "trello/batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct confirm {
	const struct board *board;
	struct batch *batch;
	confirm_fn *done;
	void *cookie;
};

void
confirm_cancel(struct confirm *confirm)
{
	if (confirm == NULL)
		return;
	batch_cancel(confirm->batch);
	free(confirm);
}

/* Whether the answer says that it is still to be seen. */
static bool
still_there(const struct board *board, const struct batch_answer *answer)
{
	const struct card *card = &answer->card;
	const struct list *list = &answer->list;

	if (answer->verdict.err != 0)
		return false;
	if (answer->is_list)
		return !list->closed && strcmp(list->id_board, board->id) == 0;
	if (card->closed || strcmp(card->id_board, board->id) != 0)
		return false;
	list = board_list(board, card->id_list);
	return list != NULL && !list->closed;
}

/* The first answer that says nothing of its object, or NULL. */
static const struct remote_verdict *
find_failure(const struct batch_answer *answers, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (answers[i].verdict.err != 0 &&
		    !remote_says_gone(&answers[i].verdict))
			return &answers[i].verdict;
	return NULL;
}

static void
answered(void *cookie, const struct remote_verdict *verdict,
    struct batch_answer *answers, size_t n)
{
	const struct confirm confirm = *(struct confirm *)cookie;
	const struct remote_verdict *failure = find_failure(answers, n);
	struct remote_verdict result = failure != NULL ? *failure : *verdict;
	model_ids keep = {0};

	free(cookie);
	for (size_t i = 0; i < n && result.err == 0; i++)
		if (still_there(confirm.board, &answers[i]))
			result.err = model_ids_add(&keep, answers[i].id);
	confirm.done(confirm.cookie, &result, &keep);
	VEC_FREE(&keep);
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
	confirm->board = board;
	confirm->done = done;
	confirm->cookie = cookie;
	r = batch_start(&(struct batch_args){.remote = remote,
			    .priority = PRIORITY_NEWS,
			    .lists = lists,
			    .cards = cards,
			    .done = answered,
			    .cookie = confirm},
	    &confirm->batch);
	if (r != 0) {
		free(confirm);
		return r;
	}
	*ret_confirm = confirm;
	return 0;
}
