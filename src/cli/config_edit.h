#ifndef CLI_CONFIG_EDIT_H
#define CLI_CONFIG_EDIT_H

#include "cli/settings.h"

#include <stddef.h>

struct buf;
struct err;

/**
 * Changes of the configuration file that leave everything else in it as it
 * is: comments, order, blank lines, CRLF, a byte order mark.
 */

struct config_change {
	enum settings_key key;
	const char *value; /* NULL: take the key out */
};

/**
 * Apply the changes to the section of the profile in text, which is made if
 * it is missing.  text must be one that config_parse() accepts.  0 or -ENOMEM.
 */
int config_edit(struct buf *text, const char *profile,
    const struct config_change *changes, size_t n);

/**
 * The same with the file at path, which gets mode 0600, is replaced as a whole
 * or not at all, and is made if it is missing, with its folder.  What a
 * symbolic link leads to is replaced, not the link.  Returns 0, or -errno with
 * err; the file is as it was then.
 */
int config_change(const char *path, const char *profile,
    const struct config_change *changes, size_t n, struct err *err);

#endif
