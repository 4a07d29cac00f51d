#ifndef STORE_PLANNER_H
#define STORE_PLANNER_H

#include "store/apply_plan.h"
#include "util/strset.h"

/* What src/store/apply_plan.c and apply_names.c share while a plan is made. */

/* What the base has of a list or a card, as far as it is compared: all of this
 * board, and what the reply has and another board had. */
struct old_item {
	char id[MODEL_ID_SIZE];
	char list[MODEL_ID_SIZE]; /* "" for lists */
	char *title;
	char *name; /* NULL: it has no node, or the node is nowhere */
	double pos;
	int64_t hash;
	bool elsewhere; /* on another board */
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
	struct strset open_lists; /* of the reply */
	struct strset open_cards;
	struct old_items lists;
	struct old_items cards;
	bool all_texts; /* they may differ though the cards do not */
};

/** NULL if the base has none such. */
const struct old_item *planner_old(
    const struct old_items *items, const char *id);

/** Whether a list or card of the base that the reply lacks stays. */
bool planner_keeps(const struct planner *planner, const struct old_item *old);

/** Give each of plan->lists its name, and each of plan->cards, which are by
 * id; set `renamed`.  0 or -errno. */
int planner_name_lists(struct planner *planner);
int planner_name_cards(struct planner *planner);

#endif
