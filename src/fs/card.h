#ifndef FS_CARD_H
#define FS_CARD_H

#include "fs/private.h"

struct folder_changes;
struct text_error;

/**
 * What the operations of the mount do with cards: each is a short transaction
 * that changes what is shown and journals it.  All return 0 or -errno.
 */

/** WRITE to a card's text: kept at once, sent when settled.  -EINVAL: it made
 * the front matter complete, and that is wrong. */
struct card_write {
	const void *data;
	size_t len;
	off_t offset;
	bool append;
	pid_t thread; /* whose */
};
int card_write_text(
    struct fs *fs, uint64_t ino, const struct card_write *write);

/** Cut or lengthen a card's text. */
int card_truncate_text(struct fs *fs, uint64_t ino, off_t size);

/** The text is complete: check it, and journal what it changes.  A conflict is
 * an error for -o sync only. */
int card_settle(struct fs *fs, uint64_t ino);

/** The card of this name, if there is one, is about to go or to get another
 * text: what was written and closed before, or just appended, is complete. */
void card_settle_before(struct fs *fs, uint64_t list, const char *name);

/** Make a card, or bring back the one that had this name a moment ago, with
 * an empty text that is being written. */
int card_create(struct folder_changes *changes, struct fs *fs,
    const struct node *list, const char *name, struct node *ret_node);

/** Archive it, soon. */
int card_archive(
    struct folder_changes *changes, struct fs *fs, const struct node *card);

/** Give it another name, another list, or both.  The new place is free. */
int card_move(struct folder_changes *changes, struct fs *fs,
    const struct node *card, const struct node *list, const char *name);

/** A text from elsewhere becomes the card's; card->mtime_ns is its time.
 * *ret_took: the card that has it, which may be another one (settle_card()).
 * -EINVAL or -EFBIG with ret_error filled: it cannot be. */
int card_take_text(struct folder_changes *changes, struct fs *fs,
    const struct node *card, const struct settle_source *source,
    uint64_t *ret_took, struct text_error *ret_error);

/** Card.md.error was removed: the card shows its own text again. */
int card_give_up(
    struct folder_changes *changes, struct fs *fs, const struct node *file);

/** Whether a text with front matter is being written to the card and its end
 * is still to come. */
bool card_is_partial(struct fs *fs, const struct node *card);

/** At the start: texts that were being written when the program died.  What
 * is complete is taken, the rest is a draft. */
void card_recover(struct fs *fs);

#endif
