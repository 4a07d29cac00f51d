#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include "model/model.h"
#include "text/card_change.h"

#include <stdbool.h>
#include <stdint.h>

struct err;
struct tx;

/**
 * What was changed here and Trello has not accepted yet, in order.  A change
 * and its entry are one transaction, and so are Trello's answer and the end
 * of the entry; what the mount shows is the base with the entries on top.
 */

/* What was done.  The numbers are in the database: new ones come last. */
enum entry_kind {
	ENTRY_CARD_CHANGE, /* change: one of text/card_change.h */
	ENTRY_CARD_CREATE, /* title, list, pos; what else it has follows */
	ENTRY_CARD_MOVE,   /* list, board, pos: where to */
	ENTRY_CARD_ARCHIVE,
	ENTRY_LIST_CREATE, /* title, pos */
	ENTRY_LIST_RENAME, /* title, old_title */
	ENTRY_LIST_MOVE,   /* board: where to */
	ENTRY_LIST_ARCHIVE,
	ENTRY_BOARD_CREATE, /* title */
	ENTRY_BOARD_RENAME, /* title, old_title */
	ENTRY_BOARD_CLOSE,
	ENTRY_LIST_POS,	    /* board, pos: its place there */
	ENTRY_CARD_RESTORE, /* list, board, pos: where to */
	ENTRY_CARD_DELETE,
	ENTRY_LIST_RESTORE, /* board, pos: where to */
	ENTRY_BOARD_REOPEN, /* title */
	ENTRY_BOARD_DESC,   /* title, old_title: the description */
	/* change: id, new_text and new_id, the name and the colour; likewise
	 * the old ones */
	ENTRY_LABEL_ADD,
	ENTRY_LABEL_CHANGE,
	ENTRY_LABEL_REMOVE,
	ENTRY_KINDS
};

/* What such an entry is about. */
enum entry_about { ABOUT_CARD, ABOUT_LIST, ABOUT_BOARD };
enum entry_about entry_about(enum entry_kind kind);
bool entry_is_label(enum entry_kind kind);

/*
 * An entry's life:
 *
 *	new -> sent -> gone			accepted
 *	       sent -> new			nothing came of it: later
 *	       sent -> refused -> gone		the user is told, and ends it
 *
 * new entries wait until due_ms, and nothing of them has been done, however
 * often they were tried; a restart takes a sent one for "outcome unknown".
 */
enum entry_state {
	ENTRY_NEW = 0,
	ENTRY_SENT = 1,
	ENTRY_REFUSED = 2,
};

struct entry {
	int64_t seq; /* set when added */
	enum entry_kind kind;
	enum entry_state state;
	char object[MODEL_ID_SIZE]; /* card, list or board; maybe our own id */
	char board[MODEL_ID_SIZE];  /* the board it is on now */
	char list[MODEL_ID_SIZE];   /* where to, or "" */
	char *title;
	char *old_title;
	double pos;
	struct card_change change; /* ENTRY_CARD_CHANGE */
	bool held;		   /* waits for the user to confirm */
	bool confirmed;		   /* who has: it is never held again */
	int64_t at_ms;		   /* wall clock, like the next */
	int64_t due_ms;		   /* not to be sent before */
	unsigned tries;
	char *error; /* why it was refused */
};

void entry_fini(struct entry *entry);

struct entries {
	VEC(struct entry) list;
};
void entries_fini(struct entries *entries);

/** Add an entry, under its number if it has one; entry->seq is set.  The caller
 * keeps the entry.  0 or -errno. */
int journal_add(struct tx *tx, struct entry *entry);

/** All entries of an object, oldest first, added to *ret_entries. */
int journal_of(struct tx *tx, const char *object, struct entries *ret_entries);

/** One by its number; -ENOENT. */
int journal_get(struct tx *tx, int64_t seq, struct entry *ret_entry);

/** All entries, oldest first. */
int journal_all(struct tx *tx, struct entries *ret_entries);

/** Objects of a board that have entries, or that are on their way to it. */
int journal_objects(struct tx *tx, const char *board, model_ids *ret_objects);

/** Whether the object has an entry, of a kind (ENTRY_KINDS: any). 1, 0 */
int journal_has(struct tx *tx, const char *object, enum entry_kind kind);

/** Change state, due time, tries and error; forget the entry. */
int journal_update(struct tx *tx, const struct entry *entry);
int journal_remove(struct tx *tx, int64_t seq);

/** Write all of an entry anew under its number. */
int journal_replace(struct tx *tx, const struct entry *entry);

/** Trello gave the board, list or card that we called old_id an id: entries
 * and revisions that speak of it use that from now on. */
int journal_rename(struct tx *tx, const char *old_id, const char *new_id);

/** The same for a part of a card: a checklist, item, comment or attachment. */
int journal_rename_part(
    struct tx *tx, const char *card, const char *old_id, const char *new_id);

/** A label that came with a card to another board is called so there. */
int journal_rename_label(
    struct tx *tx, const char *card, const char *old_id, const char *new_id);

/**
 * Objects that have something to send now, those whose first entry is the
 * oldest first: not held, and due, or sent without an answer.  Thousands may
 * wait: a call looks at some entries after *after (begin with 0), sets it to
 * where the next call goes on, or INT64_MAX when there are no more.
 */
int journal_due(
    struct tx *tx, int64_t now_ms, int64_t *after, model_ids *ret_objects);

/**
 * The wall clock was set forward by so much (back: negative): new entries are
 * due, and texts that are being written were last written, so much later.
 * What would be due after latest_ms is due at once.
 */
int journal_follow_clock(struct tx *tx, int64_t set_ms, int64_t latest_ms);

/** When the next entry after now_ms becomes due; INT64_MAX: none does. */
int journal_next_due(struct tx *tx, int64_t now_ms, int64_t *ret_due_ms);

/**
 * Whether what we call own_id, an object or a part of `object`, is still to be
 * made by an entry that was not refused.  1, 0 or -errno.
 */
int journal_is_coming(struct tx *tx, const char *object, const char *own_id);

/** Whether another object of the same kind, place and title was sent and is
 * not answered. */
int journal_has_twin(struct tx *tx, const struct entry *entry);

/** Whether it was made here and Trello cannot have heard of it. 1, 0, -errno */
int journal_is_unsent(struct tx *tx, const char *object);

/** Forget all entries of an object, and those by which cards or lists were to
 * go into it. */
int journal_forget(struct tx *tx, const char *object);

/** A list (its folder) went from one board to another: what will be made in
 * it, or on the other board, will be made there. */
int journal_change_board(
    struct tx *tx, uint64_t folder, const char *old, const char *now);

/**
 * What was refused of an object is over: another text took its place, or the
 * user gave it up.  Its making, if that was refused, is tried again.
 */
int journal_end_refused(struct tx *tx, const char *object);

/** Whether anything of the object ("": of all) waits for the network: it is not
 * held, and no new card whose text is a draft. */
int journal_waits(struct tx *tx, const char *object);

/** How many entries wait, are held, were refused. */
struct journal_counts {
	int64_t waiting, held, refused;
};
int journal_counts(struct tx *tx, struct journal_counts *ret_counts);

/**
 * An id of our own, until Trello gives one: no id of Trello's begins so, and
 * its first eight digits are its time of making, as in Trello's.
 */
int journal_new_id(struct tx *tx, char ret_id[MODEL_ID_SIZE]);
bool journal_is_own_id(const char *id);

#endif
