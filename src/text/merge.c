#include "text/merge.h"

#include "text/heading.h"
#include "text/line_diff.h"
#include "util/buf.h"
#include "util/vec.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* Conflicts with so few lines between them become one. */
#define GAP_MAX 3

/* A place that was changed: y_n of your lines stand against t_n of theirs. */
struct region {
	enum {
		TAKE_YOURS,
		TAKE_THEIRS,
		TAKE_THEIRS_FIRST, /* both */
		TAKE_YOURS_FIRST,
		CONFLICT
	} what;
	bool both_add; /* nothing of base was there */
	size_t y_at, y_n;
	size_t t_at, t_n;
};

struct merge {
	struct line_numbers *numbers;
	struct lines base, yours, theirs;
	struct hunks your_hunks, their_hunks; /* from base */
	VEC(struct region) regions;
	bool strict; /* changes of neighbouring lines do not meet */
};

/* What two ways of changing the lines from `at` to `end` of base come to. */
struct cluster {
	size_t at, end;
	size_t y_first, y_last; /* hunks of each side: first, behind the last */
	size_t t_first, t_last;
};

/* Line `at` of base on the other side of hunks of which n are before it. */
static size_t
translate(const struct hunks *hunks, size_t n, size_t at)
{
	const struct hunk *last;

	if (n == 0)
		return at;
	last = &hunks->v[n - 1];
	return at - (last->a_at + last->a_n) + last->b_at + last->b_n;
}

static int
add_region(struct merge *merge, const struct region *region)
{
	struct region *slot = VEC_ADD(&merge->regions);

	if (slot == NULL)
		return -ENOMEM;
	*slot = *region;
	return 0;
}

static bool
same_lines(const struct merge *merge, const struct region *region)
{
	return region->y_n == region->t_n &&
	       memcmp(merge->yours.numbers + region->y_at,
		   merge->theirs.numbers + region->t_at,
		   region->y_n * sizeof *merge->yours.numbers) == 0;
}

/* Only the lines that differ are in conflict. */
static int
refine(struct merge *merge, const struct region *whole)
{
	struct hunks hunks;
	int err;

	if (whole->y_n == 0 || whole->t_n == 0)
		return add_region(merge, whole);
	err = line_diff(merge->yours.numbers + whole->y_at, whole->y_n,
	    merge->theirs.numbers + whole->t_at, whole->t_n, &hunks);
	if (err != 0)
		return err;
	for (size_t i = 0; i < hunks.n && err == 0; i++) {
		struct region part = {.what = CONFLICT,
		    .both_add = whole->both_add,
		    .y_at = whole->y_at + hunks.v[i].a_at,
		    .y_n = hunks.v[i].a_n,
		    .t_at = whole->t_at + hunks.v[i].b_at,
		    .t_n = hunks.v[i].b_n};

		err = add_region(merge, &part);
	}
	VEC_FREE(&hunks);
	return err;
}

/* Whether both sides have made the very same change. */
static bool
same_hunk(const struct merge *merge, const struct cluster *cluster)
{
	const struct hunk *yours = &merge->your_hunks.v[cluster->y_first];
	const struct hunk *theirs = &merge->their_hunks.v[cluster->t_first];

	return cluster->y_last - cluster->y_first == 1 &&
	       cluster->t_last - cluster->t_first == 1 &&
	       yours->a_at == theirs->a_at && yours->a_n == theirs->a_n;
}

static int
add_cluster(struct merge *merge, const struct cluster *cluster)
{
	bool by_you = cluster->y_first < cluster->y_last;
	bool by_them = cluster->t_first < cluster->t_last;
	struct region region = {.what = by_you ? TAKE_YOURS : TAKE_THEIRS};
	size_t y_end, t_end;

	region.y_at =
	    translate(&merge->your_hunks, cluster->y_first, cluster->at);
	y_end = translate(&merge->your_hunks, cluster->y_last, cluster->end);
	region.t_at =
	    translate(&merge->their_hunks, cluster->t_first, cluster->at);
	t_end = translate(&merge->their_hunks, cluster->t_last, cluster->end);
	region.y_n = y_end - region.y_at;
	region.t_n = t_end - region.t_at;
	if (!by_you || !by_them)
		return add_region(merge, &region);
	if (same_lines(merge, &region))
		return same_hunk(merge, cluster) ? 0
						 : add_region(merge, &region);
	region.what = CONFLICT;
	region.both_add = cluster->at == cluster->end;
	return refine(merge, &region);
}

/* Take the hunk into the cluster if it overlaps or touches it. */
static bool
join(struct cluster *cluster, const struct hunks *hunks, size_t *next,
    bool strict)
{
	const struct hunk *hunk;

	if (*next == hunks->n)
		return false;
	hunk = &hunks->v[*next];
	if (hunk->a_at > cluster->end ||
	    (strict && hunk->a_at == cluster->end &&
		cluster->at < cluster->end))
		return false;
	if (hunk->a_at + hunk->a_n > cluster->end)
		cluster->end = hunk->a_at + hunk->a_n;
	(*next)++;
	return true;
}

/* Where the next hunk of either side begins. */
static size_t
next_at(
    const struct hunks *yours, size_t y, const struct hunks *theirs, size_t t)
{
	if (y == yours->n)
		return theirs->v[t].a_at;
	if (t == theirs->n || yours->v[y].a_at < theirs->v[t].a_at)
		return yours->v[y].a_at;
	return theirs->v[t].a_at;
}

static bool
adds_at(const struct hunks *hunks, size_t next, size_t at)
{
	return next < hunks->n && hunks->v[next].a_at == at &&
	       hunks->v[next].a_n == 0;
}

/* What is only put there comes before what changes the line that follows. */
static bool
take_additions(
    const struct merge *merge, struct cluster *cluster, size_t *y, size_t *t)
{
	size_t at = cluster->at;
	bool yours = adds_at(&merge->your_hunks, *y, at);
	bool theirs = adds_at(&merge->their_hunks, *t, at);

	*y += yours;
	*t += theirs;
	return yours || theirs;
}

static int
find_regions(struct merge *merge)
{
	const struct hunks *yours = &merge->your_hunks;
	const struct hunks *theirs = &merge->their_hunks;
	size_t y = 0, t = 0;
	int err = 0;

	while (err == 0 && (y < yours->n || t < theirs->n)) {
		struct cluster cluster = {.y_first = y, .t_first = t};
		bool more = true;

		cluster.at = cluster.end = next_at(yours, y, theirs, t);
		if (merge->strict && take_additions(merge, &cluster, &y, &t))
			more = false;
		while (more) {
			more = join(&cluster, yours, &y, merge->strict);
			more |= join(&cluster, theirs, &t, merge->strict);
		}
		cluster.y_last = y;
		cluster.t_last = t;
		err = add_cluster(merge, &cluster);
	}
	return err;
}

/* Whether there is a letter or a digit in your lines. */
static bool
has_words(const struct merge *merge, size_t at, size_t end)
{
	for (size_t i = at; i < end; i++)
		for (size_t j = 0; j < merge->yours.v[i].len; j++)
			if (isalnum((unsigned char)merge->yours.v[i].s[j]))
				return true;
	return false;
}

/* Make one of conflicts that have hardly anything between them. */
static void
join_conflicts(struct merge *merge)
{
	size_t left = 0;

	for (size_t i = 1; i < merge->regions.n; i++) {
		struct region *last = &merge->regions.v[left];
		const struct region *next = &merge->regions.v[i];
		size_t end = last->y_at + last->y_n;

		if (last->what == CONFLICT && next->what == CONFLICT &&
		    (next->y_at - end <= GAP_MAX ||
			!has_words(merge, end, next->y_at))) {
			last->y_n = next->y_at + next->y_n - last->y_at;
			last->t_n = next->t_at + next->t_n - last->t_at;
		} else {
			merge->regions.v[++left] = *next;
		}
	}
	if (merge->regions.n > 0)
		merge->regions.n = left + 1;
}

static void
add_lines(struct buf *out, const struct lines *lines, size_t at, size_t n)
{
	for (size_t i = at; i < at + n; i++) {
		(void)buf_add(out, lines->v[i].s, lines->v[i].len);
		(void)buf_add_char(out, '\n');
	}
}

static void
write_region(
    const struct merge *merge, const struct region *region, struct buf *out)
{
	if (region->what == CONFLICT)
		(void)buf_add_str(out, MERGE_MARK_YOURS "\n");
	if (region->what == TAKE_THEIRS_FIRST)
		add_lines(out, &merge->theirs, region->t_at, region->t_n);
	if (region->what != TAKE_THEIRS)
		add_lines(out, &merge->yours, region->y_at, region->y_n);
	if (region->what == CONFLICT)
		(void)buf_add_str(out, MERGE_MARK_MIDDLE "\n");
	if (region->what == TAKE_THEIRS || region->what == TAKE_YOURS_FIRST ||
	    region->what == CONFLICT)
		add_lines(out, &merge->theirs, region->t_at, region->t_n);
	if (region->what == CONFLICT)
		(void)buf_add_str(out, MERGE_MARK_TRELLO "\n");
}

static void
write_result(const struct merge *merge, struct buf *out, bool *ret_conflict)
{
	size_t at = 0;

	*ret_conflict = false;
	for (size_t i = 0; i < merge->regions.n; i++) {
		const struct region *region = &merge->regions.v[i];

		add_lines(out, &merge->yours, at, region->y_at - at);
		write_region(merge, region, out);
		*ret_conflict |= region->what == CONFLICT;
		at = region->y_at + region->y_n;
	}
	add_lines(out, &merge->yours, at, merge->yours.n - at);
}

/*
 * An empty text and one of a single empty line are not the same here: the
 * last line of a text that ends in a newline is an empty one.
 */
static int
take_apart(struct merge *merge, struct lines *lines, const char *text)
{
	size_t len = strlen(text);
	int err = lines_init(lines, merge->numbers, text, len);

	if (err == 0 && len > 0 && text[len - 1] == '\n')
		err = lines_add_empty(lines, merge->numbers);
	return err;
}

static void
merge_fini(struct merge *merge)
{
	VEC_FREE(&merge->regions);
	VEC_FREE(&merge->your_hunks);
	VEC_FREE(&merge->their_hunks);
	lines_fini(&merge->base);
	lines_fini(&merge->yours);
	lines_fini(&merge->theirs);
	line_numbers_free(merge->numbers);
}

/* Find what was changed.  0 or -ENOMEM; merge_fini() in any case. */
static int
compare(struct merge *merge, const char *base, const char *yours,
    const char *theirs, bool strict)
{
	*merge =
	    (struct merge){.numbers = line_numbers_new(), .strict = strict};
	if (merge->numbers == NULL ||
	    take_apart(merge, &merge->base, base) != 0 ||
	    take_apart(merge, &merge->yours, yours) != 0 ||
	    take_apart(merge, &merge->theirs, theirs) != 0)
		return -ENOMEM;
	if (line_diff(merge->base.numbers, merge->base.n, merge->yours.numbers,
		merge->yours.n, &merge->your_hunks) != 0 ||
	    line_diff(merge->base.numbers, merge->base.n, merge->theirs.numbers,
		merge->theirs.n, &merge->their_hunks) != 0)
		return -ENOMEM;
	return find_regions(merge);
}

static int
write_out(const struct merge *merge, struct buf *out, bool *ret_conflict)
{
	size_t start = out->len;

	write_result(merge, out, ret_conflict);
	/* The newline of the last line is not the text's. */
	if (out->err == 0 && out->len > start)
		out->data[--out->len] = '\0';
	return out->err;
}

int
text_merge(const char *base, const char *yours, const char *theirs,
    struct buf *out, bool *ret_conflict)
{
	struct merge merge;
	int err = compare(&merge, base, yours, theirs, false);

	if (err == 0) {
		join_conflicts(&merge);
		err = write_out(&merge, out, ret_conflict);
	}
	merge_fini(&merge);
	return err;
}

int
text_merge_all(
    const char *base, const char *yours, const char *theirs, struct buf *out)
{
	struct merge merge;
	bool conflict = false;
	int err = compare(&merge, base, yours, theirs, false);

	for (size_t i = 0; i < merge.regions.n; i++)
		if (merge.regions.v[i].what == CONFLICT)
			merge.regions.v[i].what = TAKE_YOURS_FIRST;
	if (err == 0)
		err = write_out(&merge, out, &conflict);
	merge_fini(&merge);
	return err;
}

int
text_merge_later(
    const char *base, const char *later, const char *earlier, struct buf *out)
{
	struct merge merge;
	bool conflict = false;
	int err = compare(&merge, base, later, earlier, true);

	for (size_t i = 0; i < merge.regions.n; i++) {
		struct region *region = &merge.regions.v[i];

		if (region->what == CONFLICT)
			region->what =
			    region->both_add ? TAKE_THEIRS_FIRST : TAKE_YOURS;
	}
	if (err == 0)
		err = write_out(&merge, out, &conflict);
	merge_fini(&merge);
	return err;
}

/* Whether one line is the beginning of the other, and not empty. */
static bool
begins_with(const struct line *a, const struct line *b)
{
	size_t len = a->len < b->len ? a->len : b->len;

	return len > 0 && memcmp(a->s, b->s, len) == 0;
}

int
text_goes_on(const char *base, const char *later, const char *earlier)
{
	struct merge merge;
	int r = compare(&merge, base, later, earlier, true);

	for (size_t i = 0; i < merge.regions.n && r == 0; i++) {
		const struct region *region = &merge.regions.v[i];

		if (region->what != CONFLICT)
			continue;
		r = region->y_n == 0 || region->t_n == 0 ||
		    begins_with(&merge.yours.v[region->y_at],
			&merge.theirs.v[region->t_at]);
	}
	merge_fini(&merge);
	return r;
}

static bool
is_marker(const char *line, size_t len)
{
	if (len > 0 && line[len - 1] == '\r')
		len--;
	return (len == strlen(MERGE_MARK_YOURS) &&
		   memcmp(line, MERGE_MARK_YOURS, len) == 0) ||
	       (len == strlen(MERGE_MARK_TRELLO) &&
		   memcmp(line, MERGE_MARK_TRELLO, len) == 0);
}

size_t
text_markers(const char *text, unsigned *ret_line)
{
	size_t len = strlen(text), found = 0;

	for (unsigned line = 1;; line++) {
		size_t n = line_len(text, len);

		if (is_marker(text, n) && found++ == 0 && ret_line != NULL)
			*ret_line = line;
		if (n == len)
			return found;
		text += n + 1;
		len -= n + 1;
	}
}
