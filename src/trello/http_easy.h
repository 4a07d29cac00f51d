#ifndef TRELLO_HTTP_EASY_H
#define TRELLO_HTTP_EASY_H

#include <curl/curl.h>
#include <stddef.h>
#include <stdint.h>

struct transfer_setup;

/**
 * What libcurl is told for every transfer: how long it may take, whom it may
 * talk to and how.  setup must outlive the handle.  0 or -ENOMEM.
 */
int http_easy_init(CURL *easy, struct transfer_setup *setup);

/**
 * Connections from before the machine slept are dead, or will be found to be
 * when it is too late: end them, so that what they carry is tried again.
 */
void http_easy_wake(struct transfer_setup *setup);

/** The time of a header line "Date: ..." in seconds since the epoch, or -1. */
int64_t http_date_s(const char *line, size_t len);

#endif
