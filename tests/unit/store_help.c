#include "store_help.h"

#include "unit.h"

#include "store/base.h"
#include "store/saves.h"
#include "store/store.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/strset.h"
#include "util/timeutil.h"
#include "util/zone.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LISTED_MS INT64_C(1600000000000)

const char *
id_of(const char *tail)
{
	static char ids[32][MODEL_ID_SIZE];
	static unsigned turn;
	char *id = ids[turn++ % 32];

	assert_true(strlen(tail) <= 16);
	(void)snprintf(id, MODEL_ID_SIZE, "5e0000000000000000000000");
	memcpy(id + 24 - strlen(tail), tail, strlen(tail));
	return id;
}

void
set_text(char **text, const char *value)
{
	free(*text);
	*text = strdup(value);
	assert_non_null(*text);
}

void
board_make(struct board *board, const char *tail, const char *name)
{
	board_init(board);
	memcpy(board->id, id_of(tail), MODEL_ID_SIZE);
	set_text(&board->name, name);
	board->activity_ms = LISTED_MS;
}

struct list *
board_add_list(
    struct board *board, const char *tail, const char *name, double pos)
{
	struct list *list = VEC_ADD(&board->lists);

	assert_non_null(list);
	memcpy(list->id, id_of(tail), MODEL_ID_SIZE);
	memcpy(list->id_board, board->id, MODEL_ID_SIZE);
	set_text(&list->name, name);
	list->pos = pos;
	return list;
}

struct card *
board_add_card(struct board *board, const char *tail, const char *list_tail,
    const char *name, double pos)
{
	struct card *card = VEC_ADD(&board->cards);

	assert_non_null(card);
	card_init(card);
	memcpy(card->id, id_of(tail), MODEL_ID_SIZE);
	memcpy(card->id_board, board->id, MODEL_ID_SIZE);
	memcpy(card->id_list, id_of(list_tail), MODEL_ID_SIZE);
	set_text(&card->name, name);
	set_text(&card->short_link, tail);
	card->pos = pos;
	card->activity_ms = LISTED_MS;
	return card;
}

struct label *
board_add_label(struct board *board, const char *tail, const char *name)
{
	struct label *label = VEC_ADD(&board->labels);

	assert_non_null(label);
	memcpy(label->id, id_of(tail), MODEL_ID_SIZE);
	set_text(&label->name, name);
	return label;
}

void
board_make_small(struct board *board, const char *tail, const char *name)
{
	board_make(board, tail, name);
	(void)board_add_list(board, "a1", "Todo", 10);
	(void)board_add_list(board, "a2", "Done", 20);
	(void)board_add_card(board, "c1", "a1", "One", 1);
	(void)board_add_card(board, "c2", "a1", "Two", 2);
	(void)board_add_card(board, "c3", "a1", "Three", 3);
	(void)board_add_card(board, "c4", "a2", "Four", 1);
}

void
temp_make(char path[64])
{
	(void)snprintf(path, 64, "test-store-XXXXXX");
	assert_non_null(mkdtemp(path));
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *where)
{
	(void)st;
	(void)flag;
	(void)where;
	return remove(path);
}

void
temp_remove(const char *path)
{
	assert_int_equal(nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

struct store *
open_file(const char *path)
{
	struct store *store = NULL;
	struct err err = {0};
	int r = store_open(path, &store, &err);

	if (r != 0 || err.code != 0)
		print_error("store_open: %d: %s\n", r, err.text);
	assert_int_equal(r, 0);
	assert_int_equal(err.code, 0);
	return store;
}

struct store *
open_memory(void)
{
	return open_file(NULL);
}

void
list_boards(struct store *store, const struct board *const *boards, size_t n,
    model_ids *missing, struct invalidations *out)
{
	struct boards all = {0};
	struct invalidations forgotten = {0};
	model_ids nowhere = {0};

	/* Shallow: what is listed is only read. */
	for (size_t i = 0; i < n; i++) {
		struct board *copy = VEC_ADD(&all.boards);

		assert_non_null(copy);
		*copy = *boards[i];
	}
	assert_int_equal(
	    base_apply_boards(store, &all, missing != NULL ? missing : &nowhere,
		out != NULL ? out : &forgotten),
	    0);
	VEC_FREE(&all.boards);
	VEC_FREE(&nowhere);
	invalidations_fini(&forgotten);
}

void
list_board_too(struct store *store, const struct board *board)
{
	list_boards(store, &board, 1, NULL, NULL);
}

int
try_apply(struct store *store, struct board *board, const model_ids *keep,
    struct invalidations *out)
{
	struct invalidations forgotten = {0};
	struct zone utc;
	int r;

	zone_init_utc(&utc);
	assert_int_equal(board_gather(board), 0);
	r = base_apply_board(store, board, board->activity_ms, keep, &utc,
	    out != NULL ? out : &forgotten);
	invalidations_fini(&forgotten);
	return r;
}

void
apply(struct store *store, struct board *board, struct invalidations *out)
{
	list_board_too(store, board);
	assert_int_equal(try_apply(store, board, NULL, out), 0);
}

static struct tx *
reading(struct store *store)
{
	struct tx *tx = NULL;

	assert_int_equal(store_read(store, true, &tx), 0);
	return tx;
}

bool
find_path(struct store *store, const char *path, struct node *ret_node)
{
	struct tx *tx = reading(store);
	char *copy = strdup(path), *rest = copy, *name;
	uint64_t ino = NODE_ROOT;
	int r = 0;

	assert_non_null(copy);
	while (r == 0 && (name = strsep(&rest, "/")) != NULL) {
		r = node_by_name(tx, ino, name, ret_node);
		ino = r == 0 ? ret_node->ino : 0;
	}
	store_end(tx);
	free(copy);
	assert_true(r == 0 || r == -ENOENT);
	return r == 0;
}

struct node
node_at(struct store *store, const char *path)
{
	struct node node;

	if (!find_path(store, path, &node))
		fail_msg("%s is not there", path);
	return node;
}

uint64_t
ino_at(struct store *store, const char *path)
{
	return node_at(store, path).ino;
}

char *
text_at(struct store *store, const char *path)
{
	struct node node = node_at(store, path);
	struct tx *tx = reading(store);
	struct buf text = BUF_INIT;

	assert_int_equal(node_text(tx, node.ino, &text), 0);
	store_end(tx);
	return buf_steal(&text);
}

struct listing {
	VEC(struct node) nodes;
};

static int
collect(void *cookie, const struct node *node)
{
	struct listing *listing = cookie;
	struct node *slot = VEC_ADD(&listing->nodes);

	assert_non_null(slot);
	*slot = *node;
	return 0;
}

static void
list_folder(struct store *store, uint64_t ino, struct listing *listing)
{
	struct tx *tx = reading(store);

	assert_int_equal(node_each(tx, ino, 2, collect, listing), 0);
	store_end(tx);
}

static void
add_tree(struct store *store, uint64_t ino, struct buf *path, struct buf *out)
{
	struct listing listing = {0};

	list_folder(store, ino, &listing);
	for (size_t i = 0; i < listing.nodes.n; i++) {
		const struct node *node = &listing.nodes.v[i];
		size_t len = path->len;

		(void)buf_add_str(path, node->name);
		if (node_is_dir(node))
			(void)buf_add_char(path, '/');
		(void)buf_printf(out, "%s\n", buf_str(path));
		if (node_is_dir(node))
			add_tree(store, node->ino, path, out);
		path->len = len;
		path->data[len] = '\0';
	}
	VEC_FREE(&listing.nodes);
}

char *
tree_text(struct store *store)
{
	struct buf path = BUF_INIT, out = BUF_INIT;

	add_tree(store, NODE_ROOT, &path, &out);
	buf_free(&path);
	return buf_steal(&out);
}

void
assert_tree(struct store *store, const char *expected)
{
	char *tree = tree_text(store);

	assert_string_equal(tree, expected);
	free(tree);
}

/* Where a node sorts in its folder; false: by its name, or anywhere. */
static bool
place_of(struct tx *tx, const struct node *node, double *ret_pos)
{
	char board[MODEL_ID_SIZE];
	struct card card;

	if (node->kind == NODE_LIST) {
		assert_int_equal(base_list(tx, node->id, board, ret_pos), 0);
		return true;
	}
	if (node->kind != NODE_CARD)
		return false;
	assert_int_equal(base_card(tx, node->id, &card), 0);
	*ret_pos = card.pos;
	card_fini(&card);
	return true;
}

static void
assert_neighbours(
    struct tx *tx, const struct node *before, const struct node *node)
{
	double before_pos = 0, pos = 0;

	assert_true(before->off < node->off);
	if (node_is_local(before))
		assert_true(node_is_local(node));
	if (place_of(tx, before, &before_pos) && place_of(tx, node, &pos) &&
	    model_compare_pos(before_pos, before->id, pos, node->id) >= 0)
		fail_msg("%s (%g) stands before %s (%g)", before->name,
		    before_pos, node->name, pos);
	if (before->kind == NODE_BOARD && node->kind == NODE_BOARD)
		assert_true(strcmp(before->name, node->name) < 0);
}

static void
assert_node(struct tx *tx, const struct node *node)
{
	struct buf text = BUF_INIT;
	struct node again;

	assert_true(node->off > 2);
	assert_null(strchr(node->name, '/'));
	assert_true(node->name[0] != '\0');
	assert_true(node->ino >= NODE_FIRST);
	assert_int_equal(node_by_name(tx, node->parent, node->name, &again), 0);
	assert_memory_equal(&again.ino, &node->ino, sizeof node->ino);
	if (node->kind != NODE_CARD || saves_has(tx, node->ino) == 1)
		return;
	assert_int_equal(node_text(tx, node->ino, &text), 0);
	assert_int_equal(text.len, node->size);
	buf_free(&text);
}

static void
assert_folder_sound(struct store *store, uint64_t ino)
{
	struct listing listing = {0};
	struct tx *tx;

	list_folder(store, ino, &listing);
	tx = reading(store);
	for (size_t i = 0; i < listing.nodes.n; i++) {
		assert_node(tx, &listing.nodes.v[i]);
		if (i > 0)
			assert_neighbours(
			    tx, &listing.nodes.v[i - 1], &listing.nodes.v[i]);
	}
	store_end(tx);
	for (size_t i = 0; i < listing.nodes.n; i++)
		if (node_is_dir(&listing.nodes.v[i]))
			assert_folder_sound(store, listing.nodes.v[i].ino);
	VEC_FREE(&listing.nodes);
}

void
assert_sound(struct store *store)
{
	assert_folder_sound(store, NODE_ROOT);
}

/* Append the path of a node, as far as it still has one. */
static void
add_path(struct tx *tx, uint64_t ino, struct buf *out)
{
	struct node node;

	if (ino == NODE_ROOT)
		return;
	if (ino == 0 || node_get(tx, ino, &node) != 0) {
		(void)buf_add_str(out, "(nowhere)");
		return;
	}
	add_path(tx, node.parent, out);
	if (out->len > 0 && !buf_ends_with(out, " "))
		(void)buf_add_char(out, '/');
	(void)buf_add_str(out, node.name);
}

static char *
line_of(struct tx *tx, const struct invalidation *one)
{
	static const char *const words[] = {"inode ", "entry ", "gone "};
	struct buf out = BUF_INIT;

	(void)buf_add_str(&out, words[one->kind]);
	add_path(
	    tx, one->kind == INVALIDATE_INODE ? one->ino : one->parent, &out);
	if (one->kind == INVALIDATE_INODE && one->ino == NODE_ROOT)
		(void)buf_add_char(&out, '/');
	if (one->name != NULL) {
		if (!buf_ends_with(&out, " "))
			(void)buf_add_char(&out, '/');
		(void)buf_add_str(&out, one->name);
	}
	(void)buf_add_char(&out, '\n');
	return buf_steal(&out);
}

static int
compare_lines(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void
assert_said(
    struct store *store, struct invalidations *said, const char *expected)
{
	size_t n = said->list.n;
	char **lines = calloc(n + 1, sizeof *lines);
	struct buf text = BUF_INIT;
	struct tx *tx = reading(store);

	assert_non_null(lines);
	for (size_t i = 0; i < n; i++)
		lines[i] = line_of(tx, &said->list.v[i]);
	store_end(tx);
	qsort(lines, n, sizeof *lines, compare_lines);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || strcmp(lines[i - 1], lines[i]) != 0)
			(void)buf_add_str(&text, lines[i]);
	}
	for (size_t i = 0; i < n; i++)
		free(lines[i]);
	free(lines);
	invalidations_fini(said);
	assert_string_equal(buf_str(&text), expected);
	buf_free(&text);
}
