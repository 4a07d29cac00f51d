/* The data of local files: holes, blocks, cutting and growing, the limit. */

#include "store_help.h"
#include "unit.h"

#include "feed.h"
#include "store/local.h"
#include "store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 65536

struct fixture {
	struct store *store;
	struct tx *tx;
	struct node file;
};

static int
setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);

	assert_non_null(fixture);
	fixture->store = open_memory();
	assert_int_equal(store_write(fixture->store, &fixture->tx), 0);
	fixture->file = (struct node){
	    .parent = NODE_ROOT, .kind = NODE_LOCAL_FILE, .name = "f"};
	assert_int_equal(node_add_local(fixture->tx, &fixture->file), 0);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	store_end(fixture->tx);
	store_close(fixture->store);
	free(fixture);
	return 0;
}

static void
writes(struct fixture *fixture, int64_t offset, const char *text)
{
	assert_int_equal(local_write(fixture->tx, &fixture->file, offset, text,
			     strlen(text)),
	    0);
}

/* The file must hold this there; a dot stands for a zero. */
static void
reads(struct fixture *fixture, int64_t offset, size_t len, const char *text)
{
	char data[64];
	size_t got = 99;

	memset(data, 'x', sizeof data);
	assert_true(len <= sizeof data);
	assert_int_equal(
	    local_read(fixture->tx, &fixture->file, offset, data, len, &got),
	    0);
	assert_int_equal(got, strlen(text));
	for (size_t i = 0; i < got; i++)
		assert_int_equal(data[i], text[i] == '.' ? 0 : text[i]);
}

static void
assert_size(struct fixture *fixture, int64_t size)
{
	struct node node;
	int64_t files, bytes;

	assert_true(fixture->file.size == size);
	assert_int_equal(node_get(fixture->tx, fixture->file.ino, &node), 0);
	assert_true(node.size == size);
	assert_int_equal(local_usage(fixture->tx, &files, &bytes), 0);
	assert_int_equal(files, 1);
	assert_true(bytes == size);
}

static void
a_few_bytes(void **state)
{
	struct fixture *fixture = *state;
	int64_t before_ns = fixture->file.mtime_ns;

	assert_size(fixture, 0);
	reads(fixture, 0, 10, "");
	reads(fixture, 5, 10, "");
	writes(fixture, 0, "hello");
	assert_size(fixture, 5);
	assert_true(fixture->file.mtime_ns > before_ns);
	reads(fixture, 0, 10, "hello");
	reads(fixture, 1, 3, "ell");
	reads(fixture, 5, 3, "");
	reads(fixture, 0, 0, "");
	writes(fixture, 1, "EY");
	reads(fixture, 0, 10, "hEYlo");
	writes(fixture, 4, "O!");
	assert_size(fixture, 6);
	reads(fixture, 0, 10, "hEYlO!");
	writes(fixture, 0, "");
	assert_size(fixture, 6);
}

static void
holes(void **state)
{
	struct fixture *fixture = *state;

	writes(fixture, 5, "ab");
	assert_size(fixture, 7);
	reads(fixture, 0, 20, ".....ab");
	writes(fixture, 3 * BLOCK + 2, "cd");
	assert_size(fixture, 3 * BLOCK + 4);
	reads(fixture, 0, 10, ".....ab...");
	reads(fixture, BLOCK - 2, 4, "....");
	reads(fixture, 2 * BLOCK, 4, "....");
	reads(fixture, 3 * BLOCK - 1, 20, "...cd");
}

static void
borders_of_blocks(void **state)
{
	struct fixture *fixture = *state;

	writes(fixture, BLOCK - 3, "abcdef");
	assert_size(fixture, BLOCK + 3);
	reads(fixture, BLOCK - 4, 10, ".abcdef");
	reads(fixture, BLOCK - 1, 2, "cd");
	reads(fixture, BLOCK, 3, "def");
	writes(fixture, 2 * BLOCK - 1, "x");
	assert_size(fixture, 2 * BLOCK);
	reads(fixture, 2 * BLOCK - 2, 5, ".x");
	writes(fixture, 2 * BLOCK, "y");
	reads(fixture, 2 * BLOCK - 2, 5, ".xy");
}

static void
cut_and_grown(void **state)
{
	static const int64_t sizes[] = {
	    BLOCK - 1, BLOCK, BLOCK + 1, 1, 0, 2 * BLOCK};
	struct fixture *fixture = *state;
	static char full[3 * BLOCK], got[3 * BLOCK];
	size_t len;

	memset(full, 'f', sizeof full);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		assert_int_equal(local_write(fixture->tx, &fixture->file, 0,
				     full, sizeof full),
		    0);
		assert_int_equal(
		    local_truncate(fixture->tx, &fixture->file, sizes[i]), 0);
		assert_size(fixture, sizes[i]);
		assert_int_equal(
		    local_truncate(fixture->tx, &fixture->file, sizeof full),
		    0);
		assert_size(fixture, sizeof full);
		assert_int_equal(local_read(fixture->tx, &fixture->file, 0, got,
				     sizeof got, &len),
		    0);
		assert_int_equal(len, sizeof got);
		for (size_t at = 0; at < sizeof got; at++)
			if (got[at] != ((int64_t)at < sizes[i] ? 'f' : 0))
				fail_msg("%lld: byte %zu is %d",
				    (long long)sizes[i], at, got[at]);
	}
	/* To the same size, and where nothing is. */
	assert_int_equal(
	    local_truncate(fixture->tx, &fixture->file, sizeof full), 0);
	assert_int_equal(local_truncate(fixture->tx, &fixture->file, 0), 0);
	assert_int_equal(local_truncate(fixture->tx, &fixture->file, 0), 0);
	assert_int_equal(
	    local_truncate(fixture->tx, &fixture->file, 10 * BLOCK), 0);
	assert_int_equal(
	    local_truncate(fixture->tx, &fixture->file, 5 * BLOCK + 7), 0);
	reads(fixture, 5 * BLOCK, 20, ".......");
	assert_int_equal(
	    local_truncate(fixture->tx, &fixture->file, -1), -EINVAL);
	assert_size(fixture, 5 * BLOCK + 7);
}

static void
the_limit(void **state)
{
	struct fixture *fixture = *state;
	struct node other = {
	    .parent = NODE_ROOT, .kind = NODE_LOCAL_FILE, .name = "o"};
	int64_t files, bytes;

	assert_int_equal(node_add_local(fixture->tx, &other), 0);
	assert_int_equal(
	    local_truncate(fixture->tx, &fixture->file, LOCAL_BYTES_MAX - 10),
	    0);
	assert_int_equal(
	    local_write(fixture->tx, &other, 0, "0123456789", 10), 0);
	/* What does not grow may still be written. */
	assert_int_equal(
	    local_write(fixture->tx, &other, 0, "9876543210", 10), 0);
	assert_int_equal(local_write(fixture->tx, &other, 10, "x", 1), -ENOSPC);
	assert_int_equal(local_truncate(fixture->tx, &other, 11), -ENOSPC);
	assert_int_equal(other.size, 10);
	assert_int_equal(
	    local_truncate(fixture->tx, &fixture->file, LOCAL_BYTES_MAX - 9),
	    -ENOSPC);
	assert_int_equal(local_usage(fixture->tx, &files, &bytes), 0);
	assert_int_equal(files, 2);
	assert_true(bytes == LOCAL_BYTES_MAX);
	assert_int_equal(local_truncate(fixture->tx, &fixture->file, 0), 0);
	assert_int_equal(local_write(fixture->tx, &other, 10, "x", 1), 0);
}

static void
absurd_offsets(void **state)
{
	static const int64_t offsets[] = {LOCAL_BYTES_MAX, LOCAL_BYTES_MAX + 1,
	    INT64_MAX, INT64_MAX - 3, INT64_MIN, -1};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++)
		assert_int_equal(local_write(fixture->tx, &fixture->file,
				     offsets[i], "abc", 3),
		    -ENOSPC);
	assert_int_equal(
	    local_truncate(fixture->tx, &fixture->file, INT64_MAX), -ENOSPC);
	assert_size(fixture, 0);
	reads(fixture, INT64_MAX, 5, "");
	writes(fixture, LOCAL_BYTES_MAX - 3, "abc");
	reads(fixture, LOCAL_BYTES_MAX - 4, 10, ".abc");
}

/* The same as in memory, whatever comes. */
static void
at_random(void **state)
{
	struct fixture *fixture = *state;
	static char model[5 * BLOCK], data[2 * BLOCK], got[5 * BLOCK];
	uint64_t seed = 20201109;
	size_t size = 0, len;

	for (int i = 0; i < 400; i++) {
		size_t at = feed_random(&seed) % (3 * BLOCK);
		size_t n = feed_random(&seed) % sizeof data;

		if (feed_random(&seed) % 2 == 0)
			n %= 100;
		if (feed_random(&seed) % 4 == 0) {
			assert_int_equal(local_truncate(fixture->tx,
					     &fixture->file, (int64_t)at),
			    0);
			if (at < size)
				memset(model + at, 0, size - at);
			size = at;
		} else {
			memset(data, 'a' + i % 26, n);
			assert_int_equal(
			    local_write(fixture->tx, &fixture->file,
				(int64_t)at, data, n),
			    0);
			memcpy(model + at, data, n);
			if (at + n > size)
				size = at + n;
		}
		assert_size(fixture, (int64_t)size);
		assert_int_equal(local_read(fixture->tx, &fixture->file, 0, got,
				     sizeof got, &len),
		    0);
		assert_int_equal(len, size);
		assert_memory_equal(got, model, size);
	}
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(a_few_bytes),
	    T(holes),
	    T(borders_of_blocks),
	    T(cut_and_grown),
	    T(the_limit),
	    T(absurd_offsets),
	    T(at_random),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
