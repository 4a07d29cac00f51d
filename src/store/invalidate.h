#ifndef STORE_INVALIDATE_H
#define STORE_INVALIDATE_H

#include "util/buf.h"
#include "util/vec.h"

#include <stdint.h>

/**
 * What the kernel may still believe and should forget, after a commit.  The
 * store collects; the notifier (src/fs) tells the kernel.
 */
enum invalidate_kind {
	INVALIDATE_INODE, /* attributes, pages, a folder's cached listing */
	INVALIDATE_ENTRY, /* a name: it came, went, or is another file now */
	INVALIDATE_GONE,  /* a name whose file is nowhere any more; no folder */
};

struct invalidation {
	enum invalidate_kind kind;
	uint64_t ino;	 /* the file; for ENTRY 0 */
	uint64_t parent; /* ENTRY, GONE */
	char *name;	 /* ENTRY, GONE; owned */
};

/* And what others did, in lines for .trellofs/events (events.h). */
struct invalidations {
	VEC(struct invalidation) list;
	struct buf events;
};

/** Add one; 0 or -ENOMEM. */
int invalidate_inode(struct invalidations *invalidations, uint64_t ino);
int invalidate_entry(
    struct invalidations *invalidations, uint64_t parent, const char *name);
int invalidate_gone(struct invalidations *invalidations, uint64_t parent,
    uint64_t ino, const char *name);

/** Append all of `from` to `to` and empty it.  0 or -ENOMEM. */
int invalidations_move(struct invalidations *from, struct invalidations *to);

void invalidations_fini(struct invalidations *invalidations);

#endif
