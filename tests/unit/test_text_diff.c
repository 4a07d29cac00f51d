#include "unit.h"

#include "text/card_change.h"
#include "text/card_text.h"
#include "text/date_text.h"
#include "text/field_text.h"
#include "text/match.h"
#include "text/merge.h"
#include "text/positions.h"
#include "text/text_error.h"
#include "text_cards.h"
#include "util/zone.h"

#include <math.h>

static int paris_s = 3600;
static struct zone zone;
static unsigned counter;

static void
next_id(void *cookie, char id[MODEL_ID_SIZE])
{
	unsigned *n = cookie;

	make_id(id, 'n', (*n)++);
}

static char *
unique_name(void)
{
	struct buf out = BUF_INIT;
	char *name = nasty_name();

	(void)buf_printf(&out, "%s%u", name, counter++);
	free(name);
	return buf_steal(&out);
}

static void
replace_str(char **target, char *s)
{
	free(*target);
	*target = s;
}

static void
change_date(int64_t *date_ms)
{
	int64_t new_ms = nasty_date();

	/* What is not shown cannot be taken away. */
	if (date_text_shows(*date_ms, &zone) || date_text_shows(new_ms, &zone))
		*date_ms = date_text_shows(new_ms, &zone) ? new_ms : TIME_NONE;
}

static void
change_ids(model_ids *ids, char kind, unsigned n)
{
	size_t left = 0;

	for (size_t i = 0; i < ids->n; i++)
		if (atoi(ids->v[i].s + 13) >= (int)n || below(2))
			ids->v[left++] = ids->v[i];
	ids->n = left;
	for (unsigned i = 0; i < n; i++) {
		char id[MODEL_ID_SIZE];
		bool has = false;

		make_id(id, kind, i);
		for (size_t j = 0; j < ids->n; j++)
			has |= strcmp(ids->v[j].s, id) == 0;
		if (!has && below(4) == 0)
			assert_int_equal(model_ids_add(ids, id), 0);
	}
}

static void
set_value(struct field_value *value, const struct field *field)
{
	free(value->value);
	value->value = NULL;
	if (field->type == FIELD_LIST)
		make_id(value->id_option, 'o', below(4));
	else if (field->type == FIELD_NUMBER)
		value->value = strdup(below(2) ? "7" : "-0.125e-2");
	else if (field->type == FIELD_DATE)
		value->value = strdup("2021-01-02T03:04:05.678Z");
	else if (field->type == FIELD_CHECKBOX)
		value->value = strdup(below(2) ? "true" : "false");
	else
		value->value = unique_name();
}

static void
change_values(struct card *card, const struct board *board)
{
	for (size_t i = 0; i < board->fields.n; i++) {
		const struct field *field = &board->fields.v[i];
		struct field_value *value = field_text_value(card, field);
		struct buf words = BUF_INIT;
		bool literal, shows;

		if (field->type == FIELD_UNKNOWN || below(2))
			continue;
		shows = value != NULL &&
			field_text_add(&words, field, value, &zone, &literal);
		buf_free(&words);
		if (value != NULL && shows && below(3) == 0) {
			field_value_fini(value);
			*value = card->fields.v[--card->fields.n];
			continue;
		}
		if (value == NULL) {
			value = VEC_ADD(&card->fields);
			memcpy(value->id_field, field->id, MODEL_ID_SIZE);
		}
		set_value(value, field);
	}
}

static void
change_items(struct card *card, struct checklist *checklist)
{
	for (unsigned edits = below(4); edits > 0; edits--) {
		size_t n = checklist->items.n;
		struct checklist *to;
		struct check_item *item, *other, swap;

		if (n == 0 || below(4) == 0) {
			item = VEC_ADD(&checklist->items);
			item->name = below(2) ? unique_name() : strdup("same");
			item->complete = below(2);
			continue;
		}
		item = &checklist->items.v[below((uint32_t)n)];
		switch (below(5)) {
		case 0:
			item->complete = !item->complete;
			break;
		case 1:
			replace_str(&item->name, unique_name());
			break;
		case 2:
			other = &checklist->items.v[below((uint32_t)n)];
			swap = *item;
			*item = *other;
			*other = swap;
			break;
		case 3:
			to = &card->checklists
				  .v[below((uint32_t)card->checklists.n)];
			other = VEC_ADD(&to->items);
			item = &checklist->items.v[n - 1];
			*other = *item;
			memset(item, 0, sizeof *item);
			item->name = unique_name();
			break;
		default:
			check_item_fini(item);
			*item = checklist->items.v[--checklist->items.n];
		}
	}
}

static void
change_checklists(struct card *card)
{
	for (unsigned edits = below(3); edits > 0; edits--) {
		size_t n = card->checklists.n;
		struct checklist *checklist, swap;

		if (n == 0 || below(4) == 0) {
			checklist = VEC_ADD(&card->checklists);
			checklist->name =
			    below(2) ? unique_name() : strdup("same");
			continue;
		}
		checklist = &card->checklists.v[below((uint32_t)n)];
		switch (below(3)) {
		case 0:
			replace_str(&checklist->name, unique_name());
			break;
		case 1:
			swap = *checklist;
			*checklist = card->checklists.v[n - 1];
			card->checklists.v[n - 1] = swap;
			break;
		default:
			checklist_fini(checklist);
			*checklist = card->checklists.v[--card->checklists.n];
		}
	}
	for (size_t i = 0; i < card->checklists.n; i++)
		change_items(card, &card->checklists.v[i]);
}

static void
change_attachments(struct card *card)
{
	struct attachment *attachment;

	for (size_t i = card->attachments.n; i-- > 0;) {
		attachment = &card->attachments.v[i];
		if (attachment->is_upload || below(3))
			continue;
		attachment_fini(attachment);
		memmove(attachment, attachment + 1,
		    (--card->attachments.n - i) * sizeof *attachment);
	}
	for (unsigned n = below(3); n > 0; n--) {
		struct buf url = BUF_INIT;
		char *tail = unique_name();

		attachment = VEC_ADD(&card->attachments);
		attachment_init(attachment);
		attachment->name = unique_name();
		(void)buf_printf(&url, "https://example.com/%s", tail);
		attachment->url = buf_steal(&url);
		free(tail);
	}
}

static void
change_comments(struct card *card)
{
	bool removes = below(2);

	for (size_t i = card->comments.n; i-- > 0;) {
		struct comment *comment = &card->comments.v[i];

		if (below(3))
			continue;
		if (!removes) {
			replace_str(&comment->text, unique_name());
			continue;
		}
		comment_fini(comment);
		memmove(comment, comment + 1,
		    (--card->comments.n - i) * sizeof *comment);
	}
}

/* Another state of a card, as an editor could make it of the first. */
static void
change_card(struct card *card, const struct board *board)
{
	if (below(3) == 0)
		replace_str(&card->name, unique_name());
	if (below(2))
		replace_str(&card->desc, nasty_text(8));
	if (below(2))
		change_date(&card->start_ms);
	if (below(2))
		change_date(&card->due_ms);
	card->due_complete = below(2);
	if (below(2))
		change_ids(&card->id_labels, 'l', 10);
	if (below(2))
		change_ids(&card->id_members, 'm', 6);
	if (below(2))
		change_values(card, board);
	if (below(2))
		change_checklists(card);
	if (below(2))
		change_attachments(card);
	if (below(2))
		change_comments(card);
}

static int
by_string(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Lines in any order. */
static void
add_sorted(struct buf *out, char **lines, size_t n)
{
	if (n > 0)
		qsort(lines, n, sizeof *lines, by_string);
	for (size_t i = 0; i < n; i++) {
		(void)buf_printf(out, "%s\n", lines[i]);
		free(lines[i]);
	}
}

static char *
line(const char *a, const char *b)
{
	struct buf out = BUF_INIT;

	(void)buf_printf(&out, "%s|%s", model_str(a), model_str(b));
	return buf_steal(&out);
}

/* All that a card says, without ids of what is in it. */
static void
content(const struct card *card, struct buf *out)
{
	char *lines[64];
	size_t n = 0;

	buf_clear(out);
	(void)buf_printf(out, "%s|%s|%lld|%lld|%d\n", model_str(card->name),
	    model_str(card->desc), (long long)card->start_ms,
	    (long long)card->due_ms, card->due_complete);
	for (size_t i = 0; i < card->id_labels.n; i++)
		lines[n++] = strdup(card->id_labels.v[i].s);
	for (size_t i = 0; i < card->id_members.n; i++)
		lines[n++] = strdup(card->id_members.v[i].s);
	for (size_t i = 0; i < card->attachments.n; i++)
		lines[n++] = line(
		    card->attachments.v[i].name, card->attachments.v[i].url);
	for (size_t i = 0; i < card->fields.n; i++) {
		lines[n] = line(card->fields.v[i].id_field,
		    card->fields.v[i].value != NULL
			? card->fields.v[i].value
			: card->fields.v[i].id_option);
		n++;
	}
	add_sorted(out, lines, n);
	for (size_t i = 0; i < card->checklists.n; i++) {
		const struct checklist *checklist = &card->checklists.v[i];

		(void)buf_printf(out, "= %s\n", checklist->name);
		for (size_t j = 0; j < checklist->items.n; j++)
			(void)buf_printf(out, "%d %s\n",
			    checklist->items.v[j].complete,
			    checklist->items.v[j].name);
	}
	for (size_t i = 0; i < card->comments.n; i++)
		(void)buf_printf(out, "> %s %lld %s\n",
		    model_str(card->comments.v[i].username),
		    (long long)card->comments.v[i].date_ms,
		    card->comments.v[i].text);
}

static void
assert_same_content(const struct card *a, const struct card *b)
{
	struct buf left = BUF_INIT, right = BUF_INIT;

	content(a, &left);
	content(b, &right);
	assert_string_equal(left.data, right.data);
	buf_free(&left);
	buf_free(&right);
}

static void
add_tail(struct card *card, struct buf *text)
{
	struct comment *comment;

	if (below(2))
		return;
	(void)buf_add_str(text, "new\n> of old\n\n\\## Comments\n");
	comment = VEC_ADD(&card->comments);
	comment_init(comment);
	comment->username = strdup("alice");
	comment->text = strdup("new\n> of old\n\n## Comments");
	comment->date_ms = 1800000000000;
}

/* Read b's text as made from a; the changes must make b of a. */
static void
check_changes(const struct card *a, struct card *b, const struct board *board)
{
	struct card_text_context context = {.card = a,
	    .board = board,
	    .zone = &zone,
	    .now_ms = 1800000000000,
	    .rev_known = true};
	struct member me = {.id = "5e93c827fb10m00000000000"};
	char rev[TEXT_REV_SIZE], username[] = "alice";
	struct buf text = BUF_INIT;
	struct card_edit edit;
	struct text_error error;
	struct card_changes changes, none;
	struct card copy;
	struct id_source ids = {next_id, &counter};
	bool conflict = false;

	me.username = username;
	assert_int_equal(
	    card_text_format(b, board, "Card.md", &zone, &text, rev), 0);
	add_tail(b, &text);
	assert_int_equal(
	    card_text_parse(text.data, text.len, &context, &edit, &error), 0);
	for (size_t i = 0; i < edit.card.comments.n; i++)
		if (edit.card.comments.v[i].username == NULL &&
		    edit.card.comments.v[i].id[0] == '\0')
			edit.card.comments.v[i].username = strdup("alice");
	assert_true(edit.proof);
	assert_same_content(&edit.card, b);
	assert_int_equal(card_diff(a, &edit.card, &ids, &changes), 0);
	assert_same_content(&edit.card, b);
	assert_int_equal(card_copy(a, &copy), 0);
	/* Once, and again: nothing is made twice. */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
		    card_changes_apply(&copy, &changes, &me, &conflict), 0);
		assert_false(conflict);
		assert_same_content(&copy, b);
	}
	assert_int_equal(card_diff(&copy, &edit.card, &ids, &none), 0);
	assert_int_equal(none.n, 0);
	card_changes_fini(&changes);
	card_changes_fini(&none);
	card_fini(&copy);
	card_edit_fini(&edit);
	buf_free(&text);
}

static void
changes_lead_there(void **state)
{
	(void)state;
	zone_init_fixed(&zone, &paris_s);
	for (uint32_t round = 0; round < 4000; round++) {
		struct board board;
		struct card a, b;

		text_seed = round;
		nasty_board(&board);
		nasty_card(&a, &board);
		for (size_t i = 0; i < a.attachments.n; i++) {
			replace_str(&a.attachments.v[i].name, unique_name());
			replace_str(&a.attachments.v[i].url, unique_name());
		}
		assert_int_equal(card_copy(&a, &b), 0);
		change_card(&b, &board);
		check_changes(&a, &b, &board);
		card_fini(&a);
		card_fini(&b);
		board_fini(&board);
	}
}

/* Changes that have nothing to do with each other do not disturb. */
static void
changes_fit_on_newer(void **state)
{
	struct card base, yours, now;
	struct card_changes changes;
	struct id_source ids = {next_id, &counter};
	bool conflict = false;

	(void)state;
	card_init(&base);
	base.desc = strdup("a\nb\nc\nd\ne");
	base.name = strdup("title");
	(void)model_ids_add(&base.id_labels, "one");
	assert_int_equal(card_copy(&base, &yours), 0);
	assert_int_equal(card_copy(&base, &now), 0);
	replace_str(&yours.desc, strdup("A\nb\nc\nd\ne"));
	(void)model_ids_add(&yours.id_labels, "two");
	replace_str(&now.desc, strdup("a\nb\nc\nd\nE\nf"));
	replace_str(&now.name, strdup("other"));
	now.id_labels.n = 0;
	assert_int_equal(card_diff(&base, &yours, &ids, &changes), 0);
	assert_int_equal(changes.n, 2);
	assert_int_equal(
	    card_changes_apply(&now, &changes, NULL, &conflict), 0);
	assert_false(conflict);
	assert_string_equal(now.desc, "A\nb\nc\nd\nE\nf");
	assert_string_equal(now.name, "other");
	assert_int_equal(now.id_labels.n, 1);
	assert_string_equal(now.id_labels.v[0].s, "two");
	replace_str(&now.desc, strdup("x\nb\nc\nd\ne"));
	assert_int_equal(
	    card_changes_apply(&now, &changes, NULL, &conflict), 0);
	assert_true(conflict);
	assert_int_equal(text_markers(now.desc, NULL), 2);
	card_changes_fini(&changes);
	card_fini(&base);
	card_fini(&yours);
	card_fini(&now);
}

static void
what_is_gone_does_no_harm(void **state)
{
	struct card card;
	struct member me = {.id = "m"};
	bool conflict = false;

	(void)state;
	card_init(&card);
	for (enum card_change_kind kind = 0; kind < CHANGE_KINDS; kind++) {
		struct card_change change = {.kind = kind,
		    .id = "gone",
		    .parent = "gone, too",
		    .new_ms = TIME_NONE};

		assert_int_equal(
		    card_change_apply(&card, &change, &me, &conflict), 0);
		assert_int_equal(
		    card_change_kind_parse(card_change_kind_name(kind)), kind);
	}
	assert_int_equal(card_change_kind_parse("no such"), CHANGE_KINDS);
	card_fini(&card);
}

static void
check_positions(struct position *v, size_t n, size_t changes)
{
	double before[32];

	for (size_t i = 0; i < n; i++)
		before[i] = v[i].pos;
	assert_int_equal(positions_assign(v, n), 0);
	for (size_t i = 0; i < n; i++) {
		assert_true(v[i].pos > 0 && isfinite(v[i].pos));
		if (i > 0)
			assert_true(model_compare_pos(v[i - 1].pos, v[i - 1].id,
					v[i].pos, v[i].id) < 0);
		changes -= v[i].pos != before[i];
	}
	assert_int_equal(changes, 0);
}

static void
positions_keep_what_they_can(void **state)
{
	struct position none[1] = {{0, ""}};
	struct position fresh[] = {{0, ""}, {0, ""}};
	struct position kept[] = {{1, "a"}, {1, "b"}, {5, "c"}};
	struct position moved[] = {{5, "c"}, {1, "a"}, {2, "b"}, {9, "d"}};
	struct position inserted[] = {{1, "a"}, {0, ""}, {0, ""}, {2, "b"}};
	struct position first[] = {{0, ""}, {1e-3, "b"}};
	struct position tight[] = {
	    {1, "a"}, {0, ""}, {1, "b"}, {1, "c"}, {1.5, "d"}};
	struct position tiny[] = {{0, ""}, {4.9e-324, "b"}, {3, "c"}};
	struct position odd[] = {{NAN, "a"}, {-1, "b"}, {INFINITY, "c"}};

	(void)state;
	check_positions(none, 0, 0);
	check_positions(fresh, 2, 2);
	assert_true(fresh[0].pos == 16384 && fresh[1].pos == 32768);
	check_positions(kept, 3, 0);
	check_positions(moved, 4, 1);
	check_positions(inserted, 4, 2);
	check_positions(first, 2, 1);
	check_positions(tight, 5, 3);
	check_positions(tiny, 3, 2);
	assert_int_equal(positions_assign(odd, 2), 0);
	for (uint32_t round = 0; round < 5000; round++) {
		struct position v[12];
		char ids[12][2];
		size_t n = 1 + below(12);

		for (size_t i = 0; i < n; i++) {
			ids[i][0] = (char)('a' + below(26));
			ids[i][1] = '\0';
			v[i].id = ids[i];
			v[i].pos = below(8);
		}
		assert_int_equal(positions_assign(v, n), 0);
		for (size_t i = 1; i < n; i++)
			assert_true(model_compare_pos(v[i - 1].pos, v[i - 1].id,
					v[i].pos, v[i].id) < 0);
	}
}

/* "abc" and "aXc" side by side; the result as old indices, '-' for new. */
static void
check_match(const char *old, const char *new, const char *expected)
{
	struct match match;
	char names[2][32][2];

	assert_int_equal(match_init(&match, strlen(old), strlen(new), 1), 0);
	for (size_t i = 0; i < match.old.n; i++) {
		names[0][i][0] = old[i];
		names[0][i][1] = '\0';
		match.old.names[i] = names[0][i];
	}
	for (size_t i = 0; i < match.new.n; i++) {
		names[1][i][0] = new[i];
		names[1][i][1] = '\0';
		match.new.names[i] = names[1][i];
	}
	assert_int_equal(match_by_name_in_groups(&match), 0);
	assert_int_equal(match_by_place(&match), 0);
	for (size_t i = 0; i < match.new.n; i++) {
		char is = match.new.partners[i] == MATCH_NONE
			      ? '-'
			      : (char)('0' + match.new.partners[i]);

		assert_int_equal(is, expected[i]);
	}
	match_fini(&match);
}

static void
matched_by_name_then_place(void **state)
{
	(void)state;
	check_match("", "", "");
	check_match("abc", "abc", "012");
	check_match("abc", "cab", "201");
	check_match("abc", "aXc", "012");
	check_match("abc", "aXbc", "0-12");
	check_match("abc", "ac", "02");
	check_match("abc", "XYZ", "012");
	check_match("abc", "Xabc", "-012");
	check_match("abc", "abcX", "012-");
	check_match("abc", "Xac", "-02");
	check_match("aa", "aaa", "01-");
	check_match("aXa", "aYa", "012");
	check_match("abcd", "aXYd",
	    "012"
	    "3");
	check_match("abcd", "aXd", "013");
	check_match("ab", "bX", "1-");
	check_match("abc", "cXa", "2-0");
}

static void
numbers_are_compared_as_decimals(void **state)
{
	static const char *const same[][2] = {{"3", "3.0"}, {"0", "-0.00"},
	    {"0.5", ".5"}, {"1e3", "1000"}, {"1E+3", "+1000.000"},
	    {"0.00120", "12e-4"}, {"-7", "-7."}, {"10", "1e1"}};
	static const char *const different[][2] = {{"3", "3.1"}, {"3", "-3"},
	    {"3", "30"}, {"0.3", "3"}, {"1e3", "1e4"}, {"0", "1"},
	    {"12345678901234567890", "12345678901234567891"}, {"1", "11"},
	    {"1.01", "1.1"}, {"101", "11"}};

	(void)state;
	for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
		assert_true(field_text_same_number(same[i][0], same[i][1]));
		assert_true(field_text_same_number(same[i][1], same[i][0]));
	}
	for (size_t i = 0; i < sizeof different / sizeof *different; i++) {
		assert_false(
		    field_text_same_number(different[i][0], different[i][1]));
		assert_false(
		    field_text_same_number(different[i][1], different[i][0]));
	}
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(changes_lead_there),
    cmocka_unit_test(changes_fit_on_newer),
    cmocka_unit_test(what_is_gone_does_no_harm),
    cmocka_unit_test(positions_keep_what_they_can),
    cmocka_unit_test(matched_by_name_then_place),
    cmocka_unit_test(numbers_are_compared_as_decimals),
};

UNIT_MAIN(tests)
