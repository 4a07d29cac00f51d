#include "store/former.h"

#include "store/accept.h"
#include "store/base.h"
#include "store/tx.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Of an archived card nothing else will tell the link. */
static int
note(struct tx *tx, uint64_t folder, const char *name, const char *id,
    const char *link)
{
	return db_run(tx->db,
	    "INSERT INTO former(folder, name, card, link, at_ms)"
	    " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(folder, name, card)"
	    " DO UPDATE SET link = ?4, at_ms = ?5",
	    "ibssi", (int64_t)folder, name, strlen(name), id, link,
	    time_wall_ms());
}

int
former_note(struct tx *tx, const struct node *node)
{
	struct card card;
	int r = base_card(tx, node->id, &card);

	if (r != 0)
		return r == -ENOENT ? 0 : r;
	r = note(
	    tx, node->parent, node->name, node->id, model_str(card.short_link));
	card_fini(&card);
	return r;
}

/* Folder 0 is nowhere, and the name there the link. */
int
former_note_copied(struct tx *tx, const struct card *card)
{
	const char *link = model_str(card->short_link);

	return link[0] != '\0' ? note(tx, 0, link, card->id, link) : 0;
}

int
former_copied(struct tx *tx, const char *link, char ret_id[MODEL_ID_SIZE])
{
	return link[0] != '\0' ? former_find(tx, 0, link, link, ret_id)
			       : -ENOENT;
}

/* Whether it is what stands in `url:`, also in texts from before it had a
 * link.  1, 0 or -errno. */
static int
is_link(struct tx *tx, const char *id, const char *known, const char *link)
{
	char own_id[MODEL_ID_SIZE];
	int r;

	if (strcmp(known, link) == 0 || strcmp(id, link) == 0)
		return 1;
	r = accept_made(tx, id, own_id);
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	return strcmp(own_id, link) == 0;
}

int
former_find(struct tx *tx, uint64_t folder, const char *name, const char *link,
    char ret_id[MODEL_ID_SIZE])
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT card, link FROM former WHERE folder = ? AND name = ?"
	    " ORDER BY at_ms DESC");
	int r = db_bind(
	    stmt, "ib", (int64_t)folder, (const void *)name, strlen(name));

	while (r == 0 && (r = db_step(stmt)) == 1) {
		const char *id = (const char *)sqlite3_column_text(stmt, 0);

		r = is_link(
		    tx, id, (const char *)sqlite3_column_text(stmt, 1), link);
		if (r == 1)
			(void)snprintf(ret_id, MODEL_ID_SIZE, "%s", id);
		if (r != 0)
			break;
	}
	db_reset(stmt);
	return r == 1 ? 0 : r == 0 ? -ENOENT : r;
}

int
former_cards(
    struct tx *tx, uint64_t folder, const char *name, model_ids *ret_ids)
{
	sqlite3_stmt *stmt = db_prepare(
	    tx->db, "SELECT card FROM former WHERE folder = ? AND name = ?");
	int r = db_bind(
	    stmt, "ib", (int64_t)folder, (const void *)name, strlen(name));

	while (r == 0 && (r = db_step(stmt)) == 1)
		r = model_ids_add(
		    ret_ids, (const char *)sqlite3_column_text(stmt, 0));
	db_reset(stmt);
	return r;
}

int
former_prune(struct tx *tx, int64_t now_ms)
{
	return db_run(tx->db, "DELETE FROM former WHERE at_ms < ?", "i",
	    now_ms - FORMER_KEPT_MS);
}
