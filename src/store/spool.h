#ifndef STORE_SPOOL_H
#define STORE_SPOOL_H

#include "model/model.h"

#include <stdbool.h>
#include <stdint.h>

struct node;
struct store;
struct tx;

/**
 * Files in a folder `Card.files` that were made here.  Their bytes are in a
 * folder beside the database, in a file for each that is named by its inode
 * number; of a database in memory they are in memory, too.
 *
 *	open -> queued -> sent		as any other
 *	     -> closed -> queued	its name was none to be sent
 *	     -> broken			not all of it could be written: never
 *					sent, until it is written anew
 *
 * An open or closed file, and one that was refused, is a NODE_SPOOL; one that
 * is in the journal (CHANGE_FILE_ADD has its id) or at Trello a NODE_UPLOAD
 * (uploads.h).  What Trello has stays readable for a while.
 */
enum spool_state {
	SPOOL_OPEN = 0, /* somebody writes */
	SPOOL_CLOSED = 1,
	SPOOL_QUEUED = 2,
	SPOOL_BROKEN = 3,
	SPOOL_SENT = 4,
};

struct spool {
	uint64_t ino;
	char id[MODEL_ID_SIZE]; /* our own, or Trello's */
	enum spool_state state;
	int64_t last_ms; /* wall clock: it was last written */
	int64_t seq;	 /* the entry of the journal, 0: none */
};

/* No account may have larger attachments (Trello: 10 MB, 250 MB if it is
 * paid). */
#define SPOOL_BYTES_MAX ((int64_t)250 << 20)

/** Make an empty one for a node.  0 or -errno. */
int spool_make(struct tx *tx, const struct node *node, int64_t now_ms);

/** 0, -ENOENT or -errno. */
int spool_get(struct tx *tx, uint64_t ino, struct spool *ret_spool);
int spool_by_id(struct tx *tx, const char *id, struct spool *ret_spool);

/** Write all of it but its number back. */
int spool_update(struct tx *tx, const struct spool *spool);

/** Open its file, to read or write it; the caller closes it.  It needs no
 * transaction, and may be called within one.  0, -ENOENT or -errno. */
int spool_open(struct store *store, uint64_t ino, int *ret_fd);
int spool_open_by(struct tx *tx, uint64_t ino, int *ret_fd);

/** Whether a name in such a folder is for this machine only: a temporary one,
 * which begins with a dot or ends in `~`. */
bool spool_is_local_name(const char *name);

/** Whether there is room for so many more bytes in files of such names, or, in
 * memory, in all.  0, -ENOSPC or -errno. */
int spool_check_room(struct tx *tx, const struct node *node, int64_t more);

/** Numbers of those that are open, not written since a time, at most max. */
int spools_before(struct tx *tx, int64_t before_ms, uint64_t *inos, size_t max,
    size_t *ret_n);

/** Trello has one under this id: whoever has our own has that now. */
int spool_sent(struct tx *tx, const char *own_id, const char *id);

/**
 * Remove what nobody asks for any more: of files whose entry or node is gone,
 * and the oldest of those that Trello has, over SPOOL_KEPT_BYTES.  0 or -errno.
 */
#define SPOOL_KEPT_BYTES ((int64_t)256 << 20)
int spools_clean(struct store *store);

/** At the start: what was open is broken, since nobody can tell whether it is
 * complete.  Call fn for each.  0 or -errno. */
typedef int spool_fn(void *cookie, uint64_t ino);
int spools_recover(struct tx *tx, spool_fn *fn, void *cookie);

#endif
