#include "fs/unlisted.h"

#include "fs/private.h"
#include "store/order.h"

#include <errno.h>
#include <string.h>

bool
unlisted_has(enum node_kind folder, const char *name)
{
	return (folder == NODE_BOARD || folder == NODE_LIST) &&
	       strcmp(name, ORDER_NAME) == 0;
}

bool
unlisted_is_brief(const struct node *node)
{
	return node->kind == NODE_ORDER;
}

int
unlisted_open_in(struct tx *tx, const struct node *folder, const char *name,
    struct node *ret_node)
{
	return unlisted_has(folder->kind, name)
		   ? order_open(tx, folder, ret_node)
		   : -ENOENT;
}

int
unlisted_open(
    struct fs *fs, uint64_t folder, const char *name, struct node *ret_node)
{
	struct node node;
	struct tx *tx;
	int r = strcmp(name, ORDER_NAME) == 0 ? store_write(fs->store, &tx)
					      : -ENOENT;

	if (r != 0)
		return r;
	r = node_get(tx, folder, &node);
	if (r == 0)
		r = unlisted_open_in(tx, &node, name, ret_node);
	if (r == 0)
		return store_commit(tx);
	store_end(tx);
	return r;
}

/* Mostly it is up to date, and nothing has to be written. */
static int
is_current(struct fs *fs, const struct node *node)
{
	struct tx *tx;
	int r = store_read(fs->store, true, &tx);

	if (r != 0)
		return r;
	r = order_is_current(tx, node);
	store_end(tx);
	return r;
}

int
unlisted_refresh(struct fs *fs, struct node *node)
{
	struct tx *tx;
	int r = node->kind == NODE_ORDER ? is_current(fs, node) : 1;

	if (r != 0)
		return r < 0 ? r : 0;
	r = store_write(fs->store, &tx);
	if (r != 0)
		return r;
	r = node_get(tx, node->ino, node);
	if (r == 0)
		r = order_refresh(tx, node);
	if (r == 0)
		return store_commit(tx);
	store_end(tx);
	return r;
}
