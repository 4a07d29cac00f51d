#ifndef CLI_ACCOUNT_H
#define CLI_ACCOUNT_H

struct err;
struct remote;
struct settings;

/**
 * The account that settings with complete credentials (cli/credentials.h)
 * tell of.
 */

/**
 * The way to it, with at most max_running requests at once.  Returns 0,
 * -EINVAL, -EIO or -ENOMEM with err.
 */
int account_connect(const struct settings *settings, unsigned max_running,
    struct remote **ret_remote, struct err *err);

/** Tells whether credentials are those of the last time, and nothing more
 * about them. */
#define ACCOUNT_PRINT_SIZE 65
void account_print(
    const struct settings *settings, char ret_print[ACCOUNT_PRINT_SIZE]);

#endif
