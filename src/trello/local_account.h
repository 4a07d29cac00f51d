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
	char *source; /* the file it came from, for messages; NULL: none */
	int64_t last_short; /* the highest number a card here ever had */
};

/* What the actions of a card tell of a description that was changed here. */
struct local_desc_change {
	struct desc_change change;
	char id_card[MODEL_ID_SIZE];
};

struct local_account {
	VEC(struct local_board) boards;
	VEC(struct local_desc_change) desc_changes; /* oldest first */
	uint64_t machine;			    /* the middle of new ids */
	uint32_t counter;			    /* their end */
	int64_t newest_s; /* their beginning, which never falls */
};

void local_account_fini(struct local_account *account);

/** See local_remote_add_export() and local_remote_add_json(). */
int local_account_add_file(
    struct local_account *account, const char *path, struct err *err);
int local_account_add_json(struct local_account *account, const char *name,
    const void *json, size_t len, struct err *err);

/**
 * Boards and cards by id or shortLink, as routes take both, others by id; NULL
 * if there is none.  ret_board and ret_card: on which it is, may be NULL.
 */
struct board *local_account_board(
    struct local_account *account, const char *id);
struct card *local_account_card(
    struct local_account *account, const char *id, struct board **ret_board);
struct list *local_account_list(
    struct local_account *account, const char *id, struct board **ret_board);
struct checklist *local_account_checklist(struct local_account *account,
    const char *id, struct card **ret_card, struct board **ret_board);
struct comment *local_account_comment(struct local_account *account,
    const char *id, struct card **ret_card, struct board **ret_board);
const struct field *local_account_field(
    struct local_account *account, const char *id, struct board **ret_board);

/** The account's entry of one of its boards. */
struct local_board *local_account_entry(
    struct local_account *account, const struct board *board);

/** The member is one of the board's. */
bool local_board_has_member(const struct board *board, const char *id);

/** A new id, greater than those made before. */
void local_account_new_id(
    struct local_account *account, int64_t now_ms, char ret_id[MODEL_ID_SIZE]);

/** Eight characters for a thing with this id; the caller's.  NULL: -ENOMEM. */
char *local_short_link(const char *id);

/** Make oneself the administrator of a board.  0 or -ENOMEM. */
int local_board_join(struct board *board);

/**
 * Answer a call: append to body what Trello would answer (JSON for a 200,
 * text for an error) and return the HTTP status; -ENOMEM where memory ran
 * out.
 */
int local_answer(struct local_account *account, const struct remote_args *args,
    struct buf *body);

#endif
