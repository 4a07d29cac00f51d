#ifndef UTIL_NEAREST_H
#define UTIL_NEAREST_H

#include <stddef.h>

/**
 * "Did you mean": of the candidates offered, the one that is likeliest what
 * somebody meant who wrote word.
 *
 *	struct nearest near;
 *
 *	nearest_init(&near, "refesh");
 *	for (...)
 *		nearest_offer(&near, names[i]);
 *	if (near.best != NULL) ...
 */
struct nearest {
	const char *word;
	const char *best; /* NULL: nothing offered is like it */
	size_t distance;  /* edits between word and best */
};

/** Begin; word must live as long as candidates are offered. */
void nearest_init(struct nearest *near, const char *word);

/**
 * Look at one more candidate, which near->best may point to afterwards.
 * Letters' case does not count.  Only what is a third or less away, or begins
 * with word, is ever chosen; the first of equals stays.
 */
void nearest_offer(struct nearest *near, const char *candidate);

#endif
