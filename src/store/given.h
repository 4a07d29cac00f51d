#ifndef STORE_GIVEN_H
#define STORE_GIVEN_H

#include "store/nodes.h"
#include "util/buf.h"
#include "util/vec.h"

#include <stdbool.h>

/**
 * Texts of files that are made when they are asked for, as they were given out
 * or saved: what is saved next is compared with one of them.  Each comes with
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

/** Who saved what is shown; nothing: nobody, it was made. */
struct given_origin {
	bool saved;
	uint64_t writer;
};

/** What a file of this kind shows: the text, and what it is made from. */
struct given_text {
	struct buf text;
	struct buf from;
};

/** A kind of file whose text is made when somebody asks for it. */
struct given_kind {
	enum node_kind node;
	const char *name;
	/* Of the file in this folder; 0 or -errno. */
	int (*make)(struct tx *tx, uint64_t folder, struct given_text *made);
};

/** The file of a folder, with its text as it is now; made if there is none
 * yet.  0 or -errno. */
int given_open(struct tx *tx, const struct given_kind *kind,
    const struct node *folder, struct node *ret_node);

/** Whether its text is what it would be made of now, or somebody writes one.
 * 1, 0 or -errno. */
int given_is_current(
    struct tx *tx, const struct given_kind *kind, const struct node *file);

/** Bring its text, size and times up to date, if nobody writes one. */
int given_refresh(
    struct tx *tx, const struct given_kind *kind, struct node *file);

/** The same after a text was saved by a process (util/process.h, 0: unknown),
 * and note that. */
int given_saved(struct tx *tx, const struct given_kind *kind, struct node *file,
    uint64_t writer);

/** Note a text that is shown otherwise: it is made from what is there now, and
 * what is saved next comes from it. */
int given_note(struct tx *tx, const struct given_kind *kind,
    const struct node *file, const struct buf *text);

/** Note a text as it was saved, and what its author makes the next one from. */
int given_note_saved(struct tx *tx, const struct node *file, const char *text,
    size_t len, const char *from, uint64_t writer);

/** Put those that carry a rev before the others, each newest first.  How many
 * there are. */
size_t givens_of_rev(struct givens *givens, const char *rev);

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
