#ifndef CLI_LOGIN_H
#define CLI_LOGIN_H

struct err;
struct options;
struct settings;

/**
 * trellofs login: ask for key and token, check both with Trello, and keep
 * them in the configuration file.  Nothing is changed there unless all went
 * well.  0 or -errno with err.
 */
int login(
    const struct options *options, struct settings *settings, struct err *err);

/** trellofs logout: revoke the token and take it out of the file. */
int logout(
    const struct options *options, struct settings *settings, struct err *err);

#endif
