#include "fs/archive.h"
#include "fs/attach.h"
#include "fs/card.h"
#include "fs/private.h"
#include "fs/structure.h"
#include "fs/unlisted.h"

#include "store/archived.h"
#include "store/folder.h"
#include "store/local.h"
#include "store/saves.h"
#include "store/uploads.h"
#include "sync/orders.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/*
 * Making, removing and renaming.  What is not Trello's is local: any file not
 * named *.md, any name that begins with a dot, any file outside of a list
 * folder, any folder below a list or hidden.  The rest is Trello's.
 */

void
fs_asked(const struct fs *fs, struct folder_changes *changes, uint64_t parent,
    const char *name)
{
	size_t i = changes->asked[0].name != NULL;

	if (!fs->wait)
		changes->asked[i] = (struct folder_name){parent, name};
}

static int
check_name(const char *name)
{
	return strlen(name) > NODE_NAME_MAX ? -ENAMETOOLONG : 0;
}

/* Whether a local node of this kind may have this name in this folder. */
static int
check_local(const struct node *folder, const char *name, enum node_kind kind)
{
	if (check_name(name) != 0)
		return -ENAMETOOLONG;
	if (fs_name_reserved(folder->kind, name))
		return -EPERM;
	if (fs_name_is_card(folder->kind, name))
		return kind == NODE_LOCAL_FILE ? -EROFS : -EPERM;
	if (kind == NODE_LOCAL_DIR && name[0] != '.' &&
	    (folder->kind == NODE_ROOT_DIR || folder->kind == NODE_BOARD))
		return -EROFS;
	return 0;
}

static int
make_local(struct folder_changes *changes, const struct node *folder,
    struct node *node, const char *target)
{
	int r;

	node->parent = folder->ino;
	node->uid = node->gid = -1;
	node->mtime_ns = node->ctime_ns = time_wall_ns();
	r = node_add_local(changes->tx, node);
	if (r == 0 && target != NULL)
		r = local_write(changes->tx, node, 0, target, strlen(target));
	return r == 0 ? folder_touch(changes, folder->ino) : r;
}

/* What is Trello's: a card, a list or a board. */
static int
make_at_trello(struct fs *fs, struct folder_changes *changes,
    const struct node *folder, struct node *node)
{
	char name[NODE_NAME_MAX + 1];
	int r = fs_check_change(fs, folder->ino);

	memcpy(name, node->name, sizeof name);
	if (r != 0)
		return r;
	if (node->kind == NODE_LOCAL_FILE)
		return card_create(changes, fs, folder, name, node);
	return folder->kind == NODE_BOARD
		   ? list_create(&fs->settle, changes, folder, name, node)
		   : board_create(changes, name, node);
}

/* Somebody has moved it away, or removed it, to save it anew: it is there all
 * the same, and begins empty. */
static int
make_unlisted(struct fs *fs, struct folder_changes *changes,
    const struct node *folder, struct node *node)
{
	char name[NODE_NAME_MAX + 1];
	int r = fs_check_change(fs, folder->ino);

	memcpy(name, node->name, sizeof name);
	if (r == 0)
		r = unlisted_open_in(changes->tx, folder, name, node);
	return r == 0 ? save_truncate(changes->tx, node, 0, time_wall_ms()) : r;
}

static int
make_in(struct fs *fs, struct folder_changes *changes,
    const struct node *folder, struct node *node, const char *target)
{
	int r = check_local(folder, node->name, node->kind);
	struct node there;

	if (folder->kind == NODE_FILES)
		return attach_make(fs, changes, folder, node);
	if (node_is_archive(folder) ||
	    (unlisted_has(folder->kind, node->name) &&
		strcmp(node->name, ARCHIVE_NAME) == 0))
		return -EPERM;
	if (node->kind == NODE_LOCAL_FILE &&
	    unlisted_has(folder->kind, node->name))
		return make_unlisted(fs, changes, folder, node);
	if (r == 0)
		return make_local(changes, folder, node, target);
	if (r != -EROFS)
		return r;
	if (node_by_name(changes->tx, folder->ino, node->name, &there) == 0)
		return -EEXIST;
	return make_at_trello(fs, changes, folder, node);
}

/* Make a file, a folder or a link.  0 or -errno. */
static int
make(struct fs *fs, uint64_t parent, const char *name, enum node_kind kind,
    mode_t mode, const char *target, struct node *node)
{
	struct folder_changes changes = {0};
	struct invalidations out = {0};
	struct node folder;
	int r;

	if (virtual_has(parent))
		return -EPERM;
	*node = (struct node){.kind = kind, .mode = mode & 07777};
	r = check_name(name);
	if (r != 0)
		return r;
	(void)snprintf(node->name, sizeof node->name, "%s", name);
	fs_asked(fs, &changes, parent, name);
	r = store_write(fs->store, &changes.tx);
	if (r != 0)
		return r;
	r = node_get(changes.tx, parent, &folder);
	if (r == 0)
		r = folder.parent == 0
			? -ENOENT
			: make_in(fs, &changes, &folder, node, target);
	r = folder_commit(&changes, r, &out);
	fs_invalidated(fs, &out);
	return r;
}

static void
reply_made(fuse_req_t req, int r, const struct node *node, size_t refusals)
{
	struct fs_done done = {
	    .folder = node->parent, .object = node->id, .refusals = refusals};
	struct fuse_entry_param entry;

	if (r != 0) {
		(void)fuse_reply_err(req, -r);
		return;
	}
	fs_entry(fs_of(req), node, &entry);
	done.entry = &entry;
	fs_answer(req, 0, &done);
}

void
fs_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
    struct fuse_file_info *fi)
{
	struct fs *fs = fs_of(req);
	struct fs_reply reply = {.kind = REPLY_CREATE};
	struct node node;
	int r = make(fs, parent, name, NODE_LOCAL_FILE, mode, NULL, &node);

	if (r != 0) {
		(void)fuse_reply_err(req, -r);
		return;
	}
	fs_entry(fs, &node, &reply.entry);
	fi->keep_cache = 1;
	reply.fi = *fi;
	/* What is to be sent of a file that was just made is yet to come. */
	fs_reply_writing(req,
	    node_is_text(&node) || attach_is_file(&node) ? parent : 0, &reply);
}

void
fs_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
    dev_t rdev)
{
	size_t refusals = sync_refusals(fs_of(req)->sync);
	struct node node;
	int r = -EPERM;

	(void)rdev;
	if (S_ISREG(mode))
		r = make(fs_of(req), parent, name, NODE_LOCAL_FILE, mode, NULL,
		    &node);
	reply_made(req, r, &node, refusals);
}

void
fs_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	size_t refusals = sync_refusals(fs_of(req)->sync);
	struct node node;
	int r =
	    make(fs_of(req), parent, name, NODE_LOCAL_DIR, mode, NULL, &node);

	/* Nobody will look it up before using it. */
	if (r == 0 && node.kind == NODE_LIST)
		watch_folder(fs_of(req)->watch, node.ino);
	reply_made(req, r, &node, refusals);
}

void
fs_symlink(
    fuse_req_t req, const char *target, fuse_ino_t parent, const char *name)
{
	struct node node;
	int r = make(
	    fs_of(req), parent, name, NODE_LOCAL_SYMLINK, 0777, target, &node);

	reply_made(req, r, &node, 0);
}

void
fs_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name)
{
	(void)ino;
	(void)parent;
	(void)name;
	(void)fuse_reply_err(req, EPERM);
}

/* Take a local node out of its folder; it lives on for who has it open. */
static int
detach(struct tx *tx, struct node *node)
{
	uint64_t folder = node->parent;
	int r;

	node->parent = 0;
	node->ctime_ns = time_wall_ns();
	r = node_update(tx, node);
	return r == 0 ? node_touch_dir(tx, folder) : r;
}

static int
check_removable(
    const struct fs *fs, struct tx *tx, const struct node *node, bool dir)
{
	int children, r = 0;

	if (dir && !node_is_dir(node))
		return -ENOTDIR;
	if (!dir && node_is_dir(node))
		return -EISDIR;
	if (!node_is_local(node))
		r = fs_check_change(fs, fs_rights_folder(node));
	if (r != 0)
		return r;
	if (node_is_archive(node))
		return -EPERM;
	children = dir ? node_has_children(tx, node->ino) : 0;
	return children > 0 ? -ENOTEMPTY : children;
}

/* Archive a card or a list, close a board. */
static int
remove_from_trello(
    struct fs *fs, struct folder_changes *changes, const struct node *node)
{
	switch (node->kind) {
	case NODE_CARD:
		return card_archive(changes, fs, node);
	case NODE_LIST:
		return list_archive(changes, node);
	case NODE_BOARD:
		return board_close(changes, node);
	case NODE_ERROR:
		return card_give_up(changes, fs, node);
	case NODE_OLD_CARD:
		return archive_delete(changes, fs, node);
	case NODE_BOARD_FILE:
	case NODE_ORDER: /* there is nothing to take away: it is back */
		return 0;
	default:
		return -EPERM;
	}
}

static int
remove_other(struct fs *fs, struct folder_changes *changes, struct node *node,
    bool dir, uint64_t *ret_orphan)
{
	int r = check_removable(fs, changes->tx, node, dir);

	if (r != 0)
		return r;
	if (!node_is_local(node))
		return remove_from_trello(fs, changes, node);
	*ret_orphan = node->ino;
	return detach(changes->tx, node);
}

static int
remove_now(struct fs *fs, uint64_t parent, const char *name, bool dir,
    struct node *ret_node)
{
	struct folder_changes changes = {0};
	struct invalidations out = {0};
	struct node node = {0};
	uint64_t orphan = 0;
	int r;

	card_settle_before(fs, parent, name);
	r = store_write(fs->store, &changes.tx);
	if (r != 0)
		return r;
	fs_asked(fs, &changes, parent, name);
	r = node_by_name(changes.tx, parent, name, &node);
	if (r == -ENOENT && uploads_card(changes.tx, parent, name, &node) == 0)
		r = -EPERM;
	if (r == 0 && attach_is_file(&node))
		r = dir ? -ENOTDIR
			: attach_remove(fs, &changes, &node, &orphan);
	else if (r == 0)
		r = remove_other(fs, &changes, &node, dir, &orphan);
	r = folder_commit(&changes, r, &out);
	if (r == 0 && orphan != 0)
		fs_orphan(fs, orphan);
	fs_invalidated(fs, &out);
	*ret_node = node;
	return r;
}

static void
remove_name(fuse_req_t req, uint64_t parent, const char *name, bool dir)
{
	struct fs *fs = fs_of(req);
	struct node node = {0};
	struct fs_done done = {.folder = parent,
	    .object = node.id,
	    .refusals = sync_refusals(fs->sync)};
	int r = virtual_has(parent) ? -EPERM
				    : remove_now(fs, parent, name, dir, &node);

	/* Who reads the card next must not find the text that it had. */
	done.told = node.kind == NODE_ERROR;
	fs_answer(req, r, &done);
}

void
fs_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	remove_name(req, parent, name, false);
}

void
fs_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	remove_name(req, parent, name, true);
}
