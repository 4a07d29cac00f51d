#include "text/origin.h"

#include "text/heading.h"
#include "text/line_diff.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

void
origin_init(struct origin *origin, const char *text)
{
	*origin =
	    (struct origin){.text = text, .least = SIZE_MAX, .found = BUF_INIT};
}

void
origin_fini(struct origin *origin)
{
	strset_fini(&origin->ours);
	strset_fini(&origin->known);
	buf_free(&origin->found);
}

/* Calls back for each line that is not empty until that returns another than
 * 0: what it returned. */
typedef int line_fn(void *cookie, const char *line);

static int
each_line(const char *text, line_fn *fn, void *cookie)
{
	struct buf line = BUF_INIT;
	size_t len = strlen(text);
	int r = 0;

	while (len > 0 && r == 0) {
		size_t n = line_len(text, len);

		buf_clear(&line);
		r = buf_add(&line, text, n);
		if (r == 0 && n > 0)
			r = fn(cookie, buf_str(&line));
		n += n < len;
		text += n;
		len -= n;
	}
	buf_free(&line);
	return r;
}

static int
add(void *cookie, const char *line)
{
	return strset_add(cookie, line);
}

static int
has(void *cookie, const char *line)
{
	return strset_has(cookie, line);
}

struct adding {
	const struct strset *known;
	struct strset *ours;
};

static int
add_unknown(void *cookie, const char *line)
{
	struct adding *adding = cookie;

	return strset_has(adding->known, line) ? 0
					       : strset_add(adding->ours, line);
}

int
origin_add_ours(struct origin *origin, const char *old, const char *mine)
{
	struct strset known = {0};
	struct adding adding = {&known, &origin->ours};
	int r = each_line(old, add, &known);

	if (r == 0)
		r = each_line(origin->text, add, &known);
	if (r == 0)
		r = each_line(mine, add_unknown, &adding);
	strset_fini(&known);
	return r;
}

int
origin_add_known(struct origin *origin, const char *text)
{
	return each_line(text, add, &origin->known);
}

/* Appends what the author of the text can have begun with for all that we
 * know: the candidate without lines that came with the text. */
static int
strip(const struct origin *origin, const char *candidate, struct buf *out)
{
	size_t len = strlen(candidate);
	struct strset news = {0};
	struct adding adding = {&origin->known, &news};
	struct buf line = BUF_INIT;
	int r = each_line(origin->text, add_unknown, &adding);

	while (len > 0 && r == 0) {
		size_t n = line_len(candidate, len), all = n + (n < len);

		buf_clear(&line);
		r = buf_add(&line, candidate, n);
		if (r == 0 && !strset_has(&news, buf_str(&line)))
			r = buf_add(out, candidate, all);
		candidate += all;
		len -= all;
	}
	buf_free(&line);
	strset_fini(&news);
	return r;
}

int
origin_see(struct origin *origin, const char *candidate)
{
	struct buf rest = BUF_INIT;
	size_t distance;
	int r = each_line(candidate, has, &origin->ours);

	if (r != 0 || strcmp(candidate, origin->text) == 0)
		return r < 0 ? r : 0;
	r = strip(origin, candidate, &rest);
	distance = line_distance(
	    buf_str(&rest), rest.len, origin->text, strlen(origin->text));
	if (r == 0 && distance < origin->least) {
		origin->least = distance;
		buf_clear(&origin->found);
		r = buf_add(&origin->found, buf_str(&rest), rest.len);
	}
	buf_free(&rest);
	return r;
}

/* Two texts that a line of a third one may be in. */
struct two {
	struct strset other, now;
};

static int
is_missing(void *cookie, const char *line)
{
	const struct two *two = cookie;

	return !strset_has(&two->other, line) && !strset_has(&two->now, line);
}

static int
is_left(void *cookie, const char *line)
{
	const struct two *two = cookie;

	return !strset_has(&two->other, line) && strset_has(&two->now, line);
}

/* Whether fn is true of no line of the text, with other and now. */
static int
is_none(const char *text, line_fn *fn, const char *other, const char *now)
{
	struct two two = {{0}, {0}};
	int r = each_line(other, add, &two.other);

	if (r == 0)
		r = each_line(now, add, &two.now);
	if (r == 0)
		r = each_line(text, fn, &two);
	strset_fini(&two.other);
	strset_fini(&two.now);
	return r < 0 ? r : r == 0;
}

int
origin_is_in(const char *base, const char *text, const char *now)
{
	int r = is_none(text, is_missing, base, now);

	return r == 1 ? is_none(base, is_left, text, now) : r;
}
