#ifndef TRELLO_SERVER_H
#define TRELLO_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

/**
 * The stand-in server of tests/trello as another process, which refuses every
 * route and parameter that Trello does not document.  A failed assertion ends
 * it with the test program.
 */

struct credentials;
struct remote;

struct server {
	pid_t pid;
	unsigned port;
	bool tls; /* it was started with --tls */
};

#define SERVER_KEY "0123456789abcdef0123456789abcdef"
#define SERVER_TOKEN "ATTA5eb15eb15eb15eb15eb15eb15eb15eb15eb15eb1"

/** Whether there are /usr/bin/python3 and the server; if not, says so. */
bool server_can_run(void);

/** With these further arguments, NULL-terminated (NULL: none). */
struct server server_start(const char *const *more);
void server_stop(struct server *server);

/** A control call (tests/trello/README); the caller frees what comes back.
 * body NULL: a GET. */
char *server_control(
    const struct server *server, const char *name, const char *body);

/** The same where nothing is wanted back. */
void server_command(
    const struct server *server, const char *name, const char *body);

/** It has been asked nothing that Trello would not know. */
void server_check(const struct server *server);

/** The network client, with few and short retries. */
struct remote *server_connect(const struct server *server, const char *scheme,
    const char *ca_file, const char *token);
struct remote *server_connect_as(const struct server *server,
    const char *scheme, const char *ca_file,
    const struct credentials *credentials);

/** Make certificates (tests/trello/README) in a folder; false if there is no
 * openssl. */
bool server_make_certs(char *folder);
void server_remove_folder(const char *folder);

#endif
