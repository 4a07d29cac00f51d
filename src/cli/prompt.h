#ifndef CLI_PROMPT_H
#define CLI_PROMPT_H

#include <stdbool.h>

/**
 * Questions to whoever sits at the terminal.  Without one, as from a script,
 * nothing is asked, and the answers are the lines of standard input.
 */

struct err;
struct secret;

/** Whether standard input is a terminal. */
bool prompt_has_terminal(void);

/**
 * Ask with this text and read a line, without the blanks around it; hidden:
 * what is typed is not shown.  An empty line is an answer.  Returns 0; -ENODATA
 * when standard input has ended, -EFBIG for more than SECRET_MAX bytes,
 * -EINVAL for a NUL, and what read(2) says, each with err.
 */
int prompt_line(
    const char *text, bool hidden, struct secret *ret_line, struct err *err);

/** A question that is answered with yes or no, yes for an empty line.
 * `without` is the answer where there is no terminal. */
bool prompt_yes(const char *text, bool without);

#endif
