#ifndef CLI_DAEMON_H
#define CLI_DAEMON_H

struct err;

/**
 * Going into the background: the command returns when the mount answers, or
 * when the program behind it has said why it cannot.
 */
struct daemon {
	int ready_fd; /* the parent waits at the other end; -1: nobody does */
};

/**
 * Fork; to be called before there are threads.  In the child, and in the
 * foreground, it returns 0.  The parent does not return: it exits with 0 once
 * the child has called daemon_ready(), else with the child's status.
 */
int daemon_start(struct daemon *daemon, int foreground, struct err *err);

/** The mount answers: let the parent go, and leave its terminal. */
void daemon_ready(struct daemon *daemon);

#endif
