/* A board's new content: each kind of change, and what the kernel must forget
 * for it and what it may keep. */

#include "store_help.h"
#include "unit.h"

#include "model/ids.h"
#include "store/base.h"
#include "store/local.h"
#include "store/store.h"
#include "util/timeutil.h"
#include "util/zone.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SMALL_TREE          \
	"B/\n"              \
	"B/Todo/\n"         \
	"B/Todo/One.md\n"   \
	"B/Todo/Two.md\n"   \
	"B/Todo/Three.md\n" \
	"B/Done/\n"         \
	"B/Done/Four.md\n"

/* A store that knows the small board, and the board, to be changed. */
struct fixture {
	struct store *store;
	struct board board;
	struct invalidations said;
};

static int
setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);

	assert_non_null(fixture);
	fixture->store = open_memory();
	board_make_small(&fixture->board, "b1", "B");
	(void)board_add_label(&fixture->board, "d1", "bug");
	(void)board_add_label(&fixture->board, "d2", "urgent");
	apply(fixture->store, &fixture->board, NULL);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	board_fini(&fixture->board);
	invalidations_fini(&fixture->said);
	store_close(fixture->store);
	free(fixture);
	return 0;
}

static struct card *
card(struct fixture *fixture, const char *tail)
{
	struct card *found = board_card(&fixture->board, id_of(tail));

	assert_non_null(found);
	return found;
}

static struct list *
list(struct fixture *fixture, const char *tail)
{
	struct list *found = board_list(&fixture->board, id_of(tail));

	assert_non_null(found);
	return found;
}

/* Apply the board as it is now, and look at what was said and what is there.
 * The second time nothing may happen. */
static void
changes(struct fixture *fixture, const char *said, const char *tree)
{
	apply(fixture->store, &fixture->board, &fixture->said);
	assert_said(fixture->store, &fixture->said, said);
	assert_tree(fixture->store, tree);
	assert_sound(fixture->store);
	apply(fixture->store, &fixture->board, &fixture->said);
	assert_said(fixture->store, &fixture->said, "");
	assert_tree(fixture->store, tree);
}

static void
first_sight_is_quiet(void **state)
{
	struct store *store = open_memory();
	struct invalidations said = {0};
	struct board board;

	(void)state;
	board_make_small(&board, "b1", "B");
	list_boards(store, (const struct board *[]){&board}, 1, NULL, &said);
	assert_said(store, &said, "entry B\ninode /\n");
	apply(store, &board, &said);
	assert_said(store, &said, "");
	assert_tree(store, SMALL_TREE);
	assert_sound(store);
	board_fini(&board);
	store_close(store);
}

static void
same_again_is_nothing(void **state)
{
	changes(*state, "", SMALL_TREE);
}

static void
new_text(void **state)
{
	struct fixture *fixture = *state;
	struct node before = node_at(fixture->store, "B/Todo/One.md"), after;
	char *text;

	set_text(&card(fixture, "c1")->desc, "Something to do");
	changes(fixture, "inode B/Todo/One.md\n", SMALL_TREE);
	after = node_at(fixture->store, "B/Todo/One.md");
	assert_int_equal(after.ino, before.ino);
	assert_int_equal(after.off, before.off);
	assert_true(after.size > before.size);
	assert_true(after.mtime_ns > before.mtime_ns);
	assert_true(after.ctime_ns > before.ctime_ns);
	text = text_at(fixture->store, "B/Todo/One.md");
	assert_non_null(strstr(text, "Something to do"));
	free(text);
}

/* The activity alone moves the time, but not back. */
static void
new_activity(void **state)
{
	struct fixture *fixture = *state;
	struct node before = node_at(fixture->store, "B/Todo/One.md"), after;

	card(fixture, "c1")->activity_ms += 5000;
	changes(fixture, "inode B/Todo/One.md\n", SMALL_TREE);
	after = node_at(fixture->store, "B/Todo/One.md");
	assert_true(after.mtime_ns == before.mtime_ns + INT64_C(5000000000));
	assert_true(after.ctime_ns > before.ctime_ns);
	card(fixture, "c1")->activity_ms -= 9000;
	apply(fixture->store, &fixture->board, &fixture->said);
	assert_said(fixture->store, &fixture->said, "");
	before = after;
	after = node_at(fixture->store, "B/Todo/One.md");
	assert_true(after.mtime_ns == before.mtime_ns);
}

static void
times_at_first_sight(void **state)
{
	struct fixture *fixture = *state;
	int64_t ns = card(fixture, "c1")->activity_ms * 1000000;

	assert_true(node_at(fixture->store, "B/Todo/One.md").mtime_ns == ns);
	assert_true(node_at(fixture->store, "B/Todo").mtime_ns == ns);
	assert_true(node_at(fixture->store, "B").mtime_ns == ns);
}

/* What a clock of nanoseconds cannot hold is the nearest that it can. */
static void
times_far_away(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(time_parse_iso("9999-12-31T23:59:59Z",
			     &card(fixture, "c1")->activity_ms),
	    0);
	assert_int_equal(time_parse_iso("0001-01-01T00:00:00Z",
			     &card(fixture, "c2")->activity_ms),
	    0);
	fixture->board.activity_ms = card(fixture, "c1")->activity_ms;
	changes(fixture, "inode B/Todo/One.md\n", SMALL_TREE);
	assert_true(node_at(fixture->store, "B/Todo/One.md").mtime_ns >
		    INT64_C(4102444800000000000));
	set_text(&card(fixture, "c1")->desc, "later still");
	changes(fixture, "inode B/Todo/One.md\n", SMALL_TREE);
}

static void
label_renamed(void **state)
{
	struct fixture *fixture = *state;

	(void)model_ids_add(&card(fixture, "c1")->id_labels, id_of("d1"));
	(void)model_ids_add(&card(fixture, "c4")->id_labels, id_of("d1"));
	(void)model_ids_add(&card(fixture, "c2")->id_labels, id_of("d2"));
	apply(fixture->store, &fixture->board, NULL);
	set_text(&fixture->board.labels.v[0].name, "defect");
	changes(
	    fixture, "inode B/Done/Four.md\ninode B/Todo/One.md\n", SMALL_TREE);
}

static void
head_changed(void **state)
{
	struct fixture *fixture = *state;
	struct node before = node_at(fixture->store, "B/Todo/One.md"), after;

	set_text(&fixture->board.desc, "All about it");
	fixture->board.activity_ms += 1000;
	changes(fixture, "", SMALL_TREE);
	after = node_at(fixture->store, "B/Todo/One.md");
	assert_true(after.ctime_ns == before.ctime_ns);
}

static void
renamed(void **state)
{
	struct fixture *fixture = *state;
	uint64_t ino = ino_at(fixture->store, "B/Todo/Two.md");

	set_text(&card(fixture, "c2")->name, "Deux");
	changes(fixture,
	    "entry B/Todo/Deux.md\nentry B/Todo/Two.md\ninode B/Todo\n",
	    "B/\nB/Todo/\nB/Todo/One.md\nB/Todo/Deux.md\nB/Todo/Three.md\n"
	    "B/Done/\nB/Done/Four.md\n");
	assert_int_equal(ino_at(fixture->store, "B/Todo/Deux.md"), ino);
}

static void
two_swap_titles(void **state)
{
	struct fixture *fixture = *state;
	uint64_t one = ino_at(fixture->store, "B/Todo/One.md");
	uint64_t two = ino_at(fixture->store, "B/Todo/Two.md");

	set_text(&card(fixture, "c1")->name, "Two");
	set_text(&card(fixture, "c2")->name, "One");
	changes(fixture,
	    "entry B/Todo/One.md\nentry B/Todo/Two.md\ninode B/Todo\n",
	    "B/\nB/Todo/\nB/Todo/Two.md\nB/Todo/One.md\nB/Todo/Three.md\n"
	    "B/Done/\nB/Done/Four.md\n");
	assert_int_equal(ino_at(fixture->store, "B/Todo/Two.md"), one);
	assert_int_equal(ino_at(fixture->store, "B/Todo/One.md"), two);
}

static void
moved_to_another_list(void **state)
{
	struct fixture *fixture = *state;
	uint64_t ino = ino_at(fixture->store, "B/Todo/Two.md");

	memcpy(card(fixture, "c2")->id_list, id_of("a2"), MODEL_ID_SIZE);
	changes(fixture,
	    "entry B/Done/Two.md\nentry B/Todo/Two.md\n"
	    "inode B/Done\ninode B/Todo\n",
	    "B/\nB/Todo/\nB/Todo/One.md\nB/Todo/Three.md\nB/Done/\n"
	    "B/Done/Four.md\nB/Done/Two.md\n");
	assert_int_equal(ino_at(fixture->store, "B/Done/Two.md"), ino);
}

static void
moved_up(void **state)
{
	struct fixture *fixture = *state;

	card(fixture, "c3")->pos = 1.5;
	changes(fixture, "inode B/Todo\n",
	    "B/\nB/Todo/\nB/Todo/One.md\nB/Todo/Three.md\nB/Todo/Two.md\n"
	    "B/Done/\nB/Done/Four.md\n");
}

static void
moved_onto_another(void **state)
{
	struct fixture *fixture = *state;

	card(fixture, "c3")->pos = 1;
	changes(fixture, "inode B/Todo\n",
	    "B/\nB/Todo/\nB/Todo/One.md\nB/Todo/Three.md\nB/Todo/Two.md\n"
	    "B/Done/\nB/Done/Four.md\n");
}

/* Who reads the folder while others go from it misses nobody. */
static void
ties_keep_their_places(void **state)
{
	struct fixture *fixture = *state;
	struct node three, four;

	(void)board_add_card(&fixture->board, "c5", "a1", "Five", 3);
	(void)board_add_card(&fixture->board, "c6", "a1", "Six", 3);
	apply(fixture->store, &fixture->board, NULL);
	assert_sound(fixture->store);
	three = node_at(fixture->store, "B/Todo/Three.md");
	four = node_at(fixture->store, "B/Todo/Six.md");
	assert_true(four.off == three.off + 2);
	card(fixture, "c3")->closed = true;
	card(fixture, "c1")->pos = 2.5;
	changes(fixture, "gone B/Todo/Three.md\ninode B/Todo\n",
	    "B/\nB/Todo/\nB/Todo/Two.md\nB/Todo/One.md\nB/Todo/Five.md\n"
	    "B/Todo/Six.md\nB/Done/\nB/Done/Four.md\n");
	assert_true(node_at(fixture->store, "B/Todo/Six.md").off == four.off);
	card(fixture, "c3")->closed = false;
	apply(fixture->store, &fixture->board, NULL);
	assert_sound(fixture->store);
}

static void
archived(void **state)
{
	struct fixture *fixture = *state;
	uint64_t ino = ino_at(fixture->store, "B/Todo/Two.md");

	card(fixture, "c2")->closed = true;
	changes(fixture, "gone B/Todo/Two.md\ninode B/Todo\n",
	    "B/\nB/Todo/\nB/Todo/One.md\nB/Todo/Three.md\nB/Done/\n"
	    "B/Done/Four.md\n");
	card(fixture, "c2")->closed = false;
	changes(fixture, "entry B/Todo/Two.md\ninode B/Todo\n", SMALL_TREE);
	assert_int_equal(ino_at(fixture->store, "B/Todo/Two.md"), ino);
}

static void
new_card(void **state)
{
	struct fixture *fixture = *state;

	(void)board_add_card(&fixture->board, "c5", "a2", "Five", 2);
	changes(fixture, "entry B/Done/Five.md\ninode B/Done\n",
	    SMALL_TREE "B/Done/Five.md\n");
}

static void
list_renamed(void **state)
{
	struct fixture *fixture = *state;
	uint64_t ino = ino_at(fixture->store, "B/Done");

	set_text(&list(fixture, "a2")->name, "Ready");
	changes(fixture, "entry B/Done\nentry B/Ready\ninode B\n",
	    "B/\nB/Todo/\nB/Todo/One.md\nB/Todo/Two.md\nB/Todo/Three.md\n"
	    "B/Ready/\nB/Ready/Four.md\n");
	assert_int_equal(ino_at(fixture->store, "B/Ready"), ino);
}

static void
lists_swap_names(void **state)
{
	struct fixture *fixture = *state;

	set_text(&list(fixture, "a1")->name, "Done");
	set_text(&list(fixture, "a2")->name, "Todo");
	changes(fixture, "entry B/Done\nentry B/Todo\ninode B\n",
	    "B/\nB/Done/\nB/Done/One.md\nB/Done/Two.md\nB/Done/Three.md\n"
	    "B/Todo/\nB/Todo/Four.md\n");
}

static void
list_moved(void **state)
{
	struct fixture *fixture = *state;

	list(fixture, "a2")->pos = 5;
	changes(fixture, "inode B\n",
	    "B/\nB/Done/\nB/Done/Four.md\nB/Todo/\nB/Todo/One.md\n"
	    "B/Todo/Two.md\nB/Todo/Three.md\n");
}

static void
list_archived(void **state)
{
	struct fixture *fixture = *state;

	list(fixture, "a1")->closed = true;
	changes(fixture,
	    "entry B/Todo\n"
	    "gone (nowhere)/Todo/One.md\ngone (nowhere)/Todo/Three.md\n"
	    "gone (nowhere)/Todo/Two.md\n"
	    "inode (nowhere)/Todo\ninode B\n",
	    "B/\nB/Done/\nB/Done/Four.md\n");
	list(fixture, "a1")->closed = false;
	apply(fixture->store, &fixture->board, NULL);
	assert_tree(fixture->store, SMALL_TREE);
}

/* Nobody knows a new folder: what is in it need not be said. */
static void
new_list(void **state)
{
	struct fixture *fixture = *state;

	(void)board_add_list(&fixture->board, "a3", "Later", 30);
	(void)board_add_card(&fixture->board, "c5", "a3", "Five", 2);
	memcpy(card(fixture, "c1")->id_list, id_of("a3"), MODEL_ID_SIZE);
	changes(fixture,
	    "entry B/Later\nentry B/Todo/One.md\ninode B\ninode B/Todo\n",
	    "B/\nB/Todo/\nB/Todo/Two.md\nB/Todo/Three.md\nB/Done/\n"
	    "B/Done/Four.md\nB/Later/\nB/Later/One.md\nB/Later/Five.md\n");
}

static void
all_at_once(void **state)
{
	struct fixture *fixture = *state;

	set_text(&card(fixture, "c1")->name, "Two");
	set_text(&card(fixture, "c2")->name, "Four");
	memcpy(card(fixture, "c2")->id_list, id_of("a2"), MODEL_ID_SIZE);
	set_text(&card(fixture, "c4")->name, "One");
	memcpy(card(fixture, "c4")->id_list, id_of("a1"), MODEL_ID_SIZE);
	set_text(&list(fixture, "a1")->name, "Done");
	set_text(&list(fixture, "a2")->name, "Old");
	list(fixture, "a1")->pos = 100;
	card(fixture, "c3")->closed = true;
	apply(fixture->store, &fixture->board, NULL);
	assert_tree(fixture->store,
	    "B/\nB/Old/\nB/Old/Four.md\nB/Done/\nB/Done/Two.md\n"
	    "B/Done/One.md\n");
	assert_sound(fixture->store);
}

static void
moved_to_another_board(void **state)
{
	struct fixture *fixture = *state;
	uint64_t ino = ino_at(fixture->store, "B/Todo/Two.md");
	struct board other;
	struct card *there;

	board_make(&other, "b2", "C");
	(void)board_add_list(&other, "aa", "Inbox", 1);
	there = board_add_card(&other, "c2", "aa", "Two", 1);
	memcpy(there->id_board, other.id, MODEL_ID_SIZE);
	list_board_too(fixture->store, &other);
	/* The other board is seen for the first time: this one is not. */
	apply(fixture->store, &other, &fixture->said);
	assert_said(fixture->store, &fixture->said,
	    "entry B/Todo/Two.md\ninode B/Todo\n");
	assert_int_equal(ino_at(fixture->store, "C/Inbox/Two.md"), ino);
	card(fixture, "c2")->closed = true;
	changes(fixture, "",
	    "B/\nB/Todo/\nB/Todo/One.md\nB/Todo/Three.md\nB/Done/\n"
	    "B/Done/Four.md\nC/\nC/Inbox/\nC/Inbox/Two.md\n");
	/* And back, the board it leaves first. */
	there->closed = true;
	apply(fixture->store, &other, &fixture->said);
	assert_said(fixture->store, &fixture->said,
	    "gone C/Inbox/Two.md\ninode C/Inbox\n");
	card(fixture, "c2")->closed = false;
	changes(fixture, "entry B/Todo/Two.md\ninode B/Todo\n",
	    SMALL_TREE "C/\nC/Inbox/\n");
	assert_int_equal(ino_at(fixture->store, "B/Todo/Two.md"), ino);
	board_fini(&other);
}

static void
list_moved_to_another_board(void **state)
{
	struct fixture *fixture = *state;
	struct board other;

	board_make(&other, "b2", "C");
	(void)board_add_list(&other, "a2", "Done", 1);
	(void)board_add_card(&other, "c4", "a2", "Four", 1);
	apply(fixture->store, &other, &fixture->said);
	assert_said(fixture->store, &fixture->said, "entry B/Done\ninode B\n");
	list(fixture, "a2")->closed = true;
	changes(fixture, "",
	    "B/\nB/Todo/\nB/Todo/One.md\nB/Todo/Two.md\nB/Todo/Three.md\n"
	    "C/\nC/Done/\nC/Done/Four.md\n");
	board_fini(&other);
}

/* The name of what goes is free at once. */
static void
names_of_what_goes(void **state)
{
	struct fixture *fixture = *state;

	list(fixture, "a2")->closed = true;
	card(fixture, "c1")->closed = true;
	(void)board_add_list(&fixture->board, "a3", "Done", 30);
	(void)board_add_card(&fixture->board, "c5", "a1", "One", 2.5);
	changes(fixture,
	    "entry B/Done\nentry B/Todo/One.md\n"
	    "gone (nowhere)/Done/Four.md\n"
	    "gone B/Todo/One.md\ninode (nowhere)/Done\ninode B\n"
	    "inode B/Todo\n",
	    "B/\nB/Todo/\nB/Todo/Two.md\nB/Todo/One.md\nB/Todo/Three.md\n"
	    "B/Done/\n");
}

static void
make_local(struct fixture *fixture, const char *folder, const char *name,
    enum node_kind kind)
{
	struct node node = {.kind = kind, .mode = -1, .uid = -1, .gid = -1};
	struct tx *tx;

	node.parent = ino_at(fixture->store, folder);
	(void)snprintf(node.name, sizeof node.name, "%s", name);
	assert_int_equal(store_write(fixture->store, &tx), 0);
	assert_int_equal(node_add_local(tx, &node), 0);
	assert_int_equal(store_commit(tx), 0);
}

static void
local_file_has_the_name(void **state)
{
	struct fixture *fixture = *state;

	make_local(fixture, "B", "Later", NODE_LOCAL_FILE);
	make_local(fixture, "B/Todo", ".Five.md", NODE_LOCAL_FILE);
	(void)board_add_list(&fixture->board, "1234", "Later", 30);
	(void)board_add_card(&fixture->board, "c5", "a1", ".Five", 30);
	changes(fixture,
	    "entry B/Later #1234\nentry B/Todo/\xef\xbc\x8e"
	    "Five.md\ninode B\ninode B/Todo\n",
	    "B/\nB/Todo/\nB/Todo/One.md\nB/Todo/Two.md\nB/Todo/Three.md\n"
	    "B/Todo/\xef\xbc\x8e"
	    "Five.md\nB/Todo/.Five.md\nB/Done/\nB/Done/Four.md\n"
	    "B/Later #1234/\nB/Later\n");
}

/* What a reply lacks and is kept all the same stays as it is, and its name is
 * taken. */
static void
kept(void **state)
{
	struct fixture *fixture = *state;
	model_ids keep = {0};

	assert_int_equal(model_ids_add(&keep, id_of("a2")), 0);
	assert_int_equal(model_ids_add(&keep, id_of("c4")), 0);
	assert_int_equal(model_ids_add(&keep, id_of("c2")), 0);
	list(fixture, "a2")->closed = true;
	card(fixture, "c2")->closed = true;
	(void)board_add_list(&fixture->board, "4444", "Done", 5);
	(void)board_add_card(&fixture->board, "5555", "a1", "Two", 0.5);
	list_board_too(fixture->store, &fixture->board);
	assert_int_equal(
	    try_apply(fixture->store, &fixture->board, &keep, &fixture->said),
	    0);
	assert_said(fixture->store, &fixture->said,
	    "entry B/Done #4444\nentry B/Todo/Two #5555.md\n"
	    "inode B\ninode B/Todo\n");
	assert_tree(fixture->store,
	    "B/\nB/Done #4444/\nB/Todo/\nB/Todo/Two #5555.md\n"
	    "B/Todo/One.md\nB/Todo/Two.md\nB/Todo/Three.md\n"
	    "B/Done/\nB/Done/Four.md\n");
	assert_sound(fixture->store);
	VEC_FREE(&keep);
}

/* A list that is kept keeps its cards. */
static void
missing_is_told(void **state)
{
	struct fixture *fixture = *state;
	model_ids lists = {0}, cards = {0};

	list(fixture, "a2")->closed = true;
	card(fixture, "c2")->closed = true;
	assert_int_equal(
	    base_missing(fixture->store, &fixture->board, &lists, &cards), 0);
	assert_int_equal(lists.n, 1);
	assert_string_equal(lists.v[0].s, id_of("a2"));
	/* The cards of a missing list go with it, or stay with it. */
	assert_int_equal(cards.n, 1);
	assert_string_equal(cards.v[0].s, id_of("c2"));
	assert_int_equal(
	    try_apply(fixture->store, &fixture->board, &lists, NULL), 0);
	assert_tree(fixture->store,
	    "B/\nB/Todo/\nB/Todo/One.md\nB/Todo/Three.md\nB/Done/\n"
	    "B/Done/Four.md\n");
	assert_sound(fixture->store);
	VEC_FREE(&lists);
	VEC_FREE(&cards);
}

static void
other_zone(void **state)
{
	struct fixture *fixture = *state;
	struct invalidations said = {0};
	struct zone zone;
	int offset_s = 3600;
	char *text;

	card(fixture, "c1")->due_ms = INT64_C(1600000000000);
	apply(fixture->store, &fixture->board, NULL);
	zone_init_fixed(&zone, &offset_s);
	assert_int_equal(
	    base_show_again(fixture->store, fixture->board.id, &zone, &said),
	    0);
	assert_said(fixture->store, &said, "inode B/Todo/One.md\n");
	text = text_at(fixture->store, "B/Todo/One.md");
	assert_non_null(strstr(text, "due: 2020-09-13T13:26:40+01:00\n"));
	free(text);
	assert_int_equal(
	    base_show_again(fixture->store, fixture->board.id, &zone, &said),
	    0);
	assert_said(fixture->store, &said, "");
}

/* Things of one id but of different kinds do no harm. */
static void
ids_that_lie(void **state)
{
	struct fixture *fixture = *state;

	(void)board_add_list(&fixture->board, "b1", "Myself", 3);
	list_board_too(fixture->store, &fixture->board);
	assert_int_equal(
	    try_apply(fixture->store, &fixture->board, NULL, NULL), -EBADMSG);
	assert_tree(fixture->store, SMALL_TREE);
	list(fixture, "b1")->closed = true;
	(void)board_add_card(&fixture->board, "a2", "a1", "A list", 3);
	assert_int_equal(
	    try_apply(fixture->store, &fixture->board, NULL, NULL), -EBADMSG);
	assert_tree(fixture->store, SMALL_TREE);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(first_sight_is_quiet),
	    T(same_again_is_nothing),
	    T(new_text),
	    T(new_activity),
	    T(times_at_first_sight),
	    T(times_far_away),
	    T(label_renamed),
	    T(head_changed),
	    T(renamed),
	    T(two_swap_titles),
	    T(moved_to_another_list),
	    T(moved_up),
	    T(moved_onto_another),
	    T(ties_keep_their_places),
	    T(archived),
	    T(new_card),
	    T(list_renamed),
	    T(lists_swap_names),
	    T(list_moved),
	    T(list_archived),
	    T(new_list),
	    T(all_at_once),
	    T(moved_to_another_board),
	    T(list_moved_to_another_board),
	    T(names_of_what_goes),
	    T(local_file_has_the_name),
	    T(kept),
	    T(missing_is_told),
	    T(other_zone),
	    T(ids_that_lie),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
