#include "sync/downloads.h"
#include "sync/fetch.h"
#include "sync/locate.h"
#include "sync/observed.h"
#include "sync/private.h"
#include "sync/push.h"
#include "sync/renew.h"

#include "store/base.h"
#include "store/invalidate.h"
#include "store/store.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/log.h"
#include "util/timeutil.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Wrong credentials: no more than one try in this time, since repeated
 * failures look like an attack. */
#define ACCOUNT_GATE_MS 60000

static char *
copy(const char *s)
{
	return strdup(s != NULL ? s : "");
}

int
sync_new(const struct sync_options *options, struct sync **ret_sync)
{
	struct sync *sync = calloc(1, sizeof *sync);

	if (sync == NULL)
		return -ENOMEM;
	(void)pthread_mutex_init(&sync->lock, NULL);
	sync->store = options->store;
	sync->remote = options->remote;
	sync->downloads = options->downloads;
	sync->zone = options->zone;
	base_shown_as(sync->zone, sync->shown_as);
	sync->refresh_s = options->refresh_s;
	sync->lost_wait_ms = options->lost_wait_ms;
	sync->invalidated = options->invalidated;
	sync->rights_turned = options->rights_turned;
	sync->cookie = options->cookie;
	sync->refused = options->refused;
	sync->refused_cookie = options->refused_cookie;
	sync->view.since_ms = time_wall_ms();
	sync->view.expires_ms = TIME_NONE;
	sync->view.news_ms = TIME_NONE;
	sync->api_url = copy(options->api_url);
	sync->fingerprint = copy(options->fingerprint);
	sync->profile = copy(options->profile);
	if (sync->api_url == NULL || sync->fingerprint == NULL ||
	    sync->profile == NULL || push_new(sync) != 0) {
		sync_free(sync);
		return -ENOMEM;
	}
	*ret_sync = sync;
	return 0;
}

void
sync_free(struct sync *sync)
{
	if (sync == NULL)
		return;
	sync_stop(sync);
	push_free(sync);
	renew_free(sync);
	observed_free(sync);
	identity_free(sync);
	poll_free(sync);
	fetch_free(sync);
	tasks_free(sync);
	written_fini(&sync->written);
	buf_free(&sync->events);
	buf_free(&sync->search_error);
	(void)pthread_mutex_destroy(&sync->lock);
	free(sync->api_url);
	free(sync->fingerprint);
	free(sync->profile);
	free(sync);
}

void
sync_invalidate(struct sync *sync, struct invalidations *invalidations)
{
	events_add(sync, &invalidations->events);
	if (sync->invalidated != NULL && invalidations->list.n > 0)
		sync->invalidated(sync->cookie, invalidations);
	invalidations_fini(invalidations);
}

int64_t
sync_backoff_ms(unsigned failures)
{
	int64_t wait_ms = 2000;

	while (failures-- > 0 && wait_ms < 300000)
		wait_ms *= 2;
	return wait_ms < 300000 ? wait_ms : 300000;
}

/* Why it is not online, and what to do; under the lock. */
static void
say_reason(struct sync *sync, const struct remote_verdict *verdict)
{
	char *reason = sync->view.reason;
	struct buf text = BUF_INIT;

	if (verdict != NULL)
		(void)buf_add_str(&text, verdict->text);
	if (verdict != NULL && verdict->scope == SCOPE_ACCOUNT) {
		(void)buf_add_str(&text, ": ");
		renew_hint(sync, &text);
	}
	(void)snprintf(reason, sizeof sync->view.reason, "%s", buf_str(&text));
	buf_free(&text);
}

void
sync_note_put_off(struct sync *sync, const struct remote_verdict *verdict)
{
	char *why = sync->view.put_off;

	(void)pthread_mutex_lock(&sync->lock);
	if (verdict == NULL)
		why[0] = '\0';
	else if (verdict->scope == SCOPE_OBJECT)
		(void)snprintf(
		    why, sizeof sync->view.put_off, "%s", verdict->text);
	(void)pthread_mutex_unlock(&sync->lock);
}

void
sync_note_verdict(struct sync *sync, const struct remote_verdict *verdict)
{
	bool online =
	    verdict->scope == SCOPE_NONE || verdict->scope == SCOPE_OBJECT;
	struct sync_view *view = &sync->view;
	bool turned;

	/* What was never sent says nothing about the network, nor does trouble
	 * with one thing, nor what was too slow while other answers came. */
	if (verdict->err != 0 && verdict->scope == SCOPE_NONE)
		return;
	if (verdict->scope == SCOPE_OBJECT &&
	    (verdict->status >= 500 || verdict->err == -EBADMSG))
		return;
	if (verdict->err == -ETIMEDOUT &&
	    verdict->began_ms < sync->answered_ms && verdict->began_ms != 0)
		return;
	(void)pthread_mutex_lock(&sync->lock);
	turned = !view->asked || view->online != online;
	if (turned)
		view->since_ms = time_wall_ms();
	view->asked = true;
	view->online = online;
	say_reason(sync, online ? NULL : verdict);
	(void)pthread_mutex_unlock(&sync->lock);
	sync->offline_ms = online ? 0 : time_monotonic_ms();
	if (online)
		sync->answered_ms = time_monotonic_ms();
	if (verdict->scope == SCOPE_ACCOUNT)
		sync->account_gate_ms = time_monotonic_ms() + ACCOUNT_GATE_MS;
	else if (online)
		sync->account_gate_ms = 0;
	if (verdict->scope == SCOPE_ACCOUNT && sync->refused != NULL)
		sync->refused(sync->refused_cookie);
	if (turned && online) {
		sync->identity.retry_at_ms = 0;
		poll_hurry(sync);
	}
	/* Only this thread writes it. */
	if (turned && !online)
		log_warning("%s", view->reason);
	else if (turned && verdict->scope == SCOPE_NONE)
		log_info("Trello answers");
}

bool
sync_note_silence(struct sync *sync, int64_t since_ms)
{
	struct remote_verdict silence = {
	    .err = -ETIMEDOUT, .scope = SCOPE_NETWORK, .when = WHEN_LATER};
	struct remote_stats stats = {0};

	/* What comes slowly comes; and who was not asked is not silent. */
	remote_stats(sync->remote, &stats);
	if (stats.in_flight == 0 || sync->answered_ms >= since_ms ||
	    stats.heard_ms >= since_ms)
		return false;
	(void)snprintf(silence.text, sizeof silence.text,
	    "no answer from %.200s for 10 s", sync->api_url);
	sync_note_verdict(sync, &silence);
	return true;
}

void
sync_run_once(struct sync *sync, int64_t until_ms)
{
	int64_t now_ms = time_monotonic_ms(), next_ms = until_ms;

	renew_run(sync);
	renew_warn(sync, now_ms, &next_ms);
	waits_run(sync, now_ms, &next_ms);
	orders_run(sync, now_ms, &next_ms);
	if (tasks_show_again(sync))
		next_ms = now_ms;
	identity_run(sync, now_ms, &next_ms);
	if (sync->identity.checked) {
		poll_run(sync, now_ms, &next_ms);
		tasks_run(sync, now_ms, &next_ms);
		fetch_run(sync, now_ms);
		push_run(sync, now_ms, &next_ms);
	}
	locate_run(sync, now_ms);
	indexing_run(sync, now_ms, &next_ms);
	now_ms = time_monotonic_ms();
	(void)sync->remote->ops->run(
	    sync->remote, next_ms > now_ms ? next_ms - now_ms : 0);
}

static bool
stopping(struct sync *sync)
{
	bool stop;

	(void)pthread_mutex_lock(&sync->lock);
	stop = sync->stopping;
	(void)pthread_mutex_unlock(&sync->lock);
	return stop;
}

/* A request that is given up may still arrive, and then behind what the next
 * mount sends of the same thing: the older text would win. */
static void
wait_for_answers(struct sync *sync)
{
	int64_t now_ms = time_monotonic_ms(), until_ms;

	(void)pthread_mutex_lock(&sync->lock);
	until_ms = sync->answers_by_ms;
	(void)pthread_mutex_unlock(&sync->lock);
	for (; now_ms < until_ms && push_is_sending(sync);
	     now_ms = time_monotonic_ms())
		(void)remote_run(sync->remote, until_ms - now_ms);
}

static void *
thread_main(void *cookie)
{
	struct sync *sync = cookie;

	while (!stopping(sync))
		sync_run_once(sync, time_monotonic_ms() + 60000);
	waits_end(sync, -ENETUNREACH);
	orders_end(sync, -ENETUNREACH);
	locate_end(sync);
	wait_for_answers(sync);
	return NULL;
}

/* Why nothing came, as the error of a command. */
static int
say_offline(struct sync *sync, struct err *err)
{
	if (sync->view.reason[0] == '\0')
		return err_set(err, -ETIMEDOUT,
		    "no answer from %s in time; try again later",
		    sync->api_url);
	return err_set(err, -ENETUNREACH, "%s", sync->view.reason);
}

static int
check_identity(struct sync *sync, bool have_boards, struct err *err)
{
	int64_t until_ms = time_monotonic_ms() + SYNC_WAIT_MS;

	do {
		int64_t next_ms = until_ms, now_ms = time_monotonic_ms();

		identity_run(sync, now_ms, &next_ms);
		(void)sync->remote->ops->run(
		    sync->remote, next_ms > now_ms ? next_ms - now_ms : 0);
		if (sync->identity.foreign)
			return err_set(err, -EPERM, "%s", sync->view.reason);
		if (sync->identity.checked)
			return 0;
	} while (sync->identity.running && time_monotonic_ms() < until_ms);
	if (sync->identity.err.code != 0) {
		*err = sync->identity.err;
		return err->code;
	}
	/* Who has the boards can go on without a network; but not with
	 * credentials that were just called wrong. */
	if (have_boards && sync->account_gate_ms == 0)
		return 0;
	return say_offline(sync, err);
}

/* What may be changed is shown from the first listing on; but nobody waits
 * for long to hear it. */
#define RIGHTS_WAIT_MS 3000

static void
wait_for_rights(struct sync *sync)
{
	struct identity *identity = &sync->identity;
	int64_t until_ms = time_monotonic_ms() + RIGHTS_WAIT_MS;
	int64_t now_ms = until_ms - RIGHTS_WAIT_MS, next_ms;

	while (identity->checked && now_ms < until_ms) {
		next_ms = until_ms;
		identity_run(sync, now_ms, &next_ms);
		if (!identity->running)
			return;
		(void)remote_run(sync->remote, until_ms - now_ms);
		now_ms = time_monotonic_ms();
	}
}

static int
first_boards(struct sync *sync, struct err *err)
{
	int64_t until_ms = time_monotonic_ms() + SYNC_WAIT_MS;
	int64_t next_ms, now_ms;

	do {
		next_ms = until_ms;
		now_ms = time_monotonic_ms();
		poll_run(sync, now_ms, &next_ms);
		(void)sync->remote->ops->run(
		    sync->remote, next_ms > now_ms ? next_ms - now_ms : 0);
		if (sync->view.news_ms != TIME_NONE)
			return 0;
	} while (sync->poll.running && time_monotonic_ms() < until_ms);
	return say_offline(sync, err);
}

int
sync_prepare(struct sync *sync, struct err *err)
{
	int known = identity_known(sync);
	int r = known < 0 ? known : tasks_update(sync);
	bool have_boards = sync->tasks.n > 0;

	if (r != 0)
		return err_set(err, r, "the state database cannot be read: %s",
		    strerror(-r));
	sync->identity.checked = known == 1;
	identity_recall_rights(sync);
	if (!sync->identity.checked) {
		r = check_identity(sync, have_boards, err);
		wait_for_rights(sync);
	}
	if (r == 0 && !have_boards)
		r = first_boards(sync, err);
	observed_update(sync, NULL, 0);
	return r;
}

int
sync_start(struct sync *sync, struct err *err)
{
	sigset_t all, old;
	int code;

	/* What came before is nobody's news. */
	buf_free(&sync->events);
	code = sync->downloads != NULL
		   ? downloads_start(sync->downloads, sync, err)
		   : 0;
	if (code != 0)
		return code;
	/* Signals are for the main thread. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &old);
	code = pthread_create(&sync->thread, NULL, thread_main, sync);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (code != 0) {
		if (sync->downloads != NULL)
			downloads_stop(sync->downloads);
		return err_set(
		    err, -code, "no thread can be started: %s", strerror(code));
	}
	sync->started = true;
	return 0;
}

void
sync_stop(struct sync *sync)
{
	if (sync == NULL || !sync->started)
		return;
	/* Who waits for bytes is answered first. */
	if (sync->downloads != NULL)
		downloads_stop(sync->downloads);
	(void)pthread_mutex_lock(&sync->lock);
	sync->stopping = true;
	(void)pthread_mutex_unlock(&sync->lock);
	sync->remote->ops->wakeup(sync->remote);
	(void)pthread_join(sync->thread, NULL);
	sync->started = false;
	if (sync->answers_by_ms != 0)
		orders_say_left(sync);
}

struct downloads *
sync_downloads(struct sync *sync)
{
	return sync->downloads;
}

void
sync_wakeup(struct sync *sync)
{
	sync->remote->ops->wakeup(sync->remote);
}

void
sync_changed(struct sync *sync)
{
	if (!atomic_exchange(&sync->changed, true))
		sync_wakeup(sync);
}

bool
sync_read_only(struct sync *sync)
{
	bool read_only;

	(void)pthread_mutex_lock(&sync->lock);
	read_only = sync->view.read_only;
	(void)pthread_mutex_unlock(&sync->lock);
	return read_only;
}
