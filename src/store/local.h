#ifndef STORE_LOCAL_H
#define STORE_LOCAL_H

#include <stddef.h>
#include <stdint.h>

struct node;
struct tx;

/**
 * The data of local files, in blocks; what was never written reads as zeroes.
 * A symbolic link's target is its data.
 */
#define LOCAL_BYTES_MAX ((int64_t)256 << 20) /* all local files together */

/** Read at most len bytes; *ret_len says how many there were. */
int local_read(struct tx *tx, const struct node *node, int64_t offset,
    void *data, size_t len, size_t *ret_len);

/**
 * Write; node->size and its times are brought up to date, here and in the
 * database.  -ENOSPC where all local files together would pass
 * LOCAL_BYTES_MAX.
 */
int local_write(struct tx *tx, struct node *node, int64_t offset,
    const void *data, size_t len);

/** Make the file size bytes long.  Errors as for local_write(). */
int local_truncate(struct tx *tx, struct node *node, int64_t size);

/** Forget the data of a file that is none of them any more. */
int local_forget(struct tx *tx, uint64_t ino);

/** How many local nodes there are, and their bytes together. */
int local_usage(struct tx *tx, int64_t *ret_files, int64_t *ret_bytes);

#endif
