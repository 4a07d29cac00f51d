#ifndef TRELLO_LIMITER_STATE_H
#define TRELLO_LIMITER_STATE_H

#include "trello/limiter.h"

#include <stdbool.h>
#include <stdint.h>

/* What a struct limiter is made of; only the files limiter*.c look into it. */

/* No limit of Trello's comes near; a larger one is used up to this. */
#define LIMITER_ENTRIES 1024
#define LIMITER_MEMBER_ENTRIES 128

#define LIMITER_INTERVAL_MAX_MS ((int64_t)60 * 60 * 1000)
#define LIMITER_MAX_MAX 1000000

/* No wait is longer than this, whatever a server says. */
#define LIMITER_HOLD_MAX_MS ((int64_t)15 * 60 * 1000)

#define LIMITER_MAGIC "trellofs"
#define LIMITER_VERSION 1

struct limiter_rule {
	int64_t interval_ms;
	/* What the last reply with `remaining` showed, until it is too old:
	 * others have used so many, and this many may go out before the
	 * reserve is touched. */
	int64_t seen_until_ms;
	uint32_t max; /* the server's */
	uint32_t others;
	uint32_t credit;
	uint32_t answered; /* of a token: a good reply has come */
};

struct limiter_token {
	unsigned char id[LIMITER_ID_BYTES];
	int64_t used_ms;
	struct limiter_rule rule;
	/* So many that are more urgent went since one of it did, while it
	 * waited. */
	uint32_t passed[PRIORITY_COUNT];
};

/* A request.  Those of one owner that are out and those that were answered
 * less than an interval ago count. */
struct limiter_entry {
	int64_t at_ms; /* when it was sent, or, once it is, answered */
	uint16_t owner;
	uint8_t token;
	uint8_t state;
	uint32_t check; /* once it is sealed */
};
enum {
	ENTRY_FREE,
	ENTRY_OUT,
	ENTRY_ENDED,
	ENTRY_REFUSED, /* with 429 */
	ENTRY_LOST,    /* its program has ended; it may still be on its way */
	ENTRY_STATES
};

/* What the kernel sends for a program that is gone is there by then. */
#define LIMITER_LOST_MS 2000

/* An owner that was refused, with this priority, and comes again. */
struct limiter_claim {
	int64_t since_ms;
	int64_t back_ms; /* when; INT64_MIN: there is no claim */
	uint32_t token;
	uint32_t unused;
};

/* A write that is cut off leaves old and new pages side by side: so what has a
 * check of its own is in no two pages. */
struct limiter {
	char magic[8];
	uint32_t version;
	uint32_t bytes;
	uint64_t check; /* from here to claims */
	int64_t held_until_ms;
	int64_t members_held_until_ms;
	struct limiter_rule key;
	struct limiter_rule members;
	struct limiter_token tokens[LIMITER_TOKENS];
	struct limiter_claim claims[LIMITER_OWNERS][PRIORITY_COUNT];
	_Alignas(16) struct limiter_entry entries[LIMITER_ENTRIES];
	struct limiter_entry member_entries[LIMITER_MEMBER_ENTRIES];
};

/* What counts in a window. */
struct limiter_tally {
	unsigned out;
	unsigned foreign; /* of those, others' than owner's */
	unsigned answered;
	unsigned refused; /* of those, with 429 */
};

/* Of a window: its rule, and the entries that may count in it. */
struct limiter_view {
	const struct limiter_rule *rule;
	const struct limiter_entry *entries;
	unsigned n;
	int token; /* only this one's; negative: all */
};

/* When one that is not out counts no more. */
static inline int64_t
limiter_expires_ms(const struct limiter_entry *entry, int64_t interval_ms)
{
	return entry->at_ms + interval_ms +
	       (entry->state == ENTRY_LOST ? LIMITER_LOST_MS : 0);
}

static inline bool
limiter_counts(
    const struct limiter_entry *entry, int64_t interval_ms, int64_t now_ms)
{
	return entry->state == ENTRY_OUT ||
	       (entry->state != ENTRY_FREE &&
		   limiter_expires_ms(entry, interval_ms) > now_ms);
}

static inline bool
limiter_in_view(const struct limiter_view *view, unsigned i, int64_t now_ms)
{
	const struct limiter_entry *entry = &view->entries[i];

	return (view->token < 0 || entry->token == (unsigned)view->token) &&
	       limiter_counts(entry, view->rule->interval_ms, now_ms);
}

#endif
