#ifndef FS_HEAL_H
#define FS_HEAL_H

#include <limits.h>
#include <stdbool.h>

struct err;
struct stat;

/**
 * The absolute path of a folder that may hold a dead mount, which realpath(3)
 * cannot look at: only what stands before the last component is resolved.
 * False if that does not exist.
 */
bool heal_absolute(const char *path, char out[PATH_MAX]);

/**
 * stat(2), but -ENOTCONN for every folder whose mount has died, also while
 * the kernel still has its attributes.  0 or -errno.
 */
int heal_stat(const char *path, struct stat *ret_stat);

/**
 * Make sure that something can be mounted on the folder: it is one, and not
 * the remains of a trellofs that died (ENOTCONN), which is unmounted; nor is
 * a living one mounted there, which is -EBUSY.  0 or -errno with the reason.
 */
int heal_mountpoint(const char *mountpoint, struct err *err);

#endif
