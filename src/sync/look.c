#include "sync/look.h"

#include "model/ids.h"
#include "model/model_json.h"
#include "store/base.h"
#include "store/store.h"
#include "trello/batch.h"
#include "trello/calls.h"
#include "util/timeutil.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Smaller boards are one request as a whole, of few kilobytes. */
#define BIG_CARDS 100
/* So many cards are two requests; with more of them the whole is one. */
#define MOVED_MAX 20

/*
 * asking (news) -> done			no card moved
 *		 -> asking (cards) -> done
 *		 -> loading -> done		many moved, or too much at once
 */
struct look {
	struct store *store;
	struct remote *remote;
	enum remote_priority priority;
	board_load_fn *done;
	void *cookie;
	char id[MODEL_ID_SIZE];
	struct board board; /* the news; then with whole cards */
	struct json_reader *reader;
	struct remote_request *request;
	struct batch *batch;
	struct board_load *load;
};

void
look_cancel(struct look *look)
{
	if (look == NULL)
		return;
	if (look->request != NULL)
		remote_cancel(look->remote, look->request);
	batch_cancel(look->batch);
	board_load_cancel(look->load);
	json_reader_free(look->reader);
	board_fini(&look->board);
	free(look);
}

void
look_hurry(struct look *look, enum remote_priority priority)
{
	if (priority >= look->priority)
		return;
	look->priority = priority;
	if (look->request != NULL)
		remote_hurry(look->remote, look->request, priority);
	if (look->load != NULL)
		board_load_hurry(look->load, priority);
}

/* Nothing after this: the look is gone. */
static void
finish(struct look *look, const struct remote_verdict *verdict,
    struct board *board)
{
	look->done(look->cookie, verdict, board);
	look_cancel(look);
}

static void
finish_error(struct look *look, int r)
{
	struct remote_verdict verdict = {.err = r,
	    .scope = SCOPE_OBJECT,
	    .when = WHEN_LATER,
	    .text = "out of memory"};

	if (r != -ENOMEM)
		(void)strcpy(verdict.text, "the state database cannot be read");
	finish(look, &verdict, NULL);
}

static void
loaded(void *cookie, const struct remote_verdict *verdict, struct board *board)
{
	struct look *look = cookie;

	look->load = NULL;
	finish(look, verdict, board);
}

static int
load_whole(struct look *look)
{
	return board_load_start(
	    look->remote, look->id, look->priority, loaded, look, &look->load);
}

/* Cards by id, to be found quickly. */
struct card_index {
	VEC(struct card *) by_id;
};

static int
compare_cards(const void *a, const void *b)
{
	return strcmp(
	    (*(struct card *const *)a)->id, (*(struct card *const *)b)->id);
}

static int
compare_id(const void *id, const void *item)
{
	return strcmp(id, (*(struct card *const *)item)->id);
}

static int
index_cards(struct board *board, struct card_index *index)
{
	for (size_t i = 0; i < board->cards.n; i++) {
		struct card **slot = VEC_ADD(&index->by_id);

		if (slot == NULL)
			return -ENOMEM;
		*slot = &board->cards.v[i];
	}
	if (index->by_id.n > 1)
		qsort(index->by_id.v, index->by_id.n, sizeof index->by_id.v[0],
		    compare_cards);
	return 0;
}

static struct card *
find_card(const struct card_index *index, const char *id)
{
	struct card **found;

	if (index->by_id.n == 0)
		return NULL;
	found = bsearch(id, index->by_id.v, index->by_id.n,
	    sizeof index->by_id.v[0], compare_id);
	return found != NULL ? *found : NULL;
}

/* What the news say of a card that has not moved otherwise is its place; the
 * rest is the base's, which is left without it. */
static void
take_base(struct card *news, struct card *base)
{
	struct card card = *base;

	memcpy(card.id_list, news->id_list, sizeof card.id_list);
	card.pos = news->pos;
	card_init(base);
	/* It is still to be found among the others. */
	memcpy(base->id, card.id, sizeof base->id);
	card_fini(news);
	*news = card;
}

static int
compare_with(struct look *look, struct board *base, model_ids *ret_moved)
{
	struct card_index index = {0};
	int r = index_cards(base, &index);

	for (size_t i = 0; i < look->board.cards.n && r == 0; i++) {
		struct card *news = &look->board.cards.v[i];
		struct card *known = find_card(&index, news->id);

		if (known != NULL && news->activity_ms != TIME_NONE &&
		    news->activity_ms == known->activity_ms)
			take_base(news, known);
		else
			r = model_ids_add(ret_moved, news->id);
	}
	VEC_FREE(&index.by_id);
	return r;
}

static void
complete(struct look *look)
{
	const struct remote_verdict fine = {0};
	int r = board_gather(&look->board);

	if (r != 0)
		finish_error(look, r);
	else
		finish(look, &fine, &look->board);
}

/* A card that is gone by now is closed as far as we know. */
static void
take_card(struct card_index *index, struct batch_answer *answer)
{
	struct card *card = find_card(index, answer->id);

	if (card == NULL)
		return;
	if (answer->verdict.err != 0) {
		card->closed = true;
		return;
	}
	card_fini(card);
	*card = answer->card;
	card_init(&answer->card);
}

static bool
has_more_comments(const struct batch_answer *answers, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (answers[i].card.comments.n >= CALL_PAGE_MAX)
			return true;
	return false;
}

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
on_cards(void *cookie, const struct remote_verdict *verdict,
    struct batch_answer *answers, size_t n)
{
	struct look *look = cookie;
	struct card_index index = {0};
	const struct remote_verdict *failure = find_failure(answers, n);
	int r = 0;

	look->batch = NULL;
	if (failure == NULL && verdict->err != 0)
		failure = verdict;
	if (failure != NULL || has_more_comments(answers, n)) {
		if (failure == NULL || failure->scope == SCOPE_OBJECT)
			r = load_whole(look);
		else
			finish(look, failure, NULL);
		if (r != 0)
			finish_error(look, r);
		return;
	}
	r = index_cards(&look->board, &index);
	for (size_t i = 0; i < n && r == 0; i++)
		take_card(&index, &answers[i]);
	VEC_FREE(&index.by_id);
	if (r != 0)
		finish_error(look, r);
	else
		complete(look);
}

static int
ask_moved(struct look *look, const model_ids *moved)
{
	return batch_start(&(struct batch_args){.remote = look->remote,
			       .priority = look->priority,
			       .cards = moved,
			       .whole = true,
			       .done = on_cards,
			       .cookie = look},
	    &look->batch);
}

static void
on_news(void *cookie, const struct remote_verdict *verdict)
{
	struct look *look = cookie;
	struct board base;
	model_ids moved = {0};
	int r;

	look->request = NULL;
	if (verdict->err != 0 && !verdict->too_big) {
		finish(look, verdict, NULL);
		return;
	}
	if (verdict->err != 0 || look->board.id[0] == '\0') {
		r = load_whole(look);
		if (r != 0)
			finish_error(look, r);
		return;
	}
	r = base_read_board(look->store, look->id, &base);
	if (r == 0) {
		r = compare_with(look, &base, &moved);
		board_fini(&base);
	}
	if (r == 0 && moved.n > MOVED_MAX)
		r = load_whole(look);
	else if (r == 0 && moved.n > 0)
		r = ask_moved(look, &moved);
	if (r != 0)
		finish_error(look, r);
	else if (moved.n == 0)
		complete(look);
	VEC_FREE(&moved);
}

static struct json_reader *
on_restart(void *cookie)
{
	struct look *look = cookie;

	json_reader_free(look->reader);
	board_fini(&look->board);
	board_init(&look->board);
	look->reader = board_reader_new(&look->board);
	return look->reader;
}

static int
ask_news(struct look *look)
{
	struct remote_args args = {.call = CALL_BOARD_NEWS,
	    .priority = look->priority,
	    .id = look->id,
	    .restart = on_restart,
	    .done = on_news,
	    .cookie = look};

	args.reader = on_restart(look);
	return args.reader != NULL
		   ? remote_submit(look->remote, &args, &look->request)
		   : -ENOMEM;
}

static int
is_big(struct store *store, const char *id, bool *ret_big)
{
	int64_t n = 0;
	struct tx *tx;
	int r = store_read(store, false, &tx);

	if (r != 0)
		return r;
	r = base_count_cards(tx, id, &n);
	store_end(tx);
	*ret_big = n >= BIG_CARDS;
	return r;
}

int
look_start(const struct look_args *args, struct look **ret_look)
{
	struct look *look = calloc(1, sizeof *look);
	bool big = false;
	int r = 0;

	if (look == NULL)
		return -ENOMEM;
	look->store = args->store;
	look->remote = args->remote;
	look->priority = args->priority;
	look->done = args->done;
	look->cookie = args->cookie;
	board_init(&look->board);
	memcpy(look->id, args->id, sizeof look->id);
	if (!args->whole)
		r = is_big(look->store, look->id, &big);
	if (r == 0)
		r = big ? ask_news(look) : load_whole(look);
	if (r != 0) {
		look_cancel(look);
		return r;
	}
	*ret_look = look;
	return 0;
}
