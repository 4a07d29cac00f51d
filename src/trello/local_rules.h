#ifndef TRELLO_LOCAL_RULES_H
#define TRELLO_LOCAL_RULES_H

#include "util/vec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * What Trello makes of the values that a write gives it.  Pure.
 */

/* Added behind the last, and the place of the first (recorded). */
#define LOCAL_POS_STEP 16384.0

/** 24 hex digits, or (short_too) the eight characters of a short link. */
bool local_is_id(const char *s, bool short_too);

/**
 * A name as Trello keeps it: one line, trimmed.  ret_name is the caller's.
 * 0, -EINVAL (it has not between least and most UTF-16 units), -ENOMEM.
 */
int local_title(const char *s, size_t least, size_t most, char **ret_name);

/** A description or a comment: every byte is kept.  As local_title(). */
int local_text(const char *s, size_t least, char **ret_text);

/** "true", "false".  0 or -EINVAL. */
int local_bool(const char *s, bool *ret_value);

/** A date, or none (TIME_NONE): "", "null".  0 or -EINVAL. */
int local_date(const char *s, int64_t *ret_ms);

/** "top", "bottom", "" (top) or a positive number.  0, -EINVAL or -ENOMEM. */
int local_pos_check(const char *s);

/** The things among which one has its place. */
struct local_place {
	double *pos;
	const char *id;
};
struct local_places {
	VEC(struct local_place) places;
};

/** 0 or -ENOMEM.  pos and id must stay put. */
int local_places_add(struct local_places *places, double *pos, const char *id);
void local_places_free(struct local_places *places);

/** Where a thing goes that is not (yet) among them; pos was checked.  0 or
 * -ENOMEM. */
int local_pos(
    const struct local_places *places, const char *pos, double *ret_pos);

/** If the thing, which is not among them, is too close to one of them, all
 * are spread.  0 or -ENOMEM. */
int local_make_room(struct local_places *places, double *pos, const char *id);

#endif
