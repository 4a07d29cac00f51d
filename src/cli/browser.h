#ifndef CLI_BROWSER_H
#define CLI_BROWSER_H

#include <stdbool.h>

/**
 * Show a page in the user's browser, by xdg-open(1).  Not as root, whose
 * browser nobody wants, and not without a screen.  True: a browser was
 * started, which says nothing about what it shows.
 */
bool browser_open(const char *url);

#endif
