#include "trello/local_rules.h"

#include "model/model.h"
#include "util/buf.h"
#include "util/timeutil.h"
#include "util/utf8.h"
#include "json/json_number.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Neighbours closer than this have no room between them. */
#define TIGHT 0.01

bool
local_is_id(const char *s, bool short_too)
{
	static const char hex[] = "0123456789abcdefABCDEF";
	static const char word[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t len = strlen(s);

	if (len == 24)
		return strspn(s, hex) == len;
	return short_too && len == 8 && strspn(s, word) == len;
}

/* What JavaScript's trim() removes. */
static bool
is_space(uint32_t cp)
{
	return (cp >= 0x09 && cp <= 0x0d) || cp == 0x20 || cp == 0xa0 ||
	       cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 ||
	       cp == 0x2029 || cp == 0x202f || cp == 0x205f || cp == 0x3000 ||
	       cp == 0xfeff;
}

/* What cannot be in a line. */
static bool
is_control(uint32_t cp)
{
	return cp < 0x20 || cp == 0x7f || cp == 0x2028 || cp == 0x2029;
}

/* The bytes as UTF-8, each run of controls as one space; *ret_end is where
 * the last character ends that is no space. */
static void
add_line(struct buf *out, const char *s, size_t *ret_end)
{
	size_t len = strlen(s);
	bool control = false;

	*ret_end = 0;
	while (len > 0) {
		uint32_t cp;
		size_t n = utf8_decode(s, len, &cp, NULL);

		s += n;
		len -= n;
		if (is_control(cp)) {
			if (!control && out->len > 0)
				(void)buf_add_char(out, ' ');
			control = true;
			continue;
		}
		control = false;
		if (is_space(cp) && out->len == 0)
			continue;
		(void)utf8_add(out, cp);
		if (!is_space(cp))
			*ret_end = out->len;
	}
}

static int
finish(struct buf *text, size_t least, size_t most, char **ret_text)
{
	size_t chars = utf8_utf16_len(buf_str(text), text->len);
	char *s;

	if (text->err == 0 && (chars < least || chars > most)) {
		buf_free(text);
		return -EINVAL;
	}
	s = buf_steal(text);
	if (s == NULL)
		return -ENOMEM;
	*ret_text = s;
	return 0;
}

int
local_title(const char *s, size_t least, size_t most, char **ret_name)
{
	struct buf name = BUF_INIT;
	size_t end;

	add_line(&name, s, &end);
	if (name.err == 0 && name.data != NULL) {
		name.data[end] = '\0';
		name.len = end;
	}
	return finish(&name, least, most, ret_name);
}

int
local_text(const char *s, size_t least, char **ret_text)
{
	struct buf text = BUF_INIT;

	(void)utf8_add_clean(&text, s, strlen(s));
	return finish(&text, least, MODEL_TEXT_MAX_CHARS, ret_text);
}

int
local_bool(const char *s, bool *ret_value)
{
	if (strcmp(s, "true") != 0 && strcmp(s, "false") != 0)
		return -EINVAL;
	*ret_value = *s == 't';
	return 0;
}

int
local_date(const char *s, int64_t *ret_ms)
{
	char day[64];
	int len;

	if (*s == '\0' || strcmp(s, "null") == 0) {
		*ret_ms = TIME_NONE;
		return 0;
	}
	if (time_parse_iso(s, ret_ms) == 0)
		return 0;
	/* A day alone begins at midnight, UTC. */
	len = snprintf(day, sizeof day, "%sT00:00:00Z", s);
	return (size_t)len < sizeof day ? time_parse_iso(day, ret_ms) : -EINVAL;
}

static int
parse_pos(const char *s, double *ret_pos)
{
	double pos;
	int r = json_number_double(s, strlen(s), &pos);

	if (r == 0 && (!(pos > 0) || !(pos < 1e300)))
		r = -EINVAL;
	if (r == 0)
		*ret_pos = pos;
	return r;
}

int
local_pos_check(const char *s)
{
	double pos;

	if (*s == '\0' || strcmp(s, "top") == 0 || strcmp(s, "bottom") == 0)
		return 0;
	return parse_pos(s, &pos);
}

int
local_places_add(struct local_places *places, double *pos, const char *id)
{
	struct local_place *place = VEC_ADD(&places->places);

	if (place == NULL)
		return -ENOMEM;
	place->pos = pos;
	place->id = id;
	return 0;
}

void
local_places_free(struct local_places *places)
{
	VEC_FREE(&places->places);
}

int
local_pos(const struct local_places *places, const char *pos, double *ret_pos)
{
	double least, most;
	int r = parse_pos(pos, ret_pos);

	if (r != -EINVAL)
		return r;
	if (places->places.n == 0) {
		*ret_pos = LOCAL_POS_STEP;
		return 0;
	}
	least = most = *places->places.v[0].pos;
	for (size_t i = 1; i < places->places.n; i++) {
		double each = *places->places.v[i].pos;

		least = each < least ? each : least;
		most = each > most ? each : most;
	}
	*ret_pos =
	    strcmp(pos, "bottom") == 0 ? most + LOCAL_POS_STEP : least / 2;
	return 0;
}

static int
compare_places(const void *a, const void *b)
{
	const struct local_place *x = a, *y = b;

	return model_compare_pos(*x->pos, x->id, *y->pos, y->id);
}

int
local_make_room(struct local_places *places, double *pos, const char *id)
{
	bool tight = false;

	for (size_t i = 0; i < places->places.n; i++) {
		double apart = *places->places.v[i].pos - *pos;

		if (apart < TIGHT && apart > -TIGHT)
			tight = true;
	}
	if (!tight)
		return 0;
	if (local_places_add(places, pos, id) != 0)
		return -ENOMEM;
	qsort(places->places.v, places->places.n, sizeof *places->places.v,
	    compare_places);
	for (size_t i = 0; i < places->places.n; i++)
		*places->places.v[i].pos = (double)(i + 1) * LOCAL_POS_STEP;
	return 0;
}
