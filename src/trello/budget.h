#ifndef TRELLO_BUDGET_H
#define TRELLO_BUDGET_H

#include "trello/limiter.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * The limiter that all programs of a user on this machine share: mounts and
 * commands, of one API key and its tokens.  It is a small file
 * (trello/budget_file.h), whose name and content tell neither.  What a program
 * that was killed had out counts for one window more, and no longer.  Where
 * the file cannot be used each has a limiter of its own, says so once in the
 * log, and tries again when it is idle.
 *
 * Not to be used by two threads at once.
 */
struct budget;

struct credentials;

struct budget_options {
	const char *folder;  /* that exists and is ours; NULL: nothing is
			      * shared */
	const char *address; /* whose limits they are */
	const struct credentials *credentials; /* NULL: as nobody */
	bool quiet;			       /* nothing in the log */
	/* Milliseconds; NULL: CLOCK_BOOTTIME, which is one for all programs
	 * and goes on while the machine sleeps. */
	int64_t (*clock_ms)(void *cookie);
	void *cookie;
};

/** 0 or -ENOMEM.  Everything is copied. */
int budget_new(
    const struct budget_options *options, struct budget **ret_budget);

/** What is out counts as that of a program that was killed.  NULL does
 * nothing. */
void budget_free(struct budget *budget);

/** From now on with these; those before are no longer counted by us.  0 or
 * -ENOMEM. */
int budget_use(struct budget *budget, const struct credentials *credentials);

/* What budget_take() gave leave for. */
struct budget_ticket {
	struct limiter_request request;
	struct limiter_ticket entry;
	unsigned generation; /* of the credentials */
};

/** As limiter_take(). */
int64_t budget_take(struct budget *budget, enum remote_priority priority,
    bool members, struct budget_ticket *ret_ticket);

/* What a reply's headers say; a negative number: nothing. */
struct budget_limits {
	struct {
		int64_t interval_ms, max, remaining;
	} window[LIMITER_MEMBERS]; /* LIMITER_TOKEN, LIMITER_KEY */
	int64_t retry_after_ms;
};

/* How a request has ended. */
struct budget_end {
	enum limiter_outcome outcome;
	bool members_limit;		    /* a 429 is for that one */
	const struct budget_limits *limits; /* NULL: nothing is known */
	double random;			    /* 0 to 1 */
};
void budget_end(struct budget *budget, const struct budget_ticket *ticket,
    const struct budget_end *end);

/** Fill in the budget_... fields and held_ms. */
void budget_stats(struct budget *budget, struct remote_stats *ret_stats);

#endif
