#include "sync_session.h"

#include "unit.h"

#include "store/store.h"
#include "store_help.h"
#include "sync/private.h"
#include "util/err.h"
#include "util/log.h"
#include "util/zone.h"

#include <stdio.h>
#include <stdlib.h>

static void
invalidated(void *cookie, struct invalidations *invalidations)
{
	struct fixture *fixture = cookie;

	assert_true(invalidations->list.n > 0);
	assert_int_equal(invalidations_move(invalidations, &fixture->said), 0);
}

static void
rights_turned(void *cookie)
{
	struct fixture *fixture = cookie;

	fixture->turned++;
}

static void
refused(void *cookie)
{
	struct fixture *fixture = cookie;

	fixture->refused++;
}

void
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
	    .rights_turned = rights_turned,
	    .cookie = fixture,
	    .refused = refused,
	    .refused_cookie = fixture};

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

int
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

int
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

void
run_ms(struct fixture *fixture, int64_t ms)
{
	int64_t until_ms = fake_now_ms() + ms;

	for (int i = 0; fake_now_ms() < until_ms; i++) {
		if (i == 20000)
			fail_msg("it runs in circles");
		sync_run_once(fixture->sync, until_ms);
	}
}

void
prepare(struct fixture *fixture)
{
	struct err err = {0};
	int r = sync_prepare(fixture->sync, &err);

	if (r != 0)
		fail_msg("%s", err.text);
}

/* Everything is here, and what it cost is forgotten. */
void
load_all(struct fixture *fixture)
{
	prepare(fixture);
	run_ms(fixture, 1000);
	assert_tree(fixture->store, TREE_A TREE_BC);
	fake_forget_counts(fixture->fake);
	invalidations_fini(&fixture->said);
}

unsigned
count(struct fixture *fixture, enum remote_call call)
{
	return fake_count(fixture->fake, call);
}
