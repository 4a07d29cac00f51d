#include "fs/attach_queue.h"

#include "fs/attach.h"
#include "fs/private.h"
#include "fs/renaming.h"
#include "store/folder.h"
#include "store/journal.h"
#include "store/local.h"
#include "store/problems.h"
#include "store/spool.h"
#include "store/view.h"
#include "sync/join.h"
#include "text/names.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As of cards: what programs do to save a file is often both. */
#define CREATE_WAIT_MS 3000
#define REMOVE_WAIT_MS 10000
#define POS_STEP 16384.0

static int
show_card(struct fs *fs, struct folder_changes *changes, const char *id)
{
	struct view_show show = {.zone = fs->settle.zone, .local = true};
	int r = view_show_card(changes, id, &show);

	return r == -ENOENT ? 0 : r;
}

static int
card_of(struct tx *tx, const struct node *file, struct node *ret_card)
{
	struct node dir;
	int r = node_get(tx, file->parent, &dir);

	return r == 0 ? node_get(tx, dir.parent, ret_card) : r;
}

static void
start_entry(struct entry *entry, const struct card *card, int64_t wait_ms)
{
	*entry =
	    (struct entry){.kind = ENTRY_CARD_CHANGE, .at_ms = time_wall_ms()};
	entry->due_ms = entry->at_ms + wait_ms;
	memcpy(entry->object, card->id, sizeof entry->object);
	memcpy(entry->board, card->id_board, sizeof entry->board);
	entry->change.old_ms = entry->change.new_ms = TIME_NONE;
}

static double
last_pos(const struct card *card)
{
	double last = 0;

	for (size_t i = 0; i < card->attachments.n; i++)
		if (card->attachments.v[i].pos > last)
			last = card->attachments.v[i].pos;
	return last;
}

static int
journal_file(struct tx *tx, const struct node *node, const struct card *card,
    int64_t wait_ms, struct spool *spool)
{
	struct entry entry;
	char *title = NULL;
	int r = title_from_new_name(node->name, "", &title);

	if (r != 0)
		return r;
	start_entry(&entry, card, wait_ms);
	memcpy(entry.change.id, spool->id, sizeof entry.change.id);
	entry.change.kind = CHANGE_FILE_ADD;
	entry.change.new_text = title;
	entry.change.new_bytes = node->size;
	entry.change.new_ms = entry.at_ms;
	entry.change.new_pos = last_pos(card) + POS_STEP;
	r = journal_add(tx, &entry);
	spool->seq = entry.seq;
	free(title);
	return r;
}

int
attach_queue(struct fs *fs, struct folder_changes *changes, struct node *node,
    struct spool *spool)
{
	struct view_card view = {0};
	struct node card;
	int r = card_of(changes->tx, node, &card);

	if (r == 0)
		r = view_card(changes->tx, card.id, NULL, &view);
	if (r != 0)
		return r;
	r = journal_file(changes->tx, node, &view.card,
	    fs->settle.settle_ms > CREATE_WAIT_MS ? fs->settle.settle_ms
						  : CREATE_WAIT_MS,
	    spool);
	view_card_fini(&view);
	spool->state = SPOOL_QUEUED;
	node->kind = NODE_UPLOAD;
	if (r == 0)
		r = spool_update(changes->tx, spool);
	if (r == 0)
		r = node_update(changes->tx, node);
	return r == 0 ? show_card(fs, changes, card.id) : r;
}

/* The last of what was refused of a card is over. */
static int
end_problem(struct folder_changes *changes, const char *id)
{
	struct entries entries = {0};
	struct node card;
	bool refused = false;
	int r = journal_of(changes->tx, id, &entries);

	for (size_t i = 0; i < entries.list.n; i++)
		refused |= entries.list.v[i].state == ENTRY_REFUSED;
	entries_fini(&entries);
	if (r != 0 || refused)
		return r;
	r = node_by_id(changes->tx, id, &card);
	return r == 0 ? problem_end(changes, card.ino) : r == -ENOENT ? 0 : r;
}

int
attach_unqueue(struct fs *fs, struct folder_changes *changes, struct node *node,
    struct spool *spool)
{
	struct entry entry = {0};
	int r = journal_get(changes->tx, spool->seq, &entry);

	if (r != 0)
		return r == -ENOENT ? -EPERM : r;
	if (entry.state == ENTRY_SENT)
		r = -EBUSY;
	if (r == 0)
		r = journal_remove(changes->tx, spool->seq);
	if (r == 0 && entry.state == ENTRY_REFUSED)
		r = end_problem(changes, entry.object);
	spool->state = SPOOL_CLOSED;
	spool->seq = 0;
	node->kind = NODE_SPOOL;
	if (r == 0)
		r = spool_update(changes->tx, spool);
	if (r == 0)
		r = node_update(changes->tx, node);
	if (r == 0)
		r = show_card(fs, changes, entry.object);
	entry_fini(&entry);
	return r;
}

/* Delete what Trello has, or will have in a moment; `after` (or NULL) has been
 * uploaded. */
static int
delete_there(struct fs *fs, struct folder_changes *changes,
    const struct node *node, const struct node *after)
{
	struct view_card view = {0};
	struct entry entry;
	struct node dir, card;
	int r = node_get(changes->tx, node->parent, &dir);

	if (r == 0)
		r = attach_check_rights(fs, changes->tx, &dir);
	if (r == 0 && !fs->settle.allow_delete)
		r = -EPERM;
	if (r == 0)
		r = card_of(changes->tx, node, &card);
	if (r == 0)
		r = view_card(changes->tx, card.id, NULL, &view);
	if (r != 0)
		return r;
	start_entry(&entry, &view.card, REMOVE_WAIT_MS);
	entry.change.kind = CHANGE_ATTACHMENT_REMOVE;
	entry.change.old_text = (char *)node->name;
	memcpy(entry.change.id, node->id, sizeof entry.change.id);
	if (after != NULL)
		memcpy(
		    entry.change.parent, after->id, sizeof entry.change.parent);
	r = join_add(changes->tx, &entry);
	view_card_fini(&view);
	return r == 0 ? show_card(fs, changes, card.id) : r;
}

int
attach_remove(struct fs *fs, struct folder_changes *changes,
    const struct node *node, uint64_t *ret_orphan)
{
	struct node gone = *node;
	struct spool spool;
	int r = spool_get(changes->tx, node->ino, &spool);

	*ret_orphan = 0;
	if (r == -ENOENT || (r == 0 && spool.state == SPOOL_SENT))
		return delete_there(fs, changes, node, NULL);
	if (r == 0 && spool.state == SPOOL_QUEUED) {
		r = attach_unqueue(fs, changes, &gone, &spool);
		if (r == -EBUSY && fs->settle.allow_delete)
			return delete_there(fs, changes, node, NULL);
	}
	if (r == 0)
		r = problem_end(changes, node->ino);
	if (r != 0)
		return r;
	gone.parent = 0;
	gone.ctime_ns = time_wall_ns();
	r = node_update(changes->tx, &gone);
	*ret_orphan = gone.ino;
	return r == 0 ? folder_touch(changes, node->parent) : r;
}

/* A local file of the mount goes to such a folder: it is the same file, whose
 * bytes stand elsewhere. */
static int
spool_local(struct renaming *renaming, struct node *node, struct spool *spool)
{
	struct tx *tx = renaming->changes->tx;
	char block[65536];
	size_t len = 1;
	int fd = -1, r = journal_new_id(tx, node->id);

	if (r == 0)
		r = spool_make(tx, node, time_wall_ms());
	if (r == 0)
		r = spool_open_by(tx, node->ino, &fd);
	for (int64_t at = 0; r == 0 && len > 0; at += (int64_t)len) {
		r = local_read(tx, node, at, block, sizeof block, &len);
		if (r == 0 && pwrite(fd, block, len, at) != (ssize_t)len)
			r = -ENOSPC;
	}
	if (r == 0 && fdatasync(fd) != 0)
		r = -errno;
	if (fd >= 0)
		(void)close(fd);
	if (r == 0)
		r = local_forget(tx, node->ino);
	node->kind = NODE_SPOOL;
	if (r == 0)
		r = spool_get(tx, node->ino, spool);
	spool->state = SPOOL_CLOSED;
	return r;
}

/* What is renamed, ready to be sent or kept. */
static int
take(struct renaming *renaming, struct node *node, struct spool *spool)
{
	int r;

	if (node->kind == NODE_LOCAL_FILE)
		return spool_local(renaming, node, spool);
	if (!attach_is_file(node))
		return -EPERM;
	r = spool_get(renaming->changes->tx, node->ino, spool);
	if (r == -ENOENT || (r == 0 && spool->state == SPOOL_SENT))
		return -EPERM;
	if (r == 0 && spool->state == SPOOL_QUEUED)
		r = attach_unqueue(
		    renaming->fs, renaming->changes, node, spool);
	return r;
}

static bool
is_to_be_sent(const struct node *node, const struct spool *spool)
{
	return spool->state == SPOOL_CLOSED && node->size > 0 &&
	       !spool_is_local_name(node->name);
}

/* What has the new name goes.  1: Trello has it, and it goes there when what
 * takes its place has come. */
static int
make_way(struct renaming *renaming)
{
	struct folder_changes *changes = renaming->changes;
	struct node gone = renaming->target;
	struct spool spool;
	int r = spool_get(changes->tx, gone.ino, &spool);

	if (r == 0 && spool.state != SPOOL_SENT) {
		r = attach_remove(
		    renaming->fs, changes, &gone, &renaming->orphan);
		/* One that is being sent would have the name, too. */
		return r == 0 && renaming->orphan == 0 ? -EBUSY : r;
	}
	if (r != 0 && r != -ENOENT)
		return r;
	if (!renaming->fs->settle.allow_delete)
		return -EPERM;
	gone.parent = 0;
	r = node_update(changes->tx, &gone);
	return r == 0 ? 1 : r;
}

static int
put(struct renaming *renaming, struct node *node)
{
	struct folder_changes *changes = renaming->changes;
	int r;

	node->parent = renaming->to.ino;
	node->ctime_ns = time_wall_ns();
	(void)snprintf(node->name, sizeof node->name, "%s", renaming->name);
	r = node_update(changes->tx, node);
	if (r == 0)
		r = folder_touch(changes, renaming->from.ino);
	return r == 0 ? folder_touch(changes, renaming->to.ino) : r;
}

int
attach_rename(struct renaming *renaming)
{
	struct folder_changes *changes = renaming->changes;
	struct node node = renaming->node;
	struct spool spool = {0};
	bool replaces;
	int r =
	    renaming->to.kind == NODE_FILES &&
		    (!renaming->has_target || attach_is_file(&renaming->target))
		? 0
		: -EPERM;

	if (r == 0)
		r = attach_check_rights(
		    renaming->fs, changes->tx, &renaming->to);
	if (r == 0 && renaming->has_target)
		r = make_way(renaming);
	replaces = r == 1;
	if (r >= 0)
		r = take(renaming, &node, &spool);
	if (r == 0)
		r = put(renaming, &node);
	if (r != 0)
		return r;
	if (!is_to_be_sent(&node, &spool))
		return replaces ? -EPERM : spool_update(changes->tx, &spool);
	r = attach_queue(renaming->fs, changes, &node, &spool);
	return r == 0 && replaces ? delete_there(renaming->fs, changes,
					&renaming->target, &node)
				  : r;
}
