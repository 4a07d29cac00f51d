#ifndef FS_SNAPSHOTS_H
#define FS_SNAPSHOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buf;
struct snapshots;

/**
 * Texts that are another one each time somebody looks.  The kernel does not
 * tell when a file is opened, but it looks its name up just before: so each
 * look gets an inode of its own if the text has changed since the last one,
 * and who reads in pieces reads one text, whatever others look at meanwhile.
 * All functions may be called from any thread.
 */

/* Inode numbers: above all nodes', below the searches'. */
#define SNAPSHOT_FIRST ((uint64_t)1 << 61)
#define SNAPSHOT_END ((uint64_t)1 << 62)
#define SNAPSHOT_KINDS 16

static inline bool
snapshot_has(uint64_t ino)
{
	return ino >= SNAPSHOT_FIRST && ino < SNAPSHOT_END;
}

/* Which of the files it is of, below SNAPSHOT_KINDS. */
static inline size_t
snapshot_kind(uint64_t ino)
{
	return ino % SNAPSHOT_KINDS;
}

int snapshots_new(struct snapshots **ret_snapshots);
void snapshots_free(struct snapshots *snapshots);

/** The text of a file as somebody finds it now; *text is emptied.  The kernel
 * holds *ret_ino once more, until snapshots_forget().  0 or -ENOMEM. */
int snapshots_open(struct snapshots *snapshots, size_t kind, struct buf *text,
    uint64_t *ret_ino);
void snapshots_forget(struct snapshots *snapshots, uint64_t ino, uint64_t n);

/** 1: nobody has read or asked for so long that who comes back to it wants to
 * know how things are now; 0, or -ESTALE: the kernel does not hold it. */
int snapshots_stat(struct snapshots *snapshots, uint64_t ino, off_t *ret_size,
    int64_t *ret_mtime_ns);

/** It has this text from now on; *text is emptied. */
void snapshots_renew(
    struct snapshots *snapshots, uint64_t ino, struct buf *text);

/** 0 or -ESTALE. */
int snapshots_read(struct snapshots *snapshots, uint64_t ino, off_t offset,
    void *data, size_t len, size_t *ret_len);

#endif
