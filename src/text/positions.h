#ifndef TEXT_POSITIONS_H
#define TEXT_POSITIONS_H

#include <stddef.h>

/* A thing in its order, with the sort key that it has. */
struct position {
	double pos;	/* in: 0 if it has none here yet; out: that it gets */
	const char *id; /* breaks ties */
};

/**
 * Give things such positions that sorting by (pos, id) has them in the order
 * of the array, changing as few as possible: what stands right stays, what
 * moved or is new gets what lies between its neighbours, or 16384 more than
 * the last one's, as Trello does it.  0 or -ENOMEM.
 */
int positions_assign(struct position *v, size_t n);

/**
 * The same where each change is a request of its own, and they may be made in
 * any order: no new position is one that anything has or had (closer than
 * about 0.01, and Trello gives all of them new ones).
 */
int positions_assign_apart(struct position *v, size_t n);

#endif
