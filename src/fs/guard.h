#ifndef FS_GUARD_H
#define FS_GUARD_H

/**
 * A process that waits for the end of ours.  If that leaves the mount behind,
 * the kernel is told that nobody will answer any more.
 *
 * Usually it finds out by itself, when the last descriptor of the connection
 * is closed; but a thread that notifies may wait in the kernel for the lock of
 * a folder, which a request holds that waits for our answer.  Then neither
 * ends: not even SIGKILL ends the process, whoever asked hangs, and the
 * profile stays locked.
 */

/** Begin, for what was just mounted there.  Without it everything works as
 * long as nobody kills us: what goes wrong is only logged. */
void guard_start(const char *mountpoint);

#endif
