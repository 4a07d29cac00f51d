/*
 * Signed requests to the stand-in server, which verifies each signature and
 * refuses nonces that it has seen and times that are past.
 */

#include "unit.h"

#include "trello_server.h"

#include "model/model_json.h"
#include "trello/auth.h"
#include "trello/authorize.h"
#include "trello/http.h"
#include "trello/oauth1_login.h"
#include "trello/remote.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/timeutil.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN "0123456789abcdef0123456789abcdef5ec7e70123456789abcdef0123456789"
#define TOKEN_SECRET "s3cr3t/+=&s3cr3t"
#define APP_SECRET "app5ecret/+=&app5ecret"

struct world {
	struct server server;
	struct remote *remote;
	struct board board;
};

struct answer {
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
	struct answer answer = {0};
	struct remote_request *request;

	args.done = on_done;
	args.cookie = &answer;
	assert_int_equal(remote_submit(remote, &args, &request), 0);
	while (answer.calls == 0 && time_monotonic_ms() < until_ms)
		assert_int_equal(remote_run(remote, 1000), 0);
	assert_int_equal(answer.calls, 1);
	json_reader_free(args.reader);
	return answer.verdict;
}

static void
ask_well(struct remote *remote, struct remote_args args)
{
	struct remote_verdict verdict = ask(remote, args);

	assert_string_equal(verdict.text, "");
	assert_int_equal(verdict.err, 0);
}

static void
set(struct secret *secret, const char *text)
{
	assert_int_equal(secret_set(secret, text, strlen(text)), 0);
}

static struct remote *
sign_in(const struct server *server, const char *token_secret)
{
	struct credentials credentials = {.kind = AUTH_OAUTH1};
	struct remote *remote;

	set(&credentials.key, SERVER_KEY);
	set(&credentials.consumer_secret, APP_SECRET);
	set(&credentials.token, TOKEN);
	set(&credentials.token_secret, token_secret);
	remote = server_connect_as(server, "http", NULL, &credentials);
	credentials_fini(&credentials);
	return remote;
}

static void
world_init(struct world *world)
{
	static const char *const more[] = {"--generate", "1x2x3", "--secret",
	    APP_SECRET, "--limit", "100000/100000/10", NULL};

	world->server = server_start(more);
	server_command(&world->server, "token",
	    "{\"value\": \"" TOKEN "\", \"secret\": \"" TOKEN_SECRET "\"}");
	world->remote = sign_in(&world->server, TOKEN_SECRET);
	board_init(&world->board);
}

static void
world_fini(struct world *world)
{
	server_check(&world->server);
	board_fini(&world->board);
	remote_free(world->remote);
	server_stop(&world->server);
}

static unsigned
count(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

/* How many requests were answered so, and whether all were signed. */
static unsigned
answered(struct world *world, int status)
{
	char *log = server_control(&world->server, "requests", NULL);
	char what[32];
	unsigned n;

	(void)snprintf(what, sizeof what, "\"status\":%d,", status);
	n = count(log, what);
	assert_int_equal(
	    count(log, "oauth_signature="), count(log, "\"status\":"));
	free(log);
	return n;
}

static void
read_board(struct world *world)
{
	struct boards boards = {0};

	ask_well(world->remote, (struct remote_args){.call = CALL_BOARDS,
				    .reader = boards_reader_new(&boards)});
	ask_well(world->remote, (struct remote_args){.call = CALL_BOARD,
				    .id = boards.boards.v[0].id,
				    .reader = board_reader_new(&world->board)});
	assert_int_equal(board_gather(&world->board), 0);
	boards_fini(&boards);
}

/* Every method, with what needs encoding in addresses and forms. */
static void
test_all_methods(void **state)
{
	static const char desc[] = "50% & more = \"+\"? ~ - _ . \xc3\xbc\n\r\n";
	struct token_info token;
	struct member me = {0};
	struct world world;
	struct card card = {0};
	struct remote_param params[2] = {
	    {"name", "a b&c=d +%/\xc3\xbc*'()!~"}, {"desc", desc}};

	(void)state;
	world_init(&world);
	ask_well(world.remote, (struct remote_args){.call = CALL_ME,
				   .reader = member_reader_new(&me)});
	assert_string_equal(me.username, "tester");
	ask_well(world.remote, (struct remote_args){.call = CALL_TOKEN,
				   .reader = token_reader_new(&token)});
	assert_true(token.board_write);
	read_board(&world);
	assert_int_equal(world.board.cards.n, 3);
	ask_well(world.remote, (struct remote_args){.call = CALL_CARD_UPDATE,
				   .id = world.board.cards.v[0].id,
				   .params = params,
				   .n_params = 2,
				   .reader = card_reader_new(&card)});
	assert_string_equal(card.name, params[0].value);
	assert_string_equal(card.desc, desc);
	card_fini(&card);
	card = (struct card){0};
	params[1] = (struct remote_param){"idList", world.board.lists.v[0].id};
	ask_well(world.remote, (struct remote_args){.call = CALL_CARD_CREATE,
				   .params = params,
				   .n_params = 2,
				   .reader = card_reader_new(&card)});
	ask_well(world.remote,
	    (struct remote_args){.call = CALL_CARD_DELETE, .id = card.id});
	ask_well(
	    world.remote, (struct remote_args){.call = CALL_LIST_ARCHIVE_CARDS,
			      .id = world.board.lists.v[0].id});
	assert_int_equal(answered(&world, 200), 8);
	member_fini(&me);
	card_fini(&card);
	world_fini(&world);
}

/* A clock that is wrong by a day is found out by the first reply, also by
 * requests that were on their way. */
static void
test_clock(void **state)
{
	struct answer answers[5] = {0};
	struct remote_request *request;
	struct world world;

	(void)state;
	world_init(&world);
	server_command(&world.server, "clock", "{\"advance\": 86400}");
	for (int i = 0; i < 5; i++) {
		struct remote_args args = {
		    .call = CALL_ME, .done = on_done, .cookie = &answers[i]};

		assert_int_equal(
		    remote_submit(world.remote, &args, &request), 0);
	}
	for (int i = 0; i < 5; i++) {
		while (answers[i].calls == 0)
			assert_int_equal(remote_run(world.remote, 1000), 0);
		assert_string_equal(answers[i].verdict.text, "");
	}
	assert_int_equal(answered(&world, 200), 5);
	assert_in_range(answered(&world, 401), 1, 5);
	ask_well(world.remote, (struct remote_args){.call = CALL_ME});
	assert_in_range(answered(&world, 401), 1, 5);
	world_fini(&world);
}

/* A signature that is wrong is refused once, and the request not repeated. */
static void
test_wrong_secret(void **state)
{
	struct remote_verdict verdict;
	struct world world;

	(void)state;
	world_init(&world);
	remote_free(world.remote);
	world.remote = sign_in(&world.server, "other5ecret");
	verdict = ask(world.remote, (struct remote_args){.call = CALL_BOARDS});
	assert_int_equal(verdict.err, -EACCES);
	assert_int_equal(verdict.scope, SCOPE_ACCOUNT);
	assert_non_null(strstr(verdict.text, "signature"));
	assert_int_equal(answered(&world, 401), 1);
	world_fini(&world);
}

/* A request that is refused for its nonce is signed anew, once. */
static void
test_nonce(void **state)
{
	struct remote_verdict verdict;
	struct world world;

	(void)state;
	world_init(&world);
	server_command(&world.server, "fault",
	    "{\"status\": 401, \"body\": \"nonce used\", \"count\": 1}");
	ask_well(world.remote, (struct remote_args){.call = CALL_ME});
	server_command(&world.server, "fault",
	    "{\"status\": 401, \"body\": \"nonce used\", \"count\": 9}");
	verdict = ask(world.remote, (struct remote_args){.call = CALL_ME});
	assert_int_equal(verdict.scope, SCOPE_ACCOUNT);
	assert_int_equal(answered(&world, 401), 3);
	world_fini(&world);
}

/* The verifier that the page shows, when the user agrees to all. */
static void
visit(struct world *world, const struct secret *request_token, char *verifier,
    size_t size)
{
	char url[64];
	const struct authorize asked = {.oauth1 = request_token,
	    .name = "a & b",
	    .write = true,
	    .expiration = "1day"};
	struct buf body = BUF_INIT;
	char *reply, *at;

	(void)snprintf(
	    url, sizeof url, "http://127.0.0.1:%u/1", world->server.port);
	(void)buf_add_str(&body, "{\"url\": \"");
	assert_int_equal(authorize_url(url, &asked, &body), 0);
	(void)buf_add_str(&body, "\"}");
	reply = server_control(&world->server, "visit", buf_str(&body));
	buf_free(&body);
	at = strstr(reply, "\"shown\":\"");
	assert_non_null(at);
	at += strlen("\"shown\":\"");
	at[strcspn(at, "\"")] = '\0';
	assert_true(strlen(at) > 8 && strlen(at) < size);
	strcpy(verifier, at);
	free(reply);
}

static void
set_consumer(struct credentials *credentials, const char *secret)
{
	credentials_fini(credentials);
	credentials->kind = AUTH_OAUTH1;
	set(&credentials->key, SERVER_KEY);
	set(&credentials->consumer_secret, secret);
}

/* The three legs, each with what can go wrong there. */
static void
test_login(void **state)
{
	struct credentials credentials = {0};
	struct http_options options = {.credentials = &credentials};
	char url[64], verifier[80];
	struct token_info token;
	struct err err = {0};
	struct world world;

	(void)state;
	world_init(&world);
	/* The time of the first request is refused. */
	server_command(&world.server, "clock", "{\"advance\": 86400}");
	(void)snprintf(
	    url, sizeof url, "http://127.0.0.1:%u/1", world.server.port);
	options.base_url = url;
	set_consumer(&credentials, "wrong5ecret");
	assert_int_equal(
	    oauth1_login_begin(&options, "oob", &credentials, &err), -EACCES);
	assert_non_null(strstr(err.text, "secret"));
	assert_false(secret_is_set(&credentials.token));
	set_consumer(&credentials, APP_SECRET);
	assert_int_equal(
	    oauth1_login_begin(&options, "oob", &credentials, &err), 0);
	assert_true(secret_is_set(&credentials.token_secret));
	visit(&world, &credentials.token, verifier, sizeof verifier);
	assert_int_equal(
	    oauth1_login_end(&options, "guess", &credentials, &err), -EACCES);
	assert_int_equal(
	    oauth1_login_end(&options, verifier, &credentials, &err), 0);
	remote_free(world.remote);
	world.remote =
	    server_connect_as(&world.server, "http", NULL, &credentials);
	ask_well(world.remote, (struct remote_args){.call = CALL_TOKEN,
				   .reader = token_reader_new(&token)});
	assert_true(token.board_write);
	assert_true(token.expires_ms != TIME_NONE);
	ask_well(world.remote, (struct remote_args){.call = CALL_TOKEN_REVOKE});
	assert_int_equal(
	    ask(world.remote, (struct remote_args){.call = CALL_ME}).scope,
	    SCOPE_ACCOUNT);
	credentials_fini(&credentials);
	world_fini(&world);
}

/* What is no answer of Trello's gives no token. */
static void
test_login_elsewhere(void **state)
{
	static const struct {
		const char *fault;
		int r;
		const char *told;
	} rows[] = {
	    {"{\"portal\": true, \"count\": 1}", -ENETUNREACH, "not Trello"},
	    {"{\"redirect\": \"http://127.0.0.1:9/x\", \"count\": 1}",
		-ENETUNREACH, "leads to http://127.0.0.1:9/x"},
	    {"{\"status\": 200, \"body\": \"oauth_token=only\", \"count\": 1}",
		-ENETUNREACH, "not Trello"},
	    {"{\"status\": 500, \"body\": \"oops\", \"count\": 1}", -EIO,
		"oops"},
	    {"{\"drop\": \"before\", \"count\": 1}", -EIO, "127.0.0.1"},
	};
	struct credentials credentials = {0};
	struct http_options options = {.credentials = &credentials};
	struct world world;
	char url[64];

	(void)state;
	world_init(&world);
	(void)snprintf(
	    url, sizeof url, "http://127.0.0.1:%u/1", world.server.port);
	options.base_url = url;
	set_consumer(&credentials, APP_SECRET);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err err = {0};

		server_command(&world.server, "fault", rows[i].fault);
		assert_int_equal(
		    oauth1_login_begin(&options, "oob", &credentials, &err),
		    rows[i].r);
		if (strstr(err.text, rows[i].told) == NULL)
			fail_msg("%zu: %s", i, err.text);
		assert_false(secret_is_set(&credentials.token));
	}
	credentials_fini(&credentials);
	world_fini(&world);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_all_methods),
    cmocka_unit_test(test_clock),
    cmocka_unit_test(test_wrong_secret),
    cmocka_unit_test(test_nonce),
    cmocka_unit_test(test_login),
    cmocka_unit_test(test_login_elsewhere),
};

int
main(void)
{
	if (!server_can_run()) {
		puts("1..0 # SKIP there is no stand-in server");
		return 0;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
