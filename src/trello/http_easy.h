#ifndef TRELLO_HTTP_EASY_H
#define TRELLO_HTTP_EASY_H

#include <curl/curl.h>

struct transfer_setup;

/**
 * What libcurl is told for every transfer: how long it may take, whom it may
 * talk to and how.  setup must outlive the handle.  0 or -ENOMEM.
 */
int http_easy_init(CURL *easy, const struct transfer_setup *setup);

#endif
