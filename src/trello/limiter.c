#include "trello/limiter.h"

#include "trello/limiter_state.h"

#include <assert.h>
#include <stdlib.h>

/* Until a reply has told the limits, or after a 429, so many are out at
 * once. */
#define FIRST_MAX 4

/* Trello locks a key out that had more than 200 refusals in a window.  What is
 * out may be refused, so both together stay below this. */
#define REFUSED_MAX 150

/* How long past its time a claim is kept: a busy program comes late. */
#define GRACE_MS 50

/* So many go before one that is less urgent. */
#define PASSED_MAX 8

/* And how often who waits behind them looks. */
#define TURN_MS 50

/* Of the allowed requests, sixteenths that are kept for higher priorities. */
static const unsigned kept[PRIORITY_COUNT] = {
    [PRIORITY_WRITE] = 0,
    [PRIORITY_WAITING] = 1,
    [PRIORITY_NEWS] = 2,
    [PRIORITY_BACKGROUND] = 4,
};

static struct limiter_view
view_of(
    const struct limiter *limiter, enum limiter_window window, unsigned token)
{
	struct limiter_view view = {.rule = &limiter->key,
	    .entries = limiter->entries,
	    .n = LIMITER_ENTRIES,
	    .token = -1};

	if (window == LIMITER_TOKEN) {
		view.rule = &limiter->tokens[token].rule;
		view.token = (int)token;
	} else if (window == LIMITER_MEMBERS) {
		view.rule = &limiter->members;
		view.entries = limiter->member_entries;
		view.n = LIMITER_MEMBER_ENTRIES;
	}
	return view;
}

static struct limiter_tally
tally(const struct limiter_view *view, int64_t now_ms, unsigned owner)
{
	struct limiter_tally tally = {0};

	for (unsigned i = 0; i < view->n; i++) {
		const struct limiter_entry *entry = &view->entries[i];

		if (!limiter_in_view(view, i, now_ms))
			continue;
		if (entry->state == ENTRY_OUT) {
			tally.out++;
			tally.foreign += entry->owner != owner;
		} else {
			tally.answered++;
			tally.refused += entry->state == ENTRY_REFUSED;
		}
	}
	return tally;
}

static unsigned
reserve(const struct limiter_rule *rule)
{
	return (rule->max + 4) / 5;
}

/* What may count at once: the limit less the others' fifth. */
static unsigned
allowed(const struct limiter_view *view)
{
	unsigned n = view->rule->max - reserve(view->rule);

	if (n == 0)
		n = 1;
	return n < view->n ? n : view->n;
}

/* How many may be sent now if nothing is kept for anybody. */
static unsigned
room(const struct limiter_view *view, const struct limiter_tally *tally,
    int64_t now_ms)
{
	const struct limiter_rule *rule = view->rule;
	unsigned used = tally->out + tally->answered;
	unsigned left;

	if (now_ms < rule->seen_until_ms)
		used += rule->others;
	left = used < allowed(view) ? allowed(view) - used : 0;
	if (now_ms < rule->seen_until_ms && rule->credit < left)
		left = rule->credit;
	return left;
}

static int
compare_ms(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* How long until so many that were answered count no more. */
static int64_t
expiry_ms(const struct limiter_view *view, int64_t now_ms, unsigned wanted)
{
	int64_t times[LIMITER_ENTRIES];
	unsigned n = 0;

	for (unsigned i = 0; i < view->n; i++)
		if (view->entries[i].state != ENTRY_OUT &&
		    limiter_in_view(view, i, now_ms))
			times[n++] = limiter_expires_ms(
			    &view->entries[i], view->rule->interval_ms);
	if (wanted > n)
		return INT64_MAX;
	qsort(times, n, sizeof *times, compare_ms);
	return times[wanted - 1] - now_ms;
}

/* Those who go before: how many, and when the first of them may have given it
 * up; and what has to be kept for others. */
struct queue {
	unsigned ahead;
	unsigned kept; /* sixteenths */
	bool urgent;   /* some are of a higher priority */
	int64_t lapse_ms;
};

static bool
is_claim(const struct limiter_claim *claim, int64_t now_ms)
{
	return claim->back_ms != INT64_MIN &&
	       now_ms <= claim->back_ms + GRACE_MS;
}

static bool
is_passed(const struct limiter_token *token, unsigned priority)
{
	return token->passed[priority] >= PASSED_MAX;
}

/* The lower goes first. */
static unsigned
rank(const struct limiter_token *token, unsigned priority)
{
	return is_passed(token, priority) ? 0 : 1 + priority;
}

static bool
is_before(const struct limiter_claim *claim, unsigned owner,
    const struct limiter_request *request, int64_t since_ms)
{
	if (claim->since_ms != since_ms)
		return claim->since_ms < since_ms;
	return owner < request->owner;
}

/* Those of one priority. */
static void
find_ahead(const struct limiter *limiter, int64_t now_ms,
    const struct limiter_request *request, unsigned priority,
    struct queue *queue)
{
	const struct limiter_token *token = &limiter->tokens[request->token];
	const struct limiter_claim *own =
	    &limiter->claims[request->owner][request->priority];
	int64_t since_ms = is_claim(own, now_ms) ? own->since_ms : now_ms;
	unsigned n = 0;

	for (unsigned i = 0; i < LIMITER_OWNERS; i++) {
		const struct limiter_claim *claim =
		    &limiter->claims[i][priority];

		if (claim == own || !is_claim(claim, now_ms) ||
		    claim->token != request->token)
			continue;
		if (priority == request->priority &&
		    !is_before(claim, i, request, since_ms))
			continue;
		n++;
		if (claim->back_ms + GRACE_MS + 1 - now_ms < queue->lapse_ms)
			queue->lapse_ms =
			    claim->back_ms + GRACE_MS + 1 - now_ms;
	}
	/* After one of them the others are no longer first. */
	if (n > 1 && priority != request->priority &&
	    is_passed(token, priority))
		n = 1;
	queue->ahead += n;
	queue->urgent =
	    queue->urgent || (n > 0 && priority < request->priority);
}

static struct queue
find_queue(const struct limiter *limiter, int64_t now_ms,
    const struct limiter_request *request)
{
	const struct limiter_token *token = &limiter->tokens[request->token];
	struct queue queue = {.lapse_ms = INT64_MAX};
	unsigned own = rank(token, request->priority);

	for (unsigned i = 0; i < PRIORITY_COUNT; i++)
		if (i == request->priority || rank(token, i) < own ||
		    (rank(token, i) == own && i < request->priority))
			find_ahead(limiter, now_ms, request, i, &queue);
	queue.kept =
	    is_passed(token, request->priority) ? 0 : kept[request->priority];
	return queue;
}

/* One has been let go: those who wait and are less urgent were passed over. */
static void
pass_over(struct limiter *limiter, int64_t now_ms,
    const struct limiter_request *request)
{
	struct limiter_token *token = &limiter->tokens[request->token];

	token->passed[request->priority] = 0;
	for (unsigned p = request->priority + 1; p < PRIORITY_COUNT; p++) {
		bool any = false;

		for (unsigned i = 0; i < LIMITER_OWNERS && !any; i++)
			any = is_claim(&limiter->claims[i][p], now_ms) &&
			      limiter->claims[i][p].token == request->token;
		token->passed[p] = any ? token->passed[p] + 1 : 0;
	}
}

static void
raise_to(int64_t *wait_ms, int64_t ms)
{
	if (ms > *wait_ms)
		*wait_ms = ms;
}

static void
lower_to(int64_t *wait_ms, int64_t ms)
{
	if (ms < *wait_ms)
		*wait_ms = ms;
}

/* Who may be the next one that is passed over no more looks at each change. */
static int64_t
turn_ms(const struct limiter_view *view, int64_t now_ms, unsigned left)
{
	int64_t ms = left > 0 ? 0 : expiry_ms(view, now_ms, 1);

	return ms > TURN_MS ? ms : TURN_MS;
}

/* How long until the window has room for one of this priority, if no reply
 * comes; 0: it has. */
static int64_t
window_wait(const struct limiter_view *view, const struct limiter_tally *tally,
    int64_t now_ms, const struct queue *queue)
{
	unsigned wanted = allowed(view) * queue->kept / 16 + queue->ahead + 1;
	unsigned left = room(view, tally, now_ms);
	int64_t wait;

	if (left >= wanted)
		return 0;
	wait = expiry_ms(view, now_ms, wanted - left);
	if (now_ms < view->rule->seen_until_ms)
		lower_to(&wait, view->rule->seen_until_ms - now_ms);
	lower_to(&wait, queue->lapse_ms);
	if (queue->urgent)
		lower_to(&wait, turn_ms(view, now_ms, left));
	if (tally->foreign > 0)
		lower_to(&wait, LIMITER_POLL_MS);
	return wait;
}

/* Nothing may go, or only a few. */
static int64_t
gate_wait(const struct limiter *limiter, int64_t now_ms,
    const struct limiter_request *request)
{
	const struct limiter_view key = view_of(limiter, LIMITER_KEY, 0);
	const struct limiter_view token =
	    view_of(limiter, LIMITER_TOKEN, request->token);
	struct limiter_tally all = tally(&key, now_ms, request->owner);
	struct limiter_tally ours = tally(&token, now_ms, request->owner);
	int64_t wait = 0;

	if (now_ms < limiter->held_until_ms)
		raise_to(&wait, limiter->held_until_ms - now_ms);
	if (request->members && now_ms < limiter->members_held_until_ms)
		raise_to(&wait, limiter->members_held_until_ms - now_ms);
	if (!token.rule->answered && ours.out >= FIRST_MAX)
		raise_to(&wait, ours.foreign > 0 ? LIMITER_POLL_MS : INT64_MAX);
	if (all.out + all.refused >= REFUSED_MAX)
		raise_to(&wait, LIMITER_POLL_MS);
	return wait;
}

static int64_t
find_wait(const struct limiter *limiter, int64_t now_ms,
    const struct limiter_request *request)
{
	struct queue queue = find_queue(limiter, now_ms, request);
	int windows = request->members ? LIMITER_WINDOWS : LIMITER_MEMBERS;
	int64_t wait = gate_wait(limiter, now_ms, request);

	for (int i = 0; i < windows; i++) {
		struct limiter_view view =
		    view_of(limiter, (enum limiter_window)i, request->token);
		struct limiter_tally counted =
		    tally(&view, now_ms, request->owner);

		raise_to(&wait, window_wait(&view, &counted, now_ms, &queue));
	}
	return wait;
}

/* The longest that a request may count. */
static int64_t
lifetime_ms(const struct limiter *limiter, unsigned token)
{
	int64_t key_ms = limiter->key.interval_ms;
	int64_t token_ms = limiter->tokens[token].rule.interval_ms;

	return key_ms > token_ms ? key_ms : token_ms;
}

/* A place for one more; the number of places if there is none. */
static unsigned
find_entry(const struct limiter *limiter, int64_t now_ms)
{
	unsigned i = 0;

	while (i < LIMITER_ENTRIES &&
	       limiter_counts(&limiter->entries[i],
		   lifetime_ms(limiter, limiter->entries[i].token), now_ms))
		i++;
	return i;
}

static unsigned
find_member_entry(const struct limiter *limiter, int64_t now_ms)
{
	unsigned i = 0;

	while (i < LIMITER_MEMBER_ENTRIES &&
	       limiter_counts(&limiter->member_entries[i],
		   limiter->members.interval_ms, now_ms))
		i++;
	return i;
}

static void
enter(struct limiter_entry *entry, int64_t now_ms,
    const struct limiter_request *request, uint8_t state)
{
	*entry = (struct limiter_entry){.at_ms = now_ms,
	    .owner = (uint16_t)request->owner,
	    .token = (uint8_t)request->token,
	    .state = state};
}

static void
use_credit(struct limiter_rule *rule, int64_t now_ms)
{
	if (now_ms < rule->seen_until_ms && rule->credit > 0)
		rule->credit--;
}

/* Stand in the queue, at the place that one has there. */
static void
make_claim(struct limiter *limiter, int64_t now_ms,
    const struct limiter_request *request, int64_t wait_ms)
{
	struct limiter_claim *claim =
	    &limiter->claims[request->owner][request->priority];

	if (request->members || wait_ms == INT64_MAX)
		return;
	if (!is_claim(claim, now_ms) || claim->token != request->token) {
		claim->since_ms = now_ms;
		claim->token = request->token;
	}
	claim->back_ms = now_ms + wait_ms;
}

int64_t
limiter_take(struct limiter *limiter, int64_t now_ms,
    const struct limiter_request *request, struct limiter_ticket *ret_ticket)
{
	struct limiter_ticket ticket = {.at_ms = now_ms,
	    .entry = find_entry(limiter, now_ms),
	    .member_entry = find_member_entry(limiter, now_ms)};
	int64_t wait = find_wait(limiter, now_ms, request);

	if (wait == 0 && (ticket.entry == LIMITER_ENTRIES ||
			     (request->members && ticket.member_entry ==
						      LIMITER_MEMBER_ENTRIES)))
		wait = LIMITER_POLL_MS;
	if (wait > 0) {
		make_claim(limiter, now_ms, request, wait);
		return wait;
	}
	enter(&limiter->entries[ticket.entry], now_ms, request, ENTRY_OUT);
	if (request->members)
		enter(&limiter->member_entries[ticket.member_entry], now_ms,
		    request, ENTRY_OUT);
	limiter->tokens[request->token].used_ms = now_ms;
	use_credit(&limiter->key, now_ms);
	use_credit(&limiter->tokens[request->token].rule, now_ms);
	limiter->claims[request->owner][request->priority].back_ms = INT64_MIN;
	pass_over(limiter, now_ms, request);
	*ret_ticket = ticket;
	return 0;
}

static bool
is_of(const struct limiter_entry *entry, const struct limiter_request *request,
    int64_t at_ms)
{
	return entry->state == ENTRY_OUT && entry->owner == request->owner &&
	       entry->at_ms == at_ms;
}

static uint8_t
end_state(enum limiter_outcome outcome)
{
	return outcome == LIMITER_UNSENT    ? ENTRY_FREE
	       : outcome == LIMITER_REFUSED ? ENTRY_REFUSED
					    : ENTRY_ENDED;
}

void
limiter_end(struct limiter *limiter, int64_t now_ms,
    const struct limiter_request *request, const struct limiter_ticket *ticket,
    enum limiter_outcome outcome)
{
	unsigned i = ticket->entry;
	unsigned m = ticket->member_entry;

	/* What was lost of it is entered again. */
	if (i >= LIMITER_ENTRIES ||
	    !is_of(&limiter->entries[i], request, ticket->at_ms))
		i = find_entry(limiter, now_ms);
	if (i < LIMITER_ENTRIES)
		enter(
		    &limiter->entries[i], now_ms, request, end_state(outcome));
	if (outcome == LIMITER_REACHED)
		limiter->tokens[request->token].rule.answered = 1;
	if (!request->members)
		return;
	if (m >= LIMITER_MEMBER_ENTRIES ||
	    !is_of(&limiter->member_entries[m], request, ticket->at_ms))
		m = find_member_entry(limiter, now_ms);
	if (m < LIMITER_MEMBER_ENTRIES)
		enter(&limiter->member_entries[m], now_ms, request,
		    end_state(outcome));
}

void
limiter_learn(struct limiter *limiter, int64_t now_ms, unsigned token,
    enum limiter_window window, int64_t interval_ms, int64_t max,
    int64_t remaining)
{
	struct limiter_view view = view_of(limiter, window, token);
	struct limiter_rule *rule = window == LIMITER_KEY
					? &limiter->key
					: &limiter->tokens[token].rule;
	struct limiter_tally counted;
	unsigned ours, used;

	assert(window != LIMITER_MEMBERS);
	if (interval_ms < 1 || interval_ms > LIMITER_INTERVAL_MAX_MS ||
	    max < 1 || max > LIMITER_MAX_MAX)
		return;
	rule->interval_ms = interval_ms;
	rule->max = (uint32_t)max;
	if (remaining < 0 || remaining > max)
		return;
	counted = tally(&view, now_ms, 0);
	ours = counted.out + counted.answered;
	used = (unsigned)(max - remaining);
	rule->others = used > ours ? used - ours : 0;
	if (rule->others == 0 && remaining >= reserve(rule)) {
		rule->seen_until_ms = INT64_MIN;
		return;
	}
	/* Those that are out may not be counted yet, but for this one. */
	ours = (counted.out > 0 ? counted.out - 1 : 0) + reserve(rule);
	rule->credit = remaining > ours ? (uint32_t)remaining - ours : 0;
	rule->seen_until_ms = now_ms + interval_ms;
}

void
limiter_throttled(struct limiter *limiter, int64_t now_ms, unsigned token,
    bool members, int64_t retry_after_ms, double random)
{
	int64_t *until_ms =
	    members ? &limiter->members_held_until_ms : &limiter->held_until_ms;
	int64_t hold = retry_after_ms;
	int64_t jitter;

	if (hold < 0)
		hold = members ? limiter->members.interval_ms
			       : lifetime_ms(limiter, token);
	if (hold > LIMITER_HOLD_MAX_MS)
		hold = LIMITER_HOLD_MAX_MS;
	jitter = (int64_t)(random * (double)hold / 10);
	raise_to(until_ms, now_ms + hold + jitter);
	if (!members)
		limiter->tokens[token].rule.answered = 0;
}

void
limiter_hold(struct limiter *limiter, int64_t now_ms)
{
	raise_to(&limiter->held_until_ms, now_ms + limiter->key.interval_ms);
}

void
limiter_stats(const struct limiter *limiter, int64_t now_ms, unsigned token,
    struct remote_stats *ret_stats)
{
	struct limiter_view of_token = view_of(limiter, LIMITER_TOKEN, token);
	struct limiter_view of_key = view_of(limiter, LIMITER_KEY, token);
	struct limiter_tally ours = tally(&of_token, now_ms, 0);
	struct limiter_tally all = tally(&of_key, now_ms, 0);
	unsigned left = room(&of_token, &ours, now_ms);
	unsigned key_left = room(&of_key, &all, now_ms);
	bool held = now_ms < limiter->held_until_ms;

	ret_stats->budget_left = held ? 0 : key_left < left ? key_left : left;
	ret_stats->budget_max = allowed(&of_token);
	ret_stats->budget_ms = of_token.rule->interval_ms;
	ret_stats->held_ms = held ? limiter->held_until_ms - now_ms : 0;
}
