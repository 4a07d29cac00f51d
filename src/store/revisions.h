#ifndef STORE_REVISIONS_H
#define STORE_REVISIONS_H

#include "model/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct tx;

/**
 * Texts of cards that were given out or saved, by the rev that they carry:
 * what a save is compared with.  Kept for REVISIONS_KEPT_MS.
 */
#define REVISIONS_KEPT_MS ((int64_t)30 * 24 * 3600 * 1000)

/** One of the texts: the caller ends it with revision_fini(). */
struct revision {
	char *text;
	size_t len;
	struct card card;   /* as the text shows it */
	struct board board; /* names as they were: no lists, no cards */
	/* The ids of the comments that stand in it as plain words at the end,
	 * blanks between them, or NULL. */
	char *tail;
	int64_t num;
	/* The text that this is the ancestor of is an earlier one once more,
	 * and undoes what came after. */
	bool goes_back;
	/* The description with all that was saved under the rev up to now, or
	 * NULL: nothing was. */
	char *merged;
};
void revision_fini(struct revision *revision);

/** A text under a rev. */
struct revision_text {
	const char *rev;
	const char *text; /* ends in a NUL */
	size_t len;
	const char *tail; /* the comments that its last words became, or NULL */
	uint64_t writer;  /* who saves it (util/process.h), 0: unknown */
	int64_t parent;	  /* the number of the one it was made from, or 0 */
	/* The description with this and all that was saved before under the
	 * rev, NULL: as the card has it. */
	const char *merged;
};

/** Note a saved text of the card: the card as it shows it, the board as it
 * was.  One text is noted once under its rev. */
int revision_add(struct tx *tx, const char *object, const struct card *card,
    const struct board *board, const struct revision_text *text);

/** Note the text that a card's node shows, before it is replaced. */
int revision_keep_shown(struct tx *tx, uint64_t ino);

/**
 * Of the texts under the rev the one that differs least from this text, of
 * equals the newest, and none that is older than the last one that the same
 * process saved: that one it knows.  The newest where this is one of the
 * earlier ones, byte for byte: who goes back to it undoes what came after.
 * And one that was made from that where this differs in the same lines: who
 * writes there goes on from it, unless other words show that somebody else
 * does.  0, -ENOENT (the rev is unknown for this card) or -errno.
 */
int revision_nearest(struct tx *tx, const char *object,
    const struct revision_text *text, struct revision *ret_revision);

/** The newest of the texts under the rev.  0, -ENOENT or -errno. */
int revision_newest(struct tx *tx, const char *object, const char *rev,
    struct revision *ret_revision);

/** Forget the texts of a card in which this change was made: it was refused,
 * and a later text is not to be compared with one that has it. */
struct card_change;
int revisions_forget(
    struct tx *tx, const char *object, const struct card_change *change);

/** The text that was saved to the card last (writer 0: by anybody), if it has
 * exactly len bytes (SIZE_MAX: however many), appended to *ret_text.
 * 0, -ENOENT or -errno. */
int revision_saved(struct tx *tx, const char *object, uint64_t writer,
    size_t len, struct buf *ret_text);

/** Forget what is too old. */
int revisions_prune(struct tx *tx, int64_t now_ms);

/** Note a description that the card had at Trello, and that was shown nowhere
 * here: others may have gone on from it.  0 or -errno. */
int revision_add_desc(struct tx *tx, const char *object, const char *desc);

/** Look at the descriptions of all texts of the card that were noted until
 * until_ms, newest first, for the one that another grew out of.  0 or
 * -errno. */
struct origin;
int revisions_see_descs(
    struct tx *tx, const char *object, int64_t until_ms, struct origin *origin);

#endif
