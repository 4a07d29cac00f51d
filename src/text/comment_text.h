#ifndef TEXT_COMMENT_TEXT_H
#define TEXT_COMMENT_TEXT_H

struct board;
struct buf;
struct comment;
struct zone;

/* The author of whom Trello has no name: no username has a hyphen. */
#define COMMENT_TEXT_UNKNOWN "unknown-member"

/** Append what heads a comment's quote: `@alice 2026-11-02 14:03:27`. */
int comment_text_header(struct buf *out, const struct comment *comment,
    const struct board *board, const struct zone *zone);

/** Append the whole quote, a blank line before it. */
int comment_text_add(struct buf *out, const struct comment *comment,
    const struct board *board, const struct zone *zone);

#endif
