#include "unit.h"

#include "feed.h"
#include "model/model_json.h"
#include "model_equal.h"
#include "model_random.h"
#include "util/buf.h"
#include "util/err.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * Every allocation of ours fails once: the linker sends calls to what stands
 * here (--wrap).  What leaks or is freed twice then is for the sanitizers and
 * valgrind to see.
 */

void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t n);

static long countdown = -1; /* the allocation that fails; negative: none */
static bool failed;

static bool
fails(void)
{
	if (countdown < 0 || countdown-- > 0)
		return false;
	failed = true;
	return true;
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

void *
__wrap_reallocarray(void *p, size_t n, size_t size)
{
	return fails() ? NULL : __real_reallocarray(p, n, size);
}

char *
__wrap_strdup(const char *s)
{
	return fails() ? NULL : __real_strdup(s);
}

char *
__wrap_strndup(const char *s, size_t n)
{
	return fails() ? NULL : __real_strndup(s, n);
}

static void
fail_at(long n)
{
	countdown = n;
	failed = false;
}

/* Whether one did fail since; none does from now on. */
static bool
did_fail(void)
{
	countdown = -1;
	return failed;
}

/* A small reply that has to be settled in every way. */
static const char json[] =
    "{\"id\":\"b\",\"name\":\"A\",\"members\":[{\"id\":\"m\",\"username\":"
    "\"alice\"},{\"id\":\"n\"}],\"lists\":[{\"id\":\"l2\",\"name\":\"L\"},"
    "{\"id\":\"l1\"}],\"customFields\":[{\"id\":\"f\",\"options\":[{\"id\":"
    "\"o\",\"value\":{\"text\":\"t\"}},{\"id\":\"p\"}]},{\"id\":\"e\"}],"
    "\"cards\":[{\"id\":\"c\",\"name\":\"\\u0000x\",\"url\":"
    "\"https://trello.com/c/Ab12Cd34\",\"pos\":1.5,\"labels\":[{\"color\":"
    "\"red\",\"name\":\"Bug\"},{\"id\":\"k\"}],\"idMembers\":[\"m\",\"m\"],"
    "\"checkItemStates\":[{\"idCheckItem\":\"i\",\"state\":\"complete\"}],"
    "\"attachments\":[{\"id\":\"t\",\"name\":\"n\",\"bytes\":\"7\"},{\"id\":"
    "\"t\",\"url\":\"u\"}],\"customFieldItems\":[{\"idCustomField\":\"f\","
    "\"value\":{\"text\":\"1\"}},{\"idCustomField\":\"e\",\"value\":"
    "{\"text\":\"\"}}]},{\"id\":\"d\"},{\"id\":\"c\"}],\"checklists\":["
    "{\"id\":\"q\",\"idCard\":\"c\",\"name\":\"Q\",\"checkItems\":[{\"id\":"
    "\"j\",\"name\":\"J\"},{\"id\":\"i\"}]},{\"id\":\"r\",\"idCard\":\"c\"},"
    "{\"id\":\"s\",\"name\":\"gone\"}],\"actions\":[{\"id\":\"2\",\"type\":"
    "\"commentCard\",\"idMemberCreator\":\"m\",\"data\":{\"text\":\"x\","
    "\"card\":{\"id\":\"c\"}}},{\"id\":\"1\",\"data\":{\"text\":\"y\","
    "\"card\":{\"id\":\"c\"}}},{\"id\":\"3\",\"data\":{\"text\":\"gone\"}},"
    "{\"id\":\"4\",\"data\":{\"text\":\"dropped\"},\"type\":\"other\"}]}";

static int
read_board(struct board *board, struct err *err)
{
	struct json_reader *reader;
	int rc;

	board_init(board);
	reader = board_reader_new(board);
	if (reader == NULL)
		return -ENOMEM;
	rc = json_reader_feed(reader, json, sizeof json - 1, err);
	if (rc == 0)
		rc = json_reader_finish(reader, err);
	json_reader_free(reader);
	return rc;
}

static void
reading_fails_cleanly(void **state)
{
	bool any = true;

	(void)state;
	for (long n = 0; any; n++) {
		struct err err = {0};
		struct board board;
		int rc;

		fail_at(n);
		rc = read_board(&board, &err);
		any = did_fail();
		assert_int_equal(rc, any ? -ENOMEM : 0);
		assert_true(n > 30 || any);
		board_fini(&board);
	}
}

/* A board that could not be settled is settled by a second try. */
static void
settling_fails_cleanly(void **state)
{
	struct buf expected = BUF_INIT;
	struct board board;
	bool any = true;

	(void)state;
	assert_int_equal(read_board(&board, NULL), 0);
	assert_int_equal(board_gather(&board), 0);
	assert_int_equal(board_write(&board, &expected), 0);
	board_fini(&board);
	for (long n = 0; any; n++) {
		struct buf out = BUF_INIT;
		int rc;

		assert_int_equal(read_board(&board, NULL), 0);
		fail_at(n);
		rc = board_gather(&board);
		any = did_fail();
		assert_int_equal(rc, any ? -ENOMEM : 0);
		assert_true(n > 30 || any);
		assert_int_equal(board_gather(&board), 0);
		assert_int_equal(board_write(&board, &out), 0);
		assert_string_equal(buf_str(&expected), buf_str(&out));
		board_fini(&board);
		buf_free(&out);
	}
	buf_free(&expected);
}

static void
copying_and_writing_fail_cleanly(void **state)
{
	struct board board;
	bool any = true;

	(void)state;
	board_random(&board, 4711);
	assert_true(board.cards.n > 0);
	for (long n = 0; any; n++) {
		struct card copy;
		int rc;

		fail_at(n);
		rc = card_copy(&board.cards.v[0], &copy);
		any = did_fail();
		assert_int_equal(rc, any ? -ENOMEM : 0);
		card_fini(&copy);
	}
	any = true;
	for (long n = 0; any; n++) {
		struct buf out = BUF_INIT;
		int rc;

		fail_at(n);
		rc = board_write(&board, &out);
		any = did_fail();
		assert_int_equal(rc, any ? -ENOMEM : 0);
		buf_free(&out);
	}
	board_fini(&board);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(reading_fails_cleanly),
    cmocka_unit_test(settling_fails_cleanly),
    cmocka_unit_test(copying_and_writing_fail_cleanly),
};

UNIT_MAIN(tests)
