#ifndef CLI_LOCK_H
#define CLI_LOCK_H

struct err;

/**
 * One mount of a profile at a time: a lock on a file beside its database,
 * which says where the mount is.  The lock goes with the process.
 *
 * One that was unmounted and still sends is waited for.  Returns its file
 * descriptor, or -EBUSY with where the first one is, or
 * -errno.
 */
int lock_profile(const char *state_path, const char *profile,
    const char *mountpoint, struct err *err);

#endif
