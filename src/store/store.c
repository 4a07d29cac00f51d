#include "store/store.h"

#include "store/checkpoint.h"
#include "store/db.h"
#include "store/rescue.h"
#include "store/schema.h"
#include "store/spool_folder.h"
#include "store/tx.h"
#include "store/untold.h"
#include "util/err.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* More readers than this wait for one that is done. */
#define READERS_MAX 12

/*
 * In memory there is one connection, and every transaction takes it; with a
 * file there is one writer and a pool of readers that grows as needed.  Brief
 * reads are the writer's, and go on in one transaction until somebody writes:
 * each would lock and unlock the log for itself, which takes longer than to
 * read.  `lock` guards the pool; `write_lock` is held for the length of a write, in
 * memory for that of a read too, as for that of a brief read.  Who wants it
 * waits with `turn`: so nobody can take it again and again while somebody else
 * waits.
 */
struct store {
	char *path; /* NULL: in memory */
	pthread_mutex_t lock;
	pthread_cond_t reader_free;
	pthread_mutex_t turn;
	pthread_mutex_t write_lock;
	struct tx writer;
	bool writer_reads; /* its transaction is open, for brief reads */
	struct checkpointer *checkpointer; /* NULL: in memory */
	struct untold *untold;
	struct spool_folder *spools;
	struct tx *free_readers;
	unsigned n_readers;
	atomic_uint_fast64_t commits;
	atomic_bool folder_synced; /* the names of file and log are on disk */
};

static const char pragmas_file[] = "PRAGMA journal_mode = WAL;"
				   "PRAGMA synchronous = NORMAL;"
				   "PRAGMA temp_store = MEMORY;"
				   "PRAGMA cache_size = -4096;"
				   "PRAGMA journal_size_limit = 16777216;"
				   "PRAGMA foreign_keys = OFF;";
static const char pragmas_reader[] = "PRAGMA query_only = ON;"
				     "PRAGMA temp_store = MEMORY;"
				     "PRAGMA cache_size = -1024;";

/* What every start needs, whatever the size of the file: what is damaged
 * here is set aside like a file that cannot be opened. */
static const char probe[] = "SELECT sum(length(value)) FROM meta;"
			    "SELECT sum(length(title) + ino) FROM boards b"
			    " LEFT JOIN nodes n ON n.id = b.id;"
			    "SELECT max(ino) FROM nodes;"
			    "SELECT count(name) FROM nodes WHERE parent = 1;";

/* The file is made here so that it never has another mode than 0600. */
static int
create_file(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	(void)close(fd);
	return 0;
}

static int
open_writer(struct store *store, struct err *err)
{
	const char *path = store->path;
	int r = path != NULL ? create_file(path, err) : 0;

	if (r == 0)
		r = db_open(
		    path != NULL ? path : ":memory:", &store->writer.db, err);
	if (r != 0)
		return r;
	r = db_exec(store->writer.db, pragmas_file);
	if (r != 0)
		err_set(err, r, "%s", db_message(store->writer.db));
	else
		r = schema_migrate(store->writer.db, err);
	if (r == 0) {
		r = db_exec(store->writer.db, probe);
		if (r != 0)
			err_set(err, r, "%s", db_message(store->writer.db));
	}
	if (r != 0) {
		if (path != NULL)
			err_prefix(err, "%s", path);
		db_close(store->writer.db);
		store->writer.db = NULL;
	}
	return r;
}

static void
lock_writer(struct store *store)
{
	(void)pthread_mutex_lock(&store->turn);
	(void)pthread_mutex_lock(&store->write_lock);
	(void)pthread_mutex_unlock(&store->turn);
}

/* The writer's lock is held. */
static int
end_brief_reads(struct store *store)
{
	int r =
	    store->writer_reads ? db_run(store->writer.db, "COMMIT", "") : 0;

	store->writer_reads = store->writer_reads && r != 0;
	return r;
}

/* What reads the log keeps it from being begun anew. */
static void
lock_for_copy(struct store *store)
{
	lock_writer(store);
	(void)end_brief_reads(store);
}

static void
unlock_writer(struct store *store)
{
	(void)pthread_mutex_unlock(&store->write_lock);
}

static int
keep_log(struct store *store)
{
	int r = checkpointer_new(store->path, lock_for_copy, unlock_writer,
	    store, &store->checkpointer);

	if (r == 0)
		db_keep_log(store->writer.db);
	return r;
}

int
store_open(const char *path, struct store **ret_store, struct err *err)
{
	struct store *store = calloc(1, sizeof *store);
	int r = -ENOMEM;

	if (store == NULL)
		return err_set(err, -ENOMEM, "out of memory");
	(void)pthread_mutex_init(&store->lock, NULL);
	(void)pthread_mutex_init(&store->turn, NULL);
	(void)pthread_mutex_init(&store->write_lock, NULL);
	(void)pthread_cond_init(&store->reader_free, NULL);
	store->writer.store = store;
	if (path != NULL && (store->path = strdup(path)) == NULL)
		goto fail;
	store->spools = spool_folder_new(path);
	if (store->spools == NULL)
		goto fail;
	r = untold_new(&store->untold);
	if (r == 0)
		r = open_writer(store, err);
	if (r == -EBADMSG && path != NULL) {
		char aside[4096];

		r = rescue_set_aside(path, aside, sizeof aside, err);
		if (r == 0)
			spool_folder_set_aside(store->spools, aside);
		if (r == 0)
			r = open_writer(store, err);
		if (r == 0)
			rescue_local_files(store, path, aside, err);
	}
	if (r == 0 && path != NULL)
		r = keep_log(store);
	if (r != 0)
		goto fail;
	*ret_store = store;
	return 0;
fail:
	store_close(store);
	return r;
}

void
store_close(struct store *store)
{
	struct tx *reader, *next;

	if (store == NULL)
		return;
	checkpointer_free(store->checkpointer);
	for (reader = store->free_readers; reader != NULL; reader = next) {
		next = reader->next;
		db_close(reader->db);
		free(reader);
		store->n_readers--;
	}
	assert(store->n_readers == 0);
	db_close(store->writer.db);
	untold_free(store->untold);
	(void)pthread_mutex_destroy(&store->lock);
	(void)pthread_mutex_destroy(&store->turn);
	(void)pthread_mutex_destroy(&store->write_lock);
	(void)pthread_cond_destroy(&store->reader_free);
	spool_folder_free(store->spools);
	free(store->path);
	free(store);
}

struct spool_folder *
store_spools(struct store *store)
{
	return store->spools;
}

static int
new_reader(struct store *store, struct tx **ret_tx)
{
	struct tx *tx = calloc(1, sizeof *tx);
	int r;

	if (tx == NULL)
		return -ENOMEM;
	tx->store = store;
	r = db_open(store->path, &tx->db, NULL);
	if (r == 0)
		r = db_exec(tx->db, pragmas_reader);
	if (r != 0) {
		db_close(tx->db);
		free(tx);
		return r;
	}
	*ret_tx = tx;
	return 0;
}

static int
take_reader(struct store *store, struct tx **ret_tx)
{
	int r = 0;

	(void)pthread_mutex_lock(&store->lock);
	while (store->free_readers == NULL && store->n_readers >= READERS_MAX)
		(void)pthread_cond_wait(&store->reader_free, &store->lock);
	*ret_tx = store->free_readers;
	if (*ret_tx != NULL)
		store->free_readers = (*ret_tx)->next;
	else
		store->n_readers++;
	(void)pthread_mutex_unlock(&store->lock);
	if (*ret_tx != NULL)
		return 0;
	r = new_reader(store, ret_tx);
	if (r != 0) {
		(void)pthread_mutex_lock(&store->lock);
		store->n_readers--;
		(void)pthread_cond_signal(&store->reader_free);
		(void)pthread_mutex_unlock(&store->lock);
	}
	return r;
}

static void
put_reader(struct tx *tx)
{
	struct store *store = tx->store;

	(void)pthread_mutex_lock(&store->lock);
	tx->next = store->free_readers;
	store->free_readers = tx;
	(void)pthread_cond_signal(&store->reader_free);
	(void)pthread_mutex_unlock(&store->lock);
}

int
store_read(struct store *store, bool snapshot, struct tx **ret_tx)
{
	struct tx *tx = NULL;
	int r;

	if (store->path == NULL) {
		(void)pthread_mutex_lock(&store->write_lock);
		tx = &store->writer;
	} else {
		r = take_reader(store, &tx);
		if (r == 0 && snapshot) {
			r = db_run(tx->db, "BEGIN", "");
			tx->begun = r == 0;
			if (r != 0)
				put_reader(tx);
		}
		if (r != 0)
			return r;
	}
	tx->writing = false;
	tx->numbered = store->writer.numbered;
	*ret_tx = tx;
	return 0;
}

int
store_read_committed(struct store *store, struct tx **ret_tx)
{
	return store->path != NULL ? store_read(store, true, ret_tx) : -ENOTSUP;
}

struct untold *
store_untold(const struct store *store)
{
	return store->untold;
}

void
store_set_numbered(struct store *store, bool numbered)
{
	lock_writer(store);
	store->writer.numbered = numbered;
	unlock_writer(store);
}

int
store_read_brief(struct store *store, struct tx **ret_tx)
{
	bool taken = pthread_mutex_trylock(&store->turn) == 0;
	int r;

	if (taken) {
		taken = pthread_mutex_trylock(&store->write_lock) == 0;
		(void)pthread_mutex_unlock(&store->turn);
	}
	if (!taken)
		return store_read(store, true, ret_tx);
	if (store->path != NULL && !store->writer_reads) {
		r = db_run(store->writer.db, "BEGIN", "");
		if (r != 0) {
			unlock_writer(store);
			return r;
		}
		store->writer_reads = true;
	}
	store->writer.writing = false;
	*ret_tx = &store->writer;
	return 0;
}

int
store_write(struct store *store, struct tx **ret_tx)
{
	int r;

	lock_writer(store);
	r = end_brief_reads(store);
	if (r == 0)
		r = db_run(store->writer.db, "BEGIN IMMEDIATE", "");
	if (r != 0) {
		unlock_writer(store);
		return r;
	}
	store->writer.writing = true;
	*ret_tx = &store->writer;
	return 0;
}

int
store_commit(struct tx *tx)
{
	int r;

	assert(tx->writing);
	r = db_run(tx->db, "COMMIT", "");
	if (r != 0) {
		store_end(tx);
		return r;
	}
	tx->writing = false;
	(void)atomic_fetch_add(&tx->store->commits, 1);
	if (tx->store->checkpointer != NULL &&
	    !checkpointer_note(tx->store->checkpointer, db_log_pages(tx->db)))
		(void)db_checkpoint(tx->db);
	(void)pthread_mutex_unlock(&tx->store->write_lock);
	return 0;
}

uint64_t
store_commits(const struct store *store)
{
	return atomic_load(&store->commits);
}

void
store_end(struct tx *tx)
{
	if (tx == NULL)
		return;
	if (tx == &tx->store->writer) {
		if (tx->writing)
			(void)db_run(tx->db, "ROLLBACK", "");
		tx->writing = false;
		(void)pthread_mutex_unlock(&tx->store->write_lock);
		return;
	}
	if (tx->begun)
		(void)db_run(tx->db, "COMMIT", "");
	tx->begun = false;
	put_reader(tx);
}

/* SQLite does this when it syncs the log itself, which may be much later. */
static int
sync_folder(struct store *store)
{
	char folder[4096];
	const char *slash = strrchr(store->path, '/');
	int len = slash != NULL ? (int)(slash - store->path) : 0;
	int fd, r;

	if (atomic_exchange(&store->folder_synced, true))
		return 0;
	if (snprintf(folder, sizeof folder, "%.*s/", len, store->path) >=
	    (int)sizeof folder)
		return -ENAMETOOLONG;
	fd = open(slash != NULL ? folder : ".", O_RDONLY | O_CLOEXEC);
	r = fd >= 0 && fsync(fd) == 0 ? 0 : -errno;
	if (fd >= 0)
		(void)close(fd);
	if (r != 0)
		atomic_store(&store->folder_synced, false);
	return r;
}

/*
 * With synchronous = NORMAL a commit is in the log, not yet on the disk.  The
 * log may be opened and closed here: SQLite holds no POSIX lock on it that
 * closing would drop.
 */
int
store_sync(struct store *store)
{
	char wal[4096];
	int fd, r = 0;

	if (store->path == NULL)
		return 0;
	if (snprintf(wal, sizeof wal, "%s-wal", store->path) >= (int)sizeof wal)
		return -ENAMETOOLONG;
	fd = open(wal, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fdatasync(fd) != 0)
		r = -errno;
	(void)close(fd);
	return r == 0 ? sync_folder(store) : r;
}

int
store_meta_get(struct tx *tx, const char *key, char *value, size_t size)
{
	sqlite3_stmt *stmt =
	    db_prepare(tx->db, "SELECT value FROM meta WHERE key = ?");
	int r = db_bind(stmt, "s", key);

	if (r == 0)
		r = db_step(stmt);
	if (r == 1)
		(void)snprintf(value, size, "%s",
		    (const char *)sqlite3_column_text(stmt, 0));
	db_reset(stmt);
	return r == 1 ? 0 : r == 0 ? -ENOENT : r;
}

int
store_meta_set(struct tx *tx, const char *key, const char *value)
{
	assert(tx->writing);
	return db_run(tx->db,
	    "INSERT INTO meta(key, value) VALUES(?1, ?2)"
	    " ON CONFLICT(key) DO UPDATE SET value = ?2",
	    "ss", key, value);
}
