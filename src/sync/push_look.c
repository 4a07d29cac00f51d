#include "sync/push.h"

#include "model/model_json.h"
#include "store/accept.h"
#include "store/store.h"
#include "store/view.h"
#include "util/log.h"
#include "util/timeutil.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/*
 * Trello takes whatever description comes last.  What ours replaced stands in
 * the card's actions: if it is another than we thought, somebody changed it
 * between our last look and our request, and gets it back, merged
 * (push_mend.c).  One look for each saved description, behind everything else.
 */

static void
clear(struct sync *sync)
{
	struct push_look *look = &sync->push->look;

	json_reader_free(look->reader);
	look->reader = NULL;
	look->request = NULL;
	desc_changes_fini(&look->changes);
	overwrittens_fini(&look->what);
	look->running = false;
}

void
push_look_free(struct sync *sync)
{
	struct push_look *look = &sync->push->look;

	if (look->request != NULL)
		remote_cancel(sync->remote, look->request);
	clear(sync);
}

static const char *
card_of(const struct push_look *look)
{
	return look->what.list.v[0].card;
}

static int
my_id(struct tx *tx, char ret_id[MODEL_ID_SIZE])
{
	struct member me = {0};
	int r = view_me(tx, &me);

	(void)snprintf(ret_id, MODEL_ID_SIZE, "%s", me.id);
	member_fini(&me);
	return r == -ENOENT ? 0 : r;
}

static int
take_over(struct sync *sync, bool known)
{
	struct push_look *look = &sync->push->look;
	struct folder_changes changes = {0};
	struct invalidations out = {0};
	int r = store_write(sync->store, &changes.tx);

	if (r != 0)
		return r;
	r = my_id(changes.tx, look->me);
	if (r == 0 && known)
		r = push_mend(sync, &changes);
	if (r == 0)
		r = overwritten_remove(changes.tx, &look->what);
	r = folder_commit(&changes, r, &out);
	sync_invalidate(sync, &out);
	return r;
}

static void
wait_on(struct sync *sync)
{
	struct push_look *look = &sync->push->look;

	look->next_ms = time_monotonic_ms() + sync_backoff_ms(look->failures++);
}

static void
looked(void *cookie, const struct remote_verdict *verdict)
{
	struct sync *sync = cookie;
	struct push_look *look = &sync->push->look;
	bool gone =
	    verdict->scope == SCOPE_OBJECT && verdict->when == WHEN_NEVER;
	int r = 0;

	look->request = NULL;
	sync_note_verdict(sync, verdict);
	if (verdict->err != 0 && !gone) {
		wait_on(sync);
	} else {
		r = take_over(sync, verdict->err == 0);
		look->failures = 0;
		look->next_ms = 0;
	}
	if (r != 0) {
		log_error("card %s: the state database: %s", card_of(look),
		    strerror(-r));
		wait_on(sync);
	}
	clear(sync);
}

static struct json_reader *
restart(void *cookie)
{
	struct sync *sync = cookie;
	struct push_look *look = &sync->push->look;

	json_reader_free(look->reader);
	desc_changes_fini(&look->changes);
	look->reader = desc_changes_reader_new(&look->changes);
	return look->reader;
}

static int
next_card(struct sync *sync, struct overwrittens *ret_what)
{
	struct tx *tx;
	int r = store_read(sync->store, true, &tx);

	if (r != 0)
		return r;
	r = overwritten_next(tx, ret_what);
	store_end(tx);
	return r;
}

static int
start(struct sync *sync)
{
	struct push_look *look = &sync->push->look;
	struct remote_args args = {.call = CALL_CARD_DESC_ACTIONS,
	    .priority = PRIORITY_NEWS,
	    .restart = restart,
	    .done = looked,
	    .cookie = sync};
	int r;

	r = next_card(sync, &look->what);
	if (r != 0)
		return r;
	look->running = true;
	args.id = card_of(look);
	args.reader = restart(sync);
	return args.reader != NULL
		   ? remote_submit(sync->remote, &args, &look->request)
		   : -ENOMEM;
}

void
push_look_run(struct sync *sync, int64_t now_ms, int64_t *next_ms)
{
	struct push_look *look = &sync->push->look;
	int r = 0;

	if (look->running)
		return;
	if (now_ms >= look->next_ms) {
		r = start(sync);
		if (r != 0)
			clear(sync);
		if (r != 0 && r != -ENOENT)
			wait_on(sync);
	}
	if (look->next_ms > now_ms && look->next_ms < *next_ms)
		*next_ms = look->next_ms;
}
