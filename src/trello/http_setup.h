#ifndef TRELLO_HTTP_SETUP_H
#define TRELLO_HTTP_SETUP_H

#include <stdbool.h>
#include <stdint.h>

struct credentials;
struct err;
struct http_options;
struct transfer_setup;

/**
 * Check the options and turn them into what transfers need.  Returns 0, or
 * -EINVAL or -ENOMEM with the reason in err and *setup empty.
 */
int http_setup_init(struct transfer_setup *setup,
    const struct http_options *options, struct err *err);

/** 0, or -EINVAL or -ENOMEM: the old ones stay then. */
int http_setup_set_credentials(
    struct transfer_setup *setup, const struct credentials *credentials);

/** The server's clock shows date_s (negative: not known), and signatures hold
 * the time: from now on what ours lacks of it is added. */
void http_setup_learn_clock(struct transfer_setup *setup, int64_t date_s);

/** Whether a file may be asked for at this address, without credentials: it is
 * https, or the account and it are both on this machine. */
bool http_setup_may_ask(const struct transfer_setup *setup, const char *url);

/** Whether an address is Trello's own, to which credentials may go. */
bool http_setup_is_own(const struct transfer_setup *setup, const char *url);

void http_setup_fini(struct transfer_setup *setup);

#endif
