#include "sync/push.h"

#include "model/model_json.h"
#include "json/json_reader.h"

#include <errno.h>

void
push_reply_init(struct push_reply *reply)
{
	*reply = (struct push_reply){0};
	card_init(&reply->card);
	board_init(&reply->board);
	comment_init(&reply->comment);
	attachment_init(&reply->attachment);
}

void
push_reply_fini(struct push_reply *reply)
{
	card_fini(&reply->card);
	list_fini(&reply->list);
	board_fini(&reply->board);
	boards_fini(&reply->boards);
	checklist_fini(&reply->checklist);
	check_item_fini(&reply->item);
	comment_fini(&reply->comment);
	attachment_fini(&reply->attachment);
	label_fini(&reply->label);
	push_reply_init(reply);
}

static struct json_reader *
new_reader(struct push_reply *reply, enum remote_call call, bool *ret_none)
{
	switch (call) {
	case CALL_CARD:
	case CALL_CARD_CREATE:
	case CALL_CARD_UPDATE:
		return card_reader_new(&reply->card);
	case CALL_CARD_COMMENTS:
		return card_comments_reader_new(&reply->card);
	case CALL_LIST_CREATE:
	case CALL_LIST_UPDATE:
	case CALL_LIST_MOVE:
		return list_reader_new(&reply->list);
	case CALL_LIST_CARDS:
		return cards_reader_new(&reply->board);
	case CALL_BOARD_LISTS:
		return lists_reader_new(&reply->board);
	case CALL_BOARDS:
		return boards_reader_new(&reply->boards);
	case CALL_BOARD_CREATE:
	case CALL_BOARD_UPDATE:
		return board_reader_new(&reply->board);
	case CALL_CHECKLIST:
	case CALL_CHECKLIST_CREATE:
	case CALL_CHECKLIST_UPDATE:
		return checklist_reader_new(&reply->checklist);
	case CALL_ITEM_CREATE:
	case CALL_ITEM_UPDATE:
		return check_item_reader_new(&reply->item);
	case CALL_COMMENT_CREATE:
	case CALL_COMMENT_UPDATE:
		return comment_reader_new(&reply->comment);
	case CALL_LABEL_CREATE:
	case CALL_LABEL_UPDATE:
		return label_reader_new(&reply->label);
	case CALL_BOARD_LABELS:
		return labels_reader_new(&reply->board);
	case CALL_LINK_CREATE:
	case CALL_FILE_CREATE:
		return attachment_reader_new(&reply->attachment);
	default:
		*ret_none = true;
		return NULL;
	}
}

struct json_reader *
push_reply_reader(struct push_reply *reply, enum remote_call call, int *ret_err)
{
	bool none = false;
	struct json_reader *reader;

	push_reply_fini(reply);
	reader = new_reader(reply, call, &none);
	*ret_err = reader == NULL && !none ? -ENOMEM : 0;
	return reader;
}
