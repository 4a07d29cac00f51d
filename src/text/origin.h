#ifndef TEXT_ORIGIN_H
#define TEXT_ORIGIN_H

#include "util/buf.h"
#include "util/strset.h"

#include <stddef.h>

/**
 * Which of several texts another one most likely grew out of: the one that
 * differs least from it.  But none that has lines of ours which it lacks: its
 * author has not seen them, and did not take them out.
 */
struct origin {
	const char *text; /* the one in question; borrowed */
	struct strset ours;
	size_t least;
	struct buf found; /* the best so far */
};

/** The caller ends it with origin_fini(). */
void origin_init(struct origin *origin, const char *text);
void origin_fini(struct origin *origin);

/** Lines that `mine` has and `old` has not are ours.  0 or -ENOMEM. */
int origin_add_ours(struct origin *origin, const char *old, const char *mine);

/** One that it may be; of equals the first is taken.  0 or -ENOMEM. */
int origin_see(struct origin *origin, const char *candidate);

#endif
