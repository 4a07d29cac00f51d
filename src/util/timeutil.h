#ifndef UTIL_TIMEUTIL_H
#define UTIL_TIMEUTIL_H

#include <stddef.h>
#include <stdint.h>

/** "No time": what an absent or null date is. */
#define TIME_NONE INT64_MIN

/** Milliseconds of a clock that is never set, for waits and deadlines.  It goes
 * on while the machine sleeps. */
int64_t time_monotonic_ms(void);

/** How long the machine has slept since it was started, in milliseconds. */
int64_t time_slept_ms(void);

/** Milliseconds since the epoch. */
int64_t time_wall_ms(void);

/** Nanoseconds since the epoch, for time stamps of files. */
int64_t time_wall_ns(void);

/**
 * Read an ISO 8601 / RFC 3339 time with a zone ("Z" or "+hh:mm"), as Trello
 * writes them, into milliseconds since the epoch.  Seconds and a fraction are
 * optional.  Returns 0 or -EINVAL, also for a day that no month has, for text
 * behind the time and for what lies outside of the years 0 to 9999 in UTC.
 */
int time_parse_iso(const char *s, int64_t *ret_ms);

/**
 * Write "2026-11-02T14:03:27.123Z", Trello's own form: 24 bytes and NUL.  A
 * time outside of the years 0 to 9999 is written as the nearest inside.
 */
#define TIME_ISO_SIZE 32
void time_format_iso(int64_t ms, char out[TIME_ISO_SIZE]);

/**
 * The time at which an object was created, in milliseconds: the first eight
 * hex digits of its id are Unix seconds (documented by Trello).  TIME_NONE if
 * they are not hex digits.
 */
int64_t time_from_id(const char *id);

/** Days since 1970-01-01 of a date of the proleptic Gregorian calendar. */
int64_t time_days(int64_t year, unsigned month, unsigned day);

#endif
