/*
 * The client against the stand-in server of tests/trello, which refuses every
 * route and parameter that Trello does not document.  Without
 * /usr/bin/python3 there is nothing to test.
 */

#include "unit.h"

#include "trello_server.h"

#include "model/model_json.h"
#include "trello/board_load.h"
#include "trello/remote.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/timeutil.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct result {
	int calls;
	struct remote_verdict verdict;
	struct board board;
	struct card card;
};

static void
on_done(void *cookie, const struct remote_verdict *verdict)
{
	struct result *result = cookie;

	result->calls++;
	result->verdict = *verdict;
}

static void
run_until_done(struct remote *remote, const int *calls)
{
	int64_t until_ms = time_monotonic_ms() + 60000;

	while (*calls == 0 && time_monotonic_ms() < until_ms)
		assert_int_equal(remote_run(remote, 1000), 0);
	assert_int_equal(*calls, 1);
}

static struct remote_verdict
ask(struct remote *remote, struct remote_args args)
{
	struct result result = {0};
	struct remote_request *request;

	args.priority = PRIORITY_WAITING;
	args.done = on_done;
	args.cookie = &result;
	assert_int_equal(remote_submit(remote, &args, &request), 0);
	run_until_done(remote, &result.calls);
	json_reader_free(args.reader);
	return result.verdict;
}

static struct remote_verdict
ask_me(struct remote *remote)
{
	struct member me = {0};
	struct remote_verdict verdict =
	    ask(remote, (struct remote_args){
			    .call = CALL_ME, .reader = member_reader_new(&me)});

	if (verdict.err == 0)
		assert_true(strlen(me.id) == 24);
	member_fini(&me);
	return verdict;
}

static void
on_board(
    void *cookie, const struct remote_verdict *verdict, struct board *board)
{
	struct result *result = cookie;

	result->calls++;
	result->verdict = *verdict;
	if (board != NULL) {
		result->board = *board;
		board_init(board);
	}
}

static int
compare_cards(const void *a, const void *b)
{
	const struct card *x = a, *y = b;

	return strcmp(x->id, y->id);
}

/* The board as canonical JSON, cards by id; NULL with the verdict where it failed. */
static char *
load_board(
    struct remote *remote, const char *id, struct remote_verdict *ret_verdict)
{
	struct result result = {0};
	struct buf json = BUF_INIT;
	struct board_load *load;

	assert_int_equal(board_load_start(remote, id, PRIORITY_WAITING,
			     on_board, &result, &load),
	    0);
	run_until_done(remote, &result.calls);
	*ret_verdict = result.verdict;
	if (result.verdict.err != 0)
		return NULL;
	qsort(result.board.cards.v, result.board.cards.n,
	    sizeof *result.board.cards.v, compare_cards);
	assert_int_equal(board_write(&result.board, &json), 0);
	board_fini(&result.board);
	return buf_steal(&json);
}

static unsigned
count_text(const char *s, const char *what)
{
	unsigned n = 0;

	while ((s = strstr(s, what)) != NULL) {
		n++;
		s += strlen(what);
	}
	return n;
}

/* A new board; its id. */
static void
generate(const struct server *server, const char *args, char id[25])
{
	char *reply = server_control(server, "generate", args);

	assert_int_equal(sscanf(reply, "[\"%24[0-9a-f]\"", id), 1);
	free(reply);
}

static void
test_account(void **state)
{
	struct server server;
	struct remote *remote;
	struct token_info token = {0};
	struct boards boards = {0};
	struct remote_record record;
	struct remote_stats stats;
	char id[25];

	(void)state;
	if (!server_can_run())
		return;
	server = server_start(NULL);
	generate(&server, "{\"boards\":2,\"cards\":10}", id);
	remote = server_connect(&server, "http", NULL, SERVER_TOKEN);
	assert_int_equal(ask_me(remote).err, 0);
	assert_int_equal(ask(remote, (struct remote_args){.call = CALL_TOKEN,
					 .reader = token_reader_new(&token)})
			     .err,
	    0);
	assert_true(token.board_write);
	assert_int_equal(remote_records(remote, &record, 1), 1);
	assert_string_equal(record.route, "/tokens/...");
	assert_int_equal(ask(remote, (struct remote_args){.call = CALL_BOARDS,
					 .reader = boards_reader_new(&boards)})
			     .err,
	    0);
	assert_int_equal(boards.boards.n, 2);
	remote_stats(remote, &stats);
	assert_int_equal(stats.requests, 3);
	boards_fini(&boards);
	server_check(&server);
	remote_free(remote);
	server_stop(&server);
}

/* Each call that reads is, by itself, one that Trello knows. */
static void
test_all_calls(void **state)
{
	struct server server;
	struct remote *remote;
	struct remote_verdict verdict;
	struct remote_param urls = {"urls", "/members/me"};
	struct board board;
	char id[25];

	(void)state;
	if (!server_can_run())
		return;
	server = server_start(NULL);
	generate(&server, "{\"cards\":40,\"comments\":1}", id);
	remote = server_connect(&server, "http", NULL, SERVER_TOKEN);
	board_init(&board);
	verdict = ask(remote, (struct remote_args){.call = CALL_BOARD,
				  .id = id,
				  .reader = board_reader_new(&board)});
	assert_int_equal(verdict.err, 0);
	for (int i = 0; i < CALL_CARD_CREATE; i++) {
		struct remote_args args = {.call = (enum remote_call)i};

		/* It wants a file; these have none. */
		if (i == CALL_ATTACHMENT_FILE)
			continue;
		if (i >= CALL_BOARD && i <= CALL_BOARD_COMMENTS)
			args.id = id;
		else if (i >= CALL_CARD && i <= CALL_CARD_DESC_ACTIONS)
			args.id = board.cards.v[0].id;
		else if (i == CALL_CHECKLIST)
			args.id = board.checklists.v[0].id;
		else if (i == CALL_LIST || i == CALL_LIST_CARDS)
			args.id = board.lists.v[0].id;
		args.params = &urls;
		args.n_params = i == CALL_BATCH;
		verdict = ask(remote, args);
		assert_string_equal(verdict.text, "");
		assert_int_equal(verdict.err, 0);
	}
	board_fini(&board);
	server_check(&server);
	remote_free(remote);
	server_stop(&server);
}

/* More cards and comments than a page holds: whole and in parts alike. */
static void
test_whole_and_parts(void **state)
{
	struct server server;
	struct remote *remote;
	struct remote_verdict verdict;
	struct remote_stats stats;
	char *whole, *parts, *log;
	char id[25];

	(void)state;
	if (!server_can_run())
		return;
	server = server_start(NULL);
	generate(
	    &server, "{\"cards\":1300,\"comments\":1,\"card_bytes\":100}", id);
	remote = server_connect(&server, "http", NULL, SERVER_TOKEN);
	whole = load_board(remote, id, &verdict);
	assert_string_equal(verdict.text, "");
	assert_non_null(whole);
	assert_int_equal(count_text(whole, "\"idShort\""), 1300);
	assert_true(count_text(whole, "\"dateLastEdited\"") +
			count_text(whole, "\"commentCard\"") >
		    1300);
	remote_stats(remote, &stats);
	assert_true(stats.requests >= 3 && stats.requests <= 5);
	server_command(&server, "settings", "{\"too_many_cards\":1000}");
	parts = load_board(remote, id, &verdict);
	assert_string_equal(verdict.text, "");
	assert_non_null(parts);
	assert_string_equal(whole, parts);
	log = server_control(&server, "requests", NULL);
	assert_non_null(strstr(log, "/cards/visible"));
	free(log);
	free(whole);
	free(parts);
	server_check(&server);
	remote_free(remote);
	server_stop(&server);
}

/* Every fault of a transport: told, or mended by another try. */
static void
test_faults(void **state)
{
	static const struct {
		const char *fault;
		int err;
	} rows[] = {
	    {"{\"status\":503,\"count\":2}", 0},
	    {"{\"status\":503,\"count\":9}", -EIO},
	    {"{\"drop\":\"before\",\"count\":1}", 0},
	    {"{\"drop\":\"after\",\"count\":1}", 0},
	    {"{\"cut\":2000,\"count\":1}", 0},
	    {"{\"cut\":2000,\"chunked\":true,\"count\":1}", 0},
	    {"{\"chunked\":true,\"count\":1}", 0},
	    {"{\"portal\":true,\"count\":1}", -ENETUNREACH},
	    {"{\"redirect\":\"http://127.0.0.1:1/\",\"count\":1}",
		-ENETUNREACH},
	    {"{\"status\":504,\"count\":1}", 0}, /* then in parts */
	    {"{\"string\":9000000,\"count\":1}", -EFBIG},
	    {"{\"depth\":5000,\"count\":1}", -EFBIG},
	    {"{\"garbage\":\"text\",\"count\":1}", -EBADMSG},
	    {"{\"garbage\":\"array\",\"count\":1}", -EBADMSG},
	    {"{\"garbage\":\"string\",\"count\":1}", -EBADMSG},
	    {"{\"garbage\":\"half\",\"count\":1}", 0},
	    {"{\"garbage\":\"empty\",\"count\":1}", 0},
	};
	struct server server;
	struct remote *remote;
	char id[25];

	(void)state;
	if (!server_can_run())
		return;
	server = server_start(NULL);
	generate(&server, "{\"cards\":50,\"card_bytes\":100}", id);
	remote = server_connect(&server, "http", NULL, SERVER_TOKEN);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct remote_verdict verdict;
		char *board;

		server_command(&server, "fault", rows[i].fault);
		board = load_board(remote, id, &verdict);
		if (verdict.err != rows[i].err)
			print_message("# %s: %d %s\n", rows[i].fault,
			    verdict.err, verdict.text);
		assert_int_equal(verdict.err, rows[i].err);
		if (board != NULL)
			assert_int_equal(count_text(board, "\"idShort\""), 50);
		free(board);
		server_command(&server, "reset", "{}");
		generate(&server, "{\"cards\":50,\"card_bytes\":100}", id);
	}
	server_check(&server);
	remote_free(remote);
	server_stop(&server);
}

static void
test_credentials(void **state)
{
	struct server server;
	struct remote *remote;
	struct remote_verdict verdict;

	(void)state;
	if (!server_can_run())
		return;
	server = server_start(NULL);
	remote = server_connect(&server, "http", NULL, SERVER_TOKEN "x");
	verdict = ask_me(remote);
	assert_int_equal(verdict.err, -EACCES);
	assert_int_equal(verdict.scope, SCOPE_ACCOUNT);
	assert_non_null(strstr(verdict.text, "invalid token"));
	remote_free(remote);
	remote = server_connect(&server, "http", NULL, SERVER_TOKEN);
	assert_int_equal(ask_me(remote).err, 0);
	verdict = ask(remote, (struct remote_args){.call = CALL_BOARD,
				  .id = "5f52526dd20e29822abc6eca"});
	assert_int_equal(verdict.err, -ENOENT);
	verdict =
	    ask(remote, (struct remote_args){.call = CALL_BOARD, .id = "?"});
	assert_int_equal(verdict.err, -EINVAL);
	assert_int_equal(verdict.scope, SCOPE_OBJECT);
	remote_free(remote);
	server_stop(&server);
}

/* A small limit, learned from the headers: not one request over it. */
static void
test_rate(void **state)
{
	static const char *const limit[] = {"--limit", "10/30/1", NULL};
	enum { N = 40 };
	struct server server;
	struct remote *remote;
	struct result results[N];
	struct remote_stats stats;
	int64_t began_ms;

	(void)state;
	if (!server_can_run())
		return;
	server = server_start(limit);
	remote = server_connect(&server, "http", NULL, SERVER_TOKEN);
	began_ms = time_monotonic_ms();
	memset(results, 0, sizeof results);
	for (int i = 0; i < N; i++) {
		struct remote_args args = {.call = CALL_BOARDS,
		    .priority = PRIORITY_WAITING,
		    .done = on_done,
		    .cookie = &results[i]};
		struct remote_request *request;

		assert_int_equal(remote_submit(remote, &args, &request), 0);
	}
	for (int i = 0; i < N; i++) {
		run_until_done(remote, &results[i].calls);
		assert_int_equal(results[i].verdict.err, 0);
	}
	remote_stats(remote, &stats);
	assert_int_equal(stats.throttled, 0);
	assert_int_equal(stats.requests, N);
	assert_int_equal(stats.budget_max, 8);
	assert_true(time_monotonic_ms() - began_ms > 3000);
	server_check(&server);
	remote_free(remote);
	server_stop(&server);
}

static void
check_tls(const char *folder, const char *name, bool own_ca, bool h2, int err,
    const char *says)
{
	char cert[256], key[256], ca[256];
	const char *more[] = {"--tls", cert, key, h2 ? "--h2" : NULL, NULL};
	struct remote_verdict verdict;
	struct server server;
	struct remote *remote;

	(void)snprintf(cert, sizeof cert, "%s/%s.pem", folder, name);
	(void)snprintf(key, sizeof key, "%s/%s.key", folder, name);
	(void)snprintf(ca, sizeof ca, "%s/ca.pem", folder);
	server = server_start(more);
	remote =
	    server_connect(&server, "https", own_ca ? ca : NULL, SERVER_TOKEN);
	verdict = ask_me(remote);
	if (verdict.err != err || strstr(verdict.text, says) == NULL)
		print_message("# %s: %d %s\n", name, verdict.err, verdict.text);
	assert_int_equal(verdict.err, err);
	assert_non_null(strstr(verdict.text, says));
	if (err != 0) {
		assert_int_equal(verdict.scope, SCOPE_NETWORK);
		assert_non_null(strstr(verdict.text, "127.0.0.1"));
	}
	remote_free(remote);
	server_stop(&server);
}

static void
test_tls(void **state)
{
	char folder[] = "/tmp/trellofs-certs-XXXXXX";

	(void)state;
	if (!server_can_run())
		return;
	assert_non_null(mkdtemp(folder));
	if (server_make_certs(folder)) {
		check_tls(folder, "good", true, false, 0, "");
		check_tls(folder, "good", true, true, 0, "");
		check_tls(folder, "good", false, false, -EPROTO,
		    "its certificate is not good");
		check_tls(folder, "wrong-host", true, false, -EPROTO,
		    "its certificate is not good");
		check_tls(folder, "expired", true, false, -EPROTO, "expired");
		check_tls(
		    folder, "self-signed", true, false, -EPROTO, "self-signed");
	} else {
		print_message("# no certificates\n");
	}
	server_remove_folder(folder);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_account),
    cmocka_unit_test(test_all_calls),
    cmocka_unit_test(test_whole_and_parts),
    cmocka_unit_test(test_faults),
    cmocka_unit_test(test_credentials),
    cmocka_unit_test(test_rate),
    cmocka_unit_test(test_tls),
};
UNIT_MAIN(tests)
