/* Starts of what may be sent, in order of priority. */

#include "trello/http_private.h"

#include "trello/calls.h"
#include "trello/http_ledger.h"
#include "util/timeutil.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool
uses_members_window(const struct remote_request *request)
{
	return call_info(request->args.call)->member_window;
}

/* The request cannot be sent at all. */
static void
fail(struct http *http, struct remote_request *request, int r)
{
	request->verdict = (struct remote_verdict){
	    .err = r,
	    .scope = SCOPE_OBJECT,
	    .when = r == -ENOMEM ? WHEN_LATER : WHEN_NEVER,
	};
	strcpy(request->verdict.text,
	    r == -ENOMEM ? "out of memory" : "this cannot be asked");
	http_finish(http, request);
}

/* A reader that has seen bytes of a try that failed is of no more use. */
static int
renew_reader(struct remote_request *request)
{
	if (!request->fed)
		return 0;
	request->fed = false;
	request->reader = request->args.restart(request->args.cookie);
	return request->reader != NULL ? 0 : -ENOMEM;
}

/* The limiter has agreed: send it. */
static void
start(struct http *http, struct remote_request *request)
{
	int r = renew_reader(request);
	CURL *handle;

	TAILQ_REMOVE(&http->queues[request->args.priority], request, entry);
	if (r == 0)
		r = transfer_new(&http->setup, &request->args, request->reader,
		    &request->transfer);
	if (r != 0) {
		http_ledger_give_back(http->ledger, &request->ticket);
		fail(http, request, r);
		return;
	}
	transfer_set_owner(request->transfer, request);
	if (request->tries++ == 0)
		request->first_ms = time_monotonic_ms();
	request->state = RUNNING;
	TAILQ_INSERT_TAIL(&http->running, request, entry);
	http->n_running++;
	handle = transfer_handle(request->transfer);
	if (curl_multi_add_handle(http->multi, handle) != CURLM_OK) {
		http_end_transfer(http, request, NULL, false);
		fail(http, request, -ENOMEM);
	}
}

/* How many may run before one of this priority is no longer started. */
static unsigned
places(const struct http *http, int priority)
{
	if (priority != PRIORITY_BACKGROUND)
		return http->max_running;
	return (http->max_running + 1) / 2;
}

static void
lower(int64_t *wait_ms, int64_t ms)
{
	if (ms < *wait_ms)
		*wait_ms = ms;
}

/* The limits let it go too late for those who wait. */
static void
give_up(struct http *http, struct remote_request *request, int64_t ms)
{
	request->verdict = (struct remote_verdict){
	    .err = -EAGAIN,
	    .scope = SCOPE_NETWORK,
	    .when = WHEN_LATER,
	};
	(void)snprintf(request->verdict.text, sizeof request->verdict.text,
	    "the rate limit allows no more requests of this kind for %lld s",
	    (long long)(ms + 999) / 1000);
	TAILQ_REMOVE(&http->queues[request->args.priority], request, entry);
	http_finish(http, request);
}

/* Ask for leave, and start it or give it up.  False: it waits. */
static bool
try(struct http *http, struct remote_request *request, int64_t *wait_ms)
{
	int64_t ms = http_ledger_take(http->ledger, request->args.priority,
	    uses_members_window(request), &request->ticket);

	if (ms == 0) {
		start(http, request);
		return true;
	}
	if (http->patience_ms > 0 && ms > http->patience_ms &&
	    ms != INT64_MAX) {
		give_up(http, request, ms);
		lower(wait_ms, 0);
		return true;
	}
	lower(wait_ms, ms);
	return false;
}

/* Start what may start of one queue. */
static void
start_queue(struct http *http, int priority, int64_t *wait_ms)
{
	struct remote_request *request = TAILQ_FIRST(&http->queues[priority]);
	int64_t now_ms = time_monotonic_ms();

	while (request != NULL && http->n_running < places(http, priority)) {
		struct remote_request *next = TAILQ_NEXT(request, entry);

		if (request->not_before_ms > now_ms)
			lower(wait_ms, request->not_before_ms - now_ms);
		else if (!try(http, request, wait_ms) &&
			 !uses_members_window(request))
			return;
		request = next;
	}
}

/* The limits know what goes before what. */
void
http_start(struct http *http, int64_t *wait_ms)
{
	for (int i = 0; i < PRIORITY_COUNT; i++)
		start_queue(http, i, wait_ms);
}
