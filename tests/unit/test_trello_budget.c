/* Programs that share a budget, in virtual time, and servers that count. */

#include "unit.h"

#include "trello/auth.h"
#include "trello/budget.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRAMS_MAX 6
#define REQUESTS_MAX 8192
#define INTERVAL_MS 10000

static char folder[] = "/tmp/test-budget-XXXXXX";
static int64_t now;

static int64_t
clock_ms(void *cookie)
{
	(void)cookie;
	return now;
}

static int64_t
random_below(uint64_t *state, int64_t bound)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return (int64_t)((z ^ (z >> 31)) % (uint64_t)bound);
}

static void
set_secret(struct secret *secret, const char *text)
{
	assert_int_equal(secret_set(secret, text, strlen(text)), 0);
}

static struct budget *
open_budget(const char *key, const char *token)
{
	struct credentials credentials = {.kind = AUTH_TOKEN};
	const struct budget_options options = {.folder = folder,
	    .address = "https://api.trello.com/1",
	    .credentials = &credentials,
	    .clock_ms = clock_ms};
	struct budget *budget = NULL;

	set_secret(&credentials.key, key);
	set_secret(&credentials.token, token);
	assert_int_equal(budget_new(&options, &budget), 0);
	credentials_fini(&credentials);
	return budget;
}

static void
remove_files(void)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	char path[512];

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(
		    path, sizeof path, "%s/%s", folder, entry->d_name);
		assert_int_equal(unlink(path), 0);
	}
	(void)closedir(dir);
}

/* A request: when the server counts it, and when its reply is back. */
struct sent {
	struct budget_ticket ticket;
	int64_t counted_ms, replied_ms;
	int program;
	bool done;
};

struct world {
	uint64_t random;
	int64_t latency_ms;
	int n_programs;
	struct budget *programs[PROGRAMS_MAX];
	enum remote_priority priority[PROGRAMS_MAX];
	int running[PROGRAMS_MAX];
	int served[PROGRAMS_MAX];
	int tokens; /* the programs have so many, in turn */
	bool kills;
	struct sent sent[REQUESTS_MAX];
	size_t n, first_open;
};

static void
start_program(struct world *world, int i)
{
	char token[32];

	(void)snprintf(token, sizeof token, "token%d", i % world->tokens);
	world->programs[i] = open_budget("key", token);
	world->running[i] = 0;
}

static struct world *
new_world(uint64_t seed, int n_programs, int tokens)
{
	struct world *world = calloc(1, sizeof *world);

	assert_non_null(world);
	now = 1000000;
	world->random = seed;
	world->latency_ms = 10 + random_below(&world->random, 250);
	world->n_programs = n_programs;
	world->tokens = tokens;
	for (int i = 0; i < n_programs; i++)
		start_program(world, i);
	return world;
}

static void
free_world(struct world *world)
{
	for (int i = 0; i < world->n_programs; i++)
		budget_free(world->programs[i]);
	free(world);
	remove_files();
}

/* The server's fixed window of this program's token. */
static int
left_of(const struct world *world, int program, int64_t t, int max, bool key)
{
	int64_t begin = t - t % INTERVAL_MS;
	int n = 0;

	for (size_t i = world->n; i > 0; i--) {
		const struct sent *sent = &world->sent[i - 1];

		if (sent->counted_ms < begin - 2000)
			break;
		if (sent->counted_ms >= begin && sent->counted_ms <= t &&
		    (key || sent->program % world->tokens ==
				program % world->tokens))
			n++;
	}
	return n < max ? max - n : 0;
}

static void
reply(struct world *world, struct sent *sent)
{
	const struct budget_limits limits = {.retry_after_ms = -1,
	    .window = {{INTERVAL_MS, 100,
			   left_of(world, sent->program, sent->counted_ms, 100,
			       false)},
		{INTERVAL_MS, 300,
		    left_of(
			world, sent->program, sent->counted_ms, 300, true)}}};
	const struct budget_end end = {
	    .outcome = LIMITER_REACHED, .limits = &limits};

	budget_end(world->programs[sent->program], &sent->ticket, &end);
	world->running[sent->program]--;
	sent->done = true;
}

static void
reply_all(struct world *world)
{
	while (
	    world->first_open < world->n && world->sent[world->first_open].done)
		world->first_open++;
	for (size_t i = world->first_open; i < world->n; i++)
		if (!world->sent[i].done && world->sent[i].replied_ms <= now)
			reply(world, &world->sent[i]);
}

static void
send_one(struct world *world, int i, const struct budget_ticket *ticket)
{
	struct sent *sent = &world->sent[world->n++];

	assert_true(world->n < REQUESTS_MAX);
	sent->ticket = *ticket;
	sent->program = i;
	sent->counted_ms =
	    now + random_below(&world->random, world->latency_ms);
	sent->replied_ms =
	    sent->counted_ms + random_below(&world->random, world->latency_ms);
	world->running[i]++;
	world->served[i]++;
}

static void
send_all(struct world *world)
{
	int first = (int)random_below(&world->random, world->n_programs);

	for (int k = 0; k < world->n_programs; k++) {
		int i = (first + k) % world->n_programs;
		struct budget_ticket ticket;

		while (world->running[i] < 16 &&
		       budget_take(world->programs[i], world->priority[i],
			   false, &ticket) == 0)
			send_one(world, i, &ticket);
	}
}

/* A program ends as by SIGKILL: what it has sent arrives, and nothing more is
 * entered.  Another takes its place. */
static void
kill_one(struct world *world)
{
	int victim = (int)random_below(&world->random, world->n_programs);

	for (size_t i = world->first_open; i < world->n; i++)
		if (world->sent[i].program == victim)
			world->sent[i].done = true;
	budget_free(world->programs[victim]);
	start_program(world, victim);
}

static void
run_world(struct world *world, int64_t ms)
{
	int64_t end = now + ms;

	for (; now < end; now++) {
		reply_all(world);
		if (world->kills && random_below(&world->random, 3000) == 0)
			kill_one(world);
		send_all(world);
	}
}

static int
compare_ms(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The most that any window holds, of this token or (negative) all. */
static int
worst_window(const struct world *world, int token)
{
	static int64_t times[REQUESTS_MAX];
	size_t first = 0, n = 0;
	int worst = 0;

	for (size_t i = 0; i < world->n; i++)
		if (token < 0 ||
		    world->sent[i].program % world->tokens == token)
			times[n++] = world->sent[i].counted_ms;
	qsort(times, n, sizeof *times, compare_ms);
	for (size_t i = 0; i < n; i++) {
		while (times[first] + INTERVAL_MS <= times[i])
			first++;
		if ((int)(i - first + 1) > worst)
			worst = (int)(i - first + 1);
	}
	return worst;
}

/* However many they are: not one too much, and nearly all that is allowed. */
static void
test_together(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 10; seed++) {
		int n = 1 + (int)(seed % 5);
		struct world *world = new_world(seed, n, 1);

		for (int i = 0; i < n; i++)
			world->priority[i] = PRIORITY_BACKGROUND;
		run_world(world, 60000);
		assert_true(worst_window(world, 0) <= 60);
		assert_true(world->n >= 60 * 6 * 9 / 10);
		/* And each has its part. */
		for (int i = 0; i < n; i++)
			assert_true(
			    world->served[i] >= (int)world->n / n * 7 / 10);
		free_world(world);
	}
}

static void
test_killed(void **state)
{
	int served = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 10; seed++) {
		struct world *world = new_world(seed, 5, 1);

		world->kills = true;
		run_world(world, 60000);
		assert_true(worst_window(world, 0) <= 80);
		served += (int)world->n;
		free_world(world);
	}
	/* What the dead had out is not lost for longer than it has to be. */
	assert_true(served >= 10 * 60 * 8 * 8 / 10);
}

/* Tokens of one key: each has its window, and all have the key's. */
static void
test_tokens(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 4; seed++) {
		struct world *world = new_world(seed, 6, 6);

		world->kills = seed % 2 == 0;
		run_world(world, 40000);
		assert_true(worst_window(world, -1) <= 240);
		for (int i = 0; i < 6; i++)
			assert_true(worst_window(world, i) <= 80);
		if (!world->kills)
			assert_true(world->n >= 40 * 24 * 9 / 10);
		free_world(world);
	}
}

/* How long a request of this priority has to wait, as things go on. */
static int64_t
wait_for_one(struct world *world, int i, enum remote_priority priority)
{
	int64_t begin = now;
	struct budget_ticket ticket;

	while (budget_take(world->programs[i], priority, false, &ticket) != 0) {
		assert_true(now < begin + 60000);
		run_world(world, 1);
	}
	send_one(world, i, &ticket);
	return now - begin;
}

/* While one fills, the other's user never waits; and if all is used up, goes
 * first. */
static void
test_priorities(void **state)
{
	struct world *world = new_world(7, 2, 1);

	(void)state;
	world->priority[0] = PRIORITY_BACKGROUND;
	/* The second does nothing by itself. */
	world->n_programs = 1;
	run_world(world, 35000);
	for (int i = 0; i < 3; i++) {
		for (int k = 0; k < 19; k++)
			assert_int_equal(
			    wait_for_one(world, 1, PRIORITY_WRITE), 0);
		run_world(world, 12000);
	}
	/* A long queue: as fast as if it were alone. */
	for (int k = 0; k < 19; k++)
		(void)wait_for_one(world, 1, PRIORITY_WRITE);
	for (int k = 0; k < 160; k++)
		assert_true(wait_for_one(world, 1, PRIORITY_WRITE) <=
			    INTERVAL_MS + 600);
	assert_true(worst_window(world, 0) <= 80);
	/* Somebody who reads goes before those who fill, too. */
	run_world(world, 30000);
	for (int k = 0; k < 14; k++)
		assert_int_equal(wait_for_one(world, 1, PRIORITY_WAITING), 0);
	world->n_programs = 2;
	free_world(world);
}

/* Whoever is more urgent without end: the others have their part. */
static void
test_starved(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 6; seed++) {
		struct world *world = new_world(seed, 4, 1);

		for (int i = 0; i < 4; i++)
			world->priority[i] = (enum remote_priority)i;
		run_world(world, 60000);
		assert_true(worst_window(world, 0) <= 80);
		assert_true(world->n >= 60 * 8 * 9 / 10);
		for (int i = 1; i < 4; i++) {
			assert_true(world->served[i] >= (int)world->n / 20);
			assert_true(world->served[0] > 2 * world->served[i]);
		}
		free_world(world);
	}
}

static const struct budget_end reached = {.outcome = LIMITER_REACHED};

static void
use(struct budget *budget, int n)
{
	struct budget_ticket ticket;

	for (int i = 0; i < n; i++) {
		assert_int_equal(
		    budget_take(budget, PRIORITY_WRITE, false, &ticket), 0);
		budget_end(budget, &ticket, &reached);
	}
}

static int64_t
wait_of(struct budget *budget, bool members)
{
	struct budget_ticket ticket;
	int64_t wait = budget_take(budget, PRIORITY_WRITE, members, &ticket);

	if (wait == 0) {
		const struct budget_end end = {.outcome = LIMITER_UNSENT};

		budget_end(budget, &ticket, &end);
	}
	return wait;
}

/* One is refused: nobody sends, for as long as was said. */
static void
test_gate(void **state)
{
	static const struct {
		int64_t retry_after_ms;
		bool members;
		int64_t wait, members_wait;
	} rows[] = {
	    {-1, false, 10000, 10000},
	    {3000, false, 3000, 3000},
	    {-1, true, 0, 900000},
	    {60000, true, 0, 60000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct budget *one = open_budget("key", "token");
		struct budget *two = open_budget("key", "token");
		const struct budget_limits limits = {
		    .window = {{-1, -1, -1}, {-1, -1, -1}},
		    .retry_after_ms = rows[i].retry_after_ms};
		const struct budget_end end = {.outcome = LIMITER_REFUSED,
		    .members_limit = rows[i].members,
		    .limits = &limits};
		struct budget_ticket ticket;

		now = 5000000;
		use(two, 1);
		assert_int_equal(
		    budget_take(one, PRIORITY_WRITE, true, &ticket), 0);
		budget_end(one, &ticket, &end);
		assert_int_equal(wait_of(two, false), rows[i].wait);
		assert_int_equal(wait_of(two, true), rows[i].members_wait);
		now += rows[i].members_wait;
		assert_int_equal(wait_of(two, true), 0);
		budget_free(one);
		budget_free(two);
		remove_files();
	}
}

/* A server that refuses everything and says "at once": never more than 200
 * refusals in a window, however many ask. */
static void
test_lock_out(void **state)
{
	const struct budget_limits limits = {
	    .window = {{-1, -1, -1}, {-1, -1, -1}}, .retry_after_ms = 0};
	const struct budget_end end = {
	    .outcome = LIMITER_REFUSED, .limits = &limits};
	static int64_t times[REQUESTS_MAX];
	struct budget *programs[5];
	struct budget_ticket ticket;
	size_t n = 0, first = 0;

	(void)state;
	now = 0;
	for (int i = 0; i < 5; i++)
		programs[i] = open_budget("key", i < 3 ? "token" : "another");
	for (; now < 60000; now += 5)
		for (int i = 0; i < 5; i++)
			while (budget_take(programs[i], PRIORITY_WRITE, false,
				   &ticket) == 0) {
				budget_end(programs[i], &ticket, &end);
				times[n++] = now;
				assert_true(n < REQUESTS_MAX);
			}
	for (size_t i = 0; i < n; i++) {
		while (times[first] + INTERVAL_MS <= times[i])
			first++;
		assert_true(i - first + 1 < 200);
	}
	assert_true(n > 100);
	for (int i = 0; i < 5; i++)
		budget_free(programs[i]);
	remove_files();
}

/* What is asked who one is has a window of its own, for all together. */
static void
test_members(void **state)
{
	struct budget *one = open_budget("key", "token");
	struct budget *two = open_budget("key", "token");
	struct budget_ticket ticket;

	(void)state;
	now = 1000;
	for (int i = 0; i < 80; i++, now += 1000) {
		struct budget *each = i % 2 == 0 ? one : two;

		assert_int_equal(
		    budget_take(each, PRIORITY_WRITE, true, &ticket), 0);
		budget_end(each, &ticket, &reached);
	}
	assert_int_equal(wait_of(one, true), 900000 - 80000);
	assert_int_equal(wait_of(two, true), 900000 - 80000);
	assert_int_equal(wait_of(two, false), 0);
	budget_free(one);
	budget_free(two);
	remove_files();
}

/* More tokens than are kept apart: who comes late waits until one is idle. */
static void
test_many_tokens(void **state)
{
	struct budget *programs[LIMITER_TOKENS + 1];
	struct budget_ticket ticket;
	char token[32];

	(void)state;
	now = 1000;
	for (int i = 0; i <= LIMITER_TOKENS; i++) {
		(void)snprintf(token, sizeof token, "token%d", i);
		programs[i] = open_budget("key", token);
		if (i < LIMITER_TOKENS)
			use(programs[i], 1);
	}
	assert_int_equal(budget_take(programs[LIMITER_TOKENS], PRIORITY_WRITE,
			     false, &ticket),
	    LIMITER_POLL_MS);
	now += INTERVAL_MS;
	use(programs[LIMITER_TOKENS], 80);
	assert_true(wait_of(programs[LIMITER_TOKENS], false) > 0);
	assert_int_equal(wait_of(programs[1], false), 0);
	for (int i = 0; i <= LIMITER_TOKENS; i++)
		budget_free(programs[i]);
	remove_files();
}

static int
set_up(void **state)
{
	(void)state;
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	remove_files();
	return rmdir(folder);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_together),
    cmocka_unit_test(test_killed),
    cmocka_unit_test(test_tokens),
    cmocka_unit_test(test_priorities),
    cmocka_unit_test(test_starved),
    cmocka_unit_test(test_gate),
    cmocka_unit_test(test_lock_out),
    cmocka_unit_test(test_members),
    cmocka_unit_test(test_many_tokens),
};

int
main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
