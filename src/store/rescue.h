#ifndef STORE_RESCUE_H
#define STORE_RESCUE_H

#include <stddef.h>

struct err;
struct store;

/**
 * Rename a damaged database, its log with it, to PATH.damaged-TIME, which is
 * stored in aside (size bytes).  0, or -errno with the reason.
 */
int rescue_set_aside(
    const char *path, char *aside, size_t size, struct err *err);

/**
 * Copy what can be read of the local files of the database at aside into the
 * new one, and say in *err how much that was and where the old file is.
 */
void rescue_local_files(
    struct store *store, const char *path, const char *aside, struct err *err);

#endif
