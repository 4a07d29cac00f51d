#include "util/waking.h"

#include <stdint.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* A timer that ends in a far future is cancelled when the clock jumps
 * (timerfd_create(2)), as it does when the machine wakes up. */
static int
arm(int fd)
{
	struct itimerspec never;

	memset(&never, 0, sizeof never);
	never.it_value.tv_sec = INT32_MAX;
	return timerfd_settime(
	    fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

int
waking_open(void)
{
	int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd >= 0 && arm(fd) != 0) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

void
waking_clear(int fd)
{
	uint64_t times;

	if (fd < 0)
		return;
	/* It fails with ECANCELED, and goes on as it was. */
	if (read(fd, &times, sizeof times) >= 0)
		(void)arm(fd);
}

void
waking_close(int fd)
{
	if (fd >= 0)
		(void)close(fd);
}
