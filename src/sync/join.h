#ifndef SYNC_JOIN_H
#define SYNC_JOIN_H

#include "store/journal.h"

/**
 * Add a change to the journal, together with those of the same object that
 * have not been sent: a later value takes the place of an earlier one, and
 * what is undone is not sent at all.  The entry keeps its strings.
 * 0 or -errno.
 */
int join_add(struct tx *tx, struct entry *entry);

/** Join what waits of an object once more: what was being sent while the rest
 * came was not done. */
int join_again(struct tx *tx, const char *object);

/** Its part for new names of lists and boards, and new places of lists and
 * cards. */
int join_place(struct tx *tx, struct entry *entry);

/** Its part for a board's description and labels. */
int join_board(struct tx *tx, struct entry *entry);

#endif
