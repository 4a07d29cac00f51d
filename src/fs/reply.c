#include "fs/private.h"

#include <stdlib.h>

void
fs_reply(fuse_req_t req, const struct fs_reply *reply)
{
	switch (reply->kind) {
	case REPLY_ERR:
		(void)fuse_reply_err(req, 0);
		break;
	case REPLY_WRITE:
		(void)fuse_reply_write(req, reply->size);
		break;
	case REPLY_ATTR:
		(void)fuse_reply_attr(
		    req, &reply->entry.attr, reply->entry.attr_timeout);
		break;
	case REPLY_ENTRY:
		(void)fuse_reply_entry(req, &reply->entry);
		break;
	case REPLY_CREATE:
		(void)fuse_reply_create(req, &reply->entry, &reply->fi);
		break;
	}
}

/* A reply after which the writer may close the file. */
struct writing {
	fuse_req_t req;
	struct fs_reply reply;
};

static void
resume(void *cookie)
{
	struct writing *writing = cookie;

	fs_reply(writing->req, &writing->reply);
	free(writing);
}

void
fs_reply_writing(fuse_req_t req, uint64_t folder, const struct fs_reply *reply)
{
	struct writing *writing = folder != 0 ? malloc(sizeof *writing) : NULL;

	/* Without memory the end is found by time. */
	if (writing == NULL) {
		fs_reply(req, reply);
		return;
	}
	*writing = (struct writing){.req = req, .reply = *reply};
	watch_ready(fs_of(req)->watch, folder, resume, writing);
}
