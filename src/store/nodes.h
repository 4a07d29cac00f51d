#ifndef STORE_NODES_H
#define STORE_NODES_H

#include "model/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct tx;

/**
 * The file tree.  A node is a file or a folder; its inode number is its row
 * and is never given to another one.
 *
 * Inode numbers are of three kinds: the root (1), the program's own files
 * below .trellofs (2 to 1023, known to src/fs only), and nodes (from 1024).
 */
#define NODE_ROOT 1
#define NODE_FIRST 1024
#define NODE_NAME_MAX 255

/* What a node stands for.  The numbers are in the database; local ones are
 * the highest. */
enum node_kind {
	NODE_NONE = 0,
	NODE_BOARD = 1,
	NODE_LIST = 2,
	NODE_CARD = 3,
	NODE_LOCAL_FILE = 4,
	NODE_LOCAL_DIR = 5,
	NODE_LOCAL_SYMLINK = 6,
	NODE_ERROR = 7, /* Card.md.error */
	/* What no listing shows: `.order`, `.archive` */
	NODE_ORDER = 8,
	NODE_ARCHIVE = 9,
	/* What is in that: archived.h */
	NODE_OLD_CARD = 10,
	NODE_OLD_LIST = 11,
	NODE_OLD_BOARD = 12,
	NODE_BOARD_FILE = 13, /* `.board.md`, unlisted */
	NODE_FILES = 14,      /* `Card.files`: uploads.h */
	NODE_UPLOAD = 15,     /* in that */
	NODE_SPOOL = 16,      /* likewise, nothing of Trello's: spool.h */
	NODE_ROOT_DIR = -1,   /* the root itself, which has no row */
};

struct node {
	uint64_t ino;
	uint64_t parent; /* 0: it is nowhere any more */
	enum node_kind kind;
	char id[MODEL_ID_SIZE]; /* Trello's, "" for local ones */
	char name[NODE_NAME_MAX + 1];
	int64_t off; /* directory offset, unique in the folder, > 2 */
	double pos;  /* Trello's, that off is made from; 0 for others */
	int64_t size;
	int64_t mode; /* permission bits that were set here, or -1 */
	int64_t uid;  /* likewise */
	int64_t gid;
	int64_t mtime_ns;
	int64_t ctime_ns;
};

static inline bool
node_is_local(const struct node *node)
{
	return node->kind == NODE_LOCAL_FILE || node->kind == NODE_LOCAL_DIR ||
	       node->kind == NODE_LOCAL_SYMLINK;
}

/* Whether it is a text that a program may save, and Trello's. */
static inline bool
node_is_text(const struct node *node)
{
	return node->kind == NODE_CARD || node->kind == NODE_ORDER ||
	       node->kind == NODE_BOARD_FILE;
}

/* Whether it is archived, or a folder of that. */
static inline bool
node_is_old(const struct node *node)
{
	return node->kind == NODE_OLD_CARD || node->kind == NODE_OLD_LIST ||
	       node->kind == NODE_OLD_BOARD;
}

/* Whether it is a folder of what is archived. */
static inline bool
node_is_archive(const struct node *node)
{
	return node->kind == NODE_ARCHIVE || node->kind == NODE_OLD_LIST ||
	       node->kind == NODE_OLD_BOARD;
}

static inline bool
node_is_dir(const struct node *node)
{
	return node_is_archive(node) || node->kind == NODE_FILES ||
	       node->kind == NODE_BOARD || node->kind == NODE_LIST ||
	       node->kind == NODE_LOCAL_DIR || node->kind == NODE_ROOT_DIR;
}

/** Each finds one node.  0, -ENOENT or -errno. */
int node_get(struct tx *tx, uint64_t ino, struct node *ret_node);
int node_by_name(
    struct tx *tx, uint64_t parent, const char *name, struct node *ret_node);
int node_by_id(struct tx *tx, const char *id, struct node *ret_node);

/** The same for what must be of this kind: -EBADMSG if the id is of something
 * else. */
int node_of_kind(
    struct tx *tx, enum node_kind kind, const char *id, struct node *ret_node);

/**
 * Call fn for the nodes of a folder in the order of their offsets, those
 * behind `after` first of all, until it returns non-zero, which is returned;
 * those that no listing shows are left out.
 * fn must not begin another walk over a folder in the same transaction.
 */
typedef int node_fn(void *cookie, const struct node *node);
int node_each(
    struct tx *tx, uint64_t parent, int64_t after, node_fn *fn, void *cookie);

/** Whether the folder has any node. 1, 0 or -errno. */
int node_has_children(struct tx *tx, uint64_t parent);

/**
 * Insert a node as it is given, all but ino, which is set.  -EEXIST if the
 * name is taken.
 */
int node_add(struct tx *tx, struct node *node);

/** Insert a local node: off is chosen so that it comes after Trello's. */
int node_add_local(struct tx *tx, struct node *node);

/** Write every member of the node back. */
int node_update(struct tx *tx, const struct node *node);

/** Forget the node with its text or its data. */
int node_delete(struct tx *tx, uint64_t ino);

/** Forget local nodes that are nowhere any more and that nobody has open. */
int node_drop_orphans(struct tx *tx);

/**
 * The folder's listing has changed: move its times, always forward.  The
 * root and nodes alike; the kernel sees by it that its cached listing is old.
 */
int node_touch_dir(struct tx *tx, uint64_t ino);
int node_root_mtime(struct tx *tx, int64_t *ret_mtime_ns);

/** Milliseconds since the epoch as a time stamp.  What nanoseconds cannot hold
 * becomes the nearest that they can, with room to move on. */
int64_t node_time_from_ms(int64_t ms);

/** The offset for an entry that sorts by this pos: see product, "Offsets". */
int64_t node_off_from_pos(double pos);

/** Offset of a local node: behind all of Trello's. */
int64_t node_off_local(uint64_t ino);

/** The text of a card: append it to out, or at most len bytes from offset
 * into data (*ret_len: how many). */
int node_text(struct tx *tx, uint64_t ino, struct buf *out);
int node_text_read(struct tx *tx, uint64_t ino, int64_t offset, void *data,
    size_t len, size_t *ret_len);
int node_text_set(
    struct tx *tx, uint64_t ino, const char *rev, const void *text, size_t len);

/** Append the node's path below the mount point: of what is nowhere, its name.
 * 0 or -errno. */
int node_path(struct tx *tx, const struct node *node, struct buf *out);

#endif
