#ifndef STORE_ACCEPT_H
#define STORE_ACCEPT_H

#include "store/folder.h"

#include <stdbool.h>

struct zone;

/**
 * What Trello answered to a change of ours: parts of the transaction that
 * brings the base up to date and ends the change's entries.  What the mount
 * shows was right before and stays as it is: inodes, names, times.
 */

/**
 * The board, list or card that we called own_id has an id now, which takes
 * its place everywhere.  If a look at Trello found it before the answer came,
 * and showed it as somebody else's, that goes.  0 or -errno.
 */
int accept_id(
    struct folder_changes *changes, const char *own_id, const char *id);

/** The same for a part of a card: checklist, item, comment, attachment. */
int accept_part_id(
    struct tx *tx, const char *card, const char *own_id, const char *id);

/* What was made here is known as such for this long. */
#define ACCEPT_MADE_KEPT_MS ((int64_t)30 * 24 * 3600 * 1000)

/**
 * Whether this was made here, and Trello's answer has told us so.  0,
 * -ENOENT or -errno.  ret_own_id (may be NULL): what it was called before.
 */
int accept_made(struct tx *tx, const char *id, char ret_own_id[MODEL_ID_SIZE]);

/** Others have changed what may have been made here. */
int accept_touched(struct tx *tx, const char *id);

/** Whether this was made here since, and nobody else has touched it. 1, 0 or
 * -errno. */
int accept_made_since(struct tx *tx, const char *id, int64_t since_ms);

/** Forget what is too old. */
int accept_prune(struct tx *tx, int64_t now_ms);

/** Write a card of the base anew, or for the first time.  It is put into its
 * settled form before. */
int accept_card(struct tx *tx, struct card *card);

/** Take over what a reply says of the card itself; what it has of checklists,
 * comments, attachments and fields stays.  The reply has the old then. */
void accept_card_members(struct card *card, struct card *reply);

/** The card is archived or gone. */
int accept_card_gone(struct folder_changes *changes, const char *id);

/** What the base has of a list; list_fini() it.  0, -ENOENT or -errno. */
int accept_list_now(struct tx *tx, const char *id, struct list *ret_list);

/** A list was made, renamed, moved: the base follows, its cards too. */
int accept_list(struct tx *tx, const struct list *list);

/** The list is archived, and so are its cards, except those that are on
 * their way elsewhere. */
int accept_list_gone(struct folder_changes *changes, const char *id);

/** A board was made or renamed. */
int accept_board(struct tx *tx, const struct board *board, bool made);

/** A closed board is open again: its content has to be fetched. */
int accept_board_opened(struct tx *tx, const char *id, int64_t activity_ms);

/** The board is closed. */
int accept_board_gone(struct folder_changes *changes, const char *id);

/** Show a card as it is now, if there is any such; nothing is touched that
 * stays the same, and its mtime never is.  rename: its title was changed by
 * somebody else. */
int accept_show_card(struct folder_changes *changes, const char *id,
    bool rename, const struct zone *zone);

/** Show the folder of a list or a board where Trello and what is left of the
 * journal have it: after a change of it was taken back. */
int accept_show_list(
    struct folder_changes *changes, const char *id, const struct zone *zone);
int accept_show_board(struct folder_changes *changes, const char *id);

/**
 * Descriptions that we sent: what Trello had before is in the card's actions,
 * and may be another than we thought.  Each is noted before it is sent, since
 * it may be done though no answer comes, and looked at once it is answered.
 */
struct overwritten {
	int64_t num;
	char card[MODEL_ID_SIZE];
	char *old;	 /* what we thought it was */
	char *mine;	 /* what we made of it */
	int64_t sent_ms; /* for the first time */
	bool done;	 /* answered */
	/* What Trello called the time then, and at sent_ms; 0: unknown. */
	int64_t done_ms;
	int64_t from_ms;
};
struct overwrittens {
	VEC(struct overwritten) list; /* oldest first */
	/* Those up to the last one that is answered: what comes behind may
	 * still be under way. */
	size_t n_answered;
};
void overwrittens_fini(struct overwrittens *overwrittens);

/** Note one; the same again is noted once. */
int overwritten_add(struct tx *tx, const struct overwritten *overwritten);
/** It was answered at now_ms, on the clock of sent_ms.  done_ms: the card's
 * time of activity that the answer says, 0: none. */
int overwritten_done(
    struct tx *tx, const struct overwritten *overwritten, int64_t now_ms);
/** All of the card that has waited longest for a look, those without an answer
 * too.  0, -ENOENT or -errno. */
int overwritten_next(struct tx *tx, struct overwrittens *ret_overwrittens);
/** Those that are answered have been looked at. */
int overwritten_remove(struct tx *tx, const struct overwrittens *overwrittens);

#endif
