#ifndef FS_PRIVATE_H
#define FS_PRIVATE_H

#include "fs/fs.h"
#include "fs/virtual.h"
#include "fs/watch.h"
#include "store/nodes.h"
#include "store/store.h"
#include "sync/settle.h"
#include "sync/sync.h"

#include <fuse_lowlevel.h>

#include <errno.h>
#include <pthread.h>

struct aliases;
struct folder_changes;
struct notifier;

/*
 * Inode numbers: 1 is the root, 2 to 1023 are the files of .trellofs
 * (fs/virtual.h), from 1024 they are nodes of the store.
 */

/* The kernel keeps what it has been told until it is told otherwise. */
#define FS_TIMEOUT_S (7.0 * 24 * 3600)

struct fs {
	struct store *store;
	struct sync *sync;
	struct notifier *notifier;
	struct virtual_files *virtuals;
	struct watch *watch;
	struct aliases *aliases;
	struct settle_context settle;
	bool writable; /* the mount is not read-only */
	bool wait;     /* -o sync: changes wait for Trello's answer */
	char *mountpoint;
	struct fuse_session *session;
	char *fuse_options;
	mode_t umask;
	uid_t uid;
	gid_t gid;
	bool debug;
	bool mounted;
	void (*ready)(void *cookie);
	void *cookie;

	pthread_mutex_t orphans_lock; /* of the next three */
	/* Local files without a name that the kernel still knows. */
	VEC(uint64_t) orphans;
	VEC(uint64_t) written; /* cards whose next FSYNC is the kernel's own */
	VEC(uint64_t) broken;  /* files of which not all could be written */
};

static inline struct fs *
fs_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

/** Whether boards, lists and cards may be changed: neither the mount nor the
 * token is read-only. */
static inline bool
fs_writable(const struct fs *fs)
{
	return fs->writable && !sync_read_only(fs->sync);
}

/** Whether what is Trello's in a board's or list's folder may be changed: 0,
 * -EROFS, or -EACCES where the account is only an observer. */
static inline int
fs_check_change(const struct fs *fs, uint64_t folder)
{
	if (!fs_writable(fs))
		return -EROFS;
	return sync_observed(fs->sync, folder) ? -EACCES : 0;
}

/** The folder that the rights to a board, list or text depend on. */
static inline uint64_t
fs_rights_folder(const struct node *node)
{
	return node_is_text(node) ? node->parent : node->ino;
}

/* run.c */

/** Let SIGTERM, SIGINT and SIGHUP wait for fs_run(). */
void fs_hold_signals(void);

/** End what asks the kernel or Trello by itself, while the kernel is still
 * answered or when it asks no more.  Once or more. */
void fs_quiet(struct fs *fs);

/* attr.c */

/** Which inode is meant (fs/alias.h). */
uint64_t fs_meant(struct fs *fs, fuse_ino_t ino);

/** The attributes of a node, and how long the kernel may keep them. */
double fs_stat(
    const struct fs *fs, const struct node *node, struct stat *ret_stat);

/** An entry for the kernel's cache: valid until it is told otherwise. */
void fs_entry(
    struct fs *fs, const struct node *node, struct fuse_entry_param *ret_entry);

/** Names that the program itself has in this folder, listed or not. */
bool fs_name_reserved(enum node_kind folder, const char *name);

/** Whether a name in this folder may be a card. */
bool fs_name_is_card(enum node_kind folder, const char *name);

/* dir.c */
void fs_lookup(fuse_req_t req, fuse_ino_t parent, const char *name);
void fs_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
    struct fuse_file_info *fi);
void fs_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
    struct fuse_file_info *fi);

/* file.c */
void fs_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void fs_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
    struct fuse_file_info *fi);
void fs_readlink(fuse_req_t req, fuse_ino_t ino);
void fs_statfs(fuse_req_t req, fuse_ino_t ino);
void fs_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);

/* xattr.c */
void fs_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size);
void fs_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size);
void fs_setxattr(fuse_req_t req, fuse_ino_t ino, const char *name,
    const char *value, size_t size, int flags);
void fs_removexattr(fuse_req_t req, fuse_ino_t ino, const char *name);

/* change.c: data and attributes */
void fs_write(fuse_req_t req, fuse_ino_t ino, const char *data, size_t size,
    off_t off, struct fuse_file_info *fi);
void fs_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set,
    struct fuse_file_info *fi);
void fs_fsync(
    fuse_req_t req, fuse_ino_t ino, int datasync, struct fuse_file_info *fi);
void fs_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void fs_forget(fuse_req_t req, fuse_ino_t ino, uint64_t nlookup);
void fs_forget_multi(
    fuse_req_t req, size_t count, struct fuse_forget_data *forgets);

/** Note that a local file has no name any more: its data goes when the
 * kernel forgets it. */
void fs_orphan(struct fs *fs, uint64_t ino);

/* names.c: making, removing and renaming */

/**
 * Say which name the kernel changes by itself when the request is answered
 * (two, if called twice).  With -o sync it may be told of a failure though it
 * is done here: then it is made to look again.
 */
void fs_asked(const struct fs *fs, struct folder_changes *changes,
    uint64_t parent, const char *name);

void fs_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
    struct fuse_file_info *fi);
void fs_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
    dev_t rdev);
void fs_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode);
void fs_symlink(
    fuse_req_t req, const char *target, fuse_ino_t parent, const char *name);
void fs_link(
    fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name);
void fs_unlink(fuse_req_t req, fuse_ino_t parent, const char *name);
void fs_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name);
void fs_rename(fuse_req_t req, fuse_ino_t parent, const char *name,
    fuse_ino_t new_parent, const char *new_name, unsigned int flags);

/* reply.c */

/** A reply without error. */
struct fs_reply {
	enum {
		REPLY_ERR,
		REPLY_WRITE,
		REPLY_ATTR,
		REPLY_ENTRY,
		REPLY_CREATE
	} kind;
	size_t size;		       /* WRITE */
	struct fuse_entry_param entry; /* ENTRY, CREATE; ATTR: its attr */
	struct fuse_file_info fi;      /* CREATE */
};
void fs_reply(fuse_req_t req, const struct fs_reply *reply);

/** The same where the writer of a card in this folder (0: nowhere) may close
 * it next: when that would be told. */
void fs_reply_writing(
    fuse_req_t req, uint64_t folder, const struct fs_reply *reply);

/* order.c */

/** WRITE to a file of .trellofs/control: answered when it is done. */
void fs_order(fuse_req_t req, fuse_ino_t ino, const char *data, size_t size);

/** What a request has done. */
struct fs_done {
	const struct fuse_entry_param *entry; /* NULL: none is asked for */
	/* Where names changed, or 0: until the answer the kernel lets nobody
	 * else change any there. */
	uint64_t folder, other;
	/* The card, list or board that it is about; "" or NULL: Trello has
	 * nothing to say to it. */
	const char *object;
	size_t refusals; /* sync_refusals() before it */
	bool all;	 /* it is about many */
	bool text; /* a refusal leaves a draft; otherwise nothing is left */
	bool told; /* not before the kernel has been told of it, in `folder` */
};

/** Answer a request that may have changed something at Trello: with -o sync
 * what Trello answered to that, otherwise at once.  r is 0 or -errno. */
void fs_answer(fuse_req_t req, int r, const struct fs_done *done);

/* park.c */

/* An operation that waits for a board's content and is then done again. */
enum parked_op {
	PARKED_LOOKUP,
	PARKED_READDIR,
	PARKED_READDIRPLUS,
};

/**
 * Whether the operation has to wait because folder is a board whose content
 * is not here: then it has been handed over, and answered if that failed.
 */
bool fs_park(fuse_req_t req, const struct node *folder, enum parked_op op,
    const char *name, size_t size, off_t off);

#endif
