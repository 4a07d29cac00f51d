#include "unit.h"

#include "util/log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Run `say` with standard error going to a file; its text goes to out. */
static void
capture(void (*say)(void), char *out, size_t size)
{
	FILE *file = tmpfile();
	int saved = dup(STDERR_FILENO);
	size_t n;

	assert_non_null(file);
	assert_true(saved >= 0);
	(void)fflush(stderr);
	assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
	say();
	(void)fflush(stderr);
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	(void)close(saved);
	rewind(file);
	n = fread(out, 1, size - 1, file);
	out[n] = '\0';
	(void)fclose(file);
}

static void
say_all(void)
{
	log_error("one %d", 1);
	log_warning("two");
	log_notice("three");
	log_info("four");
	log_debug("five");
}

static void
say_something_nasty(void)
{
	log_error("a\nb\033[2J\xc2\x9b"
		  "m\xff \xc3\xa4");
}

static void
say_much(void)
{
	char text[5000];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	log_error("%s", text);
}

static void
shows_levels(void **state)
{
	static const struct {
		int level;
		const char *text;
	} cases[] = {
	    {3, "trellofs: error: one 1\n"},
	    {5, "trellofs: error: one 1\ntrellofs: warning: two\n"
		"trellofs: notice: three\n"},
	    {7, "trellofs: error: one 1\ntrellofs: warning: two\n"
		"trellofs: notice: three\ntrellofs: info: four\n"
		"trellofs: debug: five\n"},
	};
	char out[1024];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		log_init(false, cases[i].level);
		capture(say_all, out, sizeof out);
		assert_string_equal(out, cases[i].text);
	}
}

static void
stays_one_printable_line(void **state)
{
	char out[8192];

	(void)state;
	log_init(false, 5);
	capture(say_something_nasty, out, sizeof out);
	assert_string_equal(out, "trellofs: error: a?b?[2J?m? \xc3\xa4\n");
	capture(say_much, out, sizeof out);
	assert_in_range(strlen(out), 1000, 3000);
	assert_ptr_equal(strchr(out, '\n'), out + strlen(out) - 1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(shows_levels),
    cmocka_unit_test(stays_one_printable_line),
};

UNIT_MAIN(tests)
