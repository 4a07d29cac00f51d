#ifndef STORE_ORDER_H
#define STORE_ORDER_H

#include "store/given.h"
#include "store/nodes.h"
#include "text/order_text.h"

struct buf;

/**
 * The file `.order` of a board or a list: its text is made when somebody asks
 * for it, from what stands in the folder.
 */
#define ORDER_NAME ".order"

/** What a folder's order is of. */
static inline enum node_kind
order_kind_of(const struct node *folder)
{
	return folder->kind == NODE_BOARD ? NODE_LIST : NODE_CARD;
}

extern const struct given_kind order_file;

/** What stands in the folder now; order_entries_free() it. */
int order_now(
    struct tx *tx, uint64_t folder, struct order_entries *ret_entries);
void order_entries_free(struct order_entries *entries);

/** What stood in the folder when a text was given out. */
int order_then(const struct given *given, struct order_entries *ret_entries);

/**
 * The card of this name in another list of the board: `Card.md`, or
 * `List/Card.md`.  ORDER_FOUND, ORDER_NOWHERE, ORDER_TWICE (then *where says
 * how two of them are named) or -errno.
 */
int order_elsewhere(struct tx *tx, const struct node *list, const char *name,
    struct node *ret_card, struct buf *where);

#endif
