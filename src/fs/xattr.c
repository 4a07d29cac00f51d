#include "fs/attach.h"
#include "fs/upload.h"

#include "store/archived.h"
#include "store/base.h"
#include "store/journal.h"
#include "store/order.h"
#include "store/problems.h"
#include "store/saves.h"
#include "store/spool.h"
#include "store/uploads.h"
#include "store/view.h"
#include "sync/orders.h"
#include "sync/settle_order.h"
#include "util/buf.h"
#include "util/timeutil.h"
#include "json/json_writer.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

/*
 * Extended attributes are not cached by the kernel, and every `ls -l` asks
 * each file for some that nobody has here.  Of other namespaces than user.*
 * nothing is supported, and the tools that hear so once ask no other file;
 * what is not ours is answered without a look at the store.
 */
#define PREFIX "user.trello."

/* What an attribute is made from. */
struct subject {
	struct node node;
	struct card card;     /* of a card */
	struct upload upload; /* of what is uploaded to one */
	char board[MODEL_ID_SIZE];
	double pos;
	const char *state;
	struct problem problem; /* zeroed: there is none */
	struct fs *fs;
};

static int
add_date(struct buf *out, int64_t ms)
{
	char text[TIME_ISO_SIZE];

	if (ms == TIME_NONE)
		return -ENODATA;
	time_format_iso(ms, text);
	return buf_add_str(out, text);
}

static int
get_id(const struct subject *subject, struct buf *out)
{
	if (subject->node.kind == NODE_UPLOAD)
		return buf_add_str(out, subject->upload.id);
	if (node_is_old(&subject->node))
		return buf_add_str(out, archived_id(&subject->node));
	return buf_add_str(out, subject->node.id);
}

static int
get_url(const struct subject *subject, struct buf *out)
{
	if (subject->upload.attachment.url != NULL)
		return buf_add_str(out, subject->upload.attachment.url);
	if (subject->card.short_link == NULL)
		return -ENODATA;
	return buf_printf(
	    out, "https://trello.com/c/%s", subject->card.short_link);
}

static int
get_board(const struct subject *subject, struct buf *out)
{
	return buf_add_str(out, subject->board);
}

static int
get_list(const struct subject *subject, struct buf *out)
{
	return buf_add_str(out, subject->card.id_list);
}

static int
get_created(const struct subject *subject, struct buf *out)
{
	if (subject->node.kind == NODE_UPLOAD)
		return add_date(out, time_from_id(subject->upload.id));
	return add_date(out, time_from_id(subject->node.id));
}

static int
get_activity(const struct subject *subject, struct buf *out)
{
	return add_date(out, subject->card.activity_ms);
}

static int
get_state(const struct subject *subject, struct buf *out)
{
	return buf_add_str(out, subject->state);
}

static int
get_error(const struct subject *subject, struct buf *out)
{
	const struct problem *problem = &subject->problem;

	if (subject->node.kind == NODE_UPLOAD && problem->what == NULL)
		return upload_error(subject->fs, &subject->node, out);
	if (problem->what == NULL)
		return -ENODATA;
	return buf_printf(out, "%s: %s: %s", problem->what,
	    model_str(problem->why), model_str(problem->remedy));
}

static int
get_pos(const struct subject *subject, struct buf *out)
{
	struct json_writer writer = {.out = out};

	json_double(&writer, NULL, subject->pos);
	return out->err;
}

#define ON_BOARD 1U
#define ON_LIST 2U
#define ON_CARD 4U
#define ON_LOCAL 8U
#define ON_ORDER 16U
#define ON_OLD 32U
#define ON_UPLOAD 64U
#define ON_TRELLO (ON_BOARD | ON_LIST | ON_CARD)

static const struct {
	const char *name;
	int (*get)(const struct subject *subject, struct buf *out);
	unsigned on;
} attributes[] = {
    {PREFIX "id", get_id, ON_TRELLO | ON_OLD | ON_UPLOAD},
    {PREFIX "url", get_url, ON_CARD | ON_UPLOAD},
    {PREFIX "board", get_board, ON_LIST | ON_CARD},
    {PREFIX "list", get_list, ON_CARD},
    {PREFIX "created", get_created, ON_TRELLO | ON_UPLOAD},
    {PREFIX "activity", get_activity, ON_CARD},
    {PREFIX "state", get_state, ON_TRELLO | ON_LOCAL | ON_ORDER | ON_UPLOAD},
    {PREFIX "error", get_error, ON_TRELLO | ON_ORDER | ON_UPLOAD},
    {PREFIX "pos", get_pos, ON_LIST | ON_CARD},
};
#define N_ATTRIBUTES (sizeof attributes / sizeof attributes[0])

static unsigned
kind_bit(const struct node *node)
{
	switch (node->kind) {
	case NODE_BOARD:
		return ON_BOARD;
	case NODE_LIST:
		return ON_LIST;
	case NODE_CARD:
		return ON_CARD;
	case NODE_ORDER:
	case NODE_BOARD_FILE:
		return ON_ORDER;
	case NODE_OLD_CARD:
	case NODE_OLD_LIST:
	case NODE_OLD_BOARD:
		return ON_OLD;
	case NODE_UPLOAD:
	case NODE_SPOOL:
		return ON_UPLOAD;
	default:
		return node_is_local(node) ? ON_LOCAL : 0;
	}
}

static int
read_card(struct tx *tx, struct subject *subject)
{
	struct view_card view = {0};
	int r = view_card(tx, subject->node.id, NULL, &view);

	if (r != 0)
		return r;
	card_fini(&subject->card);
	subject->card = view.card;
	(void)snprintf(subject->board, sizeof subject->board, "%s",
	    subject->card.id_board);
	subject->pos = subject->card.pos;
	return 0;
}

/* Of a file that Trello has not accepted the card tells why. */
static int
read_file_state(struct tx *tx, struct subject *subject)
{
	const struct node *node = &subject->node;
	struct spool spool;
	struct node dir;
	int r = spool_get(tx, node->ino, &spool);

	if (r != 0 || spool.state == SPOOL_SENT)
		return r == -ENOENT ? 0 : r;
	subject->state =
	    spool.state == SPOOL_QUEUED || spool.state == SPOOL_OPEN ? "pending"
								     : "local";
	r = problem_get(tx, node->ino, &subject->problem);
	if (r == -ENOENT && spool.state == SPOOL_QUEUED &&
	    node->kind == NODE_SPOOL)
		r = node_get(tx, node->parent, &dir) == 0
			? problem_get(tx, dir.parent, &subject->problem)
			: -ENOENT;
	if (r == 0)
		subject->state = "problem";
	return r == -ENOENT ? 0 : r;
}

/* How what is shown stands to what Trello has. */
static int
read_state(struct tx *tx, struct subject *subject)
{
	struct save save = {0};
	int r;

	subject->state = "synced";
	if (node_is_local(&subject->node)) {
		subject->state = "local";
		return 0;
	}
	if (attach_is_file(&subject->node))
		return read_file_state(tx, subject);
	r = subject->node.id[0] != '\0'
		? journal_has(tx, subject->node.id, ENTRY_KINDS)
		: 0;
	if (r > 0)
		subject->state = "pending";
	if (r < 0)
		return r;
	r = problem_get(tx, subject->node.ino, &subject->problem);
	if (r == 0)
		subject->state = "problem";
	if ((r != 0 && r != -ENOENT) || !node_is_text(&subject->node))
		return r == -ENOENT ? 0 : r;
	r = save_get(tx, subject->node.ino, &save);
	if (r == 0)
		subject->state = save.draft ? "draft" : "pending";
	save_fini(&save);
	return r == -ENOENT ? 0 : r;
}

static int
read_subject(struct fs *fs, uint64_t ino, struct subject *subject)
{
	struct tx *tx;
	int r = store_read_brief(fs->store, &tx);

	subject->fs = fs;
	if (r != 0)
		return r;
	r = node_get(tx, ino, &subject->node);
	if (r == 0 && subject->node.kind == NODE_CARD)
		r = read_card(tx, subject);
	else if (r == 0 && subject->node.kind == NODE_UPLOAD)
		r = upload_get(tx, &subject->node, &subject->upload);
	else if (r == 0 && subject->node.kind == NODE_LIST &&
		 !journal_is_own_id(subject->node.id))
		r = base_list(
		    tx, subject->node.id, subject->board, &subject->pos);
	if (r == 0 && subject->node.kind == NODE_LIST)
		subject->pos = subject->node.pos;
	if (r == 0)
		r = read_state(tx, subject);
	store_end(tx);
	return r == -ENOENT ? -ENODATA : r;
}

static void
subject_fini(struct subject *subject)
{
	card_fini(&subject->card);
	upload_fini(&subject->upload);
	problem_fini(&subject->problem);
}

static void
reply(fuse_req_t req, int r, const struct buf *out, size_t size)
{
	if (r != 0)
		(void)fuse_reply_err(req, -r);
	else if (size == 0)
		(void)fuse_reply_xattr(req, out->len);
	else if (size < out->len)
		(void)fuse_reply_err(req, ERANGE);
	else
		(void)fuse_reply_buf(req, buf_str(out), out->len);
}

void
fs_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size)
{
	struct subject subject = {0};
	struct buf out = BUF_INIT;
	int r = strncmp(name, "user.", 5) == 0 ? -ENODATA : -EOPNOTSUPP;
	size_t i = 0;

	while (i < N_ATTRIBUTES && strcmp(attributes[i].name, name) != 0)
		i++;
	if (strcmp(name, PREFIX "error") == 0 && virtual_has(ino)) {
		r = virtual_error(fs_of(req)->virtuals, ino, &out);
	} else if (i < N_ATTRIBUTES && !virtual_has(ino)) {
		card_init(&subject.card);
		r = read_subject(
		    fs_of(req), fs_meant(fs_of(req), ino), &subject);
		if (r == 0)
			r = attributes[i].on & kind_bit(&subject.node)
				? attributes[i].get(&subject, &out)
				: -ENODATA;
		subject_fini(&subject);
	}
	reply(req, r, &out, size);
	buf_free(&out);
}

/* Add the names of those that the node has now. */
static int
list_names(struct fs *fs, uint64_t ino, struct buf *out)
{
	struct subject subject = {0};
	struct buf value = BUF_INIT;
	int r;

	card_init(&subject.card);
	r = read_subject(fs, ino, &subject);
	for (size_t i = 0; i < N_ATTRIBUTES && r == 0; i++) {
		if ((attributes[i].on & kind_bit(&subject.node)) == 0)
			continue;
		buf_clear(&value);
		if (attributes[i].get(&subject, &value) == 0)
			r = buf_add(out, attributes[i].name,
			    strlen(attributes[i].name) + 1);
	}
	buf_free(&value);
	subject_fini(&subject);
	return r == -ENODATA ? 0 : r;
}

static int
list_virtual_names(struct fs *fs, uint64_t ino, struct buf *out)
{
	static const char name[] = PREFIX "error";
	struct buf value = BUF_INIT;
	int r = virtual_error(fs->virtuals, ino, &value);

	buf_free(&value);
	return r == -ENODATA ? 0 : r == 0 ? buf_add(out, name, sizeof name) : r;
}

void
fs_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size)
{
	struct buf out = BUF_INIT;
	struct fs *fs = fs_of(req);
	int r = virtual_has(ino) ? list_virtual_names(fs, ino, &out)
				 : list_names(fs, fs_meant(fs, ino), &out);

	reply(req, r, &out, size);
	buf_free(&out);
}

#define POS PREFIX "pos"
#define POS_STEP 16384.0

/* Before or behind all others in the folder; where it is, if it is there. */
static int
outermost(struct tx *tx, const struct node *node, bool bottom, double *ret_pos)
{
	struct order_entries all;
	const struct order_entry *end;
	int r = order_now(tx, node->parent, &all);

	if (r != 0)
		return r;
	end = bottom ? &all.list.v[all.list.n - 1] : &all.list.v[0];
	*ret_pos = end->key == node->ino ? node->pos
		   : bottom		 ? end->pos + POS_STEP
					 : end->pos / 2;
	order_entries_free(&all);
	return 0;
}

/* `top`, `bottom` or a positive number. */
static int
read_pos(
    struct tx *tx, const struct node *node, const char *word, double *ret_pos)
{
	char *end;
	double pos;

	if (strcmp(word, "top") == 0 || strcmp(word, "bottom") == 0)
		return outermost(tx, node, word[0] == 'b', ret_pos);
	pos = strtod(word, &end);
	if (end == word || *end != '\0' || !isfinite(pos) || !(pos > 0))
		return -EINVAL;
	*ret_pos = pos;
	return 0;
}

static int
change_pos(struct fs *fs, struct folder_changes *changes, uint64_t ino,
    const char *word, struct node *ret_node)
{
	double pos;
	int r = node_get(changes->tx, ino, ret_node);

	if (r == 0 && ret_node->kind != NODE_CARD &&
	    ret_node->kind != NODE_LIST)
		r = -EPERM;
	if (r == 0)
		r = ret_node->parent == 0
			? -ENOENT
			: fs_check_change(fs, fs_rights_folder(ret_node));
	if (r == 0)
		r = read_pos(changes->tx, ret_node, word, &pos);
	if (r != 0 || (pos <= ret_node->pos && pos >= ret_node->pos))
		return r;
	return settle_pos(&fs->settle, changes, ret_node, pos);
}

static void
set_pos(fuse_req_t req, uint64_t ino, const char *value, size_t size)
{
	struct fs *fs = fs_of(req);
	struct folder_changes changes = {0};
	struct invalidations out = {0};
	struct node node = {0};
	struct fs_done done = {
	    .object = node.id, .refusals = sync_refusals(fs->sync)};
	char word[64];
	int r = size < sizeof word ? 0 : -EINVAL;

	if (r == 0) {
		memcpy(word, value, size);
		word[size] = '\0';
		r = store_write(fs->store, &changes.tx);
	}
	if (r == 0) {
		r = change_pos(fs, &changes, ino, word, &node);
		r = folder_commit(&changes, r, &out);
		fs_invalidated(fs, &out);
	}
	fs_answer(req, r, &done);
}

void
fs_setxattr(fuse_req_t req, fuse_ino_t ino, const char *name, const char *value,
    size_t size, int flags)
{
	bool ours = strncmp(name, PREFIX, strlen(PREFIX)) == 0;

	if (strcmp(name, POS) == 0 && value != NULL && !virtual_has(ino) &&
	    (flags & XATTR_CREATE) == 0) {
		set_pos(req, fs_meant(fs_of(req), ino), value, size);
		return;
	}
	/* Who copies a file with what it says of another one goes on. */
	(void)fuse_reply_err(req, !ours			    ? EOPNOTSUPP
				  : fs_writable(fs_of(req)) ? EPERM
							    : EROFS);
}

void
fs_removexattr(fuse_req_t req, fuse_ino_t ino, const char *name)
{
	fs_setxattr(req, ino, name, NULL, 0, 0);
}
