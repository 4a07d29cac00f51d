#ifndef TRELLO_HTTP_TRANSFER_H
#define TRELLO_HTTP_TRANSFER_H

#include "trello/auth.h"
#include "trello/http_ledger.h"
#include "trello/remote.h"
#include "trello/verdict.h"
#include "util/vec.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * One try of a request, as a libcurl easy handle.  What comes back is fed to
 * the request's reader if it is JSON of a 2xx, and otherwise kept up to a
 * bound for verdict_make().
 */
struct transfer;

/* What all transfers share; see struct http_options. */
struct transfer_setup {
	char *base_url; /* no "/" at its end */
	char *host;	/* for texts: host, and port if it is not the usual */
	bool plain;	/* http, to this machine */
	char *user_agent;
	char *ca_file;
	long connect_ms, stall_ms, quick_stall_ms, total_ms;
	size_t max_reply_bytes;
	struct credentials credentials;
	struct credentials before; /* the last ones, of requests under way */
	unsigned generation;	   /* of the credentials */
	/* Threads that ask for statistics read these two. */
	_Atomic int64_t clock_s;  /* what our clock lacks of the server's */
	_Atomic int64_t heard_ms; /* monotonic; the last byte that came */
	VEC(int) sockets;	  /* those that are open */
	int64_t slept_ms; /* time_slept_ms() when it was last looked at */
};

/** -EINVAL, -ENOMEM.  args and reader must outlive the transfer. */
int transfer_new(struct transfer_setup *setup, const struct remote_args *args,
    struct json_reader *reader, struct transfer **ret_transfer);

/** Wipes what held credentials.  Not while curl has the handle. */
void transfer_free(struct transfer *transfer);

/** For curl_multi_add_handle() and _remove_handle(). */
CURL *transfer_handle(const struct transfer *transfer);

/** The transfer of a handle that curl has given back. */
struct transfer *transfer_of(CURL *handle);

/** Anybody's pointer. */
void transfer_set_owner(struct transfer *transfer, void *owner);
void *transfer_owner(const struct transfer *transfer);

/** Whether the reader has been used: after transfer_judge(). */
bool transfer_fed(const struct transfer *transfer);

/**
 * The transfer has ended with this code: fill in *ret_verdict; returns
 * whether to try again (verdict_make()).
 */
bool transfer_judge(struct transfer *transfer, CURLcode code,
    struct remote_verdict *ret_verdict);

/** What it was, for the records; also for one that is given up. */
void transfer_record(
    const struct transfer *transfer, struct remote_record *ret_record);
const struct budget_limits *transfer_limits(const struct transfer *transfer);

/** The reply's own date in seconds since the epoch, -1: it had none. */
int64_t transfer_date_s(const struct transfer *transfer);

/** The setup's clock_s and generation when it was made. */
int64_t transfer_clock_s(const struct transfer *transfer);
unsigned transfer_generation(const struct transfer *transfer);

/** Whether the request may have got to the server, whole. */
bool transfer_sent(const struct transfer *transfer);

#endif
