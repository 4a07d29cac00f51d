#include "store/uploads.h"

#include "model/model_fini.h"
#include "store/archived.h"
#include "store/folder.h"
#include "store/journal.h"
#include "store/spool.h"
#include "store/tx.h"
#include "store/view.h"
#include "text/names.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Its name in the table, where it is below the card's node. */
#define DIR_NAME UPLOADS_EXTENSION

int
uploads_card(
    struct tx *tx, uint64_t folder, const char *name, struct node *ret_card)
{
	const size_t end = sizeof UPLOADS_EXTENSION - 1;
	size_t len = strlen(name);
	char card[NODE_NAME_MAX + 1];
	int r;

	if (len <= end || len >= sizeof card ||
	    strcmp(name + len - end, UPLOADS_EXTENSION) != 0)
		return -ENOENT;
	(void)snprintf(card, sizeof card, "%.*s" NAME_CARD_EXTENSION,
	    (int)(len - end), name);
	r = node_by_name(tx, folder, card, ret_card);
	return r == 0 && ret_card->kind != NODE_CARD &&
		       ret_card->kind != NODE_OLD_CARD
		   ? -ENOENT
		   : r;
}

int
uploads_get(struct tx *tx, uint64_t card, struct node *ret_dir)
{
	return node_by_name(tx, card, DIR_NAME, ret_dir);
}

int
uploads_is_current(struct tx *tx, const struct node *dir)
{
	int64_t behind = 0;
	int r = db_get_int(tx->db, &behind,
	    "SELECT behind FROM uploads WHERE card = ?", "i",
	    (int64_t)dir->parent);

	return r != 0 ? r : behind == 0;
}

/* The card as it is shown there. */
static int
get_card(struct tx *tx, uint64_t ino, struct node *node, struct card *ret_card)
{
	struct view_card view = {0};
	int r = node_get(tx, ino, node);

	if (r != 0)
		return r;
	if (node->kind == NODE_OLD_CARD)
		return archived_card(tx, archived_id(node), ret_card);
	r = view_card(tx, node->id, NULL, &view);
	if (r == 0)
		*ret_card = view.card;
	return r;
}

/* A folder that is being brought up to date. */
struct bringing {
	struct folder_changes *changes;
	const struct node *dir;
	bool marked; /* the ids in it are */
	const struct card *card;
	char **names;
	VEC(struct node) there;
};

static int
add_there(void *cookie, const struct node *node)
{
	struct bringing *bringing = cookie;
	struct node *slot;

	if (node->kind != NODE_UPLOAD)
		return 0;
	slot = VEC_ADD(&bringing->there);
	if (slot == NULL)
		return -ENOMEM;
	*slot = *node;
	return 0;
}

static void
node_id(const struct bringing *bringing, const struct attachment *attachment,
    char id[MODEL_ID_SIZE])
{
	if (bringing->marked)
		archived_mark_id(id, attachment->id);
	else
		memcpy(id, attachment->id, MODEL_ID_SIZE);
}

/* The index of what a node stands for; n: it is gone. */
static size_t
find_attachment(const struct bringing *bringing, const char *node)
{
	const struct card *card = bringing->card;
	char id[MODEL_ID_SIZE];
	size_t i = 0;

	for (; i < card->attachments.n; i++) {
		node_id(bringing, &card->attachments.v[i], id);
		if (bringing->names[i] != NULL && strcmp(id, node) == 0)
			break;
	}
	return i;
}

/* It is in the card no more; what was made here and refused stays. */
static int
take_out(struct bringing *bringing, struct node *node)
{
	struct tx *tx = bringing->changes->tx;
	struct spool spool;
	struct entry entry = {0};
	int r = spool_by_id(tx, node->id, &spool);

	if (r == 0 && spool.state == SPOOL_QUEUED)
		r = journal_get(tx, spool.seq, &entry);
	if (r == 0 && entry.state == ENTRY_REFUSED) {
		node->kind = NODE_SPOOL;
		r = node_update(tx, node);
	} else if (r == 0 || r == -ENOENT) {
		r = folder_remove(bringing->changes, node);
	}
	entry_fini(&entry);
	return r;
}

/* What is gone, and names that will change, so that two may swap theirs. */
static int
lift(struct bringing *bringing)
{
	int r = 0;

	for (size_t i = 0; i < bringing->there.n && r == 0; i++) {
		struct node *node = &bringing->there.v[i];
		size_t k = find_attachment(bringing, node->id);

		if (k == bringing->card->attachments.n)
			r = take_out(bringing, node);
		else if (strcmp(node->name, bringing->names[k]) != 0)
			r = folder_lift(bringing->changes, node);
	}
	return r;
}

static bool
is_same(const struct node *a, const struct node *b)
{
	return a->parent == b->parent && strcmp(a->name, b->name) == 0 &&
	       a->size == b->size && a->kind == b->kind;
}

static bool
is_taken(void *cookie, const char *name)
{
	const struct bringing *bringing = cookie;
	struct node node;

	return node_by_name(
		   bringing->changes->tx, bringing->dir->ino, name, &node) == 0;
}

/* A file that was made here and is not in the card keeps its name. */
static int
choose_name(struct bringing *bringing, const struct attachment *attachment,
    const char *name, struct node *node)
{
	struct buf other = BUF_INIT;
	struct node there;
	int r = node_by_name(
	    bringing->changes->tx, bringing->dir->ino, name, &there);

	(void)snprintf(node->name, sizeof node->name, "%s", name);
	if (r == -ENOENT ||
	    (r == 0 && (there.ino == node->ino || there.kind != NODE_SPOOL)))
		return 0;
	if (r == 0)
		r = name_choose(NAME_ATTACHMENT, model_str(attachment->name),
		    attachment->id, 0, is_taken, bringing, &other);
	if (r == 0)
		(void)snprintf(
		    node->name, sizeof node->name, "%s", buf_str(&other));
	buf_free(&other);
	return r;
}

static int
place(struct bringing *bringing, const struct attachment *attachment,
    const char *name)
{
	struct node old, node = {.mode = -1, .uid = -1, .gid = -1};
	struct tx *tx = bringing->changes->tx;
	char id[MODEL_ID_SIZE];
	int known, r;

	node_id(bringing, attachment, id);
	known = node_by_id(tx, id, &old);
	if (known != 0 && known != -ENOENT)
		return known;
	if (known == 0)
		node = old;
	memcpy(node.id, id, sizeof node.id);
	r = choose_name(bringing, attachment, name, &node);
	if (r != 0)
		return r;
	node.kind = NODE_UPLOAD;
	node.parent = bringing->dir->ino;
	node.size = attachment->bytes > 0 ? attachment->bytes : 0;
	/* One that was made here keeps the time that it was given. */
	if (known != 0 && attachment->date_ms != TIME_NONE)
		node.mtime_ns = node_time_from_ms(attachment->date_ms);
	if (known == 0 && is_same(&old, &node))
		return 0;
	node.ctime_ns = time_wall_ns();
	r = folder_place(bringing->changes, known == 0 ? &old : NULL, &node);
	/* The kernel asks for its name, and is told of its attributes, whenever
	 * it is opened; it must not be made to wait for a READ of it. */
	if (r != 0 || known == 0)
		return r;
	node.off = node_off_local(node.ino);
	return node_update(tx, &node);
}

static int
bring(struct bringing *bringing)
{
	const struct card *card = bringing->card;
	int r = node_each(
	    bringing->changes->tx, bringing->dir->ino, 0, add_there, bringing);

	if (r == 0)
		r = lift(bringing);
	for (size_t i = 0; i < card->attachments.n && r == 0; i++)
		if (bringing->names[i] != NULL)
			r = place(bringing, &card->attachments.v[i],
			    bringing->names[i]);
	VEC_FREE(&bringing->there);
	return r;
}

int
uploads_refresh(struct folder_changes *changes, struct node *dir)
{
	struct bringing bringing = {.changes = changes, .dir = dir};
	struct card card;
	struct node node;
	int r = get_card(changes->tx, dir->parent, &node, &card);

	/* Of a card that is gone it stays as it was. */
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	bringing.marked = node.kind == NODE_OLD_CARD;
	bringing.card = &card;
	r = attachment_names(&card, &bringing.names);
	if (r == 0)
		r = bring(&bringing);
	attachment_names_free(&card, bringing.names);
	card_fini(&card);
	return r == 0 ? db_run(changes->tx->db,
			    "UPDATE uploads SET behind = 0 WHERE card = ?", "i",
			    (int64_t)dir->parent)
		      : r;
}

int
uploads_open(struct folder_changes *changes, const struct node *card,
    struct node *ret_dir)
{
	struct node dir = {.kind = NODE_FILES,
	    .parent = card->ino,
	    .name = DIR_NAME,
	    .mode = -1,
	    .uid = -1,
	    .gid = -1,
	    .mtime_ns = card->mtime_ns,
	    .ctime_ns = card->ctime_ns};
	int r = uploads_get(changes->tx, card->ino, ret_dir);

	if (r == 0)
		return uploads_refresh(changes, ret_dir);
	if (r != -ENOENT)
		return r;
	r = node_add_local(changes->tx, &dir);
	if (r == 0)
		r = db_run(changes->tx->db,
		    "INSERT INTO uploads(card, behind) VALUES(?, 1)", "i",
		    (int64_t)card->ino);
	if (r == 0)
		r = uploads_refresh(changes, &dir);
	if (r == 0)
		*ret_dir = dir;
	return r;
}

const char *
upload_id(const struct node *file)
{
	size_t len = strlen(ARCHIVED_MARK);

	return strncmp(file->id, ARCHIVED_MARK, len) == 0 ? file->id + len
							  : file->id;
}

const char *
upload_file_name(const struct upload *upload)
{
	const char *name = model_str(upload->attachment.file_name);

	if (*name == '\0')
		name = model_str(upload->attachment.name);
	/* Names that no address can have: any other will do. */
	return *name == '\0' || strcmp(name, ".") == 0 ||
		       strcmp(name, "..") == 0
		   ? "file"
		   : name;
}

int
upload_get(struct tx *tx, const struct node *file, struct upload *ret_upload)
{
	struct bringing bringing = {0};
	struct upload upload = {0};
	struct card card;
	struct node dir, node;
	size_t i = 0;
	int r = node_get(tx, file->parent, &dir);

	if (r == 0)
		r = get_card(tx, dir.parent, &node, &card);
	if (r != 0)
		return r;
	bringing.marked = node.kind == NODE_OLD_CARD;
	bringing.card = &card;
	r = attachment_names(&card, &bringing.names);
	if (r == 0)
		i = find_attachment(&bringing, file->id);
	if (r == 0 && i == card.attachments.n)
		r = -ENOENT;
	memcpy(upload.card, card.id, sizeof upload.card);
	if (r == 0)
		memcpy(upload.id, card.attachments.v[i].id, sizeof upload.id);
	if (r == 0)
		r = attachment_copy(&card.attachments.v[i], &upload.attachment);
	attachment_names_free(&card, bringing.names);
	card_fini(&card);
	if (r == 0)
		*ret_upload = upload;
	return r;
}

void
upload_fini(struct upload *upload)
{
	attachment_fini(&upload->attachment);
}
