#ifndef MODEL_MODEL_IDS_H
#define MODEL_MODEL_IDS_H

#include <stddef.h>

/**
 * Helpers over arrays of structs that begin with their id (char[]), as all of
 * the model's do.
 */

/** Pointers to elements, sorted by id; good while the array stays put. */
struct id_index {
	const void **v;
	size_t n;
};

/** 0 or -ENOMEM; of equal ids the first comes first. */
int id_index_init(
    struct id_index *index, const void *elements, size_t n, size_t size);
void id_index_fini(struct id_index *index);

/** The first element with the id, or NULL. */
void *id_index_find(const struct id_index *index, const char *id);

/**
 * Leave of elements with one id only the first, in their order; the others
 * are freed by fini (may be NULL).  An empty id is like no other.  *n becomes
 * what is left.  0 or -ENOMEM.
 */
int ids_unique(
    void *elements, size_t *n, size_t size, void (*fini)(void *element));

#endif
