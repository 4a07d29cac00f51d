#include "text/date_text.h"

#include "util/buf.h"
#include "util/timeutil.h"
#include "util/zone.h"

#include <errno.h>
#include <string.h>

static int64_t
seconds_of(int64_t ms)
{
	return ms / 1000 - (ms % 1000 < 0 ? 1 : 0);
}

bool
date_text_shows(int64_t ms, const struct zone *zone)
{
	/* The first second of the year 1 and of the year 10000. */
	static const int64_t first_s = -62135596800, end_s = 253402300800;
	int64_t utc_s = seconds_of(ms);
	int64_t local_s;

	if (ms == TIME_NONE || utc_s < first_s || utc_s >= end_s)
		return false;
	local_s = utc_s + zone_offset_s(zone, utc_s);
	return local_s >= first_s && local_s < end_s;
}

static int
add_offset(struct buf *out, int offset_s)
{
	int minutes = (offset_s < 0 ? -offset_s : offset_s) / 60;

	return buf_printf(out, "%c%02d:%02d", offset_s < 0 ? '-' : '+',
	    minutes / 60, minutes % 60);
}

int
date_text_add(struct buf *out, int64_t ms, const struct zone *zone)
{
	int64_t utc_s = seconds_of(ms);
	int milli = (int)(ms - utc_s * 1000);
	int offset_s = zone_offset_s(zone, utc_s);
	struct wall_time wall;
	struct zone utc;

	zone_init_utc(&utc);
	zone_to_wall(offset_s % 60 == 0 ? zone : &utc, utc_s, &wall);
	(void)buf_printf(out, "%04d-%02d-%02dT%02d:%02d", (int)wall.year,
	    wall.month, wall.day, wall.hour, wall.minute);
	if (wall.second != 0 || milli != 0)
		(void)buf_printf(out, ":%02d", wall.second);
	if (milli != 0)
		(void)buf_printf(out, ".%03d", milli);
	if (offset_s % 60 != 0)
		return buf_add_char(out, 'Z');
	return add_offset(out, offset_s);
}

int
date_text_add_seconds(struct buf *out, int64_t ms, const struct zone *zone)
{
	struct wall_time wall;

	zone_to_wall(zone, seconds_of(ms), &wall);
	return buf_printf(out, "%04lld-%02d-%02d %02d:%02d:%02d",
	    (long long)wall.year, wall.month, wall.day, wall.hour, wall.minute,
	    wall.second);
}

/* Read exactly n digits. */
static int
digits(const char **s, int n, int *ret_value)
{
	int value = 0;

	for (; n > 0; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return -EINVAL;
		value = value * 10 + (**s - '0');
	}
	*ret_value = value;
	return 0;
}

static int
separated(const char **s, char separator, int n, int *ret_value)
{
	if (**s != separator)
		return -EINVAL;
	(*s)++;
	return digits(s, n, ret_value);
}

static int
read_day(const char **s, struct wall_time *wall)
{
	struct wall_time real;
	struct zone utc;
	int year;

	if (digits(s, 4, &year) != 0 ||
	    separated(s, '-', 2, &wall->month) != 0 ||
	    separated(s, '-', 2, &wall->day) != 0)
		return -EINVAL;
	wall->year = year;
	if (year < 1 || wall->month < 1 || wall->month > 12 || wall->day < 1 ||
	    wall->day > 31)
		return -EINVAL;
	/* A day that the month does not have comes back as another. */
	zone_init_utc(&utc);
	zone_to_wall(&utc, zone_from_wall(&utc, wall), &real);
	return real.day == wall->day ? 0 : -EINVAL;
}

/* "17:00", seconds and a fraction if they are there. */
static int
read_time(const char **s, struct wall_time *wall, int *ret_milli)
{
	int scale = 100;

	*ret_milli = 0;
	if (digits(s, 2, &wall->hour) != 0 ||
	    separated(s, ':', 2, &wall->minute) != 0)
		return -EINVAL;
	if (**s == ':' && separated(s, ':', 2, &wall->second) != 0)
		return -EINVAL;
	if (wall->hour > 23 || wall->minute > 59 || wall->second > 59)
		return -EINVAL;
	if (**s != '.')
		return 0;
	if ((*s)[1] < '0' || (*s)[1] > '9')
		return -EINVAL;
	for ((*s)++; **s >= '0' && **s <= '9'; (*s)++, scale /= 10)
		*ret_milli += (**s - '0') * scale;
	return 0;
}

/* "Z", "+01:00", "+0100", "+01". */
static int
read_offset(const char **s, int *ret_offset_s)
{
	int hours, minutes = 0;
	int sign = **s == '-' ? -1 : 1;

	if (**s == 'Z' || **s == 'z') {
		(*s)++;
		*ret_offset_s = 0;
		return 0;
	}
	(*s)++;
	if (digits(s, 2, &hours) != 0)
		return -EINVAL;
	if (**s == ':')
		(*s)++;
	else if (**s == '\0')
		goto done;
	if (digits(s, 2, &minutes) != 0)
		return -EINVAL;
done:
	if (hours > 23 || minutes > 59)
		return -EINVAL;
	*ret_offset_s = sign * (hours * 3600 + minutes * 60);
	return 0;
}

int
date_text_parse(const char *s, const struct zone *zone, enum date_text_day day,
    int64_t *ret_ms)
{
	struct wall_time wall = {0};
	struct zone fixed;
	int milli = 0, offset_s = 0;

	if (read_day(&s, &wall) != 0)
		return -EINVAL;
	if (*s == '\0') {
		if (day == DATE_TEXT_DAY_ENDS) {
			wall.hour = 23;
			wall.minute = 59;
		}
		*ret_ms = zone_from_wall(zone, &wall) * 1000;
		return 0;
	}
	if (*s != 'T' && *s != 't' && *s != ' ')
		return -EINVAL;
	s++;
	if (read_time(&s, &wall, &milli) != 0)
		return -EINVAL;
	s += strspn(s, " ");
	if (*s != '\0') {
		if (strchr("Zz+-", *s) == NULL ||
		    read_offset(&s, &offset_s) != 0 || *s != '\0')
			return -EINVAL;
		zone_init_fixed(&fixed, &offset_s);
		zone = &fixed;
	}
	*ret_ms = zone_from_wall(zone, &wall) * 1000 + milli;
	return 0;
}
