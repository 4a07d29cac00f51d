#ifndef FS_UPLOAD_H
#define FS_UPLOAD_H

#include "fs/private.h"

/** READ of what is uploaded to a card: answered at once if the bytes are here,
 * otherwise when they have come (sync/downloads.h). */
void upload_read(
    fuse_req_t req, const struct node *file, size_t size, off_t off);

/** Append why it could not be read; -ENODATA: it could. */
int upload_error(struct fs *fs, const struct node *file, struct buf *out);

#endif
