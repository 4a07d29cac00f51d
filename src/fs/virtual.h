#ifndef FS_VIRTUAL_H
#define FS_VIRTUAL_H

#include "sync/orders.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buf;
struct stat;
struct store;
struct sync;

/**
 * The files of .trellofs.  Each is written anew when its name is looked up, or
 * its attributes are asked for, and reads as what was written then, so that
 * its size is exact and who reads in pieces reads one text (fs/snapshots.h);
 * its mtime moves only with its content.  All functions may be called from
 * any thread.
 */
struct virtual_files;

#define VIRTUAL_DIR_INO 2
#define VIRTUAL_CONTROL_INO 4
#define VIRTUAL_SEARCH_INO 9
#define VIRTUAL_DIR_NAME ".trellofs"

int virtual_new(struct store *store, struct virtual_files **ret_files);
void virtual_free(struct virtual_files *files);
void virtual_set_sync(struct virtual_files *files, struct sync *sync);

/** Whether the number is of the folder or of anything below it. */
bool virtual_has(uint64_t ino);
bool virtual_is_dir(uint64_t ino);
bool virtual_is_link(uint64_t ino);

/** What writing to the file orders; ORDER_KINDS: it is not for writing. */
enum order_kind virtual_order(uint64_t ino);

/** The folder that it is in. */
uint64_t virtual_parent(uint64_t ino);

/** The number of a name in a folder; a query becomes one by that.  The kernel
 * holds it once more until virtual_forget().  0, -ENOENT or -errno. */
int virtual_lookup(struct virtual_files *files, uint64_t folder,
    const char *name, uint64_t *ret_ino);

void virtual_forget(struct virtual_files *files, uint64_t ino, uint64_t n);

/** Call fn for what stands in a folder behind an offset that fn was given (0:
 * for all) until it gives non-zero, which is returned. */
typedef int virtual_fn(void *cookie, const char *name, uint64_t ino, off_t off);
int virtual_each(struct virtual_files *files, uint64_t folder, off_t off,
    virtual_fn *fn, void *cookie);

/** Append where a link points to, or why the last query was none: -ENODATA if
 * it was one. */
int virtual_target(struct virtual_files *files, uint64_t ino, struct buf *out);
int virtual_error(struct virtual_files *files, uint64_t ino, struct buf *out);

/** Attributes without owner; makes the text.  0 or -errno. */
int virtual_stat(
    struct virtual_files *files, uint64_t ino, struct stat *ret_stat);

/** Read what the last virtual_stat() made.  0 or -errno. */
int virtual_read(struct virtual_files *files, uint64_t ino, off_t offset,
    void *data, size_t len, size_t *ret_len);

#endif
