#ifndef CLI_CONFIG_H
#define CLI_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;
struct settings;

/**
 * The configuration file: INI, a section a profile.  [default] holds for every
 * profile, the section of settings->profile overrules it.  A value reaches to
 * the end of its line; comments stand on lines of their own.
 */

#define CONFIG_MAX ((size_t)64 << 10)

/* What a file was found to hold, whichever section it stands in. */
struct config_found {
	bool secret;	       /* a key that nobody else may read */
	bool command;	       /* a key that says what to run */
	bool profile;	       /* the section of settings->profile */
	char like_profile[64]; /* a section of a similar name, or "" */
};

/**
 * Read len bytes of a file that errors call `name`.  Unknown, misspelt and
 * repeated keys, bad values and lines that are none are -EINVAL, and err has
 * the line's number.  Also -ENOMEM.
 */
int config_parse(struct settings *settings, const char *name, const char *data,
    size_t len, struct config_found *ret_found, struct err *err);

/**
 * Read the file at path.  A file that is missing is no error: nothing is
 * found then.  Returns 0; -EPERM for one that holds a secret and that others
 * may read, or that belongs to somebody else; what open(2) says; and what
 * config_parse() returns.
 */
int config_read(struct settings *settings, const char *path,
    struct config_found *ret_found, struct err *err);

/**
 * The text of the file at path, at most CONFIG_MAX bytes: nothing if it is
 * missing.  It may hold secrets: wipe it.  Returns 0, or -errno with err.
 */
int config_text(const char *path, struct buf *ret_text, struct err *err);

#endif
