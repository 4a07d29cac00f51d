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
secret_fini(struct secret *secret)
{
	if (secret->data != NULL)
		explicit_bzero(secret->data, secret->len);
	free(secret->data);
	secret->data = NULL;
	secret->len = 0;
}
