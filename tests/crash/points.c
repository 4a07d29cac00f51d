#include <curl/curl.h>
#include <sqlite3.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../mount/preloaded.h"

/*
 * Preloaded into trellofs it counts the points at which a crash can make a
 * difference, and kills the program at the one that it is told:
 *
 *	commit-before, commit-after	of a transaction that writes
 *	request-before			a request is about to be begun
 *	request-sent METHOD PATH	it is on its way, nobody saw an answer
 *	answer-after			its answer is here, and not taken over
 *
 * CRASH_POINTS is a file that gets a line for each.  When it begins with a line
 * "at N", points count from then on, and the N-th is the last.
 */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long points;

/* Where to die; 0: not yet said. */
static long
wanted(int fd)
{
	char head[32];
	ssize_t n = pread(fd, head, sizeof head - 1, 0);

	head[n > 0 ? n : 0] = '\0';
	return strncmp(head, "at ", 3) == 0 ? atol(head + 3) : 0;
}

static void
reach(const char *what, const char *detail, int len)
{
	const char *path = getenv("CRASH_POINTS");
	int fd = path != NULL ? open(path, O_RDWR | O_APPEND | O_CLOEXEC) : -1;
	char line[256];
	long at;
	int n;

	if (fd < 0)
		return;
	(void)pthread_mutex_lock(&lock);
	at = wanted(fd);
	points += at != 0;
	n = snprintf(line, sizeof line, "%s%s%.*s\n", what, len > 0 ? " " : "",
	    len, detail);
	if (write(fd, line, (size_t)n) != n)
		abort();
	/* The lock is kept: no other point comes behind the last one. */
	while (at != 0 && points == at)
		(void)kill(getpid(), SIGKILL);
	(void)pthread_mutex_unlock(&lock);
	(void)close(fd);
}

int
sqlite3_step(sqlite3_stmt *stmt)
{
	static _Atomic(void *) known;
	int (*step)(sqlite3_stmt *);
	const char *sql = sqlite3_sql(stmt);
	bool commits = sql != NULL && strcmp(sql, "COMMIT") == 0 &&
		       sqlite3_txn_state(sqlite3_db_handle(stmt), NULL) ==
			   SQLITE_TXN_WRITE;
	int code;

	find_next("sqlite3_step", &known, &step);
	if (commits)
		reach("commit-before", "", 0);
	code = step(stmt);
	if (commits && code == SQLITE_DONE)
		reach("commit-after", "", 0);
	return code;
}

CURLMcode
curl_multi_add_handle(CURLM *multi, CURL *easy)
{
	static _Atomic(void *) known;
	CURLMcode (*add)(CURLM *, CURL *);

	find_next("curl_multi_add_handle", &known, &add);
	reach("request-before", "", 0);
	return add(multi, easy);
}

CURLMsg *
curl_multi_info_read(CURLM *multi, int *left)
{
	static _Atomic(void *) known;
	CURLMsg *(*info_read)(CURLM *, int *);
	CURLMsg *message;

	find_next("curl_multi_info_read", &known, &info_read);
	message = info_read(multi, left);
	if (message != NULL && message->msg == CURLMSG_DONE)
		reach("answer-after", "", 0);
	return message;
}

/* What begins as a request does; over plain HTTP everybody can see it. */
static bool
is_request(const char *data, size_t len)
{
	static const char *const methods[] = {
	    "GET /", "POST /", "PUT /", "DELETE /"};

	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		size_t n = strlen(methods[i]);

		if (len > n && memcmp(data, methods[i], n) == 0)
			return true;
	}
	return false;
}

ssize_t
send(int fd, const void *data, size_t len, int flags)
{
	static _Atomic(void *) known;
	ssize_t (*real_send)(int, const void *, size_t, int);
	ssize_t sent;

	find_next("send", &known, &real_send);
	sent = real_send(fd, data, len, flags);
	if (sent > 0 && is_request(data, len))
		reach("request-sent", data, (int)strcspn(data, "?\r\n"));
	return sent;
}
