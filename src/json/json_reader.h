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
	JSON_ARRAY,  /* a VEC (util/vec.h) of elements by .shape */
	JSON_EACH,   /* an array whose elements are read, one after the other,
			into the same struct by .shape; accept sees each */
	JSON_CUSTOM, /* scalars: .set is called with the text */
};

struct json_shape;

/**
 * Store a scalar, given as its text (UTF-8 without NUL, not NUL-terminated;
 * numbers as written, true, false), in the member that .offset names.  null
 * never gets here: it leaves the member as it was.  Returns 0, -errno, or
 * JSON_DROP: the array element in which the member stands, however deep, is
 * dropped when it is complete.
 */
typedef int json_set_fn(void *member, const char *text, size_t len);

#define JSON_DROP 1

struct json_field {
	const char *key;
	enum json_type type;
	size_t offset;
	size_t size;			/* JSON_CHARS */
	const struct json_shape *shape; /* JSON_OBJECT, _ARRAY, _EACH */
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
	bool (*accept)(void *element);
};

/** Bounds: beyond one, feeding returns -EFBIG and says which. */
struct json_limits {
	unsigned depth;	     /* nested arrays and objects */
	size_t string_bytes; /* one string or number as the input has it */
	size_t total_bytes;
	size_t elements; /* of all arrays that are not skipped, together */
};
extern const struct json_limits JSON_LIMITS_DEFAULT;

struct json_reader;

/**
 * Read one JSON value into target: an object by shape, or (is_array) an array
 * whose elements go to the VEC at target.  NULL when out of memory.  shape
 * and target must outlive the reader; limits (NULL: JSON_LIMITS_DEFAULT) need
 * not.  A scalar of another type than the field says is taken where it has one
 * meaning: a number or truth value for a string is its text, "true" is true,
 * "12.5" a number.  Anything else is -EBADMSG with the key named; so is an
 * object where an array belongs.  Numbers beyond what a double or an int64_t
 * holds become the nearest that it does.  null as a member or an element is
 * the same as nothing.  Invalid UTF-8, lone surrogates and NUL in strings
 * become U+FFFD.
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
