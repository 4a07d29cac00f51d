/* The list of boards: folders at the root, their names and their order. */

#include "store_help.h"
#include "unit.h"

#include "model/ids.h"
#include "store/base.h"
#include "store/store.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
	struct store *store;
	struct board a, b, c;
	struct invalidations said;
	model_ids missing;
};

static int
setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);

	assert_non_null(fixture);
	fixture->store = open_memory();
	board_make(&fixture->a, "b1", "Alpha");
	board_make(&fixture->b, "b2", "Beta");
	board_make(&fixture->c, "b3", "Gamma");
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	board_fini(&fixture->a);
	board_fini(&fixture->b);
	board_fini(&fixture->c);
	invalidations_fini(&fixture->said);
	VEC_FREE(&fixture->missing);
	store_close(fixture->store);
	free(fixture);
	return 0;
}

/* List all three. */
static void
lists(struct fixture *fixture, const char *said, const char *tree)
{
	/* In no order. */
	const struct board *boards[] = {&fixture->c, &fixture->a, &fixture->b};

	for (int twice = 0; twice < 2; twice++) {
		list_boards(fixture->store, boards, 3, &fixture->missing,
		    &fixture->said);
		assert_said(
		    fixture->store, &fixture->said, twice == 0 ? said : "");
		assert_tree(fixture->store, tree);
		assert_sound(fixture->store);
		assert_int_equal(fixture->missing.n, 0);
	}
}

static void
new_boards(void **state)
{
	struct fixture *fixture = *state;
	struct node node;

	lists(fixture, "entry Alpha\nentry Beta\nentry Gamma\ninode /\n",
	    "Alpha/\nBeta/\nGamma/\n");
	node = node_at(fixture->store, "Beta");
	assert_int_equal(node.kind, NODE_BOARD);
	assert_string_equal(node.id, id_of("b2"));
	assert_true(node.mtime_ns == fixture->b.activity_ms * 1000000);
}

static void
without_dates(void **state)
{
	struct fixture *fixture = *state;

	fixture->a.activity_ms = TIME_NONE;
	lists(fixture, "entry Alpha\nentry Beta\nentry Gamma\ninode /\n",
	    "Alpha/\nBeta/\nGamma/\n");
	assert_true(node_at(fixture->store, "Alpha").mtime_ns > 0);
}

static void
renamed(void **state)
{
	struct fixture *fixture = *state;
	uint64_t ino;

	lists(fixture, "entry Alpha\nentry Beta\nentry Gamma\ninode /\n",
	    "Alpha/\nBeta/\nGamma/\n");
	ino = ino_at(fixture->store, "Alpha");
	set_text(&fixture->a.name, "Delta");
	lists(fixture, "entry Alpha\nentry Delta\ninode /\n",
	    "Beta/\nDelta/\nGamma/\n");
	assert_int_equal(ino_at(fixture->store, "Delta"), ino);
}

static void
two_swap_names(void **state)
{
	struct fixture *fixture = *state;
	uint64_t ino;

	lists(fixture, "entry Alpha\nentry Beta\nentry Gamma\ninode /\n",
	    "Alpha/\nBeta/\nGamma/\n");
	ino = ino_at(fixture->store, "Alpha");
	set_text(&fixture->a.name, "Gamma");
	set_text(&fixture->c.name, "Alpha");
	lists(fixture, "entry Alpha\nentry Gamma\ninode /\n",
	    "Alpha/\nBeta/\nGamma/\n");
	assert_int_equal(ino_at(fixture->store, "Gamma"), ino);
}

/* The older keeps the name; who has one keeps it. */
static void
same_names(void **state)
{
	struct fixture *fixture = *state;

	set_text(&fixture->b.name, "Alpha");
	set_text(&fixture->c.name, "Alpha");
	lists(fixture,
	    "entry Alpha\nentry Alpha #00b2\nentry Alpha #00b3\ninode /\n",
	    "Alpha/\nAlpha #00b2/\nAlpha #00b3/\n");
	assert_string_equal(node_at(fixture->store, "Alpha").id, id_of("b1"));
	set_text(&fixture->a.name, "Omega");
	lists(fixture, "entry Alpha\nentry Omega\ninode /\n",
	    "Alpha #00b2/\nAlpha #00b3/\nOmega/\n");
}

static void
only_the_date_moves(void **state)
{
	struct fixture *fixture = *state;
	struct board_state state_of;
	struct tx *tx;

	lists(fixture, "entry Alpha\nentry Beta\nentry Gamma\ninode /\n",
	    "Alpha/\nBeta/\nGamma/\n");
	fixture->b.activity_ms += 7000;
	lists(fixture, "", "Alpha/\nBeta/\nGamma/\n");
	assert_int_equal(store_read(fixture->store, false, &tx), 0);
	assert_int_equal(base_board(tx, fixture->b.id, &state_of), 0);
	assert_true(state_of.listed_ms == fixture->b.activity_ms);
	assert_true(state_of.looked_ms == TIME_NONE);
	assert_false(state_of.loaded);
	assert_int_equal(state_of.error, 0);
	assert_int_equal(base_board_by_ino(tx, state_of.ino, &state_of), 0);
	assert_string_equal(state_of.id, fixture->b.id);
	assert_int_equal(base_board(tx, "nobody", &state_of), -ENOENT);
	assert_int_equal(base_board_by_ino(tx, 77, &state_of), -ENOENT);
	store_end(tx);
}

static void
missing_ones_are_told_and_stay(void **state)
{
	struct fixture *fixture = *state;
	const struct board *boards[] = {&fixture->a, &fixture->c, &fixture->a};

	lists(fixture, "entry Alpha\nentry Beta\nentry Gamma\ninode /\n",
	    "Alpha/\nBeta/\nGamma/\n");
	fixture->c.closed = true;
	list_boards(
	    fixture->store, boards, 3, &fixture->missing, &fixture->said);
	assert_said(fixture->store, &fixture->said, "");
	assert_tree(fixture->store, "Alpha/\nBeta/\nGamma/\n");
	assert_int_equal(fixture->missing.n, 2);
	assert_string_equal(fixture->missing.v[0].s, id_of("b2"));
	assert_string_equal(fixture->missing.v[1].s, id_of("b3"));
}

static void
new_ones_twice_in_a_list(void **state)
{
	struct fixture *fixture = *state;
	const struct board *boards[] = {&fixture->a, &fixture->a};

	list_boards(
	    fixture->store, boards, 2, &fixture->missing, &fixture->said);
	assert_tree(fixture->store, "Alpha/\n");
}

static void
closed_and_opened_again(void **state)
{
	struct fixture *fixture = *state;
	struct base_counts counts;
	struct node board, card;
	struct tx *tx;

	board_fini(&fixture->a);
	board_make_small(&fixture->a, "b1", "Alpha");
	apply(fixture->store, &fixture->a, NULL);
	board = node_at(fixture->store, "Alpha");
	card = node_at(fixture->store, "Alpha/Todo/One.md");
	assert_int_equal(
	    base_remove_board(fixture->store, fixture->a.id, &fixture->said),
	    0);
	assert_said(fixture->store, &fixture->said, "entry Alpha\ninode /\n");
	assert_tree(fixture->store, "");
	assert_int_equal(store_read(fixture->store, false, &tx), 0);
	assert_int_equal(base_counts(tx, &counts), 0);
	assert_int_equal(counts.boards, 0);
	assert_int_equal(counts.cards, 0);
	store_end(tx);
	assert_int_equal(
	    base_remove_board(fixture->store, fixture->a.id, &fixture->said),
	    0);
	assert_said(fixture->store, &fixture->said, "");
	assert_int_equal(
	    base_remove_board(fixture->store, "nobody", &fixture->said),
	    -ENOENT);

	list_boards(fixture->store, (const struct board *[]){&fixture->a}, 1,
	    NULL, &fixture->said);
	assert_said(fixture->store, &fixture->said,
	    "entry Alpha\ninode /\ninode Alpha\n");
	assert_tree(fixture->store, "Alpha/\n");
	apply(fixture->store, &fixture->a, &fixture->said);
	assert_sound(fixture->store);
	assert_int_equal(ino_at(fixture->store, "Alpha"), board.ino);
	assert_int_equal(ino_at(fixture->store, "Alpha/Todo/One.md"), card.ino);
	assert_int_equal(store_read(fixture->store, false, &tx), 0);
	assert_int_equal(base_counts(tx, &counts), 0);
	assert_int_equal(counts.boards, 1);
	assert_int_equal(counts.loaded, 1);
	assert_int_equal(counts.failed, 0);
	assert_int_equal(counts.cards, 4);
	store_end(tx);
}

static int
add_problem(void *cookie, const char *name, const char *why)
{
	return buf_printf(cookie, "%s: %s\n", name, why);
}

static void
assert_problems(struct fixture *fixture, const char *expected)
{
	struct buf out = BUF_INIT;
	struct tx *tx;

	assert_int_equal(store_read(fixture->store, false, &tx), 0);
	assert_int_equal(base_each_problem(tx, add_problem, &out), 0);
	store_end(tx);
	assert_string_equal(buf_str(&out), expected);
	buf_free(&out);
}

static void
problems(void **state)
{
	struct fixture *fixture = *state;
	struct base_counts counts;
	struct tx *tx;

	lists(fixture, "entry Alpha\nentry Beta\nentry Gamma\ninode /\n",
	    "Alpha/\nBeta/\nGamma/\n");
	assert_problems(fixture, "");
	assert_int_equal(base_set_board_error(fixture->store, fixture->b.id,
			     -EFBIG, "too large"),
	    0);
	assert_int_equal(base_set_board_error(fixture->store, fixture->a.id,
			     -EACCES, "no right"),
	    0);
	assert_problems(fixture, "Alpha: no right\nBeta: too large\n");
	assert_int_equal(store_read(fixture->store, false, &tx), 0);
	assert_int_equal(base_counts(tx, &counts), 0);
	assert_int_equal(counts.failed, 2);
	store_end(tx);
	/* Content mends it, and so does saying so. */
	apply(fixture->store, &fixture->b, NULL);
	assert_int_equal(
	    base_set_board_error(fixture->store, fixture->a.id, 0, NULL), 0);
	assert_problems(fixture, "");
}

static int
add_id(void *cookie, const struct board_state *state)
{
	return buf_printf(cookie, "%s ", state->id + 22);
}

static int
stop_at_once(void *cookie, const struct board_state *state)
{
	(void)cookie;
	(void)state;
	return -ECANCELED;
}

static void
newest_activity_first(void **state)
{
	struct fixture *fixture = *state;
	struct buf out = BUF_INIT;
	struct tx *tx;

	fixture->b.activity_ms += 2000;
	fixture->c.activity_ms += 1000;
	lists(fixture, "entry Alpha\nentry Beta\nentry Gamma\ninode /\n",
	    "Alpha/\nBeta/\nGamma/\n");
	assert_int_equal(store_read(fixture->store, false, &tx), 0);
	assert_int_equal(
	    base_each_board(tx, NULL, stop_at_once, NULL), -ECANCELED);
	assert_int_equal(base_each_board(tx, NULL, add_id, &out), 0);
	store_end(tx);
	assert_string_equal(buf_str(&out), "b2 b3 b1 ");
	buf_free(&out);
}

static void
local_files_have_names_too(void **state)
{
	struct fixture *fixture = *state;
	struct node node = {
	    .parent = NODE_ROOT, .kind = NODE_LOCAL_FILE, .name = "Beta"};
	struct tx *tx;

	assert_int_equal(store_write(fixture->store, &tx), 0);
	assert_int_equal(node_add_local(tx, &node), 0);
	assert_int_equal(store_commit(tx), 0);
	lists(fixture, "entry Alpha\nentry Beta #00b2\nentry Gamma\ninode /\n",
	    "Alpha/\nBeta #00b2/\nGamma/\nBeta\n");
}

/* Each new board goes between the last one and the first: there is always
 * room, and whoever has a place keeps it as long as there is. */
static void
many_between_two(void **state)
{
	struct fixture *fixture = *state;
	struct board board;
	char name[64], tail[8];
	unsigned moved = 0;

	lists(fixture, "entry Alpha\nentry Beta\nentry Gamma\ninode /\n",
	    "Alpha/\nBeta/\nGamma/\n");
	for (int i = 0; i < 120; i++) {
		int64_t off = node_at(fixture->store, "Beta").off;

		(void)snprintf(tail, sizeof tail, "e%03d", i);
		/* Ever nearer to Alpha. */
		(void)snprintf(name, sizeof name, "Alpha %03d", 500 - i);
		board_make(&board, tail, name);
		list_board_too(fixture->store, &board);
		board_fini(&board);
		assert_sound(fixture->store);
		moved += node_at(fixture->store, "Beta").off != off;
	}
	assert_in_range(moved, 1, 6);
	/* A new name is a new place, and nobody else moves for it. */
	for (int i = 0; i < 20; i++) {
		int64_t off = node_at(fixture->store, "Beta").off;

		(void)snprintf(name, sizeof name, "Alpha %03d", 400 + i);
		set_text(&fixture->c.name, name);
		list_board_too(fixture->store, &fixture->c);
		assert_sound(fixture->store);
		assert_true(node_at(fixture->store, "Beta").off == off);
	}
}

static void
hostile_names(void **state)
{
	struct fixture *fixture = *state;
	char *tree;

	set_text(&fixture->a.name, "../../etc/passwd");
	set_text(&fixture->b.name, "-rf");
	set_text(&fixture->c.name, "");
	list_boards(fixture->store,
	    (const struct board *[]){&fixture->a, &fixture->b, &fixture->c}, 3,
	    NULL, NULL);
	assert_sound(fixture->store);
	tree = tree_text(fixture->store);
	assert_string_equal(tree, "Untitled/\n"
				  "\xef\xbc\x8d"
				  "rf/\n"
				  "\xef\xbc\x8e.\xef\xbc\x8f..\xef\xbc\x8f"
				  "etc\xef\xbc\x8fpasswd/\n");
	free(tree);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(new_boards),
	    T(without_dates),
	    T(renamed),
	    T(two_swap_names),
	    T(same_names),
	    T(only_the_date_moves),
	    T(missing_ones_are_told_and_stay),
	    T(new_ones_twice_in_a_list),
	    T(closed_and_opened_again),
	    T(problems),
	    T(newest_activity_first),
	    T(local_files_have_names_too),
	    T(many_between_two),
	    T(hostile_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
