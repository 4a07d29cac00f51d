#include "text/board_text.h"

#include "text/text_error.h"
#include "util/buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

static void
add_label(struct board *board, const char *name, const char *color)
{
	struct label *label = VEC_ADD(&board->labels);

	assert_non_null(label);
	(void)snprintf(label->id, sizeof label->id, "l%zu", board->labels.n);
	(void)snprintf(label->color, sizeof label->color, "%s", color);
	label->name = strdup(name);
}

static void
add_member(struct board *board, const char *name)
{
	struct member *member = VEC_ADD(&board->members);

	assert_non_null(member);
	member->username = strdup(name);
}

static void
make(struct board *board)
{
	board_init(board);
	board->short_link = strdup("Ab12Cd34");
	board->desc = strdup("About it.\n\n- [ ] words");
	add_label(board, "bug", "red");
	add_label(board, "", "green");
	add_label(board, "a: b", "sky_dark");
	add_label(board, "plain (sort of)", "");
	add_member(board, "alice");
	add_member(board, "bob");
}

static const char text_of_it[] = "---\n"
				 "url: https://trello.com/b/Ab12Cd34\n"
				 "rev: d67918c9\n"
				 "labels:\n"
				 "- bug (red)\n"
				 "- (green)\n"
				 "- \"a: b (sky_dark)\"\n"
				 "- plain (sort of) (none)\n"
				 "members: [alice, bob]\n"
				 "---\n"
				 "About it.\n\n- [ ] words\n";

static void
it_shows_all(void **state)
{
	struct board board;
	struct buf out = BUF_INIT;

	(void)state;
	make(&board);
	assert_int_equal(board_text_format(&board, &out), 0);
	assert_string_equal(buf_str(&out), text_of_it);
	buf_free(&out);
	board_fini(&board);
	board_init(&board);
	assert_int_equal(board_text_format(&board, &out), 0);
	assert_string_equal(buf_str(&out), "---\nrev: d702e9bd\n---\n");
	buf_free(&out);
	board_fini(&board);
}

/* labels: id, name and colour of each, as "l1 bug red; ...". */
static void
check(
    const char *text, const char *labels, const char *removed, const char *desc)
{
	struct board board;
	struct board_edit edit;
	struct text_error error = {0};
	struct buf got = BUF_INIT;

	make(&board);
	assert_int_equal(
	    board_text_parse(text, strlen(text), &board, &edit, &error), 0);
	for (size_t i = 0; i < edit.labels.n; i++)
		(void)buf_printf(&got, "%s %s %s; ", edit.labels.v[i].id,
		    edit.labels.v[i].name, edit.labels.v[i].color);
	assert_string_equal(buf_str(&got), labels);
	buf_clear(&got);
	for (size_t i = 0; i < edit.removed.n; i++)
		(void)buf_printf(&got, "%s ", edit.removed.v[i].s);
	assert_string_equal(buf_str(&got), removed);
	assert_string_equal(edit.desc, desc);
	buf_free(&got);
	board_edit_fini(&edit);
	board_fini(&board);
}

#define SAME "l1 bug red; l2  green; l3 a: b sky_dark; l4 plain (sort of) ; "

static void
it_reads_what_it_wrote(void **state)
{
	(void)state;
	check(text_of_it, SAME, "", "About it.\n\n- [ ] words");
}

static void
labels_are_known_again(void **state)
{
	(void)state;
	/* Renamed, recoloured, both, added, removed, moved. */
	check("---\nlabels:\n- defect (red)\n- (green)\n- 'a: b (sky_dark)'\n"
	      "- plain (sort of) (none)\n---\n",
	    "l1 defect red; l2  green; l3 a: b sky_dark; "
	    "l4 plain (sort of) ; ",
	    "", "");
	check("---\nlabels: [bug (blue), '(green)', 'a: b', "
	      "'plain (sort of) (none)']\n---\nx",
	    "l1 bug blue; l2  green; l3 a: b sky_dark; "
	    "l4 plain (sort of) ; ",
	    "", "x");
	check("---\nlabels:\n- other (lime)\n- (green)\n- 'a: b'\n"
	      "- plain (sort of) (none)\n- new (pink_light)\n---\n",
	    "l1 other lime; l2  green; l3 a: b sky_dark; "
	    "l4 plain (sort of) ;  new pink_light; ",
	    "", "");
	check("---\nlabels:\n- plain (sort of) (none)\n- bug (red)\n---\n",
	    "l4 plain (sort of) ; l1 bug red; ", "l2 l3 ", "");
	check("---\nlabels: []\n---\n", "", "l1 l2 l3 l4 ", "");
	check("---\nurl: x\n---\nwords\n", "", "", "words");
}

static void
without_front_matter_it_is_a_description(void **state)
{
	(void)state;
	check("Only words.\n", "", "", "Only words.");
}

static void
refuses(const char *text, unsigned line, const char *what)
{
	struct board board;
	struct board_edit edit;
	struct text_error error = {0};

	make(&board);
	assert_int_equal(
	    board_text_parse(text, strlen(text), &board, &edit, &error),
	    -EINVAL);
	assert_int_equal(error.line, line);
	assert_non_null(strstr(error.what, what));
	assert_true(error.why[0] != '\0' && error.remedy[0] != '\0');
	board_fini(&board);
}

static void
it_tells_what_is_wrong(void **state)
{
	struct board board;
	struct board_edit edit;
	struct text_error error = {0};
	char *long_text = malloc(20001);

	(void)state;
	refuses("---\nlabels:\n- bug (redd)\n---\n", 3, "colour \"redd\"");
	refuses("---\nlables:\n- bug (red)\n---\n", 2, "\"lables\"");
	refuses("---\nmembers: [alice]\n---\n", 2, "members");
	refuses("---\nmembers: [alice, carol]\n---\n", 2, "members");
	refuses("---\nlabels:\n- (none)\n---\n", 3, "without a name");
	refuses("---\nlabels: {a: b}\n---\n", 2, "no list");
	refuses("---\nlabels:\n- bug (red)\n", 1, "no end");
	refuses("---\nlabels: [\n---\n", 3, "");
	refuses("\xff\xfe", 0, "UTF-8");
	make(&board);
	memset(long_text, 'x', 20000);
	long_text[20000] = '\0';
	assert_int_equal(
	    board_text_parse(long_text, 20000, &board, &edit, &error), -EFBIG);
	board_fini(&board);
	free(long_text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_shows_all),
	    cmocka_unit_test(it_reads_what_it_wrote),
	    cmocka_unit_test(labels_are_known_again),
	    cmocka_unit_test(without_front_matter_it_is_a_description),
	    cmocka_unit_test(it_tells_what_is_wrong),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
