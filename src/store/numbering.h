#ifndef STORE_NUMBERING_H
#define STORE_NUMBERING_H

#include "store/folder.h"

struct store;

/**
 * With `-o numbered` the name of a list's folder begins with its place on the
 * board: `01 To Do`.  It follows from place and title alone.
 */

/** Whether lists are numbered from now on; names that were given otherwise are
 * given anew.  Before anything is mounted.  0 or -errno. */
int numbering_set(struct store *store, bool numbered);

/** Give the lists of a board's folder the names that their places say.  One
 * that was just made under another name keeps that until Trello has it. */
int numbering_apply(struct folder_changes *changes, uint64_t board);

/** What a name says beside its number: *ret_place is that, 0 if there is none
 * or lists are not numbered. */
const char *numbering_split(struct tx *tx, const char *name, size_t *ret_place);

#endif
