#ifndef TEXT_INLINE_H
#define TEXT_INLINE_H

#include <stddef.h>

struct buf;

/**
 * Names and addresses inside one line of Markdown.  All of it reads back as
 * the same bytes, in our reader and in Markdown's: what would end the line is
 * written as `&#10;` or `&#13;`, what looks like that gets a `\` before it.
 */

/**
 * Append a name that takes the rest of a line (a checklist's, an item's).
 * Blanks at its ends, which the reader drops, become `&#32;` or `&#9;`.
 */
int inline_add_name(struct buf *out, const char *name);

/** Append the name that the line says, blanks at both ends dropped. */
int inline_read_name(struct buf *out, const char *s, size_t len);

/** Append `[text](address)`; angle: `[text](<address>)` in any case. */
int inline_add_link(
    struct buf *out, const char *text, const char *address, int angle);

/**
 * Read a link that takes all of s: `[text](address)`, `<address>` or a bare
 * address, which is its own text.  Appends to both.  Returns 0, -EINVAL if s
 * is no link, or -ENOMEM.
 */
int inline_read_link(
    const char *s, size_t len, struct buf *ret_text, struct buf *ret_address);

#endif
