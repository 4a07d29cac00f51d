#include "fs/attach.h"

#include "fs/attach_queue.h"
#include "fs/card.h"
#include "fs/private.h"
#include "store/folder.h"
#include "store/journal.h"
#include "store/problems.h"
#include "store/spool.h"
#include "util/timeutil.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What is written goes to the disk meanwhile, so that there is little left to
 * wait for at the end. */
#define FLUSH_BYTES ((int64_t)8 << 20)

int
attach_check_rights(const struct fs *fs, struct tx *tx, const struct node *dir)
{
	struct node card;
	int r = node_get(tx, dir->parent, &card);

	if (r != 0)
		return r;
	return card.kind == NODE_CARD ? fs_check_change(fs, card.parent)
				      : -EPERM;
}

int
attach_make(struct fs *fs, struct folder_changes *changes,
    const struct node *dir, struct node *node)
{
	struct node there;
	int r = attach_check_rights(fs, changes->tx, dir);

	if (r == 0 && node->kind != NODE_LOCAL_FILE)
		r = -EPERM;
	if (r == 0 &&
	    node_by_name(changes->tx, dir->ino, node->name, &there) == 0)
		r = -EEXIST;
	if (r == 0)
		r = journal_new_id(changes->tx, node->id);
	if (r != 0)
		return r;
	node->kind = NODE_SPOOL;
	node->parent = dir->ino;
	node->uid = node->gid = -1;
	node->mtime_ns = node->ctime_ns = time_wall_ns();
	r = node_add_local(changes->tx, node);
	if (r == 0)
		r = spool_make(changes->tx, node, time_wall_ms());
	return r == 0 ? folder_touch(changes, dir->ino) : r;
}

int
attach_read(struct fs *fs, const struct node *node, int64_t offset, void *data,
    size_t len, size_t *ret_len)
{
	char *out = data;
	size_t done = 0;
	ssize_t n = 1;
	int fd, r = spool_open(fs->store, node->ino, &fd);

	if (r != 0)
		return r;
	if (offset >= node->size)
		len = 0;
	else if ((int64_t)len > node->size - offset)
		len = (size_t)(node->size - offset);
	while (done < len && n > 0) {
		n = pread(fd, out + done, len - done, offset + (int64_t)done);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			done += (size_t)n;
	}
	if (n < 0)
		r = -errno;
	(void)close(fd);
	*ret_len = done;
	return r;
}

/* A file of which something could not be written, also where that could not be
 * noted. */
static void
note_broken(struct fs *fs, uint64_t ino)
{
	uint64_t *slot;

	(void)pthread_mutex_lock(&fs->orphans_lock);
	slot = VEC_ADD(&fs->broken);
	if (slot != NULL)
		*slot = ino;
	(void)pthread_mutex_unlock(&fs->orphans_lock);
}

static bool
take_broken(struct fs *fs, uint64_t ino, bool forget)
{
	bool found = false;

	(void)pthread_mutex_lock(&fs->orphans_lock);
	for (size_t i = 0; i < fs->broken.n; i++) {
		if (fs->broken.v[i] != ino)
			continue;
		found = true;
		if (forget)
			fs->broken.v[i--] = fs->broken.v[--fs->broken.n];
	}
	(void)pthread_mutex_unlock(&fs->orphans_lock);
	return found;
}

/* All or an error; what is not whole is never sent. */
static int
write_all(int fd, const char *data, size_t len, int64_t offset)
{
	while (len > 0) {
		ssize_t n = pwrite(fd, data, len, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		data += n;
		offset += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
write_data(struct fs *fs, const struct node *node, int64_t offset,
    const struct card_write *write)
{
	int64_t end = offset + (int64_t)write->len;
	int fd, r = spool_open(fs->store, node->ino, &fd);

	if (r != 0)
		return r == -ENOENT ? -EPERM : r;
	r = write_all(fd, write->data, write->len, offset);
	if (r == 0 && offset / FLUSH_BYTES != end / FLUSH_BYTES)
		(void)sync_file_range(fd, offset / FLUSH_BYTES * FLUSH_BYTES,
		    FLUSH_BYTES, SYNC_FILE_RANGE_WRITE);
	(void)close(fd);
	return r;
}

/* It is written again: it is not to be sent as it was.  What Trello has is not
 * changed. */
static int
reopen(struct fs *fs, struct folder_changes *changes, struct node *node,
    struct spool *spool)
{
	int r = spool_get(changes->tx, node->ino, spool);

	if (r == -ENOENT || (r == 0 && spool->state == SPOOL_SENT))
		return -EPERM;
	if (r == 0 && spool->state == SPOOL_QUEUED)
		r = attach_unqueue(fs, changes, node, spool);
	if (r == 0 && spool->state != SPOOL_BROKEN)
		spool->state = SPOOL_OPEN;
	spool->last_ms = time_wall_ms();
	return r;
}

static int
say_broken(struct folder_changes *changes, uint64_t ino, const char *why)
{
	return problem_set(changes->tx, ino, "the file is not complete", why,
	    "write it again, or remove it", NULL, 0);
}

static int
write_in(struct fs *fs, struct folder_changes *changes, struct node *node,
    const struct card_write *write, int *ret_failed)
{
	int64_t offset = write->append ? node->size : write->offset;
	int64_t end = offset + (int64_t)write->len;
	struct spool spool;
	int r = reopen(fs, changes, node, &spool);

	if (r == 0 && end > SPOOL_BYTES_MAX)
		*ret_failed = -EFBIG;
	else if (r == 0 && end > node->size)
		*ret_failed =
		    spool_check_room(changes->tx, node, end - node->size);
	if (r == 0 && *ret_failed == 0)
		*ret_failed = write_data(fs, node, offset, write);
	if (r == 0 && *ret_failed != 0) {
		note_broken(fs, node->ino);
		spool.state = SPOOL_BROKEN;
		r = say_broken(changes, node->ino, strerror(-*ret_failed));
	} else if (r == 0) {
		node->size = end > node->size ? end : node->size;
		node->mtime_ns = node->ctime_ns = time_wall_ns();
		r = node_update(changes->tx, node);
	}
	return r == 0 ? spool_update(changes->tx, &spool) : r;
}

int
attach_write(
    struct fs *fs, const struct node *node, const struct card_write *write)
{
	struct folder_changes changes = {0};
	struct invalidations out = {0};
	struct node now;
	int failed = 0, r = store_write(fs->store, &changes.tx);

	if (r == 0) {
		r = node_get(changes.tx, node->ino, &now);
		if (r == 0)
			r = write_in(fs, &changes, &now, write, &failed);
		r = folder_commit(&changes, r, &out);
	}
	fs_invalidated(fs, &out);
	if (r != 0 && r != -EPERM && r != -EBUSY)
		note_broken(fs, node->ino);
	return failed != 0 ? failed : r;
}

static int
truncate_in(struct fs *fs, struct folder_changes *changes, struct node *node,
    int64_t size)
{
	struct spool spool;
	int fd, r = reopen(fs, changes, node, &spool);

	if (r == 0 && size > SPOOL_BYTES_MAX)
		r = -EFBIG;
	if (r == 0 && size > node->size)
		r = spool_check_room(changes->tx, node, size - node->size);
	if (r == 0)
		r = spool_open(fs->store, node->ino, &fd);
	if (r != 0)
		return r;
	if (ftruncate(fd, size) != 0)
		r = -errno;
	(void)close(fd);
	/* What comes now is all of it. */
	if (r == 0 && size == 0) {
		(void)take_broken(fs, node->ino, true);
		spool.state = SPOOL_OPEN;
		r = problem_end(changes, node->ino);
	}
	node->size = size;
	node->mtime_ns = node->ctime_ns = time_wall_ns();
	if (r == 0)
		r = node_update(changes->tx, node);
	return r == 0 ? spool_update(changes->tx, &spool) : r;
}

int
attach_truncate(struct fs *fs, uint64_t ino, int64_t size)
{
	struct folder_changes changes = {0};
	struct invalidations out = {0};
	struct node node;
	int r = size < 0 ? -EINVAL : store_write(fs->store, &changes.tx);

	if (r != 0)
		return r;
	r = node_get(changes.tx, ino, &node);
	if (r == 0)
		r = truncate_in(fs, &changes, &node, size);
	r = folder_commit(&changes, r, &out);
	fs_invalidated(fs, &out);
	return r;
}

int
attach_sync(struct fs *fs, uint64_t ino)
{
	int fd, r = spool_open(fs->store, ino, &fd);

	if (r != 0)
		return r == -ENOENT ? 0 : r;
	if (fdatasync(fd) != 0)
		r = -errno;
	(void)close(fd);
	return r;
}

/* Whether it waits to be settled, and when it was last written. */
static int
look(struct fs *fs, uint64_t ino, struct spool *ret_spool)
{
	struct tx *tx;
	int r = store_read_brief(fs->store, &tx);

	if (r != 0)
		return r;
	r = spool_get(tx, ino, ret_spool);
	store_end(tx);
	return r;
}

/* One that is empty may be still to be filled. */
static int
settle_in(struct fs *fs, struct folder_changes *changes,
    const struct spool *before, bool broken)
{
	struct spool spool;
	struct node node;
	int r = spool_get(changes->tx, before->ino, &spool);

	if (r == 0)
		r = node_get(changes->tx, before->ino, &node);
	if (r != 0 || spool.state != SPOOL_OPEN ||
	    spool.last_ms != before->last_ms)
		return r;
	spool.state = broken ? SPOOL_BROKEN : SPOOL_CLOSED;
	if (broken) {
		r = say_broken(
		    changes, node.ino, "not all of it could be written");
		return r == 0 ? spool_update(changes->tx, &spool) : r;
	}
	if (node.parent == 0 || node.size == 0 ||
	    spool_is_local_name(node.name))
		return spool_update(changes->tx, &spool);
	return attach_queue(fs, changes, &node, &spool);
}

int
attach_settle(struct fs *fs, uint64_t ino)
{
	struct folder_changes changes = {0};
	struct invalidations out = {0};
	struct spool spool;
	bool broken;
	int r = look(fs, ino, &spool);

	if (r != 0 || spool.state != SPOOL_OPEN)
		return r;
	broken = take_broken(fs, ino, false);
	/* Before it is said to be there. */
	r = broken ? 0 : attach_sync(fs, ino);
	if (r == 0)
		r = store_write(fs->store, &changes.tx);
	if (r != 0)
		return r;
	r = settle_in(fs, &changes, &spool, broken);
	r = folder_commit(&changes, r, &out);
	if (r == 0 && broken)
		(void)take_broken(fs, ino, true);
	fs_invalidated(fs, &out);
	sync_changed(fs->sync);
	return r;
}

struct recovering {
	struct fs *fs;
	struct folder_changes *changes;
};

static int
recover_one(void *cookie, uint64_t ino)
{
	const struct recovering *recovering = cookie;
	struct node node;
	int r = node_get(recovering->changes->tx, ino, &node);

	if (r != 0 || spool_is_local_name(node.name) || node.size == 0)
		return r == -ENOENT ? 0 : r;
	return say_broken(recovering->changes, ino,
	    "it was being written when trellofs ended");
}

void
attach_recover(struct fs *fs)
{
	struct folder_changes changes = {0};
	struct invalidations out = {0};
	struct recovering recovering = {.fs = fs, .changes = &changes};
	int r = store_write(fs->store, &changes.tx);

	if (r != 0)
		return;
	r = spools_recover(changes.tx, recover_one, &recovering);
	(void)folder_commit(&changes, r, &out);
	invalidations_fini(&out);
}
