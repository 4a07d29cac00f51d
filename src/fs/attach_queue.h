#ifndef FS_ATTACH_QUEUE_H
#define FS_ATTACH_QUEUE_H

struct folder_changes;
struct fs;
struct node;
struct spool;

/**
 * A spooled file that is complete is to be sent: it stands in the journal, and
 * in the card.  node and spool follow, here and in the store.  0 or -errno.
 */
int attach_queue(struct fs *fs, struct folder_changes *changes,
    struct node *node, struct spool *spool);

/** It is not to be sent (any more); what was refused of it is over.  -EBUSY:
 * it is being sent. */
int attach_unqueue(struct fs *fs, struct folder_changes *changes,
    struct node *node, struct spool *spool);

#endif
