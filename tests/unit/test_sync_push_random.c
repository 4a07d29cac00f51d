#include "feed.h"
#include "push_help.h"
#include "unit.h"

#include "store/base.h"
#include "store/store.h"
#include "store/view.h"
#include "util/timeutil.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Random histories of changes, with a network that fails in every way and a
 * program that dies, lead to the same account as without all that.
 */

#define B0 "5e00000000000000000000b0"
#define LABELS_N 2

struct history {
	struct push_world world;
	uint64_t seed;
	unsigned n_made;
	bool faults;
	/* What was shown, one for all. */
	char *shown;
};

static uint32_t
below(struct history *history, uint32_t n)
{
	return feed_random(&history->seed) % n;
}

/* Ids of what is shown of a kind, in the order of the names. */
struct found {
	VEC(struct node) nodes;
};

static int
keep(void *cookie, const struct node *node)
{
	struct found *found = cookie;
	struct node *slot = VEC_ADD(&found->nodes);

	assert_non_null(slot);
	*slot = *node;
	return 0;
}

static int
compare_nodes(const void *a, const void *b)
{
	return strcmp(
	    ((const struct node *)a)->name, ((const struct node *)b)->name);
}

static void
children_of(struct history *history, uint64_t ino, struct found *found)
{
	struct tx *tx;

	assert_int_equal(store_read(history->world.store, true, &tx), 0);
	assert_int_equal(node_each(tx, ino, 2, keep, found), 0);
	store_end(tx);
}

/* One of the lists, or of the cards; false if there is none. */
static bool
pick(struct history *history, bool card, struct node *ret_node)
{
	struct found lists = {0}, cards = {0}, *from = card ? &cards : &lists;
	bool any;

	children_of(history, ino_at(history->world.store, "B"), &lists);
	for (size_t i = 0; card && i < lists.nodes.n; i++)
		children_of(history, lists.nodes.v[i].ino, &cards);
	any = from->nodes.n > 0;
	if (any) {
		qsort(from->nodes.v, from->nodes.n, sizeof from->nodes.v[0],
		    compare_nodes);
		*ret_node =
		    from->nodes.v[below(history, (uint32_t)from->nodes.n)];
	}
	VEC_FREE(&lists.nodes);
	VEC_FREE(&cards.nodes);
	return any;
}

static void
new_words(struct history *history, char out[48])
{
	(void)snprintf(out, 48, "Words %u, %x", history->n_made++,
	    feed_random(&history->seed) & 0xff);
}

static void
toggle(model_ids *ids, const char *id)
{
	for (size_t i = 0; i < ids->n; i++)
		if (strcmp(ids->v[i].s, id) == 0) {
			ids->v[i] = ids->v[--ids->n];
			return;
		}
	memcpy(((struct model_id *)VEC_ADD(ids))->s, id, 25);
}

static void
edit_items(struct history *history, struct card *card)
{
	struct checklist *list;
	struct check_item *item;
	char words[48];

	if (card->checklists.n == 0)
		return;
	list =
	    &card->checklists.v[below(history, (uint32_t)card->checklists.n)];
	new_words(history, words);
	if (list->items.n == 0 || below(history, 3) == 0) {
		item = VEC_ADD(&list->items);
		set_text(&item->name, words);
		item->complete = below(history, 2) == 0;
		return;
	}
	item = &list->items.v[below(history, (uint32_t)list->items.n)];
	switch (below(history, 4)) {
	case 0:
		set_text(&item->name, words);
		break;
	case 1:
		item->complete = !item->complete;
		break;
	case 2: {
		struct check_item first = list->items.v[0];

		list->items.v[0] = *item;
		*item = first;
		break;
	}
	default:
		check_item_fini(item);
		*item = list->items.v[--list->items.n];
		break;
	}
}

static void
edit_comments(struct history *history, struct card *card)
{
	struct comment *comment;
	char words[48];

	new_words(history, words);
	if (card->comments.n > 0 && below(history, 3) == 0) {
		comment = &card->comments
			       .v[below(history, (uint32_t)card->comments.n)];
	} else {
		comment = VEC_ADD(&card->comments);
		comment_init(comment);
		comment->date_ms = time_wall_ms();
	}
	set_text(&comment->text, words);
}

static void
edit_desc(struct history *history, struct card *card)
{
	char words[48];
	struct buf text = BUF_INIT;

	new_words(history, words);
	if (below(history, 3) != 0)
		(void)buf_add_str(&text, model_str(card->desc));
	(void)buf_printf(&text, "%s\n", words);
	set_text(&card->desc, buf_str(&text));
	buf_free(&text);
}

static void
edit_one(struct history *history, struct card *card)
{
	static const char *const labels[LABELS_N] = {
	    "5e00000000000000000000b1", "5e00000000000000000000b2"};
	struct checklist *list;
	char words[48];

	switch (below(history, 9)) {
	case 0:
		edit_desc(history, card);
		break;
	case 1:
		card->due_ms = below(history, 3) == 0
				   ? TIME_NONE
				   : (int64_t)below(history, 100000) * 60000;
		break;
	case 2:
		card->due_complete = !card->due_complete;
		break;
	case 3:
		toggle(&card->id_labels, labels[below(history, LABELS_N)]);
		break;
	case 4:
		toggle(&card->id_members, "5f0000000000000000000001");
		break;
	case 5:
		new_words(history, words);
		list = VEC_ADD(&card->checklists);
		set_text(&list->name, words);
		break;
	case 6:
		edit_comments(history, card);
		break;
	default:
		edit_items(history, card);
		break;
	}
}

static void
next_id(void *cookie, char id[MODEL_ID_SIZE])
{
	struct history *history = cookie;
	struct tx *tx;

	assert_int_equal(store_write(history->world.store, &tx), 0);
	assert_int_equal(journal_new_id(tx, id), 0);
	assert_int_equal(store_commit(tx), 0);
}

/* As a save does it: what differs becomes the changes. */
static void
edit_card(struct history *history, const char *id)
{
	struct id_source ids = {.next = next_id, .cookie = history};
	struct card_changes changes = {0};
	struct view_card view;
	struct card card;
	struct tx *tx;

	assert_int_equal(store_read(history->world.store, true, &tx), 0);
	assert_int_equal(view_card(tx, id, NULL, &view), 0);
	store_end(tx);
	assert_int_equal(card_copy(&view.card, &card), 0);
	for (uint32_t n = 1 + below(history, 3); n > 0; n--)
		edit_one(history, &card);
	assert_int_equal(card_diff(&view.card, &card, &ids, &changes), 0);
	for (size_t i = 0; i < changes.n; i++)
		world_change(&history->world, id, &changes.v[i]);
	card_changes_fini(&changes);
	card_fini(&card);
	view_card_fini(&view);
}

/* A place that nothing else has. */
static double
new_place(struct history *history)
{
	return 1000000 + 20000.0 * history->n_made++;
}

static void
act(struct history *history)
{
	struct push_world *world = &history->world;
	struct node card, list;
	char words[48];
	uint32_t what = below(history, 12);

	if (!pick(history, false, &list))
		return;
	new_words(history, words);
	if (what == 0 || !pick(history, true, &card))
		(void)do_create_at(world, list.id, words, new_place(history));
	else if (what == 1)
		do_title(world, card.id, words);
	else if (what == 2)
		do_move(world, card.id, B0, list.id, new_place(history));
	else if (what == 3 && below(history, 3) == 0)
		do_archive(world, card.id);
	else if (what == 4 && below(history, 3) == 0)
		(void)do_list(world, B0, words);
	else
		edit_card(history, card.id);
}

/* One of everything that can go wrong, or a part of what is due is sent. */
static void
disturb(struct history *history)
{
	static const enum fault faults[] = {FAULT_NONE, FAULT_OFFLINE,
	    FAULT_LOST, FAULT_NOT_DONE, FAULT_TROUBLE};
	struct push_account *account = &history->world.account;
	uint64_t seed = history->seed;

	account->fault = faults[below(history, 5)];
	account->fault_call = CALL_COUNT;
	account->reads_too = account->fault == FAULT_OFFLINE;
	account->n_faults = below(history, 4);
	account->steps_left =
	    below(history, 2) == 0 ? (int)below(history, 30) + 1 : -1;
	history->world.sync->push->gate_ms = 0;
	if (!world_run(&history->world, false) || below(history, 8) == 0)
		world_restart(&history->world);
	account->n_faults = 0;
	account->steps_left = -1;
	/* The history itself is the same without. */
	history->seed = seed;
}

/* Everything goes, in the end. */
static void
drain(struct history *history)
{
	struct push_world *world = &history->world;

	for (int i = 0; i < 20; i++) {
		struct tx *tx;
		int waits;

		world->sync->push->gate_ms = 0;
		world->sync->push->look.next_ms = 0;
		assert_int_equal(push_retry(world->sync), 0);
		assert_true(world_run(world, true));
		assert_int_equal(store_read(world->store, true, &tx), 0);
		waits = journal_waits(tx, "");
		store_end(tx);
		if (waits == 0)
			return;
	}
	fail_msg("it does not come to an end");
}

static char *
live(uint64_t seed, unsigned n, bool faults)
{
	struct history history = {.seed = seed, .faults = faults};
	char *before, *after, *result;

	world_init(&history.world, faults);
	for (unsigned i = 0; i < n; i++) {
		act(&history);
		if (faults && i % 3 == 0)
			disturb(&history);
	}
	before = shown(&history.world);
	drain(&history);
	after = shown(&history.world);
	assert_same(before, after);
	assert_entries(&history.world, 0, 0, 0);
	assert_in_step(&history.world, B0);
	result = there_without_ids(&history.world, B0);
	free(before);
	free(after);
	world_fini(&history.world);
	return result;
}

static void
test_histories(void **state)
{
	const char *from = getenv("PUSH_SEED");
	uint64_t first = from != NULL ? strtoull(from, NULL, 10) : 1;

	(void)state;
	for (uint64_t seed = first; seed < first + rounds(100); seed++) {
		char *with = live(seed * 7919, 25, true);
		char *without = live(seed * 7919, 25, false);

		if (strcmp(with, without) != 0)
			print_error("history %d\n", (int)seed);
		assert_same(with, without);
		free(with);
		free(without);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_histories),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
