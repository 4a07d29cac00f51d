#ifndef STORE_ORDER_H
#define STORE_ORDER_H

#include "store/nodes.h"
#include "text/order_text.h"

struct buf;

/**
 * The file `.order` of a board or a list: its text is made when somebody asks
 * for it, from what stands in the folder.  Texts that were given out or saved
 * are kept for ORDER_KEPT_MS, the last ORDER_KEPT of each file: what is saved
 * is compared with the one that its author saw.
 */
#define ORDER_NAME ".order"
#define ORDER_KEPT_MS ((int64_t)30 * 24 * 3600 * 1000)
#define ORDER_KEPT 32

/** What a folder's order is of. */
static inline enum node_kind
order_kind_of(const struct node *folder)
{
	return folder->kind == NODE_BOARD ? NODE_LIST : NODE_CARD;
}

/** The file of a folder; made if there is none yet.  0 or -errno. */
int order_open(struct tx *tx, const struct node *folder, struct node *ret_node);

/** Whether its text is what stands in the folder, or somebody writes one.
 * 1, 0 or -errno. */
int order_is_current(struct tx *tx, const struct node *file);

/** Bring its text, size and times up to date, if nobody writes one. */
int order_refresh(struct tx *tx, struct node *file);

/** The same after a text was saved by a process (util/process.h, 0: unknown),
 * and note that. */
int order_saved(struct tx *tx, struct node *file, uint64_t writer);

/** What stands in the folder now; order_entries_free() it. */
int order_now(
    struct tx *tx, uint64_t folder, struct order_entries *ret_entries);
void order_entries_free(struct order_entries *entries);

/** A text that was given out, or is what was made of a saved one. */
struct order_given {
	struct order_entries entries;
	char *text;
	size_t len;
	bool saved;
	uint64_t writer;
};
struct order_givens {
	VEC(struct order_given) list; /* newest first */
};
int order_givens(struct tx *tx, uint64_t file, struct order_givens *ret_givens);
void order_givens_fini(struct order_givens *givens);

/**
 * The card of this name in another list of the board: `Card.md`, or
 * `List/Card.md`.  ORDER_FOUND, ORDER_NOWHERE, ORDER_TWICE (then *where says
 * how two of them are named) or -errno.
 */
int order_elsewhere(struct tx *tx, const struct node *list, const char *name,
    struct node *ret_card, struct buf *where);

/** Forget what is too old. */
int order_prune(struct tx *tx, int64_t now_ms);

#endif
