#include "unit.h"

#include "store/journal.h"
#include "store/peek.h"
#include "store/saves.h"
#include "store/store.h"
#include "util/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/test-store-peek-XXXXXX";
static char path[100];

static int
set_up(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	(void)snprintf(path, sizeof path, "%s/default.db", folder);
	return 0;
}

static int
tear_down(void **state)
{
	char command[100];

	(void)state;
	(void)snprintf(command, sizeof command, "rm -r %s", folder);
	memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
	return system(command) == 0 ? 0 : -1;
}

static void
fill(struct store *store)
{
	struct entry entry = {.kind = ENTRY_CARD_CHANGE,
	    .object = "5e00000000000000000000c1",
	    .board = "5e00000000000000000000b0"};
	struct tx *tx;

	assert_int_equal(store_write(store, &tx), 0);
	assert_int_equal(store_meta_set(tx, "member", "m1"), 0);
	assert_int_equal(store_meta_set(tx, "username", "tester"), 0);
	assert_int_equal(store_meta_set(tx, "api_url", "https://x/1"), 0);
	assert_int_equal(journal_add(tx, &entry), 0);
	entry.seq = 0;
	entry.held = true;
	assert_int_equal(journal_add(tx, &entry), 0);
	entry.seq = 0;
	entry.held = false;
	entry.state = ENTRY_REFUSED;
	assert_int_equal(journal_add(tx, &entry), 0);
	assert_int_equal(store_commit(tx), 0);
	entry_fini(&entry);
}

static void
nothing(void **state)
{
	struct store_peek peek;
	struct store *store;
	struct err err = {0};

	(void)state;
	assert_int_equal(store_peek(path, &peek, &err), -ENOENT);
	assert_int_equal(store_peek("/nowhere/x.db", &peek, &err), -ENOENT);
	/* Nobody's yet. */
	assert_int_equal(store_open(path, &store, &err), 0);
	assert_int_equal(store_peek(path, &peek, &err), -ENOENT);
	store_close(store);
	assert_int_equal(store_peek(path, &peek, &err), -ENOENT);
	assert_string_equal(err.text, "");
}

/* Whether it is in use or not; what was refused does not wait. */
static void
somebodys(void **state)
{
	struct store_peek peek;
	struct store *store;
	struct err err = {0};

	(void)state;
	assert_int_equal(store_open(path, &store, &err), 0);
	fill(store);
	for (int i = 0; i < 2; i++) {
		memset(&peek, 0, sizeof peek);
		assert_int_equal(store_peek(path, &peek, &err), 0);
		assert_string_equal(peek.member, "m1");
		assert_string_equal(peek.username, "tester");
		assert_string_equal(peek.api_url, "https://x/1");
		assert_int_equal(peek.waiting, 2);
		store_close(store);
		store = NULL;
	}
}

static void
damaged(void **state)
{
	struct store_peek peek;
	struct err err = {0};
	FILE *file = fopen(path, "w");

	(void)state;
	assert_non_null(file);
	for (int i = 0; i < 1000; i++)
		(void)fputs("no database", file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(store_peek(path, &peek, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "cannot be read"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static const struct CMUnitTest tests[] = {
    TEST(nothing),
    TEST(somebodys),
    TEST(damaged),
};

UNIT_MAIN(tests)
