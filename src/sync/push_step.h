#ifndef SYNC_PUSH_STEP_H
#define SYNC_PUSH_STEP_H

#include "store/journal.h"
#include "trello/remote.h"

/**
 * One request that is to be sent, and the entries of one object that it
 * carries.  Choosing it is pure: what is in the journal goes in, and what is
 * to be done next comes out.
 */

enum step_action {
	STEP_NONE, /* nothing can be done with the object now */
	STEP_SEND, /* `call`, with the entries in `group` */
	STEP_FIND, /* the same, but it may have been done: look first */
	STEP_DROP, /* made and taken away again: nothing to tell */
	STEP_LOST, /* `group` waits for what was refused: so is it */
};

struct step {
	enum step_action action;
	enum remote_call call;
	char object[MODEL_ID_SIZE];
	/* The entries that it carries, oldest first: taken out of the
	 * entries that were given. */
	struct entries group;
	/* What making it has taken over (another title, another place): the
	 * first of the group has it now, and these are to go. */
	struct entries folded;
};
void step_fini(struct step *step);

/* What the journal alone does not tell. */
struct step_context {
	int64_t now_ms;	  /* wall clock */
	bool flush;	  /* what is not due yet is sent, too */
	bool alone;	  /* one entry at a time: together they were refused */
	bool writing;	  /* the text of the card is being written */
	bool with_parent; /* its list or board goes, and it goes with that */
	bool left;	  /* something is to be moved away from it first */
	/* Whether what we call so is still to be made. */
	bool (*coming)(void *cookie, const char *own_id);
	void *cookie;
};

/** Choose the next step of an object from its entries (journal_of()).
 * 0 or -ENOMEM. */
int step_choose(struct entries *entries, const struct step_context *context,
    struct step *ret_step);

/** The call that sends an entry. */
enum remote_call step_call_of(const struct entry *entry);

/** Whether the call makes something: twice would be two. */
bool step_makes(enum remote_call call);

#endif
