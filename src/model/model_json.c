#include "model/model_json.h"

#include "model/model_fini.h"
#include "model/model_set.h"
#include "util/timeutil.h"
#include "json/json_reader.h"

#include <string.h>

/*
 * What Trello's objects look like, read from real replies and from exports of
 * 2013 to 2026.
 */

/* One line of a table: the key, then the struct and its member. */
#define MEMBER(key_, type_, struct_, member_) \
	.key = key_, .type = type_, .offset = offsetof(struct struct_, member_)
#define STRING(key_, struct_, member_) \
	MEMBER(key_, JSON_STRING, struct_, member_)
#define BOOL(key_, struct_, member_) MEMBER(key_, JSON_BOOL, struct_, member_)
#define INT64(key_, struct_, member_) MEMBER(key_, JSON_INT64, struct_, member_)
#define CHARS(key_, struct_, member_)               \
	MEMBER(key_, JSON_CHARS, struct_, member_), \
	    .size = sizeof(((struct struct_ *)NULL)->member_)
#define CUSTOM(key_, struct_, member_, set_) \
	MEMBER(key_, JSON_CUSTOM, struct_, member_), .set = set_
#define POS(struct_) CUSTOM("pos", struct_, pos, model_set_pos)
#define DATE(key_, struct_, member_) \
	CUSTOM(key_, struct_, member_, model_set_date)
#define ARRAY(key_, struct_, member_, shape_) \
	MEMBER(key_, JSON_ARRAY, struct_, member_), .shape = shape_
/* An object whose members go to the same struct. */
#define WITHIN(key_, shape_) .key = key_, .type = JSON_OBJECT, .shape = shape_

/* Elements begin with their id; without one they are nobody. */
static bool
has_id(void *element)
{
	return *(char *)element != '\0';
}

/* Labels of 2013 have only this. */
static bool
is_label(void *element)
{
	const struct label *label = element;

	return has_id(element) || label->color[0] != '\0' ||
	       model_str(label->name)[0] != '\0';
}

static void
init_card(void *element)
{
	card_init(element);
}

static void
init_comment(void *element)
{
	comment_init(element);
}

static void
init_attachment(void *element)
{
	attachment_init(element);
}

static void
init_board(void *element)
{
	board_init(element);
}

static const struct json_shape id_shape = {
    .fields = (const struct json_field[]){{CHARS("", model_id, s)}, {0}},
    .element_size = sizeof(struct model_id),
    .accept = has_id,
};

static const struct json_shape label_shape = {
    .fields =
	(const struct json_field[]){
	    {CHARS("id", label, id)},
	    {STRING("name", label, name)},
	    {CUSTOM("color", label, color, model_set_color)},
	    {0},
	},
    .element_size = sizeof(struct label),
    .fini = model_fini_label,
    .accept = is_label,
};

static const struct json_shape member_shape = {
    .fields =
	(const struct json_field[]){
	    {CHARS("id", member, id)},
	    {STRING("username", member, username)},
	    {STRING("fullName", member, full_name)},
	    {0},
	},
    .element_size = sizeof(struct member),
    .fini = model_fini_member,
    .accept = has_id,
};

static const struct json_shape membership_shape = {
    .fields =
	(const struct json_field[]){
	    {CHARS("idMember", membership, id_member)},
	    {CUSTOM("memberType", membership, type, model_set_membership_type)},
	    {0},
	},
    .element_size = sizeof(struct membership),
    .accept = has_id,
};

static const struct json_shape check_item_shape = {
    .fields =
	(const struct json_field[]){
	    {CHARS("id", check_item, id)},
	    {STRING("name", check_item, name)},
	    {POS(check_item)},
	    {CUSTOM("state", check_item, complete, model_set_complete)},
	    {0},
	},
    .element_size = sizeof(struct check_item),
    .fini = model_fini_check_item,
    .accept = has_id,
};

static const struct json_shape checklist_shape = {
    .fields =
	(const struct json_field[]){
	    {CHARS("id", checklist, id)},
	    {CHARS("idCard", checklist, id_card)},
	    {STRING("name", checklist, name)},
	    {POS(checklist)},
	    {ARRAY("checkItems", checklist, items, &check_item_shape)},
	    {0},
	},
    .element_size = sizeof(struct checklist),
    .fini = model_fini_checklist,
    .accept = has_id,
};

static const struct json_shape comment_card_shape = {
    .fields = (const struct json_field[]){{CHARS("id", comment, id_card)}, {0}},
};

static const struct json_shape comment_data_shape = {
    .fields =
	(const struct json_field[]){
	    {STRING("text", comment, text)},
	    {DATE("dateLastEdited", comment, edited_ms)},
	    {WITHIN("card", &comment_card_shape)},
	    {0},
	},
};

static const struct json_shape comment_creator_shape = {
    .fields =
	(const struct json_field[]){
	    {CHARS("id", comment, id_creator)},
	    {STRING("username", comment, username)},
	    {0},
	},
};

static const struct json_shape comment_shape = {
    .fields =
	(const struct json_field[]){
	    {CHARS("id", comment, id)},
	    {CUSTOM("type", comment, id, model_set_only_comment)},
	    {DATE("date", comment, date_ms)},
	    {CHARS("idMemberCreator", comment, id_creator)},
	    {WITHIN("data", &comment_data_shape)},
	    {WITHIN("memberCreator", &comment_creator_shape)},
	    {0},
	},
    .element_size = sizeof(struct comment),
    .init = init_comment,
    .fini = model_fini_comment,
    .accept = has_id,
};

static const struct json_shape attachment_shape = {
    .fields =
	(const struct json_field[]){
	    {CHARS("id", attachment, id)},
	    {STRING("name", attachment, name)},
	    {STRING("url", attachment, url)},
	    {STRING("fileName", attachment, file_name)},
	    {STRING("mimeType", attachment, mime_type)},
	    {INT64("bytes", attachment, bytes)},
	    {DATE("date", attachment, date_ms)},
	    {POS(attachment)},
	    {BOOL("isUpload", attachment, is_upload)},
	    {0},
	},
    .element_size = sizeof(struct attachment),
    .init = init_attachment,
    .fini = model_fini_attachment,
    .accept = has_id,
};

static const struct json_shape option_value_shape = {
    .fields =
	(const struct json_field[]){{STRING("text", field_option, text)}, {0}},
};

static const struct json_shape option_shape = {
    .fields =
	(const struct json_field[]){
	    {CHARS("id", field_option, id)},
	    {WITHIN("value", &option_value_shape)},
	    {POS(field_option)},
	    {0},
	},
    .element_size = sizeof(struct field_option),
    .fini = model_fini_field_option,
    .accept = has_id,
};

static const struct json_shape field_shape = {
    .fields =
	(const struct json_field[]){
	    {CHARS("id", field, id)},
	    {STRING("name", field, name)},
	    {CUSTOM("type", field, type, model_set_field_type)},
	    {POS(field)},
	    {ARRAY("options", field, options, &option_shape)},
	    {0},
	},
    .element_size = sizeof(struct field),
    .fini = model_fini_field,
    .accept = has_id,
};

static const struct json_shape value_shape = {
    .fields =
	(const struct json_field[]){
	    {STRING("text", field_value, value)},
	    {STRING("number", field_value, value)},
	    {STRING("date", field_value, value)},
	    {STRING("checked", field_value, value)},
	    {0},
	},
};

static const struct json_shape field_value_shape = {
    .fields =
	(const struct json_field[]){
	    {CHARS("idCustomField", field_value, id_field)},
	    {CHARS("idValue", field_value, id_option)},
	    {WITHIN("value", &value_shape)},
	    {0},
	},
    .element_size = sizeof(struct field_value),
    .fini = model_fini_field_value,
    .accept = has_id,
};

static const struct json_shape item_state_shape = {
    .fields =
	(const struct json_field[]){
	    {CHARS("idCheckItem", model_id, s)},
	    {CUSTOM("state", model_id, s, model_set_only_complete)},
	    {0},
	},
    .element_size = sizeof(struct model_id),
    .accept = has_id,
};

static const struct json_shape card_shape = {
    .fields =
	(const struct json_field[]){
	    {CHARS("id", card, id)},
	    {CHARS("idBoard", card, id_board)},
	    {CHARS("idList", card, id_list)},
	    {STRING("name", card, name)},
	    {STRING("desc", card, desc)},
	    {BOOL("closed", card, closed)},
	    {POS(card)},
	    {INT64("idShort", card, id_short)},
	    {STRING("shortLink", card, short_link)},
	    {STRING("shortlink", card, short_link)},
	    {CUSTOM("shortUrl", card, short_link, model_set_link_from_url)},
	    {CUSTOM("url", card, short_link, model_set_link_from_url)},
	    {DATE("start", card, start_ms)},
	    {DATE("due", card, due_ms)},
	    {BOOL("dueComplete", card, due_complete)},
	    {DATE("dateLastActivity", card, activity_ms)},
	    {BOOL("isTemplate", card, is_template)},
	    {ARRAY("idLabels", card, id_labels, &id_shape)},
	    {ARRAY("labels", card, labels, &label_shape)},
	    {ARRAY("idMembers", card, id_members, &id_shape)},
	    {ARRAY("checklists", card, checklists, &checklist_shape)},
	    {ARRAY("checkItemStates", card, complete_items, &item_state_shape)},
	    {ARRAY("attachments", card, attachments, &attachment_shape)},
	    {ARRAY("customFieldItems", card, fields, &field_value_shape)},
	    {ARRAY("actions", card, comments, &comment_shape)},
	    {0},
	},
    .element_size = sizeof(struct card),
    .init = init_card,
    .fini = model_fini_card,
    .accept = has_id,
};

static void
init_desc_change(void *element)
{
	desc_change_init(element);
}

/* Of all changes of cards, those that tell the description before. */
static bool
is_desc_change(void *element)
{
	const struct desc_change *change = element;

	return has_id(element) && change->old_desc != NULL;
}

static const struct json_shape desc_old_shape = {
    .fields =
	(const struct json_field[]){
	    {STRING("desc", desc_change, old_desc)}, {0}},
};

static const struct json_shape desc_card_shape = {
    .fields =
	(const struct json_field[]){
	    {STRING("desc", desc_change, new_desc)}, {0}},
};

static const struct json_shape desc_data_shape = {
    .fields =
	(const struct json_field[]){
	    {WITHIN("old", &desc_old_shape)},
	    {WITHIN("card", &desc_card_shape)},
	    {0},
	},
};

static const struct json_shape desc_change_shape = {
    .fields =
	(const struct json_field[]){
	    {CHARS("id", desc_change, id)},
	    {CUSTOM("type", desc_change, id, model_set_only_update)},
	    {CHARS("idMemberCreator", desc_change, id_creator)},
	    {DATE("date", desc_change, date_ms)},
	    {WITHIN("data", &desc_data_shape)},
	    {0},
	},
    .element_size = sizeof(struct desc_change),
    .init = init_desc_change,
    .fini = model_fini_desc_change,
    .accept = is_desc_change,
};

static void
init_batch_item(void *element)
{
	batch_item_init(element);
}

/* {"200":{...}}, or {"name":...,"message":...,"statusCode":404}.  None is left
 * out: they are told apart by their places. */
static const struct json_shape batch_item_shape = {
    .fields =
	(const struct json_field[]){
	    {MEMBER("200", JSON_OBJECT, batch_item, brief),
		.shape = &card_shape},
	    {INT64("statusCode", batch_item, status)},
	    {STRING("message", batch_item, message)},
	    {0},
	},
    .element_size = sizeof(struct batch_item),
    .init = init_batch_item,
    .fini = model_fini_batch_item,
};

static const struct json_shape list_shape = {
    .fields =
	(const struct json_field[]){
	    {CHARS("id", list, id)},
	    {CHARS("idBoard", list, id_board)},
	    {STRING("name", list, name)},
	    {BOOL("closed", list, closed)},
	    {POS(list)},
	    {0},
	},
    .element_size = sizeof(struct list),
    .fini = model_fini_list,
    .accept = has_id,
};

static const struct json_shape board_shape = {
    .fields =
	(const struct json_field[]){
	    {CHARS("id", board, id)},
	    {CHARS("idOrganization", board, id_organization)},
	    {STRING("name", board, name)},
	    {STRING("desc", board, desc)},
	    {BOOL("closed", board, closed)},
	    {STRING("shortLink", board, short_link)},
	    {STRING("shortlink", board, short_link)},
	    {CUSTOM("shortUrl", board, short_link, model_set_link_from_url)},
	    {CUSTOM("url", board, short_link, model_set_link_from_url)},
	    {DATE("dateLastActivity", board, activity_ms)},
	    {ARRAY("lists", board, lists, &list_shape)},
	    {ARRAY("cards", board, cards, &card_shape)},
	    {ARRAY("labels", board, labels, &label_shape)},
	    {ARRAY("members", board, members, &member_shape)},
	    {ARRAY("memberships", board, memberships, &membership_shape)},
	    {ARRAY("customFields", board, fields, &field_shape)},
	    {ARRAY("checklists", board, checklists, &checklist_shape)},
	    {ARRAY("actions", board, comments, &comment_shape)},
	    {0},
	},
    .element_size = sizeof(struct board),
    .init = init_board,
    .fini = model_fini_board,
    .accept = has_id,
};

static void
init_permission(void *element)
{
	struct token_info *token = element;

	memset(&token->permission, 0, sizeof token->permission);
}

/* Boards may stand there one by one: what one allows is worth trying. */
static bool
accept_permission(void *element)
{
	struct token_info *token = element;

	if (!token->permission.board)
		return true;
	token->board_read = token->board_read || token->permission.read;
	token->board_write = token->board_write || token->permission.write;
	return true;
}

static const struct json_shape permission_shape = {
    .fields =
	(const struct json_field[]){
	    {CUSTOM(
		"modelType", token_info, permission.board, model_set_is_board)},
	    {BOOL("read", token_info, permission.read)},
	    {BOOL("write", token_info, permission.write)},
	    {0},
	},
    .init = init_permission,
    .accept = accept_permission,
};

static const struct json_shape token_shape = {
    .fields =
	(const struct json_field[]){
	    {CHARS("idMember", token_info, id_member)},
	    {DATE("dateExpires", token_info, expires_ms)},
	    {.key = "permissions",
		.type = JSON_EACH,
		.shape = &permission_shape},
	    {0},
	},
};

/* The readers: an object by its shape, or the elements of a VEC. */
#define OBJECT_READER(name, type, shape)                            \
	struct json_reader *name(struct type *target)               \
	{                                                           \
		return json_reader_new(shape, false, target, NULL); \
	}
#define ARRAY_READER(name, type, member, shape)                             \
	struct json_reader *name(struct type *target)                       \
	{                                                                   \
		return json_reader_new(shape, true, &target->member, NULL); \
	}

OBJECT_READER(attachment_reader_new, attachment, &attachment_shape)
OBJECT_READER(board_reader_new, board, &board_shape)
OBJECT_READER(card_reader_new, card, &card_shape)
OBJECT_READER(check_item_reader_new, check_item, &check_item_shape)
OBJECT_READER(checklist_reader_new, checklist, &checklist_shape)
OBJECT_READER(comment_reader_new, comment, &comment_shape)
OBJECT_READER(field_value_reader_new, field_value, &field_value_shape)
OBJECT_READER(label_reader_new, label, &label_shape)
OBJECT_READER(list_reader_new, list, &list_shape)
OBJECT_READER(member_reader_new, member, &member_shape)

ARRAY_READER(batch_items_reader_new, batch_items, items, &batch_item_shape)
ARRAY_READER(boards_reader_new, boards, boards, &board_shape)
ARRAY_READER(card_comments_reader_new, card, comments, &comment_shape)
ARRAY_READER(cards_reader_new, board, cards, &card_shape)
ARRAY_READER(checklists_reader_new, board, checklists, &checklist_shape)
ARRAY_READER(comments_reader_new, board, comments, &comment_shape)
ARRAY_READER(desc_changes_reader_new, desc_changes, changes, &desc_change_shape)
ARRAY_READER(fields_reader_new, board, fields, &field_shape)
ARRAY_READER(labels_reader_new, board, labels, &label_shape)
ARRAY_READER(lists_reader_new, board, lists, &list_shape)
ARRAY_READER(members_reader_new, board, members, &member_shape)
ARRAY_READER(memberships_reader_new, board, memberships, &membership_shape)

struct json_reader *
ids_reader_new(model_ids *target)
{
	return json_reader_new(&id_shape, true, target, NULL);
}

struct json_reader *
token_reader_new(struct token_info *target)
{
	*target = (struct token_info){.expires_ms = TIME_NONE};
	return json_reader_new(&token_shape, false, target, NULL);
}
