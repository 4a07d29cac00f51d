#ifndef UTIL_SECRET_H
#define UTIL_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/**
 * A token, key or password.  Nothing here prints one, and nothing else may:
 * its text goes into a request's header and nowhere else.  The memory is wiped
 * before it is given back.
 */
struct secret {
	char *data; /* followed by a NUL that len does not count, or NULL */
	size_t len;
};

#define SECRET_MAX 4096
#define SECRET_INIT \
	{           \
		0   \
	}

/**
 * Make secret a copy of these bytes; what it held is wiped.  Returns 0,
 * -EFBIG over SECRET_MAX, -EINVAL if there is a NUL among them, or -ENOMEM.
 */
int secret_set(struct secret *secret, const char *data, size_t len);

/** Whether it holds at least one byte. */
bool secret_is_set(const struct secret *secret);

/**
 * Overwrite each place of the len bytes of text where the secret stands with
 * '*'.  One shorter than 8 bytes would be found by chance: it is not looked
 * for.
 */
void secret_redact(const struct secret *secret, char *text, size_t len);

/** Wipe and free what secret holds; it is empty afterwards. */
void secret_fini(struct secret *secret);

#endif
