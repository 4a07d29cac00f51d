#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stdio.h>

/** The page of --help.  Returns 0 or -EIO. */
int help_print(FILE *out);

/** The lines of --version.  Returns 0 or -EIO. */
int help_print_version(FILE *out);

#endif
