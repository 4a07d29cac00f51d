#include "trello/http.h"

#include "trello/calls.h"
#include "trello/http_easy.h"
#include "trello/http_ledger.h"
#include "trello/http_private.h"
#include "trello/http_setup.h"
#include "trello/http_transfer.h"
#include "trello/remote.h"
#include "trello/retry.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/timeutil.h"
#include "util/waking.h"

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

static struct http *
http_of(struct remote *remote)
{
	return (struct http *)remote;
}

/* 0 to 1.  Vigna's splitmix64: good enough to spread programs in time. */
double
http_random(struct http *http)
{
	uint64_t z = http->random_state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

void
http_wait(struct http *http, struct remote_request *request)
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
	http_wait(http, request);
	*ret_request = request;
	return 0;
}

/* A 429 of the members' window says so in its text. */
bool
http_is_members_limit(const struct remote_verdict *verdict)
{
	return verdict != NULL && verdict->status == 429 &&
	       (strstr(verdict->text, "member") != NULL ||
		   strstr(verdict->text, "MEMBER") != NULL);
}

void
http_finish(struct http *http, struct remote_request *request)
{
	request->state = FINISHED;
	TAILQ_INSERT_TAIL(&http->finished, request, entry);
}

/* Take the transfer from curl and enter it in the books. */
void
http_end_transfer(struct http *http, struct remote_request *request,
    const struct remote_verdict *verdict, bool again)
{
	struct transfer *transfer = request->transfer;
	struct remote_record record;
	const struct http_outcome outcome = {
	    .members_limit = http_is_members_limit(verdict),
	    .reached = transfer_sent(transfer),
	    .again = again,
	    .limits = transfer_limits(transfer),
	    .random = http_random(http),
	};

	transfer_record(transfer, &record);
	http_ledger_end(http->ledger, &request->ticket, &outcome, &record);
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
		http_end_transfer(http, request, NULL, false);
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
	http_wait(http, request);
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
	if (http_is_members_limit(&request->verdict) ||
	    transfer_limits(request->transfer)->retry_after_ms >
		http->retry.max_ms)
		return -1;
	return retry_wait_ms(
	    &http->retry, request->tries, elapsed_ms, http_random(http));
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
	http_end_transfer(http, request, &request->verdict, wait_ms >= 0);
	if (wait_ms < 0) {
		http_finish(http, request);
		return;
	}
	request->not_before_ms = time_monotonic_ms() + wait_ms;
	http_wait(http, request);
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

/* 1: the machine has slept. */
static int
wait_for_events(struct http *http, int64_t wait_ms)
{
	struct curl_waitfd waking = {
	    .fd = http->waking_fd, .events = CURL_WAIT_POLLIN};

	if (curl_multi_poll(http->multi, &waking, http->waking_fd >= 0,
		wait_ms > 0 ? (int)wait_ms : 0, NULL) != CURLM_OK)
		return -EIO;
	if (waking.revents == 0)
		return 0;
	waking_clear(http->waking_fd);
	return 1;
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
		http_start(http, &wait_ms);
		r = perform(http);
		if (r < 0)
			return r;
		if (deliver(http) || atomic_exchange(&http->woken, false))
			return 0;
		if (time_monotonic_ms() >= until_ms)
			return 0;
		if (r > 0)
			continue; /* there is room for another one */
		if (until_ms - time_monotonic_ms() < wait_ms)
			wait_ms = until_ms - time_monotonic_ms();
		r = wait_for_events(http, wait_ms);
		if (r != 0)
			return r < 0 ? r : 0;
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
	ret_stats->in_flight = http->n_running;
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
	waking_close(http->waking_fd);
	http_ledger_free(http->ledger);
	http_setup_fini(&http->setup);
	free(http);
	curl_global_cleanup();
}

static int
set_credentials(struct remote *remote, const struct credentials *credentials)
{
	struct http *http = http_of(remote);
	int r = http_setup_set_credentials(&http->setup, credentials);

	return r == 0 ? http_ledger_use(http->ledger, credentials) : r;
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
	const struct budget_options budget = {
	    .folder = options->budget_folder,
	    .address = options->base_url,
	    .credentials = options->credentials,
	    .quiet = options->quiet,
	};
	int r = http_setup_init(&http->setup, options, err);

	if (r != 0)
		return r;
	http->patience_ms = options->patience_ms;
	http->retry = options->retry != NULL ? *options->retry : RETRY_DEFAULT;
	http->max_running =
	    options->max_running != 0 ? options->max_running : MAX_RUNNING;
	r = http_ledger_new(&budget, &http->ledger);
	http->multi = curl_multi_init();
	if (r != 0 || http->multi == NULL) {
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
	http->waking_fd = waking_open();
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
