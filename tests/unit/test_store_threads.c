/* Many threads at one store: reads beside writes, snapshots, one writer. */

#include "store_help.h"
#include "unit.h"

#include "store/local.h"
#include "store/store.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* More than the pool has connections. */
#define READERS 20
#define WRITERS 4
#define ROUNDS 50

struct shared {
	struct store *store;
	atomic_bool stop;
	atomic_uint reads;
	struct node file;
};

/* cmocka's asserts work in its own thread only. */
static void
must(bool good, const char *what)
{
	if (good)
		return;
	(void)fprintf(stderr, "%s\n", what);
	abort();
}

/* Two settings that are always written together. */
static void *
read_pairs(void *cookie)
{
	struct shared *shared = cookie;

	for (bool brief = false; !atomic_load(&shared->stop); brief = !brief) {
		char a[32] = "", b[32] = "";
		struct tx *tx;
		int r = brief ? store_read_brief(shared->store, &tx)
			      : store_read(shared->store, true, &tx);

		must(r == 0, "read");
		must(store_meta_get(tx, "a", a, sizeof a) == 0, "a");
		must(store_meta_get(tx, "b", b, sizeof b) == 0, "b");
		store_end(tx);
		must(strcmp(a, b) == 0, "not of one moment");
		(void)atomic_fetch_add(&shared->reads, 1);
	}
	return NULL;
}

static void
write_pair(struct store *store, const char *value, bool commit)
{
	struct tx *tx;

	must(store_write(store, &tx) == 0, "write");
	must(store_meta_set(tx, "a", value) == 0, "set a");
	must(store_meta_set(tx, "b", value) == 0, "set b");
	if (commit)
		must(store_commit(tx) == 0, "commit");
	else
		store_end(tx);
}

static void *
write_pairs(void *cookie)
{
	struct shared *shared = cookie;

	for (int i = 0; i < ROUNDS; i++) {
		char value[32];

		(void)snprintf(value, sizeof value, "%d %p", i, (void *)&value);
		write_pair(shared->store, value, i % 5 != 0);
		must(store_sync(shared->store) == 0, "sync");
	}
	return NULL;
}

static void
run_pairs(struct store *store)
{
	struct shared shared = {.store = store};
	pthread_t readers[READERS], writers[WRITERS];

	write_pair(store, "first", true);
	for (int i = 0; i < READERS; i++)
		assert_int_equal(
		    pthread_create(&readers[i], NULL, read_pairs, &shared), 0);
	for (int i = 0; i < WRITERS; i++)
		assert_int_equal(
		    pthread_create(&writers[i], NULL, write_pairs, &shared), 0);
	for (int i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_join(writers[i], NULL), 0);
	atomic_store(&shared.stop, true);
	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_join(readers[i], NULL), 0);
	assert_true(atomic_load(&shared.reads) > 0);
}

static void
pairs_in_memory(void **state)
{
	struct store *store = open_memory();

	(void)state;
	run_pairs(store);
	store_close(store);
}

static void
pairs_in_a_file(void **state)
{
	char folder[64], path[128];
	struct store *store;

	(void)state;
	temp_make(folder);
	(void)snprintf(path, sizeof path, "%s/p.db", folder);
	store = open_file(path);
	run_pairs(store);
	store_close(store);
	temp_remove(folder);
}

/* A reader that takes its time sees what was when it began, and holds up
 * nobody. */
static void
old_snapshot(void **state)
{
	char folder[64], path[128], value[16];
	struct store *store;
	struct tx *old, *one;

	(void)state;
	temp_make(folder);
	(void)snprintf(path, sizeof path, "%s/p.db", folder);
	store = open_file(path);
	write_pair(store, "first", true);
	assert_int_equal(store_read(store, true, &old), 0);
	assert_int_equal(store_meta_get(old, "a", value, sizeof value), 0);
	assert_int_equal(store_read(store, false, &one), 0);
	write_pair(store, "second", true);
	assert_int_equal(store_meta_get(old, "b", value, sizeof value), 0);
	assert_string_equal(value, "first");
	assert_int_equal(store_meta_get(one, "b", value, sizeof value), 0);
	assert_string_equal(value, "second");
	store_end(one);
	store_end(old);
	store_close(store);
	temp_remove(folder);
}

static void *
append_bytes(void *cookie)
{
	struct shared *shared = cookie;

	for (int i = 0; i < ROUNDS; i++) {
		struct node node;
		struct tx *tx;

		must(store_write(shared->store, &tx) == 0, "write");
		must(node_get(tx, shared->file.ino, &node) == 0, "get");
		must(local_write(tx, &node, node.size, "x", 1) == 0, "append");
		must(store_commit(tx) == 0, "commit");
	}
	return NULL;
}

static int
count(void *cookie, const struct node *node)
{
	must(node->name[0] != '\0' && strchr(node->name, '/') == NULL, "name");
	(*(int *)cookie)++;
	return 0;
}

/* Look at the whole tree over and over. */
static void *
walk_tree(void *cookie)
{
	struct shared *shared = cookie;

	while (!atomic_load(&shared->stop)) {
		struct node board, list;
		struct tx *tx;
		int n = 0;

		must(store_read(shared->store, true, &tx) == 0, "read");
		must(node_by_name(tx, NODE_ROOT, "B", &board) == 0, "B");
		must(node_by_name(tx, board.ino, "Todo", &list) == 0, "Todo");
		must(node_each(tx, list.ino, 0, count, &n) == 0, "each");
		store_end(tx);
		must(n == 3, "cards were in between");
		(void)atomic_fetch_add(&shared->reads, 1);
	}
	return NULL;
}

/* Boards are applied while files are written and everybody looks. */
static void
everything_at_once(void **state)
{
	char folder[64], path[128];
	struct shared shared = {0};
	pthread_t walkers[4], writers[2];
	struct board board;

	(void)state;
	temp_make(folder);
	(void)snprintf(path, sizeof path, "%s/p.db", folder);
	shared.store = open_file(path);
	board_make_small(&board, "b1", "B");
	apply(shared.store, &board, NULL);
	shared.file = (struct node){
	    .parent = NODE_ROOT, .kind = NODE_LOCAL_FILE, .name = "f"};
	{
		struct tx *tx;

		assert_int_equal(store_write(shared.store, &tx), 0);
		assert_int_equal(node_add_local(tx, &shared.file), 0);
		assert_int_equal(store_commit(tx), 0);
	}
	for (int i = 0; i < 4; i++)
		assert_int_equal(
		    pthread_create(&walkers[i], NULL, walk_tree, &shared), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    pthread_create(&writers[i], NULL, append_bytes, &shared),
		    0);
	for (int i = 0; i < ROUNDS; i++) {
		char *one = board.cards.v[0].name;

		/* Two swap their titles. */
		board.cards.v[0].name = board.cards.v[1].name;
		board.cards.v[1].name = one;
		board.cards.v[2].pos = i;
		apply(shared.store, &board, NULL);
	}
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_join(writers[i], NULL), 0);
	atomic_store(&shared.stop, true);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_join(walkers[i], NULL), 0);
	assert_true(atomic_load(&shared.reads) > 0);
	assert_true(node_at(shared.store, "f").size == 2 * ROUNDS);
	assert_sound(shared.store);
	board_fini(&board);
	store_close(shared.store);
	temp_remove(folder);
}

/* How often the log was begun anew: the number of its header (WAL format). */
static unsigned
log_number(const char *path)
{
	unsigned char header[16] = {0};
	char wal[256];
	FILE *file;

	(void)snprintf(wal, sizeof wal, "%s-wal", path);
	file = fopen(wal, "rb");
	must(file != NULL, "the log");
	must(fread(header, sizeof header, 1, file) == 1, "its header");
	(void)fclose(file);
	return (unsigned)header[14] << 8 | header[15];
}

static void
write_much(struct store *store, struct node *file, char fill)
{
	static char data[65536];
	struct tx *tx;

	memset(data, fill, sizeof data);
	must(store_write(store, &tx) == 0, "write");
	must(local_write(tx, file, 0, data, sizeof data) == 0, "much");
	must(store_commit(tx) == 0, "commit");
}

/* Who writes and writes does not make the log longer and longer: it is copied
 * meanwhile, and begun anew. */
static void
log_is_begun_anew(void **state)
{
	struct node file = {
	    .parent = NODE_ROOT, .kind = NODE_LOCAL_FILE, .name = "f"};
	char folder[64], path[128], data[4];
	struct store *store;
	struct tx *tx;
	time_t end = time(NULL) + 60;
	unsigned first;
	size_t len;
	int n = 0;

	(void)state;
	temp_make(folder);
	(void)snprintf(path, sizeof path, "%s/p.db", folder);
	store = open_file(path);
	assert_int_equal(store_write(store, &tx), 0);
	assert_int_equal(node_add_local(tx, &file), 0);
	assert_int_equal(store_commit(tx), 0);
	first = log_number(path);
	while (log_number(path) < first + 2 && time(NULL) < end) {
		write_much(store, &file, (char)('a' + n++ % 26));
		/* Its transaction goes on. */
		assert_int_equal(store_read_brief(store, &tx), 0);
		assert_int_equal(local_read(tx, &file, 0, data, 1, &len), 0);
		store_end(tx);
	}
	assert_true(log_number(path) >= first + 2);
	assert_int_equal(store_read(store, true, &tx), 0);
	assert_int_equal(local_read(tx, &file, 65533, data, 4, &len), 0);
	store_end(tx);
	assert_int_equal(len, 3);
	assert_int_equal(data[0], 'a' + (n - 1) % 26);
	store_close(store);
	temp_remove(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pairs_in_memory),
	    cmocka_unit_test(pairs_in_a_file),
	    cmocka_unit_test(old_snapshot),
	    cmocka_unit_test(everything_at_once),
	    cmocka_unit_test(log_is_begun_anew),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
