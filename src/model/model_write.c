#include "model/model_json.h"
#include "util/buf.h"
#include "util/timeutil.h"
#include "json/json_writer.h"

/* NULL and "" are equal, so both are written alike. */
static void
write_text(struct json_writer *writer, const char *key, const char *s)
{
	json_string(writer, key, model_str(s));
}

/* An id that may be missing. */
static void
write_id(struct json_writer *writer, const char *key, const char *id)
{
	json_string(writer, key, id[0] != '\0' ? id : NULL);
}

static void
write_date(struct json_writer *writer, const char *key, int64_t ms)
{
	char text[TIME_ISO_SIZE];

	if (ms == TIME_NONE) {
		json_null(writer, key);
		return;
	}
	time_format_iso(ms, text);
	json_string(writer, key, text);
}

static void
write_ids(struct json_writer *writer, const char *key, const model_ids *ids)
{
	json_array_begin(writer, key);
	for (size_t i = 0; i < ids->n; i++)
		json_string(writer, NULL, ids->v[i].s);
	json_array_end(writer);
}

static void
write_check_item(struct json_writer *writer, const struct check_item *item)
{
	json_object_begin(writer, NULL);
	json_string(writer, "id", item->id);
	write_text(writer, "name", item->name);
	json_double(writer, "pos", item->pos);
	json_string(
	    writer, "state", item->complete ? "complete" : "incomplete");
	json_object_end(writer);
}

static void
write_checklist(struct json_writer *writer, const struct checklist *checklist)
{
	json_object_begin(writer, NULL);
	json_string(writer, "id", checklist->id);
	write_id(writer, "idCard", checklist->id_card);
	write_text(writer, "name", checklist->name);
	json_double(writer, "pos", checklist->pos);
	json_array_begin(writer, "checkItems");
	for (size_t i = 0; i < checklist->items.n; i++)
		write_check_item(writer, &checklist->items.v[i]);
	json_array_end(writer);
	json_object_end(writer);
}

static void
write_attachment(
    struct json_writer *writer, const struct attachment *attachment)
{
	json_object_begin(writer, NULL);
	json_string(writer, "id", attachment->id);
	write_text(writer, "name", attachment->name);
	write_text(writer, "url", attachment->url);
	write_text(writer, "fileName", attachment->file_name);
	write_text(writer, "mimeType", attachment->mime_type);
	if (attachment->bytes >= 0)
		json_int(writer, "bytes", attachment->bytes);
	else
		json_null(writer, "bytes");
	write_date(writer, "date", attachment->date_ms);
	json_double(writer, "pos", attachment->pos);
	json_bool(writer, "isUpload", attachment->is_upload);
	json_object_end(writer);
}

static void
write_field_value(struct json_writer *writer, const struct field_value *value)
{
	json_object_begin(writer, NULL);
	json_string(writer, "idCustomField", value->id_field);
	write_id(writer, "idValue", value->id_option);
	if (model_str(value->value)[0] != '\0') {
		json_object_begin(writer, "value");
		json_string(writer, "text", value->value);
		json_object_end(writer);
	} else {
		json_null(writer, "value");
	}
	json_object_end(writer);
}

static void
write_comment(struct json_writer *writer, const struct comment *comment)
{
	json_object_begin(writer, NULL);
	json_string(writer, "id", comment->id);
	json_string(writer, "type", "commentCard");
	write_date(writer, "date", comment->date_ms);
	write_id(writer, "idMemberCreator", comment->id_creator);
	json_object_begin(writer, "data");
	write_text(writer, "text", comment->text);
	write_date(writer, "dateLastEdited", comment->edited_ms);
	json_object_begin(writer, "card");
	write_id(writer, "id", comment->id_card);
	json_object_end(writer);
	json_object_end(writer);
	json_object_begin(writer, "memberCreator");
	write_text(writer, "username", comment->username);
	json_object_end(writer);
	json_object_end(writer);
}

/* Each of an array by its function. */
#define WRITE_EACH(writer, key, vec, write_element)           \
	do {                                                  \
		json_array_begin(writer, key);                \
		for (size_t i_ = 0; i_ < (vec)->n; i_++)      \
			write_element(writer, &(vec)->v[i_]); \
		json_array_end(writer);                       \
	} while (0)

static void
write_card(struct json_writer *writer, const struct card *card)
{
	json_object_begin(writer, NULL);
	json_string(writer, "id", card->id);
	write_id(writer, "idBoard", card->id_board);
	write_id(writer, "idList", card->id_list);
	json_int(writer, "idShort", card->id_short);
	write_text(writer, "shortLink", card->short_link);
	write_text(writer, "name", card->name);
	write_text(writer, "desc", card->desc);
	json_double(writer, "pos", card->pos);
	json_bool(writer, "closed", card->closed);
	json_bool(writer, "isTemplate", card->is_template);
	write_date(writer, "start", card->start_ms);
	write_date(writer, "due", card->due_ms);
	json_bool(writer, "dueComplete", card->due_complete);
	write_date(writer, "dateLastActivity", card->activity_ms);
	write_ids(writer, "idLabels", &card->id_labels);
	write_ids(writer, "idMembers", &card->id_members);
	WRITE_EACH(writer, "checklists", &card->checklists, write_checklist);
	WRITE_EACH(writer, "attachments", &card->attachments, write_attachment);
	WRITE_EACH(
	    writer, "customFieldItems", &card->fields, write_field_value);
	WRITE_EACH(writer, "actions", &card->comments, write_comment);
	json_object_end(writer);
}

static void
write_list(struct json_writer *writer, const struct list *list)
{
	json_object_begin(writer, NULL);
	json_string(writer, "id", list->id);
	write_id(writer, "idBoard", list->id_board);
	write_text(writer, "name", list->name);
	json_bool(writer, "closed", list->closed);
	json_double(writer, "pos", list->pos);
	json_object_end(writer);
}

static void
write_label(struct json_writer *writer, const struct label *label)
{
	json_object_begin(writer, NULL);
	json_string(writer, "id", label->id);
	write_text(writer, "name", label->name);
	write_id(writer, "color", label->color);
	json_object_end(writer);
}

static void
write_member(struct json_writer *writer, const struct member *member)
{
	json_object_begin(writer, NULL);
	json_string(writer, "id", member->id);
	write_text(writer, "username", member->username);
	write_text(writer, "fullName", member->full_name);
	json_object_end(writer);
}

static void
write_membership(
    struct json_writer *writer, const struct membership *membership)
{
	json_object_begin(writer, NULL);
	json_string(writer, "idMember", membership->id_member);
	json_string(writer, "memberType", membership->type);
	json_object_end(writer);
}

static void
write_option(struct json_writer *writer, const struct field_option *option)
{
	json_object_begin(writer, NULL);
	json_string(writer, "id", option->id);
	json_object_begin(writer, "value");
	write_text(writer, "text", option->text);
	json_object_end(writer);
	json_double(writer, "pos", option->pos);
	json_object_end(writer);
}

static void
write_field(struct json_writer *writer, const struct field *field)
{
	json_object_begin(writer, NULL);
	json_string(writer, "id", field->id);
	write_text(writer, "name", field->name);
	json_string(writer, "type", field_type_name(field->type));
	json_double(writer, "pos", field->pos);
	WRITE_EACH(writer, "options", &field->options, write_option);
	json_object_end(writer);
}

/* The members of a board's object that stand before its lists. */
static void
write_head(struct json_writer *writer, const struct board *board)
{
	json_string(writer, "id", board->id);
	write_id(writer, "idOrganization", board->id_organization);
	write_text(writer, "name", board->name);
	write_text(writer, "desc", board->desc);
	json_bool(writer, "closed", board->closed);
	write_text(writer, "shortLink", board->short_link);
	write_date(writer, "dateLastActivity", board->activity_ms);
	WRITE_EACH(writer, "labels", &board->labels, write_label);
	WRITE_EACH(writer, "members", &board->members, write_member);
	WRITE_EACH(
	    writer, "memberships", &board->memberships, write_membership);
	WRITE_EACH(writer, "customFields", &board->fields, write_field);
}

int
card_write(const struct card *card, struct buf *out)
{
	struct json_writer writer = {.out = out};

	write_card(&writer, card);
	return out->err;
}

int
list_write(const struct list *list, struct buf *out)
{
	struct json_writer writer = {.out = out};

	write_list(&writer, list);
	return out->err;
}

int
board_write_head(const struct board *board, struct buf *out)
{
	struct json_writer writer = {.out = out};

	json_object_begin(&writer, NULL);
	write_head(&writer, board);
	json_object_end(&writer);
	return out->err;
}

int
board_write(const struct board *board, struct buf *out)
{
	struct json_writer writer = {.out = out};

	json_object_begin(&writer, NULL);
	write_head(&writer, board);
	WRITE_EACH(&writer, "lists", &board->lists, write_list);
	WRITE_EACH(&writer, "cards", &board->cards, write_card);
	json_object_end(&writer);
	return out->err;
}
