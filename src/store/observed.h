#ifndef STORE_OBSERVED_H
#define STORE_OBSERVED_H

#include <stdint.h>

struct tx;

/** The folder of a board on which one is an observer, who may only read
 * (Trello's reference, "memberships"), or of one of its lists. */
struct observed_folder {
	uint64_t board;
	uint64_t ino;
};

/**
 * Call fn with those of the board (NULL: of all boards) of which this member
 * is an observer.  Stops at the first result that is not 0 and returns it; 0
 * or -errno.
 */
int observed_each(struct tx *tx, const char *member, const char *board,
    int (*fn)(void *cookie, const struct observed_folder *folder),
    void *cookie);

#endif
