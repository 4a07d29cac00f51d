#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

struct err;
struct settings;

/* What the command line asks for. */
enum options_command {
	COMMAND_MOUNT,
	COMMAND_STATUS,
	COMMAND_SYNC,
	COMMAND_REFRESH,
	COMMAND_HELP,
	COMMAND_VERSION,
	COMMAND_LATER, /* a command that this version does not have yet */
};

struct options {
	enum options_command command;
	/* Points into argv: the mount point that COMMAND_STATUS, SYNC and
	 * REFRESH are about or NULL, the name of COMMAND_LATER. */
	const char *word;
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
