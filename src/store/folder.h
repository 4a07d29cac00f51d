#ifndef STORE_FOLDER_H
#define STORE_FOLDER_H

#include "store/invalidate.h"
#include "store/nodes.h"
#include "store/untold.h"

/** A name that the kernel makes, moves or removes by itself when the request
 * is answered.  NULL: none. */
struct folder_name {
	uint64_t parent;
	const char *name;
};

/**
 * What changes in folders during one transaction, with what the kernel must
 * forget about it.
 */
struct folder_changes {
	struct tx *tx;
	bool quiet; /* nobody has seen what is changed: only what leaves a
		     * folder is said, it may have been elsewhere */
	/* What files have been is given out until the kernel is told. */
	enum untold_whose untold;
	bool news; /* others did it: what names cards leave is noted */
	/* Nothing is said of these, nor of the listings they are in: it would
	 * only have to ask again. */
	struct folder_name asked[2];
	struct invalidations out;
	VEC(uint64_t) touched; /* folders whose listing has changed */
	VEC(uint64_t) fresh;   /* new folders, which nobody has seen either */
	VEC(uint64_t) ordered; /* boards whose lists may get other numbers */
};

/**
 * Free the name of a node that is about to get another name or folder, so
 * that two may swap theirs: until folder_place() the node is nowhere, here and
 * in the store, and the kernel is to forget its name.
 */
int folder_lift(struct folder_changes *changes, struct node *node);

/**
 * Put the node, which has been lifted or is as it was, where `to` says:
 * parent, name, off, size and times; or make a new one (to->ino 0).  `from`
 * is what it was, NULL if new.  The folders concerned are touched.
 */
int folder_place(
    struct folder_changes *changes, const struct node *from, struct node *to);

/** The node is nowhere any more.  It keeps its number and its text, for who
 * has it open and for the day it comes back. */
int folder_remove(struct folder_changes *changes, const struct node *node);

/** Note that the listing of the folder has changed. */
int folder_touch(struct folder_changes *changes, uint64_t ino);

/**
 * Give the lists of a board's folder, or the cards of a list's, the offsets
 * that sort as (pos, id) does: the bits of the position, ties the next value.
 */
int folder_order(
    struct folder_changes *changes, uint64_t folder, enum node_kind children);

/** Likewise after one node has got the offset of its position and all others
 * are in order: nothing is left to do unless it shares it. */
int folder_order_one(struct folder_changes *changes, const struct node *node);

/** The position of the last list or card in a folder; 0: there is none. */
int folder_last_pos(
    struct tx *tx, uint64_t folder, enum node_kind children, double *ret_pos);

/** The offset for a board of this name at the root, between its neighbours.
 * Boards may be numbered anew for it. */
int folder_board_off(
    struct folder_changes *changes, const char *name, int64_t *ret_off);

/**
 * The last call: if r is 0 write the times of the folders that were touched,
 * commit, and hand what the kernel must forget to `out`; otherwise undo it
 * all.  Returns r or what went wrong.
 */
int folder_commit(
    struct folder_changes *changes, int r, struct invalidations *out);

#endif
