#ifndef TRELLO_LOCAL_MOVE_H
#define TRELLO_LOCAL_MOVE_H

struct board;
struct card;
struct list;
struct local_places;
struct question;

/**
 * A card on another board keeps what there is there: members of that board,
 * labels of the same name and colour, which are made if there are none.  It
 * gets that board's next number.  *ret_card is where it is now; its list is
 * the caller's to set.  0 or -ENOMEM.
 */
int local_move_card(struct question *q, struct card *card, struct board *from,
    struct board *to, struct card **ret_card);

/** Add the open cards of a list, without one (may be NULL).  0 or -ENOMEM. */
int local_card_places(const struct board *board, const char *id_list,
    const struct card *but, struct local_places *places);

/** Likewise the open lists of a board. */
int local_list_places(const struct board *board, const struct list *but,
    struct local_places *places);

/** Add a label to a board; name is copied.  0 or -ENOMEM. */
int local_add_label(struct question *q, struct board *board, const char *color,
    const char *name, const char **ret_id);

#endif
