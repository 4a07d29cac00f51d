#ifndef UNIT_FEED_H
#define UNIT_FEED_H

/* What tests of JSON share: ways to feed a reader, random numbers, files. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct json_reader;

enum feed_how { FEED_WHOLE, FEED_BYTES, FEED_RANDOM, FEED_WAYS };

/* Feed everything, finish and free the reader; what went wrong first. */
int feed(struct json_reader *reader, const void *data, size_t len,
    enum feed_how how, struct err *err);

/* The same numbers in every run; *seed must not be 0. */
uint32_t feed_random(uint64_t *seed);

/* Read a file of the shared test data (TRELLOFS_SHARED, or beside the source)
 * into out.  If it is not there, say so in the test's output: false.  The test
 * then returns (cmocka 1.1.5 prints its skip() as a failure). */
bool feed_shared_file(const char *name, struct buf *out);

#endif
