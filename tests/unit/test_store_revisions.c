#include "store_help.h"
#include "unit.h"

#include "store/base.h"
#include "store/revisions.h"
#include "store/store.h"
#include "store/view.h"
#include "text/card_change.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <alloca.h>
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
	struct revision_text revision = {
	    .rev = rev, .text = text, .len = strlen(text), .tail = tail};

	set_text(&card.name, title);
	assert_int_equal(revision_add(tx, CARD, &card, &head, &revision), 0);
}

static void
add_by(uint64_t writer, const char *text)
{
	struct revision_text revision = {
	    .rev = REV, .text = text, .len = strlen(text), .writer = writer};

	assert_int_equal(revision_add(tx, CARD, &card, &head, &revision), 0);
}

static int
nearest(const char *object, const char *rev, const char *text,
    struct revision *ret_revision)
{
	return revision_nearest(tx, object,
	    &(struct revision_text){
		.rev = rev, .text = text, .len = strlen(text)},
	    ret_revision);
}

static void
assert_nearest(
    const char *rev, const char *text, const char *title, const char *tail)
{
	struct revision revision = {0};

	assert_int_equal(nearest(CARD, rev, text, &revision), 0);
	assert_string_equal(revision.card.name, title);
	assert_string_equal(model_str(revision.tail), tail);
	assert_string_equal(revision.board.labels.v[0].name, "bug");
	revision_fini(&revision);
}

static void
test_nearest(void **state)
{
	struct revision revision;

	(void)state;
	assert_int_equal(nearest(CARD, REV, "x", &revision), -ENOENT);
	add(REV, "first", NULL, "a\nb\nc\nd\n");
	add(REV, "second", "tail", "a\nb\nc\nd\ne\nf\n");
	add("abcdef02", "third", NULL, "a\nb\nc\nd\n");
	assert_nearest(REV, "a\nb\nc\nd\ne\nf\ng\n", "second", "tail");
	assert_nearest("abcdef02", "z\n", "third", "");
	assert_int_equal(nearest("other", REV, "x", &revision), -ENOENT);
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
	assert_int_equal(nearest(CARD, REV, text, &revision), 0);
	revision_fini(&revision);
	assert_int_equal(nearest(CARD, REV, "a\nb\nc\nd\ne\n", &revision), 0);
	assert_string_equal(revision.card.name, "first");
	revision_fini(&revision);
	assert_int_equal(revision_newest(tx, CARD, REV, &revision), 0);
	assert_string_equal(revision.card.name, "second");
	assert_string_equal(revision.tail, "tail");
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
	assert_int_equal(nearest(CARD, REV, "text\n", &revision), 0);
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
	assert_int_equal(nearest(CARD, word, buf_str(&text), &revision), 0);
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
	assert_int_equal(revision_saved(tx, CARD, 0, SIZE_MAX, &text), -ENOENT);
	add_by(7, "12345");
	add_by(8, "1234567");
	assert_int_equal(revision_saved(tx, CARD, 0, 5, &text), -ENOENT);
	assert_int_equal(revision_saved(tx, CARD, 0, 7, &text), 0);
	assert_string_equal(buf_str(&text), "1234567");
	buf_clear(&text);
	assert_int_equal(revision_saved(tx, CARD, 7, 5, &text), 0);
	assert_string_equal(buf_str(&text), "12345");
	assert_int_equal(revision_saved(tx, CARD, 9, 5, &text), -ENOENT);
	buf_free(&text);
}

static void
assert_made_from(uint64_t writer, const char *text, const char *ancestor)
{
	struct revision_text made = {
	    .rev = REV, .text = text, .len = strlen(text), .writer = writer};
	struct revision revision = {0};

	assert_int_equal(revision_nearest(tx, CARD, &made, &revision), 0);
	assert_string_equal(revision.text, ancestor);
	revision_fini(&revision);
}

/* Who has saved a text goes on from it, even where his next one looks like
 * one from before it; nobody else is taken to have seen it. */
static void
test_own_text(void **state)
{
	static const char first[] = "a\nb\nc\nd\n";
	static const char second[] = "a\nmore\nmore\nb\nc\nd\n";
	static const char third[] = "a\nb\nc\nd\ne\n";
	static const char fourth[] = "a\nmore\nmore\nb\nc\nd\nhis\n";

	(void)state;
	add_by(0, first);
	add_by(7, second);
	assert_made_from(7, third, second);
	assert_made_from(8, third, first);
	assert_made_from(0, third, first);
	/* What came later than that may have been seen, or not. */
	add_by(8, fourth);
	assert_made_from(7, second, second);
	assert_made_from(7, "A\nmore\nmore\nb\nc\nd\n", second);
	assert_made_from(8, "A\nmore\nmore\nb\nc\nd\n", fourth);
	/* Also where the later one has other words in the same lines. */
	add_by(9, "a\nless\nfewer\nb\nc\nd\n");
	assert_made_from(7, "a\nmost\nmore\nb\nc\nd\nmine\n", second);
}

/* Add a text that was made from one, or from none (0).  Its number. */
static int64_t
add_from(uint64_t writer, int64_t parent, const char *text)
{
	struct revision_text made = {.rev = REV,
	    .text = text,
	    .len = strlen(text),
	    .writer = writer,
	    .parent = parent,
	    .merged = text};
	struct revision revision = {0};
	int64_t num;

	assert_int_equal(revision_add(tx, CARD, &card, &head, &made), 0);
	assert_int_equal(revision_newest(tx, CARD, REV, &revision), 0);
	num = revision.num;
	revision_fini(&revision);
	return num;
}

static bool
goes_back(const char *text)
{
	struct revision revision = {0};
	bool back;

	assert_int_equal(nearest(CARD, REV, text, &revision), 0);
	back = revision.goes_back;
	assert_non_null(revision.merged);
	revision_fini(&revision);
	return back;
}

/* Texts that were made from one text are no steps of one way. */
static void
test_ways(void **state)
{
	static const char root[] = "a\nb\nc\n";
	static const char his[] = "a\nb\nc\nhis words\n";
	static const char mine[] = "a\nb\nc\nmy words\nand more\n";
	static const char other[] = "a\nb\nc\nother\n";
	static const char grown[] = "a\nb\nc\nmy words of now\n";
	int64_t from = add_from(0, 0, root), made;

	(void)state;
	/* Whoever it is may go on from the last one; somebody else does not,
	 * unless his words are those. */
	made = add_from(7, from, mine);
	assert_made_from(0, other, mine);
	assert_made_from(8, other, root);
	assert_made_from(8, grown, mine);
	/* That one is no step from mine to anything. */
	(void)add_from(8, from, his);
	assert_made_from(9, "a\nb\nc\nmy words\nand much\n", mine);
	assert_made_from(0, "a\nb\nc\nmy words\nand much\n", mine);
	assert_true(goes_back(mine));
	assert_true(goes_back(root));
	assert_false(goes_back(his));
	assert_false(goes_back(other));
	/* Saved once more it is the newest, and made from what it was. */
	assert_true(add_from(7, made, mine) > made);
	assert_made_from(8, other, his);
	assert_made_from(9, other, root);
}

/* Ask for the newest, and for the one that a text was made from, so many bytes
 * further down the stack. */
static void
ask_deep_down(size_t bytes)
{
	volatile char *room = alloca(bytes);
	struct revision newest;

	room[0] = room[bytes - 1] = 0;
	assert_int_equal(revision_newest(tx, CARD, REV, &newest), 0);
	assert_string_equal(newest.text, "a\nb\nc\nhis\n");
	revision_fini(&newest);
	assert_made_from(0, "a\nb\nc\n", "a\nb\nc\nhis\n");
}

/* Whoever asks: what is kept between two questions is not mixed up. */
static void
test_anywhere(void **state)
{
	int64_t from = add_from(0, 0, "a\nb\nc\n");

	(void)state;
	(void)add_from(8, from, "a\nb\nc\nhis\n");
	for (size_t bytes = 16; bytes < 2048; bytes += 16)
		ask_deep_down(bytes);
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
	assert_int_equal(nearest(CARD, REV, "x", &revision), -ENOENT);
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
	assert_int_equal(nearest(CARD, REV, "x", &revision), -ENOENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_nearest, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_newest, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_own_text, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_ways, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_once, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_shown, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_saved, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_anywhere, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_forget, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_prune, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
