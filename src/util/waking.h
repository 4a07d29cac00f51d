#ifndef UTIL_WAKING_H
#define UTIL_WAKING_H

/**
 * That the machine has slept, or its clock was set: then timers of before may
 * be late, since they do not count that time.
 */

/** A descriptor that is readable then; -1 where there is none. */
int waking_open(void);

/** Make it readable the next time.  Nothing is done for -1. */
void waking_clear(int fd);

void waking_close(int fd);

#endif
