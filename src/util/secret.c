#include "util/secret.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int
secret_set(struct secret *secret, const char *data, size_t len)
{
	char *copy;

	if (len > SECRET_MAX)
		return -EFBIG;
	if (len > 0 && memchr(data, '\0', len) != NULL)
		return -EINVAL;
	copy = malloc(len + 1);
	if (copy == NULL)
		return -ENOMEM;
	if (len > 0)
		memcpy(copy, data, len);
	copy[len] = '\0';
	secret_fini(secret);
	secret->data = copy;
	secret->len = len;
	return 0;
}

bool
secret_is_set(const struct secret *secret)
{
	return secret->len > 0;
}

void
secret_redact(const struct secret *secret, char *text, size_t len)
{
	size_t at = 0;

	if (secret->len < 8)
		return;
	while (at + secret->len <= len) {
		if (memcmp(text + at, secret->data, secret->len) != 0) {
			at++;
			continue;
		}
		memset(text + at, '*', secret->len);
		at += secret->len;
	}
}

void
secret_fini(struct secret *secret)
{
	if (secret->data != NULL)
		explicit_bzero(secret->data, secret->len);
	free(secret->data);
	secret->data = NULL;
	secret->len = 0;
}
