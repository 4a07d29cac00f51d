#include "unit.h"

#include "model/model_json.h"
#include "text/card_change.h"
#include "text/card_text.h"
#include "text/text_error.h"
#include "text_cards.h"
#include "text_exports.h"
#include "util/zone.h"

#include <errno.h>

static int paris_s = 3600;
static struct zone zone;

static void
next_id(void *cookie, char id[MODEL_ID_SIZE])
{
	unsigned *n = cookie;

	make_id(id, 'n', (*n)++);
}

static void
format(const struct card *card, const struct board *board, struct buf *out)
{
	char rev[TEXT_REV_SIZE];

	buf_clear(out);
	zone_init_fixed(&zone, &paris_s);
	assert_int_equal(
	    card_text_format(card, board, "Card.md", &zone, out, rev), 0);
}

static struct card_text_context
context_of(const struct card *card, const struct board *board)
{
	zone_init_fixed(&zone, &paris_s);
	return (struct card_text_context){.card = card,
	    .board = board,
	    .file_name = "Card.md",
	    .zone = &zone,
	    .now_ms = 1800000000000,
	    .rev_known = true};
}

static void
parse(const char *text, const struct card_text_context *context,
    struct card_edit *edit)
{
	struct text_error error;
	int err = card_text_parse(text, strlen(text), context, edit, &error);

	if (err != 0)
		print_message("# %s\n# %s\n# %s\n# in:\n%s\n", error.what,
		    error.why, error.remedy, text);
	assert_int_equal(err, 0);
}

static void
assert_same_card(const struct card *a, const struct card *b)
{
	struct buf left = BUF_INIT, right = BUF_INIT;

	assert_int_equal(card_write(a, &left), 0);
	assert_int_equal(card_write(b, &right), 0);
	assert_string_equal(left.data, right.data);
	buf_free(&left);
	buf_free(&right);
}

static void
assert_no_difference(const struct card *a, struct card *b)
{
	struct card_changes changes;
	unsigned n = 0;
	struct id_source ids = {next_id, &n};

	assert_int_equal(card_diff(a, b, &ids, &changes), 0);
	assert_int_equal(changes.n, 0);
	card_changes_fini(&changes);
}

/* The same text from an editor that ends all lines in CRLF. */
static void
check_crlf(const struct buf *text, const struct card_text_context *context)
{
	struct buf crlf = BUF_INIT;
	struct card_edit edit;

	for (size_t i = 0; i < text->len; i++)
		(void)buf_printf(&crlf, "%s%c",
		    text->data[i] == '\n' ? "\r" : "", text->data[i]);
	if (memchr(text->data, '\r', text->len) == NULL) {
		parse(crlf.data, context, &edit);
		assert_true(edit.proof);
		assert_no_difference(context->card, &edit.card);
		card_edit_fini(&edit);
	}
	buf_free(&crlf);
}

static void
what_is_shown_is_read(void **state)
{
	struct buf text = BUF_INIT;

	(void)state;
	for (text_seed = 0; text_seed < 4000; text_seed++) {
		uint32_t round = text_seed;
		struct card_text_context context;
		struct card_edit edit;
		struct board board;
		struct card card;

		nasty_board(&board);
		nasty_card(&card, &board);
		format(&card, &board, &text);
		context = context_of(&card, &board);
		parse(text.data, &context, &edit);
		assert_true(edit.proof);
		assert_true(edit.complete);
		assert_same_card(&card, &edit.card);
		assert_no_difference(&card, &edit.card);
		card_edit_fini(&edit);
		check_crlf(&text, &context);
		card_fini(&card);
		board_fini(&board);
		text_seed = round;
	}
	buf_free(&text);
}

static void
exports_are_read(void **state)
{
	struct buf text = BUF_INIT;
	struct board board;

	(void)state;
	for (size_t i = 0; i < TEXT_EXPORTS; i++) {
		if (text_export_load(text_exports[i], &board) != 0)
			continue;
		for (size_t j = 0; j < board.cards.n; j++) {
			struct card *card = &board.cards.v[j];
			struct card_text_context context =
			    context_of(card, &board);
			struct card_edit edit;

			format(card, &board, &text);
			parse(text.data, &context, &edit);
			assert_true(edit.proof);
			assert_same_card(card, &edit.card);
			card_edit_fini(&edit);
		}
		board_fini(&board);
	}
	buf_free(&text);
}

/* A plain board and card for tests of single rules. */
static void
plain_board(struct board *board)
{
	static const char *const labels[][2] = {
	    {"bug", "red"}, {"urgent", "orange"}, {"", "green"}};
	static const char *const members[] = {"alice", "bob"};
	struct field *field;

	board_init(board);
	for (unsigned i = 0; i < 3; i++) {
		struct label *label = VEC_ADD(&board->labels);

		make_id(label->id, 'l', i);
		label->name = strdup(labels[i][0]);
		(void)snprintf(
		    label->color, sizeof label->color, "%s", labels[i][1]);
	}
	for (unsigned i = 0; i < 2; i++) {
		struct member *member = VEC_ADD(&board->members);

		make_id(member->id, 'm', i);
		member->username = strdup(members[i]);
	}
	for (unsigned i = 0; i < 6; i++) {
		static const char *const names[] = {
		    "Note", "Estimate", "Day", "Ready", "Odd", "Priority"};
		static const enum field_type types[] = {FIELD_TEXT,
		    FIELD_NUMBER, FIELD_DATE, FIELD_CHECKBOX, FIELD_UNKNOWN,
		    FIELD_LIST};

		field = VEC_ADD(&board->fields);
		make_id(field->id, 'f', i);
		field->name = strdup(names[i]);
		field->type = types[i];
	}
	for (unsigned i = 0; i < 2; i++) {
		struct field_option *option = VEC_ADD(&field->options);

		make_id(option->id, 'o', i);
		option->text = strdup(i == 0 ? "Low" : "High");
	}
}

static void
add_plain_comment(
    struct card *card, unsigned n, const char *username, const char *text)
{
	struct comment *comment = VEC_ADD(&card->comments);

	comment_init(comment);
	make_id(comment->id, 'c', n);
	make_id(comment->id_creator, 'm', *username == 'a' ? 0 : 1);
	comment->username = strdup(username);
	comment->text = strdup(text);
	comment->date_ms = 1700000000000 + n * 60000;
}

static void
plain_card(struct card *card)
{
	static const char *const items[] = {"one", "two", "three"};
	struct checklist *checklist;
	struct attachment *attachment;

	card_init(card);
	make_id(card->id, 'd', 0);
	card->short_link = strdup("Ab12Cd34");
	card->name = strdup("Card");
	card->desc = strdup("words");
	assert_int_equal(time_parse_iso("2026-12-01T16:00Z", &card->due_ms), 0);
	card->due_complete = true;
	(void)model_ids_add(&card->id_labels, "5e93c827fb10l00000000000");
	(void)model_ids_add(&card->id_members, "5e93c827fb10m00000000001");
	checklist = VEC_ADD(&card->checklists);
	make_id(checklist->id, 'k', 0);
	checklist->name = strdup("Steps");
	checklist->pos = 16384;
	for (unsigned i = 0; i < 3; i++) {
		struct check_item *item = VEC_ADD(&checklist->items);

		make_id(item->id, 'i', i);
		item->name = strdup(items[i]);
		item->pos = 16384 * (i + 1);
	}
	attachment = VEC_ADD(&card->attachments);
	attachment_init(attachment);
	make_id(attachment->id, 'a', 0);
	attachment->name = strdup("a.txt");
	attachment->is_upload = true;
	attachment->pos = 1;
	add_plain_comment(card, 0, "alice", "first");
	add_plain_comment(card, 1, "bob", "second");
	for (unsigned i = 0; i < 2; i++) {
		struct field_value *value = VEC_ADD(&card->fields);

		make_id(value->id_field, 'f', i == 0 ? 1 : 5);
		if (i == 0)
			value->value = strdup("3");
		else
			make_id(value->id_option, 'o', 1);
	}
	assert_int_equal(card_gather(card), 0);
}

/* The text of the plain card, for tests to edit. */
#define PLAIN_FRONT                               \
	"---\n"                                   \
	"url: https://trello.com/c/Ab12Cd34\n"    \
	"rev: a0000000\n"                         \
	"labels: [bug]\n"                         \
	"members: [bob]\n"                        \
	"due: 2026-12-01T17:00+01:00\n"           \
	"done: true\n"                            \
	"fields: {Estimate: 3, Priority: High}\n" \
	"---\n"
#define PLAIN_DESC "words\n\n"
#define PLAIN_LIST                \
	"## Checklist: Steps\n\n" \
	"- [ ] one\n- [ ] two\n- [ ] three\n\n"
#define PLAIN_FILES "## Attachments\n\n- [a.txt](<Card.files/a.txt>)\n\n"
#define PLAIN_COMMENTS                   \
	"## Comments\n\n"                \
	"> @alice 2023-11-14 23:13:20\n" \
	">\n> first\n\n"                 \
	"> @bob 2023-11-14 23:14:20\n"   \
	">\n> second\n\n"
#define PLAIN_BODY PLAIN_DESC PLAIN_LIST PLAIN_FILES PLAIN_COMMENTS
#define PLAIN PLAIN_FRONT PLAIN_BODY

/* What changes, one word a change: "title+x" and so on, for comparing. */
static void
describe(const struct card_changes *changes, struct buf *out)
{
	buf_clear(out);
	(void)buf_add_str(out, "");
	for (size_t i = 0; i < changes->n; i++) {
		const struct card_change *change = &changes->v[i];
		const char *id = change->id;

		(void)buf_printf(out, "%s%s", i > 0 ? "; " : "",
		    card_change_kind_name(change->kind));
		if (*id != '\0')
			(void)buf_printf(out, " %c%d", id[12], atoi(id + 13));
		if (change->new_text != NULL)
			(void)buf_printf(out, " %s", change->new_text);
		if (change->new_id[0] != '\0')
			(void)buf_printf(out, " %c%d", change->new_id[12],
			    atoi(change->new_id + 13));
		if (change->kind == CHANGE_ITEM_STATE ||
		    change->kind == CHANGE_DONE)
			(void)buf_printf(
			    out, " %s", change->new_flag ? "on" : "off");
		if (change->new_ms != TIME_NONE)
			(void)buf_printf(
			    out, " %lld", (long long)(change->new_ms / 60000));
	}
}

struct fixture {
	struct board board;
	struct card card;
	struct card_text_context context;
};

static void
fixture_init(struct fixture *fixture)
{
	plain_board(&fixture->board);
	plain_card(&fixture->card);
	fixture->context = context_of(&fixture->card, &fixture->board);
	fixture->context.me = &fixture->board.members.v[0];
}

static void
fixture_fini(struct fixture *fixture)
{
	card_fini(&fixture->card);
	board_fini(&fixture->board);
}

/* Check that a text means these changes, and that they lead to it. */
static void
expect_changes(
    const struct fixture *fixture, const char *text, const char *expected)
{
	struct card_changes changes;
	struct card_edit edit;
	struct card copy;
	struct buf out = BUF_INIT;
	unsigned n = 0;
	struct id_source ids = {next_id, &n};
	bool conflict = false;

	parse(text, &fixture->context, &edit);
	assert_int_equal(
	    card_diff(&fixture->card, &edit.card, &ids, &changes), 0);
	describe(&changes, &out);
	assert_string_equal(buf_str(&out), expected);
	assert_int_equal(card_copy(&fixture->card, &copy), 0);
	assert_int_equal(
	    card_changes_apply(&copy, &changes, fixture->context.me, &conflict),
	    0);
	assert_false(conflict);
	assert_int_equal(card_gather(&edit.card), 0);
	card_changes_fini(&changes);
	assert_no_difference(&copy, &edit.card);
	card_fini(&copy);
	card_edit_fini(&edit);
	buf_free(&out);
}

static void
single_changes(void **state)
{
	static const char *const rows[][2] = {
	    {PLAIN, ""},
	    /* The front matter in other words. */
	    {"---\r\nurl: x\r\nrev: 1\r\n---\r\nwords\r\n\r\n## Comments\r\n",
		""},
	    {"\xef\xbb\xbf" PLAIN, ""},
	    {"\n  \n" PLAIN, ""},
	    {"---  \n"
	     "due: 2026-12-01 17:00\n"
	     "labels:\n  - bug\n"
	     "members: [ '@bob' ]\n"
	     "url: 'http://trello.com/c/Ab12Cd34/7-card#x'\n"
	     "# a remark\n"
	     "rev: \"a0000000\"\n"
	     "fields:\n  Priority: High\n  'Estimate': \"3.0\"\n"
	     "done: Yes\n"
	     "---\n" PLAIN_BODY,
		""},
	    {"---\n{url: https://trello.com/c/Ab12Cd34, rev: a0000000, "
	     "labels: bug, members: bob, due: 2026-12-01T16:00:00Z, done: on, "
	     "fields: {Estimate: 0.3e1, Priority: High}}\n"
	     "---\n" PLAIN_BODY,
		""},
	    /* Scalars. */
	    {"---\ntitle: New\n---\n## Comments\n", "title New"},
	    {"---\ntitle: >\n  New\n  one\n\n---\n", "title New one"},
	    {"---\ndue: 2026-12-02\n---\n", "due 29937539"},
	    {"---\nstart: 2026-12-02\n---\n", "start 29936100"},
	    {"---\ndone: false\n---\n", "done off"},
	    {"---\nlabels: [urgent]\n---\n", "label-add l1"},
	    {"---\nlabels: [(green), bug, bug]\n---\n", "label-add l2"},
	    {"---\nmembers: [alice, BOB]\n---\n", "member-add m0"},
	    {"---\nfields: {Priority: Low}\n---\n", "field f5 o0"},
	    {"---\nfields: {Estimate: 3.5}\n---\n", "field f1 3.5"},
	    {"---\nfields: {Estimate: +.5}\n---\n", "field f1 0.5"},
	    {"---\nfields: {Ready: yes, Note: \"x\\ny\"}\n---\n",
		"field f0 x\ny; field f3 true"},
	    {"---\nfields: {Day: 2026-12-01}\n---\n",
		"field f2 2026-11-30T23:00:00.000Z"},
	    {"---\nfields:\n---\n", ""},
	    {"---\nlabels: ~\nmembers:\ndue: null\ndone:\ntitle: \"\"\n---\n",
		""},
	    {"---\n---\n", ""},
	    {"---\n# nothing\n---\n\n\n", ""},
	    /* Descriptions. */
	    {"---\n---\nother\n", "desc other"},
	    {"---\n---\nother", "desc other"},
	    {"---\n---\nother\n\n## Comments\n", "desc other"},
	    {"---\n---\nother\n## Comments", "desc other"},
	    {"---\n---\nother\n\n\n## Comments\n", "desc other\n"},
	    {"---\n---\n\\## Comments\n", "desc ## Comments"},
	    {"---\n---\n\\\\## Comments\n", "desc \\## Comments"},
	    {"---\n---\n## comments\n", "desc ## comments"},
	    {"---\n---\n## Comments\r\n", "desc ## Comments\r"},
	    {"other", "desc other"},
	    {"other\n", "desc other"},
	    {"other\n\n## Comments\n", "desc other\n\n## Comments"},
	    {"\\## Comments\n", "desc \\## Comments"},
	    {"\n --\n", "desc \n --"},
	    {"", ""},
	    {" \n\t\n", ""},
	    /* Checklists: without proof nothing goes and nothing moves. */
	    {"---\n---\n## Checklist: Steps\n- [x] two\n- [ ] four\n",
		"item-state i1 on; item-add n0 four"},
	    {"---\n---\n## Checklist: More\n* [X] x\n",
		"checklist-add n0 More; item-add n1 x"},
	    /* With proof. */
	    {PLAIN_FRONT PLAIN_DESC "## Checklist: Steps\n\n+ [x] one\n  - [ ] "
				    "two\n\n\n* [X] three\n"
				    "\n" PLAIN_FILES PLAIN_COMMENTS,
		"item-state i0 on; item-state i2 on"},
	    {PLAIN_FRONT PLAIN_DESC
		"## Checklist: Steps\n- [ ] one\n- [ ] 2\n- [ ] "
		"three\n\n" PLAIN_FILES PLAIN_COMMENTS,
		"item-name i1 2"},
	    {PLAIN_FRONT PLAIN_DESC
		"## Checklist: Steps\n- [ ] one\n- [ ]\n- [ ] three\n- [ ] "
		"\n\n" PLAIN_FILES PLAIN_COMMENTS,
		""},
	    {PLAIN_FRONT PLAIN_DESC
		"## Checklist: Steps\n- [ ] three\n- [ ] one\n- [ ] "
		"two\n\n" PLAIN_FILES PLAIN_COMMENTS,
		"item-move i2"},
	    {PLAIN_FRONT PLAIN_DESC
		"## Checklist: Steps\n- [ ] one\n- [ ] new\n- [ ] two\n"
		"- [ ] three\n\n" PLAIN_FILES PLAIN_COMMENTS,
		"item-add n0 new"},
	    {PLAIN_FRONT PLAIN_DESC
		"## Checklist: Steps\n- [ ] one\n- [ ] three\n\n" PLAIN_FILES
		    PLAIN_COMMENTS,
		"item-remove i1"},
	    {PLAIN_FRONT PLAIN_DESC
		"## Checklist: Stages\n- [ ] one\n- [ ] two\n- [ ] "
		"three\n\n" PLAIN_FILES PLAIN_COMMENTS,
		"checklist-name k0 Stages"},
	    {PLAIN_FRONT PLAIN_DESC
		"## Checklist: New\n- [x] two\n\n"
		"## Checklist: Steps\n- [ ] one\n- [ ] three\n\n" PLAIN_FILES
		    PLAIN_COMMENTS,
		"checklist-add n0 New; item-move i1; item-state i1 on"},
	    {PLAIN_FRONT PLAIN_DESC PLAIN_FILES PLAIN_COMMENTS,
		"checklist-remove k0"},
	    /* Attachments. */
	    {PLAIN_FRONT PLAIN_DESC PLAIN_LIST PLAIN_COMMENTS,
		"attachment-remove a0"},
	    {PLAIN_FRONT PLAIN_DESC PLAIN_LIST
		"## Attachments\n"
		"- [other words](<Renamed.files/a.txt>)\n"
		"- [x](https://example.com)\n* "
		"https://example.org\n" PLAIN_COMMENTS,
		"link-add n0 x; link-add n1 https://example.org"},
	    {"---\nurl: https://trello.com/c/Other\n---\n## Attachments\n"
	     "- [y](<Y.files/y.txt>)\n- [z](http://z)\n",
		"link-add n0 z"},
	    /* Keys that are gone. */
	    {"---\nurl: https://trello.com/c/Ab12Cd34\nrev: "
	     "a0000000\n---\n" PLAIN_BODY,
		"due; done off; label-remove l0; member-remove m1; field f1; "
		"field f5"},
	    {PLAIN_FRONT PLAIN_LIST PLAIN_FILES PLAIN_COMMENTS, "desc "},
	    /* No proof: cut off, of another card, of no known rev. */
	    {"---\nurl: https://trello.com/c/Ab12Cd34\nrev: a0000000\n---\n",
		""},
	    {"---\nurl: https://trello.com/c/ab12cd34\nrev: a0000000\n---\n"
	     "## Comments\n",
		""},
	    {"---\nrev: a0000000\n---\n## Comments\n", ""},
	};
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		expect_changes(&fixture, rows[i][0], rows[i][1]);
	fixture.context.rev_known = false;
	expect_changes(&fixture,
	    "---\nurl: https://trello.com/c/Ab12Cd34\nrev: a0000000\n---\n"
	    "## Comments\n",
	    "");
	fixture_fini(&fixture);
}

/* What ends in its description may have been cut off there. */
static void
the_rest_of_a_description_stays(void **state)
{
#define OLD "one\ntwo\n\nfour\nfive"
	static const char *const rows[][2] = {
	    {"one\n", OLD},
	    {"one\ntwo\n", OLD},
	    {"one\ntwo\n\n", OLD},
	    {"one\ntwo\n\nfour\nfive", OLD},
	    {"one\ntwo\n\nfour\nfive\n", OLD},
	    {"one\ntwo\n\nfo", OLD},
	    {"on", OLD},
	    {"other\ntwo\n", "other\ntwo\n\nfour\nfive"},
	    {"zero\none\ntwo\n\nf", "zero\none\ntwo\n\nfour\nfive"},
	    {"other\ntw", "other\ntwo\n\nfour\nfive"},
	    {"other\nwords\n\nfou", "other\nwords\n\nfour\nfive"},
	    {"other\nfi", "other\nfive"},
	    {"one\ntwo\n\nfour\nfive\n\n", OLD},
	    {"one\ntwo\n\nfour\n5\n\n", "one\ntwo\n\nfour\n5"},
	    /* That is no line that was cut. */
	    {"one\nfo\n", "one\nfo"},
	    {"one\ntwo\n\nfour\nfive!", "one\ntwo\n\nfour\nfive!"},
	    {"one\nother\n", "one\nother"},
	    {"other\n", "other"},
	    /* The text goes on: it is meant. */
	    {"one\n\n## Checklist: Steps\n", "one"},
	    {"one\n\n## Comments\n", "one"},
	};
	struct fixture fixture;
	struct buf text = BUF_INIT;

	(void)state;
	fixture_init(&fixture);
	free(fixture.card.desc);
	fixture.card.desc = strdup(OLD);
	assert_non_null(fixture.card.desc);
	for (size_t i = 0; i < 2 * (sizeof rows / sizeof *rows); i++) {
		struct card_edit edit;

		fixture.context.rev_known = i % 2 == 0;
		buf_clear(&text);
		(void)buf_add_str(&text, PLAIN_FRONT);
		(void)buf_add_str(&text, rows[i / 2][0]);
		parse(buf_str(&text), &fixture.context, &edit);
		assert_string_equal(edit.card.desc, rows[i / 2][1]);
		card_edit_fini(&edit);
	}
	/* Whose text it is cannot be told. */
	expect_changes(&fixture, "---\n---\none\n", "desc one");
	expect_changes(&fixture, "one\n", "desc one");
	buf_free(&text);
	fixture_fini(&fixture);
#undef OLD
}

static void
comments_are_read(void **state)
{
	static const char *const rows[][2] = {
	    {PLAIN "Done, see #12\n", "comment-add n0 Done, see #12 30000000"},
	    {PLAIN "\n\n  x\ny\n\nz  \n\n",
		"comment-add n0   x\ny\n\nz 30000000"},
	    {PLAIN "\\## Comments\n", "comment-add n0 ## Comments 30000000"},
	    {PLAIN "x\n## Notes\n", "comment-add n0 x\n## Notes 30000000"},
	    {PLAIN "> as you said\n\nno\n",
		"comment-add n0 > as you said\n\nno 30000000"},
	    /* Not known, in a text of this card: words like any other. */
	    {PLAIN "> @alice 2023-11-14 23:13:21\n>\n> x\n",
		"comment-add n0 > @alice 2023-11-14 23:13:21\n>\n> x "
		"30000000"},
	    /* Glued to what stands before. */
	    {PLAIN_FRONT PLAIN_DESC PLAIN_LIST PLAIN_FILES
		"## Comments\n"
		"> @alice 2023-11-14 23:13:20\n> first\n\n\n"
		">@bob 2023-11-14 23:14:20 \n>second\nthird",
		"comment-add n0 third 30000000"},
	    /* One's own is edited. */
	    {PLAIN_FRONT PLAIN_DESC PLAIN_LIST PLAIN_FILES
		"## Comments\n\n"
		"> @alice 2023-11-14 23:13:20\n>\n> first\n> of all\n>\n> x\n\n"
		"> @bob 2023-11-14 23:14:20\n>\n> second\n\n",
		"comment-edit c0 first\nof all\n\nx"},
	    /* Both are gone: that is for the caller to forbid. */
	    {PLAIN_FRONT PLAIN_DESC PLAIN_LIST PLAIN_FILES "## Comments",
		"comment-remove c0; comment-remove c1"},
	    {PLAIN_FRONT PLAIN_DESC PLAIN_LIST PLAIN_FILES
		"## Comments\n\n> @bob 2023-11-14 23:14:20\n>\n> second\nx",
		"comment-remove c0; comment-add n0 x 30000000"},
	    /* From another time zone, with the same words. */
	    {PLAIN_FRONT PLAIN_DESC PLAIN_LIST PLAIN_FILES
		"## Comments\n\n"
		"> @alice 2023-11-15 03:58:20\n>\n> first\n\n"
		"> @bob 2023-11-15 03:59:20\n>\n> second\n\n",
		""},
	    /* Another card's, copied: its comments stay where they are. */
	    {"---\nurl: https://trello.com/c/Other\n---\n## Comments\n\n"
	     "> @carol 2023-11-15 03:58:20\n>\n> x\n\n"
	     "> @bob 2023-11-14 23:14:20\n>\n> second\n\n",
		""},
	    {"---\nurl: https://trello.com/c/Other\n---\n## Comments\n\n"
	     "> @carol 2023-11-15 03:58:20\n>\n> first\n\nmine\n\n"
	     "> @alice 2023-11-15 03:58:21\n>\n> first\n\nx\n",
		"comment-add n0 mine\n\nx 30000000"},
	};
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		expect_changes(&fixture, rows[i][0], rows[i][1]);
	fixture_fini(&fixture);
}

static void
appended_is_a_comment(void **state)
{
	static const char whole[] = PLAIN "one\n"
					  "\n## Checklist: x\n- [ ] y\n"
					  "\n \n"
					  "two\n";
	size_t at[3] = {strlen(PLAIN) + 4, 0, 0};
	struct fixture fixture;
	struct card_edit edit;

	(void)state;
	at[1] = at[0] + strlen("\n## Checklist: x\n- [ ] y\n");
	at[2] = at[1] + strlen("\n \n");
	fixture_init(&fixture);
	fixture.context.appended_at = at;
	fixture.context.n_appended = 3;
	parse(whole, &fixture.context, &edit);
	assert_int_equal(edit.card.comments.n, 5);
	assert_int_equal(edit.tail, 2);
	assert_string_equal(edit.card.comments.v[2].text, "one");
	assert_string_equal(
	    edit.card.comments.v[3].text, "## Checklist: x\n- [ ] y");
	assert_string_equal(edit.card.comments.v[4].text, "two");
	assert_string_equal(edit.card.comments.v[4].username, "alice");
	card_edit_fini(&edit);
	/* Offsets that cannot be. */
	at[0] = 3;
	at[1] = 9999;
	at[2] = 9998;
	parse(PLAIN "one\n", &fixture.context, &edit);
	assert_int_equal(edit.card.comments.n, 3);
	card_edit_fini(&edit);
	fixture_fini(&fixture);
}

static void
appended_to_crlf(void **state)
{
	static const char head[] = "---\r\ntitle: x\r\n---\r\nnew\r\n\r\n"
				   "## Comments\r\n";
	size_t at = strlen(head);
	struct fixture fixture;
	struct card_edit edit;
	struct buf text = BUF_INIT;

	(void)state;
	fixture_init(&fixture);
	fixture.context.appended_at = &at;
	fixture.context.n_appended = 1;
	(void)buf_printf(&text, "%sone\r\ntwo\r\n", head);
	parse(text.data, &fixture.context, &edit);
	assert_string_equal(edit.card.desc, "new");
	assert_int_equal(edit.tail, SIZE_MAX);
	assert_int_equal(edit.card.comments.n, 3);
	assert_string_equal(edit.card.comments.v[2].text, "one\ntwo");
	card_edit_fini(&edit);
	buf_free(&text);
	fixture_fini(&fixture);
}

static char *
unique_label(unsigned i)
{
	struct buf out = BUF_INIT;

	(void)buf_printf(&out, "label number %u", i);
	return buf_steal(&out);
}

static void
appended_within_a_character(void **state)
{
	size_t at = strlen(PLAIN) + 2;
	struct fixture fixture;
	struct card_edit edit;

	(void)state;
	fixture_init(&fixture);
	fixture.context.appended_at = &at;
	fixture.context.n_appended = 1;
	parse(PLAIN "x\xe6\x97\xa5y", &fixture.context, &edit);
	assert_int_equal(edit.card.comments.n, 4);
	assert_string_equal(edit.card.comments.v[2].text, "x\xe6\x97\xa5");
	assert_string_equal(edit.card.comments.v[3].text, "y");
	card_edit_fini(&edit);
	fixture_fini(&fixture);
}

/* Boards with nothing on them, and with more than an error can list. */
static void
lists_of_what_there_is(void **state)
{
	struct fixture fixture;
	struct card_edit edit;
	struct text_error error;

	(void)state;
	fixture_init(&fixture);
	for (unsigned i = 3; i < 200; i++) {
		struct label *label = VEC_ADD(&fixture.board.labels);

		make_id(label->id, 'l', i);
		label->name = unique_label(i);
	}
	assert_int_equal(card_text_parse("---\nlabels: x\n---\n", 18,
			     &fixture.context, &edit, &error),
	    -EINVAL);
	assert_non_null(strstr(error.why, "bug, urgent"));
	assert_non_null(strstr(error.why, ", \xe2\x80\xa6"));
	board_fini(&fixture.board);
	board_init(&fixture.board);
	fixture.context.me = NULL;
	assert_int_equal(card_text_parse("---\nlabels: x\n---\n", 18,
			     &fixture.context, &edit, &error),
	    -EINVAL);
	assert_string_equal(error.why, "this board has none");
	fixture_fini(&fixture);
}

/* YAML takes keys of up to 1024 characters only, unless told so. */
static void
long_names_of_fields(void **state)
{
	struct fixture fixture;
	struct buf text = BUF_INIT;

	(void)state;
	fixture_init(&fixture);
	free(fixture.board.fields.v[1].name);
	fixture.board.fields.v[1].name = malloc(3001);
	memset(fixture.board.fields.v[1].name, 'n', 3000);
	fixture.board.fields.v[1].name[3000] = '\0';
	/* An author whom only the board knows by name, too. */
	free(fixture.card.comments.v[1].username);
	fixture.card.comments.v[1].username = NULL;
	format(&fixture.card, &fixture.board, &text);
	assert_non_null(strstr(text.data, "fields: {? nnn"));
	assert_non_null(strstr(text.data, "> @bob 2023"));
	expect_changes(&fixture, text.data, "");
	buf_free(&text);
	fixture_fini(&fixture);
}

static void
a_tail_goes_on(void **state)
{
	struct fixture fixture;
	struct card_edit edit;

	(void)state;
	fixture_init(&fixture);
	/* The ancestor ended in words, which are comment c2 by now. */
	add_plain_comment(&fixture.card, 2, "alice", "tail");
	fixture.context.tail_ids = "5e93c827fb10c00000000002";
	expect_changes(&fixture, PLAIN "tail\n", "");
	expect_changes(
	    &fixture, PLAIN "tail\nand more", "comment-edit c2 tail\nand more");
	expect_changes(&fixture, PLAIN, "comment-remove c2");
	parse(PLAIN "tail, and\n", &fixture.context, &edit);
	assert_int_equal(edit.tail, 2);
	card_edit_fini(&edit);
	/* The file had become the new text in the meantime. */
	expect_changes(
	    &fixture, PLAIN "> @alice 2023-11-14 23:15:20\n>\n> tail\n\n", "");
	expect_changes(&fixture,
	    PLAIN "> @alice 2023-11-14 23:15:20\n>\n> tail\n\nx",
	    "comment-add n0 x 30000000");
	fixture_fini(&fixture);
}

static void
late_comments_are_known(void **state)
{
	struct fixture fixture;
	struct card now;
	struct card_edit edit;
	struct card_changes changes;
	struct buf out = BUF_INIT;
	unsigned n = 0;
	struct id_source ids = {next_id, &n};

	(void)state;
	fixture_init(&fixture);
	assert_int_equal(card_copy(&fixture.card, &now), 0);
	add_plain_comment(&now, 5, "bob", "late");
	add_plain_comment(&now, 6, "alice", "later");
	fixture.context.card_now = &now;
	expect_changes(&fixture,
	    PLAIN "> @bob 2023-11-14 23:18:20\n>\n> late\n\nnew\n",
	    "comment-add n0 new 30000000");
	/* A change of one that the ancestor did not have. */
	parse(PLAIN "> @alice 2023-11-14 23:19:20\n>\n> last\n",
	    &fixture.context, &edit);
	assert_int_equal(
	    card_diff(&fixture.card, &edit.card, &ids, &changes), 0);
	describe(&changes, &out);
	assert_string_equal(buf_str(&out), "comment-edit c6 last");
	card_changes_fini(&changes);
	card_edit_fini(&edit);
	buf_free(&out);
	card_fini(&now);
	fixture_fini(&fixture);
}

static void
equal_headers_are_told_by_order(void **state)
{
	struct fixture fixture;
	struct buf text = BUF_INIT;

	(void)state;
	fixture_init(&fixture);
	for (unsigned i = 0; i < 2; i++) {
		fixture.card.comments.v[i].date_ms = 1700000000000;
		memcpy(fixture.card.comments.v[i].username, "bob", 4);
	}
	fixture.context.me = NULL;
	format(&fixture.card, &fixture.board, &text);
	expect_changes(&fixture, text.data, "");
	memcpy(strstr(text.data, "second"), "SECOND", 6);
	expect_changes(&fixture, text.data, "comment-edit c1 SECOND");
	memcpy(strstr(text.data, "first"), "FIRST", 5);
	expect_changes(&fixture, text.data,
	    "comment-edit c0 FIRST; comment-edit c1 SECOND");
	buf_free(&text);
	fixture_fini(&fixture);
}

static void
what_editors_do_is_no_change(void **state)
{
	struct fixture fixture;
	struct buf text = BUF_INIT;

	(void)state;
	fixture_init(&fixture);
	free(fixture.card.desc);
	free(fixture.card.comments.v[1].text);
	fixture.card.desc = strdup("a\r\nb");
	fixture.card.comments.v[1].text = strdup("two  \r\n\r\n  lines \n\n");
	/* Blanks at line ends are gone, of somebody else's comment, too. */
	expect_changes(&fixture,
	    PLAIN_FRONT
	    "a\r\nb\n\n" PLAIN_LIST PLAIN_FILES
	    "## Comments\n\n> @alice 2023-11-14 23:13:20\n>\n> first\n\n"
	    "> @bob 2023-11-14 23:14:20\n>\n> two\n>\n>   lines\n",
	    "");
	/* All line ends have become CRLF. */
	expect_changes(&fixture,
	    "---\r\ntitle: Card\r\n---\r\na\r\nb\r\n\r\n## Comments\r\n", "");
	expect_changes(&fixture, "---\r\n---\r\na\r\nc\r\n", "desc a\nc");
	/* Without front matter, what was CRLF stays so. */
	expect_changes(&fixture, "a\r\nc\r\n", "desc a\r\nc\r");
	free(fixture.card.desc);
	fixture.card.desc = strdup("a\nb");
	expect_changes(&fixture, "a\r\nc\r\n", "desc a\nc");
	expect_changes(&fixture, "a\r\nb\r\n", "");
	buf_free(&text);
	fixture_fini(&fixture);
}

static void
a_new_card(void **state)
{
	static const char text[] = PLAIN_FRONT
	    "new\n\n" PLAIN_LIST PLAIN_FILES PLAIN_COMMENTS "and this\n";
	struct fixture fixture;
	struct card_edit edit;

	(void)state;
	fixture_init(&fixture);
	fixture.context.card = NULL;
	fixture.context.file_name = "a\xef\xbc\x8f"
				    "b.md";
	parse(text, &fixture.context, &edit);
	assert_string_equal(edit.card.name, "a/b");
	assert_string_equal(edit.card.desc, "new");
	assert_int_equal(edit.card.id_labels.n, 1);
	assert_int_equal(edit.card.id_members.n, 1);
	assert_int_equal(edit.card.fields.n, 2);
	assert_int_equal(edit.card.checklists.n, 1);
	assert_int_equal(edit.card.checklists.v[0].items.n, 3);
	assert_int_equal(edit.card.attachments.n, 0);
	assert_int_equal(edit.card.comments.n, 1);
	assert_string_equal(edit.card.comments.v[0].text, "and this");
	assert_int_equal(edit.n_foreign_quotes, 2);
	assert_string_equal(edit.left_out, "");
	assert_false(edit.proof);
	card_edit_fini(&edit);
	parse("---\ntitle: T\nlabels: [bug, bgu]\nmembers: carol\n"
	      "fields: {X: 1, Priority: Middle}\n---\n"
	      "## Checklist:\n- [ ] x\n",
	    &fixture.context, &edit);
	assert_string_equal(edit.card.name, "T");
	assert_int_equal(edit.card.id_labels.n, 1);
	assert_string_equal(edit.left_out,
	    "label \"bgu\"\nmember \"carol\"\nfield \"X\"\n"
	    "Priority \"Middle\"\n");
	assert_string_equal(edit.card.checklists.v[0].name, "Checklist");
	card_edit_fini(&edit);
	parse("", &fixture.context, &edit);
	assert_string_equal(edit.card.name, "a/b");
	card_edit_fini(&edit);
	fixture_fini(&fixture);
}

/* A card that was made here and has been settled once: its author saves what
 * he has again, and has not seen what became of it. */
static void
a_card_made_here(void **state)
{
	static const char unseen[] = "---\nlabels: [bug, bgu]\n---\nnew\n";
	static const char seen[] = "---\nurl: https://trello.com/c/Ab12Cd34\n"
				   "labels: [bgu]\n---\n";
	struct text_error error;
	struct fixture fixture;
	struct card_edit edit;

	(void)state;
	fixture_init(&fixture);
	fixture.context.made_here = true;
	parse(unseen, &fixture.context, &edit);
	assert_string_equal(edit.left_out, "label \"bgu\"\n");
	card_edit_fini(&edit);
	assert_int_equal(card_text_parse(seen, strlen(seen), &fixture.context,
			     &edit, &error),
	    -EINVAL);
	fixture.context.made_here = false;
	assert_int_equal(card_text_parse(unseen, strlen(unseen),
			     &fixture.context, &edit, &error),
	    -EINVAL);
	fixture_fini(&fixture);
}

static void
names_then_names_now(void **state)
{
	struct fixture fixture;
	struct board now;

	(void)state;
	fixture_init(&fixture);
	plain_board(&now);
	/* "urgent" and "bug" have changed their names since, one is new. */
	free(now.labels.v[0].name);
	free(now.labels.v[1].name);
	now.labels.v[0].name = strdup("urgent");
	now.labels.v[1].name = strdup("later");
	fixture.context.board_now = &now;
	expect_changes(&fixture, "---\nlabels: [bug]\n---\n", "");
	expect_changes(
	    &fixture, "---\nlabels: [urgent]\n---\n", "label-add l1");
	expect_changes(&fixture, "---\nlabels: [later]\n---\n", "label-add l1");
	/* A label that is gone: the one that has its name now. */
	memcpy(now.labels.v[1].id, "gone", 5);
	expect_changes(&fixture, "---\nlabels: [bug, urgent]\n---\n", "");
	board_fini(&now);
	fixture_fini(&fixture);
}

static void
a_copy_has_its_own_title(void **state)
{
	static const char text[] =
	    "---\nurl: https://trello.com/c/Other\ntitle: Other\n---\n";
	struct fixture fixture;
	struct card_edit edit;

	(void)state;
	fixture_init(&fixture);
	expect_changes(&fixture, text, "");
	fixture.context.card = NULL;
	parse(text, &fixture.context, &edit);
	assert_string_equal(edit.card.name, "Card");
	card_edit_fini(&edit);
	fixture_fini(&fixture);
}

/* The last character may be cut by the end of a WRITE. */
static void
cut_characters(void **state)
{
	static const char *const texts[] = {
	    "---\nlabels: [bgu]\n---\nx \xe6\x97", "---\n---\nx \xe6\x97",
	    "---\ntitle: \xe6\x97"};
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	for (size_t i = 0; i < 3; i++) {
		struct card_edit edit;
		struct text_error error;

		assert_int_equal(card_text_parse(texts[i], strlen(texts[i]),
				     &fixture.context, &edit, &error),
		    -EINVAL);
		assert_int_equal(error.in_front_matter, i != 1);
		assert_int_equal(error.incomplete, i == 2);
	}
	fixture_fini(&fixture);
}

static void
same_but_for_rev(void **state)
{
	static const char a[] = "---\nurl: x\nrev: 1\n---\nrev: 1\n";
	static const char b[] = "---\nurl: x\nrev: 22\n---\nrev: 1\n";
	static const char c[] = "---\nurl: x\nrev: 1\n---\nrev: 2\n";
	static const char d[] = "---\nurl: x\n---\nrev: 1\n";

	(void)state;
	assert_true(card_text_same(a, strlen(a), a, strlen(a)));
	assert_true(card_text_same(a, strlen(a), b, strlen(b)));
	assert_true(card_text_same(d, strlen(d), d, strlen(d)));
	assert_true(card_text_same("", 0, "", 0));
	assert_false(card_text_same(a, strlen(a), c, strlen(c)));
	assert_false(card_text_same(a, strlen(a), d, strlen(d)));
	assert_false(card_text_same(d, strlen(d), a, strlen(a)));
}

static const struct {
	const char *text;
	unsigned line;
	bool in_front_matter;
	const char *what, *why, *remedy; /* parts of them, NULL: nothing */
} errors[] = {
    {"---\nlabels: [bgu]\n---\n", 2, true, "line 2: label \"bgu\"",
	"this board has bug, urgent, (green)", "did you mean \"bug\"?"},
    {"---\ntitle: x\nmembers:\n- alice\n- carol\n---\n", 5, true,
	"line 5: member \"carol\"", "this board has alice, bob", NULL},
    {"---\nlable: [bug]\n---\n", 2, true, "line 2: unknown key \"lable\"",
	"the keys of a card are url, rev, title, labels, members, start, due, "
	"done, fields",
	"did you mean \"labels\"?"},
    {"---\ndue: tomorrow\n---\n", 2, true,
	"line 2: due \"tomorrow\" is no date", NULL, "write 2026-12-01"},
    {"---\ndue: [2026-12-01]\n---\n", 2, true,
	"line 2: several values of \"due\"", NULL, "one value"},
    {"---\ndone: maybe\n---\n", 2, true,
	"done \"maybe\" is neither true nor false", NULL, "true or false"},
    {"---\nfields: {Esitmate: 3}\n---\n", 2, true, "field \"Esitmate\"",
	"this board has Note, Estimate, Day, Ready, Odd, Priority",
	"did you mean \"Estimate\"?"},
    {"---\nfields: {Estimate: three}\n---\n", 2, true,
	"Estimate \"three\" is no number", NULL, "3.5"},
    {"---\nfields:\n  Priority: Hihg\n---\n", 3, true, "Priority \"Hihg\"",
	"this field takes Low, High", "did you mean \"High\"?"},
    {"---\nfields: {Day: soon}\n---\n", 2, true, "Day \"soon\" is no date",
	NULL, "2026-12-01"},
    {"---\nfields: {Ready: soon}\n---\n", 2, true,
	"Ready \"soon\" is neither true nor false", NULL, "true or false"},
    {"---\nfields: {Odd: x}\n---\n", 2, true, "field \"Odd\"", "of this type",
	NULL},
    {"---\nfields: {Note: x, Note: y}\n---\n", 2, true,
	"\"Note\" is there twice", NULL, "leave one"},
    {"---\ntitle: \"a\\0b\"\n---\n", 2, true, "NUL", NULL, "leave"},
    {"---\nfields: [x]\n---\n", 2, true, "a wrong value of \"fields\"", NULL,
	"fields: {"},
    {"---\nfields: {Note: [x]}\n---\n", 2, true, "several values of \"Note\"",
	NULL, "one value"},
    {"---\nlabels: {a: b}\n---\n", 2, true, "a wrong value of \"labels\"", NULL,
	"labels: [one, another]"},
    {"---\nlabels: [[bug]]\n---\n", 2, true, "a wrong value of \"labels\"",
	NULL, "labels: [one, another]"},
    {"---\nlabels: [[[bug]]]\n---\n", 2, true, "more than three levels", NULL,
	"quotes"},
    {"---\ntitle: &a x\n---\n", 2, true, "anchors and aliases", NULL, "quotes"},
    {"---\nurl: x\ntitle: *a\n---\n", 3, true, "anchors and aliases", NULL,
	"quotes"},
    {"---\ntitle: !!str x\n---\n", 2, true, "tags (!)", NULL, "quotes"},
    {"---\ntitle: a\ntitle: b\n---\n", 3, true, "\"title\" is there twice",
	NULL, "leave one"},
    {"---\ntitle: a: b\n---\n", 2, true, "cannot be read as YAML",
	"mapping values", "quotes"},
    {"---\nlabels: [bug\n---\n", 3, true, "cannot be read as YAML", "",
	"quotes"},
    {"---\ntitle: a\x01z\n---\n", 2, true, "cannot be read as YAML",
	"control characters", "quotes"},
    {"---\njust words\n---\n", 2, true, "no list of keys", NULL,
	"second `---`"},
    {"---\nurl: x\n...\nrev: y\n---\n", 4, true, "cannot be read as YAML",
	"document start", NULL},
    {"---\nurl: x\n--- y\n---\n", 3, true, "more than one document", NULL,
	NULL},
    {"---\n? [a]\n: b\n---\n", 2, true, "cannot be a key", NULL, "key: value"},
    {"---\n---\na\xff\n", 3, false, "line 3: this is not UTF-8", NULL,
	"as UTF-8"},
    {"---\n---\n## Checklist: x\nwords\n## Comments\n", 4, false,
	"line 4: \"words\" does not belong there", "## Checklist",
	"move it above"},
    {"---\n---\n## Checklist: x\n- words\n", 4, false, "\"- words\"",
	"- [ ] words", "move it"},
    {"---\n---\n## Checklist: x\n- [y] words\n", 4, false, "\"- [y] words\"",
	"- [ ] words", "move it"},
    {"---\n---\n## Checklist: x\n- [ ]words\n", 4, false, "\"- [ ]words\"",
	"- [ ] words", "move it"},
    {"---\n---\n## Attachments\n\n## Notes\n", 5, false,
	"line 5: the section \"## Notes\" does not belong", "## Attachments",
	"move it above the first section"},
    {"---\n---\n## Attachments\n- words\n", 4, false, "\"- words\"", "https://",
	NULL},
    {"---\n---\n## Attachments\n- [x](ftp://x)\n", 4, false,
	"no attachment \"ftp://x\"", NULL, "https://"},
    {PLAIN_FRONT "## Attachments\n- [x](<Card.files/new.pdf>)\n", 11, false,
	"no attachment \"Card.files/new.pdf\"", NULL, "copied into Card.files"},
    {PLAIN_FRONT "## Comments\n\nearly\n\n> @bob 2023-11-14 23:14:20\n"
		 ">\n> second\n",
	12, false, "line 12: \"early\"", "below the last one", NULL},
    {PLAIN_FRONT "## Comments\n\n> early\n\n> @bob 2023-11-14 23:14:20\n"
		 ">\n> second\n",
	12, false, "line 12: \"> early\"", "below the last one", NULL},
    {PLAIN "## Notes\nx\n", 32, false, "the section \"## Notes\"",
	"## Comments is the last", "move it up"},
    {PLAIN "x\n\n## Comments\n", 34, false, "the section \"## Comments\"",
	"## Comments is the last", "move it up"},
    {PLAIN "\n## Checklist: x\n- [ ] y\n", 33, false,
	"the section \"## Checklist: x\"", "## Comments is the last",
	"move it up"},
    {PLAIN_FRONT "## Comments\n\n> @bob 2023-11-14 23:14:20\n>\n> other\n", 12,
	false, "line 12: the comment of @bob was changed", "only its author",
	"answer below"},
};

static bool
says(const char *line, const char *part)
{
	return part == NULL ? true : strstr(line, part) != NULL;
}

static void
errors_are_told(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		struct card_edit edit;
		struct text_error error;
		int err = card_text_parse(errors[i].text,
		    strlen(errors[i].text), &fixture.context, &edit, &error);

		if (err == 0 || error.line != errors[i].line ||
		    !says(error.what, errors[i].what) ||
		    !says(error.why, errors[i].why) ||
		    !says(error.remedy, errors[i].remedy))
			print_message("# %zu: %s | %s | %s\n", i, error.what,
			    error.why, error.remedy);
		assert_int_equal(err, -EINVAL);
		assert_int_equal(error.code, -EINVAL);
		assert_int_equal(error.line, errors[i].line);
		assert_int_equal(
		    error.in_front_matter, errors[i].in_front_matter);
		assert_false(error.incomplete);
		assert_true(says(error.what, errors[i].what));
		assert_true(says(error.why, errors[i].why));
		assert_true(says(error.remedy, errors[i].remedy));
		assert_true(error.why[0] != '\0' && error.remedy[0] != '\0');
	}
	fixture_fini(&fixture);
}

/* While a text is being written, nothing is wrong yet but front matter. */
static void
texts_grow(void **state)
{
	static const char text[] = PLAIN "and a new comment\n";
	size_t closed = strlen(PLAIN_FRONT);
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	for (size_t len = 0; len < strlen(text); len++) {
		struct card_text_head head;
		struct card_edit edit;
		struct text_error error;
		int err =
		    card_text_parse(text, len, &fixture.context, &edit, &error);

		card_text_head(text, len, &head);
		assert_int_equal(head.has_front_matter, len >= 3);
		assert_int_equal(head.closed, len >= closed - 1);
		if (len >= closed)
			assert_string_equal(head.link, "Ab12Cd34");
		if (len >= closed)
			assert_string_equal(head.rev, "a0000000");
		if (err == 0) {
			card_edit_fini(&edit);
			continue;
		}
		assert_int_equal(err, -EINVAL);
		assert_int_equal(error.incomplete, len < closed - 1);
		assert_int_equal(error.in_front_matter, len < closed - 1);
	}
	fixture_fini(&fixture);
}

static void
expect_error(const struct fixture *fixture, const char *text, int expected,
    const char *what)
{
	struct card_edit edit;
	struct text_error error;

	assert_int_equal(card_text_parse(text, strlen(text), &fixture->context,
			     &edit, &error),
	    expected);
	assert_non_null(strstr(error.what, what));
}

static void
replace_name(struct check_item *item)
{
	free(item->name);
	item->name = malloc(2001);
	assert_non_null(item->name);
	memset(item->name, 'y', 2000);
	item->name[2000] = '\0';
}

static void
limits_are_kept(void **state)
{
	struct fixture fixture;
	struct buf text = BUF_INIT;
	struct card_edit edit;
	char *longest = malloc(20001);

	(void)state;
	fixture_init(&fixture);
	assert_non_null(longest);
	memset(longest, 'x', 20000);
	longest[20000] = '\0';
	(void)buf_printf(&text, "---\n---\n%s\n", longest);
	expect_error(&fixture, text.data, -EFBIG, "the description is too");
	buf_clear(&text);
	(void)buf_printf(&text, "---\ntitle: %s\n---\n", longest);
	expect_error(&fixture, text.data, -EFBIG, "the title is too");
	buf_clear(&text);
	(void)buf_printf(&text, PLAIN "%s\n", longest);
	expect_error(&fixture, text.data, -EFBIG, "the comment is too");
	/* What is that long already may stay. */
	free(fixture.card.desc);
	fixture.card.desc = longest;
	buf_clear(&text);
	(void)buf_printf(&text, "---\n---\n%s\n", longest);
	expect_changes(&fixture, text.data, "");
	buf_clear(&text);
	(void)buf_add_str(&text, "---\ntitle: |\n");
	while (text.len < 70000)
		(void)buf_add_str(&text, "  words and words\n");
	(void)buf_add_str(&text, "---\n");
	expect_error(&fixture, text.data, -EINVAL, "longer than 64 KiB");
	buf_clear(&text);
	(void)buf_add_str(&text, "---\nlabels:\n");
	for (int i = 0; i < 2001; i++)
		(void)buf_add_str(&text, "- bug\n");
	(void)buf_add_str(&text, "---\n");
	expect_error(&fixture, text.data, -EINVAL, "more than 2000");
	buf_clear(&text);
	(void)buf_add_str(&text, "---\n---\n## Checklist: x\n");
	while (text.len < 1100000)
		(void)buf_add_str(&text, "- [ ] a\n");
	expect_error(&fixture, text.data, -EFBIG, "over 1 MiB");
	buf_clear(&text);
	(void)buf_add_str(&text, "---\n---\n## Checklist: x\n");
	for (int i = 0; i <= 10010; i++)
		(void)buf_add_str(&text, "- [ ] x\n");
	expect_error(&fixture, text.data, -EFBIG, "more than 10000 items");
	buf_clear(&text);
	(void)buf_add_str(&text, "---\n---\n");
	for (int i = 0; i <= 10010; i++)
		(void)buf_add_str(&text, "## Checklist: x\n");
	expect_error(&fixture, text.data, -EFBIG, "more than 10000 checklists");
	buf_clear(&text);
	(void)buf_add_str(&text, "---\n---\n## Attachments\n");
	for (int i = 0; i <= 10010; i++)
		(void)buf_add_str(&text, "- http://x\n");
	expect_error(&fixture, text.data, -EFBIG, "more than 10000 links");
	buf_clear(&text);
	(void)buf_add_str(&text, "---\n---\n## Attachments\n- [");
	for (int i = 0; i < 129; i++)
		(void)buf_add_str(&text, "\U0001f600");
	(void)buf_add_str(&text, "](https://example.com)\n");
	expect_error(&fixture, text.data, -EFBIG, "words of the link are");
	buf_clear(&text);
	(void)buf_add_str(&text, "---\n---\n## Attachments\n- <https://x/");
	for (int i = 0; i < 300; i++)
		(void)buf_add_char(&text, 'x');
	(void)buf_add_str(&text, ">\n");
	parse(text.data, &fixture.context, &edit);
	card_edit_fini(&edit);
	text.len -= 2;
	for (int i = 0; i < 16384; i++)
		(void)buf_add_char(&text, 'x');
	(void)buf_add_str(&text, ">\n");
	expect_error(&fixture, text.data, -EFBIG, "the address is too long");
	buf_clear(&text);
	(void)buf_add_str(&text, PLAIN_FRONT "## Checklist: x\n");
	for (int i = 0; i < 10000; i++)
		(void)buf_printf(&text, "- [ ] %u\n", below(500));
	(void)buf_add_str(&text, "\n## Comments\n");
	parse(text.data, &fixture.context, &edit);
	/* A card that is larger than a text may be can still be edited. */
	card_fini(&fixture.card);
	fixture.card = edit.card;
	free(edit.left_out);
	for (size_t i = 0; i < 1000; i++)
		replace_name(&fixture.card.checklists.v[0].items.v[i]);
	format(&fixture.card, &fixture.board, &text);
	assert_true(text.len > CARD_TEXT_BYTES_MAX);
	parse(text.data, &fixture.context, &edit);
	assert_true(edit.proof);
	card_edit_fini(&edit);
	buf_free(&text);
	fixture_fini(&fixture);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_is_shown_is_read),
    cmocka_unit_test(exports_are_read),
    cmocka_unit_test(single_changes),
    cmocka_unit_test(the_rest_of_a_description_stays),
    cmocka_unit_test(comments_are_read),
    cmocka_unit_test(appended_is_a_comment),
    cmocka_unit_test(appended_to_crlf),
    cmocka_unit_test(appended_within_a_character),
    cmocka_unit_test(lists_of_what_there_is),
    cmocka_unit_test(long_names_of_fields),
    cmocka_unit_test(a_tail_goes_on),
    cmocka_unit_test(late_comments_are_known),
    cmocka_unit_test(equal_headers_are_told_by_order),
    cmocka_unit_test(what_editors_do_is_no_change),
    cmocka_unit_test(a_new_card),
    cmocka_unit_test(a_card_made_here),
    cmocka_unit_test(names_then_names_now),
    cmocka_unit_test(a_copy_has_its_own_title),
    cmocka_unit_test(cut_characters),
    cmocka_unit_test(same_but_for_rev),
    cmocka_unit_test(errors_are_told),
    cmocka_unit_test(texts_grow),
    cmocka_unit_test(limits_are_kept),
};

UNIT_MAIN(tests)
