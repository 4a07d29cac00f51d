#ifndef STORE_SAVES_H
#define STORE_SAVES_H

#include "store/nodes.h"

#include <stdbool.h>
#include <stddef.h>

struct tx;

/**
 * A card's text while a program writes it.  It stands beside the text that
 * the card shows otherwise (as blocks, like a local file's data), is what
 * READ gives and what the size says, and is safe from the first WRITE on.
 * Settling (sync/settle.h) ends it.
 */
struct save {
	uint64_t ino;
	int64_t since_ms; /* wall clock: its first request */
	int64_t last_ms;  /* its last WRITE or truncation */
	bool written;	  /* there was a WRITE since it was empty */
	bool draft;	  /* it was settled and cannot be sent: kept */
	uint64_t writer;  /* who wrote first (util/process.h), 0: unknown */
	/* Offsets at which it was appended to (O_APPEND), rising. */
	VEC(size_t) appended;
};
void save_fini(struct save *save);

/** 0, -ENOENT (nothing is being written) or -errno. */
int save_get(struct tx *tx, uint64_t ino, struct save *ret_save);

/** Whether something is. 1, 0 or -errno. */
int saves_has(struct tx *tx, uint64_t ino);

/** Who writes (util/process.h, 0: unknown), and when.  The writer counts for
 * the first WRITE to a text that is not written or a draft. */
struct save_by {
	uint64_t writer;
	int64_t now_ms;
};
int saves_want_writer(struct tx *tx, uint64_t ino); /* 1, 0 or -errno */

/** Write, at the end if `append` whatever the offset.  Begins a save with the
 * present text if there is none.  The node's size and times follow.  Errors
 * as for local_write(); -EFBIG where no text can be that long. */
int save_write(struct tx *tx, struct node *node, int64_t offset,
    const void *data, size_t len, bool append, const struct save_by *by);

/** Cut or lengthen; likewise. */
int save_truncate(
    struct tx *tx, struct node *node, int64_t size, int64_t now_ms);

/** The whole text as it was written, in memory; free it. */
int save_text(
    struct tx *tx, const struct node *node, char **ret_text, size_t *ret_len);

/** Mark it as a draft, or not. */
int save_set_draft(struct tx *tx, uint64_t ino, bool draft);

/** End it: what was written is forgotten.  The caller sets the node's size. */
int save_end(struct tx *tx, uint64_t ino);

/** Inode numbers of saves that are no drafts and whose last WRITE was before
 * a time. */
int saves_before(struct tx *tx, int64_t before_ms, uint64_t *inos, size_t max,
    size_t *ret_n);

/** How many drafts there are. */
int saves_drafts(struct tx *tx, int64_t *ret_count);

#endif
