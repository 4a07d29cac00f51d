#include "store/inos.h"

#include "store/db.h"

#include <errno.h>
#include <stdlib.h>

int
inos_add(struct inos *inos, uint64_t ino)
{
	uint64_t *slot = VEC_ADD(&inos->list);

	if (slot == NULL)
		return -ENOMEM;
	*slot = ino;
	return 0;
}

int
inos_add_rows(struct inos *inos, sqlite3_stmt *stmt, int r)
{
	while (r == 0 && (r = db_step(stmt)) == 1)
		r = inos_add(inos, (uint64_t)sqlite3_column_int64(stmt, 0));
	db_reset(stmt);
	return r;
}

static int
compare(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

void
inos_sort(struct inos *inos)
{
	size_t n = 0;

	if (inos->list.n > 1)
		qsort(inos->list.v, inos->list.n, sizeof inos->list.v[0],
		    compare);
	for (size_t i = 0; i < inos->list.n; i++)
		if (i == 0 || inos->list.v[i] != inos->list.v[i - 1])
			inos->list.v[n++] = inos->list.v[i];
	inos->list.n = n;
}

void
inos_filter(struct inos *inos, const struct inos *others, int keep)
{
	size_t n = 0, k = 0;

	for (size_t i = 0; i < inos->list.n; i++) {
		uint64_t ino = inos->list.v[i];

		while (k < others->list.n && others->list.v[k] < ino)
			k++;
		if ((k < others->list.n && others->list.v[k] == ino) ==
		    (keep != 0))
			inos->list.v[n++] = ino;
	}
	inos->list.n = n;
}

void
inos_fini(struct inos *inos)
{
	VEC_FREE(&inos->list);
}
