#include "text/name_set.h"

#include "util/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int
name_set_init(struct name_set *set, size_t n)
{
	set->n = 0;
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
	set->n = set->n_slots = 0;
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

static int
grow(struct name_set *set)
{
	struct name_set bigger;

	if (name_set_init(&bigger, set->n_slots) != 0)
		return -ENOMEM;
	for (size_t i = 0; i < set->n_slots; i++)
		if (set->slots[i] != NULL)
			bigger.slots[slot_of(&bigger, set->slots[i])] =
			    set->slots[i];
	bigger.n = set->n;
	name_set_fini(set);
	*set = bigger;
	return 0;
}

int
name_set_add(struct name_set *set, const char *name)
{
	size_t i;

	if (set->n >= set->n_slots / 2 && grow(set) != 0)
		return -ENOMEM;
	i = slot_of(set, name);
	if (set->slots[i] == NULL) {
		set->slots[i] = name;
		set->n++;
	}
	return 0;
}
