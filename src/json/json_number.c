#include "json/json_number.h"

#include <errno.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The C library reads and writes numbers as the thread's locale says.  Asking
 * for the whole "C" locale costs nothing: glibc hands out a static object.
 */
static int
c_locale_enter(locale_t *ret_c, locale_t *ret_old)
{
	*ret_c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	if (*ret_c == (locale_t)0)
		return -ENOMEM;
	*ret_old = uselocale(*ret_c);
	return 0;
}

static void
c_locale_leave(locale_t c, locale_t old)
{
	(void)uselocale(old);
	freelocale(c);
}

/* strtod() also takes "inf", "nan", hexadecimals and leading white space. */
static bool
looks_like_number(const char *text, size_t len)
{
	size_t i = len > 0 && text[0] == '-' ? 1 : 0;

	if (i == len || text[i] < '0' || text[i] > '9')
		return false;
	for (; i < len; i++)
		if (text[i] == '\0' ||
		    strchr("0123456789+-.eE", text[i]) == NULL)
			return false;
	return true;
}

int
json_number_double(const char *text, size_t len, double *ret_value)
{
	locale_t c, old;
	char *copy, *end;
	double value;
	bool whole;

	if (!looks_like_number(text, len))
		return -EINVAL;
	copy = strndup(text, len);
	if (copy == NULL)
		return -ENOMEM;
	if (c_locale_enter(&c, &old) != 0) {
		free(copy);
		return -ENOMEM;
	}
	value = strtod(copy, &end);
	c_locale_leave(c, old);
	whole = end == copy + len;
	free(copy);
	if (!whole)
		return -EINVAL;
	if (isinf(value))
		value = value > 0 ? DBL_MAX : -DBL_MAX;
	*ret_value = value;
	return 0;
}

/* The plain case, with all 64 bits; false where a double has to help. */
static bool
plain_int64(const char *text, size_t len, int64_t *ret_value)
{
	bool negative = text[0] == '-';
	int64_t value = 0;

	for (size_t i = negative ? 1 : 0; i < len; i++) {
		int digit = text[i] - '0';

		if (digit < 0 || digit > 9)
			return false;
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, digit, &value)) {
			*ret_value = negative ? INT64_MIN : INT64_MAX;
			return true;
		}
	}
	if (!negative && value == INT64_MIN)
		*ret_value = INT64_MAX;
	else
		*ret_value = negative ? value : -value;
	return true;
}

int
json_number_int64(const char *text, size_t len, int64_t *ret_value)
{
	const double past_the_end = 9223372036854775808.0;
	double value;
	int rc;

	if (!looks_like_number(text, len))
		return -EINVAL;
	if (plain_int64(text, len, ret_value))
		return 0;
	rc = json_number_double(text, len, &value);
	if (rc != 0)
		return rc;
	if (value >= past_the_end)
		*ret_value = INT64_MAX;
	else if (value < -past_the_end)
		*ret_value = INT64_MIN;
	else if ((double)(int64_t)value == value)
		*ret_value = (int64_t)value;
	else
		return -EINVAL;
	return 0;
}

int
json_number_format(double value, char out[JSON_NUMBER_SIZE])
{
	locale_t c, old;

	if (c_locale_enter(&c, &old) != 0)
		return -ENOMEM;
	for (int digits = DBL_DIG; digits <= DBL_DECIMAL_DIG; digits++) {
		(void)snprintf(out, JSON_NUMBER_SIZE, "%.*g", digits, value);
		if (strtod(out, NULL) == value)
			break;
	}
	c_locale_leave(c, old);
	return 0;
}
