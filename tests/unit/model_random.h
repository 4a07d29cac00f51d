#ifndef UNIT_MODEL_RANDOM_H
#define UNIT_MODEL_RANDOM_H

#include <stdint.h>

struct board;

/**
 * Make a settled board with a few of everything in it: nasty texts, any
 * doubles for pos, any dates.  The same seed (not 0) gives the same board.
 */
void board_random(struct board *ret_board, uint64_t seed);

#endif
