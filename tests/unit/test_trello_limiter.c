/* The limiter against servers that count in fixed and in sliding windows. */

#include "unit.h"

#include "trello/limiter.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define REQUESTS_MAX 4096

static uint64_t
random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static int64_t
random_below(uint64_t *state, int64_t bound)
{
	return (int64_t)(random_next(state) % (uint64_t)bound);
}

/* When the server counts a request, and when its reply is back. */
struct sent {
	int64_t counted_ms;
	int64_t replied_ms;
	int client;
	bool done;
};

struct world {
	uint64_t random;
	int64_t interval_ms, phase_ms, latency_ms;
	int max;
	int max_running; /* of each client */
	bool headers;	 /* the server tells its limits */
	enum remote_priority priority;
	struct limiter *clients[2];
	int n_clients;
	int running[2];
	struct sent sent[REQUESTS_MAX]; /* clients' and others' */
	size_t n, first_open;
};

static void
add_sent(struct world *world, int client, int64_t counted_ms)
{
	assert_true(world->n < REQUESTS_MAX);
	world->sent[world->n++] = (struct sent){.counted_ms = counted_ms,
	    .replied_ms =
		counted_ms + random_below(&world->random, world->latency_ms),
	    .client = client,
	    .done = client < 0};
}

/* Requests in the server's fixed window around t, counted until t. */
static int
in_fixed_window(const struct world *world, int64_t t)
{
	int64_t begin = t - (t + world->phase_ms) % world->interval_ms;
	int n = 0;

	for (size_t i = 0; i < world->n; i++)
		if (world->sent[i].counted_ms >= begin &&
		    world->sent[i].counted_ms <= t)
			n++;
	return n;
}

static void
send_all(struct world *world, int64_t now_ms)
{
	for (int i = 0; i < world->n_clients; i++)
		while (world->running[i] < world->max_running &&
		       limiter_take(world->clients[i], now_ms, world->priority,
			   false) == 0) {
			add_sent(world, i,
			    now_ms + random_below(
					 &world->random, world->latency_ms));
			world->running[i]++;
		}
}

static void
reply(struct world *world, struct sent *sent, int64_t now_ms)
{
	struct limiter *limiter = world->clients[sent->client];
	int remaining = world->max - in_fixed_window(world, sent->counted_ms);

	if (world->headers) {
		limiter_learn(limiter, now_ms, LIMITER_TOKEN,
		    world->interval_ms, world->max,
		    remaining > 0 ? remaining : 0);
		limiter_learn(limiter, now_ms, LIMITER_KEY, world->interval_ms,
		    3 * world->max, 3 * world->max - 1);
	}
	limiter_end(limiter, now_ms, false, true);
	world->running[sent->client]--;
	sent->done = true;
}

static void
reply_all(struct world *world, int64_t now_ms)
{
	while (
	    world->first_open < world->n && world->sent[world->first_open].done)
		world->first_open++;
	for (size_t i = world->first_open; i < world->n; i++)
		if (!world->sent[i].done && world->sent[i].replied_ms <= now_ms)
			reply(world, &world->sent[i], now_ms);
}

static int
compare_ms(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The most that any window, however it lies, holds. */
static int
worst_window(const struct world *world)
{
	static int64_t times[REQUESTS_MAX];
	size_t first = 0;
	int worst = 0;

	for (size_t i = 0; i < world->n; i++)
		times[i] = world->sent[i].counted_ms;
	qsort(times, world->n, sizeof *times, compare_ms);
	for (size_t i = 0; i < world->n; i++) {
		while (times[first] + world->interval_ms <= times[i])
			first++;
		if ((int)(i - first + 1) > worst)
			worst = (int)(i - first + 1);
	}
	return worst;
}

static int
worst_fixed_window(const struct world *world)
{
	int worst = 0;

	for (size_t i = 0; i < world->n; i++) {
		int n = in_fixed_window(world, world->sent[i].counted_ms);

		worst = n > worst ? n : worst;
	}
	return worst;
}

static struct world *
world_new(uint64_t seed, int n_clients)
{
	struct world *world = calloc(1, sizeof *world);

	assert_non_null(world);
	world->random = seed;
	world->interval_ms = 10000;
	world->phase_ms = random_below(&world->random, 10000);
	world->latency_ms = 10 + random_below(&world->random, 250);
	world->max = 100;
	world->max_running = 8;
	world->headers = true;
	world->priority = PRIORITY_WRITE;
	world->n_clients = n_clients;
	for (int i = 0; i < n_clients; i++)
		world->clients[i] = limiter_new();
	return world;
}

static void
world_free(struct world *world)
{
	for (int i = 0; i < world->n_clients; i++)
		limiter_free(world->clients[i]);
	free(world);
}

static void
world_run(struct world *world, int64_t from_ms, int64_t to_ms)
{
	for (int64_t now_ms = from_ms; now_ms < to_ms; now_ms++) {
		reply_all(world, now_ms);
		send_all(world, now_ms);
	}
}

/* Alone on the token: never more than 80, seldom fewer than 72. */
static void
test_alone(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct world *world = world_new(seed, 1);

		world->headers = seed % 4 != 0;
		/* However many may be out at once. */
		world->max_running = seed % 2 != 0 ? 8 : 1000;
		world_run(world, 0, 120000);
		assert_true(worst_window(world) <= 80);
		assert_true(world->n >= 120 * 8 * 9 / 10);
		world_free(world);
	}
}

static void
test_waiting_reads(void **state)
{
	struct world *world = world_new(99, 1);

	(void)state;
	world->priority = PRIORITY_WAITING;
	world_run(world, 0, 120000);
	assert_true(worst_window(world) <= 75);
	assert_true(world->n >= 120 * 8 * 9 / 10);
	world_free(world);
}

/* Limits that are learned from the first replies. */
static void
test_small_limit(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct world *world = world_new(seed, 1);

		world->interval_ms = 1000;
		world->max = 5;
		world->latency_ms = 20;
		world_run(world, 0, 60000);
		assert_true(worst_window(world) <= 5);
		assert_true(world->n >= 60 * 4 * 9 / 10);
		world_free(world);
	}
}

/* Another program uses half of the limit: the reserve stays untouched but
 * for what was out already. */
static void
test_others(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct world *world = world_new(seed, 1);
		size_t others = 0;

		for (int64_t t = 0; t < 60000; t += 10) {
			if ((t + world->phase_ms) % 10000 < 10)
				for (int i = 0; i < 50; i++, others++)
					add_sent(world, -1, t);
			world_run(world, t, t + 10);
		}
		assert_true(worst_fixed_window(world) <= 80 + 2 * 8);
		/* And what is left is used. */
		assert_true(world->n - others >= 180);
		world_free(world);
	}
}

/* Two mounts of one token. */
static void
test_two_clients(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct world *world = world_new(seed, 2);

		world_run(world, 0, 60000);
		assert_true(worst_fixed_window(world) <= 100);
		assert_true(world->n >= 60 * 4);
		world_free(world);
	}
}

/* Answer so many requests at once. */
static void
use(struct limiter *limiter, int64_t now_ms, bool members, int n)
{
	for (int i = 0; i < n; i++) {
		assert_int_equal(
		    limiter_take(limiter, now_ms, PRIORITY_WRITE, members), 0);
		limiter_end(limiter, now_ms, members, true);
	}
}

static void
test_priorities(void **state)
{
	static const int room[PRIORITY_COUNT] = {80, 75, 70, 60};

	(void)state;
	for (int i = 0; i < PRIORITY_COUNT; i++) {
		struct limiter *limiter = limiter_new();
		int n = 0;

		while (limiter_take(limiter, 1000, (enum remote_priority)i,
			   false) == 0) {
			limiter_end(limiter, 1000, false, true);
			n++;
		}
		assert_int_equal(n, room[i]);
		assert_int_equal(
		    limiter_take(limiter, 1000, (enum remote_priority)i, false),
		    10000);
		/* Somebody more urgent still may. */
		assert_int_equal(
		    limiter_take(limiter, 1000, PRIORITY_WRITE, false) == 0,
		    i != PRIORITY_WRITE);
		limiter_free(limiter);
	}
}

static void
test_first_replies(void **state)
{
	struct limiter *limiter = limiter_new();

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(
		    limiter_take(limiter, 0, PRIORITY_WRITE, false), 0);
	assert_true(
	    limiter_take(limiter, 0, PRIORITY_WRITE, false) == INT64_MAX);
	/* What did not get there tells nothing and counts for nothing. */
	limiter_end(limiter, 5, false, false);
	assert_int_equal(limiter_take(limiter, 5, PRIORITY_WRITE, false), 0);
	assert_true(
	    limiter_take(limiter, 5, PRIORITY_WRITE, false) == INT64_MAX);
	limiter_end(limiter, 6, false, true);
	assert_int_equal(limiter_take(limiter, 6, PRIORITY_WRITE, false), 0);
	assert_int_equal(limiter_take(limiter, 6, PRIORITY_WRITE, false), 0);
	limiter_free(limiter);
}

static void
test_members(void **state)
{
	struct limiter *limiter = limiter_new();

	(void)state;
	use(limiter, 0, true, 80);
	assert_int_equal(
	    limiter_take(limiter, 20000, PRIORITY_WRITE, true), 880000);
	assert_int_equal(
	    limiter_take(limiter, 20000, PRIORITY_WRITE, false), 0);
	limiter_end(limiter, 20000, false, true);
	assert_int_equal(
	    limiter_take(limiter, 900000, PRIORITY_WRITE, true), 0);
	limiter_end(limiter, 900000, true, true);
	limiter_free(limiter);
}

static void
test_throttled(void **state)
{
	static const struct {
		int64_t retry_after_ms;
		double random;
		int64_t held_ms;
	} rows[] = {
	    {-1, 0, 10000},
	    {-1, 0.5, 10500},
	    {3000, 0, 3000},
	    {3000, 0.99, 3297},
	    {0, 0, 0},
	    {INT64_MAX, 0, 900000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct limiter *limiter = limiter_new();
		struct remote_stats stats = {0};

		use(limiter, 100, false, 1);
		limiter_throttled(limiter, 100, false, rows[i].retry_after_ms,
		    rows[i].random);
		assert_int_equal(
		    limiter_take(limiter, 100, PRIORITY_WRITE, false),
		    rows[i].held_ms);
		limiter_stats(limiter, 100, &stats);
		assert_int_equal(stats.held_ms, rows[i].held_ms);
		/* A second one does not shorten it. */
		if (rows[i].held_ms > 0) {
			limiter_throttled(limiter, 101, false, 1, 0);
			assert_int_equal(
			    limiter_take(limiter, 101, PRIORITY_WRITE, false),
			    rows[i].held_ms - 1);
			assert_int_equal(
			    limiter_take(limiter, 100 + rows[i].held_ms,
				PRIORITY_WRITE, false),
			    0);
		}
		limiter_free(limiter);
	}
}

static void
test_throttled_members(void **state)
{
	struct limiter *limiter = limiter_new();

	(void)state;
	use(limiter, 0, true, 1);
	limiter_throttled(limiter, 0, true, -1, 0);
	assert_int_equal(
	    limiter_take(limiter, 1, PRIORITY_WRITE, true), 900000 - 1);
	assert_int_equal(limiter_take(limiter, 1, PRIORITY_WRITE, false), 0);
	limiter_free(limiter);
}

/* Headers that make no sense change nothing. */
static void
test_bad_headers(void **state)
{
	static const int64_t rows[][3] = {
	    {-1, -1, -1},
	    {0, 100, 50},
	    {10000, 0, 0},
	    {-5, 100, 0},
	    {INT64_MAX, 100, 0},
	    {10000, INT64_MAX, 0},
	    {10000, 100, 101},
	    {10000, 100, -7},
	};
	struct limiter *limiter = limiter_new();
	struct remote_stats stats = {0};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(
		    limiter_take(limiter, 0, PRIORITY_WRITE, false), 0);
		limiter_learn(limiter, 0, LIMITER_TOKEN, rows[i][0], rows[i][1],
		    rows[i][2]);
		limiter_end(limiter, 0, false, true);
	}
	limiter_stats(limiter, 0, &stats);
	assert_int_equal(stats.budget_max, 80);
	assert_int_equal(stats.budget_ms, 10000);
	assert_int_equal(stats.budget_left, 72);
	limiter_free(limiter);
}

/* The reserve is others': when they have used the rest, nothing goes. */
static void
test_hold_back(void **state)
{
	struct limiter *limiter = limiter_new();

	(void)state;
	assert_int_equal(limiter_take(limiter, 0, PRIORITY_WRITE, false), 0);
	limiter_learn(limiter, 50, LIMITER_TOKEN, 10000, 100, 22);
	limiter_end(limiter, 50, false, true);
	assert_int_equal(limiter_take(limiter, 50, PRIORITY_WRITE, false), 0);
	assert_int_equal(limiter_take(limiter, 50, PRIORITY_WRITE, false), 0);
	assert_int_equal(
	    limiter_take(limiter, 50, PRIORITY_WRITE, false), 10000);
	assert_int_equal(
	    limiter_take(limiter, 10050, PRIORITY_WRITE, false), 0);
	/* A window that has begun anew says so. */
	limiter_learn(limiter, 10060, LIMITER_TOKEN, 10000, 100, 99);
	limiter_end(limiter, 10060, false, true);
	use(limiter, 10060, false, 70);
	limiter_free(limiter);
}

/* One of very little is still one. */
static void
test_tiny_limit(void **state)
{
	struct limiter *limiter = limiter_new();

	(void)state;
	assert_int_equal(limiter_take(limiter, 0, PRIORITY_WRITE, false), 0);
	limiter_learn(limiter, 0, LIMITER_TOKEN, 1000, 1, 0);
	limiter_end(limiter, 0, false, true);
	assert_int_equal(
	    limiter_take(limiter, 0, PRIORITY_BACKGROUND, false), 1000);
	assert_int_equal(
	    limiter_take(limiter, 1000, PRIORITY_BACKGROUND, false), 0);
	limiter_free(limiter);
	limiter_free(NULL);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_alone),
    cmocka_unit_test(test_waiting_reads),
    cmocka_unit_test(test_small_limit),
    cmocka_unit_test(test_others),
    cmocka_unit_test(test_two_clients),
    cmocka_unit_test(test_priorities),
    cmocka_unit_test(test_first_replies),
    cmocka_unit_test(test_members),
    cmocka_unit_test(test_throttled),
    cmocka_unit_test(test_throttled_members),
    cmocka_unit_test(test_bad_headers),
    cmocka_unit_test(test_hold_back),
    cmocka_unit_test(test_tiny_limit),
};
UNIT_MAIN(tests)
