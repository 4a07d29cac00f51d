#ifndef STORE_ARCHIVED_H
#define STORE_ARCHIVED_H

#include "store/folder.h"

#include "model/model.h"

struct store;
struct zone;

/**
 * What is archived at Trello, in folders `.archive` that no listing shows: of
 * a board its archived cards and lists, of the account its closed boards.
 * Nothing of it is fetched until somebody looks.  It has nodes of its own,
 * beside those that a card, list or board has while it is open: their id is
 * ARCHIVED_MARK and Trello's.
 */
#define ARCHIVE_NAME ".archive"
#define ARCHIVED_MARK "a:"

/** Trello's id of what such a node is of. */
static inline const char *
archived_id(const struct node *node)
{
	return node->id + sizeof ARCHIVED_MARK - 1;
}

/** The id of such a node. */
void archived_mark_id(char out[MODEL_ID_SIZE], const char *id);

/** The `.archive` of a board's folder or of the root; made if there is none
 * yet.  0 or -errno. */
int archived_open(
    struct tx *tx, const struct node *folder, struct node *ret_dir);

/** How what a folder holds stands to what Trello has. */
struct archived_state {
	char board[MODEL_ID_SIZE]; /* "": closed boards */
	int64_t listed_ms;	   /* the board's activity now */
	bool known;		   /* it has been fetched once */
	bool fresh;		   /* and nothing tells that it is old */
};
int archived_state(
    struct tx *tx, const struct node *dir, struct archived_state *ret_state);

/** It could not be fetched: what is there will do for a moment. */
int archived_tried(struct store *store, uint64_t dir);

/** It is to be fetched again when somebody looks, whoever it is of. */
int archived_forget_state(struct tx *tx, const char *board);

/**
 * What is archived on a board has come: lists that are closed with what is in
 * them, and cards that are.  listed_ms: the board's activity when it was asked
 * for.  Or the closed boards.
 */
int archived_apply(struct store *store, uint64_t dir, const struct board *board,
    int64_t listed_ms, const struct zone *zone, struct invalidations *out);
int archived_apply_boards(struct store *store, uint64_t dir,
    const struct boards *boards, struct invalidations *out);

/** A card is archived here: show it, if somebody has looked there. */
int archived_add(struct folder_changes *changes, const struct card *card,
    const struct zone *zone);

/** The same of what is kept of it only, whether anybody has looked or not. */
int archived_keep(struct tx *tx, const struct card *card);

/** It is open again, or deleted: it is shown there no longer.  What Trello
 * said of it is kept until archived_forget(). */
int archived_hide(struct folder_changes *changes, const char *id);
int archived_forget(struct tx *tx, const char *id);

/** What Trello said of an archived card; -ENOENT.  card_fini() it. */
int archived_card(struct tx *tx, const char *id, struct card *ret_card);

/** Whether it is to be open again: it, or the list that it is in.  1, 0 */
int archived_is_coming(struct tx *tx, const char *id);

/** The cards that are archived with a list only. */
int archived_cards_of(struct tx *tx, const char *list, model_ids *ret_ids);

/** Which board it is or was on. */
int archived_board(
    struct tx *tx, const char *id, char ret_board[MODEL_ID_SIZE]);

#endif
