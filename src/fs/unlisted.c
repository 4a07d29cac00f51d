#include "fs/unlisted.h"

#include "fs/private.h"
#include "store/archived.h"
#include "store/board_file.h"
#include "store/folder.h"
#include "store/order.h"
#include "store/uploads.h"
#include "util/timeutil.h"

#include <errno.h>
#include <string.h>

bool
unlisted_has(enum node_kind folder, const char *name)
{
	if (strcmp(name, ARCHIVE_NAME) == 0)
		return folder == NODE_BOARD || folder == NODE_ROOT_DIR;
	if (strcmp(name, BOARD_FILE_NAME) == 0)
		return folder == NODE_BOARD;
	return (folder == NODE_BOARD || folder == NODE_LIST) &&
	       strcmp(name, ORDER_NAME) == 0;
}

bool
unlisted_is_brief(const struct node *node)
{
	return node->kind == NODE_ORDER || node->kind == NODE_BOARD_FILE ||
	       node->kind == NODE_OLD_CARD || node->kind == NODE_FILES ||
	       node_is_archive(node);
}

int
unlisted_open_in(struct tx *tx, const struct node *folder, const char *name,
    struct node *ret_node)
{
	if (!unlisted_has(folder->kind, name))
		return -ENOENT;
	if (strcmp(name, ARCHIVE_NAME) == 0)
		return archived_open(tx, folder, ret_node);
	return given_open(tx,
	    strcmp(name, BOARD_FILE_NAME) == 0 ? &board_file : &order_file,
	    folder, ret_node);
}

int
unlisted_open(
    struct fs *fs, uint64_t folder, const char *name, struct node *ret_node)
{
	struct node node;
	struct tx *tx;
	bool ours = strcmp(name, ORDER_NAME) == 0 ||
		    strcmp(name, ARCHIVE_NAME) == 0 ||
		    strcmp(name, BOARD_FILE_NAME) == 0;
	int r = ours ? store_write(fs->store, &tx) : -ENOENT;

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

static const struct given_kind *
kind_of(const struct node *file)
{
	return file->kind == NODE_ORDER ? &order_file : &board_file;
}

/* Mostly it is up to date, and nothing has to be written. */
static int
is_current(struct fs *fs, const struct node *node)
{
	struct tx *tx;
	int r = store_read(fs->store, true, &tx);

	if (r != 0)
		return r;
	r = given_is_current(tx, kind_of(node), node);
	store_end(tx);
	return r;
}

/* 1: the folder is there and up to date, or the node is none. */
static int
files_are_current(struct fs *fs, uint64_t card, struct node *ret_dir)
{
	struct tx *tx;
	int r = store_read_brief(fs->store, &tx);

	if (r != 0)
		return r;
	r = uploads_get(tx, card, ret_dir);
	if (r == 0)
		r = uploads_is_current(tx, ret_dir);
	store_end(tx);
	return r == -ENOENT ? 0 : r;
}

/* The folder of a card as it is when what is in it has been written. */
static int
open_files(struct fs *fs, uint64_t ino, struct node *ret_dir)
{
	struct folder_changes changes = {0};
	struct invalidations out = {0};
	struct node card;
	int r = files_are_current(fs, ino, ret_dir);

	if (r != 0)
		return r < 0 ? r : 0;
	r = store_write(fs->store, &changes.tx);
	if (r != 0)
		return r;
	r = node_get(changes.tx, ino, &card);
	if (r == 0)
		r = uploads_open(&changes, &card, ret_dir);
	r = folder_commit(&changes, r, &out);
	fs_invalidated(fs, &out);
	if (r == 0)
		r = files_are_current(fs, ino, ret_dir);
	return r < 0 ? r : 0;
}

int
unlisted_open_files(
    struct fs *fs, uint64_t folder, const char *name, struct node *ret_dir)
{
	struct node card;
	struct tx *tx;
	int r = store_read_brief(fs->store, &tx);

	if (r != 0)
		return r;
	r = uploads_card(tx, folder, name, &card);
	store_end(tx);
	return r == 0 ? open_files(fs, card.ino, ret_dir) : r;
}

/* Of what is old by now the kernel is not to keep a listing. */
static int
age(struct fs *fs, struct node *dir)
{
	struct archived_state state;
	struct tx *tx;
	int r = store_read(fs->store, true, &tx);

	if (r != 0)
		return r;
	r = archived_state(tx, dir, &state);
	store_end(tx);
	if (r == 0 && !state.fresh)
		dir->mtime_ns = time_wall_ns();
	return r;
}

int
unlisted_refresh(struct fs *fs, struct node *node)
{
	struct tx *tx;
	int r;

	if (node->kind == NODE_ARCHIVE)
		return age(fs, node);
	if (node->kind == NODE_FILES)
		return open_files(fs, node->parent, node);
	r = node->kind == NODE_ORDER || node->kind == NODE_BOARD_FILE
		? is_current(fs, node)
		: 1;

	if (r != 0)
		return r < 0 ? r : 0;
	r = store_write(fs->store, &tx);
	if (r != 0)
		return r;
	r = node_get(tx, node->ino, node);
	if (r == 0)
		r = given_refresh(tx, kind_of(node), node);
	if (r == 0)
		return store_commit(tx);
	store_end(tx);
	return r;
}
