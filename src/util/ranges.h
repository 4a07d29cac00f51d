#ifndef UTIL_RANGES_H
#define UTIL_RANGES_H

#include "util/vec.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * Which bytes of a file are there: a set of offsets, kept as ranges that are
 * sorted and neither overlap nor touch.  A range is from `from` up to, but not
 * with, `to`.
 */
struct range {
	int64_t from, to;
};
struct ranges {
	VEC(struct range) list;
};

/** Add one; nothing if it is empty.  0 or -ENOMEM, the set as it was. */
int ranges_add(struct ranges *ranges, int64_t from, int64_t to);

/** The first offset of a range that is not there; `to`: all of it is. */
int64_t ranges_missing(const struct ranges *ranges, int64_t from, int64_t to);

/** The first offset from here on that is there, at most `to`. */
int64_t ranges_next(const struct ranges *ranges, int64_t from, int64_t to);

/** How many bytes are there. */
int64_t ranges_bytes(const struct ranges *ranges);

/** There are none any more. */
void ranges_clear(struct ranges *ranges);

#endif
