#include "store/numbering.h"

#include "model/ids.h"
#include "store/journal.h"
#include "store/naming.h"
#include "store/tx.h"
#include "text/names.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More digits are part of a title. */
#define DIGITS_MAX 3

struct lists {
	VEC(struct node) nodes;
};

static int
add_list(void *cookie, const struct node *node)
{
	struct lists *lists = cookie;
	struct node *slot;

	if (node->kind != NODE_LIST)
		return 0;
	slot = VEC_ADD(&lists->nodes);
	if (slot == NULL)
		return -ENOMEM;
	*slot = *node;
	return 0;
}

/* What Trello and the journal have.  -ENOENT: neither knows it. */
static int
title_of(struct tx *tx, const char *id, struct buf *title)
{
	sqlite3_stmt *stmt =
	    db_prepare(tx->db, "SELECT title FROM lists WHERE id = ?");
	struct entries entries = {0};
	int r = db_bind(stmt, "s", id);
	bool known;

	if (r == 0)
		r = db_step(stmt);
	known = r == 1;
	if (known)
		r = buf_add_str(
		    title, (const char *)sqlite3_column_text(stmt, 0));
	db_reset(stmt);
	if (r == 0)
		r = journal_of(tx, id, &entries);
	for (size_t i = 0; i < entries.list.n && r == 0; i++) {
		const struct entry *entry = &entries.list.v[i];

		if (entry->kind != ENTRY_LIST_CREATE &&
		    (entry->kind != ENTRY_LIST_RENAME ||
			entry->state == ENTRY_REFUSED))
			continue;
		buf_clear(title);
		r = buf_add_str(title, model_str(entry->title));
		known = true;
	}
	entries_fini(&entries);
	return r != 0 ? r : known ? 0 : -ENOENT;
}

static size_t
digits_of(const char *name)
{
	size_t n = 0;

	while (n <= DIGITS_MAX && isdigit((unsigned char)name[n]))
		n++;
	return n >= 1 && n <= DIGITS_MAX && name[n] == ' ' ? n : 0;
}

const char *
numbering_split(struct tx *tx, const char *name, size_t *ret_place)
{
	size_t n = tx->numbered ? digits_of(name) : 0;

	*ret_place = n > 0 ? (size_t)strtoul(name, NULL, 10) : 0;
	return n > 0 && name[n + 1] != '\0' ? name + n + 1 : name;
}

/* The name that a list is to have; "": the one that it has. */
static int
choose_name(struct tx *tx, const struct node *list, size_t place, size_t n,
    char name[NODE_NAME_MAX + 1])
{
	struct buf title = BUF_INIT, base = BUF_INIT;
	int r = title_of(tx, list->id, &title);

	name[0] = '\0';
	if (journal_is_own_id(list->id) && digits_of(list->name) == 0)
		r = -ENOENT;
	if (r == 0)
		r = name_from_title(buf_str(&title), "", "", &base);
	if (r == 0)
		(void)snprintf(name, NODE_NAME_MAX + 1, "%0*zu %s",
		    n > 99 ? 3 : 2, place, buf_str(&base));
	buf_free(&title);
	buf_free(&base);
	return r == -ENOENT ? 0 : r;
}

/* The kernel may think that it has named it as it was asked to. */
static int
rename_list(struct folder_changes *changes, const struct node *old,
    const char *name, uint64_t board)
{
	struct node node = *old;
	int r;

	node.parent = board;
	node.ctime_ns = time_wall_ns();
	(void)snprintf(node.name, sizeof node.name, "%s", name);
	r = folder_place(changes, old, &node);
	if (r == 0)
		r = invalidate_entry(&changes->out, board, old->name);
	if (r == 0)
		r = invalidate_entry(&changes->out, board, name);
	return r == 0 ? folder_touch(changes, board) : r;
}

typedef char list_name[NODE_NAME_MAX + 1];

static int
name_all(struct folder_changes *changes, uint64_t board, struct lists *lists)
{
	size_t n = lists->nodes.n;
	list_name *names = calloc(n + 1, sizeof *names);
	int r = names != NULL ? 0 : -ENOMEM;

	/* Names that change are freed first, so that two may swap theirs. */
	for (size_t i = 0; i < n && r == 0; i++) {
		struct node *list = &lists->nodes.v[i];

		r = choose_name(changes->tx, list, i + 1, n, names[i]);
		if (strcmp(names[i], list->name) == 0)
			names[i][0] = '\0';
		if (r == 0 && names[i][0] != '\0')
			r = folder_lift(changes, list);
	}
	for (size_t i = 0; i < n && r == 0; i++)
		if (names[i][0] != '\0')
			r = rename_list(
			    changes, &lists->nodes.v[i], names[i], board);
	free(names);
	return r;
}

int
numbering_apply(struct folder_changes *changes, uint64_t board)
{
	struct lists lists = {0};
	struct node node;
	int r = node_get(changes->tx, board, &node);

	if (r == 0 && node.kind == NODE_BOARD)
		r = node_each(changes->tx, board, 0, add_list, &lists);
	if (r == 0)
		r = name_all(changes, board, &lists);
	VEC_FREE(&lists.nodes);
	return r == -ENOENT ? 0 : r;
}

/* Without numbers: as names are given otherwise. */
static int
unnumber(struct folder_changes *changes, uint64_t board)
{
	struct lists lists = {0};
	list_name name;
	int r = node_each(changes->tx, board, 0, add_list, &lists);

	for (size_t i = 0; i < lists.nodes.n && r == 0; i++)
		r = folder_lift(changes, &lists.nodes.v[i]);
	for (size_t i = 0; i < lists.nodes.n && r == 0; i++) {
		struct buf title = BUF_INIT;
		const struct node *list = &lists.nodes.v[i];

		r = title_of(changes->tx, list->id, &title);
		if (r == 0)
			r = naming_folder(changes->tx, board, buf_str(&title),
			    list->id, name);
		else if (r == -ENOENT)
			r = snprintf(name, sizeof name, "%s", list->name) < 0;
		if (r == 0)
			r = rename_list(changes, list, name, board);
		buf_free(&title);
	}
	VEC_FREE(&lists.nodes);
	return r;
}

static int
add_board(void *cookie, const struct node *node)
{
	model_ids *boards = cookie;

	return node->kind == NODE_BOARD ? model_ids_add(boards, node->id) : 0;
}

static int
name_boards(struct folder_changes *changes, bool numbered)
{
	model_ids boards = {0};
	struct node node;
	int r = node_each(changes->tx, NODE_ROOT, 0, add_board, &boards);

	for (size_t i = 0; i < boards.n && r == 0; i++) {
		r = node_by_id(changes->tx, boards.v[i].s, &node);
		if (r == 0)
			r = numbered ? numbering_apply(changes, node.ino)
				     : unnumber(changes, node.ino);
	}
	VEC_FREE(&boards);
	return r;
}

int
numbering_set(struct store *store, bool numbered)
{
	struct folder_changes changes = {0};
	struct invalidations out = {0};
	char was[8] = "0";
	int r = store_write(store, &changes.tx);

	if (r != 0)
		return r;
	r = store_meta_get(changes.tx, "numbered", was, sizeof was);
	if (r == -ENOENT)
		r = 0;
	if (r == 0 && (was[0] == '1') != numbered) {
		r = store_meta_set(
		    changes.tx, "numbered", numbered ? "1" : "0");
		if (r == 0)
			r = name_boards(&changes, numbered);
	}
	r = folder_commit(&changes, r, &out);
	invalidations_fini(&out);
	if (r == 0)
		store_set_numbered(store, numbered);
	return r;
}
