#include "trello/local_question.h"

#include "trello/calls.h"
#include "trello/local_rules.h"
#include "util/buf.h"

#include <errno.h>
#include <string.h>

const char *
question_param(const struct question *q, const char *key)
{
	for (size_t i = 0; i < q->args->n_params; i++)
		if (strcmp(q->args->params[i].key, key) == 0)
			return q->args->params[i].value;
	for (const struct remote_param *p = call_info(q->args->call)->params;
	     p->key != NULL; p++)
		if (strcmp(p->key, key) == 0)
			return p->value;
	return NULL;
}

bool
question_bool(const struct question *q, const char *key, bool otherwise)
{
	const char *s = question_param(q, key);

	if (s != NULL)
		(void)local_bool(s, &otherwise);
	return otherwise;
}

int64_t
question_date(const struct question *q, const char *key, int64_t otherwise)
{
	const char *s = question_param(q, key);

	if (s != NULL)
		(void)local_date(s, &otherwise);
	return otherwise;
}

int
question_pos(const struct question *q, const struct local_places *places,
    double *ret_pos)
{
	const char *s = question_param(q, "pos");

	return local_pos(places, s != NULL ? s : "bottom", ret_pos);
}

static bool
has_id(const model_ids *ids, const char *id, size_t len)
{
	for (size_t i = 0; i < ids->n; i++)
		if (strlen(ids->v[i].s) == len &&
		    memcmp(ids->v[i].s, id, len) == 0)
			return true;
	return false;
}

int
question_ids(const struct question *q, const char *key, model_ids *ids)
{
	const char *s = question_param(q, key);

	while (s != NULL && *s != '\0') {
		size_t len = strcspn(s, ",");
		struct model_id *id;

		if (len > 0 && !has_id(ids, s, len)) {
			id = VEC_ADD(ids);
			if (id == NULL)
				return -ENOMEM;
			memcpy(id->s, s, len);
		}
		s += len + (s[len] == ',');
	}
	return 0;
}

static int
status_of(struct question *q, const char *key, int r)
{
	return r == -EINVAL ? question_bad(q, key) : r;
}

int
question_title(
    struct question *q, const char *key, size_t least, char **ret_value)
{
	const char *s = question_param(q, key);

	*ret_value = NULL;
	if (s == NULL)
		return 0;
	return status_of(
	    q, key, local_title(s, least, MODEL_TEXT_MAX_CHARS, ret_value));
}

int
question_text(
    struct question *q, const char *key, size_t least, char **ret_value)
{
	const char *s = question_param(q, key);

	*ret_value = NULL;
	if (s == NULL)
		return 0;
	return status_of(q, key, local_text(s, least, ret_value));
}

void
question_touch(const struct question *q, struct board *board, struct card *card)
{
	board->activity_ms = q->now_ms;
	if (card != NULL)
		card->activity_ms = q->now_ms;
}

int
question_fail(struct question *q, int status, const char *text)
{
	(void)buf_add_str(q->writer.out, text);
	return status;
}

int
question_bad(struct question *q, const char *key)
{
	(void)buf_printf(q->writer.out, "invalid value for %s", key);
	return 400;
}

int
question_not_found(struct question *q)
{
	return question_fail(q, 404, "The requested resource was not found.");
}

int
question_too_many(struct question *q, const char *what)
{
	(void)buf_printf(q->writer.out, "Too many %s", what);
	return 403;
}

int
question_deleted(struct question *q)
{
	return question_fail(q, 200, "{\"limits\":{}}");
}

int
question_null(struct question *q)
{
	return question_fail(q, 200, "{\"_value\":null}\n");
}
