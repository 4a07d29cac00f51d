/* Texts that have changed, as the kernel still has them. */

#include "store_help.h"
#include "unit.h"

#include "store/store.h"
#include "store/untold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH "B/Todo/One.md"

static char folder[64];
static struct store *store;
static struct untold *untold;
static struct board board;
static uint64_t ino;
static struct node before, after;
static char *old_text;

static int
set_up(void **state)
{
	char path[96];

	(void)state;
	temp_make(folder);
	(void)snprintf(path, sizeof path, "%s/db", folder);
	store = open_file(path);
	untold = store_untold(store);
	board_make_small(&board, "b1", "B");
	apply(store, &board, NULL);
	ino = ino_at(store, PATH);
	before = node_at(store, PATH);
	old_text = text_at(store, PATH);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	free(old_text);
	board_fini(&board);
	store_close(store);
	temp_remove(folder);
	return 0;
}

static void
change(const char *desc)
{
	set_text(&board.cards.v[0].desc, desc);
	board.cards.v[0].activity_ms += 1000;
	board.activity_ms += 1000;
	apply(store, &board, NULL);
	after = node_at(store, PATH);
}

/* Which attributes are given: 'o' the old ones, 'n' the new ones. */
static char
attributes(void)
{
	struct node node = node_at(store, PATH);
	bool kept = untold_attributes(untold, &node);
	const struct node *is = kept ? &before : &after;

	assert_int_equal(node.size, is->size);
	assert_int_equal(node.mtime_ns, is->mtime_ns);
	assert_int_equal(node.ctime_ns, is->ctime_ns);
	return kept ? 'o' : 'n';
}

static bool
reads_old(void)
{
	char data[4096];
	size_t len;

	if (!untold_read(untold, ino, 4, data, sizeof data, &len))
		return false;
	assert_int_equal(len, strlen(old_text) - 4);
	assert_memory_equal(data, old_text + 4, len);
	assert_true(untold_read(untold, ino, 1 << 20, data, sizeof data, &len));
	assert_int_equal(len, 0);
	return true;
}

struct waiting {
	struct untold_waiter waiter;
	int done;
};

static void
count(struct untold_waiter *waiter)
{
	((struct waiting *)waiter)->done++;
}

static void
from_the_change_to_the_first_who_asks(void **state)
{
	struct waiting one = {{.done = count}, 0}, two = one;

	(void)state;
	assert_false(reads_old());
	change("A text that is much longer than the one that was there");
	assert_int_equal(attributes(), 'o');
	assert_true(reads_old());
	assert_false(untold_wait(untold, ino, &one.waiter));

	assert_true(untold_by_others(untold, ino));
	assert_false(untold_take_own(untold));
	untold_pause(untold, ino);
	assert_true(untold_wait(untold, ino, &one.waiter));
	assert_true(untold_wait(untold, ino, &two.waiter));
	assert_int_equal(attributes(), 'o');
	assert_true(reads_old());

	assert_true(untold_told(untold, ino, true));
	assert_int_equal(one.done + two.done, 1);
	assert_true(reads_old());
	assert_int_equal(attributes(), 'n');
	assert_false(reads_old());
	assert_true(untold_is_empty(untold));
	untold_release(untold);
	assert_int_equal(one.done, 1);
	assert_int_equal(two.done, 1);
}

static void
twice(void **state)
{
	(void)state;
	change("one");
	change("two, and the kernel has still what was first");
	assert_int_equal(attributes(), 'o');
	assert_true(reads_old());
	assert_false(untold_told(untold, ino, true));
	assert_int_equal(attributes(), 'n');
	assert_false(reads_old());
}

static void
nobody_knows_it(void **state)
{
	(void)state;
	change("new");
	assert_false(untold_told(untold, ino, false));
	assert_true(untold_is_empty(untold));
}

static void
what_was_read_before_the_commit(void **state)
{
	struct node node = before;

	(void)state;
	change("new");
	assert_false(untold_told(untold, ino, true));
	assert_false(untold_attributes(untold, &node));
	assert_true(reads_old());
	assert_int_equal(attributes(), 'n');
}

static void
forgotten(void **state)
{
	struct waiting one = {{.done = count}, 0};

	(void)state;
	change("new");
	untold_pause(untold, ino);
	assert_true(untold_wait(untold, ino, &one.waiter));
	untold_expire(untold);
	assert_int_equal(one.done, 0);
	untold_forget(untold);
	assert_int_equal(one.done, 1);
	assert_false(reads_old());
	assert_int_equal(attributes(), 'n');
}

/* Any text stands for what was saved. */
static void
changed_here(void **state)
{
	struct invalidations out = {0};

	(void)state;
	assert_int_equal(invalidate_inode(&out, ino), 0);
	untold_keep(store, &out, UNTOLD_OWN);
	invalidations_fini(&out);
	change("new");
	assert_true(untold_take_own(untold));
	assert_false(untold_take_own(untold));
	assert_false(untold_by_others(untold, ino));
	assert_true(reads_old());
	assert_int_equal(attributes(), 'n');
	assert_false(reads_old());
}

static void
nothing_has_changed(void **state)
{
	(void)state;
	apply(store, &board, NULL);
	assert_true(untold_is_empty(untold));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		from_the_change_to_the_first_who_asks, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(twice, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(nobody_knows_it, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		what_was_read_before_the_commit, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(forgotten, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(changed_here, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		nothing_has_changed, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
