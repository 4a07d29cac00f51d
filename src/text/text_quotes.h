#ifndef TEXT_TEXT_QUOTES_H
#define TEXT_TEXT_QUOTES_H

#include "util/vec.h"

#include <stdbool.h>
#include <stddef.h>

struct comment;
struct text_reader;

/**
 * What stands below `## Comments` is a row of blocks: quotes (lines that begin
 * with '>') and words, blank lines between them.  A quote whose first line
 * heads a known comment is that comment; after the last of those, whatever
 * stands there is a new comment.
 */

struct text_block {
	size_t at, end; /* end: without the LF of the last line */
	unsigned line;
	bool is_quote;
	bool is_known;
};

/* A comment of the card, as the ancestor had it or (is_late) as it is now. */
struct text_known {
	const struct comment *comment;
	char *header;
	bool is_late;
	bool found;
	bool is_plain; /* it is not a quote, but words at the end, */
	bool is_tail;  /* the last ones there */
	char *changed; /* the text that its quote has now, NULL: the same */
};

struct text_quotes {
	struct text_reader *reader;
	VEC(struct text_block) blocks;
	/* Those of the context's card, in its order, then the late ones. */
	VEC(struct text_known) known;
	size_t cursor; /* where the next known comment is likely */
};

/**
 * Find the blocks between two offsets, `at` being that line, and the known
 * comments among them.  *ret_behind is the number of blocks up to the last
 * of those.  0 or -errno with the reader's error; fini in any case.
 */
int text_quotes_read(struct text_quotes *quotes, size_t at, size_t end,
    unsigned line, size_t *ret_behind);

void text_quotes_fini(struct text_quotes *quotes);

/**
 * Whether a block is a quote of a comment that this card does not have, in a
 * text that was not made from this card's: it came along with a copy.
 */
bool text_quotes_is_foreign(
    const struct text_quotes *quotes, const struct text_block *block);

#endif
