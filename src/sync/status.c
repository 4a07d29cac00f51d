#include "sync/downloads.h"
#include "sync/private.h"
#include "sync/renew.h"
#include "sync/rights.h"

#include "store/base.h"
#include "store/journal.h"
#include "store/local.h"
#include "store/notes.h"
#include "store/problems.h"
#include "store/store.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define RECORDS_MAX 256

/* Local time to the second. */
static void
add_time(struct buf *out, int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	char text[32];
	struct tm tm = {0};

	(void)localtime_r(&seconds, &tm);
	(void)strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm);
	(void)buf_add_str(out, text);
}

static void
add_account(struct buf *out, struct sync *sync, struct tx *tx,
    const struct sync_view *view)
{
	char name[256];

	if (store_meta_get(tx, "username", name, sizeof name) != 0)
		(void)snprintf(name, sizeof name, "?");
	(void)buf_printf(out, "account: @%s\n", name);
	(void)buf_printf(out, "profile: %s\n", sync->profile);
	if (sync->api_url[0] != '\0')
		(void)buf_printf(out, "api: %s\n", sync->api_url);
	(void)buf_add_str(out, "rights: ");
	if (view->rights_known)
		(void)rights_text(
		    view->read_only, view->expires_ms, time_wall_ms(), out);
	else
		(void)buf_add_str(out, "not known yet");
	if (view->rights_known && view->expires_ms != TIME_NONE &&
	    view->expires_ms - time_wall_ms() <= RIGHTS_WARN_MS) {
		(void)buf_add_str(out, "\nwarning: the token ends soon: ");
		renew_hint(sync, out);
	}
	(void)buf_add_char(out, '\n');
}

static void
add_network(struct buf *out, struct sync *sync, const struct sync_view *view)
{
	if (sync->api_url[0] == '\0') {
		(void)buf_add_str(out, "network: none is used\n");
		return;
	}
	(void)buf_printf(out, "network: %s since ",
	    !view->asked   ? "nothing was asked"
	    : view->online ? "online"
			   : "offline");
	add_time(out, view->since_ms);
	if (view->reason[0] != '\0')
		(void)buf_printf(out, ": %s", view->reason);
	(void)buf_add_str(out, "\nlast news: ");
	if (view->news_ms != TIME_NONE)
		add_time(out, view->news_ms);
	else
		(void)buf_add_str(out, "none since the mount");
	(void)buf_add_char(out, '\n');
}

static int
add_counts(struct buf *out, struct tx *tx, const struct sync_view *view,
    struct downloads *downloads, int64_t more_problems)
{
	struct journal_counts pending;
	struct base_counts counts;
	int64_t files, bytes, most, problems, notes;
	int r = base_counts(tx, &counts);

	if (r == 0)
		r = journal_counts(tx, &pending);
	if (r == 0)
		r = problems_count(tx, &problems);
	if (r == 0)
		r = notes_count(tx, &notes);
	if (r == 0)
		r = local_usage(tx, &files, &bytes);
	if (r != 0)
		return r;
	(void)buf_printf(out, "boards: %lld, of which %lld are here\n",
	    (long long)counts.boards, (long long)counts.loaded);
	(void)buf_printf(out, "cards: %lld\n", (long long)counts.cards);
	(void)buf_printf(out, "local files: %lld, %lld of %lld bytes\n",
	    (long long)files, (long long)bytes, (long long)LOCAL_BYTES_MAX);
	if (downloads != NULL) {
		downloads_usage(downloads, &bytes, &most);
		(void)buf_printf(out, "attachments: %lld of %lld bytes\n",
		    (long long)bytes, (long long)most);
	}
	(void)buf_printf(out, "pending: %lld\n",
	    (long long)(pending.waiting + pending.held));
	if (pending.waiting > 0 && view->put_off[0] != '\0')
		(void)buf_printf(out, "trying again: %s\n", view->put_off);
	if (pending.held > 0)
		(void)buf_printf(out,
		    "held: %lld until .trellofs/control/confirm or discard is "
		    "written to\n",
		    (long long)pending.held);
	(void)buf_printf(out, "problems: %lld\n",
	    (long long)(counts.failed + problems + notes + more_problems));
	return 0;
}

static int
add_problem(void *cookie, const char *name, const char *why)
{
	return buf_printf(cookie, "problem: %s: %s\n", name, why);
}

static void
add_budget(struct buf *out, const struct remote_stats *stats)
{
	(void)buf_printf(out, "budget: %u of %u requests in %lld s",
	    stats->budget_left, stats->budget_max,
	    (long long)stats->budget_ms / 1000);
	if (stats->budget_others > 0)
		(void)buf_printf(out, ", shared with %u other program%s",
		    stats->budget_others, stats->budget_others == 1 ? "" : "s");
	if (stats->budget_alone[0] != '\0')
		(void)buf_printf(out, ", not shared: %s", stats->budget_alone);
	(void)buf_add_char(out, '\n');
}

static void
add_requests(struct buf *out, struct sync *sync)
{
	struct remote_stats stats = {0};

	sync->remote->ops->stats(sync->remote, &stats);
	(void)buf_printf(out,
	    "requests: %llu since the mount, %llu throttled, %llu refused\n",
	    (unsigned long long)stats.requests,
	    (unsigned long long)stats.throttled,
	    (unsigned long long)stats.refused);
	if (stats.budget_max != 0)
		add_budget(out, &stats);
	if (stats.held_ms > 0)
		(void)buf_printf(out,
		    "held: for %lld s more, the rate limit was passed\n",
		    (long long)(stats.held_ms + 999) / 1000);
}

int
sync_status_text(struct sync *sync, struct buf *out)
{
	struct sync_view view;
	int64_t more_problems;
	struct tx *tx;
	int r;

	(void)pthread_mutex_lock(&sync->lock);
	view = sync->view;
	more_problems = sync->search_error.len > 0;
	(void)pthread_mutex_unlock(&sync->lock);
	r = store_read(sync->store, false, &tx);
	if (r != 0)
		return r;
	add_account(out, sync, tx, &view);
	add_network(out, sync, &view);
	r = add_counts(out, tx, &view, sync->downloads, more_problems);
	if (r == 0)
		r = base_each_problem(tx, add_problem, out);
	store_end(tx);
	add_requests(out, sync);
	return r != 0 ? r : out->err;
}

int
sync_requests_text(struct sync *sync, struct buf *out)
{
	struct remote_record records[RECORDS_MAX];
	size_t n =
	    sync->remote->ops->records(sync->remote, records, RECORDS_MAX);

	for (size_t i = 0; i < n; i++) {
		add_time(out, records[i].at_ms);
		(void)buf_printf(out, " %s %s %d %d ms %lld bytes\n",
		    records[i].method, records[i].route, records[i].status,
		    records[i].duration_ms, (long long)records[i].bytes);
	}
	return out->err;
}
