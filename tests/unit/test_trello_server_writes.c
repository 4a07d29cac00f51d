/*
 * Writes to the stand-in server when things go wrong on the way: what was
 * asked for is there once or not at all, and the verdict does not claim to
 * know what it cannot.
 */

#include "unit.h"

#include "trello_server.h"

#include "model/model_json.h"
#include "trello/remote.h"
#include "util/timeutil.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A server with one board, and the way to it. */
struct world {
	struct server server;
	struct remote *remote;
	struct board board;
};

struct answer {
	struct json_reader *reader;
	struct remote_verdict verdict;
	int calls;
};

static void
on_done(void *cookie, const struct remote_verdict *verdict)
{
	struct answer *answer = cookie;

	answer->calls++;
	answer->verdict = *verdict;
}

static struct remote_verdict
ask(struct remote *remote, struct remote_args args)
{
	int64_t until_ms = time_monotonic_ms() + 60000;
	struct answer answer = {.reader = args.reader};
	struct remote_request *request;

	args.done = on_done;
	args.cookie = &answer;
	assert_int_equal(remote_submit(remote, &args, &request), 0);
	while (answer.calls == 0 && time_monotonic_ms() < until_ms)
		assert_int_equal(remote_run(remote, 1000), 0);
	assert_int_equal(answer.calls, 1);
	json_reader_free(answer.reader);
	return answer.verdict;
}

static void
read_board(struct world *world)
{
	struct boards boards = {0};
	struct remote_verdict verdict;

	verdict = ask(world->remote, (struct remote_args){.call = CALL_BOARDS,
					 .reader = boards_reader_new(&boards)});
	assert_string_equal(verdict.text, "");
	board_init(&world->board);
	verdict =
	    ask(world->remote, (struct remote_args){.call = CALL_BOARD,
				   .id = boards.boards.v[0].id,
				   .reader = board_reader_new(&world->board)});
	assert_string_equal(verdict.text, "");
	assert_int_equal(board_gather(&world->board), 0);
	boards_fini(&boards);
}

/* folder NULL: HTTP/1.1 without TLS; otherwise HTTP/2 with the certificates
 * there. */
static void
world_init(struct world *world, const char *folder)
{
	char cert[256] = "", key[256] = "", ca[256] = "";
	const char *more[] = {"--generate", "1x1x40", "--limit",
	    "1000000/1000000/10", NULL, cert, key, "--h2", NULL};

	if (folder != NULL) {
		(void)snprintf(cert, sizeof cert, "%s/good.pem", folder);
		(void)snprintf(key, sizeof key, "%s/good.key", folder);
		(void)snprintf(ca, sizeof ca, "%s/ca.pem", folder);
		more[4] = "--tls";
	}
	world->server = server_start(more);
	world->remote =
	    server_connect(&world->server, folder != NULL ? "https" : "http",
		folder != NULL ? ca : NULL, SERVER_TOKEN);
	read_board(world);
}

static void
world_fini(struct world *world)
{
	server_check(&world->server);
	board_fini(&world->board);
	remote_free(world->remote);
	server_stop(&world->server);
}

/* How often a text stands in all that the server holds. */
static unsigned
count_text(struct world *world, const char *text)
{
	char *all = server_control(&world->server, "state", NULL);
	unsigned n = 0;

	for (const char *s = all; (s = strstr(s, text)) != NULL; s++)
		n++;
	free(all);
	return n;
}

/* The cards of that name in the list, as one looks for what got lost. */
static unsigned
count_cards(struct world *world, const char *name)
{
	struct remote_verdict verdict;
	struct board board;
	unsigned n = 0;

	board_init(&board);
	verdict =
	    ask(world->remote, (struct remote_args){.call = CALL_LIST_CARDS,
				   .id = world->board.lists.v[0].id,
				   .filter = "all",
				   .reader = cards_reader_new(&board)});
	assert_string_equal(verdict.text, "");
	for (size_t i = 0; i < board.cards.n; i++)
		n += strcmp(board.cards.v[i].name, name) == 0;
	board_fini(&board);
	return n;
}

static struct remote_verdict
create_card(struct world *world, const char *name)
{
	const struct remote_param params[] = {
	    {"idList", world->board.lists.v[0].id}, {"name", name}};
	struct remote_verdict verdict;
	struct card card;

	card_init(&card);
	verdict =
	    ask(world->remote, (struct remote_args){.call = CALL_CARD_CREATE,
				   .priority = PRIORITY_WRITE,
				   .params = params,
				   .n_params = 2,
				   .reader = card_reader_new(&card)});
	if (verdict.err == 0) {
		assert_string_equal(card.name, name);
		assert_int_equal(strlen(card.id), 24);
	}
	card_fini(&card);
	return verdict;
}

/* What happens to one POST, and what is there afterwards. */
static const struct {
	const char *fault;
	bool unknown;
	int err;
	unsigned cards;
} post_faults[] = {
    {"{\"method\":\"POST\",\"count\":1,\"drop\":\"after\"}", true, -EIO, 1},
    {"{\"method\":\"POST\",\"count\":1,\"drop\":\"before\"}", true, -EIO, 0},
    {"{\"method\":\"POST\",\"count\":1,\"status\":503}", true, -EIO, 0},
    {"{\"method\":\"POST\",\"count\":1,\"status\":503,\"after\":true}", true,
	-EIO, 1},
    {"{\"method\":\"POST\",\"count\":1,\"status\":202,\"after\":true}", false,
	0, 1},
    {"{\"method\":\"POST\",\"count\":1,\"cut\":20}", true, -EIO, 1},
    {"{\"method\":\"POST\",\"count\":1,\"latency\":7}", true, -ETIMEDOUT, 1},
    {"{\"method\":\"POST\",\"count\":1,\"garbage\":\"text\"}", true, -EBADMSG,
	1},
    {"{\"method\":\"POST\",\"count\":2,\"status\":429,\"headers\":"
     "{\"retry-after\":\"0\"}}",
	false, 0, 1},
    {"{\"method\":\"POST\",\"count\":1,\"status\":400,\"body\":"
     "\"invalid value for name\"}",
	false, -EINVAL, 0},
};

/* What comes late comes all the same. */
static void
wait_for_card(struct world *world, const char *name)
{
	const struct timespec moment = {.tv_nsec = 100000000};

	for (int i = 0; i < 100 && count_cards(world, name) == 0; i++)
		(void)nanosleep(&moment, NULL);
}

static void
check_posts(const char *folder)
{
	struct world world;

	world_init(&world, folder);
	for (size_t i = 0; i < sizeof post_faults / sizeof *post_faults; i++) {
		struct remote_verdict verdict;
		char name[32];

		(void)snprintf(name, sizeof name, "once %zu", i);
		server_command(&world.server, "fault", post_faults[i].fault);
		verdict = create_card(&world, name);
		if (verdict.err == -ETIMEDOUT)
			wait_for_card(&world, name);
		if (verdict.err != post_faults[i].err)
			print_message("# %s: %d %s\n", post_faults[i].fault,
			    verdict.err, verdict.text);
		assert_int_equal(verdict.err, post_faults[i].err);
		assert_int_equal(verdict.unknown, post_faults[i].unknown);
		if (verdict.unknown)
			assert_int_equal(verdict.when, WHEN_LATER);
		assert_int_equal(
		    count_cards(&world, name), post_faults[i].cards);
	}
	world_fini(&world);
}

static void
test_posts(void **state)
{
	(void)state;
	if (server_can_run())
		check_posts(NULL);
}

static void
test_posts_h2(void **state)
{
	char folder[] = "/tmp/trellofs-certs-XXXXXX";

	(void)state;
	if (!server_can_run())
		return;
	assert_non_null(mkdtemp(folder));
	if (server_make_certs(folder))
		check_posts(folder);
	else
		print_message("# no certificates\n");
	server_remove_folder(folder);
}

/* An answer that is lost each time, on a connection that was used before: one
 * card, one comment, one item for each. */
static void
test_lost_answers(void **state)
{
	static const char fault[] =
	    "{\"method\":\"POST\",\"count\":1,\"drop\":\"after\"}";
	struct remote_param param = {0};
	const struct checklist *checklist = NULL;
	struct world world;

	(void)state;
	if (!server_can_run())
		return;
	world_init(&world, NULL);
	for (size_t i = 0; i < world.board.cards.n; i++)
		if (world.board.cards.v[i].checklists.n > 0)
			checklist = world.board.cards.v[i].checklists.v;
	assert_non_null(checklist);
	for (int i = 0; i < 60; i++) {
		char name[32], text[64];
		struct remote_args args = {.call = CALL_COMMENT_CREATE,
		    .id = world.board.cards.v[0].id,
		    .params = &param,
		    .n_params = 1};
		struct remote_verdict verdict;

		(void)snprintf(name, sizeof name, "lost %d", i);
		param =
		    (struct remote_param){i % 3 == 1 ? "text" : "name", name};
		if (i % 3 == 2) {
			args.call = CALL_ITEM_CREATE;
			args.id = checklist->id;
		}
		server_command(&world.server, "fault", fault);
		verdict = i % 3 == 0 ? create_card(&world, name)
				     : ask(world.remote, args);
		assert_int_equal(verdict.err, -EIO);
		assert_true(verdict.unknown);
		if (i % 3 == 0) {
			assert_int_equal(count_cards(&world, name), 1);
			continue;
		}
		(void)snprintf(
		    text, sizeof text, "\"%s\":\"%s\"", param.key, name);
		assert_int_equal(count_text(&world, text), 1);
	}
	world_fini(&world);
}

/* What can be repeated is, until it is known to be done. */
static void
test_puts(void **state)
{
	static const char *const faults[] = {
	    "{\"method\":\"PUT\",\"count\":1,\"drop\":\"after\"}",
	    "{\"method\":\"PUT\",\"count\":1,\"drop\":\"before\"}",
	    "{\"method\":\"PUT\",\"count\":2,\"status\":503}",
	    "{\"method\":\"PUT\",\"count\":1,\"cut\":20}",
	    ("{\"method\":\"PUT\",\"count\":1,\"status\":429,\"headers\":"
	     "{\"retry-after\":\"0\"}}"),
	};
	struct remote_param param = {.key = "name"};
	struct world world;

	(void)state;
	if (!server_can_run())
		return;
	world_init(&world, NULL);
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		struct remote_args args = {.call = CALL_CARD_UPDATE,
		    .id = world.board.cards.v[0].id,
		    .params = &param,
		    .n_params = 1};
		struct remote_verdict verdict;
		char name[32];

		(void)snprintf(name, sizeof name, "put %zu", i);
		param.value = name;
		server_command(&world.server, "fault", faults[i]);
		verdict = ask(world.remote, args);
		assert_string_equal(verdict.text, "");
		assert_int_equal(verdict.err, 0);
		assert_int_equal(count_cards(&world, name), 1);
	}
	world_fini(&world);
}

/* The first DELETE took effect and the second finds nothing. */
static void
test_delete(void **state)
{
	struct world world;
	struct remote_args args = {.call = CALL_CARD_DELETE};
	struct remote_verdict verdict;

	(void)state;
	if (!server_can_run())
		return;
	world_init(&world, NULL);
	args.id = world.board.cards.v[0].id;
	server_command(&world.server, "fault",
	    "{\"method\":\"DELETE\",\"count\":1,\"drop\":\"after\"}");
	verdict = ask(world.remote, args);
	assert_int_equal(verdict.err, -ENOENT);
	assert_true(remote_says_gone(&verdict));
	world_fini(&world);
}

/* Nobody there for a while: nothing is lost and nothing is done twice. */
static void
test_refused(void **state)
{
	struct world world;
	struct remote_verdict verdict;
	int64_t until_ms;

	(void)state;
	if (!server_can_run())
		return;
	world_init(&world, NULL);
	server_command(&world.server, "refuse", "{\"seconds\":0.8}");
	/* It closes a little later than it says so. */
	(void)usleep(300 * 1000);
	until_ms = time_monotonic_ms() + 30000;
	do {
		verdict = create_card(&world, "patience");
		assert_true(verdict.err == 0 || verdict.scope == SCOPE_NETWORK);
	} while (verdict.err != 0 && !verdict.unknown &&
		 time_monotonic_ms() < until_ms);
	assert_true(verdict.err == 0 || verdict.unknown);
	(void)usleep(1500 * 1000);
	assert_true(count_cards(&world, "patience") <= 1);
	assert_int_equal(count_cards(&world, "patience"), verdict.err == 0);
	world_fini(&world);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_posts),
    cmocka_unit_test(test_posts_h2),
    cmocka_unit_test(test_lost_answers),
    cmocka_unit_test(test_puts),
    cmocka_unit_test(test_delete),
    cmocka_unit_test(test_refused),
};
UNIT_MAIN(tests)
