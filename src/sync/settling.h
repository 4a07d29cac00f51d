#ifndef SYNC_SETTLING_H
#define SYNC_SETTLING_H

#include "store/folder.h"
#include "store/revisions.h"
#include "store/saves.h"
#include "store/view.h"
#include "sync/settle.h"
#include "text/card_text.h"
#include "util/buf.h"

struct text_error;

/* One text on its way into the journal. */
struct settling {
	const struct settle_context *context;
	struct folder_changes *changes;
	struct tx *tx;
	const struct node *card;
	const struct node *made; /* the new card that it was written to, if it
				  * is of another one (elsewhere.h) */
	const char *text;
	size_t len;
	const struct save *save; /* NULL: the text comes from elsewhere */
	uint64_t writer;	 /* util/process.h */
	struct text_error *error;
	int64_t now_ms;

	struct card_text_head head;
	struct member me;
	struct board board;	  /* names as they are now */
	struct view_card view;	  /* the card as it is shown now */
	struct revision ancestor; /* what the text was made from */
	bool rev_known;
	struct card_edit edit;
	bool parsed;
	struct card_changes differences;
	bool dropped; /* something was not allowed, and comes back */
	/* The description with what was saved under the rev before. */
	char *merged;
	char tail[MODEL_ID_SIZE]; /* the comment that may still be typed */
	struct buf plain; /* the ids of those that are no quotes in the text */
	char own_id[MODEL_ID_SIZE]; /* what the card was called before */
	uint64_t took;		    /* who has the text in the end, 0: nobody */
};

/**
 * Read the text: the card as it is now, the text that this one was made from,
 * and what it says.  0; -EINVAL or -EFBIG with settling->error; -errno.
 */
int settling_parse(struct settling *settling);

/**
 * The same, and the differences to what it was made from.  -ESTALE: they
 * cannot be made on top of what the card is now, and *ret_marked is the text
 * with both versions of its description.  -ENOENT: there is no such card any
 * more, nor is it known what the text was made from.
 */
int settling_read(struct settling *settling, struct buf *ret_marked);

void settling_fini(struct settling *settling);

#endif
