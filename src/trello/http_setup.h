#ifndef TRELLO_HTTP_SETUP_H
#define TRELLO_HTTP_SETUP_H

struct err;
struct http_options;
struct transfer_setup;

/**
 * Check the options and turn them into what transfers need.  Returns 0, or
 * -EINVAL or -ENOMEM with the reason in err and *setup empty.
 */
int http_setup_init(struct transfer_setup *setup,
    const struct http_options *options, struct err *err);

void http_setup_fini(struct transfer_setup *setup);

#endif
