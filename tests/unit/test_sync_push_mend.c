#include "push_help.h"
#include "unit.h"

#include "store/saves.h"
#include "store/store.h"
#include "util/timeutil.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Descriptions that took the place of what somebody else had written. */

#define C1 "5e00000000000000000000c1"
#define B0 "5e00000000000000000000b0"

static void
fail_next(struct push_world *world, enum fault fault, enum remote_call call,
    unsigned n)
{
	world->account.fault = fault;
	world->account.fault_call = call;
	world->account.n_faults = n;
}

/* What the card says there. */
static void
assert_there(struct push_world *world, const char *desc)
{
	char *text = there(world, B0);

	if (strstr(text, desc) == NULL)
		fail_msg("%s is not in\n%s", desc, text);
	free(text);
	assert_entries(world, 0, 0, 0);
	assert_in_step(world, B0);
}

/* What happens next has a later date. */
static void
wait_a_moment(void)
{
	(void)nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
}

/* Saved and sent. */
static void
save(struct push_world *world, const char *desc)
{
	do_desc(world, C1, desc);
	assert_true(world_run(world, false));
	wait_a_moment();
}

/* Somebody else sends it, whatever is there. */
static void
send_elsewhere(struct push_world *world, const char *desc)
{
	elsewhere(world, CALL_CARD_UPDATE, C1, "desc", desc);
	wait_a_moment();
}

/* Somebody else changed the description between our look and our request. */
static void
test_overwritten(void **state)
{
	struct push_world world;
	char *text;

	(void)state;
	world_init(&world, false);
	elsewhere(&world, CALL_CARD_UPDATE, C1, "desc",
	    "Line one, theirs\nLine two\nLine three\n");
	do_desc(&world, C1, "Line one\nLine two\nLine three, ours\n");
	assert_true(world_run(&world, false));
	text = there(&world, B0);
	assert_non_null(
	    strstr(text, "Line one, theirs\\nLine two\\nLine three, ours\\n"));
	free(text);
	assert_asked(&world,
	    "PUT /cards/" C1
	    " desc=Line%20one%0ALine%20two%0ALine%20three%2C%20ours%0A\n"
	    "GET /cards/" C1 "/actions\n"
	    "PUT /cards/" C1 " desc=Line%20one%2C%20theirs%0ALine%20two%0A"
	    "Line%20three%2C%20ours%0A\n"
	    "GET /cards/" C1 "/actions\n");
	assert_entries(&world, 0, 0, 0);
	assert_in_step(&world, B0);
	/* The same lines. */
	elsewhere(&world, CALL_CARD_UPDATE, C1, "desc", "All theirs\n");
	do_desc(&world, C1, "All ours\n");
	assert_true(world_run(&world, false));
	assert_problem(&world, "B/Todo/One.md", "the same lines", true);
	assert_entries(&world, 0, 0, 0);
	world_fini(&world);
}

/* Try again what was put off. */
static void
go_on(struct push_world *world)
{
	world->sync->push->gate_ms = 0;
	world->sync->push->look.next_ms = 0;
	assert_true(world_run(world, false));
}

/* One description is looked at while the next one is sent: that one is looked
 * at, too. */
static void
test_overwritten_while_looking(void **state)
{
	struct push_world world;
	char *text;

	(void)state;
	world_init(&world, false);
	do_desc(&world, C1, "Line one\nLine two\nLine three, ours\n");
	fail_next(&world, FAULT_OFFLINE, CALL_CARD_DESC_ACTIONS, 1);
	assert_true(world_run(&world, false));
	do_desc(&world, C1, "Line one\nLine two\nOurs\n");
	fail_next(&world, FAULT_NOT_DONE, CALL_CARD_UPDATE, 1);
	world.sync->push->gate_ms = 0;
	world.sync->push->look.next_ms = INT64_MAX;
	assert_true(world_run(&world, false));
	elsewhere(&world, CALL_CARD_UPDATE, C1, "desc",
	    "Theirs\nLine two\nLine three, ours\n");
	fail_next(&world, FAULT_LATE, CALL_CARD_UPDATE, 1);
	go_on(&world);
	text = there(&world, B0);
	assert_non_null(strstr(text, "\"Theirs\\nLine two\\nOurs\\n"));
	free(text);
	assert_entries(&world, 0, 0, 0);
	assert_in_step(&world, B0);
	world_fini(&world);
}

/* An answer was lost, and before the same was sent once more somebody else
 * changed what had come of it: it took the place of two. */
static void
test_overwritten_twice(void **state)
{
	struct push_world world;
	char *text;

	(void)state;
	world_init(&world, false);
	elsewhere(&world, CALL_CARD_UPDATE, C1, "desc",
	    "First theirs\nLine one\nLine two\nLine three\n");
	do_desc(&world, C1, "Line one\nLine two\nLine three\nOurs\n");
	fail_next(&world, FAULT_LOST, CALL_CARD_UPDATE, 1);
	assert_true(world_run(&world, false));
	elsewhere(&world, CALL_CARD_UPDATE, C1, "desc",
	    "Line one\nSecond theirs\nLine two\nLine three\nOurs\n");
	go_on(&world);
	text = there(&world, B0);
	assert_non_null(strstr(text,
	    "\"First theirs\\nLine one\\nSecond theirs\\nLine two\\n"
	    "Line three\\nOurs\\n"));
	free(text);
	assert_entries(&world, 0, 0, 0);
	assert_in_step(&world, B0);
	world_fini(&world);
}

/* Who takes the place of what came of a merge may have begun with what was
 * merged, which was never shown here. */
static void
test_overwritten_after_a_merge(void **state)
{
	struct push_world world;
	char *text;

	(void)state;
	world_init(&world, false);
	elsewhere(&world, CALL_CARD_UPDATE, C1, "desc",
	    "First theirs\nLine one\nLine two\nLine three\n");
	do_desc(&world, C1, "Line one\nLine two\nLine three\nOurs\n");
	assert_true(world_run(&world, false));
	elsewhere(&world, CALL_CARD_UPDATE, C1, "desc",
	    "First theirs\nLine one\nSecond theirs\nLine two\n"
	    "Line three\n");
	do_desc(&world, C1,
	    "First theirs\nLine one\nLine two\nOurs, too\n"
	    "Line three\nOurs\n");
	assert_true(world_run(&world, false));
	text = there(&world, B0);
	assert_non_null(strstr(text,
	    "\"First theirs\\nLine one\\nSecond theirs\\nLine two\\n"
	    "Ours, too\\nLine three\\nOurs\\n"));
	free(text);
	assert_entries(&world, 0, 0, 0);
	assert_in_step(&world, B0);
	world_fini(&world);
}

/* What takes its place was on its way before theirs was shown here, and did
 * not grow out of that. */
static void
test_overwritten_though_seen(void **state)
{
	struct push_world world;
	int64_t next_ms = INT64_MAX;
	char *text;

	(void)state;
	world_init(&world, false);
	do_desc(&world, C1, "Line one\nLine three\n");
	fail_next(&world, FAULT_LATE, CALL_CARD_UPDATE, 1);
	push_run(world.sync, time_monotonic_ms(), &next_ms);
	wait_a_moment();
	elsewhere(&world, CALL_CARD_UPDATE, C1, "desc",
	    "Line one\nLine three\nTheirs\n");
	world_news(&world, B0);
	assert_true(world_run(&world, false));
	text = there(&world, B0);
	assert_non_null(strstr(text, "\"Line one\\nLine three\\nTheirs\\n"));
	free(text);
	assert_entries(&world, 0, 0, 0);
	assert_in_step(&world, B0);
	world_fini(&world);
}

/* Others make the same text as we do: what they replaced is not lost by us. */
static void
test_same_text_as_others(void **state)
{
	struct push_world world;

	(void)state;
	world_init(&world, false);
	send_elsewhere(&world, "First\nLine one\nLine two\nLine three\n");
	send_elsewhere(
	    &world, "First\nLine one\nSecond\nLine two\nLine three\n");
	send_elsewhere(
	    &world, "First\nLine one\nSecond\nLine two\nThird\nLine three\n");
	world_news(&world, B0);
	save(&world, "First\nLine one\nSecond\nLine two\nLine three\n");
	assert_there(
	    &world, "\"First\\nLine one\\nSecond\\nLine two\\nLine three\\n");
	world_fini(&world);
}

/* What took the place of ours unseen was shown here, and gone on with, while
 * its author put back what it had lost: that is no text of which ours took
 * something out. */
static void
test_after_the_mending_of_another(void **state)
{
	struct push_world world;

	(void)state;
	world_init(&world, false);
	save(&world, "Line one\nLine two\nOurs\nLine three\n");
	save(&world, "Line one\nOurs\nLine three\n");
	send_elsewhere(&world, "Line one\nLine two\nLine three\nTheirs\n");
	world_news(&world, B0);
	wait_a_moment();
	send_elsewhere(&world, "Line one\nOurs\nLine three\nTheirs\n");
	save(&world, "Ours, too\nLine one\nLine two\nLine three\nTheirs\n");
	assert_there(&world, "\"Ours, too\\nLine one\\n");
	assert_there(&world, "Ours\\nLine three\\nTheirs\\n");
	world_fini(&world);
}

/* Where both changed the same lines somebody is writing, and cannot be asked:
 * both are there. */
static void
test_same_lines_while_writing(void **state)
{
	struct push_world world;
	struct tx *tx;
	struct node node;
	struct save_by by = {.now_ms = time_wall_ms()};

	(void)state;
	world_init(&world, false);
	send_elsewhere(&world, "Line one\nTheirs\nLine two\nLine three\n");
	assert_int_equal(store_write(world.store, &tx), 0);
	assert_int_equal(node_by_id(tx, C1, &node), 0);
	assert_int_equal(save_write(tx, &node, 0, "More", 4, false, &by), 0);
	assert_int_equal(store_commit(tx), 0);
	save(&world, "Line one\nOurs\nLine two\nLine three\n");
	assert_there(
	    &world, "\"Line one\\nOurs\\nTheirs\\nLine two\\nLine three\\n");
	world_fini(&world);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_overwritten),
    cmocka_unit_test(test_overwritten_while_looking),
    cmocka_unit_test(test_overwritten_twice),
    cmocka_unit_test(test_overwritten_though_seen),
    cmocka_unit_test(test_overwritten_after_a_merge),
    cmocka_unit_test(test_same_text_as_others),
    cmocka_unit_test(test_after_the_mending_of_another),
    cmocka_unit_test(test_same_lines_while_writing),
};

UNIT_MAIN(tests)
