#include "store/found.h"

#include "search/query.h"
#include "text/names.h"
#include "util/strset.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int
compare_names(const void *a, const void *b)
{
	const struct match *left = a, *right = b;
	int order = strcmp(left->name, right->name);

	return order != 0 ? order : strcmp(left->id, right->id);
}

static bool
is_taken(void *cookie, const char *name)
{
	return strset_has(cookie, name);
}

/* A name like that of its file that none of the others has. */
static int
rename_match(struct match *match, struct strset *taken)
{
	struct buf title = BUF_INIT, name = BUF_INIT;
	int r = title_from_name(match->name, NAME_CARD_EXTENSION, &title);

	if (r == 0)
		r = name_choose(NAME_CARD, buf_str(&title), match->id,
		    match->number, is_taken, taken, &name);
	if (r == 0)
		r = strset_add(taken, buf_str(&name));
	if (r == 0) {
		free(match->name);
		match->name = buf_steal(&name);
		r = match->name != NULL ? 0 : -ENOMEM;
	}
	buf_free(&title);
	buf_free(&name);
	return r;
}

/* Of those with one name the oldest keeps it. */
static int
tell_apart(struct matches *all)
{
	struct match *matches = all->list.v;
	size_t n = all->list.n;
	struct strset taken = {0};
	bool *same = calloc(n + 1, sizeof *same);
	bool any = false;
	int r = same != NULL ? 0 : -ENOMEM;

	if (r == 0 && n > 1)
		qsort(matches, n, sizeof matches[0], compare_names);
	for (size_t i = 1; i < n && r == 0; i++) {
		same[i] = strcmp(matches[i].name, matches[i - 1].name) == 0;
		any |= same[i];
	}
	for (size_t i = 0; i < n && r == 0 && any; i++)
		if (!same[i])
			r = strset_add(&taken, matches[i].name);
	for (size_t i = 0; i < n && r == 0 && any; i++)
		if (same[i])
			r = rename_match(&matches[i], &taken);
	strset_fini(&taken);
	free(same);
	return r;
}

static int
compare_numbers(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

/* Who has no date comes last, in either direction. */
static int
compare_matches(const void *a, const void *b, void *cookie)
{
	const struct match *left = a, *right = b;
	const struct query *query = cookie;
	bool none_left = left->key == INT64_MIN;
	bool none_right = right->key == INT64_MIN;
	int order = compare_numbers(left->key, right->key);

	if (none_left != none_right)
		return none_left ? 1 : -1;
	if (order == 0)
		return compare_numbers((int64_t)left->ino, (int64_t)right->ino);
	return (query->sort == QUERY_BY_DUE) != query->reverse ? order : -order;
}

static int
compare_indices(const void *a, const void *b, void *cookie)
{
	const struct found *found = cookie;

	return strcmp(found_name(found, *(const uint32_t *)a),
	    found_name(found, *(const uint32_t *)b));
}

static int
give(const struct matches *all, struct found *found)
{
	for (size_t i = 0; i < all->list.n; i++) {
		const struct match *match = &all->list.v[i];
		struct found_card *card = VEC_ADD(&found->cards);
		uint32_t *index = VEC_ADD(&found->by_name);

		if (card == NULL || index == NULL)
			return -ENOMEM;
		card->ino = match->ino;
		card->name = found->names.len;
		*index = (uint32_t)i;
		(void)buf_add(
		    &found->names, match->name, strlen(match->name) + 1);
	}
	if (found->by_name.n > 1 && found->names.err == 0)
		qsort_r(found->by_name.v, found->by_name.n,
		    sizeof found->by_name.v[0], compare_indices, found);
	return found->names.err;
}

int
found_make(
    struct matches *matches, const struct query *query, struct found *ret_found)
{
	int r = tell_apart(matches);

	if (r == 0 && matches->list.n > 1)
		qsort_r(matches->list.v, matches->list.n,
		    sizeof matches->list.v[0], compare_matches, (void *)query);
	return r == 0 ? give(matches, ret_found) : r;
}

void
matches_fini(struct matches *matches)
{
	for (size_t i = 0; i < matches->list.n; i++)
		free(matches->list.v[i].name);
	VEC_FREE(&matches->list);
}

void
found_fini(struct found *found)
{
	VEC_FREE(&found->cards);
	VEC_FREE(&found->by_name);
	buf_free(&found->names);
}

const char *
found_name(const struct found *found, size_t i)
{
	return found->names.data + found->cards.v[i].name;
}

size_t
found_by_name(const struct found *found, const char *name)
{
	size_t low = 0, high = found->by_name.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		size_t i = found->by_name.v[middle];
		int order = strcmp(name, found_name(found, i));

		if (order == 0)
			return i;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return SIZE_MAX;
}

bool
found_equal(const struct found *a, const struct found *b)
{
	if (a->cards.n != b->cards.n || a->names.len != b->names.len ||
	    (a->names.len > 0 &&
		memcmp(a->names.data, b->names.data, a->names.len) != 0))
		return false;
	for (size_t i = 0; i < a->cards.n; i++)
		if (a->cards.v[i].ino != b->cards.v[i].ino)
			return false;
	return true;
}
