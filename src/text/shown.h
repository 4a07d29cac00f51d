#ifndef TEXT_SHOWN_H
#define TEXT_SHOWN_H

struct board;
struct buf;
struct field;
struct field_option;
struct label;
struct member;

/**
 * How a card's text calls what belongs to its board.  A name that is empty or
 * not unique on the board is told apart: labels `name (colour)` or
 * `(colour)`, fields `name (type)`; and where that is still not unique, also
 * options of a list field, by ` #` and the end of the id.
 *
 * The first function of each pair appends to out and returns out->err.  The
 * second finds what a text calls so; apart from the exact words it takes a
 * name or a `name (colour)` that only one has.  It returns 0, -ENOENT or
 * -ENOMEM; *ret is NULL unless it returns 0.
 */
int label_shown(
    const struct board *board, const struct label *label, struct buf *out);
int label_by_shown(const struct board *board, const char *text,
    const struct label **ret_label);

int field_shown(
    const struct board *board, const struct field *field, struct buf *out);
int field_by_shown(const struct board *board, const char *text,
    const struct field **ret_field);

int option_shown(const struct field *field, const struct field_option *option,
    struct buf *out);
int option_by_shown(const struct field *field, const char *text,
    const struct field_option **ret_option);

/** By username, with or without an `@` before it; NULL: not on the board. */
const struct member *member_by_shown(
    const struct board *board, const char *text);

#endif
