#ifndef SYNC_SETTLE_H
#define SYNC_SETTLE_H

#include "store/folder.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;
struct text_error;
struct zone;

/**
 * From a text that a program has written to changes in the journal.  Pure
 * work on the store: it may be called from any thread, and never waits.
 */
struct settle_context {
	struct store *store;
	const struct zone *zone;
	int64_t settle_ms;	   /* changes of one card join for this long */
	int64_t comment_settle_ms; /* a comment that ends a saved text */
	bool allow_delete;	   /* comments and attachments, too */
};

/**
 * The text that is being written to the card is complete (closed, synced, or
 * still for long enough): compare it with the text that it was made from,
 * journal the differences, and show the card as it is now, which may be the
 * text as it was written.  An empty text gives way to the card's own.
 * Nothing happens if nothing is being written.
 *
 * What looks like a new card may be the save of one that others have moved,
 * renamed or archived while its text was open: *ret_took is the card that has
 * the text in the end, 0 if none has.
 *
 * 0; -EINVAL, -EFBIG or -ESTALE (in conflict) with ret_error filled: the text
 * stays as a draft, and the problem is noted; -errno.
 */
int settle_card(const struct settle_context *context, uint64_t ino,
    uint64_t *ret_took, struct text_error *ret_error,
    struct invalidations *out);

/** A text from elsewhere. */
struct settle_source {
	const char *text; /* ends in a NUL */
	size_t len;
	uint64_t writer; /* who put it there (util/process.h), 0: unknown */
};

/**
 * The same inside a transaction for a text from elsewhere, a file that is
 * renamed over the card and whose mtime `card` has.  An error leaves
 * everything as it was; lines that were changed at Trello, too, are none: the
 * card has both versions then, as a draft.
 */
int settle_text(const struct settle_context *context,
    struct folder_changes *changes, const struct node *card,
    const struct settle_source *source, uint64_t *ret_took,
    struct text_error *ret_error);

/** Whether the front matter of the text so far is complete and wrong, or the
 * text too large: then it can be told at once.  The first `good` bytes were
 * shown, or have been looked at.  0, or -EINVAL or -EFBIG with ret_error. */
int settle_check_so_far(const struct settle_context *context, struct tx *tx,
    const struct node *card, size_t good, struct text_error *ret_error);

/** Note in the transaction that the text that is being written is wrong, and
 * keep it as a draft.  0 or -errno. */
int settle_keep_draft(struct folder_changes *changes, const struct node *card,
    const struct text_error *error);

/**
 * The user gives a draft up (removed Card.md.error): the card shows its own
 * text again.  What Trello does not have yet has none: that is tried again,
 * and -EINVAL or -EFBIG if its text is still wrong.  0 or -errno.
 */
int settle_give_up(const struct settle_context *context,
    struct folder_changes *changes, struct node *card);

/** The card goes, or is to be something else: what was wrong with it is over,
 * and its draft with it.  0 or -errno. */
int settle_forget(struct folder_changes *changes, const struct node *card);

#endif
