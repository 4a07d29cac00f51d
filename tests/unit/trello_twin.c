#include "trello_twin.h"

#include "unit.h"

#include "model/model_json.h"
#include "util/timeutil.h"
#include "json/json_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Who is on every board of the server, to make others' changes. */
#define OTHER_HAND "5e679b808e6e8828784b30e2"

/* All that a reply may be. */
struct reply {
	struct card card;
	struct list list;
	struct board board;
	struct checklist checklist;
	struct check_item item;
	struct comment comment;
	struct attachment attachment;
	struct field_value value;
	struct json_reader *reader;
	struct remote_verdict verdict;
	int calls;
};

static void
on_done(void *cookie, const struct remote_verdict *verdict)
{
	struct reply *reply = cookie;

	reply->calls++;
	reply->verdict = *verdict;
}

static void
run_until(struct remote *remote, const int *calls)
{
	int64_t until_ms = time_monotonic_ms() + 60000;

	while (*calls == 0 && time_monotonic_ms() < until_ms)
		assert_int_equal(remote_run(remote, 1000), 0);
	assert_int_equal(*calls, 1);
}

static void
ask(struct twin *twin, struct remote_args args, struct reply *reply)
{
	struct remote_request *request;

	args.reader = reply->reader;
	args.done = on_done;
	args.cookie = reply;
	reply->calls = 0;
	assert_int_equal(remote_submit(twin->remote, &args, &request), 0);
	run_until(twin->remote, &reply->calls);
	json_reader_free(reply->reader);
	reply->reader = NULL;
}

void
twin_init(struct twin *twin, struct remote *remote)
{
	struct member me = {0};
	struct reply reply = {.reader = member_reader_new(&me)};

	*twin = (struct twin){.remote = remote, .began_ms = time_wall_ms()};
	ask(twin, (struct remote_args){.call = CALL_ME}, &reply);
	assert_int_equal(reply.verdict.err, 0);
	memcpy(twin->me, me.id, sizeof me.id);
	member_fini(&me);
}

void
twin_fini(struct twin *twin)
{
	VEC_FREE(&twin->names);
	remote_free(twin->remote);
}

/* NULL: nothing has that name. */
static const char *
find_id(const struct twin *twin, const char *name, size_t len)
{
	for (size_t i = 0; i < twin->names.n; i++)
		if (strlen(twin->names.v[i].name) == len &&
		    memcmp(twin->names.v[i].name, name, len) == 0)
			return twin->names.v[i].id;
	return NULL;
}

const char *
twin_id(const struct twin *twin, const char *name)
{
	const char *id;

	if (name == NULL || *name != '$')
		return name;
	id = strcmp(name, "$me") == 0
		 ? twin->me
		 : find_id(twin, name + 1, strlen(name + 1));
	if (id == NULL)
		fail_msg("nothing is called %s", name);
	return id;
}

static const char *
find_name(const struct twin *twin, const char *id)
{
	for (size_t i = 0; i < twin->names.n; i++)
		if (strcmp(twin->names.v[i].id, id) == 0)
			return twin->names.v[i].name;
	return NULL;
}

static void
add_name(struct twin *twin, const char *name, const char *id)
{
	struct twin_name *entry = VEC_ADD(&twin->names);

	assert_non_null(entry);
	(void)snprintf(entry->name, sizeof entry->name, "%s", name);
	(void)snprintf(entry->id, sizeof entry->id, "%s", id);
}

/* A value with names and repetitions spelled out. */
static char *
expand(const struct twin *twin, const char *s)
{
	struct buf out = BUF_INIT;
	char *end;

	if (*s == '^') {
		unsigned long n = strtoul(s + 1, &end, 10);

		while (n-- > 0)
			(void)buf_add_str(&out, end + 1);
		return buf_steal(&out);
	}
	while (*s != '\0') {
		size_t len = strcspn(s, "$");
		char name[MODEL_ID_SIZE];

		(void)buf_add(&out, s, len);
		s += len;
		if (*s == '\0')
			break;
		len = 1 + strcspn(s + 1, ",$\"");
		assert_true(len < sizeof name);
		memcpy(name, s, len);
		name[len] = '\0';
		(void)buf_add_str(&out, twin_id(twin, name));
		s += len;
	}
	return buf_steal(&out);
}

/* Names instead of ids. */

static void
rename_id(const struct twin *twin, char *id)
{
	const char *name = find_name(twin, id);

	if (strcmp(id, twin->me) == 0)
		name = "me";
	if (name != NULL)
		(void)snprintf(id, MODEL_ID_SIZE, "%s", name);
}

static void
rename_ids(const struct twin *twin, model_ids *ids)
{
	for (size_t i = 0; i < ids->n; i++)
		rename_id(twin, ids->v[i].s);
}

static void
rename_text(char **text, const char *to)
{
	free(*text);
	*text = strdup(to);
	assert_non_null(*text);
}

static bool
is_new(const struct twin *twin, const char *id)
{
	return strlen(id) == 24 && time_from_id(id) >= twin->began_ms - 5000;
}

/* What is long ago is told as it is. */
static void
mask_time(const struct twin *twin, int64_t *ms, bool exact)
{
	if (*ms == TIME_NONE || *ms < twin->began_ms)
		return;
	*ms = exact && *ms >= twin->step_ms ? 2000 : 1000;
}

static void
rename_checklist(const struct twin *twin, struct checklist *checklist)
{
	rename_id(twin, checklist->id);
	rename_id(twin, checklist->id_card);
	for (size_t i = 0; i < checklist->items.n; i++)
		rename_id(twin, checklist->items.v[i].id);
}

static void
rename_comment(const struct twin *twin, struct comment *comment)
{
	rename_id(twin, comment->id);
	rename_id(twin, comment->id_card);
	if (strcmp(comment->id_creator, twin->me) == 0)
		rename_text(&comment->username, "me");
	rename_id(twin, comment->id_creator);
	/* A comment is dated a little later than it is. */
	mask_time(twin, &comment->date_ms, false);
	mask_time(twin, &comment->edited_ms, false);
}

static void
rename_card(const struct twin *twin, struct card *card)
{
	assert_int_equal(card_gather(card), 0);
	if (is_new(twin, card->id))
		rename_text(&card->short_link, "link");
	rename_id(twin, card->id);
	rename_id(twin, card->id_board);
	rename_id(twin, card->id_list);
	rename_ids(twin, &card->id_labels);
	rename_ids(twin, &card->id_members);
	mask_time(twin, &card->activity_ms, true);
	for (size_t i = 0; i < card->checklists.n; i++)
		rename_checklist(twin, &card->checklists.v[i]);
	for (size_t i = 0; i < card->comments.n; i++)
		rename_comment(twin, &card->comments.v[i]);
	for (size_t i = 0; i < card->attachments.n; i++) {
		rename_id(twin, card->attachments.v[i].id);
		mask_time(twin, &card->attachments.v[i].date_ms, false);
	}
}

static void
rename_member(const struct twin *twin, struct member *member)
{
	if (strcmp(member->id, twin->me) != 0)
		return;
	rename_id(twin, member->id);
	rename_text(&member->username, "me");
	rename_text(&member->full_name, "Me");
}

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(a, b);
}

#define SORT(vec)                                                   \
	do {                                                        \
		if ((vec)->n > 1)                                   \
			qsort((vec)->v, (vec)->n, sizeof *(vec)->v, \
			    compare_ids);                           \
	} while (0)

/* The other hand is on the server's boards only. */
static void
drop_other_hand(struct board *board)
{
	size_t left = 0;

	for (size_t i = 0; i < board->members.n; i++) {
		if (strcmp(board->members.v[i].id, OTHER_HAND) == 0)
			member_fini(&board->members.v[i]);
		else
			board->members.v[left++] = board->members.v[i];
	}
	board->members.n = left;
	left = 0;
	for (size_t i = 0; i < board->memberships.n; i++)
		if (strcmp(board->memberships.v[i].id_member, OTHER_HAND) != 0)
			board->memberships.v[left++] = board->memberships.v[i];
	board->memberships.n = left;
}

static void
rename_board(const struct twin *twin, struct board *board)
{
	drop_other_hand(board);
	if (is_new(twin, board->id)) {
		rename_text(&board->short_link, "link");
		board->id_organization[0] = '\0';
	}
	rename_id(twin, board->id);
	mask_time(twin, &board->activity_ms, true);
	for (size_t i = 0; i < board->lists.n; i++) {
		rename_id(twin, board->lists.v[i].id);
		rename_id(twin, board->lists.v[i].id_board);
	}
	for (size_t i = 0; i < board->cards.n; i++)
		rename_card(twin, &board->cards.v[i]);
	for (size_t i = 0; i < board->labels.n; i++)
		rename_id(twin, board->labels.v[i].id);
	for (size_t i = 0; i < board->members.n; i++)
		rename_member(twin, &board->members.v[i]);
	for (size_t i = 0; i < board->memberships.n; i++)
		rename_id(twin, board->memberships.v[i].id_member);
	SORT(&board->cards);
	SORT(&board->labels);
	SORT(&board->members);
	SORT(&board->memberships);
}

/* Ids that nobody has named yet: numbered in the order of their making. */

static void
note_new(const struct twin *twin, const char *id, model_ids *new)
{
	struct model_id *slot;

	if (!is_new(twin, id) || find_name(twin, id) != NULL)
		return;
	slot = VEC_ADD(new);
	assert_non_null(slot);
	(void)snprintf(slot->s, sizeof slot->s, "%s", id);
}

static void
note_card(const struct twin *twin, const struct card *card, model_ids *new)
{
	note_new(twin, card->id, new);
	for (size_t i = 0; i < card->attachments.n; i++)
		note_new(twin, card->attachments.v[i].id, new);
	for (size_t i = 0; i < card->comments.n; i++)
		note_new(twin, card->comments.v[i].id, new);
	for (size_t i = 0; i < card->checklists.n; i++) {
		const struct checklist *checklist = &card->checklists.v[i];

		note_new(twin, checklist->id, new);
		for (size_t j = 0; j < checklist->items.n; j++)
			note_new(twin, checklist->items.v[j].id, new);
	}
}

static void
note_board(const struct twin *twin, const struct board *board, model_ids *new)
{
	note_new(twin, board->id, new);
	for (size_t i = 0; i < board->lists.n; i++)
		note_new(twin, board->lists.v[i].id, new);
	for (size_t i = 0; i < board->labels.n; i++)
		note_new(twin, board->labels.v[i].id, new);
	for (size_t i = 0; i < board->cards.n; i++)
		note_card(twin, &board->cards.v[i], new);
}

static void
name_new(struct twin *twin, model_ids *new)
{
	SORT(new);
	for (size_t i = 0; i < new->n; i++) {
		char name[MODEL_ID_SIZE];

		(void)snprintf(name, sizeof name, "n%u", ++twin->n_unnamed);
		add_name(twin, name, new->v[i].s);
	}
}

/* Everything there is, archives too. */

static void
read_part(struct twin *twin, enum remote_call call, const char *id,
    const char *filter, struct json_reader *reader)
{
	struct reply reply = {.reader = reader};

	ask(twin,
	    (struct remote_args){.call = call, .id = id, .filter = filter},
	    &reply);
	assert_string_equal(reply.verdict.text, "");
}

static void
read_board(struct twin *twin, const char *id, struct board *board)
{
	board_init(board);
	read_part(twin, CALL_BOARD_HEAD, id, NULL, board_reader_new(board));
	read_part(twin, CALL_BOARD_LISTS, id, "all", lists_reader_new(board));
	read_part(twin, CALL_BOARD_CARDS, id, "all", cards_reader_new(board));
	read_part(twin, CALL_BOARD_CHECKLISTS, id, NULL,
	    checklists_reader_new(board));
	read_part(
	    twin, CALL_BOARD_COMMENTS, id, NULL, comments_reader_new(board));
	assert_int_equal(board_gather(board), 0);
}

static void
read_boards(struct twin *twin, struct boards *boards)
{
	struct boards list = {0};

	read_part(twin, CALL_BOARDS, NULL, "all", boards_reader_new(&list));
	SORT(&list.boards);
	for (size_t i = 0; i < list.boards.n; i++) {
		struct board *board = VEC_ADD(&boards->boards);

		assert_non_null(board);
		read_board(twin, list.boards.v[i].id, board);
	}
	boards_fini(&list);
}

/* The step and its reply. */

static struct json_reader *
reader_for(enum remote_call call, struct reply *reply)
{
	switch (call) {
	case CALL_CARD_CREATE:
	case CALL_CARD_UPDATE:
		return card_reader_new(&reply->card);
	case CALL_CARD_LABEL_ADD:
		return ids_reader_new(&reply->card.id_labels);
	case CALL_CARD_MEMBER_ADD:
	case CALL_CARD_MEMBER_REMOVE:
		return members_reader_new(&reply->board);
	case CALL_CARD_FIELD_SET:
		return field_value_reader_new(&reply->value);
	case CALL_CHECKLIST_CREATE:
	case CALL_CHECKLIST_UPDATE:
		return checklist_reader_new(&reply->checklist);
	case CALL_ITEM_CREATE:
	case CALL_ITEM_UPDATE:
		return check_item_reader_new(&reply->item);
	case CALL_COMMENT_CREATE:
	case CALL_COMMENT_UPDATE:
		return comment_reader_new(&reply->comment);
	case CALL_LINK_CREATE:
		return attachment_reader_new(&reply->attachment);
	case CALL_LIST_CREATE:
	case CALL_LIST_UPDATE:
	case CALL_LIST_MOVE:
		return list_reader_new(&reply->list);
	case CALL_BOARD_CREATE:
	case CALL_BOARD_UPDATE:
		return board_reader_new(&reply->board);
	default:
		return NULL;
	}
}

static const char *
made_id(const struct reply *reply)
{
	const char *const ids[] = {reply->card.id, reply->list.id,
	    reply->board.id, reply->checklist.id, reply->item.id,
	    reply->comment.id, reply->attachment.id};

	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		if (*ids[i] != '\0')
			return ids[i];
	return NULL;
}

#define HANG(card, vec, thing, zero)                                     \
	do {                                                             \
		__typeof__((card)->vec.v) slot_ = VEC_ADD(&(card)->vec); \
                                                                         \
		assert_non_null(slot_);                                  \
		*slot_ = thing;                                          \
		zero;                                                    \
	} while (0)

/* As one card and one board and one list: there are writers for these. */
static void
write_reply(struct twin *twin, struct reply *reply, struct buf *out)
{
	struct card *card = &reply->card;

	if (reply->item.id[0] != '\0')
		HANG(&reply->checklist, items, reply->item,
		    reply->item = (struct check_item){0});
	HANG(card, checklists, reply->checklist,
	    reply->checklist = (struct checklist){0});
	if (reply->comment.id[0] != '\0')
		HANG(card, comments, reply->comment,
		    comment_init(&reply->comment));
	if (reply->attachment.id[0] != '\0')
		HANG(card, attachments, reply->attachment,
		    attachment_init(&reply->attachment));
	HANG(
	    card, fields, reply->value, reply->value = (struct field_value){0});
	rename_card(twin, card);
	rename_board(twin, &reply->board);
	rename_id(twin, reply->list.id);
	rename_id(twin, reply->list.id_board);
	(void)card_write(card, out);
	(void)list_write(&reply->list, out);
	(void)board_write(&reply->board, out);
	(void)buf_add_char(out, '\n');
}

static void
reply_fini(struct reply *reply)
{
	card_fini(&reply->card);
	list_fini(&reply->list);
	board_fini(&reply->board);
	checklist_fini(&reply->checklist);
	check_item_fini(&reply->item);
	comment_fini(&reply->comment);
	attachment_fini(&reply->attachment);
	field_value_fini(&reply->value);
}

static void
send_step(struct twin *twin, const struct twin_step *step, struct reply *reply)
{
	struct remote_param params[10];
	struct remote_args args = {.call = step->call,
	    .priority = PRIORITY_WRITE,
	    .id = twin_id(twin, step->id),
	    .id2 = twin_id(twin, step->id2),
	    .params = params};
	char *json = step->json != NULL ? expand(twin, step->json) : NULL;

	for (; step->params[args.n_params].key != NULL; args.n_params++) {
		params[args.n_params].key = step->params[args.n_params].key;
		params[args.n_params].value =
		    expand(twin, step->params[args.n_params].value);
	}
	args.json = json;
	reply->reader = reader_for(step->call, reply);
	ask(twin, args, reply);
	for (size_t i = 0; i < args.n_params; i++)
		free((char *)(uintptr_t)params[i].value);
	free(json);
}

int
twin_take(struct twin *twin, const struct twin_step *step, struct buf *out)
{
	const struct timespec moment = {.tv_nsec = 3000000};
	struct boards boards = {0};
	struct reply reply = {0};
	model_ids new = {0};
	const char *id;

	card_init(&reply.card);
	board_init(&reply.board);
	comment_init(&reply.comment);
	attachment_init(&reply.attachment);
	(void)nanosleep(&moment, NULL);
	twin->step_ms = time_wall_ms();
	send_step(twin, step, &reply);
	(void)buf_printf(out, "%d %d %d %d %d %s\n", reply.verdict.status,
	    reply.verdict.err, (int)reply.verdict.scope,
	    (int)reply.verdict.when, reply.verdict.unknown, reply.verdict.text);
	id = made_id(&reply);
	if (step->as != NULL && id != NULL)
		add_name(twin, step->as, id);
	read_boards(twin, &boards);
	for (size_t i = 0; i < boards.boards.n; i++)
		note_board(twin, &boards.boards.v[i], &new);
	name_new(twin, &new);
	VEC_FREE(&new);
	write_reply(twin, &reply, out);
	for (size_t i = 0; i < boards.boards.n; i++) {
		rename_board(twin, &boards.boards.v[i]);
		(void)board_write(&boards.boards.v[i], out);
		(void)buf_add_char(out, '\n');
	}
	boards_fini(&boards);
	reply_fini(&reply);
	return reply.verdict.status;
}

void
twin_desc_changes(struct twin *twin, const char *id, struct buf *out)
{
	struct desc_changes changes = {0};
	struct reply reply = {.reader = desc_changes_reader_new(&changes)};

	ask(twin,
	    (struct remote_args){
		.call = CALL_CARD_DESC_ACTIONS, .id = twin_id(twin, id)},
	    &reply);
	assert_string_equal(reply.verdict.text, "");
	for (size_t i = 0; i < changes.changes.n; i++) {
		struct desc_change *change = &changes.changes.v[i];

		rename_id(twin, change->id_creator);
		mask_time(twin, &change->date_ms, false);
		(void)buf_printf(out, "%s %lld [%s] [%s]\n", change->id_creator,
		    (long long)change->date_ms, change->old_desc,
		    model_str(change->new_desc));
	}
	desc_changes_fini(&changes);
}

void
twin_list_cards(
    struct twin *twin, const char *id, const char *filter, struct buf *out)
{
	struct board board;
	struct reply reply = {.reader = NULL};

	board_init(&board);
	reply.reader = cards_reader_new(&board);
	ask(twin,
	    (struct remote_args){.call = CALL_LIST_CARDS,
		.id = twin_id(twin, id),
		.filter = filter},
	    &reply);
	(void)buf_printf(
	    out, "%d %s\n", reply.verdict.status, reply.verdict.text);
	for (size_t i = 0; i < board.cards.n; i++) {
		rename_card(twin, &board.cards.v[i]);
		(void)card_write(&board.cards.v[i], out);
	}
	board_fini(&board);
}
