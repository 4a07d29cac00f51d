#include "trello/local_json.h"

#include "trello/local.h"
#include "util/timeutil.h"
#include "json/json_writer.h"

#include <stdio.h>
#include <string.h>

static void
write_date(struct json_writer *writer, const char *key, int64_t ms)
{
	char iso[TIME_ISO_SIZE];

	if (ms == TIME_NONE) {
		json_null(writer, key);
		return;
	}
	time_format_iso(ms, iso);
	json_string(writer, key, iso);
}

static void
write_id(struct json_writer *writer, const char *key, const char *id)
{
	json_string(writer, key, id[0] != '\0' ? id : NULL);
}

void
local_write_board_brief(struct json_writer *writer, const struct board *board)
{
	json_object_begin(writer, NULL);
	json_string(writer, "id", board->id);
	json_string(writer, "name", model_str(board->name));
	json_bool(writer, "closed", board->closed);
	write_date(writer, "dateLastActivity", board->activity_ms);
	json_object_end(writer);
}

void
local_write_board(struct json_writer *writer, const struct board *board)
{
	char url[64];

	json_object_begin(writer, NULL);
	json_string(writer, "id", board->id);
	json_string(writer, "name", model_str(board->name));
	json_string(writer, "desc", model_str(board->desc));
	json_bool(writer, "closed", board->closed);
	write_id(writer, "idOrganization", board->id_organization);
	if (board->short_link != NULL) {
		(void)snprintf(url, sizeof url, "https://trello.com/b/%s",
		    board->short_link);
		json_string(writer, "shortUrl", url);
	}
	json_object_end(writer);
}

void
local_write_card_brief(struct json_writer *writer, const struct card *card)
{
	json_object_begin(writer, NULL);
	json_string(writer, "id", card->id);
	json_string(writer, "name", model_str(card->name));
	json_bool(writer, "closed", card->closed);
	json_string(writer, "idBoard", card->id_board);
	json_string(writer, "idList", card->id_list);
	json_double(writer, "pos", card->pos);
	write_date(writer, "dateLastActivity", card->activity_ms);
	json_object_end(writer);
}

void
local_write_item(struct json_writer *writer, const struct checklist *checklist,
    const struct check_item *item)
{
	json_object_begin(writer, NULL);
	json_string(writer, "id", item->id);
	json_string(writer, "idChecklist", checklist->id);
	json_string(writer, "name", model_str(item->name));
	json_double(writer, "pos", item->pos);
	json_string(
	    writer, "state", item->complete ? "complete" : "incomplete");
	json_object_end(writer);
}

void
local_write_checklist(
    struct json_writer *writer, const struct checklist *checklist)
{
	json_object_begin(writer, NULL);
	json_string(writer, "id", checklist->id);
	json_string(writer, "idCard", checklist->id_card);
	json_string(writer, "name", model_str(checklist->name));
	json_double(writer, "pos", checklist->pos);
	json_array_begin(writer, "checkItems");
	for (size_t i = 0; i < checklist->items.n; i++)
		local_write_item(writer, checklist, &checklist->items.v[i]);
	json_array_end(writer);
	json_object_end(writer);
}

static void
write_comment_data(struct json_writer *writer, const struct comment *comment,
    const struct card *card)
{
	json_object_begin(writer, "data");
	json_string(writer, "text", model_str(comment->text));
	if (comment->edited_ms != TIME_NONE)
		write_date(writer, "dateLastEdited", comment->edited_ms);
	json_object_begin(writer, "card");
	json_string(writer, "id", card->id);
	json_string(writer, "name", model_str(card->name));
	json_int(writer, "idShort", card->id_short);
	json_object_end(writer);
	json_object_end(writer);
}

void
local_write_comment(struct json_writer *writer, const struct comment *comment,
    const struct card *card)
{
	json_object_begin(writer, NULL);
	json_string(writer, "id", comment->id);
	write_id(writer, "idMemberCreator", comment->id_creator);
	json_string(writer, "type", "commentCard");
	write_date(writer, "date", comment->date_ms);
	write_comment_data(writer, comment, card);
	if (comment->username != NULL) {
		json_object_begin(writer, "memberCreator");
		write_id(writer, "id", comment->id_creator);
		json_string(writer, "username", comment->username);
		json_object_end(writer);
	}
	json_object_end(writer);
}

void
local_write_attachment(
    struct json_writer *writer, const struct attachment *attachment)
{
	json_object_begin(writer, NULL);
	json_string(writer, "id", attachment->id);
	json_string(writer, "name", attachment->name);
	json_string(writer, "url", attachment->url);
	json_string(writer, "fileName", attachment->file_name);
	json_string(writer, "mimeType", model_str(attachment->mime_type));
	if (attachment->bytes >= 0)
		json_int(writer, "bytes", attachment->bytes);
	else
		json_null(writer, "bytes");
	write_date(writer, "date", attachment->date_ms);
	json_double(writer, "pos", attachment->pos);
	json_bool(writer, "isUpload", attachment->is_upload);
	json_object_end(writer);
}

void
local_write_field_value(struct json_writer *writer,
    const struct field_value *value, enum field_type type)
{
	static const char *const keys[] = {
	    [FIELD_UNKNOWN] = "text",
	    [FIELD_TEXT] = "text",
	    [FIELD_NUMBER] = "number",
	    [FIELD_DATE] = "date",
	    [FIELD_CHECKBOX] = "checked",
	};

	json_object_begin(writer, NULL);
	json_string(writer, "idCustomField", value->id_field);
	if (type == FIELD_LIST) {
		json_string(writer, "idValue", value->id_option);
	} else {
		json_object_begin(writer, "value");
		json_string(writer, keys[type], value->value);
		json_object_end(writer);
	}
	json_object_end(writer);
}

void
local_write_desc_change(struct json_writer *writer,
    const struct desc_change *change, const char *id_card)
{
	json_object_begin(writer, NULL);
	json_string(writer, "id", change->id);
	write_id(writer, "idMemberCreator", change->id_creator);
	json_string(writer, "type", "updateCard");
	write_date(writer, "date", change->date_ms);
	json_object_begin(writer, "data");
	json_object_begin(writer, "old");
	json_string(writer, "desc", model_str(change->old_desc));
	json_object_end(writer);
	json_object_begin(writer, "card");
	json_string(writer, "desc", model_str(change->new_desc));
	json_string(writer, "id", id_card);
	json_object_end(writer);
	json_object_end(writer);
	json_object_end(writer);
}

static void
write_option(struct json_writer *writer, const struct field_option *option)
{
	json_object_begin(writer, NULL);
	json_string(writer, "id", option->id);
	json_object_begin(writer, "value");
	json_string(writer, "text", model_str(option->text));
	json_object_end(writer);
	json_double(writer, "pos", option->pos);
	json_object_end(writer);
}

void
local_write_field(struct json_writer *writer, const struct field *field)
{
	json_object_begin(writer, NULL);
	json_string(writer, "id", field->id);
	json_string(writer, "name", model_str(field->name));
	json_string(writer, "type", field_type_name(field->type));
	json_double(writer, "pos", field->pos);
	if (field->type == FIELD_LIST) {
		json_array_begin(writer, "options");
		for (size_t i = 0; i < field->options.n; i++)
			write_option(writer, &field->options.v[i]);
		json_array_end(writer);
	}
	json_object_end(writer);
}

void
local_write_label(struct json_writer *writer, const struct label *label)
{
	json_object_begin(writer, NULL);
	json_string(writer, "id", label->id);
	json_string(writer, "name", model_str(label->name));
	write_id(writer, "color", label->color);
	json_object_end(writer);
}

void
local_write_member(struct json_writer *writer, const struct member *member)
{
	json_object_begin(writer, NULL);
	json_string(writer, "id", member->id);
	json_string(writer, "username", member->username);
	json_string(writer, "fullName", member->full_name);
	json_object_end(writer);
}

static void
write_permission(struct json_writer *writer, const char *type)
{
	json_object_begin(writer, NULL);
	json_string(writer, "idModel", "*");
	json_string(writer, "modelType", type);
	json_bool(writer, "read", true);
	json_bool(writer, "write", true);
	json_object_end(writer);
}

void
local_write_token(struct json_writer *writer)
{
	json_object_begin(writer, NULL);
	json_string(writer, "idMember", LOCAL_MEMBER_ID);
	json_null(writer, "dateExpires");
	json_array_begin(writer, "permissions");
	write_permission(writer, "Board");
	write_permission(writer, "Organization");
	json_array_end(writer);
	json_object_end(writer);
}
