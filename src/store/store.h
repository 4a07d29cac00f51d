#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/**
 * The one SQLite database that all threads share: what Trello last said, the
 * file tree, texts, local files.  Any thread may begin a transaction; reads
 * run side by side, writes one after the other.  A thread holds at most one
 * transaction at a time and never one while it waits for anything else.
 */
struct store;
struct tx;
struct untold;

/**
 * Open the database at path, or one in memory (path NULL) that goes with the
 * process.  A new file gets mode 0600.  The schema is brought up to date.
 * A file of a newer version is refused with -EPROTO; a damaged one is set
 * aside under another name, what can be read of the local files is taken
 * over, and *err, which is set then although the result is 0, says so.
 */
int store_open(const char *path, struct store **ret_store, struct err *err);
void store_close(struct store *store);

/**
 * Begin to read; end with store_end().  What one statement reads is of one
 * moment, and so is what all of them read if snapshot is true.
 */
int store_read(struct store *store, bool snapshot, struct tx **ret_tx);

/**
 * Begin to read a few rows, of one moment, and end soon: while nobody writes it
 * is the writer that reads, whose cache a write does not empty, and who wants
 * to write meanwhile waits.
 */
int store_read_brief(struct store *store, struct tx **ret_tx);

/** Begin to read what is committed, in one moment, in the thread that writes.
 * -ENOTSUP in memory. */
int store_read_committed(struct store *store, struct tx **ret_tx);

/** Begin to write; end with store_commit() or, to undo it, store_end(). */
int store_write(struct store *store, struct tx **ret_tx);

/** Commit and end tx: safe from a crash of the program after 0. */
int store_commit(struct tx *tx);

/** How many writes were committed since the store was opened: while it is the
 * same, nothing has changed.  At any time. */
uint64_t store_commits(const struct store *store);

/** End a read, or undo a write.  NULL does nothing. */
void store_end(struct tx *tx);

/** Said by numbering_set(). */
void store_set_numbered(struct store *store, bool numbered);

/** What the kernel still has of texts that have changed (untold.h). */
struct untold *store_untold(const struct store *store);

/** Force everything that is committed to the disk (fsync). */
int store_sync(struct store *store);

/** Settings that belong to the database: who it belongs to and the like.
 * Copies at most size - 1 bytes; -ENOENT if there is none. */
int store_meta_get(struct tx *tx, const char *key, char *value, size_t size);
int store_meta_set(struct tx *tx, const char *key, const char *value);

#endif
