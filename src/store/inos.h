#ifndef STORE_INOS_H
#define STORE_INOS_H

#include "util/vec.h"

#include <sqlite3.h>

#include <stdint.h>

/** A set of inode numbers: sorted, each once, after inos_sort(). */
struct inos {
	VEC(uint64_t) list;
};

/** 0 or -ENOMEM. */
int inos_add(struct inos *inos, uint64_t ino);

/** Add the first column of all rows; the statement is reset.  r is what
 * db_bind() gave.  0 or -errno. */
int inos_add_rows(struct inos *inos, sqlite3_stmt *stmt, int r);

void inos_sort(struct inos *inos);

/** Of `inos` only those that are in `others` (keep) or that are not. */
void inos_filter(struct inos *inos, const struct inos *others, int keep);

void inos_fini(struct inos *inos);

#endif
