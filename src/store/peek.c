#include "store/peek.h"

#include "store/db.h"
#include "util/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BUSY_MS 5000

/* The first column of the first row, as text; -ENOENT if there is none. */
static int
get_text(sqlite3 *sqlite, const char *sql, char *out, size_t size)
{
	sqlite3_stmt *stmt;
	int code = sqlite3_prepare_v2(sqlite, sql, -1, &stmt, NULL);
	int r = -ENOENT;

	if (code != SQLITE_OK)
		return db_errno(code) == 0 ? -EIO : db_errno(code);
	code = sqlite3_step(stmt);
	if (code == SQLITE_ROW && sqlite3_column_text(stmt, 0) != NULL) {
		(void)snprintf(out, size, "%s",
		    (const char *)sqlite3_column_text(stmt, 0));
		r = 0;
	} else if (code != SQLITE_ROW && code != SQLITE_DONE) {
		r = db_errno(code);
	}
	(void)sqlite3_finalize(stmt);
	return r;
}

/* 0, -ENOENT or -errno. */
static int
find_table(sqlite3 *sqlite, const char *sql)
{
	char name[32];

	return get_text(sqlite, sql, name, sizeof name);
}

/* A database of an earlier version has no changes. */
static int
count(sqlite3 *sqlite, int64_t *ret_n)
{
	char text[32] = "0";
	int r = find_table(
	    sqlite, "SELECT 1 FROM sqlite_master WHERE name = 'journal'");

	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = get_text(sqlite,
		    "SELECT (SELECT count(*) FROM journal WHERE state != 2)"
		    " + (SELECT count(*) FROM saves WHERE NOT draft)",
		    text, sizeof text);
	*ret_n = strtoll(text, NULL, 10);
	return r;
}

static int
look(sqlite3 *sqlite, struct store_peek *peek)
{
	int r = find_table(
	    sqlite, "SELECT 1 FROM sqlite_master WHERE name = 'meta'");

	if (r == 0)
		r = get_text(sqlite,
		    "SELECT value FROM meta WHERE key = 'member'", peek->member,
		    sizeof peek->member);
	if (r == 0)
		r = get_text(sqlite,
		    "SELECT value FROM meta WHERE key = 'username'",
		    peek->username, sizeof peek->username);
	if (r == 0)
		r = get_text(sqlite,
		    "SELECT value FROM meta WHERE key = 'api_url'",
		    peek->api_url, sizeof peek->api_url);
	return r != 0 ? r : count(sqlite, &peek->waiting);
}

int
store_peek(const char *path, struct store_peek *ret_peek, struct err *err)
{
	struct store_peek peek = {.waiting = 0};
	sqlite3 *sqlite = NULL;
	struct stat st;
	int code, r;

	if (stat(path, &st) < 0 && (errno == ENOENT || errno == ENOTDIR))
		return -ENOENT;
	code = sqlite3_open_v2(
	    path, &sqlite, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	r = code == SQLITE_OK ? 0 : db_errno(code);
	if (r == 0) {
		(void)sqlite3_busy_timeout(sqlite, BUSY_MS);
		r = look(sqlite, &peek);
	}
	(void)sqlite3_close(sqlite);
	if (r == 0)
		*ret_peek = peek;
	else if (r != -ENOENT)
		err_set(
		    err, r, "%.300s cannot be read: %s", path, strerror(-r));
	return r;
}
