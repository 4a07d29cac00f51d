#include "store_help.h"
#include "unit.h"

#include "store/base.h"
#include "store/revisions.h"
#include "store/saves.h"
#include "store/store.h"
#include "store/view.h"
#include "util/buf.h"
#include "util/timeutil.h"
#include "util/zone.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define C1 "5e00000000000000000000c1"
#define C2 "5e00000000000000000000c2"
#define A1 "5e00000000000000000000a1"
#define A2 "5e00000000000000000000a2"
#define B0 "5e00000000000000000000b0"
/* With room for one more letter. */
#define OWN "5e000000own000000000007"

static struct store *store;
static struct zone zone;

static int
set_up(void **state)
{
	struct board board;

	(void)state;
	zone_init_utc(&zone);
	store = open_memory();
	board_make_small(&board, "b0", "B");
	(void)board_add_label(&board, "b1", "bug");
	apply(store, &board, NULL);
	board_fini(&board);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	store_close(store);
	return 0;
}

static void
journal(struct entry entry)
{
	struct tx *tx;

	assert_int_equal(store_write(store, &tx), 0);
	assert_int_equal(journal_add(tx, &entry), 0);
	assert_int_equal(store_commit(tx), 0);
}

static void
journal_in(struct tx *tx, enum entry_kind kind, const char *card)
{
	struct entry entry = {.kind = kind, .board = B0};

	(void)snprintf(entry.object, sizeof entry.object, "%s", card);
	assert_int_equal(journal_add(tx, &entry), 0);
}

static void
change(const char *card, struct card_change what)
{
	struct entry entry = {
	    .kind = ENTRY_CARD_CHANGE, .board = B0, .change = what};

	(void)snprintf(entry.object, sizeof entry.object, "%s", card);
	journal(entry);
}

static void
journal_move(void)
{
	journal((struct entry){.kind = ENTRY_CARD_MOVE,
	    .object = C1,
	    .board = B0,
	    .list = A2,
	    .pos = 99});
}

static struct view_card
view_of(const char *id)
{
	struct view_card view;
	struct tx *tx;

	assert_int_equal(store_read(store, true, &tx), 0);
	assert_int_equal(view_card(tx, id, NULL, &view), 0);
	store_end(tx);
	return view;
}

static void
show(const char *id, struct view_show how, struct invalidations *said)
{
	struct folder_changes changes = {0};
	struct invalidations forgotten = {0};

	how.zone = &zone;
	assert_int_equal(store_write(store, &changes.tx), 0);
	assert_int_equal(view_show_card(&changes, id, &how), 0);
	assert_int_equal(
	    folder_commit(&changes, 0, said != NULL ? said : &forgotten), 0);
	invalidations_fini(&forgotten);
}

static void
test_overlay(void **state)
{
	struct view_card view = view_of(C1);
	struct tx *tx;

	(void)state;
	assert_false(view.pending);
	view_card_fini(&view);
	change(C1, (struct card_change){
		       .kind = CHANGE_TITLE, .new_text = (char *)"Uno"});
	change(C1, (struct card_change){.kind = CHANGE_LABEL_ADD,
		       .id = "5e00000000000000000000b1"});
	journal_move();
	view = view_of(C1);
	assert_true(view.pending);
	assert_false(view.hidden);
	assert_string_equal(view.card.name, "Uno");
	assert_int_equal(view.card.id_labels.n, 1);
	assert_string_equal(view.card.id_list, A2);
	view_card_fini(&view);
	journal((struct entry){
	    .kind = ENTRY_CARD_ARCHIVE, .object = C1, .board = B0});
	view = view_of(C1);
	assert_true(view.hidden);
	view_card_fini(&view);
	assert_int_equal(store_read(store, true, &tx), 0);
	assert_int_equal(view_card(tx, "nobody", NULL, &view), -ENOENT);
	store_end(tx);
}

/* What was refused is not shown; but what was not made is. */
static void
test_refused(void **state)
{
	struct view_card view;

	(void)state;
	journal((struct entry){.kind = ENTRY_CARD_CHANGE,
	    .state = ENTRY_REFUSED,
	    .object = C1,
	    .board = B0,
	    .change = {.kind = CHANGE_TITLE, .new_text = (char *)"Uno"}});
	view = view_of(C1);
	assert_false(view.pending);
	assert_string_equal(view.card.name, "One");
	view_card_fini(&view);
	journal((struct entry){.kind = ENTRY_CARD_CREATE,
	    .state = ENTRY_REFUSED,
	    .object = OWN,
	    .board = B0,
	    .list = A1,
	    .title = (char *)"New",
	    .pos = 5});
	view = view_of(OWN);
	assert_string_equal(view.card.name, "New");
	assert_string_equal(view.card.id_list, A1);
	view_card_fini(&view);
}

static void
test_made(void **state)
{
	struct invalidations said = {0};
	struct node node;

	(void)state;
	journal((struct entry){.kind = ENTRY_CARD_CREATE,
	    .object = OWN,
	    .board = B0,
	    .list = A1,
	    .title = (char *)"New",
	    .pos = 1.5});
	show(OWN, (struct view_show){.local = true}, &said);
	assert_said(store, &said, "entry B/Todo/New.md\ninode B/Todo\n");
	assert_tree(store,
	    "B/\nB/Todo/\nB/Todo/One.md\nB/Todo/New.md\nB/Todo/Two.md\n"
	    "B/Todo/Three.md\nB/Done/\nB/Done/Four.md\n");
	node = node_at(store, "B/Todo/New.md");
	assert_string_equal(node.id, OWN);
}

static void
test_moved(void **state)
{
	struct invalidations said = {0};
	uint64_t ino = ino_at(store, "B/Todo/One.md");

	(void)state;
	journal_move();
	show(C1, (struct view_show){0}, &said);
	assert_said(store, &said,
	    "entry B/Done/One.md\nentry B/Todo/One.md\ninode B/Done\n"
	    "inode B/Todo\n");
	assert_int_equal(ino_at(store, "B/Done/One.md"), ino);
	/* And there is one of its name. */
	change(C2, (struct card_change){
		       .kind = CHANGE_TITLE, .new_text = (char *)"One"});
	show(C2, (struct view_show){.rename = true}, NULL);
	journal((struct entry){.kind = ENTRY_CARD_MOVE,
	    .object = C2,
	    .board = B0,
	    .list = A2,
	    .pos = 100});
	show(C2, (struct view_show){0}, NULL);
	assert_int_equal(ino_at(store, "B/Done/One.md"), ino);
	assert_tree(store,
	    "B/\nB/Todo/\nB/Todo/Three.md\nB/Done/\nB/Done/Four.md\n"
	    "B/Done/One.md\nB/Done/One #00c2.md\n");
}

static void
move(const char *card, const char *list, double pos)
{
	struct entry entry = {.kind = ENTRY_CARD_MOVE, .board = B0};

	(void)snprintf(entry.object, sizeof entry.object, "%s", card);
	(void)snprintf(entry.list, sizeof entry.list, "%s", list);
	entry.pos = pos;
	journal(entry);
	show(card, (struct view_show){0}, NULL);
}

static void
assert_last_pos(const char *path, enum node_kind kind, double expected)
{
	uint64_t folder = ino_at(store, path);
	double pos = -1;
	struct tx *tx;

	assert_int_equal(store_read(store, true, &tx), 0);
	assert_int_equal(folder_last_pos(tx, folder, kind, &pos), 0);
	store_end(tx);
	assert_true(pos >= expected && pos <= expected);
}

/* Who comes to the place of another gets an offset of its own, in the order of
 * their ids; and gives it back when it goes on. */
static void
test_moved_to_one_place(void **state)
{
	static const char c3[] = "5e00000000000000000000c3";
	int64_t first = node_at(store, "B/Todo/Two.md").off;

	(void)state;
	move(C1, A1, 2);
	move(c3, A1, 2);
	assert_tree(store,
	    "B/\nB/Todo/\nB/Todo/One.md\nB/Todo/Two.md\nB/Todo/Three.md\n"
	    "B/Done/\nB/Done/Four.md\n");
	assert_int_equal(node_at(store, "B/Todo/One.md").off, first);
	assert_int_equal(node_at(store, "B/Todo/Two.md").off, first + 1);
	assert_int_equal(node_at(store, "B/Todo/Three.md").off, first + 2);
	move(C1, A2, 2);
	move(c3, A2, 1);
	assert_tree(store,
	    "B/\nB/Todo/\nB/Todo/Two.md\nB/Done/\nB/Done/Three.md\n"
	    "B/Done/Four.md\nB/Done/One.md\n");
	assert_last_pos("B/Done", NODE_CARD, 2);
	assert_last_pos("B", NODE_LIST, 20);
	assert_last_pos("B", NODE_CARD, 0);
}

/* Of names that the kernel changes by itself nothing is said, nor of their
 * folders; of others it is, also in the same folder. */
static void
test_asked(void **state)
{
	struct view_show how = {.zone = &zone, .name = "One.md"};
	struct folder_changes changes = {0};
	struct invalidations said = {0};
	struct node before = node_at(store, "B/Todo"), after;

	(void)state;
	journal_move();
	changes.asked[0].parent = ino_at(store, "B/Todo");
	changes.asked[0].name = "One.md";
	changes.asked[1].parent = ino_at(store, "B/Done");
	changes.asked[1].name = "One.md";
	assert_int_equal(store_write(store, &changes.tx), 0);
	assert_int_equal(view_show_card(&changes, C1, &how), 0);
	journal_in(changes.tx, ENTRY_CARD_ARCHIVE, C2);
	how.name = NULL;
	assert_int_equal(view_show_card(&changes, C2, &how), 0);
	assert_int_equal(folder_commit(&changes, 0, &said), 0);
	assert_said(store, &said, "gone B/Todo/Two.md\n");
	assert_tree(store,
	    "B/\nB/Todo/\nB/Todo/Three.md\nB/Done/\nB/Done/Four.md\n"
	    "B/Done/One.md\n");
	after = node_at(store, "B/Todo");
	assert_true(after.mtime_ns > before.mtime_ns);
}

/* A card that only moved is where and what it is when it is shown anew. */
static void
test_only_moved(void **state)
{
	struct folder_changes changes = {0};
	struct invalidations said = {0};
	struct node list = node_at(store, "B/Done");
	struct node before = node_at(store, "B/Todo/One.md"), moved, shown;

	(void)state;
	journal_move();
	assert_int_equal(store_write(store, &changes.tx), 0);
	assert_int_equal(view_move_card(&changes, &before, &list, 99), 0);
	assert_int_equal(folder_commit(&changes, 0, &said), 0);
	assert_said(store, &said,
	    "entry B/Done/One.md\nentry B/Todo/One.md\n"
	    "inode B/Done\ninode B/Todo\n");
	moved = node_at(store, "B/Done/One.md");
	assert_true(moved.ctime_ns > before.ctime_ns);
	show(C1, (struct view_show){.keep_times = true}, &said);
	assert_said(store, &said, "");
	shown = node_at(store, "B/Done/One.md");
	assert_int_equal(shown.ino, before.ino);
	assert_int_equal(shown.off, moved.off);
	assert_int_equal(shown.size, moved.size);
	assert_int_equal(shown.mtime_ns, before.mtime_ns);
	assert_int_equal(shown.ctime_ns, moved.ctime_ns);
	assert_true(shown.pos > 98 && shown.pos < 100);
}

static void
test_hidden_and_back(void **state)
{
	struct invalidations said = {0};
	uint64_t ino = ino_at(store, "B/Todo/One.md");
	struct node node;
	struct tx *tx;

	(void)state;
	journal((struct entry){
	    .kind = ENTRY_CARD_ARCHIVE, .object = C1, .board = B0});
	show(C1, (struct view_show){0}, &said);
	assert_said(store, &said, "gone B/Todo/One.md\ninode B/Todo\n");
	assert_false(find_path(store, "B/Todo/One.md", &node));
	assert_int_equal(store_write(store, &tx), 0);
	assert_int_equal(journal_remove(tx, 1), 0);
	assert_int_equal(store_commit(tx), 0);
	show(C1, (struct view_show){0}, NULL);
	assert_int_equal(ino_at(store, "B/Todo/One.md"), ino);
	assert_sound(store);
}

/* Nothing is said where nothing changes. */
static void
test_same(void **state)
{
	struct invalidations said = {0};
	struct node before = node_at(store, "B/Todo/One.md"), after;

	(void)state;
	show(C1, (struct view_show){.keep_times = true}, &said);
	assert_said(store, &said, "");
	after = node_at(store, "B/Todo/One.md");
	assert_int_equal(after.ino, before.ino);
	assert_int_equal(after.mtime_ns, before.mtime_ns);
	assert_int_equal(after.ctime_ns, before.ctime_ns);
	assert_int_equal(after.off, before.off);
	assert_int_equal(after.size, before.size);
}

/* A text that was saved stays, byte for byte, as long as it says the same. */
static void
test_saved_text(void **state)
{
	char *text = text_at(store, "B/Todo/One.md"), *now;
	char *rev = strstr(text, "\nrev: ");
	struct invalidations said = {0};
	bool saved = false;
	struct view_show how = {
	    .local = true, .rev = "abcdef01", .ret_saved = &saved};
	struct buf words = BUF_INIT;
	struct tx *tx;

	(void)state;
	assert_non_null(rev);
	memcpy(rev + 6, "abcdef01", 8);
	how.text = text;
	how.len = strlen(text);
	show(C1, how, NULL);
	assert_true(saved);
	show(C1, (struct view_show){.keep_times = true}, &said);
	assert_said(store, &said, "");
	now = text_at(store, "B/Todo/One.md");
	assert_string_equal(now, text);
	free(now);
	assert_int_equal(store_read(store, true, &tx), 0);
	(void)buf_add_str(&words, text);
	assert_int_equal(view_is_shown(tx, 4711, &words, "x"), VIEW_OTHER);
	store_end(tx);
	/* Otherwise it is noted, and replaced. */
	change(C1, (struct card_change){
		       .kind = CHANGE_DESC, .new_text = (char *)"Words\n"});
	show(C1, (struct view_show){0}, &said);
	assert_said(store, &said, "inode B/Todo/One.md\n");
	now = text_at(store, "B/Todo/One.md");
	assert_non_null(strstr(now, "Words"));
	free(now);
	free(text);
	buf_free(&words);
}

/* What is being written keeps the size that it has. */
static void
test_while_written(void **state)
{
	struct node node = node_at(store, "B/Todo/One.md");
	struct tx *tx;

	(void)state;
	assert_int_equal(store_write(store, &tx), 0);
	assert_int_equal(save_truncate(tx, &node, 0, 1), 0);
	assert_int_equal(save_write(tx, &node, 0, "abc", 3, false,
			     &(struct save_by){.now_ms = 2}),
	    0);
	assert_int_equal(store_commit(tx), 0);
	change(C1, (struct card_change){
		       .kind = CHANGE_DESC, .new_text = (char *)"Words\n"});
	show(C1, (struct view_show){0}, NULL);
	node = node_at(store, "B/Todo/One.md");
	assert_int_equal(node.size, 3);
}

static void
test_times(void **state)
{
	struct node before = node_at(store, "B/Todo/One.md"), after;

	(void)state;
	show(C1, (struct view_show){.local = true}, NULL);
	after = node_at(store, "B/Todo/One.md");
	assert_int_equal(after.mtime_ns, before.mtime_ns);
	change(C1, (struct card_change){
		       .kind = CHANGE_DESC, .new_text = (char *)"Words\n"});
	show(C1, (struct view_show){.local = true}, NULL);
	before = node_at(store, "B/Todo/One.md");
	assert_true(before.mtime_ns > after.mtime_ns);
	change(C1, (struct card_change){.kind = CHANGE_DESC,
		       .old_text = (char *)"Words\n",
		       .new_text = (char *)"Other words\n"});
	show(C1, (struct view_show){.keep_times = true}, NULL);
	after = node_at(store, "B/Todo/One.md");
	assert_int_equal(after.mtime_ns, before.mtime_ns);
	assert_true(after.ctime_ns > before.ctime_ns);
}

/* Comments that wait are younger than all there are. */
static void
test_comment_order(void **state)
{
	struct view_card view;

	(void)state;
	change(C1, (struct card_change){.kind = CHANGE_COMMENT_ADD,
		       .id = "5e000000own0000000000009",
		       .new_text = (char *)"later",
		       .new_ms = 2000});
	change(C1, (struct card_change){.kind = CHANGE_COMMENT_ADD,
		       .id = "5e000000own0000000000008",
		       .new_text = (char *)"last",
		       .new_ms = 1000});
	view = view_of(C1);
	assert_int_equal(view.card.comments.n, 2);
	assert_string_equal(view.card.comments.v[0].text, "later");
	assert_string_equal(view.card.comments.v[1].text, "last");
	view_card_fini(&view);
}

static void
test_conflict(void **state)
{
	struct view_card view;

	(void)state;
	change(C1, (struct card_change){.kind = CHANGE_DESC,
		       .old_text = (char *)"what it was not",
		       .new_text = (char *)"mine"});
	view = view_of(C1);
	assert_true(view.conflict);
	view_card_fini(&view);
}

/* A board of our own, a list in it and a card in that: Trello has heard of
 * none of them, and they are shown all the same. */
static void
make_own_board(struct node *board, struct node *list)
{
	struct folder_changes changes = {0};
	struct invalidations said = {0};

	assert_int_equal(store_write(store, &changes.tx), 0);
	(void)snprintf(board->id, sizeof board->id, "%s", OWN "b");
	(void)snprintf(board->name, sizeof board->name, "Own");
	assert_int_equal(
	    folder_board_off(&changes, board->name, &board->off), 0);
	assert_int_equal(base_set_own_board(changes.tx, board->id, "Own"), 0);
	assert_int_equal(folder_place(&changes, NULL, board), 0);
	list->parent = board->ino;
	(void)snprintf(list->id, sizeof list->id, "%s", OWN "a");
	(void)snprintf(list->name, sizeof list->name, "List");
	assert_int_equal(folder_place(&changes, NULL, list), 0);
	assert_int_equal(folder_commit(&changes, 0, &said), 0);
	invalidations_fini(&said);
}

static void
test_own_board(void **state)
{
	struct node list = {.kind = NODE_LIST,
	    .pos = 16384,
	    .off = node_off_from_pos(16384),
	    .mode = -1};
	struct node board = {
	    .kind = NODE_BOARD, .parent = NODE_ROOT, .mode = -1};
	struct invalidations said = {0};
	struct zone east;
	int offset_s = 3600;
	char *text;

	(void)state;
	make_own_board(&board, &list);
	journal((struct entry){.kind = ENTRY_CARD_CREATE,
	    .object = OWN,
	    .board = OWN "b",
	    .list = OWN "a",
	    .title = (char *)"New",
	    .pos = 1});
	journal((struct entry){.kind = ENTRY_CARD_CHANGE,
	    .object = OWN,
	    .board = OWN "b",
	    .change = {.kind = CHANGE_DUE,
		.old_ms = TIME_NONE,
		.new_ms = INT64_C(1600000000000)}});
	show(OWN, (struct view_show){.local = true}, &said);
	invalidations_fini(&said);
	text = text_at(store, "Own/List/New.md");
	assert_non_null(strstr(text, "due: 2020-09-13T12:26:40+00:00\n"));
	free(text);
	zone_init_fixed(&east, &offset_s);
	assert_int_equal(base_show_again(store, OWN "b", &east, &said), 0);
	assert_said(store, &said, "inode Own/List/New.md\n");
	text = text_at(store, "Own/List/New.md");
	assert_non_null(strstr(text, "due: 2020-09-13T13:26:40+01:00\n"));
	free(text);
	assert_int_equal(base_show_again(store, OWN "b", &east, &said), 0);
	assert_said(store, &said, "");
	assert_tree(store,
	    "B/\nB/Todo/\nB/Todo/One.md\nB/Todo/Two.md\nB/Todo/Three.md\n"
	    "B/Done/\nB/Done/Four.md\nOwn/\nOwn/List/\nOwn/List/New.md\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_overlay, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_made, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_moved, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_moved_to_one_place, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_asked, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_only_moved, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_hidden_and_back, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_same, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_saved_text, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_while_written, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_times, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_comment_order, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_conflict, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_own_board, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
