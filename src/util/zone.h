#ifndef UTIL_ZONE_H
#define UTIL_ZONE_H

#include <stdint.h>

/**
 * A time zone as an argument.  offset_s gives how many seconds local time is
 * ahead of UTC (east is positive) at an instant; cookie is handed to it.
 */
struct zone {
	int (*offset_s)(void *cookie, int64_t utc_s);
	void *cookie;
};

/** What a clock and a calendar on the wall show, proleptic Gregorian. */
struct wall_time {
	int64_t year;
	int month, day; /* from 1 */
	int hour, minute, second;
};

/** The zone of this process (TZ), for any date, as localtime_r(3) has it. */
void zone_init_local(struct zone *ret_zone);

/** UTC, or a zone that always has the offset *offset_s (not copied). */
void zone_init_utc(struct zone *ret_zone);
void zone_init_fixed(struct zone *ret_zone, int *offset_s);

/** Seconds that the wall is ahead of UTC at the instant. */
int zone_offset_s(const struct zone *zone, int64_t utc_s);

/** What the wall shows at an instant (seconds since the epoch). */
void zone_to_wall(
    const struct zone *zone, int64_t utc_s, struct wall_time *ret_wall);

/**
 * The instant at which the wall shows this.  Of two (a clock that was put
 * back) the first; where there is none (put forward), what a clock that was
 * not put forward would show (RFC 5545, 3.3.5).
 */
int64_t zone_from_wall(const struct zone *zone, const struct wall_time *wall);

#endif
