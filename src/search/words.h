#ifndef SEARCH_WORDS_H
#define SEARCH_WORDS_H

struct buf;

/**
 * Append text as it is searched: what is written without spaces (Chinese and
 * Japanese) and what stands for itself (emoji) becomes a word for each
 * character, so that some of them are found as if they were words in quotes.
 * What is indexed and what is asked for have to pass through here.  Returns
 * out->err.
 */
int words_spread(const char *text, struct buf *out);

#endif
