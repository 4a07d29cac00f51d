#ifndef TRELLO_LOCAL_ACCOUNT_H
#define TRELLO_LOCAL_ACCOUNT_H

#include "model/model.h"
#include "trello/remote.h"

/**
 * What the stand-in account holds.  Every board is in its settled form
 * (board_gather()) between any two calls.
 */

struct buf;
struct err;

struct local_board {
	struct board board;
	char *source; /* the file it came from, for messages */
};

struct local_account {
	VEC(struct local_board) boards;
};

void local_account_fini(struct local_account *account);

/** See local_remote_add_export() and local_remote_add_json(). */
int local_account_add_file(
    struct local_account *account, const char *path, struct err *err);
int local_account_add_json(struct local_account *account, const char *name,
    const void *json, size_t len, struct err *err);

/** By id or shortLink, as routes take both; NULL if there is none. */
struct board *local_account_board(
    struct local_account *account, const char *id);
/* ret_board: the card's; may be NULL. */
struct card *local_account_card(
    struct local_account *account, const char *id, struct board **ret_board);
struct list *local_account_list(struct local_account *account, const char *id);

/**
 * Answer a call: append to body what Trello would answer (JSON for a 200,
 * text for an error) and return the HTTP status; -ENOMEM where memory ran
 * out.
 */
int local_answer(struct local_account *account, const struct remote_args *args,
    struct buf *body);

#endif
