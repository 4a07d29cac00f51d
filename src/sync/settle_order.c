#include "sync/settle_order.h"

#include "store/order.h"
#include "store/problems.h"
#include "store/saves.h"
#include "store/view.h"
#include "sync/join.h"
#include "text/positions.h"
#include "text/text_error.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One text of `.order` on its way into the journal. */
struct ordering {
	const struct settle_context *context;
	struct folder_changes *changes;
	struct tx *tx;
	const struct node *file;
	const struct settle_source *source;
	struct text_error *error;
	struct node folder;
	char board[MODEL_ID_SIZE];
	struct order_entries now;
	struct givens givens;
	/* What the last look elsewhere has found. */
	struct node other;
	struct buf where;
	VEC(uint64_t) sources; /* lists that cards come from */
};

static void
ordering_fini(struct ordering *ordering)
{
	order_entries_free(&ordering->now);
	givens_fini(&ordering->givens);
	buf_free(&ordering->where);
	VEC_FREE(&ordering->sources);
}

static int
load(struct ordering *ordering)
{
	struct node board;
	int r =
	    node_get(ordering->tx, ordering->file->parent, &ordering->folder);

	board = ordering->folder;
	if (r == 0 && ordering->folder.kind == NODE_LIST)
		r = node_get(ordering->tx, ordering->folder.parent, &board);
	if (r == 0)
		(void)snprintf(
		    ordering->board, sizeof ordering->board, "%s", board.id);
	if (r == 0)
		r = order_now(
		    ordering->tx, ordering->folder.ino, &ordering->now);
	return r == 0 ? givens_read(ordering->tx, ordering->file->ino,
			    &ordering->givens)
		      : r;
}

/* Of the names and ids that it gives only the key is kept. */
static int
elsewhere(void *cookie, const char *name, struct order_entry *ret_entry,
    const char **ret_where)
{
	struct ordering *ordering = cookie;
	int r;

	buf_clear(&ordering->where);
	r = order_elsewhere(ordering->tx, &ordering->folder, name,
	    &ordering->other, &ordering->where);
	if (r == ORDER_TWICE)
		*ret_where = buf_str(&ordering->where);
	if (r == ORDER_FOUND)
		*ret_entry = (struct order_entry){.key = ordering->other.ino,
		    .name = ordering->other.name,
		    .id = "",
		    .pos = ordering->other.pos};
	return r;
}

static int
plan_from(struct ordering *ordering, const struct order_entries *then,
    struct order_plan *ret_plan, struct text_error *error)
{
	bool lists = ordering->folder.kind == NODE_BOARD;
	const struct order_source source = {.then = then,
	    .now = &ordering->now,
	    .lists = lists,
	    .elsewhere = lists ? NULL : elsewhere,
	    .cookie = ordering};

	return order_plan_make(ret_plan, ordering->source->text,
	    ordering->source->len, &source, error);
}

/* Of the texts that were given out the one that this differs least from, of
 * equals the newest. */
static int
choose_plan(struct ordering *ordering, struct order_plan *ret_plan)
{
	const struct settle_source *source = ordering->source;
	size_t n = givens_candidates(
	    &ordering->givens, source->text, source->len, source->writer);
	bool found = false;
	int r = 0, first = 0;

	if (n == 0)
		return plan_from(
		    ordering, &ordering->now, ret_plan, ordering->error);
	for (size_t i = 0; i < n && r != -ENOMEM; i++) {
		struct text_error error = {0};
		struct order_plan plan = {0};
		struct order_entries then;

		r = order_then(&ordering->givens.list.v[i], &then);
		if (r == 0) {
			r = plan_from(ordering, &then, &plan,
			    i == 0 ? ordering->error : &error);
			order_entries_free(&then);
		}
		if (i == 0)
			first = r;
		if (r == 0 && (!found || plan.n_moved < ret_plan->n_moved)) {
			if (found)
				order_plan_fini(ret_plan);
			*ret_plan = plan;
			found = true;
		} else if (r == 0) {
			order_plan_fini(&plan);
		}
	}
	return found ? 0 : r == -ENOMEM ? r : first;
}

static void
start_entry(const struct settle_context *context, struct entry *entry,
    enum entry_kind kind, const struct node *node)
{
	*entry = (struct entry){.kind = kind, .at_ms = time_wall_ms()};
	entry->due_ms = entry->at_ms + context->settle_ms;
	(void)snprintf(entry->object, sizeof entry->object, "%s", node->id);
}

/* Where it was written down. */
struct target {
	const struct node *folder;
	const char *board;
};

static int
place_card(const struct settle_context *context, struct folder_changes *changes,
    const struct node *card, const struct target *target, double pos)
{
	const struct view_show show = {.zone = context->zone, .local = true};
	struct entry entry;
	int r;

	start_entry(context, &entry, ENTRY_CARD_MOVE, card);
	entry.pos = pos;
	(void)snprintf(entry.board, sizeof entry.board, "%s", target->board);
	(void)snprintf(entry.list, sizeof entry.list, "%s", target->folder->id);
	r = join_add(changes->tx, &entry);
	return r == 0 ? view_show_card(changes, card->id, &show) : r;
}

static int
place_list(const struct settle_context *context, struct folder_changes *changes,
    const struct node *list, const struct target *target, double pos)
{
	struct node node = *list;
	struct entry entry;
	int r;

	start_entry(context, &entry, ENTRY_LIST_POS, list);
	entry.pos = pos;
	(void)snprintf(entry.board, sizeof entry.board, "%s", target->board);
	r = join_add(changes->tx, &entry);
	node.pos = pos;
	node.off = node_off_from_pos(pos);
	node.ctime_ns = time_wall_ns();
	if (r == 0)
		r = folder_place(changes, list, &node);
	return r == 0 ? folder_order(changes, target->folder->ino, NODE_LIST)
		      : r;
}

static int
place(const struct settle_context *context, struct folder_changes *changes,
    const struct node *node, const struct target *target, double pos)
{
	return node->kind == NODE_CARD
		   ? place_card(context, changes, node, target, pos)
		   : place_list(context, changes, node, target, pos);
}

int
settle_pos(const struct settle_context *context, struct folder_changes *changes,
    const struct node *node, double pos)
{
	struct node folder, board;
	int r = node_get(changes->tx, node->parent, &folder);

	board = folder;
	if (r == 0 && node->kind == NODE_CARD)
		r = node_get(changes->tx, folder.parent, &board);
	return r == 0 ? place(context, changes, node,
			    &(struct target){&folder, board.id}, pos)
		      : r;
}

/* The entries of a folder in an order in which one stands elsewhere. */
static int
place_entries(const struct settle_context *context,
    struct folder_changes *changes, const struct order_entries *entries,
    size_t moved)
{
	size_t n = entries->list.n;
	struct position *v = calloc(n + 1, sizeof *v);
	int r = v != NULL ? 0 : -ENOMEM;

	for (size_t i = 0; i < n && r == 0; i++)
		v[i] =
		    (struct position){i != moved ? entries->list.v[i].pos : 0,
			entries->list.v[i].id};
	if (r == 0)
		r = positions_assign_apart(v, n);
	for (size_t i = 0; i < n && r == 0; i++) {
		const struct order_entry *entry = &entries->list.v[i];
		struct node node;

		if (v[i].pos <= entry->pos && v[i].pos >= entry->pos)
			continue;
		r = node_get(changes->tx, entry->key, &node);
		if (r == 0)
			r = settle_pos(context, changes, &node, v[i].pos);
	}
	free(v);
	return r;
}

int
settle_place_at(const struct settle_context *context,
    struct folder_changes *changes, const struct node *node, size_t at)
{
	struct order_entries all;
	struct order_entry moved, *v;
	size_t now = 0;
	int r = order_now(changes->tx, node->parent, &all);

	if (r != 0)
		return r;
	v = all.list.v;
	while (now < all.list.n && v[now].key != node->ino)
		now++;
	if (at >= all.list.n)
		at = all.list.n > 0 ? all.list.n - 1 : 0;
	if (now < all.list.n && now != at) {
		moved = v[now];
		if (now < at)
			memmove(&v[now], &v[now + 1], (at - now) * sizeof *v);
		else
			memmove(&v[at + 1], &v[at], (now - at) * sizeof *v);
		v[at] = moved;
		r = place_entries(context, changes, &all, at);
	}
	order_entries_free(&all);
	return r;
}

static int
note_source(struct ordering *ordering, uint64_t list)
{
	uint64_t *slot;

	for (size_t i = 0; i < ordering->sources.n; i++)
		if (ordering->sources.v[i] == list)
			return 0;
	slot = VEC_ADD(&ordering->sources);
	if (slot == NULL)
		return -ENOMEM;
	*slot = list;
	return 0;
}

static int
journal(struct ordering *ordering, const struct order_plan *plan)
{
	const struct target target = {&ordering->folder, ordering->board};
	int r = 0;

	for (size_t i = 0; i < plan->places.n && r == 0; i++) {
		const struct order_place *one = &plan->places.v[i];
		struct node node;

		if (!one->moved)
			continue;
		r = node_get(ordering->tx, one->entry.key, &node);
		if (r == 0 && one->foreign)
			r = note_source(ordering, node.parent);
		if (r == 0)
			r = place(ordering->context, ordering->changes, &node,
			    &target, one->entry.pos);
	}
	return r;
}

/* Nobody writes it any more, and nothing is wrong with it. */
static int
finish(struct folder_changes *changes, struct node *file, uint64_t writer)
{
	int r = saves_has(changes->tx, file->ino);

	if (r > 0)
		r = save_end(changes->tx, file->ino);
	if (r == 0)
		r = given_saved(changes->tx, &order_file, file, writer);
	if (r == 0)
		r = problem_end(changes, file->ino);
	return r == 0 ? invalidate_inode(&changes->out, file->ino) : r;
}

static int
settle_text_of(const struct settle_context *context,
    struct folder_changes *changes, struct node *file,
    const struct settle_source *source, struct text_error *error,
    struct ordering *ordering)
{
	struct order_plan plan = {0};
	int r;

	*ordering = (struct ordering){.context = context,
	    .changes = changes,
	    .tx = changes->tx,
	    .file = file,
	    .source = source,
	    .error = error,
	    .where = BUF_INIT};
	r = load(ordering);
	if (r == 0)
		r = choose_plan(ordering, &plan);
	if (r == 0)
		r = journal(ordering, &plan);
	order_plan_fini(&plan);
	return r == 0 ? finish(changes, file, source->writer) : r;
}

/* A list's order may be a draft because a line is missing that stands in
 * another one's: when that is taken, so is this. */
static int
settle_draft_of(const struct settle_context *context,
    struct folder_changes *changes, uint64_t list)
{
	struct text_error error = {0};
	struct ordering ordering;
	struct save save = {0};
	struct node file;
	char *text = NULL;
	size_t len = 0;
	int r = node_by_name(changes->tx, list, ORDER_NAME, &file);

	if (r == 0)
		r = save_get(changes->tx, file.ino, &save);
	if (r == 0 && save.draft)
		r = save_text(changes->tx, &file, &text, &len);
	if (r == 0 && save.draft) {
		const struct settle_source source = {
		    .text = text, .len = len, .writer = save.writer};

		r = settle_text_of(
		    context, changes, &file, &source, &error, &ordering);
		ordering_fini(&ordering);
	}
	free(text);
	save_fini(&save);
	return r == -ENOENT || (r == -EINVAL && error.code == r) ? 0 : r;
}

int
settle_order(const struct settle_context *context,
    struct folder_changes *changes, struct node *file,
    const struct settle_source *source, struct text_error *ret_error)
{
	struct ordering ordering;
	int r = settle_text_of(
	    context, changes, file, source, ret_error, &ordering);

	for (size_t i = 0; i < ordering.sources.n && r == 0; i++)
		r = settle_draft_of(context, changes, ordering.sources.v[i]);
	ordering_fini(&ordering);
	return r;
}

int
settle_order_save(const struct settle_context *context,
    struct folder_changes *changes, struct node *file, const struct save *save,
    struct text_error *ret_error, int *ret_told)
{
	struct settle_source source = {.writer = save->writer};
	char *text = NULL;
	int r = save_text(changes->tx, file, &text, &source.len);

	if (r != 0)
		return r;
	source.text = text;
	r = settle_order(context, changes, file, &source, ret_error);
	free(text);
	if (r != -EINVAL || ret_error->code != r)
		return r;
	*ret_told = r;
	return settle_keep_draft(changes, file, ret_error);
}
