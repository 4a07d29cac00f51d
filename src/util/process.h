#ifndef UTIL_PROCESS_H
#define UTIL_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

/**
 * A number for the process that a thread belongs to.  No other process has
 * it, neither later nor after a reboot.  0: nobody knows, as where /proc does
 * not show it.
 */
uint64_t process_identity(pid_t thread);

#endif
