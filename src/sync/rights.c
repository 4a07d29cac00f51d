#include "sync/rights.h"

#include "util/buf.h"
#include "util/timeutil.h"

#include <inttypes.h>
#include <time.h>

int
rights_left(int64_t expires_ms, int64_t now_ms, struct buf *out)
{
	static const struct {
		int64_t ms;
		const char *one, *many;
	} units[] = {
	    {86400000, "day", "days"},
	    {3600000, "hour", "hours"},
	    {60000, "minute", "minutes"},
	};
	int64_t left_ms = expires_ms - now_ms;

	if (left_ms <= 0)
		return buf_add_str(out, "over");
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		int64_t n = left_ms / units[i].ms;

		if (n > 0)
			return buf_printf(out, "%" PRId64 " %s left", n,
			    n == 1 ? units[i].one : units[i].many);
	}
	return buf_add_str(out, "less than a minute left");
}

int
rights_text(bool read_only, int64_t expires_ms, int64_t now_ms, struct buf *out)
{
	time_t seconds = (time_t)(expires_ms / 1000);
	char text[32];
	struct tm tm = {0};

	(void)buf_add_str(out, read_only ? "read" : "read and write");
	if (expires_ms == TIME_NONE)
		return buf_add_str(out, ", no expiry");
	(void)localtime_r(&seconds, &tm);
	(void)strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm);
	(void)buf_printf(out, ", until %s (", text);
	(void)rights_left(expires_ms, now_ms, out);
	return buf_add_char(out, ')');
}
