#include "unit.h"

#include "fs/snapshots.h"
#include "util/buf.h"

#include <errno.h>
#include <string.h>

static uint64_t
opened(struct snapshots *snapshots, size_t kind, const char *words)
{
	struct buf text = BUF_INIT;
	uint64_t ino = 0;

	assert_int_equal(buf_add_str(&text, words), 0);
	assert_int_equal(snapshots_open(snapshots, kind, &text, &ino), 0);
	assert_int_equal(text.len, 0);
	buf_free(&text);
	assert_true(snapshot_has(ino));
	assert_int_equal(snapshot_kind(ino), kind);
	return ino;
}

static void
assert_reads(struct snapshots *snapshots, uint64_t ino, const char *words)
{
	char data[64] = "";
	off_t size = -1;
	int64_t mtime_ns = 0;
	size_t len = 0;

	assert_int_equal(snapshots_stat(snapshots, ino, &size, &mtime_ns), 0);
	assert_int_equal(size, strlen(words));
	assert_true(mtime_ns > 0);
	assert_int_equal(
	    snapshots_read(snapshots, ino, 0, data, sizeof data, &len), 0);
	assert_int_equal(len, strlen(words));
	assert_string_equal(data, words);
	assert_int_equal(snapshots_read(snapshots, ino, 1, data, 2, &len), 0);
	assert_memory_equal(data, words + 1, len);
	assert_int_equal(
	    snapshots_read(snapshots, ino, size, data, 2, &len), 0);
	assert_int_equal(len, 0);
}

static void
stays_as_it_was_found(void **state)
{
	struct snapshots *snapshots;
	uint64_t first, second;
	int64_t mtimes[2];
	off_t size;

	(void)state;
	assert_int_equal(snapshots_new(&snapshots), 0);
	first = opened(snapshots, 3, "one text");
	second = opened(snapshots, 3, "another");
	assert_int_not_equal(first, second);
	assert_reads(snapshots, first, "one text");
	assert_reads(snapshots, second, "another");
	(void)snapshots_stat(snapshots, first, &size, &mtimes[0]);
	(void)snapshots_stat(snapshots, second, &size, &mtimes[1]);
	assert_true(mtimes[1] > mtimes[0]);
	snapshots_free(snapshots);
}

static void
is_the_same_while_it_says_the_same(void **state)
{
	struct snapshots *snapshots;
	uint64_t ino;

	(void)state;
	assert_int_equal(snapshots_new(&snapshots), 0);
	ino = opened(snapshots, 1, "text");
	assert_int_equal(opened(snapshots, 1, "text"), ino);
	assert_int_not_equal(opened(snapshots, 2, "text"), ino);
	/* Nobody holds it, but it is still what the file says. */
	snapshots_forget(snapshots, ino, 2);
	assert_int_equal(opened(snapshots, 1, "text"), ino);
	snapshots_free(snapshots);
}

static void
goes_when_nobody_holds_it(void **state)
{
	struct snapshots *snapshots;
	uint64_t first, second;
	int64_t mtime_ns;
	size_t len;
	off_t size;
	char data;

	(void)state;
	assert_int_equal(snapshots_new(&snapshots), 0);
	first = opened(snapshots, 0, "first");
	assert_int_equal(opened(snapshots, 0, "first"), first);
	second = opened(snapshots, 0, "second");
	snapshots_forget(snapshots, first, 1);
	assert_reads(snapshots, first, "first");
	snapshots_forget(snapshots, first, 1);
	assert_int_equal(
	    snapshots_stat(snapshots, first, &size, &mtime_ns), -ESTALE);
	assert_int_equal(
	    snapshots_read(snapshots, first, 0, &data, 1, &len), -ESTALE);
	assert_reads(snapshots, second, "second");
	/* One that was forgotten before the next one came goes with it. */
	snapshots_forget(snapshots, second, 1);
	assert_reads(snapshots, second, "second");
	(void)opened(snapshots, 0, "third");
	assert_int_equal(
	    snapshots_stat(snapshots, second, &size, &mtime_ns), -ESTALE);
	snapshots_forget(snapshots, second, 1);
	snapshots_free(snapshots);
	snapshots_free(NULL);
}

static void
may_be_renewed(void **state)
{
	struct snapshots *snapshots;
	struct buf text = BUF_INIT;
	uint64_t ino;

	(void)state;
	assert_int_equal(snapshots_new(&snapshots), 0);
	ino = opened(snapshots, 0, "old");
	assert_int_equal(buf_add_str(&text, "newer"), 0);
	snapshots_renew(snapshots, ino, &text);
	assert_int_equal(text.len, 0);
	assert_reads(snapshots, ino, "newer");
	assert_int_equal(opened(snapshots, 0, "newer"), ino);
	buf_free(&text);
	snapshots_free(snapshots);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(stays_as_it_was_found),
    cmocka_unit_test(is_the_same_while_it_says_the_same),
    cmocka_unit_test(goes_when_nobody_holds_it),
    cmocka_unit_test(may_be_renewed),
};

UNIT_MAIN(tests)
