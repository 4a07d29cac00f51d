#ifndef STORE_REFUSED_H
#define STORE_REFUSED_H

struct folder_changes;
struct node;

/**
 * What Trello refused to do with a list or board that others have archived,
 * closed or deleted is over: nobody sees it any more, and there is nothing to
 * be tried again.  .trellofs/problems says so.  `folder` is as it was; 0 or
 * -errno.
 */
int refused_end(struct folder_changes *changes, const struct node *folder);

#endif
