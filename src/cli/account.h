#ifndef CLI_ACCOUNT_H
#define CLI_ACCOUNT_H

#include "model/model.h"

#include <stdatomic.h>

struct err;
struct http_options;
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

/* Whose it is and what the token may do. */
struct account_info {
	struct member member;
	struct token_info token;
};
void account_info_fini(struct account_info *info);

/* A member whose name is known already. */
struct account_known {
	const char *id;
	const char *username;
};

/**
 * Ask Trello, and wait for the answer.  *ret_info is uninitialised before.
 * known (which may be NULL): who it probably is; if so, only the token is
 * asked for, since who asks often who one is meets a limit of its own.
 * Returns 0; -EACCES for credentials that are not valid; -ECANCELED when *cancel
 * (which may be NULL) has become true; other errors as trello/verdict.h has
 * them; each with err.
 */
int account_ask(const struct settings *settings,
    const struct account_known *known, const atomic_bool *cancel,
    struct account_info *ret_info, struct err *err);

/** Revoke the token.  0; -EACCES: it is not valid, and may have been revoked
 * before; otherwise as account_ask(). */
int account_revoke(const struct settings *settings, struct err *err);

/**
 * The credentials, and how the account is reached.  What *ret_options points
 * to belongs to the settings and to *ret_credentials, which the caller frees
 * also after an error.  0 or -ENOMEM.
 */
struct credentials;
int account_options(const struct settings *settings,
    struct credentials *ret_credentials, struct http_options *ret_options);

/** Tells whether credentials are those of the last time, and nothing more
 * about them. */
#define ACCOUNT_PRINT_SIZE 65
void account_print(
    const struct settings *settings, char ret_print[ACCOUNT_PRINT_SIZE]);

#endif
