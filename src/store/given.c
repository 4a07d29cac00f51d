#include "store/given.h"

#include "store/saves.h"
#include "store/tx.h"
#include "text/card_text.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
is_shown(struct tx *tx, uint64_t file, const struct buf *text)
{
	struct buf shown = BUF_INIT;
	int r = node_text(tx, file, &shown);

	if (r == 0)
		r = shown.len == text->len &&
		    (text->len == 0 ||
			memcmp(shown.data, text->data, text->len) == 0);
	buf_free(&shown);
	return r == -ENOENT ? 0 : r;
}

static int
note(struct tx *tx, uint64_t file, const struct buf *text, const char *from,
    const struct given_origin *origin)
{
	int r = db_run(tx->db,
	    "INSERT INTO orders(ino, at_ms, saved, writer, text, inos)"
	    " VALUES(?, ?, ?, ?, ?, ?)",
	    "iiiibs", (int64_t)file, time_wall_ms(), (int64_t)origin->saved,
	    (int64_t)origin->writer, buf_str(text), text->len, from);

	return r == 0 ? db_run(tx->db,
			    "DELETE FROM orders WHERE ino = ?1 AND num <="
			    " (SELECT num FROM orders WHERE ino = ?1"
			    "  ORDER BY num DESC LIMIT 1 OFFSET ?2)",
			    "ii", (int64_t)file, (int64_t)GIVEN_KEPT)
		      : r;
}

/* And note it if it is another one or was saved; the size and times follow. */
static int
show_text(struct tx *tx, struct node *file, const struct buf *text,
    const char *from, const struct given_origin *origin)
{
	int64_t now_ns = time_wall_ns();
	int same = is_shown(tx, file->ino, text);
	int r = same < 0 ? same : 0;

	if (r == 0 && (!same || origin->saved))
		r = note(tx, file->ino, text, from, origin);
	if (r == 0 && !same)
		r = node_text_set(tx, file->ino, "", buf_str(text), text->len);
	if (r != 0 || (same && file->size == (int64_t)text->len))
		return r;
	file->size = (int64_t)text->len;
	file->mtime_ns = now_ns > file->mtime_ns ? now_ns : file->mtime_ns + 1;
	file->ctime_ns = file->mtime_ns;
	return node_update(tx, file);
}

static void
made_free(struct given_text *made)
{
	buf_free(&made->text);
	buf_free(&made->from);
}

static int
show(struct tx *tx, const struct given_kind *kind, struct node *file,
    const struct given_origin *origin)
{
	struct given_text made = {BUF_INIT, BUF_INIT};
	int r = kind->make(tx, file->parent, &made);

	if (r == 0)
		r = show_text(
		    tx, file, &made.text, buf_str(&made.from), origin);
	made_free(&made);
	return r;
}

int
given_is_current(
    struct tx *tx, const struct given_kind *kind, const struct node *file)
{
	struct given_text made = {BUF_INIT, BUF_INIT};
	int r = saves_has(tx, file->ino);

	if (r != 0)
		return r;
	r = kind->make(tx, file->parent, &made);
	if (r == 0)
		r = is_shown(tx, file->ino, &made.text);
	made_free(&made);
	return r;
}

int
given_refresh(struct tx *tx, const struct given_kind *kind, struct node *file)
{
	int r = saves_has(tx, file->ino);

	return r != 0 ? (r < 0 ? r : 0)
		      : show(tx, kind, file, &(struct given_origin){0});
}

int
given_saved(struct tx *tx, const struct given_kind *kind, struct node *file,
    uint64_t writer)
{
	return show(tx, kind, file,
	    &(struct given_origin){.saved = true, .writer = writer});
}

int
given_note(struct tx *tx, const struct given_kind *kind,
    const struct node *file, const struct buf *text)
{
	struct given_text made = {BUF_INIT, BUF_INIT};
	int r = kind->make(tx, file->parent, &made);

	if (r == 0)
		r = note(tx, file->ino, text, buf_str(&made.from),
		    &(struct given_origin){.saved = true});
	made_free(&made);
	return r;
}

int
given_note_saved(struct tx *tx, const struct node *file, const char *text,
    size_t len, const char *from, uint64_t writer)
{
	const struct buf saved = {.data = (char *)text, .len = len};

	return note(tx, file->ino, &saved, from,
	    &(struct given_origin){.saved = true, .writer = writer});
}

int
given_open(struct tx *tx, const struct given_kind *kind,
    const struct node *folder, struct node *ret_node)
{
	struct node file = {.kind = kind->node,
	    .parent = folder->ino,
	    .mode = -1,
	    .uid = -1,
	    .gid = -1};
	int r = node_by_name(tx, folder->ino, kind->name, ret_node);

	if (r == 0)
		return given_refresh(tx, kind, ret_node);
	if (r != -ENOENT)
		return r;
	(void)snprintf(file.name, sizeof file.name, "%s", kind->name);
	file.mtime_ns = file.ctime_ns = folder->mtime_ns;
	r = node_add_local(tx, &file);
	if (r == 0)
		r = show(tx, kind, &file, &(struct given_origin){0});
	if (r == 0)
		*ret_node = file;
	return r;
}

static int
add_given(sqlite3_stmt *stmt, struct givens *givens)
{
	const void *text = sqlite3_column_blob(stmt, 0);
	struct given *given = VEC_ADD(&givens->list);

	if (given == NULL)
		return -ENOMEM;
	given->len = (size_t)sqlite3_column_bytes(stmt, 0);
	given->text = strndup(text != NULL ? text : "", given->len);
	given->from = strdup((const char *)sqlite3_column_text(stmt, 1));
	given->saved = sqlite3_column_int(stmt, 2) != 0;
	given->writer = (uint64_t)sqlite3_column_int64(stmt, 3);
	return given->text != NULL && given->from != NULL ? 0 : -ENOMEM;
}

int
givens_read(struct tx *tx, uint64_t file, struct givens *ret_givens)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT text, inos, saved, writer FROM orders WHERE ino = ?"
	    " ORDER BY num DESC");
	struct givens givens = {0};
	int r = db_bind(stmt, "i", (int64_t)file);

	while (r == 0 && (r = db_step(stmt)) == 1)
		r = add_given(stmt, &givens);
	db_reset(stmt);
	if (r == 0)
		*ret_givens = givens;
	else
		givens_fini(&givens);
	return r;
}

void
givens_fini(struct givens *givens)
{
	for (size_t i = 0; i < givens->list.n; i++) {
		free(givens->list.v[i].text);
		free(givens->list.v[i].from);
	}
	VEC_FREE(&givens->list);
}

static bool
has_rev(const struct given *given, const char *rev)
{
	struct card_text_head head;

	card_text_head(given->text, given->len, &head);
	return strcmp(head.rev, rev) == 0;
}

size_t
givens_of_rev(struct givens *givens, const char *rev)
{
	struct given *v = givens->list.v;
	size_t n = 0;

	for (size_t i = 0; i < givens->list.n; i++) {
		struct given one = v[i];

		if (!has_rev(&one, rev))
			continue;
		memmove(&v[n + 1], &v[n], (i - n) * sizeof *v);
		v[n++] = one;
	}
	return n;
}

static bool
goes_back(const struct givens *givens, const char *text, size_t len)
{
	bool saved = false;

	for (size_t i = 0; i < givens->list.n; i++) {
		const struct given *given = &givens->list.v[i];

		if (i > 0 && given->len == len &&
		    memcmp(given->text, text, len) == 0)
			return saved;
		saved = saved || given->saved;
	}
	return false;
}

size_t
givens_candidates(
    const struct givens *givens, const char *text, size_t len, uint64_t writer)
{
	size_t n = 0;

	if (givens->list.n > 0 && goes_back(givens, text, len))
		return 1;
	while (n < givens->list.n) {
		const struct given *given = &givens->list.v[n++];

		if (given->saved && (writer == 0 || given->writer == 0 ||
					given->writer == writer))
			break;
	}
	return n;
}

int
given_rename(struct tx *tx, const char *old_id, const char *new_id)
{
	return db_run(tx->db,
	    "UPDATE orders SET inos = replace(inos, ?1, ?2)"
	    " WHERE instr(inos, ?1) > 0",
	    "ss", old_id, new_id);
}

int
given_prune(struct tx *tx, int64_t now_ms)
{
	return db_run(tx->db, "DELETE FROM orders WHERE at_ms < ?", "i",
	    now_ms - GIVEN_KEPT_MS);
}
