#ifndef CLI_STATUS_H
#define CLI_STATUS_H

#include <stdio.h>

struct err;

/**
 * Copy MOUNTPOINT/.trellofs/status to out.  Returns 0; -ENOENT for a folder
 * that is no mount of ours, -ENOTCONN for one whose program has ended;
 * otherwise -errno.
 */
int status_print(const char *mountpoint, FILE *out, struct err *err);

#endif
