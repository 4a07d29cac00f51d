#ifndef STORE_CHECKPOINT_H
#define STORE_CHECKPOINT_H

#include <stdbool.h>

struct store;

/**
 * What is committed stands in the log (WAL) first.  Now and then it has to be
 * copied to the database file, with two fsyncs: not by who happens to commit
 * then, but by a thread that does nothing else.  Private to src/store.
 */
struct checkpointer;

/**
 * For the database at this path.  The thread begins when there is something
 * to do for the first time, in the process that does it.  lock_writer and
 * unlock_writer keep all others from writing.  0 or -ENOMEM.
 */
int checkpointer_new(const char *path, void (*lock_writer)(struct store *store),
    void (*unlock_writer)(struct store *store), struct store *store,
    struct checkpointer **ret_checkpointer);

/** Wait for what it is doing, and end it.  NULL does nothing. */
void checkpointer_free(struct checkpointer *checkpointer);

/** The writer's: its commit left the log with so many pages.  False: they have
 * to be copied, and there is no thread that does. */
bool checkpointer_note(struct checkpointer *checkpointer, int pages);

#endif
