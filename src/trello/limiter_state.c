/* A struct limiter as memory: made, checked, mended, and who is in it. */

#include "trello/limiter_state.h"

#include "util/hash.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static const struct limiter_rule documented[LIMITER_WINDOWS] = {
    [LIMITER_TOKEN] = {.interval_ms = 10000, .max = 100},
    [LIMITER_KEY] = {.interval_ms = 10000, .max = 300},
    [LIMITER_MEMBERS] = {.interval_ms = 900000, .max = 100},
};

size_t
limiter_size(void)
{
	return sizeof(struct limiter);
}

static void
init_rule(struct limiter_rule *rule, enum limiter_window window)
{
	*rule = documented[window];
	rule->seen_until_ms = INT64_MIN;
}

static void
init_token(struct limiter_token *token)
{
	memset(token, 0, sizeof *token);
	token->used_ms = INT64_MIN;
	init_rule(&token->rule, LIMITER_TOKEN);
}

static void
drop_claims(struct limiter *limiter, unsigned owner)
{
	for (int i = 0; i < PRIORITY_COUNT; i++)
		limiter->claims[owner][i].back_ms = INT64_MIN;
}

void
limiter_init(struct limiter *limiter)
{
	memset(limiter, 0, sizeof *limiter);
	memcpy(limiter->magic, LIMITER_MAGIC, sizeof limiter->magic);
	limiter->version = LIMITER_VERSION;
	limiter->bytes = sizeof *limiter;
	limiter->held_until_ms = INT64_MIN;
	limiter->members_held_until_ms = INT64_MIN;
	init_rule(&limiter->key, LIMITER_KEY);
	init_rule(&limiter->members, LIMITER_MEMBERS);
	for (int i = 0; i < LIMITER_TOKENS; i++)
		init_token(&limiter->tokens[i]);
	for (unsigned i = 0; i < LIMITER_OWNERS; i++)
		drop_claims(limiter, i);
}

static uint64_t
head_check(const struct limiter *limiter)
{
	const char *begin = (const char *)&limiter->held_until_ms;
	const char *end = (const char *)limiter->claims;

	return hash_add(HASH_INIT, begin, (size_t)(end - begin));
}

/* Never 0 for a place that is all zeros. */
static uint32_t
entry_check(const struct limiter_entry *entry)
{
	uint64_t what = (uint64_t)entry->owner << 16 |
			(uint64_t)entry->token << 8 | entry->state;
	uint64_t z = (uint64_t)entry->at_ms * 0x9e3779b97f4a7c15ULL ^
		     (what + 1) * 0xbf58476d1ce4e5b9ULL;

	return (uint32_t)((z ^ (z >> 29)) * 0x94d049bb133111ebULL >> 32);
}

void
limiter_seal(struct limiter *limiter)
{
	for (int i = 0; i < LIMITER_ENTRIES; i++)
		limiter->entries[i].check = entry_check(&limiter->entries[i]);
	for (int i = 0; i < LIMITER_MEMBER_ENTRIES; i++)
		limiter->member_entries[i].check =
		    entry_check(&limiter->member_entries[i]);
	limiter->check = head_check(limiter);
}

static bool
are_whole(const struct limiter_entry *entries, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (entries[i].check != entry_check(&entries[i]))
			return false;
	return true;
}

int
limiter_check(const struct limiter *limiter)
{
	const unsigned char *bytes = (const unsigned char *)limiter;
	size_t i = 0;

	if (memcmp(limiter->magic, LIMITER_MAGIC, sizeof limiter->magic) == 0) {
		if (limiter->version != LIMITER_VERSION ||
		    limiter->bytes != sizeof *limiter)
			return -EPROTO;
		return limiter->check == head_check(limiter) &&
			       are_whole(limiter->entries, LIMITER_ENTRIES) &&
			       are_whole(limiter->member_entries,
				   LIMITER_MEMBER_ENTRIES)
			   ? 0
			   : -EBADMSG;
	}
	while (i < sizeof *limiter && bytes[i] == 0)
		i++;
	return i == sizeof *limiter ? -ENODATA : -EBADMSG;
}

static void
mend_until(int64_t *until_ms, int64_t now_ms, int64_t most_ms)
{
	if (*until_ms > now_ms + most_ms)
		*until_ms = now_ms + most_ms;
}

static void
mend_rule(struct limiter_rule *rule, enum limiter_window window, int64_t now_ms)
{
	if (rule->interval_ms < 1 ||
	    rule->interval_ms > LIMITER_INTERVAL_MAX_MS || rule->max < 1 ||
	    rule->max > LIMITER_MAX_MAX)
		init_rule(rule, window);
	mend_until(&rule->seen_until_ms, now_ms, rule->interval_ms);
}

static void
mend_entry(struct limiter_entry *entry, int64_t now_ms)
{
	if (entry->state >= ENTRY_STATES || entry->owner >= LIMITER_OWNERS ||
	    entry->token >= LIMITER_TOKENS) {
		entry->state = ENTRY_ENDED;
		entry->owner = 0;
		entry->token = 0;
		entry->at_ms = now_ms;
	}
	if (entry->at_ms > now_ms)
		entry->at_ms = now_ms;
	if (entry->at_ms < 0)
		entry->at_ms = 0;
}

static void
mend_claim(struct limiter_claim *claim, int64_t now_ms)
{
	if (claim->since_ms > now_ms ||
	    claim->back_ms > now_ms + LIMITER_HOLD_MAX_MS)
		claim->back_ms = INT64_MIN;
}

void
limiter_mend(struct limiter *limiter, int64_t now_ms)
{
	const int64_t most_ms = LIMITER_HOLD_MAX_MS / 10 * 11;

	mend_until(&limiter->held_until_ms, now_ms, most_ms);
	mend_until(&limiter->members_held_until_ms, now_ms, most_ms);
	mend_rule(&limiter->key, LIMITER_KEY, now_ms);
	mend_rule(&limiter->members, LIMITER_MEMBERS, now_ms);
	for (int i = 0; i < LIMITER_TOKENS; i++) {
		mend_rule(&limiter->tokens[i].rule, LIMITER_TOKEN, now_ms);
		if (limiter->tokens[i].used_ms > now_ms)
			limiter->tokens[i].used_ms = now_ms;
	}
	for (int i = 0; i < LIMITER_OWNERS; i++)
		for (int k = 0; k < PRIORITY_COUNT; k++)
			mend_claim(&limiter->claims[i][k], now_ms);
	for (int i = 0; i < LIMITER_ENTRIES; i++)
		mend_entry(&limiter->entries[i], now_ms);
	for (int i = 0; i < LIMITER_MEMBER_ENTRIES; i++)
		mend_entry(&limiter->member_entries[i], now_ms);
}

/* Whether nothing of the token counts any more. */
static bool
is_idle(const struct limiter *limiter, unsigned token, int64_t now_ms)
{
	const struct limiter_view view = {.rule = &limiter->tokens[token].rule,
	    .entries = limiter->entries,
	    .n = LIMITER_ENTRIES,
	    .token = (int)token};

	for (unsigned i = 0; i < LIMITER_ENTRIES; i++)
		if (limiter_in_view(&view, i, now_ms))
			return false;
	return true;
}

int
limiter_token(struct limiter *limiter, int64_t now_ms,
    const unsigned char id[LIMITER_ID_BYTES], unsigned *ret_token)
{
	unsigned found = LIMITER_TOKENS;

	for (unsigned i = 0; i < LIMITER_TOKENS; i++)
		if (memcmp(limiter->tokens[i].id, id, LIMITER_ID_BYTES) == 0) {
			*ret_token = i;
			return 0;
		}
	for (unsigned i = 0; i < LIMITER_TOKENS; i++)
		if (is_idle(limiter, i, now_ms) &&
		    (found == LIMITER_TOKENS ||
			limiter->tokens[i].used_ms <
			    limiter->tokens[found].used_ms))
			found = i;
	if (found == LIMITER_TOKENS)
		return -EBUSY;
	init_token(&limiter->tokens[found]);
	memcpy(limiter->tokens[found].id, id, LIMITER_ID_BYTES);
	*ret_token = found;
	return 0;
}

static void
find_owners(const struct limiter_entry *entries, unsigned n,
    bool ret_owners[LIMITER_OWNERS])
{
	for (unsigned i = 0; i < n; i++)
		if (entries[i].state == ENTRY_OUT)
			ret_owners[entries[i].owner] = true;
}

void
limiter_owners(const struct limiter *limiter, bool ret_owners[LIMITER_OWNERS])
{
	for (int i = 0; i < LIMITER_OWNERS; i++) {
		ret_owners[i] = false;
		for (int k = 0; k < PRIORITY_COUNT; k++)
			if (limiter->claims[i][k].back_ms != INT64_MIN)
				ret_owners[i] = true;
	}
	find_owners(limiter->entries, LIMITER_ENTRIES, ret_owners);
	find_owners(
	    limiter->member_entries, LIMITER_MEMBER_ENTRIES, ret_owners);
}

static void
drop(struct limiter_entry *entry, int64_t now_ms, unsigned owner)
{
	if (entry->state != ENTRY_OUT || entry->owner != owner)
		return;
	entry->state = ENTRY_LOST;
	entry->at_ms = now_ms;
}

void
limiter_drop_owner(struct limiter *limiter, int64_t now_ms, unsigned owner)
{
	assert(owner < LIMITER_OWNERS);
	drop_claims(limiter, owner);
	for (int i = 0; i < LIMITER_ENTRIES; i++)
		drop(&limiter->entries[i], now_ms, owner);
	for (int i = 0; i < LIMITER_MEMBER_ENTRIES; i++)
		drop(&limiter->member_entries[i], now_ms, owner);
}

bool
limiter_is_quiet(const struct limiter *limiter, int64_t now_ms)
{
	for (int i = 0; i < LIMITER_ENTRIES; i++) {
		const struct limiter_entry *entry = &limiter->entries[i];

		if (limiter_counts(entry, limiter->key.interval_ms, now_ms) ||
		    limiter_counts(entry,
			limiter->tokens[entry->token].rule.interval_ms, now_ms))
			return false;
	}
	return true;
}
