#include "store/view.h"

#include "model/ids.h"
#include "model/model_json.h"
#include "store/archived.h"
#include "store/resettle.h"
#include "store/revisions.h"
#include "store/saves.h"
#include "store/tx.h"
#include "text/card_text.h"
#include "text/names.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
set_id(char target[MODEL_ID_SIZE], const char *id)
{
	(void)snprintf(target, MODEL_ID_SIZE, "%s", id);
}

/* What showing a card needs; filled in step by step. */
struct showing {
	struct folder_changes *changes;
	const struct view_show *show;
	struct view_card view;
	const struct board *board;
	struct board read_board; /* it, if it had to be read */
	struct node old, node;
	bool known;
	struct buf text;
	char rev[TEXT_REV_SIZE];
	char tail[MODEL_ID_SIZE];
	bool differs; /* from the text that was shown */
	bool stays;   /* all that is kept of the text is there already */
};

struct neighbours {
	struct tx *tx;
	uint64_t folder;
	const char *id;
};

static bool
taken(void *cookie, const char *name)
{
	const struct neighbours *neighbours = cookie;
	struct node node;

	return node_by_name(neighbours->tx, neighbours->folder, name, &node) ==
		   0 &&
	       strcmp(node.id, neighbours->id) != 0;
}

/* Its name: the one that is asked for, else the one it has if nobody else has
 * it where it goes, else one from its title. */
static int
choose_name(struct showing *showing)
{
	struct neighbours neighbours = {
	    showing->changes->tx, showing->node.parent, showing->view.card.id};
	struct buf name = BUF_INIT;
	int r;

	if (showing->show->name != NULL) {
		(void)snprintf(showing->node.name, sizeof showing->node.name,
		    "%s", showing->show->name);
		return 0;
	}
	if (showing->known && !showing->show->rename &&
	    showing->old.name[0] != '/' &&
	    !taken(&neighbours, showing->old.name))
		return 0;
	r = name_choose(NAME_CARD, model_str(showing->view.card.name),
	    showing->view.card.id, showing->view.card.id_short, taken,
	    &neighbours, &name);
	if (r == 0)
		(void)snprintf(showing->node.name, sizeof showing->node.name,
		    "%s", buf_str(&name));
	buf_free(&name);
	return r;
}

/* Whether two texts are the same, but for the line with the rev. */
static bool
same_but_rev(const struct buf *a, const char *a_rev, const struct buf *b,
    const char *b_rev)
{
	static const char mark[] = "\nrev: ";
	const char *a_at, *b_at;
	size_t rev_len = strlen(a_rev), before, behind;

	if (a->len != b->len || a->len == 0 || rev_len != strlen(b_rev))
		return false;
	a_at = memmem(a->data, a->len, mark, sizeof mark - 1);
	b_at = memmem(b->data, b->len, mark, sizeof mark - 1);
	if (a_at == NULL || b_at == NULL || a_at - a->data != b_at - b->data)
		return false;
	before = (size_t)(a_at - a->data) + sizeof mark - 1;
	behind = before + rev_len;
	return behind <= a->len && memcmp(a->data, b->data, before) == 0 &&
	       memcmp(a->data + before, a_rev, rev_len) == 0 &&
	       memcmp(b->data + before, b_rev, rev_len) == 0 &&
	       memcmp(a->data + behind, b->data + behind, a->len - behind) == 0;
}

static int
make_text(struct showing *showing)
{
	const struct view_show *show = showing->show;
	struct buf *text = &showing->text;
	struct buf saved = {.data = (char *)show->text, .len = show->len};
	int r = card_text_format(&showing->view.card, showing->board,
	    showing->node.name, show->zone, text, showing->rev);

	if (r != 0 || show->text == NULL)
		return r;
	*show->ret_saved = same_but_rev(text, showing->rev, &saved, show->rev);
	if (!*show->ret_saved)
		return 0;
	memcpy(text->data, show->text, show->len);
	(void)snprintf(showing->rev, sizeof showing->rev, "%s", show->rev);
	(void)snprintf(
	    showing->tail, sizeof showing->tail, "%s", model_str(show->tail));
	return 0;
}

/* A row of texts. */
struct shown {
	struct buf text;
	char rev[TEXT_REV_SIZE];
	char tail[MODEL_ID_SIZE];
	bool of_base; /* made from what the base has */
};

static int
read_shown(struct tx *tx, uint64_t ino, struct shown *shown)
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT text, rev, ifnull(tail, ''), card IS NULL FROM texts"
	    " WHERE ino = ?");
	int r = db_bind(stmt, "i", (int64_t)ino);

	if (r == 0)
		r = db_step(stmt);
	if (r == 1) {
		(void)snprintf(shown->rev, sizeof shown->rev, "%s",
		    (const char *)sqlite3_column_text(stmt, 1));
		(void)snprintf(shown->tail, sizeof shown->tail, "%s",
		    (const char *)sqlite3_column_text(stmt, 2));
		shown->of_base = sqlite3_column_int(stmt, 3) != 0;
		r = buf_add(&shown->text, sqlite3_column_blob(stmt, 0),
		    (size_t)sqlite3_column_bytes(stmt, 0));
	} else if (r == 0) {
		r = -ENOENT;
	}
	db_reset(stmt);
	return r;
}

static bool
same_text(const struct buf *a, const struct buf *b)
{
	return a->len == b->len &&
	       (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

int
view_is_shown(
    struct tx *tx, uint64_t ino, const struct buf *text, const char *rev)
{
	struct shown old = {.text = BUF_INIT};
	int r = read_shown(tx, ino, &old);

	if (r == -ENOENT)
		r = VIEW_OTHER;
	else if (r == 0 && same_text(&old.text, text))
		r = VIEW_SAME;
	else if (r == 0)
		r = same_but_rev(&old.text, old.rev, text, rev) ? VIEW_SAVED
								: VIEW_OTHER;
	buf_free(&old.text);
	return r;
}

static bool
is_saved(const struct view_show *show)
{
	return show->text != NULL && *show->ret_saved;
}

/* A text that says the same stays, with the rev that it was saved with; one
 * that says something else is noted before it goes. */
static int
compare_text(struct showing *showing)
{
	struct shown old = {.text = BUF_INIT};
	int r = showing->known
		    ? read_shown(showing->changes->tx, showing->old.ino, &old)
		    : -ENOENT;

	showing->differs = true;
	if (r == 0 && !is_saved(showing->show) &&
	    same_but_rev(&old.text, old.rev, &showing->text, showing->rev)) {
		memcpy(showing->text.data, old.text.data, old.text.len);
		memcpy(showing->rev, old.rev, sizeof old.rev);
		memcpy(showing->tail, old.tail, sizeof old.tail);
	}
	if (r == 0)
		showing->differs = !same_text(&old.text, &showing->text);
	if (r == 0 && showing->differs && !showing->show->noted)
		r = revision_keep_shown(showing->changes->tx, showing->old.ino);
	showing->stays = !showing->differs && old.of_base &&
			 !showing->view.differs &&
			 strcmp(old.rev, showing->rev) == 0 &&
			 strcmp(old.tail, showing->tail) == 0;
	buf_free(&old.text);
	return r == -ENOENT ? 0 : r;
}

static void
set_times(struct showing *showing)
{
	struct node *node = &showing->node;
	int64_t now = time_wall_ns();
	int64_t activity = showing->view.card.activity_ms;

	if (showing->show->mtime_ns != 0)
		node->mtime_ns = showing->show->mtime_ns;
	else if (showing->show->local)
		node->mtime_ns = showing->differs ? now : node->mtime_ns;
	else if (showing->show->keep_times && showing->known)
		;
	else if (showing->differs)
		node->mtime_ns =
		    now > node->mtime_ns ? now : node->mtime_ns + 1;
	else if (activity != TIME_NONE &&
		 node_time_from_ms(activity) > node->mtime_ns)
		node->mtime_ns = node_time_from_ms(activity);
	if (!showing->show->keep_times || !showing->known || showing->differs)
		node->ctime_ns =
		    now > node->ctime_ns ? now : node->ctime_ns + 1;
}

/* Beside the text stands the card that it was made from, and whose board's
 * names mean what, if that is not what the base has. */
static int
write_text(struct showing *showing)
{
	const struct view_card *view = &showing->view;
	struct buf json = BUF_INIT;
	int r = 0;

	if (showing->stays)
		return 0;
	if (view->differs)
		r = card_write(&view->card, &json);
	if (r == 0)
		r = db_run(showing->changes->tx->db,
		    "INSERT INTO texts(ino, rev, text, card, board, tail)"
		    " VALUES(?1, ?2, ?3, ?4, ?5, ?6)"
		    " ON CONFLICT(ino) DO UPDATE SET rev = ?2, text = ?3,"
		    " card = ?4, board = ?5, tail = ?6",
		    "isbsss", (int64_t)showing->node.ino, showing->rev,
		    showing->text.data, showing->text.len,
		    view->differs ? buf_str(&json) : NULL,
		    view->differs ? view->card.id_board : NULL,
		    showing->tail[0] != '\0' ? showing->tail : NULL);
	buf_free(&json);
	return r;
}

static bool
is_moved(const struct showing *showing)
{
	const struct node *old = &showing->old, *node = &showing->node;

	return !showing->known || old->parent != node->parent ||
	       old->pos < node->pos || old->pos > node->pos;
}

static int
place(struct showing *showing)
{
	struct folder_changes *changes = showing->changes;
	const struct node *old = showing->known ? &showing->old : NULL;
	struct node *node = &showing->node;
	bool moved = is_moved(showing);
	int r = make_text(showing);

	if (r == 0)
		r = compare_text(showing);
	if (r != 0)
		return r;
	/* A text that is being written stays until it is settled. */
	if (old == NULL || saves_has(changes->tx, old->ino) == 0)
		node->size = (int64_t)showing->text.len;
	set_times(showing);
	r = folder_place(changes, old, node);
	if (r == 0)
		r = write_text(showing);
	if (r == 0 && old != NULL &&
	    (showing->differs ||
		(!showing->show->local && old->mtime_ns != node->mtime_ns)))
		r = invalidate_inode(&changes->out, node->ino);
	return r == 0 && moved ? folder_order_one(changes, node) : r;
}

static int
find_board(struct showing *showing)
{
	const char *id = showing->view.card.id_board;
	int r;

	showing->board = showing->show->board;
	if (showing->board != NULL && strcmp(showing->board->id, id) == 0 &&
	    resettle_has_all(showing->board, &showing->view.card))
		return 0;
	r = view_board(showing->changes->tx, id, &showing->read_board);
	if (r == 0)
		r = resettle_board(showing->changes->tx, &showing->view.card,
		    &showing->read_board);
	showing->board = &showing->read_board;
	return r;
}

static int
show_view(struct showing *showing)
{
	struct tx *tx = showing->changes->tx;
	struct node list;
	int r = node_by_id(tx, showing->view.card.id, &showing->old);

	if (r != 0 && r != -ENOENT)
		return r;
	showing->known = r == 0;
	if (showing->view.hidden)
		return showing->known
			   ? folder_remove(showing->changes, &showing->old)
			   : 0;
	r = node_by_id(tx, showing->view.card.id_list, &list);
	if (r == -ENOENT || (r == 0 && list.parent == 0))
		return showing->known
			   ? folder_remove(showing->changes, &showing->old)
			   : 0;
	if (r != 0)
		return r;
	if (showing->known)
		showing->node = showing->old;
	else
		showing->node = (struct node){.mode = -1, .uid = -1, .gid = -1};
	showing->node.kind = NODE_CARD;
	showing->node.pos = showing->view.card.pos;
	showing->node.parent = list.ino;
	set_id(showing->node.id, showing->view.card.id);
	if (is_moved(showing))
		showing->node.off = node_off_from_pos(showing->view.card.pos);
	r = find_board(showing);
	/* It was nowhere: so it may stand among what is archived. */
	if (r == 0 && (!showing->known || showing->old.parent == 0))
		r = archived_hide(showing->changes, showing->view.card.id);
	if (r == 0)
		r = choose_name(showing);
	return r == 0 ? place(showing) : r;
}

int
view_show_card(struct folder_changes *changes, const char *id,
    const struct view_show *show)
{
	struct showing showing = {.changes = changes, .show = show};
	struct member me = {0};
	int r = view_me(changes->tx, &me);

	if (r == 0 || r == -ENOENT)
		r = view_card(changes->tx, id, &me, &showing.view);
	if (r == 0) {
		r = show_view(&showing);
		view_card_fini(&showing.view);
	}
	board_fini(&showing.read_board);
	buf_free(&showing.text);
	member_fini(&me);
	return r;
}

int
view_cards_below(struct tx *tx, uint64_t list, model_ids *ret_ids)
{
	sqlite3_stmt *stmt = db_prepare(
	    tx->db, "SELECT id FROM nodes WHERE parent = ? AND kind = ?");
	int r = db_bind(stmt, "ii", (int64_t)list, (int64_t)NODE_CARD);

	while (r == 0 && (r = db_step(stmt)) == 1)
		r = model_ids_add(
		    ret_ids, (const char *)sqlite3_column_text(stmt, 0));
	db_reset(stmt);
	return r;
}

int
view_show_cards(
    struct folder_changes *changes, uint64_t list, const struct view_show *show)
{
	model_ids ids = {0};
	int r = view_cards_below(changes->tx, list, &ids);

	for (size_t i = 0; i < ids.n && r == 0; i++) {
		r = view_show_card(changes, ids.v[i].s, show);
		r = r == -ENOENT ? 0 : r;
	}
	VEC_FREE(&ids);
	return r;
}

int
view_move_card(struct folder_changes *changes, const struct node *card,
    const struct node *list, double pos)
{
	struct node node = *card;
	int64_t now = time_wall_ns();
	int r;

	node.parent = list->ino;
	node.pos = pos;
	node.off = node_off_from_pos(pos);
	node.ctime_ns = now > node.ctime_ns ? now : node.ctime_ns + 1;
	r = folder_place(changes, card, &node);
	return r == 0 ? folder_order_one(changes, &node) : r;
}
