/* A session of the sync thread, step by step in virtual time: who is asked
 * what and when, and what is done with the answers. */

#include "unit.h"

#include "store/base.h"
#include "store/store.h"
#include "store/tx.h"
#include "store_help.h"
#include "sync/private.h"
#include "sync_help.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/log.h"
#include "util/timeutil.h"
#include "util/zone.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE 60000

#define TREE_A              \
	"A/\n"              \
	"A/Todo/\n"         \
	"A/Todo/One.md\n"   \
	"A/Todo/Two.md\n"   \
	"A/Todo/Three.md\n" \
	"A/Done/\n"         \
	"A/Done/Four.md\n"
#define TREE_BC "B/\nB/Inbox/\nB/Inbox/Mail.md\nC/\nC/Inbox/\nC/Inbox/Mail.md\n"

struct fixture {
	struct store *store;
	struct fake *fake;
	struct sync *sync;
	struct board a, b, c;
	struct invalidations said;
	int refresh_s;
	const char *api_url, *fingerprint;
};

static void
invalidated(void *cookie, struct invalidations *invalidations)
{
	struct fixture *fixture = cookie;

	assert_true(invalidations->list.n > 0);
	assert_int_equal(invalidations_move(invalidations, &fixture->said), 0);
}

static void
new_sync(struct fixture *fixture)
{
	static struct zone utc;
	const struct sync_options options = {.store = fixture->store,
	    .remote = fake_remote(fixture->fake),
	    .zone = &utc,
	    .refresh_s = fixture->refresh_s,
	    .api_url = fixture->api_url,
	    .fingerprint = fixture->fingerprint,
	    .profile = "default",
	    .invalidated = invalidated,
	    .cookie = fixture};

	zone_init_utc(&utc);
	sync_free(fixture->sync);
	assert_int_equal(sync_new(&options, &fixture->sync), 0);
}

/* A board with one card. */
static void
make_other(struct board *board, const char *tail, const char *name, char kind)
{
	char list[8], card[8];

	(void)snprintf(list, sizeof list, "a%c", kind);
	(void)snprintf(card, sizeof card, "c%c", kind);
	board_make(board, tail, name);
	(void)board_add_list(board, list, "Inbox", 1);
	(void)board_add_card(board, card, list, "Mail", 1);
}

static int
setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);

	assert_non_null(fixture);
	log_init(false, 2);
	fixture->store = open_memory();
	fixture->fake = fake_new(false);
	board_make_small(&fixture->a, "b1", "A");
	make_other(&fixture->b, "b2", "B", 'b');
	make_other(&fixture->c, "b3", "C", 'c');
	/* Worlds 0 and 1 have all three, A can change in 1; 2 has none. */
	fake_add_board(fixture->fake, 0, &fixture->a);
	fake_add_board(fixture->fake, 0, &fixture->b);
	fake_add_board(fixture->fake, 0, &fixture->c);
	fake_add_board(fixture->fake, 1, &fixture->b);
	fake_add_board(fixture->fake, 1, &fixture->c);
	fixture->refresh_s = 30;
	fixture->api_url = "https://api.trello.com";
	fixture->fingerprint = "f1";
	new_sync(fixture);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	sync_free(fixture->sync);
	fake_free(fixture->fake);
	board_fini(&fixture->a);
	board_fini(&fixture->b);
	board_fini(&fixture->c);
	invalidations_fini(&fixture->said);
	store_close(fixture->store);
	free(fixture);
	return 0;
}

static void
run_ms(struct fixture *fixture, int64_t ms)
{
	int64_t until_ms = fake_now_ms() + ms;

	for (int i = 0; fake_now_ms() < until_ms; i++) {
		if (i == 20000)
			fail_msg("it runs in circles");
		sync_run_once(fixture->sync, until_ms);
	}
}

static void
prepare(struct fixture *fixture)
{
	struct err err = {0};
	int r = sync_prepare(fixture->sync, &err);

	if (r != 0)
		fail_msg("%s", err.text);
}

/* Everything is here, and what it cost is forgotten. */
static void
load_all(struct fixture *fixture)
{
	prepare(fixture);
	run_ms(fixture, 1000);
	assert_tree(fixture->store, TREE_A TREE_BC);
	fake_forget_counts(fixture->fake);
	invalidations_fini(&fixture->said);
}

static unsigned
count(struct fixture *fixture, enum remote_call call)
{
	return fake_count(fixture->fake, call);
}

static void
cold(void **state)
{
	struct fixture *fixture = *state;

	prepare(fixture);
	assert_tree(fixture->store, "A/\nB/\nC/\n");
	assert_int_equal(count(fixture, CALL_ME), 1);
	assert_int_equal(count(fixture, CALL_BOARDS), 1);
	assert_int_equal(count(fixture, CALL_COUNT), 2);
	run_ms(fixture, 1000);
	assert_tree(fixture->store, TREE_A TREE_BC);
	assert_sound(fixture->store);
	assert_int_equal(count(fixture, CALL_TOKEN), 1);
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
	assert_string_equal(err.text, fake_wrong_token.text);
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
	assert_int_equal(count(fixture, CALL_COUNT), 1);
	/* They are known from now on. */
	new_sync(fixture);
	prepare(fixture);
	assert_int_equal(count(fixture, CALL_COUNT), 1);
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
