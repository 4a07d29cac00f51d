/* What status and requests say. */

#include "unit.h"

#include "store/base.h"
#include "store/local.h"
#include "store/store.h"
#include "store_help.h"
#include "sync/private.h"
#include "sync_session.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char *
status(struct fixture *fixture)
{
	struct buf text = BUF_INIT;

	assert_int_equal(sync_status_text(fixture->sync, &text), 0);
	return buf_steal(&text);
}

static void
assert_line(struct fixture *fixture, const char *line)
{
	char *text = status(fixture);

	if (strstr(text, line) == NULL)
		fail_msg("no \"%s\" in:\n%s", line, text);
	free(text);
}

static void
assert_no_line(struct fixture *fixture, const char *line)
{
	char *text = status(fixture);

	assert_null(strstr(text, line));
	free(text);
}

static void
from_the_first_to_the_last(void **state)
{
	struct fixture *fixture = *state;

	assert_line(fixture, "account: @?\nprofile: default\n"
			     "api: https://api.trello.com\n"
			     "rights: not known yet\n"
			     "network: nothing was asked since ");
	assert_line(fixture, "last news: none since the mount\n"
			     "boards: 0, of which 0 are here\ncards: 0\n");
	fake_fail(fixture->fake, CALL_BOARD, &fake_in_trouble);
	prepare(fixture);
	run_ms(fixture, 100);
	assert_line(fixture, "account: @you\n");
	assert_line(fixture, "rights: read and write, no expiry\n");
	assert_line(fixture, "network: online since ");
	assert_line(fixture, "boards: 3, of which 0 are here\ncards: 0\n");
	assert_line(fixture, "problems: 3\n"
			     "problem: A: Trello is in trouble\n"
			     "problem: B: Trello is in trouble\n"
			     "problem: C: Trello is in trouble\n"
			     "requests: 0 since the mount, 0 throttled, "
			     "0 refused\n");
	fake_fail(fixture->fake, CALL_BOARD, &fake_fine);
	run_ms(fixture, 10000);
	assert_line(fixture, "boards: 3, of which 3 are here\ncards: 6\n");
	assert_line(fixture, "problems: 0\nrequests: ");
	fake_fail(fixture->fake, CALL_COUNT, &fake_wrong_token);
	run_ms(fixture, 31000);
	assert_line(fixture, "network: offline since ");
	assert_line(fixture, ": the token is wrong: run `trellofs "
			     "login`\nlast news: 20");
	fake_fail(fixture->fake, CALL_COUNT, &fake_fine);
	run_ms(fixture, 2 * MINUTE);
	assert_line(fixture, "network: online since ");
	assert_no_line(fixture, "the token is wrong");
}

static void
read_only_until(void **state)
{
	struct fixture *fixture = *state;

	load_all(fixture);
	fixture->sync->view.read_only = true;
	fixture->sync->view.expires_ms = INT64_C(1800000000000);
	assert_line(fixture, "rights: read, until 2027-01-1");
	assert_true(sync_read_only(fixture->sync));
}

static void
without_a_network(void **state)
{
	struct fixture *fixture = *state;

	fixture->api_url = "";
	fixture->fingerprint = "";
	new_sync(fixture);
	load_all(fixture);
	assert_line(fixture, "network: none is used\n");
	assert_no_line(fixture, "api: ");
	assert_no_line(fixture, "last news: ");
	/* Who has no credentials is never known from the last time. */
	assert_int_equal(identity_known(fixture->sync), 0);
}

static void
numbers(void **state)
{
	struct fixture *fixture = *state;
	struct remote_stats stats = {.requests = 17,
	    .throttled = 2,
	    .refused = 1,
	    .budget_left = 230,
	    .budget_max = 240,
	    .budget_ms = 10000,
	    .held_ms = 1001};
	struct node node = {
	    .parent = NODE_ROOT, .kind = NODE_LOCAL_FILE, .name = "f"};
	struct tx *tx;

	assert_int_equal(store_write(fixture->store, &tx), 0);
	assert_int_equal(node_add_local(tx, &node), 0);
	assert_int_equal(local_write(tx, &node, 0, "abc", 3), 0);
	assert_int_equal(store_commit(tx), 0);
	fake_set_stats(fixture->fake, &stats);
	assert_line(fixture, "local files: 1, 3 of 268435456 bytes\n");
	assert_line(fixture, "requests: 17 since the mount, 2 throttled, "
			     "1 refused\n"
			     "budget: 230 of 240 requests in 10 s\n"
			     "held: for 2 s more, the rate limit was passed\n");
	stats.budget_others = 1;
	fake_set_stats(fixture->fake, &stats);
	assert_line(fixture, "budget: 230 of 240 requests in 10 s, shared "
			     "with 1 other program\n");
	stats.budget_others = 0;
	strcpy(stats.budget_alone, "FILE: why");
	fake_set_stats(fixture->fake, &stats);
	assert_line(fixture, "budget: 230 of 240 requests in 10 s, not "
			     "shared: FILE: why\n");
	stats.held_ms = 0;
	stats.budget_max = 0;
	fake_set_stats(fixture->fake, &stats);
	assert_no_line(fixture, "held: ");
	assert_no_line(fixture, "budget: ");
}

static void
requests(void **state)
{
	struct fixture *fixture = *state;
	struct remote_record record = {.at_ms = INT64_C(1600000000000),
	    .method = "GET",
	    .route = "/1/boards/abc?fields=all",
	    .status = 200,
	    .duration_ms = 153,
	    .bytes = 12345};
	struct buf text = BUF_INIT;

	assert_int_equal(setenv("TZ", "UTC", 1), 0);
	tzset();
	assert_int_equal(sync_requests_text(fixture->sync, &text), 0);
	assert_string_equal(buf_str(&text), "");
	fake_add_record(fixture->fake, &record);
	record.status = 0;
	fake_add_record(fixture->fake, &record);
	assert_int_equal(sync_requests_text(fixture->sync, &text), 0);
	assert_string_equal(buf_str(&text),
	    "2020-09-13 12:26:40 GET /1/boards/abc?fields=all 200 153 ms "
	    "12345 bytes\n"
	    "2020-09-13 12:26:40 GET /1/boards/abc?fields=all 0 153 ms "
	    "12345 bytes\n");
	buf_free(&text);
}

/* Of lines that are numbered those of the last megabyte are there, whole and
 * in their order, and no more than two. */
static void
events_are_kept(void **state)
{
	struct fixture *fixture = *state;
	const size_t megabyte = (size_t)1 << 20;
	struct buf line = BUF_INIT, text = BUF_INIT;
	char want[32];
	const char *at;

	for (int i = 0; i < 300000; i++) {
		buf_clear(&line);
		assert_int_equal(buf_printf(&line, "line %06d\n", i), 0);
		events_add(fixture->sync, &line);
	}
	assert_int_equal(sync_events_text(fixture->sync, &text), 0);
	assert_in_range(text.len, megabyte - line.len, 2 * megabyte);
	assert_int_equal(text.len % line.len, 0);
	at = buf_str(&text);
	for (int i = 300000 - (int)(text.len / line.len); i < 300000; i++) {
		(void)snprintf(want, sizeof want, "line %06d\n", i);
		assert_memory_equal(at, want, line.len);
		at += line.len;
	}
	buf_free(&text);
	buf_free(&line);
}

static void
waiting_times(void **state)
{
	(void)state;
	assert_int_equal(sync_backoff_ms(0), 2000);
	assert_int_equal(sync_backoff_ms(1), 4000);
	assert_int_equal(sync_backoff_ms(7), 256000);
	assert_int_equal(sync_backoff_ms(8), 300000);
	assert_int_equal(sync_backoff_ms(UINT32_MAX), 300000);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(from_the_first_to_the_last),
	    T(read_only_until),
	    T(without_a_network),
	    T(numbers),
	    T(requests),
	    T(events_are_kept),
	    cmocka_unit_test(waiting_times),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
