#ifndef STORE_UNTOLD_H
#define STORE_UNTOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Texts as the kernel has them, after others have changed them.  It keeps a
 * file's size until it is told to forget it, and cuts a longer text to that:
 * so until it was told, and has asked for the new attributes, it is given the
 * old text.  What was not told after UNTOLD_MS, or is too much to keep, is
 * given as it is.  From any thread.
 */
#define UNTOLD_MS 10000
#define UNTOLD_BYTES_MAX ((size_t)8 << 20)

struct invalidations;
struct node;
struct store;
struct untold;

/** 0 or -ENOMEM. */
int untold_new(struct untold **ret_untold);
void untold_free(struct untold *untold);

/** Who has changed it. */
enum untold_whose {
	UNTOLD_NOT,    /* a request, whose answer says it */
	UNTOLD_OWN,    /* what was written here is shown in another form */
	UNTOLD_OTHERS, /* others, at Trello */
};

/** Before a commit that answers no request: keep what the files among these
 * have been until now.  In memory nothing is kept. */
void untold_keep(struct store *store, const struct invalidations *out,
    enum untold_whose whose);

/** After a commit that answers a request, or a WRITE: what it has done is
 * to be seen at once. */
void untold_drop_all_of(struct untold *untold, const struct invalidations *out);
void untold_drop(struct untold *untold, uint64_t ino);

/**
 * What others have changed goes through this, and then is kept no more:
 *
 * - until the kernel was told, and somewhat longer: old attributes, which it
 *   may not keep
 * - until those have read who had come before (untold_pause): who asks waits
 * - then (untold_told): new attributes.  Of those who wait one is answered,
 *   so that the kernel has them, and the others with untold_release().
 *
 * READ is given the old text until somebody was given new attributes.  Of what
 * was changed here they are given at once: who has saved a text expects to see
 * what became of it.
 */
void untold_pause(struct untold *untold, uint64_t ino);
/** known: the kernel had the inode.  True: others wait. */
bool untold_told(struct untold *untold, uint64_t ino, bool known);
void untold_release(struct untold *untold);

/** Nothing is known of what it was told, or nothing will be told. */
void untold_forget(struct untold *untold);

/** Whether nothing is kept. */
bool untold_is_empty(const struct untold *untold);

/** Whether something was kept since this was asked that was changed here. */
bool untold_take_own(struct untold *untold);

/** Whether this one is, and was changed by others. */
bool untold_by_others(struct untold *untold, uint64_t ino);

/** Something to be done when new attributes may be given: the caller owns the
 * struct until done is called, in any thread. */
struct untold_waiter {
	void (*done)(struct untold_waiter *waiter);
	struct untold_waiter *next;
};

/** False: it need not wait. */
bool untold_wait(
    struct untold *untold, uint64_t ino, struct untold_waiter *waiter);

/** From time to time while something is kept: drop what is too old. */
void untold_expire(struct untold *untold);

/**
 * The attributes of a node, which has been read, as they may be given out.
 * True: they are those of the kept text, and the kernel may not keep them, as
 * it may just have been told.  Otherwise nothing is kept any more.
 */
bool untold_attributes(struct untold *untold, struct node *node);

/** READ, after the text was read: false if that is right. */
bool untold_read(struct untold *untold, uint64_t ino, int64_t offset,
    void *data, size_t len, size_t *ret_len);

#endif
