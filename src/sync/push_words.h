#ifndef SYNC_PUSH_WORDS_H
#define SYNC_PUSH_WORDS_H

#include <stdbool.h>

struct buf;
struct entry;
struct node;
struct tx;

/**
 * Refusals in words, for the person whose change it was.  Each function
 * appends one line without a newline.  0 or -errno.
 */

/** What one change is about: `the label "bug"`. */
int push_words_add(struct tx *tx, const struct entry *entry, struct buf *out);

/** What was refused of an object, in the order of the journal: `Trello did not
 * accept: the title "B", the label "bug"`. */
int push_words_what(struct tx *tx, const char *object, struct buf *out);

/** What can be done about it.  node: what it is about, err: why, draft: a text
 * was refused, which is in the card's file now. */
int push_words_remedy(
    const struct node *node, bool draft, int err, struct buf *out);

/** Why something is refused that belongs to what was refused. */
#define PUSH_WORDS_LOST "what it belongs to was not accepted"

#endif
