#ifndef TEXT_MERGE_H
#define TEXT_MERGE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

#define MERGE_MARK_YOURS "<<<<<<< yours"
#define MERGE_MARK_MIDDLE "======="
#define MERGE_MARK_TRELLO ">>>>>>> trello"

/**
 * Append to out what two people made of one description: line by line, yours
 * where only you changed it, theirs where only they did.  Where both changed
 * the same or neighbouring lines, both stand there, between the markers, and
 * *ret_conflict is true.  As git merge-file does it.  A last line is a line,
 * with or without a newline; out ends in one only if that is what it says.
 * 0 or -ENOMEM.
 */
int text_merge(const char *base, const char *yours, const char *theirs,
    struct buf *out, bool *ret_conflict);

/** The same for where nobody can be asked: where both changed the same lines,
 * both stand one behind the other, without markers. */
int text_merge_all(
    const char *base, const char *yours, const char *theirs, struct buf *out);

/**
 * The same where both are on this side: where both changed the same lines,
 * those of the later one.  What both put in the same place is all there, that
 * of the earlier one first.
 */
int text_merge_later(
    const char *base, const char *later, const char *earlier, struct buf *out);

/**
 * Whether the later text goes on with words that the earlier one brought:
 * somewhere both differ from base in the same place, and the later lines begin
 * with the earlier ones, or the other way round.  1, 0 or -ENOMEM.
 */
int text_goes_on(const char *base, const char *later, const char *earlier);

/** How many lines of the text are one of the two outer markers, and which is
 * the first of them, from 1 (ret_line may be NULL). */
size_t text_markers(const char *text, unsigned *ret_line);

#endif
