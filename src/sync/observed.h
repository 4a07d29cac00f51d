#ifndef SYNC_OBSERVED_H
#define SYNC_OBSERVED_H

/**
 * Boards of which the account is only an observer: nothing in them can be
 * changed.  sync_observed() tells the others of them.
 */

#include <stdint.h>

struct sync;

/** A board has been written, whose id and folder these are; or, with NULL, it
 * is known who we are, and all are looked at. */
void observed_update(struct sync *sync, const char *board, uint64_t ino);
void observed_free(struct sync *sync);

#endif
