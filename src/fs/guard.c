#include "fs/guard.h"

#include "util/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The end of the process takes no longer, unless one of its threads waits. */
#define END_MS 1000

/* The kernel's number of what is mounted there, without asking it anything that
 * it would have to ask us.  False: it cannot tell. */
static bool
connection_of(int fd, const char *path, unsigned *ret_number)
{
	struct statx st;

	if (statx(fd, path, AT_STATX_DONT_SYNC | AT_EMPTY_PATH, 0, &st) != 0 ||
	    st.stx_dev_major != 0)
		return false;
	*ret_number = st.stx_dev_minor;
	return true;
}

/* As Documentation/filesystems/fuse.rst says. */
static bool
abort_by_name(unsigned number)
{
	char path[64];
	bool done;
	int fd;

	(void)snprintf(
	    path, sizeof path, "/sys/fs/fuse/connections/%u/abort", number);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	done = write(fd, "1", 1) == 1;
	(void)close(fd);
	return done;
}

/* Forcing, which is root's way, aborts it first.  It stays mounted, because fd
 * is open: nobody shall write into the folder below unawares. */
static void
abort_by_force(int fd)
{
	char path[64];

	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	(void)umount2(path, MNT_FORCE);
}

/* As long as the process cannot end, its number is nobody else's. */
static void
abort_connection(const char *mountpoint, unsigned number)
{
	int fd = open(mountpoint, O_PATH | O_CLOEXEC);
	unsigned found;

	if (fd < 0)
		return;
	if (connection_of(fd, "", &found) && found == number &&
	    !abort_by_name(number))
		abort_by_force(fd);
	(void)close(fd);
}

/* Whoever looks for the program by what it was called with finds one. */
static void
take_name(void)
{
	static const char name[] = "trellofs-guard";
	char words[4096];
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, words, sizeof words) : 0;

	(void)prctl(PR_SET_NAME, name);
	/* The kernel shows these very bytes, from argv[0] on. */
	if (n > 0 && memcmp(words, program_invocation_name, (size_t)n) == 0) {
		memset(program_invocation_name, 0, (size_t)n);
		(void)snprintf(program_invocation_name, (size_t)n, "%s", name);
	}
}

/* Wait for the end of our parent's first thread, then for that of the others.
 * False: they do not end. */
static bool
wait_for_end(pid_t parent)
{
	struct pollfd process = {.events = POLLIN};
	sigset_t end;
	int number;

	(void)sigemptyset(&end);
	(void)sigaddset(&end, SIGUSR1);
	process.fd = (int)syscall(SYS_pidfd_open, parent, 0);
	if (process.fd < 0 || prctl(PR_SET_PDEATHSIG, SIGUSR1) != 0)
		return true;
	if (getppid() == parent)
		(void)sigwait(&end, &number);
	return poll(&process, 1, END_MS) != 0;
}

static _Noreturn void
watch(const char *mountpoint, unsigned number, pid_t parent)
{
	sigset_t all;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	take_name();
	/* What is open would stay open with us, the connection above all. */
	if (close_range(0, ~0U, 0) != 0 || chdir("/") != 0)
		_exit(1);
	if (!wait_for_end(parent))
		abort_connection(mountpoint, number);
	_exit(0);
}

void
guard_start(const char *mountpoint)
{
	pid_t parent = getpid(), pid;
	unsigned number;

	if (!connection_of(AT_FDCWD, mountpoint, &number)) {
		log_debug("%s: nobody guards the mount", mountpoint);
		return;
	}
	pid = fork();
	if (pid == 0)
		watch(mountpoint, number, parent);
	if (pid < 0)
		log_warning("nobody guards the mount: %s", strerror(errno));
}
