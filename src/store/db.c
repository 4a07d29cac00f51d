#include "store/db.h"

#include "util/err.h"
#include "util/log.h"
#include "util/vec.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

struct statement {
	const char *sql;
	sqlite3_stmt *stmt;
};

struct db {
	sqlite3 *sqlite;
	int log_pages;
	VEC(struct statement) statements;
};

int
db_errno(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_CONSTRAINT:
		return -EEXIST;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return -EROFS;
	case SQLITE_TOOBIG:
		return -EFBIG;
	case SQLITE_CANTOPEN:
		return -ENOENT;
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		return -EBADMSG;
	default:
		return -EIO;
	}
}

int
db_open(const char *path, struct db **ret_db, struct err *err)
{
	struct db *db = calloc(1, sizeof *db);
	int code, r;

	if (db == NULL)
		return err_set(err, -ENOMEM, "out of memory");
	code = sqlite3_open_v2(path, &db->sqlite,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI |
		SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
	    NULL);
	if (code != SQLITE_OK) {
		r = err_set(
		    err, db_errno(code), "%s: %s", path, db_message(db));
		db_close(db);
		return r;
	}
	(void)sqlite3_busy_timeout(db->sqlite, 10000);
	*ret_db = db;
	return 0;
}

int
db_open_damaged(const char *path, struct db **ret_db)
{
	struct db *db;
	int r = db_open(path, &db, NULL);

	if (r != 0)
		return r;
	(void)sqlite3_db_config(
	    db->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	r = db_exec(db, "PRAGMA query_only = ON");
	/* Otherwise a file without its end is not read at all. */
	if (r == 0)
		r = db_exec(db, "PRAGMA writable_schema = ON");
	if (r != 0) {
		db_close(db);
		return r;
	}
	*ret_db = db;
	return 0;
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	for (size_t i = 0; i < db->statements.n; i++)
		(void)sqlite3_finalize(db->statements.v[i].stmt);
	VEC_FREE(&db->statements);
	(void)sqlite3_close(db->sqlite);
	free(db);
}

sqlite3_stmt *
db_prepare(struct db *db, const char *sql)
{
	struct statement *statement;
	sqlite3_stmt *stmt;

	for (size_t i = 0; i < db->statements.n; i++)
		if (db->statements.v[i].sql == sql) {
			stmt = db->statements.v[i].stmt;
			assert(!sqlite3_stmt_busy(stmt));
			return stmt;
		}
	if (sqlite3_prepare_v3(db->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT,
		&stmt, NULL) != SQLITE_OK) {
		log_debug("the state database: %s: %s", db_message(db), sql);
		return NULL;
	}
	statement = VEC_ADD(&db->statements);
	if (statement == NULL) {
		(void)sqlite3_finalize(stmt);
		return NULL;
	}
	statement->sql = sql;
	statement->stmt = stmt;
	return stmt;
}

/* Why there is no statement. */
static int
prepare_error(struct db *db)
{
	int r = db_errno(sqlite3_errcode(db->sqlite));

	return r != 0 ? r : -ENOMEM;
}

static int
bind_all(sqlite3_stmt *stmt, const char *types, va_list args)
{
	int code = SQLITE_OK;

	if (stmt == NULL)
		return -EIO;
	for (int i = 1; *types != '\0' && code == SQLITE_OK; types++, i++) {
		const char *s;
		const void *data;

		switch (*types) {
		case 'i':
			code =
			    sqlite3_bind_int64(stmt, i, va_arg(args, int64_t));
			break;
		case 'd':
			code =
			    sqlite3_bind_double(stmt, i, va_arg(args, double));
			break;
		case 's':
			s = va_arg(args, const char *);
			code = sqlite3_bind_text(stmt, i, s, -1, SQLITE_STATIC);
			break;
		default:
			data = va_arg(args, const void *);
			code = sqlite3_bind_blob64(
			    stmt, i, data, va_arg(args, size_t), SQLITE_STATIC);
			break;
		}
	}
	return db_errno(code);
}

int
db_bind(sqlite3_stmt *stmt, const char *types, ...)
{
	va_list args;
	int r;

	va_start(args, types);
	r = bind_all(stmt, types, args);
	va_end(args);
	return r;
}

int
db_step(sqlite3_stmt *stmt)
{
	int code;

	if (stmt == NULL)
		return -EIO;
	code = sqlite3_step(stmt);
	if (code == SQLITE_ROW)
		return 1;
	db_reset(stmt);
	return db_errno(code);
}

void
db_reset(sqlite3_stmt *stmt)
{
	if (stmt == NULL)
		return;
	(void)sqlite3_reset(stmt);
	(void)sqlite3_clear_bindings(stmt);
}

int
db_run(struct db *db, const char *sql, const char *types, ...)
{
	sqlite3_stmt *stmt = db_prepare(db, sql);
	va_list args;
	int r;

	if (stmt == NULL)
		return prepare_error(db);
	va_start(args, types);
	r = bind_all(stmt, types, args);
	va_end(args);
	if (r == 0)
		r = db_step(stmt);
	db_reset(stmt);
	return r > 0 ? 0 : r;
}

int
db_get_int(
    struct db *db, int64_t *ret_value, const char *sql, const char *types, ...)
{
	sqlite3_stmt *stmt = db_prepare(db, sql);
	va_list args;
	int r;

	if (stmt == NULL)
		return prepare_error(db);
	va_start(args, types);
	r = bind_all(stmt, types, args);
	va_end(args);
	if (r == 0)
		r = db_step(stmt);
	if (r == 1)
		*ret_value = sqlite3_column_int64(stmt, 0);
	db_reset(stmt);
	return r == 1 ? 0 : r == 0 ? -ENOENT : r;
}

int
db_exec(struct db *db, const char *sql)
{
	return db_errno(sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL));
}

static int
committed(void *cookie, sqlite3 *sqlite, const char *name, int pages)
{
	struct db *db = cookie;

	(void)sqlite;
	(void)name;
	db->log_pages = pages;
	return SQLITE_OK;
}

void
db_keep_log(struct db *db)
{
	/* In the place of the hook that copies. */
	(void)sqlite3_wal_hook(db->sqlite, committed, db);
}

int
db_log_pages(const struct db *db)
{
	return db->log_pages;
}

int
db_checkpoint(struct db *db)
{
	/* A connection that has read nothing does not know of the log. */
	int r = db_exec(db, "SELECT 1 FROM sqlite_master LIMIT 1");
	int code = r == 0 ? sqlite3_wal_checkpoint_v2(db->sqlite, NULL,
				SQLITE_CHECKPOINT_PASSIVE, NULL, NULL)
			  : SQLITE_OK;

	if ((code & 0xff) == SQLITE_BUSY)
		code = SQLITE_OK;
	return r != 0 ? r : db_errno(code);
}

const char *
db_message(struct db *db)
{
	return db->sqlite != NULL ? sqlite3_errmsg(db->sqlite)
				  : "out of memory";
}

int64_t
db_changes(struct db *db)
{
	return sqlite3_changes(db->sqlite);
}

int64_t
db_last_rowid(struct db *db)
{
	return sqlite3_last_insert_rowid(db->sqlite);
}
