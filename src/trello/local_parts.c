#include "model/model_json.h"
#include "trello/calls.h"
#include "trello/local.h"
#include "trello/local_account.h"
#include "trello/local_json.h"
#include "trello/local_question.h"
#include "trello/local_rules.h"
#include "util/buf.h"
#include "util/timeutil.h"
#include "json/json_number.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * What hangs on a card besides its checklists: comments, attachments and the
 * values of custom fields.
 */

/* On one card (Trello's limit of 2026); a name's own limit. */
#define ATTACHMENTS_MAX 1000
#define ATTACHMENT_NAME_MAX 256

static int
read_comment(struct question *q, char **ret_text)
{
	int status = question_text(q, "text", 1, ret_text);

	if (status == 0 && *ret_text == NULL)
		status = question_bad(q, "text");
	return status;
}

static int
create_comment(struct question *q)
{
	struct comment *comment;
	char *text;
	int status = read_comment(q, &text);

	if (status != 0)
		return status;
	comment = VEC_ADD(&q->card->comments);
	if (comment == NULL) {
		free(text);
		return -ENOMEM;
	}
	comment_init(comment);
	local_account_new_id(q->account, q->now_ms, comment->id);
	memcpy(comment->id_card, q->card->id, MODEL_ID_SIZE);
	strcpy(comment->id_creator, LOCAL_MEMBER_ID);
	comment->text = text;
	comment->date_ms = q->now_ms;
	comment->username = strdup(LOCAL_MEMBER_NAME);
	if (comment->username == NULL) {
		comment_fini(comment);
		q->card->comments.n--;
		return -ENOMEM;
	}
	question_touch(q, q->board, q->card);
	local_write_comment(&q->writer, comment, q->card);
	return 200;
}

static bool
is_admin(const struct board *board)
{
	for (size_t i = 0; i < board->memberships.n; i++)
		if (strcmp(board->memberships.v[i].id_member,
			LOCAL_MEMBER_ID) == 0)
			return strcmp(board->memberships.v[i].type, "admin") ==
			       0;
	return false;
}

/* The comment that the route names.  0 or the status of an error: only the
 * author changes a comment, an administrator too may remove it. */
static int
own_comment(struct question *q, bool admins_too, struct comment **ret_comment)
{
	struct comment *comment =
	    local_account_comment(q->account, q->args->id, &q->card, &q->board);

	if (comment == NULL)
		return question_not_found(q);
	if (strcmp(comment->id_creator, LOCAL_MEMBER_ID) != 0 &&
	    !(admins_too && is_admin(q->board)))
		return question_fail(
		    q, 401, "unauthorized permission requested");
	*ret_comment = comment;
	return 0;
}

static int
update_comment(struct question *q)
{
	struct comment *comment = NULL;
	char *text;
	int status = read_comment(q, &text);

	if (status == 0)
		status = own_comment(q, false, &comment);
	if (status != 0) {
		free(text);
		return status;
	}
	free(comment->text);
	comment->text = text;
	comment->edited_ms = q->now_ms;
	question_touch(q, q->board, q->card);
	local_write_comment(&q->writer, comment, q->card);
	return 200;
}

static int
delete_comment(struct question *q)
{
	struct comment *comment = NULL;
	int status = own_comment(q, true, &comment);
	size_t place;

	if (status != 0)
		return status;
	place = (size_t)(comment - q->card->comments.v);
	comment_fini(comment);
	q->card->comments.n--;
	memmove(comment, comment + 1,
	    (q->card->comments.n - place) * sizeof *comment);
	question_touch(q, q->board, q->card);
	return question_null(q);
}

static bool
is_link(const char *url)
{
	static const char *const schemes[] = {
	    "http:", "https:", "ftp:", "mailto:", "file:", "trello:"};

	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (strncmp(url, schemes[i], strlen(schemes[i])) == 0)
			return true;
	return false;
}

/* Its name, which is its address unless one is given. */
static int
read_link(struct question *q, struct attachment *link)
{
	const char *url = question_param(q, "url");
	const char *name = question_param(q, "name");
	int r;

	if (url == NULL || !is_link(url))
		return question_bad(q, "url");
	if (name != NULL && *name != '\0') {
		r = local_title(name, 1, ATTACHMENT_NAME_MAX, &link->name);
		if (r != 0)
			return r == -EINVAL ? question_bad(q, "name") : r;
	} else if ((link->name = strdup(url)) == NULL) {
		return -ENOMEM;
	}
	link->url = strdup(url);
	return link->url != NULL ? 0 : -ENOMEM;
}

/* Its address has the name that the file had. */
static int
set_address(const struct question *q, struct attachment *file)
{
	struct buf url = BUF_INIT;
	int r;

	(void)buf_printf(&url,
	    "https://trello.com/1/cards/%s/attachments/%s/download/",
	    q->card->id, file->id);
	r = call_encode(&url, model_str(file->file_name));
	free(file->url);
	file->url = r == 0 ? buf_steal(&url) : NULL;
	buf_free(&url);
	return file->url != NULL ? 0 : -ENOMEM;
}

static int
add_attachment(struct question *q, struct attachment *link)
{
	struct local_places places = {0};
	struct attachment *added;
	int r = 0;

	for (size_t i = 0; i < q->card->attachments.n && r == 0; i++)
		r = local_places_add(&places, &q->card->attachments.v[i].pos,
		    q->card->attachments.v[i].id);
	if (r == 0)
		r = local_pos(&places, "bottom", &link->pos);
	local_places_free(&places);
	local_account_new_id(q->account, q->now_ms, link->id);
	if (r == 0 && link->is_upload)
		r = set_address(q, link);
	added = r == 0 ? VEC_ADD(&q->card->attachments) : NULL;
	if (added == NULL)
		return -ENOMEM;
	link->date_ms = q->now_ms;
	*added = *link;
	attachment_init(link);
	question_touch(q, q->board, q->card);
	local_write_attachment(&q->writer, added);
	return 200;
}

static int
create_link(struct question *q)
{
	struct attachment link;
	int status;

	if (q->card->attachments.n >= ATTACHMENTS_MAX)
		return question_too_many(q, "attachments");
	attachment_init(&link);
	status = read_link(q, &link);
	if (status == 0)
		status = add_attachment(q, &link);
	attachment_fini(&link);
	return status;
}

/* Only what is told of it is kept: who uploads it has the bytes, and there is
 * nobody else. */
static int
create_file(struct question *q)
{
	const struct remote_file *from = q->args->file;
	const char *name = question_param(q, "name");
	struct attachment file;
	int r;

	if (q->card->attachments.n >= ATTACHMENTS_MAX)
		return question_too_many(q, "attachments");
	attachment_init(&file);
	file.is_upload = true;
	file.bytes = from->bytes;
	file.file_name = strdup(from->name);
	r = local_title(name != NULL && *name != '\0' ? name : from->name, 1,
	    ATTACHMENT_NAME_MAX, &file.name);
	if (r == -EINVAL)
		r = question_bad(q, "name");
	else if (r == 0)
		r = file.file_name != NULL ? add_attachment(q, &file) : -ENOMEM;
	attachment_fini(&file);
	return r;
}

static int
delete_attachment(struct question *q)
{
	struct attachment *all = q->card->attachments.v;
	size_t n = q->card->attachments.n;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(all[i].id, q->args->id2) != 0)
			continue;
		attachment_fini(&all[i]);
		memmove(&all[i], &all[i + 1], (n - i - 1) * sizeof *all);
		q->card->attachments.n--;
		question_touch(q, q->board, q->card);
		return question_deleted(q);
	}
	return question_not_found(q);
}

/* What a body says of a custom field's value. */
struct given {
	char *text, *number, *date, *checked; /* of the object "value" */
	char *value;			      /* where it is no object */
	char *option;
};

#define GIVEN(key_, member_)                              \
	{                                                 \
		.key = key_, .type = JSON_STRING,         \
		.offset = offsetof(struct given, member_) \
	}

static const struct json_shape value_shape = {
    .fields =
	(const struct json_field[]){
	    GIVEN("text", text),
	    GIVEN("number", number),
	    GIVEN("date", date),
	    GIVEN("checked", checked),
	    {0},
	},
};
static const struct json_shape object_shape = {
    .fields =
	(const struct json_field[]){
	    {.key = "value", .type = JSON_OBJECT, .shape = &value_shape},
	    GIVEN("idValue", option),
	    {0},
	},
};
static const struct json_shape plain_shape = {
    .fields =
	(const struct json_field[]){
	    GIVEN("value", value),
	    GIVEN("idValue", option),
	    {0},
	},
};

static void
given_fini(struct given *given)
{
	free(given->text);
	free(given->number);
	free(given->date);
	free(given->checked);
	free(given->value);
	free(given->option);
	*given = (struct given){0};
}

static int
read_json(const char *json, const struct json_shape *shape, struct given *given)
{
	struct json_reader *reader = json_reader_new(shape, false, given, NULL);
	int r;

	if (reader == NULL)
		return -ENOMEM;
	r = json_reader_feed(reader, json, strlen(json), NULL);
	if (r == 0)
		r = json_reader_finish(reader, NULL);
	json_reader_free(reader);
	return r;
}

static int
read_given(struct question *q, struct given *given)
{
	int r = read_json(q->args->json, &object_shape, given);

	if (r == -EBADMSG) {
		given_fini(given);
		r = read_json(q->args->json, &plain_shape, given);
	}
	if (r == -EBADMSG)
		return question_fail(q, 400, "Error parsing body");
	return r;
}

static bool
is_number(const char *s)
{
	double number;

	return json_number_double(s, strlen(s), &number) != -EINVAL;
}

static bool
is_date(const char *s)
{
	int64_t ms;

	return local_date(s, &ms) == 0 && ms != TIME_NONE;
}

static bool
is_option(const struct field *field, const char *id)
{
	return field_option_by_id(field, id) != NULL;
}

/* The value for a field of this type, if it is the only one and parses. */
static const char *
value_for(const struct field *field, const struct given *given)
{
	int n = (given->text != NULL) + (given->number != NULL) +
		(given->date != NULL) + (given->checked != NULL);
	const char *s = NULL;
	bool truth, good = n == 1;

	switch (field->type) {
	case FIELD_TEXT:
		s = given->text;
		break;
	case FIELD_NUMBER:
		s = given->number;
		good = good && s != NULL && is_number(s);
		break;
	case FIELD_DATE:
		s = given->date;
		good = good && s != NULL && is_date(s);
		break;
	case FIELD_CHECKBOX:
		s = given->checked;
		good = good && s != NULL && local_bool(s, &truth) == 0;
		break;
	case FIELD_LIST:
		s = model_str(given->option);
		good = is_option(field, s);
		break;
	case FIELD_UNKNOWN:
		break;
	}
	return good ? s : NULL;
}

static bool
is_nothing(const struct given *given)
{
	return given->text == NULL && given->number == NULL &&
	       given->date == NULL && given->checked == NULL &&
	       model_str(given->value)[0] == '\0' &&
	       model_str(given->option)[0] == '\0';
}

/* The card's value of the field, an empty one if it has none. */
static struct field_value *
value_slot(struct card *card, const char *id_field)
{
	struct field_value *slot;

	for (size_t i = 0; i < card->fields.n; i++)
		if (strcmp(card->fields.v[i].id_field, id_field) == 0)
			return &card->fields.v[i];
	slot = VEC_ADD(&card->fields);
	if (slot != NULL)
		strcpy(slot->id_field, id_field);
	return slot;
}

/* value NULL: none. */
static int
store_value(struct question *q, const struct field *field, const char *value)
{
	bool is_list = field->type == FIELD_LIST;
	char *copy = NULL;
	struct field_value *slot;

	if (value != NULL && !is_list && (copy = strdup(value)) == NULL)
		return -ENOMEM;
	slot = value_slot(q->card, field->id);
	if (slot == NULL) {
		free(copy);
		return -ENOMEM;
	}
	free(slot->value);
	slot->value = copy;
	memset(slot->id_option, 0, sizeof slot->id_option);
	if (value != NULL && is_list)
		strcpy(slot->id_option, value);
	if (value != NULL)
		local_write_field_value(&q->writer, slot, field->type);
	else
		(void)question_fail(q, 200, "{}");
	question_touch(q, q->board, q->card);
	return card_gather(q->card) == 0 ? 200 : -ENOMEM;
}

static int
set_given(struct question *q, const struct given *given)
{
	struct board *board;
	const struct field *field =
	    local_account_field(q->account, q->args->id2, &board);
	const char *value;

	if (field == NULL)
		return question_not_found(q);
	if (board == q->board && is_nothing(given))
		return store_value(q, field, NULL);
	value = board == q->board ? value_for(field, given) : NULL;
	if (value == NULL)
		return question_fail(
		    q, 400, "Invalid custom field item value.");
	return store_value(q, field, value);
}

static int
set_field(struct question *q)
{
	struct given given = {0};
	int status = read_given(q, &given);

	if (status == 0)
		status = set_given(q, &given);
	given_fini(&given);
	return status;
}

const struct local_handler local_parts_handlers[] = {
    {CALL_COMMENT_CREATE, NAMES_CARD, create_comment,
	{{"text", KIND_TEXT}, {0}}},
    {CALL_COMMENT_UPDATE, NAMES_OTHER, update_comment,
	{{"text", KIND_TEXT}, {0}}},
    {CALL_COMMENT_DELETE, NAMES_OTHER, delete_comment, {{0}}},
    {CALL_LINK_CREATE, NAMES_CARD, create_link,
	{{"url", KIND_TEXT}, {"name", KIND_TEXT}, {0}}},
    {CALL_FILE_CREATE, NAMES_CARD, create_file, {{"name", KIND_TEXT}, {0}}},
    {CALL_ATTACHMENT_DELETE, NAMES_CARD, delete_attachment, {{0}}},
    {CALL_CARD_FIELD_SET, NAMES_CARD, set_field, {{0}}},
    {0},
};
