#include "store/archived.h"

#include "model/ids.h"
#include "model/model_json.h"
#include "store/base.h"
#include "store/journal.h"
#include "store/tx.h"
#include "store/view.h"
#include "text/card_text.h"
#include "text/names.h"
#include "util/buf.h"
#include "util/strset.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Bringing an archive up to date with what has been fetched. */

/* One thing that is to stand in an archive. */
struct shown {
	enum node_kind kind;
	const char *id;
	const char *title;
	const char *board, *list;
	int64_t activity_ms;
	uint64_t parent;
	const char *name;
	const struct card *card; /* with the board that its names are of */
	const struct board *head;
	const struct zone *zone;
};

static int
write_row(struct tx *tx, const struct shown *shown)
{
	struct buf json = BUF_INIT;
	bool closed = shown->card == NULL || shown->card->closed;
	int r = shown->card != NULL ? card_write(shown->card, &json) : 0;

	if (r == 0)
		r = db_run(tx->db,
		    "INSERT INTO archived(id, board, list, closed, title, json)"
		    " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(id) DO UPDATE"
		    " SET board = ?2, list = ?3, closed = ?4, title = ?5,"
		    " json = ?6",
		    "sssiss", shown->id, shown->board, shown->list,
		    (int64_t)closed, shown->title,
		    shown->card != NULL ? buf_str(&json) : NULL);
	buf_free(&json);
	return r;
}

static int
write_text(struct folder_changes *changes, const struct shown *shown,
    struct node *node)
{
	struct buf text = BUF_INIT, old = BUF_INIT;
	char rev[TEXT_REV_SIZE];
	int r = card_text_format(
	    shown->card, shown->head, shown->name, shown->zone, &text, rev);

	if (r == 0 && node->ino != 0) {
		r = node_text(changes->tx, node->ino, &old);
		r = r == -ENOENT ? 0 : r;
		if (r == 0 &&
		    (old.len != text.len ||
			memcmp(buf_str(&old), buf_str(&text), text.len) != 0))
			r = invalidate_inode(&changes->out, node->ino);
	}
	node->size = (int64_t)text.len;
	if (r == 0 && node->ino != 0)
		r = node_update(changes->tx, node);
	if (r == 0 && node->ino != 0)
		r = node_text_set(
		    changes->tx, node->ino, rev, text.data, text.len);
	buf_free(&text);
	buf_free(&old);
	return r;
}

static int
place_shown(struct folder_changes *changes, const struct shown *shown,
    uint64_t *ret_ino)
{
	struct node old, node = {.mode = -1, .uid = -1, .gid = -1};
	char id[MODEL_ID_SIZE];
	int known, r;

	archived_mark_id(id, shown->id);
	known = node_by_id(changes->tx, id, &old);
	if (known != 0 && known != -ENOENT)
		return known;
	if (known == 0)
		node = old;
	node.kind = shown->kind;
	node.parent = shown->parent;
	node.mtime_ns = shown->activity_ms != TIME_NONE
			    ? node_time_from_ms(shown->activity_ms)
			    : node_time_from_ms(time_from_id(shown->id));
	(void)snprintf(node.id, sizeof node.id, "%s", id);
	(void)snprintf(node.name, sizeof node.name, "%s", shown->name);
	if (known != 0)
		node.ctime_ns = time_wall_ns();
	r = write_row(changes->tx, shown);
	if (r == 0 && (known != 0 || old.parent != node.parent ||
			  strcmp(old.name, node.name) != 0))
		r = folder_place(changes, known == 0 ? &old : NULL, &node);
	if (r == 0 && known != 0) {
		node.off = node_off_local(node.ino);
		r = node_update(changes->tx, &node);
	}
	if (r == 0 && shown->card != NULL)
		r = write_text(changes, shown, &node);
	if (r == 0 && ret_ino != NULL)
		*ret_ino = node.ino;
	return r;
}

struct neighbours {
	struct tx *tx;
	uint64_t folder;
	char id[MODEL_ID_SIZE];
};

static bool
is_taken(void *cookie, const char *name)
{
	const struct neighbours *neighbours = cookie;
	struct node node;

	return node_by_name(neighbours->tx, neighbours->folder, name, &node) ==
		   0 &&
	       strcmp(node.id, neighbours->id) != 0;
}

/* The name that it has as long as its title stays, else one from that. */
static int
choose_name(struct tx *tx, const struct shown *shown, struct buf *name)
{
	struct neighbours neighbours = {.tx = tx, .folder = shown->parent};
	enum name_kind kind =
	    shown->kind == NODE_OLD_CARD ? NAME_CARD : NAME_FOLDER;
	struct node node;
	int64_t same = 0;
	int r;

	archived_mark_id(neighbours.id, shown->id);
	r = node_by_id(tx, neighbours.id, &node);
	if (r == 0 && node.parent == shown->parent)
		r = db_get_int(tx->db, &same,
		    "SELECT title = ?2 FROM archived WHERE id = ?1", "ss",
		    shown->id, shown->title);
	if (r != 0 && r != -ENOENT)
		return r;
	return same != 0 ? buf_add_str(name, node.name)
			 : name_choose(kind, shown->title, shown->id,
			       shown->card != NULL ? shown->card->id_short : 0,
			       is_taken, &neighbours, name);
}

/* *ret_ino: its node; may be NULL. */
static int
show(struct folder_changes *changes, struct shown *shown, uint64_t *ret_ino)
{
	struct buf name = BUF_INIT;
	int r = choose_name(changes->tx, shown, &name);

	shown->name = buf_str(&name);
	if (r == 0)
		r = place_shown(changes, shown, ret_ino);
	buf_free(&name);
	return r;
}

/* What has come, sorted by id: the older of two keeps its title as a name. */
struct content {
	VEC(const struct list *) lists;
	VEC(const struct card *) cards;
};

static int
compare_lists(const void *a, const void *b)
{
	return strcmp((*(const struct list *const *)a)->id,
	    (*(const struct list *const *)b)->id);
}

static int
compare_cards(const void *a, const void *b)
{
	return strcmp((*(const struct card *const *)a)->id,
	    (*(const struct card *const *)b)->id);
}

static const struct list *
find_list(const struct content *content, const char *id)
{
	for (size_t i = 0; i < content->lists.n; i++)
		if (strcmp(content->lists.v[i]->id, id) == 0)
			return content->lists.v[i];
	return NULL;
}

static int
collect(const struct board *board, struct content *content)
{
	for (size_t i = 0; i < board->lists.n; i++) {
		const struct list **slot;

		if (!board->lists.v[i].closed)
			continue;
		slot = VEC_ADD(&content->lists);
		if (slot == NULL)
			return -ENOMEM;
		*slot = &board->lists.v[i];
	}
	for (size_t i = 0; i < board->cards.n; i++) {
		const struct card **slot, *card = &board->cards.v[i];

		if (!card->closed && find_list(content, card->id_list) == NULL)
			continue;
		slot = VEC_ADD(&content->cards);
		if (slot == NULL)
			return -ENOMEM;
		*slot = card;
	}
	if (content->lists.n > 1)
		qsort(content->lists.v, content->lists.n,
		    sizeof(content->lists.v[0]), compare_lists);
	if (content->cards.n > 1)
		qsort(content->cards.v, content->cards.n,
		    sizeof(content->cards.v[0]), compare_cards);
	return 0;
}

struct leaving {
	struct strset *present;
	VEC(struct node) nodes;
};

static int
add_leaving(void *cookie, const struct node *node)
{
	struct leaving *leaving = cookie;
	struct node *slot;

	if (strset_has(leaving->present, archived_id(node)))
		return 0;
	slot = VEC_ADD(&leaving->nodes);
	if (slot == NULL)
		return -ENOMEM;
	*slot = *node;
	return 0;
}

/* Whether it is being archived: Trello does not know of it yet. */
static bool
is_pending(struct tx *tx, const char *id)
{
	return journal_has(tx, id, ENTRY_CARD_ARCHIVE) == 1 ||
	       journal_has(tx, id, ENTRY_LIST_ARCHIVE) == 1 ||
	       journal_has(tx, id, ENTRY_BOARD_CLOSE) == 1;
}

static int
remove_below(
    struct folder_changes *changes, uint64_t folder, struct strset *present)
{
	struct leaving leaving = {.present = present};
	int r = node_each(changes->tx, folder, 0, add_leaving, &leaving);

	for (size_t i = 0; i < leaving.nodes.n && r == 0; i++) {
		const struct node *node = &leaving.nodes.v[i];

		if (is_pending(changes->tx, archived_id(node)))
			continue;
		r = folder_remove(changes, node);
		if (r == 0)
			r = archived_forget(changes->tx, archived_id(node));
	}
	VEC_FREE(&leaving.nodes);
	return r;
}

/* A card that leaves a list that stays, or the top of the folder. */
static int
remove_others(
    struct folder_changes *changes, uint64_t dir, const struct content *content)
{
	struct strset present = {0};
	struct node list;
	char id[MODEL_ID_SIZE];
	int r = 0;

	for (size_t i = 0; i < content->lists.n && r == 0; i++)
		r = strset_add(&present, content->lists.v[i]->id);
	for (size_t i = 0; i < content->cards.n && r == 0; i++)
		r = strset_add(&present, content->cards.v[i]->id);
	if (r == 0)
		r = remove_below(changes, dir, &present);
	for (size_t i = 0; i < content->lists.n && r == 0; i++) {
		archived_mark_id(id, content->lists.v[i]->id);
		r = node_by_id(changes->tx, id, &list);
		if (r == 0)
			r = remove_below(changes, list.ino, &present);
		else if (r == -ENOENT)
			r = 0;
	}
	strset_fini(&present);
	return r;
}

/* Whether it is to leave the archive by a change of this kind. */
static bool
is_leaving(struct tx *tx, const char *id, enum entry_kind kind)
{
	int64_t n = 0;

	return db_get_int(tx->db, &n,
		   "SELECT count(*) FROM journal WHERE object = ?"
		   " AND kind = ? AND state != ?",
		   "sii", id, (int64_t)kind, (int64_t)ENTRY_REFUSED) == 0 &&
	       n > 0;
}

static int
show_list(struct folder_changes *changes, uint64_t dir, const struct list *list,
    const struct board *board)
{
	struct shown shown = {.kind = NODE_OLD_LIST,
	    .id = list->id,
	    .title = model_str(list->name),
	    .board = board->id,
	    .list = "",
	    .activity_ms = TIME_NONE,
	    .parent = dir};

	/* It is on its way back. */
	if (is_leaving(changes->tx, list->id, ENTRY_LIST_RESTORE))
		return 0;
	return show(changes, &shown, NULL);
}

static int
show_card(struct folder_changes *changes, uint64_t dir, const struct card *card,
    const struct board *board, const struct zone *zone)
{
	struct shown shown = {.kind = NODE_OLD_CARD,
	    .id = card->id,
	    .title = model_str(card->name),
	    .board = board->id,
	    .list = card->id_list,
	    .activity_ms = card->activity_ms,
	    .parent = dir,
	    .card = card,
	    .head = board,
	    .zone = zone};
	char id[MODEL_ID_SIZE];
	struct node list;
	int r;

	if (is_leaving(changes->tx, card->id, ENTRY_CARD_RESTORE) ||
	    is_leaving(changes->tx, card->id, ENTRY_CARD_DELETE))
		return 0;
	if (!card->closed) {
		archived_mark_id(id, card->id_list);
		r = node_by_id(changes->tx, id, &list);
		if (r != 0 || list.parent == 0)
			return r == -ENOENT ? 0 : r;
		shown.parent = list.ino;
	}
	return show(changes, &shown, NULL);
}

static int
note_fetched(struct tx *tx, uint64_t dir, int64_t listed_ms)
{
	return db_run(tx->db,
	    "INSERT INTO archives(ino, listed_ms, at_ms) VALUES(?1, ?2, ?3)"
	    " ON CONFLICT(ino) DO UPDATE SET listed_ms = ?2, at_ms = ?3",
	    "iii", (int64_t)dir, listed_ms, time_wall_ms());
}

/* So many texts are made and written at once. */
#define CARDS_PER_WRITE 250

static int
apply_piece(struct folder_changes *changes, uint64_t dir,
    const struct content *content, size_t from, size_t to,
    const struct board *board, const struct zone *zone)
{
	int r = from == 0 ? remove_others(changes, dir, content) : 0;

	for (size_t i = 0; from == 0 && i < content->lists.n && r == 0; i++)
		r = show_list(changes, dir, content->lists.v[i], board);
	for (size_t i = from; i < to && r == 0; i++)
		r = show_card(changes, dir, content->cards.v[i], board, zone);
	return r;
}

/* What is archived here and not at Trello yet. */
static int
add_pending(
    struct folder_changes *changes, const char *board, const struct zone *zone)
{
	model_ids objects = {0};
	struct card card;
	int r = journal_objects(changes->tx, board, &objects);

	for (size_t i = 0; i < objects.n && r == 0; i++) {
		if (journal_has(
			changes->tx, objects.v[i].s, ENTRY_CARD_ARCHIVE) != 1)
			continue;
		r = base_card(changes->tx, objects.v[i].s, &card);
		if (r == 0) {
			r = archived_add(changes, &card, zone);
			card_fini(&card);
		}
		r = r == -ENOENT ? 0 : r;
	}
	VEC_FREE(&objects);
	return r;
}

int
archived_apply(struct store *store, uint64_t dir, const struct board *board,
    int64_t listed_ms, const struct zone *zone, struct invalidations *out)
{
	struct content content = {0};
	size_t from = 0, to;
	int r = collect(board, &content);

	do {
		struct folder_changes changes = {0};

		to = from + CARDS_PER_WRITE < content.cards.n
			 ? from + CARDS_PER_WRITE
			 : content.cards.n;
		if (r == 0)
			r = store_write(store, &changes.tx);
		if (r != 0)
			break;
		r = apply_piece(&changes, dir, &content, from, to, board, zone);
		if (r == 0 && to == content.cards.n)
			r = note_fetched(changes.tx, dir, listed_ms);
		if (r == 0 && to == content.cards.n)
			r = add_pending(&changes, board->id, zone);
		r = folder_commit(&changes, r, out);
		from = to;
	} while (r == 0 && from < content.cards.n);
	VEC_FREE(&content.lists);
	VEC_FREE(&content.cards);
	return r;
}

static int
show_board(
    struct folder_changes *changes, uint64_t dir, const struct board *board)
{
	struct shown shown = {.kind = NODE_OLD_BOARD,
	    .id = board->id,
	    .title = model_str(board->name),
	    .board = board->id,
	    .list = "",
	    .activity_ms = board->activity_ms,
	    .parent = dir};

	if (is_leaving(changes->tx, board->id, ENTRY_BOARD_REOPEN))
		return 0;
	return show(changes, &shown, NULL);
}

int
archived_apply_boards(struct store *store, uint64_t dir,
    const struct boards *boards, struct invalidations *out)
{
	struct folder_changes changes = {0};
	struct strset present = {0};
	int r = store_write(store, &changes.tx);

	if (r != 0)
		return r;
	for (size_t i = 0; i < boards->boards.n && r == 0; i++)
		if (boards->boards.v[i].closed)
			r = strset_add(&present, boards->boards.v[i].id);
	if (r == 0)
		r = remove_below(&changes, dir, &present);
	for (size_t i = 0; i < boards->boards.n && r == 0; i++)
		if (boards->boards.v[i].closed)
			r = show_board(&changes, dir, &boards->boards.v[i]);
	if (r == 0)
		r = note_fetched(changes.tx, dir, 0);
	strset_fini(&present);
	return folder_commit(&changes, r, out);
}

int
archived_add(struct folder_changes *changes, const struct card *card,
    const struct zone *zone)
{
	struct archived_state state = {0};
	struct node folder, dir;
	struct card closed = *card;
	struct board head;
	int r = node_by_id(changes->tx, card->id_board, &folder);

	if (r == 0)
		r = node_by_name(changes->tx, folder.ino, ARCHIVE_NAME, &dir);
	if (r == 0)
		r = archived_state(changes->tx, &dir, &state);
	if (r != 0 || !state.known)
		return r == -ENOENT ? 0 : r;
	r = view_board(changes->tx, card->id_board, &head);
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	closed.closed = true;
	r = show(changes,
	    &(struct shown){.kind = NODE_OLD_CARD,
		.id = card->id,
		.title = model_str(card->name),
		.board = card->id_board,
		.list = card->id_list,
		.activity_ms = card->activity_ms,
		.parent = dir.ino,
		.card = &closed,
		.head = &head,
		.zone = zone},
	    NULL);
	board_fini(&head);
	return r;
}
