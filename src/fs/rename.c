#include "fs/alias.h"
#include "fs/archive.h"
#include "fs/attach.h"
#include "fs/card.h"
#include "fs/private.h"
#include "fs/renaming.h"
#include "fs/structure.h"
#include "fs/unlisted.h"

#include "store/accept.h"
#include "store/folder.h"
#include "store/journal.h"
#include "store/local.h"
#include "store/notes.h"
#include "store/problems.h"
#include "store/revisions.h"
#include "store/saves.h"
#include "store/uploads.h"
#include "sync/elsewhere.h"
#include "sync/orders.h"
#include "text/text_error.h"
#include "util/buf.h"
#include "util/process.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * RENAME, by what is renamed and what its new name stands for:
 *
 *	local  -> local name	as anywhere
 *	local  -> card's name	a save of that card, or a new one
 *	card   -> card's name	another title, another list, or a save
 *	card   -> local name	archived, and a local copy
 *	list, board		renamed or moved
 *	local  -> .order	a save of that
 *	.order -> local name	a local copy; it stays
 *	to, from .archive	archived, restored
 *
 * Never EXDEV: mv would copy, and remove what it copied.
 */

/* A card of ours that nobody else has seen for long is part of a save. */
#define NEW_MS ((int64_t)600 * 1000)

int
renaming_detach(struct renaming *renaming, const struct node *node)
{
	struct node gone = *node;
	int r;

	gone.parent = 0;
	gone.ctime_ns = time_wall_ns();
	r = node_update(renaming->changes->tx, &gone);
	if (r == 0)
		r = folder_touch(renaming->changes, node->parent);
	renaming->orphan = node->ino;
	return r;
}

static bool
is_part_of_save(struct renaming *renaming, const struct node *card)
{
	int64_t since_ms = time_wall_ms() - NEW_MS;
	int64_t made_ms = time_from_id(card->id);

	if (journal_is_own_id(card->id))
		return made_ms != TIME_NONE && made_ms > since_ms;
	return accept_made_since(renaming->changes->tx, card->id, since_ms) ==
	       1;
}

/* Another node has the new name, but the kernel has moved the old one's inode
 * along: it must look again. */
int
renaming_become(struct renaming *renaming, uint64_t ino)
{
	struct invalidations *out = &renaming->changes->out;
	int r = invalidate_entry(out, renaming->to.ino, renaming->name);

	renaming->became = ino;
	return r == 0 ? invalidate_inode(out, renaming->node.ino) : r;
}

int
renaming_read_text(
    struct renaming *renaming, const struct node *node, struct buf *text)
{
	struct tx *tx = renaming->changes->tx;
	size_t len;
	int r;

	if (node_is_text(node) && saves_has(tx, node->ino) != 1) {
		/* What was written, not what the new card made of it. */
		r = node->kind == NODE_CARD && is_part_of_save(renaming, node)
			? revision_saved(tx, node->id, 0, SIZE_MAX, text)
			: -ENOENT;
		return r == -ENOENT ? node_text(tx, node->ino, text) : r;
	}
	if (node->size > LOCAL_BYTES_MAX)
		return -EFBIG;
	r = buf_reserve(text, (size_t)node->size);
	if (r == 0)
		r = local_read(
		    tx, node, 0, text->data, (size_t)node->size, &len);
	if (r == 0) {
		text->len = len;
		text->data[len] = '\0';
	}
	return r;
}

/* *ret_took: the card that has it, which may be another one. */
static int
take_text(struct renaming *renaming, const struct node *card,
    const struct buf *text, uint64_t *ret_took)
{
	struct settle_source source = {.text = buf_str(text),
	    .len = text->len,
	    .writer = process_identity(renaming->thread)};
	struct node saved = *card, other;
	int r;

	saved.mtime_ns = renaming->node.mtime_ns;
	r = card_take_text(renaming->changes, renaming->fs, &saved, &source,
	    ret_took, &renaming->error);
	if (r == 0)
		r = node_get(renaming->changes->tx, *ret_took, &other);
	if (r == 0)
		memcpy(renaming->card, other.id, sizeof renaming->card);
	if (r != 0 && renaming->error.code == r)
		r = buf_add(&renaming->refused, text->data, text->len) == 0
			? r
			: -ENOMEM;
	return r;
}

static int
local_to_card(struct renaming *renaming)
{
	struct buf text = BUF_INIT;
	struct node card = renaming->target;
	uint64_t took;
	int r;

	if (renaming->node.kind != NODE_LOCAL_FILE)
		return -EPERM;
	r = renaming_read_text(renaming, &renaming->node, &text);
	if (r == 0 && !renaming->has_target)
		r = archive_bring_back(renaming->changes, renaming->fs,
		    &renaming->to, renaming->name, &text, &card);
	if (r == -ENOENT && !renaming->has_target)
		r = card_create(renaming->changes, renaming->fs, &renaming->to,
		    renaming->name, &card);
	took = card.ino;
	if (r == 0 && text.len > 0)
		r = take_text(renaming, &card, &text, &took);
	/* Who has it open means the card from now on. */
	if (r == 0)
		r = node_delete(renaming->changes->tx, renaming->node.ino);
	if (r == 0)
		r = folder_touch(renaming->changes, renaming->from.ino);
	if (r == 0)
		r = renaming_become(renaming, took);
	buf_free(&text);
	return r;
}

static int
check_below(struct renaming *renaming)
{
	struct node node = {.parent = renaming->to.ino};
	int r;

	do {
		if (node.parent == renaming->node.ino)
			return -EINVAL;
		r = node_get(renaming->changes->tx, node.parent, &node);
	} while (r == 0 && node.ino != NODE_ROOT && node.parent != 0);
	return r;
}

static int
replace_local(struct renaming *renaming)
{
	const struct node *target = &renaming->target;
	bool dir = renaming->node.kind == NODE_LOCAL_DIR;
	int children;

	if (dir != node_is_dir(target))
		return dir ? -ENOTDIR : -EISDIR;
	if (!node_is_local(target))
		return -EPERM;
	children =
	    dir ? node_has_children(renaming->changes->tx, target->ino) : 0;
	if (children != 0)
		return children > 0 ? -ENOTEMPTY : children;
	return renaming_detach(renaming, target);
}

static int
local_to_local(struct renaming *renaming)
{
	struct node node = renaming->node;
	int r = 0;

	if (node.kind == NODE_LOCAL_DIR && renaming->name[0] != '.' &&
	    (renaming->to.kind == NODE_ROOT_DIR ||
		renaming->to.kind == NODE_BOARD))
		return -EPERM;
	if (node.kind == NODE_LOCAL_DIR)
		r = check_below(renaming);
	if (r == 0 && renaming->has_target)
		r = replace_local(renaming);
	if (r != 0)
		return r;
	node.parent = renaming->to.ino;
	node.ctime_ns = time_wall_ns();
	(void)snprintf(node.name, sizeof node.name, "%s", renaming->name);
	r = node_update(renaming->changes->tx, &node);
	if (r == 0)
		r = folder_touch(renaming->changes, renaming->from.ino);
	return r == 0 ? folder_touch(renaming->changes, renaming->to.ino) : r;
}

/* A card is archived with it; what is only shown stays. */
int
renaming_text_to_local(struct renaming *renaming)
{
	struct node copy = {.kind = NODE_LOCAL_FILE,
	    .parent = renaming->to.ino,
	    .mode = -1,
	    .uid = -1,
	    .gid = -1,
	    .mtime_ns = renaming->node.mtime_ns,
	    .ctime_ns = time_wall_ns()};
	struct buf text = BUF_INIT;
	int r = renaming_read_text(renaming, &renaming->node, &text);

	(void)snprintf(copy.name, sizeof copy.name, "%s", renaming->name);
	if (r == 0 && renaming->has_target)
		r = replace_local(renaming);
	if (r == 0)
		r = node_add_local(renaming->changes->tx, &copy);
	if (r == 0 && text.len > 0)
		r = local_write(
		    renaming->changes->tx, &copy, 0, text.data, text.len);
	if (r == 0)
		r = folder_touch(renaming->changes, renaming->to.ino);
	if (r == 0 && renaming->node.kind == NODE_CARD)
		r = archive_keep(renaming->changes, &renaming->node);
	if (r == 0 && renaming->node.kind == NODE_CARD)
		r = card_archive(
		    renaming->changes, renaming->fs, &renaming->node);
	if (r == 0)
		r = renaming_become(renaming, copy.ino);
	buf_free(&text);
	return r;
}

static int
card_over_card(struct renaming *renaming)
{
	struct buf text = BUF_INIT;
	uint64_t took;
	int r;

	if (!is_part_of_save(renaming, &renaming->node)) {
		r = card_archive(
		    renaming->changes, renaming->fs, &renaming->target);
		return r == 0
			   ? card_move(renaming->changes, renaming->fs,
				 &renaming->node, &renaming->to, renaming->name)
			   : r;
	}
	r = renaming_read_text(renaming, &renaming->node, &text);
	if (r == 0 && text.len > 0)
		r = take_text(renaming, &renaming->target, &text, &took);
	if (r == 0)
		r = card_archive(
		    renaming->changes, renaming->fs, &renaming->node);
	if (r == 0)
		r = renaming_become(renaming, renaming->target.ino);
	buf_free(&text);
	return r;
}

/* A new card gets the name under which the card whose text it has was opened,
 * before others took that from it.  1: that one is saved. */
static int
save_elsewhere(struct renaming *renaming)
{
	struct node card = renaming->node, other;
	struct buf text = BUF_INIT;
	uint64_t took;
	int r;

	card.parent = renaming->to.ino;
	(void)snprintf(card.name, sizeof card.name, "%s", renaming->name);
	r = renaming_read_text(renaming, &renaming->node, &text);
	if (r == 0)
		r = elsewhere_find(renaming->changes->tx, &card, buf_str(&text),
		    text.len, &other);
	if (r == 1) {
		r = take_text(renaming, &card, &text, &took);
		if (r == 0)
			r = renaming_become(renaming, took);
		r = r == 0 ? 1 : r;
	}
	buf_free(&text);
	return r;
}

static int
rename_card(struct renaming *renaming)
{
	int r;

	if (!fs_name_is_card(renaming->to.kind, renaming->name))
		return renaming_text_to_local(renaming);
	if (renaming->has_target)
		return card_over_card(renaming);
	r = is_part_of_save(renaming, &renaming->node)
		? save_elsewhere(renaming)
		: 0;
	if (r != 0)
		return r < 0 ? r : 0;
	return card_move(renaming->changes, renaming->fs, &renaming->node,
	    &renaming->to, renaming->name);
}

static int
rename_folder(struct renaming *renaming)
{
	bool board = renaming->node.kind == NODE_BOARD;

	if (renaming->to.kind != (board ? NODE_ROOT_DIR : NODE_BOARD) ||
	    renaming->name[0] == '.')
		return -EPERM;
	if (renaming->has_target)
		return node_is_dir(&renaming->target) ? -ENOTEMPTY : -ENOTDIR;
	return board ? board_rename(
			   renaming->changes, &renaming->node, renaming->name)
		     : list_move(&renaming->fs->settle, renaming->changes,
			   &renaming->node, &renaming->to, renaming->name);
}

/* Both where it is taken from and where it goes to. */
int
renaming_check_rights(const struct renaming *renaming, bool local)
{
	const struct fs *fs = renaming->fs;
	int r = fs_check_change(fs, renaming->to.ino);

	if (r == 0 && !local)
		r = fs_check_change(fs, fs_rights_folder(&renaming->node));
	if (r != 0 && local && renaming->node.kind != NODE_LOCAL_FILE)
		return -EPERM;
	return r;
}

static int
rename_any(struct renaming *renaming)
{
	bool local = node_is_local(&renaming->node);
	int r;

	if (attach_is_file(&renaming->node) || renaming->to.kind == NODE_FILES)
		return attach_rename(renaming);
	if (rename_is_unlisted(renaming))
		return rename_unlisted(renaming);
	if (fs_name_reserved(renaming->to.kind, renaming->name) ||
	    renaming->node.kind == NODE_ERROR ||
	    (renaming->has_target && renaming->target.kind == NODE_ERROR))
		return -EPERM;
	if (local && !fs_name_is_card(renaming->to.kind, renaming->name))
		return local_to_local(renaming);
	r = renaming_check_rights(renaming, local);
	if (r != 0)
		return r;
	if (local)
		return local_to_card(renaming);
	return renaming->node.kind == NODE_CARD ? rename_card(renaming)
						: rename_folder(renaming);
}

static int
find_all(struct renaming *renaming, uint64_t parent, const char *name,
    uint64_t new_parent)
{
	struct tx *tx = renaming->changes->tx;
	int r = node_get(tx, parent, &renaming->from);

	if (r == 0)
		r = node_by_name(tx, parent, name, &renaming->node);
	if (r == -ENOENT &&
	    uploads_card(tx, parent, name, &renaming->node) == 0)
		r = -EPERM;
	if (r == 0)
		r = node_get(tx, new_parent, &renaming->to);
	if (r != 0)
		return r;
	r = node_by_name(tx, new_parent, renaming->name, &renaming->target);
	renaming->has_target = r == 0;
	return r == -ENOENT ? 0 : r;
}

static bool
is_unsettled(struct renaming *renaming, const struct node *node)
{
	return node->kind == NODE_SPOOL ||
	       (node_is_text(node) &&
		   saves_has(renaming->changes->tx, node->ino) == 1);
}

/* Begin the transaction, what was closed before being settled.  *ret_found: 0
 * or why not all was found. */
static int
begin(struct renaming *renaming, uint64_t parent, const char *name,
    uint64_t new_parent, int *ret_found)
{
	struct fs *fs = renaming->fs;
	int r = store_write(fs->store, &renaming->changes->tx);

	if (r != 0)
		return r;
	*ret_found = find_all(renaming, parent, name, new_parent);
	if (*ret_found != 0 ||
	    (!is_unsettled(renaming, &renaming->node) &&
		!(renaming->has_target &&
		    is_unsettled(renaming, &renaming->target))))
		return 0;
	store_end(renaming->changes->tx);
	card_settle_before(fs, parent, name);
	card_settle_before(fs, new_parent, renaming->name);
	r = store_write(fs->store, &renaming->changes->tx);
	if (r == 0)
		*ret_found = find_all(renaming, parent, name, new_parent);
	return r;
}

/* Where there is no card the reason is with the problems only. */
static int
note_refused(const struct renaming *renaming, struct tx *tx)
{
	const struct text_error *error = &renaming->error;
	struct buf why = BUF_INIT;
	struct note note = {.ino = renaming->to.ino,
	    .name = renaming->name,
	    .what = error->what};
	int r = buf_printf(&why, "%s%s%s", error->why,
	    error->why[0] != '\0' && error->remedy[0] != '\0' ? "; " : "",
	    error->remedy);

	note.why = buf_str(&why);
	if (r == 0)
		r = note_set(tx, &note);
	buf_free(&why);
	return r;
}

/* Nothing has moved; beside the card it says why. */
static void
say_refused(struct renaming *renaming, struct invalidations *out)
{
	const struct text_error *error = &renaming->error;
	struct folder_changes changes = {0};
	int r = store_write(renaming->fs->store, &changes.tx);

	if (r != 0)
		return;
	r = renaming->has_target
		? problem_set(changes.tx, renaming->target.ino, error->what,
		      error->why, error->remedy, renaming->refused.data,
		      renaming->refused.len)
		: note_refused(renaming, changes.tx);
	if (r == 0 && renaming->has_target)
		r = problem_show(&changes, &renaming->target);
	(void)folder_commit(&changes, r, out);
}

static int
rename_now(fuse_req_t req, uint64_t parent, const char *name,
    uint64_t new_parent, const char *new_name, unsigned flags,
    struct fs_done *done, char ret_object[MODEL_ID_SIZE])
{
	struct fs *fs = fs_of(req);
	struct folder_changes changes = {0};
	struct renaming renaming = {.fs = fs,
	    .changes = &changes,
	    .name = new_name,
	    .thread = fuse_req_ctx(req)->pid,
	    .refused = BUF_INIT};
	struct invalidations out = {0};
	int r, found;

	/* If it is one of those that are made when they are asked for. */
	(void)unlisted_open(fs, new_parent, new_name, &renaming.target);
	r = begin(&renaming, parent, name, new_parent, &found);
	if (r != 0)
		return r;
	fs_asked(fs, &changes, parent, name);
	fs_asked(fs, &changes, new_parent, new_name);
	r = found;
	if (r == 0 && renaming.has_target && (flags & RENAME_NOREPLACE) != 0)
		r = -EEXIST;
	if (r == 0 &&
	    !(renaming.has_target && renaming.target.ino == renaming.node.ino))
		r = rename_any(&renaming);
	if (r == 0 && renaming.became != 0)
		alias_add(fs->aliases, renaming.node.ino, renaming.became);
	r = folder_commit(&changes, r, &out);
	if (r != 0 && renaming.became != 0)
		alias_end(fs->aliases, renaming.node.ino);
	if (r != 0 && renaming.refused.len > 0)
		say_refused(&renaming, &out);
	buf_free(&renaming.refused);
	if (r == 0 && renaming.orphan != 0)
		fs_orphan(fs, renaming.orphan);
	fs_invalidated(fs, &out);
	done->text = renaming.card[0] != '\0';
	memcpy(ret_object, done->text ? renaming.card : renaming.node.id,
	    MODEL_ID_SIZE);
	return r;
}

void
fs_rename(fuse_req_t req, fuse_ino_t parent, const char *name,
    fuse_ino_t new_parent, const char *new_name, unsigned int flags)
{
	char object[MODEL_ID_SIZE] = "";
	struct fs_done done = {.folder = parent,
	    .other = new_parent,
	    .object = object,
	    .refusals = sync_refusals(fs_of(req)->sync)};
	int r;

	if ((flags & ~(unsigned)RENAME_NOREPLACE) != 0)
		r = -EINVAL;
	else if (virtual_has(parent) || virtual_has(new_parent))
		r = -EPERM;
	else if (strlen(new_name) > NODE_NAME_MAX)
		r = -ENAMETOOLONG;
	else
		r = rename_now(req, parent, name, new_parent, new_name, flags,
		    &done, object);
	fs_answer(req, r, &done);
}
