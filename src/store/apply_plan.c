#include "store/apply_plan.h"

#include "model/ids.h"
#include "model/model_json.h"
#include "store/base.h"
#include "store/planner.h"
#include "store/tx.h"
#include "util/hash.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
apply_open_ids(
    const struct board *board, struct strset *lists, struct strset *cards)
{
	int r = 0;

	for (size_t i = 0; i < board->lists.n && r == 0; i++)
		if (!board->lists.v[i].closed)
			r = strset_add(lists, board->lists.v[i].id);
	for (size_t i = 0; i < board->cards.n && r == 0; i++)
		if (!board->cards.v[i].closed &&
		    strset_has(lists, board->cards.v[i].id_list))
			r = strset_add(cards, board->cards.v[i].id);
	return r;
}

static int
compare_id(const void *id, const void *item)
{
	return strcmp(id, ((const struct old_item *)item)->id);
}

const struct old_item *
planner_old(const struct old_items *items, const char *id)
{
	if (items->items.n == 0)
		return NULL;
	return bsearch(id, items->items.v, items->items.n,
	    sizeof items->items.v[0], compare_id);
}

bool
planner_keeps(const struct planner *planner, const struct old_item *old)
{
	bool is_list = old->list[0] == '\0';

	if (strset_has(
		is_list ? &planner->open_lists : &planner->open_cards, old->id))
		return false;
	return strset_has(&planner->keep, old->id) ||
	       (!is_list && !strset_has(&planner->open_lists, old->list) &&
		   strset_has(&planner->keep, old->list));
}

static void
old_items_fini(struct old_items *items)
{
	for (size_t i = 0; i < items->items.n; i++) {
		free(items->items.v[i].title);
		free(items->items.v[i].name);
	}
	VEC_FREE(&items->items);
}

/* A copy of the column, NULL for null.  0 or -ENOMEM. */
static int
column_copy(sqlite3_stmt *stmt, int column, char **ret_text)
{
	const char *text;

	if (sqlite3_column_type(stmt, column) == SQLITE_NULL)
		return 0;
	text = (const char *)sqlite3_column_text(stmt, column);
	*ret_text = text != NULL ? strdup(text) : NULL;
	return *ret_text != NULL ? 0 : -ENOMEM;
}

/* Columns: id, list, title, name, pos, hash. */
static int
read_items(sqlite3_stmt *stmt, const char *key, bool elsewhere,
    struct old_items *items)
{
	int r = db_bind(stmt, "s", key);

	while (r == 0 && (r = db_step(stmt)) == 1) {
		struct old_item *item = VEC_ADD(&items->items);

		r = item != NULL ? 0 : -ENOMEM;
		if (r != 0)
			break;
		(void)snprintf(item->id, sizeof item->id, "%s",
		    (const char *)sqlite3_column_text(stmt, 0));
		(void)snprintf(item->list, sizeof item->list, "%s",
		    (const char *)sqlite3_column_text(stmt, 1));
		item->pos = sqlite3_column_double(stmt, 4);
		item->hash = sqlite3_column_int64(stmt, 5);
		item->elsewhere = elsewhere;
		r = column_copy(stmt, 2, &item->title);
		if (r == 0)
			r = column_copy(stmt, 3, &item->name);
	}
	db_reset(stmt);
	return r;
}

/* Whether column 0 of the row is another text than this. */
static bool
column_differs(sqlite3_stmt *stmt, int column, const char *text)
{
	const char *old = (const char *)sqlite3_column_text(stmt, column);

	return old == NULL || strcmp(old, text) != 0;
}

/* Compare what all texts are made with with what it was. */
static int
read_head(struct planner *planner, struct tx *tx)
{
	sqlite3_stmt *stmt = db_prepare(
	    tx->db, "SELECT head, shown_as FROM boards WHERE id = ?");
	int r = db_bind(stmt, "s", planner->board->id);

	planner->all_texts = true;
	if (r == 0)
		r = db_step(stmt);
	if (r == 1) {
		planner->all_texts =
		    column_differs(stmt, 0, buf_str(&planner->plan->head)) ||
		    column_differs(stmt, 1, planner->plan->shown_as);
		r = 0;
	}
	db_reset(stmt);
	return r;
}

#define OLD_LISTS                                        \
	"SELECT l.id, '', l.title, n.name, l.pos, 0"     \
	" FROM lists l LEFT JOIN nodes n ON n.id = l.id" \
	" AND n.parent != 0 WHERE "
#define OLD_CARDS                                             \
	"SELECT c.id, c.list, c.title, n.name, c.pos, c.hash" \
	" FROM cards c LEFT JOIN nodes n ON n.id = c.id"      \
	" AND n.parent != 0 WHERE "

static int
compare_old(const void *a, const void *b)
{
	return strcmp(
	    ((const struct old_item *)a)->id, ((const struct old_item *)b)->id);
}

static void
sort_old(struct old_items *items)
{
	if (items->items.n > 1)
		qsort(items->items.v, items->items.n, sizeof items->items.v[0],
		    compare_old);
}

/* Move all of `from` behind `to`. */
static int
move_old(struct old_items *from, struct old_items *to)
{
	for (size_t i = 0; i < from->items.n; i++) {
		struct old_item *slot = VEC_ADD(&to->items);

		if (slot == NULL)
			return -ENOMEM;
		*slot = from->items.v[i];
		from->items.v[i] = (struct old_item){0};
	}
	return 0;
}

/* What is open here and was on another board until now. */
static int
read_elsewhere(struct planner *planner, struct tx *tx)
{
	const struct board *board = planner->board;
	struct old_items lists = {0}, cards = {0};
	int r = 0;

	for (size_t i = 0; i < board->lists.n && r == 0; i++) {
		const char *id = board->lists.v[i].id;

		if (strset_has(&planner->open_lists, id) &&
		    planner_old(&planner->lists, id) == NULL)
			r = read_items(db_prepare(tx->db, OLD_LISTS "l.id = ?"),
			    id, true, &lists);
	}
	for (size_t i = 0; i < board->cards.n && r == 0; i++) {
		const char *id = board->cards.v[i].id;

		if (strset_has(&planner->open_cards, id) &&
		    planner_old(&planner->cards, id) == NULL)
			r = read_items(db_prepare(tx->db, OLD_CARDS "c.id = ?"),
			    id, true, &cards);
	}
	if (r == 0)
		r = move_old(&lists, &planner->lists);
	if (r == 0)
		r = move_old(&cards, &planner->cards);
	old_items_fini(&lists);
	old_items_fini(&cards);
	return r;
}

static int
read_old(struct planner *planner, struct tx *tx)
{
	int r = read_items(
	    db_prepare(tx->db, OLD_LISTS "l.board = ? ORDER BY l.id"),
	    planner->board->id, false, &planner->lists);

	if (r == 0)
		r = read_items(
		    db_prepare(tx->db, OLD_CARDS "c.board = ? ORDER BY c.id"),
		    planner->board->id, false, &planner->cards);
	if (r == 0)
		r = read_elsewhere(planner, tx);
	sort_old(&planner->lists);
	sort_old(&planner->cards);
	return r;
}

static int
read_base(struct planner *planner)
{
	struct board_state state;
	struct tx *tx;
	int r = store_read(planner->store, true, &tx);

	if (r != 0)
		return r;
	r = base_board(tx, planner->board->id, &state);
	if (r == 0) {
		planner->plan->folder = state.ino;
		planner->plan->was_loaded = state.loaded;
		r = read_head(planner, tx);
	}
	if (r == 0)
		r = read_old(planner, tx);
	store_end(tx);
	return r;
}

static bool
same_pos(double a, double b)
{
	return a <= b && a >= b;
}

static int
compare_list(struct planner *planner, struct plan_list *item)
{
	const struct old_item *old =
	    planner_old(&planner->lists, item->list->id);
	struct buf json = BUF_INIT;
	int r = list_write(item->list, &json);

	item->json = r == 0 ? buf_steal(&json) : NULL;
	buf_free(&json);
	if (item->json == NULL)
		return -ENOMEM;
	item->changed = old == NULL || old->name == NULL ||
			!same_pos(old->pos, item->list->pos) || item->renamed ||
			strcmp(old->title, model_str(item->list->name)) != 0;
	item->activity_ms = TIME_NONE;
	return 0;
}

/* A plan's lists, to be found by id. */
struct list_index {
	VEC(struct plan_list *) by_id;
};

static int
compare_lists(const void *a, const void *b)
{
	return strcmp((*(struct plan_list *const *)a)->list->id,
	    (*(struct plan_list *const *)b)->list->id);
}

static int
compare_list_id(const void *id, const void *item)
{
	return strcmp(id, (*(struct plan_list *const *)item)->list->id);
}

/* When the last of a list's cards was active. */
static int
find_activity(struct planner *planner)
{
	struct apply_plan *plan = planner->plan;
	struct list_index index = {0};

	for (size_t i = 0; i < plan->lists.n; i++) {
		struct plan_list **slot = VEC_ADD(&index.by_id);

		if (slot == NULL) {
			VEC_FREE(&index.by_id);
			return -ENOMEM;
		}
		*slot = &plan->lists.v[i];
	}
	if (index.by_id.n > 1)
		qsort(index.by_id.v, index.by_id.n, sizeof index.by_id.v[0],
		    compare_lists);
	for (size_t i = 0; i < planner->board->cards.n && index.by_id.n > 0;
	     i++) {
		const struct card *card = &planner->board->cards.v[i];
		struct plan_list **found = bsearch(card->id_list, index.by_id.v,
		    index.by_id.n, sizeof index.by_id.v[0], compare_list_id);

		if (found != NULL && card->activity_ms > (*found)->activity_ms)
			(*found)->activity_ms = card->activity_ms;
	}
	VEC_FREE(&index.by_id);
	return 0;
}

static int
plan_lists(struct planner *planner)
{
	struct apply_plan *plan = planner->plan;
	int r;

	for (size_t i = 0; i < planner->board->lists.n; i++) {
		const struct list *list = &planner->board->lists.v[i];
		struct plan_list *item;

		if (list->closed)
			continue;
		item = VEC_ADD(&plan->lists);
		if (item == NULL)
			return -ENOMEM;
		item->list = list;
	}
	r = planner_name_lists(planner);
	for (size_t i = 0; i < plan->lists.n && r == 0; i++)
		r = compare_list(planner, &plan->lists.v[i]);
	return r == 0 ? find_activity(planner) : r;
}

/* Note the card if it has changed; its name comes later. */
static int
compare_card(struct planner *planner, const struct card *card)
{
	const struct old_item *old = planner_old(&planner->cards, card->id);
	struct buf json = BUF_INIT;
	struct plan_card *item;
	int64_t hash;
	bool same;
	int r = card_write(card, &json);

	if (r != 0)
		goto out;
	hash = (int64_t)hash_add(HASH_INIT, json.data, json.len);
	same = old != NULL && old->name != NULL && !old->elsewhere &&
	       old->hash == hash;
	if (same && !planner->all_texts)
		goto out;
	item = VEC_ADD(&planner->plan->cards);
	if (item == NULL) {
		r = -ENOMEM;
		goto out;
	}
	item->card = card;
	item->json = json;
	item->hash = hash;
	item->same = same;
	item->same_place = old != NULL &&
			   strcmp(old->list, card->id_list) == 0 &&
			   same_pos(old->pos, card->pos);
	return 0;
out:
	buf_free(&json);
	return r;
}

static int
compare_plan_cards(const void *a, const void *b)
{
	const struct plan_card *left = a, *right = b;

	if (left->renamed != right->renamed)
		return left->renamed ? -1 : 1;
	return strcmp(left->card->id, right->card->id);
}

static void
sort_cards(struct apply_plan *plan)
{
	if (plan->cards.n > 1)
		qsort(plan->cards.v, plan->cards.n, sizeof plan->cards.v[0],
		    compare_plan_cards);
}

static int
plan_cards(struct planner *planner)
{
	struct apply_plan *plan = planner->plan;
	const struct board *board = planner->board;
	int r = 0;

	for (size_t i = 0; i < board->cards.n && r == 0; i++)
		if (strset_has(&planner->open_cards, board->cards.v[i].id))
			r = compare_card(planner, &board->cards.v[i]);
	if (r != 0 || plan->cards.n == 0)
		return r;
	sort_cards(plan);
	r = planner_name_cards(planner);
	if (r != 0)
		return r;
	sort_cards(plan);
	while (plan->n_renamed < plan->cards.n &&
	       plan->cards.v[plan->n_renamed].renamed)
		plan->n_renamed++;
	return 0;
}

static int
render_cards(struct planner *planner)
{
	int r = 0;

	for (size_t i = 0; i < planner->plan->cards.n && r == 0; i++) {
		struct plan_card *item = &planner->plan->cards.v[i];

		r = card_text_format(item->card, planner->board, item->name,
		    planner->zone, &item->text, item->rev);
	}
	return r;
}

static int
plan_gone(struct planner *planner, const struct old_items *old,
    const struct strset *open, model_ids *gone)
{
	int r = 0;

	for (size_t i = 0; i < old->items.n && r == 0; i++)
		if (!strset_has(open, old->items.v[i].id) &&
		    !planner_keeps(planner, &old->items.v[i]))
			r = model_ids_add(gone, old->items.v[i].id);
	return r;
}

/* What of the board texts are made with; its activity is no part of that. */
static int
write_head(const struct board *board, struct buf *out)
{
	struct board head = *board;

	head.activity_ms = TIME_NONE;
	return board_write_head(&head, out);
}

int
apply_plan_make(struct apply_plan *plan, struct store *store,
    const struct board *board, const model_ids *keep, const struct zone *zone)
{
	struct planner planner = {
	    .plan = plan, .store = store, .board = board, .zone = zone};
	int r;

	plan->board = board;
	plan->zone = zone;
	base_shown_as(zone, plan->shown_as);
	r = write_head(board, &plan->head);
	for (size_t i = 0; keep != NULL && i < keep->n && r == 0; i++)
		r = strset_add(&planner.keep, keep->v[i].s);
	if (r == 0)
		r = apply_open_ids(
		    board, &planner.open_lists, &planner.open_cards);
	if (r == 0)
		r = read_base(&planner);
	if (r == 0)
		r = plan_lists(&planner);
	if (r == 0)
		r = plan_cards(&planner);
	if (r == 0)
		r = render_cards(&planner);
	if (r == 0)
		r = plan_gone(&planner, &planner.cards, &planner.open_cards,
		    &plan->gone_cards);
	if (r == 0)
		r = plan_gone(&planner, &planner.lists, &planner.open_lists,
		    &plan->gone_lists);
	old_items_fini(&planner.lists);
	old_items_fini(&planner.cards);
	strset_fini(&planner.keep);
	strset_fini(&planner.open_lists);
	strset_fini(&planner.open_cards);
	return r;
}

void
apply_plan_fini(struct apply_plan *plan)
{
	for (size_t i = 0; i < plan->lists.n; i++) {
		free(plan->lists.v[i].json);
		free(plan->lists.v[i].name);
	}
	for (size_t i = 0; i < plan->cards.n; i++) {
		buf_free(&plan->cards.v[i].json);
		buf_free(&plan->cards.v[i].text);
		free(plan->cards.v[i].name);
	}
	VEC_FREE(&plan->lists);
	VEC_FREE(&plan->cards);
	VEC_FREE(&plan->gone_lists);
	VEC_FREE(&plan->gone_cards);
	buf_free(&plan->head);
}
