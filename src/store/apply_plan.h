#ifndef STORE_APPLY_PLAN_H
#define STORE_APPLY_PLAN_H

#include "model/model.h"
#include "store/base.h"
#include "text/card_text.h"
#include "util/buf.h"

struct store;
struct strset;
struct zone;

/**
 * What has to be written to bring a board up to date, worked out before the
 * write begins.  Private to src/store.
 */
struct plan_list {
	const struct list *list;
	char *json;
	char *name;
	int64_t activity_ms; /* of its cards, the latest */
	bool changed;
	bool renamed; /* it has a node, under another name */
};

struct plan_card {
	const struct card *card;
	struct buf json;
	struct buf text;
	int64_t hash; /* of json */
	char *name;
	char rev[TEXT_REV_SIZE];
	bool renamed;	 /* it has a node, under another name or elsewhere */
	bool same;	 /* only its text may differ */
	bool same_place; /* list and position are what they were */
};

struct apply_plan {
	const struct board *board;
	const struct zone *zone;
	uint64_t folder; /* the board's node */
	bool was_loaded;
	struct buf head;
	char shown_as[BASE_SHOWN_AS_SIZE];
	VEC(struct plan_list) lists; /* all open ones, by (pos, id) */
	/* Those that changed: first those that are renamed, each by id. */
	VEC(struct plan_card) cards;
	size_t n_renamed;
	model_ids gone_lists;
	model_ids gone_cards;
};

/** The ids of open lists, and of open cards in them.  0 or -ENOMEM. */
int apply_open_ids(
    const struct board *board, struct strset *lists, struct strset *cards);

/** Compare the board with the base.  0 or -errno; fini in either case. */
int apply_plan_make(struct apply_plan *plan, struct store *store,
    const struct board *board, const model_ids *keep, const struct zone *zone);
void apply_plan_fini(struct apply_plan *plan);

#endif
