#include "fs/guard.h"

#include "util/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* The kernel's number of the file system there, without asking it anything
 * that it would have to ask us.  False: it cannot tell. */
static bool
connection_of(const char *mountpoint, unsigned *ret_number)
{
	struct statx st;

	if (statx(AT_FDCWD, mountpoint, AT_STATX_DONT_SYNC, 0, &st) != 0 ||
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

/* Forcing root's way aborts it first; it stays mounted, because it is in use:
 * nobody shall write into the folder below unawares. */
static void
abort_by_force(const char *mountpoint)
{
	int fd = open(mountpoint, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)umount2(mountpoint, MNT_FORCE);
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

static _Noreturn void
watch(const char *mountpoint, unsigned number, pid_t parent)
{
	sigset_t all, end;
	unsigned found;
	int signal_number;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	(void)sigemptyset(&end);
	(void)sigaddset(&end, SIGUSR1);
	take_name();
	/* What is open would stay open with us, the connection above all. */
	if (close_range(0, ~0U, 0) != 0 || chdir("/") != 0)
		_exit(1);
	if (prctl(PR_SET_PDEATHSIG, SIGUSR1) == 0 && getppid() == parent)
		(void)sigwait(&end, &signal_number);
	if (connection_of(mountpoint, &found) && found == number &&
	    !abort_by_name(number))
		abort_by_force(mountpoint);
	_exit(0);
}

void
guard_start(const char *mountpoint)
{
	pid_t parent = getpid(), pid;
	unsigned number;

	if (!connection_of(mountpoint, &number)) {
		log_debug("%s: nobody guards the mount", mountpoint);
		return;
	}
	pid = fork();
	if (pid == 0)
		watch(mountpoint, number, parent);
	if (pid < 0)
		log_warning("nobody guards the mount: %s", strerror(errno));
}
