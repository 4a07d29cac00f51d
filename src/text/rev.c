#include "text/rev.h"

#include "util/buf.h"
#include "util/hash.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define UNKNOWN "00000000\n"

void
text_rev_begin(struct buf *out, size_t *ret_at)
{
	*ret_at = out->len;
	(void)buf_add_str(out, TEXT_REV_LINE UNKNOWN);
}

void
text_rev_end(
    struct buf *out, size_t start, size_t at, char ret_rev[TEXT_REV_SIZE])
{
	size_t behind = at + strlen(TEXT_REV_LINE UNKNOWN);
	uint64_t hash;

	if (out->err != 0)
		return;
	hash = hash_add(HASH_INIT, out->data + start, at - start);
	hash = hash_add(hash, out->data + behind, out->len - behind);
	/* The high half is the better mixed one. */
	(void)snprintf(ret_rev, TEXT_REV_SIZE, "%c%07" PRIx32,
	    (int)('a' + (hash >> 60) % 6), (uint32_t)(hash >> 32) & 0xfffffff);
	memcpy(
	    out->data + at + strlen(TEXT_REV_LINE), ret_rev, TEXT_REV_SIZE - 1);
}
