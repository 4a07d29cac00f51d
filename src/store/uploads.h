#ifndef STORE_UPLOADS_H
#define STORE_UPLOADS_H

#include "store/nodes.h"

struct folder_changes;

/**
 * `Card.files`: what is uploaded to a card.  No listing shows the folder; it is
 * below the node of its card, and so goes where that goes.  Both a card and
 * what stands for it in an archive have one.  It is made when somebody asks for
 * its name, and brought up to date when somebody looks into it, if anything of
 * the card has changed since: the schema's triggers note that.
 *
 * A file in it has the attachment's id, marked (archived.h) if the card is
 * archived.  Nodes of other kinds in it are somebody else's.
 */
#define UPLOADS_EXTENSION ".files"

/** The card (NODE_CARD, NODE_OLD_CARD) whose folder has this name.  0, -ENOENT
 * or -errno. */
int uploads_card(
    struct tx *tx, uint64_t folder, const char *name, struct node *ret_card);

/** The folder of a card as it is; -ENOENT: nobody has asked for it yet. */
int uploads_get(struct tx *tx, uint64_t card, struct node *ret_dir);

/** Whether it shows what is uploaded now.  1, 0 or -errno. */
int uploads_is_current(struct tx *tx, const struct node *dir);

/** The folder of a card, up to date; made if there is none yet. */
int uploads_open(struct folder_changes *changes, const struct node *card,
    struct node *ret_dir);

/** Bring it up to date. */
int uploads_refresh(struct folder_changes *changes, struct node *dir);

/** What a file in such a folder is.  -ENOENT: the card has it no more. */
struct upload {
	char card[MODEL_ID_SIZE];
	char id[MODEL_ID_SIZE];
	struct attachment attachment;
};
/** The attachment's id, as Trello has it. */
const char *upload_id(const struct node *file);

int upload_get(
    struct tx *tx, const struct node *file, struct upload *ret_upload);

/** What the file is called in its address. */
const char *upload_file_name(const struct upload *upload);

void upload_fini(struct upload *upload);

#endif
