#ifndef JSON_JSON_WRITER_H
#define JSON_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>

struct buf;

/**
 * Writes compact JSON to a buf, with commas where they belong.  Errors stick
 * in the buf.  Keys are NULL inside arrays.  Strings are written as UTF-8;
 * what is not becomes U+FFFD; NULL is written as null.
 */
struct json_writer {
	struct buf *out;
	bool comma; /* a value stands before the next one */
};

void json_object_begin(struct json_writer *writer, const char *key);
void json_object_end(struct json_writer *writer);
void json_array_begin(struct json_writer *writer, const char *key);
void json_array_end(struct json_writer *writer);
void json_string(struct json_writer *writer, const char *key, const char *s);
void json_bool(struct json_writer *writer, const char *key, bool value);
void json_int(struct json_writer *writer, const char *key, int64_t value);
/* The shortest form that reads back as the same double; not finite: null. */
void json_double(struct json_writer *writer, const char *key, double value);
void json_null(struct json_writer *writer, const char *key);

#endif
