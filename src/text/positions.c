#include "text/positions.h"

#include "model/model.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#define STEP 16384.0
#define NONE ((size_t)-1)

/* Trello spreads all of them where two are closer than about 0.01. */
#define CLOSE 0.02
#define ROOM 0.1

/* What is being put into order.  taken: the places at which something stands
 * as long as not all has moved, sorted; NULL: they do not matter. */
struct assigning {
	struct position *v;
	size_t n;
	bool *kept;
	double *taken;
};

static bool
is_before(const struct position *a, const struct position *b)
{
	return model_compare_pos(a->pos, a->id, b->pos, b->id) < 0;
}

/*
 * Mark a longest run of things that are in order already.  ends[k] is the
 * thing that ends the best run of k + 1 things found so far.
 */
static void
mark_kept(const struct position *v, size_t n, bool *kept, size_t *ends,
    size_t *before)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		size_t low = 0, high = len;

		kept[i] = false;
		if (!(v[i].pos > 0))
			continue;
		while (low < high) {
			size_t mid = (low + high) / 2;

			if (is_before(&v[ends[mid]], &v[i]))
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
	     i = before[i])
		kept[i] = true;
}

/* Whether `count` positions find room between two, all of them different. */
static bool
has_room(const struct assigning *all, double low, double high, size_t count)
{
	double step = (high - low) / (double)(count + 1);

	if (low + step <= low || (all->taken != NULL && step < ROOM))
		return false;
	for (size_t i = 1; i <= count; i++)
		if (low + step * (double)i >= high ||
		    low + step * (double)i <= low + step * (double)(i - 1))
			return false;
	return true;
}

/*
 * The next kept thing from i on that leaves room for those before it; what
 * leaves none is not kept after all.  n if there is none.
 */
static size_t
next_kept(const struct assigning *all, size_t i, double low)
{
	for (size_t next = i; next < all->n; next++) {
		if (!all->kept[next])
			continue;
		if (next == i || has_room(all, low, all->v[next].pos, next - i))
			return next;
		all->kept[next] = false;
	}
	return all->n;
}

static bool
is_taken(const struct assigning *all, double pos)
{
	size_t low = 0, high = all->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (all->taken[mid] < pos - CLOSE)
			low = mid + 1;
		else
			high = mid;
	}
	return low < all->n && all->taken[low] < pos + CLOSE;
}

/* The place `at` steps behind low, or one near it where nothing stands. */
static double
choose(const struct assigning *all, double low, double step, size_t at)
{
	static const double aside[] = {
	    0, 0.25, -0.25, 0.125, -0.125, 0.3125, -0.3125, 0.1875, -0.1875};
	const size_t n = sizeof aside / sizeof aside[0];

	for (size_t i = 0; all->taken != NULL && i < n; i++) {
		double pos = low + step * ((double)at + aside[i]);

		if (!is_taken(all, pos))
			return pos;
	}
	return low + step * (double)at;
}

static void
assign(const struct assigning *all)
{
	struct position *v = all->v;
	double low = 0;

	for (size_t i = 0; i < all->n;) {
		size_t next = next_kept(all, i, low);
		double step = STEP;

		if (next < all->n)
			step = (v[next].pos - low) / (double)(next - i + 1);
		for (size_t j = i; j < next; j++)
			v[j].pos = choose(all, low, step, j - i + 1);
		if (next < all->n)
			low = v[next].pos;
		i = next < all->n ? next + 1 : all->n;
	}
}

static int
compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int
put_in_order(struct position *v, size_t n, bool apart)
{
	bool *kept = calloc(n + 1, sizeof *kept);
	size_t *ends = calloc(n + 1, sizeof(size_t));
	size_t *before = calloc(n + 1, sizeof(size_t));
	double *taken = apart ? calloc(n + 1, sizeof *taken) : NULL;
	int err = -ENOMEM;

	if (kept != NULL && ends != NULL && before != NULL &&
	    (!apart || taken != NULL)) {
		for (size_t i = 0; apart && i < n; i++)
			taken[i] = v[i].pos;
		if (apart && n > 1)
			qsort(taken, n, sizeof *taken, compare_doubles);
		mark_kept(v, n, kept, ends, before);
		assign(&(struct assigning){v, n, kept, taken});
		err = 0;
	}
	free(kept);
	free(ends);
	free(before);
	free(taken);
	return err;
}

int
positions_assign(struct position *v, size_t n)
{
	return put_in_order(v, n, false);
}

int
positions_assign_apart(struct position *v, size_t n)
{
	return put_in_order(v, n, true);
}
