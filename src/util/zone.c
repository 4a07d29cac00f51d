#include "util/zone.h"

#include "util/timeutil.h"

#include <stddef.h>
#include <time.h>

#define DAY_S 86400

static int
local_offset_s(void *cookie, int64_t utc_s)
{
	time_t at = (time_t)utc_s;
	struct tm tm;

	(void)cookie;
	return localtime_r(&at, &tm) != NULL ? (int)tm.tm_gmtoff : 0;
}

static int
fixed_offset_s(void *cookie, int64_t utc_s)
{
	const int *offset_s = cookie;

	(void)utc_s;
	return offset_s != NULL ? *offset_s : 0;
}

void
zone_init_local(struct zone *ret_zone)
{
	/* localtime_r() need not look at TZ by itself. */
	tzset();
	ret_zone->offset_s = local_offset_s;
	ret_zone->cookie = NULL;
}

void
zone_init_utc(struct zone *ret_zone)
{
	zone_init_fixed(ret_zone, NULL);
}

void
zone_init_fixed(struct zone *ret_zone, int *offset_s)
{
	ret_zone->offset_s = fixed_offset_s;
	ret_zone->cookie = offset_s;
}

int
zone_offset_s(const struct zone *zone, int64_t utc_s)
{
	return zone->offset_s(zone->cookie, utc_s);
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

/* The date of a day counted from 1970-01-01: the inverse of time_days(). */
static void
date_of_day(int64_t days, struct wall_time *ret_wall)
{
	int64_t era, day_of_era, year_of_era, day_of_year, month;

	days += 719468;
	era = floor_div(days, 146097);
	day_of_era = days - era * 146097;
	year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
			  day_of_era / 146096) /
		      365;
	day_of_year = day_of_era -
		      (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	month = (5 * day_of_year + 2) / 153;
	ret_wall->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
	ret_wall->month = (int)(month < 10 ? month + 3 : month - 9);
	ret_wall->year = year_of_era + era * 400 + (month < 10 ? 0 : 1);
}

void
zone_to_wall(const struct zone *zone, int64_t utc_s, struct wall_time *ret_wall)
{
	int64_t local_s = utc_s + zone_offset_s(zone, utc_s);
	int64_t days = floor_div(local_s, DAY_S);
	int second = (int)(local_s - days * DAY_S);

	date_of_day(days, ret_wall);
	ret_wall->hour = second / 3600;
	ret_wall->minute = second / 60 % 60;
	ret_wall->second = second % 60;
}

int64_t
zone_from_wall(const struct zone *zone, const struct wall_time *wall)
{
	int64_t days =
	    time_days(wall->year, (unsigned)wall->month, (unsigned)wall->day);
	int64_t local_s =
	    days * DAY_S + wall->hour * 3600 + wall->minute * 60 + wall->second;
	int before_s = zone_offset_s(zone, local_s - DAY_S);
	int after_s = zone_offset_s(zone, local_s + DAY_S);

	/* The offset of the day before holds unless the clock has changed
	 * since, and also for what no clock shows. */
	if (zone_offset_s(zone, local_s - before_s) != before_s &&
	    zone_offset_s(zone, local_s - after_s) == after_s)
		return local_s - after_s;
	return local_s - before_s;
}
