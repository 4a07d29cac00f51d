#ifndef STORE_INDEX_H
#define STORE_INDEX_H

#include <stdint.h>

struct store;
struct tx;

/**
 * What is searched (find.h): the words of all cards as they are shown, and
 * what else is asked for, in tables of their own (schema.c).  A change of a
 * card notes in its own transaction, by triggers, that the index is behind for
 * it; whoever searches brings it up to date first, and the sync thread where many
 * cards are behind.  So a save costs a row of a few bytes, however many words
 * the card has, and nobody finds what is not there any more.
 *
 * Words are never taken out of the index: a card that has changed is a new
 * document, the old one is no card's any more, and when most are so, all is
 * indexed anew.
 */

/* How long one who searches waits, of all that may be to do. */
#define INDEX_WAIT_MS 5000

/** Whether the index is behind.  1, 0 or -errno. */
int index_is_behind(struct tx *tx);

/**
 * Bring it up to date, in short transactions.  0; -EAGAIN: after INDEX_WAIT_MS
 * there is still something to do; or -errno.
 */
int index_update(struct store *store);

/** It is damaged (-EBADMSG): forget it, all is to be indexed.  0 or -errno. */
int index_make_anew(struct store *store);

/** If it is behind for many cards: bring it up to date for some of them, in a
 * short transaction.  1: do so again, 0: it is not, or -errno. */
int index_some(struct store *store);

/* What a document says of its card, in found.flags. */
#define INDEX_ATTACHMENTS 1
#define INDEX_DESCRIPTION 2
#define INDEX_MEMBERS 4
#define INDEX_COMPLETE 8
#define INDEX_ARCHIVED 16 /* its node is one of archived.h */

#endif
