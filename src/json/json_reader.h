#ifndef JSON_JSON_READER_H
#define JSON_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/**
 * A bounded streaming reader: tables ("shapes") say where in plain structs
 * the members of JSON objects go; everything else is skipped.  Bytes are fed
 * as they arrive; no document tree is built and no input is kept.
 */

enum json_type {
	JSON_STRING, /* char *, allocated; freed before it is overwritten */
	JSON_CHARS,  /* char[size]; a longer string is -EBADMSG */
	JSON_BOOL,   /* bool */
	JSON_DOUBLE, /* double */
	JSON_INT64,  /* int64_t */
	JSON_OBJECT, /* a struct in place, by .shape */
	JSON_ARRAY,  /* a VEC of structs by .shape, or of json_chars elements */
	JSON_CUSTOM, /* scalars: .set is called with the text */
};

struct json_shape;

/**
 * A scalar as its text (not NUL-terminated; numbers as written, true, false).
 * null never gets here: it leaves the member as it was.  0 or -errno.
 */
typedef int json_set_fn(void *object, const char *text, size_t len);

struct json_field {
	const char *key;
	enum json_type type;
	size_t offset;
	size_t size;			/* JSON_CHARS */
	const struct json_shape *shape; /* JSON_OBJECT, JSON_ARRAY */
	json_set_fn *set;		/* JSON_CUSTOM */
};

/**
 * fields ends with a NULL key.  Elements of arrays have the size
 * element_size and are prepared by init (NULL: zeroed).  An array of plain
 * scalars has a shape whose only field has the key "": each element is set
 * as that member.  accept (NULL: always) is asked when an element is
 * complete; false drops it again (after fini).
 */
struct json_shape {
	const struct json_field *fields;
	size_t element_size;
	void (*init)(void *element);
	void (*fini)(void *element);
	bool (*accept)(const void *element);
};

/** Bounds: beyond one, feeding returns -EFBIG and says which. */
struct json_limits {
	unsigned depth;	     /* nested arrays and objects */
	size_t string_bytes; /* one string, as it stands in the input */
	size_t total_bytes;
	size_t elements; /* all array elements together */
};
extern const struct json_limits JSON_LIMITS_DEFAULT;

struct json_reader;

/**
 * Read one JSON value into target: an object by shape, or (is_array) an array
 * whose elements go to the VEC at target.  NULL when out of memory.  shape
 * must outlive the reader.  A scalar of another type than the field says is
 * taken where it has one meaning (a number for a string as its text) and is
 * otherwise -EBADMSG with the key named; so is an object where an array
 * belongs.  Invalid UTF-8 and NUL in strings become U+FFFD.
 */
struct json_reader *json_reader_new(const struct json_shape *shape,
    bool is_array, void *target, const struct json_limits *limits);

/**
 * Feed the next len bytes.  0, or -EBADMSG (not JSON, wrong types), -EFBIG
 * (a bound), -ENOMEM; the error repeats for every later call.
 */
int json_reader_feed(
    struct json_reader *reader, const void *data, size_t len, struct err *err);

/** The input is complete: 0, or -EBADMSG where it is cut or empty. */
int json_reader_finish(struct json_reader *reader, struct err *err);

void json_reader_free(struct json_reader *reader);

#endif
