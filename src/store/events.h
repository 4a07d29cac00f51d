#ifndef STORE_EVENTS_H
#define STORE_EVENTS_H

#include "store/folder.h"

struct card;

/**
 * What others did, a line of JSON each, added to what a transaction says
 * (struct invalidations).  Members: time, event ("created", "changed",
 * "moved", "gone"), kind ("board", "list", "card"), id, path (below the mount
 * point; of what is gone, where it was), from (of what moved: where it was),
 * and of cards that changed `what`: the words of .trellofs/pending.
 */

/** The node is new, or back. */
int event_created(struct folder_changes *changes, const struct node *node);

/** It has another name or folder; from: its path before. */
int event_moved(
    struct folder_changes *changes, const struct node *node, const char *from);

/** It will be nowhere; before it is taken away. */
int event_gone(struct folder_changes *changes, const struct node *node);

/** The card is `now`, which is not written yet: tell the difference to what
 * the base has, if there is any to be seen.  0 or -errno. */
int event_changed(struct folder_changes *changes, const struct node *node,
    const struct card *now);

#endif
