#ifndef TRELLO_STORAGE_H
#define TRELLO_STORAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Downloads from where attachments are kept, which is not Trello: a libcurl of
 * its own, which has no credentials to give away.  HTTPS only, with
 * certificates checked; or plain HTTP from this machine to this machine, if
 * the account is there.
 *
 * Of one thread, but for storage_wakeup() and storage_is_trellos().  Callbacks
 * run inside storage_run() and storage_resume() only, done only in the former.
 */
struct storage;
struct storage_get;

struct err;
struct http_options;

/** Of the options nothing but base_url, user_agent, ca_file, connect_ms and
 * stall_ms counts.  0 or -errno with err. */
int storage_new(const struct http_options *options,
    struct storage **ret_storage, struct err *err);

/** Cancels what is left.  NULL does nothing. */
void storage_free(struct storage *storage);

/* How a good answer begins. */
struct storage_head {
	int64_t from;	 /* where in the file its first byte belongs */
	int64_t total;	 /* the size of the file, -1: not said */
	bool whole;	 /* it is the whole file, whatever was asked for */
	const char *tag; /* strong ETag, or "" */
};

/* How it has ended. */
struct storage_end {
	int status; /* of HTTP; 0: there was no answer */
	bool good;  /* it was a good one, and whole */
	char text[256];
};

struct storage_args {
	const char *url;
	int64_t from, to; /* what is asked for: `to` is the first not */
	int64_t size;	  /* of the file */
	const char *tag;  /* only of this content; "": of any */
	/** 0, or non-zero to end it. */
	int (*head)(void *cookie, const struct storage_head *head);
	/** 0; 1: nothing more until storage_resume(), these bytes come again;
	 * negative: end it. */
	int (*data)(void *cookie, const void *data, size_t len);
	void (*done)(void *cookie, const struct storage_end *end);
	void *cookie;
};

/** Whether a file's address is Trello's own: then it is only told, to who has
 * credentials, where the file is (CALL_ATTACHMENT_FILE). */
bool storage_is_trellos(const struct storage *storage, const char *url);

/** Begin one.  The args are copied.  0; -EINVAL: this is no address that may
 * be asked; -ENOMEM. */
int storage_start(struct storage *storage, const struct storage_args *args,
    struct storage_get **ret_get);

/** done is not called. */
void storage_cancel(struct storage_get *get);

/** Go on after data gave 1. */
void storage_resume(struct storage_get *get);

/** Do I/O for so long, until something happened or storage_wakeup(). */
int storage_run(struct storage *storage, int64_t timeout_ms);
void storage_wakeup(struct storage *storage);

#endif
