#include "cli/browser.h"

#include <fcntl.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

extern char **environ;

static bool
is_set(const char *variable)
{
	const char *value = getenv(variable);

	return value != NULL && value[0] != '\0';
}

/* Its own session: Ctrl-C here must not end the browser. */
static bool
start(char *const argv[])
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	bool started;
	pid_t pid;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return false;
	if (posix_spawnattr_init(&attributes) != 0) {
		(void)posix_spawn_file_actions_destroy(&actions);
		return false;
	}
	started =
	    posix_spawn_file_actions_addopen(
		&actions, STDIN_FILENO, "/dev/null", O_RDWR, 0) == 0 &&
	    posix_spawn_file_actions_adddup2(
		&actions, STDIN_FILENO, STDOUT_FILENO) == 0 &&
	    posix_spawn_file_actions_adddup2(
		&actions, STDIN_FILENO, STDERR_FILENO) == 0 &&
	    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID) == 0 &&
	    posix_spawnp(&pid, argv[0], &actions, &attributes, argv, environ) ==
		0;
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&actions);
	return started;
}

bool
browser_open(const char *url)
{
	char *argv[] = {(char[]){"xdg-open"}, (char *)(uintptr_t)url, NULL};

	if (geteuid() == 0 || getuid() == 0)
		return false;
	if (!is_set("DISPLAY") && !is_set("WAYLAND_DISPLAY"))
		return false;
	return start(argv);
}
