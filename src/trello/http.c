#include "trello/http.h"

#include "trello/calls.h"
#include "trello/http_easy.h"
#include "trello/http_ledger.h"
#include "trello/http_setup.h"
#include "trello/http_transfer.h"
#include "trello/remote.h"
#include "trello/retry.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/timeutil.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>

#define MAX_RUNNING 8

/*
 * A request is in one of three states, and in the queue that goes with it:
 *
 *	waiting   queues[priority]   for the limiter, a place, or not_before_ms
 *	running   running            transfer != NULL, curl has its handle
 *	finished  finished           verdict is set, done is yet to be called
 *
 *	submit -> waiting -> running -> finished -> done is called, freed
 *	             ^----------'  tried again
 *
 * Cancelling takes it out of any of them.
 */
struct remote_request {
	TAILQ_ENTRY(remote_request) entry;
	enum { WAITING, RUNNING, FINISHED } state;
	struct remote_args args;
	struct json_reader *reader; /* of the present try */
	struct transfer *transfer;
	unsigned tries;
	int64_t first_ms;      /* when the first try began */
	int64_t not_before_ms; /* when the next may */
	bool fed;	       /* the reader has seen bytes */
	bool maybe_done;       /* a write that an earlier try may have done */
	bool signed_again;     /* with another time or nonce, at once */
	struct remote_verdict verdict;
};
TAILQ_HEAD(request_queue, remote_request);

struct http {
	struct remote remote; /* first: a struct remote * is one of these */
	struct transfer_setup setup;
	struct retry_policy retry;
	unsigned max_running;
	unsigned n_running;
	CURLM *multi;
	struct http_ledger *ledger;
	struct request_queue queues[PRIORITY_COUNT];
	struct request_queue running;
	struct request_queue finished;
	uint64_t random_state;
	atomic_bool woken;
};

static struct http *
http_of(struct remote *remote)
{
	return (struct http *)remote;
}

/* 0 to 1.  Vigna's splitmix64: good enough to spread programs in time. */
static double
random_next(struct http *http)
{
	uint64_t z = http->random_state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static void
wait_in_queue(struct http *http, struct remote_request *request)
{
	request->state = WAITING;
	TAILQ_INSERT_TAIL(
	    &http->queues[request->args.priority], request, entry);
}

static int
submit(struct remote *remote, const struct remote_args *args,
    struct remote_request **ret_request)
{
	struct http *http = http_of(remote);
	struct buf route = BUF_INIT;
	struct remote_request *request;
	int r;

	r = call_route(args, &route);
	buf_free(&route);
	if (r != 0)
		return r;
	request = calloc(1, sizeof *request);
	if (request == NULL)
		return -ENOMEM;
	request->args = *args;
	request->reader = args->reader;
	wait_in_queue(http, request);
	*ret_request = request;
	return 0;
}

/* A 429 of the members' window says so in its text. */
static bool
is_members_limit(const struct remote_verdict *verdict)
{
	return verdict != NULL && verdict->status == 429 &&
	       (strstr(verdict->text, "member") != NULL ||
		   strstr(verdict->text, "MEMBER") != NULL);
}

static bool
uses_members_window(const struct remote_request *request)
{
	return call_info(request->args.call)->member_window;
}

static void
finish(struct http *http, struct remote_request *request)
{
	request->state = FINISHED;
	TAILQ_INSERT_TAIL(&http->finished, request, entry);
}

/* Take the transfer from curl and enter it in the books. */
static void
end_transfer(struct http *http, struct remote_request *request,
    const struct remote_verdict *verdict, bool again)
{
	struct transfer *transfer = request->transfer;
	struct remote_record record;
	const struct http_outcome outcome = {
	    .members = uses_members_window(request),
	    .members_limit = is_members_limit(verdict),
	    .reached = transfer_sent(transfer),
	    .again = again,
	    .limits = transfer_limits(transfer),
	    .random = random_next(http),
	};

	transfer_record(transfer, &record);
	http_ledger_end(http->ledger, &outcome, &record);
	(void)curl_multi_remove_handle(http->multi, transfer_handle(transfer));
	transfer_free(transfer);
	request->transfer = NULL;
	TAILQ_REMOVE(&http->running, request, entry);
	http->n_running--;
}

static void
cancel(struct remote *remote, struct remote_request *request)
{
	struct http *http = http_of(remote);

	switch (request->state) {
	case WAITING:
		TAILQ_REMOVE(
		    &http->queues[request->args.priority], request, entry);
		break;
	case RUNNING:
		end_transfer(http, request, NULL, false);
		break;
	case FINISHED:
		TAILQ_REMOVE(&http->finished, request, entry);
		break;
	}
	free(request);
}

static void
hurry(struct remote *remote, struct remote_request *request,
    enum remote_priority priority)
{
	struct http *http = http_of(remote);

	if (priority >= request->args.priority)
		return;
	if (request->state != WAITING) {
		request->args.priority = priority;
		return;
	}
	TAILQ_REMOVE(&http->queues[request->args.priority], request, entry);
	request->args.priority = priority;
	wait_in_queue(http, request);
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
	finish(http, request);
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
		http_ledger_give_back(
		    http->ledger, uses_members_window(request));
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
		end_transfer(http, request, NULL, false);
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

/* Start what may start of one queue.  False: nothing behind it may. */
static bool
start_queue(struct http *http, int priority, int64_t *wait_ms)
{
	struct remote_request *request = TAILQ_FIRST(&http->queues[priority]);
	int64_t now_ms = time_monotonic_ms();

	while (request != NULL && http->n_running < places(http, priority)) {
		struct remote_request *next = TAILQ_NEXT(request, entry);
		bool members = uses_members_window(request);
		int64_t ms;

		if (request->not_before_ms > now_ms) {
			lower(wait_ms, request->not_before_ms - now_ms);
			request = next;
			continue;
		}
		ms = http_ledger_take(
		    http->ledger, request->args.priority, members);
		lower(wait_ms, ms > 0 ? ms : *wait_ms);
		if (ms == 0)
			start(http, request);
		else if (!members)
			return false;
		request = next;
	}
	return true;
}

/* Lowers *wait_ms to when it should be looked at again. */
static void
start_all(struct http *http, int64_t *wait_ms)
{
	for (int i = 0; i < PRIORITY_COUNT; i++)
		if (!start_queue(http, i, wait_ms))
			return;
}

/* How long until a request that failed, and may be tried again, is; -1: it is
 * not. */
static int64_t
wait_for_retry(struct http *http, const struct remote_request *request)
{
	int64_t elapsed_ms = time_monotonic_ms() - request->first_ms;

	if (request->fed && request->args.restart == NULL)
		return -1;
	/* No use in waiting for what is longer than anybody waits. */
	if (is_members_limit(&request->verdict) ||
	    transfer_limits(request->transfer)->retry_after_ms >
		http->retry.max_ms)
		return -1;
	return retry_wait_ms(
	    &http->retry, request->tries, elapsed_ms, random_next(http));
}

/* What an earlier try may have done is not undone by one that never got
 * there. */
static void
remember_unknown(struct remote_request *request)
{
	struct remote_verdict *verdict = &request->verdict;

	request->maybe_done = request->maybe_done || verdict->unknown;
	if (verdict->err != 0 && verdict->scope == SCOPE_NETWORK &&
	    request->maybe_done) {
		verdict->unknown = true;
		verdict->when = WHEN_LATER;
	}
}

/*
 * Whether credentials were refused that others, now, would replace: they are
 * not ours any more; or it is a signature, and its time was wrong, or its nonce
 * was sent twice by libcurl (it does that when a connection dies).
 */
static bool
authorize_again(const struct http *http, struct remote_request *request)
{
	const struct remote_verdict *verdict = &request->verdict;
	const struct transfer *transfer = request->transfer;

	if (verdict->status != 401)
		return false;
	if (transfer_generation(transfer) != http->setup.generation)
		return true;
	if (http->setup.credentials.kind != AUTH_OAUTH1 ||
	    request->signed_again)
		return false;
	request->signed_again =
	    transfer_clock_s(transfer) != http->setup.clock_s ||
	    strstr(verdict->text, "nonce") != NULL;
	return request->signed_again;
}

/* A try has ended: once more, or that was it. */
static void
complete(struct http *http, CURL *handle, CURLcode code)
{
	struct transfer *transfer = transfer_of(handle);
	struct remote_request *request = transfer_owner(transfer);
	int64_t wait_ms = -1;
	bool again;

	again = transfer_judge(transfer, code, &request->verdict);
	request->fed = request->fed || transfer_fed(transfer);
	if (request->verdict.err == 0 ||
	    request->verdict.scope != SCOPE_NETWORK)
		http_setup_learn_clock(&http->setup, transfer_date_s(transfer));
	if (authorize_again(http, request))
		wait_ms = 0;
	else if (again)
		wait_ms = wait_for_retry(http, request);
	remember_unknown(request);
	end_transfer(http, request, &request->verdict, wait_ms >= 0);
	if (wait_ms < 0) {
		finish(http, request);
		return;
	}
	request->not_before_ms = time_monotonic_ms() + wait_ms;
	wait_in_queue(http, request);
}

/* Let curl work; 1 if a try has ended, 0 if none has, or -EIO. */
static int
perform(struct http *http)
{
	int running, left;
	int any = 0;
	CURLMsg *message;

	if (curl_multi_perform(http->multi, &running) != CURLM_OK)
		return -EIO;
	while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
		if (message->msg != CURLMSG_DONE)
			continue;
		complete(http, message->easy_handle, message->data.result);
		any = 1;
	}
	return any;
}

/* Call what is done; whether there was anything. */
static bool
deliver(struct http *http)
{
	struct remote_request *request;
	bool any = false;

	while ((request = TAILQ_FIRST(&http->finished)) != NULL) {
		struct remote_args args = request->args;
		struct remote_verdict verdict = request->verdict;

		TAILQ_REMOVE(&http->finished, request, entry);
		free(request);
		if (args.done != NULL)
			args.done(args.cookie, &verdict);
		any = true;
	}
	return any;
}

static int
run(struct remote *remote, int64_t timeout_ms)
{
	struct http *http = http_of(remote);
	int64_t until_ms = INT64_MAX;

	if (timeout_ms >= 0 && timeout_ms < INT_MAX)
		until_ms = time_monotonic_ms() + timeout_ms;
	for (;;) {
		int64_t wait_ms = INT_MAX;
		int r;

		http_easy_wake(&http->setup);
		start_all(http, &wait_ms);
		r = perform(http);
		if (r < 0)
			return r;
		if (deliver(http) || atomic_exchange(&http->woken, false))
			return 0;
		if (time_monotonic_ms() >= until_ms)
			return 0;
		if (r > 0)
			continue; /* there is room for another one */
		lower(&wait_ms, until_ms - time_monotonic_ms());
		if (curl_multi_poll(http->multi, NULL, 0,
			wait_ms > 0 ? (int)wait_ms : 0, NULL) != CURLM_OK)
			return -EIO;
	}
}

static void
wakeup(struct remote *remote)
{
	struct http *http = http_of(remote);

	atomic_store(&http->woken, true);
	(void)curl_multi_wakeup(http->multi);
}

static void
stats(struct remote *remote, struct remote_stats *ret_stats)
{
	struct http *http = http_of(remote);

	http_ledger_stats(http->ledger, ret_stats);
	ret_stats->heard_ms = http->setup.heard_ms;
	ret_stats->clock_ms = http->setup.clock_s * 1000;
}

static size_t
records(struct remote *remote, struct remote_record *ret_records, size_t max)
{
	return http_ledger_records(http_of(remote)->ledger, ret_records, max);
}

static void
cancel_all(struct http *http, struct request_queue *queue)
{
	while (!TAILQ_EMPTY(queue))
		cancel(&http->remote, TAILQ_FIRST(queue));
}

static void
http_free(struct remote *remote)
{
	struct http *http = http_of(remote);

	for (int i = 0; i < PRIORITY_COUNT; i++)
		cancel_all(http, &http->queues[i]);
	cancel_all(http, &http->running);
	cancel_all(http, &http->finished);
	(void)curl_multi_cleanup(http->multi);
	http_ledger_free(http->ledger);
	http_setup_fini(&http->setup);
	free(http);
	curl_global_cleanup();
}

static int
set_credentials(struct remote *remote, const struct credentials *credentials)
{
	return http_setup_set_credentials(&http_of(remote)->setup, credentials);
}

static const struct remote_ops http_ops = {
    .submit = submit,
    .cancel = cancel,
    .hurry = hurry,
    .run = run,
    .wakeup = wakeup,
    .stats = stats,
    .records = records,
    .set_credentials = set_credentials,
    .free = http_free,
};

static void
init_queues(struct http *http)
{
	for (int i = 0; i < PRIORITY_COUNT; i++)
		TAILQ_INIT(&http->queues[i]);
	TAILQ_INIT(&http->running);
	TAILQ_INIT(&http->finished);
}

static int
init(struct http *http, const struct http_options *options, struct err *err)
{
	int r = http_setup_init(&http->setup, options, err);

	if (r != 0)
		return r;
	http->retry = options->retry != NULL ? *options->retry : RETRY_DEFAULT;
	http->max_running =
	    options->max_running != 0 ? options->max_running : MAX_RUNNING;
	http->ledger = http_ledger_new();
	http->multi = curl_multi_init();
	if (http->ledger == NULL || http->multi == NULL) {
		http_ledger_free(http->ledger);
		(void)curl_multi_cleanup(http->multi);
		http_setup_fini(&http->setup);
		return err_set(err, -ENOMEM, "out of memory");
	}
	return 0;
}

int
http_remote_new(const struct http_options *options, struct remote **ret_remote,
    struct err *err)
{
	struct http *http;
	int r;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(err, -EIO, "libcurl cannot be used");
	http = calloc(1, sizeof *http);
	if (http == NULL) {
		r = err_set(err, -ENOMEM, "out of memory");
		goto fail;
	}
	r = init(http, options, err);
	if (r != 0)
		goto fail;
	init_queues(http);
	/* Not a secret: without it, programs only meet more often. */
	if (getrandom(&http->random_state, sizeof http->random_state,
		GRND_NONBLOCK) < 0)
		http->random_state = (uint64_t)time_wall_ns();
	http->remote.ops = &http_ops;
	*ret_remote = &http->remote;
	return 0;

fail:
	free(http);
	curl_global_cleanup();
	return r;
}
