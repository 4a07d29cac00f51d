#include "unit.h"

#include "model/model_json.h"
#include "text/card_change.h"
#include "text/card_text.h"
#include "text/line_diff.h"
#include "text/merge.h"
#include "text/names.h"
#include "text/text_error.h"
#include "text_cards.h"
#include "util/zone.h"

#include <errno.h>

/*
 * Every allocation of ours fails once: the linker sends calls to what stands
 * here (--wrap).  What comes of it is -ENOMEM or what comes of it otherwise;
 * what leaks or is freed twice then is for the sanitizers and valgrind to see.
 */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t n);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t n);

static long countdown = -1; /* the allocation that fails; negative: none */
static bool failed;

static bool
fails(void)
{
	if (countdown < 0 || countdown-- > 0)
		return false;
	failed = true;
	return true;
}

void *
__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

void *
__wrap_reallocarray(void *p, size_t n, size_t size)
{
	return fails() ? NULL : __real_reallocarray(p, n, size);
}

char *
__wrap_strdup(const char *s)
{
	return fails() ? NULL : __real_strdup(s);
}

char *
__wrap_strndup(const char *s, size_t n)
{
	return fails() ? NULL : __real_strndup(s, n);
}

/* The state of one test: what is asked for, and what came of it. */
struct trial {
	struct board board;
	struct card a, b;
	struct zone zone;
	struct buf text;
	struct buf result;
};

static void
trial_init(struct trial *trial, uint32_t seed)
{
	char rev[TEXT_REV_SIZE];

	memset(trial, 0, sizeof *trial);
	text_seed = seed;
	nasty_board(&trial->board);
	nasty_card(&trial->a, &trial->board);
	if (seed % 2 != 0) {
		free(trial->a.name);
		trial->a.name = strdup("Name");
	}
	assert_int_equal(card_copy(&trial->a, &trial->b), 0);
	nasty_checklists(&trial->b);
	nasty_values(&trial->b, &trial->board);
	nasty_ids(&trial->b.id_labels, 'l', 10);
	assert_int_equal(card_gather(&trial->b), 0);
	zone_init_utc(&trial->zone);
	assert_int_equal(card_text_format(&trial->a, &trial->board, "C.md",
			     &trial->zone, &trial->text, rev),
	    0);
	(void)buf_add_str(&trial->text, "a new one\n\nof two parts\n");
}

static void
trial_fini(struct trial *trial)
{
	board_fini(&trial->board);
	card_fini(&trial->a);
	card_fini(&trial->b);
	buf_free(&trial->text);
	buf_free(&trial->result);
}

/* Do it with the n-th allocation failing, for all n. */
static void
try_all(int (*run)(struct trial *trial), uint32_t seed)
{
	struct trial trial;
	struct buf expected = BUF_INIT;

	trial_init(&trial, seed);
	assert_int_equal(run(&trial), 0);
	(void)buf_add(&expected, trial.result.data, trial.result.len);
	failed = true;
	for (long n = 0; failed; n++) {
		int err;

		buf_free(&trial.result);
		failed = false;
		countdown = n;
		err = run(&trial);
		countdown = -1;
		if (err != 0)
			assert_int_equal(err, -ENOMEM);
		if (err == 0)
			assert_string_equal(
			    buf_str(&trial.result), buf_str(&expected));
	}
	trial_fini(&trial);
	buf_free(&expected);
}

static int
run_format(struct trial *trial)
{
	char rev[TEXT_REV_SIZE];

	return card_text_format(&trial->a, &trial->board, "Name.md",
	    &trial->zone, &trial->result, rev);
}

static struct card_text_context
context_of(const struct trial *trial)
{
	return (struct card_text_context){.card = &trial->a,
	    .board = &trial->board,
	    .zone = &trial->zone,
	    .me = &trial->board.members.v[0],
	    .rev_known = true};
}

static int
parse(struct trial *trial, const struct card_text_context *context,
    const char *text)
{
	struct card_edit edit;
	struct text_error error;
	int err = card_text_parse(text, strlen(text), context, &edit, &error);

	if (err != 0) {
		assert_int_equal(error.code, err);
		assert_string_not_equal(error.what, "");
		return err;
	}
	err = card_write(&edit.card, &trial->result);
	(void)buf_add_str(&trial->result, edit.left_out);
	card_edit_fini(&edit);
	return err;
}

static int
run_parse(struct trial *trial)
{
	struct card_text_context context = context_of(trial);

	return parse(trial, &context, trial->text.data);
}

static int
run_parse_new(struct trial *trial)
{
	struct card_text_context context = context_of(trial);

	context.card = NULL;
	context.file_name = "New.md";
	return parse(trial, &context,
	    "---\nlabels: [nix, bug]\nmembers: alice\nfields: {x: 1}\n---\n"
	    "words\n\n## Checklist: x\n- [ ] y\n## Attachments\n"
	    "- [a](http://b)\n## Comments\nwords\n");
}

static int
run_diff(struct trial *trial)
{
	struct card_changes changes;
	struct card to;
	int err = card_copy(&trial->b, &to);

	if (err != 0)
		return err;
	err = card_diff(&trial->a, &to, NULL, &changes);
	if (err == 0) {
		bool conflict = false;
		struct card copy;

		err = card_copy(&trial->a, &copy);
		if (err == 0) {
			err = card_changes_apply(
			    &copy, &changes, NULL, &conflict);
			if (err == 0)
				err = card_write(&copy, &trial->result);
			card_fini(&copy);
		}
		card_changes_fini(&changes);
	}
	card_fini(&to);
	return err;
}

static int
run_merge(struct trial *trial)
{
	bool conflict;
	int err = text_merge("a\nb\nc\nd", "x\nb\nc\ny\n", "z\nb\nc\nd\ne",
	    &trial->result, &conflict);

	if (err == 0 && line_distance("a\nb", 3, "b\na", 3) == SIZE_MAX)
		return -ENOMEM;
	return err;
}

static int
run_names(struct trial *trial)
{
	struct name_entry entries[] = {
	    {.id = "2", .title = "x/y", .id_short = 2},
	    {.id = "1", .title = "x/y", .id_short = 1},
	    {.id = "3", .title = "z", .given = "z.md"}};
	char **names;
	int err = names_assign(NAME_CARD, entries, 3, NULL, NULL);

	for (size_t i = 0; i < 3; i++) {
		if (err == 0)
			(void)buf_printf(
			    &trial->result, "%s\n", entries[i].name);
		free(entries[i].name);
	}
	if (err == 0)
		err = attachment_names(&trial->a, &names);
	if (err != 0)
		return err;
	for (size_t i = 0; i < trial->a.attachments.n; i++)
		(void)buf_printf(&trial->result, "%s\n", model_str(names[i]));
	attachment_names_free(&trial->a, names);
	return trial->result.err;
}

static void
format_fails_cleanly(void **state)
{
	(void)state;
	for (uint32_t seed = 0; seed < 30; seed++)
		try_all(run_format, seed);
}

static void
parse_fails_cleanly(void **state)
{
	(void)state;
	for (uint32_t seed = 0; seed < 30; seed++)
		try_all(run_parse, seed);
	try_all(run_parse_new, 1);
}

static void
changes_fail_cleanly(void **state)
{
	(void)state;
	for (uint32_t seed = 0; seed < 30; seed++)
		try_all(run_diff, seed);
	try_all(run_merge, 0);
}

static void
names_fail_cleanly(void **state)
{
	(void)state;
	for (uint32_t seed = 0; seed < 10; seed++)
		try_all(run_names, seed);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(format_fails_cleanly),
    cmocka_unit_test(parse_fails_cleanly),
    cmocka_unit_test(changes_fail_cleanly),
    cmocka_unit_test(names_fail_cleanly),
};

UNIT_MAIN(tests)
