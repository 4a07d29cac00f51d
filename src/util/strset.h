#ifndef UTIL_STRSET_H
#define UTIL_STRSET_H

#include <stdbool.h>
#include <stddef.h>

/** A set of strings, each copied. Zeroed: empty. */
struct strset {
	char **slots;
	size_t n, n_slots;
};

/** Add a copy of s; adding twice is adding once.  0 or -ENOMEM. */
int strset_add(struct strset *set, const char *s);
bool strset_has(const struct strset *set, const char *s);
void strset_fini(struct strset *set);

#endif
