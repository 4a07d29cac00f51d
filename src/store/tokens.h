#ifndef STORE_TOKENS_H
#define STORE_TOKENS_H

#include "util/buf.h"
#include "util/vec.h"

#include <stdbool.h>

struct db;
struct tokenizer;

/**
 * The words of a text as the index of texts has them (index.h): without case
 * and accents.  For names that are few, and looked at one by one.
 */
struct tokens {
	struct buf text; /* NUL behind each */
	VEC(size_t) starts;
};

/* As the arguments of the tokenizer and in the schema. */
#define TOKENIZER_NAME "unicode61"
#define TOKENIZER_CATEGORIES "L* N* Co So"

/** 0 or -errno. */
int tokenizer_open(struct db *db, struct tokenizer **ret_tokenizer);
void tokenizer_close(struct tokenizer *tokenizer);

/** Cut text into its words; tokens_fini() after 0.  0 or -ENOMEM. */
int tokens_make(
    struct tokenizer *tokenizer, const char *text, struct tokens *ret_tokens);
void tokens_fini(struct tokens *tokens);

/** Whether these are all the words of a name (whole), or stand in it one
 * behind the other, of the last one perhaps only the beginning. */
bool tokens_match(
    const struct tokens *name, const struct tokens *words, bool whole);

#endif
