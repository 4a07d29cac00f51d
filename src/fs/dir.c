#include "fs/private.h"
#include "fs/unlisted.h"

#include "store/store.h"
#include "store/uploads.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Offsets of the two entries that stand before all others. */
#define OFF_DOT 1
#define OFF_DOTDOT 2

/*
 * Names that may appear from inside a request, where the kernel cannot be
 * told: their absence is not kept.
 */
static bool
absence_is_brief(const struct node *folder, const char *name)
{
	const size_t end = sizeof UPLOADS_EXTENSION - 1;
	size_t len = strlen(name);

	return folder->name[0] == '.' || node_is_archive(folder) ||
	       (folder->kind == NODE_LIST && len > end &&
		   strcmp(name + len - end, UPLOADS_EXTENSION) == 0) ||
	       fs_name_reserved(folder->kind, name);
}

static void
reply_virtual(fuse_req_t req, uint64_t ino)
{
	struct fs *fs = fs_of(req);
	struct fuse_entry_param entry = {.ino = ino, .generation = 1};
	int r = virtual_stat(fs->virtuals, ino, &entry.attr);

	entry.attr.st_uid = fs->uid;
	entry.attr.st_gid = fs->gid;
	if (r != 0)
		(void)fuse_reply_err(req, -r);
	if (r != 0 || fuse_reply_entry(req, &entry) != 0)
		virtual_forget(fs->virtuals, ino, 1);
}

static void
reply_absent(fuse_req_t req, const struct node *folder, const char *name)
{
	struct fuse_entry_param entry = {0};

	if (!absence_is_brief(folder, name))
		entry.entry_timeout = FS_TIMEOUT_S;
	(void)fuse_reply_entry(req, &entry);
}

static int
find(struct fs *fs, uint64_t parent, const char *name, struct node *ret_folder,
    struct node *ret_node)
{
	struct tx *tx;
	int r = store_read_brief(fs->store, &tx);

	if (r != 0)
		return r;
	r = node_by_name(tx, parent, name, ret_node);
	if (r == -ENOENT) {
		r = node_get(tx, parent, ret_folder);
		r = r == 0 ? 1 : r;
	}
	store_end(tx);
	return r;
}

static int
get_folder(struct fs *fs, uint64_t ino, struct node *ret_folder)
{
	struct tx *tx;
	int r = store_read_brief(fs->store, &tx);

	if (r != 0)
		return r;
	r = node_get(tx, ino, ret_folder);
	store_end(tx);
	return r != 0 ? r : node_is_dir(ret_folder) ? 0 : -ENOTDIR;
}

/* 1: there is none of this name. */
static int
find_unlisted(struct fs *fs, const struct node *folder, const char *name,
    struct node *ret_node)
{
	int r;

	if (unlisted_has(folder->kind, name))
		return unlisted_open(fs, folder->ino, name, ret_node);
	if (folder->kind != NODE_LIST && !node_is_archive(folder))
		return 1;
	r = unlisted_open_files(fs, folder->ino, name, ret_node);
	return r == -ENOENT ? 1 : r;
}

/* What is in a folder `Card.files` is known when that is up to date. */
static int
find_now(struct fs *fs, uint64_t parent, const char *name,
    struct node *ret_folder, struct node *ret_node)
{
	int r = find(fs, parent, name, ret_folder, ret_node);
	bool files = r == 1 ? ret_folder->kind == NODE_FILES
			    : r == 0 && ret_node->kind == NODE_UPLOAD;

	if (!files)
		return r;
	r = get_folder(fs, parent, ret_folder);
	if (r == 0)
		r = unlisted_refresh(fs, ret_folder);
	return r == 0 ? find(fs, parent, name, ret_folder, ret_node) : r;
}

/* The first search of a big account indexes all of its cards, which takes
 * longer than one search may: it goes on until it is done, or nobody waits. */
static int
lookup_virtual(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	uint64_t ino;
	int r;

	do
		r = virtual_lookup(fs_of(req)->virtuals, parent, name, &ino);
	while (r == -EAGAIN && !fuse_req_interrupted(req));
	if (r == 0)
		reply_virtual(req, ino);
	return r == -EAGAIN ? -EINTR : r;
}

void
fs_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fs *fs = fs_of(req);
	struct fuse_entry_param entry;
	struct node folder, node;
	int r;

	if (parent == NODE_ROOT && strcmp(name, VIRTUAL_DIR_NAME) == 0) {
		reply_virtual(req, VIRTUAL_DIR_INO);
		return;
	}
	if (virtual_has(parent)) {
		r = lookup_virtual(req, parent, name);
		if (r != 0)
			(void)fuse_reply_err(req, -r);
		return;
	}
	r = find_now(fs, parent, name, &folder, &node);
	if (r == 0 && node_is_old(&node) &&
	    get_folder(fs, parent, &folder) == 0 &&
	    fs_park(req, &folder, PARKED_LOOKUP, name, 0, 0))
		return;
	if (r == 1 && fs_park(req, &folder, PARKED_LOOKUP, name, 0, 0))
		return;
	if (r == 1)
		r = find_unlisted(fs, &folder, name, &node);
	else if (r == 0)
		r = unlisted_refresh(fs, &node);
	if (r == 0) {
		if (fs_writable(fs) && node.kind == NODE_LIST)
			watch_folder(fs->watch, node.ino);
		if (fs_writable(fs) && node_is_text(&node))
			watch_folder(fs->watch, parent);
		fs_entry(fs, &node, &entry);
		(void)fuse_reply_entry(req, &entry);
	} else if (r < 0) {
		(void)fuse_reply_err(req, -r);
	} else {
		reply_absent(req, &folder, name);
	}
}

/* A reply to READDIR or READDIRPLUS that is being filled. */
struct listing {
	fuse_req_t req;
	struct fs *fs;
	char *data;
	size_t size, used;
	bool plus;
};

/* 1: there is no more room. */
static int
add_entry(struct listing *listing, const char *name,
    const struct fuse_entry_param *entry, off_t off)
{
	size_t room = listing->size - listing->used;
	char *at = listing->data + listing->used;
	size_t len = listing->plus ? fuse_add_direntry_plus(listing->req, at,
					 room, name, entry, off)
				   : fuse_add_direntry(listing->req, at, room,
					 name, &entry->attr, off);

	if (len > room)
		return 1;
	listing->used += len;
	return 0;
}

static int
add_node(void *cookie, const struct node *node)
{
	struct listing *listing = cookie;
	struct fuse_entry_param entry;

	if (fs_writable(listing->fs) && node->kind == NODE_LIST)
		watch_folder(listing->fs->watch, node->ino);
	fs_entry(listing->fs, node, &entry);
	return add_entry(listing, node->name, &entry, node->off);
}

/* The kernel makes no inode of an entry without a number. */
static int
add_dots(struct listing *listing, uint64_t ino, uint64_t parent, off_t off)
{
	struct fuse_entry_param entry = {0};
	int r = 0;

	entry.attr.st_mode = S_IFDIR;
	entry.attr.st_ino = ino;
	if (off < OFF_DOT)
		r = add_entry(listing, ".", &entry, OFF_DOT);
	entry.attr.st_ino = parent;
	if (r == 0 && off < OFF_DOTDOT)
		r = add_entry(listing, "..", &entry, OFF_DOTDOT);
	return r;
}

/* Their attributes are never kept: no inode is made here. */
static int
add_virtual(void *cookie, const char *name, uint64_t ino, off_t off)
{
	struct fuse_entry_param entry = {0};

	entry.attr.st_mode = virtual_is_dir(ino)    ? S_IFDIR
			     : virtual_is_link(ino) ? S_IFLNK
						    : S_IFREG;
	entry.attr.st_ino = ino;
	return add_entry(cookie, name, &entry, OFF_DOTDOT + off);
}

static int
list_virtual(struct listing *listing, uint64_t folder, off_t off)
{
	int r = add_dots(listing, folder, virtual_parent(folder), off);

	if (r != 0)
		return r;
	return virtual_each(listing->fs->virtuals, folder,
	    off > OFF_DOTDOT ? off - OFF_DOTDOT : 0, add_virtual, listing);
}

static int
list_nodes(struct listing *listing, struct node *folder, off_t off)
{
	struct tx *tx;
	int r = add_dots(listing, folder->ino, folder->parent, off);

	if (r != 0)
		return r;
	r = store_read(listing->fs->store, false, &tx);
	if (r != 0)
		return r;
	r = node_each(tx, folder->ino, off > OFF_DOTDOT ? off : OFF_DOTDOT,
	    add_node, listing);
	store_end(tx);
	return r;
}

static void
list(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, bool plus)
{
	struct listing listing = {
	    .req = req, .fs = fs_of(req), .size = size, .plus = plus};
	struct node folder;
	int r;

	if (!virtual_has(ino)) {
		r = get_folder(listing.fs, ino, &folder);
		if (r != 0) {
			(void)fuse_reply_err(req, -r);
			return;
		}
		if (fs_writable(listing.fs) && folder.kind == NODE_LIST)
			watch_folder(listing.fs->watch, folder.ino);
		r = folder.kind == NODE_FILES
			? unlisted_refresh(listing.fs, &folder)
			: 0;
		if (r != 0) {
			(void)fuse_reply_err(req, -r);
			return;
		}
		if (fs_park(req, &folder,
			plus ? PARKED_READDIRPLUS : PARKED_READDIR, NULL, size,
			off))
			return;
	}
	listing.data = malloc(size);
	if (listing.data == NULL)
		r = -ENOMEM;
	else if (virtual_has(ino))
		r = virtual_is_dir(ino) ? list_virtual(&listing, ino, off)
					: -ENOTDIR;
	else
		r = list_nodes(&listing, &folder, off);
	if (r < 0)
		(void)fuse_reply_err(req, -r);
	else
		(void)fuse_reply_buf(req, listing.data, listing.used);
	free(listing.data);
}

void
fs_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
    struct fuse_file_info *fi)
{
	(void)fi;
	list(req, ino, size, off, false);
}

void
fs_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
    struct fuse_file_info *fi)
{
	(void)fi;
	list(req, ino, size, off, true);
}
