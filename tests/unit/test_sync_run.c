/* A session of the sync thread, step by step in virtual time: who is asked
 * what and when, and what is done with the answers. */

#include "unit.h"

#include "store/base.h"
#include "store/store.h"
#include "store/tx.h"
#include "store_help.h"
#include "sync/private.h"
#include "sync_session.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
cold(void **state)
{
	struct fixture *fixture = *state;

	prepare(fixture);
	assert_tree(fixture->store, "A/\nB/\nC/\n");
	assert_int_equal(count(fixture, CALL_ME), 1);
	assert_int_equal(count(fixture, CALL_BOARDS), 1);
	assert_int_equal(count(fixture, CALL_TOKEN), 1);
	assert_int_equal(count(fixture, CALL_COUNT), 3);
	run_ms(fixture, 1000);
	assert_tree(fixture->store, TREE_A TREE_BC);
	assert_sound(fixture->store);
	assert_int_equal(count(fixture, CALL_BOARD), 3);
	/* Who, which rights, which boards, and each board. */
	assert_int_equal(count(fixture, CALL_COUNT), 3 + 3);
}

static void
idle(void **state)
{
	struct fixture *fixture = *state;

	load_all(fixture);
	run_ms(fixture, 10 * MINUTE);
	assert_int_equal(count(fixture, CALL_BOARDS), 20);
	assert_int_equal(count(fixture, CALL_COUNT), 20);
	assert_int_equal(fixture->said.list.n, 0);
}

static void
never_again(void **state)
{
	struct fixture *fixture = *state;

	fixture->refresh_s = 0;
	new_sync(fixture);
	load_all(fixture);
	run_ms(fixture, 10 * MINUTE);
	assert_int_equal(count(fixture, CALL_COUNT), 0);
}

static void
warm(void **state)
{
	struct fixture *fixture = *state;

	load_all(fixture);
	new_sync(fixture);
	prepare(fixture);
	assert_int_equal(count(fixture, CALL_COUNT), 0);
	run_ms(fixture, 1000);
	assert_int_equal(count(fixture, CALL_BOARDS), 1);
	assert_int_equal(count(fixture, CALL_TOKEN), 1);
	assert_int_equal(count(fixture, CALL_COUNT), 2);
	assert_int_equal(fixture->said.list.n, 0);
}

static void
warm_without_network(void **state)
{
	struct fixture *fixture = *state;

	load_all(fixture);
	fake_fail(fixture->fake, CALL_COUNT, &fake_offline);
	new_sync(fixture);
	prepare(fixture);
	assert_int_equal(count(fixture, CALL_COUNT), 0);
	run_ms(fixture, 60 * MINUTE);
	assert_tree(fixture->store, TREE_A TREE_BC);
	/* Not more than if all were well, and the rights. */
	assert_in_range(count(fixture, CALL_COUNT), 20, 130);
	/* And it is noticed soon that the network is back. */
	fake_fail(fixture->fake, CALL_COUNT, &fake_fine);
	fake_forget_counts(fixture->fake);
	run_ms(fixture, 2 * MINUTE);
	assert_in_range(count(fixture, CALL_BOARDS), 1, 4);
	assert_in_range(count(fixture, CALL_COUNT), 1, 6);
}

static void
cold_without_network(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};

	fake_fail(fixture->fake, CALL_COUNT, &fake_offline);
	assert_int_equal(sync_prepare(fixture->sync, &err), -ENETUNREACH);
	assert_string_equal(err.text, fake_offline.text);
	assert_int_equal(count(fixture, CALL_COUNT), 1);
}

static void
cold_with_silence(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};
	int64_t begin_ms = fake_now_ms();

	fake_hold(fixture->fake, CALL_ME, true);
	assert_int_equal(sync_prepare(fixture->sync, &err), -ETIMEDOUT);
	assert_int_equal(fake_now_ms() - begin_ms, SYNC_WAIT_MS);
	assert_non_null(strstr(err.text, "api.trello.com"));
}

static void
cold_with_a_wrong_token(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};

	fake_fail(fixture->fake, CALL_COUNT, &fake_wrong_token);
	assert_int_equal(sync_prepare(fixture->sync, &err), -ENETUNREACH);
	assert_string_equal(
	    err.text, "the token is wrong: run `trellofs login`");
	assert_int_equal(count(fixture, CALL_COUNT), 1);
}

static void
set_meta(struct fixture *fixture, const char *key, const char *value)
{
	struct tx *tx;

	assert_int_equal(store_write(fixture->store, &tx), 0);
	assert_int_equal(store_meta_set(tx, key, value), 0);
	assert_int_equal(store_commit(tx), 0);
}

static void
other_credentials_of_the_same(void **state)
{
	struct fixture *fixture = *state;

	load_all(fixture);
	fixture->fingerprint = "f2";
	new_sync(fixture);
	prepare(fixture);
	assert_int_equal(count(fixture, CALL_ME), 1);
	assert_int_equal(count(fixture, CALL_TOKEN), 1);
	assert_int_equal(count(fixture, CALL_COUNT), 2);
	/* They are known from now on. */
	new_sync(fixture);
	prepare(fixture);
	assert_int_equal(count(fixture, CALL_COUNT), 2);
}

static void
assert_other_account(struct fixture *fixture, const char *one, const char *two)
{
	struct buf status = BUF_INIT;
	struct err err = {0};

	assert_int_equal(sync_prepare(fixture->sync, &err), -EPERM);
	assert_non_null(strstr(err.text, one));
	assert_non_null(strstr(err.text, two));
	fake_forget_counts(fixture->fake);
	run_ms(fixture, 10 * MINUTE);
	assert_int_equal(count(fixture, CALL_COUNT), 0);
	assert_int_equal(sync_status_text(fixture->sync, &status), 0);
	assert_non_null(strstr(buf_str(&status), one));
	buf_free(&status);
}

static void
another_member(void **state)
{
	struct fixture *fixture = *state;

	load_all(fixture);
	set_meta(fixture, "member", "5f0000000000000000000999");
	set_meta(fixture, "username", "alice");
	fixture->fingerprint = "f2";
	new_sync(fixture);
	assert_other_account(fixture, "@alice", "@you");
}

static void
another_host(void **state)
{
	struct fixture *fixture = *state;

	load_all(fixture);
	fixture->api_url = "https://trello.example";
	new_sync(fixture);
	assert_other_account(
	    fixture, "https://api.trello.com", "https://trello.example");
}

/* With the boards here one can go on; but who one is must be known before
 * anything is taken over. */
static void
not_known_yet(void **state)
{
	struct fixture *fixture = *state;

	load_all(fixture);
	fixture->fingerprint = "f2";
	new_sync(fixture);
	fake_fail(fixture->fake, CALL_COUNT, &fake_offline);
	prepare(fixture);
	run_ms(fixture, 60 * MINUTE);
	assert_in_range(count(fixture, CALL_ME), 10, 60);
	assert_int_equal(count(fixture, CALL_COUNT), count(fixture, CALL_ME));
	fake_fail(fixture->fake, CALL_COUNT, &fake_fine);
	fake_forget_counts(fixture->fake);
	run_ms(fixture, 6 * MINUTE);
	assert_int_equal(count(fixture, CALL_ME), 1);
	assert_int_equal(count(fixture, CALL_TOKEN), 1);
	assert_true(count(fixture, CALL_BOARDS) >= 1);
}

/* The database cannot be written: that is told, and not tried in circles. */
static void
owner_not_to_be_written(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};
	struct tx *tx;

	assert_int_equal(store_read(fixture->store, false, &tx), 0);
	assert_int_equal(db_exec(tx->db, "DROP TABLE meta"), 0);
	store_end(tx);
	assert_int_not_equal(sync_prepare(fixture->sync, &err), 0);
	assert_non_null(strstr(err.text, "database"));
	fake_forget_counts(fixture->fake);
	run_ms(fixture, 10 * MINUTE);
	assert_in_range(count(fixture, CALL_COUNT), 0, 15);
}

static void
rights(void **state)
{
	struct fixture *fixture = *state;

	fake_fail(fixture->fake, CALL_TOKEN, &fake_offline);
	prepare(fixture);
	run_ms(fixture, 2 * MINUTE);
	assert_in_range(count(fixture, CALL_TOKEN), 2, 10);
	assert_false(fixture->sync->view.rights_known);
	fake_fail(fixture->fake, CALL_TOKEN, &fake_fine);
	run_ms(fixture, 6 * MINUTE);
	assert_true(fixture->sync->view.rights_known);
	assert_false(sync_read_only(fixture->sync));
	fake_forget_counts(fixture->fake);
	run_ms(fixture, 10 * MINUTE);
	assert_int_equal(count(fixture, CALL_TOKEN), 0);
}

/* One question a minute, and nothing else, until the answer is another. */
static void
token_revoked(void **state)
{
	struct fixture *fixture = *state;

	load_all(fixture);
	fixture->a.activity_ms += 1000;
	fake_add_board(fixture->fake, 1, &fixture->a);
	fake_use_world(fixture->fake, CALL_COUNT, 1);
	fake_fail(fixture->fake, CALL_BOARD, &fake_wrong_token);
	run_ms(fixture, 31000);
	/* The list came; the board was refused. */
	assert_int_equal(count(fixture, CALL_BOARD), 1);
	fake_fail(fixture->fake, CALL_COUNT, &fake_wrong_token);
	fake_forget_counts(fixture->fake);
	run_ms(fixture, 10 * MINUTE);
	assert_in_range(count(fixture, CALL_BOARDS), 9, 10);
	assert_int_equal(
	    count(fixture, CALL_COUNT), count(fixture, CALL_BOARDS));
	fake_fail(fixture->fake, CALL_COUNT, &fake_fine);
	fake_forget_counts(fixture->fake);
	run_ms(fixture, MINUTE + 1000);
	assert_in_range(count(fixture, CALL_BOARDS), 1, 3);
	assert_int_equal(count(fixture, CALL_BOARD), 1);
}

/* Also where there would be no poll, and where the account is not known. */
static void
token_wrong_without_polls(void **state)
{
	struct fixture *fixture = *state;

	load_all(fixture);
	fixture->refresh_s = 0;
	fixture->fingerprint = "f2";
	new_sync(fixture);
	fake_fail(fixture->fake, CALL_COUNT, &fake_wrong_token);
	(void)sync_prepare(fixture->sync, &(struct err){0});
	fake_forget_counts(fixture->fake);
	run_ms(fixture, 10 * MINUTE);
	assert_in_range(count(fixture, CALL_ME), 9, 10);
	assert_int_equal(count(fixture, CALL_COUNT), count(fixture, CALL_ME));
	fake_fail(fixture->fake, CALL_COUNT, &fake_fine);
	run_ms(fixture, MINUTE + 1000);
	fake_fail(fixture->fake, CALL_COUNT, &fake_wrong_token);
	fake_forget_counts(fixture->fake);
	run_ms(fixture, 10 * MINUTE);
	assert_int_equal(count(fixture, CALL_COUNT), 0);
}

static void
polls_fail(void **state)
{
	struct fixture *fixture = *state;
	struct buf status = BUF_INIT;

	load_all(fixture);
	fake_fail(fixture->fake, CALL_BOARDS, &fake_in_trouble);
	run_ms(fixture, 20 * MINUTE);
	assert_in_range(count(fixture, CALL_BOARDS), 10, 45);
	fake_fail(fixture->fake, CALL_BOARDS, &fake_offline);
	run_ms(fixture, 2 * MINUTE);
	assert_int_equal(sync_status_text(fixture->sync, &status), 0);
	assert_non_null(strstr(buf_str(&status), "network: offline since "));
	assert_non_null(strstr(buf_str(&status), fake_offline.text));
	buf_free(&status);
	fake_fail(fixture->fake, CALL_BOARDS, &fake_fine);
	fake_forget_counts(fixture->fake);
	run_ms(fixture, 10 * MINUTE);
	assert_in_range(count(fixture, CALL_BOARDS), 19, 21);
	assert_int_equal(
	    count(fixture, CALL_COUNT), count(fixture, CALL_BOARDS));
	assert_tree(fixture->store, TREE_A TREE_BC);
}

/* The first list must come once, whatever is wished for later. */
static void
polls_fail_and_never_again(void **state)
{
	struct fixture *fixture = *state;

	load_all(fixture);
	fixture->refresh_s = 0;
	new_sync(fixture);
	prepare(fixture);
	fake_fail(fixture->fake, CALL_BOARDS, &fake_offline);
	run_ms(fixture, 2 * MINUTE);
	fake_fail(fixture->fake, CALL_BOARDS, &fake_fine);
	run_ms(fixture, 10 * MINUTE);
	fake_forget_counts(fixture->fake);
	run_ms(fixture, 10 * MINUTE);
	assert_int_equal(count(fixture, CALL_COUNT), 0);
	assert_true(fixture->sync->view.news_ms != TIME_NONE);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(cold),
	    T(idle),
	    T(never_again),
	    T(warm),
	    T(warm_without_network),
	    T(cold_without_network),
	    T(cold_with_silence),
	    T(cold_with_a_wrong_token),
	    T(other_credentials_of_the_same),
	    T(another_member),
	    T(another_host),
	    T(not_known_yet),
	    T(owner_not_to_be_written),
	    T(rights),
	    T(token_revoked),
	    T(token_wrong_without_polls),
	    T(polls_fail),
	    T(polls_fail_and_never_again),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
