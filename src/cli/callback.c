#include "cli/callback.h"

#include "util/err.h"
#include "util/secret.h"
#include "util/timeutil.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Browsers open more connections than they use. */
#define CONNECTIONS_MAX 8
#define REQUEST_MAX 4096

struct connection {
	int fd; /* -1: free */
	char text[REQUEST_MAX + 1];
	size_t len;
};

int
callback_open(struct callback *callback, struct err *err)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
	    listen(fd, CONNECTIONS_MAX) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) < 0) {
		int r = err_set(
		    err, -errno, "no port to listen on: %s", strerror(errno));

		if (fd >= 0)
			(void)close(fd);
		return r;
	}
	callback->fd = fd;
	(void)snprintf(callback->url, sizeof callback->url,
	    "http://127.0.0.1:%u/trellofs", (unsigned)ntohs(address.sin_port));
	return 0;
}

void
callback_close(struct callback *callback)
{
	if (callback->fd >= 0)
		(void)close(callback->fd);
	callback->fd = -1;
}

/* The value of a name in the query of "GET /path?a=b HTTP/1.1". */
static bool
find_value(
    const char *line, const char *name, const char **ret_value, size_t *ret_len)
{
	size_t name_len = strlen(name);
	const char *at = line + strcspn(line, "? \r\n");

	while (*at == '?' || *at == '&') {
		size_t len = strcspn(++at, "& \r\n");

		if (len > name_len && at[name_len] == '=' &&
		    strncmp(at, name, name_len) == 0) {
			*ret_value = at + name_len + 1;
			*ret_len = len - name_len - 1;
			return true;
		}
		at += len;
	}
	return false;
}

/* Whether the request is the one that is waited for. */
static bool
take_verifier(const char *request, const struct secret *token,
    struct secret *ret_verifier)
{
	static const char begin[] = "GET /trellofs?";
	const char *line = request + sizeof begin - 2;
	const char *value;
	size_t len;

	if (strncmp(request, begin, sizeof begin - 1) != 0)
		return false;
	if (!find_value(line, "oauth_token", &value, &len) ||
	    len != token->len || memcmp(value, token->data, len) != 0)
		return false;
	/* A verifier is letters and digits; nothing has to be decoded. */
	if (!find_value(line, "oauth_verifier", &value, &len) || len == 0)
		return false;
	return secret_set(ret_verifier, value, len) == 0;
}

static void
answer(int fd, bool found)
{
	static const char yes[] =
	    "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
	    "Connection: close\r\nReferrer-Policy: no-referrer\r\n"
	    "Cache-Control: no-store\r\n\r\n"
	    "trellofs has it. You can close this page.\n";
	static const char no[] = "HTTP/1.1 404 Not Found\r\n"
				 "Content-Type: text/plain\r\n"
				 "Connection: close\r\n\r\nNot here.\n";

	if (found)
		(void)send(fd, yes, sizeof yes - 1, MSG_NOSIGNAL);
	else
		(void)send(fd, no, sizeof no - 1, MSG_NOSIGNAL);
	(void)shutdown(fd, SHUT_WR);
}

static void
drop(struct connection *connection)
{
	(void)close(connection->fd);
	explicit_bzero(connection->text, sizeof connection->text);
	connection->fd = -1;
	connection->len = 0;
}

static void
accept_one(int fd, struct connection *connections)
{
	int new = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	for (int i = 0; i < CONNECTIONS_MAX && new >= 0; i++) {
		if (connections[i].fd >= 0)
			continue;
		connections[i].fd = new;
		return;
	}
	if (new >= 0)
		(void)close(new);
}

/* More of a request has come: whether it is the one. */
static bool
read_one(struct connection *connection, const struct secret *token,
    struct secret *ret_verifier)
{
	ssize_t n = recv(connection->fd, connection->text + connection->len,
	    REQUEST_MAX - connection->len, 0);
	bool found = false;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n > 0) {
		connection->len += (size_t)n;
		connection->text[connection->len] = '\0';
		if (strstr(connection->text, "\r\n\r\n") == NULL &&
		    connection->len < REQUEST_MAX)
			return false;
		found = take_verifier(connection->text, token, ret_verifier);
		answer(connection->fd, found);
	}
	drop(connection);
	return found;
}

/* The listener, then the connections in their places. */
static void
fill_polls(int fd, const struct connection *connections, struct pollfd *polls)
{
	polls[0] = (struct pollfd){.fd = fd, .events = POLLIN};
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		polls[1 + i] =
		    (struct pollfd){.fd = connections[i].fd, .events = POLLIN};
}

static int
serve(int fd, const struct secret *token, int timeout_ms,
    struct secret *ret_verifier, struct connection *connections)
{
	int64_t until_ms = time_monotonic_ms() + timeout_ms;
	struct pollfd polls[1 + CONNECTIONS_MAX];

	for (;;) {
		int64_t left_ms = until_ms - time_monotonic_ms();
		int n;

		if (left_ms <= 0)
			return -ETIMEDOUT;
		fill_polls(fd, connections, polls);
		n = poll(polls, 1 + CONNECTIONS_MAX, (int)left_ms);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n <= 0)
			continue;
		for (int i = 0; i < CONNECTIONS_MAX; i++)
			if (polls[1 + i].revents != 0 &&
			    read_one(&connections[i], token, ret_verifier))
				return 0;
		if (polls[0].revents != 0)
			accept_one(fd, connections);
	}
}

int
callback_wait(const struct callback *callback, const struct secret *token,
    int timeout_ms, struct secret *ret_verifier, struct err *err)
{
	struct connection connections[CONNECTIONS_MAX];
	int r;

	for (int i = 0; i < CONNECTIONS_MAX; i++)
		connections[i] = (struct connection){.fd = -1};
	r = serve(callback->fd, token, timeout_ms, ret_verifier, connections);
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		if (connections[i].fd >= 0)
			drop(&connections[i]);
	if (r == -ETIMEDOUT)
		return err_set(err, r,
		    "the browser has not come back within %d minutes",
		    timeout_ms / 60000);
	return r == 0 ? 0 : err_set(err, r, "%s", strerror(-r));
}
