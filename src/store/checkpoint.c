#include "store/checkpoint.h"

#include "store/db.h"
#include "util/log.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The log is begun anew when all of it has been copied, which it never is
 * while somebody goes on writing.  So the bulk is copied beside the writers,
 * and then what they have added meanwhile without them. */
#define PAGES_MAX 4000

struct checkpointer {
	char *path;
	void (*lock_writer)(struct store *store);
	void (*unlock_writer)(struct store *store);
	struct store *store;
	struct db *db; /* the thread's */
	pthread_t thread;
	bool started; /* the writer's */
	pthread_mutex_t lock;
	pthread_cond_t more;
	bool wanted;
	bool stopping;
};

int
checkpointer_new(const char *path, void (*lock_writer)(struct store *store),
    void (*unlock_writer)(struct store *store), struct store *store,
    struct checkpointer **ret_checkpointer)
{
	struct checkpointer *checkpointer = calloc(1, sizeof *checkpointer);

	if (checkpointer == NULL)
		return -ENOMEM;
	checkpointer->path = strdup(path);
	if (checkpointer->path == NULL) {
		free(checkpointer);
		return -ENOMEM;
	}
	checkpointer->lock_writer = lock_writer;
	checkpointer->unlock_writer = unlock_writer;
	checkpointer->store = store;
	(void)pthread_mutex_init(&checkpointer->lock, NULL);
	(void)pthread_cond_init(&checkpointer->more, NULL);
	*ret_checkpointer = checkpointer;
	return 0;
}

void
checkpointer_free(struct checkpointer *checkpointer)
{
	if (checkpointer == NULL)
		return;
	(void)pthread_mutex_lock(&checkpointer->lock);
	checkpointer->stopping = true;
	(void)pthread_cond_signal(&checkpointer->more);
	(void)pthread_mutex_unlock(&checkpointer->lock);
	if (checkpointer->started)
		(void)pthread_join(checkpointer->thread, NULL);
	db_close(checkpointer->db);
	(void)pthread_cond_destroy(&checkpointer->more);
	(void)pthread_mutex_destroy(&checkpointer->lock);
	free(checkpointer->path);
	free(checkpointer);
}

/* What goes wrong is met again by who writes, and told to the user there. */
static void
copy_all(struct checkpointer *checkpointer)
{
	int r = 0;

	if (checkpointer->db == NULL)
		r = db_open(checkpointer->path, &checkpointer->db, NULL);
	if (r == 0)
		r = db_checkpoint(checkpointer->db);
	checkpointer->lock_writer(checkpointer->store);
	if (r == 0)
		r = db_checkpoint(checkpointer->db);
	checkpointer->unlock_writer(checkpointer->store);
	if (r != 0)
		log_debug("the log of the state database cannot be copied: %s",
		    strerror(-r));
}

static void *
thread_main(void *cookie)
{
	struct checkpointer *checkpointer = cookie;

	(void)pthread_mutex_lock(&checkpointer->lock);
	while (!checkpointer->stopping) {
		if (!checkpointer->wanted) {
			(void)pthread_cond_wait(
			    &checkpointer->more, &checkpointer->lock);
			continue;
		}
		(void)pthread_mutex_unlock(&checkpointer->lock);
		copy_all(checkpointer);
		(void)pthread_mutex_lock(&checkpointer->lock);
		checkpointer->wanted = false;
	}
	(void)pthread_mutex_unlock(&checkpointer->lock);
	return NULL;
}

static void
start(struct checkpointer *checkpointer)
{
	sigset_t all, old;
	int code;

	/* Signals are for the main thread. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &old);
	code = pthread_create(
	    &checkpointer->thread, NULL, thread_main, checkpointer);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	checkpointer->started = code == 0;
}

bool
checkpointer_note(struct checkpointer *checkpointer, int pages)
{
	if (pages < PAGES_MAX)
		return true;
	if (!checkpointer->started)
		start(checkpointer);
	if (!checkpointer->started)
		return false;
	(void)pthread_mutex_lock(&checkpointer->lock);
	if (!checkpointer->wanted) {
		checkpointer->wanted = true;
		(void)pthread_cond_signal(&checkpointer->more);
	}
	(void)pthread_mutex_unlock(&checkpointer->lock);
	return true;
}
