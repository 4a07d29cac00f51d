#include "push_help.h"
#include "unit.h"

#include "store/base.h"
#include "store/problems.h"
#include "store/saves.h"
#include "store/store.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static unsigned
count(const char *text, const char *word)
{
	unsigned n = 0;

	for (; (text = strstr(text, word)) != NULL; text++)
		n++;
	return n;
}

static void
test_order(void **state)
{
	struct push_world world;
	struct entry tail = {.kind = ENTRY_CARD_CHANGE,
	    .object = C1,
	    .board = B0,
	    .change = {.kind = CHANGE_COMMENT_ADD,
		.id = "5e000000own0000000000001",
		.new_text = (char *)"tail"}};

	(void)state;
	world_init(&world, false);
	/* What is still being typed does not hold up the rest. */
	tail.due_ms = time_wall_ms() + 30000;
	world_journal(&world, &tail);
	do_title(&world, C1, "Title");
	assert_true(world_run(&world, false));
	assert_asked(&world, "PUT /cards/" C1 " name=Title\n");
	assert_entries(&world, 1, 0, 0);
	/* What goes with it goes before it. */
	do_archive(&world, C1);
	assert_true(world_run(&world, false));
	assert_asked(&world, "POST /cards/" C1 "/actions/comments text=tail\n"
			     "PUT /cards/" C1 " closed=true\n");
	assert_entries(&world, 0, 0, 0);
	/* Due or not, when somebody waits. */
	tail.due_ms = time_wall_ms() + 30000;
	(void)snprintf(tail.object, sizeof tail.object, "%s", C2);
	world_journal(&world, &tail);
	assert_true(world_run(&world, false));
	assert_asked(&world, "");
	assert_true(world_run(&world, true));
	assert_asked(&world, "POST /cards/" C2 "/actions/comments text=tail\n");
	world_fini(&world);
}

/* Many objects, several at a time, one step of each. */
static void
test_width(void **state)
{
	struct push_world world;
	char name[32];

	(void)state;
	world_init(&world, false);
	for (int i = 0; i < 40; i++) {
		(void)snprintf(name, sizeof name, "Card %d", i);
		(void)do_create(&world, A1, name);
	}
	assert_true(world_run(&world, false));
	assert_int_equal(world.account.n_running_max, PUSH_SLOTS);
	assert_entries(&world, 0, 0, 0);
	assert_in_step(&world, B0);
	world_fini(&world);
}

static void
archive_list(struct push_world *world, const char *id)
{
	struct folder_changes changes = {0};
	struct invalidations out = {0};
	struct entry entry = {.kind = ENTRY_LIST_ARCHIVE, .board = B0};
	struct node node;

	(void)snprintf(entry.object, sizeof entry.object, "%s", id);
	world_journal(world, &entry);
	assert_int_equal(store_write(world->store, &changes.tx), 0);
	assert_int_equal(node_by_id(changes.tx, id, &node), 0);
	assert_int_equal(folder_remove(&changes, &node), 0);
	assert_int_equal(folder_commit(&changes, 0, &out), 0);
	invalidations_fini(&out);
}

static void
test_list_with_cards(void **state)
{
	struct push_world world;

	(void)state;
	world_init(&world, false);
	do_move(&world, C3, B0, A2, 99);
	do_archive(&world, C1);
	do_archive(&world, C2);
	archive_list(&world, A1);
	assert_true(world_run(&world, false));
	assert_asked(&world, "PUT /cards/" C3 " idList=" A2 "&pos=99\n"
			     "PUT /lists/" A1 " closed=true\n");
	assert_entries(&world, 0, 0, 0);
	assert_tree(world.store, "B/\nB/Done/\nB/Done/Four.md\n"
				 "B/Done/Three.md\n");
	world_fini(&world);
}

static void
test_breaker(void **state)
{
	struct push_world world;
	struct node node;
	char name[32];
	const char *ids[60];
	char kept[60][MODEL_ID_SIZE];

	(void)state;
	world_init(&world, false);
	for (int i = 0; i < 60; i++) {
		(void)snprintf(name, sizeof name, "Card %d", i);
		(void)do_create(&world, A1, name);
	}
	assert_true(world_run(&world, false));
	for (int i = 0; i < 60; i++) {
		(void)snprintf(name, sizeof name, "B/Todo/Card %d.md", i);
		(void)snprintf(kept[i], sizeof kept[i], "%s",
		    node_at(world.store, name).id);
		ids[i] = kept[i];
	}
	free(take_asked(&world));
	for (int i = 0; i < 60; i++)
		do_archive(&world, ids[i]);
	do_archive(&world, C1);
	do_archive(&world, C2);
	do_archive(&world, C3);
	archive_list(&world, A1);
	assert_true(world_run(&world, true));
	assert_asked(&world, "");
	assert_entries(&world, 0, 64, 0);
	assert_int_equal(push_discard(world.sync), 0);
	assert_entries(&world, 0, 0, 0);
	assert_true(find_path(world.store, "B/Todo/Card 59.md", &node));
	assert_in_step(&world, B0);
	assert_int_equal(push_discard(world.sync), -ENOENT);
	assert_int_equal(push_confirm(world.sync), 0);
	for (int i = 0; i < 60; i++)
		do_archive(&world, ids[i]);
	assert_true(world_run(&world, false));
	assert_asked(&world, "");
	assert_int_equal(push_confirm(world.sync), 0);
	assert_true(world_run(&world, false));
	assert_entries(&world, 0, 0, 0);
	assert_in_step(&world, B0);
	world_fini(&world);
}

static int64_t
only_entry(struct push_world *world)
{
	struct entries entries = {0};
	struct tx *tx;
	int64_t seq;

	assert_int_equal(store_read(world->store, true, &tx), 0);
	assert_int_equal(journal_all(tx, &entries), 0);
	store_end(tx);
	assert_int_equal(entries.list.n, 1);
	seq = entries.list.v[0].seq;
	entries_fini(&entries);
	return seq;
}

static void
test_cancel(void **state)
{
	struct push_world world;
	struct node node;
	char *before, *after;

	(void)state;
	world_init(&world, false);
	before = text_at(world.store, "B/Todo/One.md");
	do_desc(&world, C1, "Other words\n");
	assert_int_equal(push_cancel(world.sync, 4711), -ENOENT);
	assert_int_equal(push_cancel(world.sync, only_entry(&world)), 0);
	after = text_at(world.store, "B/Todo/One.md");
	assert_string_equal(after, before);
	free(after);
	free(before);
	do_archive(&world, C1);
	assert_false(find_path(world.store, "B/Todo/One.md", &node));
	assert_int_equal(push_cancel(world.sync, only_entry(&world)), 0);
	assert_true(find_path(world.store, "B/Todo/One.md", &node));
	(void)do_create(&world, A1, "Made");
	assert_int_equal(push_cancel(world.sync, only_entry(&world)), 0);
	assert_false(find_path(world.store, "B/Todo/Made.md", &node));
	do_move(&world, C1, B0, A2, 99);
	assert_int_equal(push_cancel(world.sync, only_entry(&world)), 0);
	assert_true(find_path(world.store, "B/Todo/One.md", &node));
	assert_true(world_run(&world, true));
	assert_asked(&world, "");
	assert_in_step(&world, B0);
	world_fini(&world);
}

/* Made and archived again before it was sent. */
static void
test_made_and_gone(void **state)
{
	struct push_world world;
	const char *card;

	(void)state;
	world_init(&world, false);
	card = do_create(&world, A1, "Short life");
	do_desc(&world, card, "x");
	do_archive(&world, card);
	assert_true(world_run(&world, false));
	assert_asked(&world, "");
	assert_entries(&world, 0, 0, 0);
	assert_in_step(&world, B0);
	world_fini(&world);
}

/* A new card whose text is still being written waits for it, but keeps nobody
 * waiting once that is a draft. */
static void
test_draft_of_new(void **state)
{
	struct push_world world;
	struct node node;
	struct tx *tx;

	(void)state;
	world_init(&world, false);
	(void)do_create(&world, A1, "New");
	node = node_at(world.store, "B/Todo/New.md");
	assert_int_equal(store_write(world.store, &tx), 0);
	assert_int_equal(save_truncate(tx, &node, 0, time_wall_ms()), 0);
	assert_int_equal(store_commit(tx), 0);
	assert_true(world_run(&world, true));
	assert_asked(&world, "");
	assert_int_equal(store_write(world.store, &tx), 0);
	assert_int_equal(journal_waits(tx, ""), 1);
	assert_int_equal(save_set_draft(tx, node.ino, true), 0);
	assert_int_equal(journal_waits(tx, ""), 0);
	assert_int_equal(store_commit(tx), 0);
	assert_true(world_run(&world, true));
	assert_asked(&world, "");
	assert_int_equal(store_write(world.store, &tx), 0);
	assert_int_equal(save_end(tx, node.ino), 0);
	assert_int_equal(store_commit(tx), 0);
	assert_true(world_run(&world, true));
	assert_asked(&world, "POST /cards name=New&idList=" A1 "&pos=bottom\n");
	assert_in_step(&world, B0);
	world_fini(&world);
}

/* Trello says "later" to one card: the others go on, and nobody hurries it. */
static void
test_later(void **state)
{
	struct push_world world;

	(void)state;
	world_init(&world, false);
	do_title(&world, C1, "A");
	do_title(&world, C2, "B");
	fail_next(&world, FAULT_TROUBLE, CALL_CARD_UPDATE, 1);
	assert_true(world_run(&world, true));
	assert_asked(
	    &world, "PUT /cards/" C1 " name=A\nPUT /cards/" C2 " name=B\n");
	assert_entries(&world, 1, 0, 0);
	assert_true(world_run(&world, true));
	assert_asked(&world, "");
	assert_int_equal(push_retry(world.sync), 0);
	assert_true(world_run(&world, false));
	assert_asked(&world, "PUT /cards/" C1 " name=A\n");
	assert_in_step(&world, B0);
	world_fini(&world);
}

/* Made, renamed and moved while nobody answers: one request. */
static void
test_folded(void **state)
{
	struct push_world world;
	const char *card, *list;
	char *asked;

	(void)state;
	world_init(&world, false);
	list = do_list(&world, B0, "List");
	card = do_create_at(&world, list, "First", 10);
	do_title(&world, card, "Second");
	do_move(&world, card, B0, A1, 5000);
	do_move(&world, card, B0, A2, 6000);
	assert_true(world_run(&world, false));
	asked = take_asked(&world);
	assert_int_equal(count(asked, "\n"), 2);
	assert_non_null(
	    strstr(asked, "POST /cards name=Second&idList=" A2 "&pos=6000\n"));
	free(asked);
	assert_entries(&world, 0, 0, 0);
	assert_in_step(&world, B0);
	world_fini(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_width),
	    cmocka_unit_test(test_list_with_cards),
	    cmocka_unit_test(test_breaker),
	    cmocka_unit_test(test_cancel),
	    cmocka_unit_test(test_made_and_gone),
	    cmocka_unit_test(test_draft_of_new),
	    cmocka_unit_test(test_later),
	    cmocka_unit_test(test_folded),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
