#include "store_help.h"
#include "unit.h"

#include "store/notes.h"
#include "store/store.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <stdio.h>
#include <string.h>

static struct store *store;
static struct tx *tx;

static int
set_up(void **state)
{
	(void)state;
	store = open_memory();
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
set(uint64_t ino, const char *name, const char *what)
{
	const struct note note = {ino, name, what, "why"};

	assert_int_equal(note_set(tx, &note), 0);
}

static int
add_line(void *cookie, const struct note *note)
{
	assert_string_equal(note->why, "why");
	return buf_printf(
	    cookie, "%d %s: %s\n", (int)note->ino, note->name, note->what);
}

static void
assert_notes(const char *expected)
{
	struct buf out = BUF_INIT;
	int64_t count, lines = 0;

	assert_int_equal(note_each(tx, add_line, &out), 0);
	assert_string_equal(buf_str(&out), expected);
	for (const char *s = expected; *s != '\0'; s++)
		lines += *s == '\n';
	assert_int_equal(notes_count(tx, &count), 0);
	assert_int_equal(count, lines);
	buf_free(&out);
}

static void
one_of_a_name(void **state)
{
	(void)state;
	assert_notes("");
	set(5, "", "first");
	set(5, "a.md", "second");
	set(6, "a.md", "third");
	assert_notes("5 : first\n5 a.md: second\n6 a.md: third\n");
	set(5, "", "again");
	assert_notes("5 a.md: second\n6 a.md: third\n5 : again\n");
	assert_int_equal(note_clear(tx, 5, "a.md"), 0);
	assert_int_equal(note_clear(tx, 5, "a.md"), 0);
	assert_int_equal(note_clear(tx, 7, ""), 0);
	assert_notes("6 a.md: third\n5 : again\n");
}

static void
they_go_by_themselves(void **state)
{
	int64_t now_ms = time_wall_ms();

	(void)state;
	set(5, "a", "x");
	assert_int_equal(notes_prune(tx, now_ms), 0);
	assert_int_equal(notes_prune(tx, now_ms + NOTES_KEPT_MS - 60000), 0);
	assert_notes("5 a: x\n");
	assert_int_equal(notes_prune(tx, now_ms + NOTES_KEPT_MS + 60000), 0);
	assert_notes("");
}

static int
stop(void *cookie, const struct note *note)
{
	(void)note;
	return ++*(int *)cookie == 2 ? 7 : 0;
}

static void
who_has_seen_enough(void **state)
{
	int seen = 0;

	(void)state;
	set(1, "", "x");
	set(2, "", "x");
	set(3, "", "x");
	assert_int_equal(note_each(tx, stop, &seen), 7);
	assert_int_equal(seen, 2);
	assert_notes("1 : x\n2 : x\n3 : x\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(one_of_a_name, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		they_go_by_themselves, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		who_has_seen_enough, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
