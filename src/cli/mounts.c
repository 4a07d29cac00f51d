#include "cli/mounts.h"

#include "fs/heal.h"
#include "util/err.h"
#include "util/vec.h"

#include <errno.h>
#include <limits.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
is_trellofs(const struct mntent *entry)
{
	return strcmp(entry->mnt_type, "fuse.trellofs") == 0;
}

static bool
is_ours(const struct mntent *entry)
{
	const char *owner = hasmntopt(entry, "user_id");

	return owner == NULL ||
	       strtoul(owner + strlen("user_id="), NULL, 10) == getuid();
}

struct found {
	VEC(char *) folders;
	char *profiles; /* one of folders, or NULL */
};

static int
collect(FILE *table, const char *profile, struct found *found)
{
	struct mntent entry;
	char text[8192];

	while (getmntent_r(table, &entry, text, sizeof text) != NULL) {
		char **slot;

		if (!is_trellofs(&entry) || !is_ours(&entry))
			continue;
		slot = VEC_ADD(&found->folders);
		if (slot == NULL || (*slot = strdup(entry.mnt_dir)) == NULL)
			return -ENOMEM;
		if (strcmp(entry.mnt_fsname, profile) == 0)
			found->profiles = *slot;
	}
	return 0;
}

/* Choose one of those found, whose string the caller then owns. */
static int
choose(struct found *found, const char *profile, bool any, char **ret,
    struct err *err)
{
	const char *chosen = found->profiles;
	char *copy;

	if (found->folders.n == 0)
		return err_set(err, -ENOENT, "nothing is mounted");
	if (chosen == NULL && !any)
		return err_set(
		    err, -ENOENT, "profile %s is not mounted", profile);
	if (chosen == NULL && found->folders.n > 1)
		return err_set(err, -EINVAL,
		    "%zu are mounted, for example %.150s and %.150s; say "
		    "which",
		    found->folders.n, found->folders.v[0], found->folders.v[1]);
	copy = strdup(chosen != NULL ? chosen : found->folders.v[0]);
	if (copy == NULL)
		return err_set(err, -ENOMEM, "out of memory");
	*ret = copy;
	return 0;
}

int
mounts_find(const char *table, const char *profile, bool any, char **ret,
    struct err *err)
{
	struct found found = {0};
	FILE *file = setmntent(table, "re");
	int res;

	if (file == NULL)
		return err_set(
		    err, -errno, "%.300s: %s", table, strerror(errno));
	res = collect(file, profile, &found);
	endmntent(file);
	if (res < 0)
		err_set(err, res, "out of memory");
	else
		res = choose(&found, profile, any, ret, err);
	for (size_t i = 0; i < found.folders.n; i++)
		free(found.folders.v[i]);
	VEC_FREE(&found.folders);
	return res;
}

/* Whether a path is this folder or below it. */
static bool
is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 &&
	       (path[len] == '\0' || path[len] == '/');
}

int
mounts_around(const char *table, const char *path, char **ret)
{
	char real[PATH_MAX], *found = NULL;
	struct mntent entry;
	char text[8192];
	FILE *file;
	int res = 0;

	if (realpath(path, real) == NULL)
		return -ENOENT;
	file = setmntent(table, "re");
	if (file == NULL)
		return -ENOENT;
	while (
	    res == 0 && getmntent_r(file, &entry, text, sizeof text) != NULL) {
		if (!is_trellofs(&entry) || !is_below(real, entry.mnt_dir))
			continue;
		free(found);
		found = strdup(entry.mnt_dir);
		res = found != NULL ? 0 : -ENOMEM;
	}
	endmntent(file);
	if (found == NULL)
		return res != 0 ? res : -ENOENT;
	*ret = found;
	return 0;
}

bool
mounts_is_on(const char *table, const char *folder)
{
	FILE *file = setmntent(table, "re");
	struct mntent entry;
	char text[8192];
	bool found = false;

	if (file == NULL)
		return false;
	while (!found && getmntent_r(file, &entry, text, sizeof text) != NULL)
		found =
		    is_trellofs(&entry) && strcmp(entry.mnt_dir, folder) == 0;
	endmntent(file);
	return found;
}

int
mounts_check_folder(const char *table, const char *folder, struct err *err)
{
	char real[PATH_MAX];
	struct stat st;
	int res = heal_stat(folder, &st);

	if (res == -ENOENT)
		return err_set(err, res,
		    "%.150s does not exist; make it with: mkdir -p %.150s",
		    folder, folder);
	if (res == -ENOTCONN)
		return err_set(err, res,
		    "the program that was mounted on %.150s has ended; clean "
		    "up with: fusermount3 -u %.150s",
		    folder, folder);
	if (res < 0)
		return err_set(err, res, "%.300s: %s", folder, strerror(-res));
	if (!S_ISDIR(st.st_mode))
		return err_set(err, -ENOTDIR, "%.300s is not a folder", folder);
	if (realpath(folder, real) != NULL && mounts_is_on(table, real))
		return err_set(err, -EBUSY,
		    "%.150s is mounted already; unmount it with: "
		    "fusermount3 -u %.150s",
		    folder, folder);
	return 0;
}
