#include "trello/batch.h"

#include "model/ids.h"
#include "model/model_json.h"
#include "trello/calls.h"
#include "trello/verdict.h"
#include "util/buf.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Routes in one request (Trello's guide), and requests at a time. */
#define ROUTES_MAX 10
#define ASK_AT_ONCE 4

/*
 * An answer is unasked, then under way in one of the chunks, then there.  From
 * a chunk of several it may go to `again` and be asked for by itself.
 */

/* Some answers, one after the other, that one request is for. */
struct chunk {
	struct batch *batch;
	size_t first, n;
	struct remote_request *request; /* NULL: this place is free */
	struct json_reader *reader;
	struct batch_items items; /* of several */
	struct card brief;	  /* of one */
	struct buf urls;
	struct remote_param param;
};

struct batch {
	struct remote *remote;
	enum remote_priority priority;
	batch_fn *done;
	void *cookie;
	model_ids ids;
	struct batch_answer *answers; /* as many as ids */
	size_t next;		      /* the first that was not asked for */
	VEC(size_t) again;
	enum remote_call card_call;
	bool plain; /* a batch was refused: no more of them */
	struct chunk chunks[ASK_AT_ONCE];
	unsigned n_running;
};

static void
chunk_fini(struct chunk *chunk)
{
	json_reader_free(chunk->reader);
	chunk->reader = NULL;
	batch_items_fini(&chunk->items);
	card_fini(&chunk->brief);
	buf_free(&chunk->urls);
}

static void
free_answers(struct batch_answer *answers, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		card_fini(&answers[i].card);
		list_fini(&answers[i].list);
	}
	free(answers);
}

void
batch_cancel(struct batch *batch)
{
	if (batch == NULL)
		return;
	for (size_t i = 0; i < ASK_AT_ONCE; i++) {
		struct chunk *chunk = &batch->chunks[i];

		if (chunk->request != NULL)
			remote_cancel(batch->remote, chunk->request);
		chunk_fini(chunk);
	}
	if (batch->answers != NULL)
		free_answers(batch->answers, batch->ids.n);
	VEC_FREE(&batch->ids);
	VEC_FREE(&batch->again);
	free(batch);
}

/* Nothing after this: the batch is gone. */
static void
finish(struct batch *batch, const struct remote_verdict *verdict)
{
	const struct remote_verdict copy = *verdict;
	struct batch_answer *answers = batch->answers;
	model_ids ids = batch->ids;
	batch_fn *done = batch->done;
	void *cookie = batch->cookie;

	batch->answers = NULL;
	memset(&batch->ids, 0, sizeof batch->ids);
	batch_cancel(batch);
	done(cookie, &copy, answers, copy.err == 0 ? ids.n : 0);
	free_answers(answers, ids.n);
	VEC_FREE(&ids);
}

static void
finish_error(struct batch *batch, int r)
{
	struct remote_verdict verdict = {.err = r,
	    .scope = SCOPE_OBJECT,
	    .when = WHEN_LATER,
	    .text = "out of memory"};

	finish(batch, &verdict);
}

static void
take_card(struct batch_answer *answer, struct card *brief)
{
	answer->verdict = (struct remote_verdict){.status = 200};
	card_fini(&answer->card);
	answer->card = *brief;
	card_init(brief);
	if (!answer->is_list)
		return;
	memcpy(answer->list.id, answer->card.id, MODEL_ID_SIZE);
	memcpy(answer->list.id_board, answer->card.id_board, MODEL_ID_SIZE);
	answer->list.name = answer->card.name;
	answer->list.pos = answer->card.pos;
	answer->list.closed = answer->card.closed;
	answer->card.name = NULL;
	card_fini(&answer->card);
}

/* An item that failed is judged as a reply of its own would be. */
static void
take_failure(const struct batch *batch, struct batch_answer *answer,
    const struct batch_item *item)
{
	const char *message = model_str(item->message);
	const struct reply reply = {
	    .call = call_info(answer->is_list ? CALL_LIST : batch->card_call),
	    .host = "Trello",
	    .sent = true,
	    .status = (int)item->status,
	    .body = message,
	    .body_len = strlen(message),
	};

	(void)verdict_make(&reply, &answer->verdict);
}

/* Whether the item is about this id: long ones are told as they were asked
 * for. */
static bool
is_for(const struct batch_item *item, const char *id)
{
	if (item->brief.id[0] == '\0')
		return item->status >= 400 && item->status < 600;
	return strlen(item->brief.id) != strlen(id) ||
	       strcmp(item->brief.id, id) == 0;
}

static int
ask_again(struct batch *batch, size_t i)
{
	size_t *slot = VEC_ADD(&batch->again);

	if (slot == NULL)
		return -ENOMEM;
	*slot = i;
	return 0;
}

/* Hand out what came, or put those that must be asked for once more into
 * `again`. */
static int
take_items(struct chunk *chunk, const struct remote_verdict *verdict)
{
	struct batch *batch = chunk->batch;
	bool good = verdict->err == 0 && chunk->items.items.n == chunk->n;
	int r = 0;

	batch->plain = batch->plain || !good;
	for (size_t i = 0; i < chunk->n && r == 0; i++) {
		struct batch_answer *answer = &batch->answers[chunk->first + i];
		struct batch_item *item =
		    good ? &chunk->items.items.v[i] : NULL;

		if (item == NULL || !is_for(item, answer->id))
			r = ask_again(batch, chunk->first + i);
		else if (item->brief.id[0] != '\0')
			take_card(answer, &item->brief);
		else
			take_failure(batch, answer, item);
	}
	return r;
}

static int
take_one(struct chunk *chunk, const struct remote_verdict *verdict)
{
	struct batch_answer *answer = &chunk->batch->answers[chunk->first];

	if (verdict->err != 0)
		answer->verdict = *verdict;
	else
		take_card(answer, &chunk->brief);
	return 0;
}

/* The first of a chunk's verdicts that is not of one object. */
static const struct remote_verdict *
find_failure(const struct batch *batch, size_t first, size_t n)
{
	for (size_t i = first; i < first + n; i++) {
		const struct remote_verdict *verdict =
		    &batch->answers[i].verdict;

		if (verdict->err != 0 && verdict->scope != SCOPE_OBJECT)
			return verdict;
	}
	return NULL;
}

static int ask_more(struct batch *batch);

static void
answered(void *cookie, const struct remote_verdict *verdict)
{
	struct chunk *chunk = cookie;
	struct batch *batch = chunk->batch;
	const struct remote_verdict fine = {0};
	const struct remote_verdict *failure = NULL;
	int r;

	chunk->request = NULL;
	batch->n_running--;
	if (verdict->err != 0 && verdict->scope != SCOPE_OBJECT)
		failure = verdict;
	r = chunk->n > 1 ? take_items(chunk, verdict)
			 : take_one(chunk, verdict);
	if (failure == NULL)
		failure = find_failure(batch, chunk->first, chunk->n);
	if (failure != NULL) {
		finish(batch, failure);
		return;
	}
	chunk_fini(chunk);
	if (r == 0)
		r = ask_more(batch);
	if (r != 0)
		finish_error(batch, r);
	else if (batch->n_running == 0)
		finish(batch, &fine);
}

/* What a GET that is tried again begins with. */
static struct json_reader *
on_restart(void *cookie)
{
	struct chunk *chunk = cookie;

	json_reader_free(chunk->reader);
	batch_items_fini(&chunk->items);
	card_fini(&chunk->brief);
	chunk->reader = chunk->n > 1 ? batch_items_reader_new(&chunk->items)
				     : card_reader_new(&chunk->brief);
	return chunk->reader;
}

static struct remote_args
args_for(const struct batch *batch, const struct batch_answer *answer)
{
	return (struct remote_args){
	    .call = answer->is_list ? CALL_LIST : batch->card_call,
	    .id = answer->id,
	};
}

/* The route of a plain GET; its own commas must outlive one decoding. */
static int
add_url(struct chunk *chunk, const struct batch_answer *answer)
{
	const struct remote_args args = args_for(chunk->batch, answer);
	struct buf *urls = &chunk->urls;
	struct buf route = BUF_INIT;
	int r = call_route(&args, &route);

	if (urls->len > 0)
		(void)buf_add_char(urls, ',');
	for (size_t i = 0; r == 0 && i < route.len; i++) {
		if (route.data[i] == ',')
			(void)buf_add_str(urls, "%2C");
		else
			(void)buf_add_char(urls, route.data[i]);
	}
	buf_free(&route);
	return r != 0 ? r : urls->err;
}

static int
make_args(struct chunk *chunk, struct remote_args *ret_args)
{
	const struct batch_answer *answers =
	    chunk->batch->answers + chunk->first;
	int r = 0;

	if (chunk->n == 1) {
		*ret_args = args_for(chunk->batch, answers);
		return 0;
	}
	for (size_t i = 0; i < chunk->n && r == 0; i++)
		r = add_url(chunk, &answers[i]);
	chunk->param = (struct remote_param){"urls", buf_str(&chunk->urls)};
	*ret_args = (struct remote_args){
	    .call = CALL_BATCH, .params = &chunk->param, .n_params = 1};
	return r;
}

static int
ask(struct chunk *chunk, size_t first, size_t n)
{
	struct batch *batch = chunk->batch;
	struct remote_args args;
	int r;

	chunk->first = first;
	chunk->n = n;
	r = make_args(chunk, &args);
	if (r == 0 && on_restart(chunk) == NULL)
		r = -ENOMEM;
	args.priority = batch->priority;
	args.reader = chunk->reader;
	args.restart = on_restart;
	args.done = answered;
	args.cookie = chunk;
	if (r == 0)
		r = remote_submit(batch->remote, &args, &chunk->request);
	if (r == 0)
		batch->n_running++;
	return r;
}

static int
ask_more(struct batch *batch)
{
	int r = 0;

	for (size_t i = 0; i < ASK_AT_ONCE && r == 0; i++) {
		size_t left = batch->ids.n - batch->next;
		size_t most = batch->plain ? 1 : ROUTES_MAX;
		size_t n = left < most ? left : most;

		if (batch->chunks[i].request != NULL)
			continue;
		if (batch->again.n > 0) {
			r = ask(&batch->chunks[i],
			    batch->again.v[--batch->again.n], 1);
		} else if (n > 0) {
			r = ask(&batch->chunks[i], batch->next, n);
			batch->next += n;
		}
	}
	return r;
}

static int
copy_ids(struct batch *batch, const model_ids *ids)
{
	int r = 0;

	for (size_t i = 0; ids != NULL && i < ids->n && r == 0; i++)
		r = model_ids_add(&batch->ids, ids->v[i].s);
	return r;
}

static int
make_answers(struct batch *batch, size_t n_lists)
{
	if (batch->ids.n == 0)
		return -EINVAL;
	batch->answers = calloc(batch->ids.n, sizeof *batch->answers);
	if (batch->answers == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < batch->ids.n; i++) {
		batch->answers[i].id = batch->ids.v[i].s;
		batch->answers[i].is_list = i < n_lists;
		card_init(&batch->answers[i].card);
	}
	return 0;
}

int
batch_start(const struct batch_args *args, struct batch **ret_batch)
{
	struct batch *batch = calloc(1, sizeof *batch);
	int r;

	if (batch == NULL)
		return -ENOMEM;
	batch->remote = args->remote;
	batch->priority = args->priority;
	batch->done = args->done;
	batch->cookie = args->cookie;
	batch->card_call = args->whole ? CALL_CARD : CALL_CARD_BRIEF;
	for (size_t i = 0; i < ASK_AT_ONCE; i++) {
		batch->chunks[i].batch = batch;
		card_init(&batch->chunks[i].brief);
	}
	r = copy_ids(batch, args->lists);
	if (r == 0)
		r = copy_ids(batch, args->cards);
	if (r == 0)
		r = make_answers(
		    batch, args->lists != NULL ? args->lists->n : 0);
	if (r == 0)
		r = ask_more(batch);
	if (r != 0) {
		batch_cancel(batch);
		return r;
	}
	*ret_batch = batch;
	return 0;
}
