#ifndef FS_RENAMING_H
#define FS_RENAMING_H

#include "fs/private.h"
#include "text/text_error.h"
#include "util/buf.h"

struct folder_changes;

/* One RENAME: what src/fs/rename.c and rename_unlisted.c share. */
struct renaming {
	struct fs *fs;
	struct folder_changes *changes;
	struct node node, from, to; /* the node, its folder, the new one */
	struct node target;	    /* what has the new name now */
	bool has_target;
	const char *name;	  /* the new one */
	pid_t thread;		  /* of who renames */
	uint64_t orphan;	  /* a local file that lost its name, or 0 */
	uint64_t became;	  /* another node has the new name: it, or 0 */
	char card[MODEL_ID_SIZE]; /* whose text it became, or "" */
	/* What is wrong with the text for the card that is there. */
	struct text_error error;
	struct buf refused;
};

/** Its name goes; it lives on for who has it open. */
int renaming_detach(struct renaming *renaming, const struct node *node);

/** Another node has the new name, but the kernel has moved the old one's inode
 * along: it must look again. */
int renaming_become(struct renaming *renaming, uint64_t ino);

/** What is to be another file's content. */
int renaming_read_text(
    struct renaming *renaming, const struct node *node, struct buf *text);

/** A text of Trello's becomes a local file; a card is archived with it. */
int renaming_text_to_local(struct renaming *renaming);

/** Whether what is Trello's, or (local) is not, may go where it is to go. */
int renaming_check_rights(const struct renaming *renaming, bool local);

/** Whether it is about what no listing shows, and the answer to that. */
bool rename_is_unlisted(const struct renaming *renaming);
int rename_unlisted(struct renaming *renaming);

#endif
