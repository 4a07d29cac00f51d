#include "fs/archive.h"
#include "fs/renaming.h"
#include "fs/unlisted.h"

#include "store/folder.h"
#include "sync/settle_board.h"
#include "sync/settle_order.h"
#include "util/process.h"

#include <errno.h>
#include <string.h>

static int
save(struct renaming *renaming, const struct settle_source *source)
{
	const struct settle_context *context = &renaming->fs->settle;

	return renaming->target.kind == NODE_ORDER
		   ? settle_order(context, renaming->changes, &renaming->target,
			 source, &renaming->error)
		   : settle_board(context, renaming->changes, &renaming->target,
			 source, &renaming->error);
}

static int
local_to_unlisted(struct renaming *renaming)
{
	struct settle_source source = {
	    .writer = process_identity(renaming->thread)};
	struct buf text = BUF_INIT;
	int r = fs_check_change(renaming->fs, renaming->to.ino);

	if (r == 0 &&
	    (renaming->node.kind != NODE_LOCAL_FILE || !renaming->has_target))
		r = -EPERM;
	if (r == 0)
		r = renaming_read_text(renaming, &renaming->node, &text);
	source.text = buf_str(&text);
	source.len = text.len;
	if (r == 0)
		r = save(renaming, &source);
	if (r == 0)
		r = renaming_detach(renaming, &renaming->node);
	if (r == 0)
		r = renaming_become(renaming, renaming->target.ino);
	else if (renaming->error.code == r &&
		 buf_add(&renaming->refused, text.data, text.len) != 0)
		r = -ENOMEM;
	buf_free(&text);
	return r;
}

static int
unlisted_to_local(struct renaming *renaming)
{
	if (fs_name_reserved(renaming->to.kind, renaming->name) ||
	    fs_name_is_card(renaming->to.kind, renaming->name))
		return -EPERM;
	return renaming_text_to_local(renaming);
}

/* The kernel has another idea of what stands there now. */
static int
to_archive(struct renaming *renaming)
{
	int r = renaming_check_rights(renaming, node_is_local(&renaming->node));

	if (r == 0 && renaming->has_target)
		r = -EEXIST;
	if (r == 0)
		r = archive_in(renaming->changes, renaming->fs, &renaming->node,
		    &renaming->to);
	return r == 0 ? invalidate_entry(&renaming->changes->out,
			    renaming->to.ino, renaming->name)
		      : r;
}

static int
from_archive(struct renaming *renaming)
{
	uint64_t ino = 0;
	int r = fs_check_change(renaming->fs, renaming->to.ino);

	if (r == 0 && renaming->node.kind == NODE_ARCHIVE)
		r = -EPERM;
	if (r == 0 && renaming->has_target)
		r = -EEXIST;
	if (r == 0)
		r = archive_out(renaming->changes, renaming->fs,
		    &renaming->node, &renaming->to, renaming->name, &ino);
	if (r == 0)
		r = node_get(renaming->changes->tx, ino, &renaming->target);
	/* That is what Trello answers about. */
	if (r == 0)
		memcpy(renaming->node.id, renaming->target.id,
		    sizeof renaming->node.id);
	return r == 0 ? renaming_become(renaming, ino) : r;
}

/* `.order`, `.board.md` */
static bool
is_file(const struct node *node)
{
	return node_is_text(node) && node->kind != NODE_CARD;
}

bool
rename_is_unlisted(const struct renaming *renaming)
{
	return is_file(&renaming->node) || node_is_archive(&renaming->node) ||
	       renaming->node.kind == NODE_OLD_CARD ||
	       node_is_archive(&renaming->to) ||
	       unlisted_has(renaming->to.kind, renaming->name);
}

int
rename_unlisted(struct renaming *renaming)
{
	if (is_file(&renaming->node))
		return unlisted_to_local(renaming);
	if (node_is_archive(&renaming->node) ||
	    renaming->node.kind == NODE_OLD_CARD)
		return from_archive(renaming);
	return node_is_archive(&renaming->to) ? to_archive(renaming)
					      : local_to_unlisted(renaming);
}
