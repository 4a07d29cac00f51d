/* The sync thread in earnest: others wait, interrupt, read the status, and it
 * ends in the middle of everything. */

#include "unit.h"

#include "store/store.h"
#include "store_help.h"
#include "sync/sync.h"
#include "sync_help.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/log.h"
#include "util/zone.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WAITERS 8
#define BOARDS 6

struct shared {
	struct store *store;
	struct fake *fake;
	struct sync *sync;
	uint64_t inos[BOARDS];
	atomic_bool stop;
	atomic_uint told;
};

struct waiter {
	struct sync_wait wait; /* first */
	pthread_mutex_t lock;
	pthread_cond_t answered;
	bool done;
	int err;
};

static void
must(bool good, const char *what)
{
	if (good)
		return;
	(void)fprintf(stderr, "%s\n", what);
	abort();
}

static void
resume(struct sync_wait *wait, int err)
{
	struct waiter *waiter = (struct waiter *)wait;

	(void)pthread_mutex_lock(&waiter->lock);
	must(!waiter->done, "answered twice");
	waiter->done = true;
	waiter->err = err;
	(void)pthread_cond_signal(&waiter->answered);
	(void)pthread_mutex_unlock(&waiter->lock);
}

/* The struct is gone right behind the answer, as in the file system. */
static int
wait_for(struct shared *shared, uint64_t ino, bool interrupt)
{
	struct waiter waiter = {.wait = {.board_ino = ino, .resume = resume}};
	int err;

	(void)pthread_mutex_init(&waiter.lock, NULL);
	(void)pthread_cond_init(&waiter.answered, NULL);
	sync_wait_board(shared->sync, &waiter.wait);
	if (interrupt)
		sync_wait_interrupt(shared->sync, &waiter.wait);
	(void)pthread_mutex_lock(&waiter.lock);
	while (!waiter.done)
		(void)pthread_cond_wait(&waiter.answered, &waiter.lock);
	(void)pthread_mutex_unlock(&waiter.lock);
	err = waiter.err;
	(void)pthread_cond_destroy(&waiter.answered);
	(void)pthread_mutex_destroy(&waiter.lock);
	return err;
}

static void *
wait_for_all(void *cookie)
{
	struct shared *shared = cookie;

	for (int i = 0; i < BOARDS; i++) {
		int r = wait_for(shared, shared->inos[i], i % 3 == 2);

		must(r == 0 || (r == -EINTR && i % 3 == 2), "answer");
	}
	return NULL;
}

static void *
wait_in_vain(void *cookie)
{
	struct shared *shared = cookie;

	must(wait_for(shared, shared->inos[0], false) == -ENETUNREACH, "end");
	/* Also who comes when it has ended. */
	must(wait_for(shared, shared->inos[1], false) == -ENETUNREACH, "late");
	return NULL;
}

static void *
read_status(void *cookie)
{
	struct shared *shared = cookie;

	while (!atomic_load(&shared->stop)) {
		struct buf text = BUF_INIT;

		must(sync_status_text(shared->sync, &text) == 0, "status");
		must(sync_requests_text(shared->sync, &text) == 0, "requests");
		(void)sync_read_only(shared->sync);
		buf_free(&text);
	}
	return NULL;
}

static void
invalidated(void *cookie, struct invalidations *invalidations)
{
	struct shared *shared = cookie;

	(void)atomic_fetch_add(&shared->told, (unsigned)invalidations->list.n);
	invalidations_fini(invalidations);
}

static void
begin(struct shared *shared)
{
	static struct zone utc;
	struct sync_options options = {.store = shared->store,
	    .zone = &utc,
	    .refresh_s = 1,
	    .api_url = "https://api.trello.com",
	    .fingerprint = "f",
	    .profile = "default",
	    .invalidated = invalidated,
	    .cookie = shared};
	struct err err = {0};

	zone_init_utc(&utc);
	log_init(false, 2);
	shared->fake = fake_new(true);
	options.remote = fake_remote(shared->fake);
	for (int i = 0; i < BOARDS; i++) {
		struct board board;
		char tail[8], list[8], card[8];

		(void)snprintf(tail, sizeof tail, "b%d", i);
		(void)snprintf(list, sizeof list, "a%d", i);
		(void)snprintf(card, sizeof card, "c%d", i);
		board_make(&board, tail, tail);
		(void)board_add_list(&board, list, "List", 1);
		(void)board_add_card(&board, card, list, "Card", 1);
		fake_add_board(shared->fake, 0, &board);
		if (i % 2 == 0) {
			board.activity_ms += 1000;
			set_text(&board.cards.v[0].name, "Other");
			fake_add_board(shared->fake, 1, &board);
		}
		board_fini(&board);
	}
	assert_int_equal(sync_new(&options, &shared->sync), 0);
	assert_int_equal(sync_prepare(shared->sync, &err), 0);
	for (int i = 0; i < BOARDS; i++) {
		char name[8];

		(void)snprintf(name, sizeof name, "b%d", i);
		shared->inos[i] = ino_at(shared->store, name);
	}
}

static bool
shows(struct store *store, const char *expected)
{
	char *tree = tree_text(store);
	bool same = strcmp(tree, expected) == 0;

	free(tree);
	return same;
}

static void
run(struct shared *shared)
{
	static const char news[] = "b0/\nb0/List/\nb0/List/Other.md\n"
				   "b2/\nb2/List/\nb2/List/Other.md\n"
				   "b4/\nb4/List/\nb4/List/Other.md\n";
	pthread_t waiters[WAITERS], status;
	struct err err = {0};

	assert_int_equal(sync_start(shared->sync, &err), 0);
	assert_int_equal(pthread_create(&status, NULL, read_status, shared), 0);
	for (int i = 0; i < WAITERS; i++)
		assert_int_equal(
		    pthread_create(&waiters[i], NULL, wait_for_all, shared), 0);
	for (int i = 0; i < WAITERS; i++)
		assert_int_equal(pthread_join(waiters[i], NULL), 0);
	/* Half of the boards go, the others change. */
	fake_use_world(shared->fake, CALL_COUNT, 1);
	for (int i = 0; i < 3000 && !shows(shared->store, news); i++)
		(void)nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
	atomic_store(&shared->stop, true);
	assert_int_equal(pthread_join(status, NULL), 0);
	sync_stop(shared->sync);
	assert_tree(shared->store, news);
	assert_in_range(atomic_load(&shared->told), 3 * 3 + 3, UINT_MAX);
	sync_free(shared->sync);
	fake_free(shared->fake);
}

static void
with_a_file(void **state)
{
	struct shared shared = {0};
	char folder[64], path[128];

	(void)state;
	temp_make(folder);
	(void)snprintf(path, sizeof path, "%s/p.db", folder);
	shared.store = open_file(path);
	begin(&shared);
	run(&shared);
	store_close(shared.store);
	temp_remove(folder);
}

static void
in_memory(void **state)
{
	struct shared shared = {.store = open_memory()};

	(void)state;
	begin(&shared);
	run(&shared);
	store_close(shared.store);
}

static void
stopped_in_the_middle(void **state)
{
	struct shared shared = {.store = open_memory()};
	pthread_t waiters[WAITERS];
	struct err err = {0};

	(void)state;
	begin(&shared);
	fake_hold(shared.fake, CALL_BOARD, true);
	assert_int_equal(sync_start(shared.sync, &err), 0);
	for (int i = 0; i < WAITERS; i++)
		assert_int_equal(
		    pthread_create(&waiters[i], NULL, wait_in_vain, &shared),
		    0);
	(void)nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
	sync_stop(shared.sync);
	for (int i = 0; i < WAITERS; i++)
		assert_int_equal(pthread_join(waiters[i], NULL), 0);
	sync_stop(shared.sync);
	sync_stop(NULL);
	sync_free(shared.sync);
	sync_free(NULL);
	fake_free(shared.fake);
	store_close(shared.store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(in_memory),
	    cmocka_unit_test(with_a_file),
	    cmocka_unit_test(stopped_in_the_middle),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
