#ifndef TEXT_ORIGIN_H
#define TEXT_ORIGIN_H

#include "util/buf.h"
#include "util/strset.h"

#include <stddef.h>

/**
 * Which of several texts another one most likely grew out of, as far as ours
 * did, too: the one that differs least from it.  But none that has lines of
 * ours which it lacks: its author has not seen them, and did not take them
 * out.  And without lines that it has and nobody knew here: we have not seen
 * them, and did not take them out.  Nor one that is the same: its author
 * changed something.
 */
struct origin {
	const char *text; /* the one in question; borrowed */
	struct strset ours;
	struct strset known; /* lines that were seen here */
	size_t least;
	struct buf found; /* the best so far, as ancestor of both */
};

/** The caller ends it with origin_fini(). */
void origin_init(struct origin *origin, const char *text);
void origin_fini(struct origin *origin);

/** Lines that `mine` has and `old` has not are ours.  0 or -ENOMEM. */
int origin_add_ours(struct origin *origin, const char *old, const char *mine);

/** The lines of a text that ours was made from, or of ours.  0 or -ENOMEM. */
int origin_add_known(struct origin *origin, const char *text);

/** One that it may be, after all of ours and all that is known; of equals the
 * first is taken.  0 or -ENOMEM. */
int origin_see(struct origin *origin, const char *candidate);

/** Whether all that makes `text` another one than `base` is in `now`, too: the
 * lines that it has more, and none of those that it has not any more.  1, 0 or
 * -ENOMEM. */
int origin_is_in(const char *base, const char *text, const char *now);

#endif
