#include "fs/heal.h"

#include "util/err.h"
#include "util/log.h"

#include <errno.h>
#include <limits.h>
#include <mntent.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

bool
heal_absolute(const char *path, char out[PATH_MAX])
{
	char copy[PATH_MAX], folder[PATH_MAX], *slash;
	size_t len = strlen(path);

	if (realpath(path, out) != NULL)
		return true;
	while (len > 1 && path[len - 1] == '/')
		len--;
	if (len >= sizeof copy)
		return false;
	memcpy(copy, path, len);
	copy[len] = '\0';
	slash = strrchr(copy, '/');
	if (slash != NULL)
		*slash = '\0';
	if (realpath(slash == NULL   ? "."
		     : slash == copy ? "/"
				     : copy,
		folder) == NULL)
		return false;
	return snprintf(out, PATH_MAX, "%s/%s",
		   strcmp(folder, "/") == 0 ? "" : folder,
		   slash != NULL ? slash + 1 : copy) < PATH_MAX;
}

/* Whether the last thing mounted there is of this program. */
static bool
is_ours(const char *path)
{
	char where[PATH_MAX], buffer[8192];
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent entry;
	bool ours = false;

	if (mounts == NULL)
		return false;
	if (heal_absolute(path, where))
		while (
		    getmntent_r(mounts, &entry, buffer, sizeof buffer) != NULL)
			if (strcmp(entry.mnt_dir, where) == 0)
				ours = strcmp(entry.mnt_type,
					   "fuse.trellofs") == 0;
	(void)endmntent(mounts);
	return ours;
}

static int
run_fusermount(const char *path)
{
	char program[] = "fusermount3", unmount[] = "-u", lazy[] = "-z";
	char end[] = "--", where[PATH_MAX];
	char *const argv[] = {program, unmount, lazy, end, where, NULL};
	pid_t pid;
	int status, r;

	if (snprintf(where, sizeof where, "%s", path) >= (int)sizeof where)
		return -ENAMETOOLONG;
	r = posix_spawnp(&pid, program, NULL, NULL, argv, environ);
	if (r != 0)
		return -r;
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EPERM;
}

static int
unmount_dead(const char *path, struct err *err)
{
	int r = umount2(path, MNT_DETACH) == 0 ? 0 : run_fusermount(path);

	if (r != 0)
		return err_set(err, r,
		    "%s holds a mount that has died and cannot be taken away: "
		    "fusermount3 -u -z %s",
		    path, path);
	log_notice("%s: unmounted what a trellofs that died had left", path);
	return 0;
}

int
heal_stat(const char *path, struct stat *ret_stat)
{
	struct statvfs fs;

	if (stat(path, ret_stat) != 0)
		return errno == ECONNABORTED ? -ENOTCONN : -errno;
	/* The kernel may have the folder's attributes and answer by itself;
	 * about the file system it always asks the program. */
	if (statvfs(path, &fs) != 0 &&
	    (errno == ENOTCONN || errno == ECONNABORTED))
		return -ENOTCONN;
	return 0;
}

int
heal_mountpoint(const char *mountpoint, struct err *err)
{
	struct stat st;
	int r = heal_stat(mountpoint, &st);

	if (r != 0) {
		if (r != -ENOTCONN)
			return err_set(err, r,
			    r == -ENOENT ? "%s: there is no such folder; "
					   "make one with mkdir"
					 : "%s: %s",
			    mountpoint, strerror(-r));
		if (!is_ours(mountpoint))
			return err_set(err, -ENOTCONN,
			    "%s holds a mount of another program that has "
			    "died: fusermount3 -u -z %s",
			    mountpoint, mountpoint);
		r = unmount_dead(mountpoint, err);
		if (r != 0)
			return r;
		if (stat(mountpoint, &st) != 0)
			return err_set(
			    err, -errno, "%s: %s", mountpoint, strerror(errno));
	}
	if (!S_ISDIR(st.st_mode))
		return err_set(err, -ENOTDIR, "%s is not a folder", mountpoint);
	if (is_ours(mountpoint))
		return err_set(err, -EBUSY,
		    "%s: a trellofs is mounted there already", mountpoint);
	return 0;
}
