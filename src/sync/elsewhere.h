#ifndef SYNC_ELSEWHERE_H
#define SYNC_ELSEWHERE_H

#include "store/nodes.h"

/**
 * An editor saves a card under the name that it had when it was opened, and
 * that others have taken from it since: what looks like a new card is a save
 * of that one.
 */

/** Whether the text of the card that was just made is of another one, which
 * may be nowhere any more (parent 0: archived).  1, 0 or -errno. */
int elsewhere_find(struct tx *tx, const struct node *made, const char *text,
    size_t len, struct node *ret_card);

/** Tell it in .trellofs/problems. */
int elsewhere_tell(
    struct tx *tx, const struct node *made, const struct node *card);

#endif
