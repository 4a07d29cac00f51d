#include "fs/card.h"
#include "fs/alias.h"
#include "fs/attach.h"

#include "store/archived.h"
#include "store/archives.h"
#include "store/base.h"
#include "store/folder.h"
#include "store/journal.h"
#include "store/notes.h"
#include "store/problems.h"
#include "store/resettle.h"
#include "store/saves.h"
#include "store/unmake.h"
#include "store/view.h"
#include "sync/join.h"
#include "sync/settle.h"
#include "text/card_text.h"
#include "text/names.h"
#include "text/text_error.h"
#include "util/buf.h"
#include "util/process.h"
#include "util/timeutil.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Creations wait, and removals wait longer: what programs do to save a file
 * is often both. */
#define CREATE_WAIT_MS 3000
#define REMOVE_WAIT_MS 10000
#define POS_STEP 16384.0

/* It is the state database that fails, not the text. */
static bool
is_trouble(int r)
{
	return r == -ENOSPC || r == -EIO || r == -ENOMEM || r == -EBUSY;
}

int
card_settle(struct fs *fs, uint64_t ino)
{
	struct invalidations out = {0};
	struct text_error error = {0};
	uint64_t took = 0;
	int r = attach_settle(fs, ino);

	if (r != -ENOENT) {
		if (is_trouble(r))
			watch_again(fs->watch, ino);
		return r;
	}
	r = settle_card(&fs->settle, ino, &took, &error, &out);
	/* Who still has the file open goes on with that card. */
	if (took != 0 && took != ino)
		alias_add(fs->aliases, ino, took);
	fs_invalidated(fs, &out);
	sync_changed(fs->sync);
	if (is_trouble(r))
		watch_again(fs->watch, ino);
	/* Nothing is wrong with the text, and it is safe: who is told of an
	 * error puts back what was there before, and the draft with it. */
	if (r == -ESTALE)
		r = fs->wait ? -EINVAL : 0;
	return r;
}

/* If the kernel has told of a close that came before this request, what
 * follows is another save: it must not take the place of one that cannot be
 * settled now. */
static int
settle_if_closed(struct fs *fs, uint64_t ino)
{
	int r = watch_take_closed(fs->watch, ino) ? card_settle(fs, ino) : 0;

	return is_trouble(r) ? r : 0;
}

static bool
is_appended(struct tx *tx, uint64_t ino)
{
	struct save save = {0};
	int r = save_get(tx, ino, &save);
	bool appended = r == 0 && !save.draft && save.appended.n > 0;

	save_fini(&save);
	return appended;
}

void
card_settle_before(struct fs *fs, uint64_t list, const char *name)
{
	struct node node;
	struct tx *tx;
	int r = store_read_brief(fs->store, &tx);
	bool card, appended;

	if (r != 0)
		return;
	card = node_by_name(tx, list, name, &node) == 0 &&
	       (node.kind == NODE_SPOOL ||
		   (node_is_text(&node) && saves_has(tx, node.ino) == 1));
	appended = card && is_appended(tx, node.ino);
	store_end(tx);
	if (card && (watch_take_closed(fs->watch, node.ino) || appended))
		(void)card_settle(fs, node.ino);
}

/* What was written so far may be known to be wrong: then it stays, as a
 * draft, and the writer is told. */
static int
check_so_far(struct fs *fs, struct folder_changes *changes,
    const struct node *node, size_t good, int *ret_told)
{
	struct text_error error = {0};
	int r =
	    settle_check_so_far(&fs->settle, changes->tx, node, good, &error);

	if (r != -EINVAL && r != -EFBIG)
		return r;
	*ret_told = r;
	return settle_keep_draft(changes, node, &error);
}

int
card_write_text(struct fs *fs, uint64_t ino, const struct card_write *write)
{
	struct save_by by = {.now_ms = time_wall_ms()};
	struct folder_changes changes = {0};
	struct invalidations out = {0};
	struct node node;
	size_t good = 0;
	int told = 0, r = settle_if_closed(fs, ino);

	if (r == 0)
		r = store_write(fs->store, &changes.tx);
	if (r != 0)
		return r;
	r = node_get(changes.tx, ino, &node);
	if (r == 0)
		r = saves_want_writer(changes.tx, ino);
	/* What is there was looked at when it was written, or is our own. */
	if (r == 0 || (r > 0 && saves_has(changes.tx, ino) == 0))
		good = write->append ? (size_t)node.size
		       : r == 0 && write->offset < node.size
			   ? (size_t)write->offset
			   : 0;
	if (r > 0)
		by.writer = process_identity(write->thread);
	if (r >= 0)
		r = save_write(changes.tx, &node, write->offset, write->data,
		    write->len, write->append, &by);
	if (r == 0 && node.kind == NODE_CARD)
		r = check_so_far(fs, &changes, &node, good, &told);
	r = folder_commit(&changes, r, &out);
	fs_invalidated(fs, &out);
	return r != 0 ? r : told;
}

int
card_truncate_text(struct fs *fs, uint64_t ino, off_t size)
{
	struct node node;
	struct tx *tx;
	int r = settle_if_closed(fs, ino);

	if (r == 0)
		r = store_write(fs->store, &tx);
	if (r != 0)
		return r;
	r = node_get(tx, ino, &node);
	if (r == 0)
		r = save_truncate(tx, &node, size, time_wall_ms());
	if (r == 0)
		return store_commit(tx);
	store_end(tx);
	return r;
}

static struct view_show
local_show(const struct fs *fs, const char *name)
{
	return (struct view_show){
	    .zone = fs->settle.zone, .local = true, .name = name};
}

static void
start_entry(struct entry *entry, enum entry_kind kind, const char *object,
    int64_t wait_ms)
{
	*entry = (struct entry){.kind = kind, .at_ms = time_wall_ms()};
	entry->due_ms = entry->at_ms + wait_ms;
	(void)snprintf(entry->object, sizeof entry->object, "%s", object);
}

/* Where the bottom of the list is. */
static int
bottom(struct tx *tx, const struct node *list, double *ret_pos)
{
	double last = 0;
	int r = folder_last_pos(tx, list->ino, NODE_CARD, &last);

	*ret_pos = last + POS_STEP;
	return r;
}

static int
board_of(struct tx *tx, const struct node *list, char ret_id[MODEL_ID_SIZE])
{
	struct node board;
	int r = node_get(tx, list->parent, &board);

	if (r == 0)
		(void)snprintf(ret_id, MODEL_ID_SIZE, "%s", board.id);
	return r;
}

static int
new_card(struct folder_changes *changes, const struct node *list,
    const char *name, char ret_id[MODEL_ID_SIZE])
{
	struct entry entry;
	char *title = NULL;
	char id[MODEL_ID_SIZE];
	int r = journal_new_id(changes->tx, id);

	if (r == 0)
		r = title_from_new_name(name, NAME_CARD_EXTENSION, &title);
	start_entry(&entry, ENTRY_CARD_CREATE, id, CREATE_WAIT_MS);
	entry.title = title;
	(void)snprintf(entry.list, sizeof entry.list, "%s", list->id);
	if (r == 0)
		r = board_of(changes->tx, list, entry.board);
	if (r == 0)
		r = bottom(changes->tx, list, &entry.pos);
	if (r == 0)
		r = journal_add(changes->tx, &entry);
	free(title);
	if (r == 0)
		(void)snprintf(ret_id, MODEL_ID_SIZE, "%s", id);
	return r;
}

int
card_create(struct folder_changes *changes, struct fs *fs,
    const struct node *list, const char *name, struct node *ret_node)
{
	struct view_show show = local_show(fs, name);
	struct entry removed = {0};
	char id[MODEL_ID_SIZE];
	int r = archives_find(
	    changes->tx, ENTRY_CARD_ARCHIVE, NULL, list->id, name, &removed);

	if (r == 0) {
		(void)snprintf(id, sizeof id, "%s", removed.object);
		r = journal_remove(changes->tx, removed.seq);
		entry_fini(&removed);
	} else if (r == -ENOENT) {
		r = new_card(changes, list, name, id);
	}
	if (r == 0)
		r = view_show_card(changes, id, &show);
	if (r == 0)
		r = node_by_id(changes->tx, id, ret_node);
	if (r == 0)
		r = save_truncate(changes->tx, ret_node, 0, time_wall_ms());
	return r == 0 ? note_clear(changes->tx, list->ino, name) : r;
}

/* It stands in the board's archive, if somebody has looked there. */
static int
show_archived(struct folder_changes *changes, struct fs *fs, const char *id)
{
	struct view_card view = {0};
	int r = view_card(changes->tx, id, NULL, &view);

	if (r == 0)
		r = archived_add(changes, &view.card, fs->settle.zone);
	view_card_fini(&view);
	return r;
}

int
card_archive(
    struct folder_changes *changes, struct fs *fs, const struct node *card)
{
	struct view_show show = local_show(fs, NULL);
	struct entry entry;
	struct node list;
	char name[NODE_NAME_MAX + 1];
	int r = journal_is_unsent(changes->tx, card->id);

	/* What Trello has not heard of needs no archiving. */
	if (r != 0)
		return r < 0 ? r : unmake(changes, card->id);
	r = node_get(changes->tx, card->parent, &list);
	if (r != 0)
		return r;
	start_entry(&entry, ENTRY_CARD_ARCHIVE, card->id, REMOVE_WAIT_MS);
	(void)snprintf(name, sizeof name, "%s", card->name);
	entry.title = name;
	(void)snprintf(entry.list, sizeof entry.list, "%s", list.id);
	r = board_of(changes->tx, &list, entry.board);
	if (r == 0)
		r = settle_forget(changes, card);
	if (r == 0)
		r = show_archived(changes, fs, card->id);
	if (r == 0)
		r = journal_add(changes->tx, &entry);
	return r == 0 ? view_show_card(changes, card->id, &show) : r;
}

static int
journal_title(struct folder_changes *changes, struct fs *fs,
    const struct node *card, const char *board, const char *name)
{
	struct view_card view = {0};
	struct entry entry;
	char *title = NULL;
	int r = title_from_new_name(name, NAME_CARD_EXTENSION, &title);

	if (r == 0)
		r = view_card(changes->tx, card->id, NULL, &view);
	if (r == 0 && strcmp(model_str(view.card.name), title) != 0) {
		start_entry(
		    &entry, ENTRY_CARD_CHANGE, card->id, fs->settle.settle_ms);
		(void)snprintf(entry.board, sizeof entry.board, "%s", board);
		entry.change.kind = CHANGE_TITLE;
		entry.change.old_text = view.card.name;
		entry.change.new_text = title;
		r = join_add(changes->tx, &entry);
	}
	view_card_fini(&view);
	free(title);
	return r;
}

/* The place in the list: its bottom, but who comes back before Trello has
 * heard that he was gone has his own again. */
static int
choose_pos(struct tx *tx, const struct node *card, const struct node *list,
    double *ret_pos)
{
	char base_list[MODEL_ID_SIZE];
	int r = base_card_place(tx, card->id, base_list, ret_pos);

	if (r == 0 && strcmp(base_list, list->id) == 0)
		return 0;
	return r == 0 || r == -ENOENT ? bottom(tx, list, ret_pos) : r;
}

static int
journal_place(struct folder_changes *changes, const struct node *card,
    const struct node *list, const char *board, int64_t wait_ms,
    double *ret_pos)
{
	struct entry entry;
	int r;

	start_entry(&entry, ENTRY_CARD_MOVE, card->id, wait_ms);
	(void)snprintf(entry.board, sizeof entry.board, "%s", board);
	(void)snprintf(entry.list, sizeof entry.list, "%s", list->id);
	r = choose_pos(changes->tx, card, list, &entry.pos);
	*ret_pos = entry.pos;
	return r == 0 ? join_add(changes->tx, &entry) : r;
}

/* What it cannot take along to another board. */
static int
tell_left(
    struct folder_changes *changes, const struct node *card, const char *board)
{
	struct view_card view = {0};
	struct resettle resettle;
	struct buf left = BUF_INIT;
	int r = view_card(changes->tx, card->id, NULL, &view);

	if (r != 0)
		return r;
	if (strcmp(view.card.id_board, board) != 0) {
		r = resettle_open(
		    changes->tx, view.card.id_board, board, &resettle);
		if (r == 0)
			r = resettle_card(&resettle, &view.card, &left);
		if (r == 0)
			r = resettle_tell(changes->tx, card->ino, board, &left);
		resettle_close(&resettle);
	}
	view_card_fini(&view);
	buf_free(&left);
	return r == -ENOENT ? 0 : r;
}

int
card_move(struct folder_changes *changes, struct fs *fs,
    const struct node *card, const struct node *list, const char *name)
{
	struct view_show show = local_show(fs, name);
	char board[MODEL_ID_SIZE];
	bool renamed = strcmp(card->name, name) != 0;
	struct node from;
	double pos;
	int r = board_of(changes->tx, list, board);

	if (r == 0)
		r = node_get(changes->tx, card->parent, &from);
	if (r == 0)
		r = note_clear(changes->tx, list->ino, name);
	if (r == 0 && renamed)
		r = journal_title(changes, fs, card, board, name);
	if (r == 0 && from.parent != list->parent)
		r = tell_left(changes, card, board);
	if (r == 0 && from.ino != list->ino)
		r = journal_place(
		    changes, card, list, board, fs->settle.settle_ms, &pos);
	if (r == 0 && !renamed && from.ino != list->ino &&
	    from.kind == NODE_LIST && from.parent == list->parent)
		return view_move_card(changes, card, list, pos);
	return r == 0 ? view_show_card(changes, card->id, &show) : r;
}

int
card_take_text(struct folder_changes *changes, struct fs *fs,
    const struct node *card, const struct settle_source *source,
    uint64_t *ret_took, struct text_error *ret_error)
{
	int r;

	if (saves_has(changes->tx, card->ino) == 1) {
		r = save_end(changes->tx, card->ino);
		if (r != 0)
			return r;
	}
	return settle_text(
	    &fs->settle, changes, card, source, ret_took, ret_error);
}

int
card_give_up(
    struct folder_changes *changes, struct fs *fs, const struct node *file)
{
	struct node card;
	int r = problem_of_file(changes->tx, file->ino, &card);

	return r == 0 ? settle_give_up(&fs->settle, changes, &card) : r;
}

static bool
is_complete(const char *text, size_t len)
{
	static const char end[] = "\n## Comments\n";
	struct card_text_head head;

	card_text_head(text, len, &head);
	return head.has_front_matter && head.closed &&
	       memmem(text, len, end, sizeof end - 1) != NULL;
}

/* The heads of comments in a text. */
static size_t
count_quotes(const char *text, size_t len)
{
	static const char head[] = "\n> @";
	const char *at = text, *end = text + len;
	size_t n = 0;

	while ((at = memmem(at, (size_t)(end - at), head, sizeof head - 1)) !=
	       NULL) {
		at += sizeof head - 1;
		n++;
	}
	return n;
}

/* Whether something is still to come: the heading of the comments, one that is
 * there now, or the end of the last one. */
static bool
is_partial(const char *text, size_t len, const struct buf *shown)
{
	static const char begin[] = "---\n";
	const char *last;

	if (memcmp(text, begin, len < 4 ? len : 4) != 0)
		return false;
	if (!is_complete(text, len) ||
	    count_quotes(text, len) < count_quotes(buf_str(shown), shown->len))
		return true;
	last = memrchr(text, '\n', len - 1);
	return text[len - 1] != '\n' || (last != NULL && last[1] == '>');
}

bool
card_is_partial(struct fs *fs, const struct node *card)
{
	struct buf shown = BUF_INIT;
	char *text = NULL;
	size_t len = 0;
	struct tx *tx;
	bool partial = false;

	if (store_read(fs->store, false, &tx) != 0)
		return false;
	if (saves_has(tx, card->ino) == 1 &&
	    save_text(tx, card, &text, &len) == 0 && len > 0) {
		(void)node_text(tx, card->ino, &shown);
		partial = is_partial(text, len, &shown);
	}
	store_end(tx);
	buf_free(&shown);
	free(text);
	return partial;
}

static int
keep_unfinished(struct folder_changes *changes, const struct node *node)
{
	struct text_error error = {0};

	(void)text_error_set(&error, -EINVAL, 0,
	    "the text was being written when trellofs ended");
	(void)text_error_help(&error, "nobody can tell whether it is complete",
	    "save it again to send it");
	return settle_keep_draft(changes, node, &error);
}

/* 1: it is complete, and to be settled. */
static int
recover_one(struct folder_changes *changes, uint64_t ino)
{
	struct node node;
	char *text = NULL;
	size_t len = 0;
	int r = node_get(changes->tx, ino, &node);

	if (r == 0)
		r = save_text(changes->tx, &node, &text, &len);
	if (r == 0)
		/* Every line of an order has to be there. */
		r = len == 0 || node.kind == NODE_ORDER ||
			    is_complete(text, len)
			? 1
			: keep_unfinished(changes, &node);
	free(text);
	return r;
}

#define RECOVER_MAX 1024

void
card_recover(struct fs *fs)
{
	uint64_t inos[RECOVER_MAX];
	size_t n = 0;
	struct tx *tx;

	if (store_read(fs->store, false, &tx) != 0)
		return;
	(void)saves_before(tx, INT64_MAX, inos, RECOVER_MAX, &n);
	store_end(tx);
	for (size_t i = 0; i < n; i++) {
		struct folder_changes changes = {0};
		struct invalidations out = {0};
		int r = store_write(fs->store, &changes.tx);

		if (r != 0)
			return;
		r = recover_one(&changes, inos[i]);
		if (folder_commit(&changes, r > 0 ? 0 : r, &out) == 0 && r > 0)
			(void)card_settle(fs, inos[i]);
		invalidations_fini(&out);
	}
}
