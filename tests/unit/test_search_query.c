#include "unit.h"

#include "search/query.h"
#include "util/buf.h"
#include "util/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
describe_term(const struct query_term *term, struct buf *out)
{
	static const char *const kinds[] = {"words", "member", "label", "board",
	    "list", "has", "is", "due", "created", "edited"};
	static const char *const places[] = {
	    "", "name ", "description ", "checklist ", "comment "};
	static const char *const values[] = {"", "days", "overdue", "complete",
	    "incomplete", "attachments", "description", "members", "open",
	    "archived"};

	(void)buf_printf(out, "%s%s%s %s", out->len > 0 ? "; " : "",
	    term->negated ? "not " : "", kinds[term->kind], places[term->in]);
	if (term->text != NULL)
		(void)buf_printf(
		    out, term->exact ? "\"%s\"" : "%s", term->text);
	else
		(void)buf_printf(out, "%s", values[term->value]);
	if (term->days != 0)
		(void)buf_printf(out, " %d", term->days);
}

static void
assert_query(const char *text, const char *expected)
{
	static const char *const sorts[] = {"", "created", "due"};
	struct buf out = BUF_INIT;
	struct query query;
	struct err err = {0};
	int r = query_parse(text, &query, &err);

	if (r != 0)
		fail_msg("%s: %s", text, err.text);
	for (size_t i = 0; i < query.terms.n; i++)
		describe_term(&query.terms.v[i], &out);
	if (query.sort != QUERY_BY_EDITED || query.reverse)
		(void)buf_printf(&out, " by %s%s", query.reverse ? "-" : "",
		    sorts[query.sort]);
	if (query.timed)
		(void)buf_add_str(&out, " timed");
	assert_string_equal(buf_str(&out), expected);
	buf_free(&out);
	query_fini(&query);
}

static void
assert_wrong(const char *text, const char *why)
{
	struct query query;
	struct err err = {0};

	assert_int_equal(query_parse(text, &query, &err), -EINVAL);
	assert_int_equal(err.code, -EINVAL);
	assert_string_equal(err.text, why);
}

static void
words(void **state)
{
	(void)state;
	assert_query("bug", "words bug");
	assert_query("  big\tbug\n", "words big; words bug");
	assert_query("\"big bug\"", "words \"big bug\"");
	assert_query("\"a\"b", "words \"a\"; words b");
	assert_query("a\"b c\"", "words a\"b; words c\"");
	assert_query("-bug", "not words bug");
	assert_query("-\"big bug\"", "not words \"big bug\"");
	assert_query("--bug", "not words -bug");
	assert_query("a - b", "words a; words b");
	assert_query("R & D", "words R; words D");
	assert_query("a \"\" \"...\"", "words a");
	assert_query("12:30 3.5 it's", "words 12:30; words 3.5; words it's");
	assert_query("Überblick 修复", "words Überblick; words 修复");
	assert_query("\xc3\xa9t\xc3\xa9:c", "words \xc3\xa9t\xc3\xa9:c");
}

static void
names(void **state)
{
	(void)state;
	assert_query("@me", "member me");
	assert_query("member:alice", "member alice");
	assert_query("-@\"Alice Smith\"", "not member \"Alice Smith\"");
	assert_query("#bug", "label bug");
	assert_query("Label:\"FIX IT\"", "label \"FIX IT\"");
	assert_query("-label:done", "not label done");
	assert_query(
	    "board:Trello list:\"To do\"", "board Trello; list \"To do\"");
	assert_query("name:a description:b checklist:c comment:d",
	    "words name a; words description b; words checklist c; words "
	    "comment d");
	assert_query("-comment:\"not here\"", "not words comment \"not here\"");
}

static void
properties(void **state)
{
	(void)state;
	assert_query("has:attachments", "has attachments");
	assert_query(
	    "-has:members HAS:Description", "not has members; has description");
	assert_query("is:open is:archived", "is open; is archived");
	assert_query(
	    "is:complete -is:incomplete", "is complete; not is incomplete");
	assert_query("due:day", "due days 1 timed");
	assert_query(
	    "due:week -due:month", "due days 7; not due days 30 timed");
	assert_query("due:14", "due days 14 timed");
	assert_query("due:overdue", "due overdue timed");
	assert_query(
	    "due:complete due:incomplete", "due complete; due incomplete");
	assert_query("created:week", "created days 7 timed");
	assert_query("edited:21", "edited days 21 timed");
	assert_query("due:\"week\"", "due days 7 timed");
	assert_query("due:36500", "due days 36500 timed");
}

static void
order(void **state)
{
	(void)state;
	assert_query("bug sort:created", "words bug by created");
	assert_query("sort:edited bug", "words bug");
	assert_query("sort:-edited bug", "words bug by -");
	assert_query("bug sort:due sort:-created", "words bug by -created");
	assert_query("sort:due", " by due");
}

static void
what_is_wrong(void **state)
{
	(void)state;
	assert_wrong("", "there is nothing to search for");
	assert_wrong(" \t ", "there is nothing to search for");
	assert_wrong("-", "there is nothing to search for");
	assert_wrong("\"\" !!", "there is nothing to search for");
	assert_wrong("a\xff", "this is not UTF-8");
	assert_wrong("bug lable:x",
	    "\"lable:x\" (character 5): there is no operator lable:, did you "
	    "mean label:?");
	assert_wrong("é -zzz:x",
	    "\"-zzz:x\" (character 3): there is no operator zzz:; put it in "
	    "quotes to search for the words");
	assert_wrong("due:wek",
	    "\"due:wek\" (character 1): did you mean week? There are day, "
	    "week, month, overdue, complete, incomplete or a number of days");
	assert_wrong("created:overdue",
	    "\"created:overdue\" (character 1): there are day, week, month or "
	    "a number of days");
	assert_wrong("due:0",
	    "\"due:0\" (character 1): there are day, week, month, overdue, "
	    "complete, incomplete or a number of days");
	assert_wrong("edited:99999999999999999999",
	    "\"edited:99999999999999999999\" (character 1): there are day, "
	    "week, month or a number of days");
	assert_wrong("has:", "\"has:\" (character 1): there are attachments, "
			     "description, members");
	assert_wrong("is:opne",
	    "\"is:opne\" (character 1): did you mean open? There are open, "
	    "archived, complete, incomplete");
	assert_wrong("is:starred", "\"is:starred\" (character 1): this is not "
				   "among what trellofs knows of a card");
	assert_wrong("a sort:name", "\"sort:name\" (character 3): there are "
				    "created, edited, due");
	assert_wrong("-sort:due", "\"-sort:due\" (character 1): the other way "
				  "round is written sort:-due");
	assert_wrong("label: bug", "\"label:\" (character 1): label: of what "
				   "name?");
	assert_wrong("@", "\"@\" (character 1): member: of what name?");
	assert_wrong("#\"\"", "\"#\"\"\" (character 1): label: of what name?");
	assert_wrong("a \"b c", "\"\"b c\" (character 3): there is no second "
				"quotation mark");
	assert_wrong("name:\"b", "\"name:\"b\" (character 1): there is no "
				 "second quotation mark");
}

/* Whatever is asked for: it is read or refused with a reason in one line. */
static void
anything(void **state)
{
	static const char *const pieces[] = {" ", "-", "\"", ":", "@", "#",
	    "me", "label:", "due:", "week", "sort:", "is:", "open", "9", "é",
	    "\xff", "修", "\t", "\n", "name:", "x", "\x01", "has:", "zz:"};
	const size_t n = sizeof pieces / sizeof pieces[0];

	(void)state;
	srand(7);
	for (int i = 0; i < 20000; i++) {
		struct buf text = BUF_INIT;
		struct err err = {0};
		struct query query;

		for (int k = rand() % 12; k >= 0; k--)
			(void)buf_add_str(&text, pieces[(size_t)rand() % n]);
		if (query_parse(buf_str(&text), &query, &err) == 0) {
			query_fini(&query);
		} else {
			assert_int_equal(err.code, -EINVAL);
			assert_true(err.text[0] != '\0');
			assert_null(strpbrk(err.text, "\n\t\x01"));
		}
		buf_free(&text);
	}
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(words),
    cmocka_unit_test(names),
    cmocka_unit_test(properties),
    cmocka_unit_test(order),
    cmocka_unit_test(what_is_wrong),
    cmocka_unit_test(anything),
};

UNIT_MAIN(tests)
