#ifndef SYNC_FETCH_H
#define SYNC_FETCH_H

#include "sync/private.h"

/**
 * What is archived, of a board or of the account: fetched when somebody waits
 * for it, and never otherwise.  A fetch goes on when nobody waits any more, so
 * that who comes back finds it.
 */
struct fetch;

/** What to answer who waits for a folder of archived things, or 1 for "go on
 * waiting"; it is fetched then. */
int fetch_answer(
    struct sync *sync, const struct sync_wait *wait, int64_t now_ms);

/** Begin what should begin now. */
void fetch_run(struct sync *sync, int64_t now_ms);
void fetch_free(struct sync *sync);

#endif
