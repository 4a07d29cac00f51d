#include "util/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
buf_free(struct buf *buf)
{
	free(buf->data);
	buf->data = NULL;
	buf->len = buf->cap = 0;
	buf->err = 0;
}

void
buf_wipe(struct buf *buf)
{
	if (buf->data != NULL)
		explicit_bzero(buf->data, buf->cap);
	buf_free(buf);
}

void
buf_clear(struct buf *buf)
{
	buf->len = 0;
	buf->err = 0;
	if (buf->data != NULL)
		buf->data[0] = '\0';
}

int
buf_reserve(struct buf *buf, size_t len)
{
	size_t max = buf->max != 0 ? buf->max : BUF_MAX_DEFAULT;
	size_t cap;
	char *data;

	if (buf->err != 0)
		return buf->err;
	if (len > max || buf->len > max - len)
		return buf->err = -EFBIG;
	if (buf->len + len + 1 <= buf->cap)
		return 0;
	cap = buf->cap != 0 ? buf->cap : 64;
	while (cap < buf->len + len + 1)
		cap *= 2;
	data = realloc(buf->data, cap);
	if (data == NULL)
		return buf->err = -ENOMEM;
	buf->data = data;
	buf->cap = cap;
	buf->data[buf->len] = '\0';
	return 0;
}

int
buf_add(struct buf *buf, const void *data, size_t len)
{
	if (buf_reserve(buf, len) != 0)
		return buf->err;
	if (len > 0)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
	return 0;
}

int
buf_add_str(struct buf *buf, const char *str)
{
	return buf_add(buf, str, strlen(str));
}

int
buf_add_char(struct buf *buf, char c)
{
	return buf_add(buf, &c, 1);
}

int
buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0)
		return buf->err = -EINVAL;
	if (buf_reserve(buf, (size_t)n) != 0)
		return buf->err;
	va_start(args, fmt);
	(void)vsnprintf(buf->data + buf->len, (size_t)n + 1, fmt, args);
	va_end(args);
	buf->len += (size_t)n;
	return 0;
}

size_t
buf_copy(const struct buf *buf, size_t offset, void *data, size_t len)
{
	if (offset >= buf->len)
		return 0;
	if (len > buf->len - offset)
		len = buf->len - offset;
	if (len > 0)
		memcpy(data, buf->data + offset, len);
	return len;
}

void
buf_drop_front(struct buf *buf, size_t len)
{
	if (len > buf->len)
		len = buf->len;
	if (len == 0)
		return;
	buf->len -= len;
	memmove(buf->data, buf->data + len, buf->len + 1);
}

const char *
buf_str(const struct buf *buf)
{
	return buf->data != NULL ? buf->data : "";
}

char *
buf_steal(struct buf *buf)
{
	char *data;

	if (buf_reserve(buf, 0) != 0)
		return NULL;
	data = buf->data;
	buf->data = NULL;
	buf->len = buf->cap = 0;
	return data;
}

bool
buf_ends_with(const struct buf *buf, const char *str)
{
	size_t len = strlen(str);

	return buf->len >= len &&
	       memcmp(buf_str(buf) + buf->len - len, str, len) == 0;
}
