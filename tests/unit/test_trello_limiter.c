/* The limiter against servers that count in fixed and in sliding windows. */

#include "unit.h"

#include "trello/limiter.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define REQUESTS_MAX 4096
#define CLIENTS_MAX 5

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

/* One owner of a limiter, and what it has out. */
struct client {
	struct limiter *limiter;
	unsigned owner;
	struct limiter_ticket tickets[2048];
	bool members[2048];
	size_t n;
};

static struct limiter *
new_limiter(void)
{
	struct limiter *limiter = malloc(limiter_size());

	assert_non_null(limiter);
	limiter_init(limiter);
	return limiter;
}

static struct client *
new_owner(struct limiter *limiter, unsigned owner)
{
	struct client *client = calloc(1, sizeof *client);

	assert_non_null(client);
	client->limiter = limiter;
	client->owner = owner;
	return client;
}

static struct client *
new_client(void)
{
	return new_owner(new_limiter(), 0);
}

static void
free_client(struct client *client)
{
	free(client->limiter);
	free(client);
}

static int64_t
take(struct client *client, int64_t now_ms, enum remote_priority priority,
    bool members)
{
	const struct limiter_request request = {
	    .owner = client->owner, .priority = priority, .members = members};
	int64_t wait = limiter_take(
	    client->limiter, now_ms, &request, &client->tickets[client->n]);

	if (wait == 0)
		client->members[client->n++] = members;
	return wait;
}

static void
finish(struct client *client, int64_t now_ms, bool members,
    enum limiter_outcome outcome)
{
	const struct limiter_request request = {
	    .owner = client->owner, .members = members};
	size_t i = 0;

	while (i < client->n && client->members[i] != members)
		i++;
	assert_true(i < client->n);
	limiter_end(
	    client->limiter, now_ms, &request, &client->tickets[i], outcome);
	client->n--;
	memmove(&client->tickets[i], &client->tickets[i + 1],
	    (client->n - i) * sizeof *client->tickets);
	memmove(&client->members[i], &client->members[i + 1],
	    (client->n - i) * sizeof *client->members);
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
	struct client *clients[CLIENTS_MAX];
	bool shared; /* all have one limiter */
	int n_clients;
	int running[CLIENTS_MAX];
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

/* Each asks every few milliseconds. */
static void
send_all(struct world *world, int64_t now_ms)
{
	for (int i = 0; i < world->n_clients; i++) {
		if (random_below(&world->random, 8) != 0)
			continue;
		while (world->running[i] < world->max_running &&
		       take(world->clients[i], now_ms, world->priority,
			   false) == 0) {
			add_sent(world, i,
			    now_ms + random_below(
					 &world->random, world->latency_ms));
			world->running[i]++;
		}
	}
}

static void
reply(struct world *world, struct sent *sent, int64_t now_ms)
{
	struct client *client = world->clients[sent->client];
	int remaining = world->max - in_fixed_window(world, sent->counted_ms);

	if (world->headers) {
		limiter_learn(client->limiter, now_ms, 0, LIMITER_TOKEN,
		    world->interval_ms, world->max,
		    remaining > 0 ? remaining : 0);
		limiter_learn(client->limiter, now_ms, 0, LIMITER_KEY,
		    world->interval_ms, 3 * world->max, 3 * world->max - 1);
	}
	finish(client, now_ms, false, LIMITER_REACHED);
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
		world->clients[i] = new_client();
	return world;
}

static void
world_free(struct world *world)
{
	for (int i = 0; i < world->n_clients; i++)
		free_client(world->clients[i]);
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
	for (uint64_t seed = 1; seed <= rounds(20); seed++) {
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
	for (uint64_t seed = 1; seed <= rounds(20); seed++) {
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
	for (uint64_t seed = 1; seed <= rounds(20); seed++) {
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
	for (uint64_t seed = 1; seed <= rounds(20); seed++) {
		struct world *world = world_new(seed, 2);

		world_run(world, 0, 60000);
		assert_true(worst_fixed_window(world) <= 100);
		assert_true(world->n >= 60 * 4);
		world_free(world);
	}
}

/* Answer so many requests at once. */
static void
use(struct client *client, int64_t now_ms, bool members, int n)
{
	for (int i = 0; i < n; i++) {
		assert_int_equal(
		    take(client, now_ms, PRIORITY_WRITE, members), 0);
		finish(client, now_ms, members, LIMITER_REACHED);
	}
}

static void
test_priorities(void **state)
{
	static const int room[PRIORITY_COUNT] = {80, 75, 70, 60};

	(void)state;
	for (int i = 0; i < PRIORITY_COUNT; i++) {
		struct client *client = new_client();
		int n = 0;

		while (
		    take(client, 1000, (enum remote_priority)i, false) == 0) {
			finish(client, 1000, false, LIMITER_REACHED);
			n++;
		}
		assert_int_equal(n, room[i]);
		assert_int_equal(
		    take(client, 1000, (enum remote_priority)i, false), 10000);
		/* Somebody more urgent still may. */
		assert_int_equal(take(client, 1000, PRIORITY_WRITE, false) == 0,
		    i != PRIORITY_WRITE);
		free_client(client);
	}
}

static void
test_first_replies(void **state)
{
	struct client *client = new_client();

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(take(client, 0, PRIORITY_WRITE, false), 0);
	assert_true(take(client, 0, PRIORITY_WRITE, false) == INT64_MAX);
	/* What did not get there tells nothing and counts for nothing. */
	finish(client, 5, false, LIMITER_UNSENT);
	assert_int_equal(take(client, 5, PRIORITY_WRITE, false), 0);
	assert_true(take(client, 5, PRIORITY_WRITE, false) == INT64_MAX);
	finish(client, 6, false, LIMITER_REACHED);
	assert_int_equal(take(client, 6, PRIORITY_WRITE, false), 0);
	assert_int_equal(take(client, 6, PRIORITY_WRITE, false), 0);
	free_client(client);
}

static void
test_members(void **state)
{
	struct client *client = new_client();

	(void)state;
	use(client, 0, true, 80);
	assert_int_equal(take(client, 20000, PRIORITY_WRITE, true), 880000);
	assert_int_equal(take(client, 20000, PRIORITY_WRITE, false), 0);
	finish(client, 20000, false, LIMITER_REACHED);
	assert_int_equal(take(client, 900000, PRIORITY_WRITE, true), 0);
	finish(client, 900000, true, LIMITER_REACHED);
	free_client(client);
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
		struct client *client = new_client();
		struct remote_stats stats = {0};

		use(client, 100, false, 1);
		limiter_throttled(client->limiter, 100, 0, false,
		    rows[i].retry_after_ms, rows[i].random);
		assert_int_equal(
		    take(client, 100, PRIORITY_WRITE, false), rows[i].held_ms);
		limiter_stats(client->limiter, 100, 0, &stats);
		assert_int_equal(stats.held_ms, rows[i].held_ms);
		/* A second one does not shorten it. */
		if (rows[i].held_ms > 0) {
			limiter_throttled(client->limiter, 101, 0, false, 1, 0);
			assert_int_equal(
			    take(client, 101, PRIORITY_WRITE, false),
			    rows[i].held_ms - 1);
			assert_int_equal(take(client, 100 + rows[i].held_ms,
					     PRIORITY_WRITE, false),
			    0);
		}
		free_client(client);
	}
}

static void
test_throttled_members(void **state)
{
	struct client *client = new_client();

	(void)state;
	use(client, 0, true, 1);
	limiter_throttled(client->limiter, 0, 0, true, -1, 0);
	assert_int_equal(take(client, 1, PRIORITY_WRITE, true), 900000 - 1);
	assert_int_equal(take(client, 1, PRIORITY_WRITE, false), 0);
	free_client(client);
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
	struct client *client = new_client();
	struct remote_stats stats = {0};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(take(client, 0, PRIORITY_WRITE, false), 0);
		limiter_learn(client->limiter, 0, 0, LIMITER_TOKEN, rows[i][0],
		    rows[i][1], rows[i][2]);
		finish(client, 0, false, LIMITER_REACHED);
	}
	limiter_stats(client->limiter, 0, 0, &stats);
	assert_int_equal(stats.budget_max, 80);
	assert_int_equal(stats.budget_ms, 10000);
	assert_int_equal(stats.budget_left, 72);
	free_client(client);
}

/* The reserve is others': when they have used the rest, nothing goes. */
static void
test_hold_back(void **state)
{
	struct client *client = new_client();

	(void)state;
	assert_int_equal(take(client, 0, PRIORITY_WRITE, false), 0);
	limiter_learn(client->limiter, 50, 0, LIMITER_TOKEN, 10000, 100, 22);
	finish(client, 50, false, LIMITER_REACHED);
	assert_int_equal(take(client, 50, PRIORITY_WRITE, false), 0);
	assert_int_equal(take(client, 50, PRIORITY_WRITE, false), 0);
	assert_int_equal(take(client, 50, PRIORITY_WRITE, false), 10000);
	assert_int_equal(take(client, 10050, PRIORITY_WRITE, false), 0);
	/* A window that has begun anew says so. */
	limiter_learn(client->limiter, 10060, 0, LIMITER_TOKEN, 10000, 100, 99);
	finish(client, 10060, false, LIMITER_REACHED);
	use(client, 10060, false, 70);
	free_client(client);
}

/* One of very little is still one. */
static void
test_tiny_limit(void **state)
{
	struct client *client = new_client();

	(void)state;
	assert_int_equal(take(client, 0, PRIORITY_WRITE, false), 0);
	limiter_learn(client->limiter, 0, 0, LIMITER_TOKEN, 1000, 1, 0);
	finish(client, 0, false, LIMITER_REACHED);
	assert_int_equal(take(client, 0, PRIORITY_BACKGROUND, false), 1000);
	assert_int_equal(take(client, 1000, PRIORITY_BACKGROUND, false), 0);
	free_client(client);
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
