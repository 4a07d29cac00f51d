#ifndef JSON_JSON_SET_H
#define JSON_JSON_SET_H

#include <stddef.h>

struct buf;
struct json_field;

/* What a scalar was in the input. */
enum json_scalar {
	JSON_SCALAR_TEXT,
	JSON_SCALAR_NUMBER,
	JSON_SCALAR_TRUTH, /* text is true or false */
};

/**
 * Store a scalar in the member of object that field names; scratch is used
 * to clean the text.  0, JSON_DROP, -EBADMSG where it does not fit there,
 * -ENOMEM, or what the field's own function says.
 */
int json_set(const struct json_field *field, void *object,
    enum json_scalar kind, const char *text, size_t len, struct buf *scratch);

/** What belongs where the field is, for a message: "a string", "a number". */
const char *json_set_wanted(const struct json_field *field);

#endif
