#ifndef STORE_GIVEN_H
#define STORE_GIVEN_H

#include "store/nodes.h"
#include "util/vec.h"

#include <stdbool.h>

struct buf;

/**
 * Texts of files that carry no rev, as they were given out or made of what was
 * saved: what is saved next is compared with one of them.  Each comes with
 * what it was made from.  Kept for GIVEN_KEPT_MS, the last GIVEN_KEPT of each
 * file.
 */
#define GIVEN_KEPT_MS ((int64_t)30 * 24 * 3600 * 1000)
#define GIVEN_KEPT 32

struct given {
	char *text;
	size_t len;
	char *from; /* what it was made from, in the file's own words */
	bool saved;
	uint64_t writer; /* who saved it (util/process.h), 0: unknown */
};
struct givens {
	VEC(struct given) list; /* newest first */
};
int givens_read(struct tx *tx, uint64_t file, struct givens *ret_givens);
void givens_fini(struct givens *givens);

/** Whether the text is the one that the file shows.  1, 0 or -errno. */
int given_is_shown(struct tx *tx, uint64_t file, const struct buf *text);

/** Show it, and note it if it is another one or was saved; the file's size and
 * times follow. */
struct given_origin {
	bool saved;
	uint64_t writer;
};
int given_show(struct tx *tx, struct node *file, const struct buf *text,
    const char *from, const struct given_origin *origin);

/** Note a text that is shown otherwise. */
int given_note(struct tx *tx, uint64_t file, const struct buf *text,
    const char *from, const struct given_origin *origin);

/**
 * How many of them, from the newest, a text may have been made from: none that
 * is older than the last one that the same process saved, which it knows.  Who
 * goes back to an earlier text, byte for byte, undoes what was saved since; but
 * not what others did since, which he has not seen.
 */
size_t givens_candidates(
    const struct givens *givens, const char *text, size_t len, uint64_t writer);

/** What texts were made from knows something by an id of ours, which Trello
 * has given another one.  No text has it by chance. */
int given_rename(struct tx *tx, const char *old_id, const char *new_id);

/** Forget what is too old. */
int given_prune(struct tx *tx, int64_t now_ms);

#endif
