#ifndef STORE_FIND_H
#define STORE_FIND_H

#include "store/found.h"

struct query;
struct store;

/**
 * Search all cards that are shown, as they are at a moment.  What has changed
 * since the last search is indexed first.  found_fini() after 0.  -EAGAIN: that
 * takes longer than INDEX_WAIT_MS (index.h), and goes on with the next search;
 * or -errno.
 */
int find_cards(struct store *store, const struct query *query, int64_t now_ms,
    struct found *ret_found);

#endif
