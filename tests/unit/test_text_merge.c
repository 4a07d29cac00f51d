#include "unit.h"

#include "text/line_diff.h"
#include "text/merge.h"
#include "text/origin.h"
#include "util/buf.h"
#include "util/vec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static uint32_t seed = 1;

static uint32_t
below(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static void
merge(const char *base, const char *yours, const char *theirs, struct buf *out,
    bool *conflict)
{
	buf_clear(out);
	assert_int_equal(text_merge(base, yours, theirs, out, conflict), 0);
}

static const struct {
	const char *base, *yours, *theirs;
	const char *merged;
	bool conflict;
} rows[] = {
    {"", "", "", "", false},
    {"a", "a", "a", "a", false},
    {"a", "b", "a", "b", false},
    {"a", "a", "b", "b", false},
    {"a", "b", "b", "b", false},
    {"", "a", "", "a", false},
    {"a", "", "a", "", false},
    {"a", "", "", "", false},
    {"a\n", "a", "a\n", "a", false},
    {"a", "a\n", "a", "a\n", false},
    {"a\nb\nc\nd", "x\nb\nc\nd", "a\nb\nc\ny", "x\nb\nc\ny", false},
    {"a\nb\nc", "a\nc", "a\nb\nc\nd", "a\nc\nd", false},
    {"a\nb\nc", "a\nb\nx", "a\ny\nc",
	"a\n<<<<<<< yours\nb\nx\n=======\ny\nc\n>>>>>>> trello", true},
    {"a\nb\nc\nd\ne", "a\nc\nd\ne", "a\nb\nc\nd\ne\nf", "a\nc\nd\ne\nf", false},
    {"a", "b", "c", "<<<<<<< yours\nb\n=======\nc\n>>>>>>> trello", true},
    {"a", "", "c", "<<<<<<< yours\n=======\nc\n>>>>>>> trello", true},
    {"", "b", "c", "<<<<<<< yours\nb\n=======\nc\n>>>>>>> trello", true},
    {"a", "x\nb", "x\nc", "x\n<<<<<<< yours\nb\n=======\nc\n>>>>>>> trello",
	true},
    {"a\r\nb\r", "a\r\nc\r", "a\r\nb\r", "a\r\nc\r", false},
};

static void
merges(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool conflict;

		merge(rows[i].base, rows[i].yours, rows[i].theirs, &out,
		    &conflict);
		assert_string_equal(buf_str(&out), rows[i].merged);
		assert_int_equal(conflict, rows[i].conflict);
		assert_int_equal(
		    text_markers(buf_str(&out), NULL) != 0, rows[i].conflict);
	}
	buf_free(&out);
}

static void
markers(void **state)
{
	unsigned line = 0;

	(void)state;
	assert_int_equal(text_markers("", &line), 0);
	assert_int_equal(text_markers("a\n=======\nb", &line), 0);
	assert_int_equal(text_markers("<<<<<<< yours x", &line), 0);
	assert_int_equal(text_markers(" <<<<<<< yours", &line), 0);
	assert_int_equal(line, 0);
	assert_int_equal(text_markers("<<<<<<< yours", &line), 1);
	assert_int_equal(line, 1);
	assert_int_equal(text_markers("a\n>>>>>>> trello\r\n", &line), 1);
	assert_int_equal(line, 2);
	assert_int_equal(text_markers("a\n\n<<<<<<< yours\nb\n=======\nc\n"
				      ">>>>>>> trello\n",
			     &line),
	    2);
	assert_int_equal(line, 3);
}

/* Lines out of few words, so that equal ones are common. */
static void
random_text(struct buf *out, uint32_t lines, uint32_t words)
{
	buf_clear(out);
	for (uint32_t n = below(lines + 1); n > 0; n--)
		(void)buf_printf(
		    out, "%c%s", (int)('a' + below(words)), n > 1 ? "\n" : "");
	(void)buf_add_str(out, "");
}

static void
edit(const char *from, uint32_t edits, uint32_t *fresh, struct buf *out)
{
	char *lines[512];
	size_t n = 0;
	char *copy = strdup(from);

	for (char *s = copy, *line; (line = strsep(&s, "\n")) != NULL;)
		lines[n++] = line;
	while (edits-- > 0) {
		static char names[4096][8];
		char *name = names[*fresh % 4096];
		size_t at = below((uint32_t)n + 1);

		(void)snprintf(name, 8, "n%u", (*fresh)++);
		switch (below(3)) {
		case 0:
			memmove(&lines[at + 1], &lines[at],
			    (n - at) * sizeof *lines);
			lines[at] = name;
			n++;
			break;
		case 1:
			if (at < n)
				lines[at] = name;
			break;
		default:
			if (at < n && n > 1) {
				n--;
				memmove(&lines[at], &lines[at + 1],
				    (n - at) * sizeof *lines);
			}
		}
	}
	buf_clear(out);
	for (size_t i = 0; i < n; i++)
		(void)buf_printf(out, "%s%s", i > 0 ? "\n" : "", lines[i]);
	free(copy);
}

/* The hunks must lead from one text to the other. */
static void
check_diff(const char *a, const char *b)
{
	struct line_numbers *numbers = line_numbers_new();
	struct lines left, right;
	struct hunks hunks;
	size_t at = 0, to = 0;

	assert_non_null(numbers);
	assert_int_equal(lines_init(&left, numbers, a, strlen(a)), 0);
	assert_int_equal(lines_init(&right, numbers, b, strlen(b)), 0);
	assert_int_equal(
	    line_diff(left.numbers, left.n, right.numbers, right.n, &hunks), 0);
	for (size_t i = 0; i <= hunks.n; i++) {
		const struct hunk end = {left.n, 0, right.n, 0};
		const struct hunk *hunk = i < hunks.n ? &hunks.v[i] : &end;

		assert_true(hunk->a_at - at == hunk->b_at - to);
		if (i > 0 && i < hunks.n)
			assert_true(hunk->a_at > at);
		while (at < hunk->a_at)
			assert_int_equal(
			    left.numbers[at++], right.numbers[to++]);
		assert_true(i == hunks.n || hunk->a_n + hunk->b_n > 0);
		at += hunk->a_n;
		to += hunk->b_n;
	}
	assert_true(at == left.n && to == right.n);
	VEC_FREE(&hunks);
	lines_fini(&left);
	lines_fini(&right);
	line_numbers_free(numbers);
}

static void
diffs_lead_there(void **state)
{
	struct buf a = BUF_INIT, b = BUF_INIT;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		random_text(&a, 12, 1 + below(6));
		random_text(&b, 12, 1 + below(6));
		check_diff(buf_str(&a), buf_str(&b));
	}
	buf_free(&a);
	buf_free(&b);
}

static void
huge_differences_end(void **state)
{
	struct buf a = BUF_INIT, b = BUF_INIT;

	(void)state;
	for (uint32_t i = 0; i < 8000; i++) {
		(void)buf_printf(&a, "%u\n", i);
		(void)buf_printf(&b, "%u\n", i * 4801 % 8000);
	}
	check_diff(a.data, b.data);
	assert_true(line_distance(a.data, a.len, b.data, b.len) > 8000);
	buf_free(&a);
	buf_free(&b);
}

static void
distances(void **state)
{
	(void)state;
	assert_int_equal(line_distance("", 0, "", 0), 0);
	assert_int_equal(line_distance("a\nb\n", 4, "a\nb", 3), 0);
	assert_int_equal(line_distance("a\nb\nc\n", 6, "a\nx\nc\n", 6), 2);
	assert_int_equal(line_distance("a\n", 2, "", 0), 1);
	assert_int_equal(line_distance("a\nb\n", 4, "b\na\n", 4), 2);
}

static void
merging_obeys_its_laws(void **state)
{
	struct buf o = BUF_INIT, a = BUF_INIT, b = BUF_INIT, out = BUF_INIT;
	struct buf back = BUF_INIT;
	bool conflict, other;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		random_text(&o, 10, 1 + below(8));
		random_text(&a, 10, 1 + below(8));
		random_text(&b, 10, 1 + below(8));
		merge(buf_str(&o), buf_str(&a), buf_str(&o), &out, &conflict);
		assert_string_equal(buf_str(&out), buf_str(&a));
		assert_false(conflict);
		merge(buf_str(&o), buf_str(&o), buf_str(&a), &out, &conflict);
		assert_string_equal(buf_str(&out), buf_str(&a));
		assert_false(conflict);
		merge(buf_str(&o), buf_str(&a), buf_str(&a), &out, &conflict);
		assert_string_equal(buf_str(&out), buf_str(&a));
		assert_false(conflict);
		merge(buf_str(&o), buf_str(&a), buf_str(&b), &out, &conflict);
		merge(buf_str(&o), buf_str(&b), buf_str(&a), &back, &other);
		assert_int_equal(conflict, other);
		if (!conflict)
			assert_string_equal(buf_str(&out), buf_str(&back));
	}
	buf_free(&o);
	buf_free(&a);
	buf_free(&b);
	buf_free(&out);
	buf_free(&back);
}

static void
write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	if (*text != '\0')
		assert_true(fprintf(file, "%s\n", text) > 0);
	assert_int_equal(fclose(file), 0);
}

/* What git makes of the three files; -1 if there is no git. */
static int
git_merge(struct buf *out, bool *conflict)
{
	FILE *git = popen("git merge-file -p -L yours -L base -L trello "
			  "yours base theirs 2>/dev/null",
	    "r");
	char chunk[4096];
	size_t n;
	int status;

	assert_non_null(git);
	buf_clear(out);
	while ((n = fread(chunk, 1, sizeof chunk, git)) > 0)
		(void)buf_add(out, chunk, n);
	status = pclose(git);
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 126)
		return -1;
	*conflict = WEXITSTATUS(status) != 0;
	if (out->len > 0)
		out->data[--out->len] = '\0';
	return 0;
}

static void
agrees_with_git(void **state)
{
	struct buf o = BUF_INIT, a = BUF_INIT, b = BUF_INIT;
	struct buf ours = BUF_INIT, gits = BUF_INIT;
	char folder[] = "/tmp/text-merge-XXXXXX";
	uint32_t fresh = 0;
	int rounds = 100, conflicts = 0;

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	for (int i = 0; i < rounds; i++) {
		bool conflict, git_conflict;

		buf_clear(&o);
		for (uint32_t n = 1 + below(40), j = 0; j < n; j++)
			(void)buf_printf(&o, "%sline %u", j > 0 ? "\n" : "", j);
		edit(o.data, below(6), &fresh, &a);
		edit(o.data, below(6), &fresh, &b);
		write_file("base", buf_str(&o));
		write_file("yours", buf_str(&a));
		write_file("theirs", buf_str(&b));
		if (git_merge(&gits, &git_conflict) != 0)
			break;
		merge(buf_str(&o), buf_str(&a), buf_str(&b), &ours, &conflict);
		assert_int_equal(conflict, git_conflict);
		assert_string_equal(buf_str(&ours), buf_str(&gits));
		conflicts += conflict;
	}
	print_message("# %d of %d conflicts\n", conflicts, rounds);
	(void)unlink("base");
	(void)unlink("yours");
	(void)unlink("theirs");
	assert_int_equal(chdir("/"), 0);
	(void)rmdir(folder);
	buf_free(&o);
	buf_free(&a);
	buf_free(&b);
	buf_free(&ours);
	buf_free(&gits);
}

static const struct {
	const char *base, *later, *earlier;
	const char *merged;
	bool goes_on;
} later_rows[] = {
    {"", "", "", "", false},
    {"a\nb", "a\nb", "x\nb", "x\nb", false},
    {"a\nb", "x\nb", "a\nb", "x\nb", false},
    {"a\nb", "x\nb", "x\nb", "x\nb", false},
    {"a\nb\nc", "a\nmine\nc", "his\nb\nhis", "his\nmine\nhis", false},
    /* The same line: the later one has it. */
    {"a\nb\nc", "a\nmine\nc", "a\nhis\nc\nd", "a\nmine\nc\nd", false},
    {"a\nb\nc", "a\nc", "a\nhis\nc\nd", "a\nc\nd", true},
    {"a\nb\nc", "a\nhis own\nc", "a\nhis\nc", "a\nhis own\nc", true},
    /* The same place: both have it. */
    {"a\nb", "a\nb\nmine", "a\nb\nhis", "a\nb\nhis\nmine", false},
    {"a\nb", "a\nb\nmine\nours", "a\nb\nhis\nours", "a\nb\nhis\nmine\nours",
	false},
    {"a\nb", "mine\na\nb", "his\na\nb", "his\nmine\na\nb", false},
    {"", "mine", "his", "his\nmine", false},
    {"a", "a\nI have", "a\nI have seen", "a\nI have seen\nI have", true},
    /* Neighbours. */
    {"a\nb\nmine", "a\nb\nmy own", "a\nb\nhis\nmine", "a\nb\nhis\nmy own",
	false},
    {"a\nb\nmine", "a\nb\nmy own", "a\nb\nmine\nhis", "a\nb\nmy own\nhis",
	false},
    {"a\nb\nc", "a\nmine\nb\nc", "a\nhis\nc", "a\nmine\nhis\nc", false},
    {"a\nb\nc\nd", "a\nmine\nc\nd", "a\nb\nhis\nd", "a\nmine\nhis\nd", false},
};

/* Both are on this side, one after the other. */
static void
the_later_one_counts(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof later_rows / sizeof *later_rows; i++) {
		const char *base = later_rows[i].base;
		const char *later = later_rows[i].later;
		const char *earlier = later_rows[i].earlier;

		buf_clear(&out);
		assert_int_equal(
		    text_merge_later(base, later, earlier, &out), 0);
		assert_string_equal(buf_str(&out), later_rows[i].merged);
		assert_int_equal(
		    text_goes_on(base, later, earlier), later_rows[i].goes_on);
		buf_clear(&out);
		assert_int_equal(
		    text_merge_later(base, base, earlier, &out), 0);
		assert_string_equal(buf_str(&out), earlier);
		buf_clear(&out);
		assert_int_equal(text_merge_later(base, later, base, &out), 0);
		assert_string_equal(buf_str(&out), later);
	}
	buf_free(&out);
}

/* Where nothing is in conflict it is the same, and no line that was only added
 * is ever lost. */
static void
later_ones_lose_nothing(void **state)
{
	struct buf out = BUF_INIT, later = BUF_INIT;

	(void)state;
	seed = 7;
	for (int round = 0; round < 3000; round++) {
		char base[64] = "", yours[128] = "", theirs[128] = "";
		bool conflict = false;

		for (int line = 0; line < 6; line++) {
			char word[8];

			(void)snprintf(word, sizeof word, "%d\n", line);
			(void)strcat(base, word);
			if (below(4) == 0)
				(void)strcat(yours, below(2) ? "y\n" : "Y\n");
			(void)strcat(yours, word);
			if (below(4) == 0)
				(void)strcat(theirs, below(2) ? "t\n" : "T\n");
			(void)strcat(theirs, word);
		}
		merge(base, yours, theirs, &out, &conflict);
		buf_clear(&later);
		assert_int_equal(
		    text_merge_later(base, yours, theirs, &later), 0);
		if (!conflict)
			assert_string_equal(buf_str(&later), buf_str(&out));
		assert_int_equal(
		    later.len, strlen(yours) + strlen(theirs) - strlen(base));
	}
	buf_free(&out);
	buf_free(&later);
}

/* What theirs grew out of. */
static void
origins(void **state)
{
	static const struct {
		const char *old, *mine, *earlier, *theirs, *found;
	} cases[] = {
	    {"a\nb", "a\nb\nours", "b", "a\nb\ntheirs", "a\nb"},
	    {"a\nb", "a\nb\nours", "b", "b\ntheirs", "b"},
	    /* Of equals the first. */
	    {"a\nb", "a\nb", "b\nc", "b", "a\nb"},
	    /* All is theirs, and they had not seen ours, or had. */
	    {"a\nb\nc", "ours", "ours and more\nours", "theirs", "a\nb\nc"},
	    {"a", "a\nours", "", "a\nours\ntheirs", "a\nours"},
	    /* Empty lines are nobody's. */
	    {"a\nb", "a\n\nb\nc", "a\n\nb", "a\nd\nb\ne", "a\nb"},
	    {"a\nb", "a\n\nb\nc", "a\n\nb", "a\n\nb\n\nd", "a\n\nb"},
	    /* Who has not seen a line has not taken it out. */
	    {"a\nb\nc", "a\nb\nc\nours", "b\nnew", "b\nnew\ntheirs", "b\n"},
	    /* Who sent it changed something. */
	    {"a\nb", "a\nb\nours", "b", "b", "a\nb"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct origin origin;

		origin_init(&origin, cases[i].theirs);
		assert_int_equal(
		    origin_add_ours(&origin, cases[i].old, cases[i].mine), 0);
		assert_int_equal(origin_add_known(&origin, cases[i].old), 0);
		assert_int_equal(origin_add_known(&origin, cases[i].mine), 0);
		assert_int_equal(origin_see(&origin, cases[i].old), 0);
		assert_int_equal(origin_see(&origin, cases[i].mine), 0);
		assert_int_equal(origin_see(&origin, cases[i].earlier), 0);
		assert_string_equal(buf_str(&origin.found), cases[i].found);
		origin_fini(&origin);
	}
}

/* Whether another text has all that theirs changed. */
static void
changes_in(void **state)
{
	(void)state;
	assert_int_equal(origin_is_in("a\nb", "a\nb\nc", "c\n\nb\na"), 1);
	assert_int_equal(origin_is_in("a\nb", "a\nb\nc", "a\nb"), 0);
	assert_int_equal(origin_is_in("a\nb", "a\nc", "c\nd"), 1);
	assert_int_equal(origin_is_in("a\nb", "a\nc", "b\nc\nd"), 0);
	assert_int_equal(origin_is_in("a\nb", "a\n\nb", "b"), 1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(merges),
    cmocka_unit_test(markers),
    cmocka_unit_test(diffs_lead_there),
    cmocka_unit_test(huge_differences_end),
    cmocka_unit_test(distances),
    cmocka_unit_test(merging_obeys_its_laws),
    cmocka_unit_test(the_later_one_counts),
    cmocka_unit_test(later_ones_lose_nothing),
    cmocka_unit_test(origins),
    cmocka_unit_test(changes_in),
    cmocka_unit_test(agrees_with_git),
};

UNIT_MAIN(tests)
