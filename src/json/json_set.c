#include "json/json_set.h"

#include "util/buf.h"
#include "util/utf8.h"
#include "json/json_number.h"
#include "json/json_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Everything that can be asked about one scalar. */
struct scalar {
	enum json_scalar kind;
	const char *text;
	size_t len;
	struct buf *scratch;
};

/* The text as UTF-8 without NUL; in scratch where it had to be mended. */
static int
clean(struct scalar *scalar)
{
	struct buf *scratch = scalar->scratch;

	if (utf8_valid(scalar->text, scalar->len) &&
	    memchr(scalar->text, '\0', scalar->len) == NULL)
		return 0;
	buf_clear(scratch);
	if (utf8_add_clean(scratch, scalar->text, scalar->len) != 0)
		return scratch->err;
	scalar->text = scratch->data;
	scalar->len = scratch->len;
	return 0;
}

static int
set_string(
    const struct json_field *field, void *member, const struct scalar *scalar)
{
	char **string = member;
	char *copy = strndup(scalar->text, scalar->len);

	(void)field;
	if (copy == NULL)
		return -ENOMEM;
	free(*string);
	*string = copy;
	return 0;
}

static int
set_chars(
    const struct json_field *field, void *member, const struct scalar *scalar)
{
	char *chars = member;

	if (scalar->kind != JSON_SCALAR_TEXT || scalar->len >= field->size)
		return -EBADMSG;
	memcpy(chars, scalar->text, scalar->len);
	memset(chars + scalar->len, 0, field->size - scalar->len);
	return 0;
}

static bool
is(const struct scalar *scalar, const char *word)
{
	return scalar->len == strlen(word) &&
	       memcmp(scalar->text, word, scalar->len) == 0;
}

static int
set_bool(
    const struct json_field *field, void *member, const struct scalar *scalar)
{
	bool *truth = member;

	(void)field;
	if (!is(scalar, "true") && !is(scalar, "false"))
		return -EBADMSG;
	*truth = is(scalar, "true");
	return 0;
}

static int
set_double(
    const struct json_field *field, void *member, const struct scalar *scalar)
{
	int rc = json_number_double(scalar->text, scalar->len, member);

	(void)field;
	return rc == -EINVAL ? -EBADMSG : rc;
}

static int
set_int64(
    const struct json_field *field, void *member, const struct scalar *scalar)
{
	int rc = json_number_int64(scalar->text, scalar->len, member);

	(void)field;
	return rc == -EINVAL ? -EBADMSG : rc;
}

static int
set_custom(
    const struct json_field *field, void *member, const struct scalar *scalar)
{
	return field->set(member, scalar->text, scalar->len);
}

static const struct {
	int (*set)(const struct json_field *field, void *member,
	    const struct scalar *scalar); /* NULL: no scalar */
	const char *wanted;
} types[] = {
    [JSON_STRING] = {set_string, "a string"},
    [JSON_CHARS] = {set_chars, "a short string"},
    [JSON_BOOL] = {set_bool, "true or false"},
    [JSON_DOUBLE] = {set_double, "a number"},
    [JSON_INT64] = {set_int64, "a whole number"},
    [JSON_OBJECT] = {NULL, "an object"},
    [JSON_ARRAY] = {NULL, "an array"},
    [JSON_EACH] = {NULL, "an array"},
    [JSON_CUSTOM] = {set_custom, "a string, number or truth value"},
};

int
json_set(const struct json_field *field, void *object, enum json_scalar kind,
    const char *text, size_t len, struct buf *scratch)
{
	struct scalar scalar = {kind, text, len, scratch};
	int rc;

	if (types[field->type].set == NULL)
		return -EBADMSG;
	rc = clean(&scalar);
	if (rc != 0)
		return rc;
	return types[field->type].set(
	    field, (char *)object + field->offset, &scalar);
}

const char *
json_set_wanted(const struct json_field *field)
{
	return types[field->type].wanted;
}
