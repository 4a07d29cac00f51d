#include "push_help.h"
#include "unit.h"

#include "store/base.h"
#include "store/store.h"
#include "util/timeutil.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define C1 "5e00000000000000000000c1"
#define C2 "5e00000000000000000000c2"
#define A1 "5e00000000000000000000a1"
#define A2 "5e00000000000000000000a2"
#define B0 "5e00000000000000000000b0"
#define LABEL "5e00000000000000000000b1"
#define STEPS "5e00000000000000000000d1"
#define ITEM "5e00000000000000000000e1"
#define COMMENT "5e00000000000000000000f1"
#define FIELD "5e00000000000000000000f9"
#define ME "5f0000000000000000000001"

static void
test_fields(void **state)
{
	struct push_world world;

	(void)state;
	world_init(&world, false);
	do_title(&world, C1, "Uno");
	do_desc(&world, C1, "New\n");
	do_date(&world, C1, CHANGE_DUE, INT64_C(1700000000000));
	do_date(&world, C1, CHANGE_START, INT64_C(1600000000000));
	do_flag(&world, C1, CHANGE_DONE, true);
	assert_true(world_run(&world, false));
	assert_asked(&world,
	    "PUT /cards/" C1
	    " name=Uno&desc=New%0A&due=2023-11-14T22%3A13%3A20.000Z"
	    "&start=2020-09-13T12%3A26%3A40.000Z&dueComplete=true\n"
	    "GET /cards/" C1 "/actions\n");
	assert_entries(&world, 0, 0, 0);
	assert_in_step(&world, B0);
	do_date(&world, C1, CHANGE_DUE, TIME_NONE);
	assert_true(world_run(&world, false));
	assert_asked(&world, "PUT /cards/" C1 " due=\n");
	assert_in_step(&world, B0);
	world_fini(&world);
}

/* A request whose reply tells only of a part. */
static void
test_parts(void **state)
{
	struct push_world world;
	struct card_change change;

	(void)state;
	world_init(&world, false);
	do_id(&world, C1, CHANGE_LABEL_ADD, LABEL);
	do_id(&world, C1, CHANGE_MEMBER_ADD, ME);
	assert_true(world_run(&world, false));
	assert_asked(&world, "POST /cards/" C1 "/idLabels value=" LABEL "\n"
			     "POST /cards/" C1 "/idMembers value=" ME "\n");
	assert_in_step(&world, B0);
	do_id(&world, C1, CHANGE_LABEL_REMOVE, LABEL);
	do_id(&world, C1, CHANGE_MEMBER_REMOVE, ME);
	assert_true(world_run(&world, false));
	assert_asked(&world, "DELETE /cards/" C1 "/idLabels/" LABEL "\n"
			     "DELETE /cards/" C1 "/idMembers/" ME "\n");
	assert_in_step(&world, B0);
	change = (struct card_change){
	    .kind = CHANGE_FIELD, .id = FIELD, .new_text = (char *)"3.5"};
	world_change(&world, C1, &change);
	assert_true(world_run(&world, false));
	assert_asked(&world, "PUT /cards/" C1 "/customField/" FIELD "/item"
			     " {\"value\":{\"number\":\"3.5\"}}\n");
	assert_in_step(&world, B0);
	change = (struct card_change){
	    .kind = CHANGE_FIELD, .id = FIELD, .old_text = (char *)"3.5"};
	world_change(&world, C1, &change);
	assert_true(world_run(&world, false));
	assert_asked(&world, "PUT /cards/" C1 "/customField/" FIELD "/item"
			     " {\"value\":\"\",\"idValue\":\"\"}\n");
	assert_in_step(&world, B0);
	assert_entries(&world, 0, 0, 0);
	world_fini(&world);
}

static void
test_items(void **state)
{
	struct push_world world;
	struct card_change change;

	(void)state;
	world_init(&world, false);
	change = (struct card_change){.kind = CHANGE_ITEM_STATE,
	    .id = ITEM,
	    .parent = STEPS,
	    .new_flag = true};
	world_change(&world, C1, &change);
	assert_true(world_run(&world, false));
	assert_asked(
	    &world, "PUT /cards/" C1 "/checkItem/" ITEM " state=complete\n");
	assert_in_step(&world, B0);
	change = (struct card_change){.kind = CHANGE_ITEM_NAME,
	    .id = ITEM,
	    .parent = STEPS,
	    .old_text = (char *)"write",
	    .new_text = (char *)"write it"};
	world_change(&world, C1, &change);
	change = (struct card_change){.kind = CHANGE_ITEM_STATE,
	    .id = ITEM,
	    .parent = STEPS,
	    .old_flag = true};
	world_change(&world, C1, &change);
	change = (struct card_change){.kind = CHANGE_ITEM_MOVE,
	    .id = ITEM,
	    .parent = STEPS,
	    .old_id = STEPS,
	    .old_pos = 16384,
	    .new_pos = 40000.5};
	world_change(&world, C1, &change);
	assert_true(world_run(&world, false));
	assert_asked(&world, "PUT /cards/" C1 "/checkItem/" ITEM
			     " name=write%20it&state=incomplete&pos=40000.5\n");
	assert_in_step(&world, B0);
	change = (struct card_change){.kind = CHANGE_ITEM_REMOVE,
	    .id = ITEM,
	    .parent = STEPS,
	    .old_text = (char *)"write it"};
	world_change(&world, C1, &change);
	assert_true(world_run(&world, false));
	assert_asked(
	    &world, "DELETE /checklists/" STEPS "/checkItems/" ITEM "\n");
	assert_in_step(&world, B0);
	change = (struct card_change){.kind = CHANGE_CHECKLIST_NAME,
	    .id = STEPS,
	    .old_text = (char *)"Steps",
	    .new_text = (char *)"All steps"};
	world_change(&world, C1, &change);
	change = (struct card_change){.kind = CHANGE_CHECKLIST_MOVE,
	    .id = STEPS,
	    .old_pos = 16384,
	    .new_pos = 99};
	world_change(&world, C1, &change);
	assert_true(world_run(&world, false));
	assert_asked(
	    &world, "PUT /checklists/" STEPS " name=All%20steps&pos=99\n");
	assert_in_step(&world, B0);
	change = (struct card_change){.kind = CHANGE_CHECKLIST_REMOVE,
	    .id = STEPS,
	    .old_text = (char *)"All steps"};
	world_change(&world, C1, &change);
	assert_true(world_run(&world, false));
	assert_asked(&world, "DELETE /checklists/" STEPS "\n");
	assert_in_step(&world, B0);
	world_fini(&world);
}

/* Make sure that no id of ours is known any more, nor was sent. */
static void
assert_no_own_ids(struct push_world *world, const char *board)
{
	char *text = here(world, board);

	assert_null(strstr(text, "own0"));
	free(text);
}

/* What Trello made last, of a kind. */
static const char *
between(const char *text, const char *before, char out[MODEL_ID_SIZE])
{
	const char *at = strstr(text, before);

	assert_non_null(at);
	at += strlen(before);
	(void)snprintf(out, MODEL_ID_SIZE, "%.*s", 24, at);
	return out;
}

static void
test_made_parts(void **state)
{
	struct push_world world;
	char id[MODEL_ID_SIZE], expected[512], *asked;
	const char *list;
	uint64_t ino;

	(void)state;
	world_init(&world, false);
	ino = ino_at(world.store, "B/Todo/Two.md");
	list = do_checklist(&world, C2, "More");
	(void)do_item(&world, C2, list, "one", true);
	(void)do_item(&world, C2, list, "two", false);
	(void)do_comment(&world, C2, "Hello & good bye\n");
	(void)do_link(&world, C2, "https://example.com/?a=b");
	assert_true(world_run(&world, false));
	asked = take_asked(&world);
	(void)between(asked, "/checklists/", id);
	(void)snprintf(expected, sizeof expected,
	    "POST /checklists idCard=" C2 "&name=More&pos=32768\n"
	    "POST /checklists/%s/checkItems name=one&pos=65536&checked=true\n"
	    "POST /checklists/%s/checkItems name=two&pos=81920\n"
	    "POST /cards/" C2
	    "/actions/comments text=Hello%%20%%26%%20good%%20bye%%0A\n"
	    "POST /cards/" C2 "/attachments"
	    " url=https%%3A%%2F%%2Fexample.com%%2F%%3Fa%%3Db&name=words\n",
	    id, id);
	assert_string_equal(asked, expected);
	free(asked);
	assert_in_step(&world, B0);
	assert_no_own_ids(&world, B0);
	assert_entries(&world, 0, 0, 0);
	assert_int_equal(ino_at(world.store, "B/Todo/Two.md"), ino);
	world_fini(&world);
}

static void
test_comments(void **state)
{
	struct push_world world;
	struct card_change change = {.kind = CHANGE_COMMENT_EDIT,
	    .id = COMMENT,
	    .old_text = (char *)"First",
	    .new_text = (char *)"Second"};

	(void)state;
	world_init(&world, false);
	world_change(&world, C1, &change);
	assert_true(world_run(&world, false));
	assert_asked(&world, "PUT /actions/" COMMENT " text=Second\n");
	assert_in_step(&world, B0);
	change = (struct card_change){.kind = CHANGE_COMMENT_REMOVE,
	    .id = COMMENT,
	    .old_text = (char *)"Second"};
	world_change(&world, C1, &change);
	assert_true(world_run(&world, false));
	assert_asked(&world, "DELETE /actions/" COMMENT "\n");
	assert_in_step(&world, B0);
	world_fini(&world);
}

static void
test_create(void **state)
{
	struct push_world world;
	char id[MODEL_ID_SIZE], *asked, *text;
	const char *card, *list, *at;
	struct node node, before;

	(void)state;
	world_init(&world, false);
	card = do_create(&world, A2, "New one");
	do_desc(&world, card, "Words\n");
	do_date(&world, card, CHANGE_DUE, INT64_C(1700000000000));
	do_flag(&world, card, CHANGE_DONE, true);
	do_id(&world, card, CHANGE_LABEL_ADD, LABEL);
	do_id(&world, card, CHANGE_LABEL_ADD, "5e00000000000000000000b2");
	do_id(&world, card, CHANGE_MEMBER_ADD, ME);
	list = do_checklist(&world, card, "List");
	(void)do_item(&world, card, list, "item", false);
	(void)do_comment(&world, card, "Comment");
	before = node_at(world.store, "B/Done/New one.md");
	assert_true(world_run(&world, false));
	asked = take_asked(&world);
	at = "POST /cards name=New%20one&idList=" A2 "&pos=bottom"
	     "&desc=Words%0A&due=2023-11-14T22%3A13%3A20.000Z"
	     "&dueComplete=true&idLabels=" LABEL
	     "%2C5e00000000000000000000b2&idMembers=" ME "\n"
	     "POST /checklists idCard=";
	if (strncmp(asked, at, strlen(at)) != 0)
		fail_msg("%s", asked);
	(void)between(asked, "idCard=", id);
	assert_null(strstr(asked, "own0"));
	assert_non_null(strstr(asked, "/checkItems name=item"));
	assert_non_null(strstr(asked, "/actions/comments text=Comment"));
	free(asked);
	assert_in_step(&world, B0);
	assert_no_own_ids(&world, B0);
	assert_entries(&world, 0, 0, 0);
	node = node_at(world.store, "B/Done/New one.md");
	assert_int_equal(node.ino, before.ino);
	assert_int_equal(node.mtime_ns, before.mtime_ns);
	assert_string_equal(node.id, id);
	text = text_at(world.store, "B/Done/New one.md");
	assert_non_null(strstr(text, "url: https://trello.com/c/"));
	free(text);
	world_fini(&world);
}

static void
test_move_and_archive(void **state)
{
	struct push_world world;
	struct node node;

	(void)state;
	world_init(&world, false);
	do_move(&world, C1, B0, A2, 70000.25);
	do_title(&world, C1, "Moved");
	do_move(&world, C2, B0, A1, 0.5);
	assert_true(world_run(&world, false));
	assert_asked(&world,
	    "PUT /cards/" C1 " idList=" A2 "&pos=70000.25&name=Moved\n"
	    "PUT /cards/" C2 " pos=0.5\n");
	assert_in_step(&world, B0);
	do_archive(&world, C1);
	assert_false(find_path(world.store, "B/Done/One.md", &node));
	assert_true(world_run(&world, false));
	assert_asked(&world, "PUT /cards/" C1 " closed=true\n");
	assert_in_step(&world, B0);
	assert_entries(&world, 0, 0, 0);
	world_fini(&world);
}

static void
list_entry(struct push_world *world, enum entry_kind kind, const char *id,
    const char *board, const char *title)
{
	struct entry entry = {.kind = kind, .title = (char *)title};

	(void)snprintf(entry.object, sizeof entry.object, "%s", id);
	(void)snprintf(entry.board, sizeof entry.board, "%s", board);
	world_journal(world, &entry);
}

static void
test_folders(void **state)
{
	struct push_world world;
	char board_id[MODEL_ID_SIZE], list_id[MODEL_ID_SIZE];
	char expected[512], *asked;
	const char *board, *list;

	(void)state;
	world_init(&world, false);
	board = do_board(&world, "Made");
	list = do_list(&world, board, "Made list");
	(void)do_create(&world, list, "Made card");
	assert_true(world_run(&world, false));
	asked = take_asked(&world);
	(void)between(asked, "idBoard=", board_id);
	(void)between(asked, "idList=", list_id);
	(void)snprintf(expected, sizeof expected,
	    "POST /boards/ defaultLists=false&defaultLabels=false&name=Made\n"
	    "POST /lists name=Made%%20list&idBoard=%s&pos=65536\n"
	    "POST /cards name=Made%%20card&idList=%s&pos=bottom\n",
	    board_id, list_id);
	assert_string_equal(asked, expected);
	free(asked);
	assert_entries(&world, 0, 0, 0);
	assert_string_equal(node_at(world.store, "Made").id, board_id);
	assert_string_equal(node_at(world.store, "Made/Made list").id, list_id);
	(void)node_at(world.store, "Made/Made list/Made card.md");
	list_entry(&world, ENTRY_LIST_RENAME, A1, B0, "To do");
	list_entry(&world, ENTRY_BOARD_RENAME, board_id, board_id, "Better");
	assert_true(world_run(&world, false));
	(void)snprintf(expected, sizeof expected,
	    "PUT /lists/" A1 " name=To%%20do\n"
	    "PUT /boards/%s name=Better\n",
	    board_id);
	assert_asked(&world, expected);
	assert_in_step(&world, B0);
	list_entry(&world, ENTRY_LIST_MOVE, A2, board_id, NULL);
	assert_true(world_run(&world, false));
	(void)snprintf(expected, sizeof expected,
	    "PUT /lists/" A2 "/idBoard value=%s&pos=bottom\n", board_id);
	assert_asked(&world, expected);
	list_entry(&world, ENTRY_LIST_ARCHIVE, A1, B0, NULL);
	assert_true(world_run(&world, false));
	assert_asked(&world, "PUT /lists/" A1 " closed=true\n");
	assert_in_step(&world, B0);
	list_entry(&world, ENTRY_BOARD_CLOSE, B0, B0, NULL);
	assert_true(world_run(&world, false));
	assert_asked(&world, "");
	assert_entries(&world, 0, 1, 0);
	assert_int_equal(push_confirm(world.sync), 0);
	assert_true(world_run(&world, false));
	assert_asked(&world, "PUT /boards/" B0 " closed=true\n");
	assert_entries(&world, 0, 0, 0);
	world_fini(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fields),
	    cmocka_unit_test(test_parts),
	    cmocka_unit_test(test_items),
	    cmocka_unit_test(test_made_parts),
	    cmocka_unit_test(test_comments),
	    cmocka_unit_test(test_create),
	    cmocka_unit_test(test_move_and_archive),
	    cmocka_unit_test(test_folders),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
