/* Credentials that are refused, and those that take their place, step by step
 * in virtual time. */

#include "unit.h"

#include "store/store.h"
#include "sync/private.h"
#include "sync/renew.h"
#include "sync/rights.h"
#include "sync_session.h"
#include "trello/auth.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <stdlib.h>
#include <string.h>

static void
renew(struct fixture *fixture, const char *token, const char *print)
{
	struct credentials credentials = {.kind = AUTH_TOKEN};

	assert_int_equal(secret_set(&credentials.key, "k", 1), 0);
	assert_int_equal(
	    secret_set(&credentials.token, token, strlen(token)), 0);
	assert_int_equal(sync_renew(fixture->sync, &credentials, print), 0);
	credentials_fini(&credentials);
}

static void
assert_print(struct fixture *fixture, const char *print)
{
	char found[128];
	struct tx *tx;

	assert_int_equal(store_read(fixture->store, false, &tx), 0);
	assert_int_equal(
	    store_meta_get(tx, "fingerprint", found, sizeof found), 0);
	store_end(tx);
	assert_string_equal(found, print);
}

/* Each probe that is refused is told; others are used at once. */
static void
refused(void **state)
{
	struct fixture *fixture = *state;

	load_all(fixture);
	assert_int_equal(fixture->refused, 0);
	fake_fail(fixture->fake, CALL_COUNT, &fake_wrong_token);
	run_ms(fixture, 10 * MINUTE);
	assert_in_range(fixture->refused, 9, 11);
	assert_false(fixture->sync->view.online);
	fake_forget_counts(fixture->fake);
	fake_fail(fixture->fake, CALL_COUNT, &fake_fine);
	renew(fixture, "another", "f2");
	run_ms(fixture, 1000);
	assert_string_equal(fake_token(fixture->fake), "another");
	assert_int_equal(count(fixture, CALL_BOARDS), 1);
	assert_int_equal(count(fixture, CALL_TOKEN), 1);
	assert_int_equal(count(fixture, CALL_ME), 0);
	assert_true(fixture->sync->view.online);
	assert_print(fixture, "f2");
	/* And the last of two counts. */
	renew(fixture, "third", "f3");
	renew(fixture, "fourth", "f4");
	run_ms(fixture, 1000);
	assert_string_equal(fake_token(fixture->fake), "fourth");
	assert_print(fixture, "f4");
}

/* As long as it is not known whose they are, they are not remembered. */
static void
before_it_is_known(void **state)
{
	struct fixture *fixture = *state;

	load_all(fixture);
	fixture->fingerprint = "f2";
	new_sync(fixture);
	fake_fail(fixture->fake, CALL_COUNT, &fake_offline);
	prepare(fixture);
	assert_false(fixture->sync->identity.checked);
	renew(fixture, "another", "f3");
	run_ms(fixture, 1000);
	assert_print(fixture, "f1");
	fake_fail(fixture->fake, CALL_COUNT, &fake_fine);
	run_ms(fixture, 5 * MINUTE);
	assert_true(fixture->sync->identity.checked);
	assert_print(fixture, "f3");
}

/* The rights come along, and the kernel must know. */
static void
other_rights(void **state)
{
	struct fixture *fixture = *state;
	unsigned turned;

	load_all(fixture);
	turned = fixture->turned;
	fixture->sync->view.read_only = true;
	renew(fixture, "another", "f2");
	run_ms(fixture, 1000);
	assert_false(sync_read_only(fixture->sync));
	assert_int_equal(fixture->turned, turned + 1);
	renew(fixture, "third", "f3");
	run_ms(fixture, 1000);
	assert_int_equal(fixture->turned, turned + 1);
}

static bool
says(struct fixture *fixture, const char *words)
{
	struct buf text = BUF_INIT;
	bool found;

	assert_int_equal(sync_status_text(fixture->sync, &text), 0);
	found = strstr(buf_str(&text), words) != NULL;
	buf_free(&text);
	return found;
}

/* Once a day, from a week before the end on. */
static void
warned(void **state)
{
	static const char words[] =
	    "\nwarning: the token ends soon: run `trellofs login`\n";
	struct fixture *fixture = *state;
	struct sync *sync = fixture->sync;
	int64_t next_ms = INT64_MAX, first_ms;

	load_all(fixture);
	renew_warn(sync, fake_now_ms(), &next_ms);
	assert_int_equal(sync->warn_at_ms, 0);
	assert_false(says(fixture, words));
	sync->view.expires_ms = time_wall_ms() + RIGHTS_WARN_MS + 60000;
	renew_warn(sync, fake_now_ms(), &next_ms);
	assert_int_equal(sync->warn_at_ms, 0);
	assert_false(says(fixture, words));
	sync->view.expires_ms = time_wall_ms() + RIGHTS_WARN_MS - 60000;
	assert_true(says(fixture, words));
	assert_true(says(fixture, "(6 days left)"));
	first_ms = fake_now_ms();
	renew_warn(sync, first_ms, &next_ms);
	assert_int_equal(sync->warn_at_ms, first_ms + 24 * 60 * MINUTE);
	assert_int_equal(next_ms, INT64_MAX);
	renew_warn(sync, first_ms + MINUTE, &next_ms);
	assert_int_equal(next_ms, first_ms + 24 * 60 * MINUTE);
	assert_int_equal(sync->warn_at_ms, next_ms);
	/* It is over, and still worth a word a day. */
	sync->view.expires_ms = time_wall_ms() - 1;
	renew_warn(sync, next_ms, &next_ms);
	assert_true(sync->warn_at_ms > next_ms);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static const struct CMUnitTest tests[] = {
    T(refused),
    T(before_it_is_known),
    T(other_rights),
    T(warned),
};
UNIT_MAIN(tests)
