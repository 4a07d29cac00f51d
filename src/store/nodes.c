#include "store/nodes.h"

#include "store/tx.h"
#include "text/names.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <float.h>
#include <stdio.h>
#include <string.h>

#define COLUMNS                                                           \
	"ino, parent, name, off, kind, id, size, mode, uid, gid, mtime, " \
	"ctime, pos"

/* What no listing shows. */
#define LISTED "kind NOT IN (8, 9, 13)"
_Static_assert(NODE_ORDER == 8 && NODE_ARCHIVE == 9 && NODE_BOARD_FILE == 13,
    "the numbers are in the statements");

/* Above the bits of every finite double, below the sign. */
#define OFF_LOCAL 0x7ff0000000000000LL

static void
column_bytes(sqlite3_stmt *stmt, int column, char *out, size_t size)
{
	const void *data = sqlite3_column_blob(stmt, column);
	size_t len = (size_t)sqlite3_column_bytes(stmt, column);

	if (len > size - 1)
		len = size - 1;
	if (data != NULL)
		memcpy(out, data, len);
	else
		len = 0;
	out[len] = '\0';
}

static void
from_row(sqlite3_stmt *stmt, struct node *node)
{
	node->ino = (uint64_t)sqlite3_column_int64(stmt, 0);
	node->parent = (uint64_t)sqlite3_column_int64(stmt, 1);
	column_bytes(stmt, 2, node->name, sizeof node->name);
	node->off = sqlite3_column_int64(stmt, 3);
	node->kind = (enum node_kind)sqlite3_column_int(stmt, 4);
	column_bytes(stmt, 5, node->id, sizeof node->id);
	node->size = sqlite3_column_int64(stmt, 6);
	node->mode = sqlite3_column_int64(stmt, 7);
	node->uid = sqlite3_column_int64(stmt, 8);
	node->gid = sqlite3_column_int64(stmt, 9);
	node->mtime_ns = sqlite3_column_int64(stmt, 10);
	node->ctime_ns = sqlite3_column_int64(stmt, 11);
	node->pos = sqlite3_column_double(stmt, 12);
}

static int
one(sqlite3_stmt *stmt, int r, struct node *ret_node)
{
	if (r == 0)
		r = db_step(stmt);
	if (r == 1)
		from_row(stmt, ret_node);
	db_reset(stmt);
	return r == 1 ? 0 : r == 0 ? -ENOENT : r;
}

static int
get_root(struct tx *tx, struct node *ret_node)
{
	*ret_node = (struct node){.ino = NODE_ROOT,
	    .parent = NODE_ROOT,
	    .kind = NODE_ROOT_DIR,
	    .mode = -1,
	    .uid = -1,
	    .gid = -1};
	ret_node->name[0] = '/';
	return node_root_mtime(tx, &ret_node->mtime_ns) == 0
		   ? (ret_node->ctime_ns = ret_node->mtime_ns, 0)
		   : -EIO;
}

int
node_get(struct tx *tx, uint64_t ino, struct node *ret_node)
{
	sqlite3_stmt *stmt;

	if (ino == NODE_ROOT)
		return get_root(tx, ret_node);
	stmt =
	    db_prepare(tx->db, "SELECT " COLUMNS " FROM nodes WHERE ino = ?");
	return one(stmt, db_bind(stmt, "i", (int64_t)ino), ret_node);
}

int
node_by_name(
    struct tx *tx, uint64_t parent, const char *name, struct node *ret_node)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT " COLUMNS " FROM nodes"
	    " WHERE parent = ? AND name = ? AND parent != 0");

	return one(stmt,
	    db_bind(stmt, "ib", (int64_t)parent, name, strlen(name)), ret_node);
}

int
node_by_id(struct tx *tx, const char *id, struct node *ret_node)
{
	sqlite3_stmt *stmt =
	    db_prepare(tx->db, "SELECT " COLUMNS " FROM nodes WHERE id = ?");

	return one(stmt, db_bind(stmt, "s", id), ret_node);
}

int
node_of_kind(
    struct tx *tx, enum node_kind kind, const char *id, struct node *ret_node)
{
	struct node node;
	int r = node_by_id(tx, id, &node);

	if (r == 0 && node.kind != kind)
		r = -EBADMSG;
	if (r == 0)
		*ret_node = node;
	return r;
}

int
node_each(
    struct tx *tx, uint64_t parent, int64_t after, node_fn *fn, void *cookie)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT " COLUMNS " FROM nodes"
	    " WHERE parent = ? AND off > ? AND " LISTED " ORDER BY off");
	struct node node;
	int r = db_bind(stmt, "ii", (int64_t)parent, after);

	while (r == 0 && (r = db_step(stmt)) == 1) {
		from_row(stmt, &node);
		r = fn(cookie, &node);
		if (r != 0) {
			db_reset(stmt);
			return r;
		}
	}
	db_reset(stmt);
	return r;
}

int
node_has_children(struct tx *tx, uint64_t parent)
{
	int64_t n = 0;
	int r = db_get_int(tx->db, &n,
	    "SELECT EXISTS(SELECT 1 FROM nodes WHERE parent = ? AND " LISTED
	    ")",
	    "i", (int64_t)parent);

	return r != 0 ? r : n != 0;
}

int
node_add(struct tx *tx, struct node *node)
{
	int r = db_run(tx->db,
	    "INSERT INTO nodes(parent, name, off, kind, id, size, mode, uid,"
	    " gid, mtime, ctime, pos)"
	    " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "ibiisiiiiiid", (int64_t)node->parent, node->name,
	    strlen(node->name), node->off, (int64_t)node->kind,
	    node->id[0] != '\0' ? node->id : NULL, node->size, node->mode,
	    node->uid, node->gid, node->mtime_ns, node->ctime_ns, node->pos);

	if (r == 0)
		node->ino = (uint64_t)db_last_rowid(tx->db);
	return r;
}

int
node_add_local(struct tx *tx, struct node *node)
{
	int r = node_add(tx, node);

	if (r != 0)
		return r;
	node->off = node_off_local(node->ino);
	return db_run(tx->db, "UPDATE nodes SET off = ? WHERE ino = ?", "ii",
	    node->off, (int64_t)node->ino);
}

/* An index is written whenever a column of it is named, changed or not: what
 * of a node is in one is compared first. */
enum changed { CHANGED_TIMES, CHANGED_SIZE, CHANGED_PLACE };

/* What of it is another, at most; or -errno. */
static int
compare_indexed(struct tx *tx, const struct node *node)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT parent = ?2 AND name = ?3 AND off = ?4 AND kind = ?5"
	    " AND id IS ?6, size = ?7 FROM nodes WHERE ino = ?1");
	int r =
	    db_bind(stmt, "iibiisi", (int64_t)node->ino, (int64_t)node->parent,
		node->name, strlen(node->name), node->off, (int64_t)node->kind,
		node->id[0] != '\0' ? node->id : NULL, node->size);

	if (r == 0)
		r = db_step(stmt);
	if (r == 1)
		r = sqlite3_column_int(stmt, 0) == 0   ? CHANGED_PLACE
		    : sqlite3_column_int(stmt, 1) == 0 ? CHANGED_SIZE
						       : CHANGED_TIMES;
	db_reset(stmt);
	return r;
}

#define TIMES                                                             \
	"mode = ?2, uid = ?3, gid = ?4, mtime = ?5, ctime = ?6, pos = ?7" \
	" WHERE ino = ?1"
#define SIZE "size = ?8, "
#define PLACE "parent = ?9, name = ?10, off = ?11, kind = ?12, id = ?13, "

int
node_update(struct tx *tx, const struct node *node)
{
	static const char *const updates[] = {
	    [CHANGED_TIMES] = "UPDATE nodes SET " TIMES,
	    [CHANGED_SIZE] = "UPDATE nodes SET " SIZE TIMES,
	    [CHANGED_PLACE] = "UPDATE nodes SET " PLACE SIZE TIMES,
	};
	static const char *const types[] = {
	    [CHANGED_TIMES] = "iiiiiid",
	    [CHANGED_SIZE] = "iiiiiidi",
	    [CHANGED_PLACE] = "iiiiiidiibiis",
	};
	int changed = compare_indexed(tx, node);

	if (changed < 0)
		return changed;
	return db_run(tx->db, updates[changed], types[changed],
	    (int64_t)node->ino, node->mode, node->uid, node->gid,
	    node->mtime_ns, node->ctime_ns, node->pos, node->size,
	    (int64_t)node->parent, node->name, strlen(node->name), node->off,
	    (int64_t)node->kind, node->id[0] != '\0' ? node->id : NULL);
}

int
node_delete(struct tx *tx, uint64_t ino)
{
	int r = db_run(
	    tx->db, "DELETE FROM nodes WHERE ino = ?", "i", (int64_t)ino);

	if (r == 0)
		r = db_run(tx->db, "DELETE FROM texts WHERE ino = ?", "i",
		    (int64_t)ino);
	if (r == 0)
		r = db_run(tx->db, "DELETE FROM blocks WHERE ino = ?", "i",
		    (int64_t)ino);
	return r;
}

int
node_drop_orphans(struct tx *tx)
{
	int r = db_run(tx->db,
	    "DELETE FROM blocks WHERE ino IN"
	    " (SELECT ino FROM nodes WHERE kind >= 4 AND parent = 0)",
	    "");

	if (r == 0)
		r = db_run(tx->db,
		    "DELETE FROM nodes WHERE kind >= 4 AND parent = 0", "");
	return r;
}

int
node_root_mtime(struct tx *tx, int64_t *ret_mtime_ns)
{
	int r;

	*ret_mtime_ns = 0;
	r = db_get_int(tx->db, ret_mtime_ns,
	    "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'root_mtime'",
	    "");
	return r == -ENOENT ? 0 : r;
}

int
node_touch_dir(struct tx *tx, uint64_t ino)
{
	int64_t now = time_wall_ns(), old;
	char value[32];
	int r;

	if (ino != NODE_ROOT)
		return db_run(tx->db,
		    "UPDATE nodes SET mtime = max(?1, mtime + 1),"
		    " ctime = max(?1, ctime + 1) WHERE ino = ?2",
		    "ii", now, (int64_t)ino);
	r = node_root_mtime(tx, &old);
	if (r != 0)
		return r;
	(void)snprintf(value, sizeof value, "%lld",
	    (long long)(now > old ? now : old + 1));
	return store_meta_set(tx, "root_mtime", value);
}

int64_t
node_time_from_ms(int64_t ms)
{
	const int64_t max_ms = INT64_C(9000000000000); /* in the year 2255 */

	if (ms > max_ms)
		ms = max_ms;
	if (ms < -max_ms)
		ms = -max_ms;
	return ms * 1000000;
}

int64_t
node_off_from_pos(double pos)
{
	int64_t bits;

	/* Zero, negative and not a number never come from Trello. */
	if (!(pos >= DBL_MIN))
		pos = DBL_MIN;
	/* Below the offsets of local nodes, with room for ties. */
	if (pos > DBL_MAX / 2)
		pos = DBL_MAX / 2;
	memcpy(&bits, &pos, sizeof bits);
	return bits;
}

int64_t
node_off_local(uint64_t ino)
{
	return OFF_LOCAL + (int64_t)ino;
}

static int
text_row(struct tx *tx, uint64_t ino, sqlite3_stmt **ret_stmt)
{
	int r;

	*ret_stmt = db_prepare(tx->db, "SELECT text FROM texts WHERE ino = ?");
	r = db_bind(*ret_stmt, "i", (int64_t)ino);
	if (r == 0)
		r = db_step(*ret_stmt);
	return r == 1 ? 0 : r == 0 ? -ENOENT : r;
}

int
node_text(struct tx *tx, uint64_t ino, struct buf *out)
{
	sqlite3_stmt *stmt;
	int r = text_row(tx, ino, &stmt);

	if (r == 0)
		r = buf_add(out, sqlite3_column_blob(stmt, 0),
		    (size_t)sqlite3_column_bytes(stmt, 0));
	db_reset(stmt);
	return r;
}

int
node_text_read(struct tx *tx, uint64_t ino, int64_t offset, void *data,
    size_t len, size_t *ret_len)
{
	sqlite3_stmt *stmt;
	int r = text_row(tx, ino, &stmt);

	if (r == 0) {
		const char *text = sqlite3_column_blob(stmt, 0);
		int64_t size = sqlite3_column_bytes(stmt, 0);

		if (offset > size)
			offset = size;
		if (len > (size_t)(size - offset))
			len = (size_t)(size - offset);
		if (len > 0)
			memcpy(data, text + offset, len);
		*ret_len = len;
	}
	db_reset(stmt);
	return r;
}

int
node_text_set(
    struct tx *tx, uint64_t ino, const char *rev, const void *text, size_t len)
{
	return db_run(tx->db,
	    "INSERT INTO texts(ino, rev, text) VALUES(?1, ?2, ?3)"
	    " ON CONFLICT(ino) DO UPDATE SET rev = ?2, text = ?3,"
	    " card = NULL, board = NULL, tail = NULL",
	    "isb", (int64_t)ino, rev, text, len);
}

/* Deeper than any path that a title can make. */
#define DEPTH_MAX 32

/* A folder `Card.files` stands beside its card, whose name its own is made of.
 */
static void
add_name(const struct node *node, const struct node *below, struct buf *out)
{
	size_t len = strlen(node->name);

	if (below != NULL && below->kind == NODE_FILES &&
	    len > strlen(NAME_CARD_EXTENSION))
		len -= strlen(NAME_CARD_EXTENSION);
	(void)buf_add(out, node->name, len);
	if (below != NULL && below->kind != NODE_FILES)
		(void)buf_add_char(out, '/');
}

int
node_path(struct tx *tx, const struct node *node, struct buf *out)
{
	struct node up[DEPTH_MAX];
	size_t n = 0;
	int r = 0;

	up[n++] = *node;
	while (r == 0 && n < DEPTH_MAX && up[n - 1].parent != NODE_ROOT &&
	       up[n - 1].parent != 0) {
		r = node_get(tx, up[n - 1].parent, &up[n]);
		n++;
	}
	for (; r == 0 && n > 0; n--)
		add_name(&up[n - 1], n > 1 ? &up[n - 2] : NULL, out);
	return r != 0 ? r : out->err;
}
