#ifndef UTIL_LOG_H
#define UTIL_LOG_H

#include <stdbool.h>

/**
 * One line to the log: standard error in the foreground, the system log
 * otherwise.  Levels are those of syslog(3).  Safe from any thread.  Never
 * give it a secret: struct secret has no way to be printed.
 */
void log_line(int level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(3, __VA_ARGS__)
#define log_warning(...) log_line(4, __VA_ARGS__)
#define log_notice(...) log_line(5, __VA_ARGS__)
#define log_info(...) log_line(6, __VA_ARGS__)
#define log_debug(...) log_line(7, __VA_ARGS__)

/** Where lines go and which: called once, before any thread is started. */
void log_init(bool to_syslog, int max_level);

#endif
