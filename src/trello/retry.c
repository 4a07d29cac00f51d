#include "trello/retry.h"

/* Short enough that who waits (at most 10 s) mostly still does. */
const struct retry_policy RETRY_DEFAULT = {
    .max_tries = 5,
    .base_ms = 500,
    .cap_ms = 8000,
    .max_ms = 30000,
};

int64_t
retry_wait_ms(const struct retry_policy *policy, unsigned tries,
    int64_t elapsed_ms, double random)
{
	int64_t bound = policy->base_ms;
	int64_t wait;

	if (tries >= policy->max_tries)
		return -1;
	for (unsigned i = 1; i < tries && bound < policy->cap_ms; i++)
		bound *= 2;
	if (bound > policy->cap_ms)
		bound = policy->cap_ms;
	wait = (int64_t)(random * (double)bound);
	return elapsed_ms + wait <= policy->max_ms ? wait : -1;
}
