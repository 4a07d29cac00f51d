#ifndef CLI_NOTIFY_H
#define CLI_NOTIFY_H

/**
 * What the service manager wants to hear, see sd_notify(3): state is a line
 * such as "READY=1".  Without NOTIFY_SOCKET nobody listens, and nothing is
 * done.
 */
void notify_send(const char *state);

#endif
