#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>

struct err;
struct settings;

/* What the command line asks for. */
enum options_command {
	COMMAND_MOUNT,
	COMMAND_LOGIN,
	COMMAND_LOGOUT,
	COMMAND_STATUS,
	COMMAND_SYNC,
	COMMAND_REFRESH,
	COMMAND_HELP,
	COMMAND_VERSION,
};

struct options {
	enum options_command command;
	/* Points into argv: the mount point that COMMAND_STATUS, SYNC and
	 * REFRESH are about, or NULL. */
	const char *word;
	bool read_only;	     /* login: ask for no more */
	bool oauth1;	     /* login: by OAuth 1.0a, and sign requests */
	bool callback;	     /* login: the browser comes back to us */
	bool revoke_old;     /* login: the token that was used until then */
	const char *expires; /* login: as Trello calls it */
	bool keep_token;     /* logout: forget it only here */
	bool force;	     /* logout: whatever waits to be sent */
};

/**
 * Read the command line.  What it says about a mount goes to settings, which
 * settings_init() has prepared; the rest to ret_options.  Returns 0, -EINVAL
 * for what is no use of the program (exit 2), or -ENOMEM; err says what.
 * After an error settings may hold a part; settings_fini() frees it.
 */
int options_parse(int argc, char *const argv[], struct settings *settings,
    struct options *ret_options, struct err *err);

#endif
