#include "store/planner.h"

#include "store/nodes.h"
#include "store/store.h"
#include "text/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * A name once given stays while the title stays; the others are chosen among
 * all that stands in the folder.
 */

static bool
taken(void *cookie, const char *name)
{
	return strset_has(cookie, name);
}

struct taken_names {
	const struct planner *planner;
	struct strset names;
};

/* In the board's folder: local files, and lists that stay without being in the
 * reply. */
static int
add_taken(void *cookie, const struct node *node)
{
	struct taken_names *names = cookie;

	const struct old_item *old =
	    planner_old(&names->planner->lists, node->id);

	if (node->kind == NODE_LIST && old != NULL &&
	    !planner_keeps(names->planner, old))
		return 0;
	return strset_add(&names->names, node->name);
}

static int
read_taken(struct planner *planner, struct taken_names *names)
{
	struct tx *tx;
	int r = store_read(planner->store, false, &tx);

	names->planner = planner;
	if (r != 0)
		return r;
	r = node_each(tx, planner->plan->folder, 0, add_taken, names);
	store_end(tx);
	return r;
}

static bool
same_title(const struct old_item *old, const char *title)
{
	return strcmp(old->title, model_str(title)) == 0;
}

static void
take_list_name(
    struct planner *planner, struct plan_list *item, struct name_entry *entry)
{
	const struct old_item *old =
	    planner_old(&planner->lists, item->list->id);

	item->name = entry->name;
	entry->name = NULL;
	item->renamed = old != NULL && old->name != NULL &&
			(old->elsewhere || strcmp(old->name, item->name) != 0);
}

int
planner_name_lists(struct planner *planner)
{
	struct apply_plan *plan = planner->plan;
	struct taken_names names = {0};
	struct name_entry *entries = calloc(plan->lists.n + 1, sizeof *entries);
	int r = entries != NULL ? read_taken(planner, &names) : -ENOMEM;

	for (size_t i = 0; i < plan->lists.n && r == 0; i++) {
		const struct list *list = plan->lists.v[i].list;
		const struct old_item *old =
		    planner_old(&planner->lists, list->id);

		entries[i].id = list->id;
		entries[i].title = model_str(list->name);
		if (old != NULL && !old->elsewhere &&
		    same_title(old, list->name))
			entries[i].given = old->name;
	}
	if (r == 0)
		r = names_assign(
		    NAME_FOLDER, entries, plan->lists.n, taken, &names.names);
	for (size_t i = 0; i < plan->lists.n && r == 0; i++)
		take_list_name(planner, &plan->lists.v[i], &entries[i]);
	strset_fini(&names.names);
	free(entries);
	return r;
}

/* A card that will stand in a list: of the reply, or an old one that stays. */
struct standing {
	const char *list;
	const struct card *card; /* or NULL */
	const struct old_item *old;
};

struct standings {
	VEC(struct standing) cards;
};

static int
compare_standings(const void *a, const void *b)
{
	const struct standing *left = a, *right = b;

	return strcmp(left->list, right->list);
}

static int
add_standing(struct standings *standings, const char *list,
    const struct card *card, const struct old_item *old)
{
	struct standing *slot = VEC_ADD(&standings->cards);

	if (slot == NULL)
		return -ENOMEM;
	slot->list = list;
	slot->card = card;
	slot->old = old;
	return 0;
}

/* All cards that will stand anywhere on the board, list by list. */
static int
collect_standings(struct planner *planner, struct standings *standings)
{
	int r = 0;

	for (size_t i = 0; i < planner->board->cards.n && r == 0; i++) {
		const struct card *card = &planner->board->cards.v[i];

		if (strset_has(&planner->open_cards, card->id))
			r = add_standing(standings, card->id_list, card,
			    planner_old(&planner->cards, card->id));
	}
	for (size_t i = 0; i < planner->cards.items.n && r == 0; i++) {
		const struct old_item *old = &planner->cards.items.v[i];

		if (old->name != NULL && planner_keeps(planner, old))
			r = add_standing(standings, old->list, NULL, old);
	}
	if (standings->cards.n > 1)
		qsort(standings->cards.v, standings->cards.n,
		    sizeof standings->cards.v[0], compare_standings);
	return r;
}

static void
fill_entry(struct name_entry *entry, const struct standing *standing)
{
	const struct old_item *old = standing->old;
	const struct card *card = standing->card;

	*entry = (struct name_entry){.id = card != NULL ? card->id : old->id,
	    .title = card != NULL ? model_str(card->name) : old->title};
	if (card != NULL)
		entry->id_short = card->id_short;
	if (card == NULL || (old != NULL && same_title(old, card->name) &&
				strcmp(old->list, card->id_list) == 0))
		entry->given = old->name;
}

static int
compare_card_id(const void *id, const void *item)
{
	return strcmp(id, ((const struct plan_card *)item)->card->id);
}

/* Hand the name over if the card is one of those that changed. */
static void
take_card_name(struct planner *planner, const struct standing *standing,
    struct name_entry *entry)
{
	struct apply_plan *plan = planner->plan;
	const struct old_item *old = standing->old;
	struct plan_card *item = NULL;

	if (standing->card != NULL && plan->cards.n > 0)
		item = bsearch(standing->card->id, plan->cards.v, plan->cards.n,
		    sizeof plan->cards.v[0], compare_card_id);
	if (item == NULL)
		return;
	item->name = entry->name;
	entry->name = NULL;
	item->renamed = old != NULL && old->name != NULL &&
			(strcmp(old->name, item->name) != 0 ||
			    strcmp(old->list, standing->list) != 0);
}

/* Name the cards of one list. */
static int
name_cards_of(struct planner *planner, const struct standing *standings,
    size_t n, struct name_entry *entries)
{
	int r;

	for (size_t i = 0; i < n; i++)
		fill_entry(&entries[i], &standings[i]);
	r = names_assign(NAME_CARD, entries, n, NULL, NULL);
	for (size_t i = 0; i < n && r == 0; i++)
		take_card_name(planner, &standings[i], &entries[i]);
	for (size_t i = 0; i < n; i++)
		free(entries[i].name);
	return r;
}

int
planner_name_cards(struct planner *planner)
{
	struct standings all = {0};
	struct name_entry *entries = NULL;
	size_t from = 0, to;
	int r = collect_standings(planner, &all);

	if (r == 0) {
		entries = calloc(all.cards.n + 1, sizeof *entries);
		r = entries != NULL ? 0 : -ENOMEM;
	}
	for (; from < all.cards.n && r == 0; from = to) {
		to = from + 1;
		while (to < all.cards.n && compare_standings(&all.cards.v[from],
					       &all.cards.v[to]) == 0)
			to++;
		r = name_cards_of(
		    planner, &all.cards.v[from], to - from, entries);
	}
	free(entries);
	VEC_FREE(&all.cards);
	return r;
}
