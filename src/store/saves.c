#include "store/saves.h"

#include "store/local.h"
#include "store/revisions.h"
#include "store/tx.h"
#include "util/buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
save_fini(struct save *save)
{
	VEC_FREE(&save->appended);
}

/* Offsets as decimal numbers, a blank behind each. */
static int
read_offsets(const char *text, struct save *save)
{
	char *end;

	for (; *text != '\0'; text = *end != '\0' ? end + 1 : end) {
		size_t *slot = VEC_ADD(&save->appended);

		if (slot == NULL)
			return -ENOMEM;
		*slot = (size_t)strtoull(text, &end, 10);
	}
	return 0;
}

int
save_get(struct tx *tx, uint64_t ino, struct save *ret_save)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT since_ms, last_ms, written, draft, appended, writer"
	    " FROM saves WHERE ino = ?");
	struct save save = {.ino = ino};
	int r = db_bind(stmt, "i", (int64_t)ino);

	if (r == 0)
		r = db_step(stmt);
	if (r == 1) {
		save.since_ms = sqlite3_column_int64(stmt, 0);
		save.last_ms = sqlite3_column_int64(stmt, 1);
		save.written = sqlite3_column_int(stmt, 2) != 0;
		save.draft = sqlite3_column_int(stmt, 3) != 0;
		save.writer = (uint64_t)sqlite3_column_int64(stmt, 5);
		r = read_offsets(
		    (const char *)sqlite3_column_text(stmt, 4), &save);
	} else if (r == 0) {
		r = -ENOENT;
	}
	db_reset(stmt);
	if (r == 0)
		*ret_save = save;
	else
		save_fini(&save);
	return r;
}

int
saves_has(struct tx *tx, uint64_t ino)
{
	int64_t n = 0;
	int r = db_get_int(tx->db, &n,
	    "SELECT EXISTS(SELECT 1 FROM saves WHERE ino = ?)", "i",
	    (int64_t)ino);

	return r != 0 ? r : n != 0;
}

int
saves_want_writer(struct tx *tx, uint64_t ino)
{
	int64_t n = 0;
	int r = db_get_int(tx->db, &n,
	    "SELECT NOT EXISTS(SELECT 1 FROM saves WHERE ino = ?"
	    " AND written AND NOT draft)",
	    "i", (int64_t)ino);

	return r != 0 ? r : n != 0;
}

/* The text that ended where somebody goes on: his own last one, else whoever's
 * came last.  Empty if there is none. */
static int
continued_text(struct tx *tx, const struct node *node, uint64_t writer,
    size_t len, struct buf *ret_text)
{
	int r = writer != 0
		    ? revision_saved(tx, node->id, writer, len, ret_text)
		    : -ENOENT;

	if (r == -ENOENT)
		r = revision_saved(tx, node->id, 0, len, ret_text);
	return r == -ENOENT ? 0 : r;
}

/*
 * Begin with a copy of the text that is shown.  But who goes on writing where
 * a text ended that was saved before continues that text: a program that
 * thinks for longer than a save may take still has the file open.
 */
static int
begin(struct tx *tx, struct node *node, const struct save_by *by,
    bool with_text, int64_t continued_at)
{
	struct buf text = BUF_INIT;
	int r = db_run(tx->db,
	    "INSERT INTO saves(ino, since_ms, last_ms, written, draft,"
	    " appended) VALUES(?1, ?2, ?2, 0, 0, '')",
	    "ii", (int64_t)node->ino, by->now_ms);

	if (r == 0 && continued_at > 0)
		r = continued_text(
		    tx, node, by->writer, (size_t)continued_at, &text);
	if (r == 0 && with_text && text.len == 0)
		r = node_text(tx, node->ino, &text);
	if (r == -ENOENT)
		r = 0;
	node->size = 0;
	if (r == 0 && text.len > 0)
		r = local_write(tx, node, 0, text.data, text.len);
	buf_free(&text);
	return r;
}

static int
note_append(struct tx *tx, uint64_t ino, int64_t offset)
{
	char word[32];

	(void)snprintf(word, sizeof word, "%lld ", (long long)offset);
	return db_run(tx->db,
	    "UPDATE saves SET appended = appended || ? WHERE ino = ?", "si",
	    word, (int64_t)ino);
}

/* What follows what was just appended continues it, and is no new piece. */
static int
continues(struct tx *tx, const struct save *save, const struct node *node)
{
	(void)tx;
	return save->appended.n > 0 && save->written &&
	       save->appended.v[save->appended.n - 1] < (size_t)node->size;
}

int
save_write(struct tx *tx, struct node *node, int64_t offset, const void *data,
    size_t len, bool append, const struct save_by *by)
{
	struct save save = {0};
	int r = save_get(tx, node->ino, &save);

	if (r == -ENOENT)
		r = begin(tx, node, by, true, append ? 0 : offset);
	if (r == 0 && append) {
		offset = node->size;
		if (!continues(tx, &save, node))
			r = note_append(tx, node->ino, offset);
	}
	if (r == 0)
		r = local_write(tx, node, offset, data, len);
	if (r == 0)
		r = db_run(tx->db,
		    "UPDATE saves SET last_ms = ?, written = 1, draft = 0,"
		    " writer = iif(draft OR NOT written, ?, writer)"
		    " WHERE ino = ?",
		    "iii", by->now_ms, (int64_t)by->writer, (int64_t)node->ino);
	save_fini(&save);
	return r;
}

int
save_truncate(struct tx *tx, struct node *node, int64_t size, int64_t now_ms)
{
	struct save_by by = {.now_ms = now_ms};
	int has = saves_has(tx, node->ino);
	int r = has < 0 ? has : 0;

	if (r == 0 && !has)
		r = begin(tx, node, &by, size != 0, 0);
	if (r == 0)
		r = local_truncate(tx, node, size);
	if (r == 0)
		r = db_run(tx->db,
		    "UPDATE saves SET last_ms = ?1, draft = 0,"
		    " written = written AND ?2 != 0, appended = '' "
		    " WHERE ino = ?3",
		    "iii", now_ms, size, (int64_t)node->ino);
	return r;
}

int
save_text(
    struct tx *tx, const struct node *node, char **ret_text, size_t *ret_len)
{
	size_t size = (size_t)node->size;
	char *text = malloc(size + 1);
	int r;

	if (text == NULL)
		return -ENOMEM;
	r = local_read(tx, node, 0, text, size, ret_len);
	if (r != 0) {
		free(text);
		return r;
	}
	text[*ret_len] = '\0';
	*ret_text = text;
	return 0;
}

int
save_set_draft(struct tx *tx, uint64_t ino, bool draft)
{
	return db_run(tx->db, "UPDATE saves SET draft = ? WHERE ino = ?", "ii",
	    (int64_t)draft, (int64_t)ino);
}

int
save_end(struct tx *tx, uint64_t ino)
{
	int r = db_run(
	    tx->db, "DELETE FROM saves WHERE ino = ?", "i", (int64_t)ino);

	if (r == 0)
		r = db_run(tx->db, "DELETE FROM blocks WHERE ino = ?", "i",
		    (int64_t)ino);
	return r;
}

int
saves_before(
    struct tx *tx, int64_t before_ms, uint64_t *inos, size_t max, size_t *ret_n)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT ino FROM saves WHERE NOT draft AND last_ms <= ?"
	    " ORDER BY last_ms LIMIT ?");
	int r = db_bind(stmt, "ii", before_ms, (int64_t)max);

	*ret_n = 0;
	while (r == 0 && (r = db_step(stmt)) == 1) {
		inos[(*ret_n)++] = (uint64_t)sqlite3_column_int64(stmt, 0);
		r = 0;
	}
	db_reset(stmt);
	return r;
}

int
saves_drafts(struct tx *tx, int64_t *ret_count)
{
	return db_get_int(
	    tx->db, ret_count, "SELECT count(*) FROM saves WHERE draft", "");
}
