#include "trello/calls.h"
#include "trello/local_account.h"
#include "trello/local_question.h"
#include "trello/local_rules.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <string.h>

static const struct local_handler *
find_handler(enum remote_call call)
{
	static const struct local_handler *const tables[] = {
	    local_read_handlers,
	    local_cards_handlers,
	    local_items_handlers,
	    local_labels_handlers,
	    local_lists_handlers,
	    local_parts_handlers,
	};

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		for (const struct local_handler *h = tables[i];
		     h->answer != NULL; h++)
			if (h->call == call)
				return h;
	return NULL;
}

/* An id in a parameter is a long one; a short link gets a text of its own. */
static int
check_id(struct question *q, const char *key, const char *id, size_t len)
{
	char copy[32];

	if (len >= sizeof copy)
		return question_bad(q, key);
	memcpy(copy, id, len);
	copy[len] = '\0';
	if (local_is_id(copy, false))
		return 0;
	return local_is_id(copy, true)
		   ? question_fail(q, 400, "Invalid objectId")
		   : question_bad(q, key);
}

static int
check_ids(struct question *q, const char *key, const char *ids)
{
	while (*ids != '\0') {
		size_t len = strcspn(ids, ",");
		int status = len > 0 ? check_id(q, key, ids, len) : 0;

		if (status != 0)
			return status;
		ids += len + (ids[len] == ',');
	}
	return 0;
}

static bool
is_state(const char *s)
{
	return strcmp(s, "complete") == 0 || strcmp(s, "incomplete") == 0 ||
	       strcmp(s, "true") == 0 || strcmp(s, "false") == 0;
}

/* 0, or the status of an error. */
static int
check_value(struct question *q, const struct local_key *key, const char *value)
{
	bool truth;
	int64_t ms;
	int r = 0;

	switch (key->kind) {
	case KIND_TEXT:
		break;
	case KIND_BOOL:
		r = local_bool(value, &truth);
		break;
	case KIND_ID:
		return check_id(q, key->key, value, strlen(value));
	case KIND_IDS:
		return check_ids(q, key->key, value);
	case KIND_POS:
		r = local_pos_check(value);
		break;
	case KIND_DATE:
		r = local_date(value, &ms);
		break;
	case KIND_STATE:
		r = is_state(value) ? 0 : -EINVAL;
		break;
	}
	return r == -EINVAL ? question_bad(q, key->key) : r;
}

static const struct local_key *
find_key(const struct local_handler *handler, const char *key)
{
	for (const struct local_key *k = handler->keys; k->key != NULL; k++)
		if (strcmp(k->key, key) == 0)
			return k;
	return NULL;
}

static int
check_params(struct question *q, const struct local_handler *handler)
{
	for (size_t i = 0; i < q->args->n_params; i++) {
		const struct remote_param *param = &q->args->params[i];
		const struct local_key *key = find_key(handler, param->key);
		int status;

		if (key == NULL) {
			(void)buf_printf(
			    q->writer.out, "unknown parameter %s", param->key);
			return 400;
		}
		status = check_value(q, key, param->value);
		if (status != 0)
			return status;
	}
	return 0;
}

/* Ids must look like ids before anything else is looked at. */
static int
check_names(struct question *q, enum local_names names)
{
	const struct remote_args *args = q->args;
	bool short_too = names == NAMES_BOARD || names == NAMES_CARD;

	if ((args->id != NULL && !local_is_id(args->id, short_too)) ||
	    (args->id2 != NULL && !local_is_id(args->id2, false)))
		return question_fail(q, 400, "invalid id");
	return 0;
}

static int
find_named(struct question *q, enum local_names names)
{
	const char *id = q->args->id;

	switch (names) {
	case NAMES_NOTHING:
	case NAMES_OTHER:
		return 0;
	case NAMES_BOARD:
		q->board = local_account_board(q->account, id);
		break;
	case NAMES_LIST:
		q->list = local_account_list(q->account, id, &q->board);
		if (q->list == NULL)
			return question_fail(q, 404, "model not found");
		break;
	case NAMES_CARD:
		q->card = local_account_card(q->account, id, &q->board);
		break;
	}
	return q->board != NULL ? 0 : question_not_found(q);
}

int
local_answer(struct local_account *account, const struct remote_args *args,
    struct buf *body)
{
	const struct call_info *info = call_info(args->call);
	const struct local_handler *handler = find_handler(args->call);
	struct question q = {
	    .account = account,
	    .args = args,
	    .filter = args->filter != NULL ? args->filter : info->filter,
	    .now_ms = time_wall_ms(),
	    .writer = {.out = body},
	};
	int status;

	if (handler == NULL)
		return question_not_found(&q);
	status = check_names(&q, handler->names);
	if (status == 0 && info->method != METHOD_GET)
		status = check_params(&q, handler);
	if (status == 0)
		status = find_named(&q, handler->names);
	if (status == 0)
		status = handler->answer(&q);
	return body->err != 0 ? body->err : status;
}
