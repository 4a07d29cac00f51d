#ifndef SYNC_SETTLE_BOARD_H
#define SYNC_SETTLE_BOARD_H

#include "sync/settle.h"

struct save;

/**
 * From a text of `.board.md` to changes of the board in the journal: only what
 * its author changed.
 */

/** Take over a text from elsewhere.  0; -EINVAL or -EFBIG with ret_error:
 * nothing has changed; -errno. */
int settle_board(const struct settle_context *context,
    struct folder_changes *changes, struct node *file,
    const struct settle_source *source, struct text_error *ret_error);

/** The text that is being written is complete.  A wrong one becomes a draft,
 * and *ret_told says so.  0 or -errno. */
int settle_board_save(const struct settle_context *context,
    struct folder_changes *changes, struct node *file, const struct save *save,
    struct text_error *ret_error, int *ret_told);

#endif
