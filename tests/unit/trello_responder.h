#ifndef TRELLO_RESPONDER_H
#define TRELLO_RESPONDER_H

#include <stddef.h>

/**
 * A server on 127.0.0.1 that gives canned replies, in the order in which
 * requests arrive; the last one again and again.
 */
struct responder;

struct canned {
	int status;	     /* 0: no reply, the connection is closed */
	const char *type;    /* Content-Type; NULL: none */
	const char *headers; /* further lines, each with \r\n; or NULL */
	const char *body;    /* NULL: "" */
	size_t body_len;     /* 0: strlen(body) */
	size_t cut_at;	     /* >0: close after so many bytes of the body */
	int no_length;	     /* the end of the body is that of the connection */
	int delay_ms;	     /* before the reply */
	int stall;	     /* after the head nothing comes, for ever */
};

struct responder *responder_start(const struct canned *replies, size_t n);
void responder_stop(struct responder *responder);

unsigned responder_port(const struct responder *responder);

/* How many whole requests have come; head and body of one of them (at most
 * 64). */
unsigned responder_count(struct responder *responder);
const char *responder_request(struct responder *responder, unsigned i);
const char *responder_body(struct responder *responder, unsigned i);

/* The most requests that were being answered at one time. */
unsigned responder_peak(struct responder *responder);

#endif
