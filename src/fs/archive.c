#include "fs/archive.h"

#include "fs/card.h"
#include "fs/structure.h"
#include "store/archived.h"
#include "store/base.h"
#include "store/former.h"
#include "store/journal.h"
#include "store/naming.h"
#include "store/view.h"
#include "text/card_text.h"
#include "text/names.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POS_STEP 16384.0

int
archive_in(struct folder_changes *changes, struct fs *fs,
    const struct node *node, const struct node *dir)
{
	struct node folder = *node, root;
	int r = 0;

	if (dir->kind != NODE_ARCHIVE)
		return -EPERM;
	/* Only to the archive of what it is in. */
	while (r == 0 && folder.kind != NODE_BOARD && folder.ino != NODE_ROOT)
		r = node_get(changes->tx, folder.parent, &folder);
	if (r == 0 && node->kind == NODE_BOARD)
		r = node_get(changes->tx, NODE_ROOT, &root);
	if (r != 0)
		return r;
	if (dir->parent != (node->kind == NODE_BOARD ? NODE_ROOT : folder.ino))
		return -EPERM;
	switch (node->kind) {
	case NODE_CARD:
		return card_archive(changes, fs, node);
	case NODE_LIST:
		return list_archive_whole(changes, node);
	case NODE_BOARD:
		return board_close_whole(changes, node);
	default:
		return -EPERM;
	}
}

static void
start_entry(const struct fs *fs, struct entry *entry, enum entry_kind kind,
    const char *object, const char *board)
{
	*entry = (struct entry){.kind = kind, .at_ms = time_wall_ms()};
	entry->due_ms = entry->at_ms + fs->settle.settle_ms;
	(void)snprintf(entry->object, sizeof entry->object, "%s", object);
	(void)snprintf(entry->board, sizeof entry->board, "%s", board);
}

/* What has not been sent is taken back.  1: there was something. */
static int
take_back(struct tx *tx, const char *id, enum entry_kind kind)
{
	struct entries entries = {0};
	int r = journal_of(tx, id, &entries);
	bool found = false;

	for (size_t i = 0; i < entries.list.n && r == 0; i++) {
		const struct entry *entry = &entries.list.v[i];

		if (entry->kind != kind || entry->state == ENTRY_SENT)
			continue;
		found = true;
		r = journal_remove(tx, entry->seq);
	}
	entries_fini(&entries);
	return r != 0 ? r : found;
}

static int
journal_card(struct folder_changes *changes, struct fs *fs, const char *id,
    const struct node *list)
{
	struct entry entry;
	struct node board;
	double last = 0;
	int r = node_get(changes->tx, list->parent, &board);

	if (r == 0)
		r = folder_last_pos(changes->tx, list->ino, NODE_CARD, &last);
	if (r != 0)
		return r;
	start_entry(fs, &entry, ENTRY_CARD_RESTORE, id, board.id);
	(void)snprintf(entry.list, sizeof entry.list, "%s", list->id);
	entry.pos = last + POS_STEP;
	return journal_add(changes->tx, &entry);
}

static int
card_out(struct folder_changes *changes, struct fs *fs, const char *id,
    const struct node *list, const char *name, uint64_t *ret_ino)
{
	struct view_show show = {.zone = fs->settle.zone};
	struct node card;
	int r;

	if (!fs_name_is_card(list->kind, name))
		return -EPERM;
	r = take_back(changes->tx, id, ENTRY_CARD_ARCHIVE);
	if (r == 0)
		r = journal_card(changes, fs, id, list);
	if (r >= 0)
		r = archived_hide(changes, id);
	if (r == 0)
		r = view_show_card(changes, id, &show);
	if (r == 0)
		r = node_by_id(changes->tx, id, &card);
	if (r == 0 && card.parent == 0)
		r = -ENOENT;
	if (r == 0 &&
	    (card.parent != list->ino || strcmp(card.name, name) != 0))
		r = card_move(changes, fs, &card, list, name);
	if (r == 0)
		*ret_ino = card.ino;
	return r;
}

/* The folder of a list or a board that was open once, or a new one. */
static int
place_folder(struct folder_changes *changes, const char *id,
    const struct node *like, struct node *ret_node)
{
	struct node old, node = {.mode = -1, .uid = -1, .gid = -1};
	int known = node_by_id(changes->tx, id, &old);
	int r;

	if (known != 0 && known != -ENOENT)
		return known;
	if (known == 0)
		node = old;
	else
		node.mtime_ns = time_wall_ns();
	node.kind = like->kind;
	node.parent = like->parent;
	node.pos = like->pos;
	node.off = like->off;
	node.ctime_ns = time_wall_ns();
	(void)snprintf(node.id, sizeof node.id, "%s", id);
	(void)snprintf(node.name, sizeof node.name, "%s", like->name);
	r = folder_place(changes, known == 0 ? &old : NULL, &node);
	*ret_node = node;
	return r;
}

/* The cards that were archived with it are there again. */
static int
show_cards(struct folder_changes *changes, struct fs *fs, const char *list)
{
	const struct view_show show = {.zone = fs->settle.zone};
	model_ids ids = {0};
	int r = archived_cards_of(changes->tx, list, &ids);

	for (size_t i = 0; i < ids.n && r == 0; i++) {
		r = archived_hide(changes, ids.v[i].s);
		if (r == 0)
			r = view_show_card(changes, ids.v[i].s, &show);
		r = r == -ENOENT ? 0 : r;
	}
	VEC_FREE(&ids);
	return r;
}

/* Its own name as long as it is not on the board; *ret_list: as it was. */
static int
list_out(struct folder_changes *changes, struct fs *fs, const struct node *old,
    const struct node *board, const char *name, uint64_t *ret_ino)
{
	const char *id = archived_id(old);
	char on[MODEL_ID_SIZE];
	struct node list, like = {.kind = NODE_LIST, .parent = board->ino};
	struct entry entry;
	double last = 0;
	int r = archived_board(changes->tx, id, on);

	if (r == 0 && strcmp(on, board->id) != 0)
		r = -EPERM;
	if (r == 0)
		r = folder_last_pos(changes->tx, board->ino, NODE_LIST, &last);
	like.pos = last + POS_STEP;
	like.off = node_off_from_pos(like.pos);
	memcpy(like.name, old->name, sizeof like.name);
	start_entry(fs, &entry, ENTRY_LIST_RESTORE, id, on);
	entry.pos = like.pos;
	if (r == 0)
		r = journal_add(changes->tx, &entry);
	if (r == 0)
		r = archived_hide(changes, id);
	if (r == 0)
		r = place_folder(changes, id, &like, &list);
	if (r == 0)
		r = folder_order(changes, board->ino, NODE_LIST);
	if (r == 0)
		r = show_cards(changes, fs, id);
	if (r == 0)
		r = node_get(changes->tx, list.ino, &list);
	if (r == 0 && strcmp(list.name, name) != 0)
		r = list_move(&fs->settle, changes, &list, board, name);
	if (r == 0)
		*ret_ino = list.ino;
	return r;
}

static int
board_out(struct folder_changes *changes, struct fs *fs, const struct node *old,
    const char *name, uint64_t *ret_ino)
{
	const char *id = archived_id(old);
	struct node board, like = {.kind = NODE_BOARD, .parent = NODE_ROOT};
	struct entry entry;
	char *title = NULL;
	int r = title_from_new_name(old->name, "", &title);

	start_entry(fs, &entry, ENTRY_BOARD_REOPEN, id, id);
	entry.title = title;
	if (r == 0)
		r = journal_add(changes->tx, &entry);
	if (r == 0)
		r = base_set_own_board(changes->tx, id, title);
	if (r == 0)
		r = archived_hide(changes, id);
	(void)snprintf(like.name, sizeof like.name, "%s", old->name);
	if (r == 0)
		r = folder_board_off(changes, like.name, &like.off);
	if (r == 0)
		r = place_folder(changes, id, &like, &board);
	if (r == 0 && strcmp(board.name, name) != 0)
		r = board_rename(changes, &board, name);
	if (r == 0)
		*ret_ino = board.ino;
	free(title);
	return r;
}

int
archive_out(struct folder_changes *changes, struct fs *fs,
    const struct node *old, const struct node *folder, const char *name,
    uint64_t *ret_ino)
{
	if (old->kind == NODE_OLD_CARD && folder->kind == NODE_LIST)
		return card_out(
		    changes, fs, archived_id(old), folder, name, ret_ino);
	if (name[0] == '.')
		return -EPERM;
	if (old->kind == NODE_OLD_LIST && folder->kind == NODE_BOARD)
		return list_out(changes, fs, old, folder, name, ret_ino);
	if (old->kind == NODE_OLD_BOARD && folder->kind == NODE_ROOT_DIR)
		return board_out(changes, fs, old, name, ret_ino);
	return -EPERM;
}

int
archive_keep(struct folder_changes *changes, const struct node *card)
{
	struct view_card view = {0};
	int r = journal_is_unsent(changes->tx, card->id);

	/* What Trello has not heard of will not be there. */
	if (r != 0)
		return r < 0 ? r : 0;
	r = view_card(changes->tx, card->id, NULL, &view);
	if (r == 0)
		r = archived_keep(changes->tx, &view.card);
	if (r == 0)
		r = former_note_copied(changes->tx, &view.card);
	view_card_fini(&view);
	return r == -ENOENT ? 0 : r;
}

/* Whether it can be brought back now: it is nowhere, its archiving is not on
 * its way at this moment, and it is known what it was.  1, 0 or -errno. */
static int
can_return(struct tx *tx, const char *id)
{
	struct entries entries = {0};
	struct node node;
	struct card card;
	int r = node_by_id(tx, id, &node);
	bool sent = false;

	if (r == 0)
		r = archived_card(tx, id, &card);
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	card_fini(&card);
	r = journal_of(tx, id, &entries);
	for (size_t i = 0; i < entries.list.n; i++)
		sent = sent || entries.list.v[i].state == ENTRY_SENT;
	entries_fini(&entries);
	return r != 0 ? r : node.parent == 0 && !sent;
}

int
archive_bring_back(struct folder_changes *changes, struct fs *fs,
    const struct node *list, const char *name, const struct buf *text,
    struct node *ret_card)
{
	struct card_text_head head;
	char id[MODEL_ID_SIZE];
	uint64_t ino;
	int r;

	card_text_head(buf_str(text), text->len, &head);
	r = former_copied(changes->tx, head.link, id);
	if (r == 0)
		r = can_return(changes->tx, id);
	if (r <= 0)
		return r == 0 ? -ENOENT : r;
	r = card_out(changes, fs, id, list, name, &ino);
	return r == 0 ? node_get(changes->tx, ino, ret_card) : r;
}

int
archive_delete(
    struct folder_changes *changes, struct fs *fs, const struct node *old)
{
	const char *id = archived_id(old);
	char board[MODEL_ID_SIZE];
	struct entry entry;
	int r;

	if (old->kind != NODE_OLD_CARD || !fs->settle.allow_delete)
		return -EPERM;
	r = archived_board(changes->tx, id, board);
	start_entry(fs, &entry, ENTRY_CARD_DELETE, id, board);
	if (r == 0)
		r = journal_add(changes->tx, &entry);
	return r == 0 ? archived_hide(changes, id) : r;
}
