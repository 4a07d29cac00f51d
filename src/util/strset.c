#include "util/strset.h"

#include "util/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Linear probing in a table of a power of two, at most half full. */
static char **
find(char **slots, size_t n_slots, const char *s)
{
	size_t i = hash_add(HASH_INIT, s, strlen(s)) & (n_slots - 1);

	while (slots[i] != NULL && strcmp(slots[i], s) != 0)
		i = (i + 1) & (n_slots - 1);
	return &slots[i];
}

static int
grow(struct strset *set)
{
	size_t n_slots = set->n_slots != 0 ? set->n_slots * 2 : 16;
	char **slots = calloc(n_slots, sizeof *slots);

	if (slots == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < set->n_slots; i++)
		if (set->slots[i] != NULL)
			*find(slots, n_slots, set->slots[i]) = set->slots[i];
	free(set->slots);
	set->slots = slots;
	set->n_slots = n_slots;
	return 0;
}

int
strset_add(struct strset *set, const char *s)
{
	char **slot;

	if (set->n * 2 >= set->n_slots && grow(set) != 0)
		return -ENOMEM;
	slot = find(set->slots, set->n_slots, s);
	if (*slot != NULL)
		return 0;
	*slot = strdup(s);
	if (*slot == NULL)
		return -ENOMEM;
	set->n++;
	return 0;
}

bool
strset_has(const struct strset *set, const char *s)
{
	return set->n_slots != 0 && *find(set->slots, set->n_slots, s) != NULL;
}

void
strset_fini(struct strset *set)
{
	for (size_t i = 0; i < set->n_slots; i++)
		free(set->slots[i]);
	free(set->slots);
	*set = (struct strset){0};
}
