#ifndef UTIL_ERR_H
#define UTIL_ERR_H

#define ERR_TEXT_MAX 512

/**
 * What went wrong, for a person.  Functions return 0 or -errno; where the
 * reason matters they also fill one of these.  Text that does not fit is cut
 * at a code point.
 */
struct err {
	int code;		 /* -errno, 0 while nothing went wrong */
	char text[ERR_TEXT_MAX]; /* one line, no newline, NUL-terminated */
};

/**
 * Store code (a negative errno) and the formatted reason in err, which may be
 * NULL.  Control characters in the text become '?' (utf8_make_printable()), so
 * that what a server or a file says cannot drive a terminal.  Returns code.
 */
int err_set(struct err *err, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/** Put "prefix: " before the text that err holds. */
void err_prefix(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
