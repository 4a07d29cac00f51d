#ifndef UTIL_BUF_H
#define UTIL_BUF_H

#include <stdbool.h>
#include <stddef.h>

/**
 * A growable string of bytes, always followed by a NUL that len does not
 * count.  Errors stick: once an addition has failed, err is set and later
 * additions do nothing, so a writer may add many times and look once.
 */
struct buf {
	char *data; /* never NULL after the first successful addition */
	size_t len;
	size_t cap;
	size_t max; /* len never passes this; 0 stands for BUF_MAX_DEFAULT */
	int err;    /* 0, -ENOMEM or -EFBIG (max would have been passed) */
};

#define BUF_MAX_DEFAULT ((size_t)1 << 30)
#define BUF_INIT  \
	{         \
		0 \
	}

/** Free what buf holds and make it empty again; its maximum stays. */
void buf_free(struct buf *buf);

/** The same for what held a secret: overwrite it first. */
void buf_wipe(struct buf *buf);

/** Forget the content and the error, keep the memory. */
void buf_clear(struct buf *buf);

/** Make room for len more bytes.  Returns 0 or buf->err. */
int buf_reserve(struct buf *buf, size_t len);

/** Append len bytes, a string, one byte.  Each returns 0 or buf->err. */
int buf_add(struct buf *buf, const void *data, size_t len);
int buf_add_str(struct buf *buf, const char *str);
int buf_add_char(struct buf *buf, char c);

/** Append formatted text. */
int buf_printf(struct buf *buf, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/** Copy at most len bytes from the offset on; how many there were. */
size_t buf_copy(const struct buf *buf, size_t offset, void *data, size_t len);

/** Remove the first len bytes (at most what is there). */
void buf_drop_front(struct buf *buf, size_t len);

/** The content as a string: "" while nothing was added. Owned by buf. */
const char *buf_str(const struct buf *buf);

/**
 * Hand the memory over to the caller, who frees it; buf is empty afterwards.
 * An empty buffer gives an allocated "".  NULL when out of memory or when an
 * addition had failed.
 */
char *buf_steal(struct buf *buf);

/** Whether the content ends with these bytes. */
bool buf_ends_with(const struct buf *buf, const char *str);

#endif
