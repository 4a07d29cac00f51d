#ifndef STORE_BASE_H
#define STORE_BASE_H

#include "model/model.h"
#include "store/invalidate.h"

struct store;
struct tx;
struct zone;

/**
 * The base: what Trello last said, and the part of the file tree that follows
 * from it.  Only the sync thread changes it.  Every function that does takes
 * the store, not a transaction: it prepares what takes long (texts, names)
 * outside of a write and keeps that short, a thousand cards at most.  What the
 * kernel must forget is added to `out` after the commit.
 */

/* A board as the list of boards knows it. */
struct board_state {
	char id[MODEL_ID_SIZE];
	uint64_t ino;
	int64_t listed_ms; /* dateLastActivity in the last list of boards */
	int64_t looked_ms; /* likewise, when its content was asked for last */
	bool loaded;	   /* its content is here, all of it */
	bool shown_as_now; /* its texts are as this program writes them */
	int error;	   /* -errno why it could not be had, or 0 */
};

/* The rules by which texts are made: this form of a card's text, and a time
 * zone.  With other ones, all texts have to be made anew. */
#define BASE_SHOWN_AS_SIZE 64
void base_shown_as(const struct zone *zone, char out[BASE_SHOWN_AS_SIZE]);

/** Call fn for each board, newest activity first, until it gives non-zero,
 * which is returned.  shown_as: the rules now, for state->shown_as_now. */
typedef int base_board_fn(void *cookie, const struct board_state *state);
int base_each_board(
    struct tx *tx, const char *shown_as, base_board_fn *fn, void *cookie);

/** One board, by its id or its folder. 0, -ENOENT or -errno. */
int base_board(struct tx *tx, const char *id, struct board_state *ret_state);
int base_board_by_ino(
    struct tx *tx, uint64_t ino, struct board_state *ret_state);

/**
 * The list of open boards has come: new boards get their folder, renamed ones
 * their new name.  Ids of boards that are here but not in it are added to
 * *ret_missing; nothing happens to them.
 */
int base_apply_boards(struct store *store, const struct boards *boards,
    model_ids *ret_missing, struct invalidations *out);

/** The board is closed, deleted or out of reach: its folder goes. */
int base_remove_board(
    struct store *store, const char *id, struct invalidations *out);

/** The same inside a transaction, but for the folder itself. */
int base_forget_board(struct tx *tx, const char *id);

/** A board that was made here and that Trello has not heard of, or its new
 * title.  0 or -errno. */
int base_set_own_board(struct tx *tx, const char *id, const char *title);

/** Why the board's content cannot be had (-errno and a line), or 0: no more. */
int base_set_board_error(
    struct store *store, const char *id, int error, const char *text);

/** Call fn for each board that could not be had: its folder's name, why. */
typedef int base_problem_fn(void *cookie, const char *name, const char *why);
int base_each_problem(struct tx *tx, base_problem_fn *fn, void *cookie);

/** Lists and cards that the base has and `board` (gathered, complete) has
 * not: they may be gone, or the reply may be old.  Cards of lists that are
 * missing go or stay with these and are not among them. */
int base_missing(struct store *store, const struct board *board,
    model_ids *ret_lists, model_ids *ret_cards);

/**
 * A board's whole content has come (gathered, complete).  What is in the base
 * but not in it goes, except the lists in `keep` with their cards, and the
 * cards in `keep`.  listed_ms: the
 * activity in the list of boards that made us ask.
 */
int base_apply_board(struct store *store, const struct board *board,
    int64_t listed_ms, const model_ids *keep, const struct zone *zone,
    struct invalidations *out);

/** What Trello last said of a card (the caller ends it with card_fini()), and
 * only where it and a list are.  0, -ENOENT or -errno. */
int base_card(struct tx *tx, const char *id, struct card *ret_card);
int base_card_place(struct tx *tx, const char *id, char ret_list[MODEL_ID_SIZE],
    double *ret_pos);
int base_list(struct tx *tx, const char *id, char ret_board[MODEL_ID_SIZE],
    double *ret_pos);

/** A card as it stands in the database. */
int base_parse_card(const void *json, size_t len, struct card *ret_card);

/** How many cards the base has of a board.  0 or -errno. */
int base_count_cards(struct tx *tx, const char *id, int64_t *ret_n);

/** All that the base has of a board, as a board that was just read: gathered,
 * with lists and cards.  The caller ends it with board_fini().  0 or -errno. */
int base_read_board(
    struct store *store, const char *id, struct board *ret_board);

/** Make all texts of a board that is loaded anew, from the base. */
int base_show_again(struct store *store, const char *id,
    const struct zone *zone, struct invalidations *out);

/** Boards and cards that are known, and boards whose content is not here or
 * could not be had. */
struct base_counts {
	int64_t boards, loaded, failed, cards;
};
int base_counts(struct tx *tx, struct base_counts *ret_counts);

#endif
