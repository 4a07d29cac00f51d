#include "sync/push.h"

#include "store/accept.h"
#include "store/store.h"
#include "store/view.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Whether a request that makes something, and whose answer was lost, was
 * done.  Trello knows no request twice, so what it made is looked for by what
 * it must be: in its place, with its name, not older than the request, and
 * not what the answer to another request has told of already.
 */

/* Clocks differ, and an id tells the second only. */
#define SKEW_MS ((int64_t)5 * 60 * 1000)

struct finding {
	struct tx *tx;
	const struct step *step;
	int64_t since_ms;
	char (*ret_id)[MODEL_ID_SIZE];
	int result; /* 1: found; -errno */
};

/* Trello keeps names without blanks at their ends. */
static bool
same_name(const char *wanted, const char *found)
{
	static const char blanks[] = " \t\n\v\f\r";
	size_t len;

	wanted = model_str(wanted);
	found = model_str(found);
	wanted += strspn(wanted, blanks);
	len = strlen(wanted);
	while (len > 0 && strchr(blanks, wanted[len - 1]) != NULL)
		len--;
	return strlen(found) == len && memcmp(wanted, found, len) == 0;
}

/* One candidate, whose name or text is the right one. */
static void
consider(struct finding *finding, const char *id)
{
	int64_t made_ms = time_from_id(id);
	int r;

	if (finding->result != 0 || made_ms == TIME_NONE ||
	    made_ms < finding->since_ms)
		return;
	r = accept_made(finding->tx, id, NULL);
	if (r == -ENOENT) {
		(void)snprintf(*finding->ret_id, MODEL_ID_SIZE, "%s", id);
		finding->result = 1;
	} else if (r != 0) {
		finding->result = r;
	}
}

/* What it was to be called. */
static const char *
title_of(const struct finding *finding)
{
	return finding->step->group.list.v[0].title;
}

static void
find_card(struct finding *finding, const struct push_reply *reply)
{
	for (size_t i = 0; i < reply->board.cards.n; i++)
		if (same_name(title_of(finding), reply->board.cards.v[i].name))
			consider(finding, reply->board.cards.v[i].id);
}

static void
find_list(struct finding *finding, struct push_reply *reply)
{
	const char *name = title_of(finding);

	for (size_t i = 0; i < reply->board.lists.n; i++) {
		struct list *list = &reply->board.lists.v[i];

		if (finding->result != 0 || !same_name(name, list->name))
			continue;
		consider(finding, list->id);
		if (finding->result != 1)
			continue;
		reply->list = *list;
		*list = (struct list){0};
		if (reply->list.id_board[0] == '\0')
			(void)snprintf(reply->list.id_board, MODEL_ID_SIZE,
			    "%s", finding->step->group.list.v[0].board);
	}
}

static void
find_board(struct finding *finding, struct push_reply *reply)
{
	const char *name = title_of(finding);

	for (size_t i = 0; i < reply->boards.boards.n; i++) {
		struct board *board = &reply->boards.boards.v[i];

		if (finding->result != 0 || !same_name(name, board->name))
			continue;
		consider(finding, board->id);
		if (finding->result != 1)
			continue;
		board_fini(&reply->board);
		reply->board = *board;
		board_init(board);
	}
}

static void
find_checklist(struct finding *finding, struct push_reply *reply)
{
	const char *name = finding->step->group.list.v[0].change.new_text;

	for (size_t i = 0; i < reply->card.checklists.n; i++) {
		struct checklist *list = &reply->card.checklists.v[i];

		if (finding->result != 0 || !same_name(name, list->name))
			continue;
		consider(finding, list->id);
		if (finding->result != 1)
			continue;
		reply->checklist = *list;
		*list = (struct checklist){0};
	}
}

static void
find_item(struct finding *finding, struct push_reply *reply)
{
	const char *name = finding->step->group.list.v[0].change.new_text;

	for (size_t i = 0; i < reply->checklist.items.n; i++) {
		struct check_item *item = &reply->checklist.items.v[i];

		if (finding->result != 0 || !same_name(name, item->name))
			continue;
		consider(finding, item->id);
		if (finding->result != 1)
			continue;
		reply->item = *item;
		*item = (struct check_item){0};
	}
}

static void
find_comment(struct finding *finding, struct push_reply *reply)
{
	const char *text = finding->step->group.list.v[0].change.new_text;
	struct member me = {0};
	int r = view_me(finding->tx, &me);

	for (size_t i = 0; i < reply->card.comments.n; i++) {
		struct comment *comment = &reply->card.comments.v[i];

		if (finding->result != 0 ||
		    strcmp(model_str(text), model_str(comment->text)) != 0 ||
		    (r == 0 && strcmp(me.id, comment->id_creator) != 0))
			continue;
		consider(finding, comment->id);
		if (finding->result != 1)
			continue;
		reply->comment = *comment;
		comment_init(comment);
	}
	member_fini(&me);
}

/* Of an image Trello may keep the picture itself: then the name tells. */
static bool
is_link(const struct card_change *change, const struct attachment *found)
{
	const char *name = model_str(change->new_text);

	if (strcmp(model_str(change->new_url), model_str(found->url)) == 0)
		return true;
	return found->is_upload && *name != '\0' &&
	       same_name(name, found->name);
}

static void
find_link(struct finding *finding, struct push_reply *reply)
{
	const struct card_change *change =
	    &finding->step->group.list.v[0].change;

	for (size_t i = 0; i < reply->card.attachments.n; i++) {
		struct attachment *one = &reply->card.attachments.v[i];

		if (finding->result != 0 || !is_link(change, one))
			continue;
		consider(finding, one->id);
		if (finding->result != 1)
			continue;
		reply->attachment = *one;
		attachment_init(one);
	}
}

/* Two of one name and size may have other bytes: what is older, or was told of,
 * is none of it. */
static void
find_file(struct finding *finding, struct push_reply *reply)
{
	const struct card_change *change =
	    &finding->step->group.list.v[0].change;

	for (size_t i = 0; i < reply->card.attachments.n; i++) {
		struct attachment *one = &reply->card.attachments.v[i];

		if (finding->result != 0 || !one->is_upload ||
		    one->bytes != change->new_bytes ||
		    !same_name(change->new_text, one->name))
			continue;
		consider(finding, one->id);
		if (finding->result != 1)
			continue;
		reply->attachment = *one;
		attachment_init(one);
	}
}

static void
find_label(struct finding *finding, struct push_reply *reply)
{
	const struct card_change *change =
	    &finding->step->group.list.v[0].change;

	for (size_t i = 0; i < reply->board.labels.n; i++) {
		struct label *label = &reply->board.labels.v[i];

		if (finding->result != 0 ||
		    !same_name(change->new_text, label->name) ||
		    strcmp(change->new_id, label->color) != 0)
			continue;
		consider(finding, label->id);
		if (finding->result != 1)
			continue;
		reply->label = *label;
		*label = (struct label){0};
	}
}

static void
find_any(struct finding *finding, struct push_reply *reply)
{
	switch (finding->step->call) {
	case CALL_CARD_CREATE:
		find_card(finding, reply);
		break;
	case CALL_LIST_CREATE:
		find_list(finding, reply);
		break;
	case CALL_BOARD_CREATE:
		find_board(finding, reply);
		break;
	case CALL_LABEL_CREATE:
		find_label(finding, reply);
		break;
	case CALL_CHECKLIST_CREATE:
		find_checklist(finding, reply);
		break;
	case CALL_ITEM_CREATE:
		find_item(finding, reply);
		break;
	case CALL_COMMENT_CREATE:
		find_comment(finding, reply);
		break;
	case CALL_LINK_CREATE:
		find_link(finding, reply);
		break;
	case CALL_FILE_CREATE:
		find_file(finding, reply);
		break;
	default:
		break;
	}
}

int
push_find(struct sync *sync, const struct step *step, struct push_reply *reply,
    char ret_id[MODEL_ID_SIZE])
{
	char id[MODEL_ID_SIZE] = "";
	struct finding finding = {.step = step,
	    .since_ms = step->group.list.v[0].due_ms - SKEW_MS,
	    .ret_id = &id};
	int r = store_read(sync->store, true, &finding.tx);

	if (r != 0)
		return r;
	find_any(&finding, reply);
	store_end(finding.tx);
	if (finding.result == 1)
		(void)snprintf(ret_id, MODEL_ID_SIZE, "%s", id);
	return finding.result;
}
