#include "store_help.h"
#include "unit.h"

#include "store/accept.h"
#include "store/base.h"
#include "store/folder.h"
#include "store/former.h"
#include "store/store.h"
#include "store/view.h"
#include "util/timeutil.h"
#include "util/zone.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define C1 "5e00000000000000000000c1"
#define C2 "5e00000000000000000000c2"
#define OWN "5e000000own0000000000007"

static struct store *store;
static struct board board;
static uint64_t todo, done;

static struct card *
card(const char *tail)
{
	for (size_t i = 0; i < board.cards.n; i++)
		if (strcmp(board.cards.v[i].id, id_of(tail)) == 0)
			return &board.cards.v[i];
	fail();
	return NULL;
}

/* The small board; the cards' links are their numbers. */
static int
set_up(void **state)
{
	(void)state;
	store = open_memory();
	board_make_small(&board, "b0", "B");
	set_text(&card("c1")->short_link, "link1");
	set_text(&card("c2")->short_link, "link2");
	apply(store, &board, NULL);
	todo = ino_at(store, "B/Todo");
	done = ino_at(store, "B/Done");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	board_fini(&board);
	store_close(store);
	return 0;
}

/* "" for none. */
static void
assert_found(
    uint64_t folder, const char *name, const char *link, const char *expected)
{
	char id[MODEL_ID_SIZE] = "";
	struct tx *tx;
	int r;

	assert_int_equal(store_read(store, true, &tx), 0);
	r = former_find(tx, folder, name, link, id);
	store_end(tx);
	assert_int_equal(r, expected[0] != '\0' ? 0 : -ENOENT);
	assert_string_equal(id, expected);
}

static void
first_sight(void **state)
{
	(void)state;
	assert_found(todo, "One.md", "link1", "");
	apply(store, &board, NULL);
	assert_found(todo, "One.md", "link1", "");
}

static void
renamed(void **state)
{
	(void)state;
	set_text(&card("c1")->name, "Uno");
	apply(store, &board, NULL);
	assert_found(todo, "One.md", "link1", C1);
	assert_found(todo, "One.md", C1, C1);
	assert_found(todo, "One.md", "link2", "");
	assert_found(todo, "Uno.md", "link1", "");
	assert_found(done, "One.md", "link1", "");
}

static void
two_swap_names(void **state)
{
	(void)state;
	set_text(&card("c1")->name, "Two");
	set_text(&card("c2")->name, "One");
	apply(store, &board, NULL);
	assert_found(todo, "One.md", "link1", C1);
	assert_found(todo, "One.md", "link2", "");
	assert_found(todo, "Two.md", "link2", C2);
	/* Both have had both. */
	set_text(&card("c1")->name, "One");
	set_text(&card("c2")->name, "Two");
	apply(store, &board, NULL);
	assert_found(todo, "One.md", "link1", C1);
	assert_found(todo, "One.md", "link2", C2);
}

static void
moved(void **state)
{
	(void)state;
	memcpy(card("c1")->id_list, id_of("a2"), MODEL_ID_SIZE);
	apply(store, &board, NULL);
	assert_found(todo, "One.md", "link1", C1);
	assert_found(done, "One.md", "link1", "");
}

/* What it was called before Trello gave it an id, and what is known of it. */
static void
archived(void **state)
{
	struct folder_changes changes = {0};
	struct invalidations out = {0};

	(void)state;
	assert_int_equal(store_write(store, &changes.tx), 0);
	assert_int_equal(accept_id(&changes, OWN, C2), 0);
	assert_int_equal(folder_commit(&changes, 0, &out), 0);
	invalidations_fini(&out);
	apply(store, &board, NULL);
	card("c1")->closed = true;
	card("c2")->closed = true;
	apply(store, &board, NULL);
	assert_found(todo, "One.md", "link1", C1);
	assert_found(todo, "Two.md", OWN, C2);
}

/* What the user does himself is not among it. */
static void
moved_here(void **state)
{
	struct folder_changes changes = {0};
	struct invalidations out = {0};
	struct node node = node_at(store, "B/Todo/One.md");
	struct node other = node;

	(void)state;
	other.parent = done;
	assert_int_equal(store_write(store, &changes.tx), 0);
	assert_int_equal(folder_place(&changes, &node, &other), 0);
	assert_int_equal(folder_remove(&changes, &other), 0);
	assert_int_equal(folder_commit(&changes, 0, &out), 0);
	invalidations_fini(&out);
	assert_found(todo, "One.md", "link1", "");
	assert_found(done, "One.md", "link1", "");
}

static void
for_thirty_days(void **state)
{
	int64_t then_ms = time_wall_ms() + FORMER_KEPT_MS;
	struct tx *tx;

	(void)state;
	set_text(&card("c1")->name, "Uno");
	apply(store, &board, NULL);
	assert_int_equal(store_write(store, &tx), 0);
	assert_int_equal(former_prune(tx, then_ms - 60000), 0);
	assert_int_equal(store_commit(tx), 0);
	assert_found(todo, "One.md", "link1", C1);
	assert_int_equal(store_write(store, &tx), 0);
	assert_int_equal(former_prune(tx, then_ms + 60000), 0);
	assert_int_equal(store_commit(tx), 0);
	assert_found(todo, "One.md", "link1", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(first_sight, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(renamed, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(two_swap_names, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(moved, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(archived, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(moved_here, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(for_thirty_days, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
