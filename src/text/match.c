#include "text/match.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int
side_init(struct match_side *side, size_t n)
{
	side->n = n;
	side->names = calloc(n + 1, sizeof(char *));
	side->groups = calloc(n + 1, sizeof(size_t));
	side->partners = calloc(n + 1, sizeof(size_t));
	if (side->names == NULL || side->groups == NULL ||
	    side->partners == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		side->partners[i] = MATCH_NONE;
	return 0;
}

static void
side_fini(struct match_side *side)
{
	free(side->names);
	free(side->groups);
	free(side->partners);
}

int
match_init(struct match *match, size_t n_old, size_t n_new, size_t n_groups)
{
	memset(match, 0, sizeof *match);
	match->n_groups = n_groups;
	if (side_init(&match->old, n_old) != 0)
		return -ENOMEM;
	return side_init(&match->new, n_new);
}

void
match_fini(struct match *match)
{
	side_fini(&match->old);
	side_fini(&match->new);
}

static void
pair(struct match *match, size_t old, size_t new)
{
	match->old.partners[old] = new;
	match->new.partners[new] = old;
}

struct named {
	const char *name;
	size_t group;
	size_t i;
};

static int
compare_names(const struct named *x, const struct named *y)
{
	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int
by_name(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = compare_names(x, y);

	if (order != 0)
		return order;
	return x->i < y->i ? -1 : x->i > y->i;
}

/* What has no partner, sorted by name and place.  NULL: out of memory. */
static struct named *
unpaired(const struct match_side *side, bool in_groups, size_t *ret_n)
{
	struct named *list = calloc(side->n + 1, sizeof *list);
	size_t n = 0;

	if (list == NULL)
		return NULL;
	for (size_t i = 0; i < side->n; i++) {
		if (side->partners[i] != MATCH_NONE)
			continue;
		list[n].name = side->names[i];
		list[n].group = in_groups ? side->groups[i] : 0;
		list[n++].i = i;
	}
	qsort(list, n, sizeof *list, by_name);
	*ret_n = n;
	return list;
}

static int
pair_by_name(struct match *match, bool in_groups)
{
	size_t n_old = 0, n_new = 0, i = 0, j = 0;
	struct named *old = unpaired(&match->old, in_groups, &n_old);
	struct named *new = unpaired(&match->new, in_groups, &n_new);
	int err = old != NULL && new != NULL ? 0 : -ENOMEM;

	while (err == 0 && i < n_old && j < n_new) {
		int order = compare_names(&old[i], &new[j]);

		if (order == 0)
			pair(match, old[i++].i, new[j++].i);
		else if (order < 0)
			i++;
		else
			j++;
	}
	free(old);
	free(new);
	return err;
}

int
match_by_name(struct match *match)
{
	return pair_by_name(match, false);
}

int
match_by_name_in_groups(struct match *match)
{
	return pair_by_name(match, true);
}

/*
 * For each element of a side, the nearest pair of its group before it (or
 * behind it), as the index of its old half; n_old and the group's number
 * where there is none.
 */
static void
neighbours(const struct match *match, const struct match_side *side,
    bool backwards, size_t *near)
{
	const struct match_side *other =
	    side == &match->old ? &match->new : &match->old;
	size_t last = 0;

	for (size_t i = 0; i < side->n; i++) {
		size_t at = backwards ? side->n - 1 - i : i;
		size_t before = backwards ? at + 1 : at - 1;
		size_t partner = side->partners[at];

		if (i == 0 || side->groups[at] != side->groups[before])
			last = match->old.n + side->groups[at];
		near[at] = last;
		/* What moved to another group is no neighbour. */
		if (partner != MATCH_NONE &&
		    other->groups[partner] == side->groups[at])
			last = side == &match->old ? at : partner;
	}
}

/*
 * Pair what has the same neighbour, in order.  first[p] is the next old
 * element with the neighbour p, then[i] the one with the same after i.
 */
static void
pair_runs(struct match *match, bool backwards, const size_t *near_old,
    const size_t *near_new, size_t *first, size_t *then)
{
	for (size_t i = 0; i < match->old.n + match->n_groups; i++)
		first[i] = MATCH_NONE;
	for (size_t i = 0; i < match->old.n; i++) {
		size_t at = backwards ? i : match->old.n - 1 - i;

		if (match->old.partners[at] != MATCH_NONE)
			continue;
		then[at] = first[near_old[at]];
		first[near_old[at]] = at;
	}
	for (size_t i = 0; i < match->new.n; i++) {
		size_t at = backwards ? match->new.n - 1 - i : i;
		size_t old = first[near_new[at]];

		if (match->new.partners[at] != MATCH_NONE || old == MATCH_NONE)
			continue;
		first[near_new[at]] = then[old];
		pair(match, old, at);
	}
}

static int
pair_by_neighbour(struct match *match, bool backwards)
{
	size_t n = match->old.n;
	size_t *near_old = calloc(n + 1, sizeof(size_t));
	size_t *near_new = calloc(match->new.n + 1, sizeof(size_t));
	size_t *first = calloc(n + match->n_groups + 1, sizeof(size_t));
	size_t *then = calloc(n + 1, sizeof(size_t));
	int err = -ENOMEM;

	if (near_old != NULL && near_new != NULL && first != NULL &&
	    then != NULL) {
		neighbours(match, &match->old, backwards, near_old);
		neighbours(match, &match->new, backwards, near_new);
		pair_runs(match, backwards, near_old, near_new, first, then);
		err = 0;
	}
	free(near_old);
	free(near_new);
	free(first);
	free(then);
	return err;
}

int
match_by_place(struct match *match)
{
	int err = pair_by_neighbour(match, false);

	return err != 0 ? err : pair_by_neighbour(match, true);
}
