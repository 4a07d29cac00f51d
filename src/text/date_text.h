#ifndef TEXT_DATE_TEXT_H
#define TEXT_DATE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct zone;

/** Dates of a card's text: local time with its offset from UTC. */

/** Whether the date has a text: it is none before the year 1 or after 9999. */
bool date_text_shows(int64_t ms, const struct zone *zone);

/**
 * Append `2026-12-01T17:00+01:00`, with seconds and milliseconds only if
 * there are any.  An offset that has seconds (local mean times of long ago)
 * cannot be written so: such a date is given in UTC, with `Z`.
 */
int date_text_add(struct buf *out, int64_t ms, const struct zone *zone);

/** Append `2026-11-02 14:03:27`. */
int date_text_add_seconds(struct buf *out, int64_t ms, const struct zone *zone);

enum date_text_day {
	DATE_TEXT_DAY_BEGINS, /* a day alone is its first minute */
	DATE_TEXT_DAY_ENDS,   /* a day alone is its last minute */
};

/**
 * Read `2026-12-01`, `2026-12-01 17:00`, either of them with a T, seconds, a
 * fraction of a second, `Z` or an offset (RFC 3339).  Without an offset it is
 * a time of the zone.  Returns 0 or -EINVAL, also for days that no month has.
 */
int date_text_parse(const char *s, const struct zone *zone,
    enum date_text_day day, int64_t *ret_ms);

#endif
