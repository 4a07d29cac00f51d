#include "store_help.h"
#include "unit.h"

#include "store/archives.h"
#include "store/journal.h"
#include "store/revisions.h"
#include "store/store.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CARD "5e00000000000000000000c1"
#define LIST "5e00000000000000000000a1"
#define BOARD "5e00000000000000000000b0"
#define OWN "5e000000own0000000000007"

static struct store *store;

static int
set_up(void **state)
{
	(void)state;
	store = open_memory();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	store_close(store);
	return 0;
}

static struct tx *
writing(void)
{
	struct tx *tx;

	assert_int_equal(store_write(store, &tx), 0);
	return tx;
}

static struct entry
entry_of(enum entry_kind kind, const char *object)
{
	struct entry entry = {
	    .kind = kind, .board = BOARD, .at_ms = 100, .due_ms = 200};

	(void)snprintf(entry.object, sizeof entry.object, "%s", object);
	return entry;
}

static int64_t
add(struct tx *tx, struct entry entry)
{
	assert_int_equal(journal_add(tx, &entry), 0);
	return entry.seq;
}

static void
assert_change(const struct card_change *a, const struct card_change *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_true(a->old_flag == b->old_flag && a->new_flag == b->new_flag);
	assert_string_equal(a->id, b->id);
	assert_string_equal(a->parent, b->parent);
	assert_string_equal(a->old_id, b->old_id);
	assert_string_equal(a->new_id, b->new_id);
	assert_int_equal(a->old_ms, b->old_ms);
	assert_int_equal(a->new_ms, b->new_ms);
	assert_true(a->old_pos >= b->old_pos && a->old_pos <= b->old_pos);
	assert_true(a->new_pos >= b->new_pos && a->new_pos <= b->new_pos);
	assert_true((a->old_text == NULL) == (b->old_text == NULL));
	assert_true((a->new_text == NULL) == (b->new_text == NULL));
	assert_string_equal(model_str(a->old_text), model_str(b->old_text));
	assert_string_equal(model_str(a->new_text), model_str(b->new_text));
	assert_string_equal(model_str(a->new_url), model_str(b->new_url));
}

/* What is added is read as it was. */
static void
test_round_trip(void **state)
{
	struct tx *tx = writing();
	struct entries entries = {0};

	(void)state;
	for (int kind = 0; kind < CHANGE_KINDS; kind++) {
		struct entry entry = entry_of(ENTRY_CARD_CHANGE, CARD);

		entry.change =
		    (struct card_change){.kind = (enum card_change_kind)kind,
			.old_flag = kind % 2 == 0,
			.new_flag = kind % 3 == 0,
			.id = "5e00000000000000000000e1",
			.parent = OWN,
			.old_id = "x",
			.new_id = "y",
			.old_text = kind % 2 ? NULL : (char *)"",
			.new_text = (char *)"\"a\" \n\t\\ \xc3\xa4 \x01",
			.new_url = (char *)"https://example.com/?a=b&c",
			.old_ms = TIME_NONE,
			.new_ms = INT64_C(1700000000123),
			.old_pos = 140737489141760.0,
			.new_pos = 32767.5};
		(void)add(tx, entry);
	}
	assert_int_equal(journal_of(tx, CARD, &entries), 0);
	assert_int_equal(entries.list.n, CHANGE_KINDS);
	for (int kind = 0; kind < CHANGE_KINDS; kind++) {
		const struct entry *entry = &entries.list.v[kind];
		struct card_change wanted = {
		    .kind = (enum card_change_kind)kind,
		    .old_flag = kind % 2 == 0,
		    .new_flag = kind % 3 == 0,
		    .id = "5e00000000000000000000e1",
		    .parent = OWN,
		    .old_id = "x",
		    .new_id = "y",
		    .old_text = kind % 2 ? NULL : (char *)"",
		    .new_text = (char *)"\"a\" \n\t\\ \xc3\xa4 \x01",
		    .new_url = (char *)"https://example.com/?a=b&c",
		    .old_ms = TIME_NONE,
		    .new_ms = INT64_C(1700000000123),
		    .old_pos = 140737489141760.0,
		    .new_pos = 32767.5};

		assert_int_equal(entry->at_ms, 100);
		assert_int_equal(entry->due_ms, 200);
		assert_int_equal(entry->state, ENTRY_NEW);
		assert_string_equal(entry->board, BOARD);
		assert_change(&entry->change, &wanted);
	}
	entries_fini(&entries);
	store_end(tx);
}

static void
test_kinds(void **state)
{
	struct tx *tx = writing();
	struct entries entries = {0};

	(void)state;
	for (int kind = ENTRY_CARD_CREATE; kind < ENTRY_KINDS; kind++) {
		struct entry entry = entry_of((enum entry_kind)kind, CARD);

		entry.title = (char *)"Title";
		entry.old_title = kind % 2 ? (char *)"Old" : NULL;
		entry.pos = 16384.25;
		entry.held = kind % 2 != 0;
		(void)snprintf(entry.list, sizeof entry.list, "%s", LIST);
		(void)add(tx, entry);
	}
	assert_int_equal(journal_all(tx, &entries), 0);
	assert_int_equal(entries.list.n, ENTRY_KINDS - 1);
	for (size_t i = 0; i < entries.list.n; i++) {
		const struct entry *entry = &entries.list.v[i];

		assert_int_equal(entry->kind, (int)i + 1);
		assert_string_equal(entry->title, "Title");
		assert_true(entry->held == ((i + 1) % 2 != 0));
		assert_string_equal(entry->list, LIST);
		assert_true(entry->pos > 16384.2 && entry->pos < 16384.3);
	}
	entries_fini(&entries);
	store_end(tx);
}

static void
test_life(void **state)
{
	struct tx *tx = writing();
	struct entry entry = entry_of(ENTRY_CARD_MOVE, CARD);
	struct entries entries = {0};
	struct journal_counts counts;
	model_ids objects = {0};

	(void)state;
	entry.seq = add(tx, entry);
	(void)add(tx, entry_of(ENTRY_CARD_ARCHIVE, OWN));
	assert_int_equal(journal_has(tx, CARD, ENTRY_CARD_MOVE), 1);
	assert_int_equal(journal_has(tx, CARD, ENTRY_CARD_ARCHIVE), 0);
	assert_int_equal(journal_has(tx, CARD, ENTRY_KINDS), 1);
	assert_int_equal(journal_has(tx, LIST, ENTRY_KINDS), 0);
	assert_int_equal(journal_objects(tx, BOARD, &objects), 0);
	assert_int_equal(objects.n, 2);
	VEC_FREE(&objects);
	entry.state = ENTRY_REFUSED;
	entry.tries = 3;
	entry.error = (char *)"no";
	assert_int_equal(journal_update(tx, &entry), 0);
	assert_int_equal(journal_counts(tx, &counts), 0);
	assert_int_equal(counts.waiting, 1);
	assert_int_equal(counts.refused, 1);
	assert_int_equal(journal_waits(tx, CARD), 0);
	assert_int_equal(journal_waits(tx, OWN), 1);
	assert_int_equal(journal_waits(tx, ""), 1);
	entry.state = ENTRY_NEW;
	entry.pos = 5;
	(void)snprintf(entry.list, sizeof entry.list, "%s", LIST);
	assert_int_equal(journal_replace(tx, &entry), 0);
	assert_int_equal(journal_of(tx, CARD, &entries), 0);
	assert_int_equal(entries.list.n, 1);
	assert_int_equal(entries.list.v[0].state, ENTRY_NEW);
	assert_int_equal(entries.list.v[0].tries, 3);
	assert_string_equal(entries.list.v[0].list, LIST);
	assert_int_equal(journal_remove(tx, entry.seq), 0);
	assert_int_equal(journal_has(tx, CARD, ENTRY_KINDS), 0);
	entries_fini(&entries);
	store_end(tx);
}

static void
test_due(void **state)
{
	struct tx *tx = writing();
	struct entry later = entry_of(ENTRY_CARD_MOVE, CARD);
	struct entry held = entry_of(ENTRY_CARD_MOVE, LIST);
	struct entry sent = entry_of(ENTRY_CARD_CREATE, OWN);
	model_ids due = {0};
	int64_t next_ms, after = 0;

	(void)state;
	later.due_ms = 900;
	held.held = true;
	sent.state = ENTRY_SENT;
	sent.due_ms = 5000;
	(void)add(tx, later);
	(void)add(tx, held);
	(void)add(tx, sent);
	(void)add(tx, entry_of(ENTRY_BOARD_RENAME, BOARD));
	assert_int_equal(journal_due(tx, 500, &after, &due), 0);
	assert_true(after == INT64_MAX);
	assert_int_equal(due.n, 2);
	assert_string_equal(due.v[0].s, OWN);
	assert_string_equal(due.v[1].s, BOARD);
	assert_int_equal(journal_next_due(tx, 500, &next_ms), 0);
	assert_int_equal(next_ms, 900);
	assert_int_equal(journal_next_due(tx, 900, &next_ms), 0);
	assert_true(next_ms == INT64_MAX);
	VEC_FREE(&due);
	store_end(tx);
}

/* Of many that are due some are told at a time, each object once. */
static void
test_many_due(void **state)
{
	struct tx *tx = writing();
	int64_t after = 0, before;
	size_t calls = 0, n = 0;
	char id[MODEL_ID_SIZE];

	(void)state;
	for (int i = 0; i < 300; i++) {
		struct entry entry;

		(void)snprintf(id, sizeof id, "card %03d", i % 150);
		entry = entry_of(ENTRY_CARD_MOVE, id);
		entry.due_ms = 1000 - i;
		entry.state = i % 3 == 0 ? ENTRY_SENT : ENTRY_NEW;
		(void)add(tx, entry);
	}
	while (after != INT64_MAX) {
		model_ids due = {0};

		before = after;
		assert_int_equal(journal_due(tx, 1000, &after, &due), 0);
		assert_true(after > before);
		for (size_t i = 0; i < due.n; i++, n++) {
			(void)snprintf(
			    id, sizeof id, "card %03d", (int)n % 150);
			assert_string_equal(due.v[i].s, id);
		}
		VEC_FREE(&due);
		calls++;
	}
	assert_int_equal(n, 300);
	assert_true(calls > 2 && calls < 10);
	store_end(tx);
}

static void
test_rename(void **state)
{
	static const char new_id[] = "6000000000000000000000ff";
	struct tx *tx = writing();
	struct entry move = entry_of(ENTRY_CARD_MOVE, CARD);
	struct entry item = entry_of(ENTRY_CARD_CHANGE, OWN);
	struct entries entries = {0};

	(void)state;
	(void)snprintf(move.list, sizeof move.list, "%s", OWN);
	(void)snprintf(move.board, sizeof move.board, "%s", OWN);
	item.change.kind = CHANGE_ITEM_ADD;
	(void)snprintf(item.change.parent, MODEL_ID_SIZE, "own part");
	(void)add(tx, move);
	(void)add(tx, item);
	assert_int_equal(journal_rename(tx, OWN, new_id), 0);
	assert_int_equal(journal_rename_part(tx, new_id, "own part", LIST), 0);
	/* Nothing of another card is meant. */
	assert_int_equal(journal_rename_part(tx, CARD, LIST, "x"), 0);
	assert_int_equal(journal_all(tx, &entries), 0);
	assert_int_equal(entries.list.n, 2);
	assert_string_equal(entries.list.v[0].object, CARD);
	assert_string_equal(entries.list.v[0].list, new_id);
	assert_string_equal(entries.list.v[0].board, new_id);
	assert_string_equal(entries.list.v[1].object, new_id);
	assert_string_equal(entries.list.v[1].change.parent, LIST);
	entries_fini(&entries);
	store_end(tx);
}

static void
test_coming(void **state)
{
	struct tx *tx = writing();
	struct entry list = entry_of(ENTRY_LIST_CREATE, OWN);
	struct entry part = entry_of(ENTRY_CARD_CHANGE, CARD);
	static const char part_id[] = "5e000000own0000000000009";

	(void)state;
	part.change.kind = CHANGE_CHECKLIST_ADD;
	(void)snprintf(part.change.id, MODEL_ID_SIZE, "%s", part_id);
	list.seq = add(tx, list);
	part.seq = add(tx, part);
	assert_int_equal(journal_is_coming(tx, CARD, OWN), 1);
	assert_int_equal(journal_is_coming(tx, CARD, part_id), 1);
	assert_int_equal(journal_is_coming(tx, OWN, part_id), 0);
	list.state = part.state = ENTRY_REFUSED;
	assert_int_equal(journal_update(tx, &list), 0);
	assert_int_equal(journal_update(tx, &part), 0);
	assert_int_equal(journal_is_coming(tx, CARD, OWN), 0);
	assert_int_equal(journal_is_coming(tx, CARD, part_id), 0);
	/* What was refused is over; but a list that is here is made. */
	assert_int_equal(journal_end_refused(tx, CARD), 0);
	assert_int_equal(journal_end_refused(tx, OWN), 0);
	assert_int_equal(journal_has(tx, CARD, ENTRY_KINDS), 0);
	assert_int_equal(journal_is_coming(tx, CARD, OWN), 1);
	store_end(tx);
}

static void
test_twins(void **state)
{
	struct tx *tx = writing();
	struct entry card = entry_of(ENTRY_CARD_CREATE, OWN);
	struct entry twin = entry_of(ENTRY_CARD_CREATE, CARD);

	(void)state;
	card.title = twin.title = (char *)"Same";
	card.seq = add(tx, card);
	assert_int_equal(journal_has_twin(tx, &twin), 0);
	assert_int_equal(journal_has_twin(tx, &card), 0);
	card.state = ENTRY_SENT;
	assert_int_equal(journal_update(tx, &card), 0);
	assert_int_equal(journal_has_twin(tx, &twin), 1);
	assert_int_equal(journal_has_twin(tx, &card), 0);
	twin.title = (char *)"Other";
	assert_int_equal(journal_has_twin(tx, &twin), 0);
	twin.title = (char *)"Same";
	(void)snprintf(twin.list, sizeof twin.list, "%s", LIST);
	assert_int_equal(journal_has_twin(tx, &twin), 0);
	store_end(tx);
}

static int64_t
held(struct tx *tx, int64_t most)
{
	struct journal_counts before, counts;
	int64_t n;

	assert_int_equal(journal_counts(tx, &before), 0);
	assert_int_equal(archives_hold(tx, most, &n), 0);
	assert_int_equal(journal_counts(tx, &counts), 0);
	assert_int_equal(counts.held - before.held, n);
	return counts.held;
}

static void
test_breaker(void **state)
{
	struct entry elsewhere = entry_of(ENTRY_CARD_ARCHIVE, "elsewhere");
	struct tx *tx = writing();
	char id[MODEL_ID_SIZE];

	(void)state;
	assert_int_equal(archives_wait(tx), 0);
	for (int i = 0; i < 3; i++) {
		(void)snprintf(id, sizeof id, "card %d", i);
		(void)add(tx, entry_of(ENTRY_CARD_ARCHIVE, id));
	}
	(void)add(tx, entry_of(ENTRY_LIST_ARCHIVE, LIST));
	assert_int_equal(archives_wait(tx), 1);
	assert_int_equal(held(tx, 3), 0);
	assert_int_equal(held(tx, 2), 4);
	assert_int_equal(archives_wait(tx), 0);
	assert_int_equal(held(tx, 2), 4);
	assert_int_equal(archives_confirm(tx), 0);
	/* What was confirmed is not held again, nor does it count. */
	(void)add(tx, entry_of(ENTRY_CARD_ARCHIVE, CARD));
	assert_int_equal(held(tx, 2), 0);
	/* A board always is, and what goes with it. */
	(void)snprintf(elsewhere.board, sizeof elsewhere.board, "another");
	(void)add(tx, elsewhere);
	(void)add(tx, entry_of(ENTRY_BOARD_CLOSE, BOARD));
	assert_int_equal(held(tx, 2), 2);
	store_end(tx);
}

static void
assert_found(struct tx *tx, const char *board, const char *list,
    const char *name, int64_t seq)
{
	struct entry entry = {0};
	int r =
	    archives_find(tx, ENTRY_CARD_ARCHIVE, board, list, name, &entry);

	assert_int_equal(r, seq == 0 ? -ENOENT : 0);
	assert_int_equal(entry.seq, seq);
	entry_fini(&entry);
}

/* What was taken away last, by its name and place. */
static void
test_find_archived(void **state)
{
	struct entry entry = entry_of(ENTRY_CARD_ARCHIVE, CARD);
	struct tx *tx = writing();
	int64_t seq, again;

	(void)state;
	entry.title = (char *)"a \"b\".md";
	(void)snprintf(entry.list, sizeof entry.list, "%s", LIST);
	seq = add(tx, entry);
	again = add(tx, entry);
	assert_found(tx, NULL, LIST, "a \"b\".md", again);
	assert_found(tx, BOARD, NULL, "a \"b\".md", again);
	assert_found(tx, "another", NULL, "a \"b\".md", 0);
	assert_found(tx, NULL, "another", "a \"b\".md", 0);
	assert_found(tx, NULL, LIST, "a.md", 0);
	entry.seq = again;
	entry.state = ENTRY_SENT;
	assert_int_equal(journal_update(tx, &entry), 0);
	assert_found(tx, NULL, LIST, "a \"b\".md", seq);
	assert_int_equal(journal_get(tx, again + 1, &entry), -ENOENT);
	store_end(tx);
}

static void
test_own_ids(void **state)
{
	struct tx *tx = writing();
	char first[MODEL_ID_SIZE], second[MODEL_ID_SIZE];
	int64_t made_ms;

	(void)state;
	assert_int_equal(journal_new_id(tx, first), 0);
	assert_int_equal(journal_new_id(tx, second), 0);
	assert_string_not_equal(first, second);
	assert_int_equal(strlen(first), 24);
	assert_true(journal_is_own_id(first));
	assert_false(journal_is_own_id(CARD));
	assert_false(journal_is_own_id(""));
	made_ms = time_from_id(first);
	assert_true(time_wall_ms() - made_ms < 60000);
	store_end(tx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_round_trip, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_kinds, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_life, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_due, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_many_due, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_rename, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_coming, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_twins, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_breaker, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_find_archived, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_own_ids, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
