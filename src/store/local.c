#include "store/local.h"

#include "store/nodes.h"
#include "store/tx.h"
#include "util/timeutil.h"

#include <errno.h>
#include <string.h>

#define BLOCK_BYTES 65536

/* The block's bytes into data (BLOCK_BYTES), zeroes where there are none. */
static int
block_get(struct tx *tx, uint64_t ino, int64_t block, char *data)
{
	sqlite3_stmt *stmt = db_prepare(
	    tx->db, "SELECT data FROM blocks WHERE ino = ? AND block = ?");
	int r = db_bind(stmt, "ii", (int64_t)ino, block);

	memset(data, 0, BLOCK_BYTES);
	if (r == 0)
		r = db_step(stmt);
	if (r == 1) {
		const void *blob = sqlite3_column_blob(stmt, 0);
		size_t len = (size_t)sqlite3_column_bytes(stmt, 0);

		if (blob != NULL)
			memcpy(
			    data, blob, len < BLOCK_BYTES ? len : BLOCK_BYTES);
		r = 0;
	}
	db_reset(stmt);
	return r;
}

static int
block_put(
    struct tx *tx, uint64_t ino, int64_t block, const char *data, size_t len)
{
	return db_run(tx->db,
	    "INSERT INTO blocks(ino, block, data) VALUES(?1, ?2, ?3)"
	    " ON CONFLICT(ino, block) DO UPDATE SET data = ?3",
	    "iib", (int64_t)ino, block, data, len);
}

int
local_read(struct tx *tx, const struct node *node, int64_t offset, void *data,
    size_t len, size_t *ret_len)
{
	char block[BLOCK_BYTES], *out = data;
	size_t done = 0;

	if (offset >= node->size)
		len = 0;
	else if ((int64_t)len > node->size - offset)
		len = (size_t)(node->size - offset);
	while (done < len) {
		size_t at = (size_t)(offset % BLOCK_BYTES);
		size_t n = BLOCK_BYTES - at;
		int r = block_get(tx, node->ino, offset / BLOCK_BYTES, block);

		if (r != 0)
			return r;
		if (n > len - done)
			n = len - done;
		memcpy(out + done, block + at, n);
		done += n;
		offset += (int64_t)n;
	}
	*ret_len = len;
	return 0;
}

int
local_usage(struct tx *tx, int64_t *ret_files, int64_t *ret_bytes)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT count(*), ifnull(sum(size), 0) FROM nodes"
	    " WHERE kind >= 4 AND kind < 8");
	int r = db_step(stmt);

	if (r == 1) {
		*ret_files = sqlite3_column_int64(stmt, 0);
		*ret_bytes = sqlite3_column_int64(stmt, 1);
	}
	db_reset(stmt);
	return r == 1 ? 0 : r == 0 ? -EIO : r;
}

/* Give the node its new size, if there is room for it. */
static int
resize(struct tx *tx, struct node *node, int64_t size)
{
	int64_t files, bytes;
	int r;

	if (!node_is_local(node) && size > LOCAL_BYTES_MAX / 4)
		return -EFBIG;
	if (size > node->size && node_is_local(node)) {
		if (size > LOCAL_BYTES_MAX)
			return -ENOSPC;
		r = local_usage(tx, &files, &bytes);
		if (r != 0)
			return r;
		if (bytes - node->size + size > LOCAL_BYTES_MAX)
			return -ENOSPC;
	}
	node->size = size;
	node->mtime_ns = node->ctime_ns = time_wall_ns();
	return node_update(tx, node);
}

int
local_write(struct tx *tx, struct node *node, int64_t offset, const void *data,
    size_t len)
{
	char block[BLOCK_BYTES];
	const char *in = data;
	int64_t end;
	int r;

	if (offset < 0 || offset > LOCAL_BYTES_MAX)
		return -ENOSPC;
	end = offset + (int64_t)len;
	r = resize(tx, node, end > node->size ? end : node->size);
	while (r == 0 && len > 0) {
		size_t at = (size_t)(offset % BLOCK_BYTES);
		size_t n = BLOCK_BYTES - at;
		int64_t number = offset / BLOCK_BYTES;
		int64_t used = node->size - number * BLOCK_BYTES;

		if (n > len)
			n = len;
		r = block_get(tx, node->ino, number, block);
		if (r != 0)
			return r;
		memcpy(block + at, in, n);
		r = block_put(tx, node->ino, number, block,
		    used < BLOCK_BYTES ? (size_t)used : BLOCK_BYTES);
		in += n;
		offset += (int64_t)n;
		len -= n;
	}
	return r;
}

int
local_truncate(struct tx *tx, struct node *node, int64_t size)
{
	int64_t old = node->size;
	int r = size < 0 ? -EINVAL : resize(tx, node, size);

	if (r != 0 || size >= old)
		return r;
	/* What is cut off must read as zeroes if the file grows again. */
	r = db_run(tx->db,
	    "DELETE FROM blocks WHERE ino = ? AND block * ? >= ?", "iii",
	    (int64_t)node->ino, (int64_t)BLOCK_BYTES, size);
	if (r == 0)
		r = db_run(tx->db,
		    "UPDATE blocks SET data = substr(data, 1, ?)"
		    " WHERE ino = ? AND block = ?",
		    "iii", size % BLOCK_BYTES, (int64_t)node->ino,
		    size / BLOCK_BYTES);
	return r;
}

int
local_forget(struct tx *tx, uint64_t ino)
{
	return db_run(
	    tx->db, "DELETE FROM blocks WHERE ino = ?", "i", (int64_t)ino);
}
