/* Looks at a big board: what is asked for, and what is made of the answers. */

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

#define MORE 150

static const struct remote_verdict too_big = {.err = -EFBIG,
    .scope = SCOPE_OBJECT,
    .when = WHEN_NEVER,
    .too_big = true,
    .status = 403,
    .text = "too many cards"};

/* Trello has board A as it is now. */
static void
tell(struct fixture *fixture)
{
	fixture->a.activity_ms += 1000;
	fake_empty_world(fixture->fake, 1);
	fake_add_board(fixture->fake, 1, &fixture->a);
	fake_add_board(fixture->fake, 1, &fixture->b);
	fake_add_board(fixture->fake, 1, &fixture->c);
}

/* Board A of the fixture, with many cards, all known. */
static int
setup_big(void **state)
{
	struct fixture *fixture;
	char tail[8], name[16];
	int r = setup(state);

	fixture = *state;
	for (int i = 0; i < MORE; i++) {
		(void)snprintf(tail, sizeof tail, "f%03d", i);
		(void)snprintf(name, sizeof name, "More %d", i);
		board_add_card(&fixture->a, tail, "a1", name, 100 + i)
		    ->activity_ms = 1000;
	}
	tell(fixture);
	fake_use_world(fixture->fake, CALL_COUNT, 1);
	prepare(fixture);
	run_ms(fixture, 1000);
	fake_forget_counts(fixture->fake);
	return r;
}

/* The card is another one. */
static void
change(struct fixture *fixture, int i)
{
	char tail[16], desc[24];
	struct card *card;

	(void)snprintf(tail, sizeof tail, "f%03d", i);
	(void)snprintf(desc, sizeof desc, "Words %d", i);
	card = board_card(&fixture->a, id_of(tail));
	set_text(&card->desc, desc);
	card->activity_ms += 1000;
}

/* Trello has it, and there is a time for news; then all is as it has it. */
static void
see(struct fixture *fixture)
{
	struct board now;

	tell(fixture);
	run_ms(fixture, 31000);
	assert_int_equal(
	    base_read_board(fixture->store, fixture->a.id, &now), 0);
	assert_int_equal(now.cards.n, fixture->a.cards.n);
	for (size_t i = 0; i < now.cards.n; i++) {
		const struct card *has = &now.cards.v[i];
		const struct card *card = board_card(&fixture->a, has->id);

		assert_string_equal(
		    model_str(has->name), model_str(card->name));
		assert_string_equal(
		    model_str(has->desc), model_str(card->desc));
		assert_string_equal(has->id_list, card->id_list);
		assert_true(has->pos >= card->pos && has->pos <= card->pos);
	}
	board_fini(&now);
}

static void
assert_asked(struct fixture *fixture, unsigned news, unsigned cards,
    unsigned batches, unsigned whole)
{
	assert_int_equal(count(fixture, CALL_BOARD_NEWS), news);
	assert_int_equal(count(fixture, CALL_CARD), cards);
	assert_int_equal(count(fixture, CALL_BATCH), batches);
	assert_int_equal(count(fixture, CALL_BOARD), whole);
	fake_forget_counts(fixture->fake);
}

static void
some_moved(void **state)
{
	struct fixture *fixture = *state;

	change(fixture, 7);
	see(fixture);
	assert_asked(fixture, 1, 1, 0, 0);
	for (int i = 0; i < 12; i++)
		change(fixture, i);
	see(fixture);
	assert_asked(fixture, 1, 0, 2, 0);
	run_ms(fixture, 10 * MINUTE);
	assert_asked(fixture, 0, 0, 0, 0);
}

static void
many_moved(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 21; i++)
		change(fixture, i);
	see(fixture);
	assert_asked(fixture, 1, 0, 0, 1);
}

/* A list that is renamed moves no card, nor does a place always. */
static void
only_around(void **state)
{
	struct fixture *fixture = *state;

	set_text(&board_list(&fixture->a, id_of("a2"))->name, "Finished");
	board_card(&fixture->a, id_of("f003"))->pos = 3;
	see(fixture);
	assert_asked(fixture, 1, 0, 0, 0);
	assert_true(ino_at(fixture->store, "A/Finished/Four.md") != 0);
}

static void
came_and_went(void **state)
{
	struct fixture *fixture = *state;
	struct card *gone = board_card(&fixture->a, id_of("f003"));
	struct node node;

	(void)board_add_card(&fixture->a, "f999", "a2", "Fresh", 5);
	gone->closed = true;
	tell(fixture);
	run_ms(fixture, 31000);
	assert_int_equal(count(fixture, CALL_BOARD), 0);
	assert_true(find_path(fixture->store, "A/Done/Fresh.md", &node));
	assert_false(find_path(fixture->store, "A/Todo/More 3.md", &node));
}

static void
too_much_at_once(void **state)
{
	struct fixture *fixture = *state;

	fake_fail(fixture->fake, CALL_BOARD_NEWS, &too_big);
	change(fixture, 7);
	see(fixture);
	assert_asked(fixture, 1, 0, 0, 1);
}

static void
cards_fail(void **state)
{
	struct fixture *fixture = *state;

	fake_fail(fixture->fake, CALL_CARD, &fake_in_trouble);
	change(fixture, 7);
	tell(fixture);
	run_ms(fixture, 31000);
	fake_fail(fixture->fake, CALL_CARD, &fake_fine);
	see(fixture);
}

/* Dates are not trusted for ever. */
static void
whole_now_and_then(void **state)
{
	struct fixture *fixture = *state;

	set_text(&board_card(&fixture->a, id_of("f005"))->desc, "In secret");
	tell(fixture);
	run_ms(fixture, 31000);
	assert_asked(fixture, 1, 0, 0, 0);
	run_ms(fixture, 12 * 60 * MINUTE);
	assert_int_equal(count(fixture, CALL_BOARD), 3);
	see(fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(some_moved, setup_big, teardown),
	    cmocka_unit_test_setup_teardown(many_moved, setup_big, teardown),
	    cmocka_unit_test_setup_teardown(only_around, setup_big, teardown),
	    cmocka_unit_test_setup_teardown(came_and_went, setup_big, teardown),
	    cmocka_unit_test_setup_teardown(
		too_much_at_once, setup_big, teardown),
	    cmocka_unit_test_setup_teardown(cards_fail, setup_big, teardown),
	    cmocka_unit_test_setup_teardown(
		whole_now_and_then, setup_big, teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
