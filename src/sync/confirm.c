#include "sync/confirm.h"

#include "model/ids.h"
#include "sync/written.h"
#include "trello/batch.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct confirm {
	const struct board *board;
	const struct written *written;
	int64_t asked_ms;
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
still_there(const struct confirm *confirm, const struct batch_answer *answer)
{
	const struct board *board = confirm->board;
	const struct card *card = &answer->card;
	const struct list *list = &answer->list;
	bool found = answer->verdict.err == 0;

	if (!answer->is_list &&
	    written_before(confirm->written, answer->id, confirm->asked_ms,
		found ? card->activity_ms : TIME_NONE))
		return true;
	if (!found)
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
		if (still_there(&confirm, &answers[i]))
			result.err = model_ids_add(&keep, answers[i].id);
	confirm.done(confirm.cookie, &result, &keep);
	VEC_FREE(&keep);
}

int
confirm_start(const struct confirm_args *args, struct confirm **ret_confirm)
{
	struct confirm *confirm = calloc(1, sizeof *confirm);
	int r;

	if (confirm == NULL)
		return -ENOMEM;
	confirm->board = args->board;
	confirm->written = args->written;
	confirm->asked_ms = args->asked_ms;
	confirm->done = args->done;
	confirm->cookie = args->cookie;
	r = batch_start(&(struct batch_args){.remote = args->remote,
			    .priority = PRIORITY_NEWS,
			    .lists = args->lists,
			    .cards = args->cards,
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
