#include "push_help.h"
#include "unit.h"

#include "store/accept.h"
#include "store/problems.h"
#include "store/saves.h"
#include "store/store.h"
#include "sync/settle.h"
#include "text/text_error.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What comes from Trello meanwhile, and what is saved after a refusal. */

#define C1 "5e00000000000000000000c1"
#define C2 "5e00000000000000000000c2"
#define A1 "5e00000000000000000000a1"
#define A2 "5e00000000000000000000a2"
#define B0 "5e00000000000000000000b0"
#define STEPS "5e00000000000000000000d1"
#define ME "5f0000000000000000000001"

static void
fail_next(struct push_world *world, enum fault fault, enum remote_call call)
{
	world->account.fault = fault;
	world->account.fault_call = call;
	world->account.n_faults = 1;
}

static unsigned
count(const char *text, const char *word)
{
	unsigned n = 0;

	for (; (text = strstr(text, word)) != NULL; text++)
		n++;
	return n;
}

static unsigned
count_shown(struct push_world *world, const char *word)
{
	char *text = shown(world);
	unsigned n = count(text, word);

	free(text);
	return n;
}

/* The answer is lost, and a look at the board shows what was made before that
 * is found out. */
static void
test_made_is_seen_first(void **state)
{
	struct push_world world;
	uint64_t card, list;

	(void)state;
	world_init(&world, false);
	(void)do_create_at(&world, A1, "Novum", 50000);
	card = ino_at(world.store, "B/Todo/Novum.md");
	fail_next(&world, FAULT_LOST, CALL_CARD_CREATE);
	assert_true(world_run(&world, false));
	world_news(&world, B0);
	world.sync->push->gate_ms = 0;
	assert_true(world_run(&world, false));
	assert_tree(world.store,
	    "B/\nB/Todo/\nB/Todo/One.md\nB/Todo/Two.md\nB/Todo/Three.md\n"
	    "B/Todo/Novum.md\nB/Done/\nB/Done/Four.md\n");
	assert_int_equal(ino_at(world.store, "B/Todo/Novum.md"), card);
	assert_entries(&world, 0, 0, 0);
	assert_in_step(&world, B0);
	(void)do_list(&world, B0, "Lists");
	list = ino_at(world.store, "B/Lists");
	fail_next(&world, FAULT_LOST, CALL_LIST_CREATE);
	assert_true(world_run(&world, false));
	world_news(&world, B0);
	world.sync->push->gate_ms = 0;
	assert_true(world_run(&world, false));
	assert_int_equal(ino_at(world.store, "B/Lists"), list);
	assert_entries(&world, 0, 0, 0);
	assert_in_step(&world, B0);
	world_fini(&world);
}

static void
test_parts_are_seen_first(void **state)
{
	struct push_world world;
	static const enum remote_call calls[] = {CALL_COMMENT_CREATE,
	    CALL_ITEM_CREATE, CALL_CHECKLIST_CREATE, CALL_LINK_CREATE};

	(void)state;
	world_init(&world, false);
	for (size_t i = 0; i < 4; i++) {
		switch (calls[i]) {
		case CALL_COMMENT_CREATE:
			(void)do_comment(&world, C1, "Novum 0");
			break;
		case CALL_ITEM_CREATE:
			(void)do_item(&world, C1, STEPS, "Novum 1", false);
			break;
		case CALL_CHECKLIST_CREATE:
			(void)do_checklist(&world, C1, "Novum 2");
			break;
		default:
			(void)do_link(&world, C1, "https://novum.example/");
			break;
		}
		fail_next(&world, FAULT_LOST, calls[i]);
		assert_true(world_run(&world, false));
		world_news(&world, B0);
		world.sync->push->gate_ms = 0;
		assert_true(world_run(&world, false));
		assert_entries(&world, 0, 0, 0);
		assert_in_step(&world, B0);
	}
	assert_int_equal(count_shown(&world, "Novum 0"), 1);
	assert_int_equal(count_shown(&world, "Novum 1"), 1);
	assert_int_equal(count_shown(&world, "Novum 2"), 1);
	assert_int_equal(count_shown(&world, "novum.example"), 1);
	world_fini(&world);
}

/* Two people change the description in different lines, and the news comes
 * before our save is sent. */
static void
test_merged_before(void **state)
{
	struct push_world world;
	char *text;

	(void)state;
	world_init(&world, false);
	do_desc(&world, C1, "Line one\nLine two\nLine three, ours\n");
	elsewhere(&world, CALL_CARD_UPDATE, C1, "desc",
	    "Line one, theirs\nLine two\nLine three\n");
	world_news(&world, B0);
	text = text_at(world.store, "B/Todo/One.md");
	assert_non_null(
	    strstr(text, "Line one, theirs\nLine two\nLine three, ours\n"));
	free(text);
	assert_true(world_run(&world, false));
	assert_asked(&world,
	    "PUT /cards/" C1 " desc=Line%20one%2C%20theirs%0ALine%20two%0A"
	    "Line%20three%2C%20ours%0A\n"
	    "GET /cards/" C1 "/actions\n");
	assert_in_step(&world, B0);
	world_fini(&world);
}

static char *
save_of(struct push_world *world, const char *path)
{
	struct node node = node_at(world->store, path);
	struct tx *tx;
	char *text;
	size_t len;

	assert_int_equal(store_read(world->store, true, &tx), 0);
	assert_int_equal(saves_has(tx, node.ino), 1);
	assert_int_equal(save_text(tx, &node, &text, &len), 0);
	store_end(tx);
	return text;
}

/* In the same lines: nothing is sent until the user has chosen. */
static void
test_conflict_before(void **state)
{
	struct push_world world;
	char *text;

	(void)state;
	world_init(&world, false);
	do_desc(&world, C1, "Ours\nLine two\nLine three\n");
	do_title(&world, C1, "Title");
	elsewhere(&world, CALL_CARD_UPDATE, C1, "desc",
	    "Theirs\nLine two\nLine three\n");
	world_news(&world, B0);
	assert_true(world_run(&world, false));
	assert_asked(&world, "PUT /cards/" C1 " name=Title\n");
	text = save_of(&world, "B/Todo/One.md");
	assert_non_null(strstr(
	    text, "<<<<<<< yours\nOurs\n=======\nTheirs\n>>>>>>> trello\n"));
	free(text);
	(void)node_at(world.store, "B/Todo/One.md.error");
	assert_entries(&world, 0, 0, 0);
	assert_in_step(&world, B0);
	world_fini(&world);
}

static struct settle_context
settle_of(struct push_world *world)
{
	return (struct settle_context){
	    .store = world->store, .zone = &world->zone};
}

static void
settle(struct push_world *world, const struct node *node)
{
	struct settle_context context = settle_of(world);
	struct text_error error = {0};
	uint64_t took = 0;

	if (settle_card(&context, node->ino, &took, &error, &world->said) != 0)
		fail_msg("%s: %s", error.what, error.why);
	assert_int_equal(took, node->ino);
}

/* A program writes the file anew. */
static struct node
write_whole(struct push_world *world, const char *path, const char *text)
{
	struct node node = node_at(world->store, path);
	struct tx *tx;

	assert_int_equal(store_write(world->store, &tx), 0);
	assert_int_equal(save_truncate(tx, &node, 0, time_wall_ms()), 0);
	assert_int_equal(save_write(tx, &node, 0, text, strlen(text), false,
			     &(struct save_by){.now_ms = time_wall_ms()}),
	    0);
	assert_int_equal(store_commit(tx), 0);
	return node;
}

/* And closes it. */
static void
save(struct push_world *world, const char *path, const char *text)
{
	struct node node = write_whole(world, path, text);

	settle(world, &node);
}

static char *
replace(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	struct buf out = BUF_INIT;

	assert_non_null(at);
	(void)buf_add(&out, text, (size_t)(at - text));
	(void)buf_printf(&out, "%s%s", to, at + strlen(from));
	return buf_steal(&out);
}

/* The same, and nobody has seen theirs: ours is not what they began with,
 * however much it looks like that. */
static void
test_conflict_unseen(void **state)
{
	struct push_world world;
	char *text, *changed;

	(void)state;
	world_init(&world, false);
	text = text_at(world.store, "B/Todo/One.md");
	changed = replace(text, "Line one\nLine two\nLine three\n", "Ours\n");
	elsewhere(&world, CALL_CARD_UPDATE, C1, "desc", "Theirs\n");
	save(&world, "B/Todo/One.md", changed);
	assert_true(world_run(&world, false));
	free(text);
	text = save_of(&world, "B/Todo/One.md");
	assert_non_null(strstr(
	    text, "<<<<<<< yours\nOurs\n=======\nTheirs\n>>>>>>> trello\n"));
	(void)node_at(world.store, "B/Todo/One.md.error");
	assert_entries(&world, 0, 0, 0);
	free(text);
	free(changed);
	world_fini(&world);
}

static char *
join(const char *text, const char *more)
{
	struct buf out = BUF_INIT;

	(void)buf_printf(&out, "%s%s", text, more);
	return buf_steal(&out);
}

static void
append(struct push_world *world, const char *path, const char *text)
{
	struct node node = node_at(world->store, path);
	struct tx *tx;

	assert_int_equal(store_write(world->store, &tx), 0);
	assert_int_equal(save_write(tx, &node, node.size, text, strlen(text),
			     true, &(struct save_by){.now_ms = time_wall_ms()}),
	    0);
	assert_int_equal(store_commit(tx), 0);
	settle(world, &node);
}

/* Somebody has read a text before what was appended to it became a quote, and
 * saves it with another change: that is no second comment, neither before nor
 * after it was posted; and what follows those words goes on with them. */
static void
test_appended_and_saved_whole(void **state)
{
	struct push_world world;

	(void)state;
	for (int posted = 0; posted < 2; posted++) {
		char *text, *raw, *label, *more;

		world_init(&world, false);
		text = text_at(world.store, "B/Todo/One.md");
		append(&world, "B/Todo/One.md", "Novum\n");
		if (posted) {
			assert_true(world_run(&world, false));
			free(take_asked(&world));
		}
		raw = join(text, "Novum\n");
		label = replace(raw, "- [ ] write", "- [x] write");
		save(&world, "B/Todo/One.md", label);
		assert_true(world_run(&world, true));
		free(take_asked(&world));
		assert_int_equal(count_shown(&world, "Novum"), 1);
		assert_int_equal(count_shown(&world, "[x] write"), 1);
		more = join(label, "et more\n");
		save(&world, "B/Todo/One.md", more);
		assert_true(world_run(&world, true));
		free(take_asked(&world));
		assert_int_equal(count_shown(&world, "Novum\n> et more"), 1);
		assert_int_equal(count_shown(&world, "Novum"), 1);
		assert_entries(&world, 0, 0, 0);
		assert_in_step(&world, B0);
		free(text);
		free(raw);
		free(label);
		free(more);
		world_fini(&world);
	}
}

/* The same where something was appended to a text that ends with new words, so
 * that two comments stand in it as words: also if these are not all the same
 * then. */
static void
test_appended_to_words_and_saved_whole(void **state)
{
	static const struct {
		const char *words, *first, *second;
	} cases[] = {
	    {"Primum\nSecundum\n", "> Primum\n\n", "> Secundum\n\n"},
	    {"Primum\n\nSecundum\net more\n", "> Primum\n\n",
		"> Secundum\n> et more\n\n"},
	    {"Non primum\nSecundum\n", "> Non primum\n\n", "> Secundum\n\n"},
	    {"Primum\nNon Secundum\n", "> Primum\n\n", "> Non Secundum\n\n"},
	    {"Ante\nPrimum\nSecundum\n", "> Ante\n> Primum\n\n",
		"> Secundum\n\n"},
	    {"Primum\n", "> Primum\n\n", NULL},
	    {"Secundum\n", "> Secundum\n\n", NULL},
	    {"Alia\n", "> Alia\n\n", NULL},
	};

	(void)state;
	for (size_t i = 0; i < 2 * (sizeof cases / sizeof cases[0]); i++) {
		struct push_world world;
		char *text, *raw, *label, *now;

		world_init(&world, false);
		text = text_at(world.store, "B/Todo/One.md");
		raw = join(text, "Primum\n");
		(void)write_whole(&world, "B/Todo/One.md", raw);
		append(&world, "B/Todo/One.md", "Secundum\n");
		if (i % 2 == 0)
			assert_true(world_run(&world, false));
		free(raw);
		raw = join(text, cases[i / 2].words);
		label = replace(raw, "- [ ] write", "- [x] write");
		save(&world, "B/Todo/One.md", label);
		assert_true(world_run(&world, true));
		now = text_at(world.store, "B/Todo/One.md");
		assert_non_null(strstr(now, cases[i / 2].first));
		if (cases[i / 2].second != NULL)
			assert_non_null(strstr(now, cases[i / 2].second));
		/* What was posted is not deleted. */
		assert_int_equal(count(now, "\n> @you "),
		    i % 2 == 0 || cases[i / 2].second != NULL ? 3 : 2);
		assert_non_null(strstr(now, "[x] write"));
		assert_entries(&world, 0, 0, 0);
		assert_in_step(&world, B0);
		free(text);
		free(raw);
		free(label);
		free(now);
		world_fini(&world);
	}
}

/* What was refused and is saved again, as it was or otherwise, is sent. */
static void
test_saved_after_refusal(void **state)
{
	struct push_world world;
	char *text, *first, *draft, *second;
	struct node node;

	(void)state;
	world_init(&world, false);
	text = text_at(world.store, "B/Todo/One.md");
	first = replace(text, "Line two", "Two");
	save(&world, "B/Todo/One.md", first);
	fail_next(&world, FAULT_REFUSED, CALL_CARD_UPDATE);
	assert_true(world_run(&world, false));
	assert_entries(&world, 0, 0, 1);
	draft = save_of(&world, "B/Todo/One.md");
	assert_string_equal(draft, first);
	free(take_asked(&world));
	second = replace(draft, "Line three", "Three");
	save(&world, "B/Todo/One.md", second);
	assert_true(world_run(&world, false));
	assert_asked(&world,
	    "PUT /cards/" C1 " desc=Line%20one%0ATwo%0AThree%0A\n"
	    "GET /cards/" C1 "/actions\n");
	assert_entries(&world, 0, 0, 0);
	assert_false(find_path(world.store, "B/Todo/One.md.error", &node));
	assert_in_step(&world, B0);
	free(draft);
	free(text);
	free(first);
	/* And the very same text again. */
	first = replace(second, "Three", "Four");
	save(&world, "B/Todo/One.md", first);
	fail_next(&world, FAULT_REFUSED, CALL_CARD_UPDATE);
	assert_true(world_run(&world, false));
	free(take_asked(&world));
	save(&world, "B/Todo/One.md", first);
	assert_true(world_run(&world, false));
	assert_asked(&world,
	    "PUT /cards/" C1 " desc=Line%20one%0ATwo%0AFour%0A\n"
	    "GET /cards/" C1 "/actions\n");
	assert_entries(&world, 0, 0, 0);
	assert_in_step(&world, B0);
	free(first);
	free(second);
	world_fini(&world);
}

/* A saved text stays byte for byte, with its times, also when Trello has
 * accepted it and when a look shows it again. */
static void
test_text_stays(void **state)
{
	struct push_world world;
	char *text, *changed, *after;
	struct node before, now;

	(void)state;
	world_init(&world, false);
	text = text_at(world.store, "B/Todo/One.md");
	changed = replace(text, "- [ ] write", "- [x] write");
	save(&world, "B/Todo/One.md", changed);
	before = node_at(world.store, "B/Todo/One.md");
	invalidations_fini(&world.said);
	assert_true(world_run(&world, false));
	assert_int_equal(world.said.list.n, 0);
	after = text_at(world.store, "B/Todo/One.md");
	assert_string_equal(after, changed);
	now = node_at(world.store, "B/Todo/One.md");
	assert_int_equal(now.mtime_ns, before.mtime_ns);
	free(after);
	world_news(&world, B0);
	after = text_at(world.store, "B/Todo/One.md");
	assert_string_equal(after, changed);
	free(after);
	free(changed);
	free(text);
	world_fini(&world);
}

/* The card in the editor was made here: its text carries our id. */
static void
test_own_url(void **state)
{
	struct push_world world;
	char *text, *changed, *asked, own[MODEL_ID_SIZE];
	const char *card, *list;
	struct node node;
	struct tx *tx;

	(void)state;
	world_init(&world, false);
	card = do_create_at(&world, A1, "Novum", 50000);
	list = do_checklist(&world, card, "List");
	(void)do_item(&world, card, list, "Item", false);
	text = text_at(world.store, "B/Todo/Novum.md");
	assert_true(world_run(&world, false));
	free(take_asked(&world));
	node = node_at(world.store, "B/Todo/Novum.md");
	assert_int_equal(store_read(world.store, true, &tx), 0);
	assert_int_equal(accept_made(tx, node.id, own), 0);
	store_end(tx);
	assert_non_null(strstr(text, own));
	changed = replace(text, "- [ ] Item\n", "");
	save(&world, "B/Todo/Novum.md", changed);
	assert_true(world_run(&world, false));
	asked = take_asked(&world);
	assert_int_equal(count(asked, "DELETE /checklists/"), 1);
	assert_int_equal(count(asked, "\n"), 1);
	free(asked);
	assert_entries(&world, 0, 0, 0);
	assert_in_step(&world, B0);
	free(changed);
	free(text);
	world_fini(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_made_is_seen_first),
	    cmocka_unit_test(test_parts_are_seen_first),
	    cmocka_unit_test(test_merged_before),
	    cmocka_unit_test(test_conflict_before),
	    cmocka_unit_test(test_conflict_unseen),
	    cmocka_unit_test(test_appended_and_saved_whole),
	    cmocka_unit_test(test_appended_to_words_and_saved_whole),
	    cmocka_unit_test(test_saved_after_refusal),
	    cmocka_unit_test(test_text_stays),
	    cmocka_unit_test(test_own_url),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
