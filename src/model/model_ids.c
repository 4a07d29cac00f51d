#include "model/model_ids.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int
compare(const void *a, const void *b)
{
	const char *x = *(const char *const *)a;
	const char *y = *(const char *const *)b;
	int order = strcmp(x, y);

	if (order != 0)
		return order;
	return x < y ? -1 : x > y;
}

int
id_index_init(
    struct id_index *index, const void *elements, size_t n, size_t size)
{
	index->n = n;
	index->v = calloc(n > 0 ? n : 1, sizeof *index->v);
	if (index->v == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		index->v[i] = (const char *)elements + i * size;
	qsort(index->v, n, sizeof *index->v, compare);
	return 0;
}

void
id_index_fini(struct id_index *index)
{
	free(index->v);
	index->v = NULL;
	index->n = 0;
}

void *
id_index_find(const struct id_index *index, const char *id)
{
	size_t low = 0, high = index->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(index->v[middle], id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == index->n || strcmp(index->v[low], id) != 0)
		return NULL;
	return (void *)(uintptr_t)index->v[low];
}

/* Which elements have an id that an earlier one has; NULL: out of memory. */
static bool *
find_twice(const char *elements, size_t n, size_t size)
{
	bool *twice = calloc(n, sizeof *twice);
	struct id_index index;

	if (twice == NULL || id_index_init(&index, elements, n, size) != 0) {
		free(twice);
		return NULL;
	}
	for (size_t i = 1; i < n; i++) {
		const char *id = index.v[i];

		if (*id != '\0' && strcmp(id, index.v[i - 1]) == 0)
			twice[(size_t)(id - elements) / size] = true;
	}
	id_index_fini(&index);
	return twice;
}

int
ids_unique(void *elements, size_t *n, size_t size, void (*fini)(void *element))
{
	size_t left = 0;
	bool *twice;

	if (*n < 2)
		return 0;
	twice = find_twice(elements, *n, size);
	if (twice == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < *n; i++) {
		char *from = (char *)elements + i * size;

		if (!twice[i] && left++ < i)
			memcpy(
			    (char *)elements + (left - 1) * size, from, size);
		else if (twice[i] && fini != NULL)
			fini(from);
	}
	*n = left;
	free(twice);
	return 0;
}
