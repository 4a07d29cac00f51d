#ifndef TEXT_REV_H
#define TEXT_REV_H

#include <stddef.h>

struct buf;

/* A rev is eight hex digits, the first of which is a letter: no YAML reader
 * takes it for a number. */
#define TEXT_REV_SIZE 9
#define TEXT_REV_LINE "rev: "

/** Append the line of a rev that is not known yet; *ret_at is where it stands
 * in out. */
void text_rev_begin(struct buf *out, size_t *ret_at);

/** Give the text that begins at `start` of out its rev: a hash over all of it
 * but that line.  Equal texts have equal revs. */
void text_rev_end(
    struct buf *out, size_t start, size_t at, char ret_rev[TEXT_REV_SIZE]);

#endif
