#include "store/problems.h"

#include "store/folder.h"
#include "store/local.h"
#include "store/nodes.h"
#include "store/saves.h"
#include "store/tx.h"
#include "text/names.h"
#include "util/buf.h"
#include "util/timeutil.h"
#include "util/vec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What to do about a text whose card is not shown any more. */
#define LOST_REMEDY                                                       \
	"the card is not there any more: copy what you need from below, " \
	"and remove this file"

struct problem_inos {
	uint64_t *v;
	size_t n, cap;
};

void
problem_fini(struct problem *problem)
{
	free(problem->what);
	free(problem->why);
	free(problem->remedy);
	free(problem->text);
	*problem = (struct problem){0};
}

int
problem_set(struct tx *tx, uint64_t ino, const char *what, const char *why,
    const char *remedy, const void *text, size_t len)
{
	return db_run(tx->db,
	    "INSERT INTO problems(ino, at_ms, what, why, remedy, text)"
	    " VALUES(?1, CAST(unixepoch() * 1000 AS INTEGER), ?2, ?3, ?4, ?5)"
	    " ON CONFLICT(ino) DO UPDATE SET at_ms = excluded.at_ms,"
	    " what = ?2, why = ?3, remedy = ?4, text = ?5",
	    "isssb", (int64_t)ino, what, why, remedy, text, len);
}

static int
copy_column(sqlite3_stmt *stmt, int column, char **ret_text)
{
	const void *data = sqlite3_column_blob(stmt, column);
	size_t len = (size_t)sqlite3_column_bytes(stmt, column);

	if (sqlite3_column_type(stmt, column) == SQLITE_NULL)
		return 0;
	*ret_text = malloc(len + 1);
	if (*ret_text == NULL)
		return -ENOMEM;
	if (len > 0)
		memcpy(*ret_text, data, len);
	(*ret_text)[len] = '\0';
	return 0;
}

#define COLUMNS "ino, at_ms, what, why, remedy, text, file"

static int
from_row(sqlite3_stmt *stmt, struct problem *problem)
{
	int r;

	*problem = (struct problem){
	    .ino = (uint64_t)sqlite3_column_int64(stmt, 0),
	    .at_ms = sqlite3_column_int64(stmt, 1),
	    .len = (size_t)sqlite3_column_bytes(stmt, 5),
	    .file = (uint64_t)sqlite3_column_int64(stmt, 6),
	};
	r = copy_column(stmt, 2, &problem->what);
	if (r == 0)
		r = copy_column(stmt, 3, &problem->why);
	if (r == 0)
		r = copy_column(stmt, 4, &problem->remedy);
	if (r == 0)
		r = copy_column(stmt, 5, &problem->text);
	if (r != 0)
		problem_fini(problem);
	return r;
}

int
problem_get(struct tx *tx, uint64_t ino, struct problem *ret_problem)
{
	sqlite3_stmt *stmt = db_prepare(
	    tx->db, "SELECT " COLUMNS " FROM problems WHERE ino = ?");
	int r = db_bind(stmt, "i", (int64_t)ino);

	if (r == 0)
		r = db_step(stmt);
	if (r == 1)
		r = from_row(stmt, ret_problem);
	else if (r == 0)
		r = -ENOENT;
	db_reset(stmt);
	return r;
}

int
problems_count(struct tx *tx, int64_t *ret_count)
{
	return db_get_int(
	    tx->db, ret_count, "SELECT count(*) FROM problems", "");
}

int
problem_each(struct tx *tx, problem_fn *fn, void *cookie)
{
	sqlite3_stmt *stmt = db_prepare(
	    tx->db, "SELECT " COLUMNS " FROM problems ORDER BY at_ms, ino");
	struct problem problem;
	int r;

	while ((r = db_step(stmt)) == 1) {
		r = from_row(stmt, &problem);
		if (r == 0) {
			r = fn(cookie, &problem);
			problem_fini(&problem);
		}
		if (r != 0)
			break;
	}
	db_reset(stmt);
	return r;
}

static void
add_line(struct buf *out, const char *line)
{
	if (line == NULL || line[0] == '\0')
		return;
	(void)buf_add_str(out, line);
	(void)buf_add_char(out, '\n');
}

static int
make_text(const struct problem *problem, bool lost, struct buf *out)
{
	add_line(out, problem->what);
	add_line(out, problem->why);
	add_line(out, lost ? LOST_REMEDY : problem->remedy);
	if (problem->text != NULL) {
		add_line(out, PROBLEM_LINE);
		(void)buf_add(out, problem->text, problem->len);
	}
	return out->err;
}

/* Where the file stands: beside the card, or at the root if that is nowhere. */
struct place {
	const struct node *card;
	struct node file;
	bool lost;
};

static int
is_nowhere(struct tx *tx, const struct node *card)
{
	struct node up = *card;
	int r = 0;

	while (r == 0 && up.parent != NODE_ROOT && up.parent != 0)
		r = node_get(tx, up.parent, &up);
	return r != 0 ? r : up.parent == 0;
}

/* A name that nothing else has; of a lost card another lost one may. */
static int
choose_name(struct tx *tx, struct place *place)
{
	struct node *file = &place->file, other;
	const char *card = place->card->name;
	size_t len = strlen(card), ext = strlen(NAME_CARD_EXTENSION);
	int r;

	if (snprintf(file->name, sizeof file->name, "%s" PROBLEM_SUFFIX,
		card) >= (int)sizeof file->name)
		return -ENAMETOOLONG;
	r = node_by_name(tx, file->parent, file->name, &other);
	if (r == -ENOENT)
		return 0;
	if (r != 0 || !place->lost || len < ext)
		return r != 0 ? r : -EEXIST;
	(void)snprintf(file->name, sizeof file->name,
	    "%.*s #%llu" NAME_CARD_EXTENSION PROBLEM_SUFFIX, (int)(len - ext),
	    card, (unsigned long long)place->card->ino);
	return 0;
}

/* Just before its card, so that `rm -r` comes to it first: it goes with the
 * card. */
static int
add_file(struct tx *tx, struct place *place)
{
	struct node *file = &place->file;
	int64_t taken = 0, off = place->card->off - 1;
	int r;

	*file = (struct node){.kind = NODE_ERROR,
	    .parent = place->lost ? NODE_ROOT : place->card->parent,
	    .mode = 0400,
	    .uid = -1,
	    .gid = -1};
	file->mtime_ns = file->ctime_ns = time_wall_ns();
	r = choose_name(tx, place);
	if (r == 0)
		r = node_add_local(tx, file);
	if (r == 0)
		r = db_run(tx->db, "UPDATE problems SET file = ? WHERE ino = ?",
		    "ii", (int64_t)file->ino, (int64_t)place->card->ino);
	if (r != 0 || place->lost)
		return r;
	r = db_get_int(tx->db, &taken,
	    "SELECT count(*) FROM nodes WHERE parent = ? AND off = ?", "ii",
	    (int64_t)file->parent, off);
	if (r != 0 || taken > 0)
		return r;
	file->off = off;
	return node_update(tx, file);
}

static int
write_file(struct folder_changes *changes, struct place *place,
    const struct problem *problem)
{
	struct node *file = &place->file;
	bool is_new = problem->file == 0;
	struct buf text = BUF_INIT;
	int r = make_text(problem, place->lost, &text);

	if (r == 0)
		r = is_new ? add_file(changes->tx, place)
			   : node_get(changes->tx, problem->file, file);
	if (r == 0)
		r = local_truncate(changes->tx, file, 0);
	if (r == 0 && text.len > 0)
		r = local_write(changes->tx, file, 0, text.data, text.len);
	buf_free(&text);
	if (r == 0 && is_new)
		r = invalidate_entry(&changes->out, file->parent, file->name);
	if (r == 0 && is_new)
		r = folder_touch(changes, file->parent);
	return r == 0 ? invalidate_inode(&changes->out, file->ino) : r;
}

static int
remove_file(struct folder_changes *changes, uint64_t ino)
{
	struct node file;
	int r = ino != 0 ? node_get(changes->tx, ino, &file) : -ENOENT;

	if (r != 0)
		return r == -ENOENT ? 0 : r;
	r = node_delete(changes->tx, ino);
	if (r == 0)
		r = invalidate_entry(&changes->out, file.parent, file.name);
	return r == 0 ? folder_touch(changes, file.parent) : r;
}

int
problem_end(struct folder_changes *changes, uint64_t ino)
{
	struct problem problem;
	int r = problem_get(changes->tx, ino, &problem);

	if (r != 0)
		return r == -ENOENT ? 0 : r;
	r = remove_file(changes, problem.file);
	problem_fini(&problem);
	return r == 0 ? db_run(changes->tx->db,
			    "DELETE FROM problems WHERE ino = ?", "i",
			    (int64_t)ino)
		      : r;
}

int
problem_hide(struct folder_changes *changes, const struct node *card)
{
	int64_t file = 0;
	int r = db_get_int(changes->tx->db, &file,
	    "SELECT ifnull(max(file), 0) FROM problems WHERE ino = ?", "i",
	    (int64_t)card->ino);

	if (r != 0 || file == 0)
		return r;
	r = remove_file(changes, (uint64_t)file);
	return r == 0 ? db_run(changes->tx->db,
			    "UPDATE problems SET file = 0 WHERE ino = ?", "i",
			    (int64_t)card->ino)
		      : r;
}

int
problem_show(struct folder_changes *changes, const struct node *card)
{
	struct place place = {.card = card};
	struct problem problem;
	int r = problem_get(changes->tx, card->ino, &problem), lost;

	if (r != 0)
		return r == -ENOENT ? 0 : r;
	lost = is_nowhere(changes->tx, card);
	place.lost = lost == 1;
	r = lost < 0 ? lost : write_file(changes, &place, &problem);
	problem_fini(&problem);
	return r == -ENAMETOOLONG || r == -EEXIST ? 0 : r;
}

int
problem_of_file(struct tx *tx, uint64_t file, struct node *ret_card)
{
	int64_t ino = 0;
	int r = db_get_int(tx->db, &ino,
	    "SELECT ifnull(max(ino), 0) FROM problems WHERE file = ?", "i",
	    (int64_t)file);

	if (r == 0 && ino == 0)
		r = -ENOENT;
	return r == 0 ? node_get(tx, (uint64_t)ino, ret_card) : r;
}

static int
cards_below(struct tx *tx, const struct node *folder, struct problem_inos *inos)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT p.ino FROM problems p JOIN nodes n ON n.ino = p.ino"
	    " WHERE n.kind = ?2 AND (n.parent = ?1 OR n.parent IN"
	    " (SELECT ino FROM nodes WHERE parent = ?1))");
	int r = db_bind(stmt, "ii", (int64_t)folder->ino, (int64_t)NODE_CARD);

	while (r == 0 && (r = db_step(stmt)) == 1) {
		uint64_t *slot = VEC_ADD(inos);

		r = slot != NULL ? 0 : -ENOMEM;
		if (slot != NULL)
			*slot = (uint64_t)sqlite3_column_int64(stmt, 0);
	}
	db_reset(stmt);
	return r;
}

/* An order of what is nowhere any more is of no use. */
static int
end_orders_below(struct folder_changes *changes, const struct node *folder)
{
	int64_t ino = 0;
	struct node file;
	int r;

	do {
		r = db_get_int(changes->tx->db, &ino,
		    "SELECT ifnull(max(s.ino), 0) FROM saves s JOIN nodes n"
		    " ON n.ino = s.ino WHERE n.kind IN (?2, ?3) AND (n.parent "
		    "= ?1 OR"
		    " n.parent IN (SELECT ino FROM nodes WHERE parent = ?1))",
		    "iii", (int64_t)folder->ino, (int64_t)NODE_ORDER,
		    (int64_t)NODE_BOARD_FILE);
		if (r == 0 && ino != 0)
			r = node_get(changes->tx, (uint64_t)ino, &file);
		if (r == 0 && ino != 0)
			r = save_end(changes->tx, file.ino);
		if (r == 0 && ino != 0)
			r = problem_end(changes, file.ino);
	} while (r == 0 && ino != 0);
	return r;
}

int
problems_show_below(struct folder_changes *changes, const struct node *folder)
{
	struct problem_inos inos = {0};
	int r = cards_below(changes->tx, folder, &inos);

	if (r == 0 && folder->parent == 0)
		r = end_orders_below(changes, folder);

	for (size_t i = 0; i < inos.n && r == 0; i++) {
		struct node card;

		r = node_get(changes->tx, inos.v[i], &card);
		if (r == 0)
			r = problem_hide(changes, &card);
		if (r == 0)
			r = problem_show(changes, &card);
	}
	VEC_FREE(&inos);
	return r;
}
