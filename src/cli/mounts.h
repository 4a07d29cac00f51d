#ifndef CLI_MOUNTS_H
#define CLI_MOUNTS_H

#include <stdbool.h>

struct err;

/* What is mounted, by a table like MOUNTS_TABLE. */
#define MOUNTS_TABLE "/proc/self/mounts"

/**
 * Find our user's mount in a table of mounts (/proc/self/mounts): that of the
 * profile, or, if any will do, the only one.  Returns 0 and in *ret the mount point, which the
 * caller frees; -ENOENT if there is none; -EINVAL, naming some, if it could be
 * any of several; -ENOMEM; what opening the table gave.
 */
int mounts_find(const char *table, const char *profile, bool any, char **ret,
    struct err *err);

/**
 * The mount that a path is in, or is: 0 and in *ret the mount point, which the
 * caller frees; -ENOENT if it is in none; -ENOMEM.
 */
int mounts_around(const char *table, const char *path, char **ret);

/** Whether a trellofs is mounted on this very folder, an absolute path. */
bool mounts_is_on(const char *table, const char *folder);

/**
 * Whether one can mount on the folder: 0, or -errno and in err how to mend
 * it.  -EBUSY if a trellofs is there already, -ENOTCONN if its program has
 * ended.
 */
int mounts_check_folder(const char *table, const char *folder, struct err *err);

#endif
