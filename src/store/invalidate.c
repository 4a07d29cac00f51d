#include "store/invalidate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int
add(struct invalidations *invalidations, enum invalidate_kind kind,
    uint64_t parent, uint64_t ino, const char *name)
{
	char *copy = name != NULL ? strdup(name) : NULL;
	struct invalidation *one;

	if (name != NULL && copy == NULL)
		return -ENOMEM;
	one = VEC_ADD(&invalidations->list);
	if (one == NULL) {
		free(copy);
		return -ENOMEM;
	}
	one->kind = kind;
	one->ino = ino;
	one->parent = parent;
	one->name = copy;
	return 0;
}

int
invalidate_inode(struct invalidations *invalidations, uint64_t ino)
{
	return add(invalidations, INVALIDATE_INODE, 0, ino, NULL);
}

int
invalidate_entry(
    struct invalidations *invalidations, uint64_t parent, const char *name)
{
	return add(invalidations, INVALIDATE_ENTRY, parent, 0, name);
}

int
invalidate_gone(struct invalidations *invalidations, uint64_t parent,
    uint64_t ino, const char *name)
{
	return add(invalidations, INVALIDATE_GONE, parent, ino, name);
}

int
invalidations_move(struct invalidations *from, struct invalidations *to)
{
	for (size_t i = 0; i < from->list.n; i++) {
		struct invalidation *one = VEC_ADD(&to->list);

		if (one == NULL)
			return -ENOMEM;
		*one = from->list.v[i];
		from->list.v[i].name = NULL;
	}
	VEC_FREE(&from->list);
	if (from->events.len > 0)
		(void)buf_add(&to->events, from->events.data, from->events.len);
	buf_free(&from->events);
	return to->events.err;
}

void
invalidations_fini(struct invalidations *invalidations)
{
	for (size_t i = 0; i < invalidations->list.n; i++)
		free(invalidations->list.v[i].name);
	VEC_FREE(&invalidations->list);
	buf_free(&invalidations->events);
}
