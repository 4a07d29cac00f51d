#ifndef CLI_STATUS_H
#define CLI_STATUS_H

#include <stdio.h>

struct err;
struct settings;

/**
 * Copy MOUNTPOINT/.trellofs/status to out.  Returns 0; -ENOENT for a folder
 * that is no mount of ours, -ENOTCONN for one whose program has ended;
 * otherwise -errno.
 */
int status_print(const char *mountpoint, FILE *out, struct err *err);

/**
 * Where nothing is mounted: whose the token of the settings is, its rights and
 * their end, as Trello says, and what waits in the profile's database.  0 or
 * -errno with err.
 */
int status_account(const struct settings *settings, FILE *out, struct err *err);

#endif
