#include "trello_server.h"

#include "unit.h"

#include "trello/auth.h"
#include "trello/http.h"
#include "trello/remote.h"
#include "trello/retry.h"
#include "util/buf.h"
#include "util/err.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PYTHON "/usr/bin/python3"

extern char **environ;

static char script[4096];

/* The server that a test which fails leaves behind. */
static pid_t left_behind;

static const struct retry_policy quick = {
    .max_tries = 4, .base_ms = 50, .cap_ms = 100, .max_ms = 20000};

bool
server_can_run(void)
{
	const char *srcdir = getenv("srcdir");

	(void)snprintf(script, sizeof script, "%s/tests/trello/server.py",
	    srcdir != NULL ? srcdir : ".");
	if (access(PYTHON, X_OK) == 0 && access(script, R_OK) == 0)
		return true;
	print_message("# no %s or no %s\n", PYTHON, script);
	return false;
}

static void
end_left_behind(void)
{
	if (left_behind > 0)
		(void)kill(left_behind, SIGTERM);
}

static pid_t
spawn_python(char *const argv[], int out)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;

	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	assert_int_equal(posix_spawn_file_actions_adddup2(&actions, out, 1), 0);
	assert_int_equal(
	    posix_spawn(&pid, PYTHON, &actions, NULL, argv, environ), 0);
	assert_int_equal(posix_spawn_file_actions_destroy(&actions), 0);
	return pid;
}

/* Its first line is the port. */
struct server
server_start(const char *const *more)
{
	char *argv[16] = {(char[]){"python3"}, script, (char[]){"--key"},
	    (char[]){SERVER_KEY}, (char[]){"--token"}, (char[]){SERVER_TOKEN}};
	struct server server = {0};
	char line[32] = "";
	size_t len = 0;
	int fds[2];

	for (int i = 0; more != NULL && more[i] != NULL; i++) {
		argv[6 + i] = (char *)(uintptr_t)more[i];
		server.tls = server.tls || strcmp(more[i], "--tls") == 0;
	}
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(fcntl(fds[0], F_SETFD, FD_CLOEXEC), 0);
	server.pid = spawn_python(argv, fds[1]);
	if (left_behind == 0)
		(void)atexit(end_left_behind);
	left_behind = server.pid;
	(void)close(fds[1]);
	while (len < sizeof line - 1 && strchr(line, '\n') == NULL) {
		ssize_t n = read(fds[0], line + len, sizeof line - 1 - len);

		assert_true(n > 0);
		len += (size_t)n;
	}
	(void)close(fds[0]);
	server.port = (unsigned)atoi(line);
	return server;
}

void
server_stop(struct server *server)
{
	int status;

	assert_int_equal(kill(server->pid, SIGTERM), 0);
	assert_int_equal(waitpid(server->pid, &status, 0), server->pid);
	assert_int_equal(status, 0);
	left_behind = -1;
}

static size_t
add_body(char *data, size_t size, size_t n, void *buf)
{
	return buf_add(buf, data, size * n) == 0 ? size * n : 0;
}

char *
server_control(const struct server *server, const char *name, const char *body)
{
	CURL *easy = curl_easy_init();
	struct buf reply = BUF_INIT;
	char url[128];
	long status = 0;

	assert_non_null(easy);
	(void)snprintf(url, sizeof url, "http%s://127.0.0.1:%u/__control/%s",
	    server->tls ? "s" : "", server->port, name);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
	(void)curl_easy_setopt(easy, CURLOPT_URL, url);
	(void)curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, add_body);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, &reply);
	if (body != NULL)
		(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
	assert_int_equal(curl_easy_perform(easy), CURLE_OK);
	(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200)
		print_message("# %s: %s\n", name, buf_str(&reply));
	assert_int_equal(status, 200);
	curl_easy_cleanup(easy);
	return buf_steal(&reply);
}

void
server_command(const struct server *server, const char *name, const char *body)
{
	free(server_control(server, name, body));
}

void
server_check(const struct server *server)
{
	char *violations = server_control(server, "violations", NULL);
	char *errors = server_control(server, "errors", NULL);

	assert_string_equal(violations, "[]");
	assert_string_equal(errors, "[]");
	free(violations);
	free(errors);
}

struct remote *
server_connect_as(const struct server *server, const char *scheme,
    const char *ca_file, const struct credentials *credentials)
{
	struct http_options options = {.credentials = credentials,
	    .ca_file = ca_file,
	    .retry = &quick,
	    .total_ms = 5000};
	struct remote *remote = NULL;
	struct err err = {0};
	char url[64];

	(void)snprintf(
	    url, sizeof url, "%s://127.0.0.1:%u/1", scheme, server->port);
	options.base_url = url;
	assert_int_equal(http_remote_new(&options, &remote, &err), 0);
	return remote;
}

struct remote *
server_connect(const struct server *server, const char *scheme,
    const char *ca_file, const char *token)
{
	struct credentials credentials = {.kind = AUTH_TOKEN};
	struct remote *remote;

	assert_int_equal(
	    secret_set(&credentials.key, SERVER_KEY, strlen(SERVER_KEY)), 0);
	assert_int_equal(
	    secret_set(&credentials.token, token, strlen(token)), 0);
	remote = server_connect_as(server, scheme, ca_file, &credentials);
	credentials_fini(&credentials);
	return remote;
}

bool
server_make_certs(char *folder)
{
	char *argv[] = {(char[]){"python3"}, script, (char[]){"--make-certs"},
	    folder, NULL};
	int status;
	pid_t pid = spawn_python(argv, 1);

	return waitpid(pid, &status, 0) == pid && status == 0;
}

void
server_remove_folder(const char *folder)
{
	char *argv[] = {(char[]){"python3"}, (char[]){"-c"},
	    (char[]){"import shutil, sys; shutil.rmtree(sys.argv[1])"},
	    (char *)(uintptr_t)folder, NULL};
	int status;

	(void)waitpid(spawn_python(argv, 1), &status, 0);
}
