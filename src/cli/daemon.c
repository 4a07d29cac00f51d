#include "cli/daemon.h"

#include "util/err.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void
wait_for_child(pid_t pid, int fd)
{
	char byte;
	int status;
	ssize_t n;

	do
		n = read(fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n == 1)
		_exit(EXIT_SUCCESS);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			_exit(EXIT_FAILURE);
	_exit(WIFEXITED(status) && WEXITSTATUS(status) != 0
		  ? WEXITSTATUS(status)
		  : EXIT_FAILURE);
}

int
daemon_start(struct daemon *daemon, int foreground, struct err *err)
{
	int fds[2];
	pid_t pid;

	daemon->ready_fd = -1;
	if (foreground)
		return 0;
	if (pipe2(fds, O_CLOEXEC) != 0)
		return err_set(err, -errno, "no pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0) {
		int r = -errno;

		(void)close(fds[0]);
		(void)close(fds[1]);
		return err_set(err, r, "cannot fork: %s", strerror(-r));
	}
	if (pid > 0) {
		(void)close(fds[1]);
		wait_for_child(pid, fds[0]);
	}
	(void)close(fds[0]);
	(void)setsid();
	daemon->ready_fd = fds[1];
	return 0;
}

void
daemon_ready(struct daemon *daemon)
{
	int null;

	if (daemon->ready_fd < 0)
		return;
	(void)!chdir("/");
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0) {
		(void)dup2(null, STDIN_FILENO);
		(void)dup2(null, STDOUT_FILENO);
		(void)dup2(null, STDERR_FILENO);
		if (null > STDERR_FILENO)
			(void)close(null);
	}
	(void)!write(daemon->ready_fd, "", 1);
	(void)close(daemon->ready_fd);
	daemon->ready_fd = -1;
}
