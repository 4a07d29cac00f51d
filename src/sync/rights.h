#ifndef SYNC_RIGHTS_H
#define SYNC_RIGHTS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * What a token may do and until when, for a person.  Pure.
 */

struct buf;

/* From so long before its end on, one is warned. */
#define RIGHTS_WARN_MS (INT64_C(7) * 24 * 3600 * 1000)

/** Append "read and write, until 2026-12-23 10:00 (30 days left)".  expires_ms
 * is TIME_NONE for a token without an end.  0 or out->err. */
int rights_text(
    bool read_only, int64_t expires_ms, int64_t now_ms, struct buf *out);

/** Append "30 days left", "5 hours left", "over".  0 or out->err. */
int rights_left(int64_t expires_ms, int64_t now_ms, struct buf *out);

#endif
