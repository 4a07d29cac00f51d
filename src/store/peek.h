#ifndef STORE_PEEK_H
#define STORE_PEEK_H

#include "model/ids.h"

#include <stdint.h>

struct err;

/* Whose a database is, and what waits in it. */
struct store_peek {
	char member[MODEL_ID_SIZE];
	char username[256];
	char api_url[512];
	int64_t waiting; /* changes and texts that Trello does not have yet */
};

/**
 * Look into the database at path, which another process may be using; nothing
 * is changed.  Returns 0; -ENOENT if there is none or it is nobody's yet; or
 * -errno with err.
 */
int store_peek(const char *path, struct store_peek *ret_peek, struct err *err);

#endif
