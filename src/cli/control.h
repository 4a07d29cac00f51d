#ifndef CLI_CONTROL_H
#define CLI_CONTROL_H

struct err;

/**
 * Order something of the mount at mountpoint by its .trellofs/control, and
 * wait until it is done.
 */

/** Ask Trello for news now.  0 or -errno with the reason. */
int control_refresh(const char *mountpoint, struct err *err);

/**
 * Send all that is pending; a bar shows it if standard error is a terminal.
 * 0; -EIO if something was refused, which is listed on standard error; or
 * -errno with the reason.
 */
int control_sync(const char *mountpoint, struct err *err);

#endif
