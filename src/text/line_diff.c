#include "text/line_diff.h"

#include "text/heading.h"
#include "util/hash.h"
#include "util/vec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Edits that are looked for in one place before it counts as all changed. */
#define COST_MAX 1000

struct line_numbers {
	VEC(struct line) lines; /* by number */
	uint32_t *slots;	/* number + 1, open addressing; 0: free */
	size_t n_slots;
};

struct line_numbers *
line_numbers_new(void)
{
	return calloc(1, sizeof(struct line_numbers));
}

void
line_numbers_free(struct line_numbers *numbers)
{
	if (numbers == NULL)
		return;
	VEC_FREE(&numbers->lines);
	free(numbers->slots);
	free(numbers);
}

static uint32_t *
find_slot(const struct line_numbers *numbers, uint32_t *slots, size_t n_slots,
    const struct line *line)
{
	uint64_t hash = hash_add(HASH_INIT, line->s, line->len);
	size_t i = (size_t)(hash ^ hash >> 32) & (n_slots - 1);

	for (; slots[i] != 0; i = (i + 1) & (n_slots - 1)) {
		const struct line *other = &numbers->lines.v[slots[i] - 1];

		if (other->len == line->len &&
		    memcmp(other->s, line->s, line->len) == 0)
			break;
	}
	return &slots[i];
}

static int
make_room(struct line_numbers *numbers)
{
	size_t n = numbers->n_slots != 0 ? numbers->n_slots * 2 : 64;
	uint32_t *slots;

	if (numbers->lines.n * 2 < numbers->n_slots)
		return 0;
	slots = calloc(n, sizeof *slots);
	if (slots == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < numbers->lines.n; i++)
		*find_slot(numbers, slots, n, &numbers->lines.v[i]) =
		    (uint32_t)i + 1;
	free(numbers->slots);
	numbers->slots = slots;
	numbers->n_slots = n;
	return 0;
}

static int
number_of(
    struct line_numbers *numbers, const struct line *line, uint32_t *ret_number)
{
	uint32_t *slot;
	struct line *known;

	if (make_room(numbers) != 0)
		return -ENOMEM;
	slot = find_slot(numbers, numbers->slots, numbers->n_slots, line);
	if (*slot == 0) {
		known = VEC_ADD(&numbers->lines);
		if (known == NULL)
			return -ENOMEM;
		*known = *line;
		*slot = (uint32_t)numbers->lines.n;
	}
	*ret_number = *slot - 1;
	return 0;
}

int
lines_init(struct lines *lines, struct line_numbers *numbers, const char *text,
    size_t len)
{
	size_t n = 2; /* a line without LF, an empty one added */

	memset(lines, 0, sizeof *lines);
	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	lines->v = calloc(n, sizeof *lines->v);
	lines->numbers = calloc(n, sizeof *lines->numbers);
	if (lines->v == NULL || lines->numbers == NULL)
		return -ENOMEM;
	while (len > 0) {
		struct line *line = &lines->v[lines->n];
		size_t step;

		line->s = text;
		line->len = line_len(text, len);
		if (number_of(numbers, line, &lines->numbers[lines->n]) != 0)
			return -ENOMEM;
		lines->n++;
		step = line->len < len ? line->len + 1 : len;
		text += step;
		len -= step;
	}
	return 0;
}

int
lines_add_empty(struct lines *lines, struct line_numbers *numbers)
{
	struct line *line = &lines->v[lines->n];

	line->s = "";
	line->len = 0;
	if (number_of(numbers, line, &lines->numbers[lines->n]) != 0)
		return -ENOMEM;
	lines->n++;
	return 0;
}

void
lines_fini(struct lines *lines)
{
	free(lines->v);
	free(lines->numbers);
}

/* Two sequences, and which of their lines have no partner in the other. */
struct pair {
	const uint32_t *a, *b;
	size_t a_n, b_n;
	bool *a_changed, *b_changed;
};

/*
 * The lines of one side that the other side has, too: only these can have a
 * partner.  The others are marked as changed.  Returns how many there are.
 */
static size_t
reduce(const uint32_t *lines, size_t n, const bool *in_other, bool *changed,
    size_t skip, size_t *ret_at)
{
	size_t left = 0;

	for (size_t i = skip; i < n; i++) {
		changed[i] = true;
		if (in_other[lines[i]])
			ret_at[left++] = i;
	}
	return left;
}

/* What Myers' algorithm runs on: indices of lines that both sides have. */
struct myers {
	const struct pair *pair;
	size_t *a_at, *b_at;
	ptrdiff_t a_n, b_n;
	ptrdiff_t d_max;
	int32_t *reach; /* the furthest column on each diagonal, d by d */
};

/* Where the columns for d edits begin: 1 + 3 + 5 ... come before them. */
static int32_t *
reach_of(const struct myers *myers, ptrdiff_t d)
{
	return myers->reach + d * d + d;
}

/* Follow equal lines from column x on the diagonal k. */
static ptrdiff_t
follow(const struct myers *myers, ptrdiff_t x, ptrdiff_t k)
{
	const struct pair *pair = myers->pair;

	while (x < myers->a_n && x - k < myers->b_n &&
	       pair->a[myers->a_at[x]] == pair->b[myers->b_at[x - k]])
		x++;
	return x;
}

/* From which diagonal the best way with one edit less comes to k. */
static ptrdiff_t
origin(const int32_t *before, ptrdiff_t d, ptrdiff_t k)
{
	if (k == -d || (k != d && before[k - 1] < before[k + 1]))
		return k + 1;
	return k - 1;
}

/*
 * "An O(ND) Difference Algorithm and Its Variations" (Myers, 1986): the
 * number of edits, or -1 if there are more than d_max.
 */
static ptrdiff_t
find_way(const struct myers *myers)
{
	reach_of(myers, 0)[0] = (int32_t)follow(myers, 0, 0);
	for (ptrdiff_t d = 0;; d++) {
		const int32_t *before;
		int32_t *now = reach_of(myers, d);

		for (ptrdiff_t k = -d; k <= d; k += 2)
			if (now[k] >= myers->a_n && now[k] - k >= myers->b_n)
				return d;
		if (d == myers->d_max)
			return -1;
		before = now;
		now = reach_of(myers, d + 1);
		for (ptrdiff_t k = -d - 1; k <= d + 1; k += 2) {
			ptrdiff_t from = origin(before, d + 1, k);
			ptrdiff_t x = before[from] + (from < k ? 1 : 0);

			now[k] = (int32_t)follow(myers, x, k);
		}
	}
}

/* Go the way back; the lines on its diagonals are partners. */
static void
walk_back(const struct myers *myers, ptrdiff_t d)
{
	ptrdiff_t k = myers->a_n - myers->b_n;
	ptrdiff_t x = myers->a_n;

	for (; d >= 0; d--) {
		ptrdiff_t from = 0, start = 0;

		if (d > 0) {
			from = origin(reach_of(myers, d - 1), d, k);
			start =
			    reach_of(myers, d - 1)[from] + (from < k ? 1 : 0);
		}
		while (x > start) {
			x--;
			myers->pair->a_changed[myers->a_at[x]] = false;
			myers->pair->b_changed[myers->b_at[x - k]] = false;
		}
		x -= from < k ? 1 : 0;
		k = from;
	}
}

static int
find_way_and_walk(struct myers *myers)
{
	ptrdiff_t d = myers->a_n + myers->b_n;

	myers->d_max = d < COST_MAX ? d : COST_MAX;
	myers->reach = calloc((size_t)(myers->d_max + 1),
	    (size_t)(myers->d_max + 2) * sizeof *myers->reach);
	if (myers->reach == NULL)
		return -ENOMEM;
	d = find_way(myers);
	if (d >= 0)
		walk_back(myers, d);
	free(myers->reach);
	return 0;
}

static int
find_partners(const struct pair *pair, size_t skip)
{
	struct myers myers = {.pair = pair};
	size_t n = 1;
	bool *in_a, *in_b;
	int err = -ENOMEM;

	for (size_t i = 0; i < pair->a_n; i++)
		n = pair->a[i] >= n ? (size_t)pair->a[i] + 1 : n;
	for (size_t i = 0; i < pair->b_n; i++)
		n = pair->b[i] >= n ? (size_t)pair->b[i] + 1 : n;
	in_a = calloc(n, sizeof *in_a);
	in_b = calloc(n, sizeof *in_b);
	myers.a_at = calloc(pair->a_n + 1, sizeof(size_t));
	myers.b_at = calloc(pair->b_n + 1, sizeof(size_t));
	if (in_a != NULL && in_b != NULL && myers.a_at != NULL &&
	    myers.b_at != NULL) {
		for (size_t i = 0; i < pair->a_n; i++)
			in_a[pair->a[i]] = true;
		for (size_t i = 0; i < pair->b_n; i++)
			in_b[pair->b[i]] = true;
		myers.a_n = (ptrdiff_t)reduce(pair->a, pair->a_n, in_b,
		    pair->a_changed, skip, myers.a_at);
		myers.b_n = (ptrdiff_t)reduce(pair->b, pair->b_n, in_a,
		    pair->b_changed, skip, myers.b_at);
		err = find_way_and_walk(&myers);
	}
	free(in_a);
	free(in_b);
	free(myers.a_at);
	free(myers.b_at);
	return err;
}

/* Changed lines of one side that stand together; it may be empty. */
struct group {
	const uint32_t *lines;
	bool *changed;
	size_t n;
	size_t start, end;
};

static bool
next_group(struct group *group)
{
	if (group->end == group->n)
		return false;
	group->start = ++group->end;
	while (group->end < group->n && group->changed[group->end])
		group->end++;
	return true;
}

static void
previous_group(struct group *group)
{
	group->end = --group->start;
	while (group->start > 0 && group->changed[group->start - 1])
		group->start--;
}

static void
first_group(struct group *group)
{
	group->start = group->end = 0;
	while (group->end < group->n && group->changed[group->end])
		group->end++;
}

/* Say that the line above the group was changed, and not the last of it. */
static bool
slide_up(struct group *group)
{
	if (group->start == 0 ||
	    group->lines[group->start - 1] != group->lines[group->end - 1])
		return false;
	group->changed[--group->start] = true;
	group->changed[--group->end] = false;
	while (group->start > 0 && group->changed[group->start - 1])
		group->start--;
	return true;
}

static bool
slide_down(struct group *group)
{
	if (group->end == group->n ||
	    group->lines[group->start] != group->lines[group->end])
		return false;
	group->changed[group->start++] = false;
	group->changed[group->end++] = true;
	while (group->end < group->n && group->changed[group->end])
		group->end++;
	return true;
}

/*
 * Where a group could stand in several places, take the last at which the
 * other side has a group, too, or else the last of all; groups that meet on
 * the way become one.
 */
static void
settle_group(struct group *group, struct group *other)
{
	bool meets;
	size_t size;

	do {
		size = group->end - group->start;
		while (slide_up(group))
			previous_group(other);
		meets = other->end > other->start;
		while (slide_down(group)) {
			(void)next_group(other);
			meets |= other->end > other->start;
		}
	} while (size != group->end - group->start);
	while (meets && other->end == other->start && slide_up(group))
		previous_group(other);
}

static void
settle(struct group group, struct group other)
{
	first_group(&group);
	first_group(&other);
	for (;;) {
		if (group.end > group.start)
			settle_group(&group, &other);
		if (!next_group(&group) || !next_group(&other))
			break;
	}
}

static int
collect(const struct pair *pair, struct hunks *hunks)
{
	size_t i = 0, j = 0;

	while (i < pair->a_n || j < pair->b_n) {
		struct hunk hunk = {.a_at = i, .b_at = j};
		struct hunk *slot;

		while (i < pair->a_n && pair->a_changed[i])
			i++;
		while (j < pair->b_n && pair->b_changed[j])
			j++;
		hunk.a_n = i - hunk.a_at;
		hunk.b_n = j - hunk.b_at;
		if (hunk.a_n > 0 || hunk.b_n > 0) {
			slot = VEC_ADD(hunks);
			if (slot == NULL)
				return -ENOMEM;
			*slot = hunk;
		}
		i++;
		j++;
	}
	return 0;
}

int
line_diff(const uint32_t *a, size_t a_n, const uint32_t *b, size_t b_n,
    struct hunks *ret_hunks)
{
	struct pair pair = {.a = a, .b = b, .a_n = a_n, .b_n = b_n};
	struct hunks hunks = {0};
	size_t skip = 0;
	int err = -ENOMEM;

	while (skip < a_n && skip < b_n && a[skip] == b[skip])
		skip++;
	if (skip == a_n && skip == b_n) {
		*ret_hunks = hunks;
		return 0;
	}
	pair.a_changed = calloc(a_n + 1, sizeof *pair.a_changed);
	pair.b_changed = calloc(b_n + 1, sizeof *pair.b_changed);
	if (pair.a_changed != NULL && pair.b_changed != NULL)
		err = find_partners(&pair, skip);
	if (err == 0) {
		struct group left = {
		    .lines = a, .changed = pair.a_changed, .n = a_n};
		struct group right = {
		    .lines = b, .changed = pair.b_changed, .n = b_n};

		settle(left, right);
		settle(right, left);
		err = collect(&pair, &hunks);
	}
	free(pair.a_changed);
	free(pair.b_changed);
	if (err != 0)
		VEC_FREE(&hunks);
	else
		*ret_hunks = hunks;
	return err;
}

size_t
line_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	struct line_numbers *numbers = line_numbers_new();
	struct lines left = {0}, right = {0};
	struct hunks hunks = {0};
	size_t distance = SIZE_MAX;

	if (numbers != NULL && lines_init(&left, numbers, a, a_len) == 0 &&
	    lines_init(&right, numbers, b, b_len) == 0 &&
	    line_diff(left.numbers, left.n, right.numbers, right.n, &hunks) ==
		0) {
		distance = 0;
		for (size_t i = 0; i < hunks.n; i++)
			distance += hunks.v[i].a_n + hunks.v[i].b_n;
	}
	VEC_FREE(&hunks);
	lines_fini(&left);
	lines_fini(&right);
	line_numbers_free(numbers);
	return distance;
}
