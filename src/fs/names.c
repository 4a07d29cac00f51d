#include "fs/private.h"

#include "store/local.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/*
 * Making, removing and renaming.  What is not Trello's is local: any file not
 * named *.md, any name that begins with a dot, any file outside of a list
 * folder, any folder below a list or hidden.  Boards, lists and cards cannot
 * be made or changed yet: EROFS.
 */

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
make_in(struct tx *tx, const struct node *folder, struct node *node,
    const char *target)
{
	int r = check_local(folder, node->name, node->kind);

	if (r == -EROFS && node_by_name(tx, folder->ino, node->name, node) == 0)
		return -EEXIST;
	if (r != 0)
		return r;
	node->parent = folder->ino;
	node->uid = node->gid = -1;
	node->mtime_ns = node->ctime_ns = time_wall_ns();
	r = node_add_local(tx, node);
	if (r == 0 && target != NULL)
		r = local_write(tx, node, 0, target, strlen(target));
	if (r == 0)
		r = node_touch_dir(tx, folder->ino);
	return r;
}

/* Make a local node. 0 or -errno. */
static int
make(struct fs *fs, uint64_t parent, const char *name, enum node_kind kind,
    mode_t mode, const char *target, struct node *node)
{
	struct node folder;
	struct tx *tx;
	int r;

	if (virtual_has(parent))
		return -EPERM;
	*node = (struct node){.kind = kind, .mode = mode & 07777};
	r = check_name(name);
	if (r != 0)
		return r;
	(void)snprintf(node->name, sizeof node->name, "%s", name);
	r = store_write(fs->store, &tx);
	if (r != 0)
		return r;
	r = node_get(tx, parent, &folder);
	if (r == 0)
		r = folder.parent == 0 ? -ENOENT
				       : make_in(tx, &folder, node, target);
	if (r == 0)
		return store_commit(tx);
	store_end(tx);
	return r;
}

static void
reply_made(fuse_req_t req, int r, const struct node *node)
{
	struct fuse_entry_param entry;

	if (r != 0) {
		(void)fuse_reply_err(req, -r);
		return;
	}
	fs_entry(fs_of(req), node, &entry);
	(void)fuse_reply_entry(req, &entry);
}

void
fs_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
    struct fuse_file_info *fi)
{
	struct fs *fs = fs_of(req);
	struct fuse_entry_param entry;
	struct node node;
	int r = make(fs, parent, name, NODE_LOCAL_FILE, mode, NULL, &node);

	if (r != 0) {
		(void)fuse_reply_err(req, -r);
		return;
	}
	fs_entry(fs, &node, &entry);
	fi->keep_cache = 1;
	(void)fuse_reply_create(req, &entry, fi);
}

void
fs_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
    dev_t rdev)
{
	struct node node;
	int r = -EPERM;

	(void)rdev;
	if (S_ISREG(mode))
		r = make(fs_of(req), parent, name, NODE_LOCAL_FILE, mode, NULL,
		    &node);
	reply_made(req, r, &node);
}

void
fs_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	struct node node;
	int r =
	    make(fs_of(req), parent, name, NODE_LOCAL_DIR, mode, NULL, &node);

	reply_made(req, r, &node);
}

void
fs_symlink(
    fuse_req_t req, const char *target, fuse_ino_t parent, const char *name)
{
	struct node node;
	int r = make(
	    fs_of(req), parent, name, NODE_LOCAL_SYMLINK, 0777, target, &node);

	reply_made(req, r, &node);
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
check_removable(struct tx *tx, const struct node *node, bool dir)
{
	int children;

	if (dir && !node_is_dir(node))
		return -ENOTDIR;
	if (!dir && node_is_dir(node))
		return -EISDIR;
	if (!node_is_local(node))
		return -EROFS;
	children = dir ? node_has_children(tx, node->ino) : 0;
	return children > 0 ? -ENOTEMPTY : children;
}

static void
remove_name(fuse_req_t req, uint64_t parent, const char *name, bool dir)
{
	struct fs *fs = fs_of(req);
	struct node node = {0};
	struct tx *tx;
	int r = virtual_has(parent) ? -EPERM : store_write(fs->store, &tx);

	if (r != 0) {
		(void)fuse_reply_err(req, -r);
		return;
	}
	r = node_by_name(tx, parent, name, &node);
	if (r == 0)
		r = check_removable(tx, &node, dir);
	if (r == 0)
		r = detach(tx, &node);
	if (r == 0)
		r = store_commit(tx);
	else
		store_end(tx);
	if (r == 0)
		fs_orphan(fs, node.ino);
	(void)fuse_reply_err(req, -r);
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

/* Whether the folder is the node itself or below it. */
static int
is_below(struct tx *tx, uint64_t folder, uint64_t ino)
{
	struct node node = {.parent = folder};
	int r;

	do {
		if (node.parent == ino)
			return 1;
		r = node_get(tx, node.parent, &node);
	} while (r == 0 && node.ino != NODE_ROOT && node.parent != 0);
	return r;
}

static int
check_move(struct tx *tx, const struct node *node, const struct node *folder,
    const char *new_name)
{
	int r;

	if (!node_is_local(node))
		return -EROFS;
	r = check_local(folder, new_name, node->kind);
	/* Never EXDEV: mv would copy, and remove what it copied. */
	if (r == -EROFS && node->kind == NODE_LOCAL_DIR)
		r = -EPERM;
	if (r == 0 && node->kind == NODE_LOCAL_DIR)
		r = is_below(tx, folder->ino, node->ino) ? -EINVAL : 0;
	return r;
}

/* Take away what has the new name. *ret_ino: it, or 0. */
static int
make_room(struct tx *tx, const struct node *node, uint64_t folder,
    const char *new_name, unsigned flags, uint64_t *ret_ino)
{
	struct node target;
	int r = node_by_name(tx, folder, new_name, &target);

	*ret_ino = 0;
	if (r == -ENOENT)
		return 0;
	if (r != 0)
		return r;
	if (flags & RENAME_NOREPLACE)
		return -EEXIST;
	if (target.ino == node->ino)
		return 0;
	r = check_removable(tx, &target, node->kind == NODE_LOCAL_DIR);
	if (r == 0)
		r = detach(tx, &target);
	*ret_ino = target.ino;
	return r;
}

static int
rename_in(struct tx *tx, uint64_t parent, const char *name, uint64_t new_parent,
    const char *new_name, unsigned flags, uint64_t *ret_replaced)
{
	struct node node, folder;
	int r = node_by_name(tx, parent, name, &node);

	if (r == 0)
		r = node_get(tx, new_parent, &folder);
	if (r == 0)
		r = check_move(tx, &node, &folder, new_name);
	if (r == 0)
		r = make_room(
		    tx, &node, new_parent, new_name, flags, ret_replaced);
	if (r != 0)
		return r;
	node.parent = new_parent;
	(void)snprintf(node.name, sizeof node.name, "%s", new_name);
	node.ctime_ns = time_wall_ns();
	r = node_update(tx, &node);
	if (r == 0)
		r = node_touch_dir(tx, parent);
	if (r == 0 && parent != new_parent)
		r = node_touch_dir(tx, new_parent);
	return r;
}

void
fs_rename(fuse_req_t req, fuse_ino_t parent, const char *name,
    fuse_ino_t new_parent, const char *new_name, unsigned int flags)
{
	struct fs *fs = fs_of(req);
	uint64_t replaced = 0;
	struct tx *tx;
	int r = 0;

	if ((flags & ~(unsigned)RENAME_NOREPLACE) != 0)
		r = -EINVAL;
	else if (virtual_has(parent) || virtual_has(new_parent))
		r = -EPERM;
	else
		r = store_write(fs->store, &tx);
	if (r != 0) {
		(void)fuse_reply_err(req, -r);
		return;
	}
	r = rename_in(tx, parent, name, new_parent, new_name, flags, &replaced);
	if (r == 0)
		r = store_commit(tx);
	else
		store_end(tx);
	if (r == 0 && replaced != 0)
		fs_orphan(fs, replaced);
	(void)fuse_reply_err(req, -r);
}
