#include "text/order_text.h"

#include "text/positions.h"
#include "text/text_error.h"
#include "util/nearest.h"
#include "util/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NONE ((size_t)-1)
#define NAME_SHOWN 80
/* So many missing ones are named, the others counted. */
#define MISSING_SHOWN 3

/* A line of the text. */
struct said {
	struct order_entry entry;
	size_t then; /* its places in the two lists, or NONE */
	size_t now;
	const char *name; /* as it was written, not ended */
	int name_len;
	unsigned line;
	bool kept; /* nobody has moved it */
};

/* Entries by name or by key. */
struct by {
	const struct order_entry **v;
	size_t n;
};

struct planning {
	const struct order_source *source;
	struct text_error *error;
	struct by then_names, now_names, then_keys, now_keys;
	VEC(struct said) said;
};

void
order_plan_fini(struct order_plan *plan)
{
	VEC_FREE(&plan->places);
	plan->n_moved = 0;
}

static int
compare_names(const void *a, const void *b)
{
	const struct order_entry *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static int
compare_keys(const void *a, const void *b)
{
	const struct order_entry *const *x = a, *const *y = b;

	return ((*x)->key > (*y)->key) - ((*x)->key < (*y)->key);
}

typedef int compare_fn(const void *a, const void *b);

static int
by_init(struct by *by, const struct order_entries *entries, compare_fn *compare)
{
	by->v = calloc(entries->list.n + 1, sizeof(by->v[0]));
	if (by->v == NULL)
		return -ENOMEM;
	by->n = entries->list.n;
	for (size_t i = 0; i < by->n; i++)
		by->v[i] = &entries->list.v[i];
	if (by->n > 1)
		qsort(by->v, by->n, sizeof(by->v[0]), compare);
	return 0;
}

static const struct order_entry *
by_find(const struct by *by, const struct order_entry *like, compare_fn *fn)
{
	const struct order_entry **found =
	    by->n > 0 ? bsearch(&like, by->v, by->n, sizeof(by->v[0]), fn)
		      : NULL;

	return found != NULL ? *found : NULL;
}

static size_t
place_in(
    const struct by *keys, const struct order_entries *entries, uint64_t key)
{
	const struct order_entry like = {.key = key};
	const struct order_entry *found = by_find(keys, &like, compare_keys);

	return found != NULL ? (size_t)(found - entries->list.v) : NONE;
}

static int
planning_init(struct planning *planning)
{
	const struct order_source *source = planning->source;
	int r = by_init(&planning->then_names, source->then, compare_names);

	if (r == 0)
		r = by_init(&planning->now_names, source->now, compare_names);
	if (r == 0)
		r = by_init(&planning->then_keys, source->then, compare_keys);
	if (r == 0)
		r = by_init(&planning->now_keys, source->now, compare_keys);
	return r;
}

static void
planning_fini(struct planning *planning)
{
	free(planning->then_names.v);
	free(planning->now_names.v);
	free(planning->then_keys.v);
	free(planning->now_keys.v);
	VEC_FREE(&planning->said);
}

static int
name_shown(const char *name)
{
	return (int)utf8_cut(name, strlen(name), NAME_SHOWN);
}

static const char *
thing(const struct planning *planning)
{
	return planning->source->lists ? "list" : "card";
}

static const char *
folder(const struct planning *planning)
{
	return planning->source->lists ? "board" : "list";
}

static int
say_unknown(const struct planning *planning, const char *name, unsigned line)
{
	struct text_error *error = planning->error;
	struct nearest near;

	nearest_init(&near, name);
	for (size_t i = 0; i < planning->now_names.n; i++)
		nearest_offer(&near, planning->now_names.v[i]->name);
	(void)text_error_set(error, -EINVAL, line, "there is no %s \"%.*s\"",
	    thing(planning), name_shown(name), name);
	(void)text_error_why(error,
	    planning->source->lists
		? "each line is the name of a list of this board"
		: "each line is the file name of a card of this list, or of "
		  "one in another list of the board, which moves here");
	return near.best != NULL
		   ? text_error_remedy(error, "did you mean \"%.*s\"?",
			 name_shown(near.best), near.best)
		   : text_error_remedy(error, "correct or remove the line");
}

static int
say_ambiguous(const struct planning *planning, const char *name, unsigned line,
    const char *where)
{
	(void)text_error_set(planning->error, -EINVAL, line,
	    "more than one list has a card \"%.*s\"", name_shown(name), name);
	(void)text_error_why(
	    planning->error, "it is not clear which is to move here");
	return text_error_remedy(planning->error,
	    "write its list before it: %.*s", where != NULL ? 200 : 0,
	    where != NULL ? where : "");
}

static int
say_twice(const struct planning *planning, const struct said *said,
    const struct said *first)
{
	(void)text_error_set(planning->error, -EINVAL, said->line,
	    "\"%.*s\" stands here twice", said->name_len, said->name);
	(void)text_error_why(
	    planning->error, "it is in line %u already", first->line);
	return text_error_remedy(planning->error, "remove one of the lines");
}

/* Up to three names, then how many more. */
static int
say_missing(const struct planning *planning, const bool *missing, size_t n)
{
	const struct order_entries *then = planning->source->then;
	char names[MISSING_SHOWN * (NAME_SHOWN + 8) + 40] = "";
	size_t shown = 0, at = 0;

	for (size_t i = 0; i < then->list.n && shown < MISSING_SHOWN; i++) {
		const char *name = then->list.v[i].name;

		if (!missing[i])
			continue;
		at += (size_t)snprintf(names + at, sizeof names - at,
		    "%s\"%.*s\"", shown > 0 ? ", " : "", name_shown(name),
		    name);
		shown++;
	}
	if (n > shown)
		(void)snprintf(
		    names + at, sizeof names - at, " and %zu more", n - shown);
	(void)text_error_set(planning->error, -EINVAL, 0, "%s missing: %s",
	    n == 1 ? "a line is" : "lines are", names);
	(void)text_error_why(planning->error,
	    "every %s of the %s has a line, and one that is missing may be "
	    "meant to go or have been lost",
	    thing(planning), folder(planning));
	return text_error_remedy(planning->error,
	    planning->source->lists
		? "put the line back; to archive a list remove its folder"
		: "put the line back; to archive a card remove its file, to "
		  "move it put its line into the other list's .order");
}

/* A name as it was then, as it is now, or of another folder. */
static int
find_name(struct planning *planning, const char *name, struct said *said)
{
	const struct order_source *source = planning->source;
	const struct order_entry like = {.name = name};
	const struct order_entry *found =
	    by_find(&planning->then_names, &like, compare_names);
	const char *where = NULL;
	int r;

	if (found == NULL)
		found = by_find(&planning->now_names, &like, compare_names);
	if (found != NULL) {
		said->entry = *found;
	} else {
		r = source->elsewhere != NULL
			? source->elsewhere(
			      source->cookie, name, &said->entry, &where)
			: ORDER_NOWHERE;
		if (r < 0)
			return r;
		if (r == ORDER_NOWHERE)
			return say_unknown(planning, name, said->line);
		if (r == ORDER_TWICE)
			return say_ambiguous(planning, name, said->line, where);
	}
	said->then =
	    place_in(&planning->then_keys, source->then, said->entry.key);
	said->now = place_in(&planning->now_keys, source->now, said->entry.key);
	return 0;
}

static int
read_line(struct planning *planning, const char *at, size_t len, unsigned line)
{
	char name[1024];
	struct said said = {.line = line}, *slot;
	int r;

	if (len > 0 && at[len - 1] == '\r')
		len--;
	if (len == 0)
		return 0;
	if (len >= sizeof name || memchr(at, '\0', len) != NULL) {
		(void)text_error_set(
		    planning->error, -EINVAL, line, "this is no file name");
		return text_error_help(planning->error,
		    "each line is one name as ls shows it",
		    "correct or remove the line");
	}
	memcpy(name, at, len);
	name[len] = '\0';
	r = find_name(planning, name, &said);
	if (r != 0)
		return r;
	/* It was here when the author looked, and is not any more. */
	if (said.then != NONE && said.now == NONE)
		return 0;
	slot = VEC_ADD(&planning->said);
	if (slot == NULL)
		return -ENOMEM;
	said.name = at;
	said.name_len = name_shown(name);
	*slot = said;
	return 0;
}

static int
read_lines(struct planning *planning, const char *text, size_t len)
{
	unsigned line = 1;
	int r = 0;

	for (const char *at = text, *end = text + len; at < end && r == 0;
	     line++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));

		if (stop == NULL)
			stop = end;
		r = read_line(planning, at, (size_t)(stop - at), line);
		at = stop + 1;
	}
	return r;
}

static int
compare_said(const void *a, const void *b)
{
	const struct said *const *x = a, *const *y = b;

	if ((*x)->entry.key != (*y)->entry.key)
		return (*x)->entry.key > (*y)->entry.key ? 1 : -1;
	return ((*x)->line > (*y)->line) - ((*x)->line < (*y)->line);
}

static int
check_twice(const struct planning *planning)
{
	size_t n = planning->said.n;
	const struct said **v = calloc(n + 1, sizeof(v[0]));
	int r = v != NULL ? 0 : -ENOMEM;

	for (size_t i = 0; i < n && r == 0; i++)
		v[i] = &planning->said.v[i];
	if (r == 0 && n > 1)
		qsort(v, n, sizeof(v[0]), compare_said);
	for (size_t i = 1; i < n && r == 0; i++)
		if (v[i]->entry.key == v[i - 1]->entry.key)
			r = say_twice(planning, v[i], v[i - 1]);
	free(v);
	return r;
}

static int
check_missing(const struct planning *planning)
{
	const struct order_entries *then = planning->source->then;
	bool *missing = calloc(then->list.n + 1, sizeof *missing);
	size_t n = 0;
	int r = 0;

	if (missing == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < then->list.n; i++)
		missing[i] =
		    place_in(&planning->now_keys, planning->source->now,
			then->list.v[i].key) != NONE;
	for (size_t i = 0; i < planning->said.n; i++)
		if (planning->said.v[i].then != NONE)
			missing[planning->said.v[i].then] = false;
	for (size_t i = 0; i < then->list.n; i++)
		n += missing[i];
	if (n > 0)
		r = say_missing(planning, missing, n);
	free(missing);
	return r;
}

/* The longest run of lines that stand as they stood then: nobody has moved
 * those. */
static int
mark_kept(struct planning *planning, size_t *ret_moved)
{
	struct said *said = planning->said.v;
	size_t n = planning->said.n, len = 0, kept = 0;
	size_t *ends = calloc(n + 1, sizeof(size_t));
	size_t *before = calloc(n + 1, sizeof(size_t));

	if (ends == NULL || before == NULL) {
		free(ends);
		free(before);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		size_t low = 0, high = len;

		if (said[i].then == NONE)
			continue;
		while (low < high) {
			size_t mid = (low + high) / 2;

			if (said[ends[mid]].then < said[i].then)
				low = mid + 1;
			else
				high = mid;
		}
		before[i] = low > 0 ? ends[low - 1] : NONE;
		ends[low] = i;
		if (low == len)
			len++;
	}
	for (size_t i = len > 0 ? ends[len - 1] : NONE; i != NONE;
	     i = before[i], kept++)
		said[i].kept = true;
	*ret_moved = n - kept;
	free(ends);
	free(before);
	return 0;
}

/*
 * The new order as a chain: links[0] is the first, links[i + 1] follows the
 * i-th of now, links[n + 1 + i] the i-th line that comes from elsewhere.
 */
struct chain {
	size_t *links;
	size_t n_now;
	const struct planning *planning;
};

static size_t
node_of(const struct chain *chain, size_t line)
{
	const struct said *said = &chain->planning->said.v[line];

	return said->now != NONE ? said->now + 1 : chain->n_now + 1 + line;
}

static int
chain_make(struct chain *chain)
{
	const struct planning *planning = chain->planning;
	size_t n = planning->said.n, last = 0;
	bool *lifted;

	chain->n_now = planning->source->now->list.n;
	chain->links = calloc(chain->n_now + 1 + n, sizeof(size_t));
	lifted = calloc(chain->n_now + 1, sizeof *lifted);
	if (chain->links == NULL || lifted == NULL) {
		free(lifted);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++)
		if (!planning->said.v[i].kept &&
		    planning->said.v[i].now != NONE)
			lifted[planning->said.v[i].now] = true;
	for (size_t i = 0; i < chain->n_now; i++) {
		if (lifted[i])
			continue;
		chain->links[last] = i + 1;
		last = i + 1;
	}
	free(lifted);
	last = 0;
	for (size_t i = 0; i < n; i++) {
		size_t node = node_of(chain, i);

		if (!planning->said.v[i].kept) {
			chain->links[node] = chain->links[last];
			chain->links[last] = node;
		}
		last = node;
	}
	return 0;
}

static int
take_chain(const struct chain *chain, struct order_plan *plan)
{
	const struct planning *planning = chain->planning;
	const struct order_entries *now = planning->source->now;

	for (size_t node = chain->links[0]; node != 0;
	     node = chain->links[node]) {
		struct order_place *place = VEC_ADD(&plan->places);

		if (place == NULL)
			return -ENOMEM;
		place->foreign = node > chain->n_now;
		place->entry =
		    place->foreign
			? planning->said.v[node - chain->n_now - 1].entry
			: now->list.v[node - 1];
	}
	return 0;
}

static int
place_all(struct order_plan *plan)
{
	size_t n = plan->places.n;
	struct position *v = calloc(n + 1, sizeof *v);
	int r = v != NULL ? 0 : -ENOMEM;

	for (size_t i = 0; i < n && r == 0; i++) {
		const struct order_place *place = &plan->places.v[i];

		v[i].id = place->entry.id;
		v[i].pos = place->foreign ? 0 : place->entry.pos;
	}
	if (r == 0)
		r = positions_assign_apart(v, n);
	for (size_t i = 0; i < n && r == 0; i++) {
		struct order_place *place = &plan->places.v[i];

		place->moved = place->foreign || v[i].pos < place->entry.pos ||
			       v[i].pos > place->entry.pos;
		place->entry.pos = v[i].pos;
	}
	free(v);
	return r;
}

static int
make(struct planning *planning, struct order_plan *plan)
{
	struct chain chain = {.planning = planning};
	int r = mark_kept(planning, &plan->n_moved);

	if (r == 0)
		r = chain_make(&chain);
	if (r == 0)
		r = take_chain(&chain, plan);
	free(chain.links);
	return r == 0 ? place_all(plan) : r;
}

int
order_plan_make(struct order_plan *ret_plan, const char *text, size_t len,
    const struct order_source *source, struct text_error *ret_error)
{
	struct planning planning = {.source = source, .error = ret_error};
	struct order_plan plan = {0};
	int r = planning_init(&planning);

	if (r == 0)
		r = read_lines(&planning, text, len);
	if (r == 0)
		r = check_twice(&planning);
	if (r == 0)
		r = check_missing(&planning);
	if (r == 0)
		r = make(&planning, &plan);
	planning_fini(&planning);
	if (r == 0)
		*ret_plan = plan;
	else
		order_plan_fini(&plan);
	return r;
}
