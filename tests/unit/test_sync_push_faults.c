#include "push_help.h"
#include "unit.h"

#include "store/base.h"
#include "store/store.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define C1 "5e00000000000000000000c1"
#define C2 "5e00000000000000000000c2"
#define C3 "5e00000000000000000000c3"
#define A1 "5e00000000000000000000a1"
#define A2 "5e00000000000000000000a2"
#define B0 "5e00000000000000000000b0"
#define LABEL "5e00000000000000000000b1"
#define STEPS "5e00000000000000000000d1"
#define ITEM "5e00000000000000000000e1"
#define ME "5f0000000000000000000001"

static void
fail_next(struct push_world *world, enum fault fault, enum remote_call call,
    unsigned n)
{
	world->account.fault = fault;
	world->account.fault_call = call;
	world->account.n_faults = n;
}

/* As if the time had passed. */
static void
open_gate(struct push_world *world)
{
	world->sync->push->gate_ms = 0;
}

static unsigned
count(const char *text, const char *word)
{
	unsigned n = 0;

	for (; (text = strstr(text, word)) != NULL; text++)
		n++;
	return n;
}

/* Each kind of making, by its call. */
static const struct making {
	enum remote_call call;
	const char *post; /* what its request begins with */
	const char *name; /* once in the account, if it was made once */
} makings[] = {
    {CALL_CARD_CREATE, "POST /cards name", "\"name\":\"Novum\""},
    {CALL_CHECKLIST_CREATE, "POST /checklists idCard", "\"name\":\"Novum\""},
    {CALL_ITEM_CREATE, "POST /checklists/" STEPS "/checkItems",
	"\"name\":\"Novum\""},
    {CALL_COMMENT_CREATE, "POST /cards/" C1 "/actions/comments",
	"\"text\":\"Novum\""},
    {CALL_LINK_CREATE, "POST /cards/" C1 "/attachments",
	"\"url\":\"https://example.com/novum\""},
    {CALL_FILE_CREATE, "POST /cards/" C1 "/attachments", "\"name\":\"Novum\""},
    {CALL_LIST_CREATE, "POST /lists", "\"name\":\"Novum\""},
};
#define N_MAKINGS (sizeof makings / sizeof makings[0])

static void
make(struct push_world *world, const struct making *making)
{
	switch (making->call) {
	case CALL_CARD_CREATE:
		(void)do_create(world, A1, "Novum");
		break;
	case CALL_CHECKLIST_CREATE:
		(void)do_checklist(world, C1, "Novum");
		break;
	case CALL_ITEM_CREATE:
		(void)do_item(world, C1, STEPS, "Novum", true);
		break;
	case CALL_COMMENT_CREATE:
		(void)do_comment(world, C1, "Novum");
		break;
	case CALL_LINK_CREATE:
		(void)do_link(world, C1, "https://example.com/novum");
		break;
	case CALL_FILE_CREATE:
		(void)do_file(world, C1, "Novum", "new");
		break;
	default:
		(void)do_list(world, B0, "Novum");
		break;
	}
}

/* Whatever became of the request, there is one of it at the end. */
static void
assert_made_once(
    struct push_world *world, const struct making *making, unsigned posts)
{
	char *asked, *text;

	assert_true(world_run(world, false));
	asked = take_asked(world);
	if (count(asked, making->post) != posts)
		fail_msg("%s: asked\n%s", making->post, asked);
	free(asked);
	text = there(world, B0);
	if (count(text, making->name) != 1)
		fail_msg("%s: there is\n%s", making->post, text);
	free(text);
	assert_entries(world, 0, 0, 0);
	assert_in_step(world, B0);
}

static void
test_lost_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_MAKINGS; i++) {
		struct push_world world;

		world_init(&world, false);
		make(&world, &makings[i]);
		fail_next(&world, FAULT_LOST, makings[i].call, 1);
		assert_true(world_run(&world, false));
		assert_entries(&world, 1, 0, 0);
		open_gate(&world);
		assert_made_once(&world, &makings[i], 1);
		world_fini(&world);
	}
}

/* It was not done, and that has to be found out. */
static void
test_not_done(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_MAKINGS; i++) {
		struct push_world world;

		world_init(&world, false);
		make(&world, &makings[i]);
		fail_next(&world, FAULT_NOT_DONE, makings[i].call, 1);
		assert_true(world_run(&world, false));
		open_gate(&world);
		assert_made_once(&world, &makings[i], 2);
		world_fini(&world);
	}
}

/* Two of one name, of which the first has an unknown fate; and one that was
 * there long before. */
static void
test_twins(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_MAKINGS; i++) {
		struct push_world world;
		char *text;

		world_init(&world, false);
		make(&world, &makings[i]);
		make(&world, &makings[i]);
		fail_next(&world, FAULT_LOST, makings[i].call, 1);
		assert_true(world_run(&world, false));
		open_gate(&world);
		assert_true(world_run(&world, false));
		free(take_asked(&world));
		make(&world, &makings[i]);
		fail_next(&world, FAULT_NOT_DONE, makings[i].call, 1);
		assert_true(world_run(&world, false));
		open_gate(&world);
		assert_true(world_run(&world, false));
		text = there(&world, B0);
		assert_int_equal(count(text, makings[i].name), 3);
		free(text);
		assert_entries(&world, 0, 0, 0);
		assert_in_step(&world, B0);
		world_fini(&world);
	}
}

/* What was cut off may still be under way: it is not sent again before it
 * cannot be any more. */
static void
test_under_way(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_MAKINGS; i++) {
		const struct timespec wait = {.tv_nsec = 250000000};
		struct push_world world;
		char *asked;

		world_init(&world, false);
		world.sync->lost_wait_ms = 200;
		make(&world, &makings[i]);
		fail_next(&world, FAULT_NOT_DONE, makings[i].call, 1);
		assert_true(world_run(&world, false));
		open_gate(&world);
		(void)world_run(&world, false);
		asked = take_asked(&world);
		assert_int_equal(count(asked, makings[i].post), 1);
		free(asked);
		assert_entries(&world, 1, 0, 0);
		(void)nanosleep(&wait, NULL);
		assert_made_once(&world, &makings[i], 1);
		world_fini(&world);
	}
}

/* Many, each with its own loss. */
static void
test_hundred_losses(void **state)
{
	struct push_world world;
	char name[32], *text;

	(void)state;
	world_init(&world, false);
	for (int i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof name, "Card %d.", i);
		(void)do_create(&world, A1, name);
		fail_next(&world, i % 3 == 0 ? FAULT_NOT_DONE : FAULT_LOST,
		    CALL_CARD_CREATE, 1);
		assert_true(world_run(&world, false));
		open_gate(&world);
		assert_true(world_run(&world, false));
	}
	text = there(&world, B0);
	for (int i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof name, "\"Card %d.\"", i);
		assert_int_equal(count(text, name), 1);
	}
	free(text);
	assert_entries(&world, 0, 0, 0);
	assert_in_step(&world, B0);
	world_fini(&world);
}

static void
test_network(void **state)
{
	struct push_world world;

	(void)state;
	world_init(&world, false);
	do_title(&world, C1, "A");
	do_title(&world, C2, "B");
	fail_next(&world, FAULT_OFFLINE, CALL_COUNT, 100);
	assert_true(world_run(&world, false));
	assert_entries(&world, 2, 0, 0);
	free(take_asked(&world));
	assert_true(world_run(&world, false));
	assert_asked(&world, "");
	do_title(&world, C1, "C");
	fail_next(&world, FAULT_NONE, CALL_COUNT, 0);
	/* Something else found the network back. */
	world.sync->offline_ms = 0;
	assert_true(world_run(&world, false));
	assert_asked(
	    &world, "PUT /cards/" C1 " name=C\nPUT /cards/" C2 " name=B\n");
	assert_in_step(&world, B0);
	do_title(&world, C1, "D");
	fail_next(&world, FAULT_ACCOUNT, CALL_COUNT, 1);
	assert_true(world_run(&world, false));
	free(take_asked(&world));
	assert_entries(&world, 1, 0, 0);
	world.sync->account_gate_ms = 0;
	open_gate(&world);
	assert_true(world_run(&world, false));
	assert_asked(&world, "PUT /cards/" C1 " name=D\n");
	assert_in_step(&world, B0);
	world_fini(&world);
}

static void
test_refused(void **state)
{
	struct push_world world;
	struct node node;
	char *text;

	(void)state;
	world_init(&world, false);
	do_desc(&world, C1, "Refused words\n");
	fail_next(&world, FAULT_REFUSED, CALL_CARD_UPDATE, 1);
	assert_true(world_run(&world, false));
	assert_asked(&world, "PUT /cards/" C1 " desc=Refused%20words%0A\n");
	assert_entries(&world, 0, 0, 1);
	assert_problem(&world, "B/Todo/One.md", "the description", true);
	node = node_at(world.store, "B/Todo/One.md.error");
	assert_int_equal(node.kind, NODE_ERROR);
	/* Below the draft is what Trello has. */
	text = text_at(world.store, "B/Todo/One.md");
	assert_null(strstr(text, "Refused"));
	free(text);
	assert_in_step(&world, B0);
	/* Again, now it is taken. */
	assert_int_equal(push_retry(world.sync), 0);
	assert_true(world_run(&world, false));
	assert_asked(&world, "PUT /cards/" C1 " desc=Refused%20words%0A\n"
			     "GET /cards/" C1 "/actions\n");
	assert_entries(&world, 0, 0, 0);
	assert_false(find_path(world.store, "B/Todo/One.md.error", &node));
	text = text_at(world.store, "B/Todo/One.md");
	assert_non_null(strstr(text, "Refused words"));
	free(text);
	assert_in_step(&world, B0);
	world_fini(&world);
}

/* Of several that are refused together only the bad one is, in the end. */
static void
test_refused_together(void **state)
{
	struct push_world world;
	char *asked;

	(void)state;
	world_init(&world, false);
	do_title(&world, C1, "Good");
	do_date(&world, C1, CHANGE_DUE, INT64_C(1700000000000));
	do_flag(&world, C1, CHANGE_DONE, true);
	fail_next(&world, FAULT_REFUSED, CALL_CARD_UPDATE, 2);
	assert_true(world_run(&world, false));
	asked = take_asked(&world);
	assert_int_equal(count(asked, "PUT"), 4);
	assert_int_equal(count(asked, "due=2023-11"), 2);
	free(asked);
	assert_entries(&world, 0, 0, 1);
	assert_in_step(&world, B0);
	world_fini(&world);
}

static void
test_refused_making(void **state)
{
	struct push_world world;
	const char *card, *list;
	struct node node;
	char *asked;

	(void)state;
	world_init(&world, false);
	card = do_create(&world, A1, "Never");
	list = do_checklist(&world, card, "List");
	(void)do_item(&world, card, list, "Item", false);
	fail_next(&world, FAULT_REFUSED, CALL_CARD_CREATE, 1);
	assert_true(world_run(&world, false));
	asked = take_asked(&world);
	assert_int_equal(count(asked, "\n"), 1);
	free(asked);
	assert_entries(&world, 0, 0, 3);
	assert_problem(&world, "B/Todo/Never.md", "accept", true);
	assert_int_equal(push_retry(world.sync), 0);
	assert_true(world_run(&world, false));
	asked = take_asked(&world);
	assert_int_equal(count(asked, "\n"), 3);
	free(asked);
	assert_entries(&world, 0, 0, 0);
	assert_in_step(&world, B0);
	/* A list that is refused takes its cards along. */
	list = do_list(&world, B0, "No list");
	(void)do_create(&world, list, "Card");
	fail_next(&world, FAULT_REFUSED, CALL_LIST_CREATE, 1);
	assert_true(world_run(&world, false));
	assert_entries(&world, 0, 0, 2);
	assert_true(find_path(world.store, "B/No list/Card.md", &node));
	assert_int_equal(push_retry(world.sync), 0);
	assert_true(world_run(&world, false));
	assert_entries(&world, 0, 0, 0);
	assert_in_step(&world, B0);
	world_fini(&world);
}

static void
test_done_anyway(void **state)
{
	struct push_world world;
	struct card_change change = {.kind = CHANGE_ITEM_REMOVE,
	    .id = ITEM,
	    .parent = STEPS,
	    .old_text = (char *)"write"};

	(void)state;
	world_init(&world, false);
	elsewhere(&world, CALL_CARD_LABEL_ADD, C1, "value", LABEL);
	do_id(&world, C1, CHANGE_LABEL_ADD, LABEL);
	assert_true(world_run(&world, false));
	assert_entries(&world, 0, 0, 0);
	assert_in_step(&world, B0);
	world_change(&world, C1, &change);
	fail_next(&world, FAULT_GONE, CALL_ITEM_DELETE, 1);
	assert_true(world_run(&world, false));
	assert_entries(&world, 0, 0, 0);
	do_archive(&world, C2);
	fail_next(&world, FAULT_GONE, CALL_CARD_UPDATE, 1);
	assert_true(world_run(&world, false));
	assert_entries(&world, 0, 0, 0);
	/* But words for a card that is gone are kept. */
	do_desc(&world, C1, "Words\n");
	fail_next(&world, FAULT_GONE, CALL_CARD_UPDATE, 1);
	assert_true(world_run(&world, false));
	assert_entries(&world, 0, 0, 1);
	assert_problem(&world, "B/Todo/One.md", "the description", true);
	world_fini(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lost_answers),
	    cmocka_unit_test(test_not_done),
	    cmocka_unit_test(test_under_way),
	    cmocka_unit_test(test_twins),
	    cmocka_unit_test(test_hundred_losses),
	    cmocka_unit_test(test_network),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_refused_together),
	    cmocka_unit_test(test_refused_making),
	    cmocka_unit_test(test_done_anyway),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
