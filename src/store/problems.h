#ifndef STORE_PROBLEMS_H
#define STORE_PROBLEMS_H

#include <stddef.h>
#include <stdint.h>

struct folder_changes;
struct node;
struct tx;

/**
 * What could not be done with a card, for its `Card.md.error` and
 * .trellofs/problems: one line each of what, why, and what to do about it.
 */
struct problem {
	uint64_t ino;
	int64_t at_ms;
	char *what;
	char *why;
	char *remedy;
	char *text; /* what was refused, or NULL */
	size_t len;
	uint64_t file; /* the file that tells of it, or 0 */
};
void problem_fini(struct problem *problem);

/** Set the problem of a node; it replaces an older one.  text may be NULL. */
int problem_set(struct tx *tx, uint64_t ino, const char *what, const char *why,
    const char *remedy, const void *text, size_t len);

/** 0, -ENOENT or -errno. */
int problem_get(struct tx *tx, uint64_t ino, struct problem *ret_problem);

/**
 * Bring the file `Card.md.error` up to date with the problem of a card, if it
 * has one: a line each of what, why and what to do, and below another line the
 * text that was refused.  It stands beside the card, or at the root if that is
 * nowhere any more.  0 or -errno.
 */
int problem_show(struct folder_changes *changes, const struct node *card);
#define PROBLEM_SUFFIX ".error"
#define PROBLEM_LINE "---- the text that was not taken:"

/** The card is about to leave its place: so does the file beside it, until
 * problem_show(). */
int problem_hide(struct folder_changes *changes, const struct node *card);

/** A folder is shown, or not any more: show the problems in it where they
 * belong now. */
int problems_show_below(
    struct folder_changes *changes, const struct node *folder);

/** The problem of a node is over, if it has one: its file goes. */
int problem_end(struct folder_changes *changes, uint64_t ino);

/** Which card a file tells of.  0, -ENOENT or -errno. */
int problem_of_file(struct tx *tx, uint64_t file, struct node *ret_card);

/** How many there are. */
int problems_count(struct tx *tx, int64_t *ret_count);

/** Call fn for each, oldest first, until it gives non-zero. */
typedef int problem_fn(void *cookie, const struct problem *problem);
int problem_each(struct tx *tx, problem_fn *fn, void *cookie);

#endif
