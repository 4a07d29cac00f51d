#ifndef TEXT_HEADING_H
#define TEXT_HEADING_H

#include <stddef.h>

struct buf;

/**
 * The headings of a card's text.  A heading is a whole line that ends in LF
 * (or with the text); one that ends in CRLF is none.  Blanks at its end do not
 * count.  In a description or comment, a line that would be a heading, with
 * any number of `\` before it, has one `\` more in the text.
 */
enum heading {
	HEADING_NONE,
	HEADING_CHECKLIST, /* ## Checklist: NAME */
	HEADING_ATTACHMENTS,
	HEADING_COMMENTS,
};

#define HEADING_TEXT_CHECKLIST "## Checklist:"
#define HEADING_TEXT_ATTACHMENTS "## Attachments"
#define HEADING_TEXT_COMMENTS "## Comments"

/** Which heading the line is; len does not count its LF. */
enum heading heading_of(const char *line, size_t len);

/** The bytes of s up to the next LF or to the end. */
size_t line_len(const char *s, size_t len);

/** Append one line (no LF) of a description or comment, escaped. */
int heading_escape_line(struct buf *out, const char *line, size_t len);

/** The same for many lines; the last one counts as ending in LF. */
int heading_escape(struct buf *out, const char *s, size_t len);

/** The way back, likewise. */
int heading_unescape_line(struct buf *out, const char *line, size_t len);
int heading_unescape(struct buf *out, const char *s, size_t len);

#endif
