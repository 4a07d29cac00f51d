#ifndef TEXT_LINE_DIFF_H
#define TEXT_LINE_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A text as lines, each a number: equal lines have equal numbers. */
struct lines {
	struct line {
		const char *s; /* in the text, which must outlive this */
		size_t len;    /* without its LF */
	} * v;
	uint32_t *numbers;
	size_t n;
};

/** What gives lines their numbers, for all texts that are to be compared. */
struct line_numbers;
struct line_numbers *line_numbers_new(void);
void line_numbers_free(struct line_numbers *numbers);

/**
 * Take a text apart.  A last line without LF counts like one with it; an
 * empty text has no lines.  0 or -ENOMEM; lines_fini() in any case.
 */
int lines_init(struct lines *lines, struct line_numbers *numbers,
    const char *text, size_t len);
void lines_fini(struct lines *lines);

/** Add an empty line behind the last one: once at most.  0 or -ENOMEM. */
int lines_add_empty(struct lines *lines, struct line_numbers *numbers);

/** a_n lines from a_at on became b_n lines at b_at. */
struct hunk {
	size_t a_at, a_n;
	size_t b_at, b_n;
};

struct hunks {
	struct hunk *v;
	size_t n, cap;
};

/**
 * The hunks that make a into b, in order, unchanged lines between them: as
 * few lines as can be found (for texts that have thousands of changes in one
 * place, fewer need not be found).  Where a hunk could stand in several
 * places it stands in the last.  0 or -ENOMEM.
 */
int line_diff(const uint32_t *a, size_t a_n, const uint32_t *b, size_t b_n,
    struct hunks *ret_hunks);

/**
 * How much two texts differ: lines that one has and the other has not.
 * SIZE_MAX when out of memory.
 */
size_t line_distance(const char *a, size_t a_len, const char *b, size_t b_len);

#endif
