#ifndef CLI_OPTIONS_COMMAND_H
#define CLI_OPTIONS_COMMAND_H

struct err;
struct options;
struct settings;

/**
 * Read what stands behind the name of ret_options->command: login, logout,
 * status, sync or refresh.  As options_parse().
 */
int options_parse_command(int argc, char *const argv[],
    struct settings *settings, struct options *ret_options, struct err *err);

#endif
