#include "push_help.h"
#include "unit.h"

#include "store/base.h"
#include "store/folder.h"
#include "store/store.h"
#include "store/unmake.h"
#include "util/timeutil.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is undone before it is sent is not sent. */

#define C1 "5e00000000000000000000c1"
#define A1 "5e00000000000000000000a1"
#define A2 "5e00000000000000000000a2"
#define A5 "5e00000000000000000000a5"
#define B0 "5e00000000000000000000b0"
#define B5 "5e00000000000000000000b5"
#define LABEL "5e00000000000000000000b1"
#define STEPS "5e00000000000000000000d1"
#define ITEM "5e00000000000000000000e1"
#define ME "5f0000000000000000000001"

static struct push_world world;

/* Two boards: B with the lists Todo (a1) and Done (a2), Other with Far (a5). */
static int
set_up(void **state)
{
	struct board other;

	(void)state;
	world_init(&world, false);
	board_make(&other, "b5", "Other");
	(void)board_add_list(&other, "a5", "Far", 10);
	world_add_board(&world, &other);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	world_fini(&world);
	return 0;
}

static void
change_folder(enum entry_kind kind, const char *object, const char *board,
    const char *title, const char *old_title)
{
	struct entry entry = {.kind = kind,
	    .title = (char *)title,
	    .old_title = (char *)old_title};

	(void)snprintf(entry.object, sizeof entry.object, "%s", object);
	(void)snprintf(entry.board, sizeof entry.board, "%s", board);
	world_journal(&world, &entry);
}

static void
add_item(const char *id, bool add)
{
	struct card_change change = {
	    .kind = add ? CHANGE_ITEM_ADD : CHANGE_ITEM_REMOVE,
	    .old_text = (char *)"new",
	    .new_text = (char *)"new",
	    .parent = STEPS,
	    .old_pos = 65536,
	    .new_pos = 65536};

	(void)snprintf(change.id, sizeof change.id, "%s", id);
	world_change(&world, C1, &change);
}

static void
tick(bool done)
{
	struct card_change change = {.kind = CHANGE_ITEM_STATE,
	    .id = ITEM,
	    .parent = STEPS,
	    .old_flag = !done,
	    .new_flag = done};

	world_change(&world, C1, &change);
}

static void
comment(enum card_change_kind kind)
{
	struct card_change change = {.kind = kind,
	    .id = "5e000000own0000000000099",
	    .old_text = (char *)"words",
	    .new_text = (char *)"words",
	    .new_ms = time_wall_ms()};

	world_change(&world, C1, &change);
}

/* One change, and what undoes it. */
static void
title(bool undo)
{
	do_title(&world, C1, undo ? "One" : "Another");
}

static void
desc(bool undo)
{
	do_desc(&world, C1,
	    undo ? "Line one\nLine two\nLine three\n" : "Other words\n");
}

static void
due(bool undo)
{
	do_date(
	    &world, C1, CHANGE_DUE, undo ? TIME_NONE : INT64_C(1900000000000));
}

static void
done(bool undo)
{
	do_flag(&world, C1, CHANGE_DONE, !undo);
}

static void
label(bool undo)
{
	do_id(&world, C1, undo ? CHANGE_LABEL_REMOVE : CHANGE_LABEL_ADD, LABEL);
}

static void
member(bool undo)
{
	do_id(&world, C1, undo ? CHANGE_MEMBER_REMOVE : CHANGE_MEMBER_ADD, ME);
}

static void
ticked(bool undo)
{
	tick(!undo);
}

static void
item(bool undo)
{
	add_item("5e000000own0000000000098", !undo);
}

static void
own_comment(bool undo)
{
	comment(undo ? CHANGE_COMMENT_REMOVE : CHANGE_COMMENT_ADD);
}

static void
move(bool undo)
{
	do_move(&world, C1, B0, undo ? A1 : A2, undo ? 1 : 70000);
}

static void
move_far(bool undo)
{
	do_move(&world, C1, undo ? B0 : B5, undo ? A1 : A5, undo ? 1 : 70000);
}

static void
list_name(bool undo)
{
	change_folder(ENTRY_LIST_RENAME, A1, B0, undo ? "Todo" : "Later",
	    undo ? "Later" : "Todo");
}

static void
list_place(bool undo)
{
	change_folder(ENTRY_LIST_MOVE, A1, undo ? B0 : B5, NULL, NULL);
}

static void
board_name(bool undo)
{
	change_folder(
	    ENTRY_BOARD_RENAME, B0, B0, undo ? "B" : "Bee", undo ? "Bee" : "B");
}

static void (*const acts[])(bool undo) = {title, desc, due, done, label, member,
    ticked, item, own_comment, move, move_far, list_name, list_place,
    board_name};
#define N_ACTS (sizeof acts / sizeof acts[0])

/* How many writes were asked since the last time. */
static unsigned
requests(void)
{
	char *asked = take_asked(&world);
	unsigned n = 0;

	for (const char *s = asked; *s != '\0'; s = strchr(s, '\n') + 1)
		n += strncmp(s, "GET ", 4) != 0;
	free(asked);
	return n;
}

static void
assert_nothing(void)
{
	assert_entries(&world, 0, 0, 0);
	assert_true(world_run(&world, true));
	assert_asked(&world, "");
	assert_in_step(&world, B0);
}

static void
at_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ACTS; i++) {
		acts[i](false);
		assert_entries(&world, 1, 0, 0);
		acts[i](true);
		assert_nothing();
	}
	/* All of them, and undone in the same order. */
	for (size_t i = 0; i < N_ACTS; i++)
		if (acts[i] != move_far && acts[i] != list_place)
			acts[i](false);
	assert_entries(&world, N_ACTS - 2, 0, 0);
	for (size_t i = 0; i < N_ACTS; i++)
		if (acts[i] != move_far && acts[i] != list_place)
			acts[i](true);
	assert_nothing();
}

/* It was tried, and never got there. */
static void
without_network(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ACTS; i++) {
		acts[i](false);
		world.account.fault = FAULT_OFFLINE;
		world.account.fault_call = CALL_COUNT;
		world.account.n_faults = 1;
		assert_true(world_run(&world, true));
		assert_int_equal(requests(), 1);
		assert_int_equal(world.account.n_faults, 0);
		assert_entries(&world, 1, 0, 0);
		acts[i](true);
		assert_entries(&world, 0, 0, 0);
		world.sync->push->gate_ms = 0;
		assert_nothing();
	}
}

/* It was on its way when it was undone: if it does not get there, neither is
 * sent again, and if it does, it is undone at Trello. */
static void
while_it_is_sent(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * N_ACTS; i++) {
		bool arrives = i >= N_ACTS;
		int64_t next_ms = INT64_MAX;

		acts[i % N_ACTS](false);
		world.account.fault = arrives ? FAULT_NONE : FAULT_OFFLINE;
		world.account.fault_call = CALL_COUNT;
		world.account.n_faults = 1;
		push_run(world.sync, time_monotonic_ms(), &next_ms);
		acts[i % N_ACTS](true);
		assert_true(world_run(&world, false));
		assert_entries(&world, 0, 0, 0);
		assert_int_equal(requests(), arrives ? 2 : 1);
		world.account.n_faults = 0;
		world.sync->push->gate_ms = 0;
		world_news(&world, B0);
		assert_nothing();
	}
}

/* It was done, but the answer is lost, and the next try does not get there:
 * it has to be undone at Trello. */
static void
after_a_lost_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ACTS; i++) {
		acts[i](false);
		world.account.fault = FAULT_LOST;
		world.account.fault_call = CALL_COUNT;
		world.account.n_faults = 1;
		assert_true(world_run(&world, true));
		world.account.fault = FAULT_OFFLINE;
		world.account.n_faults = 1;
		world.account.reads_too = true;
		world.sync->push->gate_ms = 0;
		assert_true(world_run(&world, true));
		assert_int_equal(world.account.n_faults, 0);
		world.account.reads_too = false;
		(void)requests();
		acts[i](true);
		world.sync->push->gate_ms = 0;
		assert_true(world_run(&world, true));
		assert_true(requests() > 0);
		assert_entries(&world, 0, 0, 0);
		/* A card that has been on another board has a new number. */
		world_news(&world, B0);
		assert_in_step(&world, B0);
	}
}

/* Of several the last one is sent, alone. */
static void
only_the_last(void **state)
{
	(void)state;
	do_move(&world, C1, B0, A2, 70000);
	do_title(&world, C1, "Two");
	do_move(&world, C1, B5, A5, 80000);
	do_move(&world, C1, B0, A2, 90000);
	change_folder(ENTRY_LIST_RENAME, A1, B0, "X", "Todo");
	change_folder(ENTRY_LIST_RENAME, A1, B0, "Y", "X");
	assert_entries(&world, 3, 0, 0);
	assert_true(world_run(&world, false));
	assert_asked(&world,
	    "PUT /cards/" C1 " idList=" A2 "&pos=90000&name=Two\n"
	    "PUT /lists/" A1 " name=Y\n");
	assert_in_step(&world, B0);
}

/* A label belongs to the board on which it was put on the card. */
static void
label_of_another_board(void **state)
{
	(void)state;
	do_id(&world, C1, CHANGE_LABEL_ADD, LABEL);
	do_move(&world, C1, B5, A5, 80000);
	do_id(&world, C1, CHANGE_LABEL_REMOVE, LABEL);
	do_id(&world, C1, CHANGE_MEMBER_ADD, ME);
	do_move(&world, C1, B0, A1, 1);
	assert_entries(&world, 3, 0, 0);
	assert_true(world_run(&world, false));
	assert_in_step(&world, B0);
}

/* What Trello has not heard of is made as and where it is to be. */
static void
made_elsewhere(void **state)
{
	const char *list, *card;
	char *asked;

	(void)state;
	list = do_list(&world, B0, "First");
	change_folder(ENTRY_LIST_RENAME, list, B0, "Second", "First");
	change_folder(ENTRY_LIST_MOVE, list, B5, NULL, NULL);
	card = do_create_at(&world, A1, "Card", 99);
	do_move(&world, card, B5, A5, 98);
	do_move(&world, card, B0, A2, 97);
	assert_entries(&world, 2, 0, 0);
	assert_true(world_run(&world, false));
	asked = take_asked(&world);
	assert_non_null(strstr(asked, "POST /lists name=Second&idBoard=" B5));
	assert_non_null(
	    strstr(asked, "POST /cards name=Card&idList=" A2 "&pos=97\n"));
	free(asked);
	assert_entries(&world, 0, 0, 0);
	assert_in_step(&world, B0);
}

static void
forget(const char *id)
{
	struct folder_changes changes = {0};
	struct invalidations out = {0};

	assert_int_equal(store_write(world.store, &changes.tx), 0);
	assert_int_equal(unmake(&changes, id), 0);
	assert_int_equal(folder_commit(&changes, 0, &out), 0);
	invalidations_fini(&out);
}

/* A card was in a list that is not made after all. */
static void
through_a_list_that_is_not_made(void **state)
{
	const char *list, *made;

	(void)state;
	list = do_list(&world, B0, "List");
	made = do_create_at(&world, list, "Made", 50);
	do_move(&world, C1, B0, list, 5);
	do_move(&world, C1, B0, A2, 70000);
	do_move(&world, made, B0, A2, 80000);
	forget(list);
	assert_entries(&world, 2, 0, 0);
	assert_true(world_run(&world, false));
	assert_asked(&world, "POST /cards name=Made&idList=" A2 "&pos=80000\n"
			     "PUT /cards/" C1 " idList=" A2 "&pos=70000\n");
	assert_entries(&world, 0, 0, 0);
	assert_in_step(&world, B0);
}

/* Closed while it was being made, in vain: nobody has to confirm that. */
static void
made_in_vain_and_closed(void **state)
{
	struct entry close = {.kind = ENTRY_BOARD_CLOSE, .held = true};
	const char *board = do_board(&world, "Board");
	int64_t next_ms = INT64_MAX;

	(void)state;
	world.account.fault = FAULT_OFFLINE;
	world.account.fault_call = CALL_COUNT;
	world.account.n_faults = 1;
	push_run(world.sync, time_monotonic_ms(), &next_ms);
	(void)snprintf(close.object, sizeof close.object, "%s", board);
	(void)snprintf(close.board, sizeof close.board, "%s", board);
	world_journal(&world, &close);
	assert_entries(&world, 1, 1, 0);
	assert_true(world_run(&world, false));
	assert_int_equal(requests(), 1);
	world.sync->push->gate_ms = 0;
	assert_true(world_run(&world, false));
	assert_nothing();
}

/* A list was on a board that is not made after all. */
static void
through_a_board_that_is_not_made(void **state)
{
	struct node node;
	const char *board;

	(void)state;
	board = do_board(&world, "Board");
	change_folder(ENTRY_LIST_MOVE, A1, board, NULL, NULL);
	change_folder(ENTRY_LIST_MOVE, A1, B5, NULL, NULL);
	assert_true(find_path(world.store, "Board", &node));
	forget(board);
	assert_false(find_path(world.store, "Board", &node));
	assert_entries(&world, 1, 0, 0);
	assert_true(world_run(&world, false));
	assert_asked(
	    &world, "PUT /lists/" A1 "/idBoard value=" B5 "&pos=bottom\n");
	assert_entries(&world, 0, 0, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(at_once, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(without_network, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		while_it_is_sent, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		after_a_lost_answer, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(only_the_last, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		label_of_another_board, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(made_elsewhere, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		made_in_vain_and_closed, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		through_a_list_that_is_not_made, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		through_a_board_that_is_not_made, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
