#ifndef CLI_MOUNT_OPTIONS_H
#define CLI_MOUNT_OPTIONS_H

struct err;
struct settings;

/**
 * Read what stands after one -o: words between commas, escaped as FUSE has it
 * ("\,", "\\", "\054").  Ours are set, FUSE's and the kernel's are kept for
 * mount_options_fuse(), and what fstab says to others is skipped.  Returns 0,
 * -EINVAL with the reason in err, or -ENOMEM.
 */
int mount_options_take(
    struct settings *settings, const char *list, struct err *err);

/**
 * Make settings->fuse_options from the rest of settings: one string as it may
 * stand after -o, with the words escaped.  Returns 0 or -ENOMEM.
 */
int mount_options_fuse(struct settings *settings);

#endif
