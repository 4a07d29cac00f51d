#ifndef TRELLO_RETRY_H
#define TRELLO_RETRY_H

#include <stdint.h>

/**
 * How often and when a request is tried again.  Pure.  Whether it may be at
 * all is verdict_make()'s to say.
 */
struct retry_policy {
	unsigned max_tries; /* all together, the first included */
	int64_t base_ms;    /* the bound of the first wait; then it doubles */
	int64_t cap_ms;	    /* no wait is longer */
	int64_t max_ms;	    /* from the first try to the last one's start */
};
extern const struct retry_policy RETRY_DEFAULT;

/**
 * How long to wait before the next try, after tries of them (at least 1) have
 * failed and elapsed_ms have passed since the first began: a random part of
 * a bound that doubles, so that programs that failed together do not come
 * back together.  random is 0 to 1.  -1: no further try.
 */
int64_t retry_wait_ms(const struct retry_policy *policy, unsigned tries,
    int64_t elapsed_ms, double random);

#endif
