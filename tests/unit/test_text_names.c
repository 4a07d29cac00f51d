#include "unit.h"

#include "model/model.h"
#include "text/names.h"
#include "text_exports.h"
#include "util/buf.h"
#include "util/utf8.h"

#include <errno.h>
#include <string.h>

#define DOT "\xef\xbc\x8e"
#define MINUS "\xef\xbc\x8d"
#define SLASH "\xef\xbc\x8f"
#define BAD "\xef\xbf\xbd"
#define MORE "\xe2\x80\xa6"

static const struct {
	const char *title;
	const char *name;
	bool gives_title;
} rows[] = {
    {"Card", "Card.md", true},
    {"a/b", "a" SLASH "b.md", true},
    {"/", SLASH ".md", true},
    {".hidden", DOT "hidden.md", true},
    {".", DOT ".md", true},
    {"..", DOT "..md", true},
    {"....", DOT "....md", true},
    {"-rf", MINUS "rf.md", true},
    {"---", MINUS "--.md", true},
    {"a.b-c", "a.b-c.md", true},
    {"x.md", "x.md.md", true},
    {".md", DOT "md.md", true},
    {"", "Untitled.md", false},
    {NULL, "Untitled.md", false},
    {" \t\xe3\x80\x80\xc2\xa0", "Untitled.md", false},
    {"Untitled", "Untitled.md", true},
    {"\xe2\x80\x8e", "\xe2\x80\x8e.md", true},
    {"a\nb\tc",
	"a\xe2\x90\x8a"
	"b\xe2\x90\x89"
	"c.md",
	false},
    {"\x7f", "\xe2\x90\xa1.md", false},
    {"\xc2\x85x", BAD "x.md", false},
    {"a\xe2\x80\xae"
     "b\xe2\x81\xa9",
	"a" BAD "b" BAD ".md", false},
    {"\xff\xfe", BAD BAD ".md", false},
    {"caf\xc3", "caf" BAD ".md", false},
    {SLASH, SLASH ".md", false},
    {DOT "x", DOT "x.md", false},
    {MINUS "x", MINUS "x.md", false},
    {"x" DOT, "x" DOT ".md", true},
    {" x ", " x .md", true},
    {"日本語/", "日本語" SLASH ".md", true},
};

static void
names_of_titles(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		buf_clear(&out);
		assert_int_equal(
		    name_from_title(rows[i].title, "", ".md", &out), 0);
		assert_string_equal(buf_str(&out), rows[i].name);
		assert_int_equal(
		    name_gives_title(buf_str(&out), ".md", rows[i].title),
		    rows[i].gives_title);
	}
	buf_free(&out);
}

static void
titles_of_names(void **state)
{
	static const char *const pairs[][2] = {{"A.md", "A"}, {"A", "A"},
	    {".md", ".md"}, {DOT DOT ".md", "." DOT}, {MINUS ".md", "-"},
	    {"a" SLASH SLASH ".md", "a//"}, {"x.md.md", "x.md"},
	    {"x.MD", "x.MD"}};
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		buf_clear(&out);
		assert_int_equal(title_from_name(pairs[i][0], ".md", &out), 0);
		assert_string_equal(buf_str(&out), pairs[i][1]);
	}
	buf_free(&out);
}

static void
blank_names_are_no_titles(void **state)
{
	static const char *const blank[] = {" ", "\t\n", "\x7f", "\xc2\xa0",
	    "\xc2\x85", "\xe3\x80\x80", "\xef\xbb\xbf \xef\xbb\xbf"};
	char *title;

	(void)state;
	for (size_t i = 0; i < sizeof blank / sizeof *blank; i++) {
		char name[32];

		(void)snprintf(name, sizeof name, "%s.md", blank[i]);
		assert_int_equal(
		    title_from_new_name(name, ".md", &title), -EINVAL);
		assert_int_equal(
		    title_from_new_name(blank[i], "", &title), -EINVAL);
	}
	assert_int_equal(title_from_new_name(" a .md", ".md", &title), 0);
	assert_string_equal(title, " a ");
	free(title);
}

static void
long_titles_are_cut(void **state)
{
	struct buf title = BUF_INIT, out = BUF_INIT;

	(void)state;
	for (size_t n = 200; n < 300; n++) {
		buf_clear(&title);
		buf_clear(&out);
		while (title.len < n)
			(void)buf_add_str(
			    &title, title.len + 3 <= n ? "日" : "x");
		assert_int_equal(
		    name_from_title(buf_str(&title), " #7", ".md", &out), 0);
		assert_true(out.len <= NAME_BYTES_MAX);
		assert_true(utf8_valid(out.data, out.len));
		if (n + 6 <= NAME_BYTES_MAX) {
			assert_int_equal(out.len, n + 6);
		} else {
			assert_true(buf_ends_with(&out, MORE " #7.md"));
			assert_true(out.len > NAME_BYTES_MAX - 3);
			assert_false(name_gives_title(
			    buf_str(&out), ".md", buf_str(&title)));
		}
	}
	buf_free(&title);
	buf_free(&out);
}

static bool
taken(void *cookie, const char *name)
{
	const char *const *names = cookie;

	for (; *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

static void
clashing_names_get_numbers(void **state)
{
	static const struct {
		enum name_kind kind;
		const char *title;
		const char *id;
		int64_t id_short;
		const char *expected;
		const char *others[4];
	} choices[] = {
	    {NAME_CARD, "A", "5e93c827fb102a6f40c5fa2b", 12, "A.md", {"B.md"}},
	    {NAME_CARD, "A", "5e93c827fb102a6f40c5fa2b", 12, "A #12.md",
		{"A.md"}},
	    {NAME_CARD, "A", "5e93c827fb102a6f40c5fa2b", 0, "A #fa2b.md",
		{"A.md"}},
	    {NAME_CARD, "A", "5e93c827fb102a6f40c5fa2b", 12, "A #fa2b.md",
		{"A.md", "A #12.md"}},
	    {NAME_CARD, "A", "5e93c827fb102a6f40c5fa2b", 12, "A #5fa2b.md",
		{"A.md", "A #12.md", "A #fa2b.md"}},
	    {NAME_FOLDER, "A", "5e93c827fb102a6f40c5fa2b", 12, "A #fa2b",
		{"A"}},
	    {NAME_FOLDER, "A", "5e93c827fb102a6f40c5fa2b", 12, "A #5fa2b",
		{"A", "A #fa2b"}},
	    {NAME_FOLDER, "A", "n1", 12, "A #n1", {"A"}},
	    {NAME_ATTACHMENT, "a.pdf", "5e93c827fb102a6f40c5fa2b", 0, "a.pdf",
		{"b"}},
	    {NAME_ATTACHMENT, "a.pdf", "5e93c827fb102a6f40c5fa2b", 0,
		"a #fa2b.pdf", {"a.pdf"}},
	    {NAME_ATTACHMENT, "a.tar/gz", "5e93c827fb102a6f40c5fa2b", 0,
		"a.tar" SLASH "gz #fa2b", {"a.tar" SLASH "gz"}},
	    {NAME_ATTACHMENT, ".profile", "5e93c827fb102a6f40c5fa2b", 0,
		DOT "profile #fa2b", {DOT "profile"}},
	    {NAME_ATTACHMENT, "x.\x01", "5e93c827fb102a6f40c5fa2b", 0,
		"x.\xe2\x90\x81", {"x"}},
	};
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
		buf_clear(&out);
		assert_int_equal(
		    name_choose(choices[i].kind, choices[i].title,
			choices[i].id, choices[i].id_short, taken,
			(void *)(uintptr_t)choices[i].others, &out),
		    0);
		assert_string_equal(buf_str(&out), choices[i].expected);
	}
	buf_free(&out);
}

static bool
all_taken(void *cookie, const char *name)
{
	size_t *asked = cookie;

	(void)name;
	(*asked)++;
	return true;
}

static void
no_name_is_an_error(void **state)
{
	struct buf out = BUF_INIT;
	size_t asked = 0;

	(void)state;
	assert_int_equal(name_choose(NAME_CARD, "A", "5e93c827fb102a6f40c5fa2b",
			     1, all_taken, &asked, &out),
	    -EEXIST);
	assert_int_equal(out.len, 0);
	assert_true(asked > 20 && asked < 40);
	buf_free(&out);
}

static void
folders_are_named_by_age(void **state)
{
	struct name_entry entries[] = {
	    {.id = "3", .title = "A", .id_short = 3},
	    {.id = "1", .title = "A", .id_short = 1},
	    {.id = "2", .title = "A #3", .id_short = 2},
	    {.id = "0", .title = "K", .id_short = 4},
	    {.id = "9", .title = "K", .id_short = 9, .given = "K.md"},
	};
	static const char *const expected[] = {
	    "A #3 #3.md", "A.md", "A #3.md", "K #4.md", "K.md"};

	(void)state;
	/* Two of which the number is the other's title: the id tells. */
	entries[0].id = "30000003";
	assert_int_equal(names_assign(NAME_CARD, entries, 5, NULL, NULL), 0);
	assert_string_equal(entries[0].name, "A #0003.md");
	for (size_t i = 1; i < 5; i++)
		assert_string_equal(entries[i].name, expected[i]);
	for (size_t i = 0; i < 5; i++)
		free(entries[i].name);
	assert_int_equal(names_assign(NAME_CARD, NULL, 0, NULL, NULL), 0);
}

static void
many_of_one_title(void **state)
{
	enum { N = 3000 };
	struct name_entry *entries = calloc(N, sizeof *entries);
	char(*ids)[MODEL_ID_SIZE] = calloc(N, sizeof *ids);

	(void)state;
	assert_non_null(entries);
	assert_non_null(ids);
	for (size_t i = 0; i < N; i++) {
		(void)snprintf(ids[i], MODEL_ID_SIZE, "%024zx", i * 65536);
		entries[i].id = ids[i];
		entries[i].title = "same";
	}
	assert_int_equal(names_assign(NAME_FOLDER, entries, N, NULL, NULL), 0);
	assert_string_equal(entries[0].name, "same");
	assert_string_equal(entries[1].name, "same #0000");
	assert_string_equal(entries[2].name, "same #20000");
	for (size_t i = 0; i < N; i++)
		free(entries[i].name);
	free(entries);
	free(ids);
}

static void
uploads_have_names(void **state)
{
	struct card card;
	char **names;

	(void)state;
	card_init(&card);
	for (int i = 0; i < 4; i++) {
		struct attachment *attachment = VEC_ADD(&card.attachments);

		attachment_init(attachment);
		(void)snprintf(attachment->id, sizeof attachment->id,
		    "5e93c827fb102a6f40c5fa2%d", 9 - i);
		attachment->name = strdup(i == 3 ? "" : "a.txt");
		attachment->file_name = strdup("file");
		attachment->is_upload = i != 1;
	}
	assert_int_equal(attachment_names(&card, &names), 0);
	assert_string_equal(names[0], "a #fa29.txt");
	assert_null(names[1]);
	assert_string_equal(names[2], "a.txt");
	assert_string_equal(names[3], "file");
	attachment_names_free(&card, names);
	card_fini(&card);
}

static int
by_name(const void *a, const void *b)
{
	const struct name_entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void
names_of_list(const struct board *board, const struct list *list)
{
	struct name_entry *entries =
	    calloc(board->cards.n + 1, sizeof *entries);
	size_t n = 0;

	assert_non_null(entries);
	for (size_t i = 0; i < board->cards.n; i++) {
		const struct card *card = &board->cards.v[i];

		if (strcmp(card->id_list, list->id) != 0)
			continue;
		entries[n].id = card->id;
		entries[n].title = card->name;
		entries[n++].id_short = card->id_short;
	}
	assert_int_equal(names_assign(NAME_CARD, entries, n, NULL, NULL), 0);
	if (n > 0)
		qsort(entries, n, sizeof *entries, by_name);
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(entries[i].name);

		assert_true(len > 3 && len <= NAME_BYTES_MAX);
		assert_null(strchr(entries[i].name, '/'));
		assert_true(utf8_valid(entries[i].name, len));
		assert_true(strchr(".- ", entries[i].name[0]) == NULL);
		if (i > 0)
			assert_string_not_equal(
			    entries[i].name, entries[i - 1].name);
	}
	for (size_t i = 0; i < n; i++)
		free(entries[i].name);
	free(entries);
}

static void
exports_have_names(void **state)
{
	struct board board;

	(void)state;
	for (size_t i = 0; i < TEXT_EXPORTS; i++) {
		if (text_export_load(text_exports[i], &board) != 0)
			continue;
		for (size_t j = 0; j < board.lists.n; j++)
			names_of_list(&board, &board.lists.v[j]);
		board_fini(&board);
	}
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(names_of_titles),
    cmocka_unit_test(titles_of_names),
    cmocka_unit_test(blank_names_are_no_titles),
    cmocka_unit_test(long_titles_are_cut),
    cmocka_unit_test(clashing_names_get_numbers),
    cmocka_unit_test(no_name_is_an_error),
    cmocka_unit_test(folders_are_named_by_age),
    cmocka_unit_test(many_of_one_title),
    cmocka_unit_test(uploads_have_names),
    cmocka_unit_test(exports_have_names),
};

UNIT_MAIN(tests)
