#include "fs/upload.h"

#include "store/uploads.h"
#include "sync/downloads.h"
#include "util/buf.h"

#include <stdlib.h>

/* A READ that waits for bytes. */
struct reading {
	struct download_wait wait; /* first: resume gets it */
	fuse_req_t req;
	struct fs *fs;
};

static void
resume(struct download_wait *wait, int err, const void *data)
{
	struct reading *reading = (struct reading *)wait;

	/* From here on no interrupt can reach what is freed below. */
	fuse_req_interrupt_func(reading->req, NULL, NULL);
	if (err != 0)
		(void)fuse_reply_err(reading->req, -err);
	else
		(void)fuse_reply_buf(reading->req, data, wait->len);
	free(reading);
}

/* Called with the request locked: it must not be answered here. */
static void
interrupted(fuse_req_t req, void *data)
{
	struct reading *reading = data;

	(void)req;
	downloads_interrupt(sync_downloads(reading->fs->sync), &reading->wait);
}

static int
find_upload(struct fs *fs, const struct node *file, struct upload *ret_upload)
{
	struct tx *tx;
	int r = store_read(fs->store, false, &tx);

	if (r != 0)
		return r;
	r = upload_get(tx, file, ret_upload);
	store_end(tx);
	return r;
}

static int
park(fuse_req_t req, const struct node *node, size_t len, off_t off)
{
	struct fs *fs = fs_of(req);
	struct upload upload = {0};
	struct reading *reading = NULL;
	struct download_file file;
	int r = find_upload(fs, node, &upload);

	if (r == 0) {
		reading = calloc(1, sizeof *reading);
		r = reading != NULL ? 0 : -ENOMEM;
	}
	if (r != 0)
		goto end;
	file = (struct download_file){.ino = node->ino,
	    .card = upload.card,
	    .id = upload.id,
	    .url = model_str(upload.attachment.url),
	    .name = upload_file_name(&upload),
	    .size = node->size};
	*reading = (struct reading){
	    .wait = {.offset = off, .len = len, .resume = resume},
	    .req = req,
	    .fs = fs};
	fuse_req_interrupt_func(req, interrupted, reading);
	r = downloads_wait(sync_downloads(fs->sync), &file, &reading->wait);
	if (r != 0) {
		fuse_req_interrupt_func(req, NULL, NULL);
		free(reading);
	}
end:
	upload_fini(&upload);
	return r;
}

void
upload_read(fuse_req_t req, const struct node *file, size_t size, off_t off)
{
	struct downloads *downloads = sync_downloads(fs_of(req)->sync);
	char *data = NULL;
	int r = 0;

	if (off >= file->size)
		size = 0;
	else if (file->size - off < (int64_t)size)
		size = (size_t)(file->size - off);
	if (size > 0 && downloads == NULL)
		r = -ENODATA;
	if (r == 0 && size > 0) {
		data = malloc(size);
		r = data != NULL ? downloads_read(downloads, upload_id(file),
				       file->size, off, data, size)
				 : -ENOMEM;
	}
	if (r == 0)
		(void)fuse_reply_buf(req, data, size);
	free(data);
	if (r == 1)
		r = park(req, file, size, off);
	if (r < 0)
		(void)fuse_reply_err(req, -r);
}

int
upload_error(struct fs *fs, const struct node *file, struct buf *out)
{
	struct downloads *downloads = sync_downloads(fs->sync);

	if (downloads == NULL)
		return buf_add_str(out, "what is in it is at Trello only, and "
					"Trello is not asked here");
	return downloads_error(downloads, upload_id(file), out);
}
