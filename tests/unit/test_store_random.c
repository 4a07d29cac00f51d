/*
 * Boards change at random and are applied one after another.  At any time the
 * tree is as if only the last had been; names stay while titles do; and a
 * cache that forgets what it is told to forget, and nothing else, is right.
 */

#include "store_help.h"
#include "unit.h"

#include "feed.h"
#include "model/ids.h"
#include "model/model_json.h"
#include "store/base.h"
#include "store/store.h"
#include "text/card_text.h"
#include "util/buf.h"
#include "util/zone.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_BOARDS 2
#define N_LISTS 6
#define N_CARDS 24
#define N_LABELS 2

/* What Trello has. */
struct account {
	uint64_t seed;
	struct {
		unsigned title, desc;
		unsigned labels[N_LABELS];
	} boards[N_BOARDS];
	struct {
		unsigned board, title;
		double pos;
		bool closed;
	} lists[N_LISTS];
	struct {
		unsigned list, title, desc, label, activity;
		double pos;
		bool closed;
	} cards[N_CARDS];
};

static const char *const titles[] = {
    "One", "Two", "One", ".hidden", "a/b", "", "One #3"};
static const double positions[] = {1, 1, 2, 3, 4.5, 0, 1e9, 16384};

static unsigned
below(struct account *account, unsigned n)
{
	return feed_random(&account->seed) % n;
}

static double
any_pos(struct account *account)
{
	return positions[below(account, 8)];
}

static void
begin(struct account *account, uint64_t seed)
{
	*account = (struct account){.seed = seed * 7919 + 1};
	for (unsigned i = 0; i < N_LISTS; i++) {
		account->lists[i].board = i % N_BOARDS;
		account->lists[i].pos = any_pos(account);
		account->lists[i].title = below(account, 7);
	}
	for (unsigned i = 0; i < N_CARDS; i++) {
		account->cards[i].list = below(account, N_LISTS);
		account->cards[i].pos = any_pos(account);
		account->cards[i].title = below(account, 7);
		account->cards[i].closed = below(account, 4) == 0;
	}
}

static void
change_list(struct account *account)
{
	unsigned i = below(account, N_LISTS);

	switch (below(account, 4)) {
	case 0:
		account->lists[i].title = below(account, 7);
		break;
	case 1:
		account->lists[i].pos = any_pos(account);
		break;
	case 2:
		account->lists[i].closed = below(account, 2) == 0;
		break;
	default:
		account->lists[i].board = below(account, N_BOARDS);
		break;
	}
}

static void
change_card(struct account *account)
{
	unsigned i = below(account, N_CARDS);

	switch (below(account, 7)) {
	case 0:
		account->cards[i].title = below(account, 7);
		break;
	case 1:
		account->cards[i].pos = any_pos(account);
		break;
	case 2:
		account->cards[i].closed = below(account, 3) == 0;
		break;
	case 3:
		account->cards[i].desc = below(account, 4);
		break;
	case 4:
		account->cards[i].label = below(account, N_LABELS + 1);
		break;
	case 5:
		account->cards[i].activity++;
		break;
	default:
		account->cards[i].list = below(account, N_LISTS);
		break;
	}
}

static void
change(struct account *account)
{
	unsigned what = below(account, 12);

	if (what == 0)
		account->boards[below(account, N_BOARDS)].title =
		    below(account, 4);
	else if (what == 1)
		account->boards[below(account, N_BOARDS)]
		    .labels[below(account, N_LABELS)] = below(account, 3);
	else if (what < 4)
		change_list(account);
	else
		change_card(account);
}

static const char *
tail_of(char kind, unsigned i)
{
	static char tails[8][16];
	static unsigned turn;
	char *tail = tails[turn++ % 8];

	(void)snprintf(tail, 16, "%c%02u", kind, i);
	return tail;
}

/* What Trello says of the board. */
static void
reply(struct account *account, unsigned number, struct board *board)
{
	char text[64];

	board_make(
	    board, tail_of('b', number), titles[account->boards[number].title]);
	for (unsigned i = 0; i < N_LABELS; i++) {
		(void)snprintf(text, sizeof text, "label %u",
		    account->boards[number].labels[i]);
		(void)board_add_label(
		    board, tail_of('d', number * 10 + i), text);
	}
	for (unsigned i = 0; i < N_LISTS; i++)
		if (account->lists[i].board == number)
			board_add_list(board, tail_of('a', i),
			    titles[account->lists[i].title],
			    account->lists[i].pos)
			    ->closed = account->lists[i].closed;
	for (unsigned i = 0; i < N_CARDS; i++) {
		unsigned label = account->cards[i].label;
		struct card *card;

		if (account->lists[account->cards[i].list].board != number)
			continue;
		card = board_add_card(board, tail_of('c', i),
		    tail_of('a', account->cards[i].list),
		    titles[account->cards[i].title], account->cards[i].pos);
		card->id_short = i + 1;
		card->closed = account->cards[i].closed;
		card->activity_ms += account->cards[i].activity * 1000;
		(void)snprintf(
		    text, sizeof text, "text %u", account->cards[i].desc);
		set_text(&card->desc, text);
		if (label > 0)
			assert_int_equal(
			    model_ids_add(&card->id_labels,
				id_of(tail_of('d', number * 10 + label - 1))),
			    0);
	}
}

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(
	    ((const struct card *)a)->id, ((const struct card *)b)->id);
}

/* Everything about the board except how its names came to be. */
static char *
essence(struct store *store, const char *id)
{
	struct board board;
	struct buf out = BUF_INIT;

	assert_int_equal(base_read_board(store, id, &board), 0);
	if (board.cards.n > 1)
		qsort(board.cards.v, board.cards.n, sizeof board.cards.v[0],
		    compare_ids);
	for (size_t i = 0; i < board.cards.n; i++)
		(void)card_write(&board.cards.v[i], &out);
	for (size_t i = 0; i < board.lists.n; i++)
		(void)list_write(&board.lists.v[i], &out);
	assert_int_equal(board_write_head(&board, &out), 0);
	board_fini(&board);
	return buf_steal(&out);
}

/* The kernel, as far as it keeps what it was told. */
struct entry {
	uint64_t parent, ino; /* ino 0: there is no such name */
	char name[64];
};

struct folder {
	uint64_t ino;
	char *listing;
};

struct file {
	uint64_t ino;
	int64_t size, mtime_ns;
	char *text; /* of a card */
};

struct cache {
	VEC(struct entry) entries;
	VEC(struct folder) folders;
	VEC(struct file) files;
};

/* Names that may come up in any folder: they are looked for everywhere. */
static const char *const asked_for[] = {"One", "Two", "One #0b00", "One #0b01",
    "One #0a00", "One #0a01", "One #0a02", "Two #0a03", "One #0a04", "Untitled",
    "One.md", "Two.md", "One #1.md", "One #2.md", "One #3.md", "One #3 #4.md",
    "Untitled.md", "\xef\xbc\x8ehidden.md",
    ("a\xef\xbc\x8f"
     "b.md")};

static void
cache_entry(
    struct tx *tx, struct cache *cache, uint64_t parent, const char *name)
{
	struct node node = {.ino = 0};
	struct entry *entry = VEC_ADD(&cache->entries);
	int r = node_by_name(tx, parent, name, &node);

	assert_non_null(entry);
	assert_true(r == 0 || r == -ENOENT);
	entry->parent = parent;
	entry->ino = r == 0 ? node.ino : 0;
	(void)snprintf(entry->name, sizeof entry->name, "%s", name);
}

static int
add_line(void *cookie, const struct node *node)
{
	return buf_printf(
	    cookie, "%s %llu\n", node->name, (unsigned long long)node->ino);
}

static char *
listing_of(struct tx *tx, uint64_t ino)
{
	struct buf out = BUF_INIT;

	assert_int_equal(node_each(tx, ino, 0, add_line, &out), 0);
	return buf_steal(&out);
}

static char *
text_of(struct tx *tx, uint64_t ino)
{
	struct buf out = BUF_INIT;

	if (node_text(tx, ino, &out) != 0)
		return NULL;
	return buf_steal(&out);
}

static void
cache_file(struct tx *tx, struct cache *cache, const struct node *node)
{
	struct file *file = VEC_ADD(&cache->files);

	assert_non_null(file);
	file->ino = node->ino;
	file->size = node->size;
	file->mtime_ns = node->mtime_ns;
	file->text = text_of(tx, node->ino);
}

struct children {
	VEC(struct node) nodes;
};

static int
collect(void *cookie, const struct node *node)
{
	struct children *children = cookie;
	struct node *slot = VEC_ADD(&children->nodes);

	assert_non_null(slot);
	*slot = *node;
	return 0;
}

/* Look at everything below the folder. */
static void
cache_folder(struct tx *tx, struct cache *cache, uint64_t ino)
{
	struct children children = {0};
	struct board_state board;
	struct folder *folder;

	/* Nobody is shown the inside before all of it is there. */
	if (base_board_by_ino(tx, ino, &board) == 0 && !board.loaded)
		return;
	folder = VEC_ADD(&cache->folders);
	assert_non_null(folder);
	folder->ino = ino;
	folder->listing = listing_of(tx, ino);
	for (size_t i = 0; i < sizeof asked_for / sizeof asked_for[0]; i++)
		cache_entry(tx, cache, ino, asked_for[i]);
	assert_int_equal(node_each(tx, ino, 0, collect, &children), 0);
	for (size_t i = 0; i < children.nodes.n; i++) {
		const struct node *node = &children.nodes.v[i];

		cache_entry(tx, cache, ino, node->name);
		cache_file(tx, cache, node);
		if (node_is_dir(node))
			cache_folder(tx, cache, node->ino);
	}
	VEC_FREE(&children.nodes);
}

static void
cache_fini(struct cache *cache)
{
	for (size_t i = 0; i < cache->folders.n; i++)
		free(cache->folders.v[i].listing);
	for (size_t i = 0; i < cache->files.n; i++)
		free(cache->files.v[i].text);
	VEC_FREE(&cache->entries);
	VEC_FREE(&cache->folders);
	VEC_FREE(&cache->files);
}

static void forget_folder(struct cache *cache, uint64_t ino);

static void
forget_entry(struct cache *cache, uint64_t parent, const char *name)
{
	for (size_t i = 0; i < cache->entries.n; i++) {
		struct entry *entry = &cache->entries.v[i];
		uint64_t ino = entry->ino;

		if (entry->parent != parent || parent == 0 ||
		    (name != NULL && strcmp(entry->name, name) != 0))
			continue;
		entry->parent = 0;
		/* What hangs below goes with it. */
		if (ino != 0)
			forget_folder(cache, ino);
	}
}

static void
forget_inode(struct cache *cache, uint64_t ino)
{
	for (size_t i = 0; i < cache->folders.n; i++)
		if (cache->folders.v[i].ino == ino)
			cache->folders.v[i].ino = 0;
	for (size_t i = 0; i < cache->files.n; i++)
		if (cache->files.v[i].ino == ino)
			cache->files.v[i].ino = 0;
}

static void
forget_folder(struct cache *cache, uint64_t ino)
{
	/* Looked up again, it has new attributes. */
	forget_inode(cache, ino);
	forget_entry(cache, ino, NULL);
}

static void
forget(struct cache *cache, const struct invalidations *said)
{
	for (size_t i = 0; i < said->list.n; i++) {
		const struct invalidation *one = &said->list.v[i];

		if (one->kind == INVALIDATE_INODE)
			forget_inode(cache, one->ino);
		else
			forget_entry(cache, one->parent, one->name);
	}
}

/* What is still in the cache must be right. */
static void
assert_right(struct tx *tx, const struct cache *cache)
{
	for (size_t i = 0; i < cache->entries.n; i++) {
		const struct entry *entry = &cache->entries.v[i];
		struct node node = {.ino = 0};

		if (entry->parent == 0)
			continue;
		(void)node_by_name(tx, entry->parent, entry->name, &node);
		if (node.ino != entry->ino)
			fail_msg("%llu/%s is %llu, not %llu",
			    (unsigned long long)entry->parent, entry->name,
			    (unsigned long long)node.ino,
			    (unsigned long long)entry->ino);
	}
	for (size_t i = 0; i < cache->folders.n; i++) {
		char *listing;

		if (cache->folders.v[i].ino == 0)
			continue;
		listing = listing_of(tx, cache->folders.v[i].ino);
		assert_string_equal(listing, cache->folders.v[i].listing);
		free(listing);
	}
	for (size_t i = 0; i < cache->files.n; i++) {
		const struct file *file = &cache->files.v[i];
		struct node node;
		char *text;

		if (file->ino == 0)
			continue;
		assert_int_equal(node_get(tx, file->ino, &node), 0);
		assert_true(node.size == file->size);
		assert_true(node.mtime_ns == file->mtime_ns);
		text = text_of(tx, file->ino);
		assert_true((text == NULL) == (file->text == NULL));
		if (text != NULL)
			assert_string_equal(text, file->text);
		free(text);
	}
}

/* Texts are what the cards' own names give; names stay while titles do. */
struct given {
	char id[MODEL_ID_SIZE];
	char name[NODE_NAME_MAX + 1];
	uint64_t parent;
	char *title;
};

struct givens {
	VEC(struct given) names;
};

static void
note_names(struct store *store, const struct board *board, struct givens *now)
{
	struct tx *tx;

	assert_int_equal(store_read(store, true, &tx), 0);
	for (size_t i = 0; i < board->cards.n; i++) {
		const struct card *card = &board->cards.v[i];
		struct given *given;
		struct node node;

		if (node_by_id(tx, card->id, &node) != 0 || node.parent == 0)
			continue;
		given = VEC_ADD(&now->names);
		assert_non_null(given);
		memcpy(given->id, card->id, MODEL_ID_SIZE);
		memcpy(given->name, node.name, sizeof given->name);
		given->parent = node.parent;
		set_text(&given->title, card->name);
	}
	store_end(tx);
}

static void
assert_names_stay(const struct givens *before, const struct givens *now)
{
	for (size_t i = 0; i < before->names.n; i++)
		for (size_t k = 0; k < now->names.n; k++) {
			const struct given *old = &before->names.v[i];
			const struct given *new = &now->names.v[k];

			if (strcmp(old->id, new->id) == 0 &&
			    old->parent == new->parent &&
			    strcmp(old->title, new->title) == 0)
				assert_string_equal(old->name, new->name);
		}
}

static void
givens_fini(struct givens *givens)
{
	for (size_t i = 0; i < givens->names.n; i++)
		free(givens->names.v[i].title);
	VEC_FREE(&givens->names);
}

static void
assert_texts(struct store *store, const struct board *board)
{
	struct zone utc;
	struct tx *tx;

	zone_init_utc(&utc);
	assert_int_equal(store_read(store, true, &tx), 0);
	for (size_t i = 0; i < board->cards.n; i++) {
		struct buf expected = BUF_INIT;
		char rev[TEXT_REV_SIZE];
		struct node node;
		char *text;

		if (node_by_id(tx, board->cards.v[i].id, &node) != 0 ||
		    node.parent == 0)
			continue;
		text = text_of(tx, node.ino);
		assert_int_equal(card_text_format(&board->cards.v[i], board,
				     node.name, &utc, &expected, rev),
		    0);
		assert_string_equal(text, buf_str(&expected));
		free(text);
		buf_free(&expected);
	}
	store_end(tx);
}

/* Apply what the board is now, with everything seen before. */
static void
step(struct store *store, struct account *account, unsigned number)
{
	struct invalidations said = {0};
	struct givens before = {0}, now = {0};
	struct cache cache = {0};
	struct board board;
	struct tx *tx;

	reply(account, number, &board);
	assert_int_equal(store_read(store, true, &tx), 0);
	cache_folder(tx, &cache, NODE_ROOT);
	store_end(tx);
	list_boards(store, (const struct board *[]){&board}, 1, NULL, &said);
	{
		struct board old;

		if (base_read_board(store, board.id, &old) == 0) {
			note_names(store, &old, &before);
			board_fini(&old);
		}
	}
	assert_int_equal(try_apply(store, &board, NULL, &said), 0);
	note_names(store, &board, &now);
	assert_names_stay(&before, &now);
	assert_sound(store);
	assert_texts(store, &board);
	forget(&cache, &said);
	assert_int_equal(store_read(store, true, &tx), 0);
	assert_right(tx, &cache);
	store_end(tx);
	cache_fini(&cache);
	givens_fini(&before);
	givens_fini(&now);
	invalidations_fini(&said);
	board_fini(&board);
}

/* At the end all is as in a store that has seen nothing else. */
static void
assert_as_new(struct store *store, struct account *account)
{
	struct store *fresh = open_memory();

	for (unsigned i = 0; i < N_BOARDS; i++)
		step(store, account, i);
	for (unsigned i = 0; i < N_BOARDS; i++)
		step(fresh, account, i);
	for (unsigned i = 0; i < N_BOARDS; i++) {
		char *old = essence(store, id_of(tail_of('b', i)));
		char *new = essence(fresh, id_of(tail_of('b', i)));

		assert_string_equal(old, new);
		free(old);
		free(new);
	}
	store_close(fresh);
}

static void
sequences(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= rounds(60); seed++) {
		struct store *store = open_memory();
		struct account account;

		begin(&account, seed);
		for (int i = 0; i < 25; i++) {
			for (unsigned n = below(&account, 8); n > 0; n--)
				change(&account);
			step(store, &account, below(&account, N_BOARDS));
		}
		assert_as_new(store, &account);
		store_close(store);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sequences),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
