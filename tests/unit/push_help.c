#include "push_help.h"

#include "unit.h"

#include "model/model_json.h"
#include "store/base.h"
#include "store/problems.h"
#include "store/saves.h"
#include "store/store.h"
#include "store/view.h"
#include "sync/join.h"
#include "sync/orders.h"
#include "trello/local.h"
#include "util/err.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
add_member(struct board *board, const char *id, const char *name)
{
	struct member *member = VEC_ADD(&board->members);

	assert_non_null(member);
	(void)snprintf(member->id, sizeof member->id, "%s", id);
	set_text(&member->username, name);
}

static void
fill_card(struct card *card)
{
	struct checklist *list = VEC_ADD(&card->checklists);
	struct comment *comment = VEC_ADD(&card->comments);
	static const char *const names[] = {"write", "tag"};
	static const char *const ids[] = {"e1", "e2"};

	assert_non_null(list);
	assert_non_null(comment);
	memcpy(list->id, id_of("d1"), MODEL_ID_SIZE);
	memcpy(list->id_card, card->id, MODEL_ID_SIZE);
	set_text(&list->name, "Steps");
	list->pos = 16384;
	for (int i = 0; i < 2; i++) {
		struct check_item *item = VEC_ADD(&list->items);

		assert_non_null(item);
		memcpy(item->id, id_of(ids[i]), MODEL_ID_SIZE);
		set_text(&item->name, names[i]);
		item->pos = 16384 * (i + 1);
	}
	comment_init(comment);
	memcpy(comment->id, id_of("f1"), MODEL_ID_SIZE);
	memcpy(comment->id_card, card->id, MODEL_ID_SIZE);
	(void)snprintf(comment->id_creator, sizeof comment->id_creator, "%s",
	    LOCAL_MEMBER_ID);
	set_text(&comment->username, LOCAL_MEMBER_NAME);
	set_text(&comment->text, "First");
	comment->date_ms = INT64_C(1600000000000);
	set_text(&card->desc, "Line one\nLine two\nLine three\n");
}

static void
make_board(struct board *board)
{
	struct field *field;

	board_make_small(board, "b0", "B");
	(void)board_add_label(board, "b1", "bug");
	(void)board_add_label(board, "b2", "urgent");
	add_member(board, LOCAL_MEMBER_ID, LOCAL_MEMBER_NAME);
	field = VEC_ADD(&board->fields);
	assert_non_null(field);
	memcpy(field->id, id_of("f9"), MODEL_ID_SIZE);
	set_text(&field->name, "Estimate");
	field->type = FIELD_NUMBER;
	for (size_t i = 0; i < board->cards.n; i++)
		if (strcmp(board->cards.v[i].id, id_of("c1")) == 0)
			fill_card(&board->cards.v[i]);
}

void
world_add_board(struct push_world *world, struct board *board)
{
	struct err err = {0};
	struct buf json = BUF_INIT;

	assert_int_equal(board_gather(board), 0);
	assert_int_equal(board_write(board, &json), 0);
	if (local_remote_add_json(world->account.inner, "test", buf_str(&json),
		json.len, &err) != 0)
		fail_msg("%s", err.text);
	buf_free(&json);
	apply(world->store, board, NULL);
	board_fini(board);
}

static void
invalidated(void *cookie, struct invalidations *invalidations)
{
	struct push_world *world = cookie;

	assert_int_equal(invalidations_move(invalidations, &world->said), 0);
}

static void
start(struct push_world *world)
{
	struct sync_options options = {.store = world->store,
	    .remote = &world->account.remote,
	    .zone = &world->zone,
	    .invalidated = invalidated,
	    .cookie = world};

	assert_int_equal(sync_new(&options, &world->sync), 0);
	world->sync->identity.checked = true;
}

static void
set_me(struct push_world *world)
{
	struct tx *tx;

	assert_int_equal(store_write(world->store, &tx), 0);
	assert_int_equal(store_meta_set(tx, "member", LOCAL_MEMBER_ID), 0);
	assert_int_equal(store_meta_set(tx, "username", LOCAL_MEMBER_NAME), 0);
	assert_int_equal(store_commit(tx), 0);
}

void
world_init(struct push_world *world, bool with_file)
{
	struct board board;

	*world = (struct push_world){0};
	zone_init_utc(&world->zone);
	push_account_init(&world->account);
	if (with_file) {
		temp_make(world->folder);
		(void)snprintf(
		    world->path, sizeof world->path, "%s/db", world->folder);
	}
	world->store = open_file(with_file ? world->path : NULL);
	set_me(world);
	make_board(&board);
	world_add_board(world, &board);
	start(world);
}

static void
stop(struct push_world *world)
{
	sync_free(world->sync);
	invalidations_fini(&world->said);
}

void
world_fini(struct push_world *world)
{
	stop(world);
	store_close(world->store);
	push_account_fini(&world->account);
	if (world->folder[0] != '\0')
		temp_remove(world->folder);
}

void
world_restart(struct push_world *world)
{
	stop(world);
	if (world->path[0] != '\0') {
		store_close(world->store);
		world->store = open_file(world->path);
	}
	world->account.dead = false;
	start(world);
}

static bool
anything_in_flight(struct push_world *world)
{
	return world->account.asked.n > 0;
}

static void
resume(struct sync_order *order, int err)
{
	(void)order;
	(void)err;
}

bool
world_run(struct push_world *world, bool flush)
{
	struct sync *sync = world->sync;
	struct sync_order order = {.kind = ORDER_SYNC,
	    .refusals = sync_refusals(world->sync),
	    .resume = resume};

	if (flush)
		sync->orders = &order;
	for (int turn = 0; turn < 100000 && !world->account.dead; turn++) {
		int64_t next_ms = INT64_MAX, now_ms = time_monotonic_ms();

		push_run(sync, now_ms, &next_ms);
		if (!anything_in_flight(world) && next_ms > now_ms)
			break;
		assert_int_equal(remote_run(&world->account.remote, 0), 0);
	}
	sync->orders = NULL;
	return !world->account.dead;
}

char *
take_asked(struct push_world *world)
{
	return buf_steal(&world->account.log);
}

void
assert_asked(struct push_world *world, const char *expected)
{
	char *asked = take_asked(world);

	assert_string_equal(asked, expected);
	free(asked);
}

static void
show(struct push_world *world, struct folder_changes *changes, const char *card)
{
	struct view_show how = {.zone = &world->zone, .local = true};
	int r = view_show_card(changes, card, &how);

	assert_true(r == 0 || r == -ENOENT);
}

void
world_journal(struct push_world *world, struct entry *entry)
{
	struct folder_changes changes = {0};
	struct invalidations out = {0};

	assert_int_equal(store_write(world->store, &changes.tx), 0);
	entry->at_ms = time_wall_ms();
	if (entry->due_ms == 0)
		entry->due_ms = entry->at_ms - 1;
	assert_int_equal(join_add(changes.tx, entry), 0);
	if (entry->kind < ENTRY_LIST_CREATE)
		show(world, &changes, entry->object);
	assert_int_equal(folder_commit(&changes, 0, &out), 0);
	invalidations_fini(&out);
}

static void
set_id(char target[MODEL_ID_SIZE], const char *id)
{
	(void)snprintf(target, MODEL_ID_SIZE, "%s", id);
}

/* The board that a card is on now. */
static void
board_of(struct push_world *world, const char *card, char id[MODEL_ID_SIZE])
{
	struct view_card view;
	struct tx *tx;

	assert_int_equal(store_read(world->store, true, &tx), 0);
	assert_int_equal(view_card(tx, card, NULL, &view), 0);
	set_id(id, view.card.id_board);
	view_card_fini(&view);
	store_end(tx);
}

void
world_change(
    struct push_world *world, const char *card, struct card_change *change)
{
	struct entry entry = {.kind = ENTRY_CARD_CHANGE, .change = *change};

	set_id(entry.object, card);
	board_of(world, card, entry.board);
	world_journal(world, &entry);
}

static struct card
view_of(struct push_world *world, const char *id)
{
	struct view_card view;
	struct tx *tx;

	assert_int_equal(store_read(world->store, true, &tx), 0);
	assert_int_equal(view_card(tx, id, NULL, &view), 0);
	store_end(tx);
	return view.card;
}

void
do_title(struct push_world *world, const char *card, const char *title)
{
	struct card old = view_of(world, card);
	struct card_change change = {.kind = CHANGE_TITLE,
	    .old_text = old.name,
	    .new_text = (char *)title};

	world_change(world, card, &change);
	card_fini(&old);
}

void
do_desc(struct push_world *world, const char *card, const char *desc)
{
	struct card old = view_of(world, card);
	struct card_change change = {.kind = CHANGE_DESC,
	    .old_text = old.desc,
	    .new_text = (char *)desc};

	world_change(world, card, &change);
	card_fini(&old);
}

void
do_flag(struct push_world *world, const char *card, enum card_change_kind kind,
    bool flag)
{
	struct card_change change = {
	    .kind = kind, .old_flag = !flag, .new_flag = flag};

	world_change(world, card, &change);
}

void
do_date(struct push_world *world, const char *card, enum card_change_kind kind,
    int64_t ms)
{
	struct card old = view_of(world, card);
	struct card_change change = {.kind = kind,
	    .old_ms = kind == CHANGE_DUE ? old.due_ms : old.start_ms,
	    .new_ms = ms};

	world_change(world, card, &change);
	card_fini(&old);
}

void
do_id(struct push_world *world, const char *card, enum card_change_kind kind,
    const char *id)
{
	struct card_change change = {.kind = kind};

	set_id(change.id, id);
	world_change(world, card, &change);
}

void
do_move(struct push_world *world, const char *card, const char *board,
    const char *list, double pos)
{
	struct entry entry = {.kind = ENTRY_CARD_MOVE, .pos = pos};

	set_id(entry.object, card);
	set_id(entry.board, board);
	set_id(entry.list, list);
	world_journal(world, &entry);
}

void
do_archive(struct push_world *world, const char *card)
{
	struct entry entry = {.kind = ENTRY_CARD_ARCHIVE};
	struct card old = view_of(world, card);

	set_id(entry.object, card);
	set_id(entry.board, old.id_board);
	set_id(entry.list, old.id_list);
	card_fini(&old);
	world_journal(world, &entry);
}

static const char *
new_id(struct push_world *world)
{
	static char ids[32][MODEL_ID_SIZE];
	static unsigned turn;
	char *id = ids[turn++ % 32];
	struct tx *tx;

	assert_int_equal(store_write(world->store, &tx), 0);
	assert_int_equal(journal_new_id(tx, id), 0);
	assert_int_equal(store_commit(tx), 0);
	return id;
}

/* The board of a list's folder. */
static void
board_of_list(
    struct push_world *world, const char *list, char id[MODEL_ID_SIZE])
{
	struct node node, board;
	struct tx *tx;

	assert_int_equal(store_read(world->store, true, &tx), 0);
	assert_int_equal(node_by_id(tx, list, &node), 0);
	assert_int_equal(node_get(tx, node.parent, &board), 0);
	store_end(tx);
	set_id(id, board.id);
}

const char *
do_create(struct push_world *world, const char *list, const char *title)
{
	return do_create_at(world, list, title, 0);
}

const char *
do_create_at(
    struct push_world *world, const char *list, const char *title, double pos)
{
	struct entry entry = {
	    .kind = ENTRY_CARD_CREATE, .title = (char *)title, .pos = pos};
	const char *id = new_id(world);

	set_id(entry.object, id);
	set_id(entry.list, list);
	board_of_list(world, list, entry.board);
	world_journal(world, &entry);
	return id;
}

const char *
do_checklist(struct push_world *world, const char *card, const char *name)
{
	struct card_change change = {.kind = CHANGE_CHECKLIST_ADD,
	    .new_text = (char *)name,
	    .new_pos = 32768};
	const char *id = new_id(world);

	set_id(change.id, id);
	world_change(world, card, &change);
	return id;
}

const char *
do_item(struct push_world *world, const char *card, const char *checklist,
    const char *name, bool done)
{
	struct card_change change = {.kind = CHANGE_ITEM_ADD,
	    .new_text = (char *)name,
	    .new_flag = done,
	    .new_pos = 65536};
	const char *id = new_id(world);

	/* Each behind the one before. */
	change.new_pos += 16384 * (double)world->n_items++;
	set_id(change.id, id);
	set_id(change.parent, checklist);
	world_change(world, card, &change);
	return id;
}

const char *
do_comment(struct push_world *world, const char *card, const char *text)
{
	struct card_change change = {.kind = CHANGE_COMMENT_ADD,
	    .new_text = (char *)text,
	    .new_ms = time_wall_ms()};
	const char *id = new_id(world);

	set_id(change.id, id);
	world_change(world, card, &change);
	return id;
}

const char *
do_link(struct push_world *world, const char *card, const char *url)
{
	struct card_change change = {.kind = CHANGE_LINK_ADD,
	    .new_text = (char *)"words",
	    .new_url = (char *)url,
	    .new_pos = 16384};
	const char *id = new_id(world);

	set_id(change.id, id);
	world_change(world, card, &change);
	return id;
}

/* As src/fs/structure.c does it. */
static void
make_folder(struct push_world *world, struct node *node)
{
	struct folder_changes changes = {0};
	struct invalidations out = {0};

	node->mode = node->uid = node->gid = -1;
	assert_int_equal(store_write(world->store, &changes.tx), 0);
	if (node->kind == NODE_BOARD) {
		assert_int_equal(
		    folder_board_off(&changes, node->name, &node->off), 0);
		assert_int_equal(
		    base_set_own_board(changes.tx, node->id, node->name), 0);
	} else {
		node->off = node_off_from_pos(node->pos);
	}
	assert_int_equal(folder_place(&changes, NULL, node), 0);
	assert_int_equal(folder_commit(&changes, 0, &out), 0);
	invalidations_fini(&out);
}

const char *
do_list(struct push_world *world, const char *board, const char *name)
{
	struct entry entry = {.kind = ENTRY_LIST_CREATE,
	    .title = (char *)name,
	    .pos = 65536 + 16384 * (double)world->n_items++};
	struct node node = {.kind = NODE_LIST, .pos = entry.pos}, other;
	const char *id = new_id(world);
	struct tx *tx;
	int taken;

	assert_int_equal(store_read(world->store, true, &tx), 0);
	assert_int_equal(node_by_id(tx, board, &other), 0);
	node.parent = other.ino;
	taken = node_by_name(tx, node.parent, name, &other);
	store_end(tx);
	set_id(node.id, id);
	(void)snprintf(
	    node.name, sizeof node.name, "%s%s", name, taken == 0 ? id : "");
	make_folder(world, &node);
	set_id(entry.object, id);
	set_id(entry.board, board);
	world_journal(world, &entry);
	return id;
}

const char *
do_board(struct push_world *world, const char *name)
{
	struct entry entry = {
	    .kind = ENTRY_BOARD_CREATE, .title = (char *)name};
	struct node node = {.kind = NODE_BOARD, .parent = NODE_ROOT};
	const char *id = new_id(world);

	set_id(node.id, id);
	(void)snprintf(node.name, sizeof node.name, "%s", name);
	make_folder(world, &node);
	set_id(entry.object, id);
	set_id(entry.board, id);
	world_journal(world, &entry);
	return id;
}

void
assert_entries(struct push_world *world, int waiting, int held, int refused)
{
	struct journal_counts counts;
	struct tx *tx;

	assert_int_equal(store_read(world->store, true, &tx), 0);
	assert_int_equal(journal_counts(tx, &counts), 0);
	store_end(tx);
	assert_int_equal(counts.waiting, waiting);
	assert_int_equal(counts.held, held);
	assert_int_equal(counts.refused, refused);
}

void
elsewhere(struct push_world *world, enum remote_call call, const char *id,
    const char *key, const char *value)
{
	struct remote_param param = {key, value};
	struct remote_args args = {
	    .call = call, .id = id, .params = &param, .n_params = 1};

	push_account_ask(&world->account, &args);
}

void
assert_problem(
    struct push_world *world, const char *path, const char *what, bool draft)
{
	struct node node = node_at(world->store, path);
	struct problem problem;
	struct save save = {0};
	struct tx *tx;

	assert_int_equal(store_read(world->store, true, &tx), 0);
	assert_int_equal(problem_get(tx, node.ino, &problem), 0);
	assert_non_null(strstr(problem.what, what));
	problem_fini(&problem);
	assert_int_equal(save_get(tx, node.ino, &save), draft ? 0 : -ENOENT);
	assert_true(save.draft == draft);
	save_fini(&save);
	store_end(tx);
}
