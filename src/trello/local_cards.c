#include "model/ids.h"
#include "model/model_json.h"
#include "trello/local.h"
#include "trello/local_account.h"
#include "trello/local_json.h"
#include "trello/local_move.h"
#include "trello/local_question.h"
#include "trello/local_rules.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Of open cards, on one board (Trello's limits of 2026). */
#define CARDS_MAX 5000

/* A card as it is in the base, and its labels as Trello's replies have them. */
static void
write_with_labels(struct question *q, const struct card *card)
{
	const struct board *board =
	    local_account_board(q->account, card->id_board);
	struct buf *out = q->writer.out;

	if (card_write(card, out) != 0 || board == NULL)
		return;
	out->len--;
	(void)buf_add_str(out, ",\"labels\":");
	json_array_begin(&q->writer, NULL);
	for (size_t i = 0; i < card->id_labels.n; i++) {
		const struct label *label =
		    board_label(board, card->id_labels.v[i].s);

		if (label != NULL)
			local_write_label(&q->writer, label);
	}
	json_array_end(&q->writer);
	(void)buf_add_char(out, '}');
}

/* A reply to a write has nothing of what hangs on the card. */
static int
reply_card(struct question *q, const struct card *card)
{
	struct card plain = *card;

	memset(&plain.checklists, 0, sizeof plain.checklists);
	memset(&plain.attachments, 0, sizeof plain.attachments);
	memset(&plain.fields, 0, sizeof plain.fields);
	memset(&plain.comments, 0, sizeof plain.comments);
	write_with_labels(q, &plain);
	return 200;
}

static bool
has_id(const model_ids *ids, const char *id)
{
	for (size_t i = 0; i < ids->n; i++)
		if (strcmp(ids->v[i].s, id) == 0)
			return true;
	return false;
}

static void
remove_id(model_ids *ids, const char *id)
{
	size_t left = 0;

	for (size_t i = 0; i < ids->n; i++)
		if (strcmp(ids->v[i].s, id) != 0)
			ids->v[left++] = ids->v[i];
	ids->n = left;
}

/* The labels and members that a write names are the board's. */
static int
read_ids(struct question *q, const struct board *board, model_ids *labels,
    model_ids *members)
{
	if (question_ids(q, "idLabels", labels) != 0 ||
	    question_ids(q, "idMembers", members) != 0)
		return -ENOMEM;
	for (size_t i = 0; i < labels->n; i++)
		if (board_label(board, labels->v[i].s) == NULL)
			return question_bad(q, "idLabels");
	for (size_t i = 0; i < members->n; i++)
		if (!local_board_has_member(board, members->v[i].s))
			return question_bad(q, "idMembers");
	return 0;
}

static size_t
count_open(const struct board *board)
{
	size_t n = 0;

	for (size_t i = 0; i < board->cards.n; i++)
		n += !board->cards.v[i].closed;
	return n;
}

/* What a new card says of itself. */
static int
read_new_card(struct question *q, const struct board *board, struct card *card)
{
	int status = question_title(q, "name", 1, &card->name);

	if (status == 0 && card->name == NULL)
		status = question_bad(q, "name");
	if (status == 0)
		status = question_text(q, "desc", 0, &card->desc);
	if (status == 0)
		status =
		    read_ids(q, board, &card->id_labels, &card->id_members);
	if (status == 0 && count_open(board) >= CARDS_MAX)
		status = question_too_many(q, "cards");
	card->start_ms = question_date(q, "start", TIME_NONE);
	card->due_ms = question_date(q, "due", TIME_NONE);
	card->due_complete = question_bool(q, "dueComplete", false);
	return status;
}

/* Its name of Trello's making, and its place; the card moves to the board. */
static int
add_card(struct question *q, struct board *board, const struct list *list,
    struct card *card)
{
	struct local_places places = {0};
	struct card *added = NULL;
	int r = 0;

	local_account_new_id(q->account, q->now_ms, card->id);
	memcpy(card->id_board, board->id, MODEL_ID_SIZE);
	memcpy(card->id_list, list->id, MODEL_ID_SIZE);
	card->short_link = local_short_link(card->id);
	if (card->short_link == NULL ||
	    (added = VEC_ADD(&board->cards)) == NULL)
		return -ENOMEM;
	r = local_card_places(board, list->id, added, &places);
	if (r == 0)
		r = question_pos(q, &places, &card->pos);
	*added = *card;
	if (r == 0)
		r = local_make_room(&places, &added->pos, added->id);
	local_places_free(&places);
	if (r != 0) {
		board->cards.n--;
		return r;
	}
	added->id_short = ++local_account_entry(q->account, board)->last_short;
	card_init(card);
	question_touch(q, board, added);
	return reply_card(q, added);
}

static int
create(struct question *q)
{
	const char *id_list = question_param(q, "idList");
	struct board *board = NULL;
	struct list *list;
	struct card card;
	int status;

	if (id_list == NULL)
		return question_bad(q, "idList");
	list = local_account_list(q->account, id_list, &board);
	if (list == NULL)
		return question_fail(q, 404,
		    "could not find the board that the card belongs to");
	card_init(&card);
	status = read_new_card(q, board, &card);
	if (status == 0)
		status = add_card(q, board, list, &card);
	card_fini(&card);
	return status;
}

/* What a PUT asks for; NULL is what it leaves alone. */
struct change {
	struct board *board; /* where the card is to be */
	struct list *list;
	char *name, *desc;
	model_ids labels, members;
	struct local_desc_change log; /* if the description changes */
};

static void
change_fini(struct change *change)
{
	free(change->name);
	free(change->desc);
	VEC_FREE(&change->labels);
	VEC_FREE(&change->members);
	desc_change_fini(&change->log.change);
}

static struct list *
first_open_list(const struct board *board)
{
	for (size_t i = 0; i < board->lists.n; i++)
		if (!board->lists.v[i].closed)
			return &board->lists.v[i];
	return NULL;
}

static int
read_destination(struct question *q, struct change *change)
{
	const char *id_board = question_param(q, "idBoard");
	const char *id_list = question_param(q, "idList");

	change->board = q->board;
	change->list = board_list(q->board, q->card->id_list);
	if (id_board != NULL && strcmp(id_board, q->board->id) != 0) {
		change->board = local_account_board(q->account, id_board);
		if (change->board == NULL)
			return question_bad(q, "idBoard");
		change->list = first_open_list(change->board);
	}
	if (id_list != NULL)
		change->list = board_list(change->board, id_list);
	return change->list != NULL ? 0 : question_bad(q, "idList");
}

/* What the actions will tell of the description. */
static int
prepare_log(struct question *q, struct change *change)
{
	struct desc_change *log = &change->log.change;

	desc_change_init(log);
	if (change->desc == NULL ||
	    strcmp(change->desc, model_str(q->card->desc)) == 0)
		return 0;
	local_account_new_id(q->account, q->now_ms, log->id);
	strcpy(log->id_creator, LOCAL_MEMBER_ID);
	log->date_ms = q->now_ms;
	memcpy(change->log.id_card, q->card->id, MODEL_ID_SIZE);
	log->old_desc = strdup(model_str(q->card->desc));
	log->new_desc = strdup(change->desc);
	return log->old_desc != NULL && log->new_desc != NULL ? 0 : -ENOMEM;
}

static int
read_change(struct question *q, struct change *change)
{
	int status = question_title(q, "name", 1, &change->name);

	if (status == 0)
		status = question_text(q, "desc", 0, &change->desc);
	if (status == 0)
		status = read_destination(q, change);
	if (status == 0)
		status = read_ids(
		    q, change->board, &change->labels, &change->members);
	if (status == 0)
		status = prepare_log(q, change);
	return status;
}

/* Another board, another list, another place; sets *changed if it moved. */
static int
move(struct question *q, const struct change *change, bool *changed)
{
	bool elsewhere = change->board != q->board;
	bool other_list = strcmp(q->card->id_list, change->list->id) != 0;
	bool placed = question_param(q, "pos") != NULL;
	double old_pos = q->card->pos;
	struct local_places places = {0};
	int r = 0;

	if (elsewhere) {
		r = local_move_card(
		    q, q->card, q->board, change->board, &q->card);
		if (r != 0)
			return r;
		question_touch(q, q->board, NULL);
		q->board = change->board;
	}
	memcpy(q->card->id_list, change->list->id, MODEL_ID_SIZE);
	r = local_card_places(q->board, change->list->id, q->card, &places);
	if (r == 0 && (placed || elsewhere))
		r = question_pos(q, &places, &q->card->pos);
	if (r == 0 && (placed || other_list))
		r = local_make_room(&places, &q->card->pos, q->card->id);
	local_places_free(&places);
	*changed = elsewhere || other_list || q->card->pos != old_pos;
	return r;
}

/* Each of these says whether anything is another now. */
static bool
take_text(char **to, char **from)
{
	char *old = *to;

	if (*from == NULL || strcmp(model_str(old), *from) == 0)
		return false;
	*to = *from;
	*from = old;
	return true;
}

static bool
take_bool(const struct question *q, const char *key, bool *to)
{
	bool old = *to;

	*to = question_bool(q, key, old);
	return *to != old;
}

static bool
take_date(const struct question *q, const char *key, int64_t *to)
{
	int64_t old = *to;

	*to = question_date(q, key, old);
	return *to != old;
}

static bool
take_ids(
    const struct question *q, const char *key, model_ids *to, model_ids *from)
{
	model_ids old = *to;

	if (question_param(q, key) == NULL)
		return false;
	if (old.n == from->n &&
	    (old.n == 0 || memcmp(old.v, from->v, old.n * sizeof *old.v) == 0))
		return false;
	*to = *from;
	*from = old;
	return true;
}

static bool
take_all(struct question *q, struct change *change)
{
	struct card *card = q->card;
	bool changed = take_text(&card->name, &change->name);

	changed = take_text(&card->desc, &change->desc) || changed;
	changed = take_bool(q, "closed", &card->closed) || changed;
	changed = take_bool(q, "dueComplete", &card->due_complete) || changed;
	changed = take_date(q, "start", &card->start_ms) || changed;
	changed = take_date(q, "due", &card->due_ms) || changed;
	changed = take_ids(q, "idLabels", &card->id_labels, &change->labels) ||
		  changed;
	changed =
	    take_ids(q, "idMembers", &card->id_members, &change->members) ||
	    changed;
	return changed;
}

static int
apply(struct question *q, struct change *change)
{
	struct local_desc_change *log = NULL;
	bool changed;
	int r;

	if (change->log.change.new_desc != NULL) {
		log = VEC_ADD(&q->account->desc_changes);
		if (log == NULL)
			return -ENOMEM;
		*log = change->log;
		desc_change_init(&change->log.change);
	}
	r = move(q, change, &changed);
	if (r != 0)
		return r;
	changed = take_all(q, change) || changed;
	if (changed)
		question_touch(q, q->board, q->card);
	return reply_card(q, q->card);
}

static int
update(struct question *q)
{
	struct change change = {0};
	int status = read_change(q, &change);

	if (status == 0)
		status = apply(q, &change);
	change_fini(&change);
	return status;
}

static int delete (struct question *q)
{
	struct board *board = q->board;
	size_t place = (size_t)(q->card - board->cards.v);

	card_fini(q->card);
	board->cards.n--;
	memmove(q->card, q->card + 1,
	    (board->cards.n - place) * sizeof *board->cards.v);
	question_touch(q, board, NULL);
	return question_deleted(q);
}

static int
add_label(struct question *q)
{
	const char *id = question_param(q, "value");
	const model_ids *ids = &q->card->id_labels;

	if (id == NULL || board_label(q->board, id) == NULL)
		return question_bad(q, "value");
	if (has_id(ids, id))
		return question_fail(
		    q, 400, "that label is already on the card");
	if (model_ids_add(&q->card->id_labels, id) != 0)
		return -ENOMEM;
	question_touch(q, q->board, q->card);
	json_array_begin(&q->writer, NULL);
	for (size_t i = 0; i < ids->n; i++)
		json_string(&q->writer, NULL, ids->v[i].s);
	json_array_end(&q->writer);
	return 200;
}

static int
remove_label(struct question *q)
{
	if (!has_id(&q->card->id_labels, q->args->id2))
		return question_fail(q, 400, "that label is not on the card");
	remove_id(&q->card->id_labels, q->args->id2);
	question_touch(q, q->board, q->card);
	return question_null(q);
}

static int
reply_members(struct question *q)
{
	json_array_begin(&q->writer, NULL);
	for (size_t i = 0; i < q->card->id_members.n; i++) {
		const struct member *member =
		    board_member(q->board, q->card->id_members.v[i].s);

		if (member != NULL)
			local_write_member(&q->writer, member);
	}
	json_array_end(&q->writer);
	return 200;
}

static int
add_member(struct question *q)
{
	const char *id = question_param(q, "value");

	if (id == NULL || !local_board_has_member(q->board, id))
		return question_bad(q, "value");
	if (has_id(&q->card->id_members, id))
		return question_fail(q, 400, "member is already on the card");
	if (model_ids_add(&q->card->id_members, id) != 0)
		return -ENOMEM;
	question_touch(q, q->board, q->card);
	return reply_members(q);
}

static int
remove_member(struct question *q)
{
	if (!has_id(&q->card->id_members, q->args->id2))
		return question_fail(q, 400, "member is not on the card");
	remove_id(&q->card->id_members, q->args->id2);
	question_touch(q, q->board, q->card);
	return reply_members(q);
}

#define CARD_KEYS                                                        \
	{"name", KIND_TEXT}, {"desc", KIND_TEXT}, {"idList", KIND_ID},   \
	    {"pos", KIND_POS}, {"due", KIND_DATE}, {"start", KIND_DATE}, \
	    {"dueComplete", KIND_BOOL}, {"idLabels", KIND_IDS},          \
	{                                                                \
		"idMembers", KIND_IDS                                    \
	}

const struct local_handler local_cards_handlers[] = {
    {CALL_CARD_CREATE, NAMES_NOTHING, create, {CARD_KEYS, {0}}},
    {CALL_CARD_UPDATE, NAMES_CARD, update,
	{CARD_KEYS, {"closed", KIND_BOOL}, {"idBoard", KIND_ID}, {0}}},
    {CALL_CARD_DELETE, NAMES_CARD, delete, {{0}}},
    {CALL_CARD_LABEL_ADD, NAMES_CARD, add_label, {{"value", KIND_ID}, {0}}},
    {CALL_CARD_LABEL_REMOVE, NAMES_CARD, remove_label, {{0}}},
    {CALL_CARD_MEMBER_ADD, NAMES_CARD, add_member, {{"value", KIND_ID}, {0}}},
    {CALL_CARD_MEMBER_REMOVE, NAMES_CARD, remove_member, {{0}}},
    {0},
};
