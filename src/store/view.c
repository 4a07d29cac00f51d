#include "store/view.h"

#include "model/model_json.h"
#include "store/archived.h"
#include "store/base.h"
#include "store/resettle.h"
#include "store/tx.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
view_card_fini(struct view_card *view)
{
	card_fini(&view->card);
}

static int
set_string(char **target, const char *s)
{
	char *copy = strdup(model_str(s));

	if (copy == NULL)
		return -ENOMEM;
	free(*target);
	*target = copy;
	return 0;
}

static void
set_id(char target[MODEL_ID_SIZE], const char *id)
{
	(void)snprintf(target, MODEL_ID_SIZE, "%s", id);
}

/* A comment that Trello does not have yet will be younger than all it has. */
static struct card_change
dated_last(const struct card *card, const struct card_change *change)
{
	struct card_change dated = *change;

	for (size_t i = 0; i < card->comments.n; i++)
		if (card->comments.v[i].date_ms >= dated.new_ms)
			dated.new_ms = card->comments.v[i].date_ms + 1;
	return dated;
}

/* Another board's labels, members and fields. */
static int
go_to_board(struct tx *tx, struct view_card *view, const char *board)
{
	struct resettle resettle;
	int r;

	if (strcmp(view->card.id_board, board) == 0)
		return 0;
	r = resettle_open(tx, view->card.id_board, board, &resettle);
	if (r == 0)
		r = resettle_card(&resettle, &view->card, NULL);
	resettle_close(&resettle);
	set_id(view->card.id_board, board);
	return r == -ENOENT ? 0 : r;
}

static int
overlay_change(struct tx *tx, struct view_card *view, const struct entry *entry,
    const struct member *me)
{
	struct card_change change = entry->change;
	int r;

	if (change.kind == CHANGE_COMMENT_ADD)
		change = dated_last(&view->card, &entry->change);
	r = resettle_change(tx, entry->board, view->card.id_board, &change);
	return r == 0 ? card_change_apply(
			    &view->card, &change, me, &view->conflict)
		      : r;
}

static int
overlay_one(struct tx *tx, struct view_card *view, const struct entry *entry,
    const struct member *me)
{
	struct card *card = &view->card;
	int r;

	switch (entry->kind) {
	case ENTRY_CARD_CREATE:
		set_id(card->id_board, entry->board);
		set_id(card->id_list, entry->list);
		card->pos = entry->pos;
		return set_string(&card->name, entry->title);
	case ENTRY_CARD_MOVE:
	case ENTRY_CARD_RESTORE:
		r = go_to_board(tx, view, entry->board);
		set_id(card->id_list, entry->list);
		card->pos = entry->pos;
		return r;
	case ENTRY_CARD_ARCHIVE:
		view->hidden = true;
		return 0;
	case ENTRY_CARD_CHANGE:
		return overlay_change(tx, view, entry, me);
	default:
		return 0;
	}
}

/* Whether the entry changes what the text may say: a list is not part of it,
 * a board has its own labels and members. */
static bool
says_more(const struct view_card *view, const struct entry *entry)
{
	return entry->kind != ENTRY_CARD_MOVE ||
	       strcmp(view->card.id_board, entry->board) != 0;
}

/* The whole list is on its way to another board. */
static int
go_with_list(struct tx *tx, struct view_card *view)
{
	char board[MODEL_ID_SIZE];
	int r = resettle_with_list(tx, &view->card, board);

	if (r != 0)
		return r == -ENOENT ? 0 : r;
	if (strcmp(board, view->card.id_board) == 0)
		return 0;
	view->pending = view->differs = true;
	return go_to_board(tx, view, board);
}

int
view_overlay(struct tx *tx, const struct member *me, struct view_card *view)
{
	struct entries entries = {0};
	int r = go_with_list(tx, view);

	if (r == 0)
		r = journal_of(tx, view->card.id, &entries);
	for (size_t i = 0; i < entries.list.n && r == 0; i++) {
		const struct entry *entry = &entries.list.v[i];

		/* What Trello refused is told, not shown; but what it did not
		 * make is here all the same. */
		if (entry->state == ENTRY_REFUSED &&
		    entry->kind != ENTRY_CARD_CREATE)
			continue;
		view->pending = true;
		view->differs = view->differs || says_more(view, entry);
		r = overlay_one(tx, view, entry, me);
	}
	entries_fini(&entries);
	return r;
}

int
view_card(struct tx *tx, const char *id, const struct member *me,
    struct view_card *ret_view)
{
	struct view_card view = {0};
	int r = base_card(tx, id, &view.card);

	if (r == -ENOENT && archived_is_coming(tx, id) == 1) {
		r = archived_card(tx, id, &view.card);
		view.card.closed = false;
	}
	if (r == -ENOENT && journal_has(tx, id, ENTRY_CARD_CREATE) == 1) {
		card_init(&view.card);
		set_id(view.card.id, id);
		r = 0;
	}
	if (r != 0)
		return r;
	r = view_overlay(tx, me, &view);
	if (r != 0)
		view_card_fini(&view);
	else
		*ret_view = view;
	return r;
}

int
view_parse_head(const void *json, size_t len, struct board *ret_board)
{
	struct json_reader *reader;
	int r = 0;

	board_init(ret_board);
	reader = board_reader_new(ret_board);
	if (reader == NULL)
		return -ENOMEM;
	if (len > 0) {
		r = json_reader_feed(reader, json, len, NULL);
		if (r == 0)
			r = json_reader_finish(reader, NULL);
	}
	json_reader_free(reader);
	return r == 0 ? board_gather(ret_board) : r;
}

int
view_board(struct tx *tx, const char *id, struct board *ret_board)
{
	sqlite3_stmt *stmt =
	    db_prepare(tx->db, "SELECT head FROM boards WHERE id = ?");
	int r = db_bind(stmt, "s", id);

	board_init(ret_board);
	if (r == 0)
		r = db_step(stmt);
	if (r == 1)
		r = view_parse_head(sqlite3_column_text(stmt, 0),
		    (size_t)sqlite3_column_bytes(stmt, 0), ret_board);
	else if (r == 0)
		r = -ENOENT;
	db_reset(stmt);
	if (r != 0)
		board_fini(ret_board);
	return r;
}

int
view_me(struct tx *tx, struct member *ret_me)
{
	char id[MODEL_ID_SIZE], name[256];
	int r = store_meta_get(tx, "member", id, sizeof id);

	if (r == 0)
		r = store_meta_get(tx, "username", name, sizeof name);
	if (r != 0)
		return r;
	*ret_me = (struct member){0};
	set_id(ret_me->id, id);
	ret_me->username = strdup(name);
	return ret_me->username != NULL ? 0 : -ENOMEM;
}
