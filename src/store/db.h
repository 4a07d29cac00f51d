#ifndef STORE_DB_H
#define STORE_DB_H

#include <sqlite3.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/**
 * One SQLite connection with its prepared statements, for one thread at a
 * time.  Private to src/store.
 */
struct db;

/** Open path (a file, or a memdb URI), create it if it is not there. */
int db_open(const char *path, struct db **ret_db, struct err *err);
void db_close(struct db *db);

/** Open a damaged database to read what can be read, as far as its file goes;
 * it is not changed. */
int db_open_damaged(const char *path, struct db **ret_db);

/**
 * The statement of this text, ready to be bound: prepared once per connection
 * and found again by the address of the literal, so sql must be one.  It must
 * not be in use: who steps it leaves it reset.  NULL on failure, which db_step() and db_bind() take and answer with an error.
 */
sqlite3_stmt *db_prepare(struct db *db, const char *sql);

/**
 * Bind by a letter each: i int64_t, d double, s string (NULL: null; must
 * outlive the stepping), b const void * and size_t (NULL data: null).
 */
int db_bind(sqlite3_stmt *stmt, const char *types, ...);

/** 1: a row, 0: done (the statement is reset), or -errno (likewise). */
int db_step(sqlite3_stmt *stmt);

/** Leave a statement before it is done. NULL does nothing. */
void db_reset(sqlite3_stmt *stmt);

/** Prepare, bind and step a statement that gives no rows.  0 or -errno. */
int db_run(struct db *db, const char *sql, const char *types, ...);

/** Prepare, bind and step a query for one integer.  0, -ENOENT or -errno. */
int db_get_int(
    struct db *db, int64_t *ret_value, const char *sql, const char *types, ...);

/** Run SQL that is not kept: schema, pragmas. */
int db_exec(struct db *db, const char *sql);

/**
 * The log (WAL) is not copied to the file by who commits, but by
 * db_checkpoint(); the last commit left it with so many pages.
 */
void db_keep_log(struct db *db);
int db_log_pages(const struct db *db);

/** Copy what can be copied at this moment.  0, also if somebody else does, or
 * -errno. */
int db_checkpoint(struct db *db);

/** What SQLite says of the last failure. */
const char *db_message(struct db *db);

/** Rows changed by the last statement; the rowid it inserted. */
int64_t db_changes(struct db *db);
int64_t db_last_rowid(struct db *db);

/** SQLite's result code as -errno. */
int db_errno(int code);

#endif
