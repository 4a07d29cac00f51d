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
origin_see(struct origin *origin, const char *candidate)
{
	size_t distance;
	int r = each_line(candidate, has, &origin->ours);

	if (r != 0)
		return r < 0 ? r : 0;
	distance = line_distance(
	    candidate, strlen(candidate), origin->text, strlen(origin->text));
	if (distance >= origin->least)
		return 0;
	origin->least = distance;
	buf_clear(&origin->found);
	return buf_add_str(&origin->found, candidate);
}
