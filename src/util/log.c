#include "util/log.h"

#include "util/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

/* Written once at the start, read by every thread after. */
static bool use_syslog;
static int level_shown = LOG_NOTICE;

void
log_init(bool to_syslog, int max_level)
{
	use_syslog = to_syslog;
	level_shown = max_level;
	if (to_syslog)
		openlog("trellofs", LOG_PID, LOG_USER);
}

void
log_line(int level, const char *fmt, ...)
{
	static const char *const names[] = {"emergency", "alert", "critical",
	    "error", "warning", "notice", "info", "debug"};
	char line[2048];
	va_list args;

	if (level > level_shown)
		return;
	va_start(args, fmt);
	(void)vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	utf8_make_printable(line);
	if (use_syslog)
		syslog(level, "%s", line);
	else
		(void)fprintf(stderr, "trellofs: %s: %s\n", names[level], line);
}
