#include "fs/alias.h"

#include "util/vec.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct alias {
	uint64_t from, to;
};

/* `to` never stands for something else itself. */
struct aliases {
	pthread_rwlock_t lock;
	VEC(struct alias) list;
};

int
aliases_new(struct aliases **ret_aliases)
{
	struct aliases *aliases = calloc(1, sizeof *aliases);

	if (aliases == NULL)
		return -ENOMEM;
	(void)pthread_rwlock_init(&aliases->lock, NULL);
	*ret_aliases = aliases;
	return 0;
}

void
aliases_free(struct aliases *aliases)
{
	if (aliases == NULL)
		return;
	(void)pthread_rwlock_destroy(&aliases->lock);
	VEC_FREE(&aliases->list);
	free(aliases);
}

/* The lock is held. */
static void
end(struct aliases *aliases, uint64_t ino)
{
	for (size_t i = aliases->list.n; i > 0; i--)
		if (aliases->list.v[i - 1].from == ino)
			aliases->list.v[i - 1] =
			    aliases->list.v[--aliases->list.n];
}

void
alias_add(struct aliases *aliases, uint64_t from, uint64_t to)
{
	struct alias *slot;

	(void)pthread_rwlock_wrlock(&aliases->lock);
	end(aliases, from);
	end(aliases, to);
	for (size_t i = 0; i < aliases->list.n; i++)
		if (aliases->list.v[i].to == from)
			aliases->list.v[i].to = to;
	end(aliases, to);
	slot = VEC_ADD(&aliases->list);
	if (slot != NULL)
		*slot = (struct alias){from, to};
	(void)pthread_rwlock_unlock(&aliases->lock);
}

uint64_t
alias_get(struct aliases *aliases, uint64_t ino)
{
	(void)pthread_rwlock_rdlock(&aliases->lock);
	for (size_t i = 0; i < aliases->list.n; i++)
		if (aliases->list.v[i].from == ino) {
			ino = aliases->list.v[i].to;
			break;
		}
	(void)pthread_rwlock_unlock(&aliases->lock);
	return ino;
}

void
alias_end(struct aliases *aliases, uint64_t ino)
{
	(void)pthread_rwlock_wrlock(&aliases->lock);
	end(aliases, ino);
	(void)pthread_rwlock_unlock(&aliases->lock);
}

void
alias_end_target(struct aliases *aliases, uint64_t ino)
{
	(void)pthread_rwlock_wrlock(&aliases->lock);
	for (size_t i = aliases->list.n; i > 0; i--)
		if (aliases->list.v[i - 1].to == ino)
			aliases->list.v[i - 1] =
			    aliases->list.v[--aliases->list.n];
	(void)pthread_rwlock_unlock(&aliases->lock);
}
