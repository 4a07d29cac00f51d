#include "trello/local.h"

#include "trello/calls.h"
#include "trello/local_account.h"
#include "trello/remote.h"
#include "trello/verdict.h"
#include "util/buf.h"
#include "util/err.h"
#include "json/json_reader.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

/*
 * Requests wait in a queue for each priority until remote_run(): a request is
 * in exactly one queue from submit until it is answered or cancelled.
 */
struct remote_request {
	TAILQ_ENTRY(remote_request) entry;
	struct remote_args args;
};
TAILQ_HEAD(request_queue, remote_request);

struct local {
	struct remote remote; /* first: a struct remote * is one of these */
	struct local_account account;
	struct request_queue queues[PRIORITY_COUNT];
	int wake_fd;
};

static struct local *
local_of(struct remote *remote)
{
	return (struct local *)remote;
}

static int
submit(struct remote *remote, const struct remote_args *args,
    struct remote_request **ret_request)
{
	struct local *local = local_of(remote);
	struct buf route = BUF_INIT;
	struct remote_request *request;
	int r;

	/* Takes what the network takes, and refuses what it refuses. */
	r = call_route(args, &route);
	buf_free(&route);
	if (r != 0)
		return r;
	request = calloc(1, sizeof *request);
	if (request == NULL)
		return -ENOMEM;
	request->args = *args;
	TAILQ_INSERT_TAIL(&local->queues[args->priority], request, entry);
	*ret_request = request;
	return 0;
}

static void
cancel(struct remote *remote, struct remote_request *request)
{
	struct local *local = local_of(remote);

	TAILQ_REMOVE(&local->queues[request->args.priority], request, entry);
	free(request);
}

static void
hurry(struct remote *remote, struct remote_request *request,
    enum remote_priority priority)
{
	struct local *local = local_of(remote);

	if (priority >= request->args.priority)
		return;
	TAILQ_REMOVE(&local->queues[request->args.priority], request, entry);
	request->args.priority = priority;
	TAILQ_INSERT_TAIL(&local->queues[priority], request, entry);
}

static void
read_answer(const struct remote_args *args, const struct buf *body,
    struct remote_verdict *ret_verdict)
{
	struct err err = {0};
	struct reply reply = {
	    .call = call_info(args->call),
	    .host = "the account in memory",
	    .sent = true,
	    .status = 200,
	    .type = "application/json",
	    .read = &err,
	};

	if (args->reader != NULL) {
		(void)json_reader_feed(
		    args->reader, buf_str(body), body->len, &err);
		if (err.code == 0)
			(void)json_reader_finish(args->reader, &err);
	}
	(void)verdict_make(&reply, ret_verdict);
}

static void
answer(struct local *local, const struct remote_args *args)
{
	struct remote_verdict verdict;
	struct buf body = BUF_INIT;
	int status = local_answer(&local->account, args, &body);

	if (status >= 200 && status < 300) {
		read_answer(args, &body, &verdict);
	} else if (status > 0) {
		struct reply reply = {
		    .call = call_info(args->call),
		    .host = "the account in memory",
		    .sent = true,
		    .status = status,
		    .type = "text/plain; charset=utf-8",
		    .body = buf_str(&body),
		    .body_len = body.len,
		};

		(void)verdict_make(&reply, &verdict);
	} else {
		verdict = (struct remote_verdict){
		    .err = status,
		    .scope = SCOPE_OBJECT,
		    .when = WHEN_LATER,
		    .unknown = call_info(args->call)->method != METHOD_GET,
		    .text = "out of memory",
		};
	}
	buf_free(&body);
	if (args->done != NULL)
		args->done(args->cookie, &verdict);
}

/* Answer the first request of the first queue that has one. */
static bool
answer_one(struct local *local)
{
	for (int i = 0; i < PRIORITY_COUNT; i++) {
		struct remote_request *request = TAILQ_FIRST(&local->queues[i]);
		struct remote_args args;

		if (request == NULL)
			continue;
		args = request->args;
		TAILQ_REMOVE(&local->queues[i], request, entry);
		free(request);
		answer(local, &args);
		return true;
	}
	return false;
}

static size_t
count_queued(const struct local *local)
{
	const struct remote_request *request;
	size_t n = 0;

	for (int i = 0; i < PRIORITY_COUNT; i++)
		TAILQ_FOREACH(request, &local->queues[i], entry)
	n++;
	return n;
}

static int
run(struct remote *remote, int64_t timeout_ms)
{
	struct local *local = local_of(remote);
	struct pollfd pfd = {.fd = local->wake_fd, .events = POLLIN};
	/* What callbacks add waits for the next call, so that this one ends. */
	size_t n = count_queued(local);
	uint64_t count;

	if (n > 0 || timeout_ms == 0)
		timeout_ms = 0;
	else if (timeout_ms < 0 || timeout_ms > INT_MAX)
		timeout_ms = timeout_ms < 0 ? -1 : INT_MAX;
	while (n-- > 0 && answer_one(local))
		continue;
	if (poll(&pfd, 1, (int)timeout_ms) < 0 && errno != EINTR)
		return -errno;
	if ((pfd.revents & POLLIN) != 0 &&
	    read(local->wake_fd, &count, sizeof count) < 0 && errno != EAGAIN)
		return -errno;
	return 0;
}

static void
wakeup(struct remote *remote)
{
	uint64_t one = 1;
	ssize_t n = write(local_of(remote)->wake_fd, &one, sizeof one);

	/* Full means that it is awake already. */
	assert(n == (ssize_t)sizeof one || errno == EAGAIN);
}

static void
stats(struct remote *remote, struct remote_stats *ret_stats)
{
	(void)remote;
	*ret_stats = (struct remote_stats){0};
}

static size_t
records(struct remote *remote, struct remote_record *ret_records, size_t max)
{
	(void)remote;
	(void)ret_records;
	(void)max;
	return 0;
}

static void
local_free(struct remote *remote)
{
	struct local *local = local_of(remote);

	for (int i = 0; i < PRIORITY_COUNT; i++)
		while (!TAILQ_EMPTY(&local->queues[i]))
			cancel(remote, TAILQ_FIRST(&local->queues[i]));
	local_account_fini(&local->account);
	(void)close(local->wake_fd);
	free(local);
}

int
local_remote_new(struct remote **ret_remote)
{
	static const struct remote_ops ops = {
	    .submit = submit,
	    .cancel = cancel,
	    .hurry = hurry,
	    .run = run,
	    .wakeup = wakeup,
	    .stats = stats,
	    .records = records,
	    .free = local_free,
	};
	struct local *local = calloc(1, sizeof *local);

	if (local == NULL)
		return -ENOMEM;
	local->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (local->wake_fd < 0) {
		free(local);
		return -errno;
	}
	local->remote.ops = &ops;
	for (int i = 0; i < PRIORITY_COUNT; i++)
		TAILQ_INIT(&local->queues[i]);
	*ret_remote = &local->remote;
	return 0;
}

int
local_remote_add_export(
    struct remote *remote, const char *path, struct err *err)
{
	return local_account_add_file(&local_of(remote)->account, path, err);
}

int
local_remote_add_json(struct remote *remote, const char *name, const void *json,
    size_t len, struct err *err)
{
	return local_account_add_json(
	    &local_of(remote)->account, name, json, len, err);
}
