#ifndef FS_HEAL_H
#define FS_HEAL_H

struct err;

/**
 * Make sure that something can be mounted on the folder: it is one, and not
 * the remains of a trellofs that died (ENOTCONN), which is unmounted; nor is
 * a living one mounted there, which is -EBUSY.  0 or -errno with the reason.
 */
int heal_mountpoint(const char *mountpoint, struct err *err);

#endif
