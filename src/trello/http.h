#ifndef TRELLO_HTTP_H
#define TRELLO_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Trello over the network: a struct remote (trello/remote.h) on libcurl.
 * Many requests at once, HTTP/2 and compression where the server has them,
 * within the rate limits (trello/budget.h), tried again where that is safe
 * (trello/retry.h).  HTTPS with certificates checked, or plain HTTP to this
 * machine; redirects are never followed; proxies are taken from the
 * environment as curl(1) does, but not for this machine.
 */

struct credentials;
struct err;
struct remote;
struct retry_policy;

#define HTTP_API_URL "https://api.trello.com/1"

/* Everything is copied.  0 or NULL: the value said behind it. */
struct http_options {
	const char *base_url;		       /* HTTP_API_URL */
	const struct credentials *credentials; /* as nobody */
	const char *user_agent;		       /* "trellofs" */
	const char *ca_file;		       /* the system's; PEM */
	const struct retry_policy *retry;      /* RETRY_DEFAULT */
	unsigned max_running;		       /* 8 requests at once */
	int64_t connect_ms;		       /* 10 s, with name and TLS */
	int64_t stall_ms;		       /* 35 s without a byte */
	int64_t quick_stall_ms;	   /* 15 s, of what Trello has at once */
	int64_t total_ms;	   /* 120 s for one try */
	size_t max_reply_bytes;	   /* 256 MiB, unpacked */
	const char *budget_folder; /* alone; where programs share limits */
	bool quiet;		   /* what keeps them from it is logged */
	int64_t patience_ms;	   /* for ever: what the limits do not let go
				    * within this fails with -EAGAIN */
};

/**
 * Make one; nothing is sent yet.  Returns 0, or with the reason in err:
 * -EINVAL (no URL of ours, not https and not this machine, values that do
 * not belong in a header), -EIO (libcurl), -ENOMEM.
 */
int http_remote_new(const struct http_options *options,
    struct remote **ret_remote, struct err *err);

#endif
