#include "sync/push_request.h"

#include "store/base.h"
#include "store/board_file.h"
#include "store/view.h"
#include "trello/calls.h"
#include "util/timeutil.h"
#include "json/json_writer.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
push_request_fini(struct push_request *request)
{
	for (size_t i = 0; i < request->n_params; i++)
		free((char *)request->params[i].value);
	buf_free(&request->json);
	push_request_file_fini(request);
	free(request->old_desc);
	free(request->new_desc);
	*request = (struct push_request){0};
}

void
push_request_args(const struct push_request *request, struct remote_args *args)
{
	args->call = request->call;
	args->id = request->id[0] != '\0' ? request->id : NULL;
	args->id2 = request->id2[0] != '\0' ? request->id2 : NULL;
	args->filter = request->filter;
	args->params = request->params;
	args->n_params = request->n_params;
	args->json = request->json.len > 0 ? buf_str(&request->json) : NULL;
	args->file = request->has_file ? &request->file : NULL;
}

static void
set_id(char target[MODEL_ID_SIZE], const char *id)
{
	(void)snprintf(target, MODEL_ID_SIZE, "%s", id);
}

/* Set a parameter; a later value takes the place of an earlier one. */
static int
set(struct push_request *request, const char *key, const char *value)
{
	char *copy = strdup(model_str(value));
	size_t i = 0;

	if (copy == NULL)
		return -ENOMEM;
	while (
	    i < request->n_params && strcmp(request->params[i].key, key) != 0)
		i++;
	if (i < request->n_params) {
		free((char *)request->params[i].value);
	} else {
		assert(request->n_params < PUSH_PARAMS_MAX);
		request->n_params++;
	}
	request->params[i] = (struct remote_param){key, copy};
	return 0;
}

static int
set_bool(struct push_request *request, const char *key, bool value)
{
	return set(request, key, value ? "true" : "false");
}

static int
set_date(struct push_request *request, const char *key, int64_t ms)
{
	char text[TIME_ISO_SIZE] = "";

	if (ms != TIME_NONE)
		time_format_iso(ms, text);
	return set(request, key, text);
}

/* Positions are positive; anything else is the bottom. */
static int
set_pos(struct push_request *request, double pos)
{
	struct buf text = BUF_INIT;
	struct json_writer writer = {.out = &text};
	int r;

	if (!(pos > 0))
		return set(request, "pos", "bottom");
	json_double(&writer, NULL, pos);
	r = text.err != 0 ? text.err : set(request, "pos", buf_str(&text));
	buf_free(&text);
	return r;
}

/* Add an id to a parameter that is a list of them. */
static int
add_id(struct push_request *request, const char *key, const char *id)
{
	struct buf ids = BUF_INIT;
	int r;

	for (size_t i = 0; i < request->n_params; i++)
		if (strcmp(request->params[i].key, key) == 0)
			(void)buf_printf(&ids, "%s,", request->params[i].value);
	r = buf_add_str(&ids, id);
	if (r == 0)
		r = set(request, key, buf_str(&ids));
	buf_free(&ids);
	return r;
}

/* What the base has of the card while its step is made. */
struct making {
	struct tx *tx;
	struct push_request *request;
	struct card card; /* then with the step's changes on it */
	bool known;
	bool moved; /* more than once */
};

/* The step may change it more than once: what it is before the first and after
 * the last is what matters. */
static int
set_desc(struct making *making, const struct card_change *change)
{
	struct push_request *request = making->request;
	bool conflict = false;
	const char *now;
	int r;

	now = making->known ? making->card.desc : change->old_text;
	if (request->old_desc == NULL)
		request->old_desc = strdup(model_str(now));
	if (making->known) {
		r = card_change_apply(&making->card, change, NULL, &conflict);
		if (r != 0 || conflict)
			return r != 0 ? r : -ESTALE;
	}
	now = making->known ? making->card.desc : change->new_text;
	free(request->new_desc);
	request->new_desc = strdup(model_str(now));
	if (request->old_desc == NULL || request->new_desc == NULL)
		return -ENOMEM;
	return set(request, "desc", request->new_desc);
}

static int
set_change(struct making *making, const struct card_change *change)
{
	struct push_request *request = making->request;

	switch (change->kind) {
	case CHANGE_TITLE:
		return set(request, "name", change->new_text);
	case CHANGE_DESC:
		return set_desc(making, change);
	case CHANGE_START:
		return set_date(request, "start", change->new_ms);
	case CHANGE_DUE:
		return set_date(request, "due", change->new_ms);
	case CHANGE_DONE:
		return set_bool(request, "dueComplete", change->new_flag);
	case CHANGE_LABEL_ADD:
		return add_id(request, "idLabels", change->id);
	case CHANGE_MEMBER_ADD:
		return add_id(request, "idMembers", change->id);
	default:
		return -EINVAL;
	}
}

/* A list on another board needs that, too; a place in the list it is in is
 * only that.  What was sent before may have been done. */
static int
set_place(struct making *making, const struct entry *entry)
{
	struct push_request *request = making->request;
	bool create = request->call == CALL_CARD_CREATE;
	bool known = making->known && !create && !making->moved &&
		     entry->state == ENTRY_NEW;
	int r = 0;

	if (!create &&
	    (!known || strcmp(making->card.id_board, entry->board) != 0))
		r = set(request, "idBoard", entry->board);
	if (r == 0 &&
	    (!known || strcmp(making->card.id_list, entry->list) != 0))
		r = set(request, "idList", entry->list);
	return r == 0 ? set_pos(request, entry->pos) : r;
}

static int
set_card_entry(struct making *making, const struct entry *entry)
{
	int r;

	switch (entry->kind) {
	case ENTRY_CARD_CREATE:
		r = set(making->request, "name", entry->title);
		return r == 0 ? set_place(making, entry) : r;
	case ENTRY_CARD_MOVE:
		return set_place(making, entry);
	case ENTRY_CARD_RESTORE:
		r = set_bool(making->request, "closed", false);
		return r == 0 ? set_place(making, entry) : r;
	case ENTRY_CARD_ARCHIVE:
		return set_bool(making->request, "closed", true);
	case ENTRY_CARD_CHANGE:
		return set_change(making, &entry->change);
	default:
		return -EINVAL;
	}
}

/* Of several moves only the last one matters. */
static bool
is_moved_again(const struct step *step, size_t i)
{
	if (step->group.list.v[i].kind != ENTRY_CARD_MOVE)
		return false;
	for (size_t j = i + 1; j < step->group.list.n; j++)
		if (step->group.list.v[j].kind == ENTRY_CARD_MOVE)
			return true;
	return false;
}

static int
make_card(struct making *making, const struct step *step)
{
	int r = 0;

	if (step->call == CALL_CARD_UPDATE) {
		set_id(making->request->id, step->object);
		r = base_card(making->tx, step->object, &making->card);
		making->known = r == 0;
		if (r == -ENOENT)
			r = 0;
	}
	for (size_t i = 0; i < step->group.list.n && r == 0; i++) {
		if (is_moved_again(step, i))
			making->moved = true;
		else
			r = set_card_entry(making, &step->group.list.v[i]);
	}
	if (making->known)
		card_fini(&making->card);
	return r;
}

static int
make_field(struct making *making, const struct entry *entry)
{
	struct push_request *request = making->request;
	const struct card_change *change = &entry->change;
	const struct field *field;
	struct board board;
	int r = view_board(making->tx, entry->board, &board);

	if (r != 0)
		return r == -ENOENT ? -EINVAL : r;
	field = board_field(&board, change->id);
	set_id(request->id, entry->object);
	set_id(request->id2, change->id);
	r = field == NULL ? -EINVAL
			  : call_field_json(field->type,
				change->new_id[0] != '\0' ? change->new_id
							  : change->new_text,
				&request->json);
	board_fini(&board);
	return r;
}

/* Checklists and items: several entries may be about the same one. */
static int
set_part(struct push_request *request, const struct card_change *change)
{
	int r;

	switch (change->kind) {
	case CHANGE_CHECKLIST_ADD:
	case CHANGE_ITEM_ADD:
		r = set(request, "name", change->new_text);
		if (r == 0)
			r = set_pos(request, change->new_pos);
		if (r == 0 && change->new_flag)
			r = set_bool(request, "checked", true);
		return r;
	case CHANGE_CHECKLIST_NAME:
	case CHANGE_ITEM_NAME:
		return set(request, "name", change->new_text);
	case CHANGE_ITEM_STATE:
		return set(request, "state",
		    change->new_flag ? "complete" : "incomplete");
	case CHANGE_CHECKLIST_MOVE:
		return set_pos(request, change->new_pos);
	case CHANGE_ITEM_MOVE:
		r = strcmp(change->parent, change->old_id) != 0 &&
			    change->old_id[0] != '\0'
			? set(request, "idChecklist", change->parent)
			: 0;
		return r == 0 ? set_pos(request, change->new_pos) : r;
	default:
		return -EINVAL;
	}
}

static int
make_parts(struct push_request *request, const struct step *step)
{
	int r = 0;

	for (size_t i = 0; i < step->group.list.n && r == 0; i++)
		r = set_part(request, &step->group.list.v[i].change);
	return r;
}

static int
make_change(struct making *making, const struct step *step)
{
	struct push_request *request = making->request;
	const struct entry *entry = &step->group.list.v[0];
	const struct card_change *change = &entry->change;
	int r;

	switch (step->call) {
	case CALL_CARD_LABEL_ADD:
	case CALL_CARD_MEMBER_ADD:
		set_id(request->id, entry->object);
		return set(request, "value", change->id);
	case CALL_CARD_LABEL_REMOVE:
	case CALL_CARD_MEMBER_REMOVE:
	case CALL_ATTACHMENT_DELETE:
		set_id(request->id, entry->object);
		set_id(request->id2, change->id);
		return 0;
	case CALL_CARD_FIELD_SET:
		return make_field(making, entry);
	case CALL_CHECKLIST_CREATE:
		r = set(request, "idCard", entry->object);
		return r == 0 ? make_parts(request, step) : r;
	case CALL_CHECKLIST_UPDATE:
		set_id(request->id, change->id);
		return make_parts(request, step);
	case CALL_CARD_DELETE:
		set_id(request->id, entry->object);
		return 0;
	case CALL_CHECKLIST_DELETE:
	case CALL_COMMENT_DELETE:
		set_id(request->id, change->id);
		return 0;
	case CALL_ITEM_CREATE:
		set_id(request->id, change->parent);
		return make_parts(request, step);
	case CALL_ITEM_UPDATE:
		set_id(request->id, entry->object);
		set_id(request->id2, change->id);
		return make_parts(request, step);
	case CALL_ITEM_DELETE:
		set_id(request->id, change->parent);
		set_id(request->id2, change->id);
		return 0;
	case CALL_COMMENT_CREATE:
		set_id(request->id, entry->object);
		return set(request, "text", change->new_text);
	case CALL_COMMENT_UPDATE:
		set_id(request->id, change->id);
		entry = &step->group.list.v[step->group.list.n - 1];
		return set(request, "text", entry->change.new_text);
	case CALL_LINK_CREATE:
		set_id(request->id, entry->object);
		r = set(request, "url", change->new_url);
		/* Without a name it is called by its address. */
		if (r == 0 && model_str(change->new_text)[0] != '\0' &&
		    strcmp(change->new_text, model_str(change->new_url)) != 0)
			r = set(request, "name", change->new_text);
		return r;
	case CALL_FILE_CREATE:
		set_id(request->id, entry->object);
		r = push_request_file(making->tx, change, request);
		return r == 0 ? set(request, "name", change->new_text) : r;
	default:
		return -EINVAL;
	}
}

/* Lists and boards. */
static int
set_folder_entry(struct push_request *request, const struct entry *entry)
{
	int r;

	switch (entry->kind) {
	case ENTRY_LIST_CREATE:
		r = set(request, "name", entry->title);
		if (r == 0)
			r = set(request, "idBoard", entry->board);
		return r == 0 ? set_pos(request, entry->pos) : r;
	case ENTRY_LIST_MOVE:
		r = set(request, "value", entry->board);
		return r == 0 ? set_pos(request, entry->pos) : r;
	case ENTRY_LIST_POS:
		return set_pos(request, entry->pos);
	case ENTRY_BOARD_CREATE:
	case ENTRY_LIST_RENAME:
	case ENTRY_BOARD_RENAME:
		return set(request, "name", entry->title);
	case ENTRY_LIST_RESTORE:
		r = set_bool(request, "closed", false);
		return r == 0 ? set_pos(request, entry->pos) : r;
	case ENTRY_BOARD_DESC:
		return set(request, "desc", entry->title);
	case ENTRY_BOARD_REOPEN:
		return set_bool(request, "closed", false);
	case ENTRY_LIST_ARCHIVE:
	case ENTRY_BOARD_CLOSE:
		return set_bool(request, "closed", true);
	default:
		return -EINVAL;
	}
}

static int
make_folder(struct push_request *request, const struct step *step)
{
	int r = 0;

	if (!step_makes(step->call))
		set_id(request->id, step->object);
	for (size_t i = 0; i < step->group.list.n && r == 0; i++)
		r = set_folder_entry(request, &step->group.list.v[i]);
	return r;
}

/* The description on top of what others made of it since. */
static int
merge_board(struct making *making, const struct step *step)
{
	struct board board;
	bool desc = false;
	int r;

	for (size_t i = 0; i < step->group.list.n; i++)
		desc |= step->group.list.v[i].kind == ENTRY_BOARD_DESC;
	if (!desc || step_makes(step->call))
		return 0;
	r = board_file_head(making->tx, step->object, &board);
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	r = set(making->request, "desc", board.desc);
	board_fini(&board);
	return r;
}

static int
make_label(struct push_request *request, const struct step *step)
{
	const struct entry *entry = &step->group.list.v[0];
	const struct card_change *change = &entry->change;
	int r;

	if (!step_makes(step->call))
		set_id(request->id, change->id);
	if (step->call == CALL_LABEL_DELETE)
		return 0;
	r = set(request, "name", change->new_text);
	if (r == 0)
		r = set(request, "color",
		    change->new_id[0] != '\0' ? change->new_id : "null");
	if (r == 0 && step_makes(step->call))
		r = set(request, "idBoard", entry->object);
	return r;
}

int
push_request_make(
    struct tx *tx, const struct step *step, struct push_request *ret_request)
{
	struct push_request request = {.call = step->call};
	struct making making = {.tx = tx, .request = &request};
	int r;

	switch (step->call) {
	case CALL_CARD_CREATE:
	case CALL_CARD_UPDATE:
		r = make_card(&making, step);
		break;
	case CALL_LIST_CREATE:
	case CALL_LIST_UPDATE:
	case CALL_LIST_MOVE:
	case CALL_BOARD_CREATE:
	case CALL_BOARD_UPDATE:
		r = make_folder(&request, step);
		if (r == 0)
			r = merge_board(&making, step);
		break;
	case CALL_LABEL_CREATE:
	case CALL_LABEL_UPDATE:
	case CALL_LABEL_DELETE:
		r = make_label(&request, step);
		break;
	default:
		r = make_change(&making, step);
		break;
	}
	if (r != 0) {
		push_request_fini(&request);
		return r;
	}
	*ret_request = request;
	return 0;
}

int
push_request_find(const struct step *step, struct push_request *ret_request)
{
	const struct entry *entry = &step->group.list.v[0];
	struct push_request request = {0};

	switch (step->call) {
	case CALL_CARD_CREATE:
		request.call = CALL_LIST_CARDS;
		request.filter = "all";
		set_id(request.id, entry->list);
		break;
	case CALL_LIST_CREATE:
		request.call = CALL_BOARD_LISTS;
		request.filter = "all";
		set_id(request.id, entry->board);
		break;
	case CALL_LABEL_CREATE:
		request.call = CALL_BOARD_LABELS;
		set_id(request.id, entry->object);
		break;
	case CALL_BOARD_CREATE:
		request.call = CALL_BOARDS;
		request.filter = "all";
		break;
	case CALL_ITEM_CREATE:
		request.call = CALL_CHECKLIST;
		set_id(request.id, entry->change.parent);
		break;
	case CALL_COMMENT_CREATE:
		request.call = CALL_CARD_COMMENTS;
		set_id(request.id, entry->object);
		break;
	case CALL_CHECKLIST_CREATE:
	case CALL_LINK_CREATE:
	case CALL_FILE_CREATE:
		request.call = CALL_CARD;
		set_id(request.id, entry->object);
		break;
	default:
		return -EINVAL;
	}
	*ret_request = request;
	return 0;
}
