#include "text/field_text.h"

#include "model/model.h"
#include "text/date_text.h"
#include "text/shown.h"
#include "text/yaml_scalar.h"
#include "util/buf.h"
#include "util/timeutil.h"

#include <stdlib.h>
#include <string.h>

struct field_value *
field_text_value(const struct card *card, const struct field *field)
{
	for (size_t i = 0; i < card->fields.n; i++)
		if (strcmp(card->fields.v[i].id_field, field->id) == 0)
			return &card->fields.v[i];
	return NULL;
}

static bool
add_option(struct buf *out, const struct field *field, const char *id)
{
	const struct field_option *option = field_option_by_id(field, id);

	if (option == NULL)
		return false;
	(void)option_shown(field, option, out);
	return true;
}

bool
field_text_add(struct buf *out, const struct field *field,
    const struct field_value *value, const struct zone *zone, bool *ret_literal)
{
	const char *s = model_str(value->value);
	int64_t ms;

	*ret_literal = false;
	if (field->type == FIELD_LIST)
		return add_option(out, field, value->id_option);
	if (*s == '\0' || field->type == FIELD_UNKNOWN)
		return false;
	if (field->type == FIELD_DATE && time_parse_iso(s, &ms) == 0 &&
	    date_text_shows(ms, zone)) {
		*ret_literal = true;
		(void)date_text_add(out, ms, zone);
		return true;
	}
	*ret_literal = (field->type == FIELD_NUMBER && yaml_is_number(s)) ||
		       (field->type == FIELD_CHECKBOX &&
			   (strcmp(s, "true") == 0 || strcmp(s, "false") == 0));
	(void)buf_add_str(out, s);
	return true;
}

#define POWER_MAX 1000000000L

/* A decimal number: its digits without zeros at the ends, and the power of
 * ten that the first of them stands for. */
struct decimal {
	const char *first, *last; /* significant digits, a dot between them */
	long power;
	bool negative;
};

static void
read_decimal(const char *s, struct decimal *number)
{
	const char *dot = NULL, *end;
	long exponent = 0;

	memset(number, 0, sizeof *number);
	number->negative = *s == '-';
	if (*s == '-' || *s == '+')
		s++;
	for (end = s; *end == '.' || (*end >= '0' && *end <= '9'); end++) {
		if (*end == '.') {
			dot = end;
		} else if (*end != '0') {
			if (number->first == NULL)
				number->first = end;
			number->last = end;
		}
	}
	if (*end == 'e' || *end == 'E')
		exponent = strtol(end + 1, NULL, 10);
	if (number->first == NULL) {
		number->negative = false;
		return;
	}
	if (dot == NULL)
		dot = end;
	/* Saturated: what is that large is no number that anybody has. */
	if (exponent > POWER_MAX || exponent < -POWER_MAX)
		exponent = exponent > 0 ? POWER_MAX : -POWER_MAX;
	number->power = exponent + (long)(dot - number->first) -
			(dot < number->first ? 0 : 1);
}

bool
field_text_same_number(const char *a, const char *b)
{
	struct decimal x, y;

	read_decimal(a, &x);
	read_decimal(b, &y);
	if (x.first == NULL || y.first == NULL)
		return x.first == y.first;
	if (x.negative != y.negative || x.power != y.power)
		return false;
	for (;; x.first++, y.first++) {
		if (*x.first == '.' && x.first < x.last)
			x.first++;
		if (*y.first == '.' && y.first < y.last)
			y.first++;
		if (*x.first != *y.first)
			return false;
		if (x.first == x.last || y.first == y.last)
			return x.first == x.last && y.first == y.last;
	}
}
