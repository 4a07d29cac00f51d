#ifndef FS_STRUCTURE_H
#define FS_STRUCTURE_H

#include "fs/private.h"

struct folder_changes;
struct settle_context;

/**
 * Boards and lists made, renamed, moved and archived: each changes the tree
 * and journals it.  0 or -errno.
 */

/** A new list at the end of a board, or where its number says
 * (store/numbering.h); a new board without lists. */
int list_create(const struct settle_context *context,
    struct folder_changes *changes, const struct node *board, const char *name,
    struct node *ret_node);
int board_create(
    struct folder_changes *changes, const char *name, struct node *ret_node);

/** Another name; a list also another board, or place. */
int list_move(const struct settle_context *context,
    struct folder_changes *changes, const struct node *list,
    const struct node *board, const char *name);
int board_rename(
    struct folder_changes *changes, const struct node *board, const char *name);

/** Archive a list; close a board, once the user confirms.  -ENOTEMPTY. */
int list_archive(struct folder_changes *changes, const struct node *list);
int board_close(struct folder_changes *changes, const struct node *board);

/** The same with what is in it.  -EBUSY: Trello has not heard of it yet. */
int list_archive_whole(struct folder_changes *changes, const struct node *list);
int board_close_whole(struct folder_changes *changes, const struct node *board);

#endif
