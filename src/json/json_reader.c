#include "json/json_reader.h"

#include "util/buf.h"
#include "util/err.h"
#include "util/vec.h"
#include "json/json_scan.h"
#include "json/json_set.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

/*
 * Bytes go through json_scan (bounds, whole tokens), then yajl (the
 * language), whose events move a stack of frames, one for each open array or
 * object that the shapes know.  What they do not know is counted in `skipped`
 * and costs nothing else.  A frame points into the structs being filled; an
 * array does not grow while one of its elements is open, so these stay good.
 */

const struct json_limits JSON_LIMITS_DEFAULT = {
    .depth = 64,
    .string_bytes = (size_t)4 << 20,
    .total_bytes = (size_t)64 << 20,
    .elements = 2000000,
};

/* The members of every VEC. */
struct any_vec {
	void *v;
	size_t n, cap;
};

struct frame {
	enum { IN_OBJECT, IN_VEC, IN_EACH } kind;
	const struct json_shape *shape; /* of the object or the elements */
	void *at;			/* struct, VEC, or the reused struct */
	const struct json_field *field; /* IN_OBJECT: whose value comes next */
	bool element;			/* this object is one of an array */
	bool drop;			/* ... and is not wanted */
};

struct json_reader {
	yajl_handle yajl;
	struct json_limits limits;
	struct json_scan scan;
	struct json_field root; /* as if the value were a member of target */
	void *target;
	VEC(struct frame) frames;
	unsigned skipped; /* open arrays and objects that nobody wants */
	size_t elements;
	struct buf scratch;
	struct err err;
};

static struct frame *
top(struct json_reader *reader)
{
	size_t n = reader->frames.n;

	return n > 0 ? &reader->frames.v[n - 1] : NULL;
}

/* The keys that lead to where the reader is: "cards.checklists.name". */
static const char *
path(struct json_reader *reader)
{
	struct buf *out = &reader->scratch;

	buf_clear(out);
	for (size_t i = 0; i < reader->frames.n; i++) {
		const struct json_field *field = reader->frames.v[i].field;

		if (field == NULL)
			continue;
		if (out->len > 0)
			(void)buf_add_char(out, '.');
		(void)buf_add_str(out, field->key);
	}
	if (out->len == 0)
		(void)buf_add_str(out, "JSON");
	return buf_str(out);
}

/* Events return 0 to stop yajl, after the reason was stored. */
static int
fail(struct json_reader *reader, int code, const char *what)
{
	(void)err_set(&reader->err, code, "%s: %s", path(reader), what);
	return 0;
}

static int
misplaced(struct json_reader *reader, const char *what,
    const struct json_field *field)
{
	const char *wanted = field != NULL ? json_set_wanted(field)
					   : "an object"; /* as an element */

	(void)err_set(&reader->err, -EBADMSG, "%s: %s where %s belongs",
	    path(reader), what, wanted);
	return 0;
}

/* An array of scalars has a shape of one nameless member. */
static const struct json_field *
scalar_field(const struct json_shape *shape)
{
	return shape->fields[0].key != NULL && shape->fields[0].key[0] == '\0'
		   ? &shape->fields[0]
		   : NULL;
}

static void *
last_element(const struct frame *array)
{
	const struct any_vec *vec = array->at;

	return (char *)vec->v + (vec->n - 1) * array->shape->element_size;
}

/* Begin the next element of the array on top; NULL after an error. */
static void *
element_begin(struct json_reader *reader)
{
	struct frame *array = top(reader);
	struct any_vec *vec = array->at;
	void *element = array->at;

	if (reader->elements >= reader->limits.elements) {
		(void)err_set(&reader->err, -EFBIG,
		    "%s: more than %zu elements of arrays", path(reader),
		    reader->limits.elements);
		return NULL;
	}
	reader->elements++;
	if (array->kind == IN_VEC)
		element = vec_add(
		    &vec->v, &vec->n, &vec->cap, array->shape->element_size);
	if (element == NULL)
		(void)fail(reader, -ENOMEM, "out of memory");
	else if (array->shape->init != NULL)
		array->shape->init(element);
	return element;
}

/* The last element of the array on top is complete: keep or drop it. */
static void
element_end(struct json_reader *reader, bool drop)
{
	struct frame *array = top(reader);
	const struct json_shape *shape = array->shape;
	struct any_vec *vec = array->at;
	void *element;

	if (array->kind == IN_EACH) {
		if (!drop && shape->accept != NULL)
			(void)shape->accept(array->at);
		return;
	}
	element = last_element(array);
	if (!drop && (shape->accept == NULL || shape->accept(element)))
		return;
	if (shape->fini != NULL)
		shape->fini(element);
	vec->n--;
}

/* A field asked for the element in which it stands to be dropped. */
static void
mark_dropped(struct json_reader *reader)
{
	for (size_t i = reader->frames.n; i-- > 0;)
		if (reader->frames.v[i].element) {
			reader->frames.v[i].drop = true;
			return;
		}
}

static int
push(struct json_reader *reader, const struct frame *frame)
{
	struct frame *new;

	assert(reader->frames.n < reader->limits.depth);
	new = VEC_ADD(&reader->frames);
	if (new == NULL)
		return fail(reader, -ENOMEM, "out of memory");
	*new = *frame;
	return 1;
}

/* What the value that begins now is read as; NULL: an element of an array. */
static const struct json_field *
expected(struct json_reader *reader)
{
	const struct frame *frame = top(reader);

	if (frame == NULL)
		return &reader->root;
	return frame->kind == IN_OBJECT ? frame->field
					: scalar_field(frame->shape);
}

/* Whether nobody wants the value that begins now. */
static bool
unwanted(struct json_reader *reader)
{
	const struct frame *frame = top(reader);

	return reader->skipped > 0 ||
	       (frame != NULL && frame->kind == IN_OBJECT &&
		   frame->field == NULL);
}

static void *
field_at(struct json_reader *reader, const struct json_field *field)
{
	const struct frame *frame = top(reader);
	char *object = frame != NULL ? frame->at : reader->target;

	return object + field->offset;
}

static int
on_scalar(struct json_reader *reader, enum json_scalar kind, const char *text,
    size_t len)
{
	static const char *const names[] = {
	    [JSON_SCALAR_TEXT] = "a string",
	    [JSON_SCALAR_NUMBER] = "a number",
	    [JSON_SCALAR_TRUTH] = "a truth value",
	};
	const struct json_field *field = expected(reader);
	struct frame *frame = top(reader);
	bool array = frame != NULL && frame->kind != IN_OBJECT;
	void *object;
	int rc;

	if (unwanted(reader))
		return 1;
	if (field == NULL)
		return misplaced(reader, names[kind], NULL);
	object = frame != NULL ? frame->at : reader->target;
	if (array)
		object = element_begin(reader);
	if (object == NULL)
		return 0;
	rc = json_set(field, object, kind, text, len, &reader->scratch);
	if (rc == -EBADMSG && kind == JSON_SCALAR_TEXT &&
	    field->type == JSON_CHARS)
		return fail(reader, rc, "a string that is too long");
	if (rc == -EBADMSG)
		return misplaced(reader, names[kind], field);
	if (rc < 0)
		return fail(reader, rc,
		    rc == -ENOMEM ? "out of memory" : "a bad value");
	if (array)
		element_end(reader, rc == JSON_DROP);
	else if (rc == JSON_DROP)
		mark_dropped(reader);
	return 1;
}

static int
on_null(void *ctx)
{
	struct json_reader *reader = ctx;

	return top(reader) != NULL ? 1
				   : misplaced(reader, "null", &reader->root);
}

static int
on_boolean(void *ctx, int value)
{
	return on_scalar(
	    ctx, JSON_SCALAR_TRUTH, value ? "true" : "false", value ? 4 : 5);
}

static int
on_number(void *ctx, const char *text, size_t len)
{
	return on_scalar(ctx, JSON_SCALAR_NUMBER, text, len);
}

static int
on_string(void *ctx, const unsigned char *text, size_t len)
{
	return on_scalar(ctx, JSON_SCALAR_TEXT, (const char *)text, len);
}

static int
on_key(void *ctx, const unsigned char *key, size_t len)
{
	struct json_reader *reader = ctx;
	struct frame *frame = top(reader);

	if (reader->skipped > 0)
		return 1;
	frame->field = NULL;
	for (const struct json_field *f = frame->shape->fields; f->key != NULL;
	     f++)
		if (strlen(f->key) == len && memcmp(f->key, key, len) == 0) {
			frame->field = f;
			break;
		}
	return 1;
}

static int
on_object_begin(void *ctx)
{
	struct json_reader *reader = ctx;
	const struct json_field *field = expected(reader);
	struct frame *frame = top(reader);
	struct frame new = {.kind = IN_OBJECT};

	if (unwanted(reader)) {
		reader->skipped++;
		return 1;
	}
	if (frame != NULL && frame->kind != IN_OBJECT && field == NULL) {
		new.element = true;
		new.shape = frame->shape;
		new.at = element_begin(reader);
		return new.at != NULL ? push(reader, &new) : 0;
	}
	if (field->type != JSON_OBJECT)
		return misplaced(reader, "an object", field);
	new.shape = field->shape;
	new.at = field_at(reader, field);
	return push(reader, &new);
}

static int
on_object_end(void *ctx)
{
	struct json_reader *reader = ctx;
	struct frame frame;

	if (reader->skipped > 0) {
		reader->skipped--;
		return 1;
	}
	frame = *top(reader);
	reader->frames.n--;
	if (frame.element)
		element_end(reader, frame.drop);
	return 1;
}

static int
on_array_begin(void *ctx)
{
	struct json_reader *reader = ctx;
	const struct json_field *field = expected(reader);
	struct frame new = {.kind = IN_VEC};

	if (unwanted(reader)) {
		reader->skipped++;
		return 1;
	}
	if (field == NULL ||
	    (field->type != JSON_ARRAY && field->type != JSON_EACH))
		return misplaced(reader, "an array", field);
	if (field->type == JSON_EACH)
		new.kind = IN_EACH;
	new.shape = field->shape;
	new.at = field_at(reader, field);
	return push(reader, &new);
}

static int
on_array_end(void *ctx)
{
	struct json_reader *reader = ctx;

	if (reader->skipped > 0)
		reader->skipped--;
	else
		reader->frames.n--;
	return 1;
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_object_begin,
    .yajl_map_key = on_key,
    .yajl_end_map = on_object_end,
    .yajl_start_array = on_array_begin,
    .yajl_end_array = on_array_end,
};

struct json_reader *
json_reader_new(const struct json_shape *shape, bool is_array, void *target,
    const struct json_limits *limits)
{
	struct json_reader *reader = calloc(1, sizeof *reader);

	if (reader == NULL)
		return NULL;
	reader->limits = limits != NULL ? *limits : JSON_LIMITS_DEFAULT;
	reader->root = (struct json_field){
	    .type = is_array ? JSON_ARRAY : JSON_OBJECT, .shape = shape};
	reader->target = target;
	json_scan_init(&reader->scan, &reader->limits);
	reader->yajl = yajl_alloc(&callbacks, NULL, reader);
	if (reader->yajl == NULL)
		goto fail;
	if (!yajl_config(reader->yajl, yajl_dont_validate_strings, 1))
		goto fail;
	return reader;
fail:
	json_reader_free(reader);
	return NULL;
}

void
json_reader_free(struct json_reader *reader)
{
	if (reader == NULL)
		return;
	if (reader->yajl != NULL)
		yajl_free(reader->yajl);
	json_scan_fini(&reader->scan);
	VEC_FREE(&reader->frames);
	buf_free(&reader->scratch);
	free(reader);
}

/* yajl stopped by itself: keep its own one line of reason. */
static void
keep_yajl_reason(struct json_reader *reader)
{
	unsigned char *reason = yajl_get_error(reader->yajl, 0, NULL, 0);
	const char *text = reason != NULL ? (const char *)reason : "bad JSON";

	(void)err_set(
	    &reader->err, -EBADMSG, "%.*s", (int)strcspn(text, "\n"), text);
	if (reason != NULL)
		yajl_free_error(reader->yajl, reason);
}

/* Give yajl the first len pending bytes. */
static int
parse(struct json_reader *reader, size_t len)
{
	const char *data = buf_str(&reader->scan.pending);

	if (len > 0 &&
	    yajl_parse(reader->yajl, (const unsigned char *)data, len) !=
		yajl_status_ok &&
	    reader->err.code == 0)
		keep_yajl_reason(reader);
	return reader->err.code;
}

static void
feed_piece(struct json_reader *reader, const char *data, size_t len)
{
	struct err err = {0};
	int rc = json_scan_add(&reader->scan, data, len, &err);
	size_t whole = json_scan_whole(&reader->scan);

	/* What comes before the bound may be wrong in a plainer way. */
	if (rc != -ENOMEM)
		(void)parse(reader, whole);
	if (reader->err.code == 0 && rc != 0)
		reader->err = err;
	if (reader->err.code == 0)
		json_scan_drop(&reader->scan, whole);
}

static int
answer(const struct json_reader *reader, struct err *err)
{
	if (reader->err.code != 0 && err != NULL)
		*err = reader->err;
	return reader->err.code;
}

int
json_reader_feed(
    struct json_reader *reader, const void *data, size_t len, struct err *err)
{
	const size_t piece_max = 65536;
	size_t left = reader->limits.total_bytes - reader->scan.taken;
	bool too_much = len > left;
	const char *p = data;

	if (too_much)
		len = left;
	for (size_t n; len > 0 && reader->err.code == 0; p += n, len -= n) {
		n = len < piece_max ? len : piece_max;
		feed_piece(reader, p, n);
	}
	if (too_much && reader->err.code == 0)
		(void)err_set(&reader->err, -EFBIG,
		    "JSON of more than %zu bytes", reader->limits.total_bytes);
	return answer(reader, err);
}

int
json_reader_finish(struct json_reader *reader, struct err *err)
{
	if (reader->err.code == 0 && json_scan_in_string(&reader->scan))
		(void)err_set(
		    &reader->err, -EBADMSG, "parse error: premature EOF");
	if (reader->err.code == 0)
		(void)parse(reader, reader->scan.pending.len);
	if (reader->err.code == 0 &&
	    yajl_complete_parse(reader->yajl) != yajl_status_ok &&
	    reader->err.code == 0)
		keep_yajl_reason(reader);
	return answer(reader, err);
}
