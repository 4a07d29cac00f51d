#ifndef TEXT_FRONT_MATTER_H
#define TEXT_FRONT_MATTER_H

#include "util/vec.h"

#include <stdbool.h>
#include <stddef.h>

struct text_error;

/**
 * YAML front matter as plain data: one mapping of keys to nothing, a scalar,
 * a list of scalars or a mapping of scalars.  Anchors, aliases, tags, further
 * documents, a key twice and more than three levels are errors.
 */

/* What a card's own front matter may add to this is for the caller to say. */
#define FRONT_MATTER_BYTES_MAX ((size_t)64 * 1024)

enum front_type {
	FRONT_NULL,
	FRONT_SCALAR,
	FRONT_LIST,
	FRONT_MAP,
	FRONT_NESTED, /* a list or mapping where only scalars are read */
};

struct front_value {
	enum front_type type; /* FRONT_NULL, FRONT_SCALAR, FRONT_NESTED */
	char *key;	      /* of a mapping, else NULL */
	char *text;	      /* of a scalar, UTF-8 without NUL */
	unsigned line;	      /* in the whole text, from 1 */
};

struct front_entry {
	char *key;
	unsigned line;
	enum front_type type;
	VEC(struct front_value) values; /* one for FRONT_SCALAR */
};

struct front_matter {
	VEC(struct front_entry) entries; /* in the order of the text */
};

/** Where front matter stands in a text. */
struct front_span {
	bool found;	    /* the text begins with it */
	bool closed;	    /* and has its second `---` */
	size_t yaml_at;	    /* the first byte behind the first `---` line */
	size_t yaml_end;    /* the first byte of the second `---` line */
	size_t body_at;	    /* the first byte behind that */
	unsigned line;	    /* the number of the line at yaml_at */
	unsigned body_line; /* the number of the line at body_at */
};

/**
 * Look for `---` at the beginning of a text.  A byte order mark before it does
 * not count, nor do blank lines if `url:` or `rev:` stand in what follows.
 */
void front_span_find(const char *text, size_t len, struct front_span *ret_span);

/**
 * Read the len bytes of YAML, which are valid UTF-8 without NUL; its first
 * line is that number in the text.  Returns 0, -EINVAL or -ENOMEM, with the
 * reason in error.  The caller frees with front_matter_fini(), also after an
 * error.
 */
int front_matter_read(const char *yaml, size_t len, unsigned line,
    struct front_matter *ret_front, struct text_error *error);

void front_matter_fini(struct front_matter *front);

/** The entry with this key, or NULL. */
const struct front_entry *front_matter_get(
    const struct front_matter *front, const char *key);

#endif
