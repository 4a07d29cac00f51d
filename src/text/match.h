#ifndef TEXT_MATCH_H
#define TEXT_MATCH_H

#include <stddef.h>

/**
 * Pairs of what was in a sequence (old) and what is in one now (new), so that
 * a thing that was reworded or moved is still the same thing.
 *
 * A sequence may consist of groups: neighbours with one number.  A group of
 * the old sequence and one of the new with the same number belong together.
 */
struct match_side {
	const char **names; /* owned by the caller, as what follows */
	size_t *groups;	    /* numbers below match.n_groups */
	size_t n;
	size_t *partners; /* in the other side, or MATCH_NONE */
};

struct match {
	struct match_side old, new;
	size_t n_groups;
};

#define MATCH_NONE ((size_t)-1)

/**
 * Begin without pairs: names and groups are allocated for n elements each and
 * zeroed, for the caller to fill in.  0 or -ENOMEM; match_fini() in any case.
 */
int match_init(
    struct match *match, size_t n_old, size_t n_new, size_t n_groups);
void match_fini(struct match *match);

/**
 * Pair what has no partner and is called the same; of several with one name
 * the first with the first.  0 or -ENOMEM.
 */
int match_by_name(struct match *match);

/** The same, but only within groups. */
int match_by_name_in_groups(struct match *match);

/**
 * Pair what has no partner yet and stands at the same place of its group:
 * after the same pair (or both at the beginning), or else before the same
 * pair (or both at the end).  0 or -ENOMEM.
 */
int match_by_place(struct match *match);

#endif
