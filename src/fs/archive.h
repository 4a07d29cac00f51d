#ifndef FS_ARCHIVE_H
#define FS_ARCHIVE_H

#include "fs/private.h"

struct folder_changes;

/**
 * What is moved into a `.archive`, out of it, or removed there.  Each changes
 * the tree and journals it.  0 or -errno.
 */

/** Archive a card or a list, close a board, by moving it there. */
int archive_in(struct folder_changes *changes, struct fs *fs,
    const struct node *node, const struct node *dir);

/** Bring it back: a card to a list, a list to its board, a board to the root.
 * *ret_ino: the card, list or board that it is now. */
int archive_out(struct folder_changes *changes, struct fs *fs,
    const struct node *old, const struct node *folder, const char *name,
    uint64_t *ret_ino);

/**
 * A copy of a card's text, which it left here when it was moved away and
 * archived, goes to a list under a name: the card is back there.  0; -ENOENT:
 * it is no such copy; or -errno.
 */
int archive_bring_back(struct folder_changes *changes, struct fs *fs,
    const struct node *list, const char *name, const struct buf *text,
    struct node *ret_card);

/** A card is moved away, and a copy of its text stays: keep what that needs.
 * Before it is archived. */
int archive_keep(struct folder_changes *changes, const struct node *card);

/** Delete an archived card for good.  -EPERM: that is not allowed. */
int archive_delete(
    struct folder_changes *changes, struct fs *fs, const struct node *old);

#endif
