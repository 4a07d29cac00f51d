#ifndef FUZZ_CARD_H
#define FUZZ_CARD_H

#include "model/model.h"

#include <stdbool.h>

struct card_text_context;

/* abort() if it does not hold. */
void require(bool holds);

/* For struct id_source; the cookie is an unsigned number. */
void fuzz_next_id(void *cookie, char id[MODEL_ID_SIZE]);

/* The card that texts are read against: a board with labels, members and
 * fields of all types, and one of everything that a card can have. */
void fuzz_card_make(struct board *board, struct card *card);

/* The card's own text says what the card is. */
void fuzz_card_check(
    const struct card_text_context *context, struct card *card);

#endif
