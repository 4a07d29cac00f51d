#include "store/apply_plan.h"

#include "model/ids.h"
#include "store/accept.h"
#include "store/base.h"
#include "store/events.h"
#include "store/folder.h"
#include "store/naming.h"
#include "store/refused.h"
#include "store/revisions.h"
#include "store/saves.h"
#include "store/tx.h"
#include "store/view.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Bringing a board up to date.  The plan (apply_plan.c) has compared and
 * rendered; here the result is written: lists, removals, all new names and
 * the first cards in one transaction, further cards in further ones.  As long
 * as `loaded` is not set nobody is shown the inside, so a first sight may come
 * in pieces.
 */
#define CARDS_PER_WRITE 1000

/* Where something was that is about to be somewhere else. */
struct lifted {
	uint64_t ino;
	char *path;
};

struct apply {
	struct folder_changes changes;
	const struct apply_plan *plan;
	VEC(uint64_t)
	reorder; /* folders of lists whose cards have to be put
				* into order */
	VEC(struct lifted) lifted;
	model_ids returned; /* lists that were nowhere */
};

static void
apply_fini(struct apply *apply)
{
	for (size_t i = 0; i < apply->lifted.n; i++)
		free(apply->lifted.v[i].path);
	VEC_FREE(&apply->lifted);
	VEC_FREE(&apply->reorder);
	VEC_FREE(&apply->returned);
}

static int
note_path(struct apply *apply, const struct node *node)
{
	struct buf path = BUF_INIT;
	struct lifted *slot;
	int r;

	if (node->parent == 0)
		return 0;
	r = node_path(apply->changes.tx, node, &path);
	slot = r == 0 ? VEC_ADD(&apply->lifted) : NULL;
	if (slot != NULL) {
		slot->ino = node->ino;
		slot->path = buf_steal(&path);
	}
	buf_free(&path);
	return r == 0 && (slot == NULL || slot->path == NULL) ? -ENOMEM : r;
}

static const struct lifted *
lifted_of(const struct apply *apply, uint64_t ino)
{
	for (size_t i = 0; i < apply->lifted.n; i++)
		if (apply->lifted.v[i].ino == ino)
			return &apply->lifted.v[i];
	return NULL;
}

/* While it was nowhere the kernel was told nothing of what left it. */
static int
note_returned(struct apply *apply, const struct node *list)
{
	int r = model_ids_add(&apply->returned, list->id);

	return r == 0 ? invalidate_inode(&apply->changes.out, list->ino) : r;
}

/* A node was put where it belongs, from where note_path() found it. */
static int
tell_place(struct apply *apply, const struct node *node)
{
	struct buf now = BUF_INIT;
	const struct lifted *lifted = lifted_of(apply, node->ino);
	int r;

	if (apply->changes.quiet)
		return 0;
	if (lifted == NULL)
		return event_created(&apply->changes, node);
	r = node_path(apply->changes.tx, node, &now);
	if (r == 0 && strcmp(buf_str(&now), lifted->path) != 0)
		r = event_moved(&apply->changes, node, lifted->path);
	buf_free(&now);
	return r;
}

static int
reorder_later(struct apply *apply, uint64_t folder)
{
	uint64_t *slot;

	for (size_t i = 0; i < apply->reorder.n; i++)
		if (apply->reorder.v[i] == folder)
			return 0;
	slot = VEC_ADD(&apply->reorder);
	if (slot == NULL)
		return -ENOMEM;
	*slot = folder;
	return 0;
}

static int64_t
first_mtime(int64_t activity_ms, const char *id)
{
	int64_t created_ms = time_from_id(id);

	if (activity_ms != TIME_NONE)
		return node_time_from_ms(activity_ms);
	return created_ms != TIME_NONE ? node_time_from_ms(created_ms)
				       : time_wall_ns();
}

/* What was changed here stays as it is shown until Trello has it, or has
 * refused it; a place of ours alone does not keep the rest from following.
 * 1, 0 or -errno. */
static int
is_changed_here(struct tx *tx, const char *list, bool *ret_placed)
{
	int64_t placed = 0, changed = 0;
	int r = db_get_int(tx->db, &changed,
	    "SELECT count(*) FROM journal WHERE object = ?1 AND kind != ?2"
	    " AND state != ?3",
	    "sii", list, (int64_t)ENTRY_LIST_POS, (int64_t)ENTRY_REFUSED);

	if (r == 0)
		r = db_get_int(tx->db, &placed,
		    "SELECT count(*) FROM journal WHERE object = ?1"
		    " AND kind = ?2 AND state != ?3",
		    "sii", list, (int64_t)ENTRY_LIST_POS,
		    (int64_t)ENTRY_REFUSED);
	*ret_placed = placed > 0;
	return r != 0 ? r : changed > 0;
}

/* Others have brought it here, or back: then it is there, as what was changed
 * here has it. */
static int
show_changed(struct apply *apply, const struct node *old)
{
	struct node node;
	int r;

	if (old->parent == apply->plan->folder)
		return 0;
	r = note_path(apply, old);
	if (r == 0)
		r = accept_show_list(
		    &apply->changes, old->id, apply->plan->zone);
	if (r == 0)
		r = node_by_id(apply->changes.tx, old->id, &node);
	return r == 0 && node.parent != old->parent && node.parent != 0
		   ? tell_place(apply, &node)
		   : r;
}

static int
write_list(struct apply *apply, const struct plan_list *item)
{
	const struct list *list = item->list;
	struct tx *tx = apply->changes.tx;
	struct node old, node = {.mode = -1, .uid = -1, .gid = -1};
	int known = node_of_kind(tx, NODE_LIST, list->id, &old);
	bool placed = false;
	int r, here;

	if (known != 0 && known != -ENOENT)
		return known;
	if (known == 0)
		node = old;
	else
		node.mtime_ns = first_mtime(item->activity_ms, list->id);
	node.kind = NODE_LIST;
	node.parent = apply->plan->folder;
	node.pos = list->pos;
	node.off = node_off_from_pos(list->pos);
	node.ctime_ns = time_wall_ns();
	(void)snprintf(node.id, sizeof node.id, "%s", list->id);
	(void)snprintf(node.name, sizeof node.name, "%s", item->name);
	r = db_run(tx->db,
	    "INSERT INTO lists(id, board, pos, title, json)"
	    " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(id) DO UPDATE SET"
	    " board = ?2, pos = ?3, title = ?4, json = ?5",
	    "ssdss", list->id, apply->plan->board->id, list->pos,
	    model_str(list->name), item->json);
	here = known == 0 ? is_changed_here(tx, list->id, &placed) : 0;
	if (r == 0 && known == 0 && old.parent == 0 &&
	    lifted_of(apply, old.ino) == NULL)
		r = note_returned(apply, &old);
	if (r == 0 && here != 0)
		return here < 0 ? here : show_changed(apply, &old);
	if (placed) {
		node.pos = old.pos;
		node.off = old.off;
	}
	if (r != 0 || (known == 0 && strcmp(old.name, node.name) == 0 &&
			  old.parent == node.parent && old.off == node.off))
		return r;
	r = known == 0 ? note_path(apply, &old) : 0;
	if (r == 0)
		r = folder_place(
		    &apply->changes, known == 0 ? &old : NULL, &node);
	return r == 0 ? tell_place(apply, &node) : r;
}

/* Whether the text differs from the one that is shown.  1, 0 or -errno. */
static int
text_differs(
    struct tx *tx, uint64_t ino, const struct plan_card *item, bool *ret_saved)
{
	int r = view_is_shown(tx, ino, &item->text, item->rev);

	*ret_saved = r == VIEW_SAVED;
	return r < 0 ? r : r == VIEW_OTHER;
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/*
 * mtime is the later of the card's last activity and the time at which the
 * shown text changed; at first sight only the former is known.  Of a text that
 * was saved here it is the time of the save, which is all that happened.
 */
static void
card_times(struct node *node, const struct plan_card *item, bool first,
    bool differs, bool saved)
{
	int64_t activity = first_mtime(item->card->activity_ms, item->card->id);
	int64_t now = time_wall_ns();

	if (first)
		node->mtime_ns = activity;
	else if (differs)
		node->mtime_ns =
		    later(later(activity, now), node->mtime_ns + 1);
	else if (!saved)
		node->mtime_ns = later(activity, node->mtime_ns);
	node->ctime_ns = later(now, node->ctime_ns + 1);
}

static int
write_card_row(struct tx *tx, const char *board, const struct plan_card *item)
{
	const struct card *card = item->card;

	return db_run(tx->db,
	    "INSERT INTO cards(id, board, list, pos, title, hash, json)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT(id) DO UPDATE SET"
	    " board = ?2, list = ?3, pos = ?4, title = ?5, hash = ?6, json = "
	    "?7",
	    "sssdsis", card->id, board, card->id_list, card->pos,
	    model_str(card->name), item->hash, buf_str(&item->json));
}

/* Put the node of the card where it belongs, with its text. */
static int
place_card(struct apply *apply, const struct plan_card *item,
    const struct node *old, struct node *node, int differs)
{
	bool moved = old == NULL || old->parent != node->parent ||
		     strcmp(old->name, node->name) != 0;
	bool stamped = old == NULL || old->mtime_ns != node->mtime_ns;
	int r = 0;

	if (old != NULL && moved)
		r = note_path(apply, old);
	if (r == 0 && (moved || stamped || differs || old->off != node->off))
		r = folder_place(&apply->changes, old, node);
	if (r == 0 && moved)
		r = tell_place(apply, node);
	if (r == 0 && differs)
		r = node_text_set(apply->changes.tx, node->ino, item->rev,
		    item->text.data, item->text.len);
	if (r == 0 && old != NULL && (differs || stamped))
		r = invalidate_inode(&apply->changes.out, node->ino);
	if (r == 0 && old != NULL && old->parent != 0 &&
	    old->parent != node->parent)
		r = reorder_later(apply, old->parent);
	if (r == 0)
		r = reorder_later(apply, node->parent);
	return r;
}

/* Whether the card cannot simply be shown as planned: something was changed
 * here, or somebody took its name since.  1, 0 or -errno. */
static int
needs_view(struct apply *apply, const char *list, const struct node *node)
{
	struct node other;
	int r = journal_has(apply->changes.tx, node->id, ENTRY_KINDS);

	if (r == 0)
		r = journal_has(apply->changes.tx, list, ENTRY_LIST_MOVE);
	if (r != 0)
		return r;
	r = node_by_name(apply->changes.tx, node->parent, node->name, &other);
	if (r == -ENOENT)
		return 0;
	return r != 0 ? r : strcmp(other.id, node->id) != 0;
}

static int
show_view(struct apply *apply, const struct plan_card *item,
    const struct node *old, bool known)
{
	struct view_show show = {
	    .zone = apply->plan->zone, .rename = item->renamed};
	struct tx *tx = apply->changes.tx;
	int r = known ? revision_keep_shown(tx, old->ino) : 0;

	if (r == 0 && known)
		r = event_changed(&apply->changes, old, item->card);
	if (r == 0)
		r = write_card_row(tx, apply->plan->board->id, item);
	if (r == 0)
		r = view_show_card(&apply->changes, item->card->id, &show);
	return r;
}

static int
write_card(struct apply *apply, const struct plan_card *item)
{
	struct tx *tx = apply->changes.tx;
	struct node old, list, node = {.mode = -1, .uid = -1, .gid = -1};
	int known = node_of_kind(tx, NODE_CARD, item->card->id, &old);
	int differs = 1;
	bool saved = false;
	int r = node_of_kind(tx, NODE_LIST, item->card->id_list, &list);

	if (r != 0)
		return r;
	if (known != 0 && known != -ENOENT)
		return known;
	if (known == 0) {
		node = old;
		differs = text_differs(tx, old.ino, item, &saved);
		if (differs < 0)
			return differs;
		if (differs != 0) {
			r = revision_keep_shown(tx, old.ino);
			if (r != 0)
				return r;
		}
		if (item->same && !item->renamed && differs == 0)
			return 0;
	}
	node.kind = NODE_CARD;
	node.parent = list.ino;
	node.pos = item->card->pos;
	if (known != 0 || !item->same_place)
		node.off = node_off_from_pos(item->card->pos);
	node.size = (int64_t)item->text.len;
	(void)snprintf(node.id, sizeof node.id, "%s", item->card->id);
	(void)snprintf(node.name, sizeof node.name, "%s", item->name);
	r = needs_view(apply, list.id, &node);
	if (r != 0)
		return r < 0 ? r : show_view(apply, item, &old, known == 0);
	/* A text that is being written stays until it is settled. */
	if (known == 0 && saves_has(tx, old.ino) == 1)
		node.size = old.size;
	card_times(&node, item, apply->changes.quiet, differs != 0, saved);
	if (known == 0 && !item->same)
		r = event_changed(&apply->changes, &old, item->card);
	if (r == 0)
		r = write_card_row(tx, apply->plan->board->id, item);
	if (r == 0)
		r = place_card(
		    apply, item, known == 0 ? &old : NULL, &node, differs);
	return r;
}

static int
remove_ids(struct apply *apply, const model_ids *ids, const char *sql)
{
	int r = 0;

	for (size_t i = 0; i < ids->n && r == 0; i++) {
		struct node node;

		r = node_by_id(apply->changes.tx, ids->v[i].s, &node);
		if (r == 0 && node.parent != 0)
			r = event_gone(&apply->changes, &node);
		if (r == 0)
			r = folder_remove(&apply->changes, &node);
		if (r == 0 && node.kind == NODE_LIST)
			r = refused_end(&apply->changes, &node);
		if (r == -ENOENT)
			r = 0;
		if (r == 0)
			r = db_run(
			    apply->changes.tx->db, sql, "s", ids->v[i].s);
	}
	return r;
}

/* Names that will change are freed first, so that two may swap theirs.  Who
 * has none is given one in the same transaction. */
static int
lift_renamed(struct apply *apply)
{
	const struct apply_plan *plan = apply->plan;
	struct node node;
	bool placed;
	int r = 0;

	for (size_t i = 0; i < plan->lists.n && r == 0; i++) {
		const struct plan_list *item = &plan->lists.v[i];

		if (!item->renamed)
			continue;
		r = is_changed_here(apply->changes.tx, item->list->id, &placed);
		if (r > 0) {
			r = 0;
			continue;
		}
		if (r == 0)
			r = node_by_id(
			    apply->changes.tx, item->list->id, &node);
		if (r == 0)
			r = note_path(apply, &node);
		if (r == 0)
			r = folder_lift(&apply->changes, &node);
	}
	for (size_t i = 0; i < plan->n_renamed && r == 0; i++) {
		r = node_by_id(
		    apply->changes.tx, plan->cards.v[i].card->id, &node);
		if (r == 0)
			r = note_path(apply, &node);
		if (r == 0)
			r = folder_lift(&apply->changes, &node);
	}
	return r;
}

static int
write_first(struct apply *apply)
{
	const struct apply_plan *plan = apply->plan;
	int r = remove_ids(
	    apply, &plan->gone_cards, "DELETE FROM cards WHERE id = ?");

	if (r == 0)
		r = remove_ids(
		    apply, &plan->gone_lists, "DELETE FROM lists WHERE id = ?");
	for (size_t i = 0; i < plan->lists.n && r == 0; i++)
		if (plan->lists.v[i].changed)
			r = write_list(apply, &plan->lists.v[i]);
	if (r == 0)
		r = folder_order(&apply->changes, plan->folder, NODE_LIST);
	return r;
}

static int
write_last(struct apply *apply, int64_t listed_ms)
{
	const struct apply_plan *plan = apply->plan;

	return db_run(apply->changes.tx->db,
	    "UPDATE boards SET head = ?, looked_ms = ?, loaded = 1,"
	    " shown_as = ?, errno = NULL, error = NULL WHERE id = ?",
	    "siss", buf_str(&plan->head), listed_ms, plan->shown_as,
	    plan->board->id);
}

/* Cards that were made or put in a list here. */
static int
find_put_into(struct tx *tx, const char *list, model_ids *ret_cards)
{
	sqlite3_stmt *stmt =
	    db_prepare(tx->db, "SELECT DISTINCT object FROM journal"
			       " WHERE list = ? AND kind IN (?, ?)");
	int r = db_bind(stmt, "sii", list, (int64_t)ENTRY_CARD_CREATE,
	    (int64_t)ENTRY_CARD_MOVE);

	while (r == 0 && (r = db_step(stmt)) == 1)
		r = model_ids_add(
		    ret_cards, (const char *)sqlite3_column_text(stmt, 0));
	db_reset(stmt);
	return r;
}

/* What was put into lists here while those were nowhere. */
static int
show_returned(struct apply *apply)
{
	struct view_show show = {.zone = apply->plan->zone, .keep_times = true};
	model_ids cards = {0};
	int r = 0;

	for (size_t i = 0; i < apply->returned.n && r == 0; i++)
		r = find_put_into(
		    apply->changes.tx, apply->returned.v[i].s, &cards);
	for (size_t i = 0; i < cards.n && r == 0; i++) {
		r = view_show_card(&apply->changes, cards.v[i].s, &show);
		r = r == -ENOENT ? 0 : r;
	}
	VEC_FREE(&cards);
	return r;
}

static int
write_piece(struct apply *apply, size_t from, size_t to, int64_t listed_ms)
{
	const struct apply_plan *plan = apply->plan;
	int r = 0;

	if (from == 0)
		r = lift_renamed(apply);
	if (r == 0 && from == 0)
		r = write_first(apply);
	for (size_t i = from; i < to && r == 0; i++)
		r = write_card(apply, &plan->cards.v[i]);
	for (size_t i = 0; i < apply->reorder.n && r == 0; i++)
		r = folder_order(
		    &apply->changes, apply->reorder.v[i], NODE_CARD);
	if (r == 0 && to == plan->cards.n)
		r = write_last(apply, listed_ms);
	if (r == 0 && to == plan->cards.n)
		r = show_returned(apply);
	return r;
}

int
base_apply_board(struct store *store, const struct board *board,
    int64_t listed_ms, const model_ids *keep, const struct zone *zone,
    struct invalidations *out)
{
	struct apply_plan plan = {0};
	size_t from = 0, to;
	int r = apply_plan_make(&plan, store, board, keep, zone);

	do {
		struct apply apply = {.plan = &plan};

		to = from + CARDS_PER_WRITE;
		if (to < plan.n_renamed)
			to = plan.n_renamed;
		if (to > plan.cards.n)
			to = plan.cards.n;
		apply.changes.quiet = !plan.was_loaded;
		apply.changes.news = plan.was_loaded;
		apply.changes.untold =
		    plan.was_loaded ? UNTOLD_OTHERS : UNTOLD_NOT;
		if (r == 0)
			r = store_write(store, &apply.changes.tx);
		if (r == 0) {
			r = write_piece(&apply, from, to, listed_ms);
			r = folder_commit(&apply.changes, r, out);
		}
		apply_fini(&apply);
		from = to;
	} while (r == 0 && from < plan.cards.n);
	apply_plan_fini(&plan);
	return r;
}
