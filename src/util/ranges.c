#include "util/ranges.h"

#include <errno.h>
#include <string.h>

/* The first range that ends at the offset or behind it. */
static size_t
find(const struct ranges *ranges, int64_t offset)
{
	size_t low = 0, high = ranges->list.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ranges->list.v[middle].to < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int
ranges_add(struct ranges *ranges, int64_t from, int64_t to)
{
	struct range *v;
	size_t first, end;

	if (from >= to)
		return 0;
	first = end = find(ranges, from);
	v = ranges->list.v;
	while (end < ranges->list.n && v[end].from <= to)
		end++;
	if (end == first) {
		if (VEC_ADD(&ranges->list) == NULL)
			return -ENOMEM;
		v = ranges->list.v;
		memmove(v + first + 1, v + first,
		    (ranges->list.n - 1 - first) * sizeof *v);
		v[first] = (struct range){from, to};
		return 0;
	}
	if (v[first].from < from)
		from = v[first].from;
	if (v[end - 1].to > to)
		to = v[end - 1].to;
	v[first] = (struct range){from, to};
	memmove(v + first + 1, v + end, (ranges->list.n - end) * sizeof *v);
	ranges->list.n -= end - first - 1;
	return 0;
}

int64_t
ranges_missing(const struct ranges *ranges, int64_t from, int64_t to)
{
	size_t i = find(ranges, from);

	if (i < ranges->list.n && ranges->list.v[i].from <= from)
		from = ranges->list.v[i].to;
	return from < to ? from : to;
}

int64_t
ranges_next(const struct ranges *ranges, int64_t from, int64_t to)
{
	size_t i = find(ranges, from + 1);

	if (i == ranges->list.n || ranges->list.v[i].from >= to)
		return to;
	return ranges->list.v[i].from > from ? ranges->list.v[i].from : from;
}

int64_t
ranges_bytes(const struct ranges *ranges)
{
	int64_t bytes = 0;

	for (size_t i = 0; i < ranges->list.n; i++)
		bytes += ranges->list.v[i].to - ranges->list.v[i].from;
	return bytes;
}

void
ranges_clear(struct ranges *ranges)
{
	VEC_FREE(&ranges->list);
}
