#ifndef STORE_FIND_NAMES_H
#define STORE_FIND_NAMES_H

#include "model/model.h"

#include <stdbool.h>

struct inos;
struct query_term;
struct tokenizer;
struct tx;

/**
 * What names in a query mean: cards, or tags of documents.  A name without
 * words (a picture) is meant where a name has it as it is written.
 */

/** Add the cards of the boards, or of the lists, of that name, with those that
 * are archived or without; a board may be given by its id.  0 or -errno. */
int find_in_folders(struct tx *tx, struct tokenizer *tokenizer,
    const struct query_term *term, bool archived, struct inos *inos);

/** Add the ids, each once, of labels (by name or colour) or members (by
 * username or full name, as a whole; `me`).  0 or -errno. */
int find_tags(struct tx *tx, struct tokenizer *tokenizer,
    const struct query_term *term, model_ids *ids);

#endif
