#ifndef UNIT_MODEL_EQUAL_H
#define UNIT_MODEL_EQUAL_H

#include <stdbool.h>

struct board;
struct card;

/**
 * Whether two objects hold the same, member by member (NULL equals "").  What
 * differs first is printed as a comment of the test's output.
 */
bool card_equal(const struct card *a, const struct card *b);
bool board_equal(const struct board *a, const struct board *b);

#endif
