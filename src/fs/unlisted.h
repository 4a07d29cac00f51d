#ifndef FS_UNLISTED_H
#define FS_UNLISTED_H

#include "store/nodes.h"

#include <stdbool.h>

struct fs;
struct tx;

/**
 * What no listing shows: `.order` of boards and lists, `.archive` of boards and
 * of the root, `Card.files` of cards.  They are made when somebody asks for them by name, and are
 * brought up to date whenever their attributes are asked for, which the kernel
 * does not keep.
 */

/** Whether a folder of this kind has one of this name. */
bool unlisted_has(enum node_kind folder, const char *name);

/** Whether the kernel may keep what it was told of the node. */
bool unlisted_is_brief(const struct node *node);

/** The file of this name, made if need be, up to date.  0 or -errno. */
int unlisted_open(
    struct fs *fs, uint64_t folder, const char *name, struct node *ret_node);

/** The same inside a transaction, for who saves it anew. */
int unlisted_open_in(struct tx *tx, const struct node *folder, const char *name,
    struct node *ret_node);

/** The folder `Card.files` of this name, likewise.  -ENOENT: there is no such
 * card. */
int unlisted_open_files(
    struct fs *fs, uint64_t folder, const char *name, struct node *ret_dir);

/** Bring it up to date, and what is in a `Card.files` with that; nothing
 * happens to any other node.  0 or -errno. */
int unlisted_refresh(struct fs *fs, struct node *node);

#endif
