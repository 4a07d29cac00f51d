#include "util/nearest.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Longer words are not compared: nobody meant them. */
#define WORD_MAX 64

void
nearest_init(struct nearest *near, const char *word)
{
	near->word = word;
	near->best = NULL;
	near->distance = 0;
}

static size_t
min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

static int
same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/*
 * Insertions, deletions, replacements and swaps of neighbours that make a out
 * of b, by the usual table, of which three rows are kept.
 */
static size_t
edits(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][WORD_MAX + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_len; j++)
		above[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *spare = before;

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t cost = same(a[i - 1], b[j - 1]) ? 0 : 1;

			row[j] = min3(
			    above[j] + 1, row[j - 1] + 1, above[j - 1] + cost);
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) &&
			    same(a[i - 2], b[j - 1]) && before[j - 2] < row[j])
				row[j] = before[j - 2] + 1;
		}
		before = above;
		above = row;
		row = spare;
	}
	return above[b_len];
}

void
nearest_offer(struct nearest *near, const char *candidate)
{
	size_t len = strlen(near->word);
	size_t other = strlen(candidate);
	size_t distance;

	if (len == 0 || len > WORD_MAX || other > WORD_MAX)
		return;
	distance = edits(near->word, len, candidate, other);
	if (3 * distance > (len > other ? len : other) && distance > 1 &&
	    (len < 3 || strncasecmp(candidate, near->word, len) != 0))
		return;
	if (near->best != NULL && distance >= near->distance)
		return;
	near->best = candidate;
	near->distance = distance;
}
