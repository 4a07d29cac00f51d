#include "util/timeutil.h"

#include "util/zone.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* What ISO 8601 can write with four digits of year. */
#define YEAR_0_MS INT64_C(-62167219200000)
#define YEAR_10000_MS INT64_C(253402300800000)

static int64_t
clock_ns(clockid_t clock)
{
	struct timespec ts = {0};

	(void)clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int64_t
time_monotonic_ms(void)
{
	return clock_ns(CLOCK_BOOTTIME) / 1000000;
}

int64_t
time_slept_ms(void)
{
	return (clock_ns(CLOCK_BOOTTIME) - clock_ns(CLOCK_MONOTONIC)) / 1000000;
}

int64_t
time_wall_ms(void)
{
	return clock_ns(CLOCK_REALTIME) / 1000000;
}

int64_t
time_wall_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

int64_t
time_days(int64_t year, unsigned month, unsigned day)
{
	int64_t era, year_of_era, day_of_year;

	/* Years that begin in March put the leap day last. */
	if (month <= 2)
		year--;
	era = (year >= 0 ? year : year - 399) / 400;
	year_of_era = year - era * 400;
	day_of_year =
	    (153 * (int64_t)(month + (month > 2 ? -3U : 9U)) + 2) / 5 + day - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 -
	       year_of_era / 100 + day_of_year - 719468;
}

static unsigned
days_in_month(unsigned year, unsigned month)
{
	static const unsigned char days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap ? 1U : 0U);
}

/* Read exactly n digits at *s. */
static int
digits(const char **s, unsigned n, unsigned *ret_value)
{
	unsigned value = 0;

	for (; n > 0; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return -EINVAL;
		value = value * 10 + (unsigned)(**s - '0');
	}
	*ret_value = value;
	return 0;
}

static int
separated(const char **s, char separator, unsigned n, unsigned *ret_value)
{
	if (**s != separator)
		return -EINVAL;
	(*s)++;
	return digits(s, n, ret_value);
}

/* ":27" or ":27.123", any number of digits, or nothing. */
static int
parse_seconds(const char **s, unsigned *ret_second, unsigned *ret_ms)
{
	unsigned scale = 100, ms = 0, second, first;

	if (**s != ':')
		return 0;
	if (separated(s, ':', 2, &second) != 0)
		return -EINVAL;
	if (**s == '.' || **s == ',') {
		if (separated(s, **s, 1, &first) != 0)
			return -EINVAL;
		for ((*s)--; **s >= '0' && **s <= '9'; (*s)++, scale /= 10)
			ms += (unsigned)(**s - '0') * scale;
	}
	*ret_second = second;
	*ret_ms = ms;
	return 0;
}

static int
zone(const char **s, int64_t *ret_minutes)
{
	unsigned hours, minutes;
	bool west = **s == '-';

	if (**s == 'Z' || **s == 'z') {
		(*s)++;
		*ret_minutes = 0;
		return 0;
	}
	if (**s != '+' && **s != '-')
		return -EINVAL;
	(*s)++;
	if (digits(s, 2, &hours) != 0)
		return -EINVAL;
	if (**s == ':')
		(*s)++;
	if (digits(s, 2, &minutes) != 0 || hours > 23 || minutes > 59)
		return -EINVAL;
	*ret_minutes = (int64_t)(hours * 60 + minutes) * (west ? -1 : 1);
	return 0;
}

int
time_parse_iso(const char *s, int64_t *ret_ms)
{
	unsigned year, month, day, hour, minute, second = 0, ms = 0;
	int64_t zone_minutes, minutes, at;

	if (digits(&s, 4, &year) != 0 || separated(&s, '-', 2, &month) != 0 ||
	    separated(&s, '-', 2, &day) != 0)
		return -EINVAL;
	if (*s != 'T' && *s != 't' && *s != ' ')
		return -EINVAL;
	s++;
	if (digits(&s, 2, &hour) != 0 || separated(&s, ':', 2, &minute) != 0)
		return -EINVAL;
	if (parse_seconds(&s, &second, &ms) != 0 ||
	    zone(&s, &zone_minutes) != 0 || *s != '\0')
		return -EINVAL;
	if (month < 1 || month > 12 || day < 1 ||
	    day > days_in_month(year, month) || hour > 23 || minute > 59 ||
	    second > 60)
		return -EINVAL;
	minutes = time_days(year, month, day) * 1440 + hour * 60 + minute;
	at = ((minutes - zone_minutes) * 60 + second) * 1000 + ms;
	if (at < YEAR_0_MS || at >= YEAR_10000_MS)
		return -EINVAL;
	*ret_ms = at;
	return 0;
}

void
time_format_iso(int64_t ms, char out[TIME_ISO_SIZE])
{
	struct wall_time wall;
	struct zone utc;
	int64_t second;

	if (ms < YEAR_0_MS)
		ms = YEAR_0_MS;
	if (ms >= YEAR_10000_MS)
		ms = YEAR_10000_MS - 1;
	second = ms / 1000 - (ms % 1000 < 0 ? 1 : 0);
	zone_init_utc(&utc);
	zone_to_wall(&utc, second, &wall);
	(void)snprintf(out, TIME_ISO_SIZE,
	    "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int)wall.year, wall.month,
	    wall.day, wall.hour, wall.minute, wall.second,
	    (int)(ms - second * 1000));
}

int64_t
time_from_id(const char *id)
{
	int64_t seconds = 0;

	for (int i = 0; i < 8; i++) {
		const char *hex = "0123456789abcdef";
		const char *digit = id[i] != '\0' ? strchr(hex, id[i]) : NULL;

		if (digit == NULL)
			return TIME_NONE;
		seconds = seconds * 16 + (digit - hex);
	}
	return seconds * 1000;
}
