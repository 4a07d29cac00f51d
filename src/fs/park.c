#include "fs/private.h"

#include "fs/notifier.h"
#include "store/archived.h"
#include "store/base.h"
#include "sync/sync.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parked {
	struct sync_wait wait; /* first: resume gets it */
	fuse_req_t req;
	struct fs *fs;
	uint64_t ino;
	enum parked_op op;
	size_t size;
	off_t off;
	char name[NODE_NAME_MAX + 1];
};

/* The board is here: do what was asked. */
static void
do_again(struct parked *parked)
{
	switch (parked->op) {
	case PARKED_LOOKUP:
		fs_lookup(parked->req, parked->ino, parked->name);
		break;
	case PARKED_READDIR:
		fs_readdir(
		    parked->req, parked->ino, parked->size, parked->off, NULL);
		break;
	case PARKED_READDIRPLUS:
		fs_readdirplus(
		    parked->req, parked->ino, parked->size, parked->off, NULL);
		break;
	}
}

static void
resume(struct sync_wait *wait, int err)
{
	struct parked *parked = (struct parked *)wait;

	/* From here on no interrupt can reach what is freed below. */
	fuse_req_interrupt_func(parked->req, NULL, NULL);
	if (err != 0)
		(void)fuse_reply_err(parked->req, -err);
	else
		do_again(parked);
	notifier_release(parked->fs->notifier, parked->ino);
	free(parked);
}

/* Called with the request locked: it must not be answered here. */
static void
interrupted(fuse_req_t req, void *data)
{
	struct parked *parked = data;

	(void)req;
	sync_wait_interrupt(parked->fs->sync, &parked->wait);
}

/* 1: what is archived has to be fetched. */
static int
is_old(struct fs *fs, const struct node *dir)
{
	struct archived_state state;
	struct tx *tx;
	int r = store_read(fs->store, true, &tx);

	if (r != 0)
		return r;
	r = archived_state(tx, dir, &state);
	store_end(tx);
	return r != 0 ? r : !state.fresh;
}

/* 1: the content of this board has to be waited for. */
static int
must_wait(struct fs *fs, const struct node *folder)
{
	struct board_state state;
	struct tx *tx;
	int r;

	if (folder->kind == NODE_ARCHIVE)
		return is_old(fs, folder);
	if (folder->kind != NODE_BOARD)
		return 0;
	r = store_read_brief(fs->store, &tx);
	if (r != 0)
		return r;
	r = base_board_by_ino(tx, folder->ino, &state);
	store_end(tx);
	if (r == -ENOENT)
		return 0;
	return r != 0 ? r : !state.loaded;
}

bool
fs_park(fuse_req_t req, const struct node *folder, enum parked_op op,
    const char *name, size_t size, off_t off)
{
	struct fs *fs = fs_of(req);
	int wait = must_wait(fs, folder);
	struct parked *parked;

	if (wait == 0)
		return false;
	parked = wait > 0 ? calloc(1, sizeof *parked) : NULL;
	if (parked == NULL) {
		(void)fuse_reply_err(req, wait < 0 ? -wait : ENOMEM);
		return true;
	}
	if (folder->kind == NODE_ARCHIVE)
		parked->wait.archive_ino = folder->ino;
	else
		parked->wait.board_ino = folder->ino;
	parked->wait.resume = resume;
	parked->req = req;
	parked->fs = fs;
	parked->ino = folder->ino;
	parked->op = op;
	parked->size = size;
	parked->off = off;
	if (name != NULL)
		(void)snprintf(parked->name, sizeof parked->name, "%s", name);
	notifier_hold(fs->notifier, folder->ino);
	fuse_req_interrupt_func(req, interrupted, parked);
	sync_wait_board(fs->sync, &parked->wait);
	return true;
}
