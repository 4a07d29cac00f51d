#include "store/resettle.h"

#include "model/model_json.h"
#include "store/base.h"
#include "store/journal.h"
#include "store/notes.h"
#include "store/tx.h"
#include "store/view.h"
#include "text/card_change.h"
#include "util/buf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int
resettle_open(struct tx *tx, const char *from, const char *to,
    struct resettle *ret_resettle)
{
	int r;

	*ret_resettle = (struct resettle){.tx = tx};
	r = view_board(tx, from, &ret_resettle->from);
	if (r == 0)
		r = view_board(tx, to, &ret_resettle->to);
	return r;
}

void
resettle_close(struct resettle *resettle)
{
	board_fini(&resettle->from);
	board_fini(&resettle->to);
}

const struct label *
resettle_label(const struct board *to, const struct label *label)
{
	for (size_t i = 0; i < to->labels.n; i++) {
		const struct label *one = &to->labels.v[i];

		if (strcmp(one->color, label->color) == 0 &&
		    strcmp(model_str(one->name), model_str(label->name)) == 0)
			return one;
	}
	return NULL;
}

static const struct label *
label_of_name(const struct board *to, const char *name)
{
	for (size_t i = 0; i < to->labels.n && *name != '\0'; i++)
		if (strcmp(model_str(to->labels.v[i].name), name) == 0)
			return &to->labels.v[i];
	return NULL;
}

/* Whichever board it is of. */
static int
find_anywhere(struct tx *tx, const char *id, struct label *ret_label)
{
	sqlite3_stmt *stmt = db_prepare(
	    tx->db, "SELECT id FROM boards WHERE instr(head, ?) > 0");
	char board_id[MODEL_ID_SIZE] = "";
	const struct label *label;
	struct board board;
	int r = db_bind(stmt, "s", id);

	if (r == 0)
		r = db_step(stmt);
	if (r == 1)
		(void)snprintf(board_id, sizeof board_id, "%s",
		    (const char *)sqlite3_column_text(stmt, 0));
	db_reset(stmt);
	if (r != 1)
		return r == 0 ? -ENOENT : r;
	r = view_board(tx, board_id, &board);
	if (r != 0)
		return r;
	label = board_label(&board, id);
	r = label != NULL ? label_copy(label, ret_label) : -ENOENT;
	board_fini(&board);
	return r;
}

static int
find_label(struct tx *tx, const struct board *from, const char *id,
    struct label *ret_label)
{
	const struct label *label = from != NULL ? board_label(from, id) : NULL;

	return label != NULL ? label_copy(label, ret_label)
			     : find_anywhere(tx, id, ret_label);
}

int
resettle_id(struct tx *tx, const struct board *from, const struct board *to,
    bool by_name, char id[MODEL_ID_SIZE])
{
	const struct label *same;
	struct label label;
	int r;

	if (board_label(to, id) != NULL)
		return 0;
	r = find_label(tx, from, id, &label);
	if (r != 0)
		return r;
	same = resettle_label(to, &label);
	if (same == NULL && by_name)
		same = label_of_name(to, model_str(label.name));
	if (same != NULL)
		(void)snprintf(id, MODEL_ID_SIZE, "%s", same->id);
	label_fini(&label);
	return same != NULL ? 0 : -ENOENT;
}

static int
take_labels(const struct resettle *resettle, struct card *card)
{
	model_ids *ids = &card->id_labels;
	size_t n = 0;

	for (size_t i = 0; i < ids->n; i++) {
		int r = resettle_id(resettle->tx, &resettle->from,
		    &resettle->to, false, ids->v[i].s);
		size_t j = 0;

		if (r != 0 && r != -ENOENT)
			return r;
		while (j < n && strcmp(ids->v[j].s, ids->v[i].s) != 0)
			j++;
		if (j == n)
			ids->v[n++] = ids->v[i];
	}
	ids->n = n;
	return 0;
}

/* A line that is not there yet: each stands between two ends of lines. */
static int
add_left(struct buf *left, const char *kind, const char *name)
{
	struct buf line = BUF_INIT;
	int r;

	if (left == NULL)
		return 0;
	if (left->len == 0)
		(void)buf_add_char(left, '\n');
	r = buf_printf(&line, "\n%s %s\n", kind, name);
	if (r == 0 && strstr(buf_str(left), buf_str(&line)) == NULL)
		r = buf_add_str(left, buf_str(&line) + 1);
	buf_free(&line);
	return r;
}

static int
take_members(
    const struct resettle *resettle, struct card *card, struct buf *left)
{
	model_ids *ids = &card->id_members;
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < ids->n && r == 0; i++) {
		const struct member *member =
		    board_member(&resettle->from, ids->v[i].s);

		if (board_member(&resettle->to, ids->v[i].s) != NULL)
			ids->v[n++] = ids->v[i];
		else if (member != NULL)
			r = add_left(
			    left, "member", model_str(member->username));
	}
	if (r == 0)
		ids->n = n;
	return r;
}

static int
take_fields(
    const struct resettle *resettle, struct card *card, struct buf *left)
{
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < card->fields.n; i++) {
		struct field_value *value = &card->fields.v[i];
		const struct field *field =
		    board_field(&resettle->from, value->id_field);

		if (r != 0 || board_field(&resettle->to, value->id_field)) {
			card->fields.v[n++] = *value;
			continue;
		}
		if (field != NULL)
			r = add_left(left, "field", model_str(field->name));
		field_value_fini(value);
	}
	card->fields.n = n;
	return r;
}

int
resettle_card(
    const struct resettle *resettle, struct card *card, struct buf *left)
{
	int r = take_labels(resettle, card);

	if (r == 0)
		r = take_members(resettle, card, left);
	if (r == 0)
		r = take_fields(resettle, card, left);
	if (r == 0)
		(void)snprintf(card->id_board, sizeof card->id_board, "%s",
		    resettle->to.id);
	return r;
}

int
resettle_change(struct tx *tx, const char *on, const char *board,
    struct card_change *change)
{
	struct resettle resettle;
	int r;

	if ((change->kind != CHANGE_LABEL_ADD &&
		change->kind != CHANGE_LABEL_REMOVE) ||
	    strcmp(on, board) == 0)
		return 0;
	r = resettle_open(tx, on, board, &resettle);
	if (r == 0)
		r = resettle_id(tx, &resettle.from, &resettle.to,
		    change->kind == CHANGE_LABEL_ADD, change->id);
	resettle_close(&resettle);
	return r == -ENOENT ? 0 : r;
}

bool
resettle_has_all(const struct board *board, const struct card *card)
{
	for (size_t i = 0; i < card->id_labels.n; i++)
		if (board_label(board, card->id_labels.v[i].s) == NULL)
			return false;
	return true;
}

int
resettle_board(struct tx *tx, const struct card *card, struct board *board)
{
	int r = 0;

	for (size_t i = 0; i < card->id_labels.n && r == 0; i++) {
		const char *id = card->id_labels.v[i].s;
		struct label label, *slot;

		if (board_label(board, id) != NULL)
			continue;
		r = find_anywhere(tx, id, &label);
		if (r == 0) {
			slot = VEC_ADD(&board->labels);
			if (slot != NULL)
				*slot = label;
			else
				label_fini(&label);
			r = slot != NULL ? 0 : -ENOMEM;
		}
		r = r == -ENOENT ? 0 : r;
	}
	return r;
}

static bool
names_all(const char *head, const struct card *card)
{
	for (size_t i = 0; i < card->id_labels.n; i++)
		if (strstr(head, card->id_labels.v[i].s) == NULL)
			return false;
	return true;
}

int
resettle_head(struct tx *tx, const char *json, struct buf *head)
{
	struct board board;
	struct card card;
	int r = base_parse_card(json, strlen(json), &card);

	if (r != 0)
		return r;
	if (!names_all(buf_str(head), &card)) {
		r = view_parse_head(head->data, head->len, &board);
		if (r == 0)
			r = resettle_board(tx, &card, &board);
		buf_clear(head);
		if (r == 0)
			r = board_write_head(&board, head);
		board_fini(&board);
	}
	card_fini(&card);
	return r;
}

int
resettle_with_list(
    struct tx *tx, const struct card *card, char ret_board[MODEL_ID_SIZE])
{
	sqlite3_stmt *stmt = db_prepare(tx->db,
	    "SELECT board FROM journal WHERE object = ?1 AND kind = ?2"
	    " AND state != ?4 AND NOT EXISTS (SELECT 1 FROM journal"
	    "  WHERE object = ?5 AND kind = ?3 AND state != ?4)"
	    " ORDER BY seq DESC LIMIT 1");
	int r = db_bind(stmt, "siiis", card->id_list, (int64_t)ENTRY_LIST_MOVE,
	    (int64_t)ENTRY_CARD_MOVE, (int64_t)ENTRY_REFUSED, card->id);

	if (r == 0)
		r = db_step(stmt);
	if (r == 1)
		(void)snprintf(ret_board, MODEL_ID_SIZE, "%s",
		    (const char *)sqlite3_column_text(stmt, 0));
	db_reset(stmt);
	return r == 1 ? 0 : r == 0 ? -ENOENT : r;
}

int
resettle_tell(
    struct tx *tx, uint64_t ino, const char *board, const struct buf *left)
{
	struct note note = {.ino = ino, .name = ""};
	struct buf what = BUF_INIT;
	struct board head;
	int r;

	if (left->len == 0)
		return note_clear(tx, ino, "");
	r = view_board(tx, board, &head);
	if (r != 0)
		return r;
	(void)buf_printf(
	    &what, "moved to \"%s\" without ", model_str(head.name));
	for (const char *s = left->data + 1; s[1] != '\0'; s++)
		if (*s == '\n')
			(void)buf_add_str(&what, ", ");
		else
			(void)buf_add_char(
			    &what, (unsigned char)*s < ' ' ? '?' : *s);
	note.what = buf_str(&what);
	note.why = "that board does not have them";
	r = what.err != 0 ? what.err : note_set(tx, &note);
	buf_free(&what);
	board_fini(&head);
	return r;
}
