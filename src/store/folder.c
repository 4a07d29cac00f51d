#include "store/folder.h"

#include "store/tx.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Boards are numbered with room for many between two. */
#define BOARD_OFF_STEP ((int64_t)1 << 40)

int
folder_touch(struct folder_changes *changes, uint64_t ino)
{
	uint64_t *slot;

	for (size_t i = 0; i < changes->touched.n; i++)
		if (changes->touched.v[i] == ino)
			return 0;
	slot = VEC_ADD(&changes->touched);
	if (slot == NULL)
		return -ENOMEM;
	*slot = ino;
	return 0;
}

static int
say_entry(struct folder_changes *changes, uint64_t parent, const char *name)
{
	if (changes->quiet)
		return 0;
	return invalidate_entry(&changes->out, parent, name);
}

/* No title gives a name with a slash in it. */
static bool
is_lifted(const struct node *node)
{
	return node->name[0] == '/';
}

int
folder_lift(struct folder_changes *changes, struct node *node)
{
	int r = 0;

	if (node->parent != 0 && !is_lifted(node)) {
		r = say_entry(changes, node->parent, node->name);
		if (r == 0)
			r = folder_touch(changes, node->parent);
	}
	(void)snprintf(node->name, sizeof node->name, "/%llu",
	    (unsigned long long)node->ino);
	if (r == 0)
		r = db_run(changes->tx->db,
		    "UPDATE nodes SET name = ? WHERE ino = ?", "bi", node->name,
		    strlen(node->name), (int64_t)node->ino);
	return r;
}

int
folder_place(
    struct folder_changes *changes, const struct node *from, struct node *to)
{
	bool moved = from == NULL || from->parent != to->parent ||
		     strcmp(from->name, to->name) != 0;
	bool reordered = from != NULL && from->off != to->off;
	int r;

	r = from == NULL ? node_add(changes->tx, to)
			 : node_update(changes->tx, to);
	if (r == 0 && moved && from != NULL && from->parent != 0 &&
	    !is_lifted(from)) {
		r = say_entry(changes, from->parent, from->name);
		if (r == 0)
			r = folder_touch(changes, from->parent);
	}
	if (r == 0 && moved)
		r = say_entry(changes, to->parent, to->name);
	if (r == 0 && (moved || reordered))
		r = folder_touch(changes, to->parent);
	return r;
}

int
folder_remove(struct folder_changes *changes, const struct node *node)
{
	int r;

	if (node->parent == 0)
		return 0;
	r = db_run(changes->tx->db, "UPDATE nodes SET parent = 0 WHERE ino = ?",
	    "i", (int64_t)node->ino);
	if (r == 0 && !changes->quiet)
		r = invalidate_gone(
		    &changes->out, node->parent, node->ino, node->name);
	if (r == 0)
		r = folder_touch(changes, node->parent);
	return r;
}

struct place {
	int64_t ino, off, wanted;
};

/* Read who is in the folder, sorted by (pos, id), with the offsets that they
 * have and the ones that they should have. */
static int
read_order(sqlite3_stmt *stmt, struct place **ret_places, size_t *ret_n)
{
	VEC(struct place) places = {0};
	int64_t last = 0;
	int r;

	while ((r = db_step(stmt)) == 1) {
		struct place *place = VEC_ADD(&places);

		if (place == NULL) {
			db_reset(stmt);
			VEC_FREE(&places);
			return -ENOMEM;
		}
		place->ino = sqlite3_column_int64(stmt, 0);
		place->off = sqlite3_column_int64(stmt, 1);
		place->wanted =
		    node_off_from_pos(sqlite3_column_double(stmt, 2));
		if (place->wanted <= last)
			place->wanted = last + 1;
		last = place->wanted;
	}
	*ret_places = places.v;
	*ret_n = places.n;
	return r;
}

static int
write_order(struct folder_changes *changes, uint64_t folder,
    const struct place *places, size_t n)
{
	bool changed = false;
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		if (places[i].off == places[i].wanted)
			continue;
		changed = true;
		r = db_run(changes->tx->db,
		    "UPDATE nodes SET off = ? WHERE ino = ?", "ii",
		    places[i].wanted, places[i].ino);
	}
	return r == 0 && changed ? folder_touch(changes, folder) : r;
}

int
folder_order(
    struct folder_changes *changes, uint64_t folder, enum node_kind children)
{
	sqlite3_stmt *stmt =
	    children == NODE_CARD
		? db_prepare(changes->tx->db,
		      "SELECT n.ino, n.off, c.pos FROM nodes n"
		      " JOIN cards c ON c.id = n.id WHERE n.parent = ?"
		      " AND n.kind = 3 ORDER BY c.pos, c.id")
		: db_prepare(changes->tx->db,
		      "SELECT n.ino, n.off, l.pos FROM nodes n"
		      " JOIN lists l ON l.id = n.id WHERE n.parent = ?"
		      " AND n.kind = 2 ORDER BY l.pos, l.id");
	struct place *places = NULL;
	size_t n = 0, cap = 0;
	int r = db_bind(stmt, "i", (int64_t)folder);

	if (r == 0)
		r = read_order(stmt, &places, &n);
	if (r == 0)
		r = write_order(changes, folder, places, n);
	vec_free((void **)&places, &n, &cap);
	return r;
}

static int
renumber_boards(struct folder_changes *changes)
{
	return db_run(changes->tx->db,
	    "UPDATE nodes SET off = ?2 * (SELECT count(*) FROM nodes m"
	    " WHERE m.parent = ?1 AND m.kind = 1 AND m.name <= nodes.name)"
	    " WHERE parent = ?1 AND kind = 1",
	    "ii", (int64_t)NODE_ROOT, BOARD_OFF_STEP);
}

static int
board_gap(struct folder_changes *changes, const char *name, int64_t *ret_low,
    int64_t *ret_high)
{
	int r = db_get_int(changes->tx->db, ret_low,
	    "SELECT ifnull(max(off), 0) FROM nodes"
	    " WHERE parent = ? AND kind = 1 AND name < ?",
	    "ib", (int64_t)NODE_ROOT, name, strlen(name));

	if (r == 0)
		r = db_get_int(changes->tx->db, ret_high,
		    "SELECT ifnull(min(off), 0) FROM nodes"
		    " WHERE parent = ? AND kind = 1 AND name > ?",
		    "ib", (int64_t)NODE_ROOT, name, strlen(name));
	if (r == 0 && *ret_high == 0)
		*ret_high = *ret_low + 2 * BOARD_OFF_STEP;
	return r;
}

int
folder_board_off(
    struct folder_changes *changes, const char *name, int64_t *ret_off)
{
	int64_t low, high;
	int r = board_gap(changes, name, &low, &high);

	if (r == 0 && (high - low < 2 || low + (high - low) / 2 < 16)) {
		r = renumber_boards(changes);
		if (r == 0)
			r = board_gap(changes, name, &low, &high);
	}
	if (r == 0)
		*ret_off = low + (high - low) / 2;
	return r;
}

static int
finish(struct folder_changes *changes)
{
	int r = 0;

	for (size_t i = 0; i < changes->touched.n && r == 0; i++) {
		r = node_touch_dir(changes->tx, changes->touched.v[i]);
		if (r == 0)
			r = invalidate_inode(
			    &changes->out, changes->touched.v[i]);
	}
	return r;
}

int
folder_commit(struct folder_changes *changes, int r, struct invalidations *out)
{
	if (r == 0)
		r = finish(changes);
	if (r == 0)
		r = store_commit(changes->tx);
	else
		store_end(changes->tx);
	if (r == 0)
		r = invalidations_move(&changes->out, out);
	invalidations_fini(&changes->out);
	VEC_FREE(&changes->touched);
	return r;
}
