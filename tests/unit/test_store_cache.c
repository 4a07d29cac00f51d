#include "unit.h"

#include "store/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define A "5e00000000000000000000a1"
#define B "5e00000000000000000000a2"
#define C "5e00000000000000000000a3"

static char folder[PATH_MAX];
static struct cache *cache;

static void
reopen(int64_t max_bytes)
{
	cache_close(cache);
	assert_int_equal(cache_open(folder, max_bytes, &cache), 0);
}

static int
set_up(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	(void)snprintf(folder, sizeof folder, "%.*s/trellofs-cache-XXXXXX",
	    PATH_MAX - 64, tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(folder) == NULL)
		return -1;
	strcat(folder, "/in");
	cache = NULL;
	reopen(1000);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	cache_close(cache);
	assert_int_equal(cache_remove(folder), 0);
	assert_int_equal(access(folder, F_OK), -1);
	*strrchr(folder, '/') = '\0';
	return rmdir(folder);
}

static struct cached *
open_file(const char *id, int64_t size)
{
	struct cached *cached = NULL;

	assert_int_equal(cached_open(cache, id, size, &cached), 0);
	return cached;
}

static void
put(struct cached *cached, int64_t offset, const char *data)
{
	size_t len = strlen(data);

	assert_int_equal(cached_write(cached, offset, data, len), 0);
	assert_int_equal(cached_add(cached, offset, len), 0);
}

static bool
has(const struct cached *cached, int64_t offset, const char *data)
{
	char got[64] = "";
	size_t len = strlen(data);

	if (ranges_missing(cached_ranges(cached), offset,
		offset + (int64_t)len) != offset + (int64_t)len)
		return false;
	assert_int_equal(cached_read(cached, offset, got, len), 0);
	assert_string_equal(got, data);
	return true;
}

static bool
exists(const char *id, const char *end)
{
	char path[PATH_MAX + 64];

	(void)snprintf(path, sizeof path, "%s/%s%s", folder, id, end);
	return access(path, F_OK) == 0;
}

static void
test_what_is_there_stays(void **state)
{
	struct cached *cached = open_file(A, 100);
	struct stat st;

	(void)state;
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	put(cached, 10, "abc");
	put(cached, 50, "xyz");
	cached_set_tag(cached, "\"tag\"");
	cached_close(cached);
	assert_int_equal(cache_bytes(cache), 6);
	reopen(1000);
	assert_int_equal(cache_bytes(cache), 6);
	cached = open_file(A, 100);
	assert_true(has(cached, 10, "abc"));
	assert_true(has(cached, 50, "xyz"));
	assert_false(has(cached, 13, "?"));
	assert_string_equal(cached_tag(cached), "\"tag\"");
	assert_int_equal(cached_forget(cached), 0);
	assert_false(has(cached, 10, "a"));
	assert_string_equal(cached_tag(cached), "");
	cached_close(cached);
	assert_false(exists(A, "") || exists(A, ".map"));
	assert_int_equal(cache_bytes(cache), 0);
}

/* As a crash leaves it: what was not kept claims nothing. */
static void
test_what_was_not_kept(void **state)
{
	struct cached *cached = open_file(A, 100);
	struct cache *other;
	int fd;

	(void)state;
	put(cached, 0, "abc");
	assert_int_equal(cached_unkept(cached), 3);
	assert_int_equal(cached_keep(cached), 0);
	assert_int_equal(cached_unkept(cached), 0);
	put(cached, 3, "def");
	other = cache;
	cache = NULL;
	reopen(1000);
	assert_int_equal(cache_bytes(cache), 3);
	{
		struct cached *again = open_file(A, 100);

		assert_true(has(again, 0, "abc"));
		assert_false(has(again, 3, "d"));
		cached_close(again);
	}
	cached_close(cached);
	cache_close(other);
	/* A file that lacks what its map claims. */
	cached = open_file(A, 100);
	assert_true(has(cached, 3, "def"));
	cached_close(cached);
	fd = open(folder, O_RDONLY | O_DIRECTORY);
	assert_int_equal(unlinkat(fd, A, 0), 0);
	(void)close(fd);
	cached = open_file(A, 100);
	assert_int_equal(cached_ranges(cached)->list.n, 0);
	put(cached, 0, "abc");
	cached_close(cached);
	/* And one that is of another size now. */
	cached = open_file(A, 99);
	assert_int_equal(cached_ranges(cached)->list.n, 0);
	cached_close(cached);
}

static void
spoil(const char *text)
{
	char path[PATH_MAX + 64];
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/" A ".map", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	(void)fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void
test_maps_that_are_none(void **state)
{
	static const char *const texts[] = {"", "trellofs 1 100\n",
	    "trellofs 1 100\n\n0 3\n", "trellofs 1 100\n\n0 3\nend\nmore\n",
	    "trellofs 2 100\n\n0 3\nend\n", "trellofs 1 100\n\n0 101\nend\n",
	    "trellofs 1 100\n\n3 3\nend\n", "trellofs 1 100\n\n-1 3\nend\n",
	    "trellofs 1 100\n\n0 3 x\nend\n", "trellofs 1 -1\n\nend\n",
	    "\377\376"};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct cached *cached = open_file(A, 100);

		put(cached, 0, "abc");
		cached_close(cached);
		spoil(texts[i]);
		cached = open_file(A, 100);
		assert_int_equal(cached_ranges(cached)->list.n, 0);
		put(cached, 0, "abc");
		cached_close(cached);
		spoil(texts[i]);
		reopen(1000);
		assert_false(exists(A, "") || exists(A, ".map"));
		assert_int_equal(cache_bytes(cache), 0);
	}
	{
		struct cached *cached;

		assert_int_equal(
		    cached_open(cache, "../x", 1, &cached), -EINVAL);
		assert_int_equal(cached_open(cache, "", 1, &cached), -EINVAL);
	}
}

static void
age(const char *id, time_t seconds)
{
	const struct timespec times[2] = {
	    {.tv_sec = seconds}, {.tv_sec = seconds}};
	char path[PATH_MAX + 64];

	(void)snprintf(path, sizeof path, "%s/%s.map", folder, id);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void
test_the_oldest_goes(void **state)
{
	static const char *const ids[] = {A, B, C};
	struct cached *cached, *held;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		cached = open_file(ids[i], 100);
		put(cached, 0, "0123456789");
		cached_close(cached);
	}
	/* Read again, A is younger than B. */
	age(A, 3000);
	age(B, 1000);
	age(C, 2000);
	reopen(25);
	assert_true(exists(A, ""));
	assert_false(exists(B, ""));
	assert_true(exists(C, ""));
	assert_int_equal(cache_bytes(cache), 20);
	/* What is open stays, however old and large. */
	held = open_file(C, 100);
	put(held, 10, "0123456789");
	assert_int_equal(cache_make_room(cache, 0), 1);
	assert_false(exists(A, ""));
	put(held, 20, "0123456789");
	assert_int_equal(cache_make_room(cache, 0), 0);
	assert_int_equal(cache_make_room(cache, CACHE_ONE), 0);
	assert_int_equal(cache_bytes(cache), 30);
	assert_true(has(held, 25, "56789"));
	cached_close(held);
	assert_int_equal(cache_bytes(cache), 0);
	assert_false(exists(C, ""));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(
	test_what_is_there_stays, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_what_was_not_kept, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_maps_that_are_none, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_the_oldest_goes, set_up, tear_down),
};

UNIT_MAIN(tests)
