#ifndef STORE_ARCHIVES_H
#define STORE_ARCHIVES_H

#include "store/journal.h"

#include <stdint.h>

struct tx;

/**
 * Entries of the journal that take away what somebody may still need: archived
 * cards and lists, closed boards.  Too many of them wait for the user's word.
 * All return 0 or -errno if they say nothing else.
 */

/** Whether there is one that may have to be held.  1, 0 or -errno. */
int archives_wait(struct tx *tx);

/**
 * The breaker: if more than `most` cards wait to be archived, hold all that
 * waits; boards that are to be closed in any case, and what is to be archived
 * in them.  What was confirmed is never held again, nor does it count.  *ret_n:
 * how many are newly held.
 */
int archives_hold(struct tx *tx, int64_t most, int64_t *ret_n);

/** Let what is held go. */
int archives_confirm(struct tx *tx);

/** Whether the card or list is in a list or on a board that is to go as a
 * whole: then it needs no request of its own.  1, 0 or -errno. */
int archives_go_with(struct tx *tx, const char *object);

/** Whether a card or a list leaves the list or board for another one first:
 * it could not be moved afterwards.  1, 0 or -errno. */
int archives_await_moves(struct tx *tx, const char *object);

/**
 * What was taken away last and is still to be sent: the entry of this kind
 * with that name (its title), on that board and in that list unless NULL.
 * entry_fini() it.  0, -ENOENT or -errno.
 */
int archives_find(struct tx *tx, enum entry_kind kind, const char *board,
    const char *list, const char *name, struct entry *ret_entry);

/** The board is closed, and with it what was to be archived in it, unless it
 * moves elsewhere before. */
int archives_end_board(struct tx *tx, const char *board);

#endif
