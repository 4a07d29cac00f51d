/* The file tree: finding, order, offsets, local nodes, times. */

#include "store_help.h"
#include "unit.h"

#include "store/local.h"
#include "store/store.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
	struct store *store;
	struct tx *tx;
};

static int
setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);

	assert_non_null(fixture);
	fixture->store = open_memory();
	assert_int_equal(store_write(fixture->store, &fixture->tx), 0);
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

static struct node
make(const char *name, const char *id)
{
	struct node node = {.parent = NODE_ROOT,
	    .kind = NODE_BOARD,
	    .off = 100,
	    .size = 12,
	    .mode = 0640,
	    .uid = 5,
	    .gid = 6,
	    .mtime_ns = 7,
	    .ctime_ns = -8};

	(void)snprintf(node.name, sizeof node.name, "%s", name);
	(void)snprintf(node.id, sizeof node.id, "%s", id);
	return node;
}

static void
assert_same(const struct node *a, const struct node *b)
{
	assert_int_equal(a->ino, b->ino);
	assert_int_equal(a->parent, b->parent);
	assert_int_equal(a->kind, b->kind);
	assert_string_equal(a->id, b->id);
	assert_string_equal(a->name, b->name);
	assert_true(a->off == b->off && a->size == b->size);
	assert_true(a->mode == b->mode && a->uid == b->uid && a->gid == b->gid);
	assert_true(a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns);
}

static void
found_as_it_was(void **state)
{
	struct tx *tx = ((struct fixture *)*state)->tx;
	struct node node = make("caf\xc3\xa9 \xff", "b1"), found;

	assert_int_equal(node_add(tx, &node), 0);
	assert_int_equal(node.ino, NODE_FIRST);
	assert_int_equal(node_get(tx, node.ino, &found), 0);
	assert_same(&found, &node);
	assert_int_equal(
	    node_by_name(tx, NODE_ROOT, "caf\xc3\xa9 \xff", &found), 0);
	assert_same(&found, &node);
	assert_int_equal(node_by_id(tx, "b1", &found), 0);
	assert_same(&found, &node);
	assert_int_equal(node_of_kind(tx, NODE_BOARD, "b1", &found), 0);
	assert_same(&found, &node);

	node.size = 99;
	(void)snprintf(node.name, sizeof node.name, "%0255d", 1);
	assert_int_equal(node_update(tx, &node), 0);
	assert_int_equal(node_get(tx, node.ino, &found), 0);
	assert_same(&found, &node);
}

static void
not_there(void **state)
{
	struct tx *tx = ((struct fixture *)*state)->tx;
	struct node node = make("A", "b1"), found = {.ino = 77};

	assert_int_equal(node_add(tx, &node), 0);
	assert_int_equal(node_get(tx, 4711, &found), -ENOENT);
	assert_int_equal(node_get(tx, 0, &found), -ENOENT);
	assert_int_equal(node_by_name(tx, NODE_ROOT, "a", &found), -ENOENT);
	assert_int_equal(node_by_name(tx, NODE_ROOT, "", &found), -ENOENT);
	assert_int_equal(node_by_name(tx, node.ino, "A", &found), -ENOENT);
	assert_int_equal(node_by_id(tx, "", &found), -ENOENT);
	assert_int_equal(node_of_kind(tx, NODE_CARD, "b1", &found), -EBADMSG);
	assert_int_equal(found.ino, 77);
	/* What is nowhere has no name, even if another has none either. */
	node.parent = 0;
	assert_int_equal(node_update(tx, &node), 0);
	assert_int_equal(node_by_name(tx, 0, "A", &found), -ENOENT);
	node = make("A", "b2");
	node.parent = 0;
	assert_int_equal(node_add(tx, &node), 0);
}

static void
names_are_unique(void **state)
{
	struct tx *tx = ((struct fixture *)*state)->tx;
	struct node node = make("A", "b1");

	assert_int_equal(node_add(tx, &node), 0);
	node = make("A", "b2");
	assert_int_equal(node_add(tx, &node), -EEXIST);
	node = make("B", "b1");
	assert_int_equal(node_add(tx, &node), -EEXIST);
	node = make("A", "");
	assert_int_equal(node_add_local(tx, &node), -EEXIST);
	node = make("B", "b3");
	assert_int_equal(node_add(tx, &node), 0);
}

static void
numbers_are_not_used_again(void **state)
{
	struct tx *tx = ((struct fixture *)*state)->tx;
	struct node node = make("A", "b1");
	uint64_t ino;

	assert_int_equal(node_add(tx, &node), 0);
	ino = node.ino;
	assert_int_equal(node_delete(tx, ino), 0);
	assert_int_equal(node_get(tx, ino, &node), -ENOENT);
	node = make("A", "b1");
	assert_int_equal(node_add(tx, &node), 0);
	assert_true(node.ino > ino);
}

static void
the_root(void **state)
{
	struct tx *tx = ((struct fixture *)*state)->tx;
	struct node root;
	int64_t mtime_ns, now_ns = time_wall_ns();

	assert_int_equal(node_get(tx, NODE_ROOT, &root), 0);
	assert_int_equal(root.kind, NODE_ROOT_DIR);
	assert_int_equal(root.ino, NODE_ROOT);
	assert_true(root.mtime_ns == 0);
	assert_int_equal(node_touch_dir(tx, NODE_ROOT), 0);
	assert_int_equal(node_root_mtime(tx, &mtime_ns), 0);
	assert_true(mtime_ns >= now_ns);
	assert_int_equal(node_get(tx, NODE_ROOT, &root), 0);
	assert_true(root.mtime_ns == mtime_ns && root.ctime_ns == mtime_ns);
	/* Also when the clock does not move, or goes back. */
	assert_int_equal(
	    store_meta_set(tx, "root_mtime", "5000000000000000000"), 0);
	assert_int_equal(node_touch_dir(tx, NODE_ROOT), 0);
	assert_int_equal(node_root_mtime(tx, &mtime_ns), 0);
	assert_true(mtime_ns == INT64_C(5000000000000000001));
}

static void
times_of_folders_move_forward(void **state)
{
	struct tx *tx = ((struct fixture *)*state)->tx;
	struct node node = make("A", "b1"), after;

	node.mtime_ns = node.ctime_ns = INT64_C(5000000000000000000);
	assert_int_equal(node_add(tx, &node), 0);
	assert_int_equal(node_touch_dir(tx, node.ino), 0);
	assert_int_equal(node_get(tx, node.ino, &after), 0);
	assert_true(after.mtime_ns == node.mtime_ns + 1);
	assert_true(after.ctime_ns == node.ctime_ns + 1);
}

struct seen {
	struct buf names;
	const char *stop_at;
};

static int
note(void *cookie, const struct node *node)
{
	struct seen *seen = cookie;

	(void)buf_printf(&seen->names, "%s ", node->name);
	return seen->stop_at != NULL && strcmp(seen->stop_at, node->name) == 0
		   ? 42
		   : 0;
}

static void
assert_walk(struct tx *tx, int64_t after, const char *stop_at, int r,
    const char *expected)
{
	struct seen seen = {.stop_at = stop_at};

	assert_int_equal(node_each(tx, NODE_ROOT, after, note, &seen), r);
	assert_string_equal(buf_str(&seen.names), expected);
	buf_free(&seen.names);
}

static void
walks(void **state)
{
	struct tx *tx = ((struct fixture *)*state)->tx;
	struct node local = make("local", ""), a = make("a", "b1"),
		    b = make("b", "b2"), c = make("c", "b3");

	local.kind = NODE_LOCAL_FILE;
	assert_int_equal(node_has_children(tx, NODE_ROOT), 0);
	assert_int_equal(node_add_local(tx, &local), 0);
	assert_int_equal(node_has_children(tx, NODE_ROOT), 1);
	a.off = node_off_from_pos(3);
	b.off = node_off_from_pos(1e300);
	c.off = node_off_from_pos(0.5);
	assert_int_equal(node_add(tx, &a), 0);
	assert_int_equal(node_add(tx, &b), 0);
	assert_int_equal(node_add(tx, &c), 0);
	assert_walk(tx, 0, NULL, 0, "c a b local ");
	assert_walk(tx, c.off, NULL, 0, "a b local ");
	assert_walk(tx, a.off, NULL, 0, "b local ");
	assert_walk(tx, local.off, NULL, 0, "");
	assert_walk(tx, 0, "a", 42, "c a ");
	assert_walk(tx, 0, "a", 42, "c a ");
	/* Who stands behind one that has gone goes on with the next. */
	assert_int_equal(node_delete(tx, a.ino), 0);
	assert_walk(tx, a.off, NULL, 0, "b local ");
	assert_int_equal(node_has_children(tx, a.ino), 0);
}

/* The bits of a positive double sort as the number does. */
static void
offsets(void **state)
{
	static const double sorted[] = {0.0, DBL_MIN * 1.5, 1e-300, 0.25, 1,
	    1 + DBL_EPSILON, 2, 16384, 16384.00001, 1e10, 1e300,
	    DBL_MAX / 1024};
	const int64_t local = node_off_local(NODE_FIRST);
	size_t n = sizeof sorted / sizeof sorted[0];

	(void)state;
	for (size_t i = 0; i < n; i++) {
		int64_t off = node_off_from_pos(sorted[i]);

		assert_true(off > 2);
		/* With room for many that are equal. */
		assert_true(off + 1000000 < local);
		if (i > 0)
			assert_true(node_off_from_pos(sorted[i - 1]) < off);
	}
	for (int i = 0; i < 4; i++) {
		const double nasty[] = {NAN, INFINITY, -INFINITY, -1};
		int64_t off = node_off_from_pos(nasty[i]);

		assert_true(off > 2 && off + 1000000 < local);
	}
	assert_true(node_off_from_pos(INFINITY) > node_off_from_pos(1e300));
	assert_true(node_off_from_pos(-5) == node_off_from_pos(0));
	assert_true(local > 0);
	assert_true(node_off_local(UINT64_C(1) << 40) > local);
}

static void
stamps(void **state)
{
	(void)state;
	assert_true(node_time_from_ms(0) == 0);
	assert_true(node_time_from_ms(-1) == -1000000);
	assert_true(
	    node_time_from_ms(1600000000123) == INT64_C(1600000000123000000));
	assert_true(node_time_from_ms(INT64_MAX) < INT64_MAX - 1000000000);
	assert_true(node_time_from_ms(INT64_MIN) > INT64_MIN + 1000000000);
	assert_true(node_time_from_ms(INT64_MAX) > 0);
}

static void
texts(void **state)
{
	struct tx *tx = ((struct fixture *)*state)->tx;
	struct node node = make("A", "b1");
	struct buf text = BUF_INIT;
	char some[8];
	size_t len;

	assert_int_equal(node_add(tx, &node), 0);
	assert_int_equal(node_text(tx, node.ino, &text), -ENOENT);
	assert_int_equal(
	    node_text_read(tx, node.ino, 0, some, 8, &len), -ENOENT);
	assert_int_equal(
	    node_text_set(tx, node.ino, "r1", "0\00023456789", 10), 0);
	assert_int_equal(node_text(tx, node.ino, &text), 0);
	assert_int_equal(text.len, 10);
	assert_memory_equal(text.data, "0\00023456789", 10);
	buf_free(&text);
	assert_int_equal(node_text_read(tx, node.ino, 6, some, 8, &len), 0);
	assert_int_equal(len, 4);
	assert_memory_equal(some, "6789", 4);
	assert_int_equal(node_text_read(tx, node.ino, 2, some, 3, &len), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(some, "234", 3);
	assert_int_equal(node_text_read(tx, node.ino, 10, some, 3, &len), 0);
	assert_int_equal(len, 0);
	assert_int_equal(
	    node_text_read(tx, node.ino, INT64_MAX, some, 3, &len), 0);
	assert_int_equal(len, 0);
	assert_int_equal(node_text_set(tx, node.ino, "r2", "", 0), 0);
	assert_int_equal(node_text(tx, node.ino, &text), 0);
	assert_int_equal(text.len, 0);
	buf_free(&text);
	assert_int_equal(node_delete(tx, node.ino), 0);
	assert_int_equal(node_text(tx, node.ino, &text), -ENOENT);
}

/* Local files without a name go when the program begins; others stay. */
static void
orphans(void **state)
{
	struct tx *tx = ((struct fixture *)*state)->tx;
	struct node card = make("card.md", "c1"), orphan = make("o", ""),
		    file = make("f", "");
	int64_t files, bytes;

	card.kind = NODE_CARD;
	card.parent = 0;
	orphan.kind = file.kind = NODE_LOCAL_FILE;
	orphan.size = file.size = 0;
	assert_int_equal(node_add(tx, &card), 0);
	assert_int_equal(node_add_local(tx, &orphan), 0);
	assert_int_equal(node_add_local(tx, &file), 0);
	assert_int_equal(local_write(tx, &orphan, 0, "orphan", 6), 0);
	assert_int_equal(local_write(tx, &file, 0, "file", 4), 0);
	orphan.parent = 0;
	assert_int_equal(node_update(tx, &orphan), 0);
	assert_int_equal(local_usage(tx, &files, &bytes), 0);
	assert_int_equal(files, 2);
	assert_int_equal(bytes, 10);
	assert_int_equal(node_drop_orphans(tx), 0);
	assert_int_equal(local_usage(tx, &files, &bytes), 0);
	assert_int_equal(files, 1);
	assert_int_equal(bytes, 4);
	assert_int_equal(node_get(tx, orphan.ino, &orphan), -ENOENT);
	assert_int_equal(node_get(tx, card.ino, &card), 0);
	assert_int_equal(node_get(tx, file.ino, &file), 0);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(found_as_it_was),
	    T(not_there),
	    T(names_are_unique),
	    T(numbers_are_not_used_again),
	    T(the_root),
	    T(times_of_folders_move_forward),
	    T(walks),
	    cmocka_unit_test(offsets),
	    cmocka_unit_test(stamps),
	    T(texts),
	    T(orphans),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
