#ifndef SYNC_RENEW_H
#define SYNC_RENEW_H

#include <stdint.h>

/**
 * What becomes of credentials while one is mounted: new ones take the place of
 * those that were refused or that end, and one is warned in time.
 */

struct buf;
struct sync;

/** Take over what sync_renew() has left.  The sync thread's, like the next. */
void renew_run(struct sync *sync);
void renew_free(struct sync *sync);

/** Warn, once a day, of a token that ends; *next_ms falls to the next time. */
void renew_warn(struct sync *sync, int64_t now_ms, int64_t *next_ms);

/** Append "run `trellofs login --profile work`". */
void renew_hint(const struct sync *sync, struct buf *out);

#endif
