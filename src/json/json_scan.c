#include "json/json_scan.h"

#include "util/err.h"
#include "json/json_reader.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define ESCAPE_LEN 6 /* of \uXXXX */

void
json_scan_init(struct json_scan *scan, const struct json_limits *limits)
{
	*scan = (struct json_scan){.limits = limits};
}

void
json_scan_fini(struct json_scan *scan)
{
	buf_free(&scan->pending);
}

size_t
json_scan_whole(const struct json_scan *scan)
{
	return scan->state == SCAN_BETWEEN ? scan->pending.len : scan->token;
}

bool
json_scan_in_string(const struct json_scan *scan)
{
	return scan->state != SCAN_BETWEEN && scan->state != SCAN_ATOM;
}

void
json_scan_drop(struct json_scan *scan, size_t len)
{
	assert(len <= json_scan_whole(scan));
	buf_drop_front(&scan->pending, len);
	scan->token -= scan->token < len ? scan->token : len;
	scan->high_end -= scan->high_end < len ? scan->high_end : len;
}

/* Make the escape that ends at `end` one of U+FFFD, which is as long. */
static void
replace_escape(struct json_scan *scan, size_t end)
{
	memcpy(scan->pending.data + end - 4, "fffd", 4);
}

/* What follows is not the low half: the high half stands alone. */
static void
high_is_alone(struct json_scan *scan)
{
	if (scan->high)
		replace_escape(scan, scan->high_end);
	scan->high = false;
}

/* pending ends with the last digit of an escape. */
static void
escape_complete(struct json_scan *scan)
{
	size_t end = scan->pending.len;
	bool low = scan->unit >= 0xdc00 && scan->unit <= 0xdfff;

	scan->state = SCAN_STRING;
	if (low && scan->high && scan->high_end + ESCAPE_LEN == end) {
		scan->high = false;
		return;
	}
	high_is_alone(scan);
	if (scan->unit >= 0xd800 && scan->unit <= 0xdbff) {
		scan->high = true;
		scan->high_end = end;
	} else if (low || scan->unit == 0) {
		replace_escape(scan, end);
	}
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* One byte behind a backslash; it has been added to pending. */
static void
in_escape(struct json_scan *scan, char c)
{
	int digit;

	if (scan->state == SCAN_ESCAPE) {
		scan->state = c == 'u' ? SCAN_UNICODE : SCAN_STRING;
		scan->digits = scan->unit = 0;
		if (c != 'u')
			high_is_alone(scan);
		return;
	}
	digit = hex_digit(c);
	if (digit < 0) {
		/* The parser refuses the string, once it is given it. */
		scan->state = c == '"' ? SCAN_BETWEEN : SCAN_STRING;
		return;
	}
	scan->unit = scan->unit * 16 + (unsigned)digit;
	if (++scan->digits == 4)
		escape_complete(scan);
}

/* How many bytes at data are ordinary in this state: no need to look again. */
static size_t
ordinary(const struct json_scan *scan, const char *data, size_t len)
{
	size_t n = 0;

	if (scan->state == SCAN_STRING)
		while (n < len && data[n] != '"' && data[n] != '\\')
			n++;
	else if (scan->state == SCAN_ATOM)
		while (n < len && strchr(" \t\r\n,:[]{}\"", data[n]) == NULL)
			n++;
	return n;
}

static int
opened(struct json_scan *scan, struct err *err)
{
	if (scan->depth >= scan->limits->depth)
		return err_set(err, -EFBIG,
		    "JSON is nested deeper than %u levels at byte %" PRIu64,
		    scan->limits->depth, scan->taken);
	scan->depth++;
	return 0;
}

/* A byte outside strings that ends an atom or stands for itself. */
static int
between(struct json_scan *scan, char c, struct err *err)
{
	scan->state = SCAN_BETWEEN;
	switch (c) {
	case '[':
	case '{':
		return opened(scan, err);
	case ']':
	case '}':
		scan->depth -= scan->depth > 0 ? 1 : 0;
		return 0;
	case ' ':
	case '\t':
	case '\r':
	case '\n':
	case ',':
	case ':':
		return 0;
	default:
		scan->token = scan->pending.len;
		scan->token_at = scan->taken;
		scan->state = c == '"' ? SCAN_STRING : SCAN_ATOM;
		return 0;
	}
}

/* Take one byte that ordinary() does not; it is added to pending. */
static int
special(struct json_scan *scan, char c, struct err *err)
{
	bool between_tokens =
	    scan->state == SCAN_BETWEEN || scan->state == SCAN_ATOM;
	int rc = between_tokens ? between(scan, c, err) : 0;

	if (rc != 0)
		return rc;
	rc = buf_add_char(&scan->pending, c);
	if (rc != 0 || between_tokens)
		return rc;
	if (scan->state != SCAN_STRING) {
		in_escape(scan, c);
	} else if (c == '\\') {
		scan->state = SCAN_ESCAPE;
	} else {
		high_is_alone(scan);
		scan->state = SCAN_BETWEEN;
	}
	return 0;
}

static int
check_token(const struct json_scan *scan, struct err *err)
{
	if (scan->state == SCAN_BETWEEN ||
	    scan->pending.len - scan->token <= scan->limits->string_bytes + 1)
		return 0;
	return err_set(err, -EFBIG,
	    "a JSON string of more than %zu bytes at byte %" PRIu64,
	    scan->limits->string_bytes, scan->token_at);
}

int
json_scan_add(
    struct json_scan *scan, const char *data, size_t len, struct err *err)
{
	const size_t step_max = 65536;
	int rc = 0;

	while (len > 0 && rc == 0) {
		size_t step = len < step_max ? len : step_max;
		size_t n = ordinary(scan, data, step);

		if (n > 0) {
			if (scan->state == SCAN_STRING)
				high_is_alone(scan);
			rc = buf_add(&scan->pending, data, n);
		} else {
			n = 1;
			rc = special(scan, *data, err);
		}
		data += n;
		len -= n;
		scan->taken += n;
		if (rc == 0)
			rc = check_token(scan, err);
	}
	if (rc == -ENOMEM)
		return err_set(err, rc, "out of memory");
	return rc;
}
