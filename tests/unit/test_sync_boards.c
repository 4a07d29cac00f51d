/* What becomes of boards: news, what is missing, what cannot be had. */

#include "unit.h"

#include "store/base.h"
#include "store/store.h"
#include "store/tx.h"
#include "store_help.h"
#include "sync/private.h"
#include "sync_session.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct card *
card(struct fixture *fixture, const char *tail)
{
	struct card *found = board_card(&fixture->a, id_of(tail));

	assert_non_null(found);
	return found;
}

/* Board A is another one at Trello from now on. */
static void
turn_over(struct fixture *fixture)
{
	fixture->a.activity_ms += 1000;
	fake_add_board(fixture->fake, 1, &fixture->a);
	fake_use_world(fixture->fake, CALL_COUNT, 1);
}

static void
news(void **state)
{
	struct fixture *fixture = *state;

	load_all(fixture);
	set_text(&card(fixture, "c2")->name, "Deux");
	turn_over(fixture);
	run_ms(fixture, 31000);
	/* The list, and the one board that moved. */
	assert_int_equal(count(fixture, CALL_BOARDS), 1);
	assert_int_equal(count(fixture, CALL_BOARD), 1);
	assert_int_equal(count(fixture, CALL_COUNT), 2);
	assert_int_equal(
	    fake_priority(fixture->fake, CALL_BOARD), PRIORITY_NEWS);
	assert_said(fixture->store, &fixture->said,
	    "entry A/Todo/Deux.md\nentry A/Todo/Two.md\ninode A/Todo\n");
	run_ms(fixture, 10 * MINUTE);
	assert_int_equal(count(fixture, CALL_BOARD), 1);
	assert_int_equal(fixture->said.list.n, 0);
}

static void
gone_is_confirmed(void **state)
{
	struct fixture *fixture = *state;

	load_all(fixture);
	card(fixture, "c2")->closed = true;
	turn_over(fixture);
	run_ms(fixture, 31000);
	assert_int_equal(count(fixture, CALL_CARD_BRIEF), 1);
	assert_int_equal(count(fixture, CALL_COUNT), 3);
	assert_said(fixture->store, &fixture->said,
	    "gone A/Todo/Two.md\ninode A/Todo\n");
}

static void
deleted_is_confirmed(void **state)
{
	struct fixture *fixture = *state;

	load_all(fixture);
	card_fini(card(fixture, "c2"));
	fixture->a.cards.v[1] = fixture->a.cards.v[--fixture->a.cards.n];
	turn_over(fixture);
	run_ms(fixture, 31000);
	assert_int_equal(count(fixture, CALL_CARD_BRIEF), 1);
	assert_said(fixture->store, &fixture->said,
	    "gone A/Todo/Two.md\ninode A/Todo\n");
}

/* Many are asked for in few requests; those of a list that goes not at all. */
static void
list_gone(void **state)
{
	struct fixture *fixture = *state;

	load_all(fixture);
	board_list(&fixture->a, id_of("a1"))->closed = true;
	turn_over(fixture);
	run_ms(fixture, 31000);
	assert_int_equal(count(fixture, CALL_LIST), 1);
	assert_int_equal(count(fixture, CALL_COUNT), 3);
	assert_tree(fixture->store, "A/\nA/Done/\nA/Done/Four.md\n" TREE_BC);
}

static void
many_gone(void **state)
{
	struct fixture *fixture = *state;

	load_all(fixture);
	for (size_t i = 0; i < 3; i++)
		fixture->a.cards.v[i].closed = true;
	board_list(&fixture->a, id_of("a2"))->closed = true;
	turn_over(fixture);
	run_ms(fixture, 31000);
	assert_int_equal(count(fixture, CALL_BATCH), 1);
	assert_int_equal(count(fixture, CALL_COUNT), 3);
	assert_tree(fixture->store, "A/\nA/Todo/\n" TREE_BC);
}

/* The board's reply is an old one: by id the card is still there. */
static void
stale_reply(void **state)
{
	struct fixture *fixture = *state;

	load_all(fixture);
	card(fixture, "c2")->closed = true;
	board_list(&fixture->a, id_of("a2"))->closed = true;
	turn_over(fixture);
	fake_use_world(fixture->fake, CALL_BATCH, 0);
	run_ms(fixture, 31000);
	assert_int_equal(count(fixture, CALL_BATCH), 1);
	assert_int_equal(fixture->said.list.n, 0);
	assert_tree(fixture->store, TREE_A TREE_BC);
	/* And again when there is news. */
	fake_use_world(fixture->fake, CALL_COUNT, 2);
	run_ms(fixture, 31000);
}

/* A card was changed by us, so that its date is that now, and is missing two
 * seconds later. */
static void
lose_changed(struct fixture *fixture, int64_t changed_ms)
{
	load_all(fixture);
	run_ms(fixture, 28000);
	written_note(&fixture->sync->written, id_of("c2"), time_monotonic_ms(),
	    changed_ms);
	card(fixture, "c2")->closed = true;
	turn_over(fixture);
	run_ms(fixture, 3000);
}

/* By its id it is not there, and the date is a later one. */
static void
gone_after_a_change(void **state)
{
	struct fixture *fixture = *state;

	lose_changed(fixture, card(fixture, "c2")->activity_ms);
	assert_int_equal(count(fixture, CALL_CARD_BRIEF), 1);
	assert_int_equal(count(fixture, CALL_BOARD), 1);
	assert_said(fixture->store, &fixture->said,
	    "gone A/Todo/Two.md\ninode A/Todo\n");
}

/* Such an answer may be from before the change: it is asked for again a second
 * later, then now and then until no answer can be so old. */
static void
gone_before_a_change(void **state)
{
	struct fixture *fixture = *state;

	lose_changed(fixture, card(fixture, "c2")->activity_ms + 1);
	assert_int_equal(count(fixture, CALL_CARD_BRIEF), 2);
	assert_tree(fixture->store, TREE_A TREE_BC);
	run_ms(fixture, 20000);
	assert_int_equal(count(fixture, CALL_CARD_BRIEF), 4);
	assert_int_equal(count(fixture, CALL_BOARD), 4);
	assert_said(fixture->store, &fixture->said,
	    "gone A/Todo/Two.md\ninode A/Todo\n");
}

/* And so may one that knows nothing of it. */
static void
deleted_after_a_change(void **state)
{
	struct fixture *fixture = *state;

	fake_fail(fixture->fake, CALL_CARD_BRIEF, &fake_not_there);
	lose_changed(fixture, card(fixture, "c2")->activity_ms);
	assert_tree(fixture->store, TREE_A TREE_BC);
	run_ms(fixture, 20000);
	assert_said(fixture->store, &fixture->said,
	    "gone A/Todo/Two.md\ninode A/Todo\n");
}

/* Of a card whose date says nothing, nobody asks. */
static void
gone_after_an_undated_change(void **state)
{
	struct fixture *fixture = *state;

	lose_changed(fixture, TIME_NONE);
	assert_int_equal(count(fixture, CALL_CARD_BRIEF), 0);
	assert_tree(fixture->store, TREE_A TREE_BC);
	run_ms(fixture, 20000);
	assert_int_equal(count(fixture, CALL_CARD_BRIEF), 1);
	assert_said(fixture->store, &fixture->said,
	    "gone A/Todo/Two.md\ninode A/Todo\n");
}

static void
confirmation_fails(struct fixture *fixture, const struct remote_verdict *how)
{
	load_all(fixture);
	card(fixture, "c2")->closed = true;
	card(fixture, "c3")->closed = true;
	set_text(&card(fixture, "c1")->name, "Un");
	turn_over(fixture);
	fake_fail(fixture->fake, CALL_BATCH, how);
	fake_fail(fixture->fake, CALL_CARD_BRIEF, how);
	run_ms(fixture, 31000);
	/* Nothing is taken over by halves. */
	assert_true(count(fixture, CALL_BATCH) >= 1);
	assert_tree(fixture->store, TREE_A TREE_BC);
	assert_int_equal(fixture->said.list.n, 0);
	fake_fail(fixture->fake, CALL_COUNT, &fake_fine);
	run_ms(fixture, 6 * MINUTE);
	assert_tree(fixture->store,
	    "A/\nA/Todo/\nA/Todo/Un.md\nA/Done/\nA/Done/Four.md\n" TREE_BC);
}

static void
confirmation_offline(void **state)
{
	confirmation_fails(*state, &fake_offline);
}

static void
confirmation_in_trouble(void **state)
{
	confirmation_fails(*state, &fake_in_trouble);
}

/* The answer comes when the board is not there any more. */
static void
ends_while_confirming(void **state)
{
	struct fixture *fixture = *state;

	load_all(fixture);
	card(fixture, "c2")->closed = true;
	turn_over(fixture);
	fake_hold(fixture->fake, CALL_CARD_BRIEF, true);
	run_ms(fixture, 31000);
	fake_use_world(fixture->fake, CALL_COUNT, 2);
	run_ms(fixture, 31000);
	assert_tree(fixture->store, "");
	fake_hold(fixture->fake, CALL_CARD_BRIEF, false);
	run_ms(fixture, MINUTE);
	assert_tree(fixture->store, "");
}

static void
board_gone(void **state)
{
	struct fixture *fixture = *state;

	load_all(fixture);
	fake_use_world(fixture->fake, CALL_COUNT, 2);
	run_ms(fixture, 31000);
	assert_int_equal(count(fixture, CALL_BOARD_HEAD), 3);
	assert_int_equal(count(fixture, CALL_COUNT), 4);
	assert_said(fixture->store, &fixture->said,
	    "entry A\nentry B\nentry C\ninode /\n");
	assert_tree(fixture->store, "");
	run_ms(fixture, 10 * MINUTE);
	assert_int_equal(count(fixture, CALL_BOARD_HEAD), 3);
}

static void
board_closed(void **state)
{
	struct fixture *fixture = *state;

	load_all(fixture);
	fixture->a.closed = true;
	turn_over(fixture);
	run_ms(fixture, 31000);
	assert_int_equal(count(fixture, CALL_BOARD_HEAD), 1);
	assert_said(fixture->store, &fixture->said, "entry A\ninode /\n");
	assert_tree(fixture->store, TREE_BC);
	/* And opened again, as it was. */
	fake_use_world(fixture->fake, CALL_COUNT, 0);
	run_ms(fixture, 31000);
	assert_tree(fixture->store, TREE_A TREE_BC);
}

static void
board_out_of_reach(void **state)
{
	struct fixture *fixture = *state;

	load_all(fixture);
	fake_use_world(fixture->fake, CALL_BOARDS, 1);
	fake_fail(fixture->fake, CALL_BOARD_HEAD, &fake_no_right);
	run_ms(fixture, 31000);
	assert_tree(fixture->store, TREE_BC);
}

/* The list is an old one: by id the board is still there. */
static void
stale_list(void **state)
{
	struct fixture *fixture = *state;

	load_all(fixture);
	fake_use_world(fixture->fake, CALL_BOARDS, 1);
	run_ms(fixture, 31000);
	assert_int_equal(count(fixture, CALL_BOARD_HEAD), 1);
	assert_int_equal(fixture->said.list.n, 0);
	assert_tree(fixture->store, TREE_A TREE_BC);
}

static void
missing_and_offline(void **state)
{
	struct fixture *fixture = *state;

	load_all(fixture);
	fake_use_world(fixture->fake, CALL_BOARDS, 1);
	fake_fail(fixture->fake, CALL_BOARD_HEAD, &fake_offline);
	run_ms(fixture, 31000);
	assert_tree(fixture->store, TREE_A TREE_BC);
	fake_fail(fixture->fake, CALL_BOARD_HEAD, &fake_in_trouble);
	run_ms(fixture, 5 * MINUTE);
	assert_tree(fixture->store, TREE_A TREE_BC);
}

static void
assert_problem(struct fixture *fixture, const char *expected)
{
	struct buf status = BUF_INIT;

	assert_int_equal(sync_status_text(fixture->sync, &status), 0);
	if (expected != NULL)
		assert_non_null(strstr(buf_str(&status), expected));
	else
		assert_null(strstr(buf_str(&status), "problem: "));
	buf_free(&status);
}

/* One board cannot be had: the others are, it is told, tried again now and
 * then, and at once when it has changed. */
static void
board_in_trouble(void **state)
{
	struct fixture *fixture = *state;
	unsigned first;

	prepare(fixture);
	fake_fail(fixture->fake, CALL_BOARD, &fake_in_trouble);
	run_ms(fixture, 10 * MINUTE);
	first = count(fixture, CALL_BOARD);
	assert_in_range(first, 3 * 5, 3 * 9);
	assert_tree(fixture->store, "A/\nB/\nC/\n");
	assert_problem(fixture, "problem: A: Trello is in trouble\n");
	assert_problem(fixture, "problem: C: Trello is in trouble\n");
	fake_fail(fixture->fake, CALL_BOARD, &fake_fine);
	run_ms(fixture, 5 * MINUTE);
	assert_tree(fixture->store, TREE_A TREE_BC);
	assert_problem(fixture, NULL);
}

static void
board_never_to_be_had(void **state)
{
	struct fixture *fixture = *state;

	prepare(fixture);
	fake_fail(fixture->fake, CALL_BOARD, &fake_no_right);
	run_ms(fixture, 30 * MINUTE);
	assert_int_equal(count(fixture, CALL_BOARD), 3);
	assert_problem(fixture, "problem: A: no right to this\n");
	fake_fail(fixture->fake, CALL_BOARD, &fake_fine);
	run_ms(fixture, 10 * MINUTE);
	assert_int_equal(count(fixture, CALL_BOARD), 3);
	turn_over(fixture);
	run_ms(fixture, 31000);
	assert_int_equal(count(fixture, CALL_BOARD), 4);
	assert_tree(fixture->store, TREE_A "B/\nC/\n");
}

/* A board that is always too slow is not asked for more often because the
 * others are well. */
static void
board_always_too_slow(void **state)
{
	struct fixture *fixture = *state;

	prepare(fixture);
	fake_fail(fixture->fake, CALL_BOARD, &fake_offline);
	run_ms(fixture, 30 * MINUTE);
	assert_in_range(count(fixture, CALL_BOARD), 3 * 8, 3 * 14);
	assert_in_range(count(fixture, CALL_BOARDS), 58, 62);
}

/* Few at a time, and the newest first. */
static void
in_the_background(void **state)
{
	struct fixture *fixture = *state;
	struct board more[8];

	for (int i = 0; i < 8; i++) {
		char tail[8], name[8];

		(void)snprintf(tail, sizeof tail, "e%d", i);
		(void)snprintf(name, sizeof name, "E%d", i);
		board_make(&more[i], tail, name);
		more[i].activity_ms += i;
		fake_add_board(fixture->fake, 0, &more[i]);
		board_fini(&more[i]);
	}
	fake_hold(fixture->fake, CALL_BOARD, true);
	prepare(fixture);
	run_ms(fixture, 20000);
	assert_int_equal(count(fixture, CALL_BOARD), 3);
	assert_int_equal(
	    fake_priority(fixture->fake, CALL_BOARD), PRIORITY_BACKGROUND);
	fake_hold(fixture->fake, CALL_BOARD, false);
	run_ms(fixture, 1000);
	assert_int_equal(count(fixture, CALL_BOARD), 11);
}

/* The database takes nothing: what was there stays, and it is tried again. */
static void
store_is_full(void **state)
{
	struct fixture *fixture = *state;
	struct tx *tx;

	load_all(fixture);
	assert_int_equal(store_read(fixture->store, false, &tx), 0);
	assert_int_equal(
	    db_exec(tx->db, "CREATE TRIGGER full BEFORE INSERT ON texts BEGIN"
			    " SELECT raise(ABORT, 'full'); END"),
	    0);
	store_end(tx);
	set_text(&card(fixture, "c1")->desc, "more");
	turn_over(fixture);
	run_ms(fixture, 2 * MINUTE);
	assert_tree(fixture->store, TREE_A TREE_BC);
	assert_int_equal(fixture->said.list.n, 0);
	assert_problem(fixture, "problem: A: cannot be written");
	assert_in_range(count(fixture, CALL_BOARD), 3, 8);
	assert_int_equal(store_read(fixture->store, false, &tx), 0);
	assert_int_equal(db_exec(tx->db, "DROP TRIGGER full"), 0);
	store_end(tx);
	run_ms(fixture, 5 * MINUTE);
	assert_said(fixture->store, &fixture->said, "inode A/Todo/One.md\n");
	assert_problem(fixture, NULL);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(news),
	    T(gone_is_confirmed),
	    T(deleted_is_confirmed),
	    T(list_gone),
	    T(many_gone),
	    T(stale_reply),
	    T(gone_after_a_change),
	    T(gone_before_a_change),
	    T(deleted_after_a_change),
	    T(gone_after_an_undated_change),
	    T(confirmation_offline),
	    T(confirmation_in_trouble),
	    T(ends_while_confirming),
	    T(board_gone),
	    T(board_closed),
	    T(board_out_of_reach),
	    T(stale_list),
	    T(missing_and_offline),
	    T(board_in_trouble),
	    T(board_never_to_be_had),
	    T(board_always_too_slow),
	    T(in_the_background),
	    T(store_is_full),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
