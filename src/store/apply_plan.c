#include "store/apply_plan.h"

#include "model/ids.h"
#include "model/model_json.h"
#include "store/base.h"
#include "store/naming.h"
#include "store/tx.h"
#include "text/names.h"
#include "util/hash.h"
#include "util/strset.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the base has of a list or a card, as far as it is compared. */
struct old_item {
	char id[MODEL_ID_SIZE];
	char list[MODEL_ID_SIZE]; /* "" for lists */
	char *title;
	char *name; /* NULL: it has no node, or the node is nowhere */
	double pos;
	int64_t hash;
};

struct old_items {
	VEC(struct old_item) items; /* by id */
};

struct planner {
	struct apply_plan *plan;
	struct store *store;
	const struct board *board;
	const struct zone *zone;
	struct strset keep;
	struct old_items lists;
	struct old_items cards;
	bool head_changed;
};

static int
compare_items(const void *a, const void *b)
{
	return strcmp(
	    ((const struct old_item *)a)->id, ((const struct old_item *)b)->id);
}

static struct old_item *
find_item(const struct old_items *items, const char *id)
{
	if (items->items.n == 0)
		return NULL;
	return bsearch(id, items->items.v, items->items.n,
	    sizeof items->items.v[0], compare_items);
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

static char *
column_copy(sqlite3_stmt *stmt, int column)
{
	const char *data = sqlite3_column_blob(stmt, column);

	if (data == NULL)
		return NULL;
	return strndup(data, (size_t)sqlite3_column_bytes(stmt, column));
}

/* Columns: id, list, title, name, pos, hash; ordered by id. */
static int
read_items(sqlite3_stmt *stmt, const char *board, struct old_items *items)
{
	int r = db_bind(stmt, "s", board);

	while (r == 0 && (r = db_step(stmt)) == 1) {
		struct old_item *item = VEC_ADD(&items->items);

		r = item != NULL ? 0 : -ENOMEM;
		if (r != 0)
			break;
		(void)snprintf(item->id, sizeof item->id, "%s",
		    (const char *)sqlite3_column_text(stmt, 0));
		(void)snprintf(item->list, sizeof item->list, "%s",
		    (const char *)sqlite3_column_text(stmt, 1));
		item->title =
		    strdup((const char *)sqlite3_column_text(stmt, 2));
		item->name = column_copy(stmt, 3);
		item->pos = sqlite3_column_double(stmt, 4);
		item->hash = sqlite3_column_int64(stmt, 5);
		if (item->title == NULL)
			r = -ENOMEM;
	}
	db_reset(stmt);
	return r;
}

/* Compare the head with the one that is stored. */
static int
read_head(struct planner *planner, struct tx *tx)
{
	sqlite3_stmt *stmt = db_prepare(
	    tx->db, "SELECT head, shown_as FROM boards WHERE id = ?");
	int r = db_bind(stmt, "s", planner->board->id);

	planner->head_changed = true;
	if (r == 0)
		r = db_step(stmt);
	if (r == 1) {
		const char *head = (const char *)sqlite3_column_text(stmt, 0);

		planner->head_changed =
		    head == NULL ||
		    strcmp(head, buf_str(&planner->plan->head)) != 0;
		r = 0;
	}
	db_reset(stmt);
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
		r = read_items(db_prepare(tx->db,
				   "SELECT l.id, '', l.title, n.name, l.pos, 0"
				   " FROM lists l LEFT JOIN nodes n"
				   " ON n.id = l.id AND n.parent != 0"
				   " WHERE l.board = ? ORDER BY l.id"),
		    planner->board->id, &planner->lists);
	if (r == 0)
		r = read_items(
		    db_prepare(tx->db,
			"SELECT c.id, c.list, c.title, n.name, c.pos, c.hash"
			" FROM cards c LEFT JOIN nodes n"
			" ON n.id = c.id AND n.parent != 0"
			" WHERE c.board = ? ORDER BY c.id"),
		    planner->board->id, &planner->cards);
	store_end(tx);
	return r;
}

/* Names that local files have in the board's folder are taken. */
struct local_names {
	struct strset names;
};

static bool
local_taken(void *cookie, const char *name)
{
	return strset_has(&((struct local_names *)cookie)->names, name);
}

static int
add_local_name(void *cookie, const struct node *node)
{
	struct local_names *names = cookie;

	return node_is_local(node) ? strset_add(&names->names, node->name) : 0;
}

static int
assign_list_names(struct planner *planner, struct name_entry *entries)
{
	struct apply_plan *plan = planner->plan;
	struct local_names local = {0};
	struct tx *tx;
	int r = store_read(planner->store, false, &tx);

	if (r != 0)
		return r;
	r = node_each(
	    tx, plan->folder, node_off_local(0), add_local_name, &local);
	store_end(tx);
	for (size_t i = 0; i < plan->lists.n && r == 0; i++) {
		const struct list *list = plan->lists.v[i].list;
		const struct old_item *old =
		    find_item(&planner->lists, list->id);

		entries[i].id = list->id;
		entries[i].title = model_str(list->name);
		if (old != NULL && strcmp(old->title, entries[i].title) == 0)
			entries[i].given = old->name;
	}
	if (r == 0)
		r = names_assign(
		    NAME_FOLDER, entries, plan->lists.n, local_taken, &local);
	strset_fini(&local.names);
	return r;
}

static int
plan_list_finish(struct planner *planner, struct plan_list *item)
{
	const struct old_item *old = find_item(&planner->lists, item->list->id);
	struct buf json = BUF_INIT;
	int r = list_write(item->list, &json);

	item->json = r == 0 ? buf_steal(&json) : NULL;
	buf_free(&json);
	if (item->json == NULL)
		return -ENOMEM;
	item->changed =
	    old == NULL || old->name == NULL || old->pos < item->list->pos ||
	    old->pos > item->list->pos || strcmp(old->name, item->name) != 0 ||
	    strcmp(old->title, model_str(item->list->name)) != 0;
	item->renamed = old != NULL && item->changed;
	item->activity_ms = TIME_NONE;
	for (size_t i = 0; i < planner->board->cards.n; i++) {
		const struct card *card = &planner->board->cards.v[i];

		if (card->activity_ms > item->activity_ms &&
		    strcmp(card->id_list, item->list->id) == 0)
			item->activity_ms = card->activity_ms;
	}
	return 0;
}

static int
plan_lists(struct planner *planner)
{
	struct apply_plan *plan = planner->plan;
	struct name_entry *entries;
	int r = 0;

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
	entries = calloc(plan->lists.n + 1, sizeof *entries);
	if (entries == NULL)
		return -ENOMEM;
	r = assign_list_names(planner, entries);
	for (size_t i = 0; i < plan->lists.n && r == 0; i++) {
		plan->lists.v[i].name = entries[i].name;
		entries[i].name = NULL;
		r = plan_list_finish(planner, &plan->lists.v[i]);
	}
	for (size_t i = 0; i < plan->lists.n; i++)
		free(entries[i].name);
	free(entries);
	return r;
}

/* Note the card if it has changed; its name comes later. */
static int
compare_card(struct planner *planner, const struct card *card)
{
	const struct old_item *old = find_item(&planner->cards, card->id);
	struct buf json = BUF_INIT;
	struct plan_card *item;
	int64_t hash;
	int r = card_write(card, &json);

	if (r != 0)
		goto out;
	hash = (int64_t)hash_add(HASH_INIT, json.data, json.len);
	if (old != NULL && old->name != NULL && old->hash == hash &&
	    !planner->head_changed)
		goto out;
	item = VEC_ADD(&planner->plan->cards);
	if (item == NULL) {
		r = -ENOMEM;
		goto out;
	}
	item->card = card;
	item->json = json;
	item->hash = hash;
	item->same_place = old != NULL &&
			   strcmp(old->list, card->id_list) == 0 &&
			   old->pos <= card->pos && old->pos >= card->pos;
	return 0;
out:
	buf_free(&json);
	return r;
}

static int
compare_plan_cards(const void *a, const void *b)
{
	return strcmp(((const struct plan_card *)a)->card->id,
	    ((const struct plan_card *)b)->card->id);
}

/* One card that stands in the list, changed or not, under its old name if it
 * may keep that. */
static int
add_entry(struct planner *planner, const struct card *card,
    struct name_entry *entries, size_t *n)
{
	const struct old_item *old = find_item(&planner->cards, card->id);

	entries[*n].id = card->id;
	entries[*n].title = model_str(card->name);
	entries[*n].id_short = card->id_short;
	if (old != NULL && strcmp(old->list, card->id_list) == 0 &&
	    strcmp(old->title, model_str(card->name)) == 0)
		entries[*n].given = old->name;
	(*n)++;
	return 0;
}

/* Cards that the reply lacks and that stay all the same keep their names. */
static void
add_kept(struct planner *planner, const char *list, struct name_entry *entries,
    size_t *n)
{
	for (size_t i = 0; i < planner->cards.items.n; i++) {
		const struct old_item *old = &planner->cards.items.v[i];

		if (strcmp(old->list, list) != 0 || old->name == NULL ||
		    !strset_has(&planner->keep, old->id))
			continue;
		entries[*n].id = old->id;
		entries[*n].title = old->title;
		entries[*n].given = old->name;
		(*n)++;
	}
}

static int
take_names(struct planner *planner, struct name_entry *entries, size_t n)
{
	struct apply_plan *plan = planner->plan;

	for (size_t i = 0; i < n; i++) {
		const struct old_item *old;
		struct card card;
		struct plan_card key = {.card = &card}, *item;

		(void)snprintf(card.id, sizeof card.id, "%s", entries[i].id);
		item = plan->cards.n == 0
			   ? NULL
			   : bsearch(&key, plan->cards.v, plan->cards.n,
				 sizeof key, compare_plan_cards);
		if (item == NULL)
			continue;
		old = find_item(&planner->cards, entries[i].id);
		item->name = entries[i].name;
		entries[i].name = NULL;
		item->renamed =
		    old != NULL && old->name != NULL &&
		    (strcmp(old->name, item->name) != 0 ||
			strcmp(old->list, item->card->id_list) != 0);
	}
	return 0;
}

static int
name_cards_of(
    struct planner *planner, const char *list, struct name_entry *entries)
{
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < planner->board->cards.n && r == 0; i++) {
		const struct card *card = &planner->board->cards.v[i];

		if (!card->closed && strcmp(card->id_list, list) == 0)
			r = add_entry(planner, card, entries, &n);
	}
	add_kept(planner, list, entries, &n);
	if (r == 0)
		r = names_assign(NAME_CARD, entries, n, NULL, NULL);
	if (r == 0)
		r = take_names(planner, entries, n);
	for (size_t i = 0; i < n; i++) {
		free(entries[i].name);
		entries[i] = (struct name_entry){0};
	}
	return r;
}

static int
plan_cards(struct planner *planner)
{
	struct apply_plan *plan = planner->plan;
	const struct board *board = planner->board;
	size_t max = board->cards.n + planner->cards.items.n + 1;
	struct name_entry *entries;
	struct strset open = {0};
	int r = 0;

	for (size_t i = 0; i < plan->lists.n && r == 0; i++)
		r = strset_add(&open, plan->lists.v[i].list->id);
	for (size_t i = 0; i < board->cards.n && r == 0; i++)
		if (!board->cards.v[i].closed &&
		    strset_has(&open, board->cards.v[i].id_list))
			r = compare_card(planner, &board->cards.v[i]);
	strset_fini(&open);
	if (r != 0 || plan->cards.n == 0)
		return r;
	qsort(plan->cards.v, plan->cards.n, sizeof plan->cards.v[0],
	    compare_plan_cards);
	entries = calloc(max, sizeof *entries);
	if (entries == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < plan->lists.n && r == 0; i++)
		r = name_cards_of(planner, plan->lists.v[i].list->id, entries);
	free(entries);
	return r;
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
plan_gone(struct planner *planner)
{
	struct apply_plan *plan = planner->plan;
	model_ids lists = {0}, cards = {0};
	int r = base_missing(planner->store, planner->board, &lists, &cards);

	for (size_t i = 0; i < lists.n && r == 0; i++)
		if (!strset_has(&planner->keep, lists.v[i].s))
			r = model_ids_add(&plan->gone_lists, lists.v[i].s);
	for (size_t i = 0; i < cards.n && r == 0; i++)
		if (!strset_has(&planner->keep, cards.v[i].s))
			r = model_ids_add(&plan->gone_cards, cards.v[i].s);
	VEC_FREE(&lists);
	VEC_FREE(&cards);
	return r;
}

int
apply_plan_make(struct apply_plan *plan, struct store *store,
    const struct board *board, const model_ids *keep, const struct zone *zone)
{
	struct planner planner = {
	    .plan = plan, .store = store, .board = board, .zone = zone};
	int r;

	plan->board = board;
	base_shown_as(zone, plan->shown_as);
	r = board_write_head(board, &plan->head);
	for (size_t i = 0; keep != NULL && i < keep->n && r == 0; i++)
		r = strset_add(&planner.keep, keep->v[i].s);
	if (r == 0)
		r = read_base(&planner);
	if (r == 0)
		r = plan_lists(&planner);
	if (r == 0)
		r = plan_cards(&planner);
	if (r == 0)
		r = render_cards(&planner);
	if (r == 0)
		r = plan_gone(&planner);
	old_items_fini(&planner.lists);
	old_items_fini(&planner.cards);
	strset_fini(&planner.keep);
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
