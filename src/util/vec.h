#ifndef UTIL_VEC_H
#define UTIL_VEC_H

#include <stddef.h>

/**
 * Arrays that grow: a struct with the members v, n (used) and cap.
 *
 *	struct { struct card *v; size_t n, cap; } cards;
 *	struct card *card = VEC_ADD(&cards);	// zeroed, NULL: out of memory
 *
 * A pointer into v is good until the next VEC_ADD.
 */
#define VEC(type)              \
	struct {               \
		type *v;       \
		size_t n, cap; \
	}

#define VEC_ADD(vec)                    \
	((__typeof__((vec)->v))vec_add( \
	    (void **)&(vec)->v, &(vec)->n, &(vec)->cap, sizeof *(vec)->v))

#define VEC_FREE(vec) vec_free((void **)&(vec)->v, &(vec)->n, &(vec)->cap)

/** Append one zeroed element of size bytes; NULL when out of memory. */
void *vec_add(void **v, size_t *n, size_t *cap, size_t size);

/** Free the array, not what its elements point to. */
void vec_free(void **v, size_t *n, size_t *cap);

#endif
