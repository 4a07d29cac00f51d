#include "sync_help.h"

#include "unit.h"

#include "model/model_json.h"
#include "trello/auth.h"
#include "trello/local.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/timeutil.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORDS 4

const struct remote_verdict fake_fine = {0};
const struct remote_verdict fake_offline = {.err = -ENETUNREACH,
    .scope = SCOPE_NETWORK,
    .when = WHEN_LATER,
    .text = "api.trello.com: cannot be reached"};
const struct remote_verdict fake_wrong_token = {.err = -EACCES,
    .scope = SCOPE_ACCOUNT,
    .when = WHEN_LATER,
    .status = 401,
    .text = "the token is wrong"};
const struct remote_verdict fake_not_there = {.err = -ENOENT,
    .scope = SCOPE_OBJECT,
    .when = WHEN_NEVER,
    .status = 404,
    .text = "not there"};
const struct remote_verdict fake_no_right = {.err = -EACCES,
    .scope = SCOPE_OBJECT,
    .when = WHEN_NEVER,
    .status = 401,
    .text = "no right to this"};
const struct remote_verdict fake_in_trouble = {.err = -EIO,
    .scope = SCOPE_OBJECT,
    .when = WHEN_LATER,
    .status = 500,
    .text = "Trello is in trouble"};

/* A request stands in the list until its callback is called. */
struct remote_request {
	struct remote_request *next;
	struct fake *fake;
	struct remote_args args;
	struct remote *world;	      /* that is to answer it, or NULL */
	struct remote_request *there; /* its request there */
};

struct rule {
	struct remote_verdict verdict;
	bool hold;
	int world;
	unsigned count;
	enum remote_priority priority;
};

struct fake {
	struct remote remote; /* first */
	struct remote *worlds[FAKE_WORLDS];
	struct remote_request *requests; /* the sync thread's */
	pthread_mutex_t lock;		 /* for what stands below */
	struct rule rules[CALL_COUNT];
	struct remote_stats stats;
	struct remote_record records[RECORDS];
	size_t n_records;
	char token[64]; /* the sync thread's */
};

static bool real_time;
static int64_t now_ms = 1000000;

int64_t __real_time_monotonic_ms(void);
int64_t __wrap_time_monotonic_ms(void);

int64_t
__wrap_time_monotonic_ms(void)
{
	return real_time ? __real_time_monotonic_ms() : now_ms;
}

void
fake_pass_ms(int64_t ms)
{
	now_ms += ms;
}

int64_t
fake_now_ms(void)
{
	return __wrap_time_monotonic_ms();
}

static struct fake *
fake_of(struct remote *remote)
{
	return (struct fake *)remote;
}

static struct rule
rule_of(struct fake *fake, enum remote_call call)
{
	struct rule rule;

	(void)pthread_mutex_lock(&fake->lock);
	rule = fake->rules[call];
	(void)pthread_mutex_unlock(&fake->lock);
	return rule;
}

static int
fake_submit(struct remote *remote, const struct remote_args *args,
    struct remote_request **ret_request)
{
	struct fake *fake = fake_of(remote);
	struct remote_request *request = calloc(1, sizeof *request), **end;

	if (request == NULL)
		return -ENOMEM;
	request->fake = fake;
	request->args = *args;
	for (end = &fake->requests; *end != NULL; end = &(*end)->next)
		continue;
	*end = request;
	(void)pthread_mutex_lock(&fake->lock);
	fake->rules[args->call].count++;
	fake->rules[args->call].priority = args->priority;
	(void)pthread_mutex_unlock(&fake->lock);
	*ret_request = request;
	return 0;
}

static void
unlink_request(struct remote_request *request)
{
	struct remote_request **at = &request->fake->requests;

	while (*at != request)
		at = &(*at)->next;
	*at = request->next;
}

static void
fake_cancel(struct remote *remote, struct remote_request *request)
{
	(void)remote;
	if (request->world != NULL)
		remote_cancel(request->world, request->there);
	unlink_request(request);
	free(request);
}

static void
fake_hurry(struct remote *remote, struct remote_request *request,
    enum remote_priority priority)
{
	struct fake *fake = fake_of(remote);

	if (priority >= request->args.priority)
		return;
	request->args.priority = priority;
	(void)pthread_mutex_lock(&fake->lock);
	fake->rules[request->args.call].priority = priority;
	(void)pthread_mutex_unlock(&fake->lock);
}

static void
finish(struct remote_request *request, const struct remote_verdict *verdict)
{
	const struct remote_args args = request->args;
	const struct remote_verdict copy = *verdict;

	unlink_request(request);
	free(request);
	args.done(args.cookie, &copy);
}

static void
answered(void *cookie, const struct remote_verdict *verdict)
{
	finish(cookie, verdict);
}

/* Whether there was something to do about the request. */
static bool
go_on(struct remote_request *request)
{
	struct rule rule = rule_of(request->fake, request->args.call);
	struct remote_args args = request->args;

	if (request->world != NULL || rule.hold)
		return false;
	if (rule.verdict.err != 0) {
		finish(request, &rule.verdict);
		return true;
	}
	args.done = answered;
	args.cookie = request;
	request->world = request->fake->worlds[rule.world];
	assert_int_equal(
	    remote_submit(request->world, &args, &request->there), 0);
	return true;
}

/* One request a run, so that what happens in between is seen. */
static bool
go_on_with_one(struct fake *fake)
{
	struct remote_request *request = fake->requests;

	while (request != NULL && !go_on(request))
		request = request->next;
	return request != NULL;
}

static int
fake_run(struct remote *remote, int64_t timeout_ms)
{
	struct fake *fake = fake_of(remote);
	bool busy = go_on_with_one(fake);
	int r = 0;

	/* The last one is slept in. */
	for (int i = 1; i < FAKE_WORLDS && r == 0; i++)
		r = remote_run(fake->worlds[i], 0);
	if (!real_time && !busy)
		now_ms += timeout_ms < 0 ? 0 : timeout_ms;
	if (busy || !real_time)
		timeout_ms = 0;
	else if (timeout_ms < 0 || timeout_ms > 50)
		timeout_ms = 50;
	return r == 0 ? remote_run(fake->worlds[0], timeout_ms) : r;
}

static void
fake_wakeup(struct remote *remote)
{
	remote_wakeup(fake_of(remote)->worlds[0]);
}

static void
fake_stats(struct remote *remote, struct remote_stats *ret_stats)
{
	struct fake *fake = fake_of(remote);

	(void)pthread_mutex_lock(&fake->lock);
	*ret_stats = fake->stats;
	(void)pthread_mutex_unlock(&fake->lock);
}

static size_t
fake_records(
    struct remote *remote, struct remote_record *ret_records, size_t max)
{
	struct fake *fake = fake_of(remote);
	size_t n;

	(void)pthread_mutex_lock(&fake->lock);
	n = fake->n_records < max ? fake->n_records : max;
	memcpy(ret_records, fake->records, n * sizeof *ret_records);
	(void)pthread_mutex_unlock(&fake->lock);
	return n;
}

static int
fake_set_credentials(
    struct remote *remote, const struct credentials *credentials)
{
	struct fake *fake = fake_of(remote);

	(void)snprintf(
	    fake->token, sizeof fake->token, "%s", credentials->token.data);
	return 0;
}

const char *
fake_token(struct fake *fake)
{
	return fake->token;
}

static void
fake_free_remote(struct remote *remote)
{
	(void)remote;
}

struct fake *
fake_new(bool with_real_time)
{
	static const struct remote_ops ops = {.submit = fake_submit,
	    .cancel = fake_cancel,
	    .hurry = fake_hurry,
	    .run = fake_run,
	    .wakeup = fake_wakeup,
	    .stats = fake_stats,
	    .records = fake_records,
	    .set_credentials = fake_set_credentials,
	    .free = fake_free_remote};
	struct fake *fake = calloc(1, sizeof *fake);

	assert_non_null(fake);
	real_time = with_real_time;
	fake->remote.ops = &ops;
	(void)pthread_mutex_init(&fake->lock, NULL);
	for (int i = 0; i < FAKE_WORLDS; i++)
		assert_int_equal(local_remote_new(&fake->worlds[i]), 0);
	return fake;
}

void
fake_free(struct fake *fake)
{
	/* Whoever asked has taken his questions back. */
	assert_null(fake->requests);
	for (int i = 0; i < FAKE_WORLDS; i++)
		remote_free(fake->worlds[i]);
	(void)pthread_mutex_destroy(&fake->lock);
	free(fake);
}

struct remote *
fake_remote(struct fake *fake)
{
	return &fake->remote;
}

void
fake_add_board(struct fake *fake, int world, const struct board *board)
{
	struct buf json = BUF_INIT;
	struct err err = {0};
	char name[64];

	(void)snprintf(name, sizeof name, "%s.json", board->id);
	assert_int_equal(board_write(board, &json), 0);
	if (local_remote_add_json(
		fake->worlds[world], name, json.data, json.len, &err) != 0)
		fail_msg("%s", err.text);
	buf_free(&json);
}

void
fake_empty_world(struct fake *fake, int world)
{
	remote_free(fake->worlds[world]);
	assert_int_equal(local_remote_new(&fake->worlds[world]), 0);
}

void
fake_use_world(struct fake *fake, enum remote_call call, int world)
{
	(void)pthread_mutex_lock(&fake->lock);
	for (int i = 0; i < CALL_COUNT; i++)
		if (call == CALL_COUNT || (int)call == i)
			fake->rules[i].world = world;
	(void)pthread_mutex_unlock(&fake->lock);
}

void
fake_fail(struct fake *fake, enum remote_call call,
    const struct remote_verdict *verdict)
{
	(void)pthread_mutex_lock(&fake->lock);
	for (int i = 0; i < CALL_COUNT; i++)
		if (call == CALL_COUNT || (int)call == i)
			fake->rules[i].verdict = *verdict;
	(void)pthread_mutex_unlock(&fake->lock);
	fake_wakeup(&fake->remote);
}

void
fake_hold(struct fake *fake, enum remote_call call, bool hold)
{
	(void)pthread_mutex_lock(&fake->lock);
	for (int i = 0; i < CALL_COUNT; i++)
		if (call == CALL_COUNT || (int)call == i)
			fake->rules[i].hold = hold;
	(void)pthread_mutex_unlock(&fake->lock);
	fake_wakeup(&fake->remote);
}

unsigned
fake_count(struct fake *fake, enum remote_call call)
{
	unsigned count = 0;

	(void)pthread_mutex_lock(&fake->lock);
	for (int i = 0; i < CALL_COUNT; i++)
		if (call == CALL_COUNT || (int)call == i)
			count += fake->rules[i].count;
	(void)pthread_mutex_unlock(&fake->lock);
	return count;
}

void
fake_forget_counts(struct fake *fake)
{
	(void)pthread_mutex_lock(&fake->lock);
	for (int i = 0; i < CALL_COUNT; i++)
		fake->rules[i].count = 0;
	(void)pthread_mutex_unlock(&fake->lock);
}

enum remote_priority
fake_priority(struct fake *fake, enum remote_call call)
{
	return rule_of(fake, call).priority;
}

void
fake_set_stats(struct fake *fake, const struct remote_stats *stats)
{
	(void)pthread_mutex_lock(&fake->lock);
	fake->stats = *stats;
	(void)pthread_mutex_unlock(&fake->lock);
}

void
fake_add_record(struct fake *fake, const struct remote_record *record)
{
	(void)pthread_mutex_lock(&fake->lock);
	assert_true(fake->n_records < RECORDS);
	fake->records[fake->n_records++] = *record;
	(void)pthread_mutex_unlock(&fake->lock);
}
