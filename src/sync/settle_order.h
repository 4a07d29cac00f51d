#ifndef SYNC_SETTLE_ORDER_H
#define SYNC_SETTLE_ORDER_H

#include "sync/settle.h"

struct save;

/**
 * From a text of `.order` to moves in the journal: only what its author moved,
 * with as few new positions as can be.
 */

/** Take over a text from elsewhere.  0; -EINVAL with ret_error: nothing has
 * changed; -errno. */
int settle_order(const struct settle_context *context,
    struct folder_changes *changes, struct node *file,
    const struct settle_source *source, struct text_error *ret_error);

/** The text that is being written is complete.  A wrong one becomes a draft,
 * and *ret_told is -EINVAL.  0 or -errno. */
int settle_order_save(const struct settle_context *context,
    struct folder_changes *changes, struct node *file, const struct save *save,
    struct text_error *ret_error, int *ret_told);

/** Give a list or a card another position: a number, in its folder.  0 or
 * -errno. */
int settle_pos(const struct settle_context *context,
    struct folder_changes *changes, const struct node *node, double pos);

/** Make a list or a card the one with this number in its folder, from 0; the
 * last if there are fewer. */
int settle_place_at(const struct settle_context *context,
    struct folder_changes *changes, const struct node *node, size_t at);

#endif
