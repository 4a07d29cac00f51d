#include "sync/locate.h"

#include "sync/private.h"

#include <errno.h>
#include <stdio.h>

/*
 * asked -> locatings (under the lock) -> located (the sync thread's own, a
 * request is under way) -> resume.
 */

static void
answer(struct locating *locating, int err, const char *text)
{
	locating->verdict = (struct remote_verdict){
	    .err = err, .scope = SCOPE_NETWORK, .when = WHEN_LATER};
	(void)snprintf(locating->verdict.text, sizeof locating->verdict.text,
	    "%.255s", text);
	locating->resume(locating);
}

void
sync_locate(struct sync *sync, struct locating *locating)
{
	bool stopping;

	locating->sync = sync;
	(void)pthread_mutex_lock(&sync->lock);
	stopping = sync->stopping;
	if (!stopping) {
		locating->next = sync->locatings;
		sync->locatings = locating;
	}
	(void)pthread_mutex_unlock(&sync->lock);
	if (stopping)
		answer(locating, -ENETUNREACH, "the mount is ending");
	else
		sync_wakeup(sync);
}

static void
forget(struct locating *locating)
{
	struct locating **at = &locating->sync->located;

	while (*at != locating)
		at = &(*at)->next;
	*at = locating->next;
}

static void
done(void *cookie, const struct remote_verdict *verdict)
{
	struct locating *locating = cookie;

	sync_note_verdict(locating->sync, verdict);
	forget(locating);
	locating->verdict = *verdict;
	if (verdict->err == 0 && locating->location.len == 0)
		answer(locating, -EBADMSG, "Trello does not say where it is");
	else
		locating->resume(locating);
}

static void
ask(struct sync *sync, struct locating *locating)
{
	const struct remote_args args = {
	    .call = CALL_ATTACHMENT_FILE,
	    .priority = PRIORITY_WAITING,
	    .id = locating->card,
	    .id2 = locating->id,
	    .filter = locating->name,
	    .location = &locating->location,
	    .done = done,
	    .cookie = locating,
	};
	int r = remote_submit(sync->remote, &args, &locating->request);

	if (r != 0) {
		answer(locating, r, "it cannot be asked for");
		return;
	}
	locating->next = sync->located;
	sync->located = locating;
}

static struct locating *
take_all(struct sync *sync)
{
	struct locating *all;

	(void)pthread_mutex_lock(&sync->lock);
	all = sync->locatings;
	sync->locatings = NULL;
	(void)pthread_mutex_unlock(&sync->lock);
	return all;
}

static void
keep(struct sync *sync, struct locating *locating)
{
	(void)pthread_mutex_lock(&sync->lock);
	locating->next = sync->locatings;
	sync->locatings = locating;
	(void)pthread_mutex_unlock(&sync->lock);
}

/* Those who wait need not wait for what is known to fail. */
static void
give_up(struct sync *sync, const char *why)
{
	struct locating *locating;

	while ((locating = sync->located) != NULL) {
		remote_cancel(sync->remote, locating->request);
		forget(locating);
		answer(locating, -ENETUNREACH, why);
	}
}

void
locate_run(struct sync *sync, int64_t now_ms)
{
	struct locating *next, *locating = take_all(sync);

	if (waits_known_offline(sync, now_ms))
		give_up(sync, sync->view.reason);

	for (; locating != NULL; locating = next) {
		next = locating->next;
		if (waits_known_offline(sync, now_ms))
			answer(locating, -ENETUNREACH, sync->view.reason);
		else if (sync->identity.checked)
			ask(sync, locating);
		else
			keep(sync, locating);
	}
}

void
locate_end(struct sync *sync)
{
	struct locating *next, *locating = take_all(sync);

	for (; locating != NULL; locating = next) {
		next = locating->next;
		answer(locating, -ENETUNREACH, "the mount is ending");
	}
	give_up(sync, "the mount is ending");
}
