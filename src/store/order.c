#include "store/order.h"

#include "store/saves.h"
#include "store/tx.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
order_entries_free(struct order_entries *entries)
{
	for (size_t i = 0; i < entries->list.n; i++) {
		free((char *)entries->list.v[i].name);
		free((char *)entries->list.v[i].id);
	}
	VEC_FREE(&entries->list);
}

static int
add_entry(struct order_entries *entries, uint64_t key, const char *name,
    const char *id, double pos)
{
	struct order_entry *entry = VEC_ADD(&entries->list);

	if (entry == NULL)
		return -ENOMEM;
	entry->key = key;
	entry->pos = pos;
	entry->name = strdup(name);
	entry->id = strdup(id);
	return entry->name != NULL && entry->id != NULL ? 0 : -ENOMEM;
}

struct collecting {
	struct order_entries *entries;
	enum node_kind kind;
};

static int
collect(void *cookie, const struct node *node)
{
	const struct collecting *collecting = cookie;

	return node->kind == collecting->kind
		   ? add_entry(collecting->entries, node->ino, node->name,
			 node->id, node->pos)
		   : 0;
}

int
order_now(struct tx *tx, uint64_t folder, struct order_entries *ret_entries)
{
	struct order_entries entries = {0};
	struct collecting collecting = {.entries = &entries};
	struct node node;
	int r = node_get(tx, folder, &node);

	if (r == 0) {
		collecting.kind = order_kind_of(&node);
		r = node_each(tx, folder, 0, collect, &collecting);
	}
	if (r == 0)
		*ret_entries = entries;
	else
		order_entries_free(&entries);
	return r;
}

/* The text, and beside it whose name each line is. */
static int
make(struct tx *tx, uint64_t folder, struct given_text *made)
{
	struct order_entries entries;
	int r = order_now(tx, folder, &entries);

	if (r != 0)
		return r;
	for (size_t i = 0; i < entries.list.n; i++) {
		(void)buf_add_str(&made->text, entries.list.v[i].name);
		(void)buf_add_char(&made->text, '\n');
		(void)buf_printf(&made->from, "%llu ",
		    (unsigned long long)entries.list.v[i].key);
	}
	order_entries_free(&entries);
	return made->text.err != 0 ? made->text.err : made->from.err;
}

const struct given_kind order_file = {NODE_ORDER, ORDER_NAME, make};

int
order_then(const struct given *given, struct order_entries *ret_entries)
{
	struct order_entries entries = {0};
	const char *at = given->text, *inos = given->from;
	int r = 0;

	while (*at != '\0' && r == 0) {
		size_t len = strcspn(at, "\n");
		char name[NODE_NAME_MAX + 1], *end;
		uint64_t ino = strtoull(inos, &end, 10);

		if (end == inos || len >= sizeof name) {
			r = -EBADMSG;
			break;
		}
		memcpy(name, at, len);
		name[len] = '\0';
		r = add_entry(&entries, ino, name, "", 0);
		at += len + (at[len] == '\n');
		inos = end;
	}
	if (r == 0)
		*ret_entries = entries;
	else
		order_entries_free(&entries);
	return r;
}

/* `List/Card.md`, as seen from the list or from the board. */
static int
find_by_path(struct tx *tx, const struct node *list, const char *name,
    struct node *ret_card)
{
	const char *slash = strchr(name, '/');
	char folder[NODE_NAME_MAX + 1];
	struct node other;
	int r;

	if (strncmp(name, "../", 3) == 0)
		return find_by_path(tx, list, name + 3, ret_card);
	if (slash == NULL || (size_t)(slash - name) >= sizeof folder)
		return ORDER_NOWHERE;
	memcpy(folder, name, (size_t)(slash - name));
	folder[slash - name] = '\0';
	r = node_by_name(tx, list->parent, folder, &other);
	if (r == 0 && other.kind == NODE_LIST)
		r = node_by_name(tx, other.ino, slash + 1, ret_card);
	else if (r == 0)
		r = -ENOENT;
	if (r == 0 && ret_card->kind != NODE_CARD)
		r = -ENOENT;
	return r == 0 ? ORDER_FOUND : r == -ENOENT ? ORDER_NOWHERE : r;
}

int
order_elsewhere(struct tx *tx, const struct node *list, const char *name,
    struct node *ret_card, struct buf *where)
{
	sqlite3_stmt *stmt;
	uint64_t ino = 0;
	int r, n = 0;

	if (strchr(name, '/') != NULL)
		return find_by_path(tx, list, name, ret_card);
	stmt = db_prepare(tx->db,
	    "SELECT c.ino, l.name FROM nodes l JOIN nodes c"
	    " ON c.parent = l.ino AND c.name = ?3 AND c.kind = ?4"
	    " WHERE l.parent = ?1 AND l.kind = ?5 AND l.ino != ?2"
	    " ORDER BY l.off LIMIT 2");
	r = db_bind(stmt, "iibii", (int64_t)list->parent, (int64_t)list->ino,
	    name, strlen(name), (int64_t)NODE_CARD, (int64_t)NODE_LIST);
	while (r == 0 && (r = db_step(stmt)) == 1) {
		ino = (uint64_t)sqlite3_column_int64(stmt, 0);
		r = buf_printf(where, "%s%.*s/%s", n++ > 0 ? " or " : "",
		    sqlite3_column_bytes(stmt, 1),
		    (const char *)sqlite3_column_blob(stmt, 1), name);
	}
	db_reset(stmt);
	if (r != 0 || n != 1)
		return r != 0 ? r : n == 0 ? ORDER_NOWHERE : ORDER_TWICE;
	r = node_get(tx, ino, ret_card);
	return r == 0 ? ORDER_FOUND : r;
}
