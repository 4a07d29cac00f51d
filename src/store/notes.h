#ifndef STORE_NOTES_H
#define STORE_NOTES_H

#include <stdint.h>

struct tx;

/**
 * What was done, but otherwise than who did it may think, and what could not
 * be done where no card is to say so beside it: lines of .trellofs/problems,
 * which go when the same thing is done well, or after NOTES_KEPT_MS.
 */
#define NOTES_KEPT_MS ((int64_t)24 * 3600 * 1000)

struct note {
	uint64_t ino;	  /* a node, or the folder that name is in */
	const char *name; /* "": the node itself */
	const char *what, *why;
};

/** Note it; an older one of the same node and name goes.  0 or -errno */
int note_set(struct tx *tx, const struct note *note);

/** Forget it, if there is one.  0 or -errno */
int note_clear(struct tx *tx, uint64_t ino, const char *name);

/** Call fn for each, oldest first, until it gives non-zero, which is
 * returned. */
typedef int note_fn(void *cookie, const struct note *note);
int note_each(struct tx *tx, note_fn *fn, void *cookie);

int notes_count(struct tx *tx, int64_t *ret_count);

/** Forget what is too old. */
int notes_prune(struct tx *tx, int64_t now_ms);

#endif
