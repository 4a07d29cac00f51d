/* Who waits for a board is answered, in time and with the right word. */

#include "unit.h"

#include "store/base.h"
#include "store/store.h"
#include "store_help.h"
#include "sync/private.h"
#include "sync_session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An answer that has not come. */
#define NONE 1

struct waiter {
	struct sync_wait wait; /* first */
	int err;
	int answers;
	int64_t at_ms;
};

static void
resume(struct sync_wait *wait, int err)
{
	struct waiter *waiter = (struct waiter *)wait;

	waiter->err = err;
	waiter->answers++;
	waiter->at_ms = fake_now_ms();
}

static void
begin(struct fixture *fixture, struct waiter *waiter, const char *board)
{
	*waiter = (struct waiter){.err = NONE};
	waiter->wait.board_ino = ino_at(fixture->store, board);
	waiter->wait.resume = resume;
	sync_wait_board(fixture->sync, &waiter->wait);
}

static void
assert_answer(const struct waiter *waiter, int err)
{
	assert_int_equal(waiter->err, err);
	assert_int_equal(waiter->answers, err == NONE ? 0 : 1);
}

static void
until_it_is_here(void **state)
{
	struct fixture *fixture = *state;
	struct waiter one, two, other, late;

	prepare(fixture);
	fake_hold(fixture->fake, CALL_BOARD, true);
	begin(fixture, &one, "A");
	begin(fixture, &two, "A");
	begin(fixture, &other, "B");
	run_ms(fixture, 3000);
	assert_answer(&one, NONE);
	assert_answer(&two, NONE);
	fake_hold(fixture->fake, CALL_BOARD, false);
	run_ms(fixture, 1000);
	assert_answer(&one, 0);
	assert_answer(&two, 0);
	assert_answer(&other, 0);
	assert_int_equal(count(fixture, CALL_BOARD), 3);
	begin(fixture, &late, "A");
	run_ms(fixture, 1);
	assert_answer(&late, 0);
}

static void
before_the_others(void **state)
{
	struct fixture *fixture = *state;
	struct waiter waiter;

	/* The last of all boards, and more than are fetched at once. */
	for (int i = 0; i < 6; i++) {
		char tail[8];
		struct board more;

		(void)snprintf(tail, sizeof tail, "e%d", i);
		board_make(&more, tail, tail);
		more.activity_ms += 1000;
		fake_add_board(fixture->fake, 0, &more);
		board_fini(&more);
	}
	prepare(fixture);
	fake_hold(fixture->fake, CALL_BOARD, true);
	run_ms(fixture, 1000);
	assert_int_equal(count(fixture, CALL_BOARD), 3);
	begin(fixture, &waiter, "C");
	run_ms(fixture, 1000);
	assert_int_equal(count(fixture, CALL_BOARD), 4);
	assert_int_equal(
	    fake_priority(fixture->fake, CALL_BOARD), PRIORITY_WAITING);
	fake_hold(fixture->fake, CALL_BOARD, false);
	run_ms(fixture, 1000);
	assert_answer(&waiter, 0);
}

/* What is under way already is hurried. */
static void
hurried(void **state)
{
	struct fixture *fixture = *state;
	struct waiter waiter;

	prepare(fixture);
	fake_hold(fixture->fake, CALL_BOARD, true);
	run_ms(fixture, 1000);
	assert_int_equal(
	    fake_priority(fixture->fake, CALL_BOARD), PRIORITY_BACKGROUND);
	begin(fixture, &waiter, "A");
	run_ms(fixture, 1000);
	assert_int_equal(
	    fake_priority(fixture->fake, CALL_BOARD), PRIORITY_WAITING);
	assert_int_equal(count(fixture, CALL_BOARD), 3);
	sync_stop(fixture->sync);
}

static void
ten_seconds(void **state)
{
	struct fixture *fixture = *state;
	struct waiter one, two;
	int64_t begin_ms;

	prepare(fixture);
	fake_hold(fixture->fake, CALL_BOARD, true);
	begin_ms = fake_now_ms();
	begin(fixture, &one, "A");
	run_ms(fixture, 4000);
	begin(fixture, &two, "A");
	run_ms(fixture, 60000);
	assert_answer(&one, -ENETUNREACH);
	assert_int_equal(one.at_ms - begin_ms, SYNC_WAIT_MS);
	assert_answer(&two, -ENETUNREACH);
	assert_true(two.at_ms - begin_ms <= SYNC_WAIT_MS + 4000);
	/* It is not given up for that. */
	fake_hold(fixture->fake, CALL_BOARD, false);
	run_ms(fixture, 1000);
	assert_tree(fixture->store, TREE_A TREE_BC);
}

static void
not_known_who_we_are(void **state)
{
	struct fixture *fixture = *state;
	struct waiter waiter;

	prepare(fixture);
	fixture->fingerprint = "f2";
	new_sync(fixture);
	fake_fail(fixture->fake, CALL_COUNT, &fake_offline);
	prepare(fixture);
	run_ms(fixture, 20 * MINUTE);
	/* It is tried at once, and fails at once. */
	fake_forget_counts(fixture->fake);
	begin(fixture, &waiter, "A");
	run_ms(fixture, 100);
	assert_answer(&waiter, -ENETUNREACH);
	assert_int_equal(count(fixture, CALL_ME), 1);
	/* And may be good again. */
	fake_fail(fixture->fake, CALL_COUNT, &fake_fine);
	run_ms(fixture, 5000);
	begin(fixture, &waiter, "A");
	run_ms(fixture, 100);
	assert_answer(&waiter, 0);
}

static void
failure_is_told(
    struct fixture *fixture, const struct remote_verdict *how, int err)
{
	struct waiter one, two;

	prepare(fixture);
	fake_hold(fixture->fake, CALL_BOARD, true);
	begin(fixture, &one, "A");
	run_ms(fixture, 1000);
	fake_fail(fixture->fake, CALL_BOARD, how);
	fake_hold(fixture->fake, CALL_BOARD, false);
	run_ms(fixture, 10);
	assert_answer(&one, err);
	/* Who comes right behind shares it, without another question. */
	fake_forget_counts(fixture->fake);
	begin(fixture, &two, "A");
	run_ms(fixture, 10);
	assert_answer(&two, err);
	assert_int_equal(count(fixture, CALL_BOARD), 0);
}

static void
fails_without_network(void **state)
{
	struct fixture *fixture = *state;
	struct waiter waiter;

	failure_is_told(fixture, &fake_offline, -ENETUNREACH);
	/* Later it is worth a try at once, whoever else is to wait longer. */
	run_ms(fixture, 55000);
	fake_forget_counts(fixture->fake);
	begin(fixture, &waiter, "A");
	run_ms(fixture, 10);
	assert_answer(&waiter, -ENETUNREACH);
	assert_int_equal(count(fixture, CALL_BOARD), 1);
	run_ms(fixture, 4000);
	fake_fail(fixture->fake, CALL_BOARD, &fake_fine);
	begin(fixture, &waiter, "A");
	run_ms(fixture, 10);
	assert_answer(&waiter, 0);
}

static void
fails_without_right(void **state)
{
	failure_is_told(*state, &fake_no_right, -EACCES);
}

static void
fails_with_trouble(void **state)
{
	failure_is_told(*state, &fake_in_trouble, -EIO);
}

static void
fails_with_wrong_token(void **state)
{
	failure_is_told(*state, &fake_wrong_token, -ENETUNREACH);
}

static void
interrupted(void **state)
{
	struct fixture *fixture = *state;
	struct waiter one, two;

	prepare(fixture);
	fake_hold(fixture->fake, CALL_BOARD, true);
	begin(fixture, &one, "A");
	begin(fixture, &two, "A");
	sync_wait_interrupt(fixture->sync, &one.wait);
	run_ms(fixture, 1000);
	assert_answer(&one, -EINTR);
	assert_answer(&two, NONE);
	/* Too late, or twice: nothing. */
	sync_wait_interrupt(fixture->sync, &one.wait);
	fake_hold(fixture->fake, CALL_BOARD, false);
	run_ms(fixture, 1000);
	assert_answer(&one, -EINTR);
	assert_answer(&two, 0);
}

static void
board_ends(void **state)
{
	struct fixture *fixture = *state;
	struct waiter waiter, nobody;

	prepare(fixture);
	fake_hold(fixture->fake, CALL_BOARD, true);
	run_ms(fixture, 28000);
	begin(fixture, &waiter, "A");
	run_ms(fixture, 1000);
	assert_answer(&waiter, NONE);
	fake_use_world(fixture->fake, CALL_COUNT, 2);
	run_ms(fixture, 3000);
	assert_answer(&waiter, -ENOENT);
	nobody = (struct waiter){
	    .wait = {.board_ino = 4711, .resume = resume}, .err = NONE};
	sync_wait_board(fixture->sync, &nobody.wait);
	run_ms(fixture, 10);
	assert_answer(&nobody, -ENOENT);
}

/* A board that is here stays so while it is looked at again. */
static void
known_boards_never_wait(void **state)
{
	struct fixture *fixture = *state;
	struct waiter waiter;

	load_all(fixture);
	fake_fail(fixture->fake, CALL_COUNT, &fake_offline);
	run_ms(fixture, 5 * MINUTE);
	begin(fixture, &waiter, "A");
	run_ms(fixture, 1);
	assert_answer(&waiter, 0);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(until_it_is_here),
	    T(before_the_others),
	    T(hurried),
	    T(ten_seconds),
	    T(not_known_who_we_are),
	    T(fails_without_network),
	    T(fails_without_right),
	    T(fails_with_trouble),
	    T(fails_with_wrong_token),
	    T(interrupted),
	    T(board_ends),
	    T(known_boards_never_wait),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
