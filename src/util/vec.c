#include "util/vec.h"

#include <stdlib.h>
#include <string.h>

void *
vec_add(void **v, size_t *n, size_t *cap, size_t size)
{
	char *element;

	if (*n == *cap) {
		size_t more = *cap != 0 ? *cap * 2 : 4;
		void *grown = reallocarray(*v, more, size);

		if (grown == NULL)
			return NULL;
		*v = grown;
		*cap = more;
	}
	element = (char *)*v + *n * size;
	memset(element, 0, size);
	(*n)++;
	return element;
}

void
vec_free(void **v, size_t *n, size_t *cap)
{
	free(*v);
	*v = NULL;
	*n = *cap = 0;
}
