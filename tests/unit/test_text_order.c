#include "text/order_text.h"

#include "model/model.h"
#include "text/positions.h"
#include "text/text_error.h"
#include "util/buf.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define MOST 600

static uint64_t random_state = 1;

static size_t
below(size_t n)
{
	random_state = random_state * 6364136223846793005ULL + 1;
	return (size_t)(random_state >> 33) % n;
}

/* Names that the entries of the tests borrow. */
static char names[MOST][16];

static void
make_names(void)
{
	for (size_t i = 0; i < MOST; i++)
		(void)snprintf(names[i], sizeof names[i], "n%zu.md", i);
}

static void
add(struct order_entries *entries, size_t i, double pos)
{
	struct order_entry *entry = VEC_ADD(&entries->list);

	assert_non_null(entry);
	*entry = (struct order_entry){
	    .key = i + 1, .name = names[i], .id = names[i], .pos = pos};
}

/* Letters: "abc" is n0, n1, n2 with places that Trello would give. */
static void
fill(struct order_entries *entries, const char *letters)
{
	for (size_t i = 0; letters[i] != '\0'; i++)
		add(entries, (size_t)(letters[i] - 'a'),
		    16384 * (double)(i + 1));
}

static void
say(struct buf *text, const char *letters)
{
	for (; *letters != '\0'; letters++)
		(void)buf_printf(text, "%s\n", names[*letters - 'a']);
	assert_int_equal(text->err, 0);
}

/* In another list stand z, and w twice. */
static int
elsewhere(void *cookie, const char *name, struct order_entry *ret_entry,
    const char **ret_where)
{
	(void)cookie;
	if (strcmp(name, names['w' - 'a']) == 0) {
		*ret_where = "One/n22.md or Two/n22.md";
		return ORDER_TWICE;
	}
	if (strcmp(name, names['z' - 'a']) != 0)
		return ORDER_NOWHERE;
	*ret_entry = (struct order_entry){
	    .key = 26, .name = names[25], .id = names[25], .pos = 5};
	return ORDER_FOUND;
}

static void
check_order(const struct order_plan *plan)
{
	for (size_t i = 1; i < plan->places.n; i++) {
		const struct order_entry *a = &plan->places.v[i - 1].entry;
		const struct order_entry *b = &plan->places.v[i].entry;

		assert_true(
		    model_compare_pos(a->pos, a->id, b->pos, b->id) < 0);
	}
}

static size_t
count_moved(const struct order_plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->places.n; i++)
		n += plan->places.v[i].moved;
	return n;
}

/* What becomes of `now` when who saw `then` writes `text`. */
static void
check(const char *then, const char *now, const char *text, const char *wanted,
    size_t moves)
{
	struct order_entries seen = {0}, present = {0};
	struct order_source source = {
	    .then = &seen, .now = &present, .elsewhere = elsewhere};
	struct order_plan plan;
	struct text_error error = {0};
	struct buf said = BUF_INIT;
	char got[32] = "";

	fill(&seen, then);
	fill(&present, now);
	say(&said, text);
	assert_int_equal(
	    order_plan_make(&plan, buf_str(&said), said.len, &source, &error),
	    0);
	for (size_t i = 0; i < plan.places.n; i++)
		got[i] = (char)('a' + plan.places.v[i].entry.key - 1);
	assert_string_equal(got, wanted);
	assert_int_equal(count_moved(&plan), moves);
	check_order(&plan);
	order_plan_fini(&plan);
	buf_free(&said);
	VEC_FREE(&seen.list);
	VEC_FREE(&present.list);
}

static void
moves_what_was_moved(void **state)
{
	(void)state;
	check("", "", "", "", 0);
	check("abc", "abc", "abc", "abc", 0);
	check("abcd", "abcd", "dabc", "dabc", 1);
	check("abcd", "abcd", "bcda", "bcda", 1);
	check("abcd", "abcd", "acbd", "acbd", 1);
	check("abcd", "abcd", "dcba", "dcba", 3);
}

static void
keeps_what_others_did(void **state)
{
	(void)state;
	/* Somebody else has moved, added or taken away something. */
	check("abcd", "dabc", "abcd", "dabc", 0);
	check("abcd", "dabc", "bacd", "bdac", 1);
	check("abc", "abxc", "cab", "cabx", 1);
	check("abc", "abcx", "bac", "bacx", 1);
	check("abc", "ac", "cba", "ca", 1);
	check("abc", "xcab", "abc", "xcab", 0);
	/* A line that came since, and that the author has. */
	check("abc", "abcx", "xabc", "xabc", 1);
}

static void
takes_from_elsewhere(void **state)
{
	(void)state;
	check("abc", "abc", "azbc", "azbc", 1);
	check("abc", "abc", "zabc", "zabc", 1);
	check("", "", "z", "z", 1);
	check("abc", "cab", "abzc", "cabz", 1);
}

static void
refuses(const char *text, unsigned line, const char *what, const char *remedy)
{
	struct order_entries now = {0};
	struct order_source source = {
	    .then = &now, .now = &now, .elsewhere = elsewhere};
	struct order_plan plan;
	struct text_error error = {0};

	fill(&now, "abcde");
	assert_int_equal(
	    order_plan_make(&plan, text, strlen(text), &source, &error),
	    -EINVAL);
	assert_int_equal(error.line, line);
	assert_string_equal(error.what, what);
	assert_true(error.why[0] != '\0');
	assert_non_null(strstr(error.remedy, remedy));
	VEC_FREE(&now.list);
}

static void
tells_what_is_wrong(void **state)
{
	(void)state;
	refuses("n0.md\nn1.md\nn2.md\nn3.md\nm4.md\n", 5,
	    "line 5: there is no card \"m4.md\"", "did you mean \"n4.md\"?");
	refuses("n0.md\n\nquite another thing\n", 3,
	    "line 3: there is no card \"quite another thing\"",
	    "remove the line");
	refuses("n0.md\nn1.md\nn2.md\nn3.md\nn4.md\nn0.md\n", 6,
	    "line 6: \"n0.md\" stands here twice", "remove one");
	refuses("n0.md\nn1.md\nn3.md\nn4.md\n", 0,
	    "a line is missing: \"n2.md\"", "put the line back");
	refuses("n4.md\n", 0,
	    "lines are missing: \"n0.md\", \"n1.md\", \"n2.md\" and 1 more",
	    "put the line back");
	refuses("n0.md\nn1.md\nn2.md\nn3.md\nn4.md\nn22.md\n", 6,
	    "line 6: more than one list has a card \"n22.md\"",
	    "One/n22.md or Two/n22.md");
}

/* Ends of lines, empty ones, and no last newline. */
static void
reads_any_editors_text(void **state)
{
	static const char text[] = "\r\nn2.md\r\nn0.md\r\n\n\nn1.md";
	struct order_entries now = {0};
	struct order_source source = {.then = &now, .now = &now};
	struct order_plan plan;
	struct text_error error = {0};

	(void)state;
	fill(&now, "abc");
	assert_int_equal(
	    order_plan_make(&plan, text, sizeof text - 1, &source, &error), 0);
	assert_int_equal(plan.places.n, 3);
	assert_int_equal(plan.places.v[0].entry.key, 3);
	assert_int_equal(count_moved(&plan), 1);
	order_plan_fini(&plan);
	VEC_FREE(&now.list);
}

static void
shuffle(size_t *order, size_t n)
{
	for (size_t i = 0; i < n; i++)
		order[i] = i;
	for (size_t i = n; i > 1; i--) {
		size_t j = below(i), old = order[i - 1];

		order[i - 1] = order[j];
		order[j] = old;
	}
}

static size_t
longest_run(const size_t *order, size_t n)
{
	size_t best[MOST], most = 0;

	for (size_t i = 0; i < n; i++) {
		best[i] = 1;
		for (size_t j = 0; j < i; j++)
			if (order[j] < order[i] && best[j] + 1 > best[i])
				best[i] = best[j] + 1;
		if (best[i] > most)
			most = best[i];
	}
	return most;
}

/*
 * Send the changes one by one in any order to a server that spreads whatever
 * comes too close: that never happens, and what comes of it is the text.
 */
static void
send(const struct order_plan *plan, struct order_entries *server,
    const size_t *order)
{
	size_t n = plan->places.n, at[MOST];

	shuffle(at, n);
	for (size_t i = 0; i < n; i++) {
		const struct order_place *place = &plan->places.v[at[i]];

		if (!place->moved)
			continue;
		for (size_t j = 0; j < server->list.n; j++) {
			struct order_entry *other = &server->list.v[j];

			if (other->key == place->entry.key)
				other->pos = place->entry.pos;
			else
				assert_true(
				    fabs(other->pos - place->entry.pos) > 0.01);
		}
	}
	for (size_t i = 1; i < n; i++)
		assert_true(server->list.v[order[i - 1]].pos <
			    server->list.v[order[i]].pos);
}

static void
check_shuffled(size_t n, double step)
{
	struct order_entries now = {0};
	struct order_source source = {.then = &now, .now = &now};
	struct text_error error = {0};
	struct order_plan plan;
	struct buf text = BUF_INIT;
	size_t order[MOST];

	for (size_t i = 0; i < n; i++)
		add(&now, i, step * (double)(i + 1));
	shuffle(order, n);
	for (size_t i = 0; i < n; i++)
		(void)buf_printf(&text, "%s\n", names[order[i]]);
	assert_int_equal(
	    order_plan_make(&plan, buf_str(&text), text.len, &source, &error),
	    0);
	check_order(&plan);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(plan.places.v[i].entry.key, order[i] + 1);
	if (step > 1000)
		assert_int_equal(count_moved(&plan), n - longest_run(order, n));
	assert_true(count_moved(&plan) < n || n < 2 || step < 1);
	send(&plan, &now, order);
	order_plan_fini(&plan);
	buf_free(&text);
	VEC_FREE(&now.list);
}

static void
shuffles_with_the_fewest_moves(void **state)
{
	(void)state;
	check_shuffled(500, 16384);
	check_shuffled(500, 16384);
	for (int round = 0; round < 300; round++)
		check_shuffled(1 + below(12), 16384);
	for (int round = 0; round < 50; round++)
		check_shuffled(1 + below(60), 16384);
}

static void
moves_one_of_many(void **state)
{
	(void)state;
	for (int round = 0; round < 20; round++) {
		struct order_entries now = {0};
		struct order_source source = {.then = &now, .now = &now};
		struct text_error error = {0};
		struct order_plan plan;
		struct buf text = BUF_INIT;
		size_t from = below(500), to = below(500);

		for (size_t i = 0; i < 500; i++)
			add(&now, i, 140737488355328.0 + 16384 * (double)i);
		for (size_t i = 0, next = 0; i < 500; i++) {
			next += next == from;
			(void)buf_printf(
			    &text, "%s\n", names[i == to ? from : next++]);
		}
		assert_int_equal(order_plan_make(&plan, buf_str(&text),
				     text.len, &source, &error),
		    0);
		assert_int_equal(count_moved(&plan), from != to);
		check_order(&plan);
		order_plan_fini(&plan);
		buf_free(&text);
		VEC_FREE(&now.list);
	}
}

/* Where there is no room between two, others have to move, too. */
static void
makes_room_where_there_is_none(void **state)
{
	struct position v[] = {
	    {1, "a"}, {0, "x"}, {1.05, "b"}, {1.06, "c"}, {50000, "d"}};

	(void)state;
	assert_int_equal(positions_assign_apart(v, 5), 0);
	for (size_t i = 1; i < 5; i++)
		assert_true(v[i].pos - v[i - 1].pos > 0.02);
	assert_true(v[0].pos == 1 && v[4].pos == 50000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(moves_what_was_moved),
	    cmocka_unit_test(keeps_what_others_did),
	    cmocka_unit_test(takes_from_elsewhere),
	    cmocka_unit_test(tells_what_is_wrong),
	    cmocka_unit_test(reads_any_editors_text),
	    cmocka_unit_test(shuffles_with_the_fewest_moves),
	    cmocka_unit_test(moves_one_of_many),
	    cmocka_unit_test(makes_room_where_there_is_none),
	};

	make_names();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
