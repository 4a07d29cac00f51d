#ifndef TEXT_FIELD_TEXT_H
#define TEXT_FIELD_TEXT_H

#include <stdbool.h>

struct buf;
struct card;
struct field;
struct field_value;
struct zone;

/** Values of custom fields as words. */

/** The card's value for the field, or NULL. */
struct field_value *field_text_value(
    const struct card *card, const struct field *field);

/**
 * Append the words for a value, without quotes.  *ret_literal: YAML takes them
 * as they are (a number, a date, true or false).  False, and nothing is
 * appended, if the value cannot be shown: an option that the field does not
 * have, a field of an unknown type.
 */
bool field_text_add(struct buf *out, const struct field *field,
    const struct field_value *value, const struct zone *zone,
    bool *ret_literal);

/** Whether two decimal numbers are the same number, whatever their size. */
bool field_text_same_number(const char *a, const char *b);

#endif
