#include "store_help.h"
#include "unit.h"

#include "store/base.h"
#include "store/revisions.h"
#include "store/store.h"
#include "store/view.h"
#include "text/card_change.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CARD "5e00000000000000000000c1"
#define REV "abcdef01"

static struct store *store;
static struct tx *tx;
static struct card card;
static struct board head;
static struct node node;

static int
set_up(void **state)
{
	struct board board;

	(void)state;
	store = open_memory();
	board_make_small(&board, "b0", "B");
	(void)board_add_label(&board, "b1", "bug");
	apply(store, &board, NULL);
	board_fini(&board);
	node = node_at(store, "B/Todo/One.md");
	assert_int_equal(store_write(store, &tx), 0);
	assert_int_equal(base_card(tx, CARD, &card), 0);
	assert_int_equal(view_board(tx, card.id_board, &head), 0);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	card_fini(&card);
	board_fini(&head);
	store_end(tx);
	store_close(store);
	return 0;
}

static void
add(const char *rev, const char *title, const char *tail, const char *text)
{
	set_text(&card.name, title);
	assert_int_equal(
	    revision_add(tx, CARD, rev, &card, &head, tail, text, strlen(text)),
	    0);
}

static void
assert_nearest(
    const char *rev, const char *text, const char *title, const char *tail)
{
	struct revision revision = {0};

	assert_int_equal(
	    revision_nearest(tx, CARD, rev, text, strlen(text), &revision), 0);
	assert_string_equal(revision.card.name, title);
	assert_string_equal(revision.tail, tail);
	assert_string_equal(revision.board.labels.v[0].name, "bug");
	revision_fini(&revision);
}

static void
test_nearest(void **state)
{
	struct revision revision;

	(void)state;
	assert_int_equal(
	    revision_nearest(tx, CARD, REV, "x", 1, &revision), -ENOENT);
	add(REV, "first", NULL, "a\nb\nc\nd\n");
	add(REV, "second", "tail", "a\nb\nc\nd\ne\nf\n");
	add("abcdef02", "third", NULL, "a\nb\nc\nd\n");
	assert_nearest(REV, "a\nb\nc\nd\ne\nf\ng\n", "second", "tail");
	assert_nearest("abcdef02", "z\n", "third", "");
	assert_int_equal(
	    revision_nearest(tx, "other", REV, "x", 1, &revision), -ENOENT);
}

/* It is known where a later text was passed over, and that one is to be had. */
static void
test_newest(void **state)
{
	static const char text[] = "a\nb\nc\nd\n";
	struct revision revision = {0};

	(void)state;
	assert_int_equal(revision_newest(tx, CARD, REV, &revision), -ENOENT);
	add(REV, "first", NULL, "a\nb\nc\nd\n");
	add(REV, "second", "tail", "x\na\nb\nc\nd\n");
	assert_int_equal(
	    revision_nearest(tx, CARD, REV, text, strlen(text), &revision), 0);
	assert_false(revision.older);
	revision_fini(&revision);
	assert_int_equal(
	    revision_nearest(tx, CARD, REV, "a\nb\nc\nd\ne\n", 10, &revision),
	    0);
	assert_string_equal(revision.card.name, "first");
	assert_true(revision.older);
	revision_fini(&revision);
	assert_int_equal(revision_newest(tx, CARD, REV, &revision), 0);
	assert_string_equal(revision.card.name, "second");
	assert_string_equal(revision.tail, "tail");
	assert_false(revision.older);
	revision_fini(&revision);
}

/* One text is noted once: as it was saved last. */
static void
test_once(void **state)
{
	struct revision revision = {0};

	(void)state;
	add(REV, "first", NULL, "text\n");
	add(REV, "again", NULL, "text\n");
	assert_int_equal(
	    revision_nearest(tx, CARD, REV, "text\n", 5, &revision), 0);
	assert_string_equal(revision.card.name, "again");
	revision_fini(&revision);
}

static void
test_shown(void **state)
{
	struct buf text = BUF_INIT;
	struct revision revision = {0};
	const char *rev;
	char word[9] = "";

	(void)state;
	assert_int_equal(node_text(tx, node.ino, &text), 0);
	assert_int_equal(revision_keep_shown(tx, node.ino), 0);
	rev = strstr(buf_str(&text), "\nrev: ");
	assert_non_null(rev);
	memcpy(word, rev + 6, 8);
	assert_int_equal(revision_nearest(tx, CARD, word, buf_str(&text),
			     text.len, &revision),
	    0);
	assert_string_equal(revision.text, buf_str(&text));
	assert_string_equal(revision.card.name, "One");
	revision_fini(&revision);
	buf_free(&text);
	/* Nothing is shown there. */
	assert_int_equal(revision_keep_shown(tx, 4711), 0);
}

static void
test_saved(void **state)
{
	struct buf text = BUF_INIT;

	(void)state;
	assert_int_equal(revision_saved(tx, CARD, SIZE_MAX, &text), -ENOENT);
	add(REV, "first", NULL, "12345");
	add(REV, "second", NULL, "1234567");
	assert_int_equal(revision_saved(tx, CARD, 5, &text), -ENOENT);
	assert_int_equal(revision_saved(tx, CARD, 7, &text), 0);
	assert_string_equal(buf_str(&text), "1234567");
	buf_free(&text);
}

/* Texts with a change that was refused are no ancestors. */
static void
test_forget(void **state)
{
	struct card_change title = {.kind = CHANGE_TITLE,
	    .old_text = (char *)"One",
	    .new_text = (char *)"Two"};
	struct revision revision;

	(void)state;
	add(REV, "One", NULL, "one\n");
	add(REV, "Two", NULL, "two\n");
	assert_int_equal(revisions_forget(tx, CARD, &title), 0);
	assert_nearest(REV, "two\n", "One", "");
	title.new_text = (char *)"One";
	assert_int_equal(revisions_forget(tx, CARD, &title), 0);
	assert_int_equal(
	    revision_nearest(tx, CARD, REV, "x", 1, &revision), -ENOENT);
}

static void
test_prune(void **state)
{
	int64_t now_ms = time_wall_ms();
	struct revision revision;

	(void)state;
	add(REV, "One", NULL, "one\n");
	assert_int_equal(
	    revisions_prune(tx, now_ms + REVISIONS_KEPT_MS - 60000), 0);
	assert_nearest(REV, "one\n", "One", "");
	assert_int_equal(
	    revisions_prune(tx, now_ms + REVISIONS_KEPT_MS + 60000), 0);
	assert_int_equal(
	    revision_nearest(tx, CARD, REV, "x", 1, &revision), -ENOENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_nearest, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_newest, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_once, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_shown, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_saved, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_forget, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_prune, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
