#include "store/observed.h"

#include "model/model.h"
#include "model/model_json.h"
#include "store/nodes.h"
#include "store/tx.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

struct inodes {
	VEC(uint64_t) list;
};

static bool
is_observer(const struct board *board, const char *member)
{
	for (size_t i = 0; i < board->memberships.n; i++)
		if (strcmp(board->memberships.v[i].id_member, member) == 0)
			return strcmp(board->memberships.v[i].type,
				   "observer") == 0;
	return false;
}

/* 1, 0 or -errno. */
static int
read_head(const char *head, size_t len, const char *member)
{
	struct board board;
	struct json_reader *reader;
	int r;

	board_init(&board);
	reader = board_reader_new(&board);
	if (reader == NULL)
		return -ENOMEM;
	r = json_reader_feed(reader, head, len, NULL);
	if (r == 0)
		r = json_reader_finish(reader, NULL);
	if (r == 0)
		r = is_observer(&board, member);
	json_reader_free(reader);
	board_fini(&board);
	return r;
}

static int
add(struct inodes *inodes, uint64_t ino)
{
	uint64_t *slot = VEC_ADD(&inodes->list);

	if (slot == NULL)
		return -ENOMEM;
	*slot = ino;
	return 0;
}

/* Only heads that may tell of an observer are read.  The boards come first: of
 * nodes there are as many as there are cards. */
#define SEARCH                                                             \
	"SELECT n.ino, b.head FROM boards b CROSS JOIN nodes n ON n.id = " \
	"b.id WHERE n.parent != 0 AND b.head LIKE '%\"observer\"%'"

static int
search_boards(
    struct tx *tx, const char *member, const char *board, struct inodes *boards)
{
	sqlite3_stmt *stmt = board != NULL
				 ? db_prepare(tx->db, SEARCH " AND b.id = ?1")
				 : db_prepare(tx->db, SEARCH);
	int r = board != NULL ? db_bind(stmt, "s", board) : 0;

	while (r == 0 && (r = db_step(stmt)) == 1) {
		const char *head = (const char *)sqlite3_column_text(stmt, 1);
		uint64_t ino = (uint64_t)sqlite3_column_int64(stmt, 0);

		r = read_head(
		    head, (size_t)sqlite3_column_bytes(stmt, 1), member);
		if (r == 1)
			r = add(boards, ino);
	}
	db_reset(stmt);
	return r;
}

struct giver {
	int (*fn)(void *cookie, const struct observed_folder *folder);
	void *cookie;
	uint64_t board;
};

static int
give(const struct giver *giver, uint64_t ino)
{
	const struct observed_folder folder = {giver->board, ino};

	return giver->fn(giver->cookie, &folder);
}

static int
give_list(void *cookie, const struct node *node)
{
	return node->kind == NODE_LIST ? give(cookie, node->ino) : 0;
}

int
observed_each(struct tx *tx, const char *member, const char *board,
    int (*fn)(void *cookie, const struct observed_folder *folder), void *cookie)
{
	struct giver giver = {.fn = fn, .cookie = cookie};
	struct inodes boards = {0};
	int r = search_boards(tx, member, board, &boards);

	for (size_t i = 0; i < boards.list.n && r == 0; i++) {
		giver.board = boards.list.v[i];
		r = give(&giver, giver.board);
		if (r == 0)
			r = node_each(tx, giver.board, 0, give_list, &giver);
	}
	VEC_FREE(&boards.list);
	return r;
}
