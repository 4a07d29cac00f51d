#ifndef TEXT_TEXT_ERROR_H
#define TEXT_TEXT_ERROR_H

#include "util/err.h"

#include <stdbool.h>

/**
 * What is wrong with a card's text, for the person who wrote it: one line of
 * what, one of why, one of what to do.  Lines are printable and end in no
 * newline.  Only -ENOMEM has no why and no remedy.
 */
struct text_error {
	int code;		 /* -EINVAL, -EFBIG, -ENOMEM; 0: nothing */
	unsigned line;		 /* from 1; 0 where no line is to blame */
	bool incomplete;	 /* the front matter has begun and not ended */
	bool in_front_matter;	 /* the error is above the second `---` */
	bool too_large;		 /* the text is, and what follows cannot help */
	char what[ERR_TEXT_MAX]; /* line 4: label "bgu" */
	char why[ERR_TEXT_MAX];	 /* this board has bug, urgent */
	char remedy[ERR_TEXT_MAX]; /* did you mean "bug"? */
};

/** Say what is wrong; why and remedy become "".  Returns code. */
int text_error_set(struct text_error *error, int code, unsigned line,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/** Add the reason, and what to do.  Both return error->code. */
int text_error_why(struct text_error *error, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
int text_error_remedy(struct text_error *error, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/** The same for two lines in which nothing is to be filled in. */
int text_error_help(
    struct text_error *error, const char *why, const char *remedy);

#endif
