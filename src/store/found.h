#ifndef STORE_FOUND_H
#define STORE_FOUND_H

#include "model/model.h"
#include "util/buf.h"
#include "util/vec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct query;

/**
 * The cards that match a query, in the order that it asks for.  Each has a
 * name that no other one has: that of its file, or if an older card of this
 * name is among them, one with ` #N` (text/names.h).
 */
struct found_card {
	uint64_t ino;
	size_t name; /* where it is in names, which has NUL behind each */
};

struct found {
	VEC(struct found_card) cards;
	VEC(uint32_t) by_name; /* which of them, sorted by name */
	struct buf names;
	uint64_t commits; /* store_commits() when it was so, or before */
};

void found_fini(struct found *found);

const char *found_name(const struct found *found, size_t i);

/** Which one has the name: its index, or SIZE_MAX. */
size_t found_by_name(const struct found *found, const char *name);

/** Whether the same cards are listed by the same names in the same order. */
bool found_equal(const struct found *a, const struct found *b);

/* A card that matches, until it has its place and its name. */
struct match {
	uint64_t ino;
	int64_t key; /* what it is sorted by, INT64_MIN for none */
	int64_t number;
	char id[MODEL_ID_SIZE];
	char *name; /* its file's, owned */
};

struct matches {
	VEC(struct match) list;
};

/** Sort and name them; the names are changed.  found_fini() also after an
 * error.  0 or -errno. */
int found_make(struct matches *matches, const struct query *query,
    struct found *ret_found);
void matches_fini(struct matches *matches);

#endif
