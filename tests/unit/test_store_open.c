/* Opening a database: new, again, newer, damaged; settings in it. */

#include "store_help.h"
#include "unit.h"

#include "store/local.h"
#include "store/store.h"
#include "util/err.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
	char folder[64];
	char path[128];
};

static int
setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);

	assert_non_null(fixture);
	temp_make(fixture->folder);
	(void)snprintf(
	    fixture->path, sizeof fixture->path, "%s/p.db", fixture->folder);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	temp_remove(fixture->folder);
	free(fixture);
	return 0;
}

static void
set_meta(struct store *store, const char *key, const char *value)
{
	struct tx *tx;

	assert_int_equal(store_write(store, &tx), 0);
	assert_int_equal(store_meta_set(tx, key, value), 0);
	assert_int_equal(store_commit(tx), 0);
}

static void
assert_meta(struct store *store, const char *key, const char *expected)
{
	char value[16];
	struct tx *tx;
	int r;

	assert_int_equal(store_read(store, false, &tx), 0);
	r = store_meta_get(tx, key, value, sizeof value);
	store_end(tx);
	assert_int_equal(r, expected != NULL ? 0 : -ENOENT);
	if (expected != NULL)
		assert_string_equal(value, expected);
}

static void
settings(struct store *store)
{
	struct tx *tx;

	assert_meta(store, "who", NULL);
	set_meta(store, "who", "me");
	assert_meta(store, "who", "me");
	set_meta(store, "who", "somebody quite else");
	assert_meta(store, "who", "somebody quite ");
	set_meta(store, "who", "");
	assert_meta(store, "who", "");
	/* Undone. */
	assert_int_equal(store_write(store, &tx), 0);
	assert_int_equal(store_meta_set(tx, "who", "nobody"), 0);
	store_end(tx);
	assert_meta(store, "who", "");
	store_end(NULL);
}

static void
in_memory(void **state)
{
	struct store *store = open_memory(), *other = open_memory();

	(void)state;
	settings(store);
	assert_meta(other, "who", NULL);
	assert_int_equal(store_sync(store), 0);
	store_close(other);
	store_close(store);
	store_close(NULL);
}

static void
new_file(void **state)
{
	struct fixture *fixture = *state;
	static const char *const names[] = {"p.db", "p.db-wal", "p.db-shm"};
	mode_t umask_before = umask(0);
	struct store *store = open_file(fixture->path);
	struct stat st;

	settings(store);
	for (size_t i = 0; i < 3; i++) {
		char path[128];

		(void)snprintf(
		    path, sizeof path, "%s/%s", fixture->folder, names[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
	(void)umask(umask_before);
	assert_int_equal(store_sync(store), 0);
	store_close(store);
	store = open_file(fixture->path);
	assert_meta(store, "who", "");
	store_close(store);
}

static void
not_to_be_opened(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	struct err err = {0};
	char path[128];

	assert_int_equal(
	    store_open("no such folder/p.db", &store, &err), -ENOENT);
	assert_non_null(strstr(err.text, "no such folder/p.db"));
	assert_int_equal(store_open(fixture->folder, &store, &err), -EISDIR);
	/* Nobody may make us write elsewhere. */
	(void)snprintf(path, sizeof path, "%s/link", fixture->folder);
	assert_int_equal(symlink("p.db", path), 0);
	assert_int_equal(store_open(path, &store, &err), -ELOOP);
}

static void
run_sql(const char *path, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	(void)sqlite3_close(db);
}

static int
user_version(const char *path)
{
	sqlite3_stmt *stmt;
	sqlite3 *sqlite;
	int version;

	assert_int_equal(sqlite3_open(path, &sqlite), SQLITE_OK);
	assert_int_equal(
	    sqlite3_prepare_v2(sqlite, "PRAGMA user_version", -1, &stmt, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	version = sqlite3_column_int(stmt, 0);
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(sqlite);
	return version;
}

static void
of_a_newer_program(void **state)
{
	struct fixture *fixture = *state;
	char back[64];
	struct store *store;
	struct err err = {0};

	store_close(open_file(fixture->path));
	(void)snprintf(back, sizeof back, "PRAGMA user_version = %d",
	    user_version(fixture->path));
	run_sql(fixture->path, "PRAGMA user_version = 1000");
	assert_int_equal(store_open(fixture->path, &store, &err), -EPROTO);
	assert_non_null(strstr(err.text, fixture->path));
	assert_non_null(strstr(err.text, "newer"));
	/* It is as it was. */
	run_sql(fixture->path, back);
	store_close(open_file(fixture->path));
}

static void
begun_and_not_finished(void **state)
{
	struct fixture *fixture = *state;
	int fd = open(fixture->path, O_CREAT | O_WRONLY, 0600);

	/* What a crash right after the creation leaves. */
	assert_true(fd >= 0);
	(void)close(fd);
	store_close(open_file(fixture->path));
}

static struct node
add_local(struct store *store, uint64_t parent, const char *name,
    enum node_kind kind, const char *text)
{
	struct node node = {.parent = parent, .kind = kind, .mode = 0640};
	struct tx *tx;

	(void)snprintf(node.name, sizeof node.name, "%s", name);
	assert_int_equal(store_write(store, &tx), 0);
	assert_int_equal(node_add_local(tx, &node), 0);
	if (text != NULL)
		assert_int_equal(
		    local_write(tx, &node, 0, text, strlen(text)), 0);
	assert_int_equal(store_commit(tx), 0);
	return node;
}

static void
assert_local(struct store *store, const char *path, const char *expected)
{
	struct node node = node_at(store, path);
	char text[128] = "";
	struct tx *tx;
	size_t len;

	assert_int_equal(store_read(store, false, &tx), 0);
	assert_int_equal(
	    local_read(tx, &node, 0, text, sizeof text - 1, &len), 0);
	store_end(tx);
	assert_int_equal(len, strlen(expected));
	assert_string_equal(text, expected);
}

/* A database with a few local files, one of them deleted and still open. */
static void
fill(const char *path)
{
	struct store *store = open_file(path);
	struct node dir, gone;
	struct tx *tx;

	dir = add_local(store, NODE_ROOT, ".git", NODE_LOCAL_DIR, NULL);
	(void)add_local(store, NODE_ROOT, "notes.txt", NODE_LOCAL_FILE, "abc");
	(void)add_local(store, dir.ino, "HEAD", NODE_LOCAL_FILE, "ref: x\n");
	(void)add_local(store, dir.ino, "empty", NODE_LOCAL_FILE, "");
	(void)add_local(store, dir.ino, "link", NODE_LOCAL_SYMLINK, "HEAD");
	gone = add_local(store, dir.ino, "gone", NODE_LOCAL_FILE, "no more");
	gone.parent = 0;
	assert_int_equal(store_write(store, &tx), 0);
	assert_int_equal(node_update(tx, &gone), 0);
	assert_int_equal(store_commit(tx), 0);
	store_close(store);
}

/* Put something behind all that, and cut some of it off. */
static void
cut(const char *path)
{
	struct stat st;

	run_sql(path,
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 500) INSERT INTO lists"
	    " SELECT 'l' || i, 'b', i, 'title', printf('%0500d', i) FROM n");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size - 65536), 0);
}

/* How many names in the folder contain the word. */
static int
count_names(const char *folder, const char *word)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		n += strstr(entry->d_name, word) != NULL;
	(void)closedir(dir);
	return n;
}

static void
scribble(const char *path, off_t offset, size_t len)
{
	int fd = open(path, O_WRONLY);

	assert_true(fd >= 0);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(pwrite(fd, "\x5a", 1, offset + (off_t)i), 1);
	(void)close(fd);
}

/* It must open all the same, with a word about it. */
static struct store *
open_damaged(struct fixture *fixture)
{
	struct store *store = NULL;
	struct err err = {0};
	int r = store_open(fixture->path, &store, &err);

	if (r != 0)
		fail_msg("%d: %s", r, err.text);
	assert_int_equal(err.code, -EBADMSG);
	assert_non_null(strstr(err.text, fixture->path));
	assert_non_null(strstr(err.text, ".damaged-"));
	assert_true(count_names(fixture->folder, "p.db.damaged-") >= 1);
	assert_meta(store, "who", NULL);
	set_meta(store, "who", "me");
	return store;
}

static void
no_database_at_all(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;

	fill(fixture->path);
	scribble(fixture->path, 0, 4096);
	store = open_damaged(fixture);
	assert_tree(store, "");
	store_close(store);
	store = open_file(fixture->path);
	assert_meta(store, "who", "me");
	store_close(store);
}

static void
damaged_schema(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;

	fill(fixture->path);
	scribble(fixture->path, 100, 300);
	store = open_damaged(fixture);
	store_close(store);
}

/* The end of the file is missing: what can be read is taken over. */
static void
cut_off(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	char *tree;

	fill(fixture->path);
	cut(fixture->path);
	store = open_damaged(fixture);
	tree = tree_text(store);
	assert_string_equal(tree, ".rescued/\n.rescued/1025-notes.txt\n"
				  ".rescued/1026-HEAD\n"
				  ".rescued/1027-empty\n"
				  ".rescued/1028-link\n");
	free(tree);
	assert_local(store, ".rescued/1025-notes.txt", "abc");
	assert_local(store, ".rescued/1026-HEAD", "ref: x\n");
	assert_local(store, ".rescued/1028-link", "HEAD");
	assert_int_equal(
	    node_at(store, ".rescued/1028-link").kind, NODE_LOCAL_SYMLINK);
	store_close(store);
}

/* A file whose data cannot be read is not taken over as one of zeroes. */
static void
damaged_blocks(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	sqlite3 *db;
	sqlite3_stmt *stmt;
	int root;

	fill(fixture->path);
	assert_int_equal(sqlite3_open(fixture->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
			     "SELECT rootpage FROM sqlite_schema"
			     " WHERE name = 'blocks'",
			     -1, &stmt, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	root = sqlite3_column_int(stmt, 0);
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(db);
	scribble(fixture->path, (off_t)(root - 1) * 4096, 4096);
	cut(fixture->path);
	store = open_damaged(fixture);
	assert_tree(store, ".rescued/\n.rescued/1027-empty\n");
	store_close(store);
}

static void
damaged_twice(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 3; i++) {
		fill(fixture->path);
		scribble(fixture->path, 0, 4096);
		store_close(open_damaged(fixture));
		assert_int_equal(unlink(fixture->path), 0);
	}
	/* None has overwritten another. */
	assert_int_equal(count_names(fixture->folder, ".damaged-"), 3);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(in_memory),
	    T(new_file),
	    T(not_to_be_opened),
	    T(of_a_newer_program),
	    T(begun_and_not_finished),
	    T(no_database_at_all),
	    T(damaged_schema),
	    T(cut_off),
	    T(damaged_blocks),
	    T(damaged_twice),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
