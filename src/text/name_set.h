#ifndef TEXT_NAME_SET_H
#define TEXT_NAME_SET_H

#include <stdbool.h>
#include <stddef.h>

/** A set of strings, which stay the caller's and must outlive it. */
struct name_set {
	const char **slots; /* open addressing, at most half full */
	size_t n_slots;	    /* a power of two */
};

/** Make room for n strings, no more.  0 or -ENOMEM; fini in any case. */
int name_set_init(struct name_set *set, size_t n);
void name_set_fini(struct name_set *set);

bool name_set_has(const struct name_set *set, const char *name);

/** Add a string; one that is there already changes nothing. */
void name_set_add(struct name_set *set, const char *name);

#endif
