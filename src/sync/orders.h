#ifndef SYNC_ORDERS_H
#define SYNC_ORDERS_H

#include "model/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sync;

/**
 * What the user tells the sync thread to do, by writing to a file of
 * .trellofs/control; the answer comes when it is done.
 */
enum order_kind {
	ORDER_SYNC,    /* send all that waits, now */
	ORDER_REFRESH, /* ask for news, now */
	ORDER_RETRY,   /* what was refused is tried again */
	ORDER_CONFIRM, /* what is held is sent */
	ORDER_DISCARD, /* what is held is taken back */
	ORDER_CANCEL,  /* one change, by its number, is taken back */
	ORDER_KINDS
};

/** "sync", ... and back (ORDER_KINDS: none such). */
const char *order_name(enum order_kind kind);
enum order_kind order_by_name(const char *name);

/**
 * The caller owns the struct until resume is called, exactly once, in the
 * sync thread: err is 0 (done), -EINTR, -EAGAIN (not done within
 * SYNC_WAIT_MS), -ENETUNREACH (it needs the network), -EIO (something was
 * refused, or is a draft), -ENOENT (no change of that number).
 */
struct sync_order {
	enum order_kind kind;
	int64_t number; /* ORDER_CANCEL */
	/* ORDER_SYNC: a card, list or board (then err is why a change of it
	 * was refused since); "": everything. */
	char object[MODEL_ID_SIZE];
	size_t refusals; /* sync_refusals() before it was changed */
	bool take_back;	 /* what is refused of it is taken back */
	bool own;	 /* refusals of before do not count */
	void (*resume)(struct sync_order *order, int err);
	/* The rest is the sync's. */
	struct sync_order *next;
	int64_t since_ms;
	bool begun;
	bool interrupted;
};

/** How many changes have been refused so far: from any thread. */
size_t sync_refusals(const struct sync *sync);

/** From any thread, holding nothing. */
void sync_give_order(struct sync *sync, struct sync_order *order);
void sync_order_interrupt(struct sync *sync, struct sync_order *order);

#endif
