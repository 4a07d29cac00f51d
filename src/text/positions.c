#include "text/positions.h"

#include "model/model.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#define STEP 16384.0
#define NONE ((size_t)-1)

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
has_room(double low, double high, size_t count)
{
	double step = (high - low) / (double)(count + 1);

	if (low + step <= low)
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
next_kept(const struct position *v, size_t n, bool *kept, size_t i, double low)
{
	for (size_t next = i; next < n; next++) {
		if (!kept[next])
			continue;
		if (next == i || has_room(low, v[next].pos, next - i))
			return next;
		kept[next] = false;
	}
	return n;
}

static void
assign(struct position *v, size_t n, bool *kept)
{
	double low = 0;

	for (size_t i = 0; i < n;) {
		size_t next = next_kept(v, n, kept, i, low);
		double step = STEP;

		if (next < n)
			step = (v[next].pos - low) / (double)(next - i + 1);
		for (size_t j = i; j < next; j++)
			v[j].pos = low + step * (double)(j - i + 1);
		if (next < n)
			low = v[next].pos;
		i = next < n ? next + 1 : n;
	}
}

int
positions_assign(struct position *v, size_t n)
{
	bool *kept = calloc(n + 1, sizeof *kept);
	size_t *ends = calloc(n + 1, sizeof(size_t));
	size_t *before = calloc(n + 1, sizeof(size_t));
	int err = -ENOMEM;

	if (kept != NULL && ends != NULL && before != NULL) {
		mark_kept(v, n, kept, ends, before);
		assign(v, n, kept);
		err = 0;
	}
	free(kept);
	free(ends);
	free(before);
	return err;
}
