#include "store/folder.h"

#include "store/former.h"
#include "store/numbering.h"
#include "store/problems.h"
#include "store/revisions.h"
#include "store/tx.h"

#include <errno.h>
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

/* Whether nobody can have looked into the folder yet. */
static bool
is_unseen(const struct folder_changes *changes, uint64_t folder)
{
	for (size_t i = 0; i < changes->fresh.n; i++)
		if (changes->fresh.v[i] == folder)
			return true;
	return changes->quiet;
}

static int
note_fresh(struct folder_changes *changes, uint64_t folder)
{
	uint64_t *slot = VEC_ADD(&changes->fresh);

	if (slot == NULL)
		return -ENOMEM;
	*slot = folder;
	return 0;
}

/* A list came to the folder, left it, or has another place there. */
static int
note_ordered(struct folder_changes *changes, uint64_t folder)
{
	uint64_t *slot;

	for (size_t i = 0; i < changes->ordered.n; i++)
		if (changes->ordered.v[i] == folder)
			return 0;
	slot = changes->tx->numbered && folder != 0 ? VEC_ADD(&changes->ordered)
						    : NULL;
	if (slot == NULL)
		return changes->tx->numbered && folder != 0 ? -ENOMEM : 0;
	*slot = folder;
	return 0;
}

/* A card may still be open under the name that others have taken from it. */
static int
note_name(struct folder_changes *changes, const struct node *node)
{
	return changes->news && node->kind == NODE_CARD
		   ? former_note(changes->tx, node)
		   : 0;
}

/* Then what was read there is all that is known of one that is archived. */
static int
note_text(struct folder_changes *changes, const struct node *node)
{
	return changes->news && node->kind == NODE_CARD
		   ? revision_keep_shown(changes->tx, node->ino)
		   : 0;
}

/* Whether the kernel changes this name by itself; NULL: one of the folder. */
static bool
is_asked(
    const struct folder_changes *changes, uint64_t parent, const char *name)
{
	for (size_t i = 0; i < 2; i++) {
		const struct folder_name *one = &changes->asked[i];

		if (one->name != NULL && one->parent == parent &&
		    (name == NULL || strcmp(one->name, name) == 0))
			return true;
	}
	return false;
}

static int
say_changed(struct folder_changes *changes, uint64_t parent, const char *name)
{
	return is_asked(changes, parent, name)
		   ? 0
		   : invalidate_entry(&changes->out, parent, name);
}

/* The name of a node stands there no longer, whoever has seen it. */
static int
say_left(struct folder_changes *changes, const struct node *node)
{
	int r;

	if (node->parent == 0)
		return 0;
	r = note_name(changes, node);
	if (r == 0)
		r = say_changed(changes, node->parent, node->name);
	if (r == 0 && node->kind == NODE_CARD)
		r = problem_hide(changes, node);
	if (r == 0 && node->kind == NODE_LIST)
		r = note_ordered(changes, node->parent);
	return r == 0 ? folder_touch(changes, node->parent) : r;
}

int
folder_lift(struct folder_changes *changes, struct node *node)
{
	int r = say_left(changes, node);

	node->parent = 0;
	if (r == 0)
		r = db_run(changes->tx->db,
		    "UPDATE nodes SET parent = 0 WHERE ino = ?", "i",
		    (int64_t)node->ino);
	return r;
}

/* What stands beside a card, or beside those in a folder, follows it. */
static int
show_problems(struct folder_changes *changes, const struct node *node)
{
	int r;

	if (node->kind != NODE_CARD)
		return problems_show_below(changes, node);
	r = problem_hide(changes, node);
	return r == 0 ? problem_show(changes, node) : r;
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
	if (r == 0 && moved && from != NULL)
		r = say_left(changes, from);
	if (r == 0 && moved && from != NULL)
		r = show_problems(changes, to);
	if (r == 0 && from == NULL && node_is_dir(to))
		r = note_fresh(changes, to->ino);
	if (r == 0 && to->kind == NODE_LIST)
		r = note_ordered(changes, to->parent);
	if (r != 0 || is_unseen(changes, to->parent))
		return r;
	if (moved)
		r = say_changed(changes, to->parent, to->name);
	if (r == 0 && (moved || reordered))
		r = folder_touch(changes, to->parent);
	return r;
}

int
folder_remove(struct folder_changes *changes, const struct node *node)
{
	struct node gone = *node;
	int r;

	if (node->parent == 0)
		return 0;
	r = note_name(changes, node);
	if (r == 0)
		r = note_text(changes, node);
	if (r == 0)
		r = db_run(changes->tx->db,
		    "UPDATE nodes SET parent = 0 WHERE ino = ?", "i",
		    (int64_t)node->ino);
	/* The kernel refuses to delete a folder that somebody uses something
	 * of; it only forgets it. */
	if (r == 0 && !is_asked(changes, node->parent, node->name))
		r = node_is_dir(node)
			? invalidate_entry(
			      &changes->out, node->parent, node->name)
			: invalidate_gone(&changes->out, node->parent,
			      node->ino, node->name);
	if (r == 0)
		r = folder_touch(changes, node->parent);
	if (r == 0 && node->kind == NODE_LIST)
		r = note_ordered(changes, node->parent);
	gone.parent = 0;
	return r == 0 ? show_problems(changes, &gone) : r;
}

struct place {
	int64_t ino, off, wanted;
};

/* Of equal positions each takes the next value, and keeps it when those before
 * it go: somebody may be reading the folder, and would miss it. */
#define TIES 65536

/* Read who is in the folder, sorted by (pos, id), with the offsets that they
 * have and the ones that they should have. */
static int
read_order(sqlite3_stmt *stmt, struct place **ret_places, size_t *ret_n)
{
	VEC(struct place) places = {0};
	int64_t pos_off, last = 0;
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
		pos_off = node_off_from_pos(sqlite3_column_double(stmt, 2));
		place->wanted = pos_off > last ? pos_off : last + 1;
		if (place->off > place->wanted && place->off - pos_off < TIES)
			place->wanted = place->off;
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
	if (r != 0 || !changed || is_unseen(changes, folder))
		return r;
	return folder_touch(changes, folder);
}

int
folder_order(
    struct folder_changes *changes, uint64_t folder, enum node_kind children)
{
	sqlite3_stmt *stmt = db_prepare(changes->tx->db,
	    "SELECT ino, off, pos FROM nodes WHERE parent = ? AND kind = ?"
	    " ORDER BY pos, id");
	struct place *places = NULL;
	size_t n = 0, cap = 0;
	int r = db_bind(stmt, "ii", (int64_t)folder, (int64_t)children);

	if (r == 0)
		r = read_order(stmt, &places, &n);
	if (r == 0)
		r = write_order(changes, folder, places, n);
	vec_free((void **)&places, &n, &cap);
	if (r == 0 && children == NODE_LIST)
		r = note_ordered(changes, folder);
	return r;
}

/* Those that share its position, or whom a tie has pushed as far. */
int
folder_order_one(struct folder_changes *changes, const struct node *node)
{
	int64_t n = 0;
	int r = db_get_int(changes->tx->db, &n,
	    "SELECT EXISTS(SELECT 1 FROM nodes WHERE parent = ?1 AND ino != ?2"
	    " AND off BETWEEN ?3 - ?4 AND ?3 + ?4)",
	    "iiii", (int64_t)node->parent, (int64_t)node->ino,
	    node_off_from_pos(node->pos), (int64_t)TIES);

	if (r == 0 && (n != 0 || node->off != node_off_from_pos(node->pos)))
		r = folder_order(changes, node->parent, node->kind);
	return r;
}

int
folder_last_pos(
    struct tx *tx, uint64_t folder, enum node_kind children, double *ret_pos)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT pos FROM nodes WHERE parent = ? AND kind = ?"
	    " ORDER BY off DESC LIMIT 1");
	int r = db_bind(stmt, "ii", (int64_t)folder, (int64_t)children);

	if (r == 0)
		r = db_step(stmt);
	if (r >= 0)
		*ret_pos = r == 1 ? sqlite3_column_double(stmt, 0) : 0;
	db_reset(stmt);
	return r < 0 ? r : 0;
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

	for (size_t i = 0; i < changes->ordered.n && r == 0; i++)
		r = numbering_apply(changes, changes->ordered.v[i]);
	for (size_t i = 0; i < changes->touched.n && r == 0; i++) {
		uint64_t ino = changes->touched.v[i];

		r = node_touch_dir(changes->tx, ino);
		if (r == 0 && !is_asked(changes, ino, NULL))
			r = invalidate_inode(&changes->out, ino);
	}
	return r;
}

int
folder_commit(struct folder_changes *changes, int r, struct invalidations *out)
{
	struct store *store = changes->tx->store;

	if (r == 0)
		r = finish(changes);
	if (r == 0 && changes->untold != UNTOLD_NOT)
		untold_keep(store, &changes->out, changes->untold);
	if (r == 0)
		r = store_commit(changes->tx);
	else
		store_end(changes->tx);
	if (r != 0 || changes->untold == UNTOLD_NOT)
		untold_drop_all_of(store_untold(store), &changes->out);
	if (r == 0)
		r = invalidations_move(&changes->out, out);
	invalidations_fini(&changes->out);
	VEC_FREE(&changes->touched);
	VEC_FREE(&changes->fresh);
	VEC_FREE(&changes->ordered);
	return r;
}
