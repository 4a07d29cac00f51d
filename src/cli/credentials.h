#ifndef CLI_CREDENTIALS_H
#define CLI_CREDENTIALS_H

#include <stdatomic.h>

struct config_found;
struct err;
struct settings;

/**
 * Who we are to Trello.  In this order: the environment, token_command, what
 * systemd keeps for the service, the configuration file.
 */

/**
 * Take TRELLO_API_KEY, TRELLO_API_SECRET, TRELLO_TOKEN, TRELLOFS_API_URL and
 * TRELLOFS_CA_FILE;
 * an empty one is none.  A token from there is not signed with the secrets of
 * the file (auth = token).  The first three are wiped and removed from the
 * environment, so that neither /proc nor a child has them, also where the
 * settings are for no account and nothing is taken.  Call it before there are
 * threads.  Returns 0, -EINVAL with err, or -ENOMEM.
 */
int credentials_environment(struct settings *settings, struct err *err);

/** Keep our memory out of core dumps and from debuggers: whoever sees it would
 * see the token.  0 or -errno with err. */
int credentials_hide(struct err *err);

/**
 * When the environment and the file have been read: get the token from
 * token_command, or from trellofs.token or token in $CREDENTIALS_DIRECTORY,
 * unless the environment had it, and see that nothing is missing.  path is the
 * configuration file and found what it holds.  Returns 0; -EINVAL and in err
 * what is missing and where it goes; -ECANCELED when *cancel (which may be NULL)
 * has become true; other errors of getting the token.
 */
int credentials_complete(struct settings *settings, const char *path,
    const struct config_found *found, const atomic_bool *cancel,
    struct err *err);

#endif
