#include "fs/private.h"

#include "fs/notifier.h"
#include "sync/orders.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A request that is answered when the sync thread has done it, and a WRITE to
 * .trellofs/control when the kernel knows that, too: others may hold the locks
 * that it needs for that. */
struct given {
	struct sync_order order; /* first: resume gets it */
	struct notifier_after after;
	fuse_req_t req;
	struct fs *fs;
	struct fs_reply reply;
	int err;
	uint64_t held[2]; /* folders whose locks the request has; 0: none */
};

static void
answer(struct given *given)
{
	if (given->err != 0)
		(void)fuse_reply_err(given->req, -given->err);
	else
		fs_reply(given->req, &given->reply);
	for (size_t i = 0; i < 2; i++)
		if (given->held[i] != 0)
			notifier_release(given->fs->notifier, given->held[i]);
	free(given);
}

static void
told(struct notifier_after *after)
{
	answer((struct given *)((char *)after - offsetof(struct given, after)));
}

static void
resume(struct sync_order *order, int err)
{
	struct given *given = (struct given *)order;

	/* From here on no interrupt can reach what is freed below. */
	fuse_req_interrupt_func(given->req, NULL, NULL);
	given->err = err;
	given->after.done = told;
	if (given->reply.kind == REPLY_WRITE)
		notifier_then(given->fs->notifier, &given->after);
	else
		answer(given);
}

/* Called with the request locked: it must not be answered here. */
static void
interrupted(fuse_req_t req, void *data)
{
	struct given *given = data;

	(void)req;
	sync_order_interrupt(given->fs->sync, &given->order);
}

static void
give(struct given *given, fuse_req_t req)
{
	given->order.resume = resume;
	given->req = req;
	given->fs = fs_of(req);
	for (size_t i = 0; i < 2; i++)
		if (given->held[i] != 0)
			notifier_hold(given->fs->notifier, given->held[i]);
	fuse_req_interrupt_func(req, interrupted, given);
	sync_give_order(given->fs->sync, &given->order);
}

/* Who asks then sees what it has done. */
static void
give_later(struct given *given, fuse_req_t req, uint64_t folder)
{
	given->req = req;
	given->fs = fs_of(req);
	given->held[0] = folder;
	given->after.done = told;
	notifier_hold(given->fs->notifier, folder);
	notifier_then(given->fs->notifier, &given->after);
}

void
fs_answer(fuse_req_t req, int r, const struct fs_done *done)
{
	struct fs *fs = fs_of(req);
	struct given *given = r == 0 ? calloc(1, sizeof *given) : NULL;

	if (given == NULL) {
		(void)fuse_reply_err(req, r != 0 ? -r : ENOMEM);
		return;
	}
	given->reply.kind = done->entry != NULL ? REPLY_ENTRY : REPLY_ERR;
	if (done->entry != NULL)
		given->reply.entry = *done->entry;
	if (fs->wait && (done->all || model_str(done->object)[0] != '\0')) {
		given->order.kind = ORDER_SYNC;
		given->order.own = true;
		given->order.take_back = !done->text;
		given->order.refusals = done->refusals;
		(void)snprintf(given->order.object, sizeof given->order.object,
		    "%s", model_str(done->object));
		given->held[0] = done->folder;
		given->held[1] = done->other;
		give(given, req);
		return;
	}
	sync_changed(fs->sync);
	if (done->told) {
		give_later(given, req, done->folder);
		return;
	}
	fs_reply(req, &given->reply);
	free(given);
}

/* A number and white space. */
static int
parse_number(const char *data, size_t size, int64_t *ret_number)
{
	char text[32], *end;

	if (size >= sizeof text)
		return -EINVAL;
	memcpy(text, data, size);
	text[size] = '\0';
	errno = 0;
	*ret_number = strtoll(text, &end, 10);
	end += strspn(end, " \t\n");
	return end == text || *end != '\0' || errno != 0 ? -EINVAL : 0;
}

void
fs_order(fuse_req_t req, fuse_ino_t ino, const char *data, size_t size)
{
	struct given *given = NULL;
	int r = virtual_is_dir(ino) || virtual_order(ino) == ORDER_KINDS
		    ? -EACCES
		    : 0;

	if (r == 0)
		given = calloc(1, sizeof *given);
	if (r == 0 && given == NULL)
		r = -ENOMEM;
	if (r == 0 && virtual_order(ino) == ORDER_CANCEL)
		r = parse_number(data, size, &given->order.number);
	if (r != 0) {
		free(given);
		(void)fuse_reply_err(req, -r);
		return;
	}
	if (virtual_order(ino) == ORDER_SYNC && fs_writable(fs_of(req)))
		watch_settle_now(fs_of(req)->watch);
	given->order.kind = virtual_order(ino);
	given->order.refusals = sync_refusals(fs_of(req)->sync);
	given->reply.kind = REPLY_WRITE;
	given->reply.size = size;
	give(given, req);
}
