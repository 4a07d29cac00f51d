#include "sync/fetch.h"

#include "model/model_json.h"
#include "store/archived.h"
#include "store/store.h"
#include "trello/board_load.h"
#include "util/log.h"
#include "util/timeutil.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct fetch {
	struct sync *sync;
	uint64_t ino; /* the folder */
	struct archived_state state;
	bool wanted; /* somebody waits, and it is to be begun */
	bool running;
	int64_t done_ms; /* monotonic; of the last end */
	int error;	 /* and how that was */
	struct board_load *load;
	struct remote_request *request; /* of closed boards */
	struct json_reader *reader;
	struct boards boards;
};

static struct fetch *
fetch_of(struct sync *sync, uint64_t ino)
{
	struct fetch **slot;

	for (size_t i = 0; i < sync->fetches.n; i++)
		if (sync->fetches.v[i]->ino == ino)
			return sync->fetches.v[i];
	slot = VEC_ADD(&sync->fetches);
	if (slot == NULL)
		return NULL;
	*slot = calloc(1, sizeof **slot);
	if (*slot == NULL) {
		sync->fetches.n--;
		return NULL;
	}
	(*slot)->sync = sync;
	(*slot)->ino = ino;
	return *slot;
}

static void
end_requests(struct fetch *fetch)
{
	board_load_cancel(fetch->load);
	if (fetch->request != NULL)
		remote_cancel(fetch->sync->remote, fetch->request);
	json_reader_free(fetch->reader);
	boards_fini(&fetch->boards);
	fetch->load = NULL;
	fetch->request = NULL;
	fetch->reader = NULL;
}

void
fetch_free(struct sync *sync)
{
	for (size_t i = 0; i < sync->fetches.n; i++) {
		end_requests(sync->fetches.v[i]);
		free(sync->fetches.v[i]);
	}
	VEC_FREE(&sync->fetches);
}

/* What was fetched before is better than nothing. */
static void
end(struct fetch *fetch, int err)
{
	if (err != 0 && fetch->state.known &&
	    archived_tried(fetch->sync->store, fetch->ino) == 0)
		err = 0;
	fetch->running = false;
	fetch->error = err;
	fetch->done_ms = time_monotonic_ms();
}

static int
error_for_files(const struct remote_verdict *verdict)
{
	return verdict->scope == SCOPE_OBJECT ? verdict->err : -ENETUNREACH;
}

static void
board_came(
    void *cookie, const struct remote_verdict *verdict, struct board *board)
{
	struct fetch *fetch = cookie;
	struct sync *sync = fetch->sync;
	struct invalidations out = {0};
	int r;

	fetch->load = NULL;
	sync_note_verdict(sync, verdict);
	if (verdict->err != 0) {
		end(fetch, error_for_files(verdict));
		return;
	}
	r = archived_apply(sync->store, fetch->ino, board,
	    fetch->state.listed_ms, sync->zone, &out);
	sync_invalidate(sync, &out);
	if (r != 0)
		log_error("the archive of board %s: the state database: %s",
		    fetch->state.board, strerror(-r));
	end(fetch, r);
}

static void
boards_came(void *cookie, const struct remote_verdict *verdict)
{
	struct fetch *fetch = cookie;
	struct sync *sync = fetch->sync;
	struct invalidations out = {0};
	int r = 0;

	fetch->request = NULL;
	sync_note_verdict(sync, verdict);
	if (verdict->err == 0) {
		r = archived_apply_boards(
		    sync->store, fetch->ino, &fetch->boards, &out);
		sync_invalidate(sync, &out);
	}
	end_requests(fetch);
	end(fetch, verdict->err != 0 ? error_for_files(verdict) : r);
}

static int
ask_boards(struct fetch *fetch)
{
	struct sync *sync = fetch->sync;
	struct remote_args args = {.call = CALL_BOARDS,
	    .priority = PRIORITY_WAITING,
	    .filter = "closed",
	    .done = boards_came,
	    .cookie = fetch};

	fetch->reader = boards_reader_new(&fetch->boards);
	args.reader = fetch->reader;
	if (fetch->reader == NULL)
		return -ENOMEM;
	return sync->remote->ops->submit(sync->remote, &args, &fetch->request);
}

static int
read_state(struct fetch *fetch)
{
	struct node dir;
	struct tx *tx;
	int r = store_read(fetch->sync->store, true, &tx);

	if (r != 0)
		return r;
	r = node_get(tx, fetch->ino, &dir);
	if (r == 0)
		r = archived_state(tx, &dir, &fetch->state);
	store_end(tx);
	return r;
}

static void
begin(struct fetch *fetch)
{
	struct sync *sync = fetch->sync;
	int r = read_state(fetch);

	fetch->wanted = false;
	fetch->running = true;
	if (r == 0 && fetch->state.fresh) {
		end(fetch, 0);
		return;
	}
	if (r == 0 && fetch->state.board[0] != '\0')
		r = archive_load_start(sync->remote, fetch->state.board,
		    PRIORITY_WAITING, board_came, fetch, &fetch->load);
	else if (r == 0)
		r = ask_boards(fetch);
	if (r != 0) {
		end_requests(fetch);
		end(fetch, r);
	}
}

int
fetch_answer(struct sync *sync, const struct sync_wait *wait, int64_t now_ms)
{
	struct fetch *fetch;

	if (wait->interrupted)
		return -EINTR;
	fetch = fetch_of(sync, wait->archive_ino);
	if (fetch == NULL)
		return -ENOMEM;
	if (!fetch->running && fetch->done_ms >= wait->since_ms)
		return fetch->error;
	if (!fetch->running && waits_known_offline(sync, now_ms)) {
		(void)read_state(fetch);
		end(fetch, -ENETUNREACH);
		return fetch->error;
	}
	if (now_ms - wait->since_ms >= SYNC_WAIT_MS)
		return -ENETUNREACH;
	fetch->wanted = !fetch->running;
	return 1;
}

void
fetch_run(struct sync *sync, int64_t now_ms)
{
	(void)now_ms;
	if (sync->identity.foreign || sync->account_gate_ms != 0)
		return;
	for (size_t i = 0; i < sync->fetches.n; i++)
		if (sync->fetches.v[i]->wanted && !sync->fetches.v[i]->running)
			begin(sync->fetches.v[i]);
}
