#ifndef FS_ATTACH_H
#define FS_ATTACH_H

#include "store/nodes.h"

#include <stddef.h>

struct card_write;
struct folder_changes;
struct fs;
struct renaming;
struct tx;

/**
 * What programs do in a folder `Card.files`.  What they write stands in a
 * spooled file (store/spool.h) until it is closed; then it is in the journal
 * and in the card, and on its way to Trello.  What is there cannot be changed:
 * EPERM.  Each returns 0 or -errno.
 */

/** Whether it is a file of such a folder. */
static inline bool
attach_is_file(const struct node *node)
{
	return node->kind == NODE_SPOOL || node->kind == NODE_UPLOAD;
}

/** Whether the files in such a folder may be changed: 0, -EROFS, -EACCES, or
 * -EPERM where the card is archived. */
int attach_check_rights(
    const struct fs *fs, struct tx *tx, const struct node *dir);

/** A new file; node: kind, mode and name. */
int attach_make(struct fs *fs, struct folder_changes *changes,
    const struct node *dir, struct node *node);

/** Bytes of one that is here; -ENOENT: they are not. */
int attach_read(struct fs *fs, const struct node *node, int64_t offset,
    void *data, size_t len, size_t *ret_len);

int attach_write(
    struct fs *fs, const struct node *node, const struct card_write *write);
int attach_truncate(struct fs *fs, uint64_t ino, int64_t size);

/** Force what was written to the disk. */
int attach_sync(struct fs *fs, uint64_t ino);

/** It was closed: it is complete. */
int attach_settle(struct fs *fs, uint64_t ino);

/** Its name goes; *ret_orphan: it lives on for who has it open, or 0. */
int attach_remove(struct fs *fs, struct folder_changes *changes,
    const struct node *node, uint64_t *ret_orphan);

/** RENAME from, to or within such a folder. */
int attach_rename(struct renaming *renaming);

/** At the start: say what cannot be known to be complete. */
void attach_recover(struct fs *fs);

#endif
