#include "fs/alias.h"
#include "fs/attach.h"
#include "fs/card.h"
#include "fs/private.h"
#include "fs/unlisted.h"

#include "store/local.h"
#include "store/untold.h"
#include "util/timeutil.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/*
 * Changes of data and attributes.  Local files and cards take data; mode,
 * owner and times are kept here only.
 */

void
fs_orphan(struct fs *fs, uint64_t ino)
{
	uint64_t *slot;

	(void)pthread_mutex_lock(&fs->orphans_lock);
	slot = VEC_ADD(&fs->orphans);
	if (slot != NULL)
		*slot = ino;
	(void)pthread_mutex_unlock(&fs->orphans_lock);
}

static bool
take_ino(uint64_t *v, size_t *n, uint64_t ino)
{
	for (size_t i = 0; i < *n; i++) {
		if (v[i] != ino)
			continue;
		v[i] = v[--*n];
		return true;
	}
	return false;
}

static bool
take_orphan(struct fs *fs, uint64_t ino)
{
	bool found;

	(void)pthread_mutex_lock(&fs->orphans_lock);
	found = take_ino(fs->orphans.v, &fs->orphans.n, ino);
	(void)pthread_mutex_unlock(&fs->orphans_lock);
	return found;
}

/* With -o sync the kernel sends an FSYNC after each WRITE, which is no sign
 * that the text is complete. */
static void
expect_fsync(struct fs *fs, uint64_t ino)
{
	uint64_t *slot;

	if (!fs->wait)
		return;
	(void)pthread_mutex_lock(&fs->orphans_lock);
	(void)take_ino(fs->written.v, &fs->written.n, ino);
	slot = VEC_ADD(&fs->written);
	if (slot != NULL)
		*slot = ino;
	(void)pthread_mutex_unlock(&fs->orphans_lock);
}

static bool
expected_fsync(struct fs *fs, uint64_t ino)
{
	bool found;

	(void)pthread_mutex_lock(&fs->orphans_lock);
	found = take_ino(fs->written.v, &fs->written.n, ino);
	(void)pthread_mutex_unlock(&fs->orphans_lock);
	return found;
}

static void
forget_one(struct fs *fs, uint64_t ino, uint64_t nlookup)
{
	struct tx *tx;

	if (virtual_has(ino)) {
		virtual_forget(fs->virtuals, ino, nlookup);
		return;
	}
	alias_end(fs->aliases, ino);
	if (!take_orphan(fs, ino) || store_write(fs->store, &tx) != 0)
		return;
	if (node_delete(tx, ino) == 0)
		(void)store_commit(tx);
	else
		store_end(tx);
	alias_end_target(fs->aliases, ino);
}

void
fs_forget(fuse_req_t req, fuse_ino_t ino, uint64_t nlookup)
{
	forget_one(fs_of(req), ino, nlookup);
	fuse_reply_none(req);
}

void
fs_forget_multi(fuse_req_t req, size_t count, struct fuse_forget_data *forgets)
{
	for (size_t i = 0; i < count; i++)
		forget_one(fs_of(req), forgets[i].ino, forgets[i].nlookup);
	fuse_reply_none(req);
}

/* Why the content of what is not local, and no card that may be written, is
 * not changed. */
static int
refusal(const struct fs *fs, const struct node *node)
{
	int r = node_is_text(node) ? fs_check_change(fs, node->parent) : -EROFS;

	return r != 0 ? r : -EROFS;
}

static int
write_local(
    struct fs *fs, uint64_t ino, const char *data, size_t size, off_t off)
{
	struct node node;
	struct tx *tx;
	int r = store_write(fs->store, &tx);

	if (r != 0)
		return r;
	r = node_get(tx, ino, &node);
	if (r == 0)
		r = node.kind == NODE_LOCAL_FILE
			? local_write(tx, &node, off, data, size)
			: refusal(fs, &node);
	if (r == 0)
		return store_commit(tx);
	store_end(tx);
	return r;
}

/* Whether the node is a text of Trello's, and can be changed. */
static bool
find_open_text(struct fs *fs, uint64_t ino, struct node *ret_node)
{
	struct tx *tx;
	int r = fs_writable(fs) ? store_read_brief(fs->store, &tx) : -EROFS;

	if (r != 0)
		return false;
	r = node_get(tx, ino, ret_node);
	store_end(tx);
	return r == 0 && node_is_text(ret_node) &&
	       fs_check_change(fs, ret_node->parent) == 0;
}

void
fs_write(fuse_req_t req, fuse_ino_t ino, const char *data, size_t size,
    off_t off, struct fuse_file_info *fi)
{
	struct fs *fs = fs_of(req);
	struct fs_reply reply = {.kind = REPLY_WRITE, .size = size};
	struct card_write write = {.data = data,
	    .len = size,
	    .offset = off,
	    .append = (fi->flags & O_APPEND) != 0,
	    .thread = fuse_req_ctx(req)->pid};
	struct node node = {0};
	uint64_t folder = 0;
	int r;

	if (virtual_has(ino)) {
		fs_order(req, ino, data, size);
		return;
	}
	ino = fs_meant(fs, ino);
	if (find_open_text(fs, ino, &node)) {
		folder = node.parent;
		expect_fsync(fs, ino);
		r = card_write_text(fs, ino, &write);
	} else if (attach_is_file(&node)) {
		folder = node.parent;
		r = attach_write(fs, &node, &write);
	} else {
		r = write_local(fs, ino, data, size, off);
	}
	if (r != 0) {
		(void)fuse_reply_err(req, -r);
		return;
	}
	untold_drop(store_untold(fs->store), ino);
	fs_reply_writing(req, folder, &reply);
}

static int64_t
to_ns(struct timespec ts)
{
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int
change_attributes(const struct fs *fs, struct tx *tx, struct node *node,
    const struct stat *attr, int to_set)
{
	int r = 0;

	if (to_set & FUSE_SET_ATTR_SIZE) {
		if (node->kind != NODE_LOCAL_FILE)
			return node_is_dir(node) ? -EISDIR : refusal(fs, node);
		r = local_truncate(tx, node, attr->st_size);
	}
	/* The root has no row to keep anything in. */
	if (r != 0 || node->kind == NODE_ROOT_DIR)
		return r;
	if (to_set & FUSE_SET_ATTR_MODE)
		node->mode = attr->st_mode & 07777;
	if (to_set & FUSE_SET_ATTR_UID)
		node->uid = attr->st_uid;
	if (to_set & FUSE_SET_ATTR_GID)
		node->gid = attr->st_gid;
	if (to_set & FUSE_SET_ATTR_MTIME_NOW)
		node->mtime_ns = time_wall_ns();
	else if (to_set & FUSE_SET_ATTR_MTIME)
		node->mtime_ns = to_ns(attr->st_mtim);
	node->ctime_ns = time_wall_ns();
	return node_update(tx, node);
}

/* Who copies a file's attributes to a new one sets what that has already. */
static bool
has_attributes(const struct fs *fs, const struct node *node,
    const struct stat *attr, int to_set)
{
	const int known =
	    FUSE_SET_ATTR_MODE | FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID;
	struct stat now;

	if (to_set == 0)
		return true;
	if (node->kind != NODE_LOCAL_FILE || (to_set & ~known) != 0)
		return false;
	(void)fs_stat(fs, node, &now);
	return ((to_set & FUSE_SET_ATTR_MODE) == 0 ||
		   ((now.st_mode ^ attr->st_mode) & 07777) == 0) &&
	       ((to_set & FUSE_SET_ATTR_UID) == 0 ||
		   now.st_uid == attr->st_uid) &&
	       ((to_set & FUSE_SET_ATTR_GID) == 0 ||
		   now.st_gid == attr->st_gid);
}

/* 1: there is nothing to be changed. */
static int
look_at_attributes(struct fs *fs, uint64_t ino, const struct stat *attr,
    int to_set, struct node *ret_node)
{
	struct tx *tx;
	int r = store_read_brief(fs->store, &tx);

	if (r != 0)
		return r;
	r = node_get(tx, ino, ret_node);
	store_end(tx);
	return r == 0 ? has_attributes(fs, ret_node, attr, to_set) : r;
}

static int
set_attributes(struct fs *fs, uint64_t ino, const struct stat *attr, int to_set,
    struct node *ret_node)
{
	struct node node = {0};
	struct tx *tx;
	int r = 0;

	if ((to_set & FUSE_SET_ATTR_SIZE) != 0) {
		bool ours = find_open_text(fs, ino, &node);

		if (ours)
			r = card_truncate_text(fs, ino, attr->st_size);
		else if (attach_is_file(&node))
			r = attach_truncate(fs, ino, attr->st_size);
		/* A text that may not be changed is refused below. */
		if (ours || attach_is_file(&node))
			to_set &= ~FUSE_SET_ATTR_SIZE;
	}
	if (r == 0)
		r = look_at_attributes(fs, ino, attr, to_set, ret_node);
	if (r == 0)
		r = store_write(fs->store, &tx);
	if (r != 0)
		return r == 1 ? 0 : r;
	r = node_get(tx, ino, ret_node);
	if (r == 0)
		r = change_attributes(fs, tx, ret_node, attr, to_set);
	if (r == 0)
		return store_commit(tx);
	store_end(tx);
	return r;
}

void
fs_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set,
    struct fuse_file_info *fi)
{
	struct fs *fs = fs_of(req);
	struct fs_reply reply = {.kind = REPLY_ATTR};
	struct node node;
	int r;

	/* `>` truncates what it orders by. */
	if (virtual_has(ino) && virtual_order(ino) != ORDER_KINDS) {
		fs_getattr(req, ino, fi);
		return;
	}
	r = virtual_has(ino)
		? -EPERM
		: set_attributes(fs, fs_meant(fs, ino), attr, to_set, &node);

	(void)fi;
	if (r != 0) {
		(void)fuse_reply_err(req, -r);
		return;
	}
	untold_drop(store_untold(fs->store), node.ino);
	reply.entry.attr_timeout = fs_stat(fs, &node, &reply.entry.attr);
	if ((node_is_text(&node) || attach_is_file(&node)) &&
	    (to_set & FUSE_SET_ATTR_SIZE) != 0)
		fs_reply_writing(req, node.parent, &reply);
	else
		fs_reply(req, &reply);
}

void
fs_fsync(
    fuse_req_t req, fuse_ino_t ino, int datasync, struct fuse_file_info *fi)
{
	struct fs *fs = fs_of(req);
	uint64_t meant = fs_meant(fs, ino);
	struct node card = {0};
	struct fs_done done = {
	    .text = true, .refusals = sync_refusals(fs->sync)};
	bool early = expected_fsync(fs, meant);
	int r = 0, synced;

	(void)datasync;
	(void)fi;
	if (find_open_text(fs, meant, &card) &&
	    !(early && card_is_partial(fs, &card))) {
		r = card_settle(fs, meant);
		/* It may have been another one's text. */
		(void)find_open_text(fs, fs_meant(fs, meant), &card);
		done.object = card.id;
		done.all = card.kind != NODE_CARD;
	} else if (attach_is_file(&card)) {
		r = attach_sync(fs, meant);
	}
	synced = store_sync(fs->store);
	fs_answer(req, r != 0 ? r : synced, &done);
}

/* Only files that were just made have one. */
void
fs_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fs *fs = fs_of(req);
	struct node node = {0};

	(void)fi;
	ino = fs_meant(fs, ino);
	if (find_open_text(fs, ino, &node) || attach_is_file(&node))
		watch_closed(fs->watch, ino);
	(void)fuse_reply_err(req, 0);
}
