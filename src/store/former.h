#ifndef STORE_FORMER_H
#define STORE_FORMER_H

#include "model/ids.h"
#include "store/nodes.h"

struct card;

/**
 * Names that cards had until others moved, renamed or archived them: an editor
 * that still has the card open saves it there.  Kept for FORMER_KEPT_MS.
 */
#define FORMER_KEPT_MS ((int64_t)30 * 24 * 3600 * 1000)

/** The card is about to leave its name.  0 or -errno. */
int former_note(struct tx *tx, const struct node *card);

/** Which card had the name in the folder and stands in `url:` by this link.
 * 0, -ENOENT or -errno. */
int former_find(struct tx *tx, uint64_t folder, const char *name,
    const char *link, char ret_id[MODEL_ID_SIZE]);

/** Add the ids of all cards that had the name in the folder.  0 or -errno. */
int former_cards(
    struct tx *tx, uint64_t folder, const char *name, model_ids *ret_ids);

/** A card goes, and a copy of its text stays here: who brings that back means
 * the card.  0 or -errno. */
int former_note_copied(struct tx *tx, const struct card *card);

/** Which card this is a copy of, by the link in its `url:`.  0, -ENOENT or
 * -errno. */
int former_copied(struct tx *tx, const char *link, char ret_id[MODEL_ID_SIZE]);

/** Forget what is too old. */
int former_prune(struct tx *tx, int64_t now_ms);

#endif
