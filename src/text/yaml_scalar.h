#ifndef TEXT_YAML_SCALAR_H
#define TEXT_YAML_SCALAR_H

#include <stdbool.h>

struct buf;

/**
 * Append a string as a YAML scalar on one line: plain where every reader of
 * YAML 1.1 or 1.2 takes that for the same string, else in double quotes with
 * escapes.  flow: inside [] or {}.  Returns 0 or out->err.
 */
int yaml_scalar_add(struct buf *out, const char *s, bool flow);

/** Whether the string is a number as JSON writes it. */
bool yaml_is_number(const char *s);

#endif
