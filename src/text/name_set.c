#include "text/name_set.h"

#include "util/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int
name_set_init(struct name_set *set, size_t n)
{
	set->n_slots = 16;
	while (set->n_slots / 2 < n)
		set->n_slots *= 2;
	set->slots = calloc(set->n_slots, sizeof(const char *));
	return set->slots != NULL ? 0 : -ENOMEM;
}

void
name_set_fini(struct name_set *set)
{
	free(set->slots);
	set->slots = NULL;
	set->n_slots = 0;
}

/* The slot that holds the name, or the free one where it belongs. */
static size_t
slot_of(const struct name_set *set, const char *name)
{
	uint64_t hash = hash_add(HASH_INIT, name, strlen(name));
	size_t i = (size_t)(hash ^ hash >> 32) & (set->n_slots - 1);

	while (set->slots[i] != NULL && strcmp(set->slots[i], name) != 0)
		i = (i + 1) & (set->n_slots - 1);
	return i;
}

bool
name_set_has(const struct name_set *set, const char *name)
{
	return set->slots[slot_of(set, name)] != NULL;
}

void
name_set_add(struct name_set *set, const char *name)
{
	set->slots[slot_of(set, name)] = name;
}
