#include "push_help.h"
#include "unit.h"

#include "store/store.h"
#include "util/timeutil.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The program dies before each request and before each answer, once each;
 * started again it ends where it ends when it does not die.
 */

#define C1 "5e00000000000000000000c1"
#define C2 "5e00000000000000000000c2"
#define C3 "5e00000000000000000000c3"
#define A1 "5e00000000000000000000a1"
#define A2 "5e00000000000000000000a2"
#define B0 "5e00000000000000000000b0"
#define LABEL "5e00000000000000000000b1"
#define STEPS "5e00000000000000000000d1"
#define ITEM "5e00000000000000000000e1"
#define COMMENT "5e00000000000000000000f1"
#define FIELD "5e00000000000000000000f9"
#define ME "5f0000000000000000000001"

/* Every kind of change at least once. */
static void
change_all(struct push_world *world)
{
	struct card_change field = {
	    .kind = CHANGE_FIELD, .id = FIELD, .new_text = (char *)"7"};
	struct card_change item = {.kind = CHANGE_ITEM_NAME,
	    .id = ITEM,
	    .parent = STEPS,
	    .old_text = (char *)"write",
	    .new_text = (char *)"write it"};
	struct card_change comment = {.kind = CHANGE_COMMENT_EDIT,
	    .id = COMMENT,
	    .old_text = (char *)"First",
	    .new_text = (char *)"Edited"};
	const char *card, *list, *checklist;

	do_title(world, C1, "Title");
	do_desc(world, C1, "Words\n");
	do_date(world, C1, CHANGE_DUE, INT64_C(1700000000000));
	do_id(world, C1, CHANGE_LABEL_ADD, LABEL);
	do_id(world, C1, CHANGE_MEMBER_ADD, ME);
	world_change(world, C1, &field);
	world_change(world, C1, &item);
	world_change(world, C1, &comment);
	(void)do_item(world, C1, STEPS, "Third", true);
	(void)do_comment(world, C1, "Said");
	(void)do_link(world, C1, "https://example.com/");
	(void)do_file(world, C1, "file.bin", "\r\n--");
	do_move(world, C2, B0, A2, 50000);
	do_archive(world, C3);
	list = do_list(world, B0, "List");
	card = do_create_at(world, list, "Card", 16384);
	do_desc(world, card, "Its words\n");
	checklist = do_checklist(world, card, "Checklist");
	(void)do_item(world, card, checklist, "Item", false);
	(void)do_comment(world, card, "Its comment");
	(void)do_create_at(world, A1, "Another", 100000);
}

/* To the end, after all; the gate is no matter here. */
static void
finish(struct push_world *world)
{
	for (int i = 0; i < 20; i++) {
		world->sync->push->gate_ms = 0;
		assert_true(world_run(world, false));
	}
	assert_entries(world, 0, 0, 0);
	assert_in_step(world, B0);
}

static char *
outcome(int die_at, bool *ret_died)
{
	struct push_world world;
	char *result, *before, *after;

	world_init(&world, true);
	change_all(&world);
	before = shown(&world);
	world.account.steps_left = die_at;
	*ret_died = !world_run(&world, false);
	if (*ret_died)
		world_restart(&world);
	world.account.steps_left = -1;
	finish(&world);
	after = shown(&world);
	assert_same(after, before);
	result = there_without_ids(&world, B0);
	free(before);
	free(after);
	world_fini(&world);
	return result;
}

static void
test_every_step(void **state)
{
	bool died;
	char *whole = outcome(-1, &died);
	int at = 1;

	(void)state;
	assert_false(died);
	do {
		char *result = outcome(at++, &died);

		assert_same(result, whole);
		free(result);
	} while (died);
	/* Each request was twice a step. */
	assert_true(at > 30);
	free(whole);
}

/* Twice in a row: also while it finds out what came of the first time. */
static void
test_twice(void **state)
{
	bool died;
	char *whole = outcome(-1, &died);

	(void)state;
	for (int first = 1; first < 50; first += 3)
		for (int second = 1; second < 8; second++) {
			struct push_world world;
			char *result;

			world_init(&world, true);
			change_all(&world);
			world.account.steps_left = first;
			(void)world_run(&world, false);
			world_restart(&world);
			world.account.steps_left = second;
			(void)world_run(&world, false);
			world_restart(&world);
			world.account.steps_left = -1;
			finish(&world);
			result = there_without_ids(&world, B0);
			assert_same(result, whole);
			free(result);
			world_fini(&world);
		}
	free(whole);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_step),
	    cmocka_unit_test(test_twice),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
