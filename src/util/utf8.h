#ifndef UTIL_UTF8_H
#define UTIL_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

#define UTF8_REPLACEMENT 0xfffdU

/**
 * Decode the code point at s (len bytes follow, at least 1) into *ret_cp and
 * return its length in bytes.  What is not UTF-8 (overlong forms, surrogates,
 * past U+10FFFF, cut sequences) gives UTF8_REPLACEMENT, length 1, and sets
 * *ret_bad if that is not NULL (it is never cleared).
 */
size_t utf8_decode(const char *s, size_t len, uint32_t *ret_cp, bool *ret_bad);

/** Append the code point; returns what buf_add does. */
int utf8_add(struct buf *buf, uint32_t cp);

/** Whether all of the bytes are UTF-8. */
bool utf8_valid(const char *s, size_t len);

/** Append the bytes, what is not UTF-8 and NUL replaced by U+FFFD. */
int utf8_add_clean(struct buf *buf, const char *s, size_t len);

/**
 * Make the string safe to show on a terminal, in place: control characters
 * (C0, DEL, C1), those that override or isolate the direction of writing and
 * what is not UTF-8 become '?'.  It never gets longer.
 */
void utf8_make_printable(char *s);

/** The largest length <= max that ends at a code point of s (len bytes). */
size_t utf8_cut(const char *s, size_t len, size_t max);

/** The number of UTF-16 code units in the UTF-8 text, Trello's likely unit. */
size_t utf8_utf16_len(const char *s, size_t len);

#endif
