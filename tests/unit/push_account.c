#include "push_account.h"

#include "unit.h"

#include "trello/calls.h"
#include "trello/local.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A request on its way through. */
struct push_asked {
	struct push_account *account;
	struct remote_args args;
	struct remote_request *inner;
	enum fault fault;
	bool cancelled;
};

static struct push_account *
account_of(struct remote *remote)
{
	return (struct push_account *)remote;
}

static void
write_down(struct push_account *account, const struct remote_args *args)
{
	struct buf body = BUF_INIT;
	const char *text;

	(void)buf_printf(&account->log, "%s ",
	    call_method_name(call_info(args->call)->method));
	if (call_info(args->call)->method == METHOD_GET) {
		struct buf route = BUF_INIT;

		assert_int_equal(call_route(args, &route), 0);
		text = buf_str(&route);
		(void)buf_add(&account->log, text, strcspn(text, "?"));
		buf_free(&route);
	} else {
		assert_int_equal(call_route(args, &account->log), 0);
		assert_int_equal(call_body(args, &body), 0);
	}
	if (body.len > 0)
		(void)buf_printf(&account->log, " %s", buf_str(&body));
	(void)buf_add_char(&account->log, '\n');
	buf_free(&body);
}

static enum fault
take_fault(struct push_account *account, const struct remote_args *args)
{
	bool write = call_info(args->call)->method != METHOD_GET;

	if (account->n_faults == 0 ||
	    (account->fault_call == CALL_COUNT
		    ? !write && !account->reads_too
		    : account->fault_call != args->call))
		return FAULT_NONE;
	account->n_faults--;
	return account->fault;
}

/* One step nearer to the end of the program. */
static void
step(struct push_account *account)
{
	if (account->steps_left > 0 && --account->steps_left == 0)
		account->dead = true;
}

static void
verdict_of(const struct push_asked *asked, struct remote_verdict *verdict)
{
	static const struct remote_verdict verdicts[] = {
	    [FAULT_OFFLINE] = {-ENETUNREACH, SCOPE_NETWORK, WHEN_LATER, false,
		false, 0, "Trello cannot be reached", 0},
	    [FAULT_LOST] = {-EIO, SCOPE_NETWORK, WHEN_LATER, false, true, 0,
		"the connection broke", 0},
	    [FAULT_NOT_DONE] = {-EIO, SCOPE_NETWORK, WHEN_LATER, false, true, 0,
		"the connection broke", 0},
	    [FAULT_REFUSED] = {-EINVAL, SCOPE_OBJECT, WHEN_NEVER, false, false,
		400, "no", 0},
	    [FAULT_GONE] = {-ENOENT, SCOPE_OBJECT, WHEN_NEVER, false, false,
		404, "not there", 0},
	    [FAULT_TROUBLE] = {-EAGAIN, SCOPE_OBJECT, WHEN_LATER, false, false,
		409, "in conflict", 0},
	    [FAULT_ACCOUNT] = {-EACCES, SCOPE_ACCOUNT, WHEN_LATER, false, false,
		401, "the token is wrong", 0},
	};

	*verdict = verdicts[asked->fault];
	if (asked->account->says != NULL && verdict->status != 0)
		(void)snprintf(verdict->text, sizeof verdict->text, "%s",
		    asked->account->says);
}

static void
forget(struct push_asked *asked)
{
	struct push_account *account = asked->account;

	for (size_t i = 0; i < account->asked.n; i++)
		if (account->asked.v[i] == asked)
			account->asked.v[i] =
			    account->asked.v[--account->asked.n];
	account->n_running--;
	free(asked);
}

static void
tell(struct push_asked *asked, const struct remote_verdict *verdict)
{
	struct push_account *account = asked->account;
	struct remote_args args = asked->args;

	step(account);
	/* Who is dead hears nothing; what it had asked goes with it. */
	if (account->dead)
		return;
	forget(asked);
	args.done(args.cookie, verdict);
}

static void
inner_done(void *cookie, const struct remote_verdict *verdict)
{
	struct push_asked *asked = cookie;
	struct remote_verdict lost;

	asked->inner = NULL;
	if (asked->fault == FAULT_LOST && verdict->err == 0) {
		verdict_of(asked, &lost);
		verdict = &lost;
	}
	tell(asked, verdict);
}

static int
send_on(struct push_asked *asked)
{
	struct remote_args inner = asked->args;

	inner.done = inner_done;
	inner.cookie = asked;
	if (asked->fault == FAULT_LOST)
		inner.reader = NULL;
	return remote_submit(asked->account->inner, &inner, &asked->inner);
}

static int
submit(struct remote *remote, const struct remote_args *args,
    struct remote_request **ret_request)
{
	struct push_account *account = account_of(remote);
	struct push_asked *asked, **slot;
	int r = 0;

	step(account);
	asked = calloc(1, sizeof *asked);
	assert_non_null(asked);
	asked->account = account;
	asked->args = *args;
	if (!account->dead) {
		write_down(account, args);
		asked->fault = take_fault(account, args);
		if (asked->fault == FAULT_NONE || asked->fault == FAULT_LOST)
			r = send_on(asked);
	}
	if (r != 0) {
		free(asked);
		return r;
	}
	slot = VEC_ADD(&account->asked);
	assert_non_null(slot);
	*slot = asked;
	if (++account->n_running > account->n_running_max)
		account->n_running_max = account->n_running;
	*ret_request = (struct remote_request *)asked;
	return 0;
}

static void
cancel(struct remote *remote, struct remote_request *request)
{
	struct push_asked *asked = (struct push_asked *)request;

	if (asked->inner != NULL)
		remote_cancel(account_of(remote)->inner, asked->inner);
	forget(asked);
}

static void
hurry(struct remote *remote, struct remote_request *request,
    enum remote_priority priority)
{
	(void)remote;
	(void)request;
	(void)priority;
}

/* What failed before it got anywhere. */
static bool
tell_faults(struct push_account *account)
{
	for (size_t i = 0; i < account->asked.n; i++) {
		struct push_asked *asked = account->asked.v[i];
		struct remote_verdict verdict;

		if (asked->inner != NULL || asked->fault == FAULT_NONE ||
		    asked->fault == FAULT_LATE)
			continue;
		verdict_of(asked, &verdict);
		tell(asked, &verdict);
		return true;
	}
	return false;
}

static void
send_late(struct push_account *account)
{
	for (size_t i = 0; i < account->asked.n; i++)
		if (account->asked.v[i]->fault != FAULT_LATE)
			return;
	for (size_t i = 0; i < account->asked.n; i++) {
		account->asked.v[i]->fault = FAULT_NONE;
		assert_int_equal(send_on(account->asked.v[i]), 0);
	}
}

static int
run(struct remote *remote, int64_t timeout_ms)
{
	struct push_account *account = account_of(remote);

	(void)timeout_ms;
	if (account->dead || tell_faults(account))
		return 0;
	send_late(account);
	return remote_run(account->inner, 0);
}

static void
wakeup(struct remote *remote)
{
	(void)remote;
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
account_free(struct remote *remote)
{
	(void)remote;
}

void
push_account_init(struct push_account *account)
{
	static const struct remote_ops ops = {
	    .submit = submit,
	    .cancel = cancel,
	    .hurry = hurry,
	    .run = run,
	    .wakeup = wakeup,
	    .stats = stats,
	    .records = records,
	    .free = account_free,
	};

	*account =
	    (struct push_account){.fault_call = CALL_COUNT, .steps_left = -1};
	account->remote.ops = &ops;
	assert_int_equal(local_remote_new(&account->inner), 0);
}

void
push_account_fini(struct push_account *account)
{
	VEC_FREE(&account->asked);
	buf_free(&account->log);
	remote_free(account->inner);
}

static void
read_done(void *cookie, const struct remote_verdict *verdict)
{
	*(struct remote_verdict *)cookie = *verdict;
}

void
push_account_ask(struct push_account *account, struct remote_args *args)
{
	struct remote_request *request;
	struct remote_verdict verdict = {.err = 1};

	args->done = read_done;
	args->cookie = &verdict;
	assert_int_equal(remote_submit(account->inner, args, &request), 0);
	for (int i = 0; i < 100 && verdict.err == 1; i++)
		assert_int_equal(remote_run(account->inner, 0), 0);
	if (verdict.err != 0)
		fail_msg("%s", verdict.text);
}
