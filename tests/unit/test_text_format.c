#include "unit.h"

#include "model/ids.h"
#include "model/model.h"
#include "text/card_text.h"
#include "text/date_text.h"
#include "text/heading.h"
#include "text/inline.h"
#include "text/shown.h"
#include "text/yaml_scalar.h"
#include "text_exports.h"
#include "util/buf.h"
#include "util/timeutil.h"
#include "util/utf8.h"
#include "util/zone.h"

#include <errno.h>
#include <string.h>
#include <yaml.h>

static int paris_s = 3600;

static void
set_time(int64_t *target, const char *iso)
{
	assert_int_equal(time_parse_iso(iso, target), 0);
}

static void
add_label(
    struct board *board, const char *id, const char *name, const char *color)
{
	struct label *label = VEC_ADD(&board->labels);

	(void)snprintf(label->id, sizeof label->id, "%s", id);
	(void)snprintf(label->color, sizeof label->color, "%s", color);
	label->name = strdup(name);
}

static void
add_member(struct board *board, const char *id, const char *username)
{
	struct member *member = VEC_ADD(&board->members);

	(void)snprintf(member->id, sizeof member->id, "%s", id);
	member->username = strdup(username);
}

static struct field *
add_field(
    struct board *board, const char *id, const char *name, enum field_type type)
{
	struct field *field = VEC_ADD(&board->fields);

	(void)snprintf(field->id, sizeof field->id, "%s", id);
	field->name = strdup(name);
	field->type = type;
	return field;
}

static void
add_option(struct field *field, const char *id, const char *text)
{
	struct field_option *option = VEC_ADD(&field->options);

	(void)snprintf(option->id, sizeof option->id, "%s", id);
	option->text = strdup(text);
}

static void
add_value(struct card *card, const char *id_field, const char *id_option,
    const char *text)
{
	struct field_value *value = VEC_ADD(&card->fields);

	(void)snprintf(value->id_field, sizeof value->id_field, "%s", id_field);
	(void)snprintf(
	    value->id_option, sizeof value->id_option, "%s", id_option);
	value->value = text != NULL ? strdup(text) : NULL;
}

static struct checklist *
add_checklist(struct card *card, const char *name)
{
	struct checklist *checklist = VEC_ADD(&card->checklists);

	checklist->name = strdup(name);
	return checklist;
}

static void
add_item(struct checklist *checklist, const char *name, bool complete)
{
	struct check_item *item = VEC_ADD(&checklist->items);

	item->name = strdup(name);
	item->complete = complete;
}

static void
add_attachment(struct card *card, const char *id, const char *name,
    const char *url, bool is_upload)
{
	struct attachment *attachment = VEC_ADD(&card->attachments);

	attachment_init(attachment);
	(void)snprintf(attachment->id, sizeof attachment->id, "%s", id);
	attachment->name = strdup(name);
	attachment->url = url != NULL ? strdup(url) : NULL;
	attachment->is_upload = is_upload;
}

static void
add_comment(
    struct card *card, const char *username, const char *date, const char *text)
{
	struct comment *comment = VEC_ADD(&card->comments);

	comment_init(comment);
	comment->username = username != NULL ? strdup(username) : NULL;
	comment->text = strdup(text);
	set_time(&comment->date_ms, date);
}

/* The card of the contract's example, and its board. */
static void
example(struct board *board, struct card *card)
{
	struct checklist *checklist;
	struct field *field;

	board_init(board);
	add_label(board, "l1", "bug", "red");
	add_label(board, "l2", "urgent", "orange");
	add_member(board, "m1", "alice");
	add_member(board, "m2", "bob");
	field = add_field(board, "f1", "Priority", FIELD_LIST);
	add_option(field, "o1", "Low");
	add_option(field, "o2", "High");
	(void)add_field(board, "f2", "Estimate", FIELD_NUMBER);
	card_init(card);
	(void)snprintf(card->id, sizeof card->id, "5e93c827fb102a6f40c5fa2b");
	card->short_link = strdup("Ab12Cd34");
	card->name = strdup("Card");
	card->desc =
	    strdup("The description, byte for byte as Trello holds it.");
	(void)model_ids_add(&card->id_labels, "l1");
	(void)model_ids_add(&card->id_labels, "l2");
	(void)model_ids_add(&card->id_members, "m1");
	(void)model_ids_add(&card->id_members, "m2");
	set_time(&card->start_ms, "2026-11-20T08:00:00.000Z");
	set_time(&card->due_ms, "2026-12-01T16:00:00.000Z");
	card->due_complete = true;
	add_value(card, "f1", "o2", NULL);
	add_value(card, "f2", "", "3");
	checklist = add_checklist(card, "Release steps");
	add_item(checklist, "write NEWS", true);
	add_item(checklist, "tag the release", false);
	add_attachment(card, "a1", "design.pdf", NULL, true);
	add_attachment(
	    card, "a2", "the spec", "https://example.com/spec", false);
	add_comment(
	    card, "alice", "2026-11-02T13:03:27.456Z", "Looks good to me.");
}

static void
format(const struct card *card, const struct board *board, const char *name,
    struct buf *out)
{
	char rev[TEXT_REV_SIZE];
	struct zone zone;

	zone_init_fixed(&zone, &paris_s);
	buf_clear(out);
	assert_int_equal(
	    card_text_format(card, board, name, &zone, out, rev), 0);
	assert_int_equal(strlen(rev), TEXT_REV_SIZE - 1);
	assert_non_null(strstr(out->data, rev));
}

static void
the_example(void **state)
{
	static const char *const front = "---\n"
					 "url: https://trello.com/c/Ab12Cd34\n"
					 "rev: ";
	static const char *const body =
	    "\n"
	    "title: Card\n"
	    "labels: [bug, urgent]\n"
	    "members: [alice, bob]\n"
	    "start: 2026-11-20T09:00+01:00\n"
	    "due: 2026-12-01T17:00+01:00\n"
	    "done: true\n"
	    "fields: {Priority: High, Estimate: 3}\n"
	    "---\n"
	    "The description, byte for byte as Trello holds it.\n"
	    "\n"
	    "## Checklist: Release steps\n"
	    "\n"
	    "- [x] write NEWS\n"
	    "- [ ] tag the release\n"
	    "\n"
	    "## Attachments\n"
	    "\n"
	    "- [design.pdf](<Other.files/design.pdf>)\n"
	    "- [the spec](https://example.com/spec)\n"
	    "\n"
	    "## Comments\n"
	    "\n"
	    "> @alice 2026-11-02 14:03:27\n"
	    ">\n"
	    "> Looks good to me.\n"
	    "\n";
	struct buf out = BUF_INIT;
	struct board board;
	struct card card;

	(void)state;
	example(&board, &card);
	format(&card, &board, "Other.md", &out);
	assert_memory_equal(out.data, front, strlen(front));
	assert_string_equal(out.data + strlen(front) + TEXT_REV_SIZE - 1, body);
	format(&card, &board, "Card.md", &out);
	assert_null(strstr(out.data, "title:"));
	assert_non_null(strstr(out.data, "(<Card.files/design.pdf>)"));
	buf_free(&out);
	card_fini(&card);
	board_fini(&board);
}

/* What stands between the front matter and the end. */
static const char *
body_of(const struct buf *text)
{
	const char *body = strstr(text->data + 4, "\n---\n");

	assert_non_null(body);
	return body + 5;
}

static void
descriptions(void **state)
{
	static const char *const rows[][2] = {
	    {"", "## Comments\n"},
	    {"x", "x\n\n## Comments\n"},
	    {"x\n", "x\n\n\n## Comments\n"},
	    {"\n", "\n\n\n## Comments\n"},
	    {"\n\nx", "\n\nx\n\n## Comments\n"},
	    {"---", "---\n\n## Comments\n"},
	    {"---\na: b\n---\n", "---\na: b\n---\n\n\n## Comments\n"},
	    {"## Comments", "\\## Comments\n\n## Comments\n"},
	    {"## Comments\r\nx", "## Comments\r\nx\n\n## Comments\n"},
	    {"## Comments\r", "## Comments\r\n\n## Comments\n"},
	    {"a\n\\## Attachments \n", "a\n\\\\## Attachments \n\n\n"
				       "## Comments\n"},
	    {"\\\\## Checklist: x", "\\\\\\## Checklist: x\n\n## Comments\n"},
	    {"## Checklist:", "\\## Checklist:\n\n## Comments\n"},
	    {"## Checklist:x\n## Commentsx\n ## Comments\n# Comments",
		"## Checklist:x\n## Commentsx\n ## Comments\n# Comments\n\n"
		"## Comments\n"},
	};
	struct buf out = BUF_INIT;
	struct board board;
	struct card card;

	(void)state;
	board_init(&board);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		card_init(&card);
		card.desc = strdup(rows[i][0]);
		format(&card, &board, "Untitled.md", &out);
		assert_string_equal(body_of(&out), rows[i][1]);
		card_fini(&card);
	}
	buf_free(&out);
	board_fini(&board);
}

static void
odd_sections(void **state)
{
	static const char *const expected =
	    "## Checklist: \n"
	    "\n"
	    "## Checklist: a&#10;b\\&#10;c\\\\&#10;d\\e\n"
	    "\n"
	    "- [ ]\n"
	    "- [x] &#32; x&#32;\n"
	    "- [ ] &#9;\n"
	    "\n"
	    "## Attachments\n"
	    "\n"
	    "- [a \\[b\\] \\\\&#10;c](<Card.files/a [b] \\\\"
	    "\xe2\x90\x8a"
	    "c>)\n"
	    "- [x](<https://example.com/a b_(c)\\<\\>\\\\>)\n"
	    "- [x](https://example.com/?a=1&b#c)\n"
	    "- [](<>)\n"
	    "\n"
	    "## Comments\n"
	    "\n"
	    "> @unknown-member 2026-11-02 14:03:27\n"
	    ">\n"
	    "> a\n"
	    ">\n"
	    "> \r\n"
	    ">  b \n"
	    "> \\## Comments\n"
	    ">\n"
	    "\n"
	    "> @a_b 2026-11-02 14:03:27\n"
	    ">\n"
	    ">\n"
	    "\n";
	struct buf out = BUF_INIT;
	struct board board;
	struct card card;
	struct checklist *checklist;

	(void)state;
	board_init(&board);
	card_init(&card);
	(void)add_checklist(&card, "");
	checklist = add_checklist(&card, "a\nb&#10;c\\&#10;d\\e");
	add_item(checklist, "", false);
	add_item(checklist, "  x ", true);
	add_item(checklist, "\t", false);
	add_attachment(&card, "1", "a [b] \\\nc", NULL, true);
	add_attachment(
	    &card, "2", "x", "https://example.com/a b_(c)<>\\", false);
	add_attachment(&card, "3", "x", "https://example.com/?a=1&b#c", false);
	add_attachment(&card, "4", "", NULL, false);
	add_comment(
	    &card, NULL, "2026-11-02T13:03:27Z", "a\n\n\r\n b \n## Comments\n");
	add_comment(&card, "a\nb", "2026-11-02T13:03:27Z", "");
	format(&card, &board, "Card.md", &out);
	assert_string_equal(body_of(&out), expected);
	buf_free(&out);
	card_fini(&card);
	board_fini(&board);
}

static const struct label *
by_shown(const struct board *board, const char *text)
{
	const struct label *label;
	int err = label_by_shown(board, text, &label);

	assert_int_equal(err, label != NULL ? 0 : -ENOENT);
	return label;
}

static void
names_on_the_board(void **state)
{
	static const struct {
		const char *id, *name, *color, *shown;
	} rows[] = {
	    {"0001", "bug", "red", "bug (red)"},
	    {"0002", "bug", "blue", "bug (blue)"},
	    {"0003", "", "red", "(red)"},
	    {"0004", "", "", "(no colour)"},
	    {"0005", "twice", "sky", "twice (sky) #0005"},
	    {"0006", "twice", "sky", "twice (sky) #0006"},
	    {"0007", "one", "", "one"},
	    {"0008", "two (lime)", "", "two (lime) (no colour)"},
	    {"0009", "two", "lime", "two"},
	    {"000a", "two (x)", "lime", "two (x)"},
	    {"000b", "", "green", "(green) #000b"},
	    {"000c", "", "green", "(green) #000c"},
	};
	struct board board;
	struct buf out = BUF_INIT;

	(void)state;
	board_init(&board);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		add_label(&board, rows[i].id, rows[i].name, rows[i].color);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		buf_clear(&out);
		assert_int_equal(
		    label_shown(&board, &board.labels.v[i], &out), 0);
		assert_string_equal(buf_str(&out), rows[i].shown);
		assert_ptr_equal(
		    by_shown(&board, rows[i].shown), &board.labels.v[i]);
	}
	assert_ptr_equal(
	    by_shown(&board, "one (no colour)"), &board.labels.v[6]);
	assert_ptr_equal(by_shown(&board, "two (lime)"), &board.labels.v[7]);
	assert_null(by_shown(&board, "bug"));
	assert_null(by_shown(&board, "twice (sky)"));
	assert_null(by_shown(&board, "(green)"));
	assert_null(by_shown(&board, ""));
	assert_null(by_shown(&board, "bgu"));
	board_fini(&board);
	buf_free(&out);
}

static void
fields_on_the_board(void **state)
{
	struct board board;
	struct card card;
	struct field *field;
	struct buf out = BUF_INIT;

	(void)state;
	board_init(&board);
	card_init(&card);
	(void)add_field(&board, "f001", "a: b", FIELD_TEXT);
	(void)add_field(&board, "f002", "D", FIELD_DATE);
	(void)add_field(&board, "f003", "D", FIELD_CHECKBOX);
	field = add_field(&board, "f004", "L", FIELD_LIST);
	add_option(field, "o001", "x");
	add_option(field, "o002", "x");
	add_option(field, "o003", "");
	field = add_field(&board, "f005", "M", FIELD_LIST);
	add_option(field, "o004", "true");
	(void)add_field(&board, "f006", "Num", FIELD_NUMBER);
	(void)add_field(&board, "f007", "", FIELD_NUMBER);
	(void)add_field(&board, "f008", "gone", FIELD_UNKNOWN);
	(void)add_field(&board, "f009", "empty", FIELD_TEXT);
	add_value(&card, "f001", "", "12, \"x\"");
	add_value(&card, "f002", "", "2020-03-11T04:00:00.000Z");
	add_value(&card, "f003", "", "true");
	add_value(&card, "f004", "o002", NULL);
	add_value(&card, "f005", "o004", NULL);
	add_value(&card, "f006", "", "01");
	add_value(&card, "f007", "", "-1.5e3");
	add_value(&card, "f008", "", "1");
	add_value(&card, "f009", "", "");
	add_value(&card, "f00a", "", "no such field");
	format(&card, &board, "Untitled.md", &out);
	assert_non_null(strstr(out.data,
	    "fields: {\"a: b\": \"12, \\\"x\\\"\", "
	    "D (date): 2020-03-11T05:00+01:00, D (checkbox): true, "
	    "L: \"x #o002\", M: \"true\", Num: \"01\", (number): -1.5e3}\n"));
	board_fini(&board);
	card_fini(&card);
	buf_free(&out);
}

/* Read a document that is one mapping of one key to one list of one. */
static void
read_back(const char *text, size_t len, struct buf *out)
{
	yaml_parser_t parser;
	yaml_event_t event;
	yaml_event_type_t type;
	size_t scalars = 0;

	buf_clear(out);
	assert_true(yaml_parser_initialize(&parser));
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	do {
		assert_true(yaml_parser_parse(&parser, &event));
		type = event.type;
		if (type == YAML_SCALAR_EVENT && ++scalars == 2)
			(void)buf_add(out, event.data.scalar.value,
			    event.data.scalar.length);
		yaml_event_delete(&event);
	} while (type != YAML_STREAM_END_EVENT);
	assert_int_equal(scalars, 2);
	yaml_parser_delete(&parser);
}

static void
check_scalar(const char *s)
{
	struct buf text = BUF_INIT, back = BUF_INIT;

	for (int flow = 0; flow < 2; flow++) {
		buf_clear(&text);
		(void)buf_add_str(&text, flow ? "k: [" : "k: ");
		(void)yaml_scalar_add(&text, s, flow);
		(void)buf_add_str(&text, flow ? "]\n" : "\n");
		assert_int_equal(text.err, 0);
		read_back(text.data, text.len, &back);
		assert_string_equal(buf_str(&back), s);
	}
	buf_free(&text);
	buf_free(&back);
}

static void
scalars_read_back(void **state)
{
	static const char *const nasty[] = {"", " ", "a", "a ", " a", "yes",
	    "No", "null", "~", "1", "1.0", "0x1f", "1e3", "2026-01-01",
	    "12:30:45", "-", "- a", "? a", ": a", "a: b", "a:b", "a:", "a #b",
	    "a#b", "#a", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a", "'a'",
	    "\"a\"", "a\"b", "a\\b", "a, b", "[a]", "{a}", "a]b", "a}b", "a?b",
	    "a\nb", "a\tb", "\r", "a\x01", "\x7f", "\xc2\x85", "\xc2\xa0",
	    "\xe2\x80\xa8", "\xe2\x80\xae", "\xef\xbb\xbf", "\xef\xbf\xbe",
	    "\xf0\x9f\x98\x80", "日本語", "---", "...", "<<", "=", "(red)",
	    "/a", "\xe3\x80\x80", "a\xe3\x80\x80", ".nan", ".5", "+1", "_1",
	    "c: [", "é: x", "y", "a\n\nb\n", "$x", "x|y"};
	uint32_t random = 12345;
	struct buf s = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof nasty / sizeof *nasty; i++)
		check_scalar(nasty[i]);
	for (int i = 0; i < 20000; i++) {
		buf_clear(&s);
		for (int j = 0; j < 1 + i % 5; j++) {
			static const uint32_t planes[] = {
			    0x80, 0x80, 0x100, 0x3000, 0x10000, 0x110000};
			uint32_t cp;

			random = random * 1664525 + 1013904223;
			cp = (random >> 8) % planes[random % 6];
			if (cp == 0 || (cp >= 0xd800 && cp <= 0xdfff))
				cp = ':';
			(void)utf8_add(&s, cp);
		}
		check_scalar(buf_str(&s));
	}
	buf_free(&s);
}

static void
scalars_stay_plain(void **state)
{
	static const char *const plain[] = {"bug", "High", "two words", "(red)",
	    "name (red)", "don't", "C++", "a#b", "日本語", "a \"b\" c",
	    "alice_1", "/etc", "x.y", "50 %"};
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i + 1 < sizeof plain / sizeof *plain; i++) {
		buf_clear(&out);
		(void)yaml_scalar_add(&out, plain[i], true);
		assert_string_equal(buf_str(&out), plain[i]);
	}
	buf_clear(&out);
	(void)yaml_scalar_add(&out, "a, b: c", false);
	assert_string_equal(buf_str(&out), "\"a, b: c\"");
	buf_clear(&out);
	(void)yaml_scalar_add(&out, "only, when [it]", false);
	assert_string_equal(buf_str(&out), "only, when [it]");
	buf_free(&out);
}

static void
names_read_back(void **state)
{
	static const char *const nasty[] = {"", "a", " ", "  ", " a ", "\t",
	    "a\nb", "\r", "&#10;", "\\&#10;", "\\\\&#10;", "&#0;",
	    "&#99999999;", "&#55296;", "&", "&#", "&#;", "\\", "\\\\",
	    "a\\ b\\", "\n", "\n\n", "&#10;\n", "\\\n", "- [x] a", "[a](b)",
	    "<a>", "日本語 ", "&#32;"};
	struct buf out = BUF_INIT, back = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof nasty / sizeof *nasty; i++) {
		buf_clear(&out);
		buf_clear(&back);
		assert_int_equal(inline_add_name(&out, nasty[i]), 0);
		assert_null(strchr(buf_str(&out), '\n'));
		assert_int_equal(
		    inline_read_name(&back, buf_str(&out), out.len), 0);
		assert_string_equal(buf_str(&back), nasty[i]);
	}
	for (size_t i = 0; i < sizeof nasty / sizeof *nasty; i++) {
		for (size_t j = 0; j < sizeof nasty / sizeof *nasty; j++) {
			struct buf text = BUF_INIT, url = BUF_INIT;

			buf_clear(&out);
			(void)inline_add_link(
			    &out, nasty[i], nasty[j], i % 2 != 0);
			assert_null(strchr(buf_str(&out), '\n'));
			assert_int_equal(
			    inline_read_link(out.data, out.len, &text, &url),
			    0);
			assert_string_equal(buf_str(&text), nasty[i]);
			assert_string_equal(buf_str(&url), nasty[j]);
			buf_free(&text);
			buf_free(&url);
		}
	}
	buf_free(&out);
	buf_free(&back);
}

static void
links_are_read(void **state)
{
	static const struct {
		const char *line, *text, *address;
	} rows[] = {
	    {"[a](http://x)", "a", "http://x"},
	    {" [a](http://x) ", "a", "http://x"},
	    {"[a](http://x/b_(c))", "a", "http://x/b_(c)"},
	    {"[a [b] c](<http://x y>)", "a [b] c", "http://x y"},
	    {"<http://x>", "http://x", "http://x"},
	    {"http://x", "http://x", "http://x"},
	    {"[a]", NULL, NULL},
	    {"[a](", NULL, NULL},
	    {"[a](b", NULL, NULL},
	    {"[a](<b)", NULL, NULL},
	    {"[a](b) c", NULL, NULL},
	    {"[a](<b> c)", NULL, NULL},
	    {"[a", NULL, NULL},
	    {"[", NULL, NULL},
	    {"<a", NULL, NULL},
	    {"", NULL, NULL},
	    {"  ", NULL, NULL},
	    {"some words", NULL, NULL},
	    {"word", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf text = BUF_INIT, address = BUF_INIT;
		int err = inline_read_link(
		    rows[i].line, strlen(rows[i].line), &text, &address);

		assert_int_equal(err == 0, rows[i].text != NULL);
		if (err == 0) {
			assert_string_equal(buf_str(&text), rows[i].text);
			assert_string_equal(buf_str(&address), rows[i].address);
		}
		buf_free(&text);
		buf_free(&address);
	}
}

static void
dates(void **state)
{
	static const struct {
		const char *text;
		const char *utc; /* NULL: no date */
		const char *again;
	} rows[] = {
	    {"2026-12-01T17:00+01:00", "2026-12-01T16:00:00.000Z",
		"2026-12-01T17:00+01:00"},
	    {"2026-12-01 17:00", "2026-12-01T16:00:00.000Z",
		"2026-12-01T17:00+01:00"},
	    {"2026-12-01", "2026-12-01T22:59:00.000Z",
		"2026-12-01T23:59+01:00"},
	    {"2026-12-01T17:00:05Z", "2026-12-01T17:00:05.000Z",
		"2026-12-01T18:00:05+01:00"},
	    {"2026-12-01T17:00:00.5-0130", "2026-12-01T18:30:00.500Z",
		"2026-12-01T19:30:00.500+01:00"},
	    {"2026-12-01T17:00 +02", "2026-12-01T15:00:00.000Z",
		"2026-12-01T16:00+01:00"},
	    {"1969-12-31 23:59:59.999", "1969-12-31T22:59:59.999Z",
		"1969-12-31T23:59:59.999+01:00"},
	    {"2024-02-29", "2024-02-29T22:59:00.000Z",
		"2024-02-29T23:59+01:00"},
	    {"2023-02-29", NULL, NULL},
	    {"2026-13-01", NULL, NULL},
	    {"2026-00-01", NULL, NULL},
	    {"2026-1-1", NULL, NULL},
	    {"2026-12-01T24:00", NULL, NULL},
	    {"2026-12-01T17", NULL, NULL},
	    {"2026-12-01T17:00:60", NULL, NULL},
	    {"2026-12-01T17:00x", NULL, NULL},
	    {"2026-12-01T17:00+", NULL, NULL},
	    {"2026-12-01T17:00.", NULL, NULL},
	    {"0000-01-01", NULL, NULL},
	    {"tomorrow", NULL, NULL},
	    {"", NULL, NULL},
	};
	struct zone zone;
	struct buf out = BUF_INIT;

	(void)state;
	zone_init_fixed(&zone, &paris_s);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char iso[TIME_ISO_SIZE];
		int64_t ms;
		int err = date_text_parse(
		    rows[i].text, &zone, DATE_TEXT_DAY_ENDS, &ms);

		assert_int_equal(err == 0, rows[i].utc != NULL);
		if (err != 0)
			continue;
		time_format_iso(ms, iso);
		assert_string_equal(iso, rows[i].utc);
		assert_true(date_text_shows(ms, &zone));
		buf_clear(&out);
		assert_int_equal(date_text_add(&out, ms, &zone), 0);
		assert_string_equal(buf_str(&out), rows[i].again);
	}
	assert_false(date_text_shows(TIME_NONE, &zone));
	assert_false(date_text_shows(INT64_MAX, &zone));
	assert_false(date_text_shows(253402300800000 - 1, &zone));
	buf_free(&out);
}

static void
local_times_of_history(void **state)
{
	struct zone zone;
	struct wall_time wall;
	struct buf out = BUF_INIT;
	int64_t ms;

	(void)state;
	(void)setenv("TZ", "Europe/Berlin", 1);
	zone_init_local(&zone);
	zone_to_wall(&zone, 1785585600, &wall); /* 2026-08-01T12:00Z */
	if (wall.hour != 14)
		return; /* no zone data here */
	/* Every hour for years, and back: only the second of two is not. */
	for (int64_t s = 1700000000; s < 1800000000; s += 1800) {
		int64_t back;

		zone_to_wall(&zone, s, &wall);
		back = zone_from_wall(&zone, &wall);
		if (back != s)
			assert_int_equal(back, s - 3600);
	}
	/* 02:30 was twice on that day: the first is meant. */
	assert_int_equal(date_text_parse("2026-10-25 02:30", &zone,
			     DATE_TEXT_DAY_BEGINS, &ms),
	    0);
	assert_int_equal(date_text_add(&out, ms, &zone), 0);
	assert_string_equal(buf_str(&out), "2026-10-25T02:30+02:00");
	/* There was no 02:30: as if the clock had not been put forward. */
	buf_clear(&out);
	assert_int_equal(date_text_parse("2026-03-29 02:30", &zone,
			     DATE_TEXT_DAY_BEGINS, &ms),
	    0);
	assert_int_equal(date_text_add(&out, ms, &zone), 0);
	assert_string_equal(buf_str(&out), "2026-03-29T03:30+02:00");
	/* Local mean time had seconds. */
	buf_clear(&out);
	assert_int_equal(time_parse_iso("1850-01-01T00:00:00Z", &ms), 0);
	assert_int_equal(date_text_add(&out, ms, &zone), 0);
	assert_string_equal(buf_str(&out), "1850-01-01T00:00Z");
	buf_free(&out);
	(void)setenv("TZ", "UTC", 1);
	zone_init_local(&zone);
}

static void
days_of_all_years(void **state)
{
	struct zone zone;
	struct wall_time wall;

	(void)state;
	zone_init_utc(&zone);
	for (int64_t day = -800000; day < 3000000; day += 7) {
		zone_to_wall(&zone, day * 86400 + 12345, &wall);
		assert_int_equal(
		    zone_from_wall(&zone, &wall), day * 86400 + 12345);
		assert_in_range(wall.month, 1, 12);
		assert_in_range(wall.day, 1, 31);
	}
}

static void
rev_is_of_all_but_itself(void **state)
{
	char first[TEXT_REV_SIZE], second[TEXT_REV_SIZE];
	struct buf out = BUF_INIT;
	struct board board;
	struct card card;
	struct zone zone;

	(void)state;
	zone_init_utc(&zone);
	example(&board, &card);
	(void)buf_add_str(&out, "what stands before does not matter\n");
	assert_int_equal(
	    card_text_format(&card, &board, "Card.md", &zone, &out, first), 0);
	buf_clear(&out);
	assert_int_equal(
	    card_text_format(&card, &board, "Card.md", &zone, &out, second), 0);
	assert_string_equal(first, second);
	card.due_complete = false;
	assert_int_equal(
	    card_text_format(&card, &board, "Card.md", &zone, &out, second), 0);
	assert_string_not_equal(first, second);
	buf_free(&out);
	card_fini(&card);
	board_fini(&board);
}

static void
exports_have_texts(void **state)
{
	struct buf out = BUF_INIT;
	struct board board;

	(void)state;
	for (size_t i = 0; i < TEXT_EXPORTS; i++) {
		if (text_export_load(text_exports[i], &board) != 0)
			continue;
		for (size_t j = 0; j < board.cards.n; j++) {
			const struct card *card = &board.cards.v[j];
			const char *body;

			format(card, &board, "X.md", &out);
			body = body_of(&out);
			assert_true(buf_ends_with(&out,
			    card->comments.n > 0 ? "\n\n" : "## Comments\n"));
			assert_int_equal(*model_str(card->desc) != '\0',
			    strncmp(body, "## ", 3) != 0);
			assert_true(utf8_valid(out.data, out.len));
		}
		board_fini(&board);
	}
	buf_free(&out);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_example),
    cmocka_unit_test(descriptions),
    cmocka_unit_test(odd_sections),
    cmocka_unit_test(names_on_the_board),
    cmocka_unit_test(fields_on_the_board),
    cmocka_unit_test(scalars_read_back),
    cmocka_unit_test(scalars_stay_plain),
    cmocka_unit_test(names_read_back),
    cmocka_unit_test(links_are_read),
    cmocka_unit_test(dates),
    cmocka_unit_test(local_times_of_history),
    cmocka_unit_test(days_of_all_years),
    cmocka_unit_test(rev_is_of_all_but_itself),
    cmocka_unit_test(exports_have_texts),
};

UNIT_MAIN(tests)
