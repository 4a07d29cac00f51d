#include "store/board_file.h"

#include "model/model_json.h"
#include "store/journal.h"
#include "store/saves.h"
#include "store/tx.h"
#include "store/view.h"
#include "text/board_text.h"
#include "text/merge.h"
#include "util/buf.h"
#include "util/timeutil.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
set_text(char **target, const char *text)
{
	char *copy = strdup(model_str(text));

	if (copy == NULL)
		return -ENOMEM;
	free(*target);
	*target = copy;
	return 0;
}

/* On top of what others made of it. */
static int
set_desc(struct board *board, const struct entry *entry)
{
	struct buf merged = BUF_INIT;
	int r = text_merge_later(model_str(entry->old_title),
	    model_str(entry->title), model_str(board->desc), &merged);

	if (r == 0)
		r = set_text(&board->desc, buf_str(&merged));
	buf_free(&merged);
	return r;
}

static struct label *
find_label(struct board *board, const char *id)
{
	for (size_t i = 0; i < board->labels.n; i++)
		if (strcmp(board->labels.v[i].id, id) == 0)
			return &board->labels.v[i];
	return NULL;
}

static int
change_label(struct board *board, const struct entry *entry)
{
	const struct card_change *change = &entry->change;
	struct label *label = find_label(board, change->id);

	if (entry->kind == ENTRY_LABEL_REMOVE) {
		if (label == NULL)
			return 0;
		label_fini(label);
		memmove(label, label + 1,
		    (size_t)(&board->labels.v[--board->labels.n] - label) *
			sizeof *label);
		return 0;
	}
	if (label == NULL && entry->kind == ENTRY_LABEL_ADD) {
		label = VEC_ADD(&board->labels);
		if (label == NULL)
			return -ENOMEM;
		(void)snprintf(label->id, sizeof label->id, "%s", change->id);
	}
	if (label == NULL)
		return 0;
	(void)snprintf(label->color, sizeof label->color, "%.*s",
	    (int)sizeof label->color - 1, change->new_id);
	return set_text(&label->name, change->new_text);
}

int
board_file_head(struct tx *tx, const char *id, struct board *ret_board)
{
	struct entries entries = {0};
	int r = view_board(tx, id, ret_board);

	if (r != 0)
		return r;
	r = journal_of(tx, id, &entries);
	for (size_t i = 0; i < entries.list.n && r == 0; i++) {
		const struct entry *entry = &entries.list.v[i];

		if (entry->state == ENTRY_REFUSED)
			continue;
		if (entry->kind == ENTRY_BOARD_DESC)
			r = set_desc(ret_board, entry);
		else if (entry_is_label(entry->kind))
			r = change_label(ret_board, entry);
	}
	entries_fini(&entries);
	if (r != 0)
		board_fini(ret_board);
	return r;
}

int
board_file_then(const struct given *given, struct board *ret_board)
{
	struct json_reader *reader;
	int r;

	board_init(ret_board);
	reader = board_reader_new(ret_board);
	r = reader == NULL ? -ENOMEM
			   : json_reader_feed(reader, given->from,
				 strlen(given->from), NULL);
	if (r == 0)
		r = json_reader_finish(reader, NULL);
	if (r == 0)
		r = board_gather(ret_board);
	json_reader_free(reader);
	if (r != 0)
		board_fini(ret_board);
	return r;
}

static int
make(struct tx *tx, uint64_t folder, struct given_text *made)
{
	struct board board;
	struct node node;
	int r = node_get(tx, folder, &node);

	if (r == 0)
		r = board_file_head(tx, node.id, &board);
	if (r != 0)
		return r;
	r = board_text_format(&board, &made->text);
	if (r == 0)
		r = board_write_head(&board, &made->from);
	board_fini(&board);
	return r;
}

const struct given_kind board_file = {NODE_BOARD_FILE, BOARD_FILE_NAME, make};

int
board_file_accept(struct tx *tx, const struct board *board)
{
	struct buf head = BUF_INIT;
	int r = board_write_head(board, &head);

	if (r == 0)
		r = db_run(tx->db,
		    "UPDATE boards SET head = ?2, shown_as = '' WHERE id = ?1",
		    "ss", board->id, buf_str(&head));
	buf_free(&head);
	return r;
}
