#ifndef SYNC_PUSH_H
#define SYNC_PUSH_H

#include "store/accept.h"
#include "store/folder.h"
#include "sync/private.h"
#include "sync/push_request.h"
#include "sync/push_step.h"

#include <stdatomic.h>

/*
 * Sending the journal.  Each slot has one step of one object in flight:
 *
 *	free -> sending -> free			answered: accepted, refused, or
 *						later, as the verdict says
 *	free -> finding -> sending		nothing came of it: again
 *		finding -> adopting -> free	it was done: taken over
 *
 * The entries of a step are `sent` in the store from before the request until
 * the transaction that takes the answer over.  So a step that the program
 * does not survive is found there, and begins with finding.
 */

/* Objects whose changes are under way at the same time. */
#define PUSH_SLOTS 8

/* What an answer may hold; which, is the call's to say. */
struct push_reply {
	struct card card;
	struct list list;
	struct board board; /* or a board's lists, or a list's cards */
	struct boards boards;
	struct checklist checklist;
	struct check_item item;
	struct comment comment;
	struct attachment attachment;
	struct label label;
};

enum push_phase {
	PHASE_FREE,
	PHASE_FINDING,
	PHASE_ADOPTING,
	PHASE_SENDING,
};

struct push_slot {
	struct sync *sync;
	enum push_phase phase;
	struct step step;
	bool again;			/* it was sent before: maybe done */
	struct push_request request;	/* SENDING */
	struct push_request question;	/* FINDING, ADOPTING */
	struct remote_request *running; /* NULL: not submitted, or done */
	struct json_reader *reader;
	struct push_reply reply;
	enum remote_call reading; /* what the reply is of */
};

/* A file that a slot sends, for who asks how far that is. */
struct push_upload {
	_Atomic int64_t seq; /* of its entry, 0: none */
	_Atomic int64_t sent;
};
/* Others go meanwhile. */
#define PUSH_UPLOADS_MAX 2U

/* Looking at what saved descriptions replaced. */
struct push_look {
	bool running;
	struct overwrittens what; /* of one card */
	char me[MODEL_ID_SIZE];	  /* who sent it, "": unknown */
	struct desc_changes changes;
	struct remote_request *request;
	struct json_reader *reader;
	int64_t next_ms; /* monotonic */
	unsigned failures;
};

/* A refusal, for who waits for the object. */
struct push_refused {
	char object[MODEL_ID_SIZE];
	int err;
};
#define PUSH_REFUSALS 32

/* Something that was to be made and has not been found: it may be under way
 * still, and is looked for again. */
struct push_lost {
	char object[MODEL_ID_SIZE];
	bool ended;	  /* an answer came, only not what became of it */
	int64_t since_ms; /* monotonic; it has been known for so long */
	int64_t until_ms; /* monotonic; not looked for before */
};

struct push {
	struct push_slot slots[PUSH_SLOTS];
	struct push_upload uploads[PUSH_SLOTS];
	struct push_look look;
	int64_t looked_ms; /* monotonic; the last look at the journal */
	int64_t gate_ms;   /* monotonic; nothing is sent before */
	bool gate_network;
	unsigned failures;
	/* Objects whose entries were refused together, and go one by one. */
	model_ids alone;
	VEC(struct push_lost) lost;
	struct push_refused refusals[PUSH_REFUSALS];
	atomic_size_t n_refusals; /* ever; others read it, too */
	int64_t pruned_ms;
	bool held_told;	  /* the log has said that something is held */
	int64_t clock_ms; /* what the wall clock shows at monotonic 0; 0: new */
};

/* push_state.c */
int push_new(struct sync *sync);
void push_free(struct sync *sync);
void push_free_slot(struct push_slot *slot);

/** How many files are under way; how much of an entry's is sent, false: it is
 * none of them (any thread); and that a slot begins to send one. */
unsigned push_uploads(const struct push *push);
bool push_progress(const struct sync *sync, int64_t seq, int64_t *ret_sent);
void push_note_upload(struct push_slot *slot);

/** Objects whose changes go one by one, since together they were refused. */
bool push_is_alone(const struct push *push, const char *object);
void push_set_alone(struct push *push, const char *object, bool alone);

/** A request of the object has ended without saying what came of it. */
void push_note_ended(struct push *push, const char *object);

/** What was sent at sent_ms (push_server_ms()) was not found: whether it may be sent
 * again.  False: it may still be under way, and is looked for later. */
bool push_may_repeat(struct sync *sync, const char *object, int64_t sent_ms);

/** Whether the object waits for that; *next_ms falls to its end. */
bool push_is_lost(
    struct push *push, const char *object, int64_t now_ms, int64_t *next_ms);

/* push_clock.c */

/** What time it is at the server, as far as its replies tell: ids and dates
 * there are of that time, whatever this machine's clock shows. */
int64_t push_server_ms(struct sync *sync);

/** Before the journal is read: if the wall clock was set, what waits for its
 * time does so as before.  0 or -errno. */
int push_follow_clock(struct sync *sync);

/* push.c */

/** Send what is to be sent now; *next_ms falls to when to look again. */
void push_run(struct sync *sync, int64_t now_ms, int64_t *next_ms);

/** Whether a change is under way, and its answer has not come. */
bool push_is_sending(const struct sync *sync);

/** What did not get through is tried again now: Trello works again. */
void push_hurry(struct sync *sync);

/** Whether nothing may be sent to this account, or not now. */
bool push_is_shut(struct sync *sync, int64_t now_ms);

/** Nothing more is sent for a while: the network, or the account. */
void push_hold(struct sync *sync, const struct remote_verdict *verdict);

/** -errno of the last refusal of the object ("": of any) after the first
 * `from` of all, 0: there was none. */
int push_refusal(struct sync *sync, const char *object, size_t from);

/** A step of an object has been refused. */
void push_note_refusal(struct sync *sync, const char *object, int err);

/** A step could not be brought to an end in the store: later again. */
void push_store_failed(struct sync *sync, const struct step *step, int err);

/* push_labels.c */

/** Whether the step is about labels, members or fields of a board that the
 * card's list is still on its way to, or of which it is not known yet what it
 * calls a label that came along.  1, 0 or -errno. */
int push_waits_for_board(struct tx *tx, const struct step *step);

/** The base's card is on another board now: as the reply has it, or, without
 * one (NULL), as it will be.  Labels that were made there are known from then
 * on.  0 or -errno. */
int push_accept_board(struct tx *tx, struct card *card, const char *board,
    const struct card *reply);

/** The entry will not be done: if it was a card's move to another board, what
 * it left behind is with it again.  0 or -errno. */
int push_forget_left(struct folder_changes *changes, const struct entry *entry);

/** Labels of a step that were meant for the board on which the card was until
 * others moved it become those of that name on the board where it is now.
 * `why` gets the reason why there is none, if that is all of the step.  0 or
 * -errno. */
int push_follow_labels(struct tx *tx, struct step *step, struct buf *why);

/* push_prepare.c */

/** Whether there is anything to do with the object, without holding up who
 * writes.  1, 0 or -errno. */
int push_has_step(struct sync *sync, const char *object);

/** Choose what to do with the object (slot->step), and note that it begins;
 * what needs no request is done, too.  0 or -errno. */
int push_prepare(
    struct push_slot *slot, struct folder_changes *changes, const char *object);

/* push_reply.c */
void push_reply_init(struct push_reply *reply);
void push_reply_fini(struct push_reply *reply);

/** A reader for what the call answers, empty; NULL: nothing is read, or (then
 * *ret_err is -ENOMEM) there is no memory. */
struct json_reader *push_reply_reader(
    struct push_reply *reply, enum remote_call call, int *ret_err);

/* push_accept.c */

/** Take over what Trello has made of the step.  reply may be NULL: it said
 * nothing, but is as the step wants it. */
int push_accept(struct sync *sync, const struct step *step,
    const struct push_request *request, struct push_reply *reply);

/** Whether the reply says what an accepted step must. */
bool push_reply_is_whole(
    const struct step *step, const struct push_reply *reply);

/* push_find.c */

/**
 * Look in the answer to push_request_find() for what the step has made.
 * 1: ret_id is it, and the reply has it where push_accept() looks for it,
 * except of a card, which has to be asked for; 0: it is not there; -errno.
 */
int push_find(struct sync *sync, const struct step *step,
    struct push_reply *reply, char ret_id[MODEL_ID_SIZE]);

/* push_refuse.c */

/** Whether a refusal says that it is as the step wants it. */
bool push_is_done_anyway(
    const struct step *step, const struct remote_verdict *verdict);

/** The step will never be accepted: its entries are refused, a text stays
 * as a draft, and the problem is noted. */
int push_refuse(struct sync *sync, struct folder_changes *changes,
    struct step *step, int err, const char *why);

/** Make a text the content of the card's file, as a draft; nothing happens if
 * something is being written to it. */
int push_keep_text(struct folder_changes *changes, struct node *node,
    const char *text, size_t len);

/** Note a problem of a node, and show it beside the card. */
int push_tell(struct folder_changes *changes, uint64_t ino, const char *what,
    const char *why, const char *remedy, const struct buf *text);

/** The description was changed at Trello in the same lines: the file becomes a
 * draft that has both. */
int push_conflict(
    struct sync *sync, struct folder_changes *changes, const struct step *step);

/* push_look.c */
void push_look_run(struct sync *sync, int64_t now_ms, int64_t *next_ms);
void push_look_free(struct sync *sync);

/* push_mend.c */

/** Merge into the card, and send again, what ours took the place of, by what
 * the look has brought.  0 or -errno. */
int push_mend(struct sync *sync, struct folder_changes *changes);

/* push_board.c */

/** Trello has taken the description of a board, or a label of it. */
int push_accept_board_desc(struct tx *tx, const struct step *step,
    const char *board, const struct push_reply *reply);
int push_accept_label(
    struct tx *tx, const struct step *step, struct push_reply *reply);

/* push_return.c */

/** Whether an entry takes something out of an archive. */
bool push_is_return(enum entry_kind kind);

/** Show what such an entry is about as the journal has it: back, or still
 * archived.  0 or -errno. */
int push_show_return(struct sync *sync, struct folder_changes *changes,
    const struct entry *entry);

/** It is back: what was known of a card while it was archived, open, which is
 * forgotten there; and all cards that came back with their list.  0, -ENOENT
 * or -errno. */
int push_take_returned(struct tx *tx, const char *id, struct card *ret_card);
int push_take_returned_cards(struct tx *tx, const char *list);

/* push_theirs.c */

/** Tell the log what a step is about to take the place of. */
int push_note_theirs(struct tx *tx, const struct step *step);

/* push_control.c */

/** Hold what should be confirmed first. */
int push_check_breaker(struct sync *sync);

/**
 * What .trellofs/control orders: try what was refused or put off again; send
 * what is held; take back what is held, or one change by its number.  0, or
 * -ENOENT where there is nothing to take back, -EBUSY for what is being sent
 * at this moment, -ENOTEMPTY for a folder that has something in it.
 */
int push_retry(struct sync *sync);

/** Take back what was refused of a card, list or board and is no text. */
int push_take_back(struct sync *sync, const char *object);
int push_confirm(struct sync *sync);
int push_discard(struct sync *sync);
int push_cancel(struct sync *sync, int64_t number);

#endif
