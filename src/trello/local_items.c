#include "trello/local_account.h"
#include "trello/local_json.h"
#include "trello/local_question.h"
#include "trello/local_rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* On one card, in one checklist (Trello's limits of 2026). */
#define CHECKLISTS_MAX 500
#define ITEMS_MAX 200

/* The checklist that the route names, with its card and its board. */
static struct checklist *
find_checklist(struct question *q)
{
	return local_account_checklist(
	    q->account, q->args->id, &q->card, &q->board);
}

static int
checklist_places(const struct card *card, const struct checklist *but,
    struct local_places *places)
{
	int r = 0;

	for (size_t i = 0; i < card->checklists.n && r == 0; i++) {
		struct checklist *each = &card->checklists.v[i];

		if (each != but)
			r = local_places_add(places, &each->pos, each->id);
	}
	return r;
}

static int
item_places(const struct checklist *checklist, const struct check_item *but,
    struct local_places *places)
{
	int r = 0;

	for (size_t i = 0; i < checklist->items.n && r == 0; i++) {
		struct check_item *each = &checklist->items.v[i];

		if (each != but)
			r = local_places_add(places, &each->pos, each->id);
	}
	return r;
}

/* What has changed takes its place; the checklist is written as it was when
 * it was found by its id. */
static int
settle(struct question *q)
{
	question_touch(q, q->board, q->card);
	return card_gather(q->card);
}

static int
reply_checklist(struct question *q, const char *id)
{
	struct card *card;
	struct board *board;

	local_write_checklist(
	    &q->writer, local_account_checklist(q->account, id, &card, &board));
	return 200;
}

/* "Checklist" unless a name is given. */
static int
read_name(struct question *q, char **ret_name)
{
	const char *name = question_param(q, "name");

	if (name != NULL && *name != '\0')
		return question_title(q, "name", 1, ret_name);
	*ret_name = strdup("Checklist");
	return *ret_name != NULL ? 0 : -ENOMEM;
}

static int
create_checklist(struct question *q)
{
	const char *id_card = question_param(q, "idCard");
	struct local_places places = {0};
	struct checklist *new = NULL;
	char id[MODEL_ID_SIZE];
	char *name = NULL;
	double pos;
	int status;

	if (id_card != NULL)
		q->card = local_account_card(q->account, id_card, &q->board);
	if (q->card == NULL)
		return question_fail(q, 401, "unauthorized board requested");
	if (q->card->checklists.n >= CHECKLISTS_MAX)
		return question_too_many(q, "checklists");
	status = read_name(q, &name);
	if (status != 0)
		return status;
	if (checklist_places(q->card, NULL, &places) == 0 &&
	    question_pos(q, &places, &pos) == 0)
		new = VEC_ADD(&q->card->checklists);
	local_places_free(&places);
	if (new == NULL) {
		free(name);
		return -ENOMEM;
	}
	local_account_new_id(q->account, q->now_ms, new->id);
	memcpy(id, new->id, sizeof id);
	new->pos = pos;
	new->name = name;
	if (settle(q) != 0)
		return -ENOMEM;
	return reply_checklist(q, id);
}

static bool
take_name(char **to, char **from)
{
	char *old = *to;

	if (*from == NULL || strcmp(model_str(old), *from) == 0)
		return false;
	*to = *from;
	*from = old;
	return true;
}

/* Sets *changed if the place is another. */
static int
place_checklist(struct question *q, struct checklist *checklist, bool *changed)
{
	struct local_places places = {0};
	double old = checklist->pos;
	int r;

	if (question_param(q, "pos") == NULL)
		return 0;
	r = checklist_places(q->card, checklist, &places);
	if (r == 0)
		r = question_pos(q, &places, &checklist->pos);
	if (r == 0 && checklist->pos != old) {
		*changed = true;
		r = local_make_room(&places, &checklist->pos, checklist->id);
	}
	local_places_free(&places);
	return r;
}

static int
update_checklist(struct question *q)
{
	struct checklist *checklist = find_checklist(q);
	bool changed = false;
	char *name;
	int status;

	if (checklist == NULL)
		return question_not_found(q);
	status = question_title(q, "name", 1, &name);
	if (status == 0)
		status = place_checklist(q, checklist, &changed);
	if (status == 0)
		changed = take_name(&checklist->name, &name) || changed;
	if (status == 0 && changed)
		status = settle(q);
	free(name);
	return status == 0 ? reply_checklist(q, q->args->id) : status;
}

static int
delete_checklist(struct question *q)
{
	struct checklist *checklist = find_checklist(q);
	size_t place;

	if (checklist == NULL)
		return question_not_found(q);
	place = (size_t)(checklist - q->card->checklists.v);
	checklist_fini(checklist);
	q->card->checklists.n--;
	memmove(checklist, checklist + 1,
	    (q->card->checklists.n - place) * sizeof *checklist);
	question_touch(q, q->board, q->card);
	return question_deleted(q);
}

static struct check_item *
find_item(struct checklist *checklist, const char *id)
{
	for (size_t i = 0; i < checklist->items.n; i++)
		if (strcmp(checklist->items.v[i].id, id) == 0)
			return &checklist->items.v[i];
	return NULL;
}

static bool
is_complete(const char *state)
{
	return strcmp(state, "complete") == 0 || strcmp(state, "true") == 0;
}

static int
add_item(struct question *q, struct checklist *checklist, char **name)
{
	struct check_item *new = VEC_ADD(&checklist->items);
	struct local_places places = {0};
	int r;

	if (new == NULL)
		return -ENOMEM;
	r = item_places(checklist, new, &places);
	local_account_new_id(q->account, q->now_ms, new->id);
	if (r == 0)
		r = question_pos(q, &places, &new->pos);
	new->complete = question_bool(q, "checked", false);
	if (r == 0)
		r = local_make_room(&places, &new->pos, new->id);
	local_places_free(&places);
	if (r != 0) {
		checklist->items.n--;
		return r;
	}
	new->name = *name;
	*name = NULL;
	local_write_item(&q->writer, checklist, new);
	return settle(q) == 0 ? 200 : -ENOMEM;
}

static int
create_item(struct question *q)
{
	struct checklist *checklist = find_checklist(q);
	char *name;
	int status;

	if (checklist == NULL)
		return question_not_found(q);
	if (checklist->items.n >= ITEMS_MAX)
		return question_too_many(q, "checkItems");
	status = question_title(q, "name", 1, &name);
	if (status == 0 && name == NULL)
		status = question_bad(q, "name");
	if (status == 0)
		status = add_item(q, checklist, &name);
	free(name);
	return status;
}

/* The checklist of a card that has the item. */
static struct checklist *
checklist_of(const struct card *card, const char *id_item)
{
	for (size_t i = 0; i < card->checklists.n; i++)
		if (find_item(&card->checklists.v[i], id_item) != NULL)
			return &card->checklists.v[i];
	return NULL;
}

/* The checklist in which the item is to be: one of the same card. */
static struct checklist *
target_of(struct question *q, struct checklist *now)
{
	const char *id = question_param(q, "idChecklist");

	if (id == NULL)
		return now;
	for (size_t i = 0; i < q->card->checklists.n; i++)
		if (strcmp(q->card->checklists.v[i].id, id) == 0)
			return &q->card->checklists.v[i];
	return NULL;
}

static int
move_item(struct checklist *from, struct checklist *to, const char *id)
{
	struct check_item *item = find_item(from, id);
	size_t place = (size_t)(item - from->items.v);
	struct check_item *moved;

	if (from == to)
		return 0;
	moved = VEC_ADD(&to->items);
	if (moved == NULL)
		return -ENOMEM;
	*moved = *item;
	from->items.n--;
	memmove(item, item + 1, (from->items.n - place) * sizeof *item);
	return 0;
}

/* As place_checklist(). */
static int
place_item(struct question *q, struct checklist *checklist,
    struct check_item *item, bool *changed)
{
	struct local_places places = {0};
	double old = item->pos;
	int r;

	if (question_param(q, "pos") == NULL)
		return 0;
	r = item_places(checklist, item, &places);
	if (r == 0)
		r = question_pos(q, &places, &item->pos);
	if (r == 0 && item->pos != old) {
		*changed = true;
		r = local_make_room(&places, &item->pos, item->id);
	}
	local_places_free(&places);
	return r;
}

static int
change_item(struct question *q, struct checklist *checklist, char **name)
{
	const char *state = question_param(q, "state");
	struct check_item *item = find_item(checklist, q->args->id2);
	bool complete = state != NULL ? is_complete(state) : item->complete;
	bool changed = question_param(q, "idChecklist") != NULL;
	int r;

	changed = complete != item->complete || changed;
	item->complete = complete;
	changed = take_name(&item->name, name) || changed;
	r = place_item(q, checklist, item, &changed);
	if (r != 0)
		return r;
	local_write_item(&q->writer, checklist, item);
	return changed && settle(q) != 0 ? -ENOMEM : 200;
}

static int
update_item(struct question *q)
{
	struct checklist *from = checklist_of(q->card, q->args->id2);
	struct checklist *to;
	char *name;
	int status;

	if (from == NULL)
		return question_not_found(q);
	status = question_title(q, "name", 1, &name);
	to = target_of(q, from);
	if (status == 0 && to == NULL)
		status = question_bad(q, "idChecklist");
	if (status == 0)
		status = move_item(from, to, q->args->id2);
	if (status == 0)
		status = change_item(q, to, &name);
	free(name);
	return status;
}

static int
delete_item(struct question *q)
{
	struct checklist *checklist = find_checklist(q);
	struct check_item *item = NULL;
	size_t place;

	if (checklist != NULL)
		item = find_item(checklist, q->args->id2);
	if (item == NULL)
		return question_not_found(q);
	place = (size_t)(item - checklist->items.v);
	check_item_fini(item);
	checklist->items.n--;
	memmove(item, item + 1, (checklist->items.n - place) * sizeof *item);
	question_touch(q, q->board, q->card);
	return question_deleted(q);
}

const struct local_handler local_items_handlers[] = {
    {CALL_CHECKLIST_CREATE, NAMES_NOTHING, create_checklist,
	{{"idCard", KIND_ID}, {"name", KIND_TEXT}, {"pos", KIND_POS}, {0}}},
    {CALL_CHECKLIST_UPDATE, NAMES_OTHER, update_checklist,
	{{"name", KIND_TEXT}, {"pos", KIND_POS}, {0}}},
    {CALL_CHECKLIST_DELETE, NAMES_OTHER, delete_checklist, {{0}}},
    {CALL_ITEM_CREATE, NAMES_OTHER, create_item,
	{{"name", KIND_TEXT}, {"pos", KIND_POS}, {"checked", KIND_BOOL}, {0}}},
    {CALL_ITEM_UPDATE, NAMES_CARD, update_item,
	{{"name", KIND_TEXT}, {"state", KIND_STATE}, {"pos", KIND_POS},
	    {"idChecklist", KIND_ID}, {0}}},
    {CALL_ITEM_DELETE, NAMES_OTHER, delete_item, {{0}}},
    {0},
};
