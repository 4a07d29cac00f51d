#include "fs/attach.h"
#include "fs/private.h"
#include "fs/unlisted.h"
#include "fs/upload.h"

#include "store/local.h"
#include "store/saves.h"
#include "store/untold.h"
#include "util/buf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* No reply to one READ is larger; the kernel asks for less. */
#define READ_BYTES_MAX ((size_t)1 << 20)

void
fs_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	(void)fi;
	/* The kernel then opens by itself, and does not ask again. */
	(void)fuse_reply_err(req, ENOSYS);
}

/* A GETATTR that waits until the kernel was told of a new text. */
struct asked {
	struct untold_waiter waiter;
	fuse_req_t req;
	fuse_ino_t ino;
};

static void
ask_again(struct untold_waiter *waiter)
{
	struct asked *asked = (struct asked *)waiter;
	fuse_req_t req = asked->req;
	fuse_ino_t ino = asked->ino;

	free(asked);
	fs_getattr(req, ino, NULL);
}

/* Attributes that were given now it might be told to forget before it has
 * them: then it would have none, and READ for who asked. */
static bool
wait_told(fuse_req_t req, const struct node *node, fuse_ino_t ino)
{
	struct untold *untold = store_untold(fs_of(req)->store);
	struct asked *asked;

	if (untold_is_empty(untold))
		return false;
	asked = malloc(sizeof *asked);
	if (asked == NULL)
		return false;
	*asked = (struct asked){{.done = ask_again}, req, ino};
	if (untold_wait(untold, node->ino, &asked->waiter))
		return true;
	free(asked);
	return false;
}

void
fs_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fs *fs = fs_of(req);
	struct node node;
	struct stat st;
	struct tx *tx;
	double timeout_s;
	int r;

	(void)fi;
	if (virtual_has(ino)) {
		r = virtual_stat(fs->virtuals, ino, &st);
		st.st_uid = fs->uid;
		st.st_gid = fs->gid;
		if (r == 0)
			(void)fuse_reply_attr(req, &st, 0);
		else
			(void)fuse_reply_err(req, -r);
		return;
	}
	r = store_read_brief(fs->store, &tx);
	if (r == 0) {
		r = node_get(tx, fs_meant(fs, ino), &node);
		store_end(tx);
	}
	/* Now: what is kept is kept before the commit. */
	if (r == 0 && wait_told(req, &node, ino))
		return;
	if (r == 0)
		r = unlisted_refresh(fs, &node);
	if (r != 0) {
		(void)fuse_reply_err(req, -r);
		return;
	}
	timeout_s = fs_stat(fs, &node, &st);
	(void)fuse_reply_attr(req, &st, timeout_s);
}

/* 1: it is uploaded to a card, *ret_upload. */
static int
read_node(struct fs *fs, uint64_t ino, off_t off, void *data, size_t size,
    size_t *ret_len, struct node *ret_upload)
{
	struct tx *tx;
	/* A save may end between one look and the next. */
	int r = store_read_brief(fs->store, &tx);

	if (r != 0)
		return r;
	r = saves_has(tx, ino) == 1
		? -ENOENT
		: node_text_read(tx, ino, off, data, size, ret_len);
	if (r == -ENOENT) {
		r = node_get(tx, ino, ret_upload);
		if (r == 0)
			r = attach_is_file(ret_upload)
				? 1
				: local_read(
				      tx, ret_upload, off, data, size, ret_len);
	}
	store_end(tx);
	/* Now: what is kept is kept before the commit. */
	if (untold_read(store_untold(fs->store), ino, off, data, size, ret_len))
		r = 0;
	return r;
}

void
fs_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
    struct fuse_file_info *fi)
{
	struct fs *fs = fs_of(req);
	size_t len = 0;
	struct node upload;
	char *data;
	bool there; /* it is one of those, then: its bytes are at Trello */
	int r;

	(void)fi;
	if (size > READ_BYTES_MAX)
		size = READ_BYTES_MAX;
	data = malloc(size + 1);
	if (data == NULL)
		r = -ENOMEM;
	else if (virtual_has(ino))
		r = virtual_read(fs->virtuals, ino, off, data, size, &len);
	else
		r = read_node(
		    fs, fs_meant(fs, ino), off, data, size, &len, &upload);
	there = r == 1;
	if (there)
		r = attach_read(fs, &upload, off, data, size, &len);
	there = there && r == -ENOENT && upload.kind == NODE_UPLOAD;
	if (there)
		upload_read(req, &upload, size, off);
	else if (r != 0)
		(void)fuse_reply_err(req, -r);
	else
		(void)fuse_reply_buf(req, data, len);
	free(data);
}

static void
read_virtual_link(fuse_req_t req, uint64_t ino)
{
	struct buf target = BUF_INIT;
	int r = virtual_is_link(ino)
		    ? virtual_target(fs_of(req)->virtuals, ino, &target)
		    : -EINVAL;

	if (r != 0)
		(void)fuse_reply_err(req, -r);
	else
		(void)fuse_reply_readlink(req, buf_str(&target));
	buf_free(&target);
}

void
fs_readlink(fuse_req_t req, fuse_ino_t ino)
{
	struct fs *fs = fs_of(req);
	char target[4096];
	struct node node;
	size_t len = 0;
	int r;

	if (virtual_has(ino)) {
		read_virtual_link(req, ino);
		return;
	}
	r = read_node(fs, ino, 0, target, sizeof target - 1, &len, &node);
	if (r != 0) {
		(void)fuse_reply_err(req, r == 1 ? EINVAL : -r);
		return;
	}
	target[len] = '\0';
	(void)fuse_reply_readlink(req, target);
}

/* The room that is told is that of local files. */
void
fs_statfs(fuse_req_t req, fuse_ino_t ino)
{
	struct fs *fs = fs_of(req);
	struct statvfs st = {.f_bsize = 4096,
	    .f_frsize = 4096,
	    .f_blocks = LOCAL_BYTES_MAX / 4096,
	    .f_namemax = NODE_NAME_MAX};
	int64_t files = 0, bytes = 0;
	struct tx *tx;
	int r = store_read(fs->store, false, &tx);

	(void)ino;
	if (r == 0) {
		r = local_usage(tx, &files, &bytes);
		store_end(tx);
	}
	if (r != 0) {
		(void)fuse_reply_err(req, -r);
		return;
	}
	if (bytes > LOCAL_BYTES_MAX)
		bytes = LOCAL_BYTES_MAX;
	st.f_bfree = st.f_bavail = (fsblkcnt_t)(LOCAL_BYTES_MAX - bytes) / 4096;
	(void)fuse_reply_statfs(req, &st);
}
