#include "sync/push.h"

#include "store/accept.h"
#include "store/archived.h"
#include "store/base.h"
#include "store/problems.h"
#include "store/saves.h"
#include "store/spool.h"
#include "store/store.h"
#include "store/view.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One answer on its way into the store. */
struct accepting {
	struct sync *sync;
	struct folder_changes changes;
	const struct step *step;
	const struct push_request *request;
	struct push_reply *reply;   /* NULL: it said nothing */
	char object[MODEL_ID_SIZE]; /* the step's, or the new id of it */
	/* An entry that the reply does not bear out: it stays. */
	int64_t keep_seq;
	bool renamed;	     /* by somebody else */
	int64_t activity_ms; /* the card's is that at least now */
};

static void
set_id(char target[MODEL_ID_SIZE], const char *id)
{
	(void)snprintf(target, MODEL_ID_SIZE, "%s", id);
}

bool
push_reply_is_whole(const struct step *step, const struct push_reply *reply)
{
	switch (step->call) {
	case CALL_CARD_CREATE:
		return reply->card.id[0] != '\0';
	case CALL_LIST_CREATE:
		return reply->list.id[0] != '\0';
	case CALL_BOARD_CREATE:
		return reply->board.id[0] != '\0';
	case CALL_CHECKLIST_CREATE:
		return reply->checklist.id[0] != '\0';
	case CALL_ITEM_CREATE:
		return reply->item.id[0] != '\0';
	case CALL_COMMENT_CREATE:
		return reply->comment.id[0] != '\0';
	case CALL_LINK_CREATE:
	case CALL_FILE_CREATE:
		return reply->attachment.id[0] != '\0';
	case CALL_LABEL_CREATE:
		return reply->label.id[0] != '\0';
	default:
		return true;
	}
}

static bool
has_kind(const struct step *step, enum entry_kind kind)
{
	for (size_t i = 0; i < step->group.list.n; i++)
		if (step->group.list.v[i].kind == kind)
			return true;
	return false;
}

static bool
has_title(const struct step *step)
{
	for (size_t i = 0; i < step->group.list.n; i++)
		if (step->group.list.v[i].kind == ENTRY_CARD_CHANGE &&
		    step->group.list.v[i].change.kind == CHANGE_TITLE)
			return true;
	return false;
}

static const struct card_change *
change_of(const struct accepting *accepting, size_t i)
{
	return &accepting->step->group.list.v[i].change;
}

/* The reply to a change of this very card; NULL: it said something else. */
static struct card *
card_reply(const struct accepting *accepting)
{
	struct push_reply *reply = accepting->reply;

	if (reply == NULL || strcmp(reply->card.id, accepting->object) != 0)
		return NULL;
	return &reply->card;
}

/* What was said with the making of a card and was not heard is said again. */
static void
check_heard(struct accepting *accepting, const struct card *card)
{
	const struct entries *group = &accepting->step->group;

	for (size_t i = 0; i < group->list.n; i++) {
		const struct entry *entry = &group->list.v[i];
		const struct card_change *change = &entry->change;

		if (entry->kind != ENTRY_CARD_CHANGE)
			continue;
		if ((change->kind == CHANGE_DONE &&
			change->new_flag != card->due_complete) ||
		    (change->kind == CHANGE_START &&
			change->new_ms != TIME_NONE &&
			card->start_ms == TIME_NONE))
			accepting->keep_seq = entry->seq;
	}
}

static int
accept_created(struct accepting *accepting)
{
	struct card *card = &accepting->reply->card;
	int r = accept_id(&accepting->changes, accepting->object, card->id);

	set_id(accepting->object, card->id);
	accepting->activity_ms = card->activity_ms;
	check_heard(accepting, card);
	return r == 0 ? accept_card(accepting->changes.tx, card) : r;
}

/* The step's changes on a card of the base. */
static int
apply_group(const struct accepting *accepting, struct card *card)
{
	const struct entries *group = &accepting->step->group;
	bool conflict = false;
	int r = 0;

	for (size_t i = 0; i < group->list.n && r == 0; i++) {
		const struct entry *entry = &group->list.v[i];

		if (entry->kind == ENTRY_CARD_CHANGE)
			r = card_change_apply(
			    card, &entry->change, NULL, &conflict);
		if (entry->kind == ENTRY_CARD_MOVE ||
		    entry->kind == ENTRY_CARD_RESTORE) {
			r = push_accept_board(
			    accepting->changes.tx, card, entry->board, NULL);
			set_id(card->id_board, entry->board);
			set_id(card->id_list, entry->list);
			card->pos = entry->pos > 0 ? entry->pos : card->pos;
		}
	}
	return r;
}

static int
note_done(const struct accepting *accepting)
{
	const struct push_request *request = accepting->request;
	struct overwritten one = {
	    .mine = request->new_desc, .done_ms = accepting->activity_ms};

	if (request->new_desc == NULL || request->call != CALL_CARD_UPDATE)
		return 0;
	if (one.done_ms == TIME_NONE)
		one.done_ms = 0;
	set_id(one.card, accepting->object);
	return overwritten_done(
	    accepting->changes.tx, &one, push_server_ms(accepting->sync));
}

static int
accept_updated(struct accepting *accepting)
{
	struct tx *tx = accepting->changes.tx;
	struct card *reply = card_reply(accepting), card;
	int r;

	if (reply != NULL)
		accepting->activity_ms = reply->activity_ms;
	r = note_done(accepting);
	if (r != 0)
		return r;
	if (has_kind(accepting->step, ENTRY_CARD_ARCHIVE) ||
	    (reply != NULL && reply->closed))
		return accept_card_gone(&accepting->changes, accepting->object);
	r = base_card(tx, accepting->object, &card);
	if (r == -ENOENT && has_kind(accepting->step, ENTRY_CARD_RESTORE))
		r = push_take_returned(tx, accepting->object, &card);
	/* It is of a board whose content is not here. */
	if (r == -ENOENT)
		return 0;
	if (r == 0) {
		if (reply != NULL) {
			accepting->renamed = !has_title(accepting->step) &&
					     strcmp(model_str(card.name),
						 model_str(reply->name)) != 0;
			r = push_accept_board(
			    tx, &card, reply->id_board, reply);
			if (r == 0)
				accept_card_members(&card, reply);
		} else
			r = apply_group(accepting, &card);
		if (r == 0)
			r = accept_card(tx, &card);
		card_fini(&card);
	}
	return r;
}

/* Put a part that was made where it belongs: its id here gives way. */
static int
accept_part(
    struct accepting *accepting, struct card *card, struct card_change *part)
{
	struct push_reply *reply = accepting->reply;
	struct member author = {.username = reply->comment.username};
	bool conflict = false;

	switch (part->kind) {
	case CHANGE_CHECKLIST_ADD:
		set_id(part->id, reply->checklist.id);
		part->new_pos = reply->checklist.pos;
		part->new_text = reply->checklist.name;
		break;
	case CHANGE_ITEM_ADD:
		set_id(part->id, reply->item.id);
		part->new_pos = reply->item.pos;
		part->new_text = reply->item.name;
		part->new_flag = reply->item.complete;
		break;
	case CHANGE_COMMENT_ADD:
		set_id(part->id, reply->comment.id);
		set_id(author.id, reply->comment.id_creator);
		part->new_text = reply->comment.text;
		part->new_ms = reply->comment.date_ms;
		break;
	default:
		return -EINVAL;
	}
	return card_change_apply(card, part, &author, &conflict);
}

static int
accept_attachment(struct accepting *accepting, struct card *card)
{
	struct attachment *attachment = &accepting->reply->attachment, *slot;

	for (size_t i = 0; i < card->attachments.n; i++)
		if (strcmp(card->attachments.v[i].id, attachment->id) == 0)
			return 0;
	slot = VEC_ADD(&card->attachments);
	if (slot == NULL)
		return -ENOMEM;
	*slot = *attachment;
	attachment_init(attachment);
	return 0;
}

static const char *
part_id(const struct accepting *accepting)
{
	const struct push_reply *reply = accepting->reply;

	switch (accepting->step->call) {
	case CALL_CHECKLIST_CREATE:
		return reply->checklist.id;
	case CALL_ITEM_CREATE:
		return reply->item.id;
	case CALL_COMMENT_CREATE:
		return reply->comment.id;
	default:
		return reply->attachment.id;
	}
}

static int
accept_made_part(struct accepting *accepting, struct card *card)
{
	const struct card_change *change = change_of(accepting, 0);
	char id[MODEL_ID_SIZE];
	int r;

	set_id(id, part_id(accepting));
	if (change->kind == CHANGE_LINK_ADD ||
	    change->kind == CHANGE_FILE_ADD) {
		r = accept_attachment(accepting, card);
	} else {
		/* A shallow copy: its strings are the reply's. */
		struct card_change part = *change;

		r = accept_part(accepting, card, &part);
	}
	if (r == 0)
		r = accept_part_id(
		    accepting->changes.tx, accepting->object, change->id, id);
	if (r == 0 && change->kind == CHANGE_FILE_ADD)
		r = spool_sent(accepting->changes.tx, change->id, id);
	return r;
}

/* Where the server has put what was moved. */
static void
read_pos_back(const struct accepting *accepting, struct card *card)
{
	const struct push_reply *reply = accepting->reply;

	for (size_t i = 0; reply != NULL && i < card->checklists.n; i++) {
		struct checklist *list = &card->checklists.v[i];

		if (strcmp(list->id, reply->checklist.id) == 0 &&
		    reply->checklist.pos > 0)
			list->pos = reply->checklist.pos;
		for (size_t j = 0; j < list->items.n; j++)
			if (strcmp(list->items.v[j].id, reply->item.id) == 0 &&
			    reply->item.pos > 0)
				list->items.v[j].pos = reply->item.pos;
	}
}

/* What is in a card and was changed by a request of its own. */
static int
accept_inside(struct accepting *accepting)
{
	struct tx *tx = accepting->changes.tx;
	struct card card;
	int known = base_card(tx, accepting->object, &card), r = 0;

	if (known != 0 && known != -ENOENT)
		return known;
	if (known == -ENOENT)
		card_init(&card);
	else if (card.activity_ms != TIME_NONE)
		accepting->activity_ms = card.activity_ms + 1;
	if (step_makes(accepting->step->call) && accepting->reply != NULL)
		r = accept_made_part(accepting, &card);
	else
		r = apply_group(accepting, &card);
	if (r == 0 && known == 0) {
		read_pos_back(accepting, &card);
		r = accept_card(tx, &card);
	}
	card_fini(&card);
	return r;
}

static int
order_lists(struct accepting *accepting)
{
	struct node node;
	int r = node_by_id(accepting->changes.tx, accepting->object, &node);

	if (r != 0 || node.parent == 0)
		return r == -ENOENT ? 0 : r;
	return folder_order(&accepting->changes, node.parent, NODE_LIST);
}

/* The list as it is now, if the reply does not tell. */
static int
list_as_wanted(struct accepting *accepting, struct list *list)
{
	const struct entries *group = &accepting->step->group;
	char *title = NULL;
	int r = accept_list_now(accepting->changes.tx, accepting->object, list);

	for (size_t i = 0; i < group->list.n && r == 0; i++) {
		if (group->list.v[i].kind == ENTRY_LIST_MOVE)
			set_id(list->id_board, group->list.v[i].board);
		if (group->list.v[i].kind == ENTRY_LIST_POS)
			list->pos = group->list.v[i].pos;
		if (group->list.v[i].kind != ENTRY_LIST_RENAME)
			continue;
		title = strdup(model_str(group->list.v[i].title));
		if (title == NULL)
			return -ENOMEM;
		free(list->name);
		list->name = title;
	}
	return r;
}

static int
accept_list_step(struct accepting *accepting)
{
	struct push_reply *reply = accepting->reply;
	struct list list = {0};
	int r;

	if (accepting->step->call == CALL_LIST_CREATE) {
		r = accept_id(
		    &accepting->changes, accepting->object, reply->list.id);
		set_id(accepting->object, reply->list.id);
	} else if (has_kind(accepting->step, ENTRY_LIST_ARCHIVE)) {
		r = archived_forget_state(accepting->changes.tx,
		    accepting->step->group.list.v[0].board);
		return r == 0 ? accept_list_gone(
				    &accepting->changes, accepting->object)
			      : r;
	} else {
		r = 0;
	}
	if (r == 0 && reply != NULL &&
	    strcmp(reply->list.id, accepting->object) == 0) {
		r = accept_list(accepting->changes.tx, &reply->list);
	} else if (r == 0) {
		r = list_as_wanted(accepting, &list);
		if (r == 0)
			r = accept_list(accepting->changes.tx, &list);
		else if (r == -ENOENT)
			r = 0;
		list_fini(&list);
	}
	if (r == 0 && has_kind(accepting->step, ENTRY_LIST_RESTORE))
		r = push_take_returned_cards(
		    accepting->changes.tx, accepting->object);
	return r == 0 ? order_lists(accepting) : r;
}

static int
accept_board_step(struct accepting *accepting)
{
	struct push_reply *reply = accepting->reply;
	bool made = accepting->step->call == CALL_BOARD_CREATE;
	int r = 0;

	if (has_kind(accepting->step, ENTRY_BOARD_CLOSE)) {
		r = accept_board_gone(&accepting->changes, accepting->object);
		return r == 0 ? archived_forget_state(accepting->changes.tx, "")
			      : r;
	}
	if (made) {
		r = accept_id(
		    &accepting->changes, accepting->object, reply->board.id);
		set_id(accepting->object, reply->board.id);
	}
	if (r == 0 && reply != NULL &&
	    strcmp(reply->board.id, accepting->object) == 0)
		r = accept_board(accepting->changes.tx, &reply->board, made);
	if (r == 0 && has_kind(accepting->step, ENTRY_BOARD_DESC))
		r = push_accept_board_desc(accepting->changes.tx,
		    accepting->step, accepting->object, reply);
	if (r == 0 && has_kind(accepting->step, ENTRY_BOARD_REOPEN))
		r = accept_board_opened(accepting->changes.tx,
		    accepting->object,
		    reply != NULL ? reply->board.activity_ms : TIME_NONE);
	return r;
}

static int
accept_reply(struct accepting *accepting)
{
	switch (accepting->step->call) {
	case CALL_CARD_CREATE:
		return accept_created(accepting);
	case CALL_CARD_UPDATE:
		return accept_updated(accepting);
	case CALL_LIST_CREATE:
	case CALL_LIST_UPDATE:
	case CALL_LIST_MOVE:
		return accept_list_step(accepting);
	case CALL_BOARD_CREATE:
	case CALL_BOARD_UPDATE:
		return accept_board_step(accepting);
	case CALL_LABEL_CREATE:
	case CALL_LABEL_UPDATE:
	case CALL_LABEL_DELETE:
		return push_accept_label(
		    accepting->changes.tx, accepting->step, accepting->reply);
	case CALL_CARD_DELETE:
		return archived_forget(
		    accepting->changes.tx, accepting->object);
	default:
		return accept_inside(accepting);
	}
}

static int
end_entries(struct accepting *accepting)
{
	struct tx *tx = accepting->changes.tx;
	const struct entries *group = &accepting->step->group;
	int r = 0;

	for (size_t i = 0; i < group->list.n && r == 0; i++) {
		const struct entry *entry = &group->list.v[i];

		if (entry->seq != accepting->keep_seq) {
			r = journal_remove(tx, entry->seq);
		} else {
			struct entry again = *entry;

			again.state = ENTRY_NEW;
			again.due_ms = time_wall_ms();
			r = journal_update(tx, &again);
		}
	}
	return r;
}

static bool
is_card(const struct step *step)
{
	return entry_about(step->group.list.v[0].kind) == ABOUT_CARD;
}

/* What its cards say may be other labels than was foreseen. */
static int
show_moved(struct accepting *accepting)
{
	const struct view_show how = {
	    .zone = accepting->sync->zone, .keep_times = true};
	struct node list;
	int r = node_by_id(accepting->changes.tx, accepting->object, &list);

	if (r == 0)
		r = view_show_cards(&accepting->changes, list.ino, &how);
	return r == -ENOENT ? 0 : r;
}

static int
accept_all(struct accepting *accepting)
{
	int r = accept_reply(accepting);

	if (r == 0)
		r = end_entries(accepting);
	if (r == 0 && has_kind(accepting->step, ENTRY_LIST_MOVE))
		r = show_moved(accepting);
	if (r == 0 && is_card(accepting->step))
		r = accept_show_card(&accepting->changes, accepting->object,
		    accepting->renamed, accepting->sync->zone);
	return r;
}

int
push_accept(struct sync *sync, const struct step *step,
    const struct push_request *request, struct push_reply *reply)
{
	struct accepting accepting = {.sync = sync,
	    .step = step,
	    .request = request,
	    .reply = reply,
	    .activity_ms = TIME_NONE};
	struct invalidations out = {0};
	int r = store_write(sync->store, &accepting.changes.tx);

	if (r != 0)
		return r;
	set_id(accepting.object, step->object);
	accepting.changes.untold = UNTOLD_OWN;
	r = accept_all(&accepting);
	r = folder_commit(&accepting.changes, r, &out);
	sync_invalidate(sync, &out);
	if (r == 0)
		written_note(&sync->written, accepting.object,
		    time_monotonic_ms(), accepting.activity_ms);
	if (r == 0 && (has_kind(step, ENTRY_BOARD_REOPEN) ||
			  entry_is_label(step->group.list.v[0].kind)))
		r = tasks_update(sync);
	if (r == 0 && strcmp(accepting.object, step->object) != 0)
		orders_rename(sync, step->object, accepting.object);
	return r;
}
