#include "store_help.h"
#include "unit.h"

#include "store/revisions.h"
#include "store/saves.h"
#include "store/store.h"
#include "util/buf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CARD "B/Todo/One.md"

static struct store *store;
static struct tx *tx;
static struct node node;

static int
set_up(void **state)
{
	struct board board;

	(void)state;
	store = open_memory();
	board_make_small(&board, "b0", "B");
	apply(store, &board, NULL);
	board_fini(&board);
	node = node_at(store, CARD);
	assert_int_equal(store_write(store, &tx), 0);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	store_end(tx);
	store_close(store);
	return 0;
}

static void
write_at(int64_t offset, const char *text, int64_t now_ms)
{
	assert_int_equal(save_write(tx, &node, offset, text, strlen(text),
			     false, &(struct save_by){.now_ms = now_ms}),
	    0);
}

static void
append(const char *text, int64_t now_ms)
{
	/* The kernel's idea of the end may be old. */
	assert_int_equal(save_write(tx, &node, 3, text, strlen(text), true,
			     &(struct save_by){.now_ms = now_ms}),
	    0);
}

static void
assert_text(const char *expected)
{
	char *text;
	size_t len;
	struct node now;

	assert_int_equal(node_get(tx, node.ino, &now), 0);
	assert_int_equal(now.size, (int64_t)strlen(expected));
	assert_int_equal(save_text(tx, &now, &text, &len), 0);
	assert_int_equal(len, strlen(expected));
	assert_string_equal(text, expected);
	free(text);
}

static struct save
get(void)
{
	struct save save = {0};

	assert_int_equal(save_get(tx, node.ino, &save), 0);
	return save;
}

static void
test_anew(void **state)
{
	struct save save;

	(void)state;
	assert_int_equal(saves_has(tx, node.ino), 0);
	assert_int_equal(save_get(tx, node.ino, &save), -ENOENT);
	assert_int_equal(save_truncate(tx, &node, 0, 10), 0);
	assert_int_equal(saves_has(tx, node.ino), 1);
	save = get();
	assert_false(save.written);
	assert_int_equal(save.since_ms, 10);
	save_fini(&save);
	write_at(0, "Hello ", 20);
	write_at(6, "world\n", 30);
	assert_text("Hello world\n");
	save = get();
	assert_true(save.written);
	assert_int_equal(save.since_ms, 10);
	assert_int_equal(save.last_ms, 30);
	assert_int_equal(save.appended.n, 0);
	save_fini(&save);
	assert_int_equal(save_truncate(tx, &node, 5, 40), 0);
	assert_text("Hello");
	assert_int_equal(save_truncate(tx, &node, 0, 50), 0);
	save = get();
	assert_false(save.written);
	save_fini(&save);
	assert_int_equal(save_end(tx, node.ino), 0);
	assert_int_equal(saves_has(tx, node.ino), 0);
}

/* A write into the middle, and one behind the end, of what is shown. */
static void
test_within(void **state)
{
	struct buf shown = BUF_INIT;
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(node_text(tx, node.ino, &shown), 0);
	write_at(1, "X", 10);
	assert_int_equal(save_text(tx, &node, &text, &len), 0);
	assert_int_equal(len, shown.len);
	assert_int_equal(text[1], 'X');
	assert_memory_equal(text + 2, shown.data + 2, shown.len - 2);
	free(text);
	write_at((int64_t)shown.len + 2, "Y", 20);
	assert_int_equal(save_text(tx, &node, &text, &len), 0);
	assert_int_equal(len, shown.len + 3);
	assert_memory_equal(text + shown.len, "\0\0Y", 3);
	free(text);
	buf_free(&shown);
}

static void
test_append(void **state)
{
	struct buf wanted = BUF_INIT;
	struct save save;
	size_t before;

	(void)state;
	assert_int_equal(node_text(tx, node.ino, &wanted), 0);
	before = wanted.len;
	append("one ", 10);
	append("two\n", 20);
	(void)buf_add_str(&wanted, "one two\n");
	assert_text(buf_str(&wanted));
	save = get();
	assert_int_equal(save.appended.n, 1);
	assert_int_equal(save.appended.v[0], before);
	save_fini(&save);
	buf_free(&wanted);
}

static void
test_drafts(void **state)
{
	struct save save;
	uint64_t inos[4];
	size_t n;

	(void)state;
	write_at(0, "text", 100);
	assert_int_equal(saves_before(tx, 99, inos, 4, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(saves_before(tx, 100, inos, 4, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(inos[0], node.ino);
	assert_int_equal(save_set_draft(tx, node.ino, true), 0);
	save = get();
	assert_true(save.draft);
	save_fini(&save);
	assert_int_equal(saves_before(tx, 1000, inos, 4, &n), 0);
	assert_int_equal(n, 0);
	/* Who goes on writing makes it a save again. */
	write_at(0, "more", 200);
	save = get();
	assert_false(save.draft);
	save_fini(&save);
}

/* Two cards' saves are no business of each other. */
static void
test_two(void **state)
{
	struct node other;

	(void)state;
	store_end(tx);
	other = node_at(store, "B/Todo/Two.md");
	assert_int_equal(store_write(store, &tx), 0);
	assert_int_equal(save_truncate(tx, &node, 0, 1), 0);
	assert_int_equal(save_truncate(tx, &other, 0, 1), 0);
	write_at(0, "one", 2);
	assert_int_equal(save_write(tx, &other, 0, "two", 3, false,
			     &(struct save_by){.now_ms = 2}),
	    0);
	assert_text("one");
	assert_int_equal(save_end(tx, other.ino), 0);
	assert_text("one");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_anew, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_within, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_append, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_drafts, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_two, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
