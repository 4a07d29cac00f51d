#ifndef JSON_JSON_NUMBER_H
#define JSON_JSON_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/**
 * Read the whole text as a JSON number, whatever the locale.  Numbers beyond
 * the type's range become the nearest that it holds; an integer may be written
 * with a fraction or exponent that leaves it one.  0, -EINVAL or -ENOMEM.
 */
int json_number_double(const char *text, size_t len, double *ret_value);
int json_number_int64(const char *text, size_t len, int64_t *ret_value);

/**
 * Write the finite value with as few of 15, 16 or 17 digits as read back as
 * the same double, whatever the locale.  0 or -ENOMEM.
 */
#define JSON_NUMBER_SIZE 32
int json_number_format(double value, char out[JSON_NUMBER_SIZE]);

#endif
