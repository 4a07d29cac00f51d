#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "cli/config.h"
#include "cli/settings.h"

struct err;

/**
 * What login, logout and status begin with: the profile as the environment
 * and the configuration file have it.
 */
struct session {
	struct settings *settings; /* the environment before the file */
	struct settings file;	   /* the file alone, at the same address */
	struct config_found found;
	char *path; /* the file, which may not exist */
};

/** settings are as options_parse() has left them.  Returns 0 or -errno with
 * err; session_close() in either case. */
int session_open(
    struct session *session, struct settings *settings, struct err *err);

void session_close(struct session *session);

/** Whether the file's own section of the profile has the key. */
bool session_has(const struct session *session, enum settings_key key);

#endif
