#include "store/problems.h"

#include "store/folder.h"
#include "store/local.h"
#include "store/nodes.h"
#include "store/tx.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

#define COLUMNS "ino, at_ms, what, why, remedy, text"

static int
from_row(sqlite3_stmt *stmt, struct problem *problem)
{
	int r;

	*problem = (struct problem){
	    .ino = (uint64_t)sqlite3_column_int64(stmt, 0),
	    .at_ms = sqlite3_column_int64(stmt, 1),
	    .len = (size_t)sqlite3_column_bytes(stmt, 5),
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
problem_clear(struct tx *tx, uint64_t ino)
{
	int r = db_run(
	    tx->db, "DELETE FROM problems WHERE ino = ?", "i", (int64_t)ino);

	return r != 0 ? r : db_changes(tx->db) > 0;
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
make_text(const struct problem *problem, struct buf *out)
{
	add_line(out, problem->what);
	add_line(out, problem->why);
	add_line(out, problem->remedy);
	if (problem->text != NULL) {
		add_line(out, PROBLEM_LINE);
		(void)buf_add(out, problem->text, problem->len);
	}
	return out->err;
}

/* Just before its card, so that `rm -r` comes to it first: it goes with the
 * card. */
static int
add_file(struct tx *tx, const struct node *card, struct node *file)
{
	int64_t taken = 0;
	int r = node_add_local(tx, file);

	if (r == 0)
		r = db_get_int(tx->db, &taken,
		    "SELECT count(*) FROM nodes WHERE parent = ? AND off = ?",
		    "ii", (int64_t)card->parent, card->off - 1);
	if (r != 0 || taken > 0)
		return r;
	file->off = card->off - 1;
	return node_update(tx, file);
}

static int
write_file(struct folder_changes *changes, const struct node *card,
    struct node *file, bool is_new, const struct problem *problem)
{
	struct buf text = BUF_INIT;
	int r = make_text(problem, &text);

	if (r == 0 && is_new)
		r = add_file(changes->tx, card, file);
	if (r == 0)
		r = local_truncate(changes->tx, file, 0);
	if (r == 0 && text.len > 0)
		r = local_write(changes->tx, file, 0, text.data, text.len);
	buf_free(&text);
	if (r == 0 && is_new)
		r = invalidate_entry(&changes->out, file->parent, file->name);
	return r == 0 ? invalidate_inode(&changes->out, file->ino) : r;
}

static int
remove_file(struct folder_changes *changes, const struct node *file)
{
	int r = node_delete(changes->tx, file->ino);

	if (r == 0)
		r = invalidate_entry(&changes->out, file->parent, file->name);
	return r == 0 ? folder_touch(changes, file->parent) : r;
}

/* The file beside a card.  0, -ENOENT (file has its name), -ENAMETOOLONG,
 * -EEXIST: something else has it; or -errno. */
static int
find_file(struct tx *tx, const struct node *card, struct node *file)
{
	int r;

	if (snprintf(file->name, sizeof file->name, "%s" PROBLEM_SUFFIX,
		card->name) >= (int)sizeof file->name)
		return -ENAMETOOLONG;
	r = node_by_name(tx, card->parent, file->name, file);
	return r == 0 && file->kind != NODE_ERROR ? -EEXIST : r;
}

int
problem_hide(struct folder_changes *changes, const struct node *card)
{
	struct node file;
	int64_t n = 0;
	int r = db_get_int(changes->tx->db, &n,
	    "SELECT count(*) FROM problems WHERE ino = ?", "i",
	    (int64_t)card->ino);

	if (r != 0 || n == 0 || card->parent == 0)
		return r;
	r = find_file(changes->tx, card, &file);
	return r == 0 ? remove_file(changes, &file) : 0;
}

int
problem_show(struct folder_changes *changes, const struct node *card)
{
	struct node file = {.kind = NODE_ERROR,
	    .parent = card->parent,
	    .mode = 0400,
	    .uid = -1,
	    .gid = -1};
	struct problem problem = {0};
	bool is_new;
	int found, r;

	if (card->parent == 0)
		return 0;
	r = find_file(changes->tx, card, &file);
	if (r == -ENAMETOOLONG || r == -EEXIST)
		return 0;
	if (r != 0 && r != -ENOENT)
		return r;
	is_new = r == -ENOENT;
	if (is_new)
		file.mtime_ns = file.ctime_ns = time_wall_ns();
	found = problem_get(changes->tx, card->ino, &problem);
	if (found == 0) {
		r = write_file(changes, card, &file, is_new, &problem);
		if (r == 0 && is_new)
			r = folder_touch(changes, card->parent);
	} else {
		r = found == -ENOENT ? 0 : found;
		if (r == 0 && !is_new)
			r = remove_file(changes, &file);
	}
	problem_fini(&problem);
	return r;
}
