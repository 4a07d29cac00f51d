#ifndef STORE_VIEW_H
#define STORE_VIEW_H

#include "store/folder.h"
#include "store/journal.h"

struct zone;

/**
 * What the mount shows: the base with the journal on top.
 */

/** A card as it is shown, and where. */
struct view_card {
	struct card card; /* id_list and id_board: where it is shown */
	bool hidden;	  /* archived here, not yet at Trello */
	bool pending;	  /* the journal has something of it, */
	bool differs;	  /* and not only where on its board it is */
	bool conflict;	  /* both sides changed the same lines of the desc */
};

/** 0, -ENOENT (neither in the base nor made here) or -errno.  `me` is the
 * author of new comments, may be NULL. */
int view_card(struct tx *tx, const char *id, const struct member *me,
    struct view_card *ret_view);
void view_card_fini(struct view_card *view);

/** Put what the journal says of it on top of a card of the base. */
int view_overlay(
    struct tx *tx, const struct member *me, struct view_card *view);

/** The head of a board, without lists and cards: what names mean. */
int view_board(struct tx *tx, const char *id, struct board *ret_board);

/** The same from JSON.  0 or -errno; board_fini() it in either case. */
int view_parse_head(const void *json, size_t len, struct board *ret_board);

/** Who we are: the account's member. The caller ends it with member_fini(). */
int view_me(struct tx *tx, struct member *ret_me);

/**
 * Whether a node shows another text, just this one, or one that was saved and
 * says the same under the rev that its author saw.  Or -errno.
 */
struct buf;
enum { VIEW_OTHER = 0, VIEW_SAME = 1, VIEW_SAVED = 2 };
int view_is_shown(
    struct tx *tx, uint64_t ino, const struct buf *text, const char *rev);

/** How a card is to be shown. */
struct view_show {
	const struct zone *zone;
	bool local;	  /* a change of our own, */
	int64_t mtime_ns; /* saved then; 0: now, if the text differs */
	bool keep_times;  /* the answer to one: mtime stays */
	/* A text that was saved stays as it is, byte for byte, if it says the
	 * same as its own: *ret_saved is set to whether it does. */
	const char *text;
	size_t len;
	const char *rev;  /* the rev that it carries */
	const char *tail; /* the comment that its last words became, or NULL */
	bool *ret_saved;
	/* What is known already: the head of the board (NULL: of none), and
	 * that the text that is shown is noted as a revision. */
	const struct board *board;
	bool noted;
	const char *name; /* its new name, NULL: it keeps the one it has */
	bool rename;	  /* or gets one that its title gives */
};

/**
 * Show a card as it is now: its text, its name, its folder; or take it away.
 * The text that was shown is noted as a revision.  -ENOENT: there is none.
 */
int view_show_card(struct folder_changes *changes, const char *id,
    const struct view_show *show);

/** The ids of all cards that are shown in a list, added to *ret_ids. */
int view_cards_below(struct tx *tx, uint64_t list, model_ids *ret_ids);

/** Show all cards of a list again, which has gone to another board. */
int view_show_cards(struct folder_changes *changes, uint64_t list,
    const struct view_show *show);

/**
 * Show a card that a change of our own has put into another list of its board,
 * or elsewhere in its own, under the name that it has: the text does not say
 * where it is.
 */
int view_move_card(struct folder_changes *changes, const struct node *card,
    const struct node *list, double pos);

#endif
