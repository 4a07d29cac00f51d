#include "fs/alias.h"
#include "fs/attach.h"
#include "fs/private.h"
#include "fs/unlisted.h"

#include "store/board_file.h"
#include "store/journal.h"
#include "store/order.h"
#include "store/problems.h"
#include "store/untold.h"
#include "text/names.h"

#include <string.h>
#include <sys/stat.h>

static mode_t
node_mode(const struct fs *fs, const struct node *node)
{
	mode_t type = S_IFREG, mode = 0666;

	if (node->kind == NODE_OLD_CARD ||
	    (node->kind == NODE_UPLOAD && !journal_is_own_id(node->id)))
		mode = 0444;
	if (node_is_dir(node)) {
		type = S_IFDIR;
		mode = 0777;
	} else if (node->kind == NODE_LOCAL_SYMLINK) {
		return S_IFLNK | 0777;
	} else if (node_is_text(node) &&
		   fs_check_change(fs, node->parent) != 0) {
		mode = 0444;
	}
	if (node->mode >= 0)
		return type | (mode_t)(node->mode & 07777);
	return type | (mode & ~fs->umask);
}

static struct timespec
from_ns(int64_t ns)
{
	int64_t seconds = ns / 1000000000, rest = ns % 1000000000;

	if (rest < 0) {
		rest += 1000000000;
		seconds--;
	}
	return (struct timespec){
	    .tv_sec = (time_t)seconds, .tv_nsec = (long)rest};
}

double
fs_stat(const struct fs *fs, const struct node *node, struct stat *ret_stat)
{
	struct node given = *node;
	bool brief = untold_attributes(store_untold(fs->store), &given) ||
		     unlisted_is_brief(node);

	*ret_stat = (struct stat){
	    .st_ino = node->ino,
	    .st_mode = node_mode(fs, node),
	    /* 1 on a folder: the number of its subfolders is not told. */
	    .st_nlink = node->parent != 0 ? 1 : 0,
	    .st_uid = node->uid >= 0 ? (uid_t)node->uid : fs->uid,
	    .st_gid = node->gid >= 0 ? (gid_t)node->gid : fs->gid,
	    .st_size = node_is_dir(node) ? 0 : given.size,
	    .st_blksize = 4096,
	    .st_mtim = from_ns(given.mtime_ns),
	    .st_atim = from_ns(given.mtime_ns),
	    .st_ctim = from_ns(given.ctime_ns),
	};
	ret_stat->st_blocks = (ret_stat->st_size + 511) / 512;
	return brief ? 0 : FS_TIMEOUT_S;
}

uint64_t
fs_meant(struct fs *fs, fuse_ino_t ino)
{
	return alias_get(fs->aliases, ino);
}

void
fs_entry(
    struct fs *fs, const struct node *node, struct fuse_entry_param *ret_entry)
{
	if (fs_meant(fs, node->ino) != node->ino)
		alias_end(fs->aliases, node->ino);
	*ret_entry = (struct fuse_entry_param){
	    .ino = node->ino,
	    .generation = 1,
	    .entry_timeout = node_is_old(node) || node->kind == NODE_FILES ||
				     attach_is_file(node)
				 ? 0
				 : FS_TIMEOUT_S,
	};
	ret_entry->attr_timeout = fs_stat(fs, node, &ret_entry->attr);
}

/* Card.md.error */
static bool
is_error_name(const char *name)
{
	static const char end[] = NAME_CARD_EXTENSION PROBLEM_SUFFIX;
	size_t len = strlen(name), n = sizeof end - 1;

	return len > n && strcmp(name + len - n, end) == 0;
}

/* .order, .order.error */
static bool
is_own_name(const char *name, const char *own)
{
	size_t len = strlen(own);

	return strncmp(name, own, len) == 0 &&
	       (name[len] == '\0' || strcmp(name + len, PROBLEM_SUFFIX) == 0);
}

bool
fs_name_reserved(enum node_kind folder, const char *name)
{
	switch (folder) {
	case NODE_ROOT_DIR:
		return strcmp(name, VIRTUAL_DIR_NAME) == 0 ||
		       strcmp(name, ".archive") == 0;
	case NODE_BOARD:
		return strcmp(name, ".board.md") == 0 ||
		       is_own_name(name, ORDER_NAME) ||
		       strcmp(name, ".archive") == 0;
	case NODE_LIST:
		return is_own_name(name, ORDER_NAME) || is_error_name(name);
	default:
		return false;
	}
}

bool
fs_name_is_card(enum node_kind folder, const char *name)
{
	size_t len = strlen(name);

	return folder == NODE_LIST && name[0] != '.' && len > 3 &&
	       strcmp(name + len - 3, ".md") == 0;
}
