#ifndef UNIT_PUSH_ACCOUNT_H
#define UNIT_PUSH_ACCOUNT_H

/* A remote that stands before the account in memory: it writes down what is
 * asked, and can fail in every way. */

#include "trello/remote.h"
#include "util/buf.h"
#include "util/vec.h"

struct push_asked;

enum fault {
	FAULT_NONE,
	FAULT_OFFLINE,	/* it never got there */
	FAULT_LOST,	/* it was done, and the answer is lost */
	FAULT_LATE,	/* it gets there when all others are answered */
	FAULT_NOT_DONE, /* it was not done, and that is not known */
	FAULT_REFUSED,	/* 400 with `says` */
	FAULT_GONE,	/* 404 */
	FAULT_TROUBLE,	/* 500, of a GET or PUT: later */
	FAULT_ACCOUNT,	/* 401: the credentials */
};

struct push_account {
	struct remote remote; /* first: a struct remote * is one of these */
	struct remote *inner;
	struct buf log; /* a line a request */
	/* The next `n_faults` requests of `fault_call` (CALL_COUNT: writes of
	 * any kind; reads stay) go wrong. */
	enum fault fault;
	enum remote_call fault_call;
	unsigned n_faults;
	const char *says;
	bool reads_too; /* the fault is of reads, too */
	/* Counts down requests and answers; at 0 the program dies: nothing
	 * more is sent or answered.  Negative: never. */
	int steps_left;
	bool dead;
	unsigned n_running, n_running_max;
	VEC(struct push_asked *) asked;
};

void push_account_init(struct push_account *account);
void push_account_fini(struct push_account *account);

/* Ask the account itself, as somebody else would; it must succeed. */
void push_account_ask(struct push_account *account, struct remote_args *args);

#endif
