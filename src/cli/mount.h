#ifndef CLI_MOUNT_H
#define CLI_MOUNT_H

struct err;
struct settings;

/**
 * Mount what the settings say and serve it until it is unmounted; in the
 * background unless they say otherwise.  0 or -errno with the reason.  The
 * secrets in the settings are wiped on the way.
 */
int cli_mount(struct settings *settings, struct err *err);

#endif
