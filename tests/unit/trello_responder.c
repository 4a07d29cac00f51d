#include "trello_responder.h"

#include "util/buf.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MAX 128
#define REQUESTS_MAX 64

struct responder {
	const struct canned *replies;
	size_t n_replies;
	int fd;
	unsigned port;
	int stop[2]; /* readable when it is time to stop */
	pthread_t acceptor;
	pthread_t threads[CONNECTIONS_MAX];
	unsigned n_threads;
	pthread_mutex_t lock; /* of what follows */
	unsigned count, busy, peak;
	char *requests[REQUESTS_MAX];
	char *bodies[REQUESTS_MAX];
};

struct connection {
	struct responder *responder;
	int fd;
};

/* Wait for the socket, at most timeout_ms; false if it is time to stop. */
static int
wait_for(struct responder *responder, int fd, int timeout_ms)
{
	struct pollfd fds[2] = {{.fd = responder->stop[0], .events = POLLIN},
	    {.fd = fd, .events = POLLIN}};

	(void)poll(fds, fd >= 0 ? 2 : 1, timeout_ms);
	return (fds[0].revents & POLLIN) == 0;
}

static const struct canned *
next_reply(struct responder *responder, const char *head, const char *body)
{
	unsigned i;

	(void)pthread_mutex_lock(&responder->lock);
	i = responder->count++;
	if (i < REQUESTS_MAX) {
		responder->requests[i] = strdup(head);
		responder->bodies[i] = strdup(body);
	}
	if (++responder->busy > responder->peak)
		responder->peak = responder->busy;
	(void)pthread_mutex_unlock(&responder->lock);
	return &responder->replies[i < responder->n_replies
				       ? i
				       : responder->n_replies - 1];
}

static void
write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		data += n;
		len -= (size_t)n;
	}
}

/* Whether the connection goes on. */
static int
reply(struct responder *responder, int fd, const struct canned *canned)
{
	const char *body = canned->body != NULL ? canned->body : "";
	size_t len = canned->body_len != 0 ? canned->body_len : strlen(body);
	struct buf head = BUF_INIT;

	if (canned->delay_ms > 0 && !wait_for(responder, -1, canned->delay_ms))
		return 0;
	if (canned->status == 0)
		return 0;
	(void)buf_printf(&head, "HTTP/1.1 %d Canned\r\n", canned->status);
	if (canned->type != NULL)
		(void)buf_printf(&head, "Content-Type: %s\r\n", canned->type);
	if (canned->headers != NULL)
		(void)buf_add_str(&head, canned->headers);
	if (!canned->no_length)
		(void)buf_printf(&head, "Content-Length: %zu\r\n", len);
	(void)buf_add_str(&head, "\r\n");
	write_all(fd, head.data, head.len);
	buf_free(&head);
	if (canned->stall) {
		(void)wait_for(responder, -1, -1);
		return 0;
	}
	write_all(fd, body, canned->cut_at > 0 ? canned->cut_at : len);
	return canned->cut_at == 0 && !canned->no_length;
}

/* Receive until there is a whole request; where its body begins, or 0. */
static size_t
receive(struct responder *responder, int fd, struct buf *in)
{
	char chunk[65536];

	while (wait_for(responder, fd, -1)) {
		ssize_t n = recv(fd, chunk, sizeof chunk, 0);
		const char *end, *length;
		size_t want = 0;

		if (n <= 0 || buf_add(in, chunk, (size_t)n) != 0)
			return 0;
		end = strstr(buf_str(in), "\r\n\r\n");
		if (end == NULL)
			continue;
		length = strstr(buf_str(in), "\r\nContent-Length: ");
		if (length != NULL && length < end)
			want = strtoul(length + 18, NULL, 10);
		want += (size_t)(end - in->data) + 4;
		if (in->len >= want)
			return (size_t)(end - in->data) + 4;
	}
	return 0;
}

static void *
serve(void *arg)
{
	struct connection connection = *(struct connection *)arg;
	struct responder *responder = connection.responder;
	struct buf in = BUF_INIT;
	int go_on = 1;

	free(arg);
	while (go_on) {
		size_t body = receive(responder, connection.fd, &in);

		if (body == 0)
			break;
		in.data[body - 2] = '\0';
		go_on = reply(responder, connection.fd,
		    next_reply(responder, in.data, in.data + body));
		(void)pthread_mutex_lock(&responder->lock);
		responder->busy--;
		(void)pthread_mutex_unlock(&responder->lock);
		buf_clear(&in);
	}
	(void)close(connection.fd);
	buf_free(&in);
	return NULL;
}

static void *
accept_all(void *arg)
{
	struct responder *responder = arg;

	while (wait_for(responder, responder->fd, -1)) {
		struct connection *connection = malloc(sizeof *connection);

		assert(connection != NULL);
		connection->responder = responder;
		connection->fd = accept(responder->fd, NULL, NULL);
		if (connection->fd < 0 ||
		    responder->n_threads == CONNECTIONS_MAX ||
		    pthread_create(&responder->threads[responder->n_threads],
			NULL, serve, connection) != 0) {
			free(connection);
			continue;
		}
		responder->n_threads++;
	}
	return NULL;
}

struct responder *
responder_start(const struct canned *replies, size_t n)
{
	struct responder *responder = calloc(1, sizeof *responder);
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;
	int r;

	assert(responder != NULL);
	responder->replies = replies;
	responder->n_replies = n;
	responder->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	r = bind(responder->fd, (struct sockaddr *)&address, len);
	assert(r == 0);
	r = listen(responder->fd, 64);
	assert(r == 0);
	r = getsockname(responder->fd, (struct sockaddr *)&address, &len);
	assert(r == 0);
	responder->port = ntohs(address.sin_port);
	r = pipe(responder->stop);
	assert(r == 0);
	r = pthread_mutex_init(&responder->lock, NULL);
	assert(r == 0);
	r = pthread_create(&responder->acceptor, NULL, accept_all, responder);
	assert(r == 0);
	return responder;
}

void
responder_stop(struct responder *responder)
{
	ssize_t n = write(responder->stop[1], "x", 1);

	assert(n == 1);
	(void)pthread_join(responder->acceptor, NULL);
	for (unsigned i = 0; i < responder->n_threads; i++)
		(void)pthread_join(responder->threads[i], NULL);
	(void)close(responder->fd);
	(void)close(responder->stop[0]);
	(void)close(responder->stop[1]);
	for (unsigned i = 0; i < REQUESTS_MAX; i++) {
		free(responder->requests[i]);
		free(responder->bodies[i]);
	}
	(void)pthread_mutex_destroy(&responder->lock);
	free(responder);
}

unsigned
responder_port(const struct responder *responder)
{
	return responder->port;
}

unsigned
responder_count(struct responder *responder)
{
	unsigned count;

	(void)pthread_mutex_lock(&responder->lock);
	count = responder->count;
	(void)pthread_mutex_unlock(&responder->lock);
	return count;
}

const char *
responder_request(struct responder *responder, unsigned i)
{
	const char *request;

	assert(i < REQUESTS_MAX);
	(void)pthread_mutex_lock(&responder->lock);
	request = responder->requests[i];
	(void)pthread_mutex_unlock(&responder->lock);
	return request != NULL ? request : "";
}

const char *
responder_body(struct responder *responder, unsigned i)
{
	const char *body;

	assert(i < REQUESTS_MAX);
	(void)pthread_mutex_lock(&responder->lock);
	body = responder->bodies[i];
	(void)pthread_mutex_unlock(&responder->lock);
	return body != NULL ? body : "";
}

unsigned
responder_peak(struct responder *responder)
{
	unsigned peak;

	(void)pthread_mutex_lock(&responder->lock);
	peak = responder->peak;
	(void)pthread_mutex_unlock(&responder->lock);
	return peak;
}
